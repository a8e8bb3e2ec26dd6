// SPDX-License-Identifier: BSL-1.0
#pragma once

// Random columns of every type, and their values for comparison.

#include <weft/columnar/record_batch.hpp>
#include <weft/core/value.hpp>

#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace samples {

using random_source = std::mt19937_64;

inline std::uint64_t below(random_source& random, std::uint64_t limit) {
    return random() % limit;
}

inline std::vector<weft::field> fields() {
    using weft::data_type;
    using enum weft::type_id;
    std::vector<weft::field> all;
    for (const weft::type_id id : {null, boolean, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float32,
                                   float64, date, time, datetime, text, blob, json}) {
        all.push_back({std::string(to_string(id)), id, true, {}, {}});
    }
    const auto add = [&all](std::string name, data_type type) {
        all.push_back({std::move(name), std::move(type), true, {}, {}});
    };
    add("narrow", data_type::decimal(10, 2));
    add("middle", data_type::decimal(38, 0));
    add("wide", data_type::decimal(50, 10));
    add("vector", data_type::vector(3));
    add("numbers", data_type::list({"item", int64, true, {}, {}}));
    add("texts", data_type::list({"item", data_type::list({"item", text, true, {}, {}}), true, {}, {}}));
    add("point", data_type::structure({{"x", int32, true, {}, {}}, {"label", text, true, {}, {}}}));
    add("points", data_type::list({"item",
                                   data_type::structure({{"v", data_type::vector(2), true, {}, {}},
                                                         {"flag", boolean, true, {}, {}},
                                                         {"d", data_type::decimal(5, 1), true, {}, {}}}),
                                   true,
                                   {},
                                   {}}));
    return all;
}

weft::value random_value(random_source& random, const weft::data_type& type, bool nullable = true);

inline std::string random_text(random_source& random) {
    static const char* const parts[] = {"a", "Z", "0", "é", "日本", "\U0001F600", " ", "\n"};
    std::string text;
    for (std::uint64_t n = below(random, 9); n > 0; --n) text += parts[below(random, std::size(parts))];
    return text;
}

inline weft::value random_bytes(random_source& random) {
    weft::blob bytes(below(random, 20));
    for (std::byte& b : bytes) b = static_cast<std::byte>(random());
    return weft::value(weft::cell::of_blob(bytes));
}

inline weft::value random_decimal(random_source& random, const weft::data_type& type) {
    std::string digits(below(random, 2) == 0 ? "-" : "");
    const auto most = static_cast<std::uint64_t>(type.precision - type.scale);
    for (std::uint64_t n = below(random, most) + 1; n > 0; --n) digits += static_cast<char>('0' + below(random, 10));
    if (type.scale > 0) digits += '.' + std::to_string(below(random, 10));
    return weft::value(weft::cell::of_decimal_text(digits));
}

inline weft::value random_nested(random_source& random, const weft::data_type& type) {
    if (type.id == weft::type_id::list) {
        std::vector<weft::value> elements(below(random, 4));
        for (weft::value& e : elements) e = random_value(random, type.children->front().type);
        return weft::value::list(std::move(elements));
    }
    std::vector<weft::value_member> members;
    for (const weft::field& f : *type.children) members.push_back({f.name, random_value(random, f.type)});
    return weft::value::structure(std::move(members));
}

template <class T>
weft::value random_integer(random_source& random) {
    const auto v = static_cast<T>(random());
    if constexpr (std::is_signed_v<T>) {
        return weft::value(weft::cell(std::int64_t{v}));
    } else {
        return weft::value(weft::cell(std::uint64_t{v}));
    }
}

inline weft::value random_value(random_source& random, const weft::data_type& type, bool nullable) {
    using enum weft::type_id;
    if (nullable && below(random, 5) == 0) return {};
    switch (type.id) {
    case boolean: return weft::value(weft::cell(below(random, 2) == 0));
    case int8: return random_integer<std::int8_t>(random);
    case int16: return random_integer<std::int16_t>(random);
    case int32: return random_integer<std::int32_t>(random);
    case int64: return random_integer<std::int64_t>(random);
    case uint8: return random_integer<std::uint8_t>(random);
    case uint16: return random_integer<std::uint16_t>(random);
    case uint32: return random_integer<std::uint32_t>(random);
    case uint64: return random_integer<std::uint64_t>(random);
    case float32: return weft::value(weft::cell(static_cast<double>(static_cast<float>(random()) / 3)));
    case float64: return weft::value(weft::cell(static_cast<double>(random()) / 7));
    case decimal: return random_decimal(random, type);
    case date: return weft::value(weft::cell::of_days(static_cast<std::int32_t>(below(random, 40000)) - 20000));
    case time:
        return weft::value(
            weft::cell::of_time(static_cast<std::int64_t>(below(random, 6'000'000'000'000)) - 3'000'000'000'000));
    case datetime:
        return weft::value(weft::cell::of_datetime(static_cast<std::int64_t>(below(random, 1ULL << 55)) - (1LL << 54)));
    case text: return weft::value(weft::cell::of_text(random_text(random)));
    case blob: return random_bytes(random);
    case json: return weft::value(weft::cell::of_json(below(random, 2) == 0 ? "{\"a\": [1, null]}" : "\"é\""));
    case vector: {
        std::vector<float> elements(static_cast<std::size_t>(type.dimension));
        for (float& e : elements) e = static_cast<float>(below(random, 1000)) / 8;
        return weft::value(elements);
    }
    case list:
    case structure: return random_nested(random, type);
    default: return {};
    }
}

inline weft::array random_column(random_source& random, const weft::field& f, std::size_t rows, bool nullable = true) {
    weft::column_builder builder(f);
    for (std::size_t r = 0; r < rows; ++r) builder.append(random_value(random, f.type, nullable).view());
    return builder.finish();
}

inline weft::record_batch random_batch(random_source& random, std::size_t rows, bool nullable = true) {
    auto layout = std::make_shared<const weft::schema>(fields());
    std::vector<weft::array> columns;
    for (const weft::field& f : *layout) columns.push_back(random_column(random, f, rows, nullable));
    return {layout, std::move(columns), rows};
}

inline weft::array column(const weft::data_type& type, const std::vector<weft::value>& values) {
    weft::column_builder builder({"c", type, true, {}, {}});
    for (const weft::value& v : values) builder.append(v.view());
    return builder.finish();
}

inline std::vector<weft::value> values_of(const weft::array& column) {
    std::vector<weft::value> values;
    for (std::size_t r = 0; r < column.size(); ++r) values.emplace_back(column.at(r));
    return values;
}

} // namespace samples
