// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// What `ivf`, `pq` and `ivf_pq` have in common: vectors in lists, a training that makes lists and codes, and searches
/// of the lists nearest to the query.

#include <weft/vector/detail/payload.hpp>
#include <weft/vector/flat.hpp>
#include <weft/vector/kmeans.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace weft::inline v0::vector {

/// How a trained index is built and searched.
struct trained_options {
    std::size_t lists = 256;   ///< clusters of `ivf` and `ivf_pq`; `pq` has one list
    std::size_t probes = 8;    ///< lists that a search looks into, unless it says otherwise
    bool keep_vectors = false; ///< keep the vectors in full beside codes, to order the best candidates exactly
    kmeans_options training{}; ///< of the clusters and of the codes
};

/// How one search runs.
struct trained_search {
    std::size_t probes = 0; ///< lists to look into: 0 is the index's number. More finds more and takes longer
    std::size_t rerank = 0; ///< candidates that are compared exactly where vectors are kept; 0: four times k and 32
};

namespace detail {

struct trained_access; // reading and writing of files

/// See `ivf`, `pq` and `ivf_pq`, whose members these are.
///
/// An index is made untrained. Until `train` is called it keeps every vector and searches exactly, as `flat` does, so
/// nothing is an error and nothing is lost; `train` then moves all of them into lists. Training again with the vectors
/// of an index that keeps them starts anew; without them it is an error, since codes are not worth training with.
template <class Metric, class Payload>
class trained_index {
public:
    using metric_type = Metric;
    using payload_type = Payload;
    using lists_type = trained_index; ///< what `ivf`, `pq` and `ivf_pq` are made of

    std::size_t dimension() const noexcept { return held_.dimension(); }
    std::size_t size() const noexcept { return trained_ ? ids_.size() : held_.size(); }
    bool empty() const noexcept { return size() == 0; }
    static constexpr metric_kind metric() noexcept { return Metric::kind; }
    const trained_options& options() const noexcept { return options_; }

    /// Lists that searches look into when they say nothing else.
    void set_probes(std::size_t probes) noexcept { options_.probes = probes; }

    /// Whether there are lists and codes yet.
    bool is_trained() const noexcept { return trained_; }

    /// The fewest vectors to train with: as many as there are lists, and as many as a piece has centroids.
    std::size_t least_training() const noexcept {
        std::size_t least = lists_wanted_;
        if constexpr (Payload::uses_residuals) {
            const std::size_t codes = payload_.quantiser().centroids();
            least = codes > least ? codes : least;
        }
        return least;
    }

    /// Makes lists and codes of the vectors that are in the index, and moves them there. Throws a data_error when there
    /// are fewer than `least_training()`, a cancelled_error when the options' `training.stop` asked for it (nothing is
    /// changed then), and a programming_error when the index was trained and has not kept its vectors.
    void train() {
        if (trained_ && !keeps())
            throw programming_error(
                "the index is trained and has not kept its vectors; there is nothing to train with");
        const std::vector<float> rows = held_rows();
        train_with({rows.data(), held_.size(), dimension()});
    }

    /// The same, but learns from the rows of a matrix. Those do not come into the index.
    void train(matrix_view rows) {
        if (trained_ && !keeps())
            throw programming_error(
                "the index is trained and has not kept its vectors; they cannot be put into new lists");
        check_rows(rows, {}, dimension());
        std::vector<float> prepared(rows.rows * dimension());
        for (std::size_t i = 0; i < rows.rows; ++i)
            prepare<Metric>(rows.row(i).data(), dimension(), prepared.data() + i * dimension());
        train_with({prepared.data(), rows.rows, dimension()});
    }

    bool contains(std::uint64_t id) const noexcept {
        return trained_ ? table_.find(id, ids_.data(), ids_.size()) != id_table::empty : held_.contains(id);
    }

