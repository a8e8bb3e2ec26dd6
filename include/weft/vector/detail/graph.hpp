// SPDX-License-Identifier: BSL-1.0
#pragma once

// The layers of an HNSW graph as flat arrays, apart from the vectors. Layer 0 has a block of 2 M ids a slot, whole
// cache lines; the layers above, which few slots have, share a second array. A list ends at its capacity or at the
// first number that is no slot: the comparison that ends a list is also what keeps a damaged file from leading outside.

#include <weft/core/error.hpp>
#include <weft/vector/detail/buffer.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace weft::inline v0::vector::detail {

enum class slot_state : std::uint8_t {
    live = 0,
    dead = 1,    // erased: still a way for walks, never a result
    unused = 2,  // nothing leads here
    arriving = 3 // has an id and codes, and is being linked
};

inline constexpr std::uint32_t no_slot = 0xFFFFFFFF;
inline constexpr std::uint32_t most_slots = 0x7FFFFFFF; // the highest bit is the candidates' mark
inline constexpr int most_levels = 32;

// Lists are read without a lock while other threads link: number by number, each of which is some slot at any time.
// Relaxed loads and stores are the plain instructions.
inline std::uint32_t load(const std::uint32_t& number) noexcept {
    return __atomic_load_n(&number, __ATOMIC_RELAXED);
}
inline void store(std::uint32_t& number, std::uint32_t value) noexcept {
    __atomic_store_n(&number, value, __ATOMIC_RELAXED);
}

struct graph {
    std::size_t m = 16;
    std::size_t stride0 = 32; // numbers in a block of layer 0
    std::size_t stride = 16;  // numbers in a block of an upper layer
    std::uint32_t entry = no_slot;
    buffer<std::uint32_t> base;     // slots * stride0
    buffer<std::uint32_t> upper;    // blocks * stride
    buffer<std::uint32_t> upper_at; // the first block of a slot
    buffer<std::uint8_t> levels;    // the highest layer of a slot, which it keeps when it is used again
    buffer<std::uint8_t> states;

    void shape(std::size_t links) noexcept {
        m = links;
        stride0 = (2 * links + 15) / 16 * 16;
        stride = (links + 15) / 16 * 16;
    }

    std::size_t slots() const noexcept { return levels.size(); }
    std::size_t capacity(int level) const noexcept { return level == 0 ? 2 * m : m; }
    slot_state state(std::uint32_t slot) const noexcept { return static_cast<slot_state>(states[slot]); }
    void set(std::uint32_t slot, slot_state state) noexcept { states[slot] = static_cast<std::uint8_t>(state); }
    int top() const noexcept { return entry == no_slot ? 0 : levels[entry]; }

    /// The list of a slot: `capacity(level)` numbers, or null where it has none (in a sound graph it does).
    const std::uint32_t* list(std::uint32_t slot, int level) const noexcept {
        if (level == 0) return base.data() + slot * stride0;
        const std::size_t block = std::size_t{upper_at[slot]} + static_cast<std::size_t>(level) - 1;
        if (level > levels[slot] || (block + 1) * stride > upper.size()) return nullptr;
        return upper.data() + block * stride;
    }
    std::uint32_t* list(std::uint32_t slot, int level) noexcept {
        return const_cast<std::uint32_t*>(static_cast<const graph&>(*this).list(slot, level));
    }

    /// Copies a list; returns its length.
    std::size_t copy_list(std::uint32_t slot, int level, std::uint32_t* out) const noexcept {
        const std::uint32_t* from = list(slot, level);
        if (from == nullptr) return 0;
        const std::size_t most = capacity(level);
        std::size_t count = 0;
        for (; count < most; ++count) {
            const std::uint32_t id = load(from[count]);
            if (id >= slots()) break;
            out[count] = id;
        }
        return count;
    }
    /// Replaces a list, where there is one.
    void set_list(std::uint32_t slot, int level, const std::uint32_t* ids, std::size_t count) noexcept {
        std::uint32_t* to = list(slot, level);
        if (to == nullptr) return;
        for (std::size_t i = 0; i < capacity(level); ++i) store(to[i], i < count ? ids[i] : no_slot);
    }

    void reserve(std::size_t count) {
        base.reserve(count * stride0);
        upper_at.reserve(count);
        levels.reserve(count);
        states.reserve(count);
        upper.reserve(count / (m > 1 ? m - 1 : 1) * stride);
    }
    void own() {
        base.own();
        upper.own();
        upper_at.own();
        levels.own();
        states.own();
    }
    /// Adds a slot with empty lists.
    std::uint32_t add(int level) {
        const auto slot = static_cast<std::uint32_t>(slots());
        const auto block = static_cast<std::uint32_t>(upper.size() / stride);
        base.resize((slot + std::size_t{1}) * stride0, no_slot);
        upper.resize(upper.size() + static_cast<std::size_t>(level) * stride, no_slot);
        upper_at.resize(slot + std::size_t{1}, block);
        states.resize(slot + std::size_t{1}, static_cast<std::uint8_t>(slot_state::unused));
        levels.resize(slot + std::size_t{1}, static_cast<std::uint8_t>(level)); // last: it is what counts slots
        return slot;
    }

    /// Throws a data_error when a list leads where it must not. Searches do without: they look at every number.
    void check() const {
        const auto damaged = [](std::uint32_t slot, const char* what) {
            throw data_error("the index file is damaged: vertex " + std::to_string(slot) + what);
        };
        for (std::uint32_t slot = 0; slot < slots(); ++slot) {
            if (levels[slot] >= most_levels) damaged(slot, " is on too high a layer");
            if (states[slot] > static_cast<std::uint8_t>(slot_state::unused)) damaged(slot, " is in no known state");
            for (int level = 0; level <= levels[slot]; ++level) {
                const std::uint32_t* ids = list(slot, level);
                if (ids == nullptr) damaged(slot, " has no list");
                for (std::size_t i = 0; i < capacity(level) && ids[i] < slots(); ++i)
                    if (levels[ids[i]] < level || state(ids[i]) == slot_state::unused) damaged(slot, " leads nowhere");
            }
        }
        if (slots() != 0 && entry != no_slot && (entry >= slots() || state(entry) == slot_state::unused))
            damaged(entry, " is no entry");
    }

    std::size_t memory() const noexcept {
        return base.size() * 4 + upper.size() * 4 + upper_at.size() * 4 + levels.size() + states.size();
    }
};

/// The level of the `number`th slot: floor(-ln(U) / ln(m)) with U from the seed and the number alone, so that it does
/// not depend on the order in which threads come.
inline int draw_level(std::uint64_t seed, std::uint64_t number, double inverse_log_m) noexcept {
    std::uint64_t x = seed + (number + 1) * 0x9E3779B97F4A7C15U;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9U;
    x = (x ^ x >> 27) * 0x94D049BB133111EBU;
    x ^= x >> 31;
    const double uniform = (static_cast<double>(x >> 11) + 0.5) * 0x1p-53;
    const int level = static_cast<int>(-__builtin_log(uniform) * inverse_log_m);
    return level < most_levels ? level : most_levels - 1;
}

} // namespace weft::inline v0::vector::detail
