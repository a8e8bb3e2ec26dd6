// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The order in which the vectors of a batch come into an index. It does not change what an index is, only how near to
/// each other in memory, and how early in the graph, similar vectors are.

#include <weft/simd/distances.hpp>
#include <weft/vector/detail/columns.hpp>
#include <weft/vector/kmeans.hpp>
#include <weft/vector/matrix.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weft::inline v0::vector {

/// An order of rows.
enum class ordering : std::uint8_t {
    none,              ///< as they are
    random_projection, ///< along a random direction: similar vectors follow each other, roughly
    kmeans,            ///< cluster by cluster, of as many clusters as the root of the number of rows
    block              ///< the first row of each block of 1024, then the second of each, and so on
};

/// The ordering of a name: `none`, `random_projection` or `rp`, `kmeans` or `coarse_kmeans`, `block`. Throws a
/// data_error for others.
inline ordering parse_ordering(std::string_view name) {
    if (name == "none") return ordering::none;
    if (name == "random_projection" || name == "rp") return ordering::random_projection;
    if (name == "kmeans" || name == "coarse_kmeans") return ordering::kmeans;
    if (name == "block") return ordering::block;
    throw data_error("ordering '" + std::string(name) +
                     "' is not known; there are none, random_projection (rp), kmeans (coarse_kmeans) and block");
}

namespace detail {

/// Numbers of rows by a key each, equal keys in the order of the rows.
template <class Index, class Key>
std::vector<Index> by_key(const std::vector<Key>& keys) {
    struct entry {
        Key key;
        std::size_t row;
        bool operator<(const entry& other) const noexcept {
            return key < other.key || (key == other.key && row < other.row);
        }
    };
    std::vector<entry> entries(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) entries[i] = {keys[i], i};
    sort_values(entries.data(), entries.size());
    std::vector<Index> order(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) order[i] = entries[i].row;
    return order;
}

} // namespace detail

/// The numbers of the rows in an order; empty for `ordering::none`. Equal arguments give equal orders. Rows must be
/// finite.
template <class Index = std::size_t> // a template so that only programs that call it compile it
std::vector<Index> insertion_order(matrix_view rows, ordering order, std::uint64_t seed = 42) {
    if (order == ordering::none || rows.rows == 0) return {};
    if (order == ordering::block) {
        constexpr std::size_t block = 1024;
        std::vector<Index> found;
        found.reserve(rows.rows);
        for (std::size_t first = 0; first < block; ++first)
            for (std::size_t row = first; row < rows.rows; row += block) found.push_back(row);
        return found;
    }
    if (order == ordering::random_projection) {
        detail::random_source random(seed);
        std::vector<float> direction(rows.dimension);
        for (float& each : direction) { // nearly normal: the sum of some uniform numbers
            double sum = -6;
            for (int i = 0; i < 12; ++i) sum += random.unit();
            each = static_cast<float>(sum);
        }
        std::vector<float> along(rows.rows);
        const auto& dot = simd::distance_kernels<simd::dot, float, float>();
        for (std::size_t i = 0; i < rows.rows; ++i) {
            const float value = dot.one(direction.data(), rows.row(i).data(), rows.dimension);
            along[i] = value == value ? value : 0; // infinity less infinity
        }
        return detail::by_key<Index>(along);
    }
    std::size_t clusters = 1;
    while ((clusters + 1) * (clusters + 1) <= rows.rows) ++clusters;
    const std::vector<float> centres = kmeans(rows, clusters, {.most_per_centroid = 64, .seed = seed, .threads = 0});
    const detail::column_matrix columns(centres.data(), clusters, rows.dimension);
    std::vector<Index> cluster(rows.rows);
    detail::parallel_for(rows.rows, detail::thread_count(0), 256, [&](std::size_t, std::size_t begin, std::size_t end) {
        float distance = 0;
        for (std::size_t i = begin; i < end; ++i) cluster[i] = columns.nearest(rows.row(i).data(), &distance);
        return true;
    });
    return detail::by_key<Index>(cluster);
}

} // namespace weft::inline v0::vector
