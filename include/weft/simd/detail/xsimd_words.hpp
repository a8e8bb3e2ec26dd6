// SPDX-License-Identifier: BSL-1.0
#pragma once

// The words of xsimd that differ between its versions (8.1 to 14), and the few that it has none for: everything here
// takes batches, so that each architecture has its own functions however its unit was compiled.

#include <xsimd/xsimd.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace weft::inline v0::simd::detail::batches {

template <class T, class A>
using batch = ::xsimd::batch<T, A>;
template <class A>
using shorts = batch<std::int16_t, A>;
template <class A>
using ints = batch<std::int32_t, A>;
template <class A>
using longs = batch<std::uint64_t, A>;

// The same bits as elements of another type.
template <class To, class From, class A>
[[gnu::always_inline]] inline batch<To, A> as(const batch<From, A>& v) noexcept {
    if constexpr (std::is_same_v<To, From>)
        return v;
    else if constexpr (requires { // the argument of bitwise_cast was the batch, and has been its element since 9
                           { ::xsimd::bitwise_cast<To>(v) } -> std::same_as<batch<To, A>>;
                       })
        return ::xsimd::bitwise_cast<To>(v);
    else
        return ::xsimd::bitwise_cast<batch<To, A>>(v);
}

template <class T, class A>
[[gnu::always_inline]] inline T sum(const batch<T, A>& v) noexcept {
    if constexpr (requires { reduce_add(v); })
        return reduce_add(v);
    else
        return hadd(v); // its name until 9
}

// Whether a bit is set.
template <class T, class A>
[[gnu::always_inline]] inline bool any_bit(const batch<T, A>& v) noexcept {
    return ::xsimd::any(as<std::uint32_t>(v) != batch<std::uint32_t, A>(0));
}

template <class T, class A>
[[gnu::always_inline]] inline batch<T, A> load(const void* p) noexcept {
    return batch<T, A>::load_unaligned(static_cast<const T*>(p));
}

// Whether A is that set of x86, or has it, and its batches are of so many bytes.
template <class A, class Set, std::size_t Bytes>
inline constexpr bool is_x86 = std::is_base_of_v<Set, A> && sizeof(batch<std::uint8_t, A>) == Bytes;

// Products of neighbours, added in pairs to 32 bits. Here by products of 32 bits; x86 has an instruction.
template <class A>
[[gnu::always_inline]] inline ints<A> multiply_pairs(const shorts<A>& a, const shorts<A>& b) noexcept {
    const ints<A> x = as<std::int32_t>(a);
    const ints<A> y = as<std::int32_t>(b);
    return (x << 16 >> 16) * (y << 16 >> 16) + (x >> 16) * (y >> 16);
}
#if XSIMD_WITH_SSE2
template <class A>
    requires is_x86<A, ::xsimd::sse2, 16>
[[gnu::always_inline]] inline ints<A> multiply_pairs(const shorts<A>& a, const shorts<A>& b) noexcept {
    return ints<A>(_mm_madd_epi16(a, b));
}
#endif
#if XSIMD_WITH_AVX2
template <class A>
    requires is_x86<A, ::xsimd::avx2, 32>
[[gnu::always_inline]] inline ints<A> multiply_pairs(const shorts<A>& a, const shorts<A>& b) noexcept {
    return ints<A>(_mm256_madd_epi16(a, b));
}
#endif
#if XSIMD_WITH_AVX512BW
template <class A>
    requires is_x86<A, ::xsimd::avx512bw, 64>
[[gnu::always_inline]] inline ints<A> multiply_pairs(const shorts<A>& a, const shorts<A>& b) noexcept {
    return ints<A>(_mm512_madd_epi16(a, b));
}
#endif

// Products of the lower halves, of 64 bits. x86 has an instruction here, too.
template <class A>
[[gnu::always_inline]] inline longs<A> multiply_halves(const longs<A>& a, const longs<A>& b) noexcept {
    return (a & longs<A>(0xFFFFFFFF)) * (b & longs<A>(0xFFFFFFFF));
}
#if XSIMD_WITH_SSE2
template <class A>
    requires is_x86<A, ::xsimd::sse2, 16>
[[gnu::always_inline]] inline longs<A> multiply_halves(const longs<A>& a, const longs<A>& b) noexcept {
    return longs<A>(_mm_mul_epu32(a, b));
}
#endif
#if XSIMD_WITH_AVX2
template <class A>
    requires is_x86<A, ::xsimd::avx2, 32>
[[gnu::always_inline]] inline longs<A> multiply_halves(const longs<A>& a, const longs<A>& b) noexcept {
    return longs<A>(_mm256_mul_epu32(a, b));
}
#endif
#if XSIMD_WITH_AVX512F
template <class A>
    requires is_x86<A, ::xsimd::avx512f, 64>
[[gnu::always_inline]] inline longs<A> multiply_halves(const longs<A>& a, const longs<A>& b) noexcept {
    return longs<A>(_mm512_mul_epu32(a, b));
}
#endif

// Numbers of 16 bits as numbers of 32, in their order. Through memory, which every compiler sees through.
template <class A>
[[gnu::always_inline]] inline batch<std::uint32_t, A> widen(const void* p) noexcept {
    constexpr std::size_t lanes = batch<std::uint32_t, A>::size;
    std::uint16_t narrow[lanes];
    alignas(A::alignment()) std::uint32_t wide[lanes];
    __builtin_memcpy(narrow, p, sizeof narrow);
    for (std::size_t i = 0; i < lanes; ++i) wide[i] = narrow[i];
    return batch<std::uint32_t, A>::load_aligned(wide);
}

// 16-bit floats as floats. The exponent is moved by a multiplication, which is right for denormals, too. Infinity and
// NaN are apart.
template <class A>
[[gnu::always_inline]] inline batch<float, A> load_f16(const void* p) noexcept {
    const ints<A> bits = as<std::int32_t>(widen<A>(p));
    const ints<A> rest = (bits & ints<A>(0x7FFF)) << 13;
    const ints<A> special = ::xsimd::select(rest > ints<A>(0x0F7FFFFF), ints<A>(0x7F800000), ints<A>(0));
    const ints<A> value = as<std::int32_t>(as<float>(rest) * batch<float, A>(0x1p112F)) | special;
    return as<float>(value | (bits & ints<A>(0x8000)) << 16);
}
#if XSIMD_WITH_AVX512F
template <class A>
    requires is_x86<A, ::xsimd::avx512f, 64>
[[gnu::always_inline]] inline batch<float, A> load_f16(const void* p) noexcept {
    __m256i narrow; // the instruction is of F16C, another set than AVX2, but a part of this one
    __builtin_memcpy(&narrow, p, sizeof narrow);
    return batch<float, A>(_mm512_cvtph_ps(narrow));
}
#endif

} // namespace weft::inline v0::simd::detail::batches
