// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `flat`: every vector is compared, so that every answer is exact. What the other indexes are measured against, and
/// the right choice up to some ten thousand vectors.

#include <weft/vector/detail/buffer.hpp>
#include <weft/vector/detail/check.hpp>
#include <weft/vector/detail/codes.hpp>
#include <weft/vector/detail/id_table.hpp>
#include <weft/vector/detail/input.hpp>
#include <weft/vector/detail/parallel.hpp>
#include <weft/vector/detail/row_scan.hpp>
#include <weft/vector/index.hpp>
#include <weft/vector/matrix.hpp>
#include <weft/vector/metric.hpp>
#include <weft/vector/storage.hpp>
#include <weft/vector/top_k.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace weft::inline v0::vector {

class index_file;
class index_file_writer;

namespace detail {
struct flat_access; // reading and writing of files
}

/// An exact index. `Metric` is one of `weft/vector/metric.hpp`, `Storage` one of `weft/vector/storage.hpp`: with codes,
/// these are scanned and the best candidates compared exactly, which is faster and nearly always the same; with
/// `codes_only` the distances are those of the codes.
///
///     flat<cosine> index(768);
///     index.insert(17, values);
///     for (auto [id, distance] : index.search(query, 10)) …
///
/// Any number of threads may call const members at once; other members need the index for themselves. A search costs
/// one distance a vector; inserting, erasing and looking up take constant time.
template <number_metric Metric, class Storage = f32>
    requires storage_for<Storage, Metric>
class flat {
    using codec_type = detail::codec<Metric, Storage::codes>;
    using exact_type = detail::codec<Metric, code_kind::f32>;
    using exact_aim = detail::aimed<exact_type, Metric>;
    using rough_aim = detail::aimed<codec_type, Metric>;
    using scan_type = detail::row_scan<Metric, Storage::codes>;

public:
    using metric_type = Metric;
    using storage_type = Storage;

    /// An empty index for vectors of `dimension` numbers, 1 to 65 536. Throws a programming_error for others.
    explicit flat(std::size_t dimension)
        : dimension_((detail::check_dimension(dimension), dimension)), codes_(dimension), exact_(dimension) {}

    std::size_t dimension() const noexcept { return dimension_; }
    std::size_t size() const noexcept { return ids_.size(); }
    bool empty() const noexcept { return ids_.size() == 0; }
    static constexpr metric_kind metric() noexcept { return Metric::kind; }

    /// The ids, in no order.
    std::span<const std::uint64_t> ids() const noexcept { return {ids_.data(), ids_.size()}; }
    bool contains(std::uint64_t id) const noexcept { return find(id) != none; }

    /// A copy of a vector: of unit length for `cosine`, of what the codes stand for with `codes_only`. Throws a
    /// data_error for an unknown id.
    std::vector<float> at(std::uint64_t id) const {
        const std::uint32_t slot = find(id);
        if (slot == none) throw data_error("the index has no vector " + std::to_string(id));
        std::vector<float> values(dimension_);
        read(slot, values.data());
        return values;
    }

    /// Makes room for `vectors` in all.
    void reserve(std::size_t vectors) {
        own();
        rows_.reserve(vectors * codes_.stride());
        if constexpr (Storage::keeps_vectors) vectors_.reserve(vectors * exact_.stride());
        ids_.reserve(vectors);
    }

    /// Adds a vector or replaces the one with this id. Throws a data_error when the vector has another length or a
    /// number that is not finite.
    void insert(std::uint64_t id, std::span<const float> values) {
        detail::check_inserted(values, dimension_);
        own();
        put(id, values.data());
    }

    /// Inserts the rows of a matrix under `ids`, or under 0, 1, 2 … where `ids` is empty. Of rows with one id the last
    /// stays. Returns how many rows were inserted: all of them, unless stopped. Throws a data_error that names the row
    /// for what `insert` would refuse, before anything is changed.
    std::size_t insert_many(matrix_view rows, std::span<const std::uint64_t> ids = {}, const bulk_options& bulk = {}) {
        detail::check_rows(rows, ids, dimension_);
        reserve(size() + rows.rows);
        for (std::size_t row = 0; row < rows.rows; ++row) {
            if (row % 1024 == 0) {
                if (bulk.stop.stop_requested()) return row;
                if (row != 0) bulk.progress(row, rows.rows);
            }
            put(ids.empty() ? row : ids[row], rows.row(row).data());
        }
        bulk.progress(rows.rows, rows.rows);
        return rows.rows;
    }

