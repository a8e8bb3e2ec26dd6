// SPDX-License-Identifier: BSL-1.0

// Included at the end of distance_loops.hpp, in the same namespaces. Several queries meet four rows at once: each
// number is loaded once for four or more pairs, and as many sums grow as the registers hold.

// The sums of a query and four rows, and those of the queries after it.
template <class Sum, int Queries>
struct tile_sums {
    Sum s0{};
    Sum s1{};
    Sum s2{};
    Sum s3{};
    words of_query{};
    tile_sums<Sum, Queries - 1> rest;
};
template <class Sum>
struct tile_sums<Sum, 0> {};

inline constexpr int queries_of_tile = lanes == 16 ? 4 : 2;

// One step: the vectors at `i` of each query, or what remains there of `n` numbers.
template <class Operation, bool Tail, class Sum, int Queries, class Query, class Vector>
WEFT_SIMD_INLINE void tile_step(tile_sums<Sum, Queries>& sums, const Query* query, std::size_t query_stride,
                                std::size_t i, std::size_t n, Vector r0, Vector r1, Vector r2, Vector r3) noexcept {
    if constexpr (Queries > 0) {
        constexpr Operation operation;
        Vector a;
        if constexpr (Tail)
            a = load_tail<Operation>(query, i, n);
        else
            a = load<Operation>(query + i);
        sums.s0 = step(operation, sums.s0, a, r0);
        sums.s1 = step(operation, sums.s1, a, r1);
        sums.s2 = step(operation, sums.s2, a, r2);
        sums.s3 = step(operation, sums.s3, a, r3);
        sums.of_query = query_step<Operation>(sums.of_query, a);
        tile_step<Operation, Tail>(sums.rest, query + query_stride, query_stride, i, n, r0, r1, r2, r3);
    }
}

template <class Operation, class Sum, int Queries>
WEFT_SIMD_INLINE void tile_totals(const tile_sums<Sum, Queries>& sums, float* out, std::size_t out_stride) noexcept {
    if constexpr (Queries > 0) {
        store_totals<Operation>(sums.s0, sums.s1, sums.s2, sums.s3, sums.of_query, out);
        tile_totals<Operation>(sums.rest, out + out_stride, out_stride);
    }
}

// `n` is at least one vector.
template <class Operation, int Queries, class Query, class Row>
WEFT_SIMD_INLINE void tile(const Query* query, std::size_t query_stride, const Row* row, std::size_t stride,
                           std::size_t n, float* out, std::size_t out_stride) noexcept {
    constexpr std::size_t width = per_vector<Operation, Row>;
    tile_sums<sums_of<Row>, Queries> sums;
    std::size_t i = 0;
    for (; i + width <= n; i += width)
        tile_step<Operation, false>(sums, query, query_stride, i, n, load<Operation>(row + i),
                                    load<Operation>(row + stride + i), load<Operation>(row + 2 * stride + i),
                                    load<Operation>(row + 3 * stride + i));
    if (i < n)
        tile_step<Operation, true>(
            sums, query, query_stride, i, n, load_tail<Operation>(row, i, n), load_tail<Operation>(row + stride, i, n),
            load_tail<Operation>(row + 2 * stride, i, n), load_tail<Operation>(row + 3 * stride, i, n));
    tile_totals<Operation>(sums, out, out_stride);
}

template <class Operation, class Query, class Row>
WEFT_SIMD_TARGET void distance_matrix(const Query* queries, std::size_t query_stride, std::size_t query_count,
                                      const Row* rows, std::size_t stride, std::size_t count, std::size_t n,
                                      float* out) noexcept {
    std::size_t q = 0;
    if (fits_four<Operation, Row>(n))
        for (; query_count - q >= queries_of_tile; q += queries_of_tile) {
            std::size_t i = 0;
            for (; count - i >= 4; i += 4)
                tile<Operation, queries_of_tile>(queries + q * query_stride, query_stride, rows + i * stride, stride, n,
                                                 out + q * count + i, count);
            for (; i < count; ++i)
                for (std::size_t j = q; j < q + queries_of_tile; ++j)
                    out[j * count + i] =
                        one<Operation, Query, Row, 0>(queries + j * query_stride, rows + i * stride, n);
        }
    for (; q < query_count; ++q)
        block<Operation, Query, Row, 0>(queries + q * query_stride, rows, stride, count, n, out + q * count);
}
