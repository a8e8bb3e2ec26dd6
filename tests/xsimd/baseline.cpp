// SPDX-License-Identifier: BSL-1.0
#include <xsimd/xsimd.hpp>

#define WEFT_UNIT baseline_unit
#define WEFT_SET ::xsimd::default_arch
#include "unit.hpp"
