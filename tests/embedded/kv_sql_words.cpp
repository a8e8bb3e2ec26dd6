// SPDX-License-Identifier: BSL-1.0
// Where the SQL of a key-value database differs from SQLite's: NULLs last, and the texts of some errors.
#include <weft/cursor.hpp>
#include <weft/embedded/kv_database.hpp>
#include <weft/format/dicts.hpp>

#include "kv_file.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace weft::embedded;
using namespace std::string_literals;

namespace {

std::string rewritten(std::string_view sql) {
    return std::string(detail::kv_sql(sql).text());
}

/// The statement, with `~` in place of each NULLS LAST that was added.
std::string marked(std::string_view sql) {
    std::string text(sql);
    const auto found = detail::null_order::find(sql);
    for (std::size_t i = found.size(); i-- > 0;) text.insert(found[i], "~");
    return text;
}

/// The one column of a query: values separated by spaces.
std::string column(auto& db, const std::string& sql) {
    std::string text;
    for (const weft::dict& row : db.template query<weft::dicts>(sql)) {
        if (!text.empty()) text += ' ';
        for (const auto& [name, content] : row) text += content.is_null() ? "NULL" : content.to_string();
    }
    return text;
}

weft::diagnostics refused(auto&& call) {
    try {
        call();
    } catch (const weft::database_error& e) {
        return e.diagnostics();
    }
    return {};
}

} // namespace

TEST_CASE("kv sql: terms of ORDER BY get NULLS LAST") {
    CHECK(rewritten("SELECT a FROM t ORDER BY a") == "SELECT a FROM t ORDER BY a NULLS LAST");
    for (const char* sql : {
             "SELECT a FROM t ORDER BY a~",
             "select a from t order\n by a~ , b~ , 3~;",
             "SELECT a FROM t ORDER BY a ASC~, b DESC, c NULLS FIRST, d DESC NULLS FIRST, e ASC NULLS LAST",
             "SELECT a FROM t ORDER BY a~ LIMIT 3 OFFSET 4",
             "SELECT a FROM t ORDER BY a~ -- , b\n, c~ /* ORDER BY d */ LIMIT 1",
             "SELECT a FROM t ORDER BY max(a, b)~, (SELECT b FROM u ORDER BY c~ LIMIT 1) DESC, (d)~",
             "SELECT * FROM (SELECT a FROM t ORDER BY a~) WHERE b = 'ORDER BY c' ORDER BY \"order by\"~",
             "SELECT [order by x], `order by y` FROM t",
             "SELECT 'it''s ORDER BY a' FROM t ORDER BY 'it''s'~, x'00'~",
             "SELECT a FROM t ORDER BY CASE WHEN a IS NULL THEN 1 ELSE b END~, CASE a WHEN 1 THEN 2 END DESC",
             "SELECT a FROM t ORDER BY a COLLATE NOCASE~, a COLLATE NOCASE DESC",
             "SELECT sum(a) OVER (PARTITION BY b, c ORDER BY d~ ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t",
             "SELECT sum(a) OVER w FROM t WINDOW w AS (ORDER BY d~, e DESC RANGE UNBOUNDED PRECEDING) ORDER BY 1~",
             "SELECT rank() OVER (ORDER BY rows~ GROUPS 2 PRECEDING) FROM t ORDER BY range~, groups DESC",
             "SELECT group_concat(a, ',' ORDER BY b~) FROM t",
             "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FROM t ORDER BY 1~",
             "SELECT a FROM t UNION SELECT b FROM u ORDER BY 1~",
             "INSERT INTO t SELECT a FROM u WHERE true ORDER BY a~ ON CONFLICT DO NOTHING",
             "INSERT INTO t SELECT a FROM u ORDER BY a~ RETURNING b, c",
             "SELECT a FROM t ORDER BY a~; SELECT b FROM t; SELECT c FROM t ORDER BY c~",
             "SELECT a FROM t ORDER BY a IS NULL~, a NOT IN (1, 2)~, a NOT NULL DESC, a IS NOT NULL NULLS FIRST",
             "SELECT a FROM t ORDER BY a BETWEEN 1 AND 2~, NOT b~, -c~, a || b~, t.a~, main.t.b DESC",
             "SELECT a FROM t ORDER BY ?~, ?2~, :name~, @name~, $name~, 1.5e3~, d -> '$.x'~, e ->> 0~",
             "SELECT a FROM t ORDER BY desc~, asc~, nulls~, match~, \"limit\"~, desc DESC",
             "SELECT a FROM t ORDER BY count(*) FILTER (WHERE b > 1)~, sum(a) OVER w~, sum(a) OVER (w) DESC",
             "SELECT ordering, by_order FROM orders GROUP BY border",
             "SELECT a FROM t ORDER BY a IN (SELECT b FROM u ORDER BY b~)~ LIMIT 1",
             "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT a FROM t ORDER BY a~; DELETE FROM t; END",
             "SELECT a FROM t ORDER BY 'unfinished",
             "SELECT a FROM t ORDER BY a~ /* unfinished",
             "SELECT a FROM t ORDER BY",
             "ORDER BY , ) ; ) ( ORDER BY",
         }) {
        std::string plain;
        for (const char c : std::string_view(sql))
            if (c != '~') plain += c;
        CHECK(marked(plain) == sql);
    }
}

