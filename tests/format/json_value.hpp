// SPDX-License-Identifier: BSL-1.0
#pragma once

// JSON text into values, for tests that compare with JSON.

#include <weft/core/json_members.hpp>
#include <weft/core/json_text.hpp>
#include <weft/core/value.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A JSON value whose syntax has been checked.
inline weft::value checked_json_value(std::string_view json) {
    weft::json_members parts(json);
    if (parts.is_object()) {
        std::vector<weft::value_member> members;
        while (parts.next()) {
            std::string name;
            weft::append_unquoted_json(name, parts.name());
            members.push_back({std::move(name), checked_json_value(parts.value())});
        }
        return weft::value::structure(std::move(members));
    }
    if (parts.is_array()) {
        std::vector<weft::value> elements;
        while (parts.next()) elements.push_back(checked_json_value(parts.value()));
        return weft::value::list(std::move(elements));
    }
    std::string storage;
    return weft::value(weft::json_cell(json, storage));
}

/// Reads one JSON value; throws weft::data_error when the text is none.
inline weft::value read_json_value(std::string_view text) {
    const std::string checked(weft::json_text::parse(text).str());
    const std::size_t first = checked.find_first_not_of(" \t\r\n");
    const std::size_t last = checked.find_last_not_of(" \t\r\n");
    return checked_json_value(std::string_view(checked).substr(first, last + 1 - first));
}

/// Whether two values are the same JSON value: numbers by what they are worth, members in any order.
inline bool same_json(const weft::cell& a, const weft::cell& b) {
    using weft::type_id;
    if (weft::is_number(a.kind()) && weft::is_number(b.kind())) {
        const auto real = [](const weft::cell& c) {
            switch (c.kind()) {
            case type_id::int64: return static_cast<double>(c.int64());
            case type_id::uint64: return static_cast<double>(c.uint64());
            case type_id::decimal: return c.decimal().to_double();
            default: return c.float64();
            }
        };
        return real(a) == real(b);
    }
    if (a.kind() != b.kind()) return false;
    if (!weft::is_nested(a.kind())) return weft::value(a) == weft::value(b);
    if (a.nested_count() != b.nested_count()) return false;
    for (std::size_t i = 0; i < a.nested_count(); ++i) {
        std::size_t other = i;
        if (a.kind() == type_id::structure) {
            other = 0;
            while (other < b.nested_count() && b.nested_name(other) != a.nested_name(i)) ++other;
            if (other == b.nested_count()) return false;
        }
        if (!same_json(a.nested_element(i), b.nested_element(other))) return false;
    }
    return true;
}
