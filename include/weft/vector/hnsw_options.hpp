// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The parameters of HNSW indexes and of searches.

#include <weft/core/config.hpp>
#include <weft/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace weft::inline v0::vector {

/// How a graph is built. More links and a wider search make it better, larger and slower to build.
struct hnsw_options {
    std::size_t m = 16;                ///< links of a new vertex; up to 2 m stay on the lowest layer. 2 to 1024
    std::size_t ef_construction = 200; ///< width of the search for a new vertex's neighbours; at least 1
    std::size_t ef_search = 64;        ///< width of a search that says nothing else
    std::uint64_t seed = 42;           ///< of the levels; one thread and one seed make one graph
};

/// How one search runs.
struct search_options {
    std::size_t ef = 0; ///< width: 0 is the index's, and never less than k. Wider finds more and takes longer
    std::size_t rerank =
        0; ///< candidates whose exact distance is computed, where the index keeps codes; 0: a few more than k
};

/// What an index is made of.
struct hnsw_stats {
    std::size_t vectors = 0;
    std::size_t dimension = 0;
    std::size_t max_level = 0;      ///< the highest layer
    double average_connections = 0; ///< links of all layers, divided by the vectors
    std::size_t erased = 0;         ///< vectors that are gone but still lead searches on
    std::size_t graph_bytes = 0;    ///< links
    std::size_t code_bytes = 0;     ///< what searches compare
    std::size_t vector_bytes = 0;   ///< full precision beside codes
};

/// Throws a programming_error for options no index can have.
inline void check(const hnsw_options& options) {
    if (options.m < 2 || options.m > 1024)
        throw programming_error("m is " + std::to_string(options.m) + "; an HNSW index has 2 to 1024 links a vertex");
    if (options.ef_construction == 0 || options.ef_construction > 1'000'000)
        throw programming_error("ef_construction is " + std::to_string(options.ef_construction) +
                                "; it is 1 to 1000000");
}

} // namespace weft::inline v0::vector
