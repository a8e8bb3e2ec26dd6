// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Definitions of columns and parameters, with what MariaDB (extended metadata) and SingleStore (vectors and BSON) add
/// to them.

#include <weft/mysql/protocol/capabilities.hpp>
#include <weft/mysql/protocol/wire.hpp>

#include <cstdint>
#include <string_view>

namespace weft::inline v0::mysql::protocol {

/// SingleStore's types beyond MySQL's. On the wire 0 is none, 1 BSON, 2 vector.
enum class extended_type : std::uint8_t { none = 0, bson = 1, vector = 2 };

/// Elements of SingleStore's vectors, by their numbers on the wire.
enum class vector_element_type : std::uint8_t { f32 = 1, f64 = 2, i8 = 3, i16 = 4, i32 = 5, i64 = 6, f16 = 7 };

/// One column or parameter. Texts view the message, in the connection's character set.
struct column_definition {
    std::string_view catalog{};
    std::string_view schema{};
    std::string_view table{};     ///< alias
    std::string_view org_table{}; ///< as in the schema
    std::string_view name{};      ///< alias
    std::string_view org_name{};  ///< as in the table
    std::string_view type_name{}; ///< MariaDB: `uuid`, `inet6`, `point`, …; empty for ordinary types
    std::string_view format{};    ///< MariaDB: `json` where a text column holds JSON
    std::uint16_t collation = 0;  ///< 63: bytes
    std::uint32_t length = 0;     ///< bytes of a value as text at most
    field_type type = field_type::null;
    std::uint16_t flags = 0; ///< of column_flag
    std::uint8_t decimals = 0;
    extended_type extension = extended_type::none; ///< SingleStore; `type` is then to be ignored
    std::uint32_t dimensions = 0;                  ///< of an extended vector
    vector_element_type element{};                 ///< of an extended vector

    friend bool operator==(const column_definition&, const column_definition&) = default;
};

namespace detail {

inline void decode_extended_metadata(wire_reader& in, column_definition& c) {
    wire_reader items(in.lenenc_bytes("extended metadata"), "extended column metadata");
    while (!items.at_end()) {
        const std::uint8_t kind = items.u8("kind");
        const std::string_view text = items.lenenc_text("text");
        if (kind == 0) c.type_name = text;
        if (kind == 1) c.format = text;
    }
}

/// Whatever is unknown or too short leaves the column the MySQL type it also has.
inline void decode_singlestore_extension(blob_view extra, column_definition& c) {
    if (extra.empty()) return;
    wire_reader in(extra, "SingleStore column extension");
    const std::uint8_t kind = in.u8("type");
    if (kind == static_cast<std::uint8_t>(extended_type::bson)) c.extension = extended_type::bson;
    if (kind != static_cast<std::uint8_t>(extended_type::vector) || in.remaining() < 5) return;
    const std::uint32_t dimensions = in.u32("dimensions");
    const std::uint8_t element = in.u8("element type");
    if (element < static_cast<std::uint8_t>(vector_element_type::f32) ||
        element > static_cast<std::uint8_t>(vector_element_type::f16))
        return;
    c.extension = extended_type::vector;
    c.dimensions = dimensions;
    c.element = static_cast<vector_element_type>(element);
}

} // namespace detail

/// Reads a definition. The length of its fixed part is honoured: what stands beyond the known is passed over.
inline column_definition decode_column_definition(blob_view payload, capability_set capabilities) {
    wire_reader in(payload, "column definition");
    column_definition c;
    c.catalog = in.lenenc_text("catalog");
    c.schema = in.lenenc_text("schema");
    c.table = in.lenenc_text("table");
    c.org_table = in.lenenc_text("original table");
    c.name = in.lenenc_text("name");
    c.org_name = in.lenenc_text("original name");
    if ((capabilities & capability::mariadb_extended_metadata) != 0) detail::decode_extended_metadata(in, c);
    wire_reader fixed(in.lenenc_bytes("fixed part"), "fixed part of a column definition");
    c.collation = fixed.u16("collation");
    c.length = fixed.u32("length");
    c.type = static_cast<field_type>(fixed.u8("type"));
    c.flags = fixed.u16("flags");
    c.decimals = fixed.u8("decimals");
    if (fixed.remaining() > 2) {
        fixed.u16("filler");
        detail::decode_singlestore_extension(fixed.rest(), c);
    }
    return c;
}

/// Appends a definition. Extended metadata is written with MariaDB's capability, SingleStore's extension where
/// `extension` says so.
inline void encode_column_definition(const column_definition& c, capability_set capabilities, wire_writer out) {
    for (const std::string_view text : {c.catalog, c.schema, c.table, c.org_table, c.name, c.org_name})
        out.lenenc_text(text);
    if ((capabilities & capability::mariadb_extended_metadata) != 0) {
        blob items;
        wire_writer inner(items);
        const auto item = [&inner](std::uint8_t kind, std::string_view text) {
            if (text.empty()) return;
            inner.u8(kind);
            inner.lenenc_text(text);
        };
        item(0, c.type_name);
        item(1, c.format);
        out.lenenc_bytes(items);
    }
    const bool vector = c.extension == extended_type::vector;
    out.u8(vector ? 0x12 : c.extension == extended_type::bson ? 0x0D : 0x0C);
    out.u16(c.collation);
    out.u32(c.length);
    out.u8(static_cast<std::uint8_t>(c.type));
    out.u16(c.flags);
    out.u8(c.decimals);
    out.u16(0);
    if (c.extension != extended_type::none) out.u8(static_cast<std::uint8_t>(c.extension));
    if (vector) {
        out.u32(c.dimensions);
        out.u8(static_cast<std::uint8_t>(c.element));
    }
}

} // namespace weft::inline v0::mysql::protocol
