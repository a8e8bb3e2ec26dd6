// SPDX-License-Identifier: BSL-1.0
#pragma once

// Inner products of 8-bit codes. Rows hold c + 128 as unsigned bytes, the query's side signed ones: that is what the
// processors' instructions multiply (VNNI), and the 128 comes off again with one subtraction a row.

#include <weft/simd/arch.hpp>

#include <cstddef>
#include <cstdint>

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

#if defined(__x86_64__) && defined(__GNUC__)

// Vectors of the compilers and two instructions they have no word for, as in weft/simd/detail/distance_loops.hpp:
// <immintrin.h> would cost every program a quarter of what this room costs the compiler.
typedef std::int32_t sq8_ints __attribute__((vector_size(16)));
typedef std::int8_t sq8_signed __attribute__((vector_size(16)));
typedef std::uint8_t sq8_unsigned __attribute__((vector_size(16)));
typedef std::int16_t sq8_shorts __attribute__((vector_size(32)));
typedef std::int32_t sq8_sums256 __attribute__((vector_size(32)));
typedef std::int32_t sq8_sums512 __attribute__((vector_size(64)));

// Stores the sums of the lanes of four vectors of four.
inline void store_sq8(sq8_ints a, sq8_ints b, sq8_ints c, sq8_ints d, std::int32_t* out) noexcept {
    const sq8_ints ab = __builtin_shufflevector(a, b, 0, 4, 1, 5) + __builtin_shufflevector(a, b, 2, 6, 3, 7);
    const sq8_ints cd = __builtin_shufflevector(c, d, 0, 4, 1, 5) + __builtin_shufflevector(c, d, 2, 6, 3, 7);
    const sq8_ints all = __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
    __builtin_memcpy(out, &all, sizeof all);
}

template <class Sums>
__attribute__((always_inline)) inline sq8_ints sq8_lanes(const Sums& sums) noexcept {
    sq8_ints parts[sizeof(Sums) / sizeof(sq8_ints)];
    __builtin_memcpy(&parts, &sums, sizeof sums);
    sq8_ints sum = parts[0];
    for (std::size_t i = 1; i < sizeof(Sums) / sizeof(sq8_ints); ++i) sum += parts[i];
    return sum;
}

// 16 bytes of a row, widened and multiplied with those of the query; the sums of neighbours.
__attribute__((target("avx2"), always_inline)) inline sq8_sums256 sq8_products(const sq8_shorts& query,
                                                                               const std::uint8_t* row) noexcept {
    sq8_unsigned bytes;
    __builtin_memcpy(&bytes, row, sizeof bytes);
    const sq8_shorts wide = __builtin_convertvector(bytes, sq8_shorts);
    sq8_sums256 products;
    __asm__("vpmaddwd {%2, %1, %0|%0, %1, %2}" : "=x"(products) : "x"(query), "x"(wide));
    return products;
}

__attribute__((target("avx2"))) inline void sq8_four_avx2(const std::int8_t* query, const std::uint8_t* const* rows,
                                                          std::size_t n, std::int32_t* out) noexcept {
    sq8_sums256 a{};
    sq8_sums256 b{};
    sq8_sums256 c{};
    sq8_sums256 d{};
    const std::uint8_t* const r0 = rows[0];
    const std::uint8_t* const r1 = rows[1];
    const std::uint8_t* const r2 = rows[2];
    const std::uint8_t* const r3 = rows[3];
    for (std::size_t i = 0; i < n; i += 16) {
        sq8_signed narrow;
        __builtin_memcpy(&narrow, query + i, sizeof narrow);
        const sq8_shorts q = __builtin_convertvector(narrow, sq8_shorts);
        a += sq8_products(q, r0 + i);
        b += sq8_products(q, r1 + i);
        c += sq8_products(q, r2 + i);
        d += sq8_products(q, r3 + i);
    }
    store_sq8(sq8_lanes(a), sq8_lanes(b), sq8_lanes(c), sq8_lanes(d), out);
}

__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))) inline void
sq8_four_vnni(const std::int8_t* query, const std::uint8_t* const* rows, std::size_t n, std::int32_t* out) noexcept {
    sq8_sums512 a{};
    sq8_sums512 b{};
    sq8_sums512 c{};
    sq8_sums512 d{};
    for (std::size_t i = 0; i < n; i += 64) {
        sq8_sums512 q;
        sq8_sums512 r0;
        sq8_sums512 r1;
        sq8_sums512 r2;
        sq8_sums512 r3;
        __builtin_memcpy(&q, query + i, sizeof q);
        __builtin_memcpy(&r0, rows[0] + i, sizeof r0);
        __builtin_memcpy(&r1, rows[1] + i, sizeof r1);
        __builtin_memcpy(&r2, rows[2] + i, sizeof r2);
        __builtin_memcpy(&r3, rows[3] + i, sizeof r3);
        __asm__("vpdpbusd {%2, %1, %0|%0, %1, %2}" : "+v"(a) : "v"(r0), "v"(q));
        __asm__("vpdpbusd {%2, %1, %0|%0, %1, %2}" : "+v"(b) : "v"(r1), "v"(q));
        __asm__("vpdpbusd {%2, %1, %0|%0, %1, %2}" : "+v"(c) : "v"(r2), "v"(q));
        __asm__("vpdpbusd {%2, %1, %0|%0, %1, %2}" : "+v"(d) : "v"(r3), "v"(q));
    }
    store_sq8(sq8_lanes(a), sq8_lanes(b), sq8_lanes(c), sq8_lanes(d), out);
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
