// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Tokens of TOON (token-oriented object notation, specification 4.0): where they end, and what they are.

#include <weft/core/cell.hpp>
#include <weft/core/utf8.hpp>

#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>

namespace weft::inline v0::detail {

inline constexpr std::uint64_t every_byte = 0x0101010101010101U;
inline constexpr std::uint64_t every_high_bit = 0x8080808080808080U;

/// High bits where bytes of the word are zero; exact up to the lowest of them.
constexpr std::uint64_t zero_bytes(std::uint64_t word) noexcept {
    return (word - every_byte) & ~word & every_high_bit;
}

/// Up to three characters to look for; fewer are given by naming one twice.
struct toon_stops {
    char a;
    char b;
    char c;

    constexpr bool has(char x) const noexcept { return x == a || x == b || x == c; }
    constexpr std::uint64_t in(std::uint64_t word) const noexcept {
        return zero_bytes(word ^ (every_byte * static_cast<unsigned char>(a))) |
               zero_bytes(word ^ (every_byte * static_cast<unsigned char>(b))) |
               zero_bytes(word ^ (every_byte * static_cast<unsigned char>(c)));
    }
};

/// The first of the characters in [p, end), or `end`. Bytes up to `limit`, at or after `end`, may be read.
inline const char* find_stop(const char* p, const char* end, const char* limit, const toon_stops stops) noexcept {
    if constexpr (std::endian::native == std::endian::little) {
        for (; p < end && limit - p >= 8; p += 8) {
            std::uint64_t word;
            std::memcpy(&word, p, 8);
            const std::uint64_t found = stops.in(word);
            if (found == 0) continue;
            p += std::countr_zero(found) / 8;
            return p < end ? p : end;
        }
    }
    while (p < end && !stops.has(*p)) ++p;
    return p < end ? p : end;
}

/// As find_stop, but what stands in double quotes does not count. The stops are not quotes.
inline const char* find_unquoted(const char* p, const char* end, const char* limit, char a, char b) noexcept {
    for (;;) {
        p = find_stop(p, end, limit, {a, b, '"'});
        if (p == end || *p != '"') return p;
        for (++p; p != end && *p != '"'; ++p) {
            if (*p == '\\' && end - p > 1) ++p;
        }
        if (p == end) return p;
        ++p;
    }
}

constexpr const char* skip_spaces(const char* p, const char* end) noexcept {
    while (p != end && *p == ' ') ++p;
    return p;
}

/// `end`, or where the spaces before it begin.
constexpr const char* trim_spaces(const char* p, const char* end) noexcept {
    while (p != end && end[-1] == ' ') --end;
    return end;
}

constexpr std::string_view between(const char* p, const char* end) noexcept {
    return {p, static_cast<std::size_t>(end - p)};
}

/// `[A-Za-z_][A-Za-z0-9_]*`
constexpr bool is_toon_identifier(std::string_view text) noexcept {
    if (text.empty() || is_digit(text.front())) return false;
    for (const char c : text) {
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !is_digit(c) && c != '_') return false;
    }
    return true;
}

enum class toon_number { none, good, too_large };

/// Powers of ten that a double holds exactly.
inline constexpr double exact_powers_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                                 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/// The parts of a number token.
struct toon_number_parts {
    bool negative = false;
    std::uint64_t digits = 0;       ///< all digits without the point, when there are at most 19
    std::ptrdiff_t whole = 0;       ///< digits before the point
    std::ptrdiff_t fraction = 0;    ///< digits after it
    std::ptrdiff_t exponent = 0;    ///< as written, cut at a million
    bool plain = true;              ///< neither point nor exponent
    std::ptrdiff_t first_digit = 0; ///< position of the first digit other than 0, counted from the first digit
};

/// Takes digits from `p` on, `*position` digits after the first one of the number.
constexpr const char* take_digits(const char* p, const char* end, std::ptrdiff_t position,
                                  toon_number_parts& parts) noexcept {
    for (; p != end && is_digit(*p); ++p, ++position) {
        parts.digits = parts.digits * 10 + static_cast<std::uint64_t>(*p - '0');
        if (*p == '0' && parts.first_digit == position) ++parts.first_digit;
    }
    return p;
}

