// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Version of the library. Everything public lives in the inline namespace `weft::v0`, so that two versions linked
/// into one program do not silently share symbols.

#define WEFT_VERSION_MAJOR 0
#define WEFT_VERSION_MINOR 1
#define WEFT_VERSION_PATCH 0
#define WEFT_VERSION "0.1.0"
