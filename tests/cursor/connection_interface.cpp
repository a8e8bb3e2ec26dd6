// SPDX-License-Identifier: BSL-1.0
#include <weft/cursor/connection_interface.hpp>

#include <weft/core/error_code.hpp>
#include <weft/cursor.hpp>
#include <weft/embedded.hpp>
#include <weft/format/dicts.hpp>
#include <weft/format/records.hpp>
#include <weft/format/tuples.hpp>

#include <boost/describe.hpp>
#include <catch2/catch_test_macros.hpp>

#include <string>

using weft::errc;
using weft::embedded::database;

namespace {

struct row {
    std::int64_t id;
    std::string name;
};
BOOST_DESCRIBE_STRUCT(row, (), (id, name))

database sample() {
    database db(":memory:");
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
               "INSERT INTO t VALUES (1, 'one'), (2, 'two'), (3, 'three')");
    return db;
}

} // namespace

TEST_CASE("the short forms give all rows, the first, or one value") {
    database db = sample();
    CHECK(db.query<weft::tuples<std::int64_t, std::string>>("SELECT id, name FROM t WHERE id > ? ORDER BY id", 1)
              .back() == std::tuple<std::int64_t, std::string>(3, "three"));
    CHECK(db.query_one<weft::records<row>>("SELECT * FROM t ORDER BY id DESC")->name == "three");
    CHECK_FALSE(db.query_one<weft::records<row>>("SELECT * FROM t WHERE id = 9").has_value());
    CHECK(db.query_value<std::int64_t>("SELECT count(*) FROM t") == 3);
    CHECK(db.query_value<std::optional<int>>("SELECT max(id) FROM t WHERE 0") == std::nullopt);
    std::int64_t sum = 0;
    for (auto& r : db.stream<weft::records<row>, 2>("SELECT * FROM t")) sum += r.id;
    CHECK(sum == 6);
    auto c = db.make_cursor<weft::buffered, weft::dicts>();
    CHECK(c.execute("SELECT * FROM t") == 3);
}

TEST_CASE("statements around the one with rows are executed too") {
    database db = sample();
    CHECK(db.query<weft::tuples<int>>("DELETE FROM t WHERE id = ?; SELECT count(*) FROM t; DELETE FROM t", 2) ==
          std::vector{std::tuple(2)});
    CHECK(db.query_value<int>("SELECT count(*) FROM t") == 0);
    CHECK(
        db.execute(
            "INSERT INTO t VALUES (1, 'a'); SELECT 5; INSERT INTO t VALUES (2, 'b'), (3, 'c'); UPDATE t SET id = id") ==
        6);
}

TEST_CASE("a query without rows is refused, as is a value that is not there") {
    database db = sample();
    const auto message = [](auto&& call) {
        try {
            (void)call();
        } catch (const weft::programming_error& e) {
            CHECK(e.diagnostics().location.line() > 1);
            CHECK(std::string(e.diagnostics().location.file_name()).ends_with("connection_interface.cpp"));
            CHECK_FALSE(e.diagnostics().attempted.empty());
            return std::string(e.what());
        }
        return std::string("no error");
    };
    CHECK(message([&] { return db.query<weft::dicts>("DELETE FROM t"); }) ==
          "no statement of the text returns rows; use execute()");
    CHECK(message([&] { return db.query<weft::dicts>(" -- nothing"); }) ==
          "no statement of the text returns rows; use execute()");
    CHECK(message([&] { return db.query_value<int>("SELECT id FROM t WHERE 0"); }) == "the query returned no row");
    CHECK(message([&] { return db.query_value<int>("SELECT id, name FROM t"); }) ==
          "the result has 2 columns ('id', 'name'), the tuple 1 elements");
}

