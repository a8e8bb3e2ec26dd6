// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Memory of a TOON document. Arrays of plain things and things that live as long as the document, without the
/// containers of the standard library: each element type of those costs every program that includes a header of TOON.

#include <weft/core/config.hpp>

#include <cstddef>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace weft::inline v0::detail {

/// An array that grows at its end, of elements that can be copied as bytes and need no destructor.
template <class T>
class plain_array {
public:
    plain_array() noexcept = default;
    plain_array(plain_array&& other) noexcept
        : first_(std::exchange(other.first_, nullptr)), size_(std::exchange(other.size_, 0)),
          capacity_(std::exchange(other.capacity_, 0)) {}
    plain_array& operator=(plain_array&& other) noexcept {
        std::swap(first_, other.first_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
        return *this;
    }
    plain_array(const plain_array&) = delete;
    plain_array& operator=(const plain_array&) = delete;
    ~plain_array() { ::operator delete(first_); }

    std::size_t size() const noexcept { return size_; }
    std::size_t capacity() const noexcept { return capacity_; }
    bool empty() const noexcept { return size_ == 0; }
    T* data() noexcept { return first_; }
    const T* begin() const noexcept { return first_; }
    const T* end() const noexcept { return first_ + size_; }
    T& operator[](std::size_t i) noexcept { return first_[i]; }
    const T& operator[](std::size_t i) const noexcept { return first_[i]; }
    T& back() noexcept { return first_[size_ - 1]; }

    void push_back(T element) {
        if (size_ == capacity_) [[unlikely]]
            reserve(size_ + 1);
        ::new (static_cast<void*>(first_ + size_)) T(element);
        ++size_;
    }
    /// Adds copies of elements of another array.
    void append(const T* from, std::size_t count) {
        if (capacity_ - size_ < count) reserve(size_ + count);
        if (count != 0) std::memcpy(static_cast<void*>(first_ + size_), from, count * sizeof(T));
        size_ += count;
    }
    void pop_back() noexcept { --size_; }
    /// Drops what is behind the first `size` elements.
    void cut(std::size_t size) noexcept { size_ = size; }
    void clear() noexcept { size_ = 0; }

    /// Room for `wanted` elements; where there is too little, for at least twice as many as before.
    void reserve(std::size_t wanted) {
        if (wanted <= capacity_) return;
        if (wanted < 2 * capacity_) wanted = 2 * capacity_;
        if (wanted < 8) wanted = 8;
        if (wanted > static_cast<std::size_t>(-1) / sizeof(T)) throw std::bad_alloc();
        T* const larger = static_cast<T*>(::operator new(wanted * sizeof(T)));
        if (size_ != 0) std::memcpy(static_cast<void*>(larger), first_, size_ * sizeof(T));
        ::operator delete(first_);
        first_ = larger;
        capacity_ = wanted;
    }

private:
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

    T* first_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

/// Objects without destructors that live as long as the arena, at fixed addresses.
class plain_arena {
public:
    plain_arena() noexcept = default;
    plain_arena(const plain_arena&) = delete;
    plain_arena& operator=(const plain_arena&) = delete;
    ~plain_arena() {
        while (last_ != nullptr) ::operator delete(std::exchange(last_, last_->before));
    }

    template <class T, class... Args>
    T& make(Args&&... args) {
        static_assert(std::is_trivially_destructible_v<T>);
        return *::new (take(sizeof(T), alignof(T))) T(std::forward<Args>(args)...);
    }

    /// A copy of the elements.
    template <class T>
    const T* keep(const T* from, std::size_t count) {
        static_assert(std::is_trivially_copyable_v<T>);
        if (count == 0) return nullptr;
        void* const to = take(count * sizeof(T), alignof(T));
        std::memcpy(to, from, count * sizeof(T));
        return static_cast<const T*>(to);
    }

private:
    struct alignas(std::max_align_t) chunk { // its bytes follow it
        chunk* before;
    };

    void* take(std::size_t size, std::size_t alignment) {
        used_ = (used_ + alignment - 1) & ~(alignment - 1);
        if (last_ == nullptr || used_ > capacity_ || size > capacity_ - used_) {
            const std::size_t wanted = 2 * capacity_ < largest ? 2 * capacity_ : largest;
            capacity_ = size > wanted ? size : wanted < smallest ? smallest : wanted;
            last_ = ::new (::operator new(sizeof(chunk) + capacity_)) chunk{last_};
            used_ = 0;
        }
        void* const place = reinterpret_cast<std::byte*>(last_ + 1) + used_;
        used_ += size;
        return place;
    }

    static constexpr std::size_t smallest = 512;
    static constexpr std::size_t largest = std::size_t{1} << 20;
    chunk* last_ = nullptr;
    std::size_t capacity_ = 0;
    std::size_t used_ = 0;
};

} // namespace weft::inline v0::detail
