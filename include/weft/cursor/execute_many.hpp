// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// One statement for many rows of parameters: the rows are turned into cells one at a time, without allocation for
/// structs, tuples and single values.

#include <weft/cursor/connection.hpp>
#include <weft/cursor/parameters.hpp>

#include <array>
#include <optional>

namespace weft::inline v0 {

namespace detail {

/// Number of cells a row of this type has; 0 when it is only known at run time.
template <class Row>
consteval std::size_t static_width() {
    if constexpr (cell_writable<Row>) {
        return 1;
    } else if constexpr (elements_writable<Row>) {
        return std::tuple_size_v<Row>;
    } else if constexpr (writable_record<Row>) {
        return reflection<Row>::count();
    } else {
        return 0;
    }
}

template <class Row, std::size_t... I>
void write_members(const Row& row, cell* out, cell_storage& storage, std::index_sequence<I...>) {
    if constexpr (writable_record<Row>) {
        ((out[I] = to_cell(reflection<Row>::template get<I>(row), storage)), ...);
    } else {
        ((out[I] = to_cell(std::get<I>(row), storage)), ...);
    }
}

/// The names the elements of a row have, for named placeholders.
template <class Row, std::size_t... I>
std::vector<argument> row_shape(std::index_sequence<I...>) {
    std::vector<argument> shape(sizeof...(I));
    if constexpr (writable_record<Row>) ((shape[I].name = reflection<Row>::template name<I>()), ...);
    return shape;
}

/// Which element of a row each placeholder takes, and the text with plain placeholders.
struct row_binding {
    std::string text;
    std::vector<std::size_t> order;
    bool in_order = true;
};

inline row_binding bind_rows(std::string_view sql, const sql_dialect& dialect, std::span<const argument> shape) {
    row_binding binding;
    argument_picker picker(sql, shape.data(), shape.size());
    binding.text = rewrite(sql, dialect, [&](std::string& text, const placeholder& p) {
        text += '?';
        binding.order.push_back(picker.pick(p));
    });
    picker.finish();
    binding.in_order = binding.order.size() == shape.size();
    for (std::size_t i = 0; i < binding.order.size(); ++i) binding.in_order &= binding.order[i] == i;
    return binding;
}

/// Rows of a type whose width is known while compiling. Views into the rows, which must outlive it.
template <class Rows>
class static_rows final : public parameter_rows {
public:
    using row_type = std::ranges::range_value_t<const Rows>;
    static constexpr std::size_t width = static_width<row_type>();

    static_rows(const Rows& rows, std::string_view sql, const sql_dialect& dialect)
        : at_(std::ranges::begin(rows)), end_(std::ranges::end(rows)),
          binding_(bind_rows(sql, dialect, row_shape<row_type>(members()))), ordered_(binding_.order.size()) {}

    /// The text for the connection.
    const std::string& text() const noexcept { return binding_.text; }

    bool next(std::span<const cell>& row) override {
        if (started_) ++at_;
        started_ = true;
        if (at_ == end_) return false;
        storage_.clear();
        if constexpr (cell_writable<row_type>) {
            cells_[0] = to_cell(*at_, storage_);
        } else {
            write_members(*at_, cells_.data(), storage_, members());
        }
        row = cells_;
        if (!binding_.in_order) {
            for (std::size_t i = 0; i < ordered_.size(); ++i) ordered_[i] = cells_[binding_.order[i]];
            row = ordered_;
        }
        return true;
    }

private:
    using members = std::make_index_sequence<width>;

    std::ranges::iterator_t<const Rows> at_;
    std::ranges::sentinel_t<const Rows> end_;
    row_binding binding_;
    std::array<cell, width> cells_;
    std::vector<cell> ordered_;
    cell_storage storage_;
    bool started_ = false;
};

/// Rows whose width is known at run time: dicts, maps, ranges of values. A view as well.
template <class Rows>
class dynamic_rows final : public parameter_rows {
public:
    dynamic_rows(const Rows& rows, std::string_view sql, const sql_dialect& dialect)
        : at_(std::ranges::begin(rows)), end_(std::ranges::end(rows)), sql_(sql), dialect_(dialect) {
        if (at_ != end_) text_ = bind(*at_).text;
    }

    /// The text for the connection; the placeholders of all rows are the same.
    const std::string& text() const noexcept { return text_; }

    bool next(std::span<const cell>& row) override {
        if (started_) ++at_;
        started_ = true;
        if (at_ == end_) return false;
        cells_ = bind(*at_).cells;
        row = cells_;
        return true;
    }

private:
    using row_type = std::ranges::range_value_t<const Rows>;

    bound_statement bind(const row_type& row) {
        if constexpr (list_like<row_type>) { // elements in order, not a list
            std::vector<cell> cells;
            storage_.clear();
            std::vector<argument> shape;
            for (const auto& element : row) {
                cells.push_back(to_cell(element, storage_));
                shape.emplace_back();
            }
            row_binding binding = bind_rows(sql_, dialect_, shape);
            bound_statement bound{std::move(binding.text), {}};
            for (const std::size_t i : binding.order) bound.cells.push_back(cells[i]);
            return bound;
        } else {
            arguments_.emplace(row);
            return bind_arguments(sql_, dialect_, *arguments_);
        }
    }

    std::ranges::iterator_t<const Rows> at_;
    std::ranges::sentinel_t<const Rows> end_;
    std::string_view sql_;
    sql_dialect dialect_;
    std::string text_;
    std::vector<cell> cells_;
    std::optional<argument_list<row_type>> arguments_;
    cell_storage storage_;
    bool started_ = false;
};

/// The parameters of a statement for many rows, made from (rows, text, dialect).
template <parameter_range Rows>
using bound_rows = std::conditional_t<static_width<std::ranges::range_value_t<const Rows>>() != 0, static_rows<Rows>,
                                      dynamic_rows<Rows>>;

template <connection Connection>
std::int64_t run_rows(Connection& connection, std::string_view sql, parameter_rows& rows) {
    if constexpr (bulk_connection<Connection>) {
        return connection.run_many(sql, rows);
    } else {
        std::int64_t affected = 0;
        std::span<const cell> row;
        for (std::uint64_t number = 0;; ++number) {
            try {
                if (!rows.next(row)) break;
                auto result = connection.run(sql, row);
                do {
                    affected += result.affected_rows() > 0 ? result.affected_rows() : 0;
                } while (result.next_set());
            } catch (error& e) {
                e.prepend("row " + std::to_string(number) + ": ");
                throw;
            }
        }
        return affected;
    }
}

} // namespace detail

/// Executes `sql` once for each element of `rows` and returns the affected rows; nothing is executed for an empty
/// range.
template <connection Connection, parameter_range Rows>
std::int64_t execute_rows(Connection& connection, std::string_view sql, const Rows& rows) {
    if (std::ranges::begin(rows) == std::ranges::end(rows)) return 0;
    detail::bound_rows<Rows> source(rows, sql, connection.dialect);
    return detail::run_rows(connection, source.text(), source);
}

namespace detail {

template <class Rows>
struct row_executor;
template <parameter_range Rows>
struct row_executor<Rows> {
    template <connection Connection>
    static std::int64_t execute(Connection& connection, std::string_view sql, const Rows& rows) {
        return execute_rows(connection, sql, rows);
    }
};

} // namespace detail

} // namespace weft::inline v0
