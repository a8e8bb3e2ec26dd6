// SPDX-License-Identifier: BSL-1.0
// Every column type with its ordinary, least, greatest and zero values, through both forms of rows into every format.
#include <weft/columnar/arrow_import.hpp>
#include <weft/format/arrow.hpp>
#include <weft/format/columns.hpp>
#include <weft/format/dicts.hpp>
#include <weft/format/json.hpp>
#include <weft/format/named_rows.hpp>
#include <weft/mysql/connection.hpp>

#include "servers.hpp"

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

namespace mysql = weft::mysql;
using test::each_server;
using test::options_of;
using test::scratch;
using weft::type_id;
using weft::value;

namespace {

struct sample {
    const char* literal;
    const char* text; // as append_text writes it
};

struct column {
    const char* declared;
    type_id type;
    sample ordinary, least, greatest, zero;
};

const std::string zeros_20(40, '0');
const std::string blob_20 = "0x" + zeros_20;

const std::vector<column> all_columns{
    {"tinyint", type_id::int8, {"80", "80"}, {"-128", "-128"}, {"127", "127"}, {"0", "0"}},
    {"tinyint unsigned", type_id::uint8, {"85", "85"}, {"0", "0"}, {"255", "255"}, {"0", "0"}},
    {"bool", type_id::int8, {"true", "1"}, {"-128", "-128"}, {"127", "127"}, {"false", "0"}},
    {"smallint", type_id::int16, {"-27897", "-27897"}, {"-32768", "-32768"}, {"32767", "32767"}, {"0", "0"}},
    {"smallint unsigned", type_id::uint16, {"27897", "27897"}, {"0", "0"}, {"65535", "65535"}, {"0", "0"}},
    {"mediumint", type_id::int32, {"104729", "104729"}, {"-8388608", "-8388608"}, {"8388607", "8388607"}, {"0", "0"}},
    {"mediumint unsigned", type_id::uint32, {"120999", "120999"}, {"0", "0"}, {"16777215", "16777215"}, {"0", "0"}},
    {"int",
     type_id::int32,
     {"-200899", "-200899"},
     {"-2147483648", "-2147483648"},
     {"2147483647", "2147483647"},
     {"0", "0"}},
    {"int unsigned", type_id::uint32, {"407709", "407709"}, {"0", "0"}, {"4294967295", "4294967295"}, {"0", "0"}},
    {"bigint",
     type_id::int64,
     {"-266883847", "-266883847"},
     {"-9223372036854775808", "-9223372036854775808"},
     {"9223372036854775807", "9223372036854775807"},
     {"0", "0"}},
    {"bigint unsigned",
     type_id::uint64,
     {"980007287362", "980007287362"},
     {"0", "0"},
     {"18446744073709551615", "18446744073709551615"},
     {"0", "0"}},
    // what the server prints with six digits loses the rest of a float: these lose nothing
    {"float", type_id::float32, {"-14.5", "-14.5"}, {"-32768.5", "-32768.5"}, {"0.125", "0.125"}, {"0", "0"}},
    {"double",
     type_id::float64,
     {"-474646154.719356", "-474646154.719356"},
     {"-1.7976931348623157e308", "-1.7976931348623157e+308"},
     {"1.7976931348623157e308", "1.7976931348623157e+308"},
     {"0", "0"}},
    {"decimal(20,6)",
     type_id::decimal,
     {"28111097.610822", "28111097.610822"},
     {"-99999999999999.999999", "-99999999999999.999999"},
     {"99999999999999.999999", "99999999999999.999999"},
     {"0", "0.000000"}},
    {"decimal(20,6) unsigned",
     type_id::decimal,
     {"28111097.610822", "28111097.610822"},
     {"0.000001", "0.000001"},
     {"99999999999999.999999", "99999999999999.999999"},
     {"0", "0.000000"}},
    {"decimal(65,30)",
     type_id::decimal,
     {"1.5", "1.500000000000000000000000000000"},
     {"-99999999999999999999999999999999999.999999999999999999999999999999",
      "-99999999999999999999999999999999999.999999999999999999999999999999"},
     {"99999999999999999999999999999999999.999999999999999999999999999999",
      "99999999999999999999999999999999999.999999999999999999999999999999"},
     {"0", "0.000000000000000000000000000000"}},
    {"decimal(10,0)",
     type_id::decimal,
     {"12", "12"},
     {"-9999999999", "-9999999999"},
     {"9999999999", "9999999999"},
     {"0", "0"}},
    {"date",
     type_id::date,
     {"'8524-11-10'", "8524-11-10"},
     {"'1000-01-01'", "1000-01-01"},
     {"'9999-12-31'", "9999-12-31"},
     {"'0001-01-01'", "0001-01-01"}},
    {"time",
     type_id::time,
     {"'00:07:00'", "00:07:00"},
     {"'-838:59:59'", "-838:59:59"},
     {"'838:59:59'", "838:59:59"},
     {"0", "00:00:00"}},
    {"time(6)",
     type_id::time,
     {"'01:10:00.000002'", "01:10:00.000002"},
     {"'-838:59:59.000000'", "-838:59:59"},
     {"'838:59:58.999999'", "838:59:58.999999"},
     {"'-00:00:00.000001'", "-00:00:00.000001"}},
    {"datetime",
     type_id::datetime,
     {"'9948-03-11 15:29:22'", "9948-03-11 15:29:22"},
     {"'1000-01-01 00:00:00'", "1000-01-01 00:00:00"},
     {"'9999-12-31 23:59:59'", "9999-12-31 23:59:59"},
     {"'1970-01-01 00:00:00'", "1970-01-01 00:00:00"}},
    {"datetime(6)",
     type_id::datetime,
     {"'1756-10-29 02:02:42.000008'", "1756-10-29 02:02:42.000008"},
     {"'1000-01-01 00:00:00.000000'", "1000-01-01 00:00:00"},
     {"'9999-12-31 23:59:59.999999'", "9999-12-31 23:59:59.999999"},
     {"'1969-12-31 23:59:59.999999'", "1969-12-31 23:59:59.999999"}},
    {"datetime(3)",
     type_id::datetime,
     {"'2020-01-02 03:04:05.123'", "2020-01-02 03:04:05.123000"},
     {"'1000-01-01 00:00:00.001'", "1000-01-01 00:00:00.001000"},
     {"'9999-12-31 23:59:59.999'", "9999-12-31 23:59:59.999000"},
     {"'2020-01-02'", "2020-01-02 00:00:00"}},
    {"timestamp(6) null",
     type_id::datetime,
     {"'1991-01-02 00:00:00.5'", "1991-01-02 00:00:00.500000"},
     {"'1970-01-01 00:00:01.000000'", "1970-01-01 00:00:01"},
     {"'2038-01-19 03:14:07.499999'", "2038-01-19 03:14:07.499999"},
     {"'2000-02-29'", "2000-02-29 00:00:00"}},
    {"year", type_id::uint16, {"1923", "1923"}, {"1901", "1901"}, {"2155", "2155"}, {"'0000'", "0"}},
    {"char(24)",
     type_id::text,
     {"'This is a test of char'", "This is a test of char"},
     {"''", ""},
     {"repeat('é', 24)", "éééééééééééééééééééééééé"},
     {"''", ""}},
    {"varchar(200)",
     type_id::text,
     {"'It''s \\\\ \xF0\x9F\x98\x80'", "It's \\ \xF0\x9F\x98\x80"},
     {"''", ""},
     {"'0'", "0"},
     {"'NULL'", "NULL"}},
    {"longtext", type_id::text, {"'long'", "long"}, {"''", ""}, {"'x'", "x"}, {"'\\0'", ""}},
    {"mediumtext", type_id::text, {"'medium'", "medium"}, {"''", ""}, {"'x'", "x"}, {"'0'", "0"}},
    {"text", type_id::text, {"'text'", "text"}, {"''", ""}, {"'x'", "x"}, {"'0'", "0"}},
    {"tinytext", type_id::text, {"'tiny'", "tiny"}, {"''", ""}, {"'x'", "x"}, {"'0'", "0"}},
    {"binary(20)",
     type_id::blob,
     {"'a'", "0x6100000000000000000000000000000000000000"},
     {"''", blob_20.c_str()},
     {"repeat(x'FF', 20)", "0xffffffffffffffffffffffffffffffffffffffff"},
     {"''", blob_20.c_str()}},
    {"varbinary(200)",
     type_id::blob,
     {"x'00270A5C'", "0x00270a5c"},
     {"''", "0x"},
     {"x'FF'", "0xff"},
     {"x'00'", "0x00"}},
    {"longblob", type_id::blob, {"x'C328'", "0xc328"}, {"''", "0x"}, {"x'FF'", "0xff"}, {"x'00'", "0x00"}},
    {"mediumblob", type_id::blob, {"x'C328'", "0xc328"}, {"''", "0x"}, {"x'FF'", "0xff"}, {"x'00'", "0x00"}},
    {"blob", type_id::blob, {"x'C328'", "0xc328"}, {"''", "0x"}, {"x'FF'", "0xff"}, {"x'00'", "0x00"}},
    {"tinyblob", type_id::blob, {"x'C328'", "0xc328"}, {"''", "0x"}, {"x'FF'", "0xff"}, {"x'00'", "0x00"}},
    {"json",
     type_id::json,
     {R"('{"a": 10, "b": 2.75, "c": "hello world"}')", R"({"a": 10, "b": 2.75, "c": "hello world"})"},
     {"'{}'", "{}"},
     {"'[1, \"\xC3\xA9\"]'", "[1, \"\xC3\xA9\"]"},
     {"'null'", "null"}},
    {"enum('one','two','three')", type_id::text, {"'two'", "two"}, {"'one'", "one"}, {"3", "three"}, {"'one'", "one"}},
    {"set('one','two','three')", type_id::text, {"'two'", "two"}, {"''", ""}, {"7", "one,two,three"}, {"0", ""}},
    {"bit(64)",
     type_id::uint64,
     {"128", "128"},
     {"0", "0"},
     {"x'FFFFFFFFFFFFFFFF'", "18446744073709551615"},
     {"0", "0"}},
    {"bit(1)", type_id::uint64, {"b'1'", "1"}, {"b'0'", "0"}, {"1", "1"}, {"0", "0"}},
};

const std::string by_text = "SELECT * FROM all_types ORDER BY id";
const std::string by_binary = "SELECT * FROM all_types WHERE id > ? ORDER BY id"; // has a parameter: is prepared

// Rows 0 to 4: ordinary, NULL, least, greatest, zero. Column 0 is the number.
void make_all_types(test::connection& db) {
    db.execute("SET time_zone = '+00:00'");
    std::string sql = "CREATE TABLE all_types (id int NOT NULL PRIMARY KEY";
    for (std::size_t c = 0; c < all_columns.size(); ++c)
        sql += ", c" + std::to_string(c) + ' ' + all_columns[c].declared;
    db.execute(sql + ") CHARACTER SET utf8mb4");
    const auto insert = [&](int id, auto literal) {
        std::string row = "INSERT INTO all_types VALUES (" + std::to_string(id);
        for (const column& c : all_columns) row += std::string(", ") + literal(c);
        db.execute(row + ')');
    };
    insert(0, [](const column& c) { return c.ordinary.literal; });
    insert(1, [](const column&) { return "NULL"; });
    insert(2, [](const column& c) { return c.least.literal; });
    insert(3, [](const column& c) { return c.greatest.literal; });
    insert(4, [](const column& c) { return c.zero.literal; });
}

std::string expected(const column& c, std::size_t row) {
    const std::string type = c.declared;
    if (type == "longtext" && row == 4) return std::string(1, '\0');
    switch (row) {
    case 0: return c.ordinary.text;
    case 1: return "";
    case 2: return c.least.text;
    case 3: return c.greatest.text;
    default: return c.zero.text;
    }
}

std::string as_text(const weft::cell& c) {
    std::string text;
    weft::append_text(text, c);
    return text;
}

// What a block or a batch holds is what is expected.
template <class Block>
void check_block(const Block& rows) {
    REQUIRE(rows.rows() == 5);
    REQUIRE(rows.layout().size() == all_columns.size() + 1);
    for (std::size_t c = 0; c < all_columns.size(); ++c) {
        INFO(all_columns[c].declared);
        CHECK(rows.layout()[c + 1].type.id == all_columns[c].type);
        for (std::size_t r = 0; r < 5; ++r) {
            CHECK(as_text(rows.at(c + 1, r)) == expected(all_columns[c], r));
            CHECK(rows.at(c + 1, r).is_null() == (r == 1));
        }
    }
}

template <class Rows>
void check_rows(const Rows& rows) {
    REQUIRE(rows.size() == 5);
    for (std::size_t r = 0; r < 5; ++r) {
        REQUIRE(rows[r].size() == all_columns.size() + 1);
        for (std::size_t c = 0; c < all_columns.size(); ++c) {
            INFO(all_columns[c].declared << ", row " << r);
            CHECK(rows[r].values()[c + 1].to_string() == expected(all_columns[c], r));
        }
    }
}

} // namespace

