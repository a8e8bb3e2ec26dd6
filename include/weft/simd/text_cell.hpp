// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Where the texts of one column of a received result set lie. All kernels of this room read them from here.

#include <cstddef>
#include <cstdint>

namespace weft::inline v0::simd {

/// Where a cell lies: bytes from a base pointer that all cells of a call share, and its size in bytes.
struct text_cell {
    std::uint32_t offset; ///< not looked at when the cell is NULL
    std::uint32_t size;   ///< `null_size`: NULL
};

/// The size of a cell that is NULL.
inline constexpr std::uint32_t null_size = 0xFFFFFFFF;

/// Kernels may read this many bytes before and after every cell; what stands there does not matter. A buffer keeps
/// that much room at both ends.
inline constexpr std::size_t slack = 64;

} // namespace weft::inline v0::simd
