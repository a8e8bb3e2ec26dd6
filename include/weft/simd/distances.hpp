// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Distances between vectors, the innermost loops of every index:
///
///     const auto& l2 = simd::distance_kernels<simd::l2_squared, float, float>();
///     float d = l2.one(query, row, 768);
///     l2.block(query, rows, 768, 1000, 768, distances); // 1000 rows, one after the other
///
/// The kernels are chosen once for the processor at hand: SSE2 (or whatever the compiler makes of short vectors), AVX2
/// with FMA, or AVX-512 with what it has of VNNI, BF16 and VPOPCNTDQ. They read exactly the vectors, which need no
/// alignment; any dimension and 0 are fine.
///
/// Sums of floats are of single precision in an order that depends on the instruction set: they differ from the exact
/// value by some millionths of the sum of the magnitudes of their terms, and the same pair gives the same result from
/// `one`, `many` and `block` only up to that. A NaN in either vector makes every result NaN; infinities give what IEEE
/// 754 says (an infinite or NaN result); denormals are exact unless the program has told the processor to flush them.
/// Between signed bytes (and bits) the sum is exact before it becomes a float.

#include <weft/simd/arch.hpp>
#include <weft/simd/detail/distance_sets.hpp>
#include <weft/simd/half.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace weft::inline v0::simd {

namespace scalar {

template <class T>
constexpr double number(T value) noexcept {
    if constexpr (std::is_arithmetic_v<T>)
        return static_cast<double>(value);
    else
        return static_cast<double>(to_float(value));
}

/// One distance in double precision, element by element: the definition of what the kernels compute.
template <class Operation, class Query, class Row>
double distance(const Query* query, const Row* row, std::size_t n) noexcept {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
        if constexpr (std::is_same_v<Operation, hamming>) {
            sum += std::popcount(static_cast<unsigned>(query[i] ^ row[i]));
        } else if constexpr (std::is_same_v<Operation, dot>) {
            sum += number(query[i]) * number(row[i]);
        } else {
            const double difference = number(query[i]) - number(row[i]);
            const double magnitude = difference < 0 ? -difference : difference;
            if constexpr (std::is_same_v<Operation, l2_squared>)
                sum += difference * difference;
            else if constexpr (std::is_same_v<Operation, l1>)
                sum += magnitude;
            else if (!(magnitude <= sum) && sum == sum)
                sum = magnitude;
        }
    }
    return sum;
}

template <class Operation, class Query, class Row>
inline constexpr distance_kernel<Operation, Query, Row> kernel = {
    [](const Query* query, const Row* row, std::size_t n) noexcept {
        return static_cast<float>(distance<Operation>(query, row, n));
    },
    [](const Query* query, const Row* const* rows, std::size_t count, std::size_t n, float* out) noexcept {
        for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<float>(distance<Operation>(query, rows[i], n));
    },
    [](const Query* query, const Row* rows, std::size_t stride, std::size_t count, std::size_t n, float* out) noexcept {
        for (std::size_t i = 0; i < count; ++i)
            out[i] = static_cast<float>(distance<Operation>(query, rows + i * stride, n));
    }};

} // namespace scalar

namespace detail {
template <class Operation, class Query, class Row>
inline constexpr bool has_kernel = false;
template <class Operation, class T>
inline constexpr bool has_kernel<Operation, T, T> =
    std::is_same_v<Operation, hamming> ? std::is_same_v<T, std::uint8_t>
                                       : std::is_same_v<T, float> || std::is_same_v<T, f16> ||
                                             std::is_same_v<T, bf16> || std::is_same_v<T, std::int8_t>;
template <class Operation>
inline constexpr bool has_kernel<Operation, float, f16> = !std::is_same_v<Operation, hamming>;
template <class Operation>
inline constexpr bool has_kernel<Operation, float, bf16> = !std::is_same_v<Operation, hamming>;
} // namespace detail

/// A distance between a query and a row of these types: float, `f16`, `bf16` and `std::int8_t` with themselves, a query
/// of floats with rows of `f16` and `bf16`, and `hamming` with `std::uint8_t`.
template <class Operation, class Query, class Row>
concept distance_between = detail::has_kernel<Operation, Query, Row>;

/// The kernels for this processor, found on first use; the reference is valid for ever. A `Dimension` other than 0
/// fixes the number of elements when compiling (the argument `n` is then not looked at), which saves some nanoseconds a
/// row. Another `Arch` than the default is for tests and comparisons; the processor must have it. `bf16` with itself is
/// multiplied by the processor's own instruction where it has one, whose sums treat denormals as zero.
template <class Operation, class Query, class Row, std::size_t Dimension = 0, class Arch = arch::dispatched>
    requires distance_between<Operation, Query, Row>
[[nodiscard]] const distance_kernel<Operation, Query, Row>& distance_kernels() noexcept {
    if constexpr (std::is_same_v<Arch, arch::scalar>) {
        return scalar::kernel<Operation, Query, Row>;
    } else if constexpr (detail::brings_kernels<Arch>) {
        return Arch::kernels::template distances<Operation, Query, Row, Dimension>();
    } else {
        static const auto& chosen = detail::kernel_for<Operation, Query, Row, Dimension>(detail::features_of(Arch{}));
        return chosen;
    }
}

} // namespace weft::inline v0::simd