TEST_CASE("Every column type has the same values in both forms of rows and in every format", "[types]") {
    scratch on(options_of(each_server()));
    make_all_types(on.db);
    check_rows(on.db.query<weft::named_rows>(by_text));
    check_rows(on.db.query<weft::named_rows>(by_binary, -1));
    check_rows(on.db.query<weft::dicts>(by_text));
    check_rows(on.db.query<weft::dicts>(by_binary, -1));
    check_block(on.db.query<weft::columns>(by_text));
    check_block(on.db.query<weft::columns>(by_binary, -1));
    CHECK(on.db.query<weft::json>(by_text) == on.db.query<weft::json>(by_binary, -1));

    const auto text_rows = on.db.query<weft::named_rows>(by_text);
    const auto binary_rows = on.db.query<weft::named_rows>(by_binary, -1);
    for (std::size_t r = 0; r < 5; ++r) {
        for (std::size_t c = 0; c <= all_columns.size(); ++c) CHECK(text_rows[r][c] == binary_rows[r][c]);
    }
}

TEMPLATE_TEST_CASE("Every column type is read with a fixed instruction set", "[types]", weft::simd::arch::scalar,
                   weft::simd::arch::portable, weft::simd::arch::avx2, weft::simd::arch::native) {
    if (!weft::simd::is_available<TestType>()) SKIP("this processor does not have it");
    scratch on(options_of(each_server()));
    make_all_types(on.db);
    mysql::basic_connection<weft::net::secured<weft::net::socket>, TestType> db(on.settings);
    check_block(db.template query<weft::columns>(by_text));
    check_block(db.template query<weft::columns>(by_binary, -1));
}

