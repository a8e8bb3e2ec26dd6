// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/core/value.hpp>
#include <weft/format/detail/toon_header.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace weft::inline v0::detail {

/// A whole document in memory: one copy of the text, which most texts and names view, and one array of cells. Lists,
/// objects and tables are ranges of that array; the rows of a table share one set of names.
class toon_tree {
public:
    explicit toon_tree(std::string_view text) : text_(text) {}
    toon_tree(const toon_tree&) = delete;
    toon_tree& operator=(const toon_tree&) = delete;

    const std::string& text() const noexcept { return text_; }
    cell_storage& storage() noexcept { return storage_; }

    /// The cells [first, first + count) as a list.
    cell list(std::size_t first, std::size_t count) {
        return cell::of_nested(type_id::list, arena_.make<list_cells>(*this, count), first);
    }

    /// The cells from `first` on as an object whose names stand from `first_name` on.
    cell object(std::size_t first, std::size_t first_name, std::size_t count) {
        return cell::of_nested(type_id::structure, arena_.make<object_cells>(*this, first_name, count), first);
    }

    /// Rows of cells from `first` on, with the columns of the header.
    cell table(std::size_t first, std::size_t rows, const toon_header& header) {
        const row_shape& shape = shape_of(header.columns);
        return cell::of_nested(type_id::list, arena_.make<table_cells>(shape, first, rows, header.leaves), 0);
    }

    /// Rows of cells from `first` on that all have the shape made for `key`.
    cell shaped_table(std::size_t first, std::size_t rows, const toon_header& header, const void* key) {
        const row_shape& shape = shape_for(header, key);
        return cell::of_nested(type_id::list, arena_.make<table_cells>(shape, first, rows, header.leaves), 0);
    }

    /// One such row.
    cell shaped_object(std::size_t first, const toon_header& header, const void* key) {
        return cell::of_nested(type_id::structure, shape_for(header, key), first);
    }

    /// The same as the members of an object whose names stand from `first_name` on.
    cell keyed_table(std::size_t first, std::size_t first_name, std::size_t rows, const toon_header& header) {
        const table_cells table(shape_of(header.columns), first, rows, header.leaves);
        return cell::of_nested(type_id::structure, arena_.make<keyed_cells>(*this, first_name, table), 0);
    }

    plain_array<cell> cells;
    plain_array<std::string_view> names;

private:
    /// One list; the row is the number of its first cell.
    class list_cells final : public nested_cells {
    public:
        list_cells(const toon_tree& tree, std::size_t size) : tree_(tree), size_(size) {}
        std::size_t count(std::size_t) const override { return size_; }
        cell element(std::size_t row, std::size_t index) const override { return tree_.cells[row + index]; }
        std::string_view member_name(std::size_t) const override { return {}; }

    private:
        const toon_tree& tree_;
        std::size_t size_;
    };

    /// One object; the row is the number of its first cell.
    class object_cells final : public nested_cells {
    public:
        object_cells(const toon_tree& tree, std::size_t first_name, std::size_t size)
            : tree_(tree), first_name_(first_name), size_(size) {}
        std::size_t count(std::size_t) const override { return size_; }
        cell element(std::size_t row, std::size_t index) const override { return tree_.cells[row + index]; }
        std::string_view member_name(std::size_t index) const override { return tree_.names[first_name_ + index]; }

    private:
        const toon_tree& tree_;
        std::size_t first_name_;
        std::size_t size_;
    };

    class row_shape;

    /// One column of a table: a cell, or a group of them.
    struct member {
        std::string_view name;
        std::size_t offset;     // of the first cell, counted from the row's
        const row_shape* group; // null: one cell
    };

    /// Names and groups of the rows of a table; the row is the number of the first cell.
    class row_shape final : public nested_cells {
    public:
        row_shape(const toon_tree& tree, const member* members, std::size_t size)
            : tree_(tree), members_(members), size_(size) {}
        std::size_t count(std::size_t) const override { return size_; }
        cell element(std::size_t row, std::size_t index) const override {
            const member& m = members_[index];
            if (m.group != nullptr) return cell::of_nested(type_id::structure, *m.group, row + m.offset);
            return tree_.cells[row + m.offset];
        }
        std::string_view member_name(std::size_t index) const override { return members_[index].name; }

    private:
        const toon_tree& tree_;
        const member* members_;
        std::size_t size_;
    };

    class table_cells final : public nested_cells {
    public:
        table_cells(const row_shape& shape, std::size_t first, std::size_t rows, std::size_t width)
            : shape_(shape), first_(first), rows_(rows), width_(width) {}
        std::size_t count(std::size_t) const override { return rows_; }
        cell element(std::size_t, std::size_t index) const override {
            return cell::of_nested(type_id::structure, shape_, first_ + index * width_);
        }
        std::string_view member_name(std::size_t) const override { return {}; }

    private:
        const row_shape& shape_;
        std::size_t first_;
        std::size_t rows_;
        std::size_t width_;
    };

    /// The rows of a table as members of an object.
    class keyed_cells final : public nested_cells {
    public:
        keyed_cells(const toon_tree& tree, std::size_t first_name, const table_cells& rows)
            : tree_(tree), first_name_(first_name), rows_(rows) {}
        std::size_t count(std::size_t) const override { return rows_.count(0); }
        cell element(std::size_t, std::size_t index) const override { return rows_.element(0, index); }
        std::string_view member_name(std::size_t index) const override { return tree_.names[first_name_ + index]; }

    private:
        const toon_tree& tree_;
        std::size_t first_name_;
        table_cells rows_;
    };

