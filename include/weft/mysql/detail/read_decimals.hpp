// SPDX-License-Identifier: BSL-1.0
#pragma once

/// Whole columns of decimals in one loop, as integers scaled by what the column declares. As in read_column.hpp, the
/// first value that is NULL or does not fit ends the loop and is left to single cells.

#include <weft/columnar/block.hpp>
#include <weft/core/decimal.hpp>
#include <weft/simd/decimals.hpp>
#include <weft/simd/text_cell.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace weft::inline v0::mysql::detail {

/// Calls `store(i, scaled)` for the cells until one is NULL, refused by the kernel or by `store`, or has more than
/// `digits` digits, which `Int` can hold. Returns how many.
template <class Int, class Arch, class Store>
std::size_t parse_scaled(const std::byte* base, std::span<const simd::text_cell> cells, int digits, int scale,
                         Store store) {
    constexpr std::size_t portion = 128;
    Int values[portion];
    Int limit = 1;
    for (int i = 0; i < digits; ++i) limit *= 10;
    for (std::size_t done = 0; done < cells.size(); done += portion) {
        const std::size_t wanted = cells.size() - done < portion ? cells.size() - done : portion;
        const std::size_t parsed =
            simd::parse_decimals<Int, Arch>(reinterpret_cast<const char*>(base), cells.data() + done, wanted, scale,
                                            reinterpret_cast<std::byte*>(values), sizeof(Int));
        for (std::size_t i = 0; i < parsed; ++i) {
            if (values[i] >= limit || values[i] <= -limit || !store(done + i, values[i])) return done + i;
        }
        if (parsed != wanted) return done + parsed;
    }
    return cells.size();
}

/// Digits that 64 bits always hold, and 128 bits.
inline constexpr int int64_digits = 18;
inline constexpr int int128_digits = 38;

/// Decimals with `digits` digits, `scale` of them after the point, as little-endian integers of 16 bytes.
template <class Arch>
std::size_t read_unscaled(const std::byte* base, std::span<const simd::text_cell> cells, int digits, int scale,
                          std::byte* to) {
    if (digits <= int64_digits) {
        return parse_scaled<std::int64_t, Arch>(base, cells, digits, scale, [to](std::size_t i, std::int64_t value) {
            const std::int64_t halves[2] = {value, value >> 63};
            std::memcpy(to + i * sizeof halves, halves, sizeof halves);
            return true;
        });
    }
#if defined(__SIZEOF_INT128__)
    if (digits <= int128_digits) {
        return parse_scaled<simd::int128, Arch>(base, cells, digits, scale, [to](std::size_t i, simd::int128 value) {
            std::memcpy(to + i * sizeof value, &value, sizeof value);
            return true;
        });
    }
#endif
    return 0;
}

/// Decimals with up to int64_digits digits, `scale` of them after the point, as values that keep their scale.
template <class Arch>
std::size_t read_decimals(const std::byte* base, std::span<const simd::text_cell> cells, int digits, int scale,
                          strided<decimal> out) {
    if (digits > int64_digits) return 0;
    const auto places = static_cast<std::uint32_t>(scale);
    const auto has_scale = [base, places](simd::text_cell cell) {
        return places == 0 || (cell.size > places && base[cell.offset + cell.size - places - 1] == std::byte{'.'});
    };
    return parse_scaled<std::int64_t, Arch>(base, cells, digits, scale, [&](std::size_t i, std::int64_t value) {
        if (!has_scale(cells[i])) return false;
        out[i] = decimal::from_unscaled(value, scale);
        return true;
    });
}

} // namespace weft::inline v0::mysql::detail
