// SPDX-License-Identifier: BSL-1.0
#include <weft/core/describe.hpp>
#include <weft/format/toon_table.hpp>

#include "../message_of.hpp"
#include "sample_rows.hpp"

#include <catch2/catch_test_macros.hpp>

#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

using weft::from_toon;
using weft::to_toon;
using weft::toon_records;
using weft::toon_table;
using weft::type_id;
using weft::value;

namespace {

struct user {
    std::string name;
    std::optional<std::string> email;
};
BOOST_DESCRIBE_STRUCT(user, (), (name, email))

std::string json_of(std::string_view text) {
    std::string json;
    weft::append_json(json, from_toon(text).records.view());
    return json;
}

std::string refusal(std::string_view text) {
    return message_of<weft::data_error>([&] { (void)from_toon(text); });
}

value one(value content) {
    return value::list({value::structure({{"v", std::move(content)}})});
}

} // namespace

TEST_CASE("a query result becomes a table in one line") {
    const sample_rows rows{{{"name", type_id::text}, {"price", type_id::int64}},
                           {{value("Laptop"), value(999)}, {value("Mouse"), value(25)}}};
    CHECK(weft::result_format<toon_table>);
    CHECK(format_rows(toon_table(), rows) == "result[2]{name,price}:Laptop,999;Mouse,25");
    CHECK(format_rows(toon_table{.name = "items"}, rows).starts_with("items[2]{name,price}:"));
    CHECK(format_rows(toon_table(), {{{"name", type_id::text}}, {}}) == "[]");
    auto reader = toon_table().bind(rows.layout());
    reader.append(rows, {1, 1, 1});
    CHECK(reader.finish() == "result[1]{name,price}:Mouse,25");
    CHECK(reader.finish() == "[]");
    CHECK_THROWS_AS(toon_table{.name = "a b"}.bind(rows.layout()), weft::programming_error);
    CHECK_THROWS_AS(toon_table{.name = ""}.bind(rows.layout()), weft::programming_error);
    const sample_rows broken{{{"name", type_id::text}}, {{value("ok")}, {value(weft::cell::of_text("\xff"))}}};
    auto strict = toon_table().bind(broken.layout());
    CHECK(message_of<weft::data_error>([&] {
              strict.append(broken, {0, 2, 3});
          }).starts_with("column 'name', row 4: cannot write '\xff' as a TOON table"));
    CHECK(strict.finish() == "result[1]{name}:ok");
}

TEST_CASE("records become a table in one line and come back") {
    const std::vector<user> users{{"Alice", "alice@ex.com"}, {"Bob", std::nullopt}};
    CHECK(to_toon("users", users) == "users[2]{name,email}:Alice,alice@ex.com;Bob,\u2205");
    CHECK(to_toon("users", users, {"email"}) == "users[2]{email}:alice@ex.com;\u2205");
    CHECK(to_toon("users", users, {"age", "name"}) == "users[2]{age,name}:\u2205,Alice;\u2205,Bob");
    CHECK(to_toon("users", std::vector<user>{}) == "users[0]{}:");
    CHECK(to_toon("m", std::vector<std::map<std::string, int>>{{{"a", 1}}, {{"b", 2}, {"a", 3}}}) == "m[2]{a}:1;3");
    const toon_records back = from_toon(to_toon("users", users));
    CHECK(back.table == "users");
    CHECK(back.fields == std::vector<std::string>{"name", "email"});
    CHECK(back.records[0]["email"] == value("alice@ex.com"));
    CHECK(back.records[1]["email"].is_null());
    CHECK_THROWS_AS(to_toon("users", value(7)), weft::programming_error);
    CHECK_THROWS_AS(to_toon("users", std::vector{1, 2}), weft::programming_error);
    CHECK_THROWS_AS(to_toon("user s", users), weft::programming_error);
}