    /// Removes a vector; false when there is none with this id.
    bool erase(std::uint64_t id) {
        const std::uint32_t slot = find(id);
        if (slot == none) return false;
        own();
        const auto last = static_cast<std::uint32_t>(size() - 1);
        table_.remove(id, slot);
        if (slot != last) { // the last vector moves into the gap
            table_.reserve(1, ids_.data(), ids_.size());
            table_.remove(ids_[last], last);
            std::memcpy(row(slot), row(last), codes_.stride());
            if constexpr (Storage::keeps_vectors)
                std::memcpy(vectors_.data() + slot * exact_.stride(), vectors_.data() + last * exact_.stride(),
                            exact_.stride());
            ids_[slot] = ids_[last];
            table_.put(ids_[slot], slot);
        }
        resize(last);
        return true;
    }

    /// Removes every vector.
    void clear() noexcept { *this = flat(dimension_); }

    /// The nearest `k`, or all when there are fewer, nearest first. Throws a data_error when the query has another
    /// length or a number that is not finite.
    std::vector<neighbour> search(std::span<const float> query, std::size_t k) const {
        const exact_aim aim(exact_, query, dimension_);
        if (k == 0) return {};
        const rough_aim rough(codes_, aim.values());
        const scan_type scan(codes_, dimension_);
        top_k best(candidates(k), size());
        float distances[batch];
        for (std::size_t begin = 0; begin < size(); begin += batch) {
            const std::size_t count = size() - begin < batch ? size() - begin : batch;
            scan.one(rough.probe(), aim.values().data(), rows_.data() + begin * codes_.stride(), count, distances);
            best.offer(distances, count, [&](std::size_t i) { return slot_or_id(begin + i); });
        }
        return finish(best.take(), aim, k, false);
    }

    /// The nearest `k` of the vectors whose id pleases `filter`, a function of an id. Others are not compared.
    template <class Filter>
        requires std::is_invocable_r_v<bool, Filter&, std::uint64_t>
    std::vector<neighbour> search(std::span<const float> query, std::size_t k, Filter&& filter) const {
        const exact_aim aim(exact_, query, dimension_);
        const rough_aim rough(codes_, aim.values());
        std::uint32_t slots[batch] = {};
        float distances[batch];
        top_k best(candidates(k), size());
        std::size_t count = 0;
        const auto flush = [&] {
            codes_.distances(rough.probe(), rows_.data(), slots, count, distances);
            best.offer(distances, count, [&](std::size_t i) { return slot_or_id(slots[i]); });
            count = 0;
        };
        if (k == 0) return {};
        for (std::uint32_t slot = 0; slot < size(); ++slot) {
            if (!filter(ids_[slot])) continue;
            slots[count++] = slot;
            if (count == batch) flush();
        }
        flush();
        return finish(best.take(), aim, k, true);
    }

    /// Every vector at most `radius` away, nearest first; exact unless the storage has only codes.
    std::vector<neighbour> range_search(std::span<const float> query, float radius) const {
        const exact_aim aim(exact_, query, dimension_);
        std::vector<neighbour> found;
        float distances[batch];
        const auto collect = [&](const auto& scan, const auto& probe, const std::byte* rows, std::size_t stride) {
            for (std::size_t begin = 0; begin < size(); begin += batch) {
                const std::size_t count = size() - begin < batch ? size() - begin : batch;
                scan.one(probe, aim.values().data(), rows + begin * stride, count, distances);
                for (std::size_t i = 0; i < count; ++i)
                    if (distances[i] <= radius) found.push_back({ids_[begin + i], distances[i]});
            }
        };
        if constexpr (Storage::keeps_vectors) {
            collect(detail::row_scan<Metric, code_kind::f32>(exact_, dimension_), aim.probe(), vectors_.data(),
                    exact_.stride());
        } else {
            const rough_aim rough(codes_, aim.values());
            collect(scan_type(codes_, dimension_), rough.probe(), rows_.data(), codes_.stride());
        }
        detail::sort_values(found.data(), found.size());
        return found;
    }

