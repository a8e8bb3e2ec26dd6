// SPDX-License-Identifier: BSL-1.0
#include "samples.hpp"

#include <weft/simd/code_scan.hpp>
#include <weft/simd/convert.hpp>
#include <weft/simd/distances.hpp>

#include <catch2/catch_test_macros.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace simd = weft::simd;
namespace arch = weft::simd::arch;

namespace {

template <class Operation, class Query, class Row>
struct sample {
    static constexpr std::size_t rows = 6; // a group of four and two left over
    explicit sample(std::size_t dimension) : n(dimension), stride(n + 3), query(n), block(rows * stride) {
        for (std::size_t i = 0; i < rows; ++i) {
            pointers[i] = block.data() + i * stride;
            expected[i] = simd::scalar::distance<Operation>(query.data(), pointers[i], n);
            allowed[i] = tolerance<Operation>(query.data(), pointers[i], n, expected[i]);
        }
    }

    template <class Arch, std::size_t Dimension = 0>
    bool agrees() {
        const auto& kernel = simd::distance_kernels<Operation, Query, Row, Dimension, Arch>();
        float blocked[rows];
        float scattered[rows];
        kernel.block(query.data(), block.data(), stride, rows, n, blocked);
        kernel.many(query.data(), pointers, rows, n, scattered);
        bool good = true;
        for (std::size_t i = 0; i < rows; ++i) {
            const double single = kernel.one(query.data(), pointers[i], n);
            good = good && std::abs(single - expected[i]) <= allowed[i];
            good = good && std::abs(static_cast<double>(blocked[i]) - expected[i]) <= allowed[i];
            good = good && std::abs(static_cast<double>(scattered[i]) - expected[i]) <= allowed[i];
        }
        return good;
    }

    std::size_t n;
    std::size_t stride;
    elements<Query> query;
    elements<Row> block;
    const Row* pointers[rows];
    double expected[rows];
    double allowed[rows];
};

// Every dimension up to 130 and, but for types that share the loops of others, every one after it.
template <class Operation, class Query, class Row>
void every_dimension(const char* name, std::size_t step = 1) {
    INFO(name);
    std::size_t wrong = 0;
    for (std::size_t n = 0; n <= 1100; n += n < 130 ? 1 : step) {
        sample<Operation, Query, Row> s(n);
        each_set([&](auto set) {
            if (!s.template agrees<decltype(set)>()) wrong = n + 1;
        });
    }
    CHECK(wrong == 0);
}

template <class Operation>
void every_type(const char* name) {
    every_dimension<Operation, float, float>(name);
    every_dimension<Operation, std::int8_t, std::int8_t>(name);
    every_dimension<Operation, simd::f16, simd::f16>(name, 7);
    every_dimension<Operation, simd::bf16, simd::bf16>(name, 7);
    every_dimension<Operation, float, simd::f16>(name, 7);
    every_dimension<Operation, float, simd::bf16>(name, 7);
}

} // namespace

TEST_CASE("distances of every dimension agree with sums in double precision") {
    every_type<simd::l2_squared>("l2");
    every_type<simd::dot>("dot");
    every_type<simd::l1>("l1");
    every_type<simd::linf>("linf");
    every_dimension<simd::hamming, std::uint8_t, std::uint8_t>("hamming");
}

TEST_CASE("distances of a dimension known when compiling") {
    sample<simd::l2_squared, float, float> small(7);
    sample<simd::dot, float, float> odd(131);
    sample<simd::dot, std::int8_t, std::int8_t> bytes(768);
    sample<simd::l2_squared, float, simd::f16> halves(384);
    each_set([&](auto set) {
        CHECK(small.agrees<decltype(set), 7>());
        CHECK(odd.agrees<decltype(set), 131>());
        CHECK(bytes.agrees<decltype(set), 768>());
        CHECK(halves.agrees<decltype(set), 384>());
    });
    const auto& fixed = simd::distance_kernels<simd::dot, float, float, 131>();
    CHECK(fixed.one(odd.query.data(), odd.pointers[0], 0) == fixed.one(odd.query.data(), odd.pointers[0], 131));
}

