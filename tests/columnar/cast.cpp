// SPDX-License-Identifier: BSL-1.0
#include "samples.hpp"

#include <weft/columnar/cast.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <string>

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using samples::column;
using weft::cell;
using weft::data_type;
using weft::type_id;

namespace {

std::string text_of(const weft::array& a) {
    std::string text = to_string(a.type());
    for (const weft::value& v : samples::values_of(a)) text += ' ' + (v.is_null() ? std::string("-") : v.to_string());
    return text;
}

std::vector<weft::value> texts(std::initializer_list<const char*> all) {
    std::vector<weft::value> values;
    for (const char* t : all) values.emplace_back(cell::of_text(t));
    return values;
}

weft::field item(data_type type) {
    return {"item", std::move(type), true, {}, {}};
}

} // namespace

TEST_CASE("a cast to the same type shares the column") {
    const weft::array a = column(type_id::int64, {weft::value(std::int64_t{1})});
    CHECK(cast(a, type_id::int64).layout().values.data == a.layout().values.data);
    CHECK(cast(a, type_id::any).layout().values.data == a.layout().values.data);
}

TEST_CASE("casts that lose nothing") {
    const weft::value null;
    const auto n = [](std::int64_t v) { return weft::value(v); };
    const weft::array small = column(type_id::int64, {n(1), null, n(-100)});
    CHECK(text_of(cast(small, type_id::int8)) == "int8 1 - -100");
    CHECK(text_of(cast(small, type_id::float32)) == "float32 1 - -100");
    CHECK(text_of(cast(small, type_id::float64)) == "float64 1 - -100");
    CHECK(text_of(cast(small, data_type::decimal(5, 2))) == "decimal(5, 2) 1.00 - -100.00");
    CHECK(text_of(cast(small.slice(1, 2), type_id::int16)) == "int16 - -100");
    CHECK(text_of(cast(column(type_id::int8, {n(1), n(0)}), type_id::boolean)) == "boolean true false");
    CHECK(text_of(cast(column(type_id::boolean, {n(1), n(0)}), type_id::uint8)) == "uint8 1 0");
    CHECK(text_of(cast(column(type_id::float32, {weft::value(cell(0.5))}), type_id::float64)) == "float64 0.5");
    CHECK(text_of(cast(column(data_type::decimal(5, 2), texts({"1.50", "-2.00"})), data_type::decimal(40, 1))) ==
          "decimal(40, 1) 1.5 -2.0");
    CHECK(text_of(cast(column(type_id::date, texts({"2024-02-29"})), type_id::datetime)) ==
          "datetime 2024-02-29 00:00:00");
}

TEST_CASE("text is parsed as what it spells") {
    CHECK(text_of(cast(column(type_id::text, texts({"2024-02-29"})), type_id::date)) == "date 2024-02-29");
    CHECK(text_of(cast(column(type_id::text, texts({"-12:30"})), type_id::time)) == "time -12:30:00");
    CHECK(text_of(cast(column(type_id::text, texts({"2024-02-29T01:02:03Z"})), type_id::datetime)) ==
          "datetime 2024-02-29 01:02:03");
    CHECK(text_of(cast(column(type_id::text, texts({"1.5", "-3e2"})), data_type::decimal(9, 2))) ==
          "decimal(9, 2) 1.50 -300.00");
    CHECK(text_of(cast(column(type_id::text, texts({"[1]"})), type_id::json)) == "json [1]");
    CHECK(text_of(cast(column(type_id::text, texts({"-128", "127"})), type_id::int8)) == "int8 -128 127");
    CHECK(text_of(cast(column(type_id::text, texts({"18446744073709551615"})), type_id::uint64)) ==
          "uint64 18446744073709551615");
    CHECK(text_of(cast(column(type_id::text, texts({"1e3", "-0.5"})), type_id::float64)) == "float64 1000 -0.5");
    CHECK(text_of(cast(column(type_id::text, texts({"[1, 2]"})), data_type::vector(2))) == "vector(2) [1,2]");
    CHECK(text_of(cast(column(type_id::json, texts({"[1]"})), type_id::text)) == "text [1]");
    CHECK(text_of(cast(column(type_id::text, texts({"ab"})), type_id::blob)) == "blob 0x6162");
}

