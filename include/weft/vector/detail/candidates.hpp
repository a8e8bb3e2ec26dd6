// SPDX-License-Identifier: BSL-1.0
#pragma once

// What a walk through a graph remembers: the best vertices met, in one sorted array, and which ones were met at all.

#include <weft/core/config.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace weft::inline v0::vector::detail {

struct candidate {
    float distance;
    std::uint32_t tagged; // the slot; the highest bit is set once its neighbours were looked at

    static constexpr std::uint32_t expanded = 0x80000000;
    std::uint32_t slot() const noexcept { return tagged & ~expanded; }
};

/// The nearest `capacity` candidates in order, and a cursor at the first that was not expanded. One array does what a
/// queue of candidates and a queue of results do elsewhere: what falls out of one would fall out of both.
class candidate_pool {
public:
    void reset(std::size_t capacity) {
        if (entries_.size() < capacity + 1) entries_.resize(capacity + 1);
        capacity_ = capacity;
        size_ = 0;
        cursor_ = 0;
    }

    std::size_t size() const noexcept { return size_; }
    const candidate& operator[](std::size_t index) const noexcept { return entries_[index]; }

    /// What a candidate must be nearer than to be taken.
    float bound() const noexcept { return size_ < capacity_ ? no_bound : entries_[size_ - 1].distance; }
    /// Whether a candidate at this distance would be taken.
    bool admits(float distance) const noexcept { return size_ < capacity_ || distance < entries_[size_ - 1].distance; }

    void insert(float distance, std::uint32_t slot) noexcept {
        if (!admits(distance)) return;
        std::size_t low = 0;
        std::size_t length = size_;
        candidate* const entries = entries_.data();
        while (length > 0) { // the first entry that is farther
            const std::size_t half = length / 2;
            const bool right = !(distance < entries[low + half].distance);
            low = right ? low + half + 1 : low;
            length = right ? length - half - 1 : half;
        }
        std::memmove(entries + low + 1, entries + low, (size_ - low) * sizeof(candidate));
        entries[low] = {distance, slot};
        size_ += size_ < capacity_ ? 1 : 0;
        if (low < cursor_) cursor_ = low;
    }

    /// Marks the nearest candidate that was not expanded as expanded; false when there is none.
    bool next(std::uint32_t& slot) noexcept {
        while (cursor_ < size_ && (entries_[cursor_].tagged & candidate::expanded) != 0) ++cursor_;
        if (cursor_ == size_) return false;
        slot = entries_[cursor_].tagged;
        entries_[cursor_].tagged |= candidate::expanded;
        ++cursor_;
        return true;
    }

    /// The candidate that `next` would return if nothing nearer came in between, or `none`.
    std::uint32_t peek(std::uint32_t none) const noexcept {
        for (std::size_t i = cursor_; i < size_; ++i)
            if ((entries_[i].tagged & candidate::expanded) == 0) return entries_[i].tagged;
        return none;
    }

private:
    static constexpr float no_bound = __builtin_inff();

    std::vector<candidate> entries_;
    std::size_t capacity_ = 0;
    std::size_t size_ = 0;
    std::size_t cursor_ = 0;
};

/// Which slots a walk has met: a byte each, equal to the number of the walk. Clearing all is needed once in 255 walks.
class visited_marks {
public:
    void begin(std::size_t slots) {
        if (marks_.size() < slots) {
            marks_.assign(slots + slots / 8, 0);
            version_ = 0;
        }
        if (++version_ == 0) {
            std::memset(marks_.data(), 0, marks_.size());
            version_ = 1;
        }
    }
    bool seen(std::uint32_t slot) const noexcept { return marks_[slot] == version_; }
    /// True the first time a slot is shown.
    bool first(std::uint32_t slot) noexcept {
        const bool fresh = marks_[slot] != version_;
        marks_[slot] = version_;
        return fresh;
    }

private:
    std::vector<std::uint8_t> marks_;
    std::uint8_t version_ = 0;
};

} // namespace weft::inline v0::vector::detail