TEST_CASE("the three error styles tell the same") {
    struct sample_error {
        const char* sql;
        errc kind;
        int code;
        const char* state;
        const char* message;
    };
    const sample_error samples[] = {
        {"INSERT INTO t VALUES (1, 'again')", errc::integrity_error, 1555, "23505", "UNIQUE constraint failed: t.id"},
        {"INSERT INTO t VALUES (4, NULL)", errc::integrity_error, 1299, "23502", "NOT NULL constraint failed: t.name"},
        {"SELECT * FROM missing", errc::programming_error, 1, "42000",
         "cannot prepare the statement: no such table: missing"},
        {"SELEC", errc::programming_error, 1, "42000", "cannot prepare the statement: near \"SELEC\": syntax error"},
        {"INSERT INTO t VALUES ('x', 'y')", errc::data_error, 20, "", "datatype mismatch"},
        {"SELECT ?", errc::programming_error, 0, "", "statement 1 takes 1 parameters, 0 left: SELECT ?"},
    };
    database db = sample();
    for (const sample_error& s : samples) {
        CAPTURE(s.sql);
        weft::diagnostics thrown;
        unsigned line = 0;
        boost::system::error_code code;
        try {
            line = __LINE__ + 1;
            db.execute(s.sql);
            FAIL("nothing was thrown");
        } catch (const weft::error& e) {
            CHECK(e.kind() == s.kind);
            code = e.code();
            thrown = e.diagnostics();
        }
        CHECK(thrown.message == s.message);
        CHECK(thrown.code == s.code);
        CHECK(thrown.sqlstate == s.state);
        CHECK(thrown.attempted == s.sql);
        CHECK(thrown.location.line() == line);
        CHECK(std::string(thrown.location.file_name()).ends_with("connection_interface.cpp"));
        CHECK(code == s.kind);
        CHECK(code.value() == (s.code == 0 ? static_cast<int>(s.kind) : s.code));
        CHECK(std::string(code.category().name()) == (s.code == 0 ? "weft" : "sqlite"));

        line = __LINE__ + 1;
        const auto failed = db.try_execute(s.sql);
        REQUIRE_FALSE(failed);
        CHECK(failed.error().code() == code);
        CHECK(failed.error().kind() == s.kind);
        CHECK(failed.error().diagnostics().message == s.message);
        CHECK(failed.error().diagnostics().location.line() == line);

        boost::system::error_code ec;
        weft::diagnostics info;
        line = __LINE__ + 1;
        CHECK(db.execute(ec, info, s.sql) == 0);
        CHECK(ec == code);
        CHECK(info.message == s.message);
        CHECK(info.sqlstate == s.state);
        CHECK(info.attempted == s.sql);
        CHECK(info.location.line() == line);
        CHECK(db.execute(ec, info, "SELECT 1") == 0);
        CHECK_FALSE(ec);
        CHECK(info.message.empty());
    }
}

TEST_CASE("every short form has the non-throwing styles") {
    database db = sample();
    boost::system::error_code ec;
    weft::diagnostics info;
    CHECK(db.try_query<weft::dicts>("SELECT * FROM t")->size() == 3);
    CHECK(db.try_query<weft::dicts>("SELECT * FROM u").error().kind() == errc::programming_error);
    CHECK((*db.try_query_one<weft::records<row>>("SELECT * FROM t WHERE id = 2"))->name == "two");
    CHECK(db.try_query_one<weft::records<row>>("SELECT id FROM t").error().kind() == errc::programming_error);
    CHECK(db.try_query_value<int>("SELECT 1").value() == 1);
    CHECK(db.try_query_value<int>("SELECT 'x'").error().kind() == errc::data_error);
    CHECK(db.try_execute_many("DELETE FROM t WHERE id = ?", std::vector{9}).value() == 0);
    CHECK(db.try_execute_many("INSERT INTO t VALUES (?, 'x')", std::vector{4, 4}).error().kind() ==
          errc::integrity_error);

    CHECK(db.query<weft::dicts>(ec, info, "SELECT * FROM t").size() == 3);
    CHECK_FALSE(ec);
    CHECK(db.query<weft::dicts>(ec, info, "SELECT * FROM u").empty());
    CHECK(ec == errc::programming_error);
    CHECK(db.query_one<weft::records<row>>(ec, info, "SELECT * FROM t WHERE id = 2")->name == "two");
    CHECK(db.query_value<int>(ec, info, "SELECT 'x'") == 0);
    CHECK(ec == errc::data_error);
    CHECK(db.execute_many(ec, info, "INSERT INTO t VALUES (?, 'x')", std::vector{4, 4}) == 0);
    CHECK(ec == errc::integrity_error);
    CHECK(info.message.starts_with("row 1: "));
    CHECK(info.attempted == "INSERT INTO t VALUES (?, 'x')");
}

