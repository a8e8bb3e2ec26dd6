// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/columnar/record_batch.hpp>
#include <weft/format/detail/cell_order.hpp>

#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weft::inline v0::detail {

/// Appends bytes that are equal for equal values of a column, and only for those. NULL equals NULL, NaN equals NaN.
inline void append_key(std::string& key, const cell& c) {
    key += static_cast<char>(c.kind());
    const auto append_bytes = [&key](const void* bytes, std::size_t size) {
        key.append(static_cast<const char*>(bytes), size);
    };
    if (family_of(c.kind()) == order_family::text || c.kind() == type_id::blob || c.kind() == type_id::vector) {
        const blob_view bytes = c.kind() == type_id::vector ? c.vector().bytes() : c.blob();
        const std::size_t size = bytes.size();
        append_bytes(&size, sizeof size);
        append_bytes(bytes.data(), size);
    } else if (c.kind() == type_id::decimal || is_nested(c.kind())) {
        append_json(key, c); // one scale in one column
        key += '\0';
    } else if (!c.is_null()) {
        const std::uint64_t bits = c.kind() == type_id::float64 ? order_bits(c.float64()) : c.uint64();
        append_bytes(&bits, sizeof bits);
    }
}

inline std::uint64_t hash_bytes(std::string_view bytes) noexcept {
    std::uint64_t hash = 0x9E3779B97F4A7C15U ^ bytes.size();
    const auto mix = [&hash](std::uint64_t word) {
        hash = (hash ^ word) * 0xBF58476D1CE4E5B9U;
        hash ^= hash >> 32;
    };
    for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
        std::uint64_t word;
        std::memcpy(&word, bytes.data(), 8);
        mix(word);
    }
    std::uint64_t word = 0;
    if (!bytes.empty()) std::memcpy(&word, bytes.data(), bytes.size());
    mix(word);
    return hash;
}

/// Which rows have equal values in some columns. Groups are numbered in the order of their first row.
class group_index {
public:
    group_index(const record_batch& rows, std::span<const std::size_t> columns) {
        slots_.assign(64, 0);
        group_of_.reserve(rows.rows());
        std::string key;
        for (std::size_t r = 0; r < rows.rows(); ++r) {
            key.clear();
            for (const std::size_t c : columns) append_key(key, rows.at(c, r));
            group_of_.push_back(find_or_add(key, r));
        }
    }

    /// Group of each row.
    const std::vector<std::size_t>& group_of() const noexcept { return group_of_; }
    /// First row of each group.
    const std::vector<std::size_t>& first_rows() const noexcept { return first_rows_; }
    std::size_t size() const noexcept { return first_rows_.size(); }

private:
    std::size_t find_or_add(std::string_view key, std::size_t row) {
        const std::uint64_t hash = hash_bytes(key);
        std::size_t slot = hash & (slots_.size() - 1);
        for (; slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1)) {
            const std::size_t group = slots_[slot] - 1;
            if (hashes_[group] == hash && key_of(group) == key) return group;
        }
        slots_[slot] = size() + 1;
        first_rows_.push_back(row);
        hashes_.push_back(hash);
        keys_ += key;
        key_ends_.push_back(keys_.size());
        if (2 * size() > slots_.size()) grow();
        return size() - 1;
    }

    std::string_view key_of(std::size_t group) const noexcept {
        const std::size_t begin = group == 0 ? 0 : key_ends_[group - 1];
        return std::string_view(keys_).substr(begin, key_ends_[group] - begin);
    }

    void grow() {
        slots_.assign(2 * slots_.size(), 0);
        for (std::size_t group = 0; group < size(); ++group) {
            std::size_t slot = hashes_[group] & (slots_.size() - 1);
            while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
            slots_[slot] = group + 1;
        }
    }

    std::vector<std::size_t> group_of_;
    std::vector<std::size_t> first_rows_;
    std::vector<std::uint64_t> hashes_;
    std::vector<std::size_t> slots_; // group + 1, or 0
    std::vector<std::size_t> key_ends_;
    std::string keys_;
};

} // namespace weft::inline v0::detail
