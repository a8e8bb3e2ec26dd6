// SPDX-License-Identifier: BSL-1.0

// Declared column types: what is bound is what is stored and what is read, and everything else is refused by name.

#include <weft/cursor.hpp>
#include <weft/embedded.hpp>
#include <weft/format/columns.hpp>
#include <weft/format/dicts.hpp>
#include <weft/format/named_rows.hpp>
#include <weft/format/tuples.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <limits>
#include <string>

using weft::type_id;
using weft::value;
using weft::embedded::column_type;
using weft::embedded::database;

namespace {

using namespace std::string_literals;

struct declaration {
    std::string_view declared;
    std::string_view type;
};

// What a column of this declaration gives for a stored literal: kind and value, or the error.
std::string read_back(std::string_view declared, std::string_view literal) {
    database db(":memory:");
    db.execute("CREATE TABLE t (v " + std::string(declared) + ")");
    db.execute("INSERT INTO t VALUES (" + std::string(literal) + ")");
    try {
        return weft::describe(std::get<0>(*db.query_one<weft::tuples<value>>("SELECT v FROM t")).view());
    } catch (const weft::data_error& e) {
        return e.what();
    }
}

// The same through a parameter.
template <class T>
T round_trip(std::string_view declared, const T& v) {
    database db(":memory:");
    db.execute("CREATE TABLE t (v " + std::string(declared) + ")");
    db.execute("INSERT INTO t VALUES (?)", v);
    return db.query_value<T>("SELECT v FROM t");
}

std::string refused(const auto& v) {
    database db(":memory:");
    try {
        db.execute("SELECT ?", v);
    } catch (const weft::data_error& e) {
        return e.what();
    }
    return "no error";
}

} // namespace

TEST_CASE("declared types map to weft types, in any case") {
    for (const auto& [declared, type] : std::initializer_list<declaration>{
             {"INTEGER", "int64"},
             {"int", "int64"},
             {"Unsigned Big Int", "int64"},
             {"TINYINT(1)", "int64"},
             {"BOOL", "boolean"},
             {"boolean", "boolean"},
             {"DECIMAL", "decimal"},
             {"DECIMAL(10)", "decimal(10, 0)"},
             {"decimal(10,2)", "decimal(10, 2)"},
             {"NUMERIC( 65 , 30 )", "decimal(65, 30)"},
             {"DECIMAL(66, 2)", "decimal"},
             {"DECIMAL(2, 3)", "decimal"},
             {"DECIMAL(-1, 0)", "decimal"},
             {"DECIMAL(99999999999999999999)", "decimal"},
             {"DECIMAL_TEXT(30, 3)", "decimal(30, 3)"},
             {"DECIMAL(", "decimal"},
             {"REAL", "float64"},
             {"DOUBLE PRECISION", "float64"},
             {"float", "float64"},
             {"DATE", "date"},
             {"DATETIME", "datetime"},
             {"DATETIME(6)", "datetime"},
             {"timestamp with time zone", "datetime"},
             {"TIME", "time"},
             {"TIME(6)", "time"},
             {"JSON", "json"},
             {"jsonb", "json"},
             {"VECTOR(3)", "vector(3)"},
             {"F32_BLOB(4)", "vector(4)"},
             {"VECTOR", "vector"},
             {"VECTOR(0)", "vector"},
             {"VARCHAR(20)", "text"},
             {"CLOB", "text"},
             {"text", "text"},
             {"BLOB", "blob"},
             {"VARBINARY(16)", "blob"},
             {"", "any"},
             {"GEOGRAPHY", "any"},
         }) {
        CAPTURE(declared);
        CHECK(to_string(column_type(declared)) == type);
    }
}

