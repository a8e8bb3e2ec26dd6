// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `json`: the result as JSON text, an array of objects or one object a line.

#include <weft/core/json_output.hpp>
#include <weft/format/detail/cell_error.hpp>
#include <weft/format/format.hpp>
#include <weft/format/row.hpp>

#include <string>
#include <vector>

namespace weft::inline v0 {

/// The result as one text of JSON (RFC 8259), a row an object with its columns in order: `[{"id":1,"name":"Ada"}]`, an
/// empty result `[]`. With `lines` every object stands on a line of its own and nothing is around them (JSON lines);
/// results fetched in several batches then join to one document. Values are as `append_json` writes them: decimals and
/// 64-bit integers as numbers with all their digits, dates as texts, blobs in base64, NULL, NaN and infinities as null.
/// A name that repeats becomes `table.column`, and where that repeats too `column_index`. Reading throws data_error for
/// text that is not valid UTF-8, naming column and row.
struct json {
    using result_type = std::string;

    bool lines = false;     ///< one object a line instead of an array
    std::size_t indent = 0; ///< spaces a level; 0 is everything on one line. Without meaning for lines

    class reader {
    public:
        reader(const schema& layout, const json& style) : lines_(style.lines), columns_(layout) {
            const std::size_t step = lines_ ? 0 : style.indent;
            const std::vector<std::string> names = detail::unique_names(layout);
            before_value_.reserve(names.size());
            for (const std::string& name : names) {
                std::string& text = before_value_.emplace_back(before_value_.empty() ? "{" : ",");
                append_break(text, 2 * step);
                append_json_string(text, name);
                text += step == 0 ? ":" : ": ";
            }
            append_break(between_rows_, step);
            if (names.empty()) after_row_ = '{';
            append_break(after_row_, step);
            after_row_ += lines_ ? "}\n" : "}";
            if (step != 0) end_ = '\n';
            if (!lines_) end_ += ']';
        }

        template <block B>
        void append(const B& b, row_range rows) {
            for (std::size_t r = 0; r < rows.count; ++r) {
                begin_row();
                for (std::size_t c = 0; c < before_value_.size(); ++c) {
                    append_value(c, b.at(c, rows.first + r), rows.number + r);
                }
                text_ += after_row_;
            }
        }

        std::string finish() {
            if (!lines_) text_ += text_.empty() ? std::string_view("[]") : std::string_view(end_);
            return std::exchange(text_, {});
        }

    private:
        static void append_break(std::string& text, std::size_t spaces) {
            if (spaces == 0) return;
            text += '\n';
            text.append(spaces, ' ');
        }

        void begin_row() {
            if (lines_) return;
            text_ += text_.empty() ? '[' : ',';
            text_ += between_rows_;
        }

        void append_value(std::size_t column, const cell& c, std::uint64_t row) {
            text_ += before_value_[column];
            try {
                append_json(text_, c);
            } catch (error& e) {
                detail::add_cell_place(e, columns_[column].name, row);
                throw;
            }
        }

        bool lines_;
        schema columns_;
        std::vector<std::string> before_value_; // punctuation and escaped name, once for all rows
        std::string between_rows_;
        std::string after_row_;
        std::string end_;
        std::string text_;
    };

    reader bind(const schema& layout) const { return {layout, *this}; }
};

} // namespace weft::inline v0