    /// A copy of a vector: as `flat` has it where vectors are kept or not yet trained, else what its codes stand for.
    /// Throws a data_error for an unknown id.
    std::vector<float> at(std::uint64_t id) const {
        if (!trained_ || keeps()) return held_.at(id);
        const std::uint32_t slot = table_.find(id, ids_.data(), ids_.size());
        if (slot == id_table::empty) throw data_error("the index has no vector " + std::to_string(id));
        std::vector<float> values(dimension());
        const place where = places_[slot];
        payload_.decode(lists_[where.list].rows.data(), where.at, values.data());
        if (const float* centre = residual_centre(where.list))
            for (std::size_t i = 0; i < values.size(); ++i) values[i] += centre[i];
        return values;
    }

    /// Adds a vector or replaces the one with this id. Throws a data_error when the vector has another length or a
    /// number that is not finite.
    void insert(std::uint64_t id, std::span<const float> values) {
        check_inserted(values, dimension());
        if (!trained_ || keeps()) held_.insert(id, values);
        if (!trained_) return;
        scratch_.resize(dimension());
        prepare<Metric>(values.data(), dimension(), scratch_.data());
        remove(id);
        put(id, scratch_.data(), list_of(scratch_.data()));
    }

    /// Inserts the rows of a matrix under `ids`, or under 0, 1, 2 … where `ids` is empty. Of rows with one id the last
    /// stays. Returns how many rows were inserted: all of them, unless stopped. Throws a data_error that names the row
    /// for what `insert` would refuse, before anything is changed.
    std::size_t insert_many(matrix_view rows, std::span<const std::uint64_t> ids = {}, const bulk_options& bulk = {}) {
        if (!trained_) return held_.insert_many(rows, ids, bulk);
        check_rows(rows, ids, dimension());
        constexpr std::size_t together = 4096;
        std::vector<float> prepared(together * dimension());
        std::vector<std::uint32_t> where(together);
        for (std::size_t begin = 0; begin < rows.rows; begin += together) {
            if (bulk.stop.stop_requested()) return begin;
            if (begin != 0) bulk.progress(begin, rows.rows);
            const std::size_t count = rows.rows - begin < together ? rows.rows - begin : together;
            parallel_for(count, thread_count(bulk.threads), 64, [&](std::size_t, std::size_t first, std::size_t last) {
                for (std::size_t i = first; i < last; ++i) {
                    float* const row = prepared.data() + i * dimension();
                    prepare<Metric>(rows.row(begin + i).data(), dimension(), row);
                    where[i] = list_of(row);
                }
                return true;
            });
            for (std::size_t i = 0; i < count; ++i) {
                const std::uint64_t id = ids.empty() ? begin + i : ids[begin + i];
                if (keeps()) held_.insert(id, rows.row(begin + i));
                remove(id);
                put(id, prepared.data() + i * dimension(), where[i]);
            }
        }
        bulk.progress(rows.rows, rows.rows);
        return rows.rows;
    }

    /// Removes a vector; false when there is none with this id.
    bool erase(std::uint64_t id) {
        if (!trained_) return held_.erase(id);
        if (keeps()) held_.erase(id);
        return remove(id);
    }

    /// The nearest `k` of the vectors in the lists that are looked into, nearest first. More lists than asked for are
    /// looked into when these have fewer than `k` vectors. Throws a data_error when the query has another length or a
    /// number that is not finite.
    std::vector<neighbour> search(std::span<const float> query, std::size_t k, const trained_search& how = {}) const {
        every_id all;
        return search_those(query, k, all, how);
    }

    /// The same among the vectors whose id pleases `filter`, a function of an id.
    template <class Filter>
        requires std::is_invocable_r_v<bool, Filter&, std::uint64_t>
    std::vector<neighbour> search(std::span<const float> query, std::size_t k, Filter&& filter,
                                  const trained_search& how = {}) const {
        return search_those(query, k, filter, how);
    }

