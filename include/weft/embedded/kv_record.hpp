// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Structs as values of the key-value store: `put_record` and `get_record` of databases and transactions.

#include <weft/core/blob_text.hpp>
#include <weft/core/cell_reader.hpp>
#include <weft/core/cell_writer.hpp>
#include <weft/core/describe.hpp>
#include <weft/core/json_members.hpp>
#include <weft/core/json_syntax.hpp>
#include <weft/embedded/kv_operations.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weft::inline v0::embedded {

namespace detail {

template <class T>
inline constexpr bool is_plain_list = false;
template <class T>
inline constexpr bool is_plain_list<std::vector<T>> =
    !std::same_as<T, std::byte> && !std::same_as<T, float> && !std::same_as<T, double>;

template <class T>
inline constexpr bool is_optional_member = false;
template <class T>
inline constexpr bool is_optional_member<std::optional<T>> = true;

/// Where in a value something is, for messages.
struct json_place {
    std::string_view key;
    std::string member;

    [[noreturn]] void refuse(const std::string& why) const {
        throw data_error("the value of key '" + std::string(key) + "'" +
                         (member.empty() ? std::string() : ", member '" + member + "'") + ": " + why);
    }
};

template <class T>
void append_record(std::string& out, const T& v);
template <class T>
void read_record(const json_place& place, std::string_view json, T& out);

template <class T, std::size_t... I>
void append_members(std::string& out, const T& v, std::index_sequence<I...>) {
    out += '{';
    const auto one = [&]<std::size_t Index>(std::integral_constant<std::size_t, Index>) {
        if (Index != 0) out += ',';
        append_json_string(out, member_name<T, Index>());
        out += ':';
        append_record(out, member<Index>(v));
    };
    (one(std::integral_constant<std::size_t, I>()), ...);
    out += '}';
}

template <class T>
void append_record(std::string& out, const T& v) {
    if constexpr (described<T>) {
        append_members(out, v, std::make_index_sequence<member_count<T>()>());
    } else if constexpr (is_optional_member<T>) {
        if (v)
            append_record(out, *v);
        else
            out += "null";
    } else if constexpr (is_plain_list<T>) {
        out += '[';
        bool first = true;
        for (const auto& element : v) {
            if (!std::exchange(first, false)) out += ',';
            append_record(out, element);
        }
        out += ']';
    } else {
        static_assert(cell_writable<T>, "a member of this type cannot be put into a JSON value");
        cell_storage storage;
        append_json(out, to_cell(v, storage));
    }
}

template <class T, std::size_t... I>
void read_members(const json_place& place, std::string_view json, T& out, std::index_sequence<I...>) {
    json_members members(json);
    if (!members.is_object()) place.refuse("no JSON object");
    const auto one = [&]<std::size_t Index>(std::integral_constant<std::size_t, Index>) {
        if (!is_json_string(members.name(), member_name<T, Index>())) return false;
        const std::string before = place.member.empty() ? std::string() : place.member + ".";
        read_record(json_place{place.key, before + std::string(member_name<T, Index>())}, members.value(),
                    member<Index>(out));
        return true;
    };
    while (members.next()) (void)(one(std::integral_constant<std::size_t, I>()) || ...);
}

template <class T>
void read_record(const json_place& place, std::string_view json, T& out) {
    if constexpr (described<T>) {
        read_members(place, json, out, std::make_index_sequence<member_count<T>()>());
    } else if constexpr (is_optional_member<T>) {
        if (json == "null")
            out.reset();
        else
            read_record(place, json, out.emplace());
    } else if constexpr (is_plain_list<T>) {
        json_members elements(json);
        if (!elements.is_array()) place.refuse("no JSON array");
        out.clear();
        while (elements.next()) {
            typename T::value_type element{};
            read_record(place, elements.value(), element);
            out.push_back(std::move(element));
        }
    } else {
        static_assert(cell_readable<T>, "a member of this type cannot be read from a JSON value");
        std::string storage;
        cell c = json_cell(json, storage);
        if constexpr (std::same_as<T, decimal>) {
            if (c.kind() == type_id::float64) c = cell::of_decimal_text(json);
        }
        if constexpr (std::same_as<T, blob>) {
            if (c.kind() == type_id::text) {
                out = from_base64(c.text());
                return;
            }
        }
        if (c.is_null() || !cell_reader<T>::read(c, out))
            place.refuse(describe(c) + " cannot become " + std::string(cell_reader<T>::type_name) +
                         (c.is_null() ? "; use std::optional" : ""));
    }
}

template <class T>
struct kv_record {
    static_assert(described<T>, "put_record and get_record take structs described with BOOST_DESCRIBE_STRUCT");

    static std::string to_json(const T& record) {
        std::string json;
        append_record(json, record);
        return json;
    }
    static T from_json(bytes_view key, std::string_view json) {
        const json_place place{key.text(), {}};
        if (!is_valid_json(json)) place.refuse("no JSON object");
        T out{};
        read_record(place, json, out);
        return out;
    }
};

} // namespace detail

} // namespace weft::inline v0::embedded
