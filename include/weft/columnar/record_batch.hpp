// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `record_batch`: named columns of equal length. It is a block itself, so whatever consumes results consumes batches.

#include <weft/columnar/array.hpp>
#include <weft/columnar/column_builder.hpp>

#include <memory>

namespace weft::inline v0 {

/// Immutable columns of equal length. Copies are cheap: they share the memory.
class record_batch {
public:
    record_batch() : layout_(std::make_shared<const schema>()) {}

    /// Throws interface_error when the columns do not match the schema in number, type or length.
    record_batch(std::shared_ptr<const schema> layout, std::vector<array> columns, std::size_t rows)
        : layout_(std::move(layout)), columns_(std::move(columns)), rows_(rows) {
        if (columns_.size() != layout_->size()) {
            throw interface_error("a record batch of " + std::to_string(layout_->size()) + " fields was given " +
                                  std::to_string(columns_.size()) + " columns");
        }
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            const field& f = (*layout_)[c];
            if (columns_[c].size() != rows_) {
                throw interface_error("column '" + f.name + "' has " + std::to_string(columns_[c].size()) +
                                      " rows; the record batch has " + std::to_string(rows_));
            }
            if (!(columns_[c].type() == f.type)) {
                throw interface_error("column '" + f.name + "' is " + to_string(columns_[c].type()) +
                                      "; the schema says " + to_string(f.type));
            }
        }
    }

    std::size_t rows() const noexcept { return rows_; }
    std::size_t columns() const noexcept { return columns_.size(); }
    bool empty() const noexcept { return rows_ == 0; }
    const schema& layout() const noexcept { return *layout_; }
    std::shared_ptr<const schema> shared_layout() const noexcept { return layout_; }

    cell at(std::size_t column, std::size_t row) const noexcept { return columns_[column].at(row); }

    const array& operator[](std::size_t column) const noexcept { return columns_[column]; }
    /// The first column of this name; throws programming_error when there is none.
    const array& operator[](std::string_view name) const { return columns_[layout_->index_of(name)]; }
    // A string literal is a name, and 0 is an index.
    const array& operator[](const char* name) const { return (*this)[std::string_view(name)]; }
    const array& operator[](int column) const noexcept { return columns_[static_cast<std::size_t>(column)]; }

    /// The values of a fixed-width column without copy, see array::values.
    template <class T>
    std::span<const T> values(std::string_view name) const {
        return (*this)[name].template values<T>();
    }

    /// Rows [first, first + count) without copying; clipped to the rows there are.
    record_batch slice(std::size_t first, std::size_t count) const {
        if (first > rows_) first = rows_;
        if (count > rows_ - first) count = rows_ - first;
        std::vector<array> parts;
        parts.reserve(columns_.size());
        for (const array& column : columns_) parts.push_back(column.slice(first, count));
        return {layout_, std::move(parts), count};
    }

private:
    std::shared_ptr<const schema> layout_;
    std::vector<array> columns_;
    std::size_t rows_ = 0;
};

/// Builds record batches from blocks, all columns together.
class batch_builder {
public:
    explicit batch_builder(const schema& layout) : fields_(layout.fields()) {
        columns_.reserve(fields_.size());
        for (const field& f : fields_) columns_.emplace_back(f, columns_.size());
    }

    std::size_t rows() const noexcept { return rows_; }

    void reserve(std::size_t rows) {
        for (column_builder& column : columns_) column.reserve(rows);
    }

    /// Appends rows of `source`, whose columns must be those of the schema. When a value does not fit, the rows of this
    /// call are gone and the builder must not be used again.
    template <block B>
    void append(const B& source, row_range rows) {
        for (std::size_t c = 0; c < columns_.size(); ++c) columns_[c].append(source, c, rows);
        rows_ += rows.count;
    }

    /// The rows so far; the builder goes on empty. Undeclared columns keep the type they took.
    record_batch finish() {
        std::vector<array> columns;
        columns.reserve(columns_.size());
        std::vector<field> fields = fields_;
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            columns.push_back(columns_[c].finish());
            fields[c].type = columns_[c].type();
        }
        return {std::make_shared<const schema>(std::move(fields)), std::move(columns), std::exchange(rows_, 0)};
    }

private:
    std::vector<field> fields_;
    std::vector<column_builder> columns_;
    std::size_t rows_ = 0;
};

} // namespace weft::inline v0