TEST_CASE("values of every kind have one form in a one-line table") {
    const auto cell_of = [](value v) { return to_toon("t", one(std::move(v))).substr(8); };
    CHECK(cell_of(nullptr) == "\u2205");
    CHECK(cell_of(true) == "T");
    CHECK(cell_of(false) == "F");
    CHECK(cell_of(-7) == "-7");
    CHECK(cell_of(999.0) == "999.0");
    CHECK(cell_of(0.1) == "0.1");
    CHECK(cell_of(1e21) == "1e+21");
    CHECK(cell_of(weft::decimal::parse("1.50")) == "1.50");
    CHECK(cell_of(weft::date(2024, 2, 29)) == "2024-02-29");
    CHECK(cell_of(weft::blob{std::byte{0}, std::byte{255}}) == "b64:AP8=");
    CHECK(cell_of("plain text") == "plain text");
    CHECK(cell_of(std::vector<float>{1.0F, 0.5F}) == "[1,0.5]");
    CHECK(cell_of(value::list({1, "a:b", value::structure({{"k", "x,y"}, {"e", value::list({})}})})) ==
          "[1,\"a:b\",{k:\"x,y\",e:[]}]");
    for (const std::string_view text :
         {"",       " a",       "a ",  "42",  "-1.5", "05", "T", "F",     "true", "False", "null",
          "\u2205", "b64:AA==", "a,b", "a;b", "a\\b", "[x", "{", "ref(a", "\tx",  "x]{y"}) {
        CAPTURE(text);
        std::string quoted = "\"" + std::string(text) + "\"";
        if (text == "a\\b") quoted = R"("a\\b")";
        CHECK(cell_of(value(text)) == quoted);
    }
    CHECK(cell_of("say \"hi\"\r\n") == R"("say \"hi\"\r\n")");
}

TEST_CASE("what a one-line table holds comes back as it was") {
    const auto check = [](const value& v) {
        const std::string text = to_toon("t", one(v));
        CAPTURE(text);
        CHECK(from_toon(text).records == one(v));
        const value twice =
            value::list({value::structure({{"a", v}, {"b,\"{}:", 1}}), value::structure({{"a", v}, {"b,\"{}:", v}})});
        CHECK(from_toon(to_toon("t", twice)).records == twice);
    };
    for (const value& v :
         {value(), value(true), value(INT64_MIN), value(UINT64_MAX), value(0.1), value(-1e300), value(5.0),
          value(weft::blob{std::byte{1}}), value(weft::blob{}), value::list({1, 2.5, "x", nullptr, value::list({})}),
          value::structure({{"a b", 1}, {"c:d", value::list({value::structure({})})}})}) {
        check(v);
    }
    constexpr std::string_view pieces[] = {"T",  "F",    "a",    ",", ";",    "\"",     "\\",       "\n", "\r",
                                           "\t", " ",    "[",    "]", "{",    "}",      ":",        "0",  "-",
                                           ".",  "b64:", "ref(", ")", "null", "\u2205", "t[1]{v}:", "n"};
    std::mt19937 random(11);
    for (int i = 0; i < 3000; ++i) {
        std::string text;
        for (auto n = random() % 5; n > 0; --n) text += pieces[random() % std::size(pieces)];
        if (!(from_toon(to_toon("t", one(value(text)))).records == one(value(text)))) FAIL(text);
        const value nested = value::list({value(text), value::structure({{text, value(text)}})});
        if (!(from_toon(to_toon("t", one(nested))).records == one(nested))) FAIL(text);
    }
}

