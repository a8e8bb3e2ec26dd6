// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Columns of integers.

#include <weft/simd/arch.hpp>
#include <weft/simd/detail/column.hpp>
#include <weft/simd/detail/words.hpp>
#include <weft/simd/text_cell.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace weft::inline v0::simd {

namespace scalar {

/// Whether `size` characters at `p` are an integer of type `T`; its value in `out`.
template <class T>
inline bool read_integer(const char* p, std::size_t size, T& out) noexcept {
    const bool negative = size != 0 && *p == '-';
    std::size_t i = negative ? 1 : 0;
    if (i == size) return false;
    T value = 0;
    for (; i < size; ++i) {
        if (p[i] < '0' || p[i] > '9') return false;
        const int digit = negative ? '0' - p[i] : p[i] - '0';
        if (__builtin_mul_overflow(value, static_cast<T>(10), &value)) return false;
        if (__builtin_add_overflow(value, digit, &value)) return false;
    }
    out = value;
    return true;
}

} // namespace scalar

namespace portable {

/// As `scalar::read_integer`; reads up to 24 bytes before the end.
template <class T>
inline bool read_integer(const char* p, std::size_t size, T& out) noexcept {
    if (size == 0) return false;
    const bool negative = *p == '-';
    const std::size_t digits = size - (negative ? 1 : 0);
    if (digits == 0) return false;
    if (digits > 20) return scalar::read_integer(p, size, out);
    const char* const end = p + size;
    std::uint64_t magnitude = 0;
    if (digits <= 16) {
        if (!detail::read_last16(end, digits, magnitude)) return false;
    } else {
        std::uint64_t high = 0;
        if (!detail::read_last16(end, 16, magnitude) || !detail::read_last(end - 16, digits - 16, high)) return false;
        if (high > 1844) return false; // 2^64 is 1844 6744073709551616
        magnitude += high * 10000000000000000;
        if (magnitude < high * 10000000000000000) return false;
    }
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
    constexpr std::uint64_t least = std::unsigned_integral<T> ? 0 : most + 1; // without its sign
    if (magnitude > (negative ? least : most)) return false;
    const std::uint64_t sign = negative ? 1 : 0; // no branch: signs are often random
    out = static_cast<T>((magnitude ^ (0 - sign)) + sign);
    return true;
}

} // namespace portable

/// Parses the cells [0, count) of one column, which are to be `-?[0-9]+` (leading zeros are fine), and stores value i
/// at `out + i * stride` bytes, aligned or not. Returns how many were parsed before the first that is NULL, malformed
/// or out of range for `T`. Nothing is stored beyond that one.
template <std::integral T, class Arch = arch::dispatched>
    requires(!std::same_as<T, bool> && sizeof(T) <= 8)
std::size_t parse_integers(const char* base, const text_cell* cells, std::size_t count, std::byte* out,
                           std::size_t stride) noexcept {
    if constexpr (std::same_as<Arch, arch::scalar>) {
        return detail::cell_by_cell<T>(cells, count, out, stride, [base](text_cell cell, T& value) {
            return scalar::read_integer(base + cell.offset, cell.size, value);
        });
    } else if constexpr (detail::brings_kernels<Arch>) {
        return Arch::kernels::template parse_integers<T>(base, cells, count, out, stride);
    } else {
        // Groups have at most 16 digits, so every 64-bit type holds them.
        constexpr std::int64_t least = static_cast<std::int64_t>(std::numeric_limits<T>::min());
        constexpr std::int64_t most = sizeof(T) == 8 ? std::numeric_limits<std::int64_t>::max()
                                                     : static_cast<std::int64_t>(std::numeric_limits<T>::max());
        return detail::parse_column<T>(
            detail::level_of(Arch{}), cells, count, out, stride,
            [base](detail::level set, const text_cell* group, std::size_t n, std::int64_t* values) {
                return detail::integer_groups(set, base, group, n, least, most, 0, values);
            },
            [base](text_cell cell, T& value) { return portable::read_integer(base + cell.offset, cell.size, value); });
    }
}

} // namespace weft::inline v0::simd
