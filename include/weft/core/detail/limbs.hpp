// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Unsigned integers of a fixed number of 64-bit limbs, least significant first: the arithmetic below `weft::decimal`.

#include <array>
#include <cstddef>
#include <cstdint>

namespace weft::inline v0::detail {

__extension__ typedef unsigned __int128 uint128;

template <std::size_t N>
using limbs = std::array<std::uint64_t, N>;

/// 10^0 to 10^19, all that fit one limb.
inline constexpr std::array<std::uint64_t, 20> powers_of_ten = [] {
    std::array<std::uint64_t, 20> table{};
    std::uint64_t power = 1;
    for (auto& entry : table) {
        entry = power;
        power *= 10; // the last one wraps and is not stored
    }
    return table;
}();

/// value = value * factor + addend; returns the limb that overflowed.
template <std::size_t N>
constexpr std::uint64_t multiply_add(limbs<N>& value, std::uint64_t factor, std::uint64_t addend) noexcept {
    std::uint64_t carry = addend;
    for (auto& limb : value) {
        const uint128 product = uint128{limb} * factor + carry;
        limb = static_cast<std::uint64_t>(product);
        carry = static_cast<std::uint64_t>(product >> 64);
    }
    return carry;
}

/// value = value / divisor; returns the remainder.
template <std::size_t N>
constexpr std::uint64_t divide(limbs<N>& value, std::uint64_t divisor) noexcept {
    std::uint64_t remainder = 0;
    for (std::size_t i = N; i-- > 0;) {
        if (remainder == 0 && value[i] < divisor) { // skips the leading zero limbs without a wide division
            remainder = value[i];
            value[i] = 0;
            continue;
        }
        const uint128 part = (uint128{remainder} << 64) | value[i];
        value[i] = static_cast<std::uint64_t>(part / divisor);
        remainder = static_cast<std::uint64_t>(part % divisor);
    }
    return remainder;
}

/// -1, 0 or 1 as a is below, equal to or above b.
template <std::size_t N>
constexpr int compare(const limbs<N>& a, const limbs<N>& b) noexcept {
    for (std::size_t i = N; i-- > 0;)
        if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
    return 0;
}

/// a = a + b, without the carry out of the last limb.
template <std::size_t N>
constexpr void add(limbs<N>& a, const limbs<N>& b) noexcept {
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < N; ++i) {
        const uint128 sum = uint128{a[i]} + b[i] + carry;
        a[i] = static_cast<std::uint64_t>(sum);
        carry = static_cast<std::uint64_t>(sum >> 64);
    }
}

/// a = a - b for a ≥ b.
template <std::size_t N>
constexpr void subtract(limbs<N>& a, const limbs<N>& b) noexcept {
    std::uint64_t borrow = 0;
    for (std::size_t i = 0; i < N; ++i) {
        const uint128 difference = uint128{a[i]} - b[i] - borrow;
        a[i] = static_cast<std::uint64_t>(difference);
        borrow = static_cast<std::uint64_t>(difference >> 64) & 1;
    }
}

/// value = 2^(64·N) - value, the two's complement.
template <std::size_t N>
constexpr void negate(limbs<N>& value) noexcept {
    std::uint64_t carry = 1;
    for (auto& limb : value) {
        limb = ~limb + carry;
        carry = (carry != 0 && limb == 0) ? 1 : 0;
    }
}

/// value = value * 10^power, for results that fit.
template <std::size_t N>
constexpr void scale_up(limbs<N>& value, int power) noexcept {
    for (; power > 19; power -= 19) multiply_add(value, powers_of_ten[19], 0);
    if (power > 0) multiply_add(value, powers_of_ten[static_cast<std::size_t>(power)], 0);
}

/// value = value / 10^power towards zero; whether nothing was lost.
template <std::size_t N>
constexpr bool scale_down(limbs<N>& value, int power) noexcept {
    std::uint64_t lost = 0;
    for (; power > 19; power -= 19) lost |= divide(value, powers_of_ten[19]);
    if (power > 0) lost |= divide(value, powers_of_ten[static_cast<std::size_t>(power)]);
    return lost == 0;
}

template <std::size_t N>
constexpr bool is_zero(const limbs<N>& value) noexcept {
    for (const auto limb : value)
        if (limb != 0) return false;
    return true;
}

/// The low limbs of a wider number, or a narrower number with zero limbs on top.
template <std::size_t To, std::size_t From>
constexpr limbs<To> resize(const limbs<From>& value) noexcept {
    limbs<To> out{};
    for (std::size_t i = 0; i < (To < From ? To : From); ++i) out[i] = value[i];
    return out;
}

} // namespace weft::inline v0::detail
