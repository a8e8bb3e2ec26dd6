// SPDX-License-Identifier: BSL-1.0
#include <weft/mysql/protocol/escape.hpp>

#include <weft/core/value.hpp>

#include "bytes.hpp"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <limits>
#include <string>
#include <vector>

using namespace weft::mysql::protocol;
using test::hex;
using weft::cell;
using weft::value;

namespace {

const literal_rules utf8 = rules_of_session("utf8mb4", 0);
const literal_rules no_backslash = rules_of_session("utf8mb4", status::no_backslash_escapes);
const literal_rules gbk = rules_of_session("gbk", 0);
const literal_rules unknown = rules_of_session("klingon", 0);

std::string literal(const cell& c, const literal_rules& rules = utf8) {
    std::string out;
    append_literal(out, c, rules);
    return out;
}

std::string statement(std::string_view sql, std::vector<cell> cells, const literal_rules& rules = utf8) {
    std::string out = "> ";
    append_statement(out, sql, cells, rules);
    return out.substr(2);
}

} // namespace

TEST_CASE("every kind of value has its literal") {
    CHECK(literal(cell()) == "NULL");
    CHECK(literal(cell(true)) == "1");
    CHECK(literal(cell(false)) == "0");
    CHECK(literal(cell(std::numeric_limits<std::int64_t>::min())) == "-9223372036854775808");
    CHECK(literal(cell(std::numeric_limits<std::uint64_t>::max())) == "18446744073709551615");
    CHECK(literal(cell(1.5)) == "1.5e0");
    CHECK(literal(cell(-0.0)) == "-0e0");
    CHECK(literal(cell(1e20)) == "1e+20");
    CHECK(literal(cell(1e-7)) == "1e-07");
    CHECK(literal(cell::of_decimal_text("1.50")) == "1.50");
    CHECK(literal(cell::of_decimal_text("1E+5")) == "100000");
    CHECK(literal(cell(weft::date(2012, 3, 4))) == "'2012-03-04'");
    CHECK(literal(cell(weft::datetime::parse("2012-03-04 05:06:00"))) == "'2012-03-04 05:06:00'");
    CHECK(literal(cell(weft::datetime::parse("2012-03-04 05:06:00.000008"))) == "'2012-03-04 05:06:00.000008'");
    CHECK(literal(cell(weft::time::parse("-00:00:02"))) == "'-00:00:02'");
    CHECK(literal(cell(weft::time::parse("838:59:59.999999"))) == "'838:59:59.999999'");
    CHECK(literal(cell::of_text("foo'bar")) == "'foo\\'bar'");
    CHECK(literal(cell::of_text(std::string_view("\0\n\r\x1A\"'\\%_\t", 10))) == "'\\0\\n\\r\\Z\\\"\\'\\\\%_\t'");
    CHECK(literal(cell::of_text("")) == "''");
    CHECK(literal(cell::of_json(R"({"a":"\n"})")) == R"('{\"a\":\"\\n\"}')");
    const weft::blob bytes = hex("00 27 ff");
    CHECK(literal(cell::of_blob(bytes)) == "x'0027ff'");
    CHECK(literal(cell::of_blob({})) == "x''");
    literal_rules introduced = utf8;
    introduced.binary_introducer = true;
    CHECK(literal(cell::of_blob(bytes), introduced) == "_binary x'0027ff'");
    const std::array<float, 2> v{1.0F, -3.0F};
    CHECK(literal(cell::of_vector(v)) == "x'0000803f000040c0'");
}

TEST_CASE("without backslash escapes only quotes are doubled") {
    CHECK(literal(cell::of_text("a'b\\'\n\""), no_backslash) == "'a''b\\''\n\"'");
}

TEST_CASE("text whose bytes do not tell characters apart goes as digits") {
    CHECK(literal(cell::of_text("\xBF\\' OR 1=1"), gbk) == "_gbk x'bf5c27204f5220313d31'");
    CHECK(literal(cell::of_text("a"), unknown) == "x'61'");
    std::string out;
    CHECK_THROWS_AS(append_identifier(out, "\xBF`", gbk), weft::data_error);
    CHECK_THROWS_AS(statement("SELECT '\xBF\\', ?", {cell(true)}, gbk), weft::data_error);
    CHECK(statement("SELECT ?", {cell(true)}, gbk) == "SELECT 1");
}

