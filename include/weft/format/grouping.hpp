// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `grouping`: rows of a data frame grouped by equal values, and their summaries.

#include <weft/format/data_frame.hpp>
#include <weft/format/detail/column_summary.hpp>

#include <limits>

namespace weft::inline v0 {

/// How values of a group become one.
enum class aggregate : unsigned char { sum, mean, min, max, count };

/// Groups of equal rows, made by data_frame::group_by. Every summary is a frame with one row a group, in the order in
/// which the groups first appear: the columns grouped by, then the summaries under the names of their columns. NULL
/// values are left out; a group with none but NULL gives NULL.
class grouping {
public:
    grouping(const data_frame& frame, std::vector<std::size_t> keys)
        : frame_(frame), keys_(std::move(keys)), groups_(frame.batch(), keys_) {}

    /// Number of groups.
    std::size_t size() const noexcept { return groups_.size(); }

    /// Rows of each group, as column `count`.
    data_frame count() const {
        std::vector<std::int64_t> counts(size());
        for (const std::size_t group : groups_.group_of()) ++counts[group];
        std::vector<field> fields = key_fields();
        std::vector<array> columns = key_columns();
        fields.push_back({"count", type_id::int64, false, {}, {}});
        columns.push_back(build(fields.back(), counts, std::vector<std::size_t>(size(), 1)));
        return data_frame({std::make_shared<const schema>(std::move(fields)), std::move(columns), size()});
    }

    /// Exact sums of integers and decimals (data_error when one does not fit into 64 bits or 65 digits), of
    /// floating-point numbers with compensated rounding. Throws programming_error for other columns.
    data_frame sum(const column_names& names) const { return summarise(aggregate::sum, names); }
    /// Means as float64.
    data_frame mean(const column_names& names) const { return summarise(aggregate::mean, names); }
    /// Smallest values, of any type that has an order.
    data_frame min(const column_names& names) const { return summarise(aggregate::min, names); }
    /// Largest values, of any type that has an order.
    data_frame max(const column_names& names) const { return summarise(aggregate::max, names); }
    /// Numbers of values that are not NULL.
    data_frame count(const column_names& names) const { return summarise(aggregate::count, names); }

    /// The summary `how` of these columns.
    data_frame summarise(aggregate how, const column_names& names) const {
        std::vector<field> fields = key_fields();
        std::vector<array> columns = key_columns();
        for (const std::string_view name : names) {
            const std::size_t index = frame_.layout().index_of(name);
            columns.push_back(summarise(how, index));
            fields.push_back(frame_.layout()[index]);
            fields.back().type = columns.back().type();
            fields.back().nullable = true;
        }
        return data_frame({std::make_shared<const schema>(std::move(fields)), std::move(columns), size()});
    }

private:
    std::vector<field> key_fields() const {
        std::vector<field> fields;
        fields.reserve(keys_.size());
        for (const std::size_t c : keys_) fields.push_back(frame_.layout()[c]);
        return fields;
    }

    std::vector<array> key_columns() const {
        std::vector<array> columns;
        columns.reserve(keys_.size());
        for (const std::size_t c : keys_) {
            columns.push_back(detail::gather(frame_.layout()[c], frame_.batch()[c], groups_.first_rows()));
        }
        return columns;
    }

    [[noreturn]] void refuse(std::size_t column, std::string_view what) const {
        const field& f = frame_.layout()[column];
        std::string text = "column '";
        text += f.name;
        text += "' is ";
        text += to_string(f.type);
        text += ", which has no ";
        text += what;
        throw programming_error(std::move(text));
    }

    array summarise(aggregate how, std::size_t column) const {
        const type_id id = frame_.layout()[column].type.id;
        const bool addable = is_number(id) || id == type_id::boolean || id == type_id::null;
        switch (how) {
        case aggregate::count: return count_values(column);
        case aggregate::min:
        case aggregate::max:
            if (id != type_id::null && detail::family_of(id) == detail::order_family::none) refuse(column, "order");
            return extreme(column, how == aggregate::min);
        case aggregate::mean:
            if (!addable) refuse(column, "mean");
            return mean_of(column);
        case aggregate::sum: break;
        }
        if (!addable) refuse(column, "sum");
        if (is_floating_point(id)) return float_sum(column);
        if (id == type_id::decimal) return decimal_sum(column);
        return is_unsigned_integer(id) ? integer_sum<std::uint64_t>(column) : integer_sum<std::int64_t>(column);
    }

