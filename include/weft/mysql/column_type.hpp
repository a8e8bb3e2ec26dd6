// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// What the columns of a result are: their weft types, and how their values lie on the wire.

#include <weft/columnar/schema.hpp>
#include <weft/mysql/protocol/column_definition.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weft::inline v0::mysql {

/// What becomes of dates that are none: zero dates (`0000-00-00`), and those with a zero or impossible part
/// (`2024-02-31`), which servers keep when their SQL mode allows it.
enum class invalid_date : std::uint8_t {
    null,  ///< they read as NULL
    error, ///< reading them is a data_error that shows them
};

/// How values are read.
struct value_policy {
    invalid_date zero_dates = invalid_date::null;
    invalid_date impossible_dates = invalid_date::error;
};

/// The two forms rows come in.
enum class row_encoding : std::uint8_t {
    text,   ///< of plain statements
    binary, ///< of prepared ones
};

/// How the bytes of a cell are read.
enum class value_encoding : std::uint8_t {
    null,           ///< the column has no values
    text_integer,   ///< decimal digits
    text_float,     ///< decimal or exponent notation
    text_date,      ///< `YYYY-MM-DD`
    text_datetime,  ///< `YYYY-MM-DD HH:MM:SS[.ffffff]`
    text_time,      ///< `[-]HHH:MM:SS[.ffffff]`
    signed_bytes,   ///< little-endian two's complement
    unsigned_bytes, ///< little-endian
    float_bytes,    ///< IEEE 754, 4 or 8 bytes
    date_bytes,     ///< year, month, day
    datetime_bytes, ///< the same and hour, minute, second, microsecond, as far as they are not zero
    time_bytes,     ///< sign, days, hour, minute, second, microsecond
    bits,           ///< big-endian
    decimal,        ///< text in either form of rows
    text,           ///< UTF-8
    json,           ///< text
    blob,           ///< bytes
    vector_bytes,   ///< elements of `element`, little-endian
    vector_text,    ///< JSON array of numbers
};

/// One column as it lies on the wire.
struct column_encoding {
    value_encoding values = value_encoding::blob;
    std::uint8_t width = 0; ///< bytes of a value in binary rows; 0: it has its length before it
    protocol::vector_element_type element = protocol::vector_element_type::f32; ///< of vectors
};

/// The columns of a result: what formats see, and how blocks read them.
struct result_layout {
    schema columns;
    std::vector<column_encoding> encodings;
    value_policy policy;
};

