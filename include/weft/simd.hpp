// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The text cells of a received result set to typed columns, at full speed. Whoever decodes a protocol finds the cells
/// (`text_cell`) and calls one kernel per column; the kernels know nothing of protocols. They may read `slack` bytes
/// around each cell, and every one tells how far it got instead of what is wrong: the caller looks at that cell itself.
///
/// And the innermost loops of vector search: distances, the scan of 4-bit codes, floats of 16 bits.

#include <weft/simd/arch.hpp>
#include <weft/simd/byte_codes.hpp>
#include <weft/simd/code_scan.hpp>
#include <weft/simd/columns.hpp>
#include <weft/simd/convert.hpp>
#include <weft/simd/dates.hpp>
#include <weft/simd/decimals.hpp>
#include <weft/simd/distance_kernel.hpp>
#include <weft/simd/distance_matrix.hpp>
#include <weft/simd/distances.hpp>
#include <weft/simd/floats.hpp>
#include <weft/simd/half.hpp>
#include <weft/simd/integers.hpp>
#include <weft/simd/sign_codes.hpp>
#include <weft/simd/text_cell.hpp>
#include <weft/simd/utf8.hpp>