TEST_CASE("nested columns are cast member by member, or become JSON") {
    const weft::array lists =
        column(data_type::list(item(type_id::int32)), {weft::value::list({weft::value(std::int64_t{1}), {}}), {}});
    CHECK(text_of(cast(lists, data_type::list(item(type_id::int64)))) == "list<int64> [1,null] -");
    CHECK(text_of(cast(lists, type_id::json)) == "json [1,null] -");
    CHECK_THROWS_AS(cast(lists, data_type::list(item(type_id::date))), weft::programming_error);
    CHECK_THROWS_AS(cast(lists, data_type(type_id::list)), weft::programming_error);
    const weft::array points = column(data_type::structure({item(type_id::date)}),
                                      {weft::value::structure({{"item", weft::value(cell::of_days(0))}})});
    CHECK(text_of(cast(points, data_type::structure({item(type_id::datetime)}))) ==
          R"(structure<item: datetime> {"item":"1970-01-01 00:00:00"})");
    CHECK_THROWS_AS(cast(points, data_type::structure({item(type_id::date), item(type_id::date)})),
                    weft::programming_error);
}

TEST_CASE("columns of nothing but NULL can become anything") {
    const weft::array nothing = column(type_id::null, {{}, {}});
    for (const weft::field& f : samples::fields()) {
        const weft::array a = cast(nothing, f.type);
        CHECK(a.type() == f.type);
        CHECK(a.null_count() == 2);
    }
    CHECK(text_of(cast(column(type_id::int64, {{}}), type_id::date)) == "date -");
    CHECK(text_of(cast(column(type_id::int64, {{}}), type_id::null)) == "null -");
    CHECK_THROWS_AS(cast(column(type_id::int64, {weft::value(std::int64_t{1})}), type_id::null),
                    weft::programming_error);
}

TEST_CASE("values that would lose something name column, row and value") {
    const auto refused = [](const weft::array& a, const data_type& to, const std::string& value) {
        CAPTURE(value);
        CHECK_THROWS_MATCHES(
            cast(a, to, "price"), weft::data_error,
            MessageMatches(ContainsSubstring("'price'") && ContainsSubstring("row 1") && ContainsSubstring(value)));
    };
    const auto n = [](std::int64_t v) { return weft::value(v); };
    refused(column(type_id::int64, {n(0), n(300)}), type_id::int8, "300");
    refused(column(type_id::int64, {n(0), n(-1)}), type_id::uint64, "-1");
    refused(column(type_id::int64, {n(0), n((std::int64_t{1} << 53) + 1)}), type_id::float64, "9007199254740993");
    refused(column(data_type::decimal(5, 2), texts({"1.50", "1.55"})), data_type::decimal(5, 1), "1.55");
    refused(column(type_id::text, texts({"1", "1x"})), type_id::int32, "1x");
    refused(column(type_id::text, texts({"1", ""})), type_id::int64, "''");
    refused(column(type_id::text, texts({"1", "300"})), type_id::uint8, "300");
    refused(column(type_id::text, texts({"2024-01-01", "soon"})), type_id::date, "soon");
}

TEST_CASE("types that cannot be cast are named") {
    const weft::array a = column(type_id::float64, {weft::value(cell(1.0))});
    for (const data_type& to :
         {data_type(type_id::float32), data_type(type_id::int64), data_type(type_id::text), data_type(type_id::date)}) {
        CHECK_THROWS_MATCHES(cast(a, to, "x"), weft::programming_error,
                             MessageMatches(ContainsSubstring("'x' is float64") && ContainsSubstring(to_string(to))));
    }
}

TEST_CASE("batches are cast column by column") {
    const auto layout = std::make_shared<const weft::schema>(
        std::vector<weft::field>{{"a", type_id::int64, true, {}, {}}, {"b", type_id::text, true, {}, {}}});
    const weft::record_batch batch(
        layout, {column(type_id::int64, {weft::value(std::int64_t{1})}), column(type_id::text, texts({"2.5"}))}, 1);
    const weft::record_batch out =
        cast(batch, weft::schema({{"x", type_id::int8, false, {}, {}}, {"y", type_id::decimal, true, {}, {}}}));
    CHECK(out.layout()[0] == weft::field{"x", type_id::int8, false, {}, {}});
    CHECK(out.layout()[1].type == data_type::decimal(38, 1));
    CHECK(text_of(out[1]) == "decimal(38, 1) 2.5");
    CHECK(cast(batch, layout).shared_layout() == layout);
    CHECK_THROWS_AS(cast(batch, weft::schema()), weft::programming_error);
}
