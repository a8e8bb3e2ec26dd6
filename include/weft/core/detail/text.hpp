// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// What the readers and writers of the value types share: quoting of offending text in messages, and digits.

#include <weft/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace weft::inline v0::detail {

inline constexpr std::size_t quote_limit = 40;

/// `text` in single quotes for a message: at most 40 bytes of it, never cut inside a UTF-8 sequence, control
/// characters shown as `?`.
inline std::string in_quotes(std::string_view text) {
    std::size_t length = text.size();
    if (length > quote_limit) {
        length = quote_limit;
        while (length > quote_limit - 4 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) --length;
    }
    std::string out = "'";
    for (char c : text.substr(0, length)) out += (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) ? '?' : c;
    if (length < text.size()) out += "...";
    out += '\'';
    return out;
}

/// Throws the error of every `parse`: what was found and what was expected.
[[noreturn]] inline void throw_malformed(std::string_view text, const char* expected) {
    throw data_error("cannot read " + in_quotes(text) + ": expected " + expected);
}

/// Throws for a value that is well formed and outside its range.
[[noreturn]] inline void throw_range(std::string_view what, std::string_view value, std::string_view range) {
    std::string message{what};
    message += ' ';
    message += value;
    message += " is out of range: expected ";
    message += range;
    throw data_error(std::move(message));
}

/// ASCII letters in lower case, everything else as it is.
inline std::string lower_ascii(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return out;
}

constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

/// The value of `count` decimal digits at `text`, or -1 when one of them is not a digit. `count` is at most 9.
constexpr int read_digits(const char* text, std::size_t count) noexcept {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (!is_digit(text[i])) return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

/// Writes exactly `count` digits of `value`, with leading zeros, and returns the end.
constexpr char* write_digits(char* out, std::uint64_t value, int count) noexcept {
    for (int i = count; i-- > 0; value /= 10) out[i] = static_cast<char>('0' + static_cast<int>(value % 10));
    return out + count;
}

/// Reads a fraction of one to six digits as microseconds, or -1.
constexpr int read_fraction(std::string_view digits) noexcept {
    if (digits.empty() || digits.size() > 6) return -1;
    int value = read_digits(digits.data(), digits.size());
    if (value < 0) return -1;
    for (std::size_t i = digits.size(); i < 6; ++i) value *= 10;
    return value;
}

/// Writes `.ffffff` when there is a fraction, nothing otherwise.
constexpr char* write_fraction(char* out, std::uint32_t microseconds) noexcept {
    if (microseconds == 0) return out;
    *out++ = '.';
    return write_digits(out, microseconds, 6);
}

} // namespace weft::inline v0::detail
