// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/core/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace weft::inline v0::detail {

/// Puts column and row in front of what an error says.
inline void add_cell_place(error& e, std::string_view column, std::uint64_t row) {
    std::string place = "column '";
    place += column;
    place += "', row ";
    place += std::to_string(row);
    place += ": ";
    e.prepend(place);
}

} // namespace weft::inline v0::detail
