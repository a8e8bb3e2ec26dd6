// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Tables as CREATE_TABLE declares them.

#include <cstdint>
#include <string>
#include <vector>

namespace weft::inline v0::toondb {

/// Type of a column, by its number on the wire.
enum class column_type : std::uint8_t { int64 = 0, uint64 = 1, float64 = 2, text = 3, binary = 4, boolean = 5 };

/// One column of a table.
struct column {
    std::string name;
    column_type type = column_type::text;
    bool nullable = false;

    bool operator==(const column&) const = default;
};

/// A table: the keys `name/1`, `name/2`, … hold its rows, packed (`weft/toondb/protocol/packed_row.hpp`).
struct table_definition {
    std::string name;
    std::vector<column> columns;

    bool operator==(const table_definition&) const = default;
};

} // namespace weft::inline v0::toondb
