// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The payloads of requests, both ways. `encode_…` makes a whole frame; `decode_…` takes a payload apart into views of
/// it. A payload that is cut throws protocol_error with the very text that ToonDB's server answers.

#include <weft/core/utf8.hpp>
#include <weft/toondb/protocol/frame.hpp>
#include <weft/toondb/protocol/table_definition.hpp>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace weft::inline v0::toondb::protocol {

/// A frame with a payload that is sent as it is: GET, DELETE, SCAN, and those without payload.
inline std::string encode_plain(opcode op, std::string_view payload = {}) {
    std::string out;
    append_frame(out, op, payload);
    return out;
}

struct put_request {
    std::string_view key;
    std::string_view value;
};

namespace detail {

inline void put_key_and_value(std::string& out, std::string_view key, std::string_view value) {
    put_sized<std::uint32_t>(out, key, "a key");
    out += value;
}

} // namespace detail

/// PUT: u32 length of the key, key, value.
inline std::string encode_put(std::string_view key, std::string_view value) {
    std::string out;
    out.reserve(header_size + 4 + key.size() + value.size());
    frame_builder frame(out, opcode::put);
    detail::put_key_and_value(out, key, value);
    frame.finish();
    return out;
}

inline put_request decode_put(std::string_view payload) {
    put_request put;
    payload_reader reader(payload);
    std::uint32_t size = 0;
    if (!reader.take(size)) throw protocol_error("Protocol error: PUT payload too short");
    if (!reader.take(std::size_t{size}, put.key)) throw protocol_error("Protocol error: PUT payload key truncated");
    put.value = reader.rest();
    return put;
}

/// A path as a key, and what follows it in the payload.
struct path_request {
    std::string key;
    std::string_view value;
};

/// PUT_PATH and GET_PATH: u16 number of segments, each with a u16 length; then the value.
template <class Segments>
std::string encode_path(opcode op, const Segments& segments, std::string_view value = {}) {
    std::string out;
    frame_builder frame(out, op);
    std::size_t count = 0;
    for (const auto& segment : segments) {
        static_cast<void>(segment);
        ++count;
    }
    if (count > UINT16_MAX)
        throw data_error("a path has " + std::to_string(count) + " segments and may have at most 65535");
    put_integer(out, static_cast<std::uint16_t>(count));
    for (const auto& segment : segments) put_sized<std::uint16_t>(out, std::string_view(segment), "a path segment");
    out += value;
    frame.finish();
    return out;
}

/// The segments joined by `/`: that is the key.
inline path_request decode_path(std::string_view payload) {
    path_request path;
    payload_reader reader(payload);
    std::uint16_t count = 0;
    if (!reader.take(count)) throw protocol_error("Protocol error: Path payload too short");
    for (std::uint16_t i = 0; i < count; ++i) {
        std::uint16_t size = 0;
        std::string_view segment;
        if (!reader.take(size)) throw protocol_error("Protocol error: Path segment length truncated");
        if (!reader.take(std::size_t{size}, segment)) throw protocol_error("Protocol error: Path segment truncated");
        if (!is_valid_utf8(segment)) throw protocol_error("Protocol error: Invalid UTF-8 in path");
        if (i != 0) path.key += '/';
        path.key += segment;
    }
    path.value = reader.rest();
    return path;
}

/// The number of a transaction, as COMMIT_TXN and ABORT_TXN send it. `name` is the request's, for the message.
inline std::string encode_number(opcode op, std::uint64_t number) {
    std::string out;
    frame_builder frame(out, op);
    put_integer(out, number);
    frame.finish();
    return out;
}
inline std::uint64_t decode_number(std::string_view payload, const char* name) {
    std::uint64_t number = 0;
    if (!payload_reader(payload).take(number)) throw protocol_error(std::string(name) + " requires txn_id");
    return number;
}

/// What QUERY asks for. No columns: all; limit 0: no limit.
struct query_request {
    std::string path;
    std::uint32_t limit = 0;
    std::uint32_t offset = 0;
    std::vector<std::string> columns;

