// SPDX-License-Identifier: BSL-1.0
#pragma once

// Members of `hnsw` that work on many vectors at a time. Included by weft/vector/hnsw.hpp, in its end.

namespace weft::inline v0::vector {

template <number_metric Metric, class Storage>
    requires graph_storage_for<Storage, Metric>
std::size_t hnsw<Metric, Storage>::insert_many(matrix_view rows, std::span<const std::uint64_t> ids,
                                               const bulk_options& bulk) {
    if (rows.rows == 0) return 0;
    if (rows.dimension != dimension_)
        throw data_error("the rows have " + std::to_string(rows.dimension) + " numbers, the index's vectors have " +
                         std::to_string(dimension_));
    if (!ids.empty() && ids.size() != rows.rows)
        throw data_error("there are " + std::to_string(ids.size()) + " ids for " + std::to_string(rows.rows) + " rows");
    const std::size_t bad = detail::first_not_finite(rows.data, rows.rows * dimension_);
    if (bad != rows.rows * dimension_)
        detail::throw_not_finite("row " + std::to_string(bad / dimension_), rows.row(bad / dimension_).data(),
                                 bad % dimension_);
    thaw();
    const std::size_t threads = detail::thread_count(bulk.threads);
    std::vector<std::unique_ptr<walk_lease>> walks;
    walks.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i) walks.push_back(std::make_unique<walk_lease>(*this));
    table_.reserve(2 * rows.rows, ids_.data(), ids_.size());
    if (rows.rows > free_.size()) reserve(ids_.size() + rows.rows - free_.size());

    // Slots first, in the order of the rows, so that levels and places do not depend on the threads.
    struct arrival {
        std::uint32_t slot;
        std::uint32_t replaced;
        std::size_t row;
    };
    std::vector<arrival> arrivals;
    arrivals.reserve(rows.rows);
    std::vector<std::uint32_t> place_of; // of arriving slots, made when an id comes twice
    for (std::size_t row = 0; row < rows.rows; ++row) {
        const std::uint64_t id = ids.empty() ? row : ids[row];
        const std::uint32_t known = table_.find(id, ids_.data(), ids_.size());
        if (known != detail::id_table::empty && core_.layers.state(known) == state::arriving) {
            if (place_of.size() < ids_.size()) place_of.resize(ids_.size());
            for (std::size_t i = arrivals.size(); i-- > 0 && place_of[known] == 0;)
                place_of[arrivals[i].slot] = static_cast<std::uint32_t>(i) + 1;
            arrivals[place_of[known] - 1].row = row;
            continue;
        }
        const std::uint32_t slot = take_slot();
        const std::uint32_t replaced = find(id);
        bury(id);
        settle(id, slot, state::arriving);
        arrivals.push_back({slot, replaced, row});
    }

    std::vector<std::uint8_t> linked(arrivals.size(), 0);
    const auto conclude = [&]() noexcept { // what was not linked goes again: nothing leads to it yet
        std::size_t count = 0;
        for (std::size_t i = 0; i < arrivals.size(); ++i) {
            const std::uint32_t slot = arrivals[i].slot;
            if (linked[i] != 0) {
                core_.layers.set(slot, state::live);
                ++live_;
                ++count;
            } else {
                table_.remove(ids_[slot], slot);
                core_.layers.set(slot, state::unused);
                free_.push_back(slot);
                if (arrivals[i].replaced == detail::no_slot) continue;
                settle(ids_[slot], arrivals[i].replaced, state::live);
                ++live_;
                --dead_;
            }
        }
        core_.drop_locks();
        return count;
    };
    std::size_t count = 0;
    try {
        free_.reserve(free_.size() + arrivals.size());
        detail::parallel_for(arrivals.size(), threads, 64, [&](std::size_t worker, std::size_t begin, std::size_t end) {
            walk& w = **walks[worker];
            w.query.resize(dimension_);
            for (std::size_t i = begin; i < end; ++i) {
                detail::prepare<Metric>(rows.row(arrivals[i].row).data(), dimension_, w.query.data());
                core_.set_vector(w, arrivals[i].slot, w.query.data());
            }
            return true;
        });
        // The first ones alone, so that the others find a graph to begin in.
        std::size_t alone = threads == 1 ? arrivals.size() : live_ + dead_ > 256 ? 0 : 256;
        if (alone > arrivals.size()) alone = arrivals.size();
        const std::size_t tell_every = arrivals.size() / 200 + 1;
        std::size_t told = 0;
        std::size_t done = 0;
        const auto report = [&](std::size_t now) {
            if (now - told < tell_every && now != arrivals.size()) return;
            told = now;
            bulk.progress(now, rows.rows);
        };
        for (; done < alone && !bulk.stop.stop_requested(); ++done) {
            core_.template link<false>(**walks[0], arrivals[done].slot);
            linked[done] = 1;
            report(done + 1);
        }
        if (alone < arrivals.size()) {
            core_.prepare_locks();
            detail::parallel_for(arrivals.size() - alone, threads, 8,
                                 [&](std::size_t worker, std::size_t begin, std::size_t end) {
                                     if (bulk.stop.stop_requested()) return false;
                                     for (std::size_t i = alone + begin; i < alone + end; ++i) {
                                         core_.template link<true>(**walks[worker], arrivals[i].slot);
                                         linked[i] = 1;
                                     }
                                     const std::size_t now = __atomic_add_fetch(&done, end - begin, __ATOMIC_RELAXED);
                                     if (worker == 0) report(now);
                                     return true;
                                 });
            if (told != done) report(arrivals.size() == done ? done : told);
        }
    } catch (...) {
        conclude();
        if constexpr (core_type::codes_neighbours)
            for (std::uint32_t slot = 0; slot < core_.layers.slots(); ++slot) core_.renew_codes(**walks[0], slot);
        throw;
    }
    count = conclude();
    fresh_ += count;
    if constexpr (core_type::codes_neighbours) {
        std::vector<std::uint32_t> slots;
        for (const arrival& one : arrivals) slots.push_back(one.slot);
        code_neighbours(walks, slots);
    } else {
        tidy();
    }
    return count == arrivals.size() ? rows.rows : count;
}

