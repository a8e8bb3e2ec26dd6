// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/format/data_frame.hpp>
#include <weft/format/detail/column_summary.hpp>

namespace weft::inline v0 {

inline cell frame_row::operator[](std::string_view column) const {
    return (*frame_)[column].at(number_);
}

inline data_frame data_frame::select(const column_names& names) const {
    return pick(indexes_of(names));
}

inline data_frame data_frame::drop(const column_names& names) const {
    const std::vector<std::size_t> dropped = indexes_of(names);
    std::vector<std::size_t> kept;
    for (std::size_t c = 0; c < columns(); ++c) {
        bool keep = true;
        for (const std::size_t d : dropped) keep = keep && d != c;
        if (keep) kept.push_back(c);
    }
    return pick(kept);
}

inline data_frame data_frame::rename(std::string_view from, std::string_view to) const {
    const std::size_t index = layout().index_of(from);
    if (const auto taken = layout().find(to); taken && *taken != index) {
        throw programming_error("there is a column named '" + std::string(to) + "' already");
    }
    std::vector<std::string> changed = names();
    changed[index] = to;
    return checked(renamed(batch_, std::move(changed)));
}

inline data_frame data_frame::filter(std::string_view column, const comparison& condition) const {
    const std::size_t index = layout().index_of(column);
    const comparison bound = condition.bind(layout()[index]);
    const array& values = batch_[index];
    std::vector<std::size_t> kept;
    for (std::size_t r = 0; r < rows(); ++r) {
        if (bound.matches(values.at(r))) kept.push_back(r);
    }
    return take(kept);
}

inline data_frame data_frame::sort(std::initializer_list<sort_key> keys) const {
    std::vector<detail::sort_column> columns;
    for (const sort_key& key : keys) {
        const array& values = (*this)[key.column];
        const type_id id = values.type().id;
        if (id != type_id::null && detail::family_of(id) == detail::order_family::none) {
            throw programming_error("column '" + std::string(key.column) + "' is " + weft::to_string(values.type()) +
                                    ", which has no order to sort by");
        }
        columns.emplace_back(values, key.direction == sort_direction::descending);
    }
    std::vector<std::size_t> order(rows());
    for (std::size_t r = 0; r < order.size(); ++r) order[r] = r;
    detail::merge_sort(order, [&columns](std::size_t a, std::size_t b) {
        for (const detail::sort_column& column : columns) {
            if (const int difference = column.compare(a, b); difference != 0) return difference < 0;
        }
        return false;
    });
    return take(order);
}

inline data_frame data_frame::unique(const column_names& names) const {
    return take(detail::group_index(batch_, indexes_of(names)).first_rows());
}

inline data_frame data_frame::value_counts(std::string_view column) const {
    const std::size_t index = layout().index_of(column);
    const detail::group_index groups(batch_, std::span(&index, 1));
    std::vector<std::int64_t> counts(groups.size());
    for (const std::size_t group : groups.group_of()) ++counts[group];
    std::vector<std::size_t> order(groups.size());
    for (std::size_t g = 0; g < order.size(); ++g) order[g] = g;
    detail::merge_sort(order, [&counts](std::size_t a, std::size_t b) { return counts[a] > counts[b]; });

    column_builder counted({"count", type_id::int64, false, {}, {}});
    std::vector<std::size_t> first_rows;
    for (const std::size_t group : order) {
        counted.append(cell(counts[group]));
        first_rows.push_back(groups.first_rows()[group]);
    }
    std::vector<array> columns{detail::gather(layout()[index], batch_[index], first_rows), counted.finish()};
    std::vector<field> fields{layout()[index], {"count", type_id::int64, false, {}, {}}};
    return data_frame({std::make_shared<const schema>(std::move(fields)), std::move(columns), first_rows.size()});
}

inline data_frame data_frame::describe() const {
    detail::summary_builder summary;
    for (std::size_t c = 0; c < columns(); ++c) summary.append(batch_, c);
    return checked(summary.finish());
}

inline std::string data_frame::to_string(std::size_t max_rows, std::size_t max_width) const {
    const std::size_t first = rows() <= max_rows ? rows() : (max_rows + 1) / 2;
    const std::size_t last = rows() <= max_rows ? 0 : max_rows - first;
    detail::text_grid grid(columns(), max_width, table_border::ascii);
    for (const field& f : layout()) grid.append(f.name);
    for (std::size_t r = 0; r < rows(); ++r) {
        if (r == first && last != rows() - first) {
            r = rows() - last;
            for (const field& f : layout()) grid.append("…", is_number(f.type.id));
            if (r == rows()) break;
        }
        for (std::size_t c = 0; c < columns(); ++c) grid.append(at(c, r), is_number(layout()[c].type.id));
    }
    std::string text = grid.draw();
    text += detail::row_count_text(rows());
    text += " × ";
    text += std::to_string(columns());
    text += columns() == 1 ? " column\n" : " columns\n";
    return text;
}

} // namespace weft::inline v0
