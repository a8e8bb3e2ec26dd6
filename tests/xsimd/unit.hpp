// SPDX-License-Identifier: BSL-1.0

// The text of a unit, which defines WEFT_UNIT, the name of the unit, and WEFT_SET, the set of xsimd it is compiled for.

#include "units.hpp"

#include <weft/simd/columns.hpp>
#include <weft/simd/distances.hpp>
#include <weft/simd/xsimd.hpp>

namespace simd = weft::simd;

struct WEFT_UNIT {
    using arch = simd::arch::xsimd<WEFT_SET>;
};

template <class Unit>
template <class T>
std::size_t unit_kernels<Unit>::parse_integers(const char* base, const simd::text_cell* cells, std::size_t count,
                                               std::byte* out, std::size_t stride) noexcept {
    return simd::parse_integers<T, typename Unit::arch>(base, cells, count, out, stride);
}

template <class Unit>
template <class Int>
std::size_t unit_kernels<Unit>::parse_decimals(const char* base, const simd::text_cell* cells, std::size_t count,
                                               int scale, std::byte* out, std::size_t stride) noexcept {
    return simd::parse_decimals<Int, typename Unit::arch>(base, cells, count, scale, out, stride);
}

template <class Unit>
std::size_t unit_kernels<Unit>::parse_dates(const char* base, const simd::text_cell* cells, std::size_t count,
                                            std::byte* out, std::size_t stride) noexcept {
    return simd::parse_dates<typename Unit::arch>(base, cells, count, out, stride);
}

template <class Unit>
std::size_t unit_kernels<Unit>::parse_datetimes(const char* base, const simd::text_cell* cells, std::size_t count,
                                                std::byte* out, std::size_t stride) noexcept {
    return simd::parse_datetimes<typename Unit::arch>(base, cells, count, out, stride);
}

template <class Unit>
std::size_t unit_kernels<Unit>::validate_utf8(const char* base, const simd::text_cell* cells,
                                              std::size_t count) noexcept {
    return simd::validate_utf8<typename Unit::arch>(base, cells, count);
}

template <class Unit>
template <class Operation, class Query, class Row, std::size_t Dimension>
const simd::distance_kernel<Operation, Query, Row>& unit_kernels<Unit>::distances() noexcept {
    return simd::distance_kernels<Operation, Query, Row, Dimension, typename Unit::arch>();
}

template <class Unit>
template <class Operation>
void unit_kernels<Unit>::column_distances(const float* query, const float* columns, std::size_t n, std::size_t count,
                                          float* out) noexcept {
    simd::column_distances<Operation, typename Unit::arch>(query, columns, n, count, out);
}

template <class Unit>
template <class Operation>
std::size_t unit_kernels<Unit>::nearest_column(const float* query, const float* columns, std::size_t n,
                                               std::size_t count, float* distance) noexcept {
    return simd::nearest_column<Operation, typename Unit::arch>(query, columns, n, count, distance);
}

template <class A>
const char* dispatched_dot::operator()(A, const float* a, const float* b, std::size_t n, float* out) const noexcept {
    *out = simd::distance_kernels<simd::dot, float, float, 0, simd::arch::xsimd<A>>().one(a, b, n);
    return A::name();
}

// Everything that the tests call.
template struct unit_kernels<WEFT_UNIT>;
template const char* dispatched_dot::operator()(WEFT_SET, const float*, const float*, std::size_t,
                                                float*) const noexcept;

#define WEFT_PARSER(Name, T, ...)                                                                                      \
    template std::size_t unit_kernels<WEFT_UNIT>::Name<T>(const char*, const simd::text_cell*, std::size_t,            \
                                                          __VA_ARGS__ std::byte*, std::size_t) noexcept;
WEFT_PARSER(parse_integers, std::int8_t)
WEFT_PARSER(parse_integers, std::uint8_t)
WEFT_PARSER(parse_integers, std::int16_t)
WEFT_PARSER(parse_integers, std::uint16_t)
WEFT_PARSER(parse_integers, std::int32_t)
WEFT_PARSER(parse_integers, std::uint32_t)
WEFT_PARSER(parse_integers, std::int64_t)
WEFT_PARSER(parse_integers, std::uint64_t)
#define WEFT_COMMA ,
WEFT_PARSER(parse_decimals, std::int64_t, int WEFT_COMMA)
WEFT_PARSER(parse_decimals, simd::int128, int WEFT_COMMA)

#define WEFT_DISTANCE(Operation, Query, Row, Dimension)                                                                \
    template const simd::distance_kernel<simd::Operation, Query, Row>&                                                 \
    unit_kernels<WEFT_UNIT>::distances<simd::Operation, Query, Row, Dimension>() noexcept;
#define WEFT_DISTANCES(Operation)                                                                                      \
    WEFT_DISTANCE(Operation, float, float, 0)                                                                          \
    WEFT_DISTANCE(Operation, std::int8_t, std::int8_t, 0)                                                              \
    WEFT_DISTANCE(Operation, simd::f16, simd::f16, 0)                                                                  \
    WEFT_DISTANCE(Operation, simd::bf16, simd::bf16, 0)                                                                \
    WEFT_DISTANCE(Operation, float, simd::f16, 0)                                                                      \
    WEFT_DISTANCE(Operation, float, simd::bf16, 0)
WEFT_DISTANCES(l2_squared)
WEFT_DISTANCES(dot)
WEFT_DISTANCES(l1)
WEFT_DISTANCES(linf)
WEFT_DISTANCE(hamming, std::uint8_t, std::uint8_t, 0)
WEFT_DISTANCE(l2_squared, float, float, 7)
WEFT_DISTANCE(dot, float, float, 131)
WEFT_DISTANCE(dot, std::int8_t, std::int8_t, 768)
WEFT_DISTANCE(l2_squared, float, simd::f16, 384)

template void unit_kernels<WEFT_UNIT>::column_distances<simd::l2_squared>(const float*, const float*, std::size_t,
                                                                          std::size_t, float*) noexcept;
template std::size_t unit_kernels<WEFT_UNIT>::nearest_column<simd::l2_squared>(const float*, const float*, std::size_t,
                                                                               std::size_t, float*) noexcept;