template <number_metric Metric, class Storage>
    requires graph_storage_for<Storage, Metric>
template <class Walks>
void hnsw<Metric, Storage>::code_neighbours(Walks& walks, const std::vector<std::uint32_t>& arrived) {
    const auto each = [&](std::size_t count, auto&& code) {
        detail::parallel_for(count, walks.size(), 64, [&](std::size_t worker, std::size_t begin, std::size_t end) {
            for (std::size_t i = begin; i < end; ++i) code(**walks[worker], i);
            return true;
        });
    };
    const bool untidy = is_untidy();
    if (untidy) repair(**walks[0]);
    if (untidy || arrived.size() > core_.layers.slots() / 16) {
        each(core_.layers.slots(),
             [&](walk& w, std::size_t slot) { core_.fill_codes(w, static_cast<std::uint32_t>(slot)); });
        return;
    }
    std::vector<std::uint32_t> around;
    for (const std::uint32_t slot : arrived)
        core_.each_link(slot, [&](std::uint32_t other) { around.push_back(other); });
    detail::sort_values(around.data(), around.size());
    std::size_t kinds = 0;
    for (std::size_t i = 0; i < around.size(); ++i)
        if (i == 0 || around[i] != around[i - 1]) around[kinds++] = around[i];
    each(kinds, [&](walk& w, std::size_t i) { core_.renew_codes(w, around[i]); });
    each(arrived.size(), [&](walk& w, std::size_t i) { core_.fill_codes(w, arrived[i]); });
}

template <number_metric Metric, class Storage>
    requires graph_storage_for<Storage, Metric>
std::vector<neighbour> hnsw<Metric, Storage>::range_search(std::span<const float> query, float radius,
                                                           const search_options& how) const {
    detail::check_vector(query, dimension_, "the query");
    std::vector<neighbour> found;
    if (live_ == 0) return found;
    walk_lease w(*this);
    aim(*w, query);
    explore(*w, width(how, 1));
    // From the nearest on: whoever lies within the radius shows its neighbours.
    std::vector<std::uint32_t> within;
    std::vector<std::uint32_t> met;
    std::vector<float> distances;
    const auto take = [&] {
        distances.resize(met.size());
        core_.best_distances(*w, met.data(), met.size(), distances.data());
        for (std::size_t i = 0; i < met.size(); ++i) {
            if (!(distances[i] <= radius)) continue;
            within.push_back(met[i]);
            if (core_.layers.state(met[i]) == state::live) found.push_back({ids_[met[i]], distances[i]});
        }
        met.clear();
    };
    w->visited.begin(core_.layers.slots());
    for (std::size_t i = 0; i < w->pool.size(); ++i) {
        met.push_back(w->pool[i].slot());
        w->visited.first(met.back());
    }
    take();
    std::vector<std::uint32_t> list(core_.layers.capacity(0));
    for (std::size_t next = 0; next < within.size(); ++next) {
        const std::size_t count = core_.layers.copy_list(within[next], 0, list.data());
        for (std::size_t i = 0; i < count; ++i)
            if (w->visited.first(list[i])) met.push_back(list[i]);
        take();
    }
    detail::sort_values(found.data(), found.size());
    return found;
}

