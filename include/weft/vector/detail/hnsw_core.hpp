// SPDX-License-Identifier: BSL-1.0
#pragma once

// The graph of an HNSW index with its codes: walking, linking, and repairing. It speaks of slots; ids are the business
// of the index. Members marked const may run in any number of threads at once, each with a walk of its own;
// `link<true>` may run in several, while nothing else changes the graph.

#include <weft/vector/detail/candidates.hpp>
#include <weft/vector/detail/codes.hpp>
#include <weft/vector/detail/graph.hpp>
#include <weft/vector/detail/parallel.hpp>
#include <weft/vector/detail/rabitq.hpp>
#include <weft/vector/detail/sorting.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

namespace weft::inline v0::vector::detail {

struct near_slot {
    float distance;
    std::uint32_t slot;

    friend bool operator<(const near_slot& a, const near_slot& b) noexcept {
        return a.distance < b.distance || (a.distance == b.distance && a.slot < b.slot);
    }
};

template <class Metric, class Storage>
class hnsw_core {
public:
    using codec_type = codec<Metric, Storage::codes>;
    using exact_codec = codec<Metric, code_kind::f32>;
    /// Whether the vertices have codes of their neighbours beside them.
    static constexpr bool codes_neighbours = Storage::codes == code_kind::rabitq;
    using ways_type = std::conditional_t<codes_neighbours, neighbour_codes<Metric>, no_neighbour_codes>;

    /// What one thread needs to search or to link.
    struct walk {
        explicit walk(const hnsw_core& core)
            : at(core.codes), base(core.codes), pick(core.codes), exact(core.exact),
              met(round_up(2 * core.layers.m, simd::rows_of_code_block) + 1), met_ahead(met.size()),
              distances(2 * core.layers.m + 1) {}

        typename codec_type::probe at;   // the query, or the vector that is being linked
        typename codec_type::probe base; // the vertex whose list is pruned
        typename codec_type::probe pick; // the candidate that is weighed
        typename exact_codec::probe exact;
        std::vector<float> query; // normalised
        visited_marks visited;
        candidate_pool pool;
        candidate_pool expanded; // of which the distances are known, where the pool has estimates
        std::vector<float> estimates;
        std::vector<std::uint32_t> met;
        std::vector<std::uint32_t> met_ahead;
        std::vector<float> distances;
        std::vector<near_slot> found;
        std::vector<near_slot> pruned;
        std::vector<std::uint32_t> kept;
        std::vector<std::vector<std::uint32_t>> chosen; // by level
    };

    hnsw_core(std::size_t dimension, std::size_t m, std::size_t ef_construction)
        : codes(dimension), exact(dimension), ways(codes, 2 * m), ef(ef_construction) {
        layers.shape(m);
    }

    codec_type codes;
    exact_codec exact;
    ways_type ways;
    std::size_t ef;
    graph layers;
    buffer<std::byte> rows;    // codes
    buffer<std::byte> vectors; // full precision, where the storage keeps them beside codes
    buffer<std::byte> blocks;  // neighbour codes, where the storage has them

    const std::byte* row(std::uint32_t slot) const noexcept { return rows.data() + slot * codes.stride(); }

    /// The vector in full precision, where there is one: its row of floats.
    const float* vector(std::uint32_t slot) const noexcept {
        const buffer<std::byte>& from = Storage::keeps_vectors ? vectors : rows;
        return reinterpret_cast<const float*>(from.data() + slot * exact.stride());
    }

    void set_vector(walk& w, std::uint32_t slot, const float* values) noexcept {
        std::byte* const row = rows.data() + slot * codes.stride();
        if constexpr (codes_neighbours) {
            codes.encode(w.at, values, row);
            ways.clear(block(slot));
        } else {
            codes.encode(values, row);
        }
        if constexpr (Storage::keeps_vectors) exact.encode(values, vectors.data() + slot * exact.stride());
    }

