// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Bytes from hexadecimal and base64 text; the other way is in `weft/core/blob.hpp`.

#include <weft/core/blob.hpp>
#include <weft/core/detail/text.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weft::inline v0 {

namespace detail {

inline constexpr std::uint8_t no_digit = 0xFF;

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