template <number_metric Metric, class Storage>
    requires graph_storage_for<Storage, Metric>
std::vector<std::vector<neighbour>> hnsw<Metric, Storage>::search_many(matrix_view queries, std::size_t k,
                                                                       const search_options& how,
                                                                       const bulk_options& bulk) const {
    std::vector<std::vector<neighbour>> found(queries.rows);
    std::size_t done = 0;
    detail::parallel_for(queries.rows, detail::thread_count(bulk.threads), 16,
                         [&](std::size_t worker, std::size_t begin, std::size_t end) {
                             if (bulk.stop.stop_requested()) return false;
                             for (std::size_t i = begin; i < end; ++i) found[i] = search(queries.row(i), k, how);
                             const std::size_t now = __atomic_add_fetch(&done, end - begin, __ATOMIC_RELAXED);
                             if (worker == 0 && now < queries.rows) bulk.progress(now, queries.rows);
                             return true;
                         });
    if (done == queries.rows) bulk.progress(done, queries.rows);
    return found;
}

template <number_metric Metric, class Storage>
    requires graph_storage_for<Storage, Metric>
template <class Filter>
std::vector<neighbour> hnsw<Metric, Storage>::compare_all(walk& w, std::size_t k, Filter&& filter) const {
    constexpr std::size_t batch = 64;
    std::uint32_t slots[batch] = {}; // g++ 12 does not see that `count` of them are set
    float distances[batch];
    std::size_t count = 0;
    w.pool.reset(k < live_ ? k : live_);
    const auto take = [&] {
        core_.best_distances(w, slots, count, distances);
        w.pool.insert(distances, slots, count);
        count = 0;
    };
    for (std::uint32_t slot = 0; slot < core_.layers.slots(); ++slot) {
        if (core_.layers.state(slot) != state::live || !filter(ids_[slot])) continue;
        slots[count++] = slot;
        if (count == batch) take();
    }
    take();
    std::vector<neighbour> found;
    found.reserve(w.pool.size());
    for (std::size_t i = 0; i < w.pool.size(); ++i) found.push_back({ids_[w.pool[i].slot()], w.pool[i].distance});
    detail::sort_values(found.data(), found.size());
    return found;
}

template <number_metric Metric, class Storage>
    requires graph_storage_for<Storage, Metric>
void hnsw<Metric, Storage>::own_file() {
    core_.layers.check();
    core_.own();
    ids_.own();
    detail::id_table table;
    table.clear(live_ + 1);
    std::vector<std::uint32_t> unused;
    std::size_t live = 0;
    for (std::uint32_t slot = 0; slot < core_.layers.slots(); ++slot) {
        const state now = core_.layers.state(slot);
        if (now == state::unused) unused.push_back(slot);
        if (now != state::live) continue;
        if (++live > live_ || table.find(ids_[slot], ids_.data(), ids_.size()) != detail::id_table::empty)
            throw data_error("the index file is damaged: vertex " + std::to_string(slot) +
                             " has the id of another one, " + std::to_string(ids_[slot]));
        table.put(ids_[slot], slot);
    }
    if (live != live_) throw data_error("the index file is damaged: it does not have the vectors it counts");
    table_ = std::move(table);
    free_ = std::move(unused);
    file_.reset();
}

template <number_metric Metric, class Storage>
    requires graph_storage_for<Storage, Metric>
hnsw_stats hnsw<Metric, Storage>::stats() const {
    hnsw_stats result;
    const detail::graph& layers = core_.layers;
    result.vectors = live_;
    result.dimension = dimension_;
    result.erased = dead_;
    std::size_t links = 0;
    std::vector<std::uint32_t> list(layers.capacity(0));
    for (std::uint32_t slot = 0; slot < layers.slots(); ++slot) {
        if (layers.state(slot) != state::live) continue;
        for (int level = 0; level <= layers.levels[slot] && level < detail::most_levels; ++level)
            links += layers.copy_list(slot, level, list.data());
        if (layers.levels[slot] > result.max_level) result.max_level = layers.levels[slot];
    }
    result.average_connections = live_ == 0 ? 0 : static_cast<double>(links) / static_cast<double>(live_);
    result.graph_bytes = layers.memory();
    result.code_bytes = core_.rows.size() + core_.blocks.size();
    result.vector_bytes = core_.vectors.size();
    return result;
}

} // namespace weft::inline v0::vector
