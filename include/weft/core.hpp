// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Values, errors and options: the vocabulary of every other room.

#include <weft/core/blob.hpp>
#include <weft/core/blob_text.hpp>
#include <weft/core/cell.hpp>
#include <weft/core/cell_reader.hpp>
#include <weft/core/cell_writer.hpp>
#include <weft/core/chrono.hpp>
#include <weft/core/config.hpp>
#include <weft/core/date.hpp>
#include <weft/core/datetime.hpp>
#include <weft/core/decimal.hpp>
#include <weft/core/describe.hpp>
#include <weft/core/display_width.hpp>
#include <weft/core/error.hpp>
#include <weft/core/error_code.hpp>
#include <weft/core/fixed_string.hpp>
#include <weft/core/fresh_pages.hpp>
#include <weft/core/json_members.hpp>
#include <weft/core/json_output.hpp>
#include <weft/core/json_syntax.hpp>
#include <weft/core/json_text.hpp>
#include <weft/core/option.hpp>
#include <weft/core/options.hpp>
#include <weft/core/reflection.hpp>
#include <weft/core/result.hpp>
#include <weft/core/shared.hpp>
#include <weft/core/time.hpp>
#include <weft/core/type.hpp>
#include <weft/core/url.hpp>
#include <weft/core/utf8.hpp>
#include <weft/core/value.hpp>
#include <weft/core/vector_view.hpp>