TEST_CASE("a failure can be kept, copied, and thrown again as the class it was") {
    database db = sample();
    const auto failed = db.try_execute("INSERT INTO t VALUES (1, 'again')");
    const weft::failure kept = failed.error();
    CHECK_THROWS_AS(kept.rethrow(), weft::integrity_error);
    CHECK_THROWS_AS(failed.value(), weft::integrity_error);
    CHECK(std::string(kept.what()) == "1555 (23505): UNIQUE constraint failed: t.id");
    try {
        kept.rethrow();
    } catch (const weft::integrity_error& e) {
        CHECK(e.diagnostics().attempted == "INSERT INTO t VALUES (1, 'again')");
    }
}

TEST_CASE("an error in a fetch of a short form knows statement and place; the row stays in the message") {
    database db = sample();
    const auto failed = db.try_query<weft::tuples<std::int8_t>>("SELECT id * 100 FROM t ORDER BY id");
    REQUIRE_FALSE(failed);
    CHECK(failed.error().diagnostics().message == "column 'id * 100' (index 0), row 1: int64 200 does not fit int8");
    CHECK(failed.error().diagnostics().attempted == "SELECT id * 100 FROM t ORDER BY id");
}

TEST_CASE("statements can be template arguments, with their placeholders counted while compiling") {
    database db = sample();
    CHECK(db.query<"SELECT name FROM t WHERE id = ?">(2)[0].to_string() == "Row(name='two')");
    CHECK(db.query<"SELECT name FROM t WHERE id = ?", weft::tuples<std::string>>(2)[0] ==
          std::tuple<std::string>("two"));
    CHECK(db.query<"SELECT name FROM t WHERE id = :id", weft::dicts>(weft::arg("id", 3))[0]["name"] ==
          weft::value("three"));
    CHECK(db.execute<"DELETE FROM t WHERE id IN (?) OR name = '?'">(std::vector{1, 2}) == 2);
    auto c = db.make_cursor();
    CHECK(c.execute<"SELECT count(*) FROM t WHERE id <> ?2 AND id <> ?1">(8, 9) == 1);
    CHECK_THROWS_AS((db.query<"SELECT :id">(weft::arg("other", 3))), weft::programming_error);

    STATIC_CHECK(weft::placeholders_match_arguments<"SELECT ?, ?2", database, int, int>);
    STATIC_CHECK_FALSE(weft::placeholders_match_arguments<"SELECT ?", database>);
    STATIC_CHECK_FALSE(weft::placeholders_match_arguments<"SELECT '?'", database, int>);
    STATIC_CHECK_FALSE(weft::placeholders_match_arguments<"SELECT :a", database, int>);
    STATIC_CHECK(weft::placeholders_match_arguments<"SELECT :id", database, row>);
}

TEST_CASE("an error carries the innermost statement's place through cursors too") {
    database db = sample();
    auto c = db.make_cursor();
    try {
        c.execute("SELECT 1; SELECT * FROM missing");
        (void)c.next_set();
        FAIL("nothing was thrown");
    } catch (const weft::programming_error& e) {
        CHECK(std::string(e.what()).find("no such table: missing") != std::string::npos);
    }
    const unsigned line = __LINE__ + 2;
    try {
        c.execute_many("INSERT INTO t VALUES (?, 'x')", std::vector{1});
        FAIL("nothing was thrown");
    } catch (const weft::integrity_error& e) {
        CHECK(e.diagnostics().location.line() == line);
    }
}
