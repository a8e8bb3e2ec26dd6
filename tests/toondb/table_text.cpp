// SPDX-License-Identifier: BSL-1.0
// The text of a query's answer: what the server writes and what clients make of it.
#include "hex.hpp"

#include <weft/toondb/detail/query_rows.hpp>
#include <weft/toondb/detail/sql_guard.hpp>

#include "../message_of.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace weft::toondb;
using namespace weft::toondb::protocol;
using weft::cell;
using weft::value;

std::string written(const cell& c) {
    std::string out;
    append_table_cell(out, c);
    return out;
}

using entries = std::vector<std::pair<std::string, std::string>>;

std::string answer_to(const query_request& query, const entries& all, const table_definition* table = nullptr) {
    weft::toondb::detail::query_rows rows(query, table);
    for (const auto& [key, stored] : all) rows.add(key, stored);
    std::string out;
    rows.write(out);
    return out;
}

const entries products{{"products/desk", R"({"name": "Desk", "price": null})"},
                       {"products/laptop", R"({"name": "Laptop", "price": 999})"},
                       {"products/mouse", R"({"price": 25, "name": "Mouse"})"}};

} // namespace

TEST_CASE("cells are written as ToonDB writes them") {
    CHECK(written(cell()) == "∅");
    CHECK(written(cell(std::int64_t{-42})) == "-42");
    CHECK(written(cell(UINT64_MAX)) == "18446744073709551615");
    CHECK(written(cell(3.5)) == "3.500000");
    CHECK(written(cell(true)) == "T");
    CHECK(written(cell(false)) == "F");
    CHECK(written(cell::of_text("plain \"text\"\n")) == "plain \"text\"\n");
    CHECK(written(cell::of_text("T")) == "T");
    CHECK(written(cell::of_text("a,b")) == "\"a,b\"");
    CHECK(written(cell::of_text("say \"hi\"; \\")) == "\"say \\\"hi\\\"; \\\"");
    const std::string raw = bytes("00 FF 10");
    CHECK(written(cell::of_blob(protocol::detail::blob_of(raw))) == "b64:AP8Q");
}

TEST_CASE("rows are read with quotes and negative numbers") {
    const auto rows = parse_table_text("result[2]{name,price,ok}:\"a, \\\"b\\\"; c\",-5,T;∅,2.50,x");
    REQUIRE(rows.size() == 2);
    CHECK(rows[0]["name"].as<std::string>() == "a, \"b\"; c");
    CHECK(rows[0]["price"].as<int>() == -5);
    CHECK(rows[0]["ok"] == value(true));
    CHECK(rows[1]["name"].is_null());
    CHECK(rows[1]["price"].as<double>() == 2.5);
    CHECK(rows[1]["ok"].as<std::string>() == "x");
}

TEST_CASE("variants of the text are understood") {
    CHECK(parse_table_text("").empty());
    CHECK(parse_table_text("[]").empty());
    CHECK(parse_table_text("result[0]{}:").empty());
    CHECK(parse_table_text("nonsense").empty());
    CHECK(parse_table_text("result[1]{a,b}:1").empty());
    CHECK(parse_table_text("result[1]{a:1").empty());
    const auto rows = parse_table_text("result[2]{name, email}: Alice,a@x; Bob,b@x;\n");
    REQUIRE(rows.size() == 2);
    CHECK(rows[1]["name"].as<std::string>() == "Bob");
    CHECK(rows[1]["email"].as<std::string>() == "b@x");
    const auto odd =
        parse_table_text("r[1]{a,b,c,d,e,f}:1.2.3,.5,b64:AA==,99999999999999999999,\"open,12345678901234567890");
    REQUIRE(odd.size() == 1);
    CHECK(odd[0]["a"].as<std::string>() == "1.2.3");
    CHECK(odd[0]["b"].as<std::string>() == ".5");
    CHECK(odd[0]["c"].as<std::string>() == "b64:AA==");
    CHECK(odd[0]["d"].as<double>() == 1e20);
    CHECK(odd[0]["e"].as<std::string>() == "\"open");
    CHECK(odd[0]["f"].as<std::uint64_t>() == 12345678901234567890U);
    const auto empty = parse_table_text("r[2]{a,b}:,;x,");
    REQUIRE(empty.size() == 2);
    CHECK(empty[0]["a"].as<std::string>().empty());
    CHECK(empty[1]["b"].as<std::string>().empty());
}

