// SPDX-License-Identifier: BSL-1.0
#pragma once

// Inner products of 8-bit codes. Rows hold c + 128 as unsigned bytes, the query's side signed ones: that is what the
// processors' instructions multiply (VNNI), and the 128 comes off again with one subtraction a row.

#include <weft/simd/arch.hpp>

#include <cstddef>
#include <cstdint>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define WEFT_VECTOR_X86 1
#endif

namespace weft::inline v0::vector::detail {

/// The sums of row[i] * query[i] for four rows; `n` is a multiple of 64.
using sq8_kernel = void (*)(const std::int8_t* query, const std::uint8_t* const* rows, std::size_t n,
                            std::int32_t* out) noexcept;

inline void sq8_four_portable(const std::int8_t* query, const std::uint8_t* const* rows, std::size_t n,
                              std::int32_t* out) noexcept {
    for (int r = 0; r < 4; ++r) {
        std::uint32_t sum = 0; // wraps; the difference to the bias is right again
        const std::uint8_t* row = rows[r];
        for (std::size_t i = 0; i < n; ++i)
            sum += static_cast<std::uint32_t>(static_cast<std::int32_t>(row[i]) * static_cast<std::int32_t>(query[i]));
        out[r] = static_cast<std::int32_t>(sum);
    }
}

#if defined(WEFT_VECTOR_X86)
#undef WEFT_VECTOR_X86

__attribute__((target("avx2"))) inline void sq8_four_avx2(const std::int8_t* query, const std::uint8_t* const* rows,
                                                          std::size_t n, std::int32_t* out) noexcept {
    __m256i sum[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256()};
    for (std::size_t i = 0; i < n; i += 16) {
        const __m256i q = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(query + i)));
        for (int r = 0; r < 4; ++r) {
            const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(rows[r] + i));
            sum[r] = _mm256_add_epi32(sum[r], _mm256_madd_epi16(q, _mm256_cvtepu8_epi16(bytes)));
        }
    }
    const __m256i pairs = _mm256_hadd_epi32(_mm256_hadd_epi32(sum[0], sum[1]), _mm256_hadd_epi32(sum[2], sum[3]));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out),
                     _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1)));
}

// The masks that keep everything spare g++ 12's headers a variable they never set.
__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))) inline __m256i halves(__m512i sum) noexcept {
    return _mm256_add_epi32(_mm512_maskz_extracti64x4_epi64(0xF, sum, 0), _mm512_maskz_extracti64x4_epi64(0xF, sum, 1));
}

__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))) inline void
sq8_four_vnni(const std::int8_t* query, const std::uint8_t* const* rows, std::size_t n, std::int32_t* out) noexcept {
    __m512i a = _mm512_setzero_si512();
    __m512i b = a;
    __m512i c = a;
    __m512i d = a;
    for (std::size_t i = 0; i < n; i += 64) {
        const __m512i q = _mm512_loadu_si512(query + i);
        a = _mm512_dpbusd_epi32(a, _mm512_loadu_si512(rows[0] + i), q);
        b = _mm512_dpbusd_epi32(b, _mm512_loadu_si512(rows[1] + i), q);
        c = _mm512_dpbusd_epi32(c, _mm512_loadu_si512(rows[2] + i), q);
        d = _mm512_dpbusd_epi32(d, _mm512_loadu_si512(rows[3] + i), q);
    }
    const __m256i pairs =
        _mm256_hadd_epi32(_mm256_hadd_epi32(halves(a), halves(b)), _mm256_hadd_epi32(halves(c), halves(d)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out),
                     _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1)));
}

inline sq8_kernel choose_sq8() noexcept {
    if (simd::is_available<simd::arch::avx512>() && __builtin_cpu_supports("avx512vnni")) return sq8_four_vnni;
    if (simd::is_available<simd::arch::avx2>()) return sq8_four_avx2;
    return sq8_four_portable;
}

#else

inline sq8_kernel choose_sq8() noexcept {
    return sq8_four_portable;
}

#endif

/// The best kernel of this processor.
inline sq8_kernel sq8_four() noexcept {
    static const sq8_kernel chosen = choose_sq8();
    return chosen;
}

} // namespace weft::inline v0::vector::detail
