// SPDX-License-Identifier: BSL-1.0
// Parameters of every kind come back as they were sent, as values and as literals, in every mode of quoting.
#include <weft/core/json_text.hpp>

#include "servers.hpp"

#include <catch2/catch_test_macros.hpp>

#include <limits>
#include <string>
#include <vector>

namespace mysql = weft::mysql;
using test::each_server;
using test::options_of;
using test::scratch;

namespace {

// The two ways parameters travel, under the SQL modes that change quoting.
std::vector<mysql::connect_options> ways(const mysql::connect_options& settings) {
    std::vector<mysql::connect_options> all;
    for (const char* mode : {"", "NO_BACKSLASH_ESCAPES", "ANSI_QUOTES,NO_BACKSLASH_ESCAPES"}) {
        for (const auto way : {mysql::parameter_mode::prepared, mysql::parameter_mode::literals}) {
            mysql::connect_options options = settings;
            options.parameters = way;
            options.sql_mode = mode;
            all.push_back(std::move(options));
        }
    }
    return all;
}

std::string every_ascii() {
    std::string text;
    for (int c = 0; c < 128; ++c) text += static_cast<char>(c);
    return text + "\xC3\xA9\xF0\x9F\x98\x80'\\";
}

weft::blob every_byte() {
    weft::blob bytes;
    for (int b = 0; b < 256; ++b) bytes.push_back(static_cast<std::byte>(b));
    return bytes;
}

} // namespace

TEST_CASE("Parameters come back as they were sent", "[parameters]") {
    scratch on(options_of(each_server()));
    for (const mysql::connect_options& way : ways(on.settings)) {
        INFO("literals: " << (way.parameters == mysql::parameter_mode::literals) << ", sql_mode '" << way.sql_mode
                          << "'");
        test::connection db(way);
        using std::numeric_limits;
        const auto numbers = [&]<class T>(const char* type, T) {
            db.execute("DROP TEMPORARY TABLE IF EXISTS p");
            db.execute(std::string("CREATE TEMPORARY TABLE p (x ") + type + ")");
            for (const T v : {numeric_limits<T>::lowest(), T{0}, T{1}, numeric_limits<T>::max()}) {
                db.execute("DELETE FROM p");
                db.execute("INSERT INTO p VALUES (?)", v);
                CHECK(db.query_value<T>("SELECT x FROM p") == v);
                CHECK(db.query_value<T>("SELECT x FROM p WHERE 1 = ?", 1) == v);
            }
        };
        numbers("tinyint", std::int8_t{});
        numbers("bigint", std::int64_t{});
        numbers("bigint unsigned", std::uint64_t{});
        numbers("double", double{});
    }
}

