// SPDX-License-Identifier: BSL-1.0
#pragma once

// Digits eight at a time in a 64-bit word: the first character is the lowest byte, whatever the processor's order.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace weft::inline v0::simd::detail {

inline constexpr std::uint64_t all_zeros = 0x3030303030303030; // "00000000"

[[gnu::always_inline]] inline std::uint64_t load8(const char* p) noexcept {
    std::uint64_t word;
    if constexpr (std::endian::native == std::endian::little) {
        std::memcpy(&word, p, 8);
    } else {
        word = 0;
        for (int i = 0; i < 8; ++i) word |= std::uint64_t{static_cast<unsigned char>(p[i])} << (8 * i);
    }
    return word;
}

// `digits` has the values of the digits, not the characters. A carry comes only from a byte that is bad by itself.
[[gnu::always_inline]] constexpr bool all_digits(std::uint64_t digits) noexcept {
    return (((digits + 0x7676767676767676) | digits) & 0x8080808080808080) == 0;
}

[[gnu::always_inline]] constexpr std::uint64_t eight_digits(std::uint64_t digits) noexcept {
    constexpr std::uint64_t low = 0x000000FF000000FF;
    digits = digits * 10 + (digits >> 8);
    return ((digits & low) * (100 + (1000000ULL << 32)) + ((digits >> 16) & low) * (1 + (10000ULL << 32))) >> 32;
}

// The `count` (1 to 8) digits that end at `end`; reads 8 bytes.
[[gnu::always_inline]] inline bool read_last(const char* end, std::size_t count, std::uint64_t& out) noexcept {
    const auto before = static_cast<unsigned>(64 - 8 * count);
    const std::uint64_t digits = ((load8(end - 8) ^ all_zeros) >> before) << before;
    out = eight_digits(digits);
    return all_digits(digits);
}

// The `count` (1 to 16) digits that end at `end`; reads up to 16 bytes.
[[gnu::always_inline]] inline bool read_last16(const char* end, std::size_t count, std::uint64_t& out) noexcept {
    if (count <= 8) return read_last(end, count, out);
    std::uint64_t high = 0;
    const bool good = read_last(end, 8, out) && read_last(end - 8, count - 8, high);
    out += high * 100000000;
    return good;
}

inline constexpr std::uint64_t powers_of_ten[] = {1,
                                                  10,
                                                  100,
                                                  1000,
                                                  10000,
                                                  100000,
                                                  1000000,
                                                  10000000,
                                                  100000000,
                                                  1000000000,
                                                  10000000000,
                                                  100000000000,
                                                  1000000000000,
                                                  10000000000000,
                                                  100000000000000,
                                                  1000000000000000,
                                                  10000000000000000,
                                                  100000000000000000,
                                                  1000000000000000000,
                                                  10000000000000000000ULL};

} // namespace weft::inline v0::simd::detail
