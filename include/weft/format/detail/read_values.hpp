// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/columnar/block.hpp>
#include <weft/core/cell_reader.hpp>

#include <string>

namespace weft::inline v0::detail {

/// Reads rows, at least one, of one column into values a fixed distance apart: as a column where the block can, else as
/// cells. Throws data_error naming column, by its place in `names`, and row.
template <cell_readable T, block B>
[[gnu::always_inline]] inline void read_values(const B& b, std::size_t column, row_range rows, strided<T> out,
                                               const std::string* names) {
    const std::size_t count = one_row_block<B> ? 1 : rows.count;
    for (std::size_t r = 0; r < count; ++r) {
        if constexpr (column_readable<B, T>) {
            r += b.read_column(column, rows.first + r, count - r, out.from(r));
            if (r == count) return;
        }
        const cell value = b.at(column, rows.first + r);
        if (!cell_reader<T>::read(value, out[r])) [[unlikely]]
            read_cell(value, out[r], {names[column], column, rows.number + r});
    }
}

} // namespace weft::inline v0::detail
