// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// SQL over a file or memory, through SQLite.

#include <weft/embedded/column_type.hpp>
#include <weft/embedded/database.hpp>
#include <weft/embedded/error.hpp>
#include <weft/embedded/options.hpp>
#include <weft/embedded/result.hpp>
#include <weft/embedded/row_view.hpp>
#include <weft/embedded/transaction.hpp>
