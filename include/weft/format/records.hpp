// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `records<T>`: every row becomes a struct.

#include <weft/core/describe.hpp>
#include <weft/format/detail/read_values.hpp>
#include <weft/format/format.hpp>

#include <array>
#include <utility>
#include <vector>

namespace weft::inline v0 {

namespace detail {

template <class T, class Sequence>
inline constexpr bool members_readable = false;
template <class T, std::size_t... I>
inline constexpr bool members_readable<T, std::index_sequence<I...>> = (cell_readable<member_type<T, I>> && ...);

} // namespace detail

/// A struct every member of which can be read from a cell: described with Boost.Describe (members are matched to
/// columns by name) or a plain aggregate (matched by position).
template <class T>
concept readable_record = reflectable<T> && std::default_initializable<T> &&
                          detail::members_readable<T, std::make_index_sequence<member_count<T>()>>;

/// Rows as structs; results are `std::vector<T>`. Binding throws programming_error when a member has no column, a
/// column has no member, or the types do not fit; reading throws data_error when a value does not fit or is NULL where
/// the member is no std::optional. Both name the column.
template <readable_record T>
struct records {
    using row_type = T;
    using result_type = std::vector<T>;

    class reader {
    public:
        explicit reader(const schema& layout) {
            names_.reserve(layout.size());
            for (const field& column : layout) names_.push_back(column.name);
            match(layout, std::make_index_sequence<count>());
        }

        template <block B>
        void append(const B& b, row_range rows) {
            if constexpr (one_row_block<B>) {
                rows_.add_one([&](auto* to) { read_members(b, rows, to, std::make_index_sequence<count>()); });
            } else {
                rows_.add(rows, [&](row_range tile, auto* to) {
                    read_members(b, tile, to, std::make_index_sequence<count>());
                });
            }
        }

        template <block B>
        T row(const B& b, row_range one) const {
            T out{};
            one.count = 1;
            read_members(b, one, &out, std::make_index_sequence<count>());
            return out;
        }

        /// Lets the rows to come take the place of these.
        void reuse(result_type&& rows) noexcept { rows_.reuse(std::move(rows)); }

        result_type finish() { return rows_.finish(); }

    private:
        static constexpr std::size_t count = member_count<T>();

        template <std::size_t... I>
        void match(const schema& layout, std::index_sequence<I...> members) {
            if constexpr (described<T>) {
                ((columns_[I] = column_of(layout, member_name<T, I>())), ...);
                for (std::size_t c = 0; c < layout.size(); ++c) {
                    if (((columns_[I] != c) && ...)) {
                        throw programming_error("column '" + layout[c].name + "' has no member in the record; it has " +
                                                member_names(members));
                    }
                }
            } else {
                if (layout.size() != count) {
                    throw programming_error("the result has " + std::to_string(layout.size()) + " columns (" +
                                            layout.names() + "), the plain aggregate " + std::to_string(count) +
                                            " members");
                }
                ((columns_[I] = I), ...);
            }
            (detail::check_column<cell_reader<member_type<T, I>>>(layout[columns_[I]], columns_[I], target<I>()), ...);
        }

        static std::size_t column_of(const schema& layout, std::string_view name) {
            if (const auto c = layout.find(name)) return *c;
            throw programming_error("no column for member '" + std::string(name) + "'; the result has " +
                                    layout.names());
        }

        template <std::size_t... I>
        static std::string member_names(std::index_sequence<I...>) {
            std::string text;
            ((text += (I == 0 ? "'" : ", '") + std::string(member_name<T, I>()) + "'"), ...);
            return text;
        }

        template <std::size_t I>
        static std::string target() {
            if constexpr (described<T>) {
                return "member '" + std::string(member_name<T, I>()) + "'";
            } else {
                return "member " + std::to_string(I);
            }
        }

        template <block B, std::size_t... I>
        void read_members(const B& b, row_range rows, T* out, std::index_sequence<I...>) const {
            (read_member<I>(b, rows, out), ...);
        }

        /// One column into one member of every row.
        template <std::size_t I, block B>
        void read_member(const B& b, row_range rows, T* out) const {
            const std::size_t c = columns_[I];
            detail::read_values(b, c, rows, strided(member<I>(*out), sizeof(T)), names_.data());
        }

        std::array<std::size_t, count> columns_{};
        std::vector<std::string> names_;
        detail::row_collector<T> rows_;
    };

    reader bind(const schema& layout) const { return reader(layout); }
};

} // namespace weft::inline v0
