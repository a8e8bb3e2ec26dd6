// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// SQL over a file or memory, through SQLite: statements with scalar arguments, rows as tuples. For the rest include
/// what is used: `weft/cursor.hpp` (cursors with rewind and named rows, structs as arguments, `execute_many`), the
/// formats
/// (`weft/format/records.hpp` for rows as structs, …), or `weft/weft.hpp` for everything.

#include <weft/embedded/column_type.hpp>
#include <weft/embedded/database.hpp>
#include <weft/embedded/error.hpp>
#include <weft/embedded/options.hpp>
#include <weft/embedded/result.hpp>
#include <weft/embedded/row_view.hpp>
#include <weft/embedded/transaction.hpp>
