// SPDX-License-Identifier: BSL-1.0
#include <weft/connect.hpp>

#include <weft/core/error_code.hpp>
#include <weft/cursor.hpp>
#include <weft/embedded.hpp>
#include <weft/format/columns.hpp>
#include <weft/format/dicts.hpp>
#include <weft/format/named_rows.hpp>
#include <weft/format/records.hpp>
#include <weft/format/tuples.hpp>
#include <weft/testing.hpp>

#include <boost/describe.hpp>
#include <catch2/catch_test_macros.hpp>

#include <cstdlib>
#include <filesystem>
#include <string>

using weft::any_connection;
using weft::connect;
using weft::embedded::database;
using weft::testing::temporary_directory;

namespace {

namespace fs = std::filesystem;

struct row {
    std::int64_t id;
    std::string name;
};
BOOST_DESCRIBE_STRUCT(row, (), (id, name))

// A variable that exists for the lifetime of the object only.
class variable {
public:
    variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
    ~variable() { unsetenv(name_); }
    variable(const variable&) = delete;
    variable& operator=(const variable&) = delete;

private:
    const char* name_;
};

// Relative paths are relative to the process.
class inside {
public:
    explicit inside(const fs::path& directory) : before_(fs::current_path()) { fs::current_path(directory); }
    ~inside() { fs::current_path(before_); }
    inside(const inside&) = delete;
    inside& operator=(const inside&) = delete;

private:
    fs::path before_;
};

std::string pragma(any_connection& db, const std::string& name) {
    return db.query_one<weft::named_rows>("PRAGMA " + name).value()[0].to_string();
}

std::string refusal(const std::string& url) {
    try {
        connect(url);
    } catch (const weft::interface_error& e) {
        return std::string("interface: ") + e.what();
    } catch (const weft::data_error& e) {
        return std::string("data: ") + e.what();
    } catch (const weft::operational_error& e) {
        return std::string("operational: ") + e.what();
    }
    return "no error";
}

any_connection sample() {
    any_connection db = connect(":memory:");
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO t VALUES (1, 'one'), (2, 'two'), (3, "
               "'three')");
    return db;
}

} // namespace

TEST_CASE("every embedded URL opens what it names") {
    temporary_directory directory;
    const inside there(directory.path());
    const std::string absolute = directory / "abs.db";
    struct opened {
        std::string url;
        std::string path;
    };
    for (const auto& [url, path] : std::initializer_list<opened>{
             {":memory:", ":memory:"},
             {"sqlite::memory:", ":memory:"},
             {"file::memory:", ":memory:"},
             {"sqlite:rel.db?mode=memory", ":memory:"},
             {"file:rel1.db", "rel1.db"},
             {"sqlite:rel2.db", "rel2.db"},
             {"SQLite:rel3.db", "rel3.db"},
             {"file:with%20space%3F.db", "with space?.db"},
             {"file:rel4.db?mode=rwc&busy_timeout=5#ignored", "rel4.db"},
             {"sqlite://" + absolute, absolute},
             {"file://localhost" + absolute, absolute},
         }) {
        CAPTURE(url);
        any_connection db = connect(url);
        CHECK(db.is_open());
        REQUIRE(db.get_if<database>() != nullptr);
        CHECK(db.get_if<database>()->path() == path);
        CHECK(db.execute("CREATE TABLE IF NOT EXISTS t (n)") == 0);
        CHECK(fs::exists(path) == (path != ":memory:"));
    }
    CHECK_FALSE(fs::exists("rel.db"));
}

