// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Floats of 16 bits as vectors are stored in: `f16` (IEEE 754 binary16: 11 bits of precision, up to 65 504) and `bf16`
/// (the upper half of a float: 8 bits of precision, the range of a float). They are storage, not numbers to compute
/// with; the kernels of `weft/simd/distances.hpp` read them.

#include <weft/simd/arch.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace weft::inline v0::simd {

/// An IEEE 754 binary16 number.
struct f16 {
    std::uint16_t bits;

    friend bool operator==(f16, f16) = default; ///< of the bits: -0 is not 0, and a NaN may be itself
};

/// The upper half of an IEEE 754 binary32 number.
struct bf16 {
    std::uint16_t bits;

    friend bool operator==(bf16, bf16) = default; ///< of the bits: -0 is not 0, and a NaN may be itself
};

/// The number, exactly. A NaN stays one.
constexpr float to_float(f16 value) noexcept {
    const std::uint32_t sign = std::uint32_t{value.bits & 0x8000U} << 16;
    const std::uint32_t rest = std::uint32_t{value.bits & 0x7FFFU} << 13;
    if (rest >= 0x0F800000) return std::bit_cast<float>(sign | rest | 0x7F800000); // infinity and NaN
    if (rest >= 0x00800000) return std::bit_cast<float>(sign | (rest + 0x38000000));
    const float small = static_cast<float>(value.bits & 0x3FFU) * 0x1p-24F; // zero and denormals
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(small));
}

/// The number, exactly. A NaN stays one.
constexpr float to_float(bf16 value) noexcept {
    return std::bit_cast<float>(std::uint32_t{value.bits} << 16);
}

/// The nearest number, of two the even one; beyond 65 519.99… infinity. A NaN stays one.
constexpr f16 to_f16(float value) noexcept {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t sign = bits >> 16 & 0x8000;
    std::uint32_t rest = bits & 0x7FFFFFFF;
    if (rest > 0x7F800000) return {static_cast<std::uint16_t>(sign | 0x7E00 | (rest >> 13 & 0x1FF))};
    if (rest >= 0x477FF000) return {static_cast<std::uint16_t>(sign | 0x7C00)};
    if (rest < 0x38800000) { // below 2^-14: whole multiples of 2^-24, rounded by the addition of 2^-1
        const float shifted = std::bit_cast<float>(rest) + 0.5F;
        return {static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3F000000))};
    }
    rest += 0xFFF + (rest >> 13 & 1); // half of the last place, or just less where that place is even
    return {static_cast<std::uint16_t>(sign | ((rest - 0x38000000) >> 13))};
}

/// The nearest number, of two the even one. A NaN stays one.
constexpr bf16 to_bf16(float value) noexcept {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if ((bits & 0x7FFFFFFF) > 0x7F800000) return {static_cast<std::uint16_t>(bits >> 16 | 0x40)};
    return {static_cast<std::uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16)};
}

} // namespace weft::inline v0::simd
