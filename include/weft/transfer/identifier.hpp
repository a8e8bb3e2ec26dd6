// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `quote_identifier`: names of tables and columns as they stand in SQL text.

#include <weft/core/error.hpp>

#include <string>
#include <string_view>

namespace weft::inline v0 {

/// The name in backticks, which every engine here takes (SQLite, MySQL, MariaDB, SingleStore), backticks inside
/// doubled. Throws programming_error for an empty name and for one with NUL in it.
inline std::string quote_identifier(std::string_view name) {
    if (name.empty()) throw programming_error("an identifier has at least one character");
    std::string quoted = "`";
    for (const char c : name) {
        if (c == '\0') throw programming_error("an identifier cannot hold NUL");
        if (c == '`') quoted += '`';
        quoted += c;
    }
    quoted += '`';
    return quoted;
}

} // namespace weft::inline v0
