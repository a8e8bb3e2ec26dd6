// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/core/config.hpp>

#include <cstddef>

namespace weft::inline v0::detail {

/// A place in a list, or in none. It leaves the list when it is destroyed.
struct list_node {
    list_node() noexcept = default;
    list_node(const list_node&) = delete;
    list_node& operator=(const list_node&) = delete;
    ~list_node() { unlink(); }

    bool is_linked() const noexcept { return after != this; }
    void unlink() noexcept {
        before->after = after;
        after->before = before;
        before = after = this;
    }

    list_node* before = this;
    list_node* after = this;
};

/// Objects that are list_nodes, in order. It does not own them.
template <class T>
class intrusive_list {
public:
    bool empty() const noexcept { return !head_.is_linked(); }
    std::size_t size() const noexcept {
        std::size_t n = 0;
        for (const list_node* at = head_.after; at != &head_; at = at->after) ++n;
        return n;
    }

    /// The first, the last, the one after another; null when there is none.
    T* front() const noexcept { return show(head_.after); }
    T* back() const noexcept { return show(head_.before); }
    T* next(const T& of) const noexcept { return show(of.after); }

    void push_back(T& node) noexcept { link(node, head_); }
    void push_front(T& node) noexcept { link(node, *head_.after); }

private:
    T* show(list_node* node) const noexcept { return node == &head_ ? nullptr : static_cast<T*>(node); }
    static void link(list_node& node, list_node& where) noexcept {
        node.before = where.before;
        node.after = &where;
        where.before->after = &node;
        where.before = &node;
    }

    list_node head_;
};

} // namespace weft::inline v0::detail
