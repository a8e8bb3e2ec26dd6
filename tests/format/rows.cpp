// SPDX-License-Identifier: BSL-1.0

// The formats that give rows, over results of the embedded database: tuples, records, dicts, named rows.

#include <weft/cursor.hpp>
#include <weft/embedded.hpp>
#include <weft/format/dicts.hpp>
#include <weft/format/named_rows.hpp>
#include <weft/format/records.hpp>
#include <weft/format/tuples.hpp>
#include <weft/testing.hpp>

#include "sample_rows.hpp"

#include <boost/describe.hpp>
#include <catch2/catch_test_macros.hpp>

#include <string>

using weft::embedded::database;

namespace {

enum class level : std::uint8_t { low = 1, high = 2 };

struct base {
    std::int64_t id;
};
BOOST_DESCRIBE_STRUCT(base, (), (id))

struct derived : base {
    std::optional<std::string> name;
    level rank;
    bool active;
};
BOOST_DESCRIBE_STRUCT(derived, (base), (name, rank, active))

struct pair_of {
    int a;
    std::optional<int> b;
};

struct described_pair {
    std::int16_t a;
    std::string b;
};
BOOST_DESCRIBE_STRUCT(described_pair, (), (a, b))

struct everything {
    bool flag;
    std::int64_t number;
    double real;
    weft::decimal amount;
    weft::date day;
    weft::time moment;
    weft::datetime stamp;
    std::string text;
    weft::blob bytes;
    weft::json_text json;
    std::vector<float> vector;
    weft::value any;
};
BOOST_DESCRIBE_STRUCT(everything, (), (flag, number, real, amount, day, moment, stamp, text, bytes, json, vector, any))

template <class Format>
std::string refusal(database& db, std::string_view sql) {
    try {
        (void)db.query<Format>(sql);
    } catch (const weft::programming_error& e) {
        return std::string("programming: ") + e.what();
    } catch (const weft::data_error& e) {
        return std::string("data: ") + e.what();
    }
    return "no error";
}

database with_table() {
    database db(":memory:");
    db.execute("CREATE TABLE t (a INTEGER, b TEXT, c REAL); INSERT INTO t VALUES (1, 'x', 0.5), (NULL, NULL, NULL)");
    return db;
}

} // namespace

TEST_CASE("tuples match by position and say what does not fit") {
    database db = with_table();
    using weft::tuples;
    CHECK(db.query<tuples<std::optional<int>, std::optional<std::string>>>("SELECT a, b FROM t").at(1) ==
          std::tuple<std::optional<int>, std::optional<std::string>>());
    CHECK(refusal<tuples<int>>(db, "SELECT a, b FROM t") ==
          "programming: the result has 2 columns ('a', 'b'), the tuple 1 elements");
    CHECK(refusal<tuples<std::string>>(db, "SELECT a FROM t") ==
          "programming: column 'a' (index 0) is int64, which cannot become text of element 0 without loss");
    CHECK(refusal<tuples<int, int>>(db, "SELECT a, b FROM t WHERE 0") ==
          "programming: column 'b' (index 1) is text, which cannot become int32 of element 1 without loss");
    CHECK(refusal<tuples<float>>(db, "SELECT c FROM t") ==
          "programming: column 'c' (index 0) is float64, which cannot become float32 of element 0 without loss");
    CHECK(refusal<tuples<int>>(db, "SELECT a FROM t") ==
          "data: column 'a' (index 0), row 1: NULL cannot become int32; use std::optional");
    CHECK(refusal<tuples<std::int8_t>>(db, "SELECT a + 127 FROM t WHERE a = 1") ==
          "data: column 'a + 127' (index 0), row 0: int64 128 does not fit int8");
    CHECK(refusal<tuples<std::uint64_t>>(db, "SELECT -1") ==
          "data: column '-1' (index 0), row 0: int64 -1 does not fit uint64");
    CHECK(refusal<tuples<bool>>(db, "SELECT 2") == "data: column '2' (index 0), row 0: int64 2 does not fit bool");
    CHECK(refusal<tuples<double>>(db, "SELECT 9007199254740993 AS n") ==
          "data: column 'n' (index 0), row 0: int64 9007199254740993 does not fit float64");
}

