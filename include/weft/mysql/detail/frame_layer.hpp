// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/mysql/compression.hpp>
#include <weft/mysql/detail/receive_buffer.hpp>

#include <cstring>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace weft::inline v0::mysql::detail {

inline void scrub(blob& sent) noexcept {
    volatile std::byte* bytes = sent.data();
    for (std::size_t i = 0; i < sent.capacity(); ++i) bytes[i] = std::byte{0};
}

/// Forgets the memory of a buffer for messages when it is more than most of them need.
inline void release_if_large(blob& buffer) noexcept {
    constexpr std::size_t kept_capacity = std::size_t{1} << 20;
    if (buffer.capacity() > kept_capacity) blob().swap(buffer);
}

/// Compressed frames between a channel and its stream. It does no I/O: the channel fills `incoming()` and sends what
/// was encoded. Every command is in frames of its own, whose ids begin with 0, because servers begin to count anew
/// with each. Whatever the server sends, it holds one frame at a time: 16 MiB as it came and 16 MiB decompressed.
class frame_layer {
public:
    explicit frame_layer(std::unique_ptr<any_codec> codec) : codec_(std::move(codec)) {}

    /// What take() has put into the room.
    struct taken {
        std::size_t size = 0;    ///< bytes of packets; 0: none are there
        std::size_t missing = 0; ///< bytes then needed from the server
    };

    /// Frames as they come from the server.
    receive_buffer& incoming() noexcept { return incoming_; }

    void expect_answer(bool of_last) noexcept { decoder_.expect(of_last ? after_command_ : 1); }

    /// Puts packets into `room`, as many as are decompressed or in the next frame. \throws operational_error 2027 for a
    /// corrupt frame, internal_error for a wrong sequence id.
    taken take(std::span<std::byte> room) {
        while (at_ == rest_.size()) {
            const protocol::received_frame frame = decoder_.find(incoming_.unread());
            if (!frame) return {0, frame.missing};
            const std::size_t size = frame.size();
            if (size != 0 && size <= room.size()) {
                decode(frame, room.first(size));
                return {size, 0};
            }
            release_if_large(rest_);
            rest_.resize(size);
            at_ = 0;
            decode(frame, rest_);
        }
        const std::size_t left = rest_.size() - at_;
        const std::size_t size = left < room.size() ? left : room.size();
        std::memcpy(room.data(), rest_.data() + at_, size);
        at_ += size;
        return {size, 0};
    }

    /// A command begins at this offset of the outgoing packets.
    void begin_command(std::size_t offset) {
        while (!commands_.empty() && commands_.back() >= offset) commands_.pop_back(); // a message that was given up
        commands_.push_back(offset);
    }
    void take_back(std::size_t size) noexcept {
        while (!commands_.empty() && commands_.back() >= size) commands_.pop_back();
    }

    /// Encodes the next of the outgoing packets; false when all are.
    bool encode(blob_view packets) {
        constexpr std::size_t enough = std::size_t{1} << 16;
        encoded_.clear();
        if (sent_ == 0) sequence_ = decoder_.sequence(); // a reply goes on with the exchange
        while (sent_ < packets.size() && encoded_.size() < enough) encode_frame(packets);
        if (!encoded_.empty()) return true;
        if (!commands_.empty()) after_command_ = sequence_;
        sent_ = next_command_ = 0;
        commands_.clear();
        release_if_large(encoded_);
        decoder_.expect(sequence_);
        return false;
    }
    /// What was encoded.
    blob_view encoded() const noexcept { return encoded_; }

    void scrub() noexcept { detail::scrub(encoded_); }

private:
    void decode(const protocol::received_frame& frame, std::span<std::byte> packets) {
        decoder_.decode(*codec_, frame, packets);
        incoming_.consume(frame.consumed());
    }

    void encode_frame(blob_view packets) {
        if (next_command_ < commands_.size() && commands_[next_command_] == sent_) {
            sequence_ = 0;
            ++next_command_;
        }
        std::size_t end = next_command_ < commands_.size() ? commands_[next_command_] : packets.size();
        if (end - sent_ > protocol::max_frame_size) end = sent_ + protocol::max_frame_size;
        protocol::encode_compressed(*codec_, packets.subspan(sent_, end - sent_), sequence_, encoded_);
        sent_ = end;
    }

    std::unique_ptr<any_codec> codec_;

    receive_buffer incoming_;
    protocol::frame_decoder decoder_;
    blob rest_; // of a frame that had more than there was room for
    std::size_t at_ = 0;

    std::vector<std::size_t> commands_; // where they begin in the outgoing packets
    std::size_t next_command_ = 0;
    std::size_t sent_ = 0; // outgoing packets that were encoded
    blob encoded_;
    std::uint8_t sequence_ = 0;      // of the next frame to send
    std::uint8_t after_command_ = 1; // of the answer to the last command
};

} // namespace weft::inline v0::mysql::detail
