// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The fast scan of 4-bit codes: what rows of codes sum to, when each code is an index into a table of its own. Tables
/// of 16 bytes fit a register, so 32 rows are looked up with two shuffles per sub-quantiser and vector.
///
/// A block holds 32 rows: 16 bytes for each sub-quantiser, whose byte i has the code of row i in its low four bits and
/// that of row i + 16 in its high ones.

#include <weft/simd/arch.hpp>
#include <weft/simd/detail/distance_sets.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace weft::inline v0::simd {

/// How many rows are in a block of codes.
inline constexpr std::size_t rows_of_code_block = 32;

/// The size in bytes of a block of codes.
constexpr std::size_t size_of_code_block(std::size_t subquantisers) noexcept {
    return subquantisers * 16;
}

/// Writes a code (0 to 15) of one row (0 to 31) into a block.
constexpr void set_4bit_code(std::uint8_t* block, std::size_t row, std::size_t subquantiser, unsigned code) noexcept {
    std::uint8_t& byte = block[subquantiser * 16 + row % 16];
    byte = static_cast<std::uint8_t>(row < 16 ? (byte & 0xF0U) | code : (byte & 0x0FU) | code << 4);
}

/// A code of one row of a block.
constexpr unsigned get_4bit_code(const std::uint8_t* block, std::size_t row, std::size_t subquantiser) noexcept {
    const unsigned byte = block[subquantiser * 16 + row % 16];
    return row < 16 ? byte & 15U : byte >> 4;
}

/// For each of the `32 * block_count` rows the sum over the sub-quantisers of `tables[16 * s + code of s]`, in `sums`.
/// Sums are kept modulo 65 536: with tables of whole bytes up to 257 sub-quantisers are exact. Reads
/// `16 * subquantisers` bytes of tables and as many of each block.
template <class Arch = arch::dispatched>
void scan_4bit_codes(const std::uint8_t* tables, const std::uint8_t* blocks, std::size_t subquantisers,
                     std::size_t block_count, std::uint16_t* sums) noexcept {
    using set = detail::distance_set;
    const set chosen = detail::features_of(Arch{}).set;
#if defined(__x86_64__) && defined(__GNUC__)
    if (chosen == set::avx512) return avx512_fma::scan_codes(tables, blocks, subquantisers, block_count, sums);
    if (chosen == set::avx2) return avx2_fma::scan_codes(tables, blocks, subquantisers, block_count, sums);
#endif
    static_cast<void>(chosen);
    portable::scan_codes(tables, blocks, subquantisers, block_count, sums);
}

} // namespace weft::inline v0::simd
