// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// What a collection is made with, how it is searched, and what a search returns.

#include <weft/core/vector_view.hpp>
#include <weft/embedded/metadata.hpp>
#include <weft/vector/metric.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weft::inline v0::embedded {

/// How the index of a large collection keeps its vectors in memory. The file has them in full in any case, and the
/// distances of hits are computed from those.
///
/// | Kind     | Index beyond `collection_exact_up_to` vectors | Bytes a vector, D numbers   |
/// |----------|-----------------------------------------------|-----------------------------|
/// | `none`   | HNSW over floats                              | 4 D and the graph           |
/// | `scalar` | HNSW over numbers of 8 bits                   | D + 12 and the graph        |
/// | `pq`     | an inverted file of product quantiser codes   | D / 4; D / 2 where D is odd |
///
/// `pq` is for 16 numbers or more. Its lists, as many as the square root of the vectors, and its 4 bits for every two
/// numbers are trained with the vectors that are there when the index is built. A search looks into a sixth of the
/// lists; `ef` of twice 64 into twice as many.
enum class collection_quantization : std::uint8_t { none = 0, scalar = 1, pq = 2 };

/// `none`, `scalar` or `pq`.
constexpr std::string_view name_of(collection_quantization kind) noexcept {
    constexpr std::string_view names[] = {"none", "scalar", "pq"};
    const auto i = static_cast<std::size_t>(kind);
    return i < 3 ? names[i] : std::string_view("unknown");
}

/// What a collection is. It is kept in the file and never changes.
struct collection_config {
    std::size_t dimension = 0;                                            ///< numbers of a vector, 1 to 65 536
    vector::metric_kind metric = vector::metric_kind::cosine;             ///< cosine, l2 or inner_product
    std::size_t m = 16;                                                   ///< links of a vertex in the index, 2 to 1024
    std::size_t ef_construction = 100;                                    ///< width of the search for them
    collection_quantization quantization = collection_quantization::none; ///< of the vectors in memory
    bool enable_hybrid_search = false;                                    ///< contents are indexed for keyword_search()
    std::string content_field{}; ///< metadata member that is the content where none is given

    bool operator==(const collection_config&) const = default;
};

/// A vector to insert. It views what the caller keeps.
struct collection_item_view {
    std::string_view id{};
    vector_view<float> values{};
    metadata_view meta{std::string_view()};
    std::string_view content{};
};

/// A vector of a collection.
struct collection_item {
    std::string id;
    std::vector<float> values;
    embedded::metadata meta;
    std::string content;
};

/// How a collection is searched.
struct collection_search {
    std::size_t k = 10;                ///< hits at most
    embedded::metadata filter{};       ///< members that a hit's metadata must have with equal values; null: or lack
    metadata_predicate where{};        ///< a function of the metadata that says whether it may be a hit; referred to
    std::optional<double> min_score{}; ///< hits with a lower score are left out
    std::size_t ef = 0;                ///< width of the search in the index; 0: 64. Wider finds more and takes longer
    bool exact = false;                ///< compare with every vector in the file
    double alpha = 0.5;                ///< hybrid_search: weight of the vectors, 0 to 1; the words have the rest
    std::size_t rrf_k = 60;            ///< hybrid_search: the constant of reciprocal rank fusion
};

/// What a search found. `score` is larger for better hits:
///
/// | Search            | Score                                                                                 |
/// |-------------------|---------------------------------------------------------------------------------------|
/// | `cosine`          | the cosine of the angle, -1 to 1                                                      |
/// | `l2`              | 1 / (1 + d), d the Euclidean distance                                                 |
/// | `inner_product`   | the inner product                                                                     |
/// | `keyword_search`  | BM25                                                                                  |
/// | `hybrid_search`   | the sum of alpha / (rrf_k + rank + 1) over both searches, ranks from 0                |
struct collection_hit {
    std::string id;
    double score = 0;
    embedded::metadata meta;
    std::string content;
};

/// What a list of collections says.
struct collection_info {
    std::string name;
    collection_config config;
    std::uint64_t count = 0; ///< vectors
};

/// The index of a collection in memory.
struct collection_index_stats {
    std::uint64_t vectors = 0;      ///< in the index, those that were erased since the last clean-up among them
    bool is_graph = false;          ///< HNSW; else every vector is compared, or the codes in some lists (pq)
    std::uint64_t memory_bytes = 0; ///< vectors, links and metadata
};

/// Up to so many vectors, searches of the index compare every one; beyond, it is an HNSW graph.
inline constexpr std::size_t collection_exact_up_to = 10'000;

} // namespace weft::inline v0::embedded
