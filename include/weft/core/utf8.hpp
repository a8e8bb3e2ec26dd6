// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// UTF-8 (RFC 3629): validation, and code points as bytes.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace weft::inline v0 {

namespace detail {

/// Bytes of the well-formed UTF-8 sequence at `p`, 1–4, or 0 when there is none. `p` is before `end`.
constexpr std::size_t utf8_length(const char* p, const char* end) noexcept {
    const auto byte = [p](std::size_t i) { return static_cast<unsigned char>(p[i]); };
    const auto tail = [&byte](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
    const std::ptrdiff_t left = end - p;
    const unsigned lead = byte(0);
    if (lead < 0x80) return 1;
    if (lead < 0xC2) return 0; // a tail byte, or a two-byte form of ASCII
    if (lead < 0xE0) return left >= 2 && tail(1) ? 2 : 0;
    if (lead < 0xF0) {
        if (left < 3 || !tail(1) || !tail(2)) return 0;
        if (lead == 0xE0 && byte(1) < 0xA0) return 0;  // shorter form exists
        if (lead == 0xED && byte(1) >= 0xA0) return 0; // surrogate
        return 3;
    }
    if (lead > 0xF4 || left < 4 || !tail(1) || !tail(2) || !tail(3)) return 0;
    if (lead == 0xF0 && byte(1) < 0x90) return 0;  // shorter form exists
    if (lead == 0xF4 && byte(1) >= 0x90) return 0; // beyond U+10FFFF
    return 4;
}

/// The code point of the well-formed sequence of `length` bytes at `p`.
constexpr char32_t utf8_code_point(const char* p, std::size_t length) noexcept {
    const auto bits = [p](std::size_t i, unsigned mask) {
        return static_cast<char32_t>(static_cast<unsigned char>(p[i]) & mask);
    };
    switch (length) {
    case 1: return bits(0, 0x7F);
    case 2: return bits(0, 0x1F) << 6 | bits(1, 0x3F);
    case 3: return bits(0, 0x0F) << 12 | bits(1, 0x3F) << 6 | bits(2, 0x3F);
    default: return bits(0, 0x07) << 18 | bits(1, 0x3F) << 12 | bits(2, 0x3F) << 6 | bits(3, 0x3F);
    }
}

/// The first byte at or after `p` that is not ASCII, eight bytes at a time.
inline const char* skip_ascii(const char* p, const char* end) noexcept {
    for (; end - p >= 8; p += 8) {
        std::uint64_t word;
        std::memcpy(&word, p, 8);
        if ((word & 0x8080808080808080U) != 0) break;
    }
    while (p != end && static_cast<unsigned char>(*p) < 0x80) ++p;
    return p;
}

} // namespace detail

/// Offset of the first byte that is not part of a well-formed UTF-8 sequence, or `npos`. Overlong forms, surrogates and
/// code points above U+10FFFF are not well formed; of a malformed sequence the first byte is reported.
inline std::size_t find_invalid_utf8(std::string_view text) noexcept {
    const char* p = text.data();
    const char* const end = p + text.size();
    while ((p = detail::skip_ascii(p, end)) != end) {
        do {
            const std::size_t length = detail::utf8_length(p, end);
            if (length == 0) return static_cast<std::size_t>(p - text.data());
            p += length;
        } while (p != end && static_cast<unsigned char>(*p) >= 0x80);
    }
    return std::string_view::npos;
}

namespace detail {

/// Whether every byte is ASCII, and none is NUL unless `Nul` allows it. Small and without branches on the content, to
/// be inlined where texts are short.
template <bool Nul>
inline bool only_ascii(std::string_view text) noexcept {
    constexpr std::uint64_t high_bits = 0x8080808080808080U;
    constexpr std::uint64_t ones = 0x0101010101010101U;
    // Among ASCII bytes, taking one from each sets a high bit only where there is a NUL.
    constexpr auto suspects = [](std::uint64_t bytes) { return Nul ? bytes : bytes | (bytes - ones); };
    const char* p = text.data();
    const std::size_t size = text.size();
    std::uint64_t all = 0;
    std::uint64_t word = 0;
    if (size < 8) {
        for (std::size_t i = 0; i < size; ++i) all |= suspects(static_cast<unsigned char>(p[i]) * ones);
        return (all & high_bits) == 0;
    }
    std::size_t i = 0;
    for (; i + 32 < size; i += 32) {
        std::uint64_t words[4];
        std::memcpy(words, p + i, sizeof words);
        all |= (suspects(words[0]) | suspects(words[1])) | (suspects(words[2]) | suspects(words[3]));
    }
    for (; i + 8 < size; i += 8) {
        std::memcpy(&word, p + i, 8);
        all |= suspects(word);
    }
    std::memcpy(&word, p + size - 8, 8); // the last eight, some of them for the second time
    return ((all | suspects(word)) & high_bits) == 0;
}

} // namespace detail

/// Whether every byte is ASCII.
inline bool is_ascii(std::string_view text) noexcept {
    return detail::only_ascii<true>(text);
}

/// Whether every byte is ASCII and none is NUL: what every engine takes as text, and C as a string. Not inlined: beside
/// the calls of an engine it does better on its own.
[[gnu::noinline]] inline bool is_ascii_without_nul(std::string_view text) noexcept {
    return detail::only_ascii<false>(text);
}

/// Whether the text is well-formed UTF-8.
inline bool is_valid_utf8(std::string_view text) noexcept {
    return is_ascii(text) || find_invalid_utf8(text) == std::string_view::npos;
}

/// Appends a code point, which is at most U+10FFFF and no surrogate.
inline void append_utf8(std::string& out, char32_t c) {
    const auto tail = [&](int shift) { out += static_cast<char>(0x80 | (c >> shift & 0x3F)); };
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xC0 | c >> 6);
        tail(0);
    } else if (c < 0x10000) {
        out += static_cast<char>(0xE0 | c >> 12);
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xF0 | c >> 18);
        tail(12);
        tail(6);
        tail(0);
    }
}

} // namespace weft::inline v0
