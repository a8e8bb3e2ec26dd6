// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `any_index`: an index whose kind and metric are known only when the program runs, made from text:
///
///     any_index index = make_index(768, "IVF256,PQ96x4", "cosine");
///     index.insert_many(rows);
///     index.train();
///     for (auto [id, distance] : index.search(query, 10)) …
///
/// A call costs one indirection; what happens below is the code of the index itself.

#include <weft/vector/flat_file.hpp>
#include <weft/vector/hnsw_file.hpp>
#include <weft/vector/index_text.hpp>
#include <weft/vector/trained_file.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace weft::inline v0::vector {

/// How one search of any index runs. What does not concern the index is not looked at.
struct any_search {
    std::size_t ef = 0;     ///< width, of `hnsw`
    std::size_t probes = 0; ///< lists to look into, of `ivf` and `ivf_pq`
    std::size_t rerank = 0; ///< candidates that are compared exactly, where vectors are kept beside codes
};

/// A function `(std::uint64_t id) -> bool`. Refers to it; it must outlive the search.
class id_filter {
public:
    template <class F>
        requires(!std::is_same_v<std::remove_cvref_t<F>, id_filter> && std::is_invocable_r_v<bool, F&, std::uint64_t>)
    id_filter(F&& f) noexcept
        : object_(const_cast<void*>(static_cast<const volatile void*>(&f))),
          call_([](void* object, std::uint64_t id) -> bool {
              return (*static_cast<std::remove_reference_t<F>*>(object))(id);
          }) {}

    bool operator()(std::uint64_t id) const { return call_(object_, id); }

private:
    void* object_;
    bool (*call_)(void*, std::uint64_t);
};

/// An index that `any_index` can hold: besides what `vector_index` asks for it has a metric, copies of vectors, bulk
/// functions, filters, ranges and a form for files, as all indexes of this room have.
template <class Index>
concept complete_index = vector_index<Index> &&
                         requires(Index& index, const Index& constant, std::uint64_t id, std::span<const float> values,
                                  matrix_view rows, bool (&filter)(std::uint64_t), index_file_writer& out) {
                             { Index::metric() } -> std::same_as<metric_kind>;
                             { constant.at(id) } -> std::same_as<std::vector<float>>;
                             index.insert_many(rows, std::span<const std::uint64_t>(), bulk_options());
                             { constant.search(values, std::size_t{}, filter) } -> std::same_as<std::vector<neighbour>>;
                             {
                                 constant.search_many(rows, std::size_t{})
                             } -> std::same_as<std::vector<std::vector<neighbour>>>;
                             { constant.range_search(values, float{}) } -> std::same_as<std::vector<neighbour>>;
                             write_index(constant, out);
                         };

namespace detail {

class index_interface {
public:
    index_interface() = default;
    index_interface(const index_interface&) = delete;
    index_interface& operator=(const index_interface&) = delete;
    virtual ~index_interface() = default;
    virtual std::size_t dimension() const = 0;
    virtual std::size_t size() const = 0;
    virtual metric_kind metric() const = 0;
    virtual bool contains(std::uint64_t id) const = 0;
    virtual std::vector<float> at(std::uint64_t id) const = 0;
    virtual void insert(std::uint64_t id, std::span<const float> values) = 0;
    virtual std::size_t insert_many(matrix_view rows, std::span<const std::uint64_t> ids, const bulk_options& bulk) = 0;
    virtual bool erase(std::uint64_t id) = 0;
    virtual std::vector<neighbour> search(std::span<const float> query, std::size_t k, const any_search& how) const = 0;
    virtual std::vector<neighbour> search(std::span<const float> query, std::size_t k, id_filter filter,
                                          const any_search& how) const = 0;
    virtual std::vector<neighbour> range_search(std::span<const float> query, float radius,
                                                const any_search& how) const = 0;
    virtual std::vector<std::vector<neighbour>> search_many(matrix_view queries, std::size_t k, const any_search& how,
                                                            const bulk_options& bulk) const = 0;
    virtual bool is_trained() const = 0;
    virtual std::size_t least_training() const = 0;
    virtual void train() = 0;
    virtual void train(matrix_view rows) = 0;
    virtual void write(index_file_writer& out) const = 0;
};

template <class Index>
class index_model final : public index_interface {
    static constexpr bool is_trainable = requires(Index& index) { index.train(); };

public:
    explicit index_model(Index index) : index_(std::move(index)) {}