    /// One search for each row, several at a time over blocks of vectors that stay in the cache. `result[i]` belongs to
    /// row i. What `bulk.stop` ends early has empty results.
    std::vector<std::vector<neighbour>> search_many(matrix_view queries, std::size_t k,
                                                    const bulk_options& bulk = {}) const {
        detail::check_rows(queries, {}, dimension_, "Query");
        std::vector<std::vector<neighbour>> results(queries.rows);
        std::size_t done = 0;
        const std::size_t threads = detail::thread_count(bulk.threads);
        const std::size_t share = (queries.rows + threads - 1) / threads;
        const std::size_t grain = share < queries_together ? share : queries_together;
        detail::parallel_for(queries.rows, threads, grain, [&](std::size_t worker, std::size_t begin, std::size_t end) {
            if (bulk.stop.stop_requested()) return false;
            search_together({queries.row(begin).data(), end - begin, dimension_}, k, results.data() + begin);
            const std::size_t now = __atomic_add_fetch(&done, end - begin, __ATOMIC_RELAXED);
            if (worker == 0 && now < queries.rows) bulk.progress(now, queries.rows);
            return true;
        });
        if (done == queries.rows) bulk.progress(done, queries.rows);
        return results;
    }

    /// The exact distance between a query that was checked and prepared and the vector of an id that is there: what
    /// indexes with codes ask for their candidates.
    float distance(std::span<const float> prepared, std::uint64_t id) const
        requires(Storage::codes == code_kind::f32)
    {
        const std::uint32_t slot = find(id);
        if (slot == none) return detail::most_distant;
        typename codec_type::probe probe(codes_);
        codes_.aim(probe, prepared.data());
        float result = 0;
        codes_.distances(probe, rows_.data(), &slot, 1, &result, false);
        return result;
    }

    /// Bytes of memory that the vectors, their ids and the table of ids take.
    std::size_t memory_bytes() const noexcept {
        return rows_.size() + vectors_.size() + ids_.size() * sizeof(std::uint64_t) +
               table_.cells().size() * sizeof(std::uint32_t);
    }

private:
    friend detail::flat_access;

    static constexpr std::uint32_t none = detail::id_table::empty;
    static constexpr std::size_t batch = 64;
    static constexpr std::size_t queries_together = 64;

    std::uint32_t find(std::uint64_t id) const noexcept { return table_.find(id, ids_.data(), ids_.size()); }
    std::byte* row(std::size_t slot) noexcept { return rows_.data() + slot * codes_.stride(); }

    void read(std::size_t slot, float* values) const noexcept {
        if constexpr (Storage::keeps_vectors)
            exact_.decode(vectors_.data() + slot * exact_.stride(), values);
        else
            codes_.decode(rows_.data() + slot * codes_.stride(), values);
    }

    void resize(std::size_t count) {
        rows_.resize(count * codes_.stride(), std::byte{});
        if constexpr (Storage::keeps_vectors) vectors_.resize(count * exact_.stride(), std::byte{});
        ids_.resize(count, 0);
    }

    void put(std::uint64_t id, const float* values) {
        std::uint32_t slot = find(id);
        if (slot == none) {
            if (size() >= 0x7FFFFFFF) throw operational_error("the index is full: it has 2^31 - 1 vectors");
            table_.reserve(1, ids_.data(), ids_.size());
            slot = static_cast<std::uint32_t>(size());
            resize(size() + 1);
            ids_[slot] = id;
            table_.put(id, slot);
        }
        scratch_.resize(dimension_);
        detail::prepare<Metric>(values, dimension_, scratch_.data());
        codes_.encode(scratch_.data(), row(slot));
        if constexpr (Storage::keeps_vectors) exact_.encode(scratch_.data(), vectors_.data() + slot * exact_.stride());
    }

