// SPDX-License-Identifier: BSL-1.0
#pragma once

/// Whole columns in one loop. What is read here is what single cells give; the first value that is NULL or needs a
/// conversion or an error ends the loop and is left to them.

#include <weft/columnar/block.hpp>
#include <weft/mysql/column_type.hpp>
#include <weft/mysql/detail/read_binary.hpp>
#include <weft/mysql/detail/read_decimals.hpp>
#include <weft/mysql/detail/read_strings.hpp>
#include <weft/simd/dates.hpp>
#include <weft/simd/floats.hpp>
#include <weft/simd/integers.hpp>

#include <concepts>
#include <span>
#include <string>
#include <utility>

namespace weft::inline v0::mysql::detail {

/// Types that columns are read into directly.
template <class T>
concept directly_readable =
    weft::detail::plain_integer<T> || std::floating_point<T> || std::same_as<T, date> || std::same_as<T, weft::time> ||
    std::same_as<T, datetime> || std::same_as<T, std::string> || std::same_as<T, decimal>;

/// Calls `read(bytes, size, out[i])` for each cell until one is NULL or refused.
template <class T, class Read>
std::size_t read_while(const std::byte* base, std::span<const simd::text_cell> cells, strided<T> out, Read read) {
    std::size_t i = 0;
    for (; i < cells.size(); ++i) {
        if (cells[i].size == simd::null_size || !read(base + cells[i].offset, cells[i].size, out[i])) break;
    }
    return i;
}

/// Calls `kernel(base, cells, count, out, stride)`.
template <class T, class Kernel>
std::size_t run_kernel(const std::byte* base, std::span<const simd::text_cell> cells, strided<T> out, Kernel kernel) {
    return kernel(reinterpret_cast<const char*>(base), cells.data(), cells.size(), out.bytes(), out.distance());
}

template <class Stored, class T>
std::size_t widen_integers(const std::byte* base, std::span<const simd::text_cell> cells, strided<T> out) {
    return read_while(base, cells, out, [](const std::byte* bytes, std::size_t, T& to) {
        const auto value = load<Stored>(bytes);
        to = static_cast<T>(value);
        return std::in_range<T>(value);
    });
}

template <class Arch, weft::detail::plain_integer T>
std::size_t read_cells(const std::byte* base, std::span<const simd::text_cell> cells, const column_encoding& encoding,
                       strided<T> out) {
    switch (encoding.values) {
    case value_encoding::text_integer: return run_kernel(base, cells, out, simd::parse_integers<T, Arch>);
    case value_encoding::signed_bytes:
        switch (encoding.width) {
        case 1: return widen_integers<std::int8_t>(base, cells, out);
        case 2: return widen_integers<std::int16_t>(base, cells, out);
        case 4: return widen_integers<std::int32_t>(base, cells, out);
        default: return widen_integers<std::int64_t>(base, cells, out);
        }
    case value_encoding::unsigned_bytes:
        switch (encoding.width) {
        case 1: return widen_integers<std::uint8_t>(base, cells, out);
        case 2: return widen_integers<std::uint16_t>(base, cells, out);
        case 4: return widen_integers<std::uint32_t>(base, cells, out);
        default: return widen_integers<std::uint64_t>(base, cells, out);
        }
    default: return 0;
    }
}

template <class Arch, std::floating_point T>
std::size_t read_cells(const std::byte* base, std::span<const simd::text_cell> cells, const column_encoding& encoding,
                       strided<T> out) {
    if (encoding.width > sizeof(T)) return 0;
    if (encoding.values == value_encoding::text_float && encoding.width == sizeof(T))
        return run_kernel(base, cells, out, simd::parse_floats<T, Arch>);
    if (encoding.values != value_encoding::float_bytes) return 0;
    return read_while(base, cells, out, [width = encoding.width](const std::byte* bytes, std::size_t, T& to) {
        to = static_cast<T>(load_float(bytes, width));
        return true;
    });
}

template <class Arch>
std::size_t read_cells(const std::byte* base, std::span<const simd::text_cell> cells, const column_encoding& encoding,
                       strided<date> out) {
    static_assert(sizeof(date) == sizeof(std::int32_t), "the kernel writes days");
    if (encoding.values == value_encoding::text_date) return run_kernel(base, cells, out, simd::parse_dates<Arch>);
    if (encoding.values != value_encoding::date_bytes) return 0;
    return read_while(base, cells, out, [](const std::byte* bytes, std::size_t size, date& to) {
        binary_fields f;
        if (!load_fields(bytes, size, f)) return false;
        const auto value = date::try_make(static_cast<int>(f.year), f.month, f.day);
        if (value) to = *value;
        return value.has_value();
    });
}

template <class Arch>
std::size_t read_cells(const std::byte* base, std::span<const simd::text_cell> cells, const column_encoding& encoding,
                       strided<datetime> out) {
    static_assert(sizeof(datetime) == sizeof(std::int64_t), "the kernel writes microseconds");
    if (encoding.values == value_encoding::text_datetime)
        return run_kernel(base, cells, out, simd::parse_datetimes<Arch>);
    if (encoding.values != value_encoding::datetime_bytes) return 0;
    return read_while(base, cells, out, [](const std::byte* bytes, std::size_t size, datetime& to) {
        binary_fields f;
        if (!load_fields(bytes, size, f)) return false;
        const auto value =
            datetime::try_make(static_cast<int>(f.year), f.month, f.day, f.hour, f.minute, f.second, f.microsecond);
        if (value) to = *value;
        return value.has_value();
    });
}

template <class Arch>
std::size_t read_cells(const std::byte* base, std::span<const simd::text_cell> cells, const column_encoding& encoding,
                       strided<weft::time> out) {
    static_assert(sizeof(weft::time) == sizeof(std::int64_t), "the kernel writes microseconds");
    if (encoding.values != value_encoding::text_time) return 0;
    return run_kernel(base, cells, out, simd::parse_times<Arch>);
}

template <class Arch>
std::size_t read_cells(const std::byte* base, std::span<const simd::text_cell> cells, const column_encoding& encoding,
                       strided<std::string> out) {
    if (encoding.values != value_encoding::text && encoding.values != value_encoding::json) return 0;
    return read_strings<Arch>(base, cells, out);
}

} // namespace weft::inline v0::mysql::detail
