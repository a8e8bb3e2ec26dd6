// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `hnsw`: approximate nearest neighbours by walks through a layered graph (Malkov and Yashunin, "Efficient and robust
/// approximate nearest neighbor search using Hierarchical Navigable Small World graphs").

#include <weft/core/error.hpp>
#include <weft/vector/detail/check.hpp>
#include <weft/vector/detail/hnsw_core.hpp>
#include <weft/vector/detail/hnsw_repair.hpp>
#include <weft/vector/detail/id_table.hpp>
#include <weft/vector/hnsw_options.hpp>
#include <weft/vector/index.hpp>
#include <weft/vector/matrix.hpp>
#include <weft/vector/metric.hpp>
#include <weft/vector/storage.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace weft::inline v0::vector {

namespace detail {
struct hnsw_access; // reading and writing of files
}

/// An HNSW index. `Metric` is one of `weft/vector/metric.hpp`, `Storage` one of `weft/vector/storage.hpp`:
///
///     hnsw<cosine, int8> index(768);
///     index.insert(17, values);
///     for (auto [id, distance] : index.search(query, 10)) …
///
/// Threads: const members may run in any number of threads at once; every other member needs the index for itself.
/// `insert_many` and `search_many` use several threads of their own. With one thread, equal calls make equal indexes.
///
/// Erased and replaced vectors leave their vertices behind as ways for searches; once these are an eighth of the index
/// they are taken out together and their places used again. Inserting costs O(ef_construction · m) distances at each of
/// about log(size) steps.
template <number_metric Metric, class Storage = f32>
    requires graph_storage_for<Storage, Metric>
class hnsw {
    using core_type = detail::hnsw_core<Metric, Storage>;
    using walk = typename core_type::walk;
    using state = detail::slot_state;

public:
    using metric_type = Metric;
    using storage_type = Storage;

    /// An empty index for vectors of `dimension` numbers, 1 to 65 536. Throws a programming_error for what cannot be.
    explicit hnsw(std::size_t dimension, const hnsw_options& options = {})
        : dimension_((detail::check_dimension(dimension), dimension)), options_((check(options), options)),
          core_(dimension, options.m, options.ef_construction) {}

    std::size_t dimension() const noexcept { return dimension_; }
    std::size_t size() const noexcept { return live_; }
    bool empty() const noexcept { return live_ == 0; }
    const hnsw_options& options() const noexcept { return options_; }
    static constexpr metric_kind metric() noexcept { return Metric::kind; }

    /// Width of searches that say nothing else.
    void set_ef_search(std::size_t ef) noexcept { options_.ef_search = ef; }

    bool contains(std::uint64_t id) const noexcept { return find(id) != detail::no_slot; }

    /// A copy of a vector: of unit length for `cosine`, of what the codes stand for with `codes_only`. Throws a
    /// data_error for an unknown id.
    std::vector<float> at(std::uint64_t id) const {
        const std::uint32_t slot = find(id);
        if (slot == detail::no_slot) throw data_error("the index has no vector " + std::to_string(id));
        std::vector<float> values(dimension_);
        if constexpr (Storage::keeps_vectors)
            core_.exact.decode(core_.vectors.data() + slot * core_.exact.stride(), values.data());
        else
            core_.codes.decode(core_.row(slot), values.data());
        return values;
    }

    /// Makes room for `vectors` in all.
    void reserve(std::size_t vectors) {
        thaw();
        core_.reserve(vectors);
        ids_.reserve(vectors);
    }

    /// Adds a vector or replaces the one with this id. Throws a data_error when the vector has another length or a
    /// number that is not finite.
    void insert(std::uint64_t id, std::span<const float> values) {
        detail::check_vector(values, dimension_, "the vector");
        thaw();
        walk_lease w(*this);
        table_.reserve(1, ids_.data(), ids_.size());
        const std::uint32_t slot = take_slot();
        w->query.resize(dimension_);
        detail::prepare<Metric>(values.data(), dimension_, w->query.data());
        core_.set_vector(*w, slot, w->query.data());
        bury(id);
        settle(id, slot, state::live);
        ++live_;
        core_.template link<false>(*w, slot);
        if constexpr (core_type::codes_neighbours) {
            core_.fill_codes(*w, slot);
            core_.each_link(slot, [&](std::uint32_t other) { core_.renew_codes(*w, other); });
        }
        ++fresh_;
        tidy();
    }