TEST_CASE("distances of signed bytes are exact at their extremes and in large dimensions") {
    for (const std::size_t n : {64UL, 1000UL, 65536UL, 65537UL, 200000UL}) {
        const std::vector<std::int8_t> low(n, -128);
        const std::vector<std::int8_t> high(n, 127);
        const auto count = static_cast<double>(n);
        each_set([&](auto set) {
            using set_type = decltype(set);
            const auto value = [&]<class Operation>(Operation, const auto& a, const auto& b) {
                const auto& kernel = simd::distance_kernels<Operation, std::int8_t, std::int8_t, 0, set_type>();
                const std::int8_t* rows[] = {b.data(), b.data(), b.data(), b.data()};
                float out[4];
                kernel.many(a.data(), rows, 4, n, out);
                CHECK(out[3] == kernel.one(a.data(), b.data(), n));
                return out[0];
            };
            CHECK(value(simd::dot{}, low, low) == static_cast<float>(16384 * count));
            CHECK(value(simd::dot{}, low, high) == static_cast<float>(-16256 * count));
            CHECK(value(simd::dot{}, high, low) == static_cast<float>(-16256 * count));
            CHECK(value(simd::l2_squared{}, low, high) == static_cast<float>(65025 * count));
            CHECK(value(simd::l1{}, high, low) == static_cast<float>(255 * count));
            CHECK(value(simd::linf{}, low, high) == 255.0F);
        });
    }
}

TEST_CASE("what distances make of NaN, infinity, overflow and denormals") {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    constexpr float nan = std::numeric_limits<float>::quiet_NaN();
    each_set([&](auto set) {
        const auto of = [&]<class Operation>(Operation, const std::vector<float>& a, const std::vector<float>& b) {
            const auto& kernel = simd::distance_kernels<Operation, float, float, 0, decltype(set)>();
            const float* rows[] = {b.data(), b.data(), b.data(), b.data()};
            float out[4];
            kernel.many(a.data(), rows, 4, a.size(), out);
            const float one = kernel.one(a.data(), b.data(), a.size());
            CHECK((one == out[2] || (std::isnan(one) && std::isnan(out[2]))));
            return one;
        };
        for (const std::size_t n : {1UL, 3UL, 16UL, 37UL, 100UL}) {
            for (const std::size_t at : {std::size_t{0}, n / 2, n - 1}) {
                const std::vector<float> ones(n, 1);
                std::vector<float> v(n, 2);
                v[at] = nan;
                CHECK(std::isnan(of(simd::dot{}, ones, v)));
                CHECK(std::isnan(of(simd::l2_squared{}, v, ones)));
                CHECK(std::isnan(of(simd::l1{}, ones, v)));
                CHECK(std::isnan(of(simd::linf{}, v, ones)));
                v[at] = -infinity;
                CHECK(of(simd::dot{}, ones, v) == -infinity);
                CHECK(of(simd::l2_squared{}, ones, v) == infinity);
                CHECK(of(simd::l1{}, v, ones) == infinity);
                CHECK(of(simd::linf{}, ones, v) == infinity);
                CHECK(std::isnan(of(simd::l2_squared{}, v, v)));
                v[at] = std::numeric_limits<float>::max();
                CHECK(of(simd::l2_squared{}, ones, v) == infinity);
                CHECK(of(simd::linf{}, ones, v) == std::numeric_limits<float>::max());
                std::vector<float> small(n, 0);
                const std::vector<float> zeros(n, 0);
                small[at] = std::numeric_limits<float>::denorm_min();
                CHECK(of(simd::dot{}, ones, small) == std::numeric_limits<float>::denorm_min());
                CHECK(of(simd::l1{}, zeros, small) == std::numeric_limits<float>::denorm_min());
                CHECK(of(simd::linf{}, small, zeros) == std::numeric_limits<float>::denorm_min());
                CHECK(of(simd::l2_squared{}, small, zeros) == 0.0F);
            }
        }
    });
}

TEST_CASE("all 16-bit floats become floats and come back") {
    std::vector<simd::f16> halves(65536);
    std::vector<simd::bf16> upper(65536);
    for (std::size_t i = 0; i < 65536; ++i) {
        halves[i].bits = static_cast<std::uint16_t>(i);
        upper[i].bits = static_cast<std::uint16_t>(i);
    }
    CHECK(simd::to_float(simd::f16{0x3C00}) == 1.0F);
    CHECK(simd::to_float(simd::f16{0xC000}) == -2.0F);
    CHECK(simd::to_float(simd::f16{0x7BFF}) == 65504.0F);
    CHECK(simd::to_float(simd::f16{0x0001}) == 0x1p-24F);
    CHECK(simd::to_float(simd::f16{0x0400}) == 0x1p-14F);
    CHECK(std::isinf(simd::to_float(simd::f16{0x7C00})));
    CHECK(simd::to_float(simd::bf16{0x3F80}) == 1.0F);
    each_set([&](auto set) {
        if constexpr (!std::is_same_v<decltype(set), arch::scalar>) {
            using set_type = decltype(set);
            std::vector<float> numbers(65536);
            std::vector<simd::f16> halves_again(65536);
            std::vector<simd::bf16> upper_again(65536);
            std::size_t wrong = 0;
            simd::convert<set_type>(halves.data(), halves.size(), numbers.data());
            simd::convert<set_type>(numbers.data(), numbers.size(), halves_again.data());
            for (std::size_t i = 0; i < 65536; ++i) {
                const float expected = simd::to_float(halves[i]);
                if (std::isnan(expected)) {
                    wrong += !std::isnan(numbers[i]) || !std::isnan(simd::to_float(halves_again[i])) ||
                             !std::isnan(simd::to_float(simd::to_f16(expected)));
                } else {
                    wrong += std::bit_cast<std::uint32_t>(numbers[i]) != std::bit_cast<std::uint32_t>(expected) ||
                             halves_again[i] != halves[i] || simd::to_f16(expected) != halves[i];
                }
            }
            simd::convert<set_type>(upper.data(), upper.size(), numbers.data());
            simd::convert<set_type>(numbers.data(), numbers.size(), upper_again.data());
            for (std::size_t i = 0; i < 65536; ++i)
                wrong += std::isnan(numbers[i]) ? !std::isnan(simd::to_float(upper_again[i]))
                                                : upper_again[i] != upper[i] || simd::to_float(upper[i]) != numbers[i];
            CHECK(wrong == 0);
        }
    });
}