    // How many the scan keeps: with codes some more than are asked for, among which the exact distances choose.
    static std::size_t candidates(std::size_t k) noexcept {
        if constexpr (Storage::keeps_vectors) {
            const std::size_t more = k / 2 > 32 ? k / 2 : 32;
            return k > static_cast<std::size_t>(-1) - more ? k : k + more;
        } else {
            return k;
        }
    }

    // While candidates are compared exactly later, slots stand for ids.
    std::uint64_t slot_or_id(std::size_t slot) const noexcept {
        if constexpr (Storage::keeps_vectors)
            return slot;
        else
            return ids_[slot];
    }

    // `rounded`: the distances are not those of the kernel for one row, so that the same search would give others.
    std::vector<neighbour> finish(std::vector<neighbour> found, const exact_aim& aim, std::size_t k,
                                  bool rounded) const {
        const auto compare = [&](const auto& scan, const auto& probe, const std::byte* row, neighbour& candidate) {
            scan.one(probe, aim.values().data(), row, 1, &candidate.distance);
        };
        if constexpr (Storage::keeps_vectors) {
            const detail::row_scan<Metric, code_kind::f32> scan(exact_, dimension_);
            for (neighbour& candidate : found) {
                compare(scan, aim.probe(), vectors_.data() + candidate.id * exact_.stride(), candidate);
                candidate.id = ids_[candidate.id];
            }
        } else if (scan_type::is_rounded && rounded) {
            const rough_aim rough(codes_, aim.values());
            const scan_type scan(codes_, dimension_);
            for (neighbour& candidate : found)
                compare(scan, rough.probe(), rows_.data() + find(candidate.id) * codes_.stride(), candidate);
        } else {
            return found;
        }
        detail::sort_values(found.data(), found.size());
        if (found.size() > k) found.resize(k);
        return found;
    }

    void search_together(matrix_view queries, std::size_t k, std::vector<neighbour>* results) const {
        if (k == 0 || empty()) return;
        std::vector<exact_aim> exact;
        std::vector<rough_aim> rough;
        std::vector<top_k> best;
        std::vector<float> prepared;
        exact.reserve(queries.rows);
        rough.reserve(queries.rows);
        best.reserve(queries.rows);
        prepared.reserve(queries.rows * dimension_);
        for (std::size_t q = 0; q < queries.rows; ++q) {
            exact.emplace_back(exact_, queries.row(q), dimension_);
            rough.emplace_back(codes_, exact[q].values());
            best.emplace_back(candidates(k), size());
            prepared.insert(prepared.end(), exact[q].values().begin(), exact[q].values().end());
        }
        const scan_type scan(codes_, dimension_);
        const std::size_t block = detail::rows_of_block(codes_.stride());
        std::vector<float> distances(queries.rows * block);
        for (std::size_t begin = 0; begin < size(); begin += block) {
            const std::size_t count = size() - begin < block ? size() - begin : block;
            const std::size_t next = size() - begin - count < block ? size() - begin - count : block;
            scan.many(rough, prepared.data(), queries.rows, rows_.data() + begin * codes_.stride(), count,
                      next * codes_.stride(), distances.data());
            for (std::size_t q = 0; q < queries.rows; ++q)
                best[q].offer(distances.data() + q * count, count,
                              [&](std::size_t i) { return slot_or_id(begin + i); });
        }
        for (std::size_t q = 0; q < queries.rows; ++q) results[q] = finish(best[q].take(), exact[q], k, true);
    }

    // Before the first change of an index that looks at a file: copies it into memory.
    void own() {
        if (file_ == nullptr) return;
        rows_.own();
        vectors_.own();
        ids_.own();
        table_.clear(ids_.size());
        for (std::size_t slot = 0; slot < ids_.size(); ++slot) table_.put(ids_[slot], static_cast<std::uint32_t>(slot));
        file_.reset();
    }

    std::size_t dimension_;
    codec_type codes_;
    exact_type exact_;
    detail::buffer<std::byte> rows_;
    detail::buffer<std::byte> vectors_; // full precision, where the storage keeps it beside codes
    detail::buffer<std::uint64_t> ids_;
    detail::id_table table_;
    std::vector<float> scratch_;
    std::shared_ptr<const void> file_; // what keeps the mapping that this index looks at
};

} // namespace weft::inline v0::vector
