// SPDX-License-Identifier: BSL-1.0
// What a connection does besides statements: state of the session, transactions, kills.
#include "../message_of.hpp"
#include "servers.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace mysql = weft::mysql;
using test::code_of;
using test::each_server;
using test::options_of;
using test::scratch;
using weft::tuples;

TEST_CASE("A connection knows its server, its id and its database", "[connection]") {
    const std::string server = each_server();
    scratch on(options_of(server));
    test::connection db(on.settings);
    CHECK((db.server().flavour == mysql::protocol::server_flavour::mysql) == (server == "mysql97"));
    CHECK(db.server().version.major == (server == "mariadb1011" ? 10 : server == "mariadb118" ? 11 : 9));
    CHECK_FALSE(db.server().may_be_singlestore);
    CHECK(db.thread_id() == db.query_value<std::uint32_t>("SELECT connection_id()"));
    CHECK(db.database() == on.own.name());
    CHECK(db.query_value<std::string>("SELECT database()") == on.own.name());
    CHECK_FALSE(db.is_secure());
    CHECK(db.is_open());
    db.ping();
}

TEST_CASE("Without a default database tables need one", "[connection]") {
    mysql::connect_options options = options_of(each_server());
    test::connection db(options);
    CHECK(db.database().empty());
    CHECK(code_of([&] { return db.execute("CREATE TABLE t (a int)"); }) == 1046);
    CHECK(db.query_value<int>("SELECT 1") == 1);
}

TEST_CASE("use_database and USE change the default database", "[connection]") {
    scratch on(options_of(each_server()));
    on.db.use_database("mysql");
    CHECK(on.db.database() == "mysql");
    CHECK(on.db.query_value<std::string>("SELECT database()") == "mysql");
    on.db.execute("USE " + on.own.name());
    CHECK(on.db.database() == on.own.name()); // the server tells
    CHECK(code_of([&] {
              on.db.use_database("no such database");
              return 0;
          }) == 1049);
    CHECK(on.db.database() == on.own.name());
    CHECK(on.db.query_value<std::string>("SELECT database()") == on.own.name());
}

TEST_CASE("reset() makes the session new", "[connection]") {
    mysql::connect_options options = options_of(each_server());
    options.sql_mode = "NO_BACKSLASH_ESCAPES";
    options.init_command = "SET @greeting = 'hello'";
    scratch on(options);
    CHECK(on.db.query_value<std::string>("SELECT ?", "a\\b") == "a\\b");
    on.db.execute("SET @mine = 1");
    on.db.execute("SET sql_mode = ''");
    on.db.execute("CREATE TABLE t (a int)");
    on.db.execute("START TRANSACTION");
    on.db.execute("INSERT INTO t VALUES (1)");
    CHECK(on.db.has_transaction());
    on.db.reset();
    CHECK_FALSE(on.db.has_transaction());
    CHECK(on.db.query_value<bool>("SELECT @mine IS NULL"));
    CHECK(on.db.query_value<std::string>("SELECT @greeting") == "hello"); // as it was after the login
    CHECK(on.db.query_value<std::string>("SELECT @@sql_mode") == "NO_BACKSLASH_ESCAPES");
    CHECK_FALSE(on.db.dialect.backslash_escapes);
    CHECK(on.db.query_value<int>("SELECT count(*) FROM " + on.own.name() + ".t") == 0);
    CHECK(on.db.query_value<std::string>("SELECT ?", "a\\b") == "a\\b"); // prepared anew
}

TEST_CASE("change_user logs in as somebody else on the same connection", "[connection]") {
    scratch on(options_of(each_server()));
    test::connection db(on.settings);
    const std::uint32_t id = db.thread_id();
    db.execute("SET @mine = 1");
    CHECK(db.query_value<int>("SELECT ?", 5) == 5);
    db.change_user("nopw", "", on.own.name());
    CHECK(db.query_value<std::string>("SELECT substring_index(user(), '@', 1)") == "nopw");
    CHECK(db.query_value<bool>("SELECT @mine IS NULL"));
    CHECK(db.query_value<std::uint32_t>("SELECT connection_id()") == id);
    CHECK(db.database() == on.own.name());
    CHECK(db.query_value<int>("SELECT ?", 5) == 5);
    CHECK(db.autocommit());
    db.change_user("app", "app-pw");
    CHECK(db.query_value<std::string>("SELECT substring_index(user(), '@', 1)") == "app");
    CHECK(code_of([&] {
              db.change_user("app", "wrong");
              return 0;
          }) == 1045);
}

