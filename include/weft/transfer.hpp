// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Bulk import and export: CSV, JSON lines and Arrow. Importing JSON lines needs simdjson and a header of its own,
/// `weft/transfer/import_json_lines.hpp`.

#include <weft/cursor.hpp>
#include <weft/transfer/arrow_stream.hpp>
#include <weft/transfer/byte_input.hpp>
#include <weft/transfer/csv_reader.hpp>
#include <weft/transfer/export.hpp>
#include <weft/transfer/identifier.hpp>
#include <weft/transfer/import.hpp>
#include <weft/transfer/import_arrow.hpp>
#include <weft/transfer/import_options.hpp>
#include <weft/transfer/progress.hpp>
#include <weft/transfer/record_reader.hpp>
