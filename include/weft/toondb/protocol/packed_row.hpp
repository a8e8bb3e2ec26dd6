// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Rows of tables made with CREATE_TABLE, as the values at `table/<number>` hold them: a bitmap of the nulls, the
/// offset of each column, the values.

#include <weft/core/error.hpp>
#include <weft/toondb/protocol/cells.hpp>
#include <weft/toondb/protocol/table_definition.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weft::inline v0::toondb::protocol {

namespace detail {

[[noreturn]] inline void refuse_cell(const table_definition& table, const column& c, const cell& v) {
    constexpr const char* names[] = {"Int64", "UInt64", "Float64", "Text", "Binary", "Bool"};
    throw data_error("column " + table.name + '.' + c.name + " is " + names[static_cast<std::size_t>(c.type)] +
                     " and cannot hold " + weft::describe(v));
}

inline void put_packed(std::string& data, const table_definition& table, const column& c, const cell& v) {
    const bool whole = v.kind() == type_id::int64;
    const bool natural = v.kind() == type_id::uint64;
    switch (c.type) {
    case column_type::int64:
        if (whole || (natural && v.uint64() <= static_cast<std::uint64_t>(INT64_MAX)))
            return put_integer(data, v.uint64());
        break;
    case column_type::uint64:
        if (natural || (whole && v.int64() >= 0)) return put_integer(data, v.uint64());
        break;
    case column_type::float64:
        if (v.kind() == type_id::float64) return put_integer(data, bits_of(v.float64()));
        if (whole) return put_integer(data, bits_of(static_cast<double>(v.int64())));
        break;
    case column_type::text:
        if (v.kind() == type_id::text && is_valid_utf8(v.text()))
            return put_sized<std::uint32_t>(data, v.text(), "a text");
        break;
    case column_type::binary:
        if (v.kind() == type_id::blob) return put_sized<std::uint32_t>(data, text_of(v.blob()), "a binary value");
        break;
    case column_type::boolean:
        if (v.kind() == type_id::boolean) {
            data += v.boolean() ? '\1' : '\0';
            return;
        }
        break;
    }
    refuse_cell(table, c, v);
}

inline std::optional<cell> packed_cell(column_type type, std::string_view at) noexcept {
    payload_reader reader(at);
    std::uint64_t bits = 0;
    std::uint8_t on = 0;
    std::string_view bytes;
    switch (type) {
    case column_type::int64:
        if (reader.take(bits)) return cell(static_cast<std::int64_t>(bits));
        break;
    case column_type::uint64:
        if (reader.take(bits)) return cell(bits);
        break;
    case column_type::float64:
        if (reader.take(bits)) return cell(number_of(bits));
        break;
    case column_type::boolean:
        if (reader.take(on)) return cell(on != 0);
        break;
    case column_type::text:
        if (reader.take_sized<std::uint32_t>(bytes) && is_valid_utf8(bytes)) return cell::of_text(bytes);
        break;
    case column_type::binary:
        if (reader.take_sized<std::uint32_t>(bytes)) return cell::of_blob(blob_of(bytes));
        break;
    }
    return std::nullopt;
}

} // namespace detail

/// A row as bytes. \throws data_error when the number of values is not that of the columns, a value does not fit its
/// column, or is null where the column is not nullable.
inline std::string encode_packed_row(const table_definition& table, std::span<const cell> values) {
    const std::size_t columns = table.columns.size();
    if (values.size() != columns)
        throw data_error("table " + table.name + " has " + std::to_string(columns) + " columns, the row has " +
                         std::to_string(values.size()));
    std::string row((columns + 7) / 8, '\0');
    std::string data;
    for (std::size_t i = 0; i < columns; ++i) {
        const column& c = table.columns[i];
        put_integer(row, static_cast<std::uint32_t>(data.size()));
        if (values[i].is_null()) {
            if (!c.nullable) throw data_error("column " + table.name + '.' + c.name + " cannot be null");
            row[i / 8] = static_cast<char>(static_cast<unsigned char>(row[i / 8]) | 1U << i % 8);
        } else {
            detail::put_packed(data, table, c, values[i]);
        }
    }
    return row += data;
}

/// The values of a row, views of its bytes; nothing when it is no row of this table.
inline std::optional<std::vector<cell>> decode_packed_row(const table_definition& table, std::string_view row) {
    const std::size_t columns = table.columns.size();
    const std::size_t bitmap = (columns + 7) / 8;
    const std::size_t head = bitmap + 4 * columns;
    if (row.size() < head) return std::nullopt;
    payload_reader offsets(row.substr(bitmap));
    const std::string_view data = row.substr(head);
    std::vector<cell> values(columns);
    for (std::size_t i = 0; i < columns; ++i) {
        std::uint32_t offset = 0;
        static_cast<void>(offsets.take(offset)); // its size was checked
        if ((static_cast<unsigned char>(row[i / 8]) >> i % 8 & 1U) != 0) continue;
        if (offset > data.size()) return std::nullopt;
        const std::optional<cell> value = detail::packed_cell(table.columns[i].type, data.substr(offset));
        if (!value) return std::nullopt;
        values[i] = *value;
    }
    return values;
}

} // namespace weft::inline v0::toondb::protocol