    /// Inserts the rows of a matrix under `ids`, or under 0, 1, 2 … where `ids` is empty, with several threads. Of rows
    /// with one id the last stays. Returns how many rows were inserted: all of them, unless stopped. Throws a
    /// data_error that names the row for what `insert` would refuse, before anything is changed.
    std::size_t insert_many(matrix_view rows, std::span<const std::uint64_t> ids = {}, const bulk_options& bulk = {});

    /// Removes a vector; false when there is none with this id.
    bool erase(std::uint64_t id) {
        if (find(id) == detail::no_slot) return false;
        thaw();
        bury(id);
        tidy();
        return true;
    }

    /// Takes erased vertices out of the graph now, and links vertices that searches cannot reach. O(size). Happens by
    /// itself whenever an eighth of the index was erased or a quarter of it is new.
    void consolidate() {
        thaw();
        walk_lease w(*this);
        repair(*w);
        if constexpr (core_type::codes_neighbours)
            for (std::uint32_t slot = 0; slot < core_.layers.slots(); ++slot) core_.fill_codes(*w, slot);
    }

    /// The nearest `k`, or all when there are fewer, nearest first. Throws a data_error when the query has another
    /// length or a number that is not finite.
    std::vector<neighbour> search(std::span<const float> query, std::size_t k, const search_options& how = {}) const {
        detail::check_vector(query, dimension_, "the query");
        if (k == 0 || live_ == 0) return {};
        walk_lease w(*this);
        aim(*w, query);
        const std::size_t ef = width(how, k);
        const std::size_t erased = dead_ * ef / (live_ + dead_);
        explore(*w, ef + erased);
        auto found = nearest(*w, k, how, everything{});
        if constexpr (core_type::codes_neighbours)
            if (found.size() < k && found.size() < live_) { // too many estimates were of the same vertices
                explore(*w, ef + erased, false);
                found = nearest(*w, k, how, everything{});
            }
        return found;
    }

    /// The nearest `k` of the vectors whose id pleases `filter`, a function of an id. The share of those is estimated
    /// from a sample, and the search is widened accordingly; where that would cost more than comparing every vector
    /// that pleases, or fewer than `k` were found, every one is compared. The filter may be called for any id of the
    /// index, more than once.
    template <class Filter>
        requires std::is_invocable_r_v<bool, Filter&, std::uint64_t>
    std::vector<neighbour> search(std::span<const float> query, std::size_t k, Filter&& filter,
                                  const search_options& how = {}) const {
        detail::check_vector(query, dimension_, "the query");
        if (k == 0 || live_ == 0) return {};
        walk_lease w(*this);
        aim(*w, query);
        const std::size_t slots = core_.layers.slots();
        const double share = sampled_share(filter);
        const double wide = static_cast<double>(width(how, k)) / (share > 0 ? share : 1e-9);
        if (wide * static_cast<double>(core_.layers.m) < static_cast<double>(slots)) {
            explore(*w, static_cast<std::size_t>(wide));
            auto found = nearest(*w, k, how, filter);
            if (found.size() == k) return found;
        }
        return compare_all(*w, k, filter);
    }

    /// Every vector at most `radius` away that can be reached from the nearest ones by way of others within the radius,
    /// nearest first: all of them, but for gaps of the graph. Widen with `how.ef` where there are only few.
    std::vector<neighbour> range_search(std::span<const float> query, float radius,
                                        const search_options& how = {}) const;

    /// One search for each row. `result[i]` belongs to row i.
    std::vector<std::vector<neighbour>> search_many(matrix_view queries, std::size_t k, const search_options& how = {},
                                                    const bulk_options& bulk = {}) const;

    hnsw_stats stats() const;