TEST_CASE("one-line tables are read in all the forms they are written in") {
    CHECK(from_toon("[]").records.size() == 0);
    CHECK(from_toon("result[0]{}:").fields.empty());
    CHECK(from_toon("result[0]{}:").table == "result");
    CHECK(json_of("result[2]{name,price}: Laptop,999; Mouse,25") ==
          R"([{"name":"Laptop","price":999},{"name":"Mouse","price":25}])");
    CHECK(json_of("r[2]{a,b}:\n1,x;\n2,y;\n") == R"([{"a":1,"b":"x"},{"a":2,"b":"y"}])");
    CHECK(json_of("r[2]{a,b}:\r\n1,x\r\n2,y\r\n") == R"([{"a":1,"b":"x"},{"a":2,"b":"y"}])");
    CHECK(json_of("r[1]{a}:1\nr[1]{a}:2\n") == R"([{"a":1},{"a":2}])");
    CHECK(json_of("r[1]{id:int,n:text?,raw:bytes,t:array(int),u:ref(x,y)}:7,42,0xFF00,[1;2],ref(x,7)") ==
          R"x([{"id":7,"n":"42","raw":"/wA=","t":[1,2],"u":"ref(x,7)"}])x");
    CHECK(json_of("r[1]{a,b,c,d,e,f}:T,false,True,\u2205,null,@t:5") ==
          R"([{"a":true,"b":false,"c":true,"d":null,"e":null,"f":"@t:5"}])");
    CHECK(json_of("r[1]{a,b}:999.000000,1.5e3") == R"([{"a":999,"b":1500}])");
    CHECK(json_of("r[1]{a}:{k:1;l:[x,\"y;z\"],m:{}}") == R"([{"a":{"k":1,"l":["x","y;z"],"m":{}}}])");
    CHECK(json_of(R"(r[1]{a,b}:"x \"q\" \/ \n",  "y")") == R"([{"a":"x \"q\" / \n","b":"y"}])");
    CHECK(json_of(R"(r[1]{a}:"C:\dir")") == R"([{"a":"C:\\dir"}])");
    CHECK(json_of(R"(r[1]{a}:"say "hi" there")") == R"([{"a":"say \"hi\" there"}])");
    CHECK(json_of("r[1]{a}:[x") == R"([{"a":"[x"}])");
    CHECK(json_of("r[1]{a}:") == R"([{"a":""}])");
    CHECK(json_of("r[3]{a}:x;;") == R"([{"a":"x"},{"a":""},{"a":""}])");
    CHECK(json_of("r[1]{a}:b64:!!") == R"([{"a":"b64:!!"}])");
    CHECK(json_of("r[1]{a}:0x10") == R"([{"a":"0x10"}])");
}

TEST_CASE("a one-line table with a mistake is refused") {
    CHECK(refusal("no table at all") == "Invalid TOON format: no table at all...");
    CHECK(refusal(std::string(60, 'x')) == "Invalid TOON format: " + std::string(50, 'x') + "...");
    CHECK(refusal("") == "Invalid TOON format: ...");
    for (const std::string_view text :
         {"[1]{a}:1", "r[]{a}:", "r[1{a}:1", "r[1]{a:1", "r[1]{a}1", "r{a}:1", "r[1]{,}:1", "r[1]{\"a}:1", "[] x",
          "r[1]{a\n}:1", "r[99999999999999999999]{a}:1"}) {
        CAPTURE(text);
        CHECK(refusal(text).starts_with("Invalid TOON format: "));
    }
    CHECK(refusal("r[2]{a}:1") == "TOON table 'r': expected 2 rows, got 1");
    CHECK(refusal("r[1]{a}:1;2") == "TOON table 'r': expected 1 rows, got 2");
    CHECK(refusal("r[2]{a,b}:1,2;3") == "TOON table, row 1: expected 2 values, got 1");
    CHECK(refusal("r[1]{a,b}:1,2,3") == "TOON table, row 0: expected 2 values, got more");
    CHECK(refusal("r[1]{a}:\"x") == "TOON table, row 0: expected the closing quote of a text");
    CHECK(refusal("r[1]{}:x") == "TOON table, row 0: expected no row, because there are no columns");
    CHECK(refusal("r[1]{a}:\xff") == "a TOON table is not valid UTF-8 at byte 8");
    CHECK(weft::try_from_toon("r[1]{a}:1").has_value());
    CHECK_FALSE(weft::try_from_toon("?").has_value());
    std::string deep(100, '[');
    CHECK(json_of("r[1]{a}:" + deep) == "[{\"a\":\"" + deep + "\"}]"); // no list, so a text
    value nested = value::list({});
    for (int i = 0; i < 70; ++i) nested = value::list({nested});
    CHECK_THROWS_AS(to_toon("t", one(nested)), weft::data_error);
}