TEST_CASE("values of every type come back as they were bound") {
    CHECK(round_trip("BOOLEAN", true) == true);
    CHECK(round_trip("BIGINT", std::numeric_limits<std::int64_t>::min()) == std::numeric_limits<std::int64_t>::min());
    CHECK(round_trip("BIGINT", std::uint64_t{INT64_MAX}) == std::uint64_t{INT64_MAX});
    for (const double v : {0.0, -0.0, 0.1, 1e308, 5e-324, std::numeric_limits<double>::infinity()}) {
        CHECK(round_trip("DOUBLE", v) == v);
        CHECK(round_trip("DOUBLE", -v) == -v);
    }
    for (const char* text : {"0", "-0.01", "99999999999999999.99", "0.10", "123"}) {
        const auto v = weft::decimal::parse(text);
        CHECK(round_trip("DECIMAL_TEXT(20, 2)", v) == v);
        CHECK(round_trip("DECIMAL_TEXT(20, 2)", v).scale() == 2);
    }
    const auto longest = weft::decimal::parse(std::string(35, '9') + "." + std::string(30, '9'));
    CHECK(round_trip("DECIMAL_TEXT(65, 30)", longest) == longest);
    for (const char* text : {"0001-01-01", "1969-12-31", "2024-02-29", "9999-12-31"}) {
        CHECK(round_trip("DATE", weft::date::parse(text)) == weft::date::parse(text));
    }
    for (const char* text : {"-838:59:59", "00:00:00", "-00:00:00.000001", "838:59:59", "23:59:59.999999"}) {
        CHECK(round_trip("TIME", weft::time::parse(text)) == weft::time::parse(text));
    }
    for (const char* text : {"0001-01-01 00:00:00", "1969-12-31 23:59:59.999999", "9999-12-31 23:59:59.999999"}) {
        CHECK(round_trip("DATETIME", weft::datetime::parse(text)) == weft::datetime::parse(text));
    }
    for (const std::string& text : {""s, "x"s, "Grüße 🧵"s, std::string(100'000, 'x'), "12"s, "1e5"s}) {
        CHECK(round_trip("TEXT", text) == text);
    }
    weft::blob bytes(70'000);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 7);
    CHECK(round_trip("BLOB", bytes) == bytes);
    CHECK(round_trip("BLOB", weft::blob()).empty());
    for (const char* text : {"null", "1", "-1.5", "\"x\"", R"({"a":[1,{"b":null}]})"}) {
        CHECK(round_trip("JSON", weft::json_text::parse(text)) == weft::json_text::parse(text));
    }
    const std::vector<float> vector{0.0F, -1.5F, std::numeric_limits<float>::max(),
                                    std::numeric_limits<float>::denorm_min()};
    CHECK(round_trip("VECTOR(4)", vector) == vector);
    CHECK(round_trip("VECTOR", std::vector<float>()).empty());
    CHECK(round_trip("INTEGER", std::optional<int>()) == std::nullopt);
}

TEST_CASE("decimals keep every digit, in a column declared for it") {
    database db(":memory:");
    db.execute("CREATE TABLE t (a DECIMAL(20, 2), b DECIMAL_TEXT(40, 10), c DECIMAL)");
    const auto exact = weft::decimal::parse("123456789012345678901234567890.0123456789");
    db.execute("INSERT INTO t VALUES (?, ?, ?)", weft::decimal::parse("12.50"), exact, weft::decimal::parse("0.125"));
    const auto row = *db.query_one<weft::tuples<weft::decimal, weft::decimal, weft::decimal>>("SELECT * FROM t");
    CHECK(std::get<0>(row).to_string() == "12.50");
    CHECK(std::get<1>(row) == exact);
    CHECK(std::get<2>(row).to_string() == "0.125");
    // Sums of what SQLite holds as reals come out with the declared number of digits.
    CHECK(read_back("DECIMAL(10, 2)", "0.1 + 0.2") == "decimal 0.30");
    CHECK(read_back("DECIMAL(10, 2)", "5") == "decimal 5.00");
}

TEST_CASE("dates are read from text, Unix seconds and Julian days") {
    CHECK(read_back("DATE", "'2024-02-29'") == "date 2024-02-29");
    CHECK(read_back("DATE", "'2024-02-29 00:00:00'") == "date 2024-02-29");
    CHECK(read_back("DATE", "0") == "date 1970-01-01");
    CHECK(read_back("DATE", "-1") == "date 1969-12-31");
    CHECK(read_back("DATETIME", "1709210096") == "datetime 2024-02-29 12:34:56");
    CHECK(read_back("DATETIME", "-62135596800") == "datetime 0001-01-01 00:00:00");
    CHECK(read_back("DATETIME", "2460370.0242592595") == "datetime 2024-02-29 12:34:56");
    CHECK(read_back("DATETIME", "julianday('2024-02-29 12:34:56.789')") == "datetime 2024-02-29 12:34:56.789000");
    CHECK(read_back("DATETIME", "unixepoch('2024-02-29 12:34:56')") == "datetime 2024-02-29 12:34:56");
    CHECK(read_back("DATE", "julianday('2024-02-29')") == "date 2024-02-29");
    CHECK(read_back("DATETIME", "'2024-02-29'") == "datetime 2024-02-29 00:00:00");
    CHECK(read_back("DATETIME", "CURRENT_TIMESTAMP").starts_with("datetime 20"));
}

TEST_CASE("a stored value that is not of its column's type is an error that names column, row and value") {
    struct bad {
        std::string_view declared;
        std::string_view literal;
        std::string_view shown;
    };
    for (const auto& [declared, literal, shown] : std::initializer_list<bad>{
             {"INTEGER", "'abc'", "text 'abc'"},
             {"INTEGER", "1.5", "float64 1.5"},
             {"INTEGER", "x'00'", "blob of 1 bytes"},
             {"BOOLEAN", "2", "int64 2"},
             {"BOOLEAN", "'true'", "text 'true'"},
             {"BOOLEAN", "0.5", "float64 0.5"},
             {"DOUBLE", "'1.5x'", "text '1.5x'"},
             {"DECIMAL(5, 2)", "'abc'", "text 'abc'"},
             {"DECIMAL_TEXT(5, 2)", "'1.234'", "text '1.234'"},
             {"DECIMAL_TEXT(5, 2)", "'12345678'", "text '12345678'"},
             {"DECIMAL(5, 2)", "x'00'", "blob of 1 bytes"},
             {"DECIMAL", "9e999", "float64 inf"},
             {"DATE", "'2023-02-29'", "text '2023-02-29'"},
             {"DATE", "'2024-02-29 12:00:00'", "text '2024-02-29 12:00:00'"},
             {"DATE", "9223372036854775807", "int64 9223372036854775807"},
             {"DATE", "-1e300", "float64 -1e+300"},
             {"DATE", "x'00'", "blob of 1 bytes"},
             {"DATETIME", "'2024-02-30 00:00:00'", "text '2024-02-30 00:00:00'"},
             {"DATETIME", "253402300800", "int64 253402300800"},
             {"DATETIME", "-62135596801", "int64 -62135596801"},
             {"DATETIME", "9e999", "float64 inf"},
             {"TIME", "'839:00:00'", "text '839:00:00'"},
             {"TIME", "5", "int64 5"},
             {"JSON", "'{\"a\":'", "text '{\"a\":'"},
             {"JSON", "9e999", "float64 inf"},
             {"JSON", "x'00'", "blob of 1 bytes"},
             {"VECTOR(2)", "'[1, 2, 3]'", "text '[1, 2, 3]'"},
             {"VECTOR(2)", "'[1, x]'", "text '[1, x]'"},
             {"VECTOR(2)", "x'000000'", "blob of 3 bytes"},
             {"VECTOR(2)", "x'00000000'", "blob of 4 bytes"},
             {"VECTOR(2)", "7", "int64 7"},
             {"TEXT", "x'00'", "blob of 1 bytes"},
             {"BLOB", "5", "int64 5"},
         }) {
        CAPTURE(declared, literal);
        const std::string message = read_back(declared, literal);
        CHECK(message == "column 'v' (index 0), row 0: " + std::string(shown) + " in a column declared " +
                             std::string(declared) + "; CAST the column to read it as it is");
    }
}

TEST_CASE("numbers that a text column turns to text stay text, and texts may be read as bytes") {
    CHECK(read_back("TEXT", "5") == "text '5'");
    CHECK(read_back("VARCHAR(3)", "1.5") == "text '1.5'");
    CHECK(read_back("BLOB", "'abc'") == "blob of 3 bytes");
    CHECK(read_back("DOUBLE", "3") == "float64 3");
    CHECK(read_back("", "'5'") == "text '5'");
    CHECK(read_back("JSON", "5") == "json '5'");
}

TEST_CASE("the row in a mismatch is the row of the result") {
    database db(":memory:");
    db.execute("CREATE TABLE t (d DATE); INSERT INTO t VALUES ('2024-01-01'), ('2024-01-02'), ('yesterday')");
    try {
        (void)db.query<weft::columns>("SELECT d FROM t");
        FAIL("nothing was thrown");
    } catch (const weft::data_error& e) {
        CHECK(std::string(e.what()).starts_with(
            "column 'd' (index 0), row 2: text 'yesterday' in a column declared DATE"));
        CHECK(e.diagnostics().attempted == "SELECT d FROM t");
    }
    CHECK(db.query<weft::dicts>("SELECT CAST(d AS TEXT) AS d FROM t")[2]["d"] == value("yesterday"));
}

TEST_CASE("text that SQLite would not give back as it was is refused on the way in") {
    CHECK(refused("a\0b"s) == "parameter 1 cannot be stored: the text has a NUL byte at position 1; bind a weft::blob");
    CHECK(refused("a\xFF"s) ==
          "parameter 1 cannot be stored: the text is not valid UTF-8 at byte 1; bind a weft::blob");
    CHECK(refused("\xED\xA0\x80"s).find("not valid UTF-8 at byte 0") != std::string::npos); // a surrogate
    CHECK(refused("\xC0\x80"s).find("not valid UTF-8 at byte 0") != std::string::npos);     // overlong
    CHECK(refused(std::uint64_t{INT64_MAX} + 1) ==
          "parameter 1 (uint64 9223372036854775808) cannot be stored: SQLite's "
          "integers end at 9223372036854775807");
    CHECK(refused(std::nan("")) == "parameter 1 (float64 nan) cannot be stored: SQLite would store NaN as NULL");
    CHECK(refused(weft::blob{std::byte{0}, std::byte{0xFF}}) == "no error");
}

TEST_CASE("text in the file that is not UTF-8 is named, and can be read as bytes") {
    database db(":memory:");
    db.execute(
        "CREATE TABLE t (v TEXT); INSERT INTO t VALUES ('good'), (CAST(x'61ff62' AS TEXT)), (CAST(x'610062' AS TEXT))");
    const auto message = [&](auto&& call) {
        try {
            (void)call();
        } catch (const weft::data_error& e) {
            return std::string(e.what());
        }
        return "no error"s;
    };
    const std::string expected =
        "column 'v' (index 0), row 1: text is not valid UTF-8 at byte 1; read it as weft::blob";
    CHECK(message([&] { return db.query<weft::tuples<std::string>>("SELECT v FROM t"); }) == expected);
    CHECK(message([&] { return db.query<weft::dicts>("SELECT v FROM t"); }) == expected);
    CHECK(message([&] { return db.query<weft::named_rows>("SELECT v FROM t"); }) == expected);
    CHECK(message([&] { return db.query<weft::columns>("SELECT v FROM t"); }).find("'v'") != std::string::npos);
    const auto bytes = db.query<weft::tuples<weft::blob>>("SELECT v FROM t");
    CHECK(std::get<0>(bytes[1]) == weft::blob{std::byte{'a'}, std::byte{0xFF}, std::byte{'b'}});
    CHECK(db.query_value<std::string>("SELECT v FROM t WHERE rowid = 3") == "a\0b"s);
}
