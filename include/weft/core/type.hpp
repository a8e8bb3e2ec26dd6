// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The types a column can have. Every engine's types are mapped onto these once, by the room that speaks to the engine.

#include <weft/core/config.hpp>

#include <cstdint>
#include <string_view>

namespace weft::inline v0 {

/// Type of a column, and kind of a cell. Cells use the widest member of each family only: `int64`, `uint64`, `float64`.
enum class type_id : std::uint8_t {
    any,       ///< undeclared: each row may hold another type
    null,      ///< nothing but NULL
    boolean,   ///< true or false
    int8,      ///< signed 8-bit integer
    int16,     ///< signed 16-bit integer
    int32,     ///< signed 32-bit integer
    int64,     ///< signed 64-bit integer
    uint8,     ///< unsigned 8-bit integer
    uint16,    ///< unsigned 16-bit integer
    uint32,    ///< unsigned 32-bit integer
    uint64,    ///< unsigned 64-bit integer
    float32,   ///< IEEE 754 single precision
    float64,   ///< IEEE 754 double precision
    decimal,   ///< exact decimal, up to 65 digits
    date,      ///< proleptic Gregorian day
    time,      ///< signed duration in microseconds
    datetime,  ///< naive date and time in microseconds
    text,      ///< UTF-8 text
    blob,      ///< bytes
    json,      ///< JSON text
    vector,    ///< dense vector of float32
    list,      ///< list of one child type
    structure, ///< named children
};

/// The type's name in messages and schemas: `int64`, `datetime`, `text`, …
constexpr std::string_view to_string(type_id id) noexcept {
    switch (id) {
    case type_id::any: return "any";
    case type_id::null: return "null";
    case type_id::boolean: return "boolean";
    case type_id::int8: return "int8";
    case type_id::int16: return "int16";
    case type_id::int32: return "int32";
    case type_id::int64: return "int64";
    case type_id::uint8: return "uint8";
    case type_id::uint16: return "uint16";
    case type_id::uint32: return "uint32";
    case type_id::uint64: return "uint64";
    case type_id::float32: return "float32";
    case type_id::float64: return "float64";
    case type_id::decimal: return "decimal";
    case type_id::date: return "date";
    case type_id::time: return "time";
    case type_id::datetime: return "datetime";
    case type_id::text: return "text";
    case type_id::blob: return "blob";
    case type_id::json: return "json";
    case type_id::vector: return "vector";
    case type_id::list: return "list";
    case type_id::structure: return "structure";
    }
    return "?";
}

constexpr bool is_signed_integer(type_id id) noexcept {
    return id >= type_id::int8 && id <= type_id::int64;
}
constexpr bool is_unsigned_integer(type_id id) noexcept {
    return id >= type_id::uint8 && id <= type_id::uint64;
}
constexpr bool is_integer(type_id id) noexcept {
    return id >= type_id::int8 && id <= type_id::uint64;
}
constexpr bool is_floating_point(type_id id) noexcept {
    return id == type_id::float32 || id == type_id::float64;
}
constexpr bool is_number(type_id id) noexcept {
    return is_integer(id) || is_floating_point(id) || id == type_id::decimal;
}
constexpr bool is_textual(type_id id) noexcept {
    return id == type_id::text || id == type_id::json;
}
constexpr bool is_nested(type_id id) noexcept {
    return id == type_id::list || id == type_id::structure;
}

} // namespace weft::inline v0
