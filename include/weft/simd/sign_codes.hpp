// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Codes of one bit a number: the signs of the differences of two vectors, four of them in one of the 4-bit codes of
/// `weft/simd/code_scan.hpp`, which scans them. With them come the Hadamard transform, which makes the numbers of a
/// vector alike before their signs are taken, and the tables of a query (Gao and Long, "RaBitQ: Quantizing
/// High-Dimensional Vectors with a Theoretical Error Bound for Approximate Nearest Neighbor Search").
///
/// Vectors are of `4 * groups` numbers, and `groups` is a multiple of 16. The bit j of the code g is that of number
/// `j * groups + g`.

#include <weft/simd/arch.hpp>
#include <weft/simd/detail/distance_sets.hpp>

#include <cstddef>
#include <cstdint>

namespace weft::inline v0::simd {

using detail::sign_sums;

/// The Walsh-Hadamard transform in place, not normalised: applied twice it multiplies by `n`, which is a power of two
/// and at least 64. O(n log n).
template <class Arch = arch::dispatched>
void hadamard(float* values, std::size_t n) noexcept {
    using set = detail::distance_set;
    const set chosen = detail::features_of(Arch{}).set;
#if defined(__x86_64__) && defined(__GNUC__)
    if (chosen == set::avx512) return avx512_fma::hadamard(values, n);
    if (chosen == set::avx2) return avx2_fma::hadamard(values, n);
#endif
    static_cast<void>(chosen);
    portable::hadamard(values, n);
}

/// Multiplies `n` values, a multiple of 16, by factors of their own.
template <class Arch = arch::dispatched>
void multiply(float* values, const float* factors, std::size_t n) noexcept {
    using set = detail::distance_set;
    const set chosen = detail::features_of(Arch{}).set;
#if defined(__x86_64__) && defined(__GNUC__)
    if (chosen == set::avx512) return avx512_fma::multiply(values, factors, n);
    if (chosen == set::avx2) return avx2_fma::multiply(values, factors, n);
#endif
    static_cast<void>(chosen);
    portable::multiply(values, factors, n);
}

/// Makes of the two halves of `2 * half` values their sum and their difference; `half` is a multiple of 16.
template <class Arch = arch::dispatched>
void mix_halves(float* values, std::size_t half) noexcept {
    using set = detail::distance_set;
    const set chosen = detail::features_of(Arch{}).set;
#if defined(__x86_64__) && defined(__GNUC__)
    if (chosen == set::avx512) return avx512_fma::mix_halves(values, half);
    if (chosen == set::avx2) return avx2_fma::mix_halves(values, half);
#endif
    static_cast<void>(chosen);
    portable::mix_halves(values, half);
}

/// Writes for each group the 16 sums of the subsets of its four numbers, less the least of them, times `scale` and
/// rounded: the table that belongs to its code. No entry may exceed 255.
template <class Arch = arch::dispatched>
void subset_tables(const float* values, std::size_t groups, float scale, std::uint8_t* tables) noexcept {
    using set = detail::distance_set;
    const set chosen = detail::features_of(Arch{}).set;
#if defined(__x86_64__) && defined(__GNUC__)
    if (chosen == set::avx512) return avx512_fma::subset_tables(values, groups, scale, tables);
    if (chosen == set::avx2) return avx2_fma::subset_tables(values, groups, scale, tables);
#endif
    static_cast<void>(chosen);
    portable::subset_tables(values, groups, scale, tables);
}

/// Writes the codes of the signs of `to - from`, a byte each, and returns what estimates of distances need. A step that
/// is not positive has the bit 0 and counts as negative.
template <class Arch = arch::dispatched>
sign_sums sign_codes(const float* from, const float* to, std::size_t groups, std::uint8_t* codes) noexcept {
    using set = detail::distance_set;
    const set chosen = detail::features_of(Arch{}).set;
#if defined(__x86_64__) && defined(__GNUC__)
    if (chosen == set::avx512) return avx512_fma::sign_codes(from, to, groups, codes);
    if (chosen == set::avx2) return avx2_fma::sign_codes(from, to, groups, codes);
#endif
    static_cast<void>(chosen);
    return portable::sign_codes(from, to, groups, codes);
}

} // namespace weft::inline v0::simd