    const std::byte* block(std::uint32_t slot) const noexcept { return blocks.data() + slot * ways.stride(); }
    std::byte* block(std::uint32_t slot) noexcept { return blocks.data() + slot * ways.stride(); }

    /// Calls `f` for the neighbours of a slot on the lowest layer.
    template <class F>
    void each_link(std::uint32_t slot, F&& f) const {
        const std::uint32_t* const list = layers.list(slot, 0);
        for (std::size_t i = 0; i < layers.capacity(0) && list[i] < layers.slots(); ++i) f(list[i]);
    }

    /// Makes the neighbour codes of a slot those of its list on the lowest layer. The places that are left keep what
    /// `fill_codes` found for them.
    void renew_codes(walk& w, std::uint32_t slot) noexcept {
        const std::size_t own = layers.copy_list(slot, 0, w.met.data());
        std::size_t count = own;
        const std::uint32_t* const coded = ways.ids(block(slot));
        for (std::size_t i = 0; i < ways.places() && count < ways.places(); ++i) {
            if (coded[i] >= layers.slots() || layers.state(coded[i]) != slot_state::live) continue;
            bool listed = false;
            for (std::size_t j = 0; j < own; ++j) listed |= w.met[j] == coded[i];
            if (!listed) w.met[count++] = coded[i];
        }
        ways.renew(codes, rows.data(), slot, w.met.data(), count, block(slot), w.at, w.base);
    }

    /// The same, and fills the places that are left with the nearest that neighbours lead to: they cost a search
    /// nothing.
    void fill_codes(walk& w, std::uint32_t slot) {
        const std::size_t own = layers.copy_list(slot, 0, w.met.data());
        w.visited.begin(layers.slots());
        w.visited.first(slot);
        for (std::size_t i = 0; i < own; ++i) w.visited.first(w.met[i]);
        w.kept.clear();
        for (std::size_t i = 0; i < own; ++i)
            each_link(w.met[i], [&](std::uint32_t other) {
                if (w.visited.first(other) && layers.state(other) == slot_state::live) w.kept.push_back(other);
            });
        if (w.distances.size() < w.kept.size()) w.distances.resize(w.kept.size());
        codes.aim_at_row(w.base, row(slot));
        codes.distances(w.base, rows.data(), w.kept.data(), w.kept.size(), w.distances.data());
        w.pool.reset(ways.places() - own);
        if (own < ways.places()) w.pool.insert(w.distances.data(), w.kept.data(), w.kept.size());
        for (std::size_t i = 0; i < w.pool.size(); ++i) w.met[own + i] = w.pool[i].slot();
        ways.renew(codes, rows.data(), slot, w.met.data(), own + w.pool.size(), block(slot), w.at, w.base);
    }

    void reserve(std::size_t slots) {
        layers.reserve(slots);
        if constexpr (codes_neighbours) blocks.reserve(slots * ways.stride());
        rows.reserve(slots * codes.stride());
        if constexpr (Storage::keeps_vectors) vectors.reserve(slots * exact.stride());
    }
    void own() {
        layers.own();
        rows.own();
        vectors.own();
        blocks.own();
    }
    std::uint32_t add_slot(int level) {
        const std::size_t slots = layers.slots() + 1;
        rows.resize(slots * codes.stride(), std::byte{});
        if constexpr (Storage::keeps_vectors) vectors.resize(slots * exact.stride(), std::byte{});
        if constexpr (codes_neighbours) blocks.resize(slots * ways.stride(), std::byte{0xFF});
        return layers.add(level);
    }

    /// The exact distances from `w.query`, or those of the codes where there is nothing better.
    void best_distances(const walk& w, const std::uint32_t* slots, std::size_t count, float* out) const noexcept {
        if constexpr (Storage::keeps_vectors)
            exact.distances(w.exact, vectors.data(), slots, count, out);
        else
            codes.distances(w.at, rows.data(), slots, count, out);
    }

