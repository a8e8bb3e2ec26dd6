// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `cast`: a column in another type, as long as nothing is lost. What is allowed is what the readers of cells allow:
/// integers of other widths, integers as floats and decimals, decimals of another scale, float32 as float64, dates as
/// datetimes, text parsed as what it spells, nested values as JSON, and lists and structures member by member. The type
/// alone decides some of it (float64 never becomes float32), each value the rest (300 does not fit int8).

#include <weft/columnar/record_batch.hpp>

#include <charconv>

namespace weft::inline v0 {

namespace detail {

inline bool castable(const data_type& from, const data_type& to) noexcept;

/// Lists and structures are cast child by child; one that holds nothing but NULL can become anything.
inline bool castable_children(const data_type& from, const data_type& to) noexcept {
    if (from.id != to.id || !from.children || !to.children || from.children->size() != to.children->size())
        return false;
    for (std::size_t i = 0; i < to.children->size(); ++i) {
        const data_type& child = (*from.children)[i].type;
        if (child.id != type_id::null && !castable(child, (*to.children)[i].type)) return false;
    }
    return true;
}

inline bool castable(const data_type& from, const data_type& to) noexcept {
    using enum type_id;
    const type_id id = from.id;
    switch (to.id) {
    case any: return true;
    case null: return false;
    case boolean: return id == boolean || is_integer(id);
    case float32: return id == float32 || is_integer(id);
    case float64: return is_floating_point(id) || is_integer(id) || id == text;
    case decimal: return id == decimal || is_integer(id) || id == text;
    case date: return id == date || id == text;
    case time: return id == time || id == text;
    case datetime: return id == datetime || id == date || id == text;
    case text: return is_textual(id);
    case json: return is_textual(id) || is_nested(id);
    case blob: return id == blob || is_textual(id) || id == vector;
    case vector: return id == vector || id == blob || is_textual(id);
    case list:
    case structure: return castable_children(from, to);
    default: return is_integer(id) || id == boolean || id == text;
    }
}

/// Text that spells a number, as a cell of it; other text unchanged, for the column to refuse.
inline cell parsed_number(const cell& c, type_id to) noexcept {
    if (c.kind() != type_id::text) return c;
    const std::string_view text = c.text();
    const char* const end = text.data() + text.size();
    const auto parse = [&](auto v) {
        const auto [stop, error] = std::from_chars(text.data(), end, v);
        return error == std::errc() && stop == end ? cell(v) : c;
    };
    if (is_signed_integer(to)) return parse(std::int64_t{});
    if (is_unsigned_integer(to)) return parse(std::uint64_t{});
    if (to == type_id::float64) return parse(double{});
    return c;
}

} // namespace detail

/// The column as type `to`; shares its memory when it is of that type. A column of nothing but NULL can become any
/// type, and a column without nulls in the way cannot become `null`. `name` is the column's, for messages. Throws
/// programming_error when the types cannot be cast, data_error naming row and value when a value cannot.
inline array cast(const array& column, const data_type& to, std::string_view name = {}) {
    if (column.type() == to || to.id == type_id::any) return column;
    const bool no_values = column.null_count() == column.size();
    if (!no_values && !detail::castable(column.type(), to)) {
        throw programming_error("column '" + std::string(name) + "' is " + to_string(column.type()) +
                                ", which cannot become " + to_string(to) + " without loss");
    }
    column_builder out({std::string(name), to, true, {}, {}});
    out.reserve(column.size());
    for (std::size_t row = 0; row < column.size(); ++row) out.append(detail::parsed_number(column.at(row), to.id));
    return out.finish();
}

/// The columns of the batch in the types of `to`, by position; the result has the names of `to`. Throws
/// programming_error when there are more or fewer columns, and what cast() of a column throws.
inline record_batch cast(const record_batch& batch, const std::shared_ptr<const schema>& to) {
    if (batch.columns() != to->size()) {
        throw programming_error("a record batch of " + std::to_string(batch.columns()) +
                                " columns cannot be cast to a schema of " + std::to_string(to->size()));
    }
    std::vector<array> columns;
    std::vector<field> fields = to->fields();
    columns.reserve(fields.size());
    for (std::size_t c = 0; c < fields.size(); ++c) {
        columns.push_back(cast(batch[c], fields[c].type, fields[c].name));
        fields[c].type = columns[c].type(); // where `to` leaves it open: any, decimals without precision
    }
    if (fields == to->fields()) return {to, std::move(columns), batch.rows()};
    return {std::make_shared<const schema>(std::move(fields)), std::move(columns), batch.rows()};
}

/// As above, for a schema that is not shared.
inline record_batch cast(const record_batch& batch, const schema& to) {
    return cast(batch, std::make_shared<const schema>(to));
}

} // namespace weft::inline v0