    /// Every vector at most `radius` away in the lists that are looked into, nearest first; by exact distances where
    /// vectors are kept.
    std::vector<neighbour> range_search(std::span<const float> query, float radius,
                                        const trained_search& how = {}) const {
        if (!trained_) return held_.range_search(query, radius);
        const std::vector<float> prepared = ready(query);
        within sink{radius, {}};
        typename Payload::searcher searcher(payload_, prepared);
        every_id all;
        for (const neighbour& near : nearest_lists(prepared.data(), probes(how))) {
            if (keeps()) {
                for (const std::uint32_t slot : lists_[near.id].slots) {
                    const float distance = held_.distance(prepared, ids_[slot]);
                    sink.offer(&distance, 1, [&](std::size_t) { return ids_[slot]; }, all);
                }
            } else {
                scan(searcher, near.id, sink, all);
            }
        }
        sort_values(sink.found.data(), sink.found.size());
        return std::move(sink.found);
    }

    /// One search for each row. `result[i]` belongs to row i. What `bulk.stop` ends early has empty results.
    std::vector<std::vector<neighbour>> search_many(matrix_view queries, std::size_t k, const trained_search& how = {},
                                                    const bulk_options& bulk = {}) const {
        check_rows(queries, {}, dimension(), "Query");
        std::vector<std::vector<neighbour>> results(queries.rows);
        std::size_t done = 0;
        parallel_for(queries.rows, thread_count(bulk.threads), 4,
                     [&](std::size_t worker, std::size_t begin, std::size_t end) {
                         if (bulk.stop.stop_requested()) return false;
                         for (std::size_t i = begin; i < end; ++i) results[i] = search(queries.row(i), k, how);
                         const std::size_t now = __atomic_add_fetch(&done, end - begin, __ATOMIC_RELAXED);
                         if (worker == 0 && now < queries.rows) bulk.progress(now, queries.rows);
                         return true;
                     });
        if (done == queries.rows) bulk.progress(done, queries.rows);
        return results;
    }

    /// Bytes of memory that lists, codes, centroids and kept vectors take.
    std::size_t memory_bytes() const noexcept {
        std::size_t bytes = held_.memory_bytes() + centres_.size() * sizeof(float) +
                            ids_.size() * (sizeof(std::uint64_t) + sizeof(place)) +
                            table_.cells().size() * sizeof(std::uint32_t);
        for (const list& each : lists_) bytes += each.rows.size() + each.slots.size() * sizeof(std::uint32_t);
        return bytes;
    }

protected:
    trained_index(std::size_t dimension, std::size_t lists, const trained_options& options, Payload payload)
        : options_(options), lists_wanted_(lists), held_(dimension), payload_(std::move(payload)) {
        if (lists == 0 || lists > 1'000'000)
            throw programming_error("an index of " + std::to_string(lists) + " lists; there can be 1 to 1000000");
        if (options_.probes == 0) options_.probes = 1;
        options_.lists = lists;
    }

private:
    friend trained_access;

    struct place {
        std::uint32_t list;
        std::uint32_t at;
    };
    struct list {
        buffer<std::byte> rows;
        std::vector<std::uint32_t> slots;
    };
    struct within {
        float radius;
        std::vector<neighbour> found;

        float bound() const noexcept { return radius; }
        template <class IdOf, class Filter>
        void offer(const float* distances, std::size_t count, IdOf&& id_of, Filter& filter) {
            for (std::size_t i = 0; i < count; ++i) {
                if (!(distances[i] <= radius)) continue;
                const neighbour near{id_of(i), distances[i]};
                if (filter(near.id)) found.push_back(near);
            }
        }
    };

    // Exact vectors in lists need no second copy.
    bool keeps() const noexcept { return !Payload::is_exact && options_.keep_vectors; }

    std::vector<float> held_rows() const {
        std::vector<float> rows;
        rows.reserve(held_.size() * dimension());
        for (const std::uint64_t id : held_.ids()) {
            const std::vector<float> row = held_.at(id);
            rows.insert(rows.end(), row.begin(), row.end());
        }
        return rows;
    }

