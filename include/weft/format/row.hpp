// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Rows whose columns are known at run time: the common part of `dict` and `named_row`.

#include <weft/core/value.hpp>
#include <weft/format/format.hpp>

#include <memory>
#include <string>
#include <vector>

namespace weft::inline v0 {

/// Values of one row with names that all rows of a result share.
class dynamic_row {
public:
    dynamic_row() = default;
    dynamic_row(std::shared_ptr<const std::vector<std::string>> names, std::vector<value> values)
        : names_(std::move(names)), values_(std::move(values)) {}

    std::size_t size() const noexcept { return values_.size(); }
    bool empty() const noexcept { return values_.empty(); }

    /// Names of the columns, in order.
    const std::vector<std::string>& names() const noexcept {
        static const std::vector<std::string> none;
        return names_ ? *names_ : none;
    }
    const std::vector<value>& values() const noexcept { return values_; }

    /// The value of this name, or null.
    const value* find(std::string_view name) const noexcept {
        for (std::size_t i = 0; i < values_.size(); ++i) {
            if ((*names_)[i] == name) return &values_[i];
        }
        return nullptr;
    }
    bool contains(std::string_view name) const noexcept { return find(name) != nullptr; }

    /// The value of this name; throws programming_error naming it when there is none.
    const value& operator[](std::string_view name) const {
        if (const value* found = find(name)) return *found;
        std::string known;
        for (const std::string& n : names()) known += (known.empty() ? "'" : ", '") + n + "'";
        throw programming_error("no column named '" + std::string(name) + "'; the row has " +
                                (known.empty() ? "no columns" : known));
    }
    const value& operator[](const char* name) const { return (*this)[std::string_view(name)]; }

    /// The value of this name as `T`, see value::as.
    template <cell_readable T>
    T get(std::string_view name) const {
        return (*this)[name].template as<T>();
    }

    bool operator==(const dynamic_row& other) const { return names() == other.names() && values_ == other.values_; }

protected:
    std::shared_ptr<const std::vector<std::string>> names_;
    std::vector<value> values_;
};

namespace detail {

/// Reader of dynamic rows; `Row` is constructed from names and values.
template <class Row>
class dynamic_row_reader {
public:
    dynamic_row_reader(const schema& layout, std::vector<std::string> names)
        : columns_(layout), names_(std::make_shared<const std::vector<std::string>>(std::move(names))) {}

    template <block B>
    void append(const B& b, row_range rows) {
        for (std::size_t r = 0; r < rows.count; ++r) rows_.push_back(row(b, {rows.first + r, 1, rows.number + r}));
    }

    template <block B>
    Row row(const B& b, row_range one) const {
        std::vector<value> values(columns_.size());
        for (std::size_t c = 0; c < values.size(); ++c) {
            read_cell(b.at(c, one.first), values[c], {columns_[c].name, c, one.number});
        }
        return Row(names_, std::move(values));
    }

    std::vector<Row> finish() { return std::exchange(rows_, {}); }

private:
    schema columns_;
    std::shared_ptr<const std::vector<std::string>> names_;
    std::vector<Row> rows_;
};

inline bool contains_name(const std::vector<std::string>& names, std::string_view name) noexcept {
    for (const std::string& n : names) {
        if (n == name) return true;
    }
    return false;
}

/// A name no earlier column has: the column's own, else `table.column`, else `column_index`.
inline std::vector<std::string> unique_names(const schema& layout) {
    std::vector<std::string> names;
    names.reserve(layout.size());
    for (const field& f : layout) {
        std::string name = f.name;
        if (contains_name(names, name) && !f.table.empty()) name = f.table + '.' + f.name;
        if (contains_name(names, name)) name = f.name + '_' + std::to_string(names.size());
        names.push_back(std::move(name));
    }
    return names;
}

} // namespace detail

} // namespace weft::inline v0
