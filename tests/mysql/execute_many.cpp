// SPDX-License-Identifier: BSL-1.0
// One statement for many rows, in each of the ways: bulk messages, widened INSERTs, executions sent together.
#include <weft/core/value.hpp>
#include <weft/cursor/execute_many.hpp>

#include "../message_of.hpp"
#include "servers.hpp"

#include <catch2/catch_test_macros.hpp>

#include <limits>
#include <string>
#include <vector>

namespace mysql = weft::mysql;
using test::code_of;
using test::each_server;
using test::options_of;
using test::scratch;
using entry = std::tuple<int, std::optional<std::string>>;

namespace {

std::vector<entry> rows_of(int count) {
    std::vector<entry> rows;
    for (int i = 0; i < count; ++i)
        rows.emplace_back(i, i % 7 == 0 ? std::nullopt : std::optional("it's row " + std::to_string(i)));
    return rows;
}

std::vector<mysql::connect_options> both_ways(mysql::connect_options options) {
    std::vector<mysql::connect_options> all{options, options};
    all[1].parameters = mysql::parameter_mode::literals;
    return all;
}

} // namespace

TEST_CASE("Many rows arrive in order and whole, whichever way they go", "[execute_many]") {
    scratch on(options_of(each_server()));
    on.db.execute("CREATE TABLE t (a int PRIMARY KEY, b varchar(100))");
    const std::vector<entry> rows = rows_of(20'000);
    for (const mysql::connect_options& options : both_ways(on.settings)) {
        test::connection db(options);
        // the second has a constant among its values: it cannot be widened
        std::vector<std::string> texts{"INSERT INTO t VALUES (?, ?)",
                                       "INSERT INTO t (a, b) VALUES (?, ?) ON DUPLICATE KEY "
                                       "UPDATE b = VALUES(b)"};
        if (options.parameters == mysql::parameter_mode::prepared)
            texts.emplace_back("INSERT INTO t VALUES (?, concat(?, ''))");
        for (const std::string& sql : texts) {
            INFO(sql);
            db.execute("DELETE FROM t");
            CHECK(db.execute_many(sql, rows) == 20'000);
            CHECK(db.query<weft::tuples<int, std::optional<std::string>>>("SELECT a, b FROM t ORDER BY a") == rows);
        }
        CHECK(db.execute_many("INSERT INTO t VALUES (?, ?)", std::vector<entry>{}) == 0);
        CHECK_FALSE(db.has_transaction());
    }
}

TEST_CASE("Statements that change and delete take many rows too", "[execute_many]") {
    scratch on(options_of(each_server()));
    on.db.execute("CREATE TABLE t (a int PRIMARY KEY, b varchar(100))");
    on.db.execute_many("INSERT INTO t VALUES (?, ?)", rows_of(1000));
    std::vector<std::tuple<std::string, int>> changes;
    for (int i = 0; i < 1000; i += 2) changes.emplace_back("changed", i);
    CHECK(on.db.execute_many("UPDATE t SET b = ? WHERE a = ?", changes) == 500);
    CHECK(on.db.query_value<int>("SELECT count(*) FROM t WHERE b = 'changed'") == 500);
    CHECK(on.db.execute_many("DELETE FROM t WHERE a = ?", std::vector<int>{1, 3, 5, 5000}) == 3);
    CHECK_THROWS_AS(on.db.execute_many("SELECT ?", std::vector<int>{1}), weft::programming_error);
    CHECK(on.db.query_value<int>("SELECT 1") == 1);
}

TEST_CASE("An error in any row undoes them all, and the connection goes on", "[execute_many]") {
    scratch on(options_of(each_server()));
    on.db.execute("CREATE TABLE t (a int PRIMARY KEY, b varchar(100))");
    for (const mysql::connect_options& options : both_ways(on.settings)) {
        test::connection db(options);
        std::vector<std::string> texts{"INSERT INTO t VALUES (?, ?)"};
        if (options.parameters == mysql::parameter_mode::prepared)
            texts.emplace_back("INSERT INTO t VALUES (?, concat(?, ''))");
        for (const std::string& sql : texts) {
            INFO(sql);
            std::vector<entry> rows = rows_of(5000);
            std::get<0>(rows[4321]) = 7; // there is one already
            CHECK(code_of([&] { return db.execute_many(sql, rows); }) == 1062);
            CHECK_FALSE(db.has_transaction());
            CHECK(db.query_value<int>("SELECT count(*) FROM t") == 0);

            // inside somebody's transaction nothing is ended
            auto scope = db.begin();
            db.execute("INSERT INTO t VALUES (100000, 'before')");
            CHECK(code_of([&] { return db.execute_many(sql, rows); }) == 1062);
            CHECK(db.has_transaction());
            scope.rollback();
        }
    }
}

TEST_CASE("A row that cannot be sent is named by its number, and none has happened", "[execute_many]") {
    scratch on(options_of(each_server()));
    on.db.execute("CREATE TABLE t (a double)");
    for (const mysql::connect_options& options : both_ways(on.settings)) {
        test::connection db(options);
        std::vector<std::string> texts{"INSERT INTO t VALUES (?)"};
        if (options.parameters == mysql::parameter_mode::prepared) texts.emplace_back("INSERT INTO t VALUES (? + 0)");
        for (const std::string& sql : texts) {
            for (const std::size_t bad : {std::size_t{0}, std::size_t{3}, std::size_t{4000}}) {
                INFO(sql << ", row " << bad);
                std::vector<double> rows(5000, 1.5);
                rows[bad] = std::numeric_limits<double>::quiet_NaN();
                CHECK(message_of<weft::data_error>([&] {
                          return db.execute_many(sql, rows);
                      }).find("row " + std::to_string(bad) + ": ") != std::string::npos);
                CHECK(db.query_value<int>("SELECT count(*) FROM t") == 0);
                CHECK_FALSE(db.has_transaction());
                CHECK(db.query_value<int>("SELECT ?", 5) == 5);
            }
        }
    }
}

TEST_CASE("Rows whose types change from one to the next", "[execute_many]") {
    scratch on(options_of(each_server()));
    on.db.execute("CREATE TABLE t (a varchar(50))");
    const std::vector<weft::value> rows{weft::value(1),    weft::value("two"), weft::value(),
                                        weft::value(2.5),  weft::value("x"),   weft::value(weft::date(2024, 2, 29)),
                                        weft::value(~0ULL)};
    CHECK(on.db.execute_many("INSERT INTO t VALUES (?)", rows) == 7);
    CHECK(on.db.query_value<std::string>("SELECT group_concat(ifnull(a, 'NULL') SEPARATOR '|') FROM t") ==
          "1|two|NULL|2.5|x|2024-02-29|18446744073709551615");
}

TEST_CASE("Single executions and many rows of one statement do not mix their types up", "[execute_many]") {
    scratch on(options_of(each_server()));
    on.db.execute("CREATE TABLE t (a varchar(50))");
    for (const char* sql : {"INSERT INTO t VALUES (?)", "INSERT INTO t VALUES (concat(?, ''))"}) {
        on.db.execute("DELETE FROM t");
        on.db.execute(sql, 1);
        on.db.execute_many(sql, std::vector<double>{1.5, 2.5});
        on.db.execute(sql, 2);
        on.db.execute_many(sql, std::vector<std::string>{"x", "y"});
        on.db.execute(sql, 3);
        on.db.execute(sql, "z");
        CHECK(on.db.query_value<std::string>("SELECT group_concat(a SEPARATOR '|') FROM t") == "1|1.5|2.5|2|x|y|3|z");
    }
}