    void train_with(matrix_view rows) {
        if (rows.rows < least_training())
            throw data_error("training needs " + std::to_string(least_training()) + " vectors at least, got " +
                             std::to_string(rows.rows));
        std::vector<float> centres;
        column_matrix columns;
        if (lists_wanted_ > 1) {
            centres = kmeans(rows, lists_wanted_, options_.training);
            columns = column_matrix(centres.data(), lists_wanted_, dimension());
        }
        if constexpr (Payload::uses_residuals) train_codes(rows, centres, columns);
        centres_ = std::move(centres);
        columns_ = std::move(columns);
        lists_.clear();
        lists_.resize(lists_wanted_);
        ids_ = {};
        places_.clear();
        table_.clear(held_.size());
        trained_ = true;
        for (const std::uint64_t id : held_.ids()) {
            const std::vector<float> row = held_.at(id);
            put(id, row.data(), list_of(row.data()));
        }
        if (!keeps()) held_.clear();
    }

    void train_codes(matrix_view rows, const std::vector<float>& centres, const column_matrix& columns) {
        if (centres.empty()) return payload_.quantiser().train(rows, options_.training);
        std::vector<float> residuals(rows.data, rows.data + rows.rows * dimension());
        for (std::size_t i = 0; i < rows.rows; ++i) {
            float distance = 0;
            const std::size_t centre = columns.nearest(rows.row(i).data(), &distance);
            for (std::size_t d = 0; d < dimension(); ++d)
                residuals[i * dimension() + d] -= centres[centre * dimension() + d];
        }
        payload_.quantiser().train({residuals.data(), rows.rows, dimension()}, options_.training);
    }

    std::uint32_t list_of(const float* prepared) const noexcept {
        float distance = 0;
        return lists_.size() == 1 ? 0 : static_cast<std::uint32_t>(columns_.nearest(prepared, &distance));
    }

    const float* residual_centre(std::size_t where) const noexcept {
        return Payload::uses_residuals && !centres_.empty() ? centres_.data() + where * dimension() : nullptr;
    }

    // Adds a vector that is not there.
    void put(std::uint64_t id, const float* prepared, std::uint32_t where) {
        if (ids_.size() >= 0x7FFFFFFF) throw operational_error("the index is full: it has 2^31 - 1 vectors");
        const auto slot = static_cast<std::uint32_t>(ids_.size());
        list& to = lists_[where];
        const auto at = static_cast<std::uint32_t>(to.slots.size());
        table_.reserve(1, ids_.data(), ids_.size());
        ids_.reserve(slot + std::size_t{1} <= ids_.memory() / sizeof(std::uint64_t) ? slot + 1 : slot + slot / 2 + 16);
        places_.push_back({where, at});
        try {
            to.slots.push_back(slot);
            to.rows.resize(payload_.bytes(at + std::size_t{1}), std::byte{});
        } catch (...) {
            if (to.slots.size() > at) to.slots.pop_back();
            places_.pop_back();
            throw;
        }
        if (const float* centre = residual_centre(where)) {
            residual_.resize(dimension());
            for (std::size_t i = 0; i < dimension(); ++i) residual_[i] = prepared[i] - centre[i];
            prepared = residual_.data();
        }
        payload_.put(to.rows.data(), at, prepared);
        ids_.resize(slot + std::size_t{1}, id);
        table_.put(id, slot);
    }

