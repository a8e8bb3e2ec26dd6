// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Whether texts are UTF-8 as Unicode defines it (table 3-7 of the standard): no overlong forms, no surrogates,
/// nothing above U+10FFFF.
///
/// Short runs of ASCII are skipped with plain words, which compilers turn into the vectors every processor of the
/// architecture has; long ones with the widest vectors of this processor.

#include <weft/simd/arch.hpp>
#include <weft/simd/detail/words.hpp>
#include <weft/simd/detail/x86.hpp>
#include <weft/simd/text_cell.hpp>

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace weft::inline v0::simd {

namespace detail {

inline constexpr std::uint64_t high_bits = 0x8080808080808080;
inline constexpr std::size_t long_text = 512; // from this size on a call for wider vectors pays

// The size of the UTF-8 sequence at `p`, of which `left` bytes (at least 1) are there; 0 when it is none.
constexpr std::size_t utf8_sequence(const unsigned char* p, std::size_t left) noexcept {
    const auto follows = [p](std::size_t i) { return (p[i] & 0xC0) == 0x80; };
    const unsigned first = p[0];
    if (first < 0x80) return 1;
    if (first < 0xC2 || left < 2) return 0;
    if (first < 0xE0) return follows(1) ? 2 : 0;
    if (first < 0xF0) {
        if (left < 3 || !follows(1) || !follows(2)) return 0;
        return (first == 0xE0 && p[1] < 0xA0) || (first == 0xED && p[1] > 0x9F) ? 0 : 3;
    }
    if (first > 0xF4 || left < 4 || !follows(1) || !follows(2) || !follows(3)) return 0;
    return (first == 0xF0 && p[1] < 0x90) || (first == 0xF4 && p[1] > 0x8F) ? 0 : 4;
}

inline std::uint64_t or_of_64_bytes(const char* p) noexcept {
    std::uint64_t words[8];
    std::memcpy(words, p, 64);
    return (words[0] | words[1]) | (words[2] | words[3]) | (words[4] | words[5]) | (words[6] | words[7]);
}

// Whether fewer than 64 bytes are all ASCII; reads up to 8 bytes before the end.
inline bool is_short_ascii(const char* data, std::size_t size) noexcept {
    const char* const end = data + size;
    if (size > 16) {
        std::uint64_t high = load8(end - 8) | load8(end - 16);
        for (std::size_t i = 0; i + 16 < size; i += 16) high |= load8(data + i) | load8(data + i + 8);
        return (high & high_bits) == 0;
    }
    if (size >= 8) return ((load8(data) | load8(end - 8)) & high_bits) == 0;
    return size == 0 || ((load8(end - 8) & high_bits) >> (64 - 8 * size)) == 0;
}

} // namespace detail

namespace scalar {

/// As `simd::is_valid_utf8`.
inline bool is_valid_utf8(const char* data, std::size_t size) noexcept {
    const auto* p = reinterpret_cast<const unsigned char*>(data);
    for (std::size_t i = 0; i < size;) {
        const std::size_t length = detail::utf8_sequence(p + i, size - i);
        if (length == 0) return false;
        i += length;
    }
    return true;
}

} // namespace scalar

/// Whether the text is UTF-8. Reads nothing but the text.
template <class Arch = arch::dispatched>
inline bool is_valid_utf8(const char* data, std::size_t size) noexcept {
    const auto* const p = reinterpret_cast<const unsigned char*>(data);
    std::size_t i = 0;
    while (size - i >= 8) {
        const std::uint64_t high = detail::load8(data + i) & detail::high_bits;
        if (high == 0) {
            i += 8;
            if (size - i >= detail::long_text) i += detail::ascii_blocks(detail::level_of(Arch{}), data + i, size - i);
            while (size - i >= 64 && (detail::or_of_64_bytes(data + i) & detail::high_bits) == 0) i += 64;
            continue;
        }
        i += static_cast<std::size_t>(std::countr_zero(high)) / 8;
        const std::size_t length = detail::utf8_sequence(p + i, size - i);
        if (length == 0) return false;
        i += length;
    }
    return scalar::is_valid_utf8(data + i, size - i);
}

/// The same for the text of a cell, with the room around it that kernels may read: faster, for most are short.
template <class Arch = arch::dispatched>
[[gnu::always_inline]] inline bool is_valid_utf8_cell(const char* data, std::size_t size) noexcept {
    return (size < 64 && detail::is_short_ascii(data, size)) || is_valid_utf8<Arch>(data, size);
}

/// How many of the cells [0, count) come before the first that is NULL or not UTF-8.
template <class Arch = arch::dispatched>
std::size_t validate_utf8(const char* base, const text_cell* cells, std::size_t count) noexcept {
    if constexpr (detail::brings_kernels<Arch>) {
        return Arch::kernels::validate_utf8(base, cells, count);
    } else {
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t size = cells[i].size;
            if (size == null_size) return i;
            const char* const data = base + cells[i].offset;
            if constexpr (std::same_as<Arch, arch::scalar>) {
                if (!scalar::is_valid_utf8(data, size)) return i;
            } else {
                if (!is_valid_utf8_cell<Arch>(data, size)) return i;
            }
        }
        return count;
    }
}

} // namespace weft::inline v0::simd
