// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `data_frame`: a result as columns in memory, to select, filter, sort, group and summarise.
///
///     auto files = db.query<weft::data_frame>("SELECT * FROM files");
///     auto large = files.filter("size", weft::greater(1000)).sort("size", weft::descending).head(10);
///     auto sums = files.group_by({"folder"}).sum({"size"});

#include <weft/columnar/record_batch.hpp>
#include <weft/format/comparison.hpp>
#include <weft/format/detail/gather.hpp>
#include <weft/format/detail/group_index.hpp>
#include <weft/format/detail/text_grid.hpp>
#include <weft/format/format.hpp>
#include <weft/format/records.hpp>
#include <weft/format/row.hpp>

#include <initializer_list>

namespace weft::inline v0 {

/// Names of columns: one text, or a list in braces.
class column_names {
public:
    column_names(std::initializer_list<std::string_view> names) : names_(names) {}
    column_names(std::string_view name) : names_(1, name) {}
    column_names(const char* name) : names_(1, name) {}
    column_names(const std::string& name) : names_(1, name) {}
    column_names(const std::vector<std::string>& names) : names_(names.begin(), names.end()) {}

    auto begin() const noexcept { return names_.begin(); }
    auto end() const noexcept { return names_.end(); }
    std::size_t size() const noexcept { return names_.size(); }

private:
    std::vector<std::string_view> names_;
};

enum class sort_direction : unsigned char { ascending, descending };
inline constexpr sort_direction ascending = sort_direction::ascending;
inline constexpr sort_direction descending = sort_direction::descending;

/// One column to sort by.
struct sort_key {
    std::string_view column;
    sort_direction direction = sort_direction::ascending;
};

class data_frame;
class grouping;

/// One row of a data frame, for predicates; valid as long as the frame.
class frame_row {
public:
    frame_row(const data_frame& frame, std::size_t number) noexcept : frame_(&frame), number_(number) {}

    /// The value of a column; throws programming_error when there is none of that name.
    cell operator[](std::string_view column) const;
    /// The value of a column as `T`; throws data_error when it cannot be one.
    template <cell_readable T>
    T get(std::string_view column) const {
        T out{};
        read_cell((*this)[column], out, {column, 0, number_});
        return out;
    }
    /// Number of the row in the frame, from 0.
    std::size_t number() const noexcept { return number_; }

private:
    const data_frame* frame_;
    std::size_t number_;
};

/// Columns of equal length with unique names. Immutable: every operation gives a new frame, which shares the memory of
/// the columns it does not change. It is also the format that makes it, `db.query<weft::data_frame>(sql)`, and a block
/// that other formats read. Unknown columns are a programming_error that names them and those there are.
class data_frame {
public:
    using result_type = data_frame;

    class reader;
    reader bind(const schema& layout) const;

    data_frame() = default;
    /// The batch's columns. A name that repeats becomes `table.column`, and where that repeats too `column_index`.
    explicit data_frame(const record_batch& batch) : batch_(renamed(batch, detail::unique_names(batch.layout()))) {}

    std::size_t rows() const noexcept { return batch_.rows(); }
    std::size_t columns() const noexcept { return batch_.columns(); }
    bool empty() const noexcept { return rows() == 0; }
    std::vector<std::string> names() const { return detail::unique_names(layout()); }
    const schema& layout() const noexcept { return batch_.layout(); }
    /// The columns as a batch, for Arrow and other consumers.
    const record_batch& batch() const noexcept { return batch_; }

    const array& operator[](std::string_view column) const { return batch_[column]; }
    /// The values of a fixed-width column without copy, see array::values.
    template <class T>
    std::span<const T> values(std::string_view column) const {
        return batch_[column].template values<T>();
    }
    cell at(std::size_t column, std::size_t row) const noexcept { return batch_.at(column, row); }
    /// One value; throws programming_error when there is no such row.
    cell at(std::string_view column, std::size_t row) const {
        const array& values = batch_[column];
        if (row >= rows()) {
            throw programming_error("no row " + std::to_string(row) + "; the data frame has " +
                                    detail::row_count_text(rows()));
        }
        return values.at(row);
    }

    /// These columns in this order.
    data_frame select(const column_names& names) const;
    /// All columns but these.
    data_frame drop(const column_names& names) const;
    /// The same columns with one of another name; throws programming_error when the name is taken.
    data_frame rename(std::string_view from, std::string_view to) const;

