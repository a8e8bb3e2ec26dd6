// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// What distances there are, and the table of functions that computes one of them.

#include <cstddef>

namespace weft::inline v0::simd {

/// The sum of the squared differences.
struct l2_squared {};
/// The sum of the products.
struct dot {};
/// The sum of the magnitudes of the differences.
struct l1 {};
/// The largest magnitude of a difference.
struct linf {};
/// The number of differing bits, between packed bits: rows of `std::uint8_t`, whose dimension `n` is in bytes.
struct hamming {};

/// Functions that compute `Operation` between a query and rows of `n` elements each. They never throw, read nothing but
/// the vectors, and keep nothing; pointers need no alignment.
template <class Operation, class Query, class Row>
struct distance_kernel {
    /// One row.
    float (*one)(const Query* query, const Row* row, std::size_t n) noexcept;
    /// `count` rows that may be anywhere, in groups of four; `out` has room for `count` results.
    void (*many)(const Query* query, const Row* const* rows, std::size_t count, std::size_t n, float* out) noexcept;
    /// `count` rows in one block, each `stride` elements after the one before.
    void (*block)(const Query* query, const Row* rows, std::size_t stride, std::size_t count, std::size_t n,
                  float* out) noexcept;
};

} // namespace weft::inline v0::simd
