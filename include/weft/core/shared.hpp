// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `shared<T>`: one object with several owners. What std::shared_ptr does, without `<memory>`, which takes longer to
/// compile than a query.

#include <weft/core/config.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace weft::inline v0 {

/// A pointer to an object that lives as long as the last copy of the pointer; null when default-constructed. Copies are
/// cheap, never throw, and may be made and dropped by several threads.
template <class T>
class shared {
public:
    shared() noexcept = default;
    shared(std::nullptr_t) noexcept {}
    /// Takes the object in.
    shared(std::remove_const_t<T> object) : node_(new node(std::move(object))) {}
    /// An object made in its place.
    template <class... Args>
    static shared make(Args&&... args) {
        shared made;
        made.node_ = new node(std::forward<Args>(args)...);
        return made;
    }
    /// A copy of what another smart pointer shows, or null.
    template <class Pointer>
        requires requires(const Pointer& p) {
            { p.get() } -> std::convertible_to<const T*>;
        }
    shared(const Pointer& other) : node_(other.get() == nullptr ? nullptr : new node(*other)) {}

    shared(const shared& other) noexcept : node_(other.node_) {
        if (node_ != nullptr) __atomic_add_fetch(&node_->owners, 1, __ATOMIC_RELAXED);
    }
    shared(shared&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
    shared& operator=(shared other) noexcept {
        std::swap(node_, other.node_);
        return *this;
    }
    ~shared() {
        if (node_ != nullptr && __atomic_sub_fetch(&node_->owners, 1, __ATOMIC_ACQ_REL) == 0) delete node_;
    }

    T* get() const noexcept { return node_ == nullptr ? nullptr : &node_->object; }
    T& operator*() const noexcept { return node_->object; }
    T* operator->() const noexcept { return &node_->object; }
    explicit operator bool() const noexcept { return node_ != nullptr; }

    /// One more owner, of the standard library's kind: a std::shared_ptr.
    template <class Pointer>
        requires std::same_as<typename Pointer::element_type, T>
    operator Pointer() const {
        if (node_ == nullptr) return {};
        return Pointer(get(), [owner = *this](T*) noexcept {});
    }

    /// Whether both point to the same object.
    friend bool operator==(const shared& a, const shared& b) noexcept { return a.node_ == b.node_; }

private:
    struct node {
        template <class... Args>
        explicit node(Args&&... args) : object(std::forward<Args>(args)...) {}

        T object;
        long owners = 1; // counted by the compilers' own operations: <atomic> is nearly as large as <memory>
    };

    node* node_ = nullptr;
};

} // namespace weft::inline v0
