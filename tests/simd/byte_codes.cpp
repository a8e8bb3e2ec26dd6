// SPDX-License-Identifier: BSL-1.0
#include <weft/simd/byte_codes.hpp>
#include <weft/simd/sign_codes.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace simd = weft::simd;
namespace arch = weft::simd::arch;

namespace {

std::mt19937 source(11);

std::vector<float> numbers(std::size_t count) {
    std::normal_distribution<float> normal;
    std::vector<float> made(count);
    for (float& x : made) x = normal(source);
    return made;
}

template <class F>
void each_set(F&& f) {
    f(arch::portable{});
    if (simd::is_available<arch::avx2>()) f(arch::avx2{});
    if (simd::is_available<arch::avx512>()) f(arch::avx512{});
    f(arch::dispatched{});
}

} // namespace

TEST_CASE("numbers become bytes, rounded and limited") {
    for (std::size_t n = 0; n < 150; ++n) {
        const std::vector<float> values = numbers(n);
        float largest = 0;
        for (const float x : values) largest = std::max(largest, std::fabs(x));
        each_set([&](auto set) {
            using in = decltype(set);
            CHECK(simd::largest_magnitude<in>(values.data(), n) == largest);
            std::vector<std::int8_t> codes(n + 1, 99);
            const auto [sum, squares] = simd::quantise<in>(values.data(), n, 100, codes.data());
            CHECK(codes[n] == 99);
            std::int32_t all = 0;
            std::int32_t all_squares = 0;
            std::size_t wrong = 0;
            for (std::size_t i = 0; i < n; ++i) {
                const float exact = std::min(127.0F, std::max(-127.0F, values[i] * 100));
                wrong += std::fabs(static_cast<float>(codes[i]) - exact) > 0.5001F ? 1 : 0;
                all += codes[i];
                all_squares += codes[i] * codes[i];
            }
            CHECK(wrong == 0);
            CHECK(sum == all);
            CHECK(squares == all_squares);
        });
    }
}

TEST_CASE("bytes of numbers that are none, or endless") {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    std::vector<float> values(40, 0.5F);
    values[3] = infinity;
    values[20] = -infinity;
    values[21] = std::numeric_limits<float>::quiet_NaN();
    values[39] = std::numeric_limits<float>::quiet_NaN();
    each_set([&](auto set) {
        using in = decltype(set);
        std::vector<std::int8_t> codes(40);
        simd::quantise<in>(values.data(), 40, 2, codes.data());
        CHECK(codes[0] == 1);
        CHECK(codes[3] == 127);
        CHECK(codes[20] == -127);
        CHECK(codes[21] == 127);
        CHECK(codes[39] == 127);
        CHECK(simd::largest_magnitude<in>(values.data(), 40) == infinity);
        CHECK(simd::largest_magnitude<in>(values.data() + 21, 19) == 0.5F); // NaN are passed over
    });
}

TEST_CASE("vectors of any size get unit length") {
    for (const float size : {1e-40F, 1e-30F, 1.0F, 1e30F})
        for (std::size_t n = 1; n < 100; n += n < 20 ? 1 : 13) {
            std::vector<float> values = numbers(n);
            double squares = 0;
            for (float& x : values) {
                x *= size;
                squares += static_cast<double>(x) * x;
            }
            if (squares == 0) continue;
            each_set([&](auto set) {
                std::vector<float> unit(n + 1, 7);
                simd::normalise<decltype(set)>(values.data(), n, unit.data());
                CHECK(unit[n] == 7);
                std::size_t wrong = 0;
                for (std::size_t i = 0; i < n; ++i)
                    wrong += std::fabs(unit[i] - values[i] / std::sqrt(squares)) > 1e-6 ? 1 : 0;
                CHECK(wrong == 0);
                std::vector<float> zeros(n);
                simd::normalise<decltype(set)>(zeros.data(), n, zeros.data());
                CHECK(zeros == std::vector<float>(n));
            });
        }
}

