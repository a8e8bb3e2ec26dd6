// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Generated vectors for the benchmarks of the room `vector`, and the truth about them. All of it follows from the
/// seed.

#include <weft/simd/distances.hpp>
#include <weft/vector/detail/candidates.hpp>
#include <weft/vector/detail/parallel.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace vector_data {

struct set {
    std::size_t dimension = 0;
    std::size_t rows = 0;
    std::size_t queries = 0;
    std::vector<float> data;
    std::vector<float> query;
    std::vector<std::uint64_t> truth; // the 10 nearest rows of each query

    const float* row(std::size_t i) const { return data.data() + i * dimension; }
};

inline constexpr std::size_t k = 10;

inline void find_truth(set& s) {
    const auto& kernel = weft::simd::distance_kernels<weft::simd::l2_squared, float, float>();
    s.truth.assign(s.queries * k, 0);
    constexpr std::size_t tile = 256; // rows that stay in the cache while all queries pass
    weft::vector::detail::parallel_for(s.queries, 2, 128, [&](std::size_t, std::size_t begin, std::size_t end) {
        std::vector<weft::vector::detail::candidate_pool> best(end - begin);
        for (auto& pool : best) pool.reset(k);
        std::vector<float> distances(tile);
        for (std::size_t at = 0; at < s.rows; at += tile) {
            const std::size_t here = s.rows - at < tile ? s.rows - at : tile;
            for (std::size_t q = begin; q < end; ++q) {
                kernel.block(s.query.data() + q * s.dimension, s.row(at), s.dimension, here, s.dimension,
                             distances.data());
                for (std::size_t i = 0; i < here; ++i)
                    best[q - begin].insert(distances[i], static_cast<std::uint32_t>(at + i));
            }
        }
        for (std::size_t q = begin; q < end; ++q)
            for (std::size_t i = 0; i < k; ++i) s.truth[q * k + i] = best[q - begin][i].slot();
        return true;
    });
}

/// Unit vectors around centres, a centre for every 200 rows, in a random subspace of `latent` dimensions: a row is
/// A (c + 0.6 g) + 0.02 h, where A, c, g and h are normal and A has `latent` columns. Queries are drawn like rows.
inline set clustered(std::size_t rows, std::size_t dimension, std::size_t latent, std::size_t queries,
                     std::uint32_t seed) {
    set s{dimension, rows, queries, std::vector<float>(rows * dimension), std::vector<float>(queries * dimension), {}};
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    const auto& kernel = weft::simd::distance_kernels<weft::simd::dot, float, float>();
    const std::size_t centres = rows / 200 + 1;
    std::vector<float> matrix(dimension * latent);
    std::vector<float> centre(centres * latent);
    for (float& x : matrix) x = normal(random) / std::sqrt(static_cast<float>(latent));
    for (float& x : centre) x = normal(random);
    std::vector<float> point(latent);
    const auto draw = [&](float* out) {
        const float* c = centre.data() + random() % centres * latent;
        for (std::size_t j = 0; j < latent; ++j) point[j] = c[j] + 0.6F * normal(random);
        kernel.block(point.data(), matrix.data(), latent, dimension, latent, out);
        for (std::size_t j = 0; j < dimension; ++j)
            out[j] += 0.02F * 1.7320508F * (static_cast<float>(random()) * 0x1p-31F - 1.0F);
        const float length = std::sqrt(kernel.one(out, out, dimension));
        for (std::size_t j = 0; j < dimension; ++j) out[j] /= length;
    };
    for (std::size_t i = 0; i < rows; ++i) draw(s.data.data() + i * dimension);
    for (std::size_t i = 0; i < queries; ++i) draw(s.query.data() + i * dimension);
    find_truth(s);
    return s;
}

/// Uniform in the unit cube: no structure to make use of.
inline set uniform(std::size_t rows, std::size_t dimension, std::size_t queries, std::uint32_t seed) {
    set s{dimension, rows, queries, std::vector<float>(rows * dimension), std::vector<float>(queries * dimension), {}};
    std::mt19937 random(seed);
    for (float& x : s.data) x = static_cast<float>(random()) * 0x1p-32F;
    for (float& x : s.query) x = static_cast<float>(random()) * 0x1p-32F;
    find_truth(s);
    return s;
}

/// The share of the truth that `found`, `k` ids a query, contains.
inline double recall(const set& s, const std::vector<std::uint64_t>& found) {
    std::size_t hits = 0;
    for (std::size_t q = 0; q < s.queries; ++q)
        for (std::size_t i = 0; i < k; ++i)
            for (std::size_t j = 0; j < k; ++j) hits += found[q * k + i] == s.truth[q * k + j] ? 1 : 0;
    return static_cast<double>(hits) / static_cast<double>(s.queries * k);
}

} // namespace vector_data
