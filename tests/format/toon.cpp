// SPDX-License-Identifier: BSL-1.0
#include <weft/core/json_text.hpp>
#include <weft/cursor.hpp>
#include <weft/embedded.hpp>
#include <weft/format/toon.hpp>
#include <weft/format/toon_decode.hpp>

#include "../message_of.hpp"
#include "sample_rows.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cmath>

using weft::toon;
using weft::type_id;
using weft::value;

TEST_CASE("a result becomes a TOON table") {
    const sample_rows rows{
        {{"id", type_id::int64},
         {"price", type_id::decimal},
         {"x", type_id::float64},
         {"day", type_id::date},
         {"first name", type_id::text},
         {"doc", type_id::json},
         {"raw", type_id::blob}},
        {{value(INT64_MIN), value(weft::decimal::parse("1.50")), value(0.1), value(weft::date(2024, 2, 29)),
          value("a,\"\n\u00fc"), value(weft::json_text("[1]")), value(weft::blob{std::byte{0}, std::byte{255}})},
         {nullptr, nullptr, value(std::nan("")), nullptr, value(""), nullptr, nullptr}}};
    CHECK(weft::result_format<toon>);
    CHECK(format_rows(toon(), rows) == "[2]{id,price,x,day,\"first name\",doc,raw}:\n"
                                       "  -9223372036854775808,1.5,0.1,2024-02-29,\"a,\\\"\\n\u00fc\",\"[1]\",AP8=\n"
                                       "  null,null,null,null,\"\",null,null");
    CHECK(format_rows(toon{.delimiter = '|', .indent_size = 1, .name = "rows"}, rows).substr(0, 60) ==
          "rows[2|]{id|price|x|day|\"first name\"|doc|raw}:\n -92233720368");
    CHECK(format_rows(toon{.name = "a key"}, {{{"a", type_id::int64}}, {{value(1)}}}) == "\"a key\"[1]{a}:\n  1");
}

TEST_CASE("a TOON result reads back for every number of rows and columns") {
    for (std::size_t columns = 0; columns < 4; ++columns) {
        for (std::size_t count = 0; count < 12; ++count) {
            std::vector<sample_column> names;
            std::vector<weft::value_member> members;
            for (std::size_t c = 0; c < columns; ++c) {
                names.push_back({"c\"" + std::to_string(c), type_id::int64});
                members.push_back({names.back().name, value(7)});
            }
            std::vector<value> row;
            for (std::size_t c = 0; c < columns; ++c) row.push_back(members[c].content);
            const sample_rows rows(names, std::vector(count, row));
            const value expected = value::list(std::vector(count, value::structure(members)));
            for (const char delimiter : {',', '\t', '|'}) {
                const std::string text = format_rows(toon{.delimiter = delimiter}, rows);
                CHECK(weft::decode_toon(text) == expected);
                const std::string named = format_rows(toon{.delimiter = delimiter, .name = "n\n"}, rows);
                CHECK(weft::decode_toon(named)["n\n"] == expected);
            }
        }
    }
}

TEST_CASE("results with nested columns become TOON lists") {
    weft::field element;
    element.name = "element";
    element.type = type_id::int64;
    const sample_rows rows{
        {{"id", type_id::int64}, {"tags", weft::data_type::list(element)}, {"v", type_id::vector}},
        {{value(1), value::list({1, 2}), value(std::vector<float>{0.5F})}, {value(2), nullptr, nullptr}}};
    const std::string text = format_rows(toon(), rows);
    CHECK(text == "[2]:\n  - id: 1\n    tags[2]: 1,2\n    v[1]: 0.5\n  - id: 2\n    tags: null\n    v: null");
    CHECK(weft::decode_toon(text)[0]["tags"] == value::list({1, 2}));
    const sample_rows undeclared{{{"any", type_id::any}}, {{value::list({1, 2})}, {value(3)}}};
    CHECK(format_rows(toon(), undeclared) == "[2]{any}:\n  \"[1,2]\"\n  3");
}

TEST_CASE("TOON keys of a result are unique") {
    const sample_rows rows{{{"id", type_id::int64, "a"}, {"id", type_id::int64, "b"}, {"id", type_id::int64}},
                           {{value(1), value(2), value(3)}}};
    CHECK(format_rows(toon(), rows) == "[1]{id,b.id,id_2}:\n  1,2,3");
}

TEST_CASE("a TOON reader goes on empty, a document a batch") {
    const sample_rows rows{{{"a", type_id::int64}}, {{value(1)}, {value(2)}, {value(3)}}};
    auto reader = toon().bind(rows.layout());
    reader.append(rows, {0, 1, 0});
    CHECK(reader.finish() == "[1]{a}:\n  1");
    reader.append(rows, {1, 2, 1});
    CHECK(reader.finish() == "[2]{a}:\n  2\n  3");
    CHECK(reader.finish() == "[]");
}

TEST_CASE("TOON refuses text that is not UTF-8, names its place, and keeps the rows before it") {
    const sample_rows rows{{{"a", type_id::int64}, {"name", type_id::text}},
                           {{value(1), value("fine")}, {value(2), value(weft::cell::of_text("\xff"))}}};
    auto reader = toon().bind(rows.layout());
    CHECK(message_of<weft::data_error>([&] { reader.append(rows, {0, 2, 5}); }) ==
          "column 'name', row 6: cannot write '\xff' as TOON: expected valid UTF-8 at byte 0");
    CHECK(reader.finish() == "[1]{a,name}:\n  1,fine");
    CHECK_THROWS_AS(toon{.delimiter = ';'}.bind(rows.layout()), weft::programming_error);
    CHECK_THROWS_AS(toon{.indent_size = 0}.bind(rows.layout()), weft::programming_error);
}

TEST_CASE("TOON is a format of every cursor, buffered and streaming") {
    weft::embedded::database db(":memory:");
    db.execute("CREATE TABLE users (id INTEGER, name TEXT)");
    db.execute("INSERT INTO users VALUES (1, 'Ada'), (2, 'Bob, jr'), (3, NULL)");
    const char* const sql = "SELECT id, name FROM users ORDER BY id";
    CHECK(db.query<toon>(sql) == "[3]{id,name}:\n  1,Ada\n  2,\"Bob, jr\"\n  3,null");
    CHECK(db.query<toon>("SELECT id FROM users WHERE id > 9") == "[]");
    auto cursor = db.make_cursor<weft::streaming<2>, toon>();
    cursor.execute(sql);
    std::vector<std::string> batches;
    for (const std::string& batch : cursor) batches.push_back(batch);
    CHECK(batches == std::vector<std::string>{"[2]{id,name}:\n  1,Ada\n  2,\"Bob, jr\"", "[1]{id,name}:\n  3,null"});
}
