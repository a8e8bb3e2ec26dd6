// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `dicts`: every row becomes a map from column name to value, in column order.

#include <weft/format/row.hpp>

namespace weft::inline v0 {

/// A row as name → value. Iterates over `(name, value)` pairs in column order.
class dict : public dynamic_row {
public:
    using dynamic_row::dynamic_row;

    struct item {
        const std::string& name;
        const value& content;
    };

    class iterator {
    public:
        using value_type = item;
        using difference_type = std::ptrdiff_t;

        iterator() = default;
        iterator(const dict& owner, std::size_t index) : owner_(&owner), index_(index) {}
        item operator*() const { return {owner_->names()[index_], owner_->values()[index_]}; }
        iterator& operator++() {
            ++index_;
            return *this;
        }
        iterator operator++(int) {
            iterator before = *this;
            ++index_;
            return before;
        }
        bool operator==(const iterator& other) const noexcept { return index_ == other.index_; }

    private:
        const dict* owner_ = nullptr;
        std::size_t index_ = 0;
    };

    iterator begin() const { return {*this, 0}; }
    iterator end() const { return {*this, size()}; }
};

/// Rows as `dict`; results are vectors of them. A name that repeats becomes `table.column`, and where that repeats too
/// `column_index`.
struct dicts {
    using row_type = dict;
    using result_type = std::vector<dict>;
    using reader = detail::dynamic_row_reader<dict>;

    reader bind(const schema& layout) const { return {layout, detail::unique_names(layout)}; }
};

} // namespace weft::inline v0
