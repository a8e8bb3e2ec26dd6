// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/format/detail/toon_lines.hpp>
#include <weft/format/detail/toon_output.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace weft::inline v0::detail {

/// The columns that objects have in common, when they can be the rows of a table: all have the same names, and under
/// each name all have primitives or all have objects of which the same holds.
class toon_shape {
public:
    /// Takes the names of the first row; false when it can be in no table.
    bool learn(const cell& row, bool groups, std::size_t depth = 1) {
        if (row.kind() != type_id::structure || depth > toon_max_depth) return false;
        const std::size_t count = row.nested_count();
        if (count == 0) return false;
        source_ = row.nested_source();
        columns_.resize(count);
        leaves_ = 0;
        for (std::size_t i = 0; i < count; ++i) {
            toon_shape& c = columns_[i];
            c.name_ = row.nested_name(i);
            const cell content = row.nested_element(i);
            c.is_group_ = !is_toon_primitive(content);
            if (c.is_group_ && (!groups || !c.learn(content, groups, depth + 1))) return false;
            leaves_ += c.is_group_ ? c.leaves_ : 1;
        }
        return true;
    }

    /// Whether another row has the same form.
    bool fits(const cell& row) {
        if (row.kind() != type_id::structure || row.nested_count() != columns_.size()) return false;
        const bool known = row.nested_source() == source_;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            toon_shape& c = columns_[i];
            std::size_t index = i;
            if (!known && row.nested_name(i) != c.name_) {
                in_order_ = false;
                index = position(row, c.name_);
                if (index == columns_.size()) return false;
            }
            const cell content = row.nested_element(index);
            if (c.is_group_ ? !c.fits(content) : !is_toon_primitive(content)) return false;
        }
        return true;
    }

    std::size_t leaves() const noexcept { return leaves_; }

    /// `{a,b{c,d}}`
    void put_names(toon_output& out, char delimiter) const {
        char before = '{';
        for (const toon_shape& c : columns_) {
            out.put(before);
            put_toon_key(out, c.name_);
            if (c.is_group_) c.put_names(out, delimiter);
            before = delimiter;
        }
        out.put('}');
    }

    /// The cells of a row that fits, with delimiters between them.
    void put_row(toon_output& out, const cell& row, char delimiter) const {
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            if (i != 0) out.put(delimiter);
            const toon_shape& c = columns_[i];
            const cell content = row.nested_element(in_order_ ? i : position(row, c.name_));
            if (c.is_group_)
                c.put_row(out, content, delimiter);
            else
                put_toon_primitive(out, content, delimiter);
        }
    }

private:
    static std::size_t position(const cell& row, std::string_view name) {
        const std::size_t count = row.nested_count();
        std::size_t index = 0;
        while (index < count && row.nested_name(index) != name) ++index;
        return index;
    }

    std::string_view name_; // as a column of another shape
    bool is_group_ = false;
    bool in_order_ = true; // every row has its members in the order of the first
    const nested_cells* source_ = nullptr;
    std::size_t leaves_ = 0;
    std::vector<toon_shape> columns_;
};

} // namespace weft::inline v0::detail