TEST_CASE("the Hadamard transform is the product with its matrix, and its own inverse") {
    for (std::size_t n = 64; n <= 4096; n *= 2) {
        const std::vector<float> values = numbers(n);
        std::vector<double> expected(n);
        if (n <= 512)
            for (std::size_t row = 0; row < n; ++row)
                for (std::size_t i = 0; i < n; ++i)
                    expected[row] += __builtin_parityll(row & i) != 0 ? -values[i] : values[i];
        each_set([&](auto set) {
            std::vector<float> turned = values;
            simd::hadamard<decltype(set)>(turned.data(), n);
            std::size_t wrong = 0;
            for (std::size_t i = 0; i < n && n <= 512; ++i) wrong += std::fabs(turned[i] - expected[i]) > 1e-3 ? 1 : 0;
            simd::hadamard<decltype(set)>(turned.data(), n);
            for (std::size_t i = 0; i < n; ++i)
                wrong += std::fabs(turned[i] / static_cast<float>(n) - values[i]) > 1e-4F ? 1 : 0;
            CHECK(wrong == 0);
        });
    }
}

TEST_CASE("halves are mixed and numbers multiplied") {
    for (const std::size_t n : {32UL, 64UL, 96UL, 768UL}) {
        const std::vector<float> values = numbers(n);
        const std::vector<float> factors = numbers(n);
        each_set([&](auto set) {
            std::vector<float> mixed = values;
            simd::mix_halves<decltype(set)>(mixed.data(), n / 2);
            std::vector<float> products = values;
            simd::multiply<decltype(set)>(products.data(), factors.data(), n);
            std::size_t wrong = 0;
            for (std::size_t i = 0; i < n; ++i) wrong += products[i] == values[i] * factors[i] ? 0 : 1;
            for (std::size_t i = 0; i < n / 2; ++i) {
                wrong += mixed[i] == values[i] + values[i + n / 2] ? 0 : 1;
                wrong += mixed[i + n / 2] == values[i] - values[i + n / 2] ? 0 : 1;
            }
            CHECK(wrong == 0);
        });
    }
}

TEST_CASE("tables hold the sums of subsets of four numbers") {
    for (const std::size_t groups : {16UL, 32UL, 48UL, 192UL}) {
        const std::vector<float> values = numbers(4 * groups);
        each_set([&](auto set) {
            std::vector<std::uint8_t> tables(16 * groups);
            simd::subset_tables<decltype(set)>(values.data(), groups, 12, tables.data());
            std::size_t wrong = 0;
            for (std::size_t g = 0; g < groups; ++g)
                for (std::size_t code = 0; code < 16; ++code) {
                    float sum = 0;
                    for (std::size_t j = 0; j < 4; ++j) {
                        const float value = values[j * groups + g];
                        if ((code >> j & 1) != 0) sum += value;
                        if (value < 0) sum -= value;
                    }
                    wrong += std::fabs(static_cast<float>(tables[16 * g + code]) - 12 * sum) > 0.501F ? 1 : 0;
                }
            CHECK(wrong == 0);
        });
    }
}

TEST_CASE("codes of signs and the sums that belong to them") {
    for (const std::size_t groups : {16UL, 32UL, 48UL, 192UL}) {
        const std::size_t n = 4 * groups;
        const std::vector<float> from = numbers(n);
        std::vector<float> to = numbers(n);
        to[5] = from[5]; // no step: the bit is 0
        double size = 0;
        double squares = 0;
        double along_signs = 0;
        double along = 0;
        for (std::size_t i = 0; i < n; ++i) {
            const double step = static_cast<double>(to[i]) - from[i];
            size += std::fabs(step);
            squares += step * step;
            along_signs += step > 0 ? from[i] : -from[i];
            along += step * from[i];
        }
        each_set([&](auto set) {
            std::vector<std::uint8_t> codes(groups);
            const auto sums = simd::sign_codes<decltype(set)>(from.data(), to.data(), groups, codes.data());
            std::size_t wrong = 0;
            for (std::size_t i = 0; i < n; ++i)
                wrong += (codes[i % groups] >> (i / groups) & 1) == (to[i] > from[i] ? 1 : 0) ? 0 : 1;
            for (const std::uint8_t code : codes) wrong += code > 15 ? 1 : 0;
            CHECK(wrong == 0);
            const double room = 1e-4 * static_cast<double>(n);
            CHECK(std::fabs(sums.size - size) <= room);
            CHECK(std::fabs(sums.squares - squares) <= room);
            CHECK(std::fabs(sums.along_signs - along_signs) <= room);
            CHECK(std::fabs(sums.along - along) <= room);
        });
    }
}