TEST_CASE("values without a literal are refused and leave the text alone") {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    constexpr double infinity = std::numeric_limits<double>::infinity();
    std::string out = "keep";
    for (const double v : {nan, infinity, -infinity})
        CHECK_THROWS_AS(append_literal(out, cell(v), utf8), weft::data_error);
    const value empty = value::list({});
    CHECK_THROWS_AS(append_literal(out, empty.view(), utf8), weft::data_error);
    const value half = value::list({value(1), value(nan)});
    CHECK_THROWS_AS(append_literal(out, half.view(), utf8), weft::data_error);
    const value structure = value::structure({{"a", value(1)}});
    CHECK_THROWS_AS(append_literal(out, structure.view(), utf8), weft::data_error);
    CHECK_THROWS_AS(append_statement(out, "SELECT ?, ?", std::vector<cell>{cell(1.0), cell(nan)}, utf8),
                    weft::data_error);
    value deep(1);
    for (int i = 0; i < 40; ++i) deep = value::list({deep});
    CHECK_THROWS_AS(append_literal(out, deep.view(), utf8), weft::data_error);
    CHECK(out == "keep");

    literal_rules nulls = utf8;
    nulls.values.nan_as_null = true;
    CHECK(literal(cell(nan), nulls) == "NULL");
    CHECK_THROWS_AS(literal(cell(-infinity), nulls), weft::data_error);
    nulls.values.inf_as_null = true;
    CHECK(literal(cell(-infinity), nulls) == "NULL");
}

TEST_CASE("lists become what IN takes") {
    const value list = value::list({value(1), value(std::string("a'"))});
    CHECK(literal(list.view()) == "(1,'a\\'')");
    CHECK(statement("x IN ? AND 1", {list.view()}) == "x IN (1,'a\\'') AND 1");
    CHECK(statement("x IN (?) AND 1", {list.view()}) == "x IN (1,'a\\'') AND 1");
    const value rows = value::list({list, list});
    CHECK(statement("(x,y) IN (?)", {rows.view()}) == "(x,y) IN ((1,'a\\''),(1,'a\\''))");
}

TEST_CASE("statements get their values where the placeholders are") {
    CHECK(statement("SELECT ?, '?', `?`, \"?\" -- ?\n, ?", {cell(std::int64_t{1}), cell::of_text("?")}) ==
          "SELECT 1, '?', `?`, \"?\" -- ?\n, '?'");
    CHECK(statement("SELECT ?2, ?1, ?2", {cell(true), cell()}) == "SELECT NULL, 1, NULL");
    CHECK(statement("SELECT 5 % s, '%s'", {}) == "SELECT 5 % s, '%s'");
    CHECK(statement("SELECT '\\'?', ?", {cell(true)}) == "SELECT '\\'?', 1");
    CHECK(statement("SELECT '\\', ?", {cell(true)}, no_backslash) == "SELECT '\\', 1");
    CHECK_THROWS_AS(statement("SELECT ?", {}), weft::programming_error);
    CHECK_THROWS_AS(statement("SELECT 1", {cell()}), weft::programming_error);
    CHECK_THROWS_AS(statement("SELECT ?0", {cell()}), weft::programming_error);
}

