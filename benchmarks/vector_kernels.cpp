// SPDX-License-Identifier: BSL-1.0
//
// Claim: distances between vectors in the cache take no longer than hnswlib's and faiss's, which are compiled for this
// machine (-march=native) or come from the distribution. Both sides read the same 32 rows (of floats: 96 KiB with 768
// dimensions, in the second-level cache, or 4 rows, in the first) and the same query; the sums of the distances must
// agree to a millionth. There is no recall in this program: distances are exact.
//
// And the default kernels beside those on xsimd (weft/simd/xsimd.hpp), which are compiled for this machine here.

#include "measure.hpp"

#include <weft/simd/code_scan.hpp>
#include <weft/simd/convert.hpp>
#include <weft/simd/distances.hpp>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#ifdef WEFT_PEER_HNSWLIB
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wreorder"
#pragma GCC diagnostic ignored "-Wsign-compare"
#include <hnswlib/hnswlib.h>
#pragma GCC diagnostic pop
#endif
#ifdef WEFT_PEER_FAISS
#include <faiss/utils/distances.h>
#endif
#ifdef WEFT_PEER_XSIMD
#include <weft/simd/xsimd.hpp>
#endif

namespace simd = weft::simd;

namespace {

constexpr std::size_t repeats = 400;

template <class T>
struct sample {
    sample(std::size_t count, std::size_t n) : rows(count), dimension(n), query(n), data(count * n) {
        std::mt19937 source(42);
        std::normal_distribution<float> normal;
        for (T& value : query) set(value, normal(source));
        for (T& value : data) set(value, normal(source));
        for (std::size_t i = 0; i < count; ++i) pointers.push_back(data.data() + i * n);
    }
    static void set(T& value, float number) {
        if constexpr (std::is_same_v<T, simd::f16>)
            value = simd::to_f16(number);
        else if constexpr (std::is_same_v<T, simd::bf16>)
            value = simd::to_bf16(number);
        else if constexpr (std::is_same_v<T, std::int8_t>)
            value = static_cast<std::int8_t>(number * 30);
        else if constexpr (std::is_same_v<T, std::uint8_t>)
            value = static_cast<std::uint8_t>(static_cast<int>(number * 100));
        else
            value = number;
    }
    std::size_t rows;
    std::size_t dimension;
    std::vector<T> query;
    std::vector<T> data;
    std::vector<const T*> pointers;
};

template <class Peer, class Ours>
void compare(const std::string& name, std::size_t rows, const Peer& peer, const Ours& ours) {
    std::vector<float> theirs(rows);
    std::vector<float> mine(rows);
    const auto run = [rows](const auto& f, std::vector<float>& out) {
        for (std::size_t r = 0; r < repeats; ++r) {
            f(out.data());
            float* volatile seen = out.data(); // every repetition is done
            static_cast<void>(seen);
            __asm__ volatile("" ::: "memory");
        }
        return rows * repeats;
    };
    measure::versus(
        name.c_str(), rows * repeats, [&] { return run(peer, theirs); }, [&] { return run(ours, mine); }, 41);
    for (std::size_t i = 0; i < rows; ++i)
        if (std::abs(theirs[i] - mine[i]) > 1e-5F * (std::abs(theirs[i]) + 100)) {
            std::fprintf(stderr, "%s: %g instead of %g\n", name.c_str(), static_cast<double>(mine[i]),
                         static_cast<double>(theirs[i]));
            std::exit(1);
        }
}

template <class Peer>
void against(const std::string& name, const sample<float>& s,
             const simd::distance_kernel<simd::l2_squared, float, float>& l2, const Peer& peer) {
    const auto theirs = [&](float* out) {
        for (std::size_t i = 0; i < s.rows; ++i) out[i] = peer(s.query.data(), s.pointers[i], s.dimension);
    };
    compare(name + "_one", s.rows, theirs, [&](float* out) {
        for (std::size_t i = 0; i < s.rows; ++i) out[i] = l2.one(s.query.data(), s.pointers[i], s.dimension);
    });
    compare(name + "_many", s.rows, theirs,
            [&](float* out) { l2.many(s.query.data(), s.pointers.data(), s.rows, s.dimension, out); });
}

template <class Operation, class Peer>
void against_blocks(const std::string& name, const sample<float>& s, const Peer& peer) {
    const auto& kernel = simd::distance_kernels<Operation, float, float>();
    compare(
        name, s.rows, [&](float* out) { peer(out, s.query.data(), s.data.data(), s.dimension, s.rows); },
        [&](float* out) { kernel.block(s.query.data(), s.data.data(), s.dimension, s.rows, s.dimension, out); });
}

void peers(std::size_t rows, std::size_t dimension) {
    const sample<float> s(rows, dimension);
    const std::string suffix = "_" + std::to_string(dimension) + "d_" + std::to_string(rows) + "_rows";
    const auto& l2 = simd::distance_kernels<simd::l2_squared, float, float>();
#ifdef WEFT_PEER_HNSWLIB
    hnswlib::L2Space space(dimension);
    const auto function = space.get_dist_func();
    const void* const parameter = space.get_dist_func_param();
    against("hnswlib_l2" + suffix, s, l2,
            [=](const float* a, const float* b, std::size_t) { return function(a, b, parameter); });
    hnswlib::InnerProductSpace products(dimension);
    const auto product = products.get_dist_func();
    const auto& dot = simd::distance_kernels<simd::dot, float, float>();
    compare(
        "hnswlib_ip" + suffix + "_one", rows,
        [&](float* out) {
            for (std::size_t i = 0; i < rows; ++i) out[i] = 1 - product(s.query.data(), s.pointers[i], parameter);
        },
        [&](float* out) {
            for (std::size_t i = 0; i < rows; ++i) out[i] = dot.one(s.query.data(), s.pointers[i], dimension);
        });
#endif
#ifdef WEFT_PEER_FAISS
    against("faiss_l2" + suffix, s, l2, faiss::fvec_L2sqr);
    against_blocks<simd::l2_squared>("faiss_l2_block" + suffix, s, faiss::fvec_L2sqr_ny);
    against_blocks<simd::dot>("faiss_ip_block" + suffix, s, faiss::fvec_inner_products_ny);
#endif
    const auto plain = [](const float* a, const float* b, std::size_t n) {
        float sum = 0;
        for (std::size_t i = 0; i < n; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
        return sum;
    };
    against("loop_l2" + suffix, s, l2, plain);
}

template <class Operation, class T>
void type_against_floats(const char* name, std::size_t dimension) {
    const sample<T> s(32, dimension);
    sample<float> floats(32, dimension);
    const auto widen = [](std::vector<float>& to, const std::vector<T>& from) {
        for (std::size_t i = 0; i < from.size(); ++i) to[i] = static_cast<float>(simd::scalar::number(from[i]));
    };
    widen(floats.query, s.query);
    widen(floats.data, s.data);
    const auto& plain = simd::distance_kernels<Operation, float, float>();
    const auto& kernel = simd::distance_kernels<Operation, T, T>();
    compare(
        name, 32,
        [&](float* out) { plain.block(floats.query.data(), floats.data.data(), dimension, 32, dimension, out); },
        [&](float* out) { kernel.block(s.query.data(), s.data.data(), dimension, 32, dimension, out); });
}

#ifdef WEFT_PEER_XSIMD
template <class Operation, class T>
void against_xsimd(const std::string& name, std::size_t dimension) {
    const sample<T> s(32, dimension);
    const auto& peer = simd::distance_kernels<Operation, T, T, 0, simd::arch::xsimd<>>();
    const auto& kernel = simd::distance_kernels<Operation, T, T>();
    const auto ones = [&s](const auto& kernels) {
        return [&s, &kernels](float* out) {
            for (std::size_t i = 0; i < s.rows; ++i) out[i] = kernels.one(s.query.data(), s.pointers[i], s.dimension);
        };
    };
    const auto blocks = [&s](const auto& kernels) {
        return [&s, &kernels](float* out) {
            kernels.block(s.query.data(), s.data.data(), s.dimension, s.rows, s.dimension, out);
        };
    };
    const std::string named = "xsimd_" + name + "_" + std::to_string(dimension) + "d";
    compare(named + "_one", s.rows, ones(peer), ones(kernel));
    compare(named + "_block", s.rows, blocks(peer), blocks(kernel));
}

void on_xsimd() {
    std::printf("on xsimd: %s\n", xsimd::default_arch::name());
    for (const std::size_t dimension : {std::size_t{768}, std::size_t{100}}) {
        against_xsimd<simd::l2_squared, float>("l2", dimension);
        against_xsimd<simd::dot, float>("dot", dimension);
        against_xsimd<simd::l1, float>("l1", dimension);
        against_xsimd<simd::linf, float>("linf", dimension);
        against_xsimd<simd::l2_squared, simd::f16>("f16_l2", dimension);
        against_xsimd<simd::dot, simd::bf16>("bf16_dot", dimension);
        against_xsimd<simd::l2_squared, std::int8_t>("int8_l2", dimension);
        against_xsimd<simd::dot, std::int8_t>("int8_dot", dimension);
        against_xsimd<simd::hamming, std::uint8_t>("hamming", dimension);
    }
}
#endif

// 32 rows of 96 codes a call, against a loop over the codes.
void code_scan() {
    constexpr std::size_t subquantisers = 96;
    constexpr std::size_t blocks = 64;
    std::mt19937 source(42);
    std::vector<std::uint8_t> tables(subquantisers * 16);
    std::vector<std::uint8_t> codes(blocks * simd::size_of_code_block(subquantisers));
    for (auto& entry : tables) entry = static_cast<std::uint8_t>(source());
    for (auto& code : codes) code = static_cast<std::uint8_t>(source());
    std::vector<std::uint16_t> theirs(blocks * 32);
    std::vector<std::uint16_t> mine(blocks * 32);
    measure::versus(
        "scan_96_codes_per_row", blocks * 32 * 20,
        [&] {
            for (int r = 0; r < 20; ++r) {
                simd::scan_4bit_codes<simd::arch::scalar>(tables.data(), codes.data(), subquantisers, blocks,
                                                          theirs.data());
                __asm__ volatile("" ::: "memory");
            }
            return blocks * 32 * 20;
        },
        [&] {
            for (int r = 0; r < 20; ++r) {
                simd::scan_4bit_codes(tables.data(), codes.data(), subquantisers, blocks, mine.data());
                __asm__ volatile("" ::: "memory");
            }
            return blocks * 32 * 20;
        });
    if (theirs != mine) {
        std::fprintf(stderr, "sums of codes differ\n");
        std::exit(1);
    }
}

} // namespace

int main() {
    peers(4, 768);
    peers(32, 768);
    peers(32, 128);
    peers(32, 100);
    type_against_floats<simd::l2_squared, simd::f16>("f16_l2_768d_against_f32", 768);
    type_against_floats<simd::dot, simd::bf16>("bf16_dot_768d_against_f32", 768);
    type_against_floats<simd::l2_squared, std::int8_t>("int8_l2_768d_against_f32", 768);
    type_against_floats<simd::dot, std::int8_t>("int8_dot_768d_against_f32", 768);
    code_scan();
#ifdef WEFT_PEER_XSIMD
    on_xsimd();
#endif
}
