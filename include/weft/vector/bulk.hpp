// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// From a matrix or a file of vectors to an index file and back, in one call each: what programs around a batch of
/// embeddings need. Indexes are HNSW graphs; a query opens the mapped file, which takes well under a millisecond, so
/// there is no need to keep one open for a few queries.
///
/// A call compiles six kinds of index: three metrics, each over floats and over 8-bit codes. Programs that need fewer
/// name them: `bulk_build_index<index_types<hnsw<cosine, int8>>>(rows, "vectors.hnsw")`.

#include <weft/vector/hnsw.hpp>
#include <weft/vector/hnsw_file.hpp>
#include <weft/vector/input.hpp>
#include <weft/vector/ordering.hpp>
#include <weft/vector/output.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include <time.h>

namespace weft::inline v0::vector {

/// How an index is built.
struct bulk_build_options {
    std::span<const std::uint64_t> ids{};     ///< one a row; none: 0, 1, 2 …
    std::size_t m = 16;                       ///< links of a vertex; see hnsw_options
    std::size_t ef_construction = 100;        ///< width of the search for them
    std::size_t batch_size = 1000;            ///< vectors between two reports of progress, and looks at `stop`
    std::size_t threads = 0;                  ///< 0: one for each processor
    metric_kind metric = metric_kind::cosine; ///< cosine, l2 or inner_product
    code_kind storage = code_kind::int8;      ///< int8, beside the full vectors, or f32
    std::uint64_t seed = 42;                  ///< of the levels of the graph and of orderings
    ordering order = ordering::none;          ///< in which vectors come into the graph
    std::stop_token stop{};                   ///< cancels: no file is written then
    progress_view progress{};                 ///< told the vectors done and all of them
};

/// What a build did.
struct bulk_build_stats {
    std::size_t vectors = 0;
    std::size_t dimension = 0;
    double elapsed_seconds = 0;         ///< of the whole call, writing included
    double rate = 0;                    ///< vectors by elapsed seconds
    std::uint64_t index_size_bytes = 0; ///< of the file

