// SPDX-License-Identifier: BSL-1.0
#include <weft/cursor/placeholders.hpp>

#include <weft/cursor/parameters.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using weft::placeholder_style;
using weft::sql_dialect;
using weft::summarize_placeholders;

namespace {

constexpr sql_dialect plain{};
constexpr sql_dialect sqlite{.bracket_identifiers = true, .sigil_parameters = true};
constexpr sql_dialect mysql{
    .backslash_escapes = true, .hash_comments = true, .spaced_dash_comments = true, .executable_comments = true};
constexpr sql_dialect ansi_mysql{.backslash_escapes = true,
                                 .hash_comments = true,
                                 .spaced_dash_comments = true,
                                 .quoted_identifiers = true,
                                 .executable_comments = true};

// Every placeholder as its text, its style where the text does not tell, and the statement it is in.
std::string found_in(std::string_view sql, const sql_dialect& dialect) {
    weft::detail::placeholder_scanner scanner(sql, dialect);
    weft::placeholder p{};
    std::string all;
    while (scanner.next(p)) {
        if (!all.empty()) all += ' ';
        const std::string_view text = sql.substr(p.offset, p.length);
        all += text;
        switch (p.style) {
        case placeholder_style::question: CHECK(text == "?"); break;
        case placeholder_style::numbered: CHECK(text == "?" + std::to_string(p.number)); break;
        case placeholder_style::named: CHECK(text.substr(1) == p.name); break;
        case placeholder_style::format: CHECK(text == "%s"); break;
        case placeholder_style::format_named: CHECK(text == "%(" + std::string(p.name) + ")s"); break;
        case placeholder_style::percent: CHECK(text == "%%"); break;
        }
        if (p.statement != 0) all += "/" + std::to_string(p.statement);
    }
    return all;
}

struct sample {
    std::string_view sql;
    std::string_view plain;
    std::string_view sqlite;
    std::string_view mysql;
};

// Texts that every dialect reads alike.
const std::vector<std::pair<std::string_view, std::string_view>> common{
    {"", ""},
    {"SELECT 1", ""},
    {"?", "?"},
    {"SELECT ?, ?", "? ?"},
    {"SELECT ?2, ?1, ?", "?2 ?1 ?"},
    {"SELECT :a, :Name_2", ":a :Name_2"},
    {"SELECT :größe", ":größe"},
    {"SELECT %s, %(a)s, %(a b)s", "%s %(a)s %(a b)s"},
    {"SELECT '?', ?", "?"},
    {"SELECT 'it''s ?', ?", "?"},
    {"SELECT \"?\", `?`, ?", "?"},
    {"SELECT \"a\"\"?\", `b``?`, ?", "?"},
    {"SELECT '', ?, ''", "?"},
    {"SELECT '%s', ? WHERE a LIKE '%s'", "?"},
    {"a LIKE '%s%%'", ""},
    {"SELECT 1 -- ? 'x\n, ?", "?"},
    {"SELECT 1 -- ?", ""},
    {"SELECT /* ? ' \n */ ?", "?"},
    {"SELECT /**/ ?", "?"},
    {"SELECT /*/ ? */ ?", "?"},
    {"SELECT 1/2, 3*4, 5-6, ?", "?"},
    {"SELECT 1 - -?", "?"},
    {"SELECT a::text, ?::int", "?"},
    {"SELECT ::a", ""},
    {"SELECT a[1:2]", ""},
    {"SELECT '12:30' , x:y", ":y"},
    {"SELECT 10 %% 3, %s", "%% %s"},
    {"SELECT a%s", "%s"},
    {"SELECT 7 % size", ""},
    {"SELECT 7 %size", ""},
    {"SELECT 7 %d", ""},
    {"SELECT %()s", ""},
    {"SELECT %(a)d", ""},
    {"SELECT %(a", ""},
    {"SELECT %", ""},
    {"SELECT :", ""},
    {"SELECT :1", ""},
    {"SELECT 'unterminated ?", ""},
    {"SELECT \"unterminated ?", ""},
    {"SELECT `unterminated ?", ""},
    {"SELECT ? /* unterminated ?", "?"},
    {"SELECT ? /*", "?"},
    {"SELECT ?;SELECT ?, ':x;' ; ;SELECT :a", "? ?/1 :a/3"},
    {"SELECT a$b:c, t1?", ":c ?"},
};

const std::vector<sample> different{
    {R"(SELECT 'a\', ?')", "?", "?", ""},     {R"(SELECT 'a\'?', ?)", "?", "?", "?"},
    {R"(SELECT "a\"?", ?)", "?", "?", "?"},   {R"(SELECT `a\`, ?)", "?", "?", "?"},
    {R"(SELECT 'a\\', ?)", "?", "?", "?"},    {R"(SELECT '\)", "", "", ""},
    {"SELECT 1 # ?\n, ?", "? ?", "? ?", "?"}, {"SELECT [?], ?", "? ?", "?", "? ?"},
    {"SELECT [a]]?, ?", "? ?", "? ?", "? ?"}, {"SELECT [?", "?", "", "?"},
    {"SELECT @a, $b, @1", "", "@a $b", ""},   {"SELECT @@version, ?", "?", "@version ?", "?"},
};

} // namespace

TEST_CASE("placeholders of every style are found, and nothing in literals, identifiers and comments is") {
    for (const auto& [sql, expected] : common) {
        CAPTURE(sql);
        CHECK(found_in(sql, plain) == expected);
        CHECK(found_in(sql, sqlite) == expected);
        CHECK(found_in(sql, mysql) == expected);
    }
}

TEST_CASE("each dialect has its own escapes, comments, identifiers and sigils") {
    for (const sample& s : different) {
        CAPTURE(s.sql);
        CHECK(found_in(s.sql, plain) == s.plain);
        CHECK(found_in(s.sql, sqlite) == s.sqlite);
        CHECK(found_in(s.sql, mysql) == s.mysql);
    }
}

TEST_CASE("two dashes without a space are two signs where the dialect says so") {
    for (const std::string_view end : {" ", "\t", "\n", "\r", "\v", "\x01", "\x7f", ""}) {
        const std::string sql = "SELECT ? --" + std::string(end);
        CAPTURE(sql);
        CHECK(found_in(sql + (end == "\n" ? "" : "?"), mysql) == (end.empty() ? "? ?" : "?"));
        CHECK(found_in(sql, mysql) == "?");
        CHECK(found_in(sql + "?\n?", plain) == (end == "\n" ? "? ? ?" : "? ?"));
    }
    CHECK(found_in("SELECT 5--?", mysql) == "?");
    CHECK(found_in("SELECT 5--'?', ?", mysql) == "?");
    CHECK(found_in("SELECT 5---- ?", mysql).empty());
    CHECK(found_in("SELECT 5--?", plain).empty());
    CHECK(found_in("SELECT 5--\xC2\xA0?", mysql) == "?");
    STATIC_CHECK(summarize_placeholders("SELECT 5--?", mysql).arguments == 1);
}

TEST_CASE("a backslash escapes in strings in double quotes, not in identifiers") {
    CHECK(found_in(R"(SELECT "a\", ?, "b")", mysql).empty());
    CHECK(found_in(R"(SELECT "a\", ?, "b")", ansi_mysql) == "?");
    CHECK(found_in(R"(SELECT "a\"?", 'c\'?', ?)", ansi_mysql) == "?");
    CHECK(found_in(R"(SELECT "a""?\", ?, 'c\', ?')", ansi_mysql) == "?");
}

TEST_CASE("what stands in an executable comment is SQL where the dialect has them") {
    const std::vector<std::pair<std::string_view, std::string_view>> samples{
        {"SELECT ?1 /*! + ?2 */ + ?3", "?1 ?2 ?3"},
        {"SELECT ?1 /*M! + ?2 */ + ?3", "?1 ?2 ?3"},
        {"SELECT ?1 /*!50110 + ?2 */ + ?3", "?1 ?2 ?3"},
        {"SELECT ?1 /*M!100101 + ?2 */ + ?3", "?1 ?2 ?3"},
        {"/*!?1*//*!50000?2*/?3", "?1 ?2 ?3"},
        {"/*!50110:name */", ":name"},
        {"SELECT /*! ?1 /* ?2 */ ?3 */ /* ?4 */ + ?5", "?1 ?3 ?5"}, // a comment in it is one, and ends alone
        {"SELECT /*! ?1 /*! ?2 */ ?3 */ /* ?4 */", "?1 ?3"},
        {"SELECT /*! '*/ ?1' + ?2 */ ?3", "?2 ?3"},
        {"SELECT /*! ?1 -- ?2 */\n ?3 */ ?4", "?1 ?3 ?4"},
        {"SELECT /*! ?1; ?2 */", "?1 ?2/1"},
        {"SELECT 6 */ ?1", "?1"},
        {"SELECT /*! 2 * ?1 * / ?2 */ /* ?3 */", "?1 ?2"},
        {"SELECT /*m! ?1 */ /*+ ?2 */ /* ! ?3 */ /**! ?4 */ /*MM! ?5 */ /*M ?6 */", ""},
        {"/*!", ""},
        {"/*M!", ""},
        {"/*M", ""},
        {"/*! ?1", "?1"},
        {"/*! ?1 *", "?1"},
    };
    for (const auto& [sql, expected] : samples) {
        CAPTURE(sql);
        CHECK(found_in(sql, mysql) == expected);
        CHECK(found_in(sql, ansi_mysql) == expected);
    }
    CHECK(found_in("SELECT ?1 /*! + ?2 */ /*M! + ?3 */ + ?4", plain) == "?1 ?4");
    CHECK(found_in("SELECT ?1 /*! + ?2 */ /*M! + ?3 */ + ?4", sqlite) == "?1 ?4");

    weft::detail::placeholder_scanner scanner("? /*!99999 ? */ ?", mysql);
    weft::placeholder p{};
    std::string in_comment;
    while (scanner.next(p)) in_comment += p.in_comment ? 'y' : 'n';
    CHECK(in_comment == "nyn");
    CHECK(scanner.comments_agree());
    weft::detail::placeholder_scanner disputed("/*! '*/' */ ?", mysql);
    CHECK((disputed.next(p) && !disputed.comments_agree()));
    static_assert(summarize_placeholders("SELECT ? /*!50110 + ? */", mysql).arguments == 2);
    static_assert(summarize_placeholders("SELECT ? /*!50110 + ? */", plain).arguments == 1);
}

TEST_CASE("placeholders are counted while compiling") {
    STATIC_CHECK(summarize_placeholders("SELECT ?, '?', ?", plain).arguments == 2);
    STATIC_CHECK_FALSE(summarize_placeholders("SELECT ?, '?', ?", plain).needs_rewriting);
    STATIC_CHECK(summarize_placeholders("SELECT ?3, ?1", plain).arguments == 3);
    STATIC_CHECK(summarize_placeholders("SELECT ?3, ?1", plain).needs_rewriting);
    STATIC_CHECK(summarize_placeholders("SELECT %s, %%", plain).arguments == 1);
    STATIC_CHECK(summarize_placeholders("SELECT :a, %(b)s", plain).named == 2);
    STATIC_CHECK(summarize_placeholders("SELECT :a, %(b)s", plain).arguments == 0);
    STATIC_CHECK(summarize_placeholders("SELECT # ?", plain).arguments == 1);
    STATIC_CHECK(summarize_placeholders("SELECT # ?", mysql).arguments == 0);
    STATIC_CHECK(summarize_placeholders("SELECT $a", sqlite).named == 1);
}

TEST_CASE("a number too large for a parameter is not misread as a small one") {
    const auto summary = summarize_placeholders("SELECT ?18446744073709551617", plain);
    CHECK(summary.arguments >= 100000);
}

TEST_CASE("every prefix of a text with everything in it is read without harm") {
    constexpr std::string_view everything =
        R"(SELECT ?, ?2, :a, %s, %(b)s, %%, @c, $d, 'x''\'', "y", `z`, [w], 5::int -- ?
           # ?
           /* ? */; SELECT '%s' , x %s)";
    for (std::size_t length = 0; length <= everything.size(); ++length) {
        const std::vector<char> exact(everything.begin(), everything.begin() + static_cast<std::ptrdiff_t>(length));
        const std::string_view text(exact.data(), exact.size());
        for (const sql_dialect& dialect : {plain, sqlite, mysql, ansi_mysql}) {
            weft::detail::placeholder_scanner scanner(text, dialect);
            weft::placeholder p{};
            std::size_t end = 0;
            while (scanner.next(p)) {
                REQUIRE(p.offset >= end);
                REQUIRE(p.length > 0);
                end = p.offset + p.length;
                REQUIRE(end <= text.size());
            }
        }
    }
}

TEST_CASE("two percent signs become one only where the statement uses percent placeholders") {
    const auto rewritten = [](std::string_view sql) {
        return weft::detail::rewrite(sql, plain, [](std::string& text, const weft::placeholder&) { text += '?'; });
    };
    CHECK(rewritten("SELECT 10 %% 3, %s") == "SELECT 10 % 3, ?");
    CHECK(rewritten("SELECT 10 %% 3, ?") == "SELECT 10 %% 3, ?");
    CHECK(rewritten("SELECT '%%', %s") == "SELECT '%%', ?");
    CHECK(rewritten("SELECT :a, ?2 -- :b") == "SELECT ?, ? -- :b");
}