    // The last of the list moves into the gap, and the last slot takes the number that is free.
    bool remove(std::uint64_t id) {
        const std::uint32_t slot = table_.find(id, ids_.data(), ids_.size());
        if (slot == id_table::empty) return false;
        table_.reserve(1, ids_.data(), ids_.size());
        const place gap = places_[slot];
        list& from = lists_[gap.list];
        const auto last_row = static_cast<std::uint32_t>(from.slots.size() - 1);
        if (gap.at != last_row) {
            payload_.move(from.rows.data(), last_row, gap.at);
            from.slots[gap.at] = from.slots[last_row];
            places_[from.slots[gap.at]].at = gap.at;
        }
        from.slots.pop_back();
        from.rows.resize(payload_.bytes(last_row), std::byte{});
        table_.remove(id, slot);
        const auto last = static_cast<std::uint32_t>(ids_.size() - 1);
        if (slot != last) {
            table_.remove(ids_[last], last);
            ids_[slot] = ids_[last];
            places_[slot] = places_[last];
            lists_[places_[slot].list].slots[places_[slot].at] = slot;
            table_.put(ids_[slot], slot);
        }
        ids_.resize(last, 0);
        places_.pop_back();
        return true;
    }

    std::vector<float> ready(std::span<const float> query) const {
        check_query(query, dimension());
        std::vector<float> prepared(dimension());
        prepare<Metric>(query.data(), dimension(), prepared.data());
        return prepared;
    }

    std::size_t probes(const trained_search& how) const noexcept {
        const std::size_t asked = how.probes != 0 ? how.probes : options_.probes;
        return asked < lists_.size() ? asked : lists_.size();
    }

    // The lists by the distance of their centroids, nearest first.
    std::vector<neighbour> nearest_lists(const float* prepared, std::size_t count) const {
        if (lists_.size() == 1) return {{0, 0}};
        std::vector<float> distances(columns_.padded());
        columns_.template distances<typename Metric::operation>(prepared, distances.data());
        for (float& each : distances) each = ordered(Metric::from_kernel(each));
        top_k best(count, lists_.size());
        best.offer(distances.data(), lists_.size(), [](std::size_t i) { return std::uint64_t{i}; });
        return best.take();
    }

    template <class Sink, class Filter>
    void scan(typename Payload::searcher& searcher, std::size_t where, Sink& sink, Filter& filter) const {
        const list& from = lists_[where];
        searcher.scan(
            residual_centre(where), from.rows.data(), from.slots.size(), sink,
            [&](std::size_t i) { return ids_[from.slots[i]]; }, filter);
    }

    template <class Filter>
    std::vector<neighbour> search_those(std::span<const float> query, std::size_t k, Filter& filter,
                                        const trained_search& how) const {
        if (!trained_) return held_.search(query, k, filter);
        const std::vector<float> prepared = ready(query);
        if (k > ids_.size()) k = ids_.size();
        if (k == 0) return {};
        const std::size_t more = how.rerank != 0 ? how.rerank : 4 * k + 32;
        top_k best(keeps() && more > k ? more : k, ids_.size());
        typename Payload::searcher searcher(payload_, prepared);
        const std::size_t wanted = probes(how);
        std::size_t done = 0;
        for (std::size_t count = wanted;; count = lists_.size()) {
            const std::vector<neighbour> order = nearest_lists(prepared.data(), count);
            for (; done < order.size() && (done < wanted || best.size() < k); ++done)
                scan(searcher, order[done].id, best, filter);
            if (best.size() >= k || done == lists_.size()) break;
        }
        std::vector<neighbour> found = best.take();
        if (keeps()) {
            for (neighbour& each : found) each.distance = held_.distance(prepared, each.id);
            sort_values(found.data(), found.size());
        }
        if (found.size() > k) found.resize(k);
        return found;
    }

    trained_options options_;
    std::size_t lists_wanted_;
    flat<Metric> held_; // all vectors before training, and after it where they are kept
    Payload payload_;
    bool trained_ = false;
    std::vector<float> centres_; // none where there is one list
    column_matrix columns_;
    std::vector<list> lists_;
    buffer<std::uint64_t> ids_;
    std::vector<place> places_;
    id_table table_;
    std::vector<float> scratch_;
    std::vector<float> residual_;
};

} // namespace detail

} // namespace weft::inline v0::vector
