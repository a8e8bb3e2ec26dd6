// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The block concept: up to N rows of one result, addressable by column and row. Connections produce blocks, formats
/// consume them. A block may be a view of a live statement (one row), an index over received packets, an arena of
/// cells, or typed buffers; formats cannot tell.

#include <weft/columnar/schema.hpp>
#include <weft/core/cell.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>

namespace weft::inline v0 {

/// Rows of one result. `at(column, row)` is a cell that stays valid as long as the block is neither changed nor read
/// into again.
template <class B>
concept block = requires(const B& b, std::size_t i) {
    { b.rows() } -> std::convertible_to<std::size_t>;
    { b.layout() } -> std::same_as<const schema&>;
    { b.at(i, i) } -> std::same_as<cell>;
};

/// Rows of a block: `count` of them from index `first` on; `number` is the first one's row number in the whole result,
/// for messages.
struct row_range {
    std::size_t first = 0;
    std::size_t count = 0;
    std::uint64_t number = 0;
};

/// A block that never has more than one row, such as the live row of a running statement.
template <class B>
concept one_row_block = block<B> && requires { requires B::has_one_row; };

/// Values of type `T` a fixed distance apart: the elements of an array, or one member of an array of structs.
template <class T>
class strided {
public:
    explicit strided(T& first, std::size_t distance = sizeof(T)) noexcept
        : first_(reinterpret_cast<std::byte*>(&first)), distance_(distance) {}

    T& operator[](std::size_t i) const noexcept { return *reinterpret_cast<T*>(first_ + i * distance_); }

    /// The values from number `i` on.
    strided from(std::size_t i) const noexcept { return strided((*this)[i], distance_); }

    std::byte* bytes() const noexcept { return first_; }
    /// From one value to the next, in bytes.
    std::size_t distance() const noexcept { return distance_; }

private:
    std::byte* first_;
    std::size_t distance_;
};

/// A block with a faster way than cells to read a column into values of type `T`: `read_column(column, first, count,
/// out)` reads rows [first, first + count) and returns how many it read before the first that is NULL or does not fit,
/// which is then read as a cell. What it reads is what `cell_reader<T>` would.
template <class B, class T>
concept column_readable = block<B> && requires(const B& b, std::size_t i, strided<T> out) {
    { b.read_column(i, i, i, out) } -> std::same_as<std::size_t>;
};

/// A block whose text columns can be copied whole: `copy_texts(column, first, count, to, start, ends)` writes the texts
/// of rows [first, first + count) behind each other to `to`, and to `ends`, as 32-bit integers, where each ends,
/// counted from `start`. It returns how many rows it copied before the first that is NULL, not UTF-8 or no text, which
/// is then read as a cell. `texts_size(column, first, count)` is how many bytes it may write to `to`; more than it
/// keeps.
template <class B>
concept texts_copyable = block<B> && requires(const B& b, std::size_t i, std::byte* to, std::int32_t start) {
    { b.texts_size(i, i, i) } -> std::same_as<std::size_t>;
    { b.copy_texts(i, i, i, to, start, to) } -> std::same_as<std::size_t>;
};

/// A block whose decimals can be read as integers: `read_decimals(column, first, count, type, to)` writes the values of
/// rows [first, first + count) times 10^type.scale to `to`, as little-endian integers of 16 bytes. `type` has at most
/// 38 digits. It returns how many it read before the first that is NULL or does not fit the type as it stands, which is
/// then read as a cell.
template <class B>
concept decimals_readable = block<B> && requires(const B& b, std::size_t i, const data_type& type, std::byte* to) {
    { b.read_decimals(i, i, i, type, to) } -> std::same_as<std::size_t>;
};

} // namespace weft::inline v0
