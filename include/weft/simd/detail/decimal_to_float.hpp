// SPDX-License-Identifier: BSL-1.0
#pragma once

// w * 10^q correctly rounded for exponents near 0, as D. Lemire, "Number Parsing at a Gigabyte per Second" (2021):
// exact arithmetic of the type where that suffices, else one or two 64 x 64 bit products with 5^q.

#include <weft/simd/detail/words.hpp>

#include <bit>
#include <cstdint>
#include <limits>

namespace weft::inline v0::simd::detail {

template <class T>
struct float_format;
template <>
struct float_format<double> {
    using bits = std::uint64_t;
    static constexpr int exact_power = 22; // the largest power of ten that is a value of the type
    static constexpr int least_tie = -4;   // 10^q times an integer can lie halfway between two values
    static constexpr int most_tie = 23;    // only for q from least_tie to most_tie
};
template <>
struct float_format<float> {
    using bits = std::uint32_t;
    static constexpr int exact_power = 10;
    static constexpr int least_tie = -17;
    static constexpr int most_tie = 10;
};

template <class T>
inline constexpr T exact_powers[] = {T(1e0),  T(1e1),  T(1e2),  T(1e3),  T(1e4),  T(1e5),  T(1e6),  T(1e7),
                                     T(1e8),  T(1e9),  T(1e10), T(1e11), T(1e12), T(1e13), T(1e14), T(1e15),
                                     T(1e16), T(1e17), T(1e18), T(1e19), T(1e20), T(1e21), T(1e22)};

// Whether plain arithmetic rounds once: the digits and the power are values of the type, and the processor does not
// calculate with more bits than the type has.
template <class T>
inline bool to_float_exactly(std::uint64_t digits, int power, T& out) noexcept {
    constexpr int limit = float_format<T>::exact_power;
    if (__FLT_EVAL_METHOD__ != 0 || power < -limit || power > limit || digits >> std::numeric_limits<T>::digits != 0)
        return false;
    const T value = static_cast<T>(digits);
    out = power < 0 ? value / exact_powers<T>[-power] : value * exact_powers<T>[power];
    return true;
}

#if defined(__SIZEOF_INT128__)

__extension__ typedef unsigned __int128 uint128;

inline constexpr int most_fifth = 27; // 5^27 is the last below 2^64

// 5^q with its highest bit at bit 127: exact for q >= 0, the next above otherwise.
struct fifths {
    std::uint64_t high[2 * most_fifth + 1] = {};
    std::uint64_t low[2 * most_fifth + 1] = {};

    constexpr fifths() noexcept {
        std::uint64_t power = 1;
        for (int q = 0; q <= most_fifth; ++q, power *= 5) {
            high[most_fifth + q] = power << std::countl_zero(power);
            if (q == 0) continue;
            // 2^(bits + 127) / power, digit by digit; 2^bits is the next power of two above
            std::uint64_t rest = (std::uint64_t{1} << (std::bit_width(power) - 1));
            uint128 quotient = 0;
            for (int i = 0; i < 128; ++i) {
                const bool carry = rest >> 63 != 0;
                rest <<= 1;
                const bool one = carry || rest >= power;
                if (one) rest -= power;
                quotient = quotient << 1 | (one ? 1U : 0U);
            }
            quotient += 1;
            high[most_fifth - q] = static_cast<std::uint64_t>(quotient >> 64);
            low[most_fifth - q] = static_cast<std::uint64_t>(quotient);
        }
    }
};
inline constexpr fifths powers_of_five;

// For digits != 0. False: the power is out of the table's range, or the value out of the type's.
template <class T>
inline bool to_float_by_product(std::uint64_t digits, int power, T& out) noexcept {
    using format = float_format<T>;
    using bits = typename format::bits;
    constexpr int mantissa_bits = std::numeric_limits<T>::digits - 1;
    constexpr int bias = std::numeric_limits<T>::max_exponent - 1;
    if (power < -most_fifth || power > most_fifth) return false;
    const int shifted = std::countl_zero(digits);
    digits <<= shifted;
    uint128 product = static_cast<uint128>(digits) * powers_of_five.high[most_fifth + power];
    constexpr std::uint64_t undecided = ~std::uint64_t{0} >> (mantissa_bits + 3);
    if ((static_cast<std::uint64_t>(product >> 64) & undecided) == undecided)
        product += (static_cast<uint128>(digits) * powers_of_five.low[most_fifth + power]) >> 64;
    const auto high = static_cast<std::uint64_t>(product >> 64);
    const auto low = static_cast<std::uint64_t>(product);
    const int top = static_cast<int>(high >> 63);
    const int cut = top + 64 - mantissa_bits - 3;
    std::uint64_t mantissa = high >> cut;
    int exponent = (((152170 + 65536) * power) >> 16) + 63 + top - shifted + bias;
    const bool tie = low <= 1 && power >= format::least_tie && power <= format::most_tie && (mantissa & 3) == 1 &&
                     mantissa << cut == high;
    if (tie) mantissa &= ~std::uint64_t{1}; // to even
    mantissa = (mantissa + (mantissa & 1)) >> 1;
    if (mantissa >> (mantissa_bits + 1) != 0) {
        mantissa >>= 1;
        ++exponent;
    }
    if (exponent <= 0 || exponent > 2 * bias) return false;
    const std::uint64_t fraction = mantissa & ((std::uint64_t{1} << mantissa_bits) - 1);
    out = std::bit_cast<T>(static_cast<bits>(fraction | static_cast<std::uint64_t>(exponent) << mantissa_bits));
    return true;
}

#else

template <class T>
inline bool to_float_by_product(std::uint64_t, int, T&) noexcept {
    return false;
}

#endif

} // namespace weft::inline v0::simd::detail
