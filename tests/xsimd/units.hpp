// SPDX-License-Identifier: BSL-1.0
#pragma once

// The kernels of `arch::xsimd` as units with flags of their own have compiled them, for tests that are compiled
// without: each unit is an instruction set that brings kernels. unit.hpp defines what is declared here.

#include <weft/simd/distance_kernel.hpp>
#include <weft/simd/text_cell.hpp>

#include <cstddef>
#include <cstdint>

struct baseline_unit; ///< the best set without flags
#if defined(__x86_64__)
struct avx_unit; ///< integers as two halves
struct avx2_unit;
struct avx512_unit;
#endif

/// Asked in baseline.cpp, which every processor can run.
template <class Unit>
bool processor_has() noexcept;
template <>
bool processor_has<baseline_unit>() noexcept;
#if defined(__x86_64__)
template <>
bool processor_has<avx_unit>() noexcept;
template <>
bool processor_has<avx2_unit>() noexcept;
template <>
bool processor_has<avx512_unit>() noexcept;
#endif

template <class Unit>
struct unit_kernels {
    static bool is_available() noexcept { return processor_has<Unit>(); }

    template <class T>
    static std::size_t parse_integers(const char* base, const weft::simd::text_cell* cells, std::size_t count,
                                      std::byte* out, std::size_t stride) noexcept;
    template <class Int>
    static std::size_t parse_decimals(const char* base, const weft::simd::text_cell* cells, std::size_t count,
                                      int scale, std::byte* out, std::size_t stride) noexcept;
    static std::size_t parse_dates(const char* base, const weft::simd::text_cell* cells, std::size_t count,
                                   std::byte* out, std::size_t stride) noexcept;
    static std::size_t parse_datetimes(const char* base, const weft::simd::text_cell* cells, std::size_t count,
                                       std::byte* out, std::size_t stride) noexcept;
    static std::size_t validate_utf8(const char* base, const weft::simd::text_cell* cells, std::size_t count) noexcept;

    template <class Operation, class Query, class Row, std::size_t Dimension>
    static const weft::simd::distance_kernel<Operation, Query, Row>& distances() noexcept;
    template <class Operation>
    static void column_distances(const float* query, const float* columns, std::size_t n, std::size_t count,
                                 float* out) noexcept;
    template <class Operation>
    static std::size_t nearest_column(const float* query, const float* columns, std::size_t n, std::size_t count,
                                      float* distance) noexcept;
};

/// An `Arch` whose kernels are those of a unit.
template <class Unit>
struct in_unit {
    using kernels = unit_kernels<Unit>;
};

template <class Unit, class Check>
void check_unit(const Check& check) {
    if (unit_kernels<Unit>::is_available()) check(in_unit<Unit>{});
}

/// Calls `check` for every unit that this machine can run.
template <class Check>
void each_unit(const Check& check) {
    check_unit<baseline_unit>(check);
#if defined(__x86_64__)
    check_unit<avx_unit>(check);
    check_unit<avx2_unit>(check);
    check_unit<avx512_unit>(check);
#endif
}

/// What xsimd::dispatch calls: the name of the set and an inner product with it. Instantiated in the units.
struct dispatched_dot {
    template <class A>
    const char* operator()(A, const float* a, const float* b, std::size_t n, float* out) const noexcept;
};