    std::size_t dimension() const override { return index_.dimension(); }
    std::size_t size() const override { return index_.size(); }
    metric_kind metric() const override { return Index::metric(); }
    bool contains(std::uint64_t id) const override { return index_.contains(id); }
    std::vector<float> at(std::uint64_t id) const override { return index_.at(id); }
    void insert(std::uint64_t id, std::span<const float> values) override { index_.insert(id, values); }
    std::size_t insert_many(matrix_view rows, std::span<const std::uint64_t> ids, const bulk_options& bulk) override {
        return index_.insert_many(rows, ids, bulk);
    }
    bool erase(std::uint64_t id) override { return index_.erase(id); }
    std::vector<neighbour> search(std::span<const float> query, std::size_t k, const any_search& how) const override {
        if constexpr (is_flat<Index>)
            return index_.search(query, k);
        else
            return index_.search(query, k, options(how));
    }
    std::vector<neighbour> search(std::span<const float> query, std::size_t k, id_filter filter,
                                  const any_search& how) const override {
        if constexpr (is_flat<Index>)
            return index_.search(query, k, filter);
        else
            return index_.search(query, k, filter, options(how));
    }
    std::vector<neighbour> range_search(std::span<const float> query, float radius,
                                        const any_search& how) const override {
        if constexpr (is_flat<Index>)
            return index_.range_search(query, radius);
        else
            return index_.range_search(query, radius, options(how));
    }
    std::vector<std::vector<neighbour>> search_many(matrix_view queries, std::size_t k, const any_search& how,
                                                    const bulk_options& bulk) const override {
        if constexpr (is_flat<Index>)
            return index_.search_many(queries, k, bulk);
        else
            return index_.search_many(queries, k, options(how), bulk);
    }
    bool is_trained() const override {
        if constexpr (is_trainable) return index_.is_trained();
        return true;
    }
    std::size_t least_training() const override {
        if constexpr (is_trainable) return index_.least_training();
        return 0;
    }
    void train() override {
        if constexpr (is_trainable) index_.train();
    }
    void train(matrix_view rows) override {
        if constexpr (is_trainable)
            index_.train(rows);
        else
            static_cast<void>(rows);
    }
    void write(index_file_writer& out) const override { write_index(index_, out); }

private:
    static auto options(const any_search& how) noexcept {
        if constexpr (is_trainable)
            return trained_search{.probes = how.probes, .rerank = how.rerank};
        else
            return search_options{.ef = how.ef, .rerank = how.rerank};
    }

    Index index_;
};

struct any_access;

} // namespace detail

/// An index of any kind. Owns it; movable. Its functions are those of the indexes, and what they throw and cost is said
/// there. A moved-from object can only be assigned to or destroyed.
class any_index {
public:
    /// An index that is there already: its text is not known, so it cannot be saved by this class.
    template <complete_index Index>
    explicit any_index(Index index) : index_(std::make_unique<detail::index_model<Index>>(std::move(index))) {}

    /// What it was made from, as `to_text` writes it.
    const std::string& text() const noexcept { return text_; }
    std::size_t dimension() const { return index_->dimension(); }
    std::size_t size() const { return index_->size(); }
    bool empty() const { return size() == 0; }
    metric_kind metric() const { return index_->metric(); }
    bool contains(std::uint64_t id) const { return index_->contains(id); }
    std::vector<float> at(std::uint64_t id) const { return index_->at(id); }
    void insert(std::uint64_t id, std::span<const float> values) { index_->insert(id, values); }
    std::size_t insert_many(matrix_view rows, std::span<const std::uint64_t> ids = {}, const bulk_options& bulk = {}) {
        return index_->insert_many(rows, ids, bulk);
    }
    bool erase(std::uint64_t id) { return index_->erase(id); }
    std::vector<neighbour> search(std::span<const float> query, std::size_t k, const any_search& how = {}) const {
        return index_->search(query, k, how);
    }
    template <class Filter>
        requires std::is_invocable_r_v<bool, Filter&, std::uint64_t>
    std::vector<neighbour> search(std::span<const float> query, std::size_t k, Filter&& filter,
                                  const any_search& how = {}) const {
        return index_->search(query, k, id_filter(filter), how);
    }
    std::vector<neighbour> range_search(std::span<const float> query, float radius, const any_search& how = {}) const {
        return index_->range_search(query, radius, how);
    }
    /// One search for each row, several at a time. `result[i]` belongs to row i.
    std::vector<std::vector<neighbour>> search_many(matrix_view queries, std::size_t k, const any_search& how = {},
                                                    const bulk_options& bulk = {}) const {
        return index_->search_many(queries, k, how, bulk);
    }
    /// Whether the index needs no training (any more).
    bool is_trained() const { return index_->is_trained(); }
    /// The fewest vectors to train with; 0 for indexes that need no training.
    std::size_t least_training() const { return index_->least_training(); }
    /// Trains with the vectors in the index; does nothing for indexes that need no training.
    void train() { index_->train(); }
    /// Trains with the rows of a matrix, which do not come into the index.
    void train(matrix_view rows) { index_->train(rows); }
    /// Adds the index to a file that is being written.
    void write(index_file_writer& out) const { index_->write(out); }

private:
    friend detail::any_access;

    std::unique_ptr<detail::index_interface> index_;
    std::string text_;
};

/// What `make_index` takes besides the text.
struct any_options {
    hnsw_options graph{};      ///< of `hnsw`; the text says `m`
    trained_options trained{}; ///< of the others; the text says `lists`, and `,RFlat` means `keep_vectors`
};

