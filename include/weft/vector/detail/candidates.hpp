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
        candidate* const entries = entries_.data();
        const std::size_t place = place_of(distance, size_);
        std::memmove(entries + place + 1, entries + place, (size_ - place) * sizeof(candidate));
        entries[place] = {distance, slot};
        size_ += size_ < capacity_ ? 1 : 0;
        if (place < cursor_) cursor_ = place;
    }

    /// Inserts several as if one by one, but moves what is farther only once.
    void insert(const float* distances, const std::uint32_t* slots, std::size_t count) noexcept {
        for (std::size_t i = 0; i < count; i += batch)
            insert_batch(distances + i, slots + i, count - i < batch ? count - i : batch);
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
    static constexpr std::size_t batch = 32;

    /// The first of the first `length` entries that is farther.
    std::size_t place_of(float distance, std::size_t length) const noexcept {
        const candidate* const entries = entries_.data();
        std::size_t low = 0;
        while (length > 0) {
            const std::size_t half = length / 2;
            const bool right = !(distance < entries[low + half].distance);
            low = right ? low + half + 1 : low;
            length = right ? length - half - 1 : half;
        }
        return low;
    }

    void insert_batch(const float* distances, const std::uint32_t* slots, std::size_t count) noexcept {
        candidate fresh[batch + 1];
        const float limit = bound();
        std::size_t kept = 0; // of those near enough: few, and found without a branch for each
        for (std::size_t i = 0; i < count; ++i) {
            fresh[kept] = {distances[i], slots[i]};
            kept += distances[i] < limit ? 1 : 0;
        }
        if (kept == 0) return;
        for (std::size_t i = 1; i < kept; ++i) {
            const candidate moved = fresh[i];
            std::size_t at = i;
            for (; at > 0 && moved.distance < fresh[at - 1].distance; --at) fresh[at] = fresh[at - 1];
            fresh[at] = moved;
        }
        candidate* const entries = entries_.data();
        std::size_t end = size_; // of the entries that have not moved up
        for (std::size_t i = kept; i-- > 0;) {
            const std::size_t place = place_of(fresh[i].distance, end);
            const std::size_t last = end + i + 1 < capacity_ ? end + i + 1 : capacity_; // beyond it all are dropped
            if (place + i + 1 < last)
                std::memmove(entries + place + i + 1, entries + place, (last - place - i - 1) * sizeof(candidate));
            if (place + i < capacity_) entries[place + i] = fresh[i];
            end = place;
        }
        size_ = size_ + kept < capacity_ ? size_ + kept : capacity_;
        if (end < cursor_) cursor_ = end;
    }

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