TEST_CASE("floats are rounded to the nearest 16-bit float, ties to even") {
    std::vector<float> numbers = {1.0F + 0x1p-11F, 1.0F + 0x1.8p-10F, 65519.99F,  65520,     -65520,
                                  1e30F,           0x1p-25F,          0x1.8p-25F, -0x1p-26F, 0x1.ff8p-15F,
                                  0x1.ffep-15F,    0x1.fffp-15F,      0,          -0.0F};
    const std::uint16_t expected[] = {0x3C00, 0x3C02, 0x7BFF, 0x7C00, 0xFC00, 0x7C00, 0,
                                      1,      0x8000, 0x03FF, 0x0400, 0x0400, 0,      0x8000};
    for (std::size_t i = 0; i < numbers.size(); ++i) CHECK(simd::to_f16(numbers[i]).bits == expected[i]);
    CHECK(simd::to_bf16(1.0F + 0x1p-8F).bits == 0x3F80);
    CHECK(simd::to_bf16(1.0F + 0x1.8p-7F).bits == 0x3F82);
    CHECK(simd::to_bf16(3.4e38F).bits == 0x7F80);
    for (int i = 0; i < 5000; ++i) numbers.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(source())));
    each_set([&](auto set) {
        if constexpr (!std::is_same_v<decltype(set), arch::scalar>) {
            for (const std::size_t n : {std::size_t{0}, std::size_t{3}, std::size_t{17}, numbers.size()}) {
                std::vector<simd::f16> halves(n);
                std::vector<simd::bf16> upper(n);
                simd::convert<decltype(set)>(numbers.data(), n, halves.data());
                simd::convert<decltype(set)>(numbers.data(), n, upper.data());
                std::size_t wrong = 0;
                for (std::size_t i = 0; i < n; ++i)
                    wrong += !std::isnan(numbers[i]) &&
                             (halves[i] != simd::to_f16(numbers[i]) || upper[i] != simd::to_bf16(numbers[i]));
                CHECK(wrong == 0);
            }
        }
    });
}

TEST_CASE("the scan of 4-bit codes sums table entries") {
    for (const std::size_t subquantisers : {0UL, 1UL, 2UL, 3UL, 4UL, 5UL, 7UL, 8UL, 16UL, 33UL, 96UL, 257UL}) {
        constexpr std::size_t blocks = 3;
        std::vector<std::uint8_t> tables(subquantisers * 16);
        for (auto& entry : tables) entry = subquantisers == 257 ? 255 : static_cast<std::uint8_t>(source());
        std::vector<std::uint8_t> codes(blocks * simd::size_of_code_block(subquantisers));
        std::vector<std::uint16_t> expected(blocks * simd::rows_of_code_block);
        for (std::size_t row = 0; row < expected.size(); ++row)
            for (std::size_t s = 0; s < subquantisers; ++s) {
                std::uint8_t* const block = codes.data() + row / 32 * simd::size_of_code_block(subquantisers);
                const unsigned code = source() % 16;
                simd::set_4bit_code(block, row % 32, s, 15);
                simd::set_4bit_code(block, row % 32, s, code);
                CHECK(simd::get_4bit_code(block, row % 32, s) == code);
                expected[row] = static_cast<std::uint16_t>(expected[row] + tables[s * 16 + code]);
            }
        each_set([&](auto set) {
            std::vector<std::uint16_t> sums(expected.size());
            simd::scan_4bit_codes<decltype(set)>(tables.data(), codes.data(), subquantisers, blocks, sums.data());
            CHECK(sums == expected);
        });
    }
}