TEST_CASE("unknown schemes, parameters and values are refused by name") {
    CHECK(refusal("oracle://host/db") == "interface: Unrecognized protocol: 'oracle'; this program can open mysql:, "
                                         "singlestoredb:, file:, sqlite: and :memory:");
    CHECK(refusal("unix:///tmp/x.sock").starts_with("interface: Unrecognized protocol: 'unix'"));
    CHECK(refusal("mysql://127.0.0.1:1/db")
              .starts_with("operational: 2003: cannot connect: connection to 127.0.0.1:1 refused"));
    CHECK(refusal("127.0.0.1:1,127.0.0.1:2").starts_with("operational: 2003: cannot connect: none of 2 hosts"));
    CHECK(refusal("mysql://127.0.0.1:1/db?journal_mode=wal") ==
          "interface: Unrecognized connection parameter: journal_mode");
    CHECK(refusal("mysql://127.0.0.1:1/db?ssl_mode=maybe").starts_with("data: "));
    CHECK(refusal("sqlite:") == "interface: the path of the URL is empty: expected sqlite:path");
    CHECK(refusal("file://otherhost/x.db").starts_with("interface: the host of the URL is 'otherhost'"));
    CHECK(refusal("file:a%00b.db").starts_with("interface: the path of the URL contains a NUL byte"));
    CHECK(refusal(":memory:?bad_param=10") == "interface: Unrecognized connection parameter: bad_param");
    CHECK(refusal(":memory:?journal_mod=wal") == "interface: Unrecognized connection parameter: journal_mod");
    CHECK(refusal(":memory:?host=x") == "interface: Unrecognized connection parameter: host");
    CHECK(refusal(":memory:?mode=write") ==
          "interface: connection parameter mode cannot be 'write': expected ro, rw, rwc or memory");
    for (const char* parameter :
         {"journal_mode=WAL", "synchronous=maybe", "busy_timeout=soon", "busy_timeout=-1", "busy_timeout=2147483648",
          "busy_timeout=1.5", "foreign_keys=perhaps", "statement_cache=x"}) {
        CAPTURE(parameter);
        const std::string said = refusal(std::string(":memory:?") + parameter);
        const std::string text = parameter;
        CHECK(said.starts_with("data: "));
        CHECK(said.find("embedded." + text.substr(0, text.find('='))) != std::string::npos);
        CHECK(said.find('\'' + text.substr(text.find('=') + 1) + '\'') != std::string::npos);
    }
    temporary_directory directory;
    CHECK(refusal("file:" + directory / "absent.db?mode=ro").starts_with("operational: "));
    CHECK(refusal("file:" + directory / "absent.db?mode=rw").starts_with("operational: "));
    CHECK(refusal("file:" + directory / "no/data.db").find("No such file or directory") != std::string::npos);
    CHECK(fs::is_empty(directory.path()));
}

TEST_CASE("a parameter of the URL wins over the environment, that over what was set, that over the default") {
    temporary_directory directory;
    const std::string url = "file:" + directory / "data.db";
    const auto timeout = [](const std::string& from) {
        any_connection db = connect(from);
        return pragma(db, "busy_timeout");
    };
    CHECK(timeout(url) == "5000");
    {
        const weft::scoped_options set{{"embedded.busy_timeout", 111}};
        CHECK(timeout(url) == "111");
        const variable environment("WEFT_EMBEDDED_BUSY_TIMEOUT", "222");
        CHECK(timeout(url) == "222");
        CHECK(timeout(url + "?busy_timeout=333") == "333");
        CHECK(timeout(url + "?busy_timeout=") == "222"); // blank values are dropped
    }
    CHECK(timeout(url) == "5000");
    const variable wrong("WEFT_EMBEDDED_JOURNAL_MODE", "sideways");
    const std::string said = refusal(url);
    CHECK(said.starts_with("data: "));
    CHECK(said.find("WEFT_EMBEDDED_JOURNAL_MODE") != std::string::npos);
    CHECK(said.find("sideways") != std::string::npos);
    CHECK(refusal(url + "?journal_mode=delete") == "no error");
}