    hnsw(hnsw&& other) noexcept
        : dimension_(other.dimension_), options_(other.options_), core_(std::move(other.core_)),
          ids_(std::move(other.ids_)), table_(std::move(other.table_)), free_(std::move(other.free_)),
          live_(std::exchange(other.live_, 0)), dead_(std::exchange(other.dead_, 0)), fresh_(other.fresh_),
          file_(std::move(other.file_)), walks_(std::move(other.walks_)) {
        other.core_.layers.entry = detail::no_slot;
    }
    hnsw& operator=(hnsw&& other) noexcept {
        if (this != &other) {
            this->~hnsw();
            new (this) hnsw(std::move(other));
        }
        return *this;
    }
    ~hnsw() = default;

private:
    friend detail::hnsw_access;

    struct everything {
        bool operator()(std::uint64_t) const noexcept { return true; }
    };

    /// A walk of this thread's own while it lives.
    class walk_lease {
    public:
        explicit walk_lease(const hnsw& index) : index_(index) {
            {
                const detail::byte_lock guard(index.walks_lock_);
                if (!index.walks_.empty()) {
                    walk_ = std::move(index.walks_.back());
                    index.walks_.pop_back();
                }
            }
            if (walk_ == nullptr) walk_ = std::make_unique<walk>(index.core_);
        }
        walk_lease(const walk_lease&) = delete;
        walk_lease& operator=(const walk_lease&) = delete;
        ~walk_lease() {
            const detail::byte_lock guard(index_.walks_lock_);
            try {
                index_.walks_.push_back(std::move(walk_));
            } catch (...) { // no memory to keep it for the next
            }
        }
        walk& operator*() const noexcept { return *walk_; }
        walk* operator->() const noexcept { return walk_.get(); }

    private:
        const hnsw& index_;
        std::unique_ptr<walk> walk_;
    };

    std::uint32_t find(std::uint64_t id) const noexcept {
        const std::uint32_t slot = table_.find(id, ids_.data(), ids_.size());
        return slot != detail::id_table::empty && core_.layers.state(slot) == state::live ? slot : detail::no_slot;
    }

    void aim(walk& w, std::span<const float> query) const {
        w.query.resize(dimension_);
        detail::prepare<Metric>(query.data(), dimension_, w.query.data());
        core_.aim(w);
    }

    std::size_t width(const search_options& how, std::size_t k) const noexcept {
        const std::size_t asked = how.ef != 0 ? how.ef : options_.ef_search;
        const std::size_t slots = core_.layers.slots();
        if (k >= slots) return slots;
        const std::size_t least = core_type::codes_neighbours ? 2 * k : k; // a vertex may be estimated several times
        const std::size_t wide = asked > least ? asked : least;
        return wide < slots ? wide : slots;
    }

    /// Fills the pool of `w`. Without estimates, or where the width is about that of the index, every distance counts.
    void explore(walk& w, std::size_t ef, bool estimates = true) const {
        const std::size_t slots = core_.layers.slots();
        const std::uint32_t entry = core_.layers.entry;
        if (entry >= slots) {
            w.pool.reset(1);
            return;
        }
        const std::size_t wide = ef < slots ? ef : slots;
        const detail::near_slot start = core_.descend(w, entry, core_.layers.top(), 0);
        if constexpr (core_type::codes_neighbours)
            if (estimates && wide < slots / 4) return core_.explore_estimates(w, start, wide);
        static_cast<void>(estimates);
        core_.explore(w, start, 0, wide);
    }

    /// The best of the pool that are alive and please the filter, by their exact distances.
    template <class Filter>
    std::vector<neighbour> nearest(walk& w, std::size_t k, const search_options& how, Filter&& filter) const {
        const std::size_t extra = how.rerank != 0 ? how.rerank : k + (k / 2 > 4 ? k / 2 : 4);
        const std::size_t most = Storage::keeps_vectors ? (extra > k ? extra : k) : k;
        std::vector<neighbour> found;
        found.reserve(most < w.pool.size() ? most : w.pool.size());
        w.kept.clear();
        for (std::size_t i = 0; i < w.pool.size(); ++i) {
            // Beyond those wanted only what is as near as the last: of these the smallest ids count.
            if (w.kept.size() >= most && w.pool[i].distance != found.back().distance) break;
            const std::uint32_t slot = w.pool[i].slot();
            if (core_.layers.state(slot) != state::live || !filter(ids_[slot])) continue;
            w.kept.push_back(slot);
            found.push_back({ids_[slot], w.pool[i].distance});
        }
        if constexpr (Storage::keeps_vectors) {
            if (w.distances.size() < w.kept.size()) w.distances.resize(w.kept.size());
            core_.best_distances(w, w.kept.data(), w.kept.size(), w.distances.data());
            for (std::size_t i = 0; i < found.size(); ++i) found[i].distance = w.distances[i];
        }
        detail::sort_values(found.data(), found.size());
        if (found.size() > k) found.resize(k);
        return found;
    }

