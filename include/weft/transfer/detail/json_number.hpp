// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/columnar/block.hpp>

#include <charconv>
#include <cmath>
#include <string_view>

namespace weft::inline v0::detail {

template <class Number>
bool read_whole(std::string_view text, Number& out) noexcept {
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), out);
    return fault == std::errc() && end == text.data() + text.size();
}

/// Whether a text is a number by the grammar of JSON.
constexpr bool is_json_number(std::string_view text) noexcept {
    std::size_t at = 0;
    const auto digits = [&] {
        const std::size_t begin = at;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
        return at - begin;
    };
    const auto take = [&](char a, char b) {
        const bool found = at < text.size() && (text[at] == a || text[at] == b);
        at += found ? 1U : 0U;
        return found;
    };
    take('-', '-');
    const std::size_t first = at;
    const std::size_t whole = digits();
    if (whole == 0 || (whole > 1 && text[first] == '0')) return false;
    if (take('.', '.') && digits() == 0) return false;
    if (take('e', 'E')) {
        take('+', '-');
        if (digits() == 0) return false;
    }
    return at == text.size();
}

/// Digits of a number from its first one that is not zero, without the exponent.
constexpr std::size_t significant_digits(std::string_view token) noexcept {
    std::size_t count = 0;
    for (const char c : token) {
        if (c == 'e' || c == 'E') break;
        if (c >= '0' && c <= '9' && (count != 0 || c != '0')) ++count;
    }
    return count;
}

/// Whether the double stands for exactly the decimal number written: its shortest digits are that number. (Without the
/// exponent the library would print all digits of a large double.)
inline bool keeps_digits(double v, std::string_view token) {
    if (significant_digits(token) <= 15) return true;
    const std::optional<decimal> written = decimal::try_parse(token);
    if (!written) return true; // more than a decimal holds: a double is what there is
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, v, std::chars_format::scientific).ptr;
    const std::optional<decimal> kept = decimal::try_parse({text, static_cast<std::size_t>(end - text)});
    return kept && *kept == *written;
}

/// A number of strictly valid JSON as the cell that keeps all of it; the cell may view the token. False when no type
/// can.
inline bool read_json_number(std::string_view token, cell& out) {
    if (token.find_first_of(".eE") == std::string_view::npos && token != "-0") { // only a double has that zero
        std::int64_t exact = 0;
        std::uint64_t large = 0;
        if (read_whole(token, exact)) {
            out = cell(exact);
        } else if (read_whole(token, large)) {
            out = cell(large);
        } else {
            out = cell::of_decimal_text(token);
            return decimal::try_parse(token).has_value();
        }
        return true;
    }
    double v = 0;
    if (!read_whole(token, v)) { // too large, or too small to be anything but zero
        const std::size_t exponent = token.find_first_of("eE");
        if (significant_digits(token) != 0 && token[exponent + 1] != '-') return false;
        v = token.front() == '-' ? -0.0 : 0.0;
    }
    out = keeps_digits(v, token) ? cell(v) : cell::of_decimal_text(token);
    return true;
}

} // namespace weft::inline v0::detail
