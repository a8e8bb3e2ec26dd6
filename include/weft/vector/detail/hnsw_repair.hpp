// SPDX-License-Identifier: BSL-1.0
#pragma once

// Takes erased vertices out of a graph: whoever led to one is linked anew, to the best of what it has left and of what
// the erased vertex led to. What nobody leads to any more is linked back from its own neighbours.

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

/// Links vertices that no other leads to on the lowest layer: from their own neighbours, or as if they were new.
template <class Core, class Walk>
void reconnect(Core& core, Walk& w) {
    graph& layers = core.layers;
    const auto slots = static_cast<std::uint32_t>(layers.slots());
    std::vector<bool> reached(slots, false);
    std::vector<std::uint32_t> list(layers.capacity(0));
    for (std::uint32_t slot = 0; slot < slots; ++slot) {
        if (layers.state(slot) != slot_state::live) continue;
        const std::size_t count = layers.copy_list(slot, 0, list.data());
        for (std::size_t i = 0; i < count; ++i) reached[list[i]] = true;
    }
    const std::uint32_t top = layers.entry;
    if (layers.copy_list(top, 0, list.data()) == 0) // begin somewhere else, where there is somewhere to go
        for (std::uint32_t slot = 0; slot < slots; ++slot)
            if (layers.state(slot) == slot_state::live && layers.copy_list(slot, 0, list.data()) != 0) {
                layers.entry = slot;
                core.template link<false>(w, top);
                break;
            }
    for (std::uint32_t slot = 0; slot < slots; ++slot) {
        if (layers.state(slot) != slot_state::live || slot == layers.entry || slot == top) continue;
        const std::size_t count = layers.copy_list(slot, 0, list.data());
        if (count == 0)
            core.template link<false>(w, slot);
        else if (!reached[slot])
            for (std::size_t i = 0; i < count && i < 4; ++i) core.template link_back<false>(w, list[i], slot, 0);
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
    if (entry != no_slot) reconnect(core, w);
}

} // namespace weft::inline v0::vector::detail
