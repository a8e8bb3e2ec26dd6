// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Vectors as signed bytes, and what comes before: their unit length and their largest number.

#include <weft/simd/arch.hpp>
#include <weft/simd/detail/distance_sets.hpp>

#include <cstddef>
#include <cstdint>

namespace weft::inline v0::simd {

using detail::byte_sums;

/// The largest magnitude of `n` numbers, of which NaN are passed over; 0 when there are none.
template <class Arch = arch::dispatched>
float largest_magnitude(const float* values, std::size_t n) noexcept {
    using set = detail::distance_set;
    const set chosen = detail::features_of(Arch{}).set;
#if defined(__x86_64__) && defined(__GNUC__)
    if (chosen == set::avx512) return avx512_fma::largest_magnitude(values, n);
    if (chosen == set::avx2) return avx2_fma::largest_magnitude(values, n);
#endif
    static_cast<void>(chosen);
    return portable::largest_magnitude(values, n);
}

/// Writes `values * factor`, rounded and limited to -127 … 127, and returns the sum of these codes and of their
/// squares. A product that is NaN becomes 127. `n` is at most 65 536.
template <class Arch = arch::dispatched>
byte_sums quantise(const float* values, std::size_t n, float factor, std::int8_t* codes) noexcept {
    using set = detail::distance_set;
    const set chosen = detail::features_of(Arch{}).set;
#if defined(__x86_64__) && defined(__GNUC__)
    if (chosen == set::avx512) return avx512_fma::quantise(values, n, factor, codes);
    if (chosen == set::avx2) return avx2_fma::quantise(values, n, factor, codes);
#endif
    static_cast<void>(chosen);
    return portable::quantise(values, n, factor, codes);
}

/// Writes the vector at unit length; zeros stay zeros. `out` may be `values`.
template <class Arch = arch::dispatched>
void normalise(const float* values, std::size_t n, float* out) noexcept {
    using set = detail::distance_set;
    const set chosen = detail::features_of(Arch{}).set;
#if defined(__x86_64__) && defined(__GNUC__)
    if (chosen == set::avx512) return avx512_fma::normalise(values, n, out);
    if (chosen == set::avx2) return avx2_fma::normalise(values, n, out);
#endif
    static_cast<void>(chosen);
    portable::normalise(values, n, out);
}

} // namespace weft::inline v0::simd
