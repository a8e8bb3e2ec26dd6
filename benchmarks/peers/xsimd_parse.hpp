// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Our own kernels on xsimd, compiled with all the instructions of this machine.

#include <weft/simd/text_cell.hpp>

#include <cstddef>

namespace on_xsimd {

using cells = const weft::simd::text_cell*;

const char* name();
std::size_t integers(const char* base, cells column, std::size_t count, std::byte* out, std::size_t stride);
/// Decimals with two digits behind the point.
std::size_t prices(const char* base, cells column, std::size_t count, std::byte* out, std::size_t stride);
std::size_t dates(const char* base, cells column, std::size_t count, std::byte* out, std::size_t stride);
std::size_t datetimes(const char* base, cells column, std::size_t count, std::byte* out, std::size_t stride);
std::size_t utf8(const char* base, cells column, std::size_t count);

} // namespace on_xsimd