namespace detail {

/// The layout of a set without rows; one for all.
inline const std::shared_ptr<const result_layout>& no_columns() {
    static const std::shared_ptr<const result_layout> none = std::make_shared<const result_layout>();
    return none;
}

inline bool is_binary(const protocol::column_definition& c) noexcept {
    return c.collation == protocol::binary_collation;
}

/// The SQL name of a type, for messages and `field::declared`.
inline std::string declared_type(const protocol::column_definition& c) {
    using protocol::field_type;
    const bool binary = is_binary(c);
    if (c.extension == protocol::extended_type::vector) return "vector";
    if (c.extension == protocol::extended_type::bson) return "bson";
    if (!c.type_name.empty()) return std::string(c.type_name);
    if (!c.format.empty()) return std::string(c.format);
    if ((c.flags & protocol::column_flag::enumeration) != 0) return "enum";
    if ((c.flags & protocol::column_flag::set) != 0) return "set";
    std::string name = [&]() -> const char* {
        switch (c.type) {
        case field_type::tiny: return "tinyint";
        case field_type::short_: return "smallint";
        case field_type::int24: return "mediumint";
        case field_type::long_: return "int";
        case field_type::longlong: return "bigint";
        case field_type::float_: return "float";
        case field_type::double_: return "double";
        case field_type::decimal:
        case field_type::newdecimal: return "decimal";
        case field_type::null: return "null";
        case field_type::date:
        case field_type::newdate: return "date";
        case field_type::time:
        case field_type::time2: return "time";
        case field_type::datetime:
        case field_type::datetime2: return "datetime";
        case field_type::timestamp:
        case field_type::timestamp2: return "timestamp";
        case field_type::year: return "year";
        case field_type::bit: return "bit";
        case field_type::vector: return "vector";
        case field_type::json: return "json";
        case field_type::enumeration: return "enum";
        case field_type::set: return "set";
        case field_type::geometry: return "geometry";
        case field_type::tiny_blob: return binary ? "tinyblob" : "tinytext";
        case field_type::medium_blob: return binary ? "mediumblob" : "mediumtext";
        case field_type::long_blob: return binary ? "longblob" : "longtext";
        case field_type::blob: return binary ? "blob" : "text";
        case field_type::string: return binary ? "binary" : "char";
        case field_type::varchar:
        case field_type::var_string: return binary ? "varbinary" : "varchar";
        }
        return "unknown";
    }();
    if ((c.flags & protocol::column_flag::unsigned_number) != 0) name += " unsigned";
    return name;
}

/// A column's type with the way its values lie.
struct typed_encoding {
    data_type type;
    column_encoding encoding;
};

inline typed_encoding integer_column(type_id type, std::uint8_t width, row_encoding rows) noexcept {
    if (rows == row_encoding::text) return {type, {value_encoding::text_integer}};
    return {type, {is_unsigned_integer(type) ? value_encoding::unsigned_bytes : value_encoding::signed_bytes, width}};
}

inline typed_encoding decimal_column(const protocol::column_definition& c) {
    // The display length counts the sign and the point.
    const bool has_sign = (c.flags & protocol::column_flag::unsigned_number) == 0;
    const int point = c.decimals > 0 ? 1 : 0;
    const int digits = static_cast<int>(c.length) - point - (has_sign ? 1 : 0);
    const bool known = digits >= 1 && digits <= 65 && c.decimals <= digits;
    return {known ? data_type::decimal(digits, c.decimals) : data_type(type_id::decimal), {value_encoding::decimal}};
}

inline typed_encoding vector_column(const protocol::column_definition& c) {
    using enum protocol::vector_element_type;
    column_encoding encoding{is_binary(c) ? value_encoding::vector_bytes : value_encoding::vector_text, 0, c.element};
    const bool wide = c.element == f64 || c.element == i32 || c.element == i64; // a float32 would lose digits
    if (!wide) return {data_type::vector(static_cast<std::int32_t>(c.dimensions)), encoding};
    const type_id element = c.element == f64 ? type_id::float64 : c.element == i32 ? type_id::int32 : type_id::int64;
    return {data_type::list(field{"item", element, false}), encoding};
}

inline typed_encoding string_column(const protocol::column_definition& c) {
    if (c.format == "json") return {type_id::json, {value_encoding::json}};
    if (is_binary(c)) return {type_id::blob, {value_encoding::blob}};
    return {type_id::text, {value_encoding::text}};
}

inline typed_encoding type_and_encoding(const protocol::column_definition& c, row_encoding rows) {
    using protocol::field_type;
    const bool text = rows == row_encoding::text;
    const bool is_unsigned = (c.flags & protocol::column_flag::unsigned_number) != 0;
    const auto integer = [&](type_id with_sign, type_id without, std::uint8_t width) {
        return integer_column(is_unsigned ? without : with_sign, width, rows);
    };
    if (c.extension == protocol::extended_type::vector) return vector_column(c);
    if (c.extension == protocol::extended_type::bson) return {type_id::blob, {value_encoding::blob}};
    switch (c.type) {
    case field_type::tiny: return integer(type_id::int8, type_id::uint8, 1);
    case field_type::short_:
    case field_type::year: return integer(type_id::int16, type_id::uint16, 2);
    case field_type::int24:
    case field_type::long_: return integer(type_id::int32, type_id::uint32, 4);
    case field_type::longlong: return integer(type_id::int64, type_id::uint64, 8);
    case field_type::float_:
        return {type_id::float32, {text ? value_encoding::text_float : value_encoding::float_bytes, 4}};
    case field_type::double_:
        return {type_id::float64, {text ? value_encoding::text_float : value_encoding::float_bytes, 8}};
    case field_type::decimal:
    case field_type::newdecimal: return decimal_column(c);
    case field_type::null: return {type_id::null, {value_encoding::null}};
    case field_type::date:
    case field_type::newdate: return {type_id::date, {text ? value_encoding::text_date : value_encoding::date_bytes}};
    case field_type::time:
    case field_type::time2: return {type_id::time, {text ? value_encoding::text_time : value_encoding::time_bytes}};
    case field_type::datetime:
    case field_type::datetime2:
    case field_type::timestamp:
    case field_type::timestamp2:
        return {type_id::datetime, {text ? value_encoding::text_datetime : value_encoding::datetime_bytes}};
    case field_type::bit: return {type_id::uint64, {value_encoding::bits}};
    case field_type::json: return {type_id::json, {value_encoding::json}};
    case field_type::vector:
        return {data_type::vector(static_cast<std::int32_t>(c.length / sizeof(float))), {value_encoding::vector_bytes}};
    case field_type::geometry:
    case field_type::varchar:
    case field_type::var_string:
    case field_type::string:
    case field_type::tiny_blob:
    case field_type::medium_blob:
    case field_type::long_blob:
    case field_type::blob:
    case field_type::enumeration:
    case field_type::set: return string_column(c);
    }
    return string_column(c); // a type of the future travels as a string
}

} // namespace detail

/// The column a definition describes. Vectors whose elements a float32 holds exactly (F32, F16, I8, I16) are vectors,
/// the others lists; BIT is an unsigned integer; JSON is known by its type or MariaDB's extended metadata.
inline field to_field(const protocol::column_definition& c, row_encoding rows, column_encoding& encoding) {
    detail::typed_encoding typed = detail::type_and_encoding(c, rows);
    encoding = typed.encoding;
    return {std::string(c.name), std::move(typed.type), (c.flags & protocol::column_flag::not_null) == 0,
            std::string(c.table), detail::declared_type(c)};
}

} // namespace weft::inline v0::mysql