    void aim(walk& w) const noexcept {
        codes.aim(w.at, w.query.data());
        if constexpr (Storage::keeps_vectors) exact.aim(w.exact, w.query.data());
    }

    /// Walks down to `level` along single nearest vertices, beginning at `start` on the layer `from`.
    near_slot descend(walk& w, std::uint32_t start, int from, int level) const {
        near_slot nearest{0, start};
        codes.distances(w.at, rows.data(), &start, 1, &nearest.distance);
        for (int layer = from; layer > level; --layer) {
            for (bool moved = true; moved;) {
                moved = false;
                const std::size_t count = layers.copy_list(nearest.slot, layer, w.met.data());
                codes.distances(w.at, rows.data(), w.met.data(), count, w.distances.data());
                for (std::size_t i = 0; i < count; ++i) {
                    const near_slot other{w.distances[i], w.met[i]};
                    if (other < nearest) {
                        nearest = other;
                        moved = true;
                    }
                }
            }
        }
        return nearest;
    }

    /// Fills `w.pool` with the nearest `width` vertices of a layer that a walk from `start` meets.
    void explore(walk& w, near_slot start, int level, std::size_t width) const {
        w.visited.begin(layers.slots());
        w.pool.reset(width);
        w.visited.first(start.slot);
        w.pool.insert(start.distance, start.slot);
        if (level == 0 && codes.stride() <= short_row) return explore_ahead(w);
        for (std::uint32_t at = 0; w.pool.next(at);) {
            const std::size_t count = unvisited(w, at, level, w.met.data());
            if (level == 0) prefetch_list(w.pool.peek(at));
            codes.distances(w.at, rows.data(), w.met.data(), count, w.distances.data());
            w.pool.insert(w.distances.data(), w.met.data(), count);
        }
    }

    /// The same on the lowest layer in the order of estimated distances; leaves those that were computed. A vertex may
    /// be estimated from several neighbours and be in the pool with each estimate, which makes up for some that are too
    /// large; it is expanded once. The vertex to expand next is chosen before it is known what lies around the present
    /// one, so that its memory arrives meanwhile.
    void explore_estimates(walk& w, near_slot start, std::size_t width) const {
        const std::size_t slots = layers.slots();
        w.visited.begin(slots);
        w.pool.reset(width);
        w.expanded.reset(width);
        if (w.estimates.size() < ways.places()) w.estimates.resize(ways.places());
        float* const estimates = w.estimates.data();
        std::uint32_t* const near = w.met.data();
        std::uint32_t next = no_slot;
        const auto choose = [&] {
            while (w.pool.next(next))
                if (w.visited.first(next)) return true;
            return false;
        };
        w.pool.insert(start.distance, start.slot);
        for (bool more = choose(); more;) {
            const std::uint32_t at = next;
            more = choose();
            if (more) prefetch_vertex(next);
            float distance = 0;
            codes.distances(w.at, rows.data(), &at, 1, &distance, false);
            w.expanded.insert(distance, at);
            ways.estimate(w.at, block(at), distance, estimates);
            const std::uint32_t* const ids = ways.ids(block(at));
            const float bound = w.pool.bound();
            std::size_t count = 0; // of those that are near enough: few, and found without a branch for each
            for (std::size_t i = 0; i < ways.places(); ++i) {
                near[count] = static_cast<std::uint32_t>(i);
                count += estimates[i] < bound ? 1 : 0;
            }
            std::size_t kept = 0;
            for (std::size_t i = 0; i < count; ++i) {
                const std::uint32_t id = ids[near[i]];
                if (id >= slots || w.visited.seen(id)) continue;
                estimates[kept] = estimates[near[i]];
                near[kept++] = id;
            }
            w.pool.insert(estimates, near, kept);
            if (!more) more = choose();
        }
        std::swap(w.pool, w.expanded);
    }

