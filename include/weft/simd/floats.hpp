// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Columns of floating-point numbers, correctly rounded (to nearest, ties to even).
///
/// Numbers of up to 16 digits without an exponent are read with vectors where there are any, the others with 64-bit
/// words, eight digits at a time; the rest is one division or product. Numbers of more than 19 digits or with an
/// exponent beyond ±27 go to the standard library.

#include <weft/simd/arch.hpp>
#include <weft/simd/detail/column.hpp>
#include <weft/simd/detail/decimal_to_float.hpp>
#include <weft/simd/detail/words.hpp>
#include <weft/simd/text_cell.hpp>

#include <bit>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <system_error>

#if !defined(__cpp_lib_to_chars)
#include <clocale>
#include <cmath>
#include <cstdlib>
#endif

namespace weft::inline v0::simd {

/// A longer text is not taken for a floating-point number. (The longest that a server prints has about 330 characters.)
inline constexpr std::size_t longest_float = 1024;

namespace detail {

constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

inline const char* skip_digits(const char* p, const char* end) noexcept {
    while (p != end && is_digit(*p)) ++p;
    return p;
}

// -?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?
inline bool is_float(const char* p, std::size_t size) noexcept {
    const char* const end = p + size;
    if (p != end && *p == '-') ++p;
    const char* start = p;
    p = skip_digits(p, end);
    if (p == start) return false;
    if (p != end && *p == '.') {
        start = ++p;
        p = skip_digits(p, end);
        if (p == start) return false;
    }
    if (p != end && (*p == 'e' || *p == 'E')) {
        ++p;
        if (p != end && (*p == '-' || *p == '+')) ++p;
        start = p;
        p = skip_digits(p, end);
        if (p == start) return false;
    }
    return p == end;
}

#if defined(__cpp_lib_to_chars)
// What the standard library says of a text that `is_float`.
template <class T>
inline bool library_float(const char* p, std::size_t size, T& out) noexcept {
    const auto [stop, error] = std::from_chars(p, p + size, out);
    return error == std::errc() && stop == p + size;
}
#else
// The C library wants a terminator and the point of the locale.
template <class T>
inline bool library_float(const char* p, std::size_t size, T& out) noexcept {
    char text[longest_float + 1];
    std::memcpy(text, p, size);
    text[size] = '\0';
    bool zero = true; // whether the number is written as 0
    for (char* c = text; *c != '\0' && *c != 'e' && *c != 'E'; ++c) {
        if (*c == '.') *c = *std::localeconv()->decimal_point;
        if (*c >= '1' && *c <= '9') zero = false;
    }
    char* stop = nullptr;
    if constexpr (std::same_as<T, float>)
        out = std::strtof(text, &stop);
    else
        out = std::strtod(text, &stop);
    return stop == text + size && std::isfinite(out) && (zero || out != 0);
}
#endif

// An exponent behind its letter; `p` is moved over it. Beyond ±9999 it stays there.
inline bool read_exponent(const char*& p, const char* end, int& out) noexcept {
    const bool negative = p != end && *p == '-';
    if (p != end && (*p == '-' || *p == '+')) ++p;
    if (p == end) return false;
    int value = 0;
    for (; p != end && is_digit(*p); ++p)
        if (value < 9999) value = value * 10 + (*p - '0');
    out += negative ? -value : value;
    return p == end && is_digit(p[-1]);
}

// The digits from `p` to the first other character or `end`, appended to `value`; `p` is moved over them. Reads up to 8
// bytes beyond. There is no branch on how many of up to 8 they are, because that is what differs from cell to cell.
[[gnu::always_inline]] inline void append_digits(const char*& p, const char* end, std::uint64_t& value) noexcept {
    while (p != end) {
        std::uint64_t digits = load8(p) ^ all_zeros;
        const std::uint64_t others = ((digits + 0x7676767676767676) | digits) & 0x8080808080808080;
        std::size_t count = others == 0 ? 8 : static_cast<std::size_t>(std::countr_zero(others)) / 8;
        const auto left = static_cast<std::size_t>(end - p);
        count = left < count ? left : count;
        if (count == 0) return;
        digits <<= 64 - 8 * count;
        value = value * powers_of_ten[count] + eight_digits(digits);
        p += count;
        if (count < 8) return;
    }
}

} // namespace detail

namespace scalar {

/// Whether `size` characters at `p` are a number that `T` can hold; the nearest value in `out`.
template <class T>
inline bool read_float(const char* p, std::size_t size, T& out) noexcept {
    return size <= longest_float && detail::is_float(p, size) && detail::library_float(p, size, out);
}

} // namespace scalar

namespace portable {

/// As `scalar::read_float`; reads up to 8 bytes beyond the cell.
template <class T>
inline bool read_float(const char* const text, std::size_t size, T& out) noexcept {
    const char* p = text;
    const char* const end = p + size;
    const bool negative = size != 0 && *p == '-';
    p += negative;
    const char* const whole = p;
    std::uint64_t digits = 0;
    detail::append_digits(p, end, digits);
    auto count = p - whole;
    int power = 0;
    if (count == 0) return false;
    if (count > 19) return scalar::read_float(text, size, out);
    if (digits == 0) count = 0; // zeros in front are no digits
    if (p != end && *p == '.') {
        const char* const fraction = ++p;
        const char* counted = fraction;
        if (digits == 0)
            while (p != end && *p == '0') counted = ++p;
        detail::append_digits(p, end, digits);
        if (p == fraction) return false;
        count += p - counted;
        if (count > 19) return scalar::read_float(text, size, out);
        power = static_cast<int>(fraction - p);
    }
    if (p != end) {
        if (*p != 'e' && *p != 'E') return false;
        ++p;
        if (!detail::read_exponent(p, end, power)) return false;
    }
    T value = 0;
    if (digits != 0 && !detail::to_float_exactly(digits, power, value) &&
        !detail::to_float_by_product(digits, power, value))
        return scalar::read_float(text, size, out);
    out = negative ? -value : value;
    return true;
}

} // namespace portable

namespace detail {

// Numbers as group kernels read them: their digits as one number, and how many of those stand behind the point. Returns
// how many come before the first that is left to the long way.
template <class T>
std::size_t store_floats(const std::int64_t* digits, const std::uint8_t* places, std::size_t count, std::byte* out,
                         std::size_t stride) noexcept {
    constexpr std::int64_t exact = std::int64_t{1} << std::numeric_limits<T>::digits;
    for (std::size_t i = 0; i < count; ++i) {
        T value = 0;
        if (__FLT_EVAL_METHOD__ == 0 && digits[i] <= exact && digits[i] >= -exact &&
            places[i] <= float_format<T>::exact_power) [[likely]] {
            value = static_cast<T>(digits[i]) / exact_powers<T>[places[i]];
        } else if (digits[i] != 0) {
            const auto magnitude = static_cast<std::uint64_t>(digits[i] < 0 ? -digits[i] : digits[i]);
            if (!to_float_by_product(magnitude, -int{places[i]}, value)) return i;
            if (digits[i] < 0) value = -value;
        }
        std::memcpy(out + i * stride, &value, sizeof(T));
    }
    return count;
}

} // namespace detail

/// Parses the cells [0, count) of one column, which are to be `-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?`, and stores
/// value i at `out + i * stride` bytes, aligned or not. Returns how many were parsed before the first that is NULL,
/// malformed (`inf` and `nan` are), longer than `longest_float`, or too large or too small for `T`. Nothing is stored
/// beyond that one. The same on every instruction set.
template <class T, class Arch = arch::dispatched>
    requires(std::same_as<T, float> || std::same_as<T, double>)
std::size_t parse_floats(const char* base, const text_cell* cells, std::size_t count, std::byte* out,
                         std::size_t stride) noexcept {
    if constexpr (std::same_as<Arch, arch::scalar>) {
        return detail::cell_by_cell<T>(cells, count, out, stride, [base](text_cell cell, T& value) {
            return scalar::read_float(base + cell.offset, cell.size, value);
        });
    } else {
        const auto one = [base](text_cell cell, T& value) {
            return portable::read_float(base + cell.offset, cell.size, value);
        };
        const detail::level set = detail::level_of(Arch{});
        if (set == detail::level::portable) return detail::cell_by_cell<T>(cells, count, out, stride, one);
        return detail::in_chunks<T>(
            cells, count, out, stride,
            [base, set, stride](const text_cell* group, std::size_t n, std::byte* to) {
                std::int64_t digits[64];
                std::uint8_t places[64];
                const std::size_t read = detail::point_groups(set, base, group, n, digits, places);
                return detail::store_floats<T>(digits, places, read, to, stride);
            },
            one);
    }
}

} // namespace weft::inline v0::simd
