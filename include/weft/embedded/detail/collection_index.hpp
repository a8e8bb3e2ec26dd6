// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/embedded/detail/collection_rows.hpp>
#include <weft/vector/distance.hpp>
#include <weft/vector/flat.hpp>
#include <weft/vector/hnsw.hpp>
#include <weft/vector/pq.hpp>

#include <algorithm>
#include <concepts>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::inline v0::embedded::detail {

/// Vectors under the numbers of their rows, for any metric.
class number_index {
public:
    /// Whether a number may be found; empty: all may.
    class filter {
    public:
        filter() noexcept = default;
        template <class F>
            requires(!std::same_as<std::remove_cvref_t<F>, filter>)
        explicit filter(F& f) noexcept
            : object_(&f),
              call_([](void* object, std::uint64_t number) -> bool { return (*static_cast<F*>(object))(number); }) {}

        explicit operator bool() const noexcept { return call_ != nullptr; }
        bool operator()(std::uint64_t number) const { return call_(object_, number); }

    private:
        void* object_ = nullptr;
        bool (*call_)(void*, std::uint64_t) = nullptr;
    };

    number_index() = default;
    number_index(const number_index&) = delete;
    number_index& operator=(const number_index&) = delete;
    virtual ~number_index() = default;

    virtual std::size_t size() const = 0;
    virtual bool is_graph() const = 0;
    /// Whether searches compare every vector in full.
    virtual bool is_exact() const = 0;
    /// So many to look for that the nearest `k` are among them, some that are gone beside them.
    virtual std::size_t candidates(std::size_t k) const = 0;
    virtual std::size_t memory_bytes() const = 0;
    virtual void insert(vector::matrix_view rows, std::span<const std::uint64_t> numbers) = 0;
    virtual void erase(std::uint64_t number) = 0;
    virtual std::vector<vector::neighbour> search(std::span<const float> query, std::size_t k, filter which,
                                                  std::size_t ef) const = 0;
    /// Appends the vector of a number to `rows`; false when there is none.
    virtual bool copy(std::uint64_t number, std::vector<float>& rows) const = 0;
};

template <class Metric, class Index>
class number_index_of final : public number_index {
    static constexpr bool is_hnsw = requires(const Index& i) { i.options().ef_construction; };
    static constexpr bool is_trained = requires(Index& i) { i.train(); };

public:
    number_index_of(const collection_config& config, std::size_t vectors) : index_(make(config, vectors)) {}

    std::size_t size() const override { return index_.size(); }
    bool is_graph() const override { return is_hnsw; }
    bool is_exact() const override { return !is_hnsw && !is_trained; }
    std::size_t candidates(std::size_t k) const override {
        if constexpr (is_trained) {
            return 8 * k + 64;
        } else if constexpr (std::same_as<Index, vector::hnsw<Metric, vector::codes_only<vector::int8>>>) {
            return 2 * k + 16;
        } else {
            return k + k / 4 + 4;
        }
    }
    std::size_t memory_bytes() const override {
        if constexpr (is_hnsw) {
            const vector::hnsw_stats s = index_.stats();
            return s.graph_bytes + s.code_bytes + s.vector_bytes;
        } else {
            return index_.memory_bytes();
        }
    }
    void insert(vector::matrix_view rows, std::span<const std::uint64_t> numbers) override {
        index_.insert_many(rows, numbers);
        if constexpr (is_trained) {
            if (!index_.is_trained()) index_.train();
        }
    }
    void erase(std::uint64_t number) override { index_.erase(number); }
    std::vector<vector::neighbour> search(std::span<const float> query, std::size_t k, filter which,
                                          std::size_t ef) const override {
        if constexpr (is_hnsw) {
            return which ? index_.search(query, k, which, {.ef = ef}) : index_.search(query, k, {.ef = ef});
        } else if constexpr (is_trained) {
            const vector::trained_options& o = index_.options();
            const vector::trained_search how{.probes = (o.probes * std::min(ef, 64 * o.lists) + 63) / 64};
            return which ? index_.search(query, k, which, how) : index_.search(query, k, how);
        } else {
            return which ? index_.search(query, k, which) : index_.search(query, k);
        }
    }
    bool copy(std::uint64_t number, std::vector<float>& rows) const override {
        if (!index_.contains(number)) return false;
        const std::vector<float> values = index_.at(number);
        rows.insert(rows.end(), values.begin(), values.end());
        return true;
    }

private:
    static Index make(const collection_config& config, std::size_t vectors) {
        if constexpr (is_hnsw) {
            return Index(config.dimension, {.m = config.m, .ef_construction = config.ef_construction});
        } else if constexpr (is_trained) {
            const std::size_t pieces = config.dimension % 2 == 0 ? config.dimension / 2 : config.dimension;
            const auto lists = static_cast<std::size_t>(std::sqrt(static_cast<double>(vectors)));
            return Index(config.dimension, pieces, {.lists = lists, .probes = lists / 6 + 1});
        } else {
            return Index(config.dimension);
        }
    }