TEST_CASE("a decimal without a fraction becomes an integer, any other is an error that shows it") {
    database db(":memory:");
    db.execute("CREATE TABLE sums(n DECIMAL(20, 2)); INSERT INTO sums VALUES ('42.00'), (-7), ('1.50'), (3000000000)");
    using weft::tuples;
    CHECK(db.query<tuples<int>>("SELECT n FROM sums WHERE rowid < 3") == std::vector<std::tuple<int>>{42, -7});
    CHECK(refusal<tuples<int>>(db, "SELECT n FROM sums WHERE rowid = 3") ==
          "data: column 'n' (index 0), row 0: decimal 1.50 does not fit int32");
    CHECK(refusal<tuples<int>>(db, "SELECT n FROM sums WHERE rowid = 4") ==
          "data: column 'n' (index 0), row 0: decimal 3000000000.00 does not fit int32");
}

TEST_CASE("described structs match by name, inherited members, enumerations and truth values included") {
    database db(":memory:");
    db.execute("CREATE TABLE t (active BOOLEAN, rank INTEGER, id INTEGER PRIMARY KEY, name TEXT)");
    const std::vector<derived> people{{{7}, "seven", level::high, true}, {{8}, std::nullopt, level::low, false}};
    CHECK(db.execute_many("INSERT INTO t (id, name, rank, active) VALUES (:id, :name, :rank, :active)", people) == 2);
    const auto read = db.query<weft::records<derived>>("SELECT * FROM t ORDER BY id");
    REQUIRE(read.size() == 2);
    CHECK(read[0].id == 7);
    CHECK(read[0].name == "seven");
    CHECK(read[0].rank == level::high);
    CHECK(read[0].active);
    CHECK(read[1].name == std::nullopt);
    CHECK(read[1].rank == level::low);
    CHECK_FALSE(read[1].active);
}

TEST_CASE("plain aggregates match by position") {
    database db = with_table();
    const auto rows = db.query<weft::records<pair_of>>("SELECT 5, a FROM t ORDER BY a IS NULL");
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].a == 5);
    CHECK(rows[0].b == 1);
    CHECK(rows[1].b == std::nullopt);
    CHECK(refusal<weft::records<pair_of>>(db, "SELECT a, b, c FROM t") ==
          "programming: the result has 3 columns ('a', 'b', 'c'), the plain aggregate 2 members");
    CHECK(refusal<weft::records<pair_of>>(db, "SELECT a, b FROM t") ==
          "programming: column 'b' (index 1) is text, which cannot become int32 of member 1 without loss");
}

TEST_CASE("missing, surplus and narrowing columns of records are errors that name the column") {
    database db = with_table();
    using pairs = weft::records<described_pair>;
    CHECK(refusal<pairs>(db, "SELECT a FROM t") == "programming: no column for member 'b'; the result has 'a'");
    CHECK(refusal<pairs>(db, "SELECT a, b AS B FROM t") ==
          "programming: no column for member 'b'; the result has 'a', 'B'");
    CHECK(refusal<pairs>(db, "SELECT a, b, c FROM t") ==
          "programming: column 'c' has no member in the record; it has 'a', 'b'");
    CHECK(refusal<pairs>(db, "SELECT a, b, a FROM t") ==
          "programming: column 'a' has no member in the record; it has 'a', 'b'");
    CHECK(refusal<pairs>(db, "SELECT c AS a, b FROM t") ==
          "programming: column 'a' (index 0) is float64, which cannot become int16 of member 'a' without loss");
    CHECK(refusal<pairs>(db, "SELECT a * 40000 AS a, b FROM t") ==
          "data: column 'a' (index 0), row 0: int64 40000 does not fit int16");
    CHECK(refusal<pairs>(db, "SELECT a, b FROM t") ==
          "data: column 'a' (index 0), row 1: NULL cannot become int16; use std::optional");
    CHECK(refusal<pairs>(db, "SELECT 1 AS a, b FROM t") ==
          "data: column 'b' (index 1), row 1: NULL cannot become text; use std::optional");
}