    const row_shape& shape_of(const plain_array<toon_column>& columns) {
        struct open_group {
            std::string_view name;
            std::size_t members;    // in `members` before its own
            std::size_t first_leaf; // of its cells
        };
        plain_array<member> members; // of all groups that are open
        plain_array<open_group> open;
        open.push_back({{}, 0, 0});
        std::size_t leaves = 0;
        const auto finish = [&](const open_group& group) -> const row_shape& {
            const std::size_t count = members.size() - group.members;
            const member* const kept = arena_.keep(members.begin() + group.members, count);
            members.cut(group.members);
            return arena_.make<row_shape>(*this, kept, count);
        };
        for (const toon_column& column : columns) {
            switch (column.step) {
            case toon_column::leaf:
                members.push_back({column.name, leaves - open.back().first_leaf, nullptr});
                ++leaves;
                break;
            case toon_column::begin_group: open.push_back({column.name, members.size(), leaves}); break;
            case toon_column::end_group: {
                const open_group group = open.back();
                open.pop_back();
                const row_shape& shape = finish(group);
                members.push_back({group.name, group.first_leaf - open.back().first_leaf, &shape});
            }
            }
        }
        return finish(open.back());
    }

    /// The shape that was made for this key earlier, or is now.
    const row_shape& shape_for(const toon_header& header, const void* key) {
        for (const known_shape& k : known_) {
            if (k.key == key) return *k.shape;
        }
        const row_shape& shape = shape_of(header.columns);
        known_.push_back({key, &shape});
        return shape;
    }

    struct known_shape {
        const void* key;
        const row_shape* shape;
    };

    std::string text_;
    cell_storage storage_;
    plain_arena arena_;
    plain_array<known_shape> known_; // one a type of structs
};

/// Fills a tree with the events of a document.
class toon_tree_builder {
public:
    toon_tree_builder(toon_tree& tree, bool strict) : tree_(tree), strict_(strict) {}

    void begin_object() { open_.push_back({values_.size(), keys_.size()}); }
    void key(std::string_view name) { keys_.push_back(name); }
    void end_object() {
        const frame f = open_.back();
        open_.pop_back();
        if (!strict_) drop_repeated(f);
        const std::size_t count = values_.size() - f.values;
        const std::size_t first_name = tree_.names.size();
        tree_.names.append(keys_.begin() + f.keys, keys_.size() - f.keys);
        keys_.cut(f.keys);
        const std::size_t first = keep_values(f.values);
        values_.push_back(tree_.object(first, first_name, count));
    }

    void begin_array(std::size_t) { open_.push_back({values_.size(), keys_.size()}); }
    void end_array() {
        const frame f = open_.back();
        open_.pop_back();
        const std::size_t count = values_.size() - f.values;
        const std::size_t first = keep_values(f.values);
        values_.push_back(tree_.list(first, count));
    }

    void value(const cell& c) { values_.push_back(c); }

    /// Texts with escapes stay as long as the tree.
    std::string_view keep(std::string_view text) { return tree_.storage().keep(text); }

    /// A lenient reader lets names of columns and rows repeat: such tables go the way of ordinary objects.
    bool takes_table(const toon_header&) const noexcept { return strict_; }
    void begin_table(const toon_header& header) {
        header_ = &header;
        first_cell_ = tree_.cells.size();
        first_name_ = tree_.names.size();
        // What is declared may be wrong, and rows are at least as long as they have cells.
        const std::size_t most = tree_.text().size() / header.leaves + 1;
        tree_.cells.reserve(tree_.cells.size() + header.leaves * (header.length < most ? header.length : most));
    }
    void row_key(std::string_view name, bool) { tree_.names.push_back(name); }
    void table_cell(const cell& c) { tree_.cells.push_back(c); }
    void end_table() {
        const std::size_t rows = (tree_.cells.size() - first_cell_) / header_->leaves;
        values_.push_back(header_->keyed ? tree_.keyed_table(first_cell_, first_name_, rows, *header_)
                                         : tree_.table(first_cell_, rows, *header_));
    }

    /// The root, after the last event.
    const cell& root() const noexcept { return values_[0]; }

protected:
    struct open_members {
        plain_array<std::string_view> keys;
        plain_array<cell> values;
    };

    /// Ends the innermost object without making one of its members.
    open_members take_members() {
        const frame f = open_.back();
        open_.pop_back();
        open_members out;
        out.keys.append(keys_.begin() + f.keys, keys_.size() - f.keys);
        out.values.append(values_.begin() + f.values, values_.size() - f.values);
        keys_.cut(f.keys);
        values_.cut(f.values);
        return out;
    }

private:
    struct frame {
        std::size_t values; // open values and keys before this one's
        std::size_t keys;
    };

    std::size_t keep_values(std::size_t from) {
        const std::size_t first = tree_.cells.size();
        tree_.cells.append(values_.begin() + from, values_.size() - from);
        values_.cut(from);
        return first;
    }

    /// Of members with the same name the last value stays, at the place of the first.
    void drop_repeated(const frame& f) {
        toon_key_set seen;
        std::size_t kept = 0;
        for (std::size_t i = 0; f.keys + i < keys_.size(); ++i) {
            const std::size_t earlier = seen.add(keys_[f.keys + i]);
            const std::size_t to = earlier == toon_key_set::npos ? kept++ : earlier;
            keys_[f.keys + to] = keys_[f.keys + i];
            values_[f.values + to] = values_[f.values + i];
        }
        keys_.cut(f.keys + kept);
        values_.cut(f.values + kept);
    }

    toon_tree& tree_;
    bool strict_;
    plain_array<frame> open_;
    plain_array<cell> values_; // those of open objects and arrays
    plain_array<std::string_view> keys_;
    const toon_header* header_ = nullptr;
    std::size_t first_cell_ = 0;
    std::size_t first_name_ = 0;
};

} // namespace weft::inline v0::detail
