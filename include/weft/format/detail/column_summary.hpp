// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/format/detail/group_index.hpp>

#include <cmath>
#include <vector>

namespace weft::inline v0::detail {

/// A sum of doubles with the rounding errors summed beside it (Neumaier's variant of Kahan's summation).
class exact_sum {
public:
    void add(double v) noexcept {
        const double next = sum_ + v;
        lost_ += std::fabs(sum_) >= std::fabs(v) ? (sum_ - next) + v : (v - next) + sum_;
        sum_ = next;
    }
    double total() const noexcept { return lost_ - lost_ == 0.0 ? sum_ + lost_ : sum_; } // lost_ is NaN past infinity

private:
    double sum_ = 0;
    double lost_ = 0;
};

inline double to_double(const cell& c) {
    switch (c.kind()) {
    case type_id::float64: return c.float64();
    case type_id::uint64: return static_cast<double>(c.uint64());
    case type_id::decimal: return c.decimal().to_double();
    default: return static_cast<double>(c.int64());
    }
}

/// The value below which `share` of the sorted numbers lie, interpolated linearly between neighbours.
inline double percentile(const std::vector<double>& sorted, double share) {
    const double place = share * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = below + 1 < sorted.size() ? below + 1 : below;
    const double rest = place - static_cast<double>(below);
    if (rest == 0.0) return sorted[below];
    return sorted[below] + (sorted[above] - sorted[below]) * rest;
}

/// Rows of data_frame::describe().
class summary_builder {
public:
    summary_builder() : layout_(fields()) {
        for (const field& f : layout_) columns_.emplace_back(f);
    }

    void append(const record_batch& batch, std::size_t column) {
        const array& values = batch[column];
        const std::string type = to_string(values.type());
        put("column", cell::of_text(batch.layout()[column].name));
        put("type", cell::of_text(type));
        put("count", cell(static_cast<std::int64_t>(values.size() - values.null_count())));
        put("nulls", cell(static_cast<std::int64_t>(values.null_count())));
        if (is_number(values.type().id)) {
            append_numbers(values);
        } else if (values.size() != values.null_count()) {
            append_values(batch, column);
        }
        ++rows_;
        for (column_builder& c : columns_) {
            if (c.size() < rows_) c.append_null();
        }
    }

    record_batch finish() {
        std::vector<array> columns;
        columns.reserve(columns_.size());
        for (column_builder& c : columns_) columns.push_back(c.finish());
        return {std::make_shared<const schema>(layout_), std::move(columns), rows_};
    }

private:
    static schema fields() {
        const auto make = [](const char* name, type_id type) { return field{name, type, true, {}, {}}; };
        std::vector<field> all;
        for (const char* name : {"column", "type"}) all.push_back(make(name, type_id::text));
        for (const char* name : {"count", "nulls"}) all.push_back(make(name, type_id::int64));
        for (const char* name : {"mean", "std", "min", "25%", "50%", "75%", "max"}) {
            all.push_back(make(name, type_id::float64));
        }
        all.push_back(make("unique", type_id::int64));
        all.push_back(make("top", type_id::text));
        all.push_back(make("top_count", type_id::int64));
        return schema(std::move(all));
    }

    void put(std::string_view name, const cell& c) { columns_[layout_.index_of(name)].append(c); }

    void append_numbers(const array& values) {
        std::vector<double> numbers;
        exact_sum sum;
        for (std::size_t r = 0; r < values.size(); ++r) {
            if (values.is_null(r)) continue;
            numbers.push_back(to_double(values.at(r)));
            sum.add(numbers.back());
        }
        if (numbers.empty()) return;
        const auto count = static_cast<double>(numbers.size());
        const double mean = sum.total() / count;
        put("mean", cell(mean));
        if (numbers.size() > 1) {
            exact_sum squares;
            for (const double v : numbers) squares.add((v - mean) * (v - mean));
            put("std", cell(std::sqrt(squares.total() / (count - 1))));
        }
        merge_sort(numbers, [](double a, double b) { return order_bits(a) < order_bits(b); });
        put("min", cell(numbers.front()));
        put("25%", cell(percentile(numbers, 0.25)));
        put("50%", cell(percentile(numbers, 0.5)));
        put("75%", cell(percentile(numbers, 0.75)));
        put("max", cell(numbers.back()));
    }

    void append_values(const record_batch& batch, std::size_t column) {
        const group_index groups(batch, std::span(&column, 1));
        std::vector<std::int64_t> counts(groups.size());
        for (const std::size_t group : groups.group_of()) ++counts[group];
        std::int64_t different = 0;
        std::size_t top = no_group;
        for (std::size_t g = 0; g < groups.size(); ++g) {
            if (batch[column].is_null(groups.first_rows()[g])) continue;
            ++different;
            if (top == no_group || counts[g] > counts[top]) top = g;
        }
        std::string text;
        append_text(text, batch.at(column, groups.first_rows()[top]));
        put("unique", cell(different));
        put("top", cell::of_text(text));
        put("top_count", cell(counts[top]));
    }

    static constexpr std::size_t no_group = static_cast<std::size_t>(-1);

    schema layout_;
    std::vector<column_builder> columns_;
    std::size_t rows_ = 0;
};

} // namespace weft::inline v0::detail
