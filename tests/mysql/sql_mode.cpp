// SPDX-License-Identifier: BSL-1.0
// How the session's sql_mode and MySQL's comments change what a placeholder is.
#include "script.hpp"
#include "servers.hpp"

#include <weft/cursor.hpp>

#include <catch2/catch_test_macros.hpp>

namespace mysql = weft::mysql;
namespace protocol = weft::mysql::protocol;
using test::each_server;
using test::options_of;

namespace {

constexpr mysql::parameter_mode both_ways[] = {mysql::parameter_mode::prepared, mysql::parameter_mode::literals};

} // namespace

TEST_CASE("ANSI_QUOTES is found in a value of sql_mode") {
    for (const char* mode : {"ANSI_QUOTES", "ansi", "Ansi_Quotes", "STRICT_ALL_TABLES,ANSI_QUOTES,NO_ZERO_DATE",
                             "REAL_AS_FLOAT,PIPES_AS_CONCAT,ANSI_QUOTES,IGNORE_SPACE,ANSI"})
        CHECK(protocol::has_ansi_quotes(mode));
    for (const char* mode : {"", ",", "STRICT_ALL_TABLES", "NO_ANSI_QUOTES", "ANSI_QUOTES2,MYSQL"})
        CHECK_FALSE(protocol::has_ansi_quotes(mode));
}

TEST_CASE("A backslash in a quoted name of an ANSI_QUOTES session hides no placeholder", "[servers]") {
    constexpr const char* hidden = R"(SELECT x."a\" + ? FROM (SELECT 3 AS "a\") x)";
    const std::string server = each_server();
    for (const auto way : both_ways) {
        auto options = options_of(server);
        options.parameters = way;
        options.sql_mode = "ANSI_QUOTES";
        test::connection db(options);
        CHECK(db.dialect.quoted_identifiers);
        CHECK(db.query_value<int>(hidden, 4) == 7);
        db.reset();
        CHECK(db.query_value<int>(hidden, 5) == 8);
    }
}

TEST_CASE("A session whose sql_mode was given is followed when it changes", "[servers]") {
    auto options = options_of(each_server());
    options.sql_mode = "ANSI";
    test::connection db(options);
    CHECK(db.dialect.quoted_identifiers);
    db.execute("SET sql_mode = ''");
    CHECK_FALSE(db.dialect.quoted_identifiers);
    CHECK(db.query_value<std::string>(R"(SELECT concat(?, "a\", ?"))", 7) == "7a\", ?");
    db.execute("SET sql_mode = 'ANSI_QUOTES'");
    CHECK(db.dialect.quoted_identifiers);
}

TEST_CASE("A server that reports nothing is believed to have the mode it was given", "[script]") {
    auto options = test::script_options();
    options.sql_mode = "ANSI_QUOTES";
    test::server_script server(test::old_server);
    server.login().command().ok();
    test::script_session s(test::script_stream(server.bytes), options);
    weft::net::run_now(s.connect());
    CHECK(s.dialect().quoted_identifiers);
    CHECK(test::queries_of(s.stream().written()) ==
          std::vector<std::string>{"SET NAMES utf8mb4", "SET sql_mode = 'ANSI_QUOTES'"});
}

TEST_CASE("Two dashes are a comment only before a space", "[servers]") {
    const std::string server = each_server();
    for (const auto way : both_ways) {
        auto options = options_of(server);
        options.parameters = way;
        test::connection db(options);
        CHECK(db.query_value<int>("SELECT 5--?", 2) == 7);
        CHECK(db.query_value<int>("SELECT ? -- ?\n", 5) == 5);
        CHECK(db.query_value<int>("SELECT ? --\t?\n + 1", 5) == 6);
        CHECK(db.query_value<int>("SELECT ? --", 5) == 5);
    }
}

TEST_CASE("Comments that the server executes have parameters", "[servers]") {
    const std::string server = each_server();
    for (const auto way : both_ways) {
        auto options = options_of(server);
        options.parameters = way;
        test::connection db(options);
        CHECK(db.query_value<int>("SELECT CAST(? /*! + ? */ AS SIGNED)", 5, 2) == 7);
        CHECK(db.query_value<int>("SELECT CAST(? /*!50000 + ? */ AS SIGNED)", 5, 3) == 8);
        CHECK(db.query_value<int>("SELECT CAST(? /*!50000 + ? /* ? */ */ + ? AS SIGNED)", 5, 3, 1) == 9);
        CHECK(db.query_value<int>("SELECT CAST(:a /* :b */ /*! + :b */ AS SIGNED)", weft::arg("a", 5),
                                  weft::arg("b", 4)) == 9);
        CHECK(db.query_value<std::string>("SELECT concat(? /*! , ? */)", "a*/", "*/b/*") == "a*/*/b/*");
        CHECK(db.query<"SELECT CAST(? /*! + ? */ AS SIGNED)", weft::tuples<int>>(1, 2) ==
              std::vector<std::tuple<int>>{{3}});
    }
}

TEST_CASE("A comment of a server to come takes no parameter and lets no value out", "[servers]") {
    const std::string server = each_server();
    auto options = options_of(server);
    {
        test::connection db(options); // the server counts
        CHECK_THROWS_AS(db.query_value<int>("SELECT ? /*!99999 + ? */", 5, 2), weft::programming_error);
        CHECK(db.query_value<int>("SELECT ?", 5) == 5);
    }
    options.parameters = mysql::parameter_mode::literals;
    test::connection db(options);
    CHECK(db.query_value<int>("SELECT ? /*!99999 + ? */", 5, 2) == 5);
    CHECK(db.query_value<int>("SELECT ? /*!99999 + ? */", 5, "*/ + 1") == 5);
    CHECK(db.query_value<int>("SELECT ? /*!99999 + ? */ + 1 /* */", 5, "/*") == 6);
}

TEST_CASE("Rows of values in an executable comment are not put together as one text", "[servers]") {
    auto options = options_of(each_server());
    const std::vector<std::string> texts{"a", "*/ (1), (2) /*", "c"};
    const auto insert = [&](test::connection& db) {
        db.execute("CREATE TEMPORARY TABLE test.commented (t TEXT)");
        return db.execute_many("INSERT INTO test.commented /*! VALUES (?) */", texts);
    };
    test::connection db(options);
    CHECK(insert(db) == 3);
    CHECK(db.query<weft::tuples<std::string>>("SELECT t FROM test.commented ORDER BY t DESC") ==
          std::vector<std::tuple<std::string>>{{"c"}, {"a"}, {"*/ (1), (2) /*"}});
    options.parameters = mysql::parameter_mode::literals;
    test::connection with_literals(options);
    CHECK_THROWS_AS(insert(with_literals), weft::not_supported_error);
}