    template <class Filter>
    double sampled_share(Filter& filter) const {
        const std::size_t slots = core_.layers.slots();
        const std::size_t step = slots / 256 + 1;
        std::size_t seen = 0;
        std::size_t pleased = 0;
        for (std::size_t slot = 0; slot < slots; slot += step) {
            ++seen;
            const bool living = core_.layers.state(static_cast<std::uint32_t>(slot)) == state::live;
            pleased += living && filter(ids_[slot]) ? 1 : 0;
        }
        return static_cast<double>(pleased) / static_cast<double>(seen);
    }

    /// Exact search among all that please the filter.
    template <class Filter>
    std::vector<neighbour> compare_all(walk& w, std::size_t k, Filter&& filter) const;

    std::uint32_t take_slot() {
        if (!free_.empty()) {
            const std::uint32_t slot = free_.back();
            free_.pop_back();
            return slot;
        }
        if (ids_.size() >= detail::most_slots) throw operational_error("the index is full: it has 2^31 - 1 vectors");
        ids_.reserve(ids_.size() + 1);
        const double inverse_log_m = 1.0 / std::log(static_cast<double>(options_.m));
        const std::uint32_t slot = core_.add_slot(detail::draw_level(options_.seed, ids_.size(), inverse_log_m));
        ids_.resize(ids_.size() + 1, 0);
        return slot;
    }

    void settle(std::uint64_t id, std::uint32_t slot, state as) noexcept {
        ids_[slot] = id;
        core_.layers.set(slot, as);
        table_.put(id, slot);
    }

    /// Makes the vector of an id, if there is one, a dead vertex without an id.
    void bury(std::uint64_t id) noexcept {
        const std::uint32_t slot = find(id);
        if (slot == detail::no_slot) return;
        table_.remove(id, slot);
        core_.layers.set(slot, state::dead);
        --live_;
        ++dead_;
    }

    bool is_untidy() const noexcept { return dead_ > 64 + live_ / 8 || fresh_ > 256 + live_ / 4; }
    void tidy() {
        if (is_untidy()) consolidate();
    }

    /// The neighbour codes of slots that were just linked, and of those they are linked to.
    template <class Walks>
    void code_neighbours(Walks& walks, const std::vector<std::uint32_t>& arrived);

    /// Takes erased vertices out and links those that cannot be reached. The neighbour codes are to be filled then.
    void repair(walk& w) {
        if (dead_ != 0) {
            std::vector<std::uint32_t> dead;
            for (std::uint32_t slot = 0; slot < core_.layers.slots(); ++slot)
                if (core_.layers.state(slot) == state::dead) dead.push_back(slot);
            free_.reserve(free_.size() + dead.size());
            detail::take_out_dead(core_, w);
            for (const std::uint32_t slot : dead) free_.push_back(slot);
            dead_ = 0;
        }
        detail::connect(core_, w);
        fresh_ = 0;
    }

    /// Before the first change of an index that is a view of a file: checks it and copies it into memory.
    void thaw() {
        if (file_ != nullptr) own_file();
    }
    void own_file();

    std::size_t dimension_;
    hnsw_options options_;
    core_type core_;
    detail::buffer<std::uint64_t> ids_;
    detail::id_table table_;
    std::vector<std::uint32_t> free_;
    std::size_t live_ = 0;
    std::size_t dead_ = 0;
    std::size_t fresh_ = 0;            // inserted since all were last seen to be reachable
    std::shared_ptr<const void> file_; // what keeps the mapping that this index looks at
    mutable std::vector<std::unique_ptr<walk>> walks_;
    mutable std::uint8_t walks_lock_ = 0;
};

} // namespace weft::inline v0::vector

#include <weft/vector/detail/hnsw_many.hpp>