/// `-?digits(.digits)?(e[+-]?digits)?` without superfluous leading zeros; false for everything else.
constexpr bool split_number(const char* p, const char* end, toon_number_parts& parts) noexcept {
    if (p != end && *p == '-') {
        parts.negative = true;
        ++p;
    }
    const char* const first = p;
    p = take_digits(p, end, 0, parts);
    parts.whole = p - first;
    if (parts.whole == 0 || (parts.whole > 1 && *first == '0')) return false;
    if (p != end && *p == '.') {
        parts.plain = false;
        const char* const fraction = ++p;
        p = take_digits(p, end, parts.whole, parts);
        parts.fraction = p - fraction;
        if (parts.fraction == 0) return false;
    }
    if (p != end && (*p == 'e' || *p == 'E')) {
        parts.plain = false;
        ++p;
        bool down = false;
        if (p != end && (*p == '-' || *p == '+')) down = *p++ == '-';
        if (p == end) return false;
        for (; p != end && is_digit(*p); ++p) {
            if (parts.exponent < 1'000'000) parts.exponent = parts.exponent * 10 + (*p - '0');
        }
        if (down) parts.exponent = -parts.exponent;
    }
    return p == end;
}

/// The double nearest to a split number. What is too small for one is 0.
inline toon_number read_double(const char* p, const char* end, const toon_number_parts& parts, cell& out) noexcept {
    constexpr std::uint64_t exact = std::uint64_t{1} << 53;
    const std::ptrdiff_t power = parts.exponent - parts.fraction;
    double value = 0;
    if (parts.whole + parts.fraction <= 19 && parts.digits <= exact && power >= -22 && power <= 22) {
        // Both operands are exact doubles, so that one operation rounds correctly.
        value = static_cast<double>(parts.digits);
        value = power < 0 ? value / exact_powers_of_ten[-power] : value * exact_powers_of_ten[power];
        if (parts.negative && value != 0) value = -value;
    } else if (std::from_chars(p, end, value).ec == std::errc::result_out_of_range) {
        if (parts.whole - parts.first_digit + parts.exponent > 0) return toon_number::too_large;
        value = 0;
    } else if (value == 0) {
        value = 0; // not -0
    }
    out = cell(value);
    return toon_number::good;
}

/// Reads a token that begins with a digit or a minus sign. Whole numbers without an exponent become int64, uint64 or,
/// when they are larger and have at most 65 digits, decimals that view the token; all others the nearest double.
inline toon_number read_number(const char* p, const char* end, cell& out) noexcept {
    toon_number_parts parts;
    if (!split_number(p, end, parts)) return toon_number::none;
    if (!parts.plain) return read_double(p, end, parts, out);
    constexpr std::uint64_t lowest = std::uint64_t{1} << 63;
    bool fits = parts.whole <= 19; // 19 digits fit an uint64 and 20 may
    if (parts.whole == 20 && !parts.negative) {
        fits = std::from_chars(p, end, parts.digits).ec == std::errc();
    }
    if (fits && (parts.negative ? parts.digits <= lowest : parts.digits < lowest)) {
        out = cell(static_cast<std::int64_t>(parts.negative ? 0 - parts.digits : parts.digits));
    } else if (fits && !parts.negative) {
        out = cell(parts.digits);
    } else if (parts.whole <= decimal::max_precision) {
        out = cell::of_decimal_text(between(p, end));
    } else {
        return read_double(p, end, parts, out);
    }
    return toon_number::good;
}

/// Undoes one escape: `p` is behind the backslash. Returns what follows it, or null when it is none.
inline const char* unescape_one(const char* p, const char* end, std::string& out) {
    if (p == end) return nullptr;
    switch (*p) {
    case '\\':
    case '"': out += *p; return p + 1;
    case 'n': out += '\n'; return p + 1;
    case 'r': out += '\r'; return p + 1;
    case 't': out += '\t'; return p + 1;
    case 'u': break;
    default: return nullptr;
    }
    char32_t code = 0;
    ++p;
    for (int i = 0; i < 4; ++i, ++p) {
        if (p == end) return nullptr;
        const char c = *p;
        const int digit = is_digit(c)            ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (digit < 0) return nullptr;
        code = code << 4 | static_cast<char32_t>(digit);
    }
    if (code >= 0xD800 && code < 0xE000) return nullptr;
    append_utf8(out, code);
    return p;
}

} // namespace weft::inline v0::detail
