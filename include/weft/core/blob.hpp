// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Bytes: the owning and the viewing type of binary values, and their hexadecimal and base64 text (RFC 4648).

#include <weft/core/detail/text.hpp>
#include <weft/core/type.hpp> // declares type_id::blob before the type of that name

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weft::inline v0 {

/// Owned bytes.
using blob = std::vector<std::byte>;

/// Bytes owned by somebody else.
using blob_view = std::span<const std::byte>;

/// The bytes of a text; valid as long as the text is.
inline blob_view as_blob(std::string_view text) noexcept {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

/// The bytes as text, whatever they hold; valid as long as the bytes are.
inline std::string_view as_text(blob_view bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

namespace detail {

inline constexpr std::uint8_t no_digit = 0xFF;

inline constexpr char hex_digits[] = "0123456789abcdef";

inline constexpr std::array<std::uint8_t, 256> hex_values = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(no_digit);
    for (std::uint8_t i = 0; i < 10; ++i) table['0' + i] = i;
    for (std::uint8_t i = 0; i < 6; ++i) {
        table['a' + i] = static_cast<std::uint8_t>(10 + i);
        table['A' + i] = static_cast<std::uint8_t>(10 + i);
    }
    return table;
}();

inline constexpr char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

inline constexpr std::array<std::uint8_t, 256> base64_values = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(no_digit);
    for (std::uint8_t i = 0; i < 64; ++i) table[static_cast<unsigned char>(base64_digits[i])] = i;
    return table;
}();

[[noreturn]] inline void throw_encoded(std::string_view text, const char* encoding, std::size_t position,
                                       const char* expected) {
    throw data_error(std::string("cannot read ") + in_quotes(text) + " as " + encoding + ": expected " + expected +
                     " at position " + std::to_string(position));
}

} // namespace detail

/// Two lower-case hexadecimal digits a byte.
inline std::string to_hex(blob_view bytes) {
    std::string out(bytes.size() * 2, '\0');
    char* p = out.data();
    for (const std::byte b : bytes) {
        const auto value = std::to_integer<unsigned>(b);
        *p++ = detail::hex_digits[value >> 4];
        *p++ = detail::hex_digits[value & 15];
    }
    return out;
}

/// Reads two hexadecimal digits a byte, of either case and without a prefix. \throws data_error naming the position
/// (from 0) of the first byte of the text that does not fit.
inline blob from_hex(std::string_view text) {
    blob out(text.size() / 2);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::uint8_t high = detail::hex_values[static_cast<unsigned char>(text[2 * i])];
        const std::uint8_t low = detail::hex_values[static_cast<unsigned char>(text[2 * i + 1])];
        if ((high | low) > 15) // no_digit has all bits set
            detail::throw_encoded(text, "hexadecimal", 2 * i + (high > 15 ? 0 : 1), "a hexadecimal digit");
        out[i] = static_cast<std::byte>(high << 4 | low);
    }
    if (text.size() % 2 != 0) {
        const bool digit = detail::hex_values[static_cast<unsigned char>(text.back())] != detail::no_digit;
        detail::throw_encoded(text, "hexadecimal", digit ? text.size() : text.size() - 1, "a hexadecimal digit");
    }
    return out;
}

/// Base64 of RFC 4648 section 4: the standard alphabet, padded with `=`, no line breaks.
inline std::string to_base64(blob_view bytes) {
    std::string out((bytes.size() + 2) / 3 * 4, '=');
    char* p = out.data();
    std::size_t i = 0;
    for (; i + 3 <= bytes.size(); i += 3) {
        const auto group = std::to_integer<std::uint32_t>(bytes[i]) << 16 |
                           std::to_integer<std::uint32_t>(bytes[i + 1]) << 8 |
                           std::to_integer<std::uint32_t>(bytes[i + 2]);
        *p++ = detail::base64_digits[group >> 18];
        *p++ = detail::base64_digits[group >> 12 & 63];
        *p++ = detail::base64_digits[group >> 6 & 63];
        *p++ = detail::base64_digits[group & 63];
    }
    if (i < bytes.size()) {
        std::uint32_t group = std::to_integer<std::uint32_t>(bytes[i]) << 16;
        const bool two = i + 2 == bytes.size();
        if (two) group |= std::to_integer<std::uint32_t>(bytes[i + 1]) << 8;
        *p++ = detail::base64_digits[group >> 18];
        *p++ = detail::base64_digits[group >> 12 & 63];
        if (two) *p++ = detail::base64_digits[group >> 6 & 63];
    }
    return out;
}

/// Reads base64 strictly: only what `to_base64` writes, so that text and bytes correspond one to one; no white space,
/// no missing padding, no stray bits before it. \throws data_error naming the position (from 0) of the first byte of
/// the text that does not fit.
inline blob from_base64(std::string_view text) {
    std::size_t digits = text.size();
    if (text.size() % 4 == 0)
        for (int pad = 0; pad < 2 && digits > 0 && text[digits - 1] == '='; ++pad) --digits;

    blob out;
    out.reserve(digits / 4 * 3 + 2);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        const std::uint8_t value = detail::base64_values[static_cast<unsigned char>(text[i])];
        if (value == detail::no_digit) detail::throw_encoded(text, "base64", i, "a base64 digit");
        group = group << 6 | value;
        if (i % 4 == 3) {
            out.push_back(static_cast<std::byte>(group >> 16 & 0xFF));
            out.push_back(static_cast<std::byte>(group >> 8 & 0xFF));
            out.push_back(static_cast<std::byte>(group & 0xFF));
            group = 0;
        }
    }
    if (text.size() % 4 != 0)
        detail::throw_encoded(text, "base64", text.size(), "a length that is a multiple of four, with padding");
    const std::size_t rest = digits % 4;
    if (rest == 2) {
        if ((group & 0xF) != 0) detail::throw_encoded(text, "base64", digits - 1, "zero bits before the padding");
        out.push_back(static_cast<std::byte>(group >> 4 & 0xFF));
    } else if (rest == 3) {
        if ((group & 0x3) != 0) detail::throw_encoded(text, "base64", digits - 1, "zero bits before the padding");
        out.push_back(static_cast<std::byte>(group >> 10 & 0xFF));
        out.push_back(static_cast<std::byte>(group >> 2 & 0xFF));
    }
    return out;
}

} // namespace weft::inline v0
