// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/vector/matrix.hpp>
#include <weft/vector/metric.hpp>
#include <weft/vector/neighbour.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

/// Clustered points: a centre for every 50, and the truth about them in double precision.
struct points {
    std::size_t dimension;
    std::vector<float> data;

    points(std::size_t count, std::size_t width, std::uint32_t seed = 1) : dimension(width), data(count * width) {
        std::mt19937 random(99); // the centres are those of every seed, so that queries lie where points do
        std::normal_distribution<float> normal;
        std::vector<float> centres((count / 50 + 2) * width);
        for (float& x : centres) x = normal(random);
        random.seed(seed);
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t centre = random() % 8 * width;
            for (std::size_t j = 0; j < width; ++j)
                data[i * width + j] = centres[centre % centres.size() + j] + 0.4F * normal(random);
        }
    }

    std::size_t size() const { return data.size() / dimension; }
    std::span<const float> operator[](std::size_t i) const { return {data.data() + i * dimension, dimension}; }
    weft::vector::matrix_view view() const { return {data.data(), size(), dimension}; }
};

/// The distance of `weft/vector/metric.hpp`, in double precision.
inline double true_distance(weft::vector::metric_kind metric, std::span<const float> a, std::span<const float> b) {
    double dot = 0;
    double aa = 0;
    double bb = 0;
    double l2 = 0;
    double l1 = 0;
    double linf = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double x = a[i];
        const double y = b[i];
        dot += x * y;
        aa += x * x;
        bb += y * y;
        l2 += (x - y) * (x - y);
        l1 += std::fabs(x - y);
        linf = std::max(linf, std::fabs(x - y));
    }
    using weft::vector::metric_kind;
    switch (metric) {
    case metric_kind::l2: return l2;
    case metric_kind::inner_product: return -dot;
    case metric_kind::cosine: return aa == 0 || bb == 0 ? 1 : 1 - dot / std::sqrt(aa * bb);
    case metric_kind::l1: return l1;
    default: return linf;
    }
}

/// The nearest `k` of the points that please, by comparing all.
template <class Pleases>
std::vector<weft::vector::neighbour> true_neighbours(weft::vector::metric_kind metric, const points& among,
                                                     std::span<const float> query, std::size_t k, Pleases&& pleases) {
    std::vector<std::pair<double, std::uint64_t>> all;
    for (std::size_t i = 0; i < among.size(); ++i)
        if (pleases(i)) all.emplace_back(true_distance(metric, among[i], query), i);
    std::sort(all.begin(), all.end());
    if (all.size() > k) all.resize(k);
    std::vector<weft::vector::neighbour> found;
    for (const auto& [distance, id] : all) found.push_back({id, static_cast<float>(distance)});
    return found;
}

/// How many of the true neighbours were found.
inline std::size_t hits(const std::vector<weft::vector::neighbour>& truth,
                        const std::vector<weft::vector::neighbour>& found) {
    std::size_t count = 0;
    for (const auto& a : truth)
        count += static_cast<std::size_t>(
            std::count_if(found.begin(), found.end(), [&](const auto& b) { return a.id == b.id; }));
    return count;
}
