// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/format/detail/toon_memory.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace weft::inline v0::detail {

/// The keys of one object, to find the first that repeats. Few are compared one by one, many are hashed.
class toon_key_set {
public:
    static constexpr std::size_t npos = static_cast<std::size_t>(-1);

    /// Adds a key, which must live as long as the set; npos when it is new, else the number of the same key.
    std::size_t add(std::string_view key) {
        if (size_ < few) {
            for (std::size_t i = 0; i < size_; ++i) {
                if (first_[i] == key) return i;
            }
            first_[size_++] = key;
            return npos;
        }
        if (size_ == few && many_.empty()) {
            many_.append(first_, few);
            rehash();
        }
        std::size_t* const place = find(key);
        if (*place != npos) return *place;
        *place = size_++;
        many_.push_back(key);
        if (2 * size_ > table_.size()) rehash();
        return npos;
    }

    std::size_t size() const noexcept { return size_; }

private:
    static constexpr std::size_t few = 16;

    std::uint64_t hash(std::string_view key) const noexcept {
        // The address is not known to whoever wrote the text, so that he cannot choose keys that collide.
        std::uint64_t h = reinterpret_cast<std::uintptr_t>(table_.begin()) ^ key.size();
        const auto mix = [&h](std::uint64_t word) {
            h = (h ^ word) * 0x9E3779B97F4A7C15U;
            h ^= h >> 29;
        };
        const char* p = key.data();
        std::size_t left = key.size();
        for (; left >= 8; p += 8, left -= 8) {
            std::uint64_t word;
            std::memcpy(&word, p, 8);
            mix(word);
        }
        std::uint64_t word = 0;
        if (left != 0) std::memcpy(&word, p, left);
        mix(word);
        mix(h >> 32);
        return h;
    }

    std::size_t* find(std::string_view key) noexcept {
        const std::size_t mask = table_.size() - 1;
        std::size_t slot = static_cast<std::size_t>(hash(key)) & mask;
        while (table_[slot] != npos && many_[table_[slot]] != key) slot = (slot + 1) & mask;
        return &table_[slot];
    }

    void rehash() {
        const std::size_t size = table_.empty() ? 4 * few : 4 * table_.size();
        table_ = {};
        table_.reserve(size);
        for (std::size_t i = 0; i < size; ++i) table_.push_back(npos);
        for (std::size_t i = 0; i < many_.size(); ++i) *find(many_[i]) = i;
    }

    std::string_view first_[few];
    std::size_t size_ = 0;
    plain_array<std::string_view> many_;
    plain_array<std::size_t> table_; // numbers of keys; its size is a power of two
};

} // namespace weft::inline v0::detail
