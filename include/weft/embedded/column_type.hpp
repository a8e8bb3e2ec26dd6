// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Declared column types of SQLite as weft types. SQLite stores what it is given; the declared type says what is meant,
/// and reading checks every value against it.
///
/// | declared as (any case)                                | weft type        | stored as |
/// |-------------------------------------------------------|------------------|----------------------------------------|
/// | `BOOL…`                                               | boolean          | integer 0 or 1 | | contains `INT` |
/// int64            | integer                                | | `DECIMAL…`, `NUMERIC…`, with `(p, s)` or without |
/// decimal          | text, integer or real                  | | contains `REAL`, `FLOA`, `DOUB` | float64          |
/// real or integer                        | | `DATETIME…`, `TIMESTAMP…`                             | datetime | text,
/// Unix seconds, Julian day         | | `DATE…`                                               | date             |
/// text, Unix seconds, Julian day         | | `TIME…`                                               | time | text | |
/// `JSON…`                                               | json             | text or number                         |
/// | `VECTOR(n)`, `F32_BLOB(n)`                            | vector           | blob of little-endian float32, or text
/// | | contains `CHAR`, `CLOB`, `TEXT`                       | text             | text | | contains `BLOB` or `BINARY`
/// | blob             | blob                                   | | none (an expression), or anything else | any | each
/// value as it is                    |
///
/// SQLite turns decimals written into a `DECIMAL` column into reals when that keeps 15 digits. Declare `DECIMAL_TEXT(p,
/// s)` where more digits matter: it reads as the same type and keeps the text.

#include <weft/columnar/schema.hpp>

#include <charconv>
#include <string>
#include <string_view>

namespace weft::inline v0::embedded {

namespace detail {

/// The numbers in `NAME(a, b)`; zero where absent.
inline void declared_arguments(std::string_view declared, std::int32_t& first, std::int32_t& second) {
    const std::size_t open = declared.find('(');
    if (open == std::string_view::npos) return;
    const char* at = declared.data() + open + 1;
    const char* end = declared.data() + declared.size();
    while (at != end && *at == ' ') ++at;
    at = std::from_chars(at, end, first).ptr;
    while (at != end && (*at == ' ' || *at == ',')) ++at;
    std::from_chars(at, end, second);
}

} // namespace detail

/// The weft type of a declared type.
inline data_type column_type(std::string_view declared) {
    std::string name(declared.substr(0, declared.find('(')));
    for (char& c : name) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    const auto has = [&](std::string_view part) { return name.find(part) != std::string::npos; };
    const auto starts = [&](std::string_view part) { return name.starts_with(part); };
    std::int32_t first = 0;
    std::int32_t second = 0;
    detail::declared_arguments(declared, first, second);
    if (starts("DECIMAL") || starts("NUMERIC")) {
        const bool sensible = first > 0 && first <= 65 && second >= 0 && second <= first;
        return sensible ? data_type::decimal(first, second) : data_type(type_id::decimal);
    }
    if (starts("VECTOR") || starts("F32_BLOB")) return data_type::vector(first > 0 ? first : 0);
    if (starts("BOOL")) return type_id::boolean;
    if (starts("DATETIME") || starts("TIMESTAMP")) return type_id::datetime;
    if (starts("DATE")) return type_id::date;
    if (starts("TIME")) return type_id::time;
    if (starts("JSON")) return type_id::json;
    if (has("INT")) return type_id::int64;
    if (has("CHAR") || has("CLOB") || has("TEXT")) return type_id::text;
    if (has("BLOB") || has("BINARY")) return type_id::blob;
    if (has("REAL") || has("FLOA") || has("DOUB")) return type_id::float64;
    return type_id::any;
}

} // namespace weft::inline v0::embedded