    /// The rows for which `keep(row)` is true; the row is a frame_row.
    template <class Predicate>
        requires std::predicate<Predicate&, const frame_row&>
    data_frame filter(Predicate keep) const {
        std::vector<std::size_t> kept;
        for (std::size_t r = 0; r < rows(); ++r) {
            if (keep(frame_row(*this, r))) kept.push_back(r);
        }
        return take(kept);
    }
    /// The rows whose value fits the comparison; NULL fits only `is_null()`.
    data_frame filter(std::string_view column, const comparison& condition) const;
    /// The rows whose value, read as `T`, makes `keep` true; NULL never does. Throws data_error when a value is no `T`.
    template <cell_readable T, std::predicate<const T&> Predicate>
    data_frame filter(std::string_view column, Predicate keep) const {
        const std::size_t index = layout().index_of(column);
        detail::check_column<cell_reader<std::optional<T>>>(layout()[index], index, "the filter");
        std::vector<std::size_t> kept;
        T value{};
        for (std::size_t r = 0; r < rows(); ++r) {
            const cell c = at(index, r);
            if (c.is_null()) continue;
            read_cell(c, value, {column, index, r});
            if (keep(std::as_const(value))) kept.push_back(r);
        }
        return take(kept);
    }

    /// Sorted by one column; stable, NULL last in both directions, NaN after all numbers. Throws programming_error for
    /// columns without an order (vectors, lists, structures).
    data_frame sort(std::string_view column, sort_direction direction = ascending) const {
        return sort({sort_key{column, direction}});
    }
    /// Sorted by several columns, the first one first: `sort({{"a"}, {"b", weft::descending}})`.
    data_frame sort(std::initializer_list<sort_key> keys) const;

    /// Rows [first, first + count), clipped to those there are. Nothing is copied.
    data_frame slice(std::size_t first, std::size_t count) const { return checked(batch_.slice(first, count)); }
    data_frame head(std::size_t count = 5) const { return slice(0, count); }
    data_frame tail(std::size_t count = 5) const { return slice(count < rows() ? rows() - count : 0, count); }
    /// The rows with these numbers, in that order. Throws programming_error when there is no such row.
    data_frame take(std::span<const std::size_t> numbers) const {
        for (const std::size_t number : numbers) {
            if (number >= rows()) throw programming_error("no row " + std::to_string(number) + " in the data frame");
        }
        return checked(detail::gather(batch_, numbers));
    }

    /// The first row of each combination of values in these columns.
    data_frame unique(const column_names& names) const;
    /// The first of each set of equal rows.
    data_frame unique() const { return unique(column_names(names())); }
    /// The values of a column and how often each occurs, as column `count`; the most frequent first, equally frequent
    /// ones in the order of their appearance. NULL is counted like a value.
    data_frame value_counts(std::string_view column) const;

    /// Rows with equal values in these columns, to be summarised. NULL is a value like any other.
    grouping group_by(const column_names& names) const;

    /// A summary with one row a column: `column`, `type`, `count` (values that are not NULL), `nulls`; for numbers
    /// `mean`, `std` (of a sample), `min`, `25%`, `50%`, `75%`, `max` as float64, percentiles interpolated linearly;
    /// for other types `unique`, `top` (the most frequent value, as text) and `top_count`. What does not apply is NULL.
    data_frame describe() const;

    /// The rows in another format.
    template <result_format Format>
    typename Format::result_type to(const Format& format = {}) const {
        auto target = format.bind(layout());
        target.append(batch_, row_range{0, rows(), 0});
        return target.finish();
    }
    /// The rows as structs, see records.
    template <readable_record T>
    std::vector<T> to_records() const {
        return to<records<T>>();
    }

    /// The frame as a table for people; of more than `max_rows` rows the first and the last ones.
    std::string to_string(std::size_t max_rows = 20, std::size_t max_width = 40) const;

private:
    friend class reader;
    friend class grouping;

    static record_batch renamed(const record_batch& batch, std::vector<std::string> names) {
        std::vector<field> fields = batch.layout().fields();
        std::vector<array> columns;
        for (std::size_t c = 0; c < fields.size(); ++c) {
            fields[c].name = std::move(names[c]);
            columns.push_back(batch[c]);
        }
        return {std::make_shared<const schema>(std::move(fields)), std::move(columns), batch.rows()};
    }

    /// A batch whose names are known to be unique.
    static data_frame checked(record_batch batch) {
        data_frame frame;
        frame.batch_ = std::move(batch);
        return frame;
    }

    std::vector<std::size_t> indexes_of(const column_names& names) const {
        std::vector<std::size_t> indexes;
        for (const std::string_view name : names) indexes.push_back(layout().index_of(name));
        return indexes;
    }

    data_frame pick(std::span<const std::size_t> indexes) const {
        std::vector<field> fields;
        std::vector<array> columns;
        for (const std::size_t c : indexes) {
            fields.push_back(layout()[c]);
            columns.push_back(batch_[c]);
        }
        return data_frame({std::make_shared<const schema>(std::move(fields)), std::move(columns), rows()});
    }

    record_batch batch_;
};

class data_frame::reader {
public:
    explicit reader(const schema& layout) : builder_(layout) {}

    template <block B>
    void append(const B& b, row_range rows) {
        builder_.append(b, rows);
    }

    data_frame finish() { return data_frame(builder_.finish()); }

private:
    batch_builder builder_;
};

inline data_frame::reader data_frame::bind(const schema& layout) const {
    return reader(layout);
}

} // namespace weft::inline v0

#include <weft/format/detail/data_frame.hpp>
#include <weft/format/grouping.hpp>
