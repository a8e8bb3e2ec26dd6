// SPDX-License-Identifier: BSL-1.0
#pragma once

// From ids to slots: open addressing in one flat array, which is stored in files as it is. A table from a damaged file
// can only fail to find something: what it yields is checked against the ids themselves.

#include <weft/vector/detail/buffer.hpp>

#include <cstddef>
#include <cstdint>

namespace weft::inline v0::vector::detail {

class id_table {
public:
    static constexpr std::uint32_t empty = 0xFFFFFFFF;
    static constexpr std::uint32_t removed = 0xFFFFFFFE;

    id_table() = default;
    /// The table of a file, to look up in; `clear` and fill it before the first change. Its size is a power of two or
    /// 0.
    explicit id_table(buffer<std::uint32_t> cells) noexcept : cells_(std::move(cells)) {}

    const buffer<std::uint32_t>& cells() const noexcept { return cells_; }

    /// The slot of the id, or `empty`. `ids` are those of `count` slots.
    std::uint32_t find(std::uint64_t id, const std::uint64_t* ids, std::size_t count) const noexcept {
        const std::size_t size = cells_.size();
        for (std::size_t step = 0, at = hash(id); step < size; ++step, ++at) {
            const std::uint32_t slot = cells_[at & (size - 1)];
            if (slot == empty) return empty;
            if (slot < count && ids[slot] == id) return slot;
        }
        return empty;
    }

    /// Makes room for `more` further ids, so that `put` cannot fail.
    void reserve(std::size_t more, const std::uint64_t* ids, std::size_t count) {
        if (!cells_.is_view() && (used_ + more) * 2 <= cells_.size()) return;
        std::size_t live = 0;
        for (std::size_t i = 0; i < cells_.size(); ++i) live += cells_[i] < count ? 1 : 0;
        std::size_t size = 16;
        while (size < (live + more) * 3) size *= 2;
        buffer<std::uint32_t> larger;
        larger.resize(size, empty);
        for (std::size_t i = 0; i < cells_.size(); ++i)
            if (cells_[i] < count) place(larger, ids[cells_[i]], cells_[i]);
        cells_ = std::move(larger);
        used_ = live;
    }

    /// Forgets everything and makes room for `more` ids.
    void clear(std::size_t more) {
        cells_ = {};
        used_ = 0;
        reserve(more, nullptr, 0);
    }

    /// Adds an id that is not in the table.
    void put(std::uint64_t id, std::uint32_t slot) noexcept {
        place(cells_, id, slot);
        ++used_;
    }

    /// Takes the id out, if it leads to this slot.
    void remove(std::uint64_t id, std::uint32_t slot) noexcept {
        const std::size_t size = cells_.size();
        for (std::size_t step = 0, at = hash(id); step < size; ++step, ++at) {
            std::uint32_t& cell = cells_[at & (size - 1)];
            if (cell == empty) return;
            if (cell == slot) {
                cell = removed;
                return;
            }
        }
    }

private:
    static std::size_t hash(std::uint64_t id) noexcept {
        id = (id ^ id >> 30) * 0xBF58476D1CE4E5B9U;
        id = (id ^ id >> 27) * 0x94D049BB133111EBU;
        return static_cast<std::size_t>(id ^ id >> 31);
    }
    static void place(buffer<std::uint32_t>& cells, std::uint64_t id, std::uint32_t slot) noexcept {
        std::size_t at = hash(id);
        while (cells[at & (cells.size() - 1)] != empty) ++at;
        cells[at & (cells.size() - 1)] = slot;
    }

    buffer<std::uint32_t> cells_;
    std::size_t used_ = 0; // cells that are not empty
};

} // namespace weft::inline v0::vector::detail