TEST_CASE("every parameter reaches the database") {
    temporary_directory directory;
    const std::string url = "file:" + directory / "data.db?";
    any_connection db =
        connect(url + "journal_mode=delete&synchronous=off&foreign_keys=no&busy_timeout=7&statement_cache=0");
    CHECK(pragma(db, "journal_mode") == "delete");
    CHECK(pragma(db, "synchronous") == "0");
    CHECK(pragma(db, "foreign_keys") == "0");
    CHECK(pragma(db, "busy_timeout") == "7");
    any_connection other = connect(url + "JOURNAL_MODE=wal&synchronous=normal&foreign_keys=1");
    CHECK(pragma(other, "journal_mode") == "wal");
    CHECK(pragma(other, "synchronous") == "1");
    CHECK(pragma(other, "foreign_keys") == "1");
    other.execute("CREATE TABLE t (n)");
    any_connection reader = connect(url + "mode=ro");
    CHECK_THROWS_AS(reader.execute("INSERT INTO t VALUES (1)"), weft::operational_error);
}

TEST_CASE("a connection whose kind is known at run time gives every format, at once and streamed") {
    any_connection db = sample();
    constexpr const char* all = "SELECT id, name FROM t ORDER BY id";
    CHECK(db.query<weft::tuples<int, std::string>>(all)[1] == std::tuple<int, std::string>(2, "two"));
    CHECK(db.query<weft::records<row>>(all)[2].name == "three");
    CHECK(db.query<weft::dicts>(all)[0]["name"] == weft::value("one"));
    CHECK(db.query<weft::named_rows>(all)[0].to_string() == "Row(id=1, name='one')");
    CHECK(db.query<weft::columns>(all).values<std::int64_t>("id")[2] == 3);
    CHECK(db.query_value<int>("SELECT count(*) FROM t WHERE id IN (?)", std::vector{1, 3}) == 2);
    std::string names;
    for (const auto& r : db.stream<weft::records<row>, 2>(all)) names += r.name + ' ';
    CHECK(names == "one two three ");
    std::string sizes;
    for (const auto& batch : db.stream<weft::columns, 2>(all)) sizes += std::to_string(batch.rows()) + ' ';
    CHECK(sizes == "2 1 ");

    weft::cursor<any_connection> c(db);
    CHECK(c.execute(all) == 3);
    c.scroll(2);
    CHECK(c.fetch_one()->to_string() == "Row(id=3, name='three')");
    c.rewind();
    CHECK(c.fetch_all().size() == 3);
    c.execute("INSERT INTO t VALUES (9, 'nine'); SELECT 1");
    CHECK(c.row_count() == 1);
    CHECK(c.last_insert_id() == 9);
    CHECK(c.next_set());
    CHECK_FALSE(c.next_set());

    CHECK(db.execute_many("INSERT INTO t VALUES (:id, :name)", std::vector<row>{{10, "ten"}, {11, "eleven"}}) == 2);
    CHECK_THROWS_AS(db.execute_many("INSERT INTO t VALUES (?, ?)", std::vector<row>{{12, "twelve"}, {10, "again"}}),
                    weft::integrity_error);
    CHECK(db.query_value<int>("SELECT max(id) FROM t") == 11);
    CHECK(db.query<"SELECT name FROM t WHERE id = ?">(10)[0]["name"] == weft::value("ten"));
}

TEST_CASE("values of every type pass through a connection of any kind as through its own") {
    constexpr const char* schema =
        "CREATE TABLE t (a BOOLEAN, b BIGINT, c DOUBLE, d DECIMAL_TEXT(20, 5), e DATE, f TIME, g DATETIME, h TEXT, i "
        "BLOB, "
        "j JSON, k VECTOR(2)); INSERT INTO t VALUES (1, -5, 0.1, '123456789012345.5', '2024-02-29', '-01:00:00', "
        "'2024-02-29 23:59:59.5', 'é', x'00ff', '[1]', '[1, 2]'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, "
        "NULL, "
        "NULL, NULL)";
    any_connection any = connect(":memory:");
    database own(":memory:");
    any.execute(schema);
    own.execute(schema);
    CHECK(any.query<weft::dicts>("SELECT * FROM t") == own.query<weft::dicts>("SELECT * FROM t"));
    CHECK(any.query<weft::columns>("SELECT * FROM t").layout() == own.query<weft::columns>("SELECT * FROM t").layout());
}

