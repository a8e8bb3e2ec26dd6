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

} // namespace weft::inline v0
