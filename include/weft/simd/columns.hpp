// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Distances between one short vector and very many others that are stored column by column: what k-means and product
/// quantisers spend their time on. A vector of the processor holds one number of each of several columns, so that
/// vectors of 2 or 8 numbers fill it as well as those of 768.

#include <weft/simd/arch.hpp>
#include <weft/simd/detail/distance_sets.hpp>

#include <cstddef>

namespace weft::inline v0::simd {

/// The distances between `query` (`n` numbers) and each column of a matrix of `n` rows of `count` floats each. `count`
/// is a multiple of 16. `Operation` is `l2_squared`, `dot`, `l1` or `linf`.
template <class Operation, class Arch = arch::dispatched>
void column_distances(const float* query, const float* columns, std::size_t n, std::size_t count, float* out) noexcept {
    if constexpr (detail::brings_kernels<Arch>) {
        Arch::kernels::template column_distances<Operation>(query, columns, n, count, out);
    } else {
        using set = detail::distance_set;
        const set chosen = detail::features_of(Arch{}).set;
#if defined(__x86_64__) && defined(__GNUC__)
        if (chosen == set::avx512) return avx512_fma::column_distances<Operation>(query, columns, n, count, out);
        if (chosen == set::avx2) return avx2_fma::column_distances<Operation>(query, columns, n, count, out);
#endif
        static_cast<void>(chosen);
        portable::column_distances<Operation>(query, columns, n, count, out);
    }
}

/// The column with the least distance, of several the first, and that distance in `*distance`; column 0 and infinity
/// when no distance is finite.
template <class Operation, class Arch = arch::dispatched>
std::size_t nearest_column(const float* query, const float* columns, std::size_t n, std::size_t count,
                           float* distance) noexcept {
    if constexpr (detail::brings_kernels<Arch>) {
        return Arch::kernels::template nearest_column<Operation>(query, columns, n, count, distance);
    } else {
        using set = detail::distance_set;
        const set chosen = detail::features_of(Arch{}).set;
#if defined(__x86_64__) && defined(__GNUC__)
        if (chosen == set::avx512) return avx512_fma::nearest_column<Operation>(query, columns, n, count, distance);
        if (chosen == set::avx2) return avx2_fma::nearest_column<Operation>(query, columns, n, count, distance);
#endif
        static_cast<void>(chosen);
        return portable::nearest_column<Operation>(query, columns, n, count, distance);
    }
}

} // namespace weft::inline v0::simd
