// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The metrics. Each is a type, given to an index as a template argument, and each has a number for files and names for
/// users. Every metric yields a distance of which smaller is nearer; rooms whose protocol wants similarities convert.
///
/// | Metric          | Distance of a and b                                                          |
/// |-----------------|------------------------------------------------------------------------------|
/// | `l2`            | the sum of the squares of a - b; no root is drawn                            |
/// | `inner_product` | -(a . b)                                                                     |
/// | `cosine`        | 1 - (a . b) / (\|a\| \|b\|); 1 when one of them is zero                      |
/// | `l1`            | the sum of \|a - b\|                                                         |
/// | `linf`          | the largest of \|a - b\|                                                     |
/// | `hamming`       | the number of bits in which they differ                                      |
///
/// An index for `cosine` keeps unit vectors: they are normalised when they come in, and so are queries.

#include <weft/core/config.hpp>
#include <weft/core/error.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weft::inline v0 {

namespace simd { // the operations of weft/simd/distances.hpp
struct l2_squared;
struct dot;
struct l1;
struct linf;
namespace arch {
struct dispatched;
}
} // namespace simd

namespace vector {

/// A metric as a value. The numbers are those in index files.
enum class metric_kind : std::uint8_t { l2 = 0, inner_product = 1, cosine = 2, l1 = 3, linf = 4, hamming = 5 };

/// Squared Euclidean distance.
struct l2 {
    static constexpr metric_kind kind = metric_kind::l2;
    using operation = simd::l2_squared;
    /// The distance, from what the kernel of `operation` computes.
    static constexpr float from_kernel(float sum) noexcept { return sum; }
};

/// The negated inner product. No metric in the mathematical sense: a vector need not be nearest to itself.
struct inner_product {
    static constexpr metric_kind kind = metric_kind::inner_product;
    using operation = simd::dot;
    static constexpr float from_kernel(float dot) noexcept { return -dot; }
};

/// One minus the cosine of the angle; from 0 to 2.
struct cosine {
    static constexpr metric_kind kind = metric_kind::cosine;
    using operation = simd::dot; // of unit vectors
    static constexpr float from_kernel(float dot) noexcept { return 1.0F - dot; }
};

/// The sum of absolute differences.
struct l1 {
    static constexpr metric_kind kind = metric_kind::l1;
    using operation = simd::l1;
    static constexpr float from_kernel(float sum) noexcept { return sum; }
};

/// The largest absolute difference.
struct linf {
    static constexpr metric_kind kind = metric_kind::linf;
    using operation = simd::linf;
    static constexpr float from_kernel(float largest) noexcept { return largest; }
};

/// The number of bits that differ, of packed bits.
struct hamming {
    static constexpr metric_kind kind = metric_kind::hamming;
};

/// A metric of vectors of numbers: every one here but `hamming`.
template <class Metric>
concept number_metric = requires(float value) {
    typename Metric::operation;
    { Metric::kind } -> std::convertible_to<metric_kind>;
    { Metric::from_kernel(value) } -> std::convertible_to<float>;
};

/// A metric whose distances between floats (storage `f32`, `f16` and `bf16`) are computed with the instruction set
/// `Arch` of `weft/simd/arch.hpp` or `weft/simd/xsimd.hpp` instead of the best that the processor has:
///
///     hnsw<on<l2, simd::arch::xsimd<>>> index(768);
///
/// The processor must have it. Distances, files and names are those of `Metric`.
template <number_metric Metric, class Arch>
struct on : Metric {
    using arch = Arch;
};

namespace detail {

template <class Metric>
struct arch_of {
    using type = simd::arch::dispatched;
};
template <class Metric>
    requires requires { typename Metric::arch; }
struct arch_of<Metric> {
    using type = typename Metric::arch;
};

} // namespace detail

/// The name of a metric: `l2`, `inner_product`, `cosine`, `l1`, `linf` or `hamming`.
constexpr std::string_view name_of(metric_kind metric) noexcept {
    constexpr std::string_view names[] = {"l2", "inner_product", "cosine", "l1", "linf", "hamming"};
    const auto index = static_cast<std::size_t>(metric);
    return index < 6 ? names[index] : std::string_view("unknown");
}

namespace detail {

struct metric_name {
    std::string_view name;
    metric_kind metric;
};
inline constexpr metric_name metric_names[] = {
    {"l2", metric_kind::l2},
    {"euclidean", metric_kind::l2},
    {"ip", metric_kind::inner_product},
    {"innerproduct", metric_kind::inner_product},
    {"dot", metric_kind::inner_product},
    {"dotproduct", metric_kind::inner_product},
    {"cos", metric_kind::cosine},
    {"cosine", metric_kind::cosine},
    {"l1", metric_kind::l1},
    {"manhattan", metric_kind::l1},
    {"linf", metric_kind::linf},
    {"chebyshev", metric_kind::linf},
    {"hamming", metric_kind::hamming},
};

} // namespace detail

/// The metric that a user names: `L2` or `euclidean`, `IP`, `InnerProduct`, `dot` or `dot_product`, `COS` or `cosine`,
/// `L1` or `manhattan`, `Linf` or `chebyshev`, `hamming`. Case and underscores do not matter. Throws a data_error for
/// others.
inline metric_kind parse_metric(std::string_view text) {
    std::string plain;
    for (const char c : text)
        if (c != '_') plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    for (const auto& [name, metric] : detail::metric_names)
        if (name == plain) return metric;
    throw data_error(
        "metric '" + std::string(text) +
        "' is not known; there are l2 (euclidean), inner_product (ip, dot), cosine (cos), l1, linf and hamming");
}

} // namespace vector
} // namespace weft::inline v0
