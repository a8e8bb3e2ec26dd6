// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The distance between two vectors, without an index.

#include <weft/simd/distances.hpp>
#include <weft/vector/detail/input.hpp>
#include <weft/vector/metric.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weft::inline v0::vector {

/// The distance of two vectors of equal length, as `weft/vector/metric.hpp` defines it. Vectors for `cosine` need no
/// unit length. Throws a data_error when the lengths differ or a number is not finite.
template <number_metric Metric>
float distance(std::span<const float> a, std::span<const float> b) {
    detail::check_length("Vector", a.size(), b.size());
    detail::check_vector(a, a.size(), "the first vector");
    detail::check_vector(b, a.size(), "the second vector");
    const auto& kernel =
        simd::distance_kernels<typename Metric::operation, float, float, 0, typename detail::arch_of<Metric>::type>();
    if constexpr (Metric::kind == metric_kind::cosine) {
        std::vector<float> units(2 * a.size());
        detail::prepare<cosine>(a.data(), a.size(), units.data());
        detail::prepare<cosine>(b.data(), a.size(), units.data() + a.size());
        return Metric::from_kernel(kernel.one(units.data(), units.data() + a.size(), a.size()));
    } else {
        return Metric::from_kernel(kernel.one(a.data(), b.data(), a.size()));
    }
}

/// The same with a metric known when the program runs. Throws a not_supported_error for `hamming`, which is between
/// bits.
template <class Result = float> // a template so that only programs that call it compile all metrics
Result distance(metric_kind metric, std::span<const float> a, std::span<const float> b) {
    switch (metric) {
    case metric_kind::l2: return distance<l2>(a, b);
    case metric_kind::inner_product: return distance<inner_product>(a, b);
    case metric_kind::cosine: return distance<cosine>(a, b);
    case metric_kind::l1: return distance<l1>(a, b);
    case metric_kind::linf: return distance<linf>(a, b);
    case metric_kind::hamming: break;
    }
    throw not_supported_error("vectors of numbers have no distance " + std::string(name_of(metric)));
}

/// The number of bits in which two strings of packed bits differ. Throws a data_error when their lengths differ.
inline float hamming_distance(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
    detail::check_length("Bits", a.size(), b.size());
    return simd::distance_kernels<simd::hamming, std::uint8_t, std::uint8_t>().one(a.data(), b.data(), a.size());
}

} // namespace weft::inline v0::vector