    Index index_;
};

/// Calls `f` with the type of a metric.
template <class F>
decltype(auto) with_metric(vector::metric_kind metric, F&& f) {
    switch (metric) {
    case vector::metric_kind::l2: return f(vector::l2());
    case vector::metric_kind::inner_product: return f(vector::inner_product());
    case vector::metric_kind::cosine: return f(vector::cosine());
    default: break;
    }
    throw operational_error("a collection is damaged: it cannot have the metric " +
                            std::string(vector::name_of(metric)));
}

/// An index that can take so many vectors, empty.
inline std::unique_ptr<number_index> make_index(const collection_config& config, std::size_t vectors) {
    return with_metric(config.metric, [&]<class Metric>(Metric) -> std::unique_ptr<number_index> {
        using namespace weft::vector;
        if (vectors <= collection_exact_up_to)
            return std::make_unique<number_index_of<Metric, flat<Metric>>>(config, vectors);
        switch (config.quantization) {
        case collection_quantization::scalar:
            return std::make_unique<number_index_of<Metric, hnsw<Metric, codes_only<int8>>>>(config, vectors);
        case collection_quantization::pq:
            return std::make_unique<number_index_of<Metric, ivf_pq<Metric, 4>>>(config, vectors);
        default: return std::make_unique<number_index_of<Metric, hnsw<Metric>>>(config, vectors);
        }
    });
}

/// An index that can take more, with the same vectors, of those with `numbers`.
inline std::unique_ptr<number_index> grown(const number_index& index, const collection_config& config,
                                           std::span<const std::uint64_t> numbers) {
    std::vector<std::uint64_t> ids;
    std::vector<float> rows;
    rows.reserve(index.size() * config.dimension);
    for (const std::uint64_t number : numbers)
        if (index.copy(number, rows)) ids.push_back(number);
    std::unique_ptr<number_index> larger = make_index(config, ids.size());
    larger->insert({rows.data(), ids.size(), config.dimension}, {ids.data(), ids.size()});
    return larger;
}

/// Many vectors on their way from the file into an index.
class row_batch {
public:
    explicit row_batch(const collection_row& of) : of_(of) {}

    void add(std::int64_t number, std::string_view values, std::string_view metadata) {
        values_.resize(values_.size() + of_.config.dimension);
        from_file(values, of_, values_.data() + values_.size() - of_.config.dimension);
        numbers.push_back(static_cast<std::uint64_t>(number));
        metadata_ += metadata_from_file(metadata, of_);
        metadata_ends.push_back(metadata_.size());
    }
    void clear() noexcept {
        values_.clear();
        numbers.clear();
        metadata_.clear();
        metadata_ends.clear();
    }
    vector::matrix_view rows() const noexcept { return {values_.data(), numbers.size(), of_.config.dimension}; }
    const std::string& metadata() const noexcept { return metadata_; }

    std::vector<std::uint64_t> numbers;
    std::vector<std::size_t> metadata_ends; // in metadata()

private:
    const collection_row& of_;
    std::vector<float> values_;
    std::string metadata_;
};