    /// Links a slot whose codes are in place into every layer it belongs to.
    template <bool Locked>
    void link(walk& w, std::uint32_t slot) {
        std::uint32_t entry = no_slot;
        {
            [[maybe_unused]] const maybe_lock<Locked> guard(entry_lock_);
            entry = layers.entry;
            if (entry == no_slot) {
                layers.entry = slot;
                return;
            }
        }
        const int level = layers.levels[slot];
        const int top = layers.levels[entry];
        const int highest = level < top ? level : top;
        codes.aim_at_row(w.at, row(slot));
        near_slot nearest = descend(w, entry, top, highest);
        if (w.chosen.size() <= static_cast<std::size_t>(highest))
            w.chosen.resize(static_cast<std::size_t>(highest) + 1);
        for (int layer = highest; layer >= 0; --layer) {
            explore(w, nearest, layer, ef);
            nearest = {w.pool[0].distance, w.pool[0].slot()};
            take_living(w, slot);
            select(w, w.found, layers.m);
            w.chosen[static_cast<std::size_t>(layer)] = w.kept;
        }
        // From the bottom up: whoever meets the slot on a layer finds it complete on all layers below.
        for (int layer = 0; layer <= highest; ++layer) {
            const std::vector<std::uint32_t>& chosen = w.chosen[static_cast<std::size_t>(layer)];
            {
                [[maybe_unused]] const maybe_lock<Locked> guard(lock_of<Locked>(slot));
                layers.set_list(slot, layer, chosen.data(), chosen.size());
            }
            for (const std::uint32_t other : chosen) link_back<Locked>(w, other, slot, layer);
        }
        if (level > top) {
            [[maybe_unused]] const maybe_lock<Locked> guard(entry_lock_);
            if (level > layers.levels[layers.entry]) layers.entry = slot;
        }
    }

    /// Makes ready for `link<true>`.
    void prepare_locks() { locks_.assign(layers.slots(), 0); }
    void drop_locks() noexcept { locks_ = {}; }

    /// Puts `slot` into the list of `at`, which is pruned where it is full. `w` must not be aimed at anything that
    /// matters but `w.at`.
    template <bool Locked>
    void link_back(walk& w, std::uint32_t at, std::uint32_t slot, int level) {
        [[maybe_unused]] const maybe_lock<Locked> guard(lock_of<Locked>(at));
        std::uint32_t* list = layers.list(at, level);
        if (list == nullptr) return; // a damaged file leads here
        const std::size_t most = layers.capacity(level);
        std::size_t count = 0;
        for (; count < most && list[count] < layers.slots(); ++count)
            if (list[count] == slot) return;
        if (count < most) {
            store(list[count], slot);
            return;
        }
        layers.copy_list(at, level, w.met.data());
        w.met[count++] = slot;
        prune(w, at, level, count);
    }

    /// Makes the list of `at` the best of the `count` slots in `w.met`.
    void prune(walk& w, std::uint32_t at, int level, std::size_t count) {
        codes.aim_at_row(w.base, row(at));
        if (w.distances.size() < count) w.distances.resize(count);
        codes.distances(w.base, rows.data(), w.met.data(), count, w.distances.data());
        w.pruned.clear();
        for (std::size_t i = 0; i < count; ++i) w.pruned.push_back({w.distances[i], w.met[i]});
        sort_values(w.pruned.data(), w.pruned.size());
        select(w, w.pruned, layers.capacity(level));
        layers.set_list(at, level, w.kept.data(), w.kept.size());
    }

    /// The neighbours among sorted candidates, into `w.kept`: each that is nearer to the vertex than to any neighbour
    /// kept before, up to `most`. Keeps edges apart from one another, so that the graph leads in all directions.
    void select(walk& w, const std::vector<near_slot>& sorted, std::size_t most) const {
        w.kept.clear();
        for (const near_slot& candidate : sorted) {
            if (w.kept.size() == most) return;
            if (!w.kept.empty() && crowded(w, candidate)) continue;
            w.kept.push_back(candidate.slot);
        }
    }