TEST_CASE("a value in an executable comment cannot end it") {
    // Whoever takes the comment for one looks for its end alone, quotes or not.
    const auto text = [](std::string_view t) { return cell::of_text(t); };
    const auto number = [](std::int64_t n) { return cell(n); };
    CHECK(statement("SELECT ? /*!50110 + ? */", {number(1), number(2)}) == "SELECT 1 /*!50110 +  2 */");
    CHECK(statement("SELECT /*!?*/", {number(50000)}) == "SELECT /*! 50000*/"); // no version
    CHECK(statement("/*! ? */ ?", {text("a"), text("*/")}) == "/*!  'a' */ '*/'");
    CHECK(statement("/*!99999 ? */", {text("x */ DROP")}) == "/*!99999  _utf8mb4 x'78202a2f2044524f50' */");
    CHECK(statement("/*M! ? */", {text("/* x")}) == "/*M!  _utf8mb4 x'2f2a2078' */");
    CHECK(statement("/*! ? */", {text("* / /+*")}) == "/*!  '* / /+*' */");
    CHECK(statement("/*! ? */", {text("*'/")}, no_backslash) == "/*!  '*''/' */");
    const value list = value::list({value("*/"), value("b")});
    CHECK(statement("/*! a IN ? */", {list.view()}) == "/*! a IN  (_utf8mb4 x'2a2f','b') */");
    for (const std::string_view begin : {"*", "/"})
        for (const std::string_view end : {"*", "/"}) {
            const std::string marked = std::string(begin) + std::string(end);
            const std::string out = statement("/*! ? */", {text(marked)}).substr(3);
            CHECK(out.find("*/") == out.size() - 2);
            CHECK(out.find("/*") == std::string::npos);
        }
    for (const char* sql : {"/*! '*/ x' */ ?", "/*! 'x*/' + ? */", "/*!99999 it's */ 'x' y ' */ ?", "/*! `/*` */ ?",
                            "/*! -- */ '\n ? */", "/*M! # /* \n ? */"}) {
        CAPTURE(sql); // whoever skips the comment would find a value within quotes
        CHECK_THROWS_AS(statement(sql, {number(1)}), weft::programming_error);
    }
    CHECK(statement("/* '*/ ? /*! 'x' -- y\n */", {number(1)}) == "/* '*/ 1 /*! 'x' -- y\n */");
}

TEST_CASE("names are quoted") {
    std::string out;
    append_identifier(out, "a`b", utf8);
    append_identifier(out, "\xC3\xA9", utf8);
    CHECK(out == "`a``b``\xC3\xA9`");
    CHECK_THROWS_AS(append_identifier(out, "", utf8), weft::data_error);
    CHECK_THROWS_AS(append_identifier(out, std::string_view("a\0b", 3), utf8), weft::data_error);
}

TEST_CASE("character sets are found by name and by collation") {
    CHECK(find_charset("UTF8MB4")->default_collation == 45);
    CHECK(find_charset("utf8mb3")->default_collation == 33);
    CHECK(find_charset("latin1")->default_collation == 8);
    CHECK(find_charset("utf9") == nullptr);
    CHECK(find_charset("") == nullptr);
    const auto of = [](std::uint16_t id) {
        const charset* c = charset_of_collation(id);
        return c == nullptr ? std::string_view("none") : c->name;
    };
    CHECK(of(45) == "utf8mb4");
    CHECK(of(46) == "utf8mb4");
    CHECK(of(224) == "utf8mb4");
    CHECK(of(255) == "utf8mb4");
    CHECK(of(309) == "utf8mb4");
    CHECK(of(1069) == "utf8mb4"); // NO PAD
    CHECK(of(2304) == "utf8mb4"); // uca1400
    CHECK(of(33) == "utf8mb3");
    CHECK(of(192) == "utf8mb3");
    CHECK(of(63) == "binary");
    CHECK(of(47) == "latin1");
    CHECK(of(0) == "none");
    CHECK(of(1000) == "none");
    CHECK(charset_of_collation_name("utf8mb4_uca1400_ai_ci") == find_charset("utf8mb4"));
    CHECK(charset_of_collation_name("binary") == find_charset("binary"));
    for (const char* name : {"big5", "sjis", "gbk", "gb18030", "cp932", "ucs2", "utf16", "utf32"})
        CHECK_FALSE(find_charset(name)->ascii_safe);
    for (const char* name : {"utf8mb4", "latin1", "ujis", "euckr", "binary"}) CHECK(find_charset(name)->ascii_safe);
    for (int id = 0; id < 65536; ++id) {
        const charset* c = charset_of_collation(static_cast<std::uint16_t>(id));
        if (c != nullptr) CHECK(find_charset(c->name) == c);
    }
}