TEST_CASE("the row in a message counts from the start of the set, however it is fetched") {
    database db(":memory:");
    constexpr const char* sql = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999) "
                                "SELECT iif(i = 9000, 'bad', i) AS i FROM n";
    const auto row_of = [](auto& cursor) {
        try {
            for (auto& row : cursor) (void)row;
        } catch (const weft::data_error& e) {
            return std::string(e.what());
        }
        return std::string("no error");
    };
    const std::string expected = "column 'i' (index 0), row 9000: text 'bad' cannot become int32";
    CHECK(refusal<weft::tuples<int>>(db, sql) == "data: " + expected);
    weft::cursor<database, weft::buffered, weft::tuples<int>> buffered(db);
    buffered.execute(sql);
    CHECK(row_of(buffered) == expected);
    weft::cursor<database, weft::streaming<>, weft::tuples<int>> streamed(db);
    streamed.execute(sql);
    CHECK(row_of(streamed) == expected);
}

TEST_CASE("records hold values of every type") {
    database db(":memory:");
    db.execute(
        "CREATE TABLE t (flag BOOLEAN, number BIGINT, real DOUBLE, amount DECIMAL_TEXT(30, 10), day DATE, moment TIME, "
        "stamp DATETIME, text VARCHAR(20), bytes BLOB, json JSON, vector VECTOR(2), any)");
    db.execute("INSERT INTO t VALUES (1, 9223372036854775807, -0.1, '12345678901234567890.0123456789', '0001-01-01', "
               "'-838:59:59', '9999-12-31 23:59:59.999999', 'Grüße', x'00ff', '{\"a\": [1, null]}', '[1, -2.5]', 42)");
    const auto row = db.query_one<weft::records<everything>>("SELECT * FROM t").value();
    CHECK(row.flag);
    CHECK(row.number == INT64_MAX);
    CHECK(row.real == -0.1);
    CHECK(row.amount == weft::decimal::parse("12345678901234567890.0123456789"));
    CHECK(row.day == weft::date::parse("0001-01-01"));
    CHECK(row.moment == weft::time::parse("-838:59:59"));
    CHECK(row.stamp == weft::datetime::parse("9999-12-31 23:59:59.999999"));
    CHECK(row.text == "Grüße");
    CHECK(row.bytes == weft::blob{std::byte{0}, std::byte{255}});
    CHECK(row.json.view() == R"({"a": [1, null]})");
    CHECK(row.vector == std::vector{1.0F, -2.5F});
    CHECK(row.any == weft::value(42));

    CHECK(db.execute_many("INSERT INTO t VALUES (:flag, :number, :real, :amount, :day, :moment, :stamp, :text, :bytes, "
                          ":json, :vector, :any)",
                          std::vector{row}) == 1);
    const auto dicts = db.query<weft::dicts>("SELECT * FROM t");
    REQUIRE(dicts.size() == 2);
    CHECK(dicts[0] == dicts[1]);
    CHECK(dicts[0].get<std::vector<float>>("vector") == row.vector);
}

TEST_CASE("names that repeat in dicts become table.column, then column_index") {
    database db(":memory:");
    db.execute("CREATE TABLE a (id INTEGER, v TEXT); CREATE TABLE b (id INTEGER, v TEXT);"
               "INSERT INTO a VALUES (1, 'x'); INSERT INTO b VALUES (2, 'y')");
    const auto row = *db.query_one<weft::dicts>("SELECT a.id, b.id, b.id, b.v, 5 AS id FROM a, b");
    CHECK(row.names() == std::vector<std::string>{"id", "b.id", "id_2", "v", "id_4"});
    CHECK(row["id"] == weft::value(1));
    CHECK(row["b.id"] == weft::value(2));
    CHECK(row["id_2"] == weft::value(2));
    CHECK(row["id_4"] == weft::value(5));
}

TEST_CASE("dicts are looked up by name and iterated in column order") {
    database db = with_table();
    const auto rows = db.query<weft::dicts>("SELECT b, a, c FROM t");
    REQUIRE(rows.size() == 2);
    std::string text;
    for (const auto& [name, content] : rows[0]) text += name + '=' + content.to_string() + ' ';
    CHECK(text == "b=x a=1 c=0.5 ");
    CHECK(rows[0].get<int>("a") == 1);
    CHECK(rows[0].contains("c"));
    CHECK(rows[0].find("d") == nullptr);
    CHECK(rows[1]["a"].is_null());
    CHECK(rows[1].get<std::optional<int>>("a") == std::nullopt);
    CHECK_THROWS_AS(rows[1].get<int>("a"), weft::data_error);
    try {
        (void)rows[0]["d"];
        FAIL("nothing was thrown");
    } catch (const weft::programming_error& e) {
        CHECK(std::string(e.what()) == "no column named 'd'; the row has 'b', 'a', 'c'");
    }
    CHECK(rows[0] == rows[0]);
    CHECK_FALSE(rows[0] == rows[1]);
    CHECK(weft::dict() == weft::dict());
    CHECK(weft::dict().begin() == weft::dict().end());
}

