// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>

namespace weft::inline v0::mysql::detail {

/// Bytes as they came from the server. Blocks share the storage that holds their rows; whoever reads on gets fresh
/// storage while somebody still holds the old one. Before and after the bytes there is slack which kernels may read.
class receive_buffer {
public:
    static constexpr std::size_t slack = 64;

    using storage = std::shared_ptr<std::byte[]>;

    /// Received and not consumed.
    std::span<std::byte> unread() noexcept {
        if (!storage_) return {};
        return {data() + begin_, end_ - begin_};
    }

    /// Where the first unread byte is, from `data()` of the storage.
    std::size_t position() const noexcept { return begin_; }

    /// Whether `wanted` bytes, and a read worth making, fit behind the unread bytes without moving anything.
    bool has_room(std::size_t wanted) const noexcept {
        return capacity_ - end_ >= wanted && capacity_ - end_ >= capacity_ / 8;
    }

    /// Room for `wanted` bytes at least. May move the unread bytes to the front, or to other storage.
    std::span<std::byte> make_room(std::size_t wanted) {
        const std::size_t kept = end_ - begin_;
        const bool shared = storage_.use_count() > 1;
        if (!has_room(wanted) || (kept == 0 && !shared)) {
            const bool grow = filled_ && capacity_ < largest; // the server is faster than we take
            const bool shrink = capacity_ > largest && kept + wanted <= largest;
            if (shared || grow || shrink || capacity_ < kept + wanted) {
                move_to_fresh(kept, wanted);
            } else if (kept != 0) {
                std::memmove(data(), data() + begin_, kept);
            }
            begin_ = 0;
            end_ = kept;
        }
        return {data() + end_, capacity_ - end_};
    }

    void received(std::size_t n) noexcept {
        end_ += n;
        filled_ = end_ == capacity_;
    }
    void consume(std::size_t n) noexcept { begin_ += n; }
    void clear() noexcept { begin_ = end_ = 0; }

    /// Keeps the bytes where they are as long as it lives.
    const storage& share() const noexcept { return storage_; }
    /// First byte of `kept` storage; positions count from here.
    static std::byte* data(const storage& kept) noexcept { return kept.get() + slack; }

private:
    static constexpr std::size_t smallest = std::size_t{1} << 14;
    static constexpr std::size_t largest = std::size_t{1} << 18; // unless one message needs more

    std::byte* data() const noexcept { return storage_.get() + slack; }

    /// Storage doubles while reads fill it, and is larger than `largest` only for one message that needs it.
    void move_to_fresh(std::size_t kept, std::size_t wanted) {
        std::size_t capacity = capacity_ < smallest ? smallest : filled_ ? 2 * capacity_ : capacity_;
        if (capacity > largest) capacity = largest;
        if (capacity < kept + wanted) capacity = kept + wanted + smallest;
        storage fresh = std::make_shared_for_overwrite<std::byte[]>(capacity + 2 * slack);
        std::memset(fresh.get(), 0, slack);
        std::memset(fresh.get() + slack + capacity, 0, slack);
        if (kept != 0) std::memcpy(fresh.get() + slack, data() + begin_, kept);
        storage_ = std::move(fresh);
        capacity_ = capacity;
        filled_ = false;
    }

    storage storage_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool filled_ = false; // the last read left no room
};

} // namespace weft::inline v0::mysql::detail
