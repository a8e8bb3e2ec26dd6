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

/// The links of the lowest layer, forward or turned round, and what is connected with a slot along them.
class reachability {
public:
    explicit reachability(const graph& layers) : layers_(layers), reached_(layers.slots(), 0) {}

    bool operator[](std::uint32_t slot) const noexcept { return reached_[slot] != 0; }

    /// Marks what can be reached from a slot.
    void flood(std::uint32_t from) {
        show(from);
        while (!open_.empty()) {
            const std::uint32_t slot = open_.back();
            open_.pop_back();
            if (begins_.empty())
                each_link(slot, [&](std::uint32_t other) { show(other); });
            else
                for (std::size_t i = begins_[slot]; i < begins_[slot + std::size_t{1}]; ++i) show(sources_[i]);
        }
    }

    /// From now on against the direction of the links there are now.
    void turn_round() {
        const std::size_t slots = layers_.slots();
        begins_.assign(slots + 2, 0);
        for (std::uint32_t slot = 0; slot < slots; ++slot)
            each_link(slot, [&](std::uint32_t other) { ++begins_[other + std::size_t{2}]; });
        for (std::size_t i = 2; i < begins_.size(); ++i) begins_[i] += begins_[i - 1];
        sources_.resize(begins_.back());
        for (std::uint32_t slot = 0; slot < slots; ++slot) // moves each begin to its end, which is the next one's begin
            each_link(slot, [&](std::uint32_t other) { sources_[begins_[other + std::size_t{1}]++] = slot; });
        reached_.assign(slots, 0);
    }

private:
    template <class F>
    void each_link(std::uint32_t slot, F&& f) const {
        const std::uint32_t* list = layers_.list(slot, 0);
        for (std::size_t i = 0; i < layers_.capacity(0) && list[i] < layers_.slots(); ++i) f(list[i]);
    }
    void show(std::uint32_t slot) {
        if (reached_[slot] == 0) open_.push_back(slot);
        reached_[slot] = 1;
    }

    const graph& layers_;
    std::vector<std::uint8_t> reached_;
    std::vector<std::uint32_t> open_;
    std::vector<std::size_t> begins_;
    std::vector<std::uint32_t> sources_;
};

/// Adds a link of the lowest layer if there is room; false otherwise.
inline bool add_link(graph& layers, std::uint32_t from, std::uint32_t to) noexcept {
    std::uint32_t* list = layers.list(from, 0);
    const std::size_t most = layers.capacity(0);
    std::size_t length = 0;
    while (length < most && list[length] < layers.slots()) ++length;
    if (length == most) return false;
    list[length] = to;
    return true;
}

/// Makes the lowest layer connected in both directions, as far as living vertices go: pruning can leave a vertex or a
/// whole cluster to which nothing leads, and one from which nothing leads away.
template <class Core, class Walk>
void connect(Core& core, Walk& w) {
    graph& layers = core.layers;
    if (layers.entry == no_slot) return;
    const std::uint32_t last = static_cast<std::uint32_t>(layers.capacity(0)) - 1;
    const auto look_around = [&](std::uint32_t slot) {
        core.codes.aim_at_row(w.at, core.row(slot));
        core.explore(w, core.descend(w, layers.entry, layers.top(), 0), 0, core.ef);
        core.take_living(w, slot);
    };
    reachability reached(layers);
    reached.flood(layers.entry);
    for (std::uint32_t slot = 0; slot < layers.slots(); ++slot) {
        if (reached[slot] || layers.state(slot) != slot_state::live) continue;
        look_around(slot);
        if (layers.list(slot, 0)[0] >= layers.slots()) {
            core.select(w, w.found, layers.m);
            layers.set_list(slot, 0, w.kept.data(), w.kept.size());
        }
        bool hangs = false;
        for (std::size_t i = 0; i < w.found.size() && !hangs; ++i)
            hangs = reached[w.found[i].slot] && add_link(layers, w.found[i].slot, slot);
        if (!hangs && !add_link(layers, layers.entry, slot)) layers.list(layers.entry, 0)[last] = slot;
        reached.flood(slot);
    }
    reached.turn_round();
    reached.flood(layers.entry);
    for (std::uint32_t slot = 0; slot < layers.slots(); ++slot) {
        if (reached[slot] || layers.state(slot) != slot_state::live) continue;
        look_around(slot);
        std::uint32_t way_out = layers.entry;
        for (std::size_t i = w.found.size(); i-- > 0;)
            if (reached[w.found[i].slot]) way_out = w.found[i].slot;
        if (!add_link(layers, slot, way_out)) layers.list(slot, 0)[last] = way_out;
        reached.flood(slot);
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
