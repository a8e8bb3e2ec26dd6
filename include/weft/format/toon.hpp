// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `toon`: the result as TOON text (token-oriented object notation, specification 4.0), which language models read with
/// fewer tokens than JSON.

#include <weft/format/detail/cell_error.hpp>
#include <weft/format/detail/toon_writer.hpp>
#include <weft/format/format.hpp>
#include <weft/format/row.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::inline v0 {

/// The result as one table of TOON: `[2]{id,name}:` and a line a row, an empty result `[]`. Values are as encode_toon()
/// writes them: dates as texts, blobs as texts in base64, JSON as texts, NULL, NaN and infinities as null. A name that
/// repeats becomes `table.column`, and where that repeats too `column_index`.
///
/// The header holds the number of rows, so a text is ready when its last row is: what finish() returns is kept in
/// memory until then and nothing else. Results fetched in several batches become one document a batch, of as many rows
/// as the batch has.
///
/// TOON has no arrays and objects in the cells of tables. A result with a column of vectors, lists or structures
/// becomes a list of objects instead; a list or structure that turns up in a column of undeclared type becomes a text
/// of JSON. Binding throws programming_error for an unknown delimiter and an indentation of 0, reading data_error for
/// text that is not valid UTF-8, naming column and row.
struct toon {
    using result_type = std::string;

    char delimiter = ',';        ///< a comma, a tab or a bar (`|`)
    std::size_t indent_size = 2; ///< spaces a level
    std::string_view name = {};  ///< the key of the array (`users[2]{…}:`); empty: the array is the whole document

    class reader {
    public:
        reader(const schema& layout, const toon& style)
            : columns_(layout), names_(detail::unique_names(layout)), key_(style.name) {
            options_.delimiter = style.delimiter;
            options_.indent_size = style.indent_size;
            detail::check_toon_options(options_);
            for (const field& column : layout) {
                if (is_nested(column.type.id) || column.type.id == type_id::vector) as_list_ = true;
            }
            if (names_.empty()) as_list_ = true;
            detail::toon_output names;
            for (const std::string& n : names_) {
                if (names.size() != 0) names.put(style.delimiter);
                detail::put_toon_key(names, n);
            }
            column_names_ = names.take();
            begin();
        }

        template <block B>
        void append(const B& b, row_range rows) {
            for (std::size_t r = 0; r < rows.count; ++r) {
                const std::size_t before = text_.size();
                try {
                    if (as_list_)
                        add_item(b, rows.first + r);
                    else
                        add_row(b, rows.first + r);
                } catch (error& e) {
                    text_.cut(before);
                    if (column_ < columns_.size()) detail::add_cell_place(e, columns_[column_].name, rows.number + r);
                    throw;
                }
                ++count_;
            }
        }

        std::string finish() {
            const std::string head = header();
            std::string text = text_.take();
            const std::size_t unused = room_for_header() - head.size();
            head.copy(text.data() + unused, head.size());
            text.erase(0, unused);
            count_ = 0;
            begin();
            return text;
        }

    private:
        /// A row of a block as an object.
        template <class B>
        class row_cells final : public nested_cells {
        public:
            row_cells(const B& b, const std::vector<std::string>& names, std::size_t& column)
                : block_(b), names_(names), column_(column) {}
            std::size_t count(std::size_t) const override { return names_.size(); }
            cell element(std::size_t row, std::size_t index) const override {
                column_ = index;
                return block_.at(index, row);
            }
            std::string_view member_name(std::size_t index) const override { return names_[index]; }

        private:
            const B& block_;
            const std::vector<std::string>& names_;
            std::size_t& column_;
        };

        template <class B>
        void add_row(const B& b, std::size_t row) {
            text_.put('\n');
            text_.fill(' ', options_.indent_size);
            for (column_ = 0; column_ < names_.size(); ++column_) {
                if (column_ != 0) text_.put(options_.delimiter);
                const cell c = b.at(column_, row);
                if (detail::is_toon_primitive(c)) [[likely]]
                    detail::put_toon_primitive(text_, c, options_.delimiter);
                else
                    add_json(c);
            }
        }

        void add_json(const cell& c) {
            std::string json;
            append_json(json, c);
            detail::put_toon_text(text_, json, options_.delimiter);
        }

        template <class B>
        void add_item(const B& b, std::size_t row) {
            const row_cells<B> members(b, names_, column_);
            detail::toon_writer(text_, options_).list_item(cell::of_nested(type_id::structure, members, row), 1);
        }

        /// The header comes last, because it says how many rows there are: room for it is left at the front.
        void begin() { text_.fill(' ', room_for_header()); }
        std::size_t room_for_header() const noexcept { return 6 * key_.size() + column_names_.size() + 32; }

        std::string header() const {
            detail::toon_output head;
            if (!key_.empty()) detail::put_toon_key(head, key_);
            if (count_ == 0) {
                head.put(key_.empty() ? std::string_view("[]") : std::string_view(": []"));
                return head.take();
            }
            detail::put_toon_bracket(head, count_, options_.delimiter, {});
            if (!as_list_) {
                head.put('{');
                head.put(column_names_);
                head.put('}');
            }
            head.put(':');
            return head.take();
        }

        toon_encode_options options_;
        schema columns_;
        std::vector<std::string> names_;
        std::string key_;
        std::string column_names_; // as they stand in the header
        bool as_list_ = false;
        detail::toon_output text_;
        std::size_t count_ = 0;
        std::size_t column_ = 0; // the one that is being written, for messages
    };

    reader bind(const schema& layout) const { return {layout, *this}; }
};

} // namespace weft::inline v0
