// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The compressed protocol: packets travel inside larger frames, each with a header of seven bytes. What compresses is
/// a codec: `zlib_codec.hpp` and `zstd_codec.hpp` have one each, for programs that link those libraries.

#include <weft/mysql/protocol/wire.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

namespace weft::inline v0::mysql::protocol {

inline constexpr std::size_t compressed_header_size = 7;
/// Bytes of one frame at most, compressed or not.
inline constexpr std::size_t max_frame_size = 0xFFFFFF;
/// Shorter frames are sent as they are: compressing them gains nothing.
inline constexpr std::size_t min_compressed_size = 50;

/// The seven bytes before a frame.
struct compressed_header {
    std::uint32_t length = 0;   ///< of what follows
    std::uint8_t sequence = 0;  ///< counted apart from the packets within
    std::uint32_t original = 0; ///< length before compression; 0: not compressed

    friend bool operator==(const compressed_header&, const compressed_header&) = default;
};

/// Compresses and decompresses one frame.
template <class C>
concept compression_codec = requires(C& codec, blob_view in, std::span<std::byte> exact, blob& out) {
    /// Appends the compressed form of `in` to `out`.
    { codec.compress(in, out) } -> std::same_as<void>;
    /// Fills `exact` with the original of `in`; false when that is corrupt or of another length.
    { codec.decompress(in, exact) } -> std::same_as<bool>;
};

inline compressed_header decode_compressed_header(blob_view bytes) {
    wire_reader in(bytes, "compressed frame");
    compressed_header h;
    h.length = in.u24("length");
    h.sequence = in.u8("sequence");
    h.original = in.u24("original length");
    return h;
}

inline void encode_compressed_header(const compressed_header& h, wire_writer out) {
    out.u24(h.length);
    out.u8(h.sequence);
    out.u24(h.original);
}

/// Appends `packets`, whole packets or pieces of some, as frames. `sequence` is the id of the first frame and becomes
/// the id after the last. A frame that does not get smaller is sent as it is.
template <compression_codec Codec>
void encode_compressed(Codec& codec, blob_view packets, std::uint8_t& sequence, blob& out,
                       std::size_t min_size = min_compressed_size) {
    do {
        const blob_view piece = packets.first(packets.size() < max_frame_size ? packets.size() : max_frame_size);
        packets = packets.subspan(piece.size());
        const std::size_t start = out.size();
        out.resize(start + compressed_header_size);
        compressed_header h{0, sequence++, static_cast<std::uint32_t>(piece.size())};
        if (piece.size() >= min_size) codec.compress(piece, out);
        const std::size_t compressed = out.size() - start - compressed_header_size;
        if (compressed == 0 || compressed >= piece.size()) {
            out.resize(start + compressed_header_size);
            out.insert(out.end(), piece.begin(), piece.end());
            h.original = 0;
        }
        h.length = static_cast<std::uint32_t>(out.size() - start - compressed_header_size);
        const auto byte = [&](std::size_t i, std::uint32_t v) { out[start + i] = static_cast<std::byte>(v & 0xFF); };
        for (std::size_t i = 0; i < 3; ++i) byte(i, h.length >> (8 * i));
        byte(3, h.sequence);
        for (std::size_t i = 0; i < 3; ++i) byte(4 + i, h.original >> (8 * i));
    } while (!packets.empty());
}

/// What a frame_decoder found in the bytes received.
struct decoded_frame {
    std::size_t missing = 0;  ///< bytes still needed before another look is worth it; 0: a frame was decoded
    std::size_t consumed = 0; ///< bytes received it took

    explicit operator bool() const noexcept { return missing == 0; }
};

/// A frame that is whole and not decompressed yet.
struct received_frame {
    std::size_t missing = 0; ///< bytes still needed before another look is worth it; 0: the frame is whole
    compressed_header header{};
    blob_view body{}; ///< inside the bytes received

    explicit operator bool() const noexcept { return missing == 0; }
    /// Bytes received it took.
    std::size_t consumed() const noexcept { return compressed_header_size + body.size(); }
    /// Bytes of packets in it.
    std::size_t size() const noexcept { return header.original == 0 ? header.length : header.original; }
};

/// Turns received frames back into packets. A frame cannot grow beyond 16 MiB − 1, because its header announces the
/// length and more is corrupt, nor beyond the room the caller grants.
class frame_decoder {
public:
    std::uint8_t sequence() const noexcept { return sequence_; }
    /// Sets the id the next frame must have.
    void expect(std::uint8_t sequence) noexcept { sequence_ = sequence; }

    /// Looks for a frame at the front of `received`. \throws internal_error for a wrong sequence id.
    received_frame find(blob_view received) const {
        if (received.size() < compressed_header_size) return {compressed_header_size - received.size()};
        const compressed_header h = decode_compressed_header(received);
        check_sequence(h);
        const std::size_t available = received.size() - compressed_header_size;
        if (available < h.length) return {h.length - available, h};
        return {0, h, received.subspan(compressed_header_size, h.length)};
    }

    /// Decodes what find() found into `packets`, which has the frame's size. \throws operational_error 2027 when that
    /// is corrupt.
    template <compression_codec Codec>
    void decode(Codec& codec, const received_frame& frame, std::span<std::byte> packets) {
        const compressed_header& h = frame.header;
        if (h.original == 0) {
            if (h.length != 0) std::memcpy(packets.data(), frame.body.data(), h.length);
        } else if (!codec.decompress(frame.body, packets)) {
            throw_malformed_packet("compressed frame " + std::to_string(h.sequence) + ": expected " +
                                   std::to_string(h.length) + " bytes that decompress to " +
                                   std::to_string(h.original));
        }
        ++sequence_;
    }

    /// Decodes the frame at the front of `received` and appends it to `packets`, which may then hold at most `limit`
    /// bytes. \throws operational_error 2020 beyond the limit, 2027 for a corrupt frame, internal_error for a wrong
    /// sequence id.
    template <compression_codec Codec>
    decoded_frame next(Codec& codec, blob_view received, blob& packets, std::size_t limit) {
        const received_frame frame = find(received);
        check_size(frame.size(), packets.size(), limit);
        if (!frame) return {frame.missing, 0};
        const std::size_t start = packets.size();
        packets.resize(start + frame.size());
        try {
            decode(codec, frame, std::span(packets).subspan(start));
        } catch (...) {
            packets.resize(start);
            throw;
        }
        return {0, frame.consumed()};
    }

private:
    void check_sequence(const compressed_header& h) const {
        if (h.sequence != sequence_)
            throw_error(errc::internal_error,
                        {"compressed frame with sequence id " + std::to_string(h.sequence) + ": expected " +
                             std::to_string(sequence_),
                         {},
                         client_error::malformed_packet,
                         {},
                         std::source_location::current()},
                        &mysql_errors);
    }

    static void check_size(std::size_t grown, std::size_t held, std::size_t limit) {
        if (held > limit || grown > limit - held)
            throw_mysql(client_error::packet_too_large, "a compressed frame of " + std::to_string(grown) +
                                                            " bytes after " + std::to_string(held) +
                                                            " others: expected at most " + std::to_string(limit));
    }

    std::uint8_t sequence_ = 0;
};

} // namespace weft::inline v0::mysql::protocol