    bool operator==(const query_request&) const = default;
};

namespace detail {

inline void put_query(std::string& out, const query_request& query) {
    put_sized<std::uint16_t>(out, query.path, "the prefix of a query");
    put_integer(out, query.limit);
    put_integer(out, query.offset);
    if (query.columns.size() > UINT16_MAX) throw data_error("a query selects more than 65535 columns");
    put_integer(out, static_cast<std::uint16_t>(query.columns.size()));
    for (const std::string& name : query.columns) put_sized<std::uint16_t>(out, name, "the name of a column");
}

/// A u16 length and that many bytes of UTF-8, with ToonDB's texts for what may be wrong.
inline std::string_view take_name(payload_reader& reader, const char* no_length, const char* cut,
                                  const char* not_utf8) {
    std::uint16_t size = 0;
    std::string_view name;
    if (!reader.take(size)) throw protocol_error(no_length);
    if (!reader.take(std::size_t{size}, name)) throw protocol_error(cut);
    if (!is_valid_utf8(name)) throw protocol_error(not_utf8);
    return name;
}

} // namespace detail

/// QUERY: u16 length, path, u32 limit, u32 offset, u16 number of columns, each with a u16 length.
inline std::string encode_query(const query_request& query) {
    std::string out;
    frame_builder frame(out, opcode::query);
    detail::put_query(out, query);
    frame.finish();
    return out;
}

inline query_request decode_query(std::string_view payload) {
    query_request query;
    payload_reader reader(payload);
    query.path =
        detail::take_name(reader, "Query payload too short", "Query path truncated", "Invalid UTF-8 in query path");
    if (!reader.take(query.limit) || !reader.take(query.offset)) throw protocol_error("Query limit/offset truncated");
    std::uint16_t count = 0;
    if (!reader.take(count)) throw protocol_error("Query columns count truncated");
    for (std::uint16_t i = 0; i < count; ++i) {
        query.columns.emplace_back(detail::take_name(reader, "Query column length truncated", "Query column truncated",
                                                     "Invalid UTF-8 in query column"));
    }
    return query;
}

/// CREATE_TABLE: u16 length, name, u16 number of columns, each a u16 length, name, u8 type, u8 nullable.
inline std::string encode_create_table(const table_definition& table) {
    std::string out;
    frame_builder frame(out, opcode::create_table);
    put_sized<std::uint16_t>(out, table.name, "the name of a table");
    if (table.columns.size() > UINT16_MAX) throw data_error("a table has more than 65535 columns");
    put_integer(out, static_cast<std::uint16_t>(table.columns.size()));
    for (const column& c : table.columns) {
        put_sized<std::uint16_t>(out, c.name, "the name of a column");
        out += static_cast<char>(c.type);
        out += c.nullable ? '\1' : '\0';
    }
    frame.finish();
    return out;
}

inline table_definition decode_create_table(std::string_view payload) {
    table_definition table;
    payload_reader reader(payload);
    table.name =
        detail::take_name(reader, "Schema payload too short", "Schema name truncated", "Invalid UTF-8 in schema name");
    std::uint16_t count = 0;
    if (!reader.take(count)) throw protocol_error("Schema column count truncated");
    for (std::uint16_t i = 0; i < count; ++i) {
        const std::string_view name = detail::take_name(reader, "Column name length truncated", "Column name truncated",
                                                        "Invalid UTF-8 in column name");
        std::uint8_t type = 0;
        std::uint8_t nullable = 0;
        if (!reader.take(type) || !reader.take(nullable)) throw protocol_error("Column type/nullable truncated");
        if (type > static_cast<std::uint8_t>(column_type::boolean)) throw protocol_error("Invalid column type");
        table.columns.push_back({std::string(name), static_cast<column_type>(type), nullable != 0});
    }
    return table;
}

} // namespace weft::inline v0::toondb::protocol
