// SPDX-License-Identifier: BSL-1.0
#include <xsimd/xsimd.hpp>

#define WEFT_UNIT avx_unit
#define WEFT_SET ::xsimd::avx
#include "unit.hpp"