// MySQL takes no TIME of 838 hours with a fraction as a value (error 1690), only as a literal.
TEST_CASE("Texts, bytes, dates and decimals come back as they were sent", "[parameters]") {
    scratch on(options_of(each_server()));
    on.db.execute("CREATE TABLE p (a longtext CHARACTER SET utf8mb4, b longblob, c date, d time(6), e datetime(6), "
                  "f decimal(65,30), g json)");
    for (const mysql::connect_options& way : ways(on.settings)) {
        INFO("literals: " << (way.parameters == mysql::parameter_mode::literals) << ", sql_mode '" << way.sql_mode
                          << "'");
        test::connection db(way);
        using row =
            std::tuple<std::string, weft::blob, weft::date, weft::time, weft::datetime, weft::decimal, weft::json_text>;
        const std::vector<row> rows{
            {every_ascii(), every_byte(), weft::date(1000, 1, 1), -weft::time(837, 59, 59, 999999),
             weft::datetime(9999, 12, 31, 23, 59, 59, 999999),
             weft::decimal::parse("-99999999999999999999999999999999999.999999999999999999999999999999"),
             weft::json_text(R"({"a": "it's \\ \""})")},
            {"",
             {},
             weft::date(9999, 12, 31),
             weft::time(0, 0, 0, 1),
             weft::datetime(1000, 1, 1, 0, 0, 0),
             weft::decimal::parse("0.000000000000000000000000000001"),
             weft::json_text("[]")},
        };
        for (const row& r : rows) {
            db.execute("DELETE FROM p");
            db.execute("INSERT INTO p VALUES (?, ?, ?, ?, ?, ?, ?)", std::get<0>(r), std::get<1>(r), std::get<2>(r),
                       std::get<3>(r), std::get<4>(r), std::get<5>(r), std::get<6>(r));
            using as_row = weft::tuples<std::string, weft::blob, weft::date, weft::time, weft::datetime, weft::decimal,
                                        std::string>;
            for (const bool binary : {false, true}) {
                const auto got = binary ? db.query_one<as_row>("SELECT * FROM p WHERE 1 = ?", 1)
                                        : db.query_one<as_row>("SELECT * FROM p");
                REQUIRE(got);
                CHECK(std::get<0>(*got) == std::get<0>(r));
                CHECK(std::get<1>(*got) == std::get<1>(r));
                CHECK(std::get<2>(*got) == std::get<2>(r));
                CHECK(std::get<3>(*got) == std::get<3>(r));
                CHECK(std::get<4>(*got) == std::get<4>(r));
                CHECK(std::get<5>(*got) == std::get<5>(r));
                CHECK(std::get<6>(*got) == std::get<6>(r).str());
            }
        }
    }
}

TEST_CASE("Quoted text cannot leave its literal in any session character set", "[parameters]") {
    const std::string server = each_server();
    mysql::connect_options options = options_of(server);
    for (const char* charset : {"gbk", "sjis", "big5", "latin1", "cp932"}) {
        options.charset = charset;
        options.parameters = mysql::parameter_mode::literals;
        test::connection db(options);
        for (const char* sql_mode : {"", "NO_BACKSLASH_ESCAPES"}) {
            db.execute(std::string("SET sql_mode = '") + sql_mode + '\'');
            // a lead byte before a quote or a backslash, which a quoter that is blind to the character set would let
            // swallow its escape
            for (const char* attack :
                 {"\xBF' OR 1=1 -- ", "\xBF\\' OR 1=1 -- ", "\x95\\", "\x83\\ OR 1", "\xBF\xBF'"}) {
                INFO(charset << ' ' << sql_mode << ' ' << attack);
                const auto outcome =
                    db.try_query_value<std::int64_t>("SELECT length(?) + 0 * length(?)", std::string(attack), "x");
                if (outcome) {
                    CHECK(*outcome > 0);
                } else {
                    CHECK(outcome.error().diagnostics().code !=
                          1064); // never a syntax error: refused or an error of text
                }
            }
            const weft::blob bytes = every_byte();
            CHECK(db.query_value<std::string>("SELECT hex(?)", bytes).size() == 512);
            CHECK(db.query_value<std::string>("SELECT concat(?, ?)", "it's", " plain\\") == "it's plain\\");
        }
    }
}

TEST_CASE("Parameters that cannot be sent are refused before anything is", "[parameters]") {
    mysql::connect_options options = options_of(each_server());
    for (const auto way : {mysql::parameter_mode::prepared, mysql::parameter_mode::literals}) {
        options.parameters = way;
        test::connection db(options);
        CHECK_THROWS_AS(db.query_value<double>("SELECT ?", std::numeric_limits<double>::quiet_NaN()), weft::data_error);
        CHECK_THROWS_AS(db.query_value<double>("SELECT ?", std::numeric_limits<double>::infinity()), weft::data_error);
        CHECK_THROWS_AS(db.execute("SELECT ?, ?", 1), weft::programming_error);
        CHECK_THROWS_AS(db.execute("SELECT ?", 1, 2), weft::programming_error);
        CHECK(db.query_value<int>("SELECT ?", 3) == 3);
        mysql::connect_options nulls = options;
        nulls.numbers.nan_as_null = nulls.numbers.inf_as_null = true;
        test::connection lenient(nulls);
        CHECK(lenient.query_value<bool>("SELECT ? IS NULL", std::numeric_limits<double>::quiet_NaN()));
        CHECK(lenient.query_value<bool>("SELECT ? IS NULL", -std::numeric_limits<double>::infinity()));
    }
}
