// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `tuples<Ts...>`: every row becomes a std::tuple, columns by position.

#include <weft/format/detail/read_values.hpp>
#include <weft/format/format.hpp>

#include <array>
#include <string>
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
            for (c = 0; c < names_.size(); ++c) names_[c] = layout[c].name;
        }

        template <block B>
        void append(const B& b, row_range rows) {
            if constexpr (one_row_block<B>) {
                rows_.add_one([&](auto* to) { read_elements(b, rows, to, std::index_sequence_for<Ts...>()); });
            } else {
                rows_.add(rows, [&](row_range tile, auto* to) {
                    read_elements(b, tile, to, std::index_sequence_for<Ts...>());
                });
            }
        }

        template <block B>
        row_type row(const B& b, row_range one) const {
            row_type out;
            one.count = 1;
            read_elements(b, one, &out, std::index_sequence_for<Ts...>());
            return out;
        }

        /// Lets the rows to come take the place of these.
        void reuse(result_type&& rows) noexcept { rows_.reuse(std::move(rows)); }

        result_type finish() { return rows_.finish(); }

    private:
        /// Each column into one element of every row.
        template <block B, std::size_t... I>
        void read_elements(const B& b, row_range rows, row_type* out, std::index_sequence<I...>) const {
            (detail::read_values(b, I, rows, strided(std::get<I>(*out), sizeof(row_type)), names_.data()), ...);
        }

        std::array<std::string, sizeof...(Ts)> names_;
        detail::row_collector<row_type> rows_;
    };

    reader bind(const schema& layout) const { return reader(layout); }
};

} // namespace weft::inline v0
