// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Memory of columns: an immutable shared buffer, and the growable one it is made from without a copy.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

namespace weft::inline v0 {

/// Immutable bytes with shared ownership. The owner may be ours or a foreign producer's (Arrow import).
struct buffer {
    const std::byte* data = nullptr;
    std::size_t size = 0; ///< bytes
    std::shared_ptr<const void> owner;

    explicit operator bool() const noexcept { return data != nullptr; }
    template <class T>
    const T* as() const noexcept {
        return reinterpret_cast<const T*>(data);
    }
};

/// A growable array of trivially copyable values; `finish()` turns it into a buffer without copying.
class growable_buffer {
public:
    growable_buffer() = default;
    growable_buffer(growable_buffer&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)),
          capacity_(std::exchange(other.capacity_, 0)) {}
    growable_buffer& operator=(growable_buffer&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
        return *this;
    }
    ~growable_buffer() { std::free(data_); }

    std::size_t size() const noexcept { return size_; }
    std::byte* data() noexcept { return data_; }
    template <class T>
    T* as() noexcept {
        return reinterpret_cast<T*>(data_);
    }

    void reserve(std::size_t bytes) {
        if (bytes > capacity_) reallocate(bytes);
    }

    template <class T>
    void push(T v) {
        if (sizeof v > capacity_ - size_) [[unlikely]]
            grow(sizeof v);
        std::memcpy(data_ + size_, &v, sizeof v);
        size_ += sizeof v;
    }

    void append(const void* bytes, std::size_t size) {
        if (size > capacity_ - size_) [[unlikely]]
            grow(size);
        if (size != 0) std::memcpy(data_ + size_, bytes, size);
        size_ += size;
    }

    /// Room for `size` more bytes, whose contents are yet to be written; take_back() gives up those that are not.
    std::byte* extend(std::size_t size) {
        if (size > capacity_ - size_) grow(size);
        size_ += size;
        return data_ + size_ - size;
    }
    void take_back(std::size_t size) noexcept { size_ -= size; }

    void append_zeros(std::size_t size) {
        if (size > capacity_ - size_) grow(size);
        if (size != 0) std::memset(data_ + size_, 0, size);
        size_ += size;
    }

    /// The contents as an immutable buffer; this one is empty afterwards. Never null, even when empty.
    buffer finish() {
        if (data_ == nullptr) reallocate(alignment);
        buffer b{data_, size_, std::shared_ptr<const void>(data_, [](void* p) { std::free(p); })};
        data_ = nullptr;
        size_ = capacity_ = 0;
        return b;
    }

private:
    static constexpr std::size_t alignment = 64; // what Arrow recommends to consumers is ours to round sizes to

    [[gnu::noinline]] void grow(std::size_t more) {
        std::size_t next = 2 * capacity_;
        if (next < size_ + more) next = size_ + more;
        reallocate(next);
    }

    void reallocate(std::size_t capacity) {
        capacity = (capacity + alignment - 1) / alignment * alignment;
        void* moved = std::realloc(data_, capacity);
        if (moved == nullptr) throw std::bad_alloc();
        data_ = static_cast<std::byte*>(moved);
        capacity_ = capacity;
    }

    std::byte* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

/// A growable bitmap, least significant bit first, as Arrow lays validity and booleans out.
class growable_bitmap {
public:
    std::size_t size() const noexcept { return bits_; }

    void push(bool bit) {
        if (bits_ % 8 == 0) bytes_.push(std::uint8_t{0});
        if (bit) bytes_.as<std::uint8_t>()[bits_ / 8] |= static_cast<std::uint8_t>(1U << (bits_ % 8));
        ++bits_;
    }

    void push(bool bit, std::size_t count) {
        for (; count != 0 && bits_ % 8 != 0; --count) push(bit);
        const std::size_t whole = count / 8;
        bytes_.append_zeros(whole);
        if (bit && whole != 0) std::memset(bytes_.data() + bytes_.size() - whole, 0xFF, whole);
        bits_ += 8 * whole;
        for (count %= 8; count != 0; --count) push(bit);
    }

    buffer finish() {
        bits_ = 0;
        return bytes_.finish();
    }

private:
    growable_buffer bytes_;
    std::size_t bits_ = 0;
};

namespace detail {

/// Where an empty column has no memory at all: zeros, which serve as its offsets.
alignas(64) inline constexpr std::byte no_bytes[64]{};

} // namespace detail

/// Bit `index` of a bitmap.
inline bool bit_at(const std::byte* bitmap, std::int64_t index) noexcept {
    return ((static_cast<unsigned>(bitmap[index / 8]) >> (static_cast<unsigned>(index) % 8U)) & 1U) != 0;
}

} // namespace weft::inline v0