    /// `elapsed_seconds` and `index_size_bytes` (in MiB) by their other names.
    double elapsed_secs() const noexcept { return elapsed_seconds; }
    double output_size_mb() const noexcept { return static_cast<double>(index_size_bytes) / 1048576; }
};

/// What an index file holds.
struct bulk_index_info {
    std::size_t vectors = 0;
    std::size_t dimension = 0;
    metric_kind metric = metric_kind::cosine;
    code_kind storage = code_kind::int8;
    std::size_t m = 0;
    std::size_t ef_construction = 0;
    std::size_t max_layer = 0;  ///< the highest layer of the graph
    double avg_connections = 0; ///< links of all layers, divided by the vectors
    std::uint64_t index_size_bytes = 0;
};

/// How a query runs.
struct bulk_query_options {
    std::size_t ef_search = 50; ///< width; never less than k
    bool verify = false;        ///< read the whole file and compare its checksums first
};

/// The kinds of index a program has for its bulk functions.
template <class... Indexes>
struct index_types {};

/// Those the bulk functions use when nothing else is said.
using bulk_index_types = index_types<hnsw<cosine, int8>, hnsw<l2, int8>, hnsw<inner_product, int8>, hnsw<cosine, f32>,
                                     hnsw<l2, f32>, hnsw<inner_product, f32>>;

namespace detail {

/// Calls `f.template operator()<Index>()` with the one of the types that has the metric and the storage.
template <class... Indexes, class F>
void with_index_type(index_types<Indexes...>, metric_kind metric, code_kind codes, bool keeps_vectors, F&& f) {
    const auto is_it = [&]<class Index>() {
        using storage = typename Index::storage_type;
        if (Index::metric() != metric || storage::codes != codes || storage::keeps_vectors != keeps_vectors)
            return false;
        f.template operator()<Index>();
        return true;
    };
    if (!(is_it.template operator()<Indexes>() || ...))
        throw not_supported_error("this program has no index for " + std::string(name_of(metric)) + " over " +
                                  std::string(name_of(codes)) + (keeps_vectors ? " with vectors" : " alone"));
}

/// A clock that is never set: <chrono> would cost every program that includes this more than all it is needed for.
inline double seconds_now() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Throws a data_error when an id comes twice.
inline void check_unique(std::span<const std::uint64_t> ids) {
    id_table table;
    table.clear(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const std::uint32_t before = table.find(ids[i], ids.data(), i);
        if (before != id_table::empty)
            throw data_error("Duplicate ID " + std::to_string(ids[i]) + ": rows " + std::to_string(before) + " and " +
                             std::to_string(i));
        table.put(ids[i], static_cast<std::uint32_t>(i));
    }
}

template <class Index>
void build_file(matrix_view rows, const std::string& output, const bulk_build_options& how) {
    Index index(rows.dimension,
                {.m = how.m, .ef_construction = how.ef_construction, .ef_search = 50, .seed = how.seed});
    index.reserve(rows.rows);
    const std::size_t batch = how.batch_size == 0 ? 1000 : how.batch_size;
    const std::vector<std::size_t> order = insertion_order(rows, how.order, how.seed);
    std::vector<float> gathered; // the rows of a batch in another order
    std::vector<std::uint64_t> numbers;
    for (std::size_t at = 0; at < rows.rows; at += batch) {
        if (how.stop.stop_requested()) throw cancelled_error("the build of '" + output + "' was cancelled");
        const std::size_t here = rows.rows - at < batch ? rows.rows - at : batch;
        numbers.resize(here);
        gathered.clear();
        for (std::size_t i = 0; i < here; ++i) {
            const std::size_t row = order.empty() ? at + i : order[at + i];
            numbers[i] = how.ids.empty() ? row : how.ids[row];
            if (!order.empty())
                gathered.insert(gathered.end(), rows.row(row).data(), rows.row(row).data() + rows.dimension);
        }
        const float* const values = order.empty() ? rows.data + at * rows.dimension : gathered.data();
        index.insert_many({values, here, rows.dimension}, {numbers.data(), here}, {.threads = how.threads});
        how.progress(at + here, rows.rows);
    }
    if (how.stop.stop_requested()) throw cancelled_error("the build of '" + output + "' was cancelled");
    index.consolidate();
    save_index(index, output);
}

} // namespace detail

/// Builds an index over the rows of a matrix and writes it to `output`, which is replaced as a whole. Throws a
/// data_error for numbers that are not finite, a wrong number of ids or an id that comes twice, a programming_error for
/// options that cannot be, an operational_error when the file cannot be written, a cancelled_error when it was stopped.
template <class Types = bulk_index_types>
bulk_build_stats bulk_build_index(matrix_view embeddings, const std::string& output,
                                  const bulk_build_options& how = {}) {
    const double start = detail::seconds_now();
    if (embeddings.dimension == 0) throw data_error("Invalid argument: Dimension cannot be 0");
    if (how.m == 0) throw programming_error("M cannot be 0");
    if (!how.ids.empty() || embeddings.rows == 0) {
        if (how.ids.size() != embeddings.rows)
            throw data_error("IDs length (" + std::to_string(how.ids.size()) + ") != vectors (" +
                             std::to_string(embeddings.rows) + ")");
        detail::check_unique(how.ids);
    }
    const std::size_t bad = detail::first_not_finite(embeddings.data, embeddings.rows * embeddings.dimension);
    if (bad != embeddings.rows * embeddings.dimension)
        detail::throw_not_finite("row " + std::to_string(bad / embeddings.dimension),
                                 embeddings.row(bad / embeddings.dimension).data(), bad % embeddings.dimension);
    detail::with_index_type(Types{}, how.metric, how.storage, how.storage != code_kind::f32,
                            [&]<class Index>() { detail::build_file<Index>(embeddings, output, how); });
    bulk_build_stats stats;
    stats.vectors = embeddings.rows;
    stats.dimension = embeddings.dimension;
    stats.index_size_bytes = index_file(output).size();
    stats.elapsed_seconds = detail::seconds_now() - start;
    stats.rate = static_cast<double>(stats.vectors) / stats.elapsed_seconds;
    return stats;
}

/// The nearest `k` vectors of an index file, nearest first; distances as `weft/vector/metric.hpp` defines them. Throws
/// a data_error when the file is damaged or the query has another dimension, an operational_error when it cannot be
/// read.
template <class Types = bulk_index_types>
std::vector<neighbour> bulk_query_index(const std::string& index, std::span<const float> query, std::size_t k = 10,
                                        const bulk_query_options& how = {}) {
    const index_file file(index);
    if (how.verify) file.verify();
    const index_file_info about = read_index_info(file);
    if (query.size() != about.dimension)
        throw data_error("Query dimension mismatch: expected " + std::to_string(about.dimension) + ", got " +
                         std::to_string(query.size()));
    std::vector<neighbour> found;
    detail::with_index_type(Types{}, about.metric, about.codes, about.keeps_vectors, [&]<class Index>() {
        found = detail::hnsw_access::read<Index>(file).search(query, k, {.ef = how.ef_search});
    });
    return found;
}

/// What an index file holds. Reads its graph, not its vectors.
template <class Types = bulk_index_types>
bulk_index_info bulk_info(const std::string& index) {
    const index_file file(index);
    const index_file_info about = read_index_info(file);
    hnsw_stats stats;
    detail::with_index_type(Types{}, about.metric, about.codes, about.keeps_vectors,
                            [&]<class Index>() { stats = detail::hnsw_access::read<Index>(file).stats(); });
    return {.vectors = about.vectors,
            .dimension = about.dimension,
            .metric = about.metric,
            .storage = about.codes,
            .m = about.m,
            .ef_construction = about.ef_construction,
            .max_layer = stats.max_level,
            .avg_connections = stats.average_connections,
            .index_size_bytes = file.size()};
}

} // namespace weft::inline v0::vector
