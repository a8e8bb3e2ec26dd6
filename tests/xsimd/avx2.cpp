// SPDX-License-Identifier: BSL-1.0
#include <xsimd/xsimd.hpp>

#define WEFT_UNIT avx2_unit
#define WEFT_SET ::xsimd::fma3<::xsimd::avx2>
#include "unit.hpp"
