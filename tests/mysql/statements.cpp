// SPDX-License-Identifier: BSL-1.0
// Statements on real servers: several sets, procedures, warnings, pipelines, the cache, cursors on the server, limits.
#include <weft/format/columns.hpp>
#include <weft/format/named_rows.hpp>

#include "servers.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

namespace mysql = weft::mysql;
using test::code_of;
using test::each_server;
using test::options_of;
using test::scratch;
using weft::tuples;
using ints = std::vector<std::tuple<int>>;

TEST_CASE("Several statements in one text", "[statements]") {
    mysql::connect_options options = options_of(each_server());
    scratch single(options);
    CHECK(code_of([&] { return single.db.execute("SELECT 1; SELECT 2"); }) == 1064);
    options.multi_statements = true;
    scratch on(options);
    CHECK(on.db.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2), (3); DELETE FROM t WHERE a = 3") == 4);
    auto rows = on.db.make_cursor<weft::streaming<>, tuples<int>>();
    rows.execute("SELECT a FROM t ORDER BY a; INSERT INTO t VALUES (9); SELECT 5");
    CHECK(rows.fetch_all() == ints{{1}, {2}});
    REQUIRE(rows.next_set());
    CHECK(rows.row_count() == 1);
    REQUIRE(rows.next_set());
    CHECK(rows.fetch_all() == ints{{5}});
    CHECK_FALSE(rows.next_set());

    rows.execute("SELECT 1; SELECT * FROM nowhere; SELECT 3");
    CHECK(rows.fetch_all() == ints{{1}});
    CHECK(code_of([&] { return rows.next_set(); }) == 1146);
    CHECK_FALSE(rows.next_set());       // the server stops there
    rows.execute("SELECT 1; SELECT 2"); // sets that are not read do not get into the way
    CHECK(on.db.query_value<int>("SELECT 6") == 6);
}

TEST_CASE("Procedures have sets and OUT parameters", "[statements]") {
    scratch on(options_of(each_server()));
    on.db.execute(
        "CREATE PROCEDURE sets(IN n int, OUT doubled int, INOUT text varchar(20)) BEGIN SELECT n; SELECT 'x', "
        "n + 1; SET doubled = 2 * n; SET text = concat(text, '!'); END");
    for (const bool binary : {false, true}) {
        on.db.execute("SET @text = 'hi'");
        auto rows = on.db.make_cursor<weft::streaming<>, weft::named_rows>();
        if (binary) {
            rows.execute("CALL sets(?, @doubled, @text)", 4);
        } else {
            rows.execute("CALL sets(4, @doubled, @text)");
        }
        CHECK(rows.fetch_all().at(0).get<int>(0) == 4);
        REQUIRE(rows.next_set());
        CHECK(rows.fetch_all().at(0).get<int>(1) == 5);
        REQUIRE(rows.next_set());
        CHECK(rows.description().empty());
        CHECK_FALSE(rows.next_set());
        CHECK(on.db.query<tuples<int, std::string>>("SELECT @doubled, @text") ==
              std::vector<std::tuple<int, std::string>>{{8, "hi!"}});
    }
    CHECK(code_of([&] { return on.db.execute("CALL sets(1)"); }) == 1318);
    CHECK(code_of([&] { return on.db.execute("CALL nothing()"); }) == 1305);
}

TEST_CASE("Warnings, info, affected rows and generated ids", "[statements]") {
    mysql::connect_options options = options_of(each_server());
    options.sql_mode = "NO_ENGINE_SUBSTITUTION"; // not strict: what does not fit is cut
    scratch on(options);
    on.db.execute("CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, a tinyint)");
    auto outcome = on.db.run("INSERT INTO t (a) VALUES (1), (1000), (2)", {});
    CHECK(outcome.affected_rows() == 3);
    CHECK(outcome.last_insert_id() == 1);
    CHECK(outcome.warning_count() == 1);
    CHECK(outcome.info() == "Records: 3  Duplicates: 0  Warnings: 1");
    const std::vector<weft::warning> warnings = outcome.warnings();
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].level == "Warning");
    CHECK(warnings[0].code == 1264);
    CHECK(warnings[0].message.find("row 2") != std::string::npos);
    CHECK(outcome.affected_rows() == 3); // it stays the current one
    CHECK(on.db.run("INSERT INTO t (a) VALUES (7)", {}).last_insert_id() == 4);
    CHECK(on.db.execute("UPDATE t SET a = 7 WHERE a = 7") == 0);
    options.found_rows = true;
    options.database = on.own.name();
    test::connection matching(options);
    CHECK(matching.execute("UPDATE t SET a = 7 WHERE a = 7") == 1);
    CHECK(matching.run("SELECT 1", {}).affected_rows() == -1);
}