TEST_CASE("A closed connection says so to whatever is asked", "[connection]") {
    test::connection db(options_of(each_server()));
    auto rows = db.stream<tuples<int>>("SELECT 1 UNION SELECT 2");
    db.close();
    CHECK_FALSE(db.is_open());
    db.close();
    CHECK(code_of([&] { return db.execute("SELECT 1"); }) == 2006);
    CHECK(code_of([&] {
              db.ping();
              return 0;
          }) == 2006);
    CHECK_THROWS_AS(db.begin(), weft::error);
    test::connection moved = std::move(db);
    CHECK_THROWS_AS(db.execute("SELECT 1"), weft::programming_error);
}

TEST_CASE("autocommit is the server's, and only sent when it differs", "[connection][transaction]") {
    mysql::connect_options options = options_of(each_server());
    scratch on(options);
    CHECK(on.db.autocommit());
    CHECK(on.db.query_value<int>("SELECT @@autocommit") == 1);
    on.db.set_autocommit(false);
    CHECK_FALSE(on.db.autocommit());
    CHECK(on.db.query_value<int>("SELECT @@autocommit") == 0);
    on.db.execute("ROLLBACK");
    on.db.set_autocommit(true);
    CHECK(on.db.query_value<int>("SELECT @@autocommit") == 1);
    options.autocommit = false;
    test::connection off(options);
    CHECK(off.query_value<int>("SELECT @@autocommit") == 0);
}

TEST_CASE("Transactions commit, roll back, and end with their scope", "[connection][transaction]") {
    scratch on(options_of(each_server()));
    test::connection other = on.another();
    on.db.execute("CREATE TABLE t (a int)");
    const auto seen = [&] { return other.query_value<int>("SELECT count(*) FROM t"); };
    {
        auto scope = on.db.begin();
        CHECK(on.db.has_transaction());
        on.db.execute("INSERT INTO t VALUES (1)");
        CHECK(seen() == 0);
        CHECK_THROWS_AS(on.db.begin(), weft::programming_error);
        scope.commit();
        CHECK_THROWS_AS(scope.commit(), weft::programming_error);
    }
    CHECK(seen() == 1);
    {
        auto scope = on.db.begin();
        on.db.execute("INSERT INTO t VALUES (2)");
    }
    CHECK_FALSE(on.db.has_transaction());
    CHECK(seen() == 1);
    CHECK_THROWS_AS(on.db.in_transaction([&] {
        on.db.execute("INSERT INTO t VALUES (3)");
        on.db.execute("INSERT INTO nowhere VALUES (3)");
    }),
                    weft::programming_error);
    CHECK(seen() == 1);
    CHECK(on.db.in_transaction([&] { return on.db.execute("INSERT INTO t VALUES (4), (5)"); }) == 2);
    CHECK(seen() == 3);
}

TEST_CASE("Savepoints undo a part of a transaction", "[connection][transaction]") {
    scratch on(options_of(each_server()));
    on.db.execute("CREATE TABLE t (a int)");
    CHECK_THROWS_AS(on.db.begin_savepoint(), weft::programming_error);
    auto scope = on.db.begin();
    on.db.execute("INSERT INTO t VALUES (1)");
    {
        auto outer = on.db.begin_savepoint();
        on.db.execute("INSERT INTO t VALUES (2)");
        {
            auto inner = on.db.begin_savepoint();
            on.db.execute("INSERT INTO t VALUES (3)");
        }
        outer.release();
    }
    {
        auto undone = on.db.begin_savepoint();
        on.db.execute("INSERT INTO t VALUES (4)");
        undone.rollback();
        CHECK_FALSE(undone.is_active());
    }
    scope.commit();
    CHECK(on.db.query<tuples<int>>("SELECT a FROM t ORDER BY a") == std::vector<std::tuple<int>>{{1}, {2}});
}

TEST_CASE("Isolation, read-only and snapshots are what the options say", "[connection][transaction]") {
    scratch on(options_of(each_server()));
    test::connection other = on.another();
    on.db.execute("CREATE TABLE t (a int)");
    {
        auto scope = on.db.begin({.level = mysql::isolation::read_uncommitted});
        auto writing = other.begin();
        other.execute("INSERT INTO t VALUES (1)");
        CHECK(on.db.query_value<int>("SELECT count(*) FROM t") == 1);
    }
    {
        auto scope = on.db.begin({.level = mysql::isolation::repeatable_read, .consistent_snapshot = true});
        other.execute("INSERT INTO t VALUES (1)");
        CHECK(on.db.query_value<int>("SELECT count(*) FROM t") == 0);
    }
    {
        auto scope = on.db.begin({.read_only = true, .consistent_snapshot = true});
        CHECK(code_of([&] { return on.db.execute("INSERT INTO t VALUES (2)"); }) == 1792);
    }
    CHECK(on.db.query_value<int>("SELECT count(*) FROM t") == 1);
}

