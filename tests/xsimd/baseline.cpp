// SPDX-License-Identifier: BSL-1.0
#include <xsimd/xsimd.hpp>

#define WEFT_UNIT baseline_unit
#define WEFT_SET ::xsimd::default_arch
#include "unit.hpp"

template <>
bool processor_has<baseline_unit>() noexcept {
    return simd::is_available<simd::arch::xsimd<>>();
}
#if defined(__x86_64__)
template <>
bool processor_has<avx_unit>() noexcept {
    return simd::is_available<simd::arch::xsimd<xsimd::avx>>();
}
template <>
bool processor_has<avx2_unit>() noexcept {
    return simd::is_available<simd::arch::xsimd<xsimd::fma3<xsimd::avx2>>>();
}
template <>
bool processor_has<avx512_unit>() noexcept {
    return simd::is_available<simd::arch::xsimd<xsimd::avx512bw>>();
}
#endif