TEST_CASE("A pipeline is many texts and one round trip", "[statements]") {
    scratch on(options_of(each_server()));
    on.db.execute("CREATE TABLE t (a int)");
    const auto changes = on.db.pipeline(
        {"INSERT INTO t VALUES (1)", "INSERT INTO nowhere VALUES (1)", "INSERT INTO t VALUES (2), (3)", "SELECT 1"});
    REQUIRE(changes.size() == 4);
    CHECK(*changes[0] == 1);
    REQUIRE_FALSE(changes[1]);
    CHECK(changes[1].error().diagnostics().code == 1146);
    CHECK(*changes[2] == 2);
    CHECK(*changes[3] == 0);
    const auto rows = on.db.pipeline<tuples<int>>({"SELECT a FROM t ORDER BY a", "SELECT nonsense", "SELECT 9"});
    CHECK(*rows[0] == ints{{1}, {2}, {3}});
    CHECK_FALSE(rows[1]);
    CHECK(*rows[2] == ints{{9}});
    std::vector<std::string> many; // more than the buffers between the two sides hold
    for (int i = 0; i < 2000; ++i) many.push_back("SELECT repeat('x', 500), " + std::to_string(i));
    const auto all = on.db.pipeline<tuples<std::string, int>>(std::move(many));
    REQUIRE(all.size() == 2000);
    for (int i = 0; i < 2000; ++i) CHECK(std::get<1>(all[static_cast<std::size_t>(i)]->at(0)) == i);
    CHECK(on.db.pipeline({}).empty());
    CHECK(on.db.query_value<int>("SELECT 1") == 1);
}

TEST_CASE("Prepared statements are kept, and given up in time", "[statements]") {
    mysql::connect_options options = options_of(each_server());
    options.statement_cache = 3;
    test::connection db(options);
    const auto count = [&](const char* name) {
        return std::get<1>(
            db.query_one<tuples<std::string, std::string>>(std::string("SHOW SESSION STATUS LIKE '") + name + '\'')
                .value());
    };
    CHECK(db.query_value<int>("SELECT ?", 1) == 1);
    CHECK(db.query_value<int>("SELECT ?", 2) == 2); // MySQL counts once more when it learns the parameter's type
    const std::string prepared = count("Com_stmt_prepare");
    for (int round = 0; round < 3; ++round) CHECK(db.query_value<int>("SELECT ?", round) == round);
    CHECK(count("Com_stmt_prepare") == prepared);
    for (int n = 0; n < 10; ++n) CHECK(db.query_value<int>("SELECT ? + " + std::to_string(n), 1) == n + 1);
    db.ping(); // what must go goes with the next command
    CHECK(count("Com_stmt_close") == "8");
    options.statement_cache = 0;
    test::connection without(options);
    for (int round = 0; round < 3; ++round) CHECK(without.query_value<int>("SELECT ?", round) == round);
    without.ping();
    CHECK(std::get<1>(*without.query_one<tuples<std::string, std::string>>(
              "SHOW SESSION STATUS LIKE 'Com_stmt_close'")) == "3");
}

TEST_CASE("A statement is prepared for other types of arguments as well", "[statements]") {
    test::connection db(options_of(each_server()));
    CHECK(db.query_value<std::string>("SELECT concat(?, '')", 5) == "5");
    CHECK(db.query_value<std::string>("SELECT concat(?, '')", "text") == "text");
    CHECK(db.query_value<std::optional<std::string>>("SELECT concat(?, '')", std::optional<int>()) == std::nullopt);
    CHECK(db.query_value<std::string>("SELECT concat(?, '')", 2.5) == "2.5");
    CHECK(db.query_value<std::string>("SELECT concat(?, '')", weft::date(2024, 2, 29)) == "2024-02-29");
}

TEST_CASE("The server's cursor gives the same rows in portions", "[statements]") {
    mysql::connect_options options = options_of(each_server());
    options.server_cursor = 7;
    scratch on(options);
    on.db.execute("CREATE TABLE t (a int, b varchar(20))");
    for (int i = 0; i < 50; ++i) on.db.execute("INSERT INTO t VALUES (?, ?)", i, "text");
    for (const int limit : {0, 1, 6, 7, 8, 14, 50}) {
        const auto rows = on.db.query<tuples<int>>("SELECT a FROM t WHERE a < ? ORDER BY a", limit);
        REQUIRE(rows.size() == static_cast<std::size_t>(limit));
        for (int i = 0; i < limit; ++i) CHECK(std::get<0>(rows[static_cast<std::size_t>(i)]) == i);
    }
    {
        auto some = on.db.stream<tuples<int>>("SELECT a FROM t WHERE a < ? ORDER BY a", 50);
        REQUIRE(some.fetch_one());
    }
    CHECK(on.db.query_value<int>("SELECT count(*) FROM t WHERE 1 = ?", 1) == 50); // the rest is given up
    auto same = on.db.stream<tuples<int>, 3>("SELECT a FROM t WHERE a < ? ORDER BY a", 20);
    int expected = 0;
    for (const auto& row : same) CHECK(std::get<0>(row) == expected++);
    CHECK(expected == 20);
}

