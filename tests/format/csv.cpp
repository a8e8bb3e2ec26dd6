// SPDX-License-Identifier: BSL-1.0
#include <weft/core/json_text.hpp>
#include <weft/format/csv.hpp>

#include "sample_rows.hpp"

#include <catch2/catch_test_macros.hpp>

using weft::csv;
using weft::type_id;
using weft::value;

namespace {

sample_rows texts(std::vector<value> column) {
    sample_rows rows({{"t", type_id::text}}, {});
    for (value& v : column) rows.content.push_back({std::move(v)});
    return rows;
}

std::string error_of(const csv& style, const sample_rows& rows) {
    try {
        return "accepted: " + format_rows(style, rows);
    } catch (const weft::error& e) {
        return e.what();
    }
}

} // namespace

TEST_CASE("CSV quotes what RFC 4180 says needs quotes, and nothing else") {
    const auto field = [](std::string_view text) { return format_rows(csv{.header = false}, texts({value(text)})); };
    CHECK(field("plain") == "plain\n");
    CHECK(field("two words") == "two words\n");
    CHECK(field("a,b") == "\"a,b\"\n");
    CHECK(field("a;b") == "a;b\n");
    CHECK(field("say \"hi\"") == "\"say \"\"hi\"\"\"\n");
    CHECK(field("\"") == "\"\"\"\"\n");
    CHECK(field("\"\"x") == "\"\"\"\"\"x\"\n");
    CHECK(field("a\nb") == "\"a\nb\"\n");
    CHECK(field("a\rb") == "\"a\rb\"\n");
    CHECK(field(" a") == "\" a\"\n");
    CHECK(field("a ") == "\"a \"\n");
    CHECK(field("\ufeffa") == "\"\ufeffa\"\n");
    CHECK(field("\u00e4") == "\u00e4\n");
    CHECK(format_rows(csv{.delimiter = ';', .header = false}, texts({value("a,b"), value("a;b")})) == "a,b\n\"a;b\"\n");
}

TEST_CASE("NULL and text never look the same in CSV") {
    CHECK(format_rows(csv{.header = false}, texts({nullptr, value(""), value("NULL")})) == "\n\"\"\nNULL\n");
    CHECK(format_rows(csv{.header = false, .null = "NULL"},
                      texts({nullptr, value(""), value("NULL"), value("null")})) == "NULL\n\"\"\n\"NULL\"\nnull\n");
    CHECK(format_rows(csv{.header = false, .null = "0"}, {{{"n", type_id::int64}}, {{value(0)}, {nullptr}}}) ==
          "\"0\"\n0\n");
}

TEST_CASE("CSV writes every type as text") {
    const sample_rows rows{{{"i", type_id::int64},
                            {"d", type_id::decimal},
                            {"x", type_id::float64},
                            {"b", type_id::boolean},
                            {"t", type_id::datetime},
                            {"raw", type_id::blob},
                            {"v", type_id::vector},
                            {"j", type_id::json}},
                           {{value(-5), value(weft::decimal::parse("10.20")), value(0.5), value(true),
                             value(weft::datetime::parse("2024-02-29 12:30:00")), value(weft::blob{std::byte{0xAB}}),
                             value(std::vector<float>{1, 2.5F}), value(weft::json_text("{\"a\":1}"))}}};
    CHECK(format_rows(csv(), rows) == "i,d,x,b,t,raw,v,j\n"
                                      "-5,10.20,0.5,true,2024-02-29 12:30:00,0xab,\"[1,2.5]\",\"{\"\"a\"\":1}\"\n");
}

TEST_CASE("The header of CSV comes once a result, with unique and quoted names") {
    const sample_rows rows{{{"a,b", type_id::int64}, {"x", type_id::int64}, {"x", type_id::int64}},
                           {{value(1), value(2), value(3)}}};
    CHECK(format_rows(csv{.line_end = "\r\n"}, rows) == "\"a,b\",x,x_2\r\n1,2,3\r\n");
    auto reader = csv().bind(rows.layout());
    CHECK(reader.finish() == "\"a,b\",x,x_2\n");
    reader.append(rows, {0, 1, 0});
    CHECK(reader.finish() == "1,2,3\n");
    CHECK(reader.finish().empty());
}

TEST_CASE("CSV refuses contradictory settings and text that is not UTF-8") {
    const sample_rows rows = texts({value("x")});
    CHECK_THROWS_AS(format_rows(csv{.delimiter = '"'}, rows), weft::programming_error);
    CHECK_THROWS_AS(format_rows(csv{.delimiter = '\n'}, rows), weft::programming_error);
    CHECK_THROWS_AS(format_rows(csv{.delimiter = '\0'}, rows), weft::programming_error);
    CHECK_THROWS_AS(format_rows(csv{.delimiter = '\xe4'}, rows), weft::programming_error);
    CHECK_THROWS_AS(format_rows(csv{.null = "a,b"}, rows), weft::programming_error);
    CHECK_THROWS_AS(format_rows(csv{.null = "\""}, rows), weft::programming_error);
    CHECK_THROWS_AS(format_rows(csv{.line_end = ";"}, rows), weft::programming_error);
    const sample_rows bad = texts({value("fine"), value(weft::cell::of_text("ab\xc3"))});
    CHECK(error_of(csv(), bad) == "column 't', row 1: text is not valid UTF-8 at byte 2");
}
