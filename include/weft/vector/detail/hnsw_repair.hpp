// SPDX-License-Identifier: BSL-1.0
#pragma once

// Takes erased vertices out of a graph: whoever led to one is linked anew, to the best of what it has left and of what
// the erased vertex led to. And makes sure that every vertex can be reached.

#include <weft/vector/detail/hnsw_core.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weft::inline v0::vector::detail {

/// Whether a list leads to an erased vertex.
inline bool leads_to_dead(const graph& layers, const std::uint32_t* list, std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; ++i)
        if (layers.state(list[i]) == slot_state::dead) return true;
    return false;
}

/// Makes anew the list of `slot` on one layer.
template <class Core, class Walk>
void repair_list(Core& core, Walk& w, std::uint32_t slot, int level, std::vector<std::uint32_t>& around) {
    graph& layers = core.layers;
    const std::size_t own = layers.copy_list(slot, level, w.met.data());
    if (!leads_to_dead(layers, w.met.data(), own)) return;
    around.clear();
    w.visited.begin(layers.slots());
    w.visited.first(slot);
    const auto add = [&](std::uint32_t other) {
        if (w.visited.first(other) && layers.state(other) == slot_state::live) around.push_back(other);
    };
    std::vector<std::uint32_t> second(layers.capacity(level));
    for (std::size_t i = 0; i < own; ++i) {
        const std::uint32_t other = w.met[i];
        const bool dead = layers.state(other) == slot_state::dead;
        add(other);
        if (!dead) continue;
        const std::size_t count = layers.copy_list(other, level, second.data());
        for (std::size_t j = 0; j < count; ++j) add(second[j]);
    }
    core.codes.aim_at_row(w.base, core.row(slot));
    if (w.distances.size() < around.size()) w.distances.resize(around.size());
    core.codes.distances(w.base, core.rows.data(), around.data(), around.size(), w.distances.data());
    w.pruned.clear();
    for (std::size_t i = 0; i < around.size(); ++i) w.pruned.push_back({w.distances[i], around[i]});
    sort_values(w.pruned.data(), w.pruned.size());
    core.select(w, w.pruned, layers.capacity(level));
    layers.set_list(slot, level, w.kept.data(), w.kept.size());
}

/// Marks what can be reached from a slot on the lowest layer.
inline void flood(const graph& layers, std::uint32_t from, std::vector<std::uint8_t>& reached,
                  std::vector<std::uint32_t>& open) {
    const auto show = [&](std::uint32_t slot) {
        if (reached[slot] == 0) open.push_back(slot);
        reached[slot] = 1;
    };
    show(from);
    while (!open.empty()) {
        const std::uint32_t* list = layers.list(open.back(), 0);
        open.pop_back();
        for (std::size_t i = 0; i < layers.capacity(0) && list[i] < layers.slots(); ++i) show(list[i]);
    }
}

/// Puts `slot` into the list of the nearest of `w.found` that has room, or in the place of the last neighbour of the
/// very nearest.
template <class Core, class Walk>
void hang_on(Core& core, const Walk& w, std::uint32_t slot) {
    graph& layers = core.layers;
    const std::size_t most = layers.capacity(0);
    for (const near_slot& near : w.found) {
        std::uint32_t* list = layers.list(near.slot, 0);
        std::size_t length = 0;
        while (length < most && list[length] < layers.slots()) ++length;
        if (length == most) continue;
        list[length] = slot;
        return;
    }
    if (!w.found.empty()) layers.list(w.found.front().slot, 0)[most - 1] = slot;
}

/// Makes every living vertex reachable from the entry on the lowest layer: pruning can leave a vertex, or a whole
/// cluster, to which nothing leads.
template <class Core, class Walk>
void connect(Core& core, Walk& w) {
    graph& layers = core.layers;
    if (layers.entry == no_slot) return;
    std::vector<std::uint8_t> reached(layers.slots(), 0);
    std::vector<std::uint32_t> open;
    flood(layers, layers.entry, reached, open);
    for (std::uint32_t slot = 0; slot < layers.slots(); ++slot) {
        if (reached[slot] != 0 || layers.state(slot) != slot_state::live) continue;
        core.codes.aim_at_row(w.at, core.row(slot));
        core.explore(w, core.descend(w, layers.entry, layers.top(), 0), 0, core.ef);
        core.take_living(w, slot);
        if (layers.list(slot, 0)[0] >= layers.slots()) {
            core.select(w, w.found, layers.m);
            layers.set_list(slot, 0, w.kept.data(), w.kept.size());
        }
        hang_on(core, w, slot);
        flood(layers, slot, reached, open);
    }
}

/// Takes all erased vertices out; their slots are unused afterwards.
template <class Core, class Walk>
void take_out_dead(Core& core, Walk& w) {
    graph& layers = core.layers;
    const auto slots = static_cast<std::uint32_t>(layers.slots());
    std::vector<std::uint32_t> around;
    for (std::uint32_t slot = 0; slot < slots; ++slot) {
        if (layers.state(slot) != slot_state::live) continue;
        for (int level = 0; level <= layers.levels[slot]; ++level) repair_list(core, w, slot, level, around);
    }
    std::uint32_t entry = no_slot;
    for (std::uint32_t slot = 0; slot < slots; ++slot) {
        if (layers.state(slot) == slot_state::live) {
            if (entry == no_slot || layers.levels[slot] > layers.levels[entry]) entry = slot;
        } else if (layers.state(slot) == slot_state::dead) {
            for (int level = 0; level <= layers.levels[slot]; ++level) layers.set_list(slot, level, nullptr, 0);
            layers.set(slot, slot_state::unused);
        }
    }
    layers.entry = entry;
}

} // namespace weft::inline v0::vector::detail
