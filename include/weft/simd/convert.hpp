// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Arrays of 16-bit floats from floats and back.

#include <weft/simd/arch.hpp>
#include <weft/simd/detail/distance_sets.hpp>
#include <weft/simd/half.hpp>

#include <cstddef>
#include <type_traits>

namespace weft::inline v0::simd {

/// Converts `n` numbers as `to_f16`, `to_bf16` or `to_float` do: from floats to `f16` or `bf16` or the other way. The
/// arrays must not overlap and need no alignment.
template <class Arch = arch::dispatched, class From, class To>
    requires(std::is_same_v<From, float> != std::is_same_v<To, float>)
void convert(const From* from, std::size_t n, To* to) noexcept {
    using set = detail::distance_set;
    const set chosen = detail::features_of(Arch{}).set;
#if defined(__x86_64__) && defined(__GNUC__)
    if (chosen == set::avx512) return avx512_fma::convert(from, n, to);
    if (chosen == set::avx2) return avx2_fma::convert(from, n, to);
#endif
    static_cast<void>(chosen);
    portable::convert(from, n, to);
}

} // namespace weft::inline v0::simd
