// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Columns of decimal numbers as scaled integers: 12.5 with scale 2 is 1250.

#include <weft/simd/arch.hpp>
#include <weft/simd/detail/column.hpp>
#include <weft/simd/detail/words.hpp>
#include <weft/simd/text_cell.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace weft::inline v0::simd {

#if defined(__SIZEOF_INT128__)
/// A signed integer of 128 bits; only where the compiler has one.
__extension__ typedef __int128 int128;
#endif

namespace scalar {

/// Whether `size` characters at `p` are a decimal number with at most `scale` digits after the point that fits `Int`
/// when multiplied by 10^scale; the product in `out`.
template <class Int>
inline bool read_decimal(const char* p, std::size_t size, int scale, Int& out) noexcept {
    const bool negative = size != 0 && *p == '-';
    std::size_t i = negative ? 1 : 0;
    Int value = 0;
    const auto append = [&](int digit) {
        return !__builtin_mul_overflow(value, Int{10}, &value) &&
               !__builtin_add_overflow(value, Int{negative ? -digit : digit}, &value);
    };
    const std::size_t first = i;
    for (; i < size && p[i] >= '0' && p[i] <= '9'; ++i)
        if (!append(p[i] - '0')) return false;
    if (i == first) return false;
    int missing = scale;
    if (i < size) {
        if (p[i] != '.' || i + 1 == size) return false;
        for (++i; i < size; ++i, --missing)
            if (p[i] < '0' || p[i] > '9' || missing == 0 || !append(p[i] - '0')) return false;
    }
    for (; missing > 0; --missing)
        if (!append(0)) return false;
    out = value;
    return true;
}

} // namespace scalar

namespace portable {

/// As `scalar::read_decimal`; reads up to 16 bytes before the point and before the end.
template <class Int>
inline bool read_decimal(const char* p, std::size_t size, int scale, Int& out) noexcept {
    const auto places = static_cast<std::size_t>(scale);
    const char* const end = p + size;
    if (places == 0 || places > 16 || size < places + 2 || end[-scale - 1] != '.')
        return scalar::read_decimal(p, size, scale, out);
    const bool negative = *p == '-';
    const std::size_t whole_digits = size - places - 1 - (negative ? 1 : 0);
    if (whole_digits == 0) return false;
    if (whole_digits > 16 || (sizeof(Int) == 8 && whole_digits + places > 18))
        return scalar::read_decimal(p, size, scale, out);
    std::uint64_t whole = 0;
    std::uint64_t fraction = 0;
    if (!detail::read_last16(end - places - 1, whole_digits, whole) || !detail::read_last16(end, places, fraction))
        return false;
    const Int value =
        static_cast<Int>(whole) * static_cast<Int>(detail::powers_of_ten[places]) + static_cast<Int>(fraction);
    out = negative ? -value : value;
    return true;
}

} // namespace portable

/// Parses the cells [0, count) of one column, which are to be `-?[0-9]+(\.[0-9]+)?` with at most `scale` digits after
/// the point, and stores each number times 10^scale at `out + i * stride` bytes, aligned or not. `Int` is
/// `std::int64_t` or `int128`. Returns how many were parsed before the first that is NULL, malformed, has too many
/// digits after the point or is out of range for `Int`; 0 when `scale` is not in 0…38. Nothing is stored beyond that
/// one.
template <class Int, class Arch = arch::dispatched>
std::size_t parse_decimals(const char* base, const text_cell* cells, std::size_t count, int scale, std::byte* out,
                           std::size_t stride) noexcept {
    static_assert(Int(-1) < Int(0) && sizeof(Int) >= 8, "parse_decimals: Int is std::int64_t or int128");
    if (scale < 0 || scale > 38) return 0;
    if constexpr (std::same_as<Arch, arch::scalar>) {
        return detail::cell_by_cell<Int>(cells, count, out, stride, [base, scale](text_cell cell, Int& value) {
            return scalar::read_decimal(base + cell.offset, cell.size, scale, value);
        });
    } else if constexpr (detail::brings_kernels<Arch>) {
        return Arch::kernels::template parse_decimals<Int>(base, cells, count, scale, out, stride);
    } else {
        constexpr int longest = 7; // digits after the point that a group kernel takes
        return detail::parse_column<Int>(
            scale > longest ? detail::level::portable : detail::level_of(Arch{}), cells, count, out, stride,
            [base, scale](detail::level set, const text_cell* group, std::size_t n, std::int64_t* values) {
                return detail::integer_groups(set, base, group, n, std::numeric_limits<std::int64_t>::min(),
                                              std::numeric_limits<std::int64_t>::max(), scale, values);
            },
            [base, scale](text_cell cell, Int& value) {
                return portable::read_decimal(base + cell.offset, cell.size, scale, value);
            });
    }
}

} // namespace weft::inline v0::simd
