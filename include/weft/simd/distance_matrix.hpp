// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Distances between many queries and many rows, which are both read a few times less than one pair after another
/// would.

#include <weft/simd/arch.hpp>
#include <weft/simd/distances.hpp>

#include <cstddef>

namespace weft::inline v0::simd {

/// `Operation` between each of `query_count` queries and each of `count` rows, all of `n` elements: `out[q * count +
/// i]` is that of query `q` and row `i`. Queries are `query_stride` elements apart, rows `stride`. The rows are read
/// once for a few queries each time, so they should be so few that they stay in the second-level cache (some 100 kB).
/// Types, precision and exceptional values are those of `distance_kernels`.
template <class Operation, class Query, class Row, class Arch = arch::dispatched>
    requires distance_between<Operation, Query, Row>
void distance_matrix(const Query* queries, std::size_t query_stride, std::size_t query_count, const Row* rows,
                     std::size_t stride, std::size_t count, std::size_t n, float* out) noexcept {
    if constexpr (std::is_same_v<Arch, arch::scalar> || detail::brings_kernels<Arch>) {
        for (std::size_t q = 0; q < query_count; ++q)
            distance_kernels<Operation, Query, Row, 0, Arch>().block(queries + q * query_stride, rows, stride, count, n,
                                                                     out + q * count);
    } else {
        using set = detail::distance_set;
        const detail::distance_features has = detail::features_of(Arch{});
#if defined(__x86_64__) && defined(__GNUC__)
        if (has.set == set::avx512) {
            if constexpr (std::is_same_v<Operation, dot> && sizeof(Row) == 1)
                if (has.vnni)
                    return avx512_fma::distance_matrix<detail::dot_vnni>(queries, query_stride, query_count, rows,
                                                                         stride, count, n, out);
            return avx512_fma::distance_matrix<Operation>(queries, query_stride, query_count, rows, stride, count, n,
                                                          out);
        }
        if (has.set == set::avx2)
            return avx2_fma::distance_matrix<Operation>(queries, query_stride, query_count, rows, stride, count, n,
                                                        out);
#endif
        static_cast<void>(has);
        portable::distance_matrix<Operation>(queries, query_stride, query_count, rows, stride, count, n, out);
    }
}

} // namespace weft::inline v0::simd
