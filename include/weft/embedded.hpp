// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// SQL over a file or memory, through SQLite, with everything cursors do and rows as tuples, structs and named rows. A
/// program that counts its compile time includes `weft/embedded/database.hpp` and adds what it uses.

#include <weft/cursor.hpp>
#include <weft/embedded/column_type.hpp>
#include <weft/embedded/database.hpp>
#include <weft/embedded/error.hpp>
#include <weft/embedded/options.hpp>
#include <weft/embedded/result.hpp>
#include <weft/embedded/row_view.hpp>
#include <weft/embedded/transaction.hpp>
#include <weft/format/records.hpp>