    /// What of the pool may be linked to, into `w.found`.
    void take_living(walk& w, std::uint32_t but) const {
        w.found.clear();
        for (std::size_t i = 0; i < w.pool.size(); ++i) {
            const std::uint32_t slot = w.pool[i].slot();
            if (slot == but || layers.state(slot) == slot_state::dead) continue;
            w.found.push_back({w.pool[i].distance, slot});
        }
    }

private:
    template <bool Locked>
    struct maybe_lock {
        explicit maybe_lock(std::uint8_t&) noexcept {}
    };
    template <bool Locked>
        requires Locked
    struct maybe_lock<Locked> : byte_lock {
        using byte_lock::byte_lock;
    };

    template <bool Locked>
    std::uint8_t& lock_of(std::uint32_t slot) const noexcept {
        return Locked ? locks_[slot] : entry_lock_;
    }

    /// Rows of which a core waits for the first rather than for all: those of a vertex's neighbours are asked for
    /// before the distances to the neighbours of the vertex before it are computed.
    static constexpr std::size_t short_row = 384;

    void prefetch_list(std::uint32_t slot) const noexcept {
        for (std::size_t i = 0; i < layers.stride0; i += 16) prefetch(layers.list(slot, 0) + i);
    }

    /// The walk on the lowest layer, where the pool has its first vertex. Which vertex comes next is settled before it
    /// is known what lies around the present one; while the distances of the one are computed, the list of the other
    /// arrives, and while they are sorted in, its rows.
    void explore_ahead(walk& w) const {
        std::uint32_t* here = w.met.data();
        std::uint32_t* ahead = w.met_ahead.data();
        std::uint32_t next = 0;
        std::size_t count = 0;
        for (bool more = w.pool.next(next); more || count != 0;) {
            if (more) prefetch_list(next);
            codes.distances(w.at, rows.data(), here, count, w.distances.data(), false);
            std::size_t coming = 0;
            if (more) {
                coming = unvisited(w, next, 0, ahead);
                for (std::size_t i = 0; i < coming; ++i) prefetch_row(row(ahead[i]), codes.stride());
            }
            w.pool.insert(w.distances.data(), here, count);
            std::swap(here, ahead);
            count = coming;
            more = w.pool.next(next);
        }
    }

    /// The neighbours that this walk has not met, into `met`.
    std::size_t unvisited(walk& w, std::uint32_t at, int level, std::uint32_t* met) const noexcept {
        const std::uint32_t* list = layers.list(at, level);
        if (list == nullptr) return 0;
        const std::size_t most = layers.capacity(level);
        const std::size_t slots = layers.slots();
        std::size_t count = 0;
        for (std::size_t i = 0; i < most; ++i) {
            const std::uint32_t id = load(list[i]);
            if (id >= slots) break;
            met[count] = id;
            count += w.visited.first(id) ? 1 : 0;
        }
        return count;
    }

    /// Asks for what `explore_estimates` reads of a vertex.
    void prefetch_vertex(std::uint32_t slot) const noexcept {
        prefetch_row(row(slot), codes.stride());
        prefetch_row(block(slot), ways.stride());
    }

    bool crowded(walk& w, const near_slot& candidate) const noexcept {
        codes.aim_at_row(w.pick, row(candidate.slot));
        for (std::size_t i = 0; i < w.kept.size(); i += 4) {
            float near[4];
            const std::size_t here = w.kept.size() - i < 4 ? w.kept.size() - i : 4;
            codes.distances(w.pick, rows.data(), w.kept.data() + i, here, near, false);
            for (std::size_t j = 0; j < here; ++j)
                if (near[j] < candidate.distance) return true;
        }
        return false;
    }

    mutable std::vector<std::uint8_t> locks_;
    mutable std::uint8_t entry_lock_ = 0;
};

} // namespace weft::inline v0::vector::detail
