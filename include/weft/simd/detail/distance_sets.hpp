// SPDX-License-Identifier: BSL-1.0
#pragma once

// The distance kernels once per instruction set, and the choice among them.

#include <weft/simd/arch.hpp>
#include <weft/simd/distance_kernel.hpp>
#include <weft/simd/half.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace weft::inline v0::simd::detail {

// Operations that are done by an instruction of their own where the processor has it.
struct dot_vnni {};
struct dot_bf16 {};
struct hamming_popcnt {};

template <class Operation>
inline constexpr bool is_pairs = std::is_same_v<Operation, dot_bf16>;
template <class Operation>
inline constexpr bool is_dot = std::is_same_v<Operation, dot> || std::is_same_v<Operation, dot_vnni>;

template <class Operation>
struct public_operation_of {
    using type = Operation;
};
template <>
struct public_operation_of<dot_vnni> {
    using type = dot;
};
template <>
struct public_operation_of<dot_bf16> {
    using type = dot;
};
template <>
struct public_operation_of<hamming_popcnt> {
    using type = hamming;
};
template <class Operation>
using public_operation = typename public_operation_of<Operation>::type;

// So many differences of signed bytes, squared, cannot overflow 32 bits.
inline constexpr std::size_t exact_bytes = 65536;

// What a code of signs is made with: of the steps between two vectors, and of the vector they begin at.
struct sign_sums {
    float size;        // the sum of the magnitudes of the steps
    float squares;     // of the steps
    float along_signs; // the vector times the signs of the steps
    float along;       // the vector times the steps
};

struct byte_sums {
    std::int32_t codes;
    std::int32_t squares;
};

struct tail_masks {
    unsigned char bytes[128] = {};
    constexpr tail_masks() noexcept {
        for (int i = 64; i < 128; ++i) bytes[i] = 0xFF;
    }
};
inline constexpr tail_masks tail_mask;

struct counting_numbers {
    std::uint32_t numbers[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
};
inline constexpr counting_numbers lane_numbers;

// The bits of the numbers 0 to 15.
struct bits_of_four {
    float as_floats[4][16] = {};
    constexpr bits_of_four() noexcept {
        for (int bit = 0; bit < 4; ++bit)
            for (int number = 0; number < 16; ++number) as_floats[bit][number] = static_cast<float>(number >> bit & 1);
    }
};
inline constexpr bits_of_four bits_of;

} // namespace weft::inline v0::simd::detail

#define WEFT_SIMD_SET 0
#define WEFT_SIMD_TARGET
#define WEFT_SIMD_INLINE __attribute__((always_inline)) inline
namespace weft::inline v0::simd::portable {
inline constexpr int lanes = 4;
#include <weft/simd/detail/distance_loops.hpp>
} // namespace weft::inline v0::simd::portable
#undef WEFT_SIMD_INLINE
#undef WEFT_SIMD_TARGET
#undef WEFT_SIMD_SET

#if defined(__x86_64__) && defined(__GNUC__)

#define WEFT_SIMD_SET 1
#define WEFT_SIMD_TARGET __attribute__((target("avx2,fma,f16c")))
#define WEFT_SIMD_INLINE __attribute__((target("avx2,fma,f16c"), always_inline)) inline
namespace weft::inline v0::simd::avx2_fma {
inline constexpr int lanes = 8;
#include <weft/simd/detail/distance_loops.hpp>
} // namespace weft::inline v0::simd::avx2_fma
#undef WEFT_SIMD_INLINE
#undef WEFT_SIMD_TARGET
#undef WEFT_SIMD_SET

#define WEFT_SIMD_SET 2
#define WEFT_SIMD_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma,f16c")))
#define WEFT_SIMD_INLINE __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma,f16c"), always_inline)) inline
namespace weft::inline v0::simd::avx512_fma {
inline constexpr int lanes = 16;
#include <weft/simd/detail/distance_loops.hpp>
} // namespace weft::inline v0::simd::avx512_fma
#undef WEFT_SIMD_INLINE
#undef WEFT_SIMD_TARGET
#undef WEFT_SIMD_SET

#endif

namespace weft::inline v0::simd::detail {

// What the processor has for distances, from the worst to the best.
enum class distance_set : unsigned char { portable, avx2, avx512 };

struct distance_features {
    distance_set set = distance_set::portable;
    bool vnni = false;
    bool bf16 = false;
    bool popcnt = false;
};

inline distance_features detect_distances() noexcept {
    distance_features found;
#if defined(__x86_64__) && defined(__GNUC__)
    const level general = detected();
    if (general == level::portable || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("f16c")) return found;
    found.set = distance_set::avx2;
    if (general != level::avx512) return found;
    found.set = distance_set::avx512;
    found.vnni = __builtin_cpu_supports("avx512vnni");
    found.bf16 = __builtin_cpu_supports("avx512bf16");
    found.popcnt = __builtin_cpu_supports("avx512vpopcntdq");
#endif
    return found;
}

inline const distance_features& distances_of_processor() noexcept {
    static const distance_features found = detect_distances();
    return found;
}

// The kernel for the features, of which the processor must have all.
template <class Operation, class Query, class Row, std::size_t Dimension>
const distance_kernel<Operation, Query, Row>& kernel_for(distance_features features) noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
    if (features.set == distance_set::avx512) {
        if constexpr (std::is_same_v<Operation, dot> && sizeof(Row) == 1)
            if (features.vnni) return avx512_fma::kernel<dot_vnni, Query, Row, Dimension>;
        if constexpr (std::is_same_v<Operation, dot> && std::is_same_v<Query, bf16>)
            if (features.bf16) return avx512_fma::kernel<dot_bf16, Query, Row, Dimension>;
        if constexpr (std::is_same_v<Operation, hamming>)
            if (features.popcnt) return avx512_fma::kernel<hamming_popcnt, Query, Row, Dimension>;
        return avx512_fma::kernel<Operation, Query, Row, Dimension>;
    }
    if (features.set == distance_set::avx2) return avx2_fma::kernel<Operation, Query, Row, Dimension>;
#endif
    static_cast<void>(features);
    return portable::kernel<Operation, Query, Row, Dimension>;
}

template <class Arch>
inline distance_features features_of(Arch) noexcept {
    return {};
}
inline distance_features features_of(arch::avx2) noexcept {
    return {distance_set::avx2, false, false, false};
}
inline distance_features features_of(arch::avx512) noexcept {
    return {distance_set::avx512, false, false, false};
}
inline distance_features features_of(arch::dispatched) noexcept {
    return distances_of_processor();
}

} // namespace weft::inline v0::simd::detail