/// The index of one collection with the metadata of its vectors, shared by threads. It knows rows up to a number; those
/// that were erased since stay in it until an eighth of it is such, and searches leave them out by looking into the
/// file.
class collection_index {
public:
    /// What the index knows.
    struct extent {
        std::int64_t last = 0;    // rows up to this number
        std::int64_t changes = 0; // of the collection, when it looked last
        std::size_t size = 0;
    };

    /// Calls `f(index, extent)` with a lock that lets other searches run; the index is null before the first row.
    template <class F>
    decltype(auto) look(F&& f) const {
        { // who waits to write goes first
            const std::lock_guard turn(turnstile_);
            lock_.lock_shared();
        }
        const std::shared_lock<std::shared_mutex> held(lock_, std::adopt_lock);
        return f(index_.get(), extent_now());
    }
    extent known() const {
        return look([](const number_index*, const extent& e) { return e; });
    }
    /// Up to which number the index has every row of a snapshot with so many changes. It may lack rows that were there
    /// then and gone when it read the file, so what counts is what it read not later than that. Only within look().
    std::int64_t known_to(std::int64_t changes) const noexcept {
        std::int64_t last = 0;
        for (const extent& e : history_)
            if (e.changes <= changes) last = e.last;
        return last;
    }
    /// The metadata of a row in the index; only within look().
    std::string_view metadata_of(std::uint64_t number) const noexcept {
        const auto at = std::lower_bound(numbers_.begin(), numbers_.end(), number);
        if (at == numbers_.end() || *at != number) return {};
        const auto i = static_cast<std::size_t>(at - numbers_.begin());
        const std::size_t begin = i == 0 ? 0 : metadata_ends_[i - 1];
        return std::string_view(metadata_).substr(begin, metadata_ends_[i] - begin);
    }
    std::size_t memory_bytes() const {
        return look([this](const number_index* index, const extent&) {
            return (index == nullptr ? 0 : index->memory_bytes()) + metadata_.capacity() +
                   numbers_.capacity() * (sizeof(std::uint64_t) + sizeof(std::size_t));
        });
    }

    /// Takes in what has been committed, on a connection of its own. Does nothing while another thread does so.
    void catch_up(kv_core& core, std::int64_t collection) {
        const std::unique_lock<std::mutex> only(catching_up_, std::try_to_lock);
        if (!only.owns_lock()) return;
        const borrowed c(core);
        c->run(hot::begin);
        try {
            if (const auto row = look_up_collection(*c, collection)) read_changes(*c, *row);
        } catch (...) {
            c->rollback();
            throw;
        }
        c->rollback();
    }

private:
    static constexpr std::size_t rows_together = 128; // while they are inserted, searches wait
    static constexpr std::size_t most_history = 64;

    extent extent_now() const noexcept {
        extent e = extent_;
        e.size = index_ == nullptr ? 0 : index_->size();
        return e;
    }

    /// Calls `f()` while nobody searches; when it fails the index is empty again.
    template <class F>
    void change(F&& f) {
        const std::lock_guard turn(turnstile_);
        const std::lock_guard held(lock_);
        try {
            f();
        } catch (...) {
            index_.reset();
            numbers_ = {};
            metadata_ = {};
            metadata_ends_ = {};
            extent_ = {};
            history_.clear();
            throw;
        }
    }

    void read_changes(kv_connection& c, const collection_row& row) {
        if (row.last > extent_.last) {
            const bool first = index_ == nullptr;
            const std::size_t together = first ? static_cast<std::size_t>(-1) : rows_together;
            row_batch batch(row);
            {
                execution s(c, collection_sql::later);
                s.number(row.id).number(extent_.last);
                while (s.step()) {
                    batch.add(s.number_at(0), s.bytes_at(1), s.bytes_at(2));
                    if (batch.numbers.size() == together) take_in(row, batch);
                }
            }
            take_in(row, batch);
        }
        if (index_ != nullptr && index_->size() > 64 + static_cast<std::size_t>(row.vectors) * 9 / 8) sweep(c, row);
        if (index_ != nullptr && index_->is_exact() && index_->size() > collection_exact_up_to) {
            std::unique_ptr<number_index> larger = grown(*index_, row.config, {numbers_.data(), numbers_.size()});
            change([&] { index_ = std::move(larger); });
        }
        change([&] { know(row, row.last); });
    }

