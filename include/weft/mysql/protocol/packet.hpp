// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Packets: how messages are framed. A packet is a 3-byte length, a sequence id and at most 16 MiB − 1 of payload; a
/// message that is longer, or exactly as long, goes on in the next packet.

#include <weft/mysql/protocol/wire.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

namespace weft::inline v0::mysql::protocol {

inline constexpr std::size_t packet_header_size = 4;
/// Payload of one packet at most; a packet this long is continued.
inline constexpr std::size_t max_packet_payload = 0xFFFFFF;

/// The four bytes before a payload.
struct packet_header {
    std::uint32_t length = 0; ///< of the payload, at most 0xFFFFFF
    std::uint8_t sequence = 0;

    friend bool operator==(const packet_header&, const packet_header&) = default;
};

inline packet_header decode_packet_header(std::span<const std::byte, packet_header_size> bytes) noexcept {
    const auto at = [&](std::size_t i) { return std::to_integer<std::uint32_t>(bytes[i]); };
    return {at(0) | at(1) << 8 | at(2) << 16, static_cast<std::uint8_t>(at(3))};
}

inline void encode_packet_header(packet_header h, std::span<std::byte, packet_header_size> out) noexcept {
    for (std::size_t i = 0; i < 3; ++i) out[i] = static_cast<std::byte>(h.length >> (8 * i) & 0xFF);
    out[3] = std::byte{h.sequence};
}

/// Leaves room for a header at the end of `out` and returns where it begins; the message is appended after it.
inline std::size_t begin_packet(blob& out) {
    const std::size_t start = out.size();
    out.resize(start + packet_header_size);
    return start;
}

/// Completes the message begun at `start`: writes its header, and splits it in place when it is too long for one
/// packet. `sequence` is the id of the first packet and becomes the id after the last.
inline void end_packet(blob& out, std::size_t start, std::uint8_t& sequence) {
    const std::size_t size = out.size() - start - packet_header_size;
    const std::size_t more = size / max_packet_payload; // packets after the first
    const std::size_t stride = max_packet_payload + packet_header_size;
    if (more != 0) out.resize(out.size() + more * packet_header_size);
    for (std::size_t i = more + 1; i-- > 0;) { // from the back, so that nothing is overwritten before it has moved
        const std::size_t length = i == more ? size - more * max_packet_payload : max_packet_payload;
        std::byte* const to = out.data() + start + i * stride;
        const std::byte* const from = out.data() + start + packet_header_size + i * max_packet_payload;
        if (i != 0 && length != 0) std::memmove(to + packet_header_size, from, length);
        encode_packet_header({static_cast<std::uint32_t>(length), static_cast<std::uint8_t>(sequence + i)},
                             std::span<std::byte, packet_header_size>(to, packet_header_size));
    }
    sequence = static_cast<std::uint8_t>(sequence + more + 1);
}

/// Appends `payload` as one message; see end_packet().
inline void append_packet(blob& out, blob_view payload, std::uint8_t& sequence) {
    const std::size_t start = begin_packet(out);
    out.insert(out.end(), payload.begin(), payload.end());
    end_packet(out, start, sequence);
}

/// What a packet_assembler found in the bytes received.
struct assembled_packet {
    std::size_t missing = 0;  ///< bytes still needed before another look is worth it; 0: the message is whole
    blob_view payload;        ///< the message, inside the bytes received
    std::size_t consumed = 0; ///< how many of the bytes received it took, headers included

    explicit operator bool() const noexcept { return missing == 0; }
};

/// Finds messages in received bytes without copying them. It keeps only where it is; the bytes are the caller's. A
/// message of several packets is joined in place by moving the later payloads over the headers between them.
class packet_assembler {
public:
    /// Messages longer than `max_payload` are refused when their header arrives, before anybody makes room for them.
    explicit packet_assembler(std::size_t max_payload = std::size_t{1} << 30) noexcept : max_payload_(max_payload) {}

    std::size_t max_payload() const noexcept { return max_payload_; }
    void set_max_payload(std::size_t bytes) noexcept { max_payload_ = bytes; }

    /// The id the next packet must have.
    std::uint8_t sequence() const noexcept { return sequence_; }
    /// Sets it; 1 after a command of one packet was sent.
    void expect(std::uint8_t sequence) noexcept { sequence_ = sequence; }
    /// Whether ids are checked. Servers that compress number the packets inside frames as it happens.
    void check_sequence(bool on) noexcept { checks_sequence_ = on; }