namespace detail {

// All of it templates of the class to make, so that a program that makes none from text compiles no index for it.
struct any_access {
    // Calls `make(type)` with the type of the index, as a std::type_identity.
    template <class Any, class Metric, class Make>
    static Any with_family(const index_description& text, Make&& make) {
        const auto made = [&]<class Index>(std::type_identity<Index> type) {
            Any index(make(type));
            index.text_ = to_text(text);
            return index;
        };
        switch (text.family) {
        case index_family::flat: return made(std::type_identity<flat<Metric>>{});
        case index_family::hnsw: return made(std::type_identity<hnsw<Metric>>{});
        case index_family::ivf: return made(std::type_identity<ivf<Metric>>{});
        default: break;
        }
        if constexpr (sum_metric<Metric>) {
            if (text.family == index_family::pq)
                return text.bits == 4 ? made(std::type_identity<pq<Metric, 4>>{})
                                      : made(std::type_identity<pq<Metric, 8>>{});
            return text.bits == 4 ? made(std::type_identity<ivf_pq<Metric, 4>>{})
                                  : made(std::type_identity<ivf_pq<Metric, 8>>{});
        }
        throw not_supported_error("index '" + to_text(text) + "' has no metric " + std::string(name_of(Metric::kind)) +
                                  "; product quantisers have l2, inner_product, cosine and l1");
    }

    template <class Any, class Make>
    static Any with_metric(metric_kind metric, const index_description& text, Make&& make) {
        switch (metric) {
        case metric_kind::l2: return with_family<Any, l2>(text, make);
        case metric_kind::inner_product: return with_family<Any, inner_product>(text, make);
        case metric_kind::cosine: return with_family<Any, cosine>(text, make);
        case metric_kind::l1: return with_family<Any, l1>(text, make);
        case metric_kind::linf: return with_family<Any, linf>(text, make);
        case metric_kind::hamming: break;
        }
        throw not_supported_error("index '" + to_text(text) + "' has no metric " + std::string(name_of(metric)) +
                                  "; its vectors are of numbers");
    }

    template <class Any>
    static Any make(std::size_t dimension, const index_description& text, metric_kind metric,
                    const any_options& options) {
        return with_metric<Any>(metric, text, [&]<class Index>(std::type_identity<Index>) {
            if constexpr (is_flat<Index>) {
                return Index(dimension);
            } else if constexpr (std::is_constructible_v<Index, std::size_t, hnsw_options>) {
                hnsw_options graph = options.graph;
                graph.m = text.links;
                return Index(dimension, graph);
            } else {
                trained_options trained = options.trained;
                trained.lists = text.lists;
                trained.keep_vectors = text.keep_vectors;
                if constexpr (std::is_constructible_v<Index, std::size_t, trained_options>)
                    return Index(dimension, trained);
                else
                    return Index(dimension, text.pieces, trained);
            }
        });
    }

    template <class Any>
    static Any open(const std::string& path, const open_options& how) {
        const index_file file(path);
        const std::vector<char> text = read_values<char>(file, "text");
        const auto metric = read_fixed<metric_kind>(file, "metric");
        if (static_cast<unsigned>(metric) > 4) file.refuse("its metric is unknown");
        index_description description;
        try {
            description = parse_index({text.data(), text.size()});
        } catch (const data_error& wrong) {
            file.refuse(wrong.what());
        }
        return with_metric<Any>(metric, description,
                                [&]<class Index>(std::type_identity<Index>) { return open_index<Index>(path, how); });
    }
};

} // namespace detail

/// An empty index of the kind that the text says (see `weft/vector/index_text.hpp`). Throws a data_error that names the
/// text and the position of what is wrong, a not_supported_error for a metric that the index has not, and a
/// programming_error for what cannot be, such as pieces that do not divide the dimension.
template <class Index = any_index> // a template so that only programs that call it compile all the indexes
Index make_index(std::size_t dimension, std::string_view text, metric_kind metric = metric_kind::l2,
                 const any_options& options = {}) {
    return detail::any_access::make<Index>(dimension, parse_index(text), metric, options);
}

/// The same with the name of a metric, as `parse_metric` knows them.
template <class Index = any_index>
Index make_index(std::size_t dimension, std::string_view text, std::string_view metric,
                 const any_options& options = {}) {
    return make_index<Index>(dimension, text, parse_metric(metric), options);
}

/// Writes an index that `make_index` or `open_any_index` made to `path`, atomically and durably. Throws a
/// programming_error for others.
inline void save_index(const any_index& index, const std::string& path) {
    if (index.text().empty())
        throw programming_error("an any_index that was not made from text cannot be saved; save the index itself");
    index_file_writer out(path);
    index.write(out);
    const metric_kind metric = index.metric();
    out.add_values("text", index.text().data(), index.text().size());
    out.add_values("metric", &metric, 1);
    out.commit();
}

/// Opens an index that was saved as an `any_index`. Throws as `open_index` does.
template <class Index = any_index>
Index open_any_index(const std::string& path, const open_options& how = {}) {
    return detail::any_access::open<Index>(path, how);
}

} // namespace weft::inline v0::vector
