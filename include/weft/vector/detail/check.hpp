// SPDX-License-Identifier: BSL-1.0
#pragma once

// What every vector that comes in must be.

#include <weft/core/error.hpp>
#include <weft/simd/byte_codes.hpp>
#include <weft/vector/metric.hpp>

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace weft::inline v0::vector::detail {

inline constexpr std::size_t most_dimensions = 65536;

inline void check_dimension(std::size_t dimension) {
    if (dimension == 0 || dimension > most_dimensions)
        throw programming_error("dimension is " + std::to_string(dimension) + "; vectors have 1 to 65536 numbers");
}

/// The place of the first NaN or infinity, or the size.
inline std::size_t first_not_finite(const float* values, std::size_t size) noexcept {
    constexpr std::size_t block = 64;
    for (std::size_t begin = 0; begin < size; begin += block) {
        const std::size_t end = begin + block < size ? begin + block : size;
        std::uint32_t bad = 0;
        for (std::size_t i = begin; i < end; ++i)
            bad |= (std::bit_cast<std::uint32_t>(values[i]) & 0x7F800000U) == 0x7F800000U ? 1U : 0U;
        if (bad == 0) continue;
        for (std::size_t i = begin; i < end; ++i)
            if (!std::isfinite(values[i])) return i;
    }
    return size;
}

[[noreturn]] inline void throw_not_finite(const std::string& what, const float* values, std::size_t at) {
    throw data_error(what + ": number " + std::to_string(at) + " is " +
                     (std::isnan(values[at]) ? "NaN"
                      : values[at] > 0       ? "infinite"
                                             : "minus infinity"));
}

/// Throws a data_error that begins with `what` unless the vector has `dimension` finite numbers.
inline void check_vector(std::span<const float> values, std::size_t dimension, const char* what) {
    if (values.size() != dimension)
        throw data_error(std::string(what) + " has " + std::to_string(values.size()) + " numbers, the index's have " +
                         std::to_string(dimension));
    const std::size_t bad = first_not_finite(values.data(), dimension);
    if (bad != dimension) throw_not_finite(what, values.data(), bad);
}

/// Copies a vector as an index with this metric keeps it: of unit length for `cosine`, where a zero vector stays one.
template <class Metric>
void prepare(const float* values, std::size_t dimension, float* out) noexcept {
    if constexpr (Metric::kind == metric_kind::cosine) {
        simd::normalise(values, dimension, out);
    } else {
        for (std::size_t i = 0; i < dimension; ++i) out[i] = values[i];
    }
}

} // namespace weft::inline v0::vector::detail
