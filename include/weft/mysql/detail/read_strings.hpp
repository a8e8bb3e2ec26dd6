// SPDX-License-Identifier: BSL-1.0
#pragma once

/// Whole columns of text in one loop: into strings, and behind each other as Arrow keeps them. As in read_column.hpp,
/// the first value that is NULL or not UTF-8 ends the loop and is left to single cells. Short texts are read and
/// written sixteen bytes at a time, whatever their size: the receive buffer has room behind every cell.

#include <weft/columnar/block.hpp>
#include <weft/core/cell_reader.hpp>
#include <weft/simd/text_cell.hpp>
#include <weft/simd/utf8.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <string>

namespace weft::inline v0::mysql::detail {

/// Copies 16 to 64 bytes, and no more, without a call.
[[gnu::always_inline]] inline void copy_16_to_64(char* to, const char* from, std::size_t size) noexcept {
    const std::size_t last = size - 16;
    std::memcpy(to, from, 16);
    if (size > 32) {
        std::memcpy(to + 16, from + 16, 16);
        std::memcpy(to + last - 16, from + last - 16, 16);
    }
    std::memcpy(to + last, from + last, 16);
}

/// Puts `size` readable bytes with 15 more behind them into a string.
[[gnu::always_inline]] inline void place_text(std::string& to, const char* text, std::size_t size) {
    constexpr std::size_t inside = 15; // what every standard library keeps within the string
    if (size <= inside && to.capacity() < 2 * inside) {
        to.~basic_string();
        ::new (static_cast<void*>(&to)) std::string(text, inside); // of a constant size: two moves, no call
        to.resize(size);
    } else if (size > inside && size <= 64 && size <= to.size()) { // over an earlier row's
        copy_16_to_64(to.data(), text, size);
        to.resize(size);
    } else {
        weft::detail::assign_text(to, {text, size});
    }
}

/// Reads cells into strings; returns how many.
template <class Arch>
std::size_t read_strings(const std::byte* base, std::span<const simd::text_cell> cells, strided<std::string> out) {
    const char* const texts = reinterpret_cast<const char*>(base);
    std::size_t i = 0;
    for (; i < cells.size(); ++i) {
        const simd::text_cell cell = cells[i];
        if (cell.size == simd::null_size || !simd::is_valid_utf8_cell<Arch>(texts + cell.offset, cell.size)) break;
        place_text(out[i], texts + cell.offset, cell.size);
    }
    return i;
}

/// Bytes that copy_texts() writes at most.
inline std::size_t size_of_texts(std::span<const simd::text_cell> cells) noexcept {
    std::size_t size = 16;
    for (const simd::text_cell cell : cells) size += cell.size == simd::null_size ? 0 : cell.size;
    return size;
}

/// Writes the texts of cells behind each other to `to`, and to `ends` where each ends, counted from `start`. Returns
/// how many.
template <class Arch>
std::size_t copy_texts(const std::byte* base, std::span<const simd::text_cell> cells, std::byte* to, std::int32_t start,
                       std::byte* ends) noexcept {
    constexpr std::size_t step = 16;
    std::size_t i = 0;
    for (; i < cells.size(); ++i) {
        const simd::text_cell cell = cells[i];
        const std::byte* const text = base + cell.offset;
        if (cell.size == simd::null_size ||
            !simd::is_valid_utf8_cell<Arch>(reinterpret_cast<const char*>(text), cell.size))
            break;
        if (cell.size <= 4 * step) {
            for (std::size_t done = 0; done < cell.size; done += step) std::memcpy(to + done, text + done, step);
        } else {
            std::memcpy(to, text, cell.size);
        }
        to += cell.size;
        start += static_cast<std::int32_t>(cell.size);
        std::memcpy(ends + i * sizeof start, &start, sizeof start);
    }
    return i;
}

} // namespace weft::inline v0::mysql::detail
