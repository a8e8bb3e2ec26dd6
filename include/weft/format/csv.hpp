// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `csv`: the result as comma-separated values (RFC 4180).

#include <weft/core/utf8.hpp>
#include <weft/format/detail/cell_error.hpp>
#include <weft/format/format.hpp>
#include <weft/format/row.hpp>

#include <string>
#include <vector>

namespace weft::inline v0 {

/// The result as CSV text in UTF-8. A field is quoted when it holds the delimiter, a quote or a line break, when it
/// begins or ends with a space or begins with a byte order mark, when it is empty and when it equals the null marker,
/// so that NULL (the marker, never quoted) and text always differ. Blobs are written as `0x…`, vectors and nested
/// values as JSON, all else as `append_text` writes it.
///
/// The header comes once a result: batches of one result join to one document. Binding throws programming_error when
/// settings contradict each other, reading data_error for text that is not valid UTF-8, naming column and row.
struct csv {
    using result_type = std::string;

    char delimiter = ',';             ///< any ASCII character but a quote, CR and LF
    bool header = true;               ///< whether the first line holds the names of the columns
    std::string_view null = "";       ///< how NULL is written; must outlive the readers
    std::string_view line_end = "\n"; ///< `"\n"`, or `"\r\n"` as the RFC has it

    class reader {
    public:
        reader(const schema& layout, const csv& style)
            : delimiter_(style.delimiter), null_(style.null), line_end_(style.line_end), columns_(layout) {
            check(style);
            if (!style.header) return;
            const std::vector<std::string> names = detail::unique_names(layout);
            for (std::size_t c = 0; c < names.size(); ++c) {
                if (c != 0) text_ += style.delimiter;
                text_ += names[c];
                finish_field(text_.size() - names[c].size());
            }
            text_ += style.line_end;
        }

        template <block B>
        void append(const B& b, row_range rows) {
            for (std::size_t r = 0; r < rows.count; ++r) {
                for (std::size_t c = 0; c < columns_.size(); ++c) {
                    append_field(c, b.at(c, rows.first + r), rows.number + r);
                }
                text_ += line_end_;
            }
        }

        std::string finish() { return std::exchange(text_, {}); }

    private:
        static void check(const csv& style) {
            const auto breaks = [](char c) { return c == '"' || c == '\r' || c == '\n' || c == '\0'; };
            if (breaks(style.delimiter) || static_cast<unsigned char>(style.delimiter) >= 0x80) {
                throw programming_error(
                    "a CSV delimiter is an ASCII character other than a quote, a line break and NUL");
            }
            if (style.line_end != "\n" && style.line_end != "\r\n") {
                throw programming_error("a CSV line ends in LF or CR LF");
            }
            for (const char c : style.null) {
                if (breaks(c) || c == style.delimiter) {
                    throw programming_error(
                        "the null marker of a CSV text holds no delimiter, quote, line break or NUL");
                }
            }
        }

        void append_field(std::size_t column, const cell& c, std::uint64_t row) {
            if (column != 0) text_ += delimiter_;
            if (c.is_null()) {
                text_ += null_;
                return;
            }
            const std::size_t begin = text_.size();
            try {
                if (c.kind() == type_id::text) check_utf8(c.text());
                append_text(text_, c);
            } catch (error& e) {
                detail::add_cell_place(e, columns_[column].name, row);
                throw;
            }
            finish_field(begin);
        }

        static void check_utf8(std::string_view text) {
            const std::size_t bad = find_invalid_utf8(text);
            if (bad == std::string_view::npos) return;
            throw data_error("text is not valid UTF-8 at byte " + std::to_string(bad));
        }

        /// Quotes what was appended from `begin` on when it needs quotes.
        void finish_field(std::size_t begin) {
            const std::string_view field = std::string_view(text_).substr(begin);
            if (!needs_quotes(field)) return;
            scratch_ = field;
            text_.resize(begin);
            text_ += '"';
            for (std::size_t at = 0; at < scratch_.size();) {
                std::size_t quote = scratch_.find('"', at);
                if (quote == std::string::npos) quote = scratch_.size() - 1;
                text_.append(scratch_, at, quote + 1 - at);
                if (scratch_[quote] == '"') text_ += '"';
                at = quote + 1;
            }
            text_ += '"';
        }

        bool needs_quotes(std::string_view field) const noexcept {
            if (field.empty() || field == null_ || field.front() == ' ' || field.back() == ' ') return true;
            if (field.starts_with("\xEF\xBB\xBF")) return true; // at the beginning of a text it would be lost
            for (const char c : field) {
                if (c == delimiter_ || c == '"' || c == '\n' || c == '\r') return true;
            }
            return false;
        }

        char delimiter_;
        std::string_view null_;
        std::string_view line_end_;
        schema columns_;
        std::string text_;
        std::string scratch_;
    };

    reader bind(const schema& layout) const { return {layout, *this}; }
};

} // namespace weft::inline v0