    /// That rows up to `last` are in the index, as they were in the snapshot of `row`.
    void know(const collection_row& row, std::int64_t last) {
        extent_.last = last;
        extent_.changes = row.changes;
        if (!history_.empty() && history_.back().changes == row.changes) {
            history_.back().last = last;
            return;
        }
        if (!history_.empty() && history_.back().last == last) return; // what it says holds for this snapshot, too
        if (history_.size() == most_history) thin_out();
        history_.push_back(extent_);
    }

    /// Forgets every second entry: old snapshots get by with what was known a little earlier.
    void thin_out() noexcept {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < history_.size(); i += 2) history_[kept++] = history_[i];
        history_.resize(kept);
    }

    /// Only this thread changes the index, so reading it needs no lock here.
    void take_in(const collection_row& row, row_batch& batch) {
        if (batch.numbers.empty()) return;
        std::unique_ptr<number_index> made;
        if (index_ == nullptr) { // built aside: searches use the file meanwhile
            made = make_index(row.config, batch.numbers.size());
            made->insert(batch.rows(), {batch.numbers.data(), batch.numbers.size()});
        }
        change([&] {
            const std::size_t begin = metadata_.size();
            numbers_.insert(numbers_.end(), batch.numbers.begin(), batch.numbers.end());
            metadata_ += batch.metadata();
            for (const std::size_t end : batch.metadata_ends) metadata_ends_.push_back(begin + end);
            if (made)
                index_ = std::move(made);
            else
                index_->insert(batch.rows(), {batch.numbers.data(), batch.numbers.size()});
            know(row, static_cast<std::int64_t>(batch.numbers.back()));
        });
        batch.clear();
    }

    /// Takes out what is gone.
    void sweep(kv_connection& c, const collection_row& row) {
        std::vector<std::uint64_t> live;
        execution s(c, collection_sql::numbers);
        s.number(row.id);
        while (s.step()) live.push_back(static_cast<std::uint64_t>(s.number_at(0)));
        change([&] {
            std::vector<std::uint64_t> kept;
            std::vector<std::size_t> ends;
            std::string text;
            for (const std::uint64_t number : numbers_) {
                if (!std::binary_search(live.begin(), live.end(), number)) {
                    index_->erase(number);
                    continue;
                }
                text += metadata_of(number);
                kept.push_back(number);
                ends.push_back(text.size());
            }
            numbers_ = std::move(kept);
            metadata_ends_ = std::move(ends);
            metadata_ = std::move(text);
            history_.clear(); // older snapshots may have what is taken out
            know(row, row.last);
        });
    }

    mutable std::mutex turnstile_;
    mutable std::shared_mutex lock_;
    std::mutex catching_up_;
    std::unique_ptr<number_index> index_;
    std::vector<std::uint64_t> numbers_; // ascending
    std::vector<std::size_t> metadata_ends_;
    std::string metadata_;
    extent extent_;
    std::vector<extent> history_; // ascending; how far it was at which snapshots
};

/// The indexes of a store.
class collection_indexes final : public kv_part {
public:
    shared<collection_index> of(std::int64_t collection) {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, index] : all_)
            if (id == collection) return index;
        all_.emplace_back(collection, shared<collection_index>::make());
        return all_.back().second;
    }
    /// Forgets the index of a collection that is erased; when that is undone, it is built again.
    void forget(std::int64_t collection) {
        const std::lock_guard lock(mutex_);
        std::erase_if(all_, [&](const auto& entry) { return entry.first == collection; });
    }

private:
    std::mutex mutex_;
    std::vector<std::pair<std::int64_t, shared<collection_index>>> all_;
};

} // namespace weft::inline v0::embedded::detail
