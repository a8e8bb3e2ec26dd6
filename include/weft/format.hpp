// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// What a row or a result becomes.

#include <weft/format/arrow.hpp>
#include <weft/format/columns.hpp>
#include <weft/format/comparison.hpp>
#include <weft/format/csv.hpp>
#include <weft/format/data_frame.hpp>
#include <weft/format/dicts.hpp>
#include <weft/format/format.hpp>
#include <weft/format/grouping.hpp>
#include <weft/format/json.hpp>
#include <weft/format/named_rows.hpp>
#include <weft/format/records.hpp>
#include <weft/format/row.hpp>
#include <weft/format/table.hpp>
#include <weft/format/toon.hpp>
#include <weft/format/toon_decode.hpp>
#include <weft/format/toon_encode.hpp>
#include <weft/format/toon_options.hpp>
#include <weft/format/toon_reader.hpp>
#include <weft/format/toon_table.hpp>
#include <weft/format/tuples.hpp>