TEST_CASE("named rows have positions and attribute names; what is no identifier becomes _index") {
    database db = with_table();
    const auto row = *db.query_one<weft::named_rows>(
        "SELECT a, b, a, 1 + 1, 2 AS _x, 3 AS \"9lives\", 4 AS größe, 5 AS \"\" FROM t");
    CHECK(row.names() == std::vector<std::string>{"a", "b", "_2", "_3", "_4", "_5", "größe", "_7"});
    CHECK(row[1] == weft::value("x"));
    CHECK(row["_3"] == weft::value(2));
    CHECK(row.get<int>("größe") == 4);
    CHECK(row.get<int>(std::size_t{7}) == 5);
    CHECK(db.query<weft::named_rows>("SELECT a, b FROM t")[1].to_string() == "Row(a=NULL, b=NULL)");
    CHECK_THROWS_AS(row[8], weft::programming_error);
    CHECK_THROWS_AS(row[-1], weft::programming_error);
    CHECK_THROWS_AS(row["c"], weft::programming_error);
    int nulls = 0;
    for (const weft::value& v : row) nulls += v.is_null() ? 1 : 0;
    CHECK(nulls == 0);
}

TEST_CASE("only structs whose members can be read are records") {
    struct has_pointer {
        int* p;
    };
    STATIC_CHECK(weft::readable_record<derived>);
    STATIC_CHECK(weft::readable_record<pair_of>);
    STATIC_CHECK_FALSE(weft::readable_record<has_pointer>);
    STATIC_CHECK_FALSE(weft::readable_record<int>);
    STATIC_CHECK_FALSE(weft::cell_readable<char>);
    STATIC_CHECK_FALSE(weft::cell_readable<std::string_view>);
}

TEST_CASE("rows that cannot be read to the end leave none of their block, and those of earlier ones stay") {
    std::vector<std::vector<weft::value>> content;
    for (int i = 0; i < 5000; ++i) content.push_back({weft::value(i), weft::value("text " + std::to_string(i))});
    const sample_rows good({{"a", weft::type_id::any}, {"b", weft::type_id::text}}, content);
    content[4321][0] = weft::value("none");
    const sample_rows bad({{"a", weft::type_id::any}, {"b", weft::type_id::text}}, content);
    const auto check = [&]<class Format>(const Format& format) {
        auto reader = format.bind(good.layout());
        reader.append(good, {0, 3000, 0});
        CHECK_THROWS_AS(reader.append(bad, {0, 5000, 3000}), weft::data_error);
        CHECK(reader.finish().size() == 3000);
        auto earlier = format_rows(format, good);
        reader.reuse(std::move(earlier));
        CHECK_THROWS_AS(reader.append(bad, {0, 5000, 0}), weft::data_error);
        reader.append(good, {4000, 1000, 0});
        CHECK(reader.finish().size() == 1000);
    };
    check(weft::tuples<int, std::string>());
    check(weft::records<described_pair>());
}

TEST_CASE("results of many megabytes hold every row") {
    std::vector<std::vector<weft::value>> content;
    for (std::size_t i = 0; i < 4096; ++i) content.push_back({weft::value(i), weft::value(std::string(i % 40, 'x'))});
    const sample_rows block({{"a", weft::type_id::int64}, {"b", weft::type_id::text}}, content);
    auto reader = weft::tuples<std::int64_t, std::string>().bind(block.layout());
    constexpr std::size_t blocks = 90; // 14 MiB of tuples
    for (std::size_t i = 0; i < blocks; ++i) reader.append(block, {0, block.rows(), i * block.rows()});
    const auto rows = reader.finish();
    REQUIRE(rows.size() == blocks * 4096);
    std::size_t wrong = 0;
    for (std::size_t r = 0; r < rows.size(); ++r)
        wrong +=
            std::get<0>(rows[r]) != static_cast<std::int64_t>(r % 4096) || std::get<1>(rows[r]).size() != r % 4096 % 40;
    CHECK(wrong == 0);
}
