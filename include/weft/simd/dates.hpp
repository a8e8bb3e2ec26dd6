// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Columns of dates, datetimes and times, as the counts that `weft::date`, `weft::datetime` and `weft::time` hold.
///
/// Each function parses the cells [0, count) of one column and stores value i at `out + i * stride` bytes, aligned or
/// not. It returns how many were parsed before the first that is NULL, malformed or no such day or time. Nothing is
/// stored beyond that one.

#include <weft/simd/arch.hpp>
#include <weft/simd/detail/calendar.hpp>
#include <weft/simd/detail/column.hpp>
#include <weft/simd/text_cell.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>

namespace weft::inline v0::simd {

/// `YYYY-MM-DD`, days of the calendar from 0001-01-01 to 9999-12-31, to `std::int32_t` days since 1970-01-01.
template <class Arch = arch::dispatched>
std::size_t parse_dates(const char* base, const text_cell* cells, std::size_t count, std::byte* out,
                        std::size_t stride) noexcept {
    if constexpr (std::same_as<Arch, arch::scalar>) {
        return detail::cell_by_cell<std::int32_t>(cells, count, out, stride,
                                                  [base](text_cell cell, std::int32_t& value) {
                                                      return scalar::read_date(base + cell.offset, cell.size, value);
                                                  });
    } else if constexpr (detail::brings_kernels<Arch>) {
        return Arch::kernels::parse_dates(base, cells, count, out, stride);
    } else {
        return detail::parse_column<std::int32_t>(
            detail::level_of(Arch{}), cells, count, out, stride,
            [base](detail::level set, const text_cell* group, std::size_t n, std::int64_t* values) {
                return detail::date_groups(set, base, group, n, values);
            },
            [base](text_cell cell, std::int32_t& value) {
                return portable::read_date(base + cell.offset, cell.size, value);
            });
    }
}

/// `YYYY-MM-DD HH:MM:SS`, with or without a point and 1 to 6 digits, to `std::int64_t` microseconds since
/// 1970-01-01 00:00:00. Hours end with 23, seconds with 59.
template <class Arch = arch::dispatched>
std::size_t parse_datetimes(const char* base, const text_cell* cells, std::size_t count, std::byte* out,
                            std::size_t stride) noexcept {
    if constexpr (std::same_as<Arch, arch::scalar>) {
        return detail::cell_by_cell<std::int64_t>(
            cells, count, out, stride, [base](text_cell cell, std::int64_t& value) {
                return scalar::read_datetime(base + cell.offset, cell.size, value);
            });
    } else if constexpr (detail::brings_kernels<Arch>) {
        return Arch::kernels::parse_datetimes(base, cells, count, out, stride);
    } else {
        return detail::parse_column<std::int64_t>(
            detail::level_of(Arch{}), cells, count, out, stride,
            [base](detail::level set, const text_cell* group, std::size_t n, std::int64_t* values) {
                return detail::datetime_groups(set, base, group, n, values);
            },
            [base](text_cell cell, std::int64_t& value) {
                return portable::read_datetime(base + cell.offset, cell.size, value);
            });
    }
}

/// `-?H{2,3}:MM:SS`, with or without a point and 1 to 6 digits, to `std::int64_t` microseconds; up to
/// ±838:59:59.999999. The same on every instruction set.
template <class Arch = arch::dispatched>
std::size_t parse_times(const char* base, const text_cell* cells, std::size_t count, std::byte* out,
                        std::size_t stride) noexcept {
    return detail::cell_by_cell<std::int64_t>(cells, count, out, stride, [base](text_cell cell, std::int64_t& value) {
        if constexpr (std::same_as<Arch, arch::scalar>)
            return scalar::read_time(base + cell.offset, cell.size, value);
        else
            return portable::read_time(base + cell.offset, cell.size, value);
    });
}

} // namespace weft::inline v0::simd
