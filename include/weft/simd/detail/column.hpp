// SPDX-License-Identifier: BSL-1.0
#pragma once

// How a column is gone through: groups of cells by a group kernel, and cell by cell where it stops.

#include <weft/simd/detail/x86.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace weft::inline v0::simd::detail {

template <class T>
inline void store(const std::int64_t* values, std::size_t count, std::byte* out, std::size_t stride) noexcept {
    if (stride == sizeof(T)) { // apart, because compilers vectorise this one
        for (std::size_t i = 0; i < count; ++i) {
            const T value = static_cast<T>(values[i]);
            std::memcpy(out + i * sizeof(T), &value, sizeof(T));
        }
        return;
    }
    for (std::size_t i = 0; i < count; ++i) {
        const T value = static_cast<T>(values[i]);
        std::memcpy(out + i * stride, &value, sizeof(T));
    }
}

// `one(cell, value)` reads one cell of any kind; false: NULL, malformed or out of range.
template <class T, class One>
std::size_t cell_by_cell(const text_cell* cells, std::size_t count, std::byte* out, std::size_t stride,
                         const One& one) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        T value{};
        if (cells[i].size == null_size || !one(cells[i], value)) return i;
        std::memcpy(out + i * stride, &value, sizeof(T));
    }
    return count;
}

// `plain(cells, count, out)` reads up to 64 cells as far as they are plain, and returns how many it read; `one(cell,
// value)` reads any cell.
template <class T, class Plain, class One>
std::size_t in_chunks(const text_cell* cells, std::size_t count, std::byte* out, std::size_t stride, const Plain& plain,
                      const One& one) noexcept {
    constexpr std::size_t chunk = 64;
    std::size_t by_hand = 8;
    std::size_t i = 0;
    while (i < count) {
        const std::size_t n = count - i < chunk ? count - i : chunk;
        const std::size_t done = plain(cells + i, n, out + i * stride);
        i += done;
        if (done == n) continue;
        // A column that groups never fit, say of 19 digits, is tried less and less often.
        by_hand = done != 0 ? 8 : by_hand < chunk ? 2 * by_hand : chunk;
        const std::size_t rest = count - i < by_hand ? count - i : by_hand;
        const std::size_t parsed = cell_by_cell<T>(cells + i, rest, out + i * stride, stride, one);
        i += parsed;
        if (parsed < rest) return i;
    }
    return count;
}

// `groups(set, cells, count, values)` is a group kernel.
template <class T, class Groups, class One>
std::size_t parse_column(level set, const text_cell* cells, std::size_t count, std::byte* out, std::size_t stride,
                         const Groups& groups, const One& one) noexcept {
    if (set == level::portable) return cell_by_cell<T>(cells, count, out, stride, one);
    return in_chunks<T>(
        cells, count, out, stride,
        [set, stride, &groups](const text_cell* group, std::size_t n, std::byte* to) {
            std::int64_t values[64];
            const std::size_t done = groups(set, group, n, values);
            store<T>(values, done, to, stride);
            return done;
        },
        one);
}

} // namespace weft::inline v0::simd::detail