TEST_CASE("Every column type goes through Arrow's stream", "[types]") {
    scratch on(options_of(each_server()));
    make_all_types(on.db);
    for (const bool binary : {false, true}) {
        weft::arrow_stream stream =
            binary ? on.db.query<weft::arrow>(by_binary, -1) : on.db.query<weft::arrow>(by_text);
        const std::vector<weft::record_batch> batches = weft::import_stream(std::move(stream));
        REQUIRE(batches.size() == 1);
        REQUIRE(batches[0].rows() == 5);
        for (std::size_t c = 0; c < all_columns.size(); ++c) {
            INFO(all_columns[c].declared);
            for (std::size_t r = 0; r < 5; ++r) CHECK(as_text(batches[0].at(c + 1, r)) == expected(all_columns[c], r));
        }
    }
}

TEST_CASE("Columns tell their names, tables, declarations and whether they can be NULL", "[types]") {
    const std::string server = each_server();
    scratch on(options_of(server));
    on.db.execute("CREATE TABLE t (a int unsigned NOT NULL, b decimal(20,6), c decimal(5,2) unsigned, d varchar(9), "
                  "e varbinary(9), f longtext, g longblob, h enum('x'), i json) CHARACTER SET utf8mb4");
    auto cursor = on.db.stream<weft::named_rows>("SELECT t.*, a AS z, 1 + 1 AS sum, NULL AS none FROM t");
    const auto layout = cursor.description();
    REQUIRE(layout.size() == 12);
    CHECK(layout[0].name == "a");
    CHECK(layout[0].table == "t");
    CHECK(layout[0].declared == "int unsigned");
    CHECK_FALSE(layout[0].nullable);
    CHECK(layout[1].nullable);
    CHECK(layout[1].type == weft::data_type::decimal(20, 6));
    CHECK(layout[2].type == weft::data_type::decimal(5, 2));
    CHECK(layout[3].declared == "varchar");
    CHECK(layout[4].declared == "varbinary");
    CHECK(layout[7].declared == "enum");
    CHECK(layout[8].declared == "json");
    CHECK(layout[9].name == "z");
    CHECK(layout[10].table.empty());
    CHECK(layout[11].type.id == type_id::null);
}