    /// Looks at the bytes received and not yet consumed. Until a message is whole, the next call must get the same
    /// bytes (wherever they are by then) with more after them. \throws operational_error 2020 for a message beyond the
    /// limit, 2013 when the server starts anew (sequence id 0), internal_error for any other wrong sequence id.
    [[gnu::always_inline]] assembled_packet next(std::span<std::byte> received) {
        if (scanned_ == 0 && received.size() >= packet_header_size) [[likely]] {
            const packet_header h = decode_packet_header(received.first<packet_header_size>());
            const std::size_t size = packet_header_size + h.length;
            if (h.length < max_packet_payload && h.length <= max_payload_ && h.sequence == sequence_ &&
                size <= received.size()) [[likely]] {
                ++sequence_;
                return {0, {received.data() + packet_header_size, h.length}, size};
            }
        }
        return next_slowly(received);
    }

    /// Goes through the messages that are whole and of one packet, as long as `take(payload)` wants them. Returns how
    /// many of the bytes received they take; next() looks at what follows them.
    template <class Take>
    [[gnu::always_inline]] std::size_t take_while(std::span<const std::byte> received, Take take) {
        if (scanned_ != 0) return 0;
        const std::size_t longest = max_payload_ < max_packet_payload ? max_payload_ : max_packet_payload - 1;
        std::uint8_t sequence = sequence_;
        std::size_t at = 0;
        while (received.size() - at >= packet_header_size) {
            const std::byte* const packet = received.data() + at;
            const packet_header h =
                decode_packet_header(std::span<const std::byte, packet_header_size>(packet, packet_header_size));
            const std::size_t size = packet_header_size + h.length;
            if (h.length > longest || h.sequence != sequence || size > received.size() - at) break;
            if (!take(blob_view(packet + packet_header_size, h.length))) break;
            at += size;
            ++sequence;
        }
        sequence_ = sequence;
        return at;
    }

private:
    /// What is not one whole packet: more is missing, the message is longer, or something is wrong.
    [[gnu::noinline]] assembled_packet next_slowly(std::span<std::byte> received) {
        for (;;) {
            const std::size_t available = received.size() - scanned_;
            if (available < packet_header_size) return {packet_header_size - available, {}, 0};
            std::byte* const packet = received.data() + scanned_;
            const packet_header h =
                decode_packet_header(std::span<const std::byte, packet_header_size>(packet, packet_header_size));
            check(h);
            if (available - packet_header_size < h.length) {
                return {h.length - (available - packet_header_size), {}, 0};
            }
            if (scanned_ != 0 && h.length != 0)
                std::memmove(received.data() + packet_header_size + joined_, packet + packet_header_size, h.length);
            joined_ += h.length;
            scanned_ += packet_header_size + h.length;
            ++sequence_;
            if (h.length == max_packet_payload) continue;
            const assembled_packet whole{0, {received.data() + packet_header_size, joined_}, scanned_};
            joined_ = scanned_ = 0;
            return whole;
        }
    }

    void check(packet_header h) {
        if (h.sequence != sequence_) {
            if (checks_sequence_) throw_sequence(h.sequence);
            sequence_ = h.sequence;
        }
        if (h.length > max_payload_ || joined_ > max_payload_ - h.length)
            throw_mysql(client_error::packet_too_large, "a message of at least " + std::to_string(joined_ + h.length) +
                                                            " bytes arrives: expected at most " +
                                                            std::to_string(max_payload_) + " (max_allowed_packet)");
    }

    [[noreturn]] void throw_sequence(std::uint8_t found) const {
        std::string text = "packet sequence id " + std::to_string(found) + ": expected " + std::to_string(sequence_);
        if (found == 0) // what servers send when they give a connection up
            throw_mysql(client_error::server_lost, "lost connection to the server: " + text);
        throw_error(errc::internal_error,
                    {std::move(text), {}, client_error::malformed_packet, {}, std::source_location::current()},
                    &mysql_errors);
    }

    std::size_t max_payload_;
    std::size_t joined_ = 0;  // payload of the message so far
    std::size_t scanned_ = 0; // bytes received that belong to it, headers included
    std::uint8_t sequence_ = 0;
    bool checks_sequence_ = true;
};

} // namespace weft::inline v0::mysql::protocol
