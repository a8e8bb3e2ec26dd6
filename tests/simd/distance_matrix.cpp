// SPDX-License-Identifier: BSL-1.0

#include "samples.hpp"

#include <weft/simd/distance_matrix.hpp>

#include <catch2/catch_test_macros.hpp>

TEST_CASE("distances between many queries and many rows") {
    const auto agrees = []<class Operation, class Query, class Row>(Operation, Query*, Row*, auto set) {
        std::size_t wrong = 0;
        for (const std::size_t n : {0UL, 1UL, 3UL, 4UL, 15UL, 16UL, 17UL, 63UL, 64UL, 100UL, 131UL, 768UL})
            for (const std::size_t query_count : {0UL, 1UL, 2UL, 3UL, 4UL, 5UL, 9UL})
                for (const std::size_t count : {0UL, 1UL, 3UL, 4UL, 7UL, 8UL}) {
                    elements<Query> queries(query_count * (n + 1));
                    elements<Row> rows(count * (n + 2));
                    std::vector<float> out(query_count * count + 1, -7.0F);
                    simd::distance_matrix<Operation, Query, Row, decltype(set)>(
                        queries.data(), n + 1, query_count, rows.data(), n + 2, count, n, out.data());
                    for (std::size_t q = 0; q < query_count; ++q)
                        for (std::size_t i = 0; i < count; ++i) {
                            const Query* a = queries.data() + q * (n + 1);
                            const Row* b = rows.data() + i * (n + 2);
                            const double expected = simd::scalar::distance<Operation>(a, b, n);
                            const double error = std::abs(static_cast<double>(out[q * count + i]) - expected);
                            wrong += !(error <= tolerance<Operation>(a, b, n, expected));
                        }
                    wrong += out.back() != -7.0F; // nothing is written behind the results
                }
        return wrong == 0;
    };
    each_set([&](auto set) {
        float* floats = nullptr;
        std::int8_t* bytes = nullptr;
        std::uint8_t* bits = nullptr;
        simd::f16* halves = nullptr;
        simd::bf16* upper = nullptr;
        CHECK(agrees(simd::l2_squared{}, floats, floats, set));
        CHECK(agrees(simd::dot{}, floats, floats, set));
        CHECK(agrees(simd::l1{}, floats, floats, set));
        CHECK(agrees(simd::linf{}, floats, floats, set));
        CHECK(agrees(simd::l2_squared{}, floats, halves, set));
        CHECK(agrees(simd::dot{}, floats, upper, set));
        CHECK(agrees(simd::dot{}, bytes, bytes, set));
        CHECK(agrees(simd::linf{}, bytes, bytes, set));
        CHECK(agrees(simd::hamming{}, bits, bits, set));
    });
}
