// SPDX-License-Identifier: BSL-1.0
#include <xsimd/xsimd.hpp>

#define WEFT_UNIT avx512_unit
#define WEFT_SET ::xsimd::avx512bw
#include "unit.hpp"