TEST_CASE("JSON objects at two segments are rows") {
    CHECK(answer_to({"products/", 0, 0, {"name", "price"}}, products) ==
          "result[3]{name,price}:Desk,∅;Laptop,999;Mouse,25");
    CHECK(answer_to({"products/", 0, 0, {"price", "color"}}, products) == "result[3]{price,color}:∅,∅;999,∅;25,∅");
    CHECK(answer_to({"products/", 1, 1, {}}, products) == "result[1]{name,price}:Laptop,999");
    CHECK(answer_to({"products/", 5, 3, {}}, products) == "[]");
    CHECK(answer_to({"products/", 0, 0, {"weight"}}, products) == "[]");
    CHECK(
        answer_to({"x/", 0, 0, {}},
                  {{"x/1", R"( {"a":"A\u00e9\ud83d\ude00\n\"","b":[1,{"c":"]"}],"d":1.5,"e":true,"f":1e400,"g":{}} )"},
                   {"x/2", "[1]"},
                   {"x/3", "text"},
                   {"x/4", "{broken"},
                   {"x/5", "{}"},
                   {"y", R"({"a":1})"}}) ==
        "result[1]{a,b,d,e,f,g}:Aé😀\n\",\"[1,{\\\"c\\\":\\\"]\\\"}]\",1.500000,T,1e400,{}");
}

TEST_CASE("keys of three segments are cells") {
    const std::string number = std::string(1, '\1') + bytes("2A00000000000000");
    const entries all{{"users/1/age", number},
                      {"users/1/name", "Alice"},
                      {"users/2", "ignored"},
                      {"users/2/address/city", "Paris"},
                      {"users/2/name", bytes("04 426F62")},
                      {"users/3/blob", bytes("06 00 01")},
                      {"users/3/null", bytes("00")},
                      {"users/3/on", bytes("05 01")},
                      {"users/3/short", bytes("01 02")}};
    CHECK(answer_to({"users/", 2, 0, {}}, all) ==
          "result[2]{age,name,address/city,blob,null,on,short}:42,Alice,∅,∅,∅,∅,∅;∅,Bob,Paris,∅,∅,∅,∅");
    CHECK(answer_to({"users/", 0, 2, {"on", "blob", "short"}}, all) == "[]");
    CHECK(answer_to({"users/", 0, 0, {"on", "blob", "short"}}, all) ==
          "result[1]{on,blob,short}:T,b64:AAE=," + bytes("01 02"));
}

TEST_CASE("cells and objects of one row meet, and rows stay in order") {
    CHECK(answer_to({"a/", 0, 0, {}}, {{"a/b", R"({"x":1})"}, {"a/b!/y", "2"}, {"a/b/y", "3"}}) ==
          "result[2]{x,y}:1,3;∅,2");
    CHECK(answer_to({"a/", 1, 0, {}}, {{"a/b!/y", "2"}, {"a/b/y", "3"}}) == "result[1]{y}:3");
}

TEST_CASE("rows of a registered table are packed") {
    const table_definition table{"t", {{"id", column_type::int64, false}, {"name", column_type::text, true}}};
    const std::vector<cell> one{cell(std::int64_t{1}), cell::of_text("x;y")};
    const std::vector<cell> two{cell(std::int64_t{2}), cell()};
    const entries all{{"t/1", encode_packed_row(table, one)},
                      {"t/1/x", "no row"},
                      {"t/2", encode_packed_row(table, two)},
                      {"t/3", "no row either"}};
    CHECK(answer_to({"t/", 0, 0, {}}, all, &table) == "result[2]{id,name}:1,\"x;y\";2,∅");
    CHECK(answer_to({"t/", 0, 1, {"name"}}, all, &table) == "result[1]{name}:∅");
}

TEST_CASE("SQL for a server may not leave its transaction") {
    const auto refused = [](std::string_view sql) {
        return message_of<weft::programming_error>([&] { weft::toondb::detail::check_sql(sql); });
    };
    for (const char* good : {"SELECT 'ATTACH; PRAGMA'", "INSERT INTO t VALUES (1); SELECT 1", "-- PRAGMA x\nSELECT 1",
                             "/* ; VACUUM */ SELECT 1",
                             "CREATE TRIGGER x AFTER INSERT ON t BEGIN UPDATE u SET a = CASE WHEN 1 THEN 2 END; DELETE "
                             "FROM v; END; SELECT 1",
                             "CREATE TABLE \"t;BEGIN\" (a)", "SELECT [a;COMMIT] FROM t", ""}) {
        INFO(good);
        CHECK(refused(good) == "no error");
    }
    CHECK(refused("pragma x") == "PRAGMA cannot be executed through a server");
    CHECK(refused(" /* */ attach 'x' AS y") == "ATTACH cannot be executed through a server");
    CHECK(refused("SELECT ';'; COMMIT; SELECT 1") == "COMMIT cannot be executed through a server");
    CHECK(refused("CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END; VACUUM") ==
          "VACUUM cannot be executed through a server");
    CHECK(refused("CREATE TABLE trigger_like(a); BEGIN") == "BEGIN cannot be executed through a server");
}
