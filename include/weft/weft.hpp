// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Everything. Programs that care for compile time include the rooms they use instead.

#include <weft/columnar.hpp>
#include <weft/connect.hpp>
#include <weft/core.hpp>
#include <weft/cursor.hpp>
#include <weft/embedded.hpp>
#include <weft/format.hpp>
#include <weft/net.hpp>
#include <weft/transfer.hpp>
