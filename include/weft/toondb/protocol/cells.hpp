// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Single values as bytes: a type tag and the value, as ToonDB stores the cells of tables that have a key for each
/// cell, and as weft sends parameters and rows of SQL.

#include <weft/core/cell.hpp>
#include <weft/core/utf8.hpp>
#include <weft/toondb/protocol/wire.hpp>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace weft::inline v0::toondb::protocol {

/// First byte of a value.
enum class cell_tag : std::uint8_t {
    null = 0,
    int64 = 1,
    uint64 = 2,
    float64 = 3,
    text = 4,
    boolean = 5,
    binary = 6,
};

namespace detail {

inline std::uint64_t bits_of(double number) noexcept {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &number, sizeof bits);
    return bits;
}
inline double number_of(std::uint64_t bits) noexcept {
    double number = 0;
    std::memcpy(&number, &bits, sizeof number);
    return number;
}
inline std::string_view text_of(blob_view bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline blob_view blob_of(std::string_view bytes) noexcept {
    return {reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()};
}
inline void put_tag(std::string& out, cell_tag tag) {
    out += static_cast<char>(tag);
}

} // namespace detail

/// Appends a value of an SQL message: the tag, then 8 bytes, 1 byte, or a u32 length and the bytes. Kinds without a tag
/// travel as their texts, vectors as bytes.
inline void put_cell(std::string& out, const cell& c) {
    const auto sized = [&](cell_tag tag, std::string_view bytes) {
        detail::put_tag(out, tag);
        put_sized<std::uint32_t>(out, bytes, "a value");
    };
    const auto number = [&](cell_tag tag, std::uint64_t bits) {
        detail::put_tag(out, tag);
        put_integer(out, bits);
    };
    switch (c.kind()) {
    case type_id::null: return detail::put_tag(out, cell_tag::null);
    case type_id::boolean:
        detail::put_tag(out, cell_tag::boolean);
        out += c.boolean() ? '\1' : '\0';
        return;
    case type_id::int64: return number(cell_tag::int64, static_cast<std::uint64_t>(c.int64()));
    case type_id::uint64: return number(cell_tag::uint64, c.uint64());
    case type_id::float64: return number(cell_tag::float64, detail::bits_of(c.float64()));
    case type_id::text:
    case type_id::json: return sized(cell_tag::text, c.text());
    case type_id::blob: return sized(cell_tag::binary, detail::text_of(c.blob()));
    case type_id::vector: return sized(cell_tag::binary, detail::text_of(c.vector().bytes()));
    default: {
        std::string text;
        append_text(text, c);
        return sized(cell_tag::text, text);
    }
    }
}

/// Takes a value of an SQL message, as a view of the payload. \throws protocol_error when it is cut, or of no kind.
inline cell take_cell(payload_reader& reader) {
    std::uint8_t tag = 0;
    std::uint64_t bits = 0;
    std::string_view bytes;
    if (!reader.take(tag)) throw protocol_error("Value truncated");
    switch (static_cast<cell_tag>(tag)) {
    case cell_tag::null: return {};
    case cell_tag::boolean: {
        std::uint8_t on = 0;
        if (!reader.take(on)) break;
        return cell(on != 0);
    }
    case cell_tag::int64:
        if (!reader.take(bits)) break;
        return cell(static_cast<std::int64_t>(bits));
    case cell_tag::uint64:
        if (!reader.take(bits)) break;
        return cell(bits);
    case cell_tag::float64:
        if (!reader.take(bits)) break;
        return cell(detail::number_of(bits));
    case cell_tag::text:
        if (!reader.take_sized<std::uint32_t>(bytes)) break;
        if (!is_valid_utf8(bytes)) throw protocol_error("Invalid UTF-8 in value");
        return cell::of_text(bytes);
    case cell_tag::binary:
        if (!reader.take_sized<std::uint32_t>(bytes)) break;
        return cell::of_blob(detail::blob_of(bytes));
    default: throw protocol_error("Unknown value tag: " + std::to_string(tag));
    }
    throw protocol_error("Value truncated");
}

/// A value as ToonDB stores it under a key of its own: a tag and the bytes, without a length. What has no tag, or one
/// that its size does not fit, is a text, or bytes when it is no UTF-8.
inline cell stored_cell(std::string_view stored) noexcept {
    const auto untagged = [&] {
        return is_valid_utf8(stored) ? cell::of_text(stored) : cell::of_blob(detail::blob_of(stored));
    };
    if (stored.empty()) return untagged();
    payload_reader reader(stored.substr(1));
    std::uint64_t bits = 0;
    const bool number = stored.size() == 9 && reader.take(bits);
    switch (static_cast<cell_tag>(stored.front())) {
    case cell_tag::null: return {};
    case cell_tag::int64: return number ? cell(static_cast<std::int64_t>(bits)) : untagged();
    case cell_tag::uint64: return number ? cell(bits) : untagged();
    case cell_tag::float64: return number ? cell(detail::number_of(bits)) : untagged();
    case cell_tag::text: return is_valid_utf8(reader.rest()) ? cell::of_text(reader.rest()) : untagged();
    case cell_tag::boolean: return stored.size() == 2 ? cell(stored[1] != '\0') : untagged();
    case cell_tag::binary: return cell::of_blob(detail::blob_of(reader.rest()));
    default: return untagged();
    }
}

} // namespace weft::inline v0::toondb::protocol
