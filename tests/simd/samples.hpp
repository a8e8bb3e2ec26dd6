// SPDX-License-Identifier: BSL-1.0
#pragma once

// Random vectors of every type, and what their distances may be off by.

#include <weft/simd/distances.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <type_traits>
#include <vector>

#ifdef WEFT_XSIMD_UNITS
#include "../xsimd/units.hpp"
#endif

namespace simd = weft::simd;
namespace arch = weft::simd::arch;

inline std::mt19937 source(7);

template <class T>
T random_element() {
    if constexpr (sizeof(T) == 1) {
        return static_cast<T>(source());
    } else {
        const float value = static_cast<float>(source() % 20001) / 5000.0F - 2.0F;
        if constexpr (std::is_same_v<T, simd::f16>)
            return simd::to_f16(value);
        else if constexpr (std::is_same_v<T, simd::bf16>)
            return simd::to_bf16(value);
        else
            return value;
    }
}

// Elements in memory of exactly their size, one byte off any alignment of vectors.
template <class T>
struct elements {
    explicit elements(std::size_t count) : memory(count * sizeof(T) + sizeof(T)) {
        for (std::size_t i = 0; i < count; ++i) data()[i] = random_element<T>();
    }
    T* data() { return reinterpret_cast<T*>(memory.data()) + 1; }
    std::vector<char> memory;
};

// What the sum of the magnitudes of the terms allows as an error of a sum in single precision.
template <class Operation, class Query, class Row>
double tolerance(const Query* query, const Row* row, std::size_t n, double expected) {
    if constexpr (sizeof(Row) == 1 || std::is_same_v<Operation, simd::linf>) return std::abs(expected) * 6e-8;
    double magnitudes = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const double a = simd::scalar::number(query[i]);
        const double b = simd::scalar::number(row[i]);
        magnitudes += std::is_same_v<Operation, simd::dot>          ? std::abs(a * b)
                      : std::is_same_v<Operation, simd::l2_squared> ? (a - b) * (a - b)
                                                                    : std::abs(a - b);
    }
    return magnitudes * 4e-6;
}

template <class Check>
void each_set(const Check& check) {
    check(arch::portable{});
    check(arch::dispatched{});
    check(arch::scalar{});
    if (simd::is_available<arch::avx2>()) check(arch::avx2{});
    if (simd::is_available<arch::avx512>()) check(arch::avx512{});
#ifdef WEFT_XSIMD_UNITS
    each_unit(check);
#endif
}