TEST_CASE("Numbers are followed by texts whose length byte looks like a digit", "[types]") {
    scratch on(options_of(each_server()));
    for (const std::size_t size : {47U, 48U, 49U, 57U, 58U}) {
        const auto row = on.db.query_one<weft::tuples<std::int64_t, std::string, double, std::string, int>>(
            "SELECT 12, repeat('x', " + std::to_string(size) + "), 2.5e0, repeat('y', " + std::to_string(size) +
            "), 7");
        REQUIRE(row);
        CHECK(*row == std::tuple(std::int64_t{12}, std::string(size, 'x'), 2.5, std::string(size, 'y'), 7));
    }
}

TEST_CASE("Zero and impossible dates follow the policy", "[types]") {
    mysql::connect_options options = options_of(each_server());
    options.sql_mode = "ALLOW_INVALID_DATES";
    scratch on(options);
    on.db.execute("CREATE TABLE d (id int, a date, b datetime(6))");
    on.db.execute("INSERT INTO d VALUES (1, '0000-00-00', '0000-00-00'), (2, '2020-02-31', '2020-02-31 01:02:03.5'), "
                  "(3, '2020-00-10', '2020-05-00 00:00:00'), (4, '0000-00-00', '0000-00-00 00:00:01')");
    using optional_dates = weft::tuples<std::optional<weft::date>, std::optional<weft::datetime>>;
    const auto read = [](test::connection& db, int id) {
        auto text = db.query<optional_dates>("SELECT a, b FROM d WHERE id = " + std::to_string(id));
        CHECK(text == db.query<optional_dates>("SELECT a, b FROM d WHERE id = ?", id));
        CHECK(db.query<weft::columns>("SELECT a, b FROM d WHERE id = ?", id).at(0, 0).is_null() ==
              !std::get<0>(text[0]));
        return text[0];
    };
    const auto refused = [](test::connection& db, int id, const std::string& shown) {
        for (const bool binary : {false, true}) {
            const std::string sql = "SELECT a, b FROM d WHERE id = ";
            const auto outcome = binary ? db.try_query<optional_dates>(sql + '?', id)
                                        : db.try_query<optional_dates>(sql + std::to_string(id));
            REQUIRE_FALSE(outcome);
            CHECK(outcome.error().kind() == weft::errc::data_error);
            INFO(outcome.error().what());
            CHECK(std::string(outcome.error().what()).find(shown) != std::string::npos);
        }
    };
    CHECK(read(on.db, 1) == optional_dates::row_type{});
    refused(on.db, 2, "column 'a' (index 0), row 0: text '2020-02-31' is no date");
    refused(on.db, 3, "2020-00-10");
    refused(on.db, 4, "0000-00-00 00:00:01");
    CHECK(on.db.query_value<int>("SELECT 5") == 5); // the connection goes on

    mysql::connect_options strict = on.settings;
    strict.dates.zero_dates = mysql::invalid_date::error;
    test::connection strictly(strict);
    refused(strictly, 1, "text '0000-00-00' is no date");
    mysql::connect_options lenient = on.settings;
    lenient.dates.impossible_dates = mysql::invalid_date::null;
    test::connection leniently(lenient);
    for (const int id : {2, 3, 4}) CHECK(read(leniently, id) == optional_dates::row_type{});
}

