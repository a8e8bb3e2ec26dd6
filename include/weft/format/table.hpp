// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `table`: the result as a table for people to read.

#include <weft/format/detail/text_grid.hpp>
#include <weft/format/format.hpp>

#include <string>

namespace weft::inline v0 {

/// The result as text drawn with lines, in the manner of database clients:
///
///     +----+------+
///     | id | name |
///     +----+------+
///     |  1 | Ada  |
///     +----+------+
///     1 row
///
/// Widths are those of a terminal (wide and combining characters counted right), numbers stand to the right, NULL shows
/// as `NULL`. Control characters appear as `\n`, `\x1b` and the like: nothing in the data can steer a terminal.
struct table {
    using result_type = std::string;

    std::size_t max_width = 0; ///< terminal columns a field takes at most, longer ones end in `…`; 0 is no limit
    std::size_t max_rows = 0;  ///< rows shown at most, further ones are only counted; 0 is no limit
    table_border border = table_border::ascii;

    class reader {
    public:
        reader(const schema& layout, const table& style)
            : columns_(layout), max_width_(style.max_width), max_rows_(style.max_rows), border_(style.border),
              grid_(start()) {}

        template <block B>
        void append(const B& b, row_range rows) {
            std::size_t shown = rows.count;
            if (max_rows_ != 0 && shown > max_rows_ - shown_) shown = max_rows_ - shown_;
            for (std::size_t r = 0; r < shown; ++r) {
                for (std::size_t c = 0; c < columns_.size(); ++c) {
                    grid_.append(b.at(c, rows.first + r), is_number(columns_[c].type.id));
                }
            }
            shown_ += shown;
            rows_ += rows.count;
        }

        std::string finish() {
            std::string text = grid_.draw();
            text += detail::row_count_text(rows_);
            if (shown_ != rows_) {
                text += ", the first ";
                text += std::to_string(shown_);
                text += " shown";
            }
            text += '\n';
            rows_ = 0;
            shown_ = 0;
            grid_ = start();
            return text;
        }

    private:
        detail::text_grid start() const {
            detail::text_grid grid(columns_.size(), max_width_, border_);
            for (const field& column : columns_) grid.append(column.name);
            return grid;
        }

        schema columns_;
        std::size_t max_width_;
        std::size_t max_rows_;
        table_border border_;
        detail::text_grid grid_;
        std::uint64_t rows_ = 0;
        std::size_t shown_ = 0;
    };

    reader bind(const schema& layout) const { return {layout, *this}; }
};

} // namespace weft::inline v0
