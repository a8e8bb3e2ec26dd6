// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Columns, schemas and blocks.

#include <weft/columnar/array.hpp>
#include <weft/columnar/arrow_abi.hpp>
#include <weft/columnar/arrow_export.hpp>
#include <weft/columnar/arrow_import.hpp>
#include <weft/columnar/arrow_stream.hpp>
#include <weft/columnar/block.hpp>
#include <weft/columnar/buffer.hpp>
#include <weft/columnar/cast.hpp>
#include <weft/columnar/cell_block.hpp>
#include <weft/columnar/column_builder.hpp>
#include <weft/columnar/record_batch.hpp>
#include <weft/columnar/schema.hpp>