TEST_CASE("A float in text form has the digits the server prints, in binary form all", "[types]") {
    scratch on(options_of(each_server()));
    on.db.execute("CREATE TABLE f (x float)");
    on.db.execute("INSERT INTO f VALUES (?)", 1.0F / 3.0F);
    CHECK(on.db.query_value<float>("SELECT x FROM f WHERE 1 = ?", 1) == 1.0F / 3.0F);
    CHECK(on.db.query_value<float>("SELECT x FROM f") == 0.333333F);
}

TEST_CASE("Vectors of servers that have them", "[types]") {
    const std::string server = GENERATE("mariadb118", "mysql97");
    scratch on(options_of(server));
    const std::vector<float> v{1.0F, 2.5F, -3.0F};
    on.db.execute("CREATE TABLE v (id int, v vector(3) NOT NULL)");
    on.db.execute("INSERT INTO v VALUES (1, ?)", v);
    CHECK(on.db.query_value<std::vector<float>>("SELECT v FROM v") == v);
    CHECK(on.db.query_value<std::vector<float>>("SELECT v FROM v WHERE id = ?", 1) == v);
    const char* text = server == "mysql97" ? "SELECT vector_to_string(v) FROM v" : "SELECT vec_totext(v) FROM v";
    INFO(on.db.query_value<std::string>(text));

    mysql::connect_options literally = on.settings;
    literally.parameters = mysql::parameter_mode::literals;
    test::connection by_literals(literally);
    by_literals.execute("UPDATE v SET v = ? WHERE id = ?", std::vector<float>{0.5F, 0.0F, 9.0F}, 1);
    CHECK(by_literals.query_value<std::vector<float>>("SELECT v FROM v") == std::vector<float>{0.5F, 0.0F, 9.0F});
    if (server == "mysql97") {
        auto rows = on.db.stream<weft::named_rows>("SELECT v FROM v");
        CHECK(rows.description()[0].type == weft::data_type::vector(3));
    }
}
