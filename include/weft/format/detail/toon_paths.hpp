// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/format/detail/toon_tree.hpp>

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

namespace weft::inline v0::detail {

/// As toon_tree_builder, but dots in unquoted keys lead into nested objects, and objects that meet are merged. A
/// template, so that only programs that decode pay for compiling it.
template <class Builder>
class toon_path_builder : public Builder {
public:
    toon_path_builder(toon_tree& tree, bool strict) : Builder(tree, false), strict_(strict) {}

    void begin_object() {
        objects_.push_back({is_path_.size(), 0});
        Builder::begin_object();
    }

    void key(std::string_view name, bool quoted) {
        is_path_.push_back(!quoted && is_path(name));
        std::size_t dots = 0;
        if (is_path_.back()) {
            for (const char c : name) dots += c == '.' ? 1 : 0;
        }
        path_depth_ += dots - std::exchange(objects_.back().dots, dots);
        if (path_depth_ + objects_.size() > toon_max_depth)
            throw data_error("TOON: the path " + in_quotes(name) + " leads deeper than 1024 levels");
        Builder::key(name);
    }

    void end_object() {
        const object_frame f = objects_.back();
        objects_.pop_back();
        path_depth_ -= f.dots;
        bool any = false;
        for (std::size_t i = f.first; i < is_path_.size(); ++i) any = any || is_path_[i];
        if (any)
            expand(f.first);
        else
            Builder::end_object();
        is_path_.cut(f.first);
    }

private:
    struct object_frame {
        std::size_t first; // of its keys in `is_path_`
        std::size_t dots;  // in the key whose value is being read
    };

    /// A member of an object that is still being merged: a finished value, or members of its own.
    struct node {
        std::string_view name;
        cell content;
        bool object = false;
        toon_key_set names;
        plain_array<node*> members;
    };

    static bool is_path(std::string_view name) noexcept {
        bool dots = false;
        for (;;) {
            const std::size_t dot = name.find('.');
            if (!is_toon_identifier(name.substr(0, dot))) return false;
            if (dot == std::string_view::npos) return dots;
            dots = true;
            name.remove_prefix(dot + 1);
        }
    }

    void expand(std::size_t first) {
        std::deque<node> nodes;
        node& root = nodes.emplace_back();
        root.object = true;
        const auto [keys, values] = this->take_members();
        for (std::size_t i = 0; i < keys.size(); ++i) {
            std::string_view name = keys[i];
            node* at = &root;
            if (is_path_[first + i]) {
                for (std::size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.')) {
                    at = &member(nodes, *at, name.substr(0, dot));
                    if (!at->object) open(nodes, *at, keys[i]);
                    name.remove_prefix(dot + 1);
                }
            }
            put(nodes, *at, name, values[i], keys[i]);
        }
        write(root);
    }

    /// The member of this name, which is made when there is none.
    static node& member(std::deque<node>& nodes, node& in, std::string_view name) {
        const std::size_t index = in.names.add(name);
        if (index != toon_key_set::npos) return *in.members[index];
        node& made = nodes.emplace_back();
        made.name = name;
        made.content = absent();
        in.members.push_back(&made);
        return made;
    }

    /// What a member has before it has a value: nothing a document could hold.
    static cell absent() noexcept { return cell::of_blob({}); }
    static bool is_absent(const node& n) noexcept { return !n.object && n.content.kind() == type_id::blob; }

    /// Makes an object of a member: with its value's members when that is one, else without any.
    void open(std::deque<node>& nodes, node& n, std::string_view path) {
        const cell content = n.content;
        const bool fresh = is_absent(n);
        n.object = true;
        if (content.kind() == type_id::structure) {
            for (std::size_t i = 0; i < content.nested_count(); ++i)
                member(nodes, n, content.nested_name(i)).content = content.nested_element(i);
        } else if (!fresh) {
            conflict(path);
        }
    }

    void put(std::deque<node>& nodes, node& in, std::string_view name, const cell& c, std::string_view path) {
        node& n = member(nodes, in, name);
        const bool was_object = n.object || n.content.kind() == type_id::structure;
        if (was_object && c.kind() == type_id::structure) {
            if (!n.object) open(nodes, n, path);
            for (std::size_t i = 0; i < c.nested_count(); ++i)
                put(nodes, n, c.nested_name(i), c.nested_element(i), path);
            return;
        }
        if (!is_absent(n)) conflict(path);
        n.object = false;
        n.names = {};
        n.members.clear();
        n.content = c;
    }

    void conflict(std::string_view path) const {
        if (strict_) throw data_error("TOON: the path " + in_quotes(path) + " leads to what has a value already");
    }

    void write(const node& n) {
        if (!n.object) {
            this->value(n.content);
            return;
        }
        Builder::begin_object();
        for (const node* m : n.members) {
            Builder::key(m->name);
            write(*m);
        }
        Builder::end_object();
    }

    bool strict_;
    plain_array<object_frame> objects_;
    plain_array<bool> is_path_;  // the keys of open objects
    std::size_t path_depth_ = 0; // levels that the paths of open members add
};

} // namespace weft::inline v0::detail
