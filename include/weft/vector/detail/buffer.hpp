// SPDX-License-Identifier: BSL-1.0
#pragma once

// Arrays of plain values that are searched at random: aligned to cache lines, on huge pages where the system grants
// them, or a view of a mapped file until they are first changed.

#include <weft/core/config.hpp>

#include <cstddef>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace weft::inline v0::vector::detail {

/// Storage for rows of bytes; large ones begin at a huge page.
class raw_memory {
public:
    static constexpr std::size_t line = 64;
    static constexpr std::size_t huge_page = std::size_t{2} << 20;

    raw_memory() noexcept = default;
    explicit raw_memory(std::size_t bytes) {
        if (bytes == 0) return;
        const std::size_t alignment = bytes >= huge_page ? huge_page : line;
        bytes_ = (bytes + alignment - 1) / alignment * alignment;
        data_ = static_cast<std::byte*>(::operator new(bytes_, std::align_val_t(alignment)));
        alignment_ = alignment;
#if defined(__linux__) && defined(MADV_HUGEPAGE)
        if (alignment == huge_page) ::madvise(data_, bytes_, MADV_HUGEPAGE); // advice: its refusal changes nothing
#endif
    }
    raw_memory(raw_memory&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)),
          alignment_(other.alignment_) {}
    raw_memory& operator=(raw_memory&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(bytes_, other.bytes_);
        std::swap(alignment_, other.alignment_);
        return *this;
    }
    ~raw_memory() {
        if (data_ != nullptr) ::operator delete(data_, std::align_val_t(alignment_));
    }

    std::byte* data() const noexcept { return data_; }
    std::size_t bytes() const noexcept { return bytes_; }

private:
    std::byte* data_ = nullptr;
    std::size_t bytes_ = 0;
    std::size_t alignment_ = line;
};

/// `size()` values of a plain type. A view of foreign memory until something asks to write.
template <class T>
    requires std::is_trivially_copyable_v<T>
class buffer {
public:
    buffer() noexcept = default;
    /// Shows `size` values that someone else keeps alive.
    static buffer view(const T* data, std::size_t size) noexcept {
        buffer seen;
        seen.data_ = const_cast<T*>(data); // written only after own()
        seen.size_ = size;
        return seen;
    }
    buffer(buffer&& other) noexcept
        : memory_(std::move(other.memory_)), data_(std::exchange(other.data_, nullptr)),
          size_(std::exchange(other.size_, 0)) {}
    buffer& operator=(buffer&& other) noexcept {
        memory_ = std::move(other.memory_);
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        return *this;
    }

    std::size_t size() const noexcept { return size_; }
    const T* data() const noexcept { return data_; }
    T* data() noexcept { return data_; }
    const T& operator[](std::size_t index) const noexcept { return data_[index]; }
    T& operator[](std::size_t index) noexcept { return data_[index]; }
    std::size_t memory() const noexcept { return memory_.bytes(); }

    /// Makes room for `size` values without adding any. Views become copies.
    void reserve(std::size_t size) {
        if (memory_.data() != nullptr && size * sizeof(T) <= memory_.bytes()) return;
        if (size < size_) size = size_;
        if (size == 0) return;
        raw_memory larger(size * sizeof(T));
        if (size_ != 0) std::memcpy(larger.data(), data_, size_ * sizeof(T));
        data_ = reinterpret_cast<T*>(larger.data());
        memory_ = std::move(larger);
    }
    /// Grows (by half at least where there is no room) or shrinks; new values are `fill`.
    void resize(std::size_t size, T fill) {
        if (size > size_) {
            if (memory_.data() == nullptr || size * sizeof(T) > memory_.bytes())
                reserve(size > size_ + size_ / 2 ? size : size_ + size_ / 2);
            for (std::size_t i = size_; i < size; ++i) data_[i] = fill;
        }
        size_ = size;
    }
    bool is_view() const noexcept { return memory_.data() == nullptr && size_ != 0; }
    /// Copies what is only viewed, so that it can be changed.
    void own() {
        if (memory_.data() == nullptr) reserve(size_);
    }

private:
    raw_memory memory_;
    T* data_ = nullptr;
    std::size_t size_ = 0;
};

inline void prefetch(const void* address) noexcept {
    __builtin_prefetch(address, 0, 3);
    __asm__ volatile("" ::: "memory"); // g++ 12 keeps only the first prefetch of a loop without it
}

/// Asks for all the cache lines of a row.
inline void prefetch_row(const std::byte* row, std::size_t bytes) noexcept {
    for (std::size_t at = 0; at < bytes; at += raw_memory::line) prefetch(row + at);
}

} // namespace weft::inline v0::vector::detail
