// SPDX-License-Identifier: BSL-1.0
#include "units.hpp"

#include <weft/simd/distances.hpp>
#include <weft/simd/xsimd.hpp>
#include <weft/vector/distance.hpp>
#include <weft/vector/flat.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <cstddef>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

namespace simd = weft::simd;

#if defined(__x86_64__)
using sets = xsimd::arch_list<xsimd::avx512bw, xsimd::fma3<xsimd::avx2>, xsimd::sse2>;
extern template const char* dispatched_dot::operator()(xsimd::avx512bw, const float*, const float*, std::size_t,
                                                       float*) const noexcept;
extern template const char* dispatched_dot::operator()(xsimd::fma3<xsimd::avx2>, const float*, const float*,
                                                       std::size_t, float*) const noexcept;
#else
using sets = xsimd::arch_list<xsimd::default_arch>;
#endif
extern template const char* dispatched_dot::operator()(xsimd::default_arch, const float*, const float*, std::size_t,
                                                       float*) const noexcept;

TEST_CASE("xsimd::dispatch reaches the kernels of the unit for the best set of this processor") {
    const std::vector<float> a(100, 2);
    const std::vector<float> b(100, 3);
    float product = 0;
    const std::string name = xsimd::dispatch<sets>(dispatched_dot{})(a.data(), b.data(), a.size(), &product);
    CHECK(product == 600.0F);
#if defined(__x86_64__)
    CHECK(name == (unit_kernels<avx512_unit>::is_available() ? xsimd::avx512bw::name()
                   : unit_kernels<avx2_unit>::is_available() ? xsimd::fma3<xsimd::avx2>::name()
                                                             : xsimd::sse2::name()));
#else
    CHECK(name == xsimd::default_arch::name());
#endif
}

TEST_CASE("an instruction set of xsimd is available when the processor has it, whatever the flags") {
    CHECK(simd::is_available<simd::arch::xsimd<>>());
    CHECK(unit_kernels<baseline_unit>::is_available());
#if defined(__x86_64__)
    CHECK_FALSE(simd::is_available<simd::arch::xsimd<xsimd::neon64>>());
    CHECK(simd::is_available<simd::arch::xsimd<xsimd::avx2>>() == simd::is_available<simd::arch::avx2>());
    CHECK(unit_kernels<avx2_unit>::is_available() == simd::is_available<simd::arch::avx2>());
    CHECK(unit_kernels<avx512_unit>::is_available() == simd::is_available<simd::arch::avx512>());
#endif
}

TEST_CASE("an index computes with the instruction set of its metric") {
    using namespace weft::vector;
    using set = simd::arch::xsimd<>;
    static_assert(std::is_same_v<on<l2, set>::operation, simd::l2_squared>);
    flat<on<cosine, set>> chosen(37);
    flat<on<cosine, set>, f16> small(37);
    flat<cosine> usual(37);
    std::mt19937 source(1);
    std::normal_distribution<float> normal;
    std::vector<float> values(37);
    for (std::uint64_t id = 0; id < 300; ++id) {
        for (float& x : values) x = normal(source);
        chosen.insert(id, values);
        small.insert(id, values);
        usual.insert(id, values);
    }
    for (float& x : values) x = normal(source);
    const auto expected = usual.search(values, 10);
    const auto found = chosen.search(values, 10);
    const auto ordered_again = small.search(values, 10);
    REQUIRE(found.size() == 10);
    for (std::size_t i = 0; i < 10; ++i) {
        CHECK(found[i].id == expected[i].id);
        CHECK(std::abs(found[i].distance - expected[i].distance) < 1e-6F);
        CHECK(ordered_again[i].id == expected[i].id);
    }
    CHECK(std::abs(distance<on<l1, set>>(values, values)) == 0.0F);
}