TEST_CASE("kill_query ends a statement from another thread; the connection goes on", "[connection][kill]") {
    test::connection db(options_of(each_server()));
    std::thread killer([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        db.kill_query();
    });
    // MariaDB's SLEEP returns 1 where MySQL's ends in the error; this join takes long everywhere
    const int code = code_of([&] {
        return db.query_value<std::int64_t>("SELECT count(*) FROM information_schema.columns a, "
                                            "information_schema.columns b, information_schema.columns c "
                                            "WHERE a.column_name < b.column_name AND b.column_name < c.column_name");
    });
    killer.join();
    CHECK(code == 1317);
    CHECK(db.query_value<int>("SELECT 7") == 7);
}

TEST_CASE("A query that is killed amid its rows ends in the server's error", "[connection][kill]") {
    scratch on(options_of(each_server()));
    on.db.execute("CREATE TABLE n (i int)");
    on.db.execute("INSERT INTO n VALUES (1),(2),(3),(4),(5),(6),(7),(8),(9),(10)");
    auto rows = on.db.stream<tuples<std::string>>(
        "SELECT repeat('x', 1000) FROM n a, n b, n c, n d, n e, n f, n g WHERE sleep(0) = 0");
    for (int i = 0; i < 5000; ++i) REQUIRE(rows.fetch_one());
    on.db.kill_query();
    CHECK(code_of([&] {
              while (rows.fetch_one()) {}
              return 0;
          }) == 1317);
    CHECK(on.db.query_value<int>("SELECT 7") == 7);
}

TEST_CASE("shutdown() makes the operation under way fail", "[connection][kill]") {
    test::connection db(options_of(each_server()));
    std::thread breaker([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        db.shutdown();
    });
    const int code = code_of([&] { return db.query_value<int>("SELECT sleep(20)"); });
    breaker.join();
    CHECK(code == mysql::protocol::client_error::server_lost);
    CHECK_FALSE(db.is_open());
}

TEST_CASE("A host that takes no connection, and a user that is refused", "[connection]") {
    mysql::connect_options options = options_of(each_server());
    CHECK(code_of([&] { return test::connection(test::with_user(options, "app", "wrong")).thread_id(); }) == 1045);
    CHECK(code_of([&] { return test::connection(test::with_user(options, "nobody")).thread_id(); }) == 1045);
    mysql::connect_options elsewhere = options;
    elsewhere.database = "no_such_database";
    CHECK(code_of([&] { return test::connection(elsewhere).thread_id(); }) == 1049);
    elsewhere = options;
    elsewhere.charset = "klingon";
    CHECK(code_of([&] { return test::connection(elsewhere).thread_id(); }) == 2019);
    elsewhere = options;
    elsewhere.hosts.hosts = {weft::net::endpoint("127.0.0.1", 1)};
    CHECK(code_of([&] { return test::connection(elsewhere).thread_id(); }) == 2003);
    elsewhere.hosts.hosts.push_back(options.hosts.hosts[0]);
    CHECK(test::connection(elsewhere).query_value<int>("SELECT 1") == 1); // the second host takes it
}

TEST_CASE("Connection attributes, init commands and collations arrive", "[connection]") {
    mysql::connect_options options = options_of(each_server());
    options.multi_statements = true;
    options.init_command = "SET @a = 1; SET @b = 2";
    options.collation = "utf8mb4_bin";
    options.program_name = "the tests";
    options.attributes = {{"colour", "green"}, {"program_name", "not this"}};
    test::connection db(options);
    CHECK(db.query_value<int>("SELECT @a + @b") == 3);
    CHECK(db.query_value<std::string>("SELECT @@collation_connection") == "utf8mb4_bin");
    options.init_command = "SET @a = nonsense()";
    CHECK(code_of([&] { return test::connection(options).thread_id(); }) != 0);
}

TEST_CASE("Names and values are quoted for the session", "[connection]") {
    scratch on(options_of(each_server()));
    const std::string name = "odd`name'with\"quotes";
    on.db.execute("CREATE TABLE " + on.db.quote_identifier(name) + " (a longtext)");
    const std::string text = "it's \\ \"quoted\"\n\x1a";
    on.db.execute("INSERT INTO " + on.db.quote_identifier(name) + " VALUES (" + on.db.quote(text) + ")");
    CHECK(on.db.query_value<std::string>("SELECT a FROM " + on.db.quote_identifier(name)) == text);
}
