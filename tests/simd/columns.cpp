// SPDX-License-Identifier: BSL-1.0
#include "samples.hpp"

#include <weft/simd/columns.hpp>

#include <catch2/catch_test_macros.hpp>

#include <limits>

namespace {

template <class Arch>
void check_columns(std::size_t n, std::size_t count) {
    std::mt19937 random(3);
    std::normal_distribution<float> normal;
    std::vector<float> query(n);
    std::vector<float> columns(n * count);
    for (float& x : query) x = normal(random);
    for (float& x : columns) x = normal(random);
    if (count > 20)
        for (std::size_t d = 0; d < n; ++d) columns[d * count + 3] = columns[d * count + 20] = query[d];
    std::vector<float> out(count);
    simd::column_distances<simd::l2_squared, Arch>(query.data(), columns.data(), n, count, out.data());
    std::size_t best = 0;
    std::vector<float> column(n);
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t d = 0; d < n; ++d) column[d] = columns[d * count + i];
        const double expected = simd::scalar::distance<simd::l2_squared>(query.data(), column.data(), n);
        CHECK(std::fabs(static_cast<double>(out[i]) - expected) <= 1e-5 * (1 + expected));
        if (out[i] < out[best]) best = i;
    }
    float distance = -1;
    CHECK(simd::nearest_column<simd::l2_squared, Arch>(query.data(), columns.data(), n, count, &distance) == best);
    CHECK(distance == out[best]);
    for (float& x : columns) x = std::numeric_limits<float>::infinity();
    CHECK(simd::nearest_column<simd::l2_squared, Arch>(query.data(), columns.data(), n, count, &distance) == 0);
    CHECK(distance == std::numeric_limits<float>::infinity());
    for (float& x : columns) x = std::numeric_limits<float>::quiet_NaN();
    for (std::size_t d = 0; d < n; ++d) columns[d * count + count - 1] = query[d];
    CHECK(simd::nearest_column<simd::l2_squared, Arch>(query.data(), columns.data(), n, count, &distance) == count - 1);
    CHECK(distance == 0.0F);
}

} // namespace

TEST_CASE("distances to columns and the nearest of them") {
    for (const std::size_t n : {1U, 2U, 5U, 24U})
        for (const std::size_t count : {16U, 32U, 48U, 64U, 80U, 256U})
            each_set([&](auto set) { check_columns<decltype(set)>(n, count); });
}