TEST_CASE("errors are the same in every style, with statement and place") {
    any_connection db = sample();
    boost::system::error_code ec;
    weft::diagnostics info;
    const unsigned line = __LINE__ + 1;
    db.execute(ec, info, "INSERT INTO t VALUES (1, 'again')");
    CHECK(ec == weft::errc::integrity_error);
    CHECK(ec.value() == 1555);
    CHECK(info.attempted == "INSERT INTO t VALUES (1, 'again')");
    CHECK(info.location.line() == line);
    CHECK(db.try_execute("SELEC").error().kind() == weft::errc::programming_error);
    try {
        (void)db.query<weft::tuples<std::int8_t>>("SELECT id * 100 FROM t ORDER BY id");
        FAIL("nothing was thrown");
    } catch (const weft::data_error& e) {
        CHECK(std::string(e.what()) == "column 'id * 100' (index 0), row 1: int64 200 does not fit int8");
    }
}

TEST_CASE("in_transaction commits what returns and rolls back what throws") {
    any_connection db = sample();
    CHECK(db.in_transaction([&] { return db.execute("INSERT INTO t VALUES (4, 'four')"); }) == 1);
    db.in_transaction([&] { db.execute("INSERT INTO t VALUES (5, 'five')"); });
    CHECK_THROWS_AS(db.in_transaction([&] {
        db.execute("INSERT INTO t VALUES (6, 'six')");
        db.execute("INSERT INTO t VALUES (1, 'again')");
    }),
                    weft::integrity_error);
    CHECK_THROWS_AS(db.in_transaction([&]() -> int {
        db.execute("INSERT INTO t VALUES (7, 'seven')");
        throw std::runtime_error("other");
    }),
                    std::runtime_error);
    CHECK(db.query_value<int>("SELECT max(id) FROM t") == 5);
    db.in_transaction([&] {
        db.execute("INSERT INTO t VALUES (8, 'eight')");
        CHECK_THROWS_AS(db.in_transaction([] {}), weft::programming_error); // does not end the outer one
    });
    CHECK(db.query_value<int>("SELECT max(id) FROM t") == 8);
}

TEST_CASE("a connection of any kind knows whether a transaction is active") {
    any_connection db = sample();
    CHECK_FALSE(db.has_transaction());
    db.execute("BEGIN");
    CHECK(db.has_transaction());
    db.execute("COMMIT");
    CHECK_FALSE(db.has_transaction());
    db.close();
    CHECK_FALSE(db.has_transaction());
}

TEST_CASE("get_if gives the connection inside, of its own kind only") {
    any_connection db = sample();
    database* inside_it = db.get_if<database>();
    REQUIRE(inside_it != nullptr);
    CHECK(inside_it->query_value<int>("SELECT count(*) FROM t") == 3);
    CHECK(db.get_if<any_connection>() == nullptr);
}

TEST_CASE("closed and moved-from connections say so") {
    any_connection db = sample();
    any_connection moved = std::move(db);
    CHECK(moved.query_value<int>("SELECT count(*) FROM t") == 3);
    CHECK_FALSE(db.is_open()); // NOLINT(bugprone-use-after-move)
    db.close();
    CHECK(db.get_if<database>() == nullptr);
    CHECK_THROWS_AS(db.execute("SELECT 1"), weft::programming_error);
    CHECK_THROWS_AS(db.execute_many("DELETE FROM t WHERE id = ?", std::vector{1}), weft::programming_error);
    CHECK_THROWS_AS(db.in_transaction([] {}), weft::programming_error);
    db = std::move(moved);
    auto open = db.stream<weft::dicts, 1>("SELECT * FROM t");
    CHECK(open.fetch_one().has_value());
    db.close();
    db.close();
    CHECK_FALSE(db.is_open());
    CHECK_THROWS_AS(open.fetch_all(), weft::programming_error);
    CHECK_THROWS_AS(db.execute("SELECT 1"), weft::programming_error);
}
