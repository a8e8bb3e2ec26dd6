// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Frames: one byte for the kind, four for the length of the payload, the payload.

#include <weft/toondb/protocol/opcode.hpp>
#include <weft/toondb/protocol/wire.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace weft::inline v0::toondb::protocol {

/// A frame in somebody's buffer.
struct frame_view {
    opcode op{};
    std::string_view payload;
};

/// The text that a server sends, and a sender throws, when a payload is over the limit.
inline std::string too_large_text(std::uint64_t size) {
    return "Message too large: " + std::to_string(size) + " bytes (max: " + std::to_string(max_payload) + ")";
}

/// Appends a frame. \throws protocol_error when the payload is larger than `max_payload`.
inline void append_frame(std::string& out, opcode op, std::string_view payload = {}) {
    if (payload.size() > max_payload) throw protocol_error(too_large_text(payload.size()));
    out.reserve(out.size() + header_size + payload.size());
    out += static_cast<char>(op);
    put_integer(out, static_cast<std::uint32_t>(payload.size()));
    out += payload;
}

/// A frame that is written piece by piece into a text, in place.
class frame_builder {
public:
    /// Appends to `out`, which must outlive it.
    frame_builder(std::string& out, opcode op) : out_(&out), begin_(out.size()) {
        out += static_cast<char>(op);
        put_integer(out, std::uint32_t{0});
    }
    /// Where the payload goes.
    std::string& payload() noexcept { return *out_; }
    /// Bytes of the payload so far.
    std::size_t size() const noexcept { return out_->size() - begin_ - header_size; }
    /// Puts the length where it belongs. \throws protocol_error when it is over the limit; the text is then as before.
    void finish() {
        const std::size_t length = size();
        if (length > max_payload) {
            out_->resize(begin_);
            throw protocol_error(too_large_text(length));
        }
        for (std::size_t i = 0; i < 4; ++i) (*out_)[begin_ + 1 + i] = static_cast<char>(length >> (8 * i));
    }

private:
    std::string* out_;
    std::size_t begin_;
};

/// What the beginning of received bytes is.
enum class frame_state {
    whole,     ///< a frame
    partial,   ///< the beginning of one
    too_large, ///< a header whose length is over the limit
};

/// Looks at the first frame of `bytes`. Whole: `frame` is it, and it takes `header_size + frame.payload.size()` bytes.
/// Otherwise `wanted` is the length it announces, or 0 when that is not there yet.
inline frame_state peek_frame(std::string_view bytes, frame_view& frame, std::uint32_t& wanted) noexcept {
    wanted = 0;
    payload_reader reader(bytes);
    std::uint8_t op = 0;
    if (!reader.take(op) || !reader.take(wanted)) return frame_state::partial;
    frame.op = static_cast<opcode>(op);
    if (wanted > max_payload) return frame_state::too_large;
    return reader.take(std::size_t{wanted}, frame.payload) ? frame_state::whole : frame_state::partial;
}

} // namespace weft::inline v0::toondb::protocol
