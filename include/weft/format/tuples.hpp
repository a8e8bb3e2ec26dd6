// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `tuples<Ts...>`: every row becomes a std::tuple, columns by position.

#include <weft/core/cell_reader.hpp>
#include <weft/format/format.hpp>

#include <tuple>
#include <utility>
#include <vector>

namespace weft::inline v0 {

/// Rows as `std::tuple<Ts...>`; results are vectors of them. Binding throws programming_error when the number of
/// columns differs or a type does not fit; reading throws data_error naming the column.
template <cell_readable... Ts>
struct tuples {
    using row_type = std::tuple<Ts...>;
    using result_type = std::vector<row_type>;

    class reader {
    public:
        explicit reader(const schema& layout) {
            if (layout.size() != sizeof...(Ts)) {
                throw programming_error("the result has " + std::to_string(layout.size()) + " columns (" +
                                        layout.names() + "), the tuple " + std::to_string(sizeof...(Ts)) + " elements");
            }
            std::size_t c = 0;
            ((detail::check_column<cell_reader<Ts>>(layout[c], c, "element " + std::to_string(c)), ++c), ...);
            names_.reserve(layout.size());
            for (const field& column : layout) names_.push_back(column.name);
        }

        template <block B>
        void append(const B& b, row_range rows) {
            detail::make_room(rows_, rows.count);
            for (std::size_t r = 0; r < rows.count; ++r) {
                read_elements(b, {rows.first + r, 1, rows.number + r}, rows_.emplace_back(),
                              std::index_sequence_for<Ts...>());
            }
        }

        template <block B>
        row_type row(const B& b, row_range one) const {
            row_type out;
            read_elements(b, one, out, std::index_sequence_for<Ts...>());
            return out;
        }

        result_type finish() { return std::exchange(rows_, {}); }

    private:
        template <block B, std::size_t... I>
        void read_elements(const B& b, row_range one, row_type& out, std::index_sequence<I...>) const {
            (read_element<I>(b, one, std::get<I>(out)), ...);
        }

        template <std::size_t I, block B, class T>
        void read_element(const B& b, row_range one, T& out) const {
            const cell value = b.at(I, one.first);
            if (!cell_reader<T>::read(value, out)) [[unlikely]]
                read_cell(value, out, {names_[I], I, one.number});
        }

        std::vector<std::string> names_;
        std::vector<row_type> rows_;
    };

    reader bind(const schema& layout) const { return reader(layout); }
};

} // namespace weft::inline v0