TEST_CASE("A new statement supersedes the rows of the last one", "[statements]") {
    scratch on(options_of(each_server()));
    auto first = on.db.stream<tuples<int>, 1>("SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3");
    REQUIRE(first.fetch_one());
    CHECK(on.db.query_value<int>("SELECT 10") == 10);
    CHECK_THROWS_AS(first.fetch_one(), weft::programming_error);
    auto buffered = on.db.make_cursor<weft::buffered, tuples<int>>();
    buffered.execute("SELECT 1 UNION ALL SELECT 2");
    CHECK(on.db.query_value<int>("SELECT 10") == 10);
    CHECK(buffered.fetch_all() == ints{{1}, {2}});
}

TEST_CASE("Three hundred columns", "[statements]") {
    scratch on(options_of(each_server()));
    std::string sql = "SELECT ? AS c0";
    for (int i = 1; i < 300; ++i) sql += ", " + std::to_string(i) + " AS c" + std::to_string(i);
    const auto row = on.db.query_one<weft::named_rows>(sql, 0);
    REQUIRE(row);
    REQUIRE(row->size() == 300);
    for (std::size_t i = 0; i < 300; ++i) CHECK(row->get<std::size_t>(i) == i);
    sql = "SELECT 0";
    for (int i = 1; i < 300; ++i) sql += i % 3 == 0 ? ", NULL" : ", " + std::to_string(i);
    const auto batch = on.db.query<weft::columns>(sql);
    CHECK(batch.columns() == 300);
    CHECK(batch.at(299, 0).int64() == 299);
    CHECK(batch.at(297, 0).is_null());
}

TEST_CASE("Texts of every length that matters, both ways", "[statements]") {
    scratch on(options_of(each_server()));
    on.db.execute("CREATE TABLE t (a longtext)");
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{250}, std::size_t{251}, std::size_t{255},
                                   std::size_t{256}, std::size_t{65535}, std::size_t{65536}}) {
        const std::string text(size, 'x');
        on.db.execute("DELETE FROM t");
        on.db.execute("INSERT INTO t VALUES (?)", text);
        CHECK(on.db.query_value<std::string>("SELECT a FROM t") == text);
        CHECK(on.db.query_value<std::string>("SELECT a FROM t WHERE 1 = ?", 1) == text);
        CHECK(on.db.query_value<std::size_t>("SELECT length(" + on.db.quote(text) + ")") == size);
    }
}

TEST_CASE("NUL characters and bytes that are no UTF-8", "[statements]") {
    scratch on(options_of(each_server()));
    const std::string nul("a\0b", 3);
    CHECK(on.db.query_value<std::string>("SELECT ?", nul) == nul);
    CHECK(on.db.query_value<std::string>("SELECT " + on.db.quote(nul)) == nul);
    CHECK(on.db.query_value<weft::blob>("SELECT x'80FF'") == weft::blob{std::byte{0x80}, std::byte{0xFF}});
    // bytes are no text
    CHECK_FALSE(on.db.try_query_value<std::string>("SELECT cast('a' AS binary)"));
    const std::string broken = "\xC3(";
    const auto outcome = on.db.try_query_value<std::string>("SELECT ?", broken);
    if (outcome) CHECK(*outcome != "");
    CHECK(on.db.query_value<int>("SELECT 1") == 1);
}

TEST_CASE("Errors carry code, state, text and the statement", "[statements]") {
    scratch on(options_of(each_server()));
    on.db.execute("CREATE TABLE t (a int PRIMARY KEY, b int NOT NULL)");
    on.db.execute("INSERT INTO t VALUES (1, 1)");
    const auto error_of = [&](const char* sql) { return on.db.try_execute(sql).error(); };
    CHECK(error_of("SELEC 1").kind() == weft::errc::programming_error);
    CHECK(error_of("SELEC 1").diagnostics().code == 1064);
    CHECK(error_of("SELEC 1").diagnostics().sqlstate == "42000");
    CHECK(error_of("SELEC 1").diagnostics().attempted == "SELEC 1");
    CHECK(error_of("SELECT * FROM nowhere").diagnostics().code == 1146);
    CHECK(error_of("INSERT INTO t VALUES (1, 2)").kind() == weft::errc::integrity_error);
    CHECK(error_of("INSERT INTO t VALUES (2, NULL)").diagnostics().code == 1048);
    CHECK(error_of("").diagnostics().code == 1065);
    CHECK(on.db.query_value<int>("SELECT count(*) FROM t") == 1);
}