TEST_CASE("kv sql: what NULLS LAST is added to still runs") {
    kv_file f({.sync_mode = sync_mode::off});
    f.db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b TEXT);"
                 "INSERT INTO t VALUES (1, NULL, 'x'), (2, 3, NULL), (3, 1, 'Y'), (4, NULL, 'a')");
    const auto is = [&](const std::string& sql, const char* expected) {
        INFO(sql);
        CHECK(column(f.db, sql) == expected);
        auto t = f.db.transaction();
        CHECK(column(t, sql) == expected);
    };
    is("SELECT a FROM t ORDER BY a", "1 3 NULL NULL");
    is("SELECT id FROM t ORDER BY a, id DESC", "3 2 4 1");
    is("SELECT a FROM t ORDER BY a DESC", "3 1 NULL NULL");
    is("SELECT a FROM t ORDER BY a NULLS FIRST", "NULL NULL 1 3");
    is("SELECT a FROM t WHERE b <> 'ORDER BY a' ORDER BY b COLLATE NOCASE", "NULL NULL 1");
    is("SELECT a FROM t UNION SELECT 2 ORDER BY 1", "1 2 3 NULL");
    is("SELECT id FROM t ORDER BY row_number() OVER (ORDER BY a, id)", "3 2 1 4");
    is("SELECT count(*) OVER (ORDER BY a RANGE BETWEEN 2 PRECEDING AND CURRENT ROW) FROM t ORDER BY a", "1 2 2 2");
    is("SELECT count(*) OVER (ORDER BY a ROWS 1 PRECEDING) FROM t ORDER BY 1", "1 2 2 2");
    is("SELECT a FROM (SELECT a FROM t ORDER BY a LIMIT 3) ORDER BY -a", "3 1 NULL");
    is("SELECT id FROM t ORDER BY CASE WHEN a > 2 THEN NULL ELSE id END", "1 3 4 2");
    f.db.execute("CREATE INDEX by_a ON t (a)");
    is("SELECT a FROM t ORDER BY a", "1 3 NULL NULL");
    f.db.execute("CREATE VIEW v AS SELECT a FROM t ORDER BY a");
    is("SELECT a FROM v", "1 3 NULL NULL");
    const std::vector<std::tuple<int>> one{{1}}; // of those that come first
    f.db.execute("CREATE TABLE picked (a INTEGER)");
    CHECK(f.db.execute_many("INSERT INTO picked SELECT a FROM t ORDER BY a LIMIT ?", one) == 1);
    is("SELECT a FROM picked", "1");
    database plain(f.path());
    CHECK(column(plain, "SELECT a FROM t ORDER BY a") == "NULL NULL 1 3"); // SQLite's own way, where nobody said ToonDB
}

TEST_CASE("kv sql: errors have the documents' texts, and SQLite's beside them") {
    kv_file f({.sync_mode = sync_mode::off});
    f.db.execute("CREATE TABLE t (a INTEGER, b INTEGER, c INTEGER)");
    struct wrong {
        const char* sql;
        const char* message;
        const char* state;
        const char* engine;
    };
    const wrong statements[] = {
        {"CREATE TABLE t (a)", "Table 't' already exists", "42S01", "table t already exists"},
        {"SELECT * FROM nope", "Table 'nope' does not exist", "42S02", "no such table: nope"},
        {"CREATE INDEX i ON nope (a)", "Table 'nope' does not exist", "42S02", "no such table: main.nope"},
        {"DROP TABLE nope", "Table 'nope' does not exist", "42S02", "no such table: nope"},
        {"SELECT t.d FROM t", "Column not found: t.d", "42S22", "no such column: t.d"},
        {"UPDATE t SET d = 1", "Column not found: d", "42S22", "no such column: d"},
        {"INSERT INTO t (d) VALUES (1)", "Column not found: d", "42S22", "table t has no column named d"},
        {"INSERT INTO t VALUES (1)", "Column count (3) doesn't match value count (1)", "21S01",
         "table t has 3 columns but 1 values were supplied"},
        {"INSERT INTO t (a, b) VALUES (1, 2, 3)", "Column count (2) doesn't match value count (3)", "21S01",
         "3 values for 2 columns"},
    };
    const auto check = [](const wrong& w, const weft::diagnostics& got) {
        INFO(w.sql);
        CHECK(got.message == w.message);
        CHECK(got.sqlstate == w.state);
        CHECK(got.engine_message == w.engine);
        CHECK(got.code == SQLITE_ERROR);
    };
    for (const wrong& w : statements) {
        check(w, refused([&] { f.db.execute(w.sql); }));
        check(w, refused([&] { f.db.with_transaction([&](kv_transaction& t) { t.execute(w.sql); }); }));
        check(w, refused([&] { f.db.execute("SELECT 1; "s + w.sql); })); // one that runs later
    }
    const std::vector<std::tuple<int>> rows{{1}};
    check(statements[1], refused([&] { f.db.execute_many("DELETE FROM nope WHERE a = ?", rows); }));
    auto t = f.db.transaction();
    check(statements[1], refused([&] { t.execute_many("DELETE FROM nope WHERE a = ?", rows); }));
    CHECK(refused([&] { f.db.execute("SELEC 1"); }).engine_message.empty()); // others are SQLite's
    CHECK(refused([&] { f.db.execute("SELEC 1"); }).message.find("syntax error") != std::string::npos);
    database plain(f.path());
    CHECK(refused([&] { plain.execute("SELECT * FROM nope"); }).message ==
          "cannot prepare the statement: no such table: nope");
}