    /// Calls `f(group, cell)` for every value that is not NULL and returns how many each group has.
    template <class F>
    std::vector<std::size_t> for_each_value(std::size_t column, F f) const {
        const array& values = frame_.batch()[column];
        std::vector<std::size_t> counts(size());
        for (std::size_t r = 0; r < values.size(); ++r) {
            if (values.is_null(r)) continue;
            const std::size_t group = groups_.group_of()[r];
            f(group, values.at(r), r);
            ++counts[group];
        }
        return counts;
    }

    /// A column of one value a group, NULL where the group has no values.
    template <class T>
    static array build(const field& f, const std::vector<T>& results, const std::vector<std::size_t>& counts) {
        column_builder builder(f);
        for (std::size_t g = 0; g < results.size(); ++g) builder.append(counts[g] == 0 ? cell() : cell(results[g]));
        return builder.finish();
    }

    field result_field(std::size_t column, type_id type) const {
        return {frame_.layout()[column].name, type, true, {}, {}};
    }

    array count_values(std::size_t column) const {
        const auto counts = for_each_value(column, [](std::size_t, const cell&, std::size_t) {});
        const std::vector<std::int64_t> results(counts.begin(), counts.end());
        return build(result_field(column, type_id::int64), results, std::vector<std::size_t>(size(), 1));
    }

    template <class T>
    array integer_sum(std::size_t column) const {
        constexpr bool is_signed = static_cast<T>(-1) < 0;
        std::vector<T> sums(size());
        const auto counts = for_each_value(column, [&](std::size_t group, const cell& c, std::size_t) {
            const T v = is_signed ? static_cast<T>(c.int64()) : static_cast<T>(c.uint64());
            T& sum = sums[group];
            constexpr T most = std::numeric_limits<T>::max();
            constexpr T least = std::numeric_limits<T>::min();
            if (v < 0 ? sum < static_cast<T>(least - v) : sum > static_cast<T>(most - v)) overflow(column, is_signed);
            sum = static_cast<T>(sum + v);
        });
        return build(result_field(column, is_signed ? type_id::int64 : type_id::uint64), sums, counts);
    }

    [[noreturn]] void overflow(std::size_t column, bool is_signed) const {
        std::string text = "the sum of column '";
        text += frame_.layout()[column].name;
        text += is_signed ? "' does not fit int64" : "' does not fit uint64";
        throw data_error(std::move(text));
    }

    array float_sum(std::size_t column) const {
        std::vector<detail::exact_sum> sums(size());
        const auto counts = for_each_value(
            column, [&](std::size_t group, const cell& c, std::size_t) { sums[group].add(c.float64()); });
        std::vector<double> results;
        results.reserve(sums.size());
        for (const detail::exact_sum& s : sums) results.push_back(s.total());
        return build(result_field(column, type_id::float64), results, counts);
    }

    array decimal_sum(std::size_t column) const {
        std::vector<decimal> sums(size());
        const auto counts = for_each_value(
            column, [&](std::size_t group, const cell& c, std::size_t) { sums[group] = sums[group] + c.decimal(); });
        const int scale = frame_.layout()[column].type.scale;
        for (decimal& s : sums) s = s.try_rescaled(scale).value_or(s);
        return build(result_field(column, type_id::decimal), sums, counts);
    }

    array mean_of(std::size_t column) const {
        std::vector<detail::exact_sum> sums(size());
        const auto counts = for_each_value(
            column, [&](std::size_t group, const cell& c, std::size_t) { sums[group].add(detail::to_double(c)); });
        std::vector<double> means;
        means.reserve(size());
        for (std::size_t g = 0; g < size(); ++g) means.push_back(sums[g].total() / static_cast<double>(counts[g]));
        return build(result_field(column, type_id::float64), means, counts);
    }

    array extreme(std::size_t column, bool smallest) const {
        const array& values = frame_.batch()[column];
        const detail::sort_column order(values, !smallest);
        std::vector<std::size_t> best(size(), detail::no_row);
        for_each_value(column, [&](std::size_t group, const cell&, std::size_t row) {
            if (best[group] == detail::no_row || order.compare(row, best[group]) < 0) best[group] = row;
        });
        return detail::gather(frame_.layout()[column], values, best);
    }

    data_frame frame_;
    std::vector<std::size_t> keys_;
    detail::group_index groups_;
};

inline grouping data_frame::group_by(const column_names& names) const {
    return {*this, indexes_of(names)};
}

} // namespace weft::inline v0
