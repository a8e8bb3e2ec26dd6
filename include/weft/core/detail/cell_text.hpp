// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/core/cell.hpp>
#include <weft/core/json_output.hpp>

#include <charconv>

namespace weft::inline v0 {

namespace detail {

template <class Number>
void append_number(std::string& out, Number v) {
    char text[32];
    out.append(text, std::to_chars(text, text + sizeof text, v).ptr);
}

template <class T>
void append_written(std::string& out, const T& v) {
    char text[T::max_chars];
    out.append(text, static_cast<std::size_t>(v.write(text) - text));
}

/// Dates, times and numbers: the kinds whose text is the same everywhere. False for the others.
inline bool append_plain(std::string& out, const cell& c) {
    switch (c.kind()) {
    case type_id::int64: append_number(out, c.int64()); return true;
    case type_id::uint64: append_number(out, c.uint64()); return true;
    case type_id::decimal: append_written(out, c.decimal()); return true;
    case type_id::date: append_written(out, c.date()); return true;
    case type_id::time: append_written(out, c.time()); return true;
    case type_id::datetime: append_written(out, c.datetime()); return true;
    default: return false;
    }
}

inline void append_json_nested(std::string& out, const cell& c) {
    const bool is_object = c.kind() == type_id::structure;
    out += is_object ? '{' : '[';
    for (std::size_t i = 0; i < c.nested_count(); ++i) {
        if (i != 0) out += ',';
        if (is_object) {
            append_json_string(out, c.nested_name(i));
            out += ':';
        }
        append_json(out, c.nested_element(i));
    }
    out += is_object ? '}' : ']';
}

inline void append_json_vector(std::string& out, vector_view<float> v) {
    out += '[';
    for (std::size_t i = 0; i < v.size(); ++i) {
        if (i != 0) out += ',';
        if (v[i] - v[i] == 0.0F) {
            append_number(out, v[i]);
        } else {
            out += "null"; // JSON has no NaN and no infinity
        }
    }
    out += ']';
}

} // namespace detail

inline void append_text(std::string& out, const cell& c) {
    if (detail::append_plain(out, c)) return;
    switch (c.kind()) {
    case type_id::boolean: out += c.boolean() ? "true" : "false"; break;
    case type_id::float64: detail::append_number(out, c.float64()); break;
    case type_id::text:
    case type_id::json: out += c.text(); break;
    case type_id::blob: out += "0x" + to_hex(c.blob()); break;
    case type_id::vector: detail::append_json_vector(out, c.vector()); break;
    case type_id::list:
    case type_id::structure: detail::append_json_nested(out, c); break;
    default: break;
    }
}

inline void append_json(std::string& out, const cell& c) {
    switch (c.kind()) {
    case type_id::null: out += "null"; break;
    case type_id::boolean: out += c.boolean() ? "true" : "false"; break;
    case type_id::int64:
    case type_id::uint64:
    case type_id::decimal: detail::append_plain(out, c); break;
    case type_id::float64: append_json_number(out, c.float64()); break;
    case type_id::json: out += c.text(); break;
    case type_id::text: append_json_string(out, c.text()); break;
    case type_id::blob: append_json_string(out, to_base64(c.blob())); break;
    case type_id::vector: detail::append_json_vector(out, c.vector()); break;
    case type_id::list:
    case type_id::structure: detail::append_json_nested(out, c); break;
    default:
        out += '"';
        detail::append_plain(out, c);
        out += '"';
    }
}

inline std::string describe(const cell& c) {
    if (c.is_null()) return "NULL";
    constexpr std::size_t most = 40;
    std::string text(to_string(c.kind()));
    text += ' ';
    const bool quoted = is_textual(c.kind());
    if (c.kind() == type_id::blob) return text + "of " + std::to_string(c.blob().size()) + " bytes";
    std::string shown;
    append_text(shown, c);
    if (shown.size() > most) {
        std::size_t cut = most; // not inside a UTF-8 sequence
        while (cut > 0 && (static_cast<unsigned char>(shown[cut]) & 0xC0U) == 0x80U) --cut;
        shown.replace(cut, std::string::npos, "…");
    }
    return quoted ? text + '\'' + shown + '\'' : text + shown;
}

} // namespace weft::inline v0
