// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Executing statements and fetching rows.

#include <weft/columnar/cell_block.hpp>
#include <weft/core/describe.hpp>
#include <weft/core/json_text.hpp>
#include <weft/cursor/buffering.hpp>
#include <weft/cursor/connection.hpp>
#include <weft/cursor/connection_interface.hpp>
#include <weft/cursor/cursor.hpp>
#include <weft/cursor/execute_many.hpp>
#include <weft/cursor/parameters.hpp>
#include <weft/cursor/placeholders.hpp>
#include <weft/format/named_rows.hpp>
