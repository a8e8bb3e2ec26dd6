// SPDX-License-Identifier: BSL-1.0
#include <weft/embedded.hpp>

#include <weft/cursor.hpp>
#include <weft/format/dicts.hpp>
#include <weft/format/named_rows.hpp>
#include <weft/format/tuples.hpp>
#include <weft/testing.hpp>

#include "../message_of.hpp"

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

using weft::embedded::database;
using weft::embedded::database_options;
using weft::testing::temporary_database;
using weft::testing::temporary_directory;

namespace {

using namespace std::string_literals;

database with_numbers() {
    database db(":memory:");
    db.execute("CREATE TABLE t (n INTEGER PRIMARY KEY)");
    return db;
}

std::string numbers(database& db) {
    std::string text;
    for (const auto& [n] : db.query<weft::tuples<int>>("SELECT n FROM t ORDER BY n")) text += std::to_string(n) + ' ';
    return text;
}

} // namespace

TEST_CASE("parameters are spread over the statements of a script") {
    database db(":memory:");
    CHECK(
        db.execute("CREATE TABLE t (a, b); INSERT INTO t VALUES (?, ?); -- ? not this\nINSERT INTO t VALUES (?, '?');",
                   1, "x"s, 2) == 2);
    CHECK(db.query<weft::tuples<int, std::string>>("SELECT * FROM t") ==
          std::vector{std::tuple(1, "x"s), std::tuple(2, "?"s)});
    CHECK(db.execute("INSERT INTO t VALUES (:a, :b); INSERT INTO t VALUES (:b, :a)", weft::arg("a", 3),
                     weft::arg("b", 4)) == 2);
    CHECK(db.query_value<int>("SELECT count(*) FROM t WHERE a = 4 AND b = 3") == 1);
    CHECK(message_of<weft::programming_error>([&] {
              return db.execute("INSERT INTO t VALUES (1, 1); SELECT ?, ?", 5);
          }).find("statement 2") != std::string::npos);
    CHECK(message_of<weft::programming_error>([&] {
              return db.execute("SELECT ?; SELECT 1;;", 5, 6);
          }).find("2 parameters given") != std::string::npos);
    CHECK(db.execute("") == 0);
    CHECK(db.execute(" ; ;; -- nothing\n /* at all */ ") == 0);
    CHECK(db.execute("SELECT 1; -- the end") == 0);
}

TEST_CASE("long-lived text and blobs of later statements are kept until they run") {
    database db(":memory:");
    db.execute("CREATE TABLE t (v)");
    weft::cursor<database> c(db);
    {
        const std::string text(10'000, 'x');
        c.execute("SELECT 1; INSERT INTO t VALUES (?); INSERT INTO t VALUES (?)", text, weft::blob(5000));
    }
    c.close();
    CHECK(db.query_value<std::string>("SELECT v FROM t WHERE rowid = 1") == std::string(10'000, 'x'));
    CHECK(db.query_value<int>("SELECT length(v) FROM t WHERE rowid = 2") == 5000);
}

TEST_CASE("a NUL byte in a statement is refused with its position") {
    database db = with_numbers();
    CHECK(message_of<weft::programming_error>([&] { return db.execute("SELECT 1;\0 DROP TABLE t"s); }) ==
          "the statement has a NUL byte at position 9");
    CHECK(message_of<weft::programming_error>([&] { return db.execute("\0"s); }) ==
          "the statement has a NUL byte at position 0");
    CHECK(message_of<weft::programming_error>([&] { return db.execute_many("\0"s, std::vector{1}); }) != "no error");
    CHECK(numbers(db).empty());
}

TEST_CASE("prepared statements are reused, and see changes of the schema") {
    for (const std::uint32_t cache : {64U, 1U, 0U}) {
        CAPTURE(cache);
        temporary_database db({.statement_cache = cache});
        database other(db.path());
        db.execute("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)");
        constexpr const char* all = "SELECT * FROM t";
        CHECK(db.query_one<weft::named_rows>(all)->to_string() == "Row(a=1)");
        db.execute("ALTER TABLE t ADD COLUMN b TEXT DEFAULT 'x'");
        CHECK(db.query_one<weft::named_rows>(all)->to_string() == "Row(a=1, b='x')");
        CHECK(db.query_one<weft::dicts>(all)->size() == 2);
        other.execute("ALTER TABLE t RENAME COLUMN b TO c");
        CHECK(db.query_one<weft::named_rows>(all)->to_string() == "Row(a=1, c='x')");
        other.execute("DROP TABLE t; CREATE TABLE t (d DATE); INSERT INTO t VALUES ('2024-02-29')");
        CHECK(db.query_value<weft::date>(all) == weft::date::parse("2024-02-29"));
        db.execute("DROP TABLE t");
        CHECK(message_of<weft::programming_error>([&] {
                  return db.query<weft::dicts>(all);
              }).find("no such table: t") != std::string::npos);
        for (int i = 0; i < 200; ++i) CHECK(db.query_value<int>("SELECT " + std::to_string(i)) == i);
    }
}

TEST_CASE("a statement in use is not taken from under its cursor") {
    database db = with_numbers();
    db.execute_many("INSERT INTO t VALUES (?)", std::vector{1, 2, 3});
    auto outer = db.stream<weft::tuples<int>>("SELECT n FROM t ORDER BY n");
    int pairs = 0;
    for (const auto& [a] : outer) {
        for (const auto& [b] : db.stream<weft::tuples<int>>("SELECT n FROM t ORDER BY n")) pairs += a <= b ? 1 : 0;
    }
    CHECK(pairs == 6);
}

TEST_CASE("transactions end with their scope: committed when asked, else rolled back") {
    database db = with_numbers();
    {
        auto scope = db.begin();
        CHECK(db.has_transaction());
        CHECK(scope.is_active());
        db.execute("INSERT INTO t VALUES (1)");
        scope.commit();
        CHECK_FALSE(scope.is_active());
        CHECK_FALSE(db.has_transaction());
        CHECK(message_of<weft::programming_error>([&] { return scope.commit(), 0; }) ==
              "the transaction has already ended");
        CHECK_THROWS_AS(scope.rollback(), weft::programming_error);
    }
    {
        const auto scope = db.begin(weft::embedded::transaction_mode::deferred);
        db.execute("INSERT INTO t VALUES (2)");
    }
    {
        auto scope = db.begin();
        db.execute("INSERT INTO t VALUES (3)");
        scope.rollback();
    }
    {
        auto scope = db.begin();
        db.execute("INSERT INTO t VALUES (4)");
        auto moved = std::move(scope);
        moved.commit();
    }
    CHECK(numbers(db) == "1 4 ");
    const auto scope = db.begin();
    CHECK(message_of<weft::programming_error>([&] { return db.begin().is_active(); }) ==
          "a transaction is already active; use a savepoint inside it");
}

TEST_CASE("in_transaction returns what the function does and rolls back when it throws") {
    database db = with_numbers();
    CHECK(db.in_transaction([&] { return db.execute("INSERT INTO t VALUES (1), (2)"); }) == 2);
    db.in_transaction([&] { db.execute("INSERT INTO t VALUES (3)"); });
    CHECK_THROWS_AS(db.in_transaction([&] {
        db.execute("INSERT INTO t VALUES (4)");
        db.execute("INSERT INTO t VALUES (1)");
    }),
                    weft::integrity_error);
    CHECK_THROWS_AS(db.in_transaction([&]() -> int { throw std::runtime_error("other"); }), std::runtime_error);
    CHECK_FALSE(db.has_transaction());
    CHECK(numbers(db) == "1 2 3 ");
}

TEST_CASE("savepoints nest and are undone alone") {
    database db = with_numbers();
    {
        auto scope = db.begin();
        db.execute("INSERT INTO t VALUES (1)");
        {
            auto outer = db.begin_savepoint();
            db.execute("INSERT INTO t VALUES (2)");
            {
                auto inner = db.begin_savepoint();
                db.execute("INSERT INTO t VALUES (3)");
                inner.rollback();
                CHECK(message_of<weft::programming_error>([&] { return inner.release(), 0; }) ==
                      "the savepoint has already ended");
            }
            {
                const auto inner = db.begin_savepoint();
                db.execute("INSERT INTO t VALUES (4)");
            }
            CHECK(numbers(db) == "1 2 ");
            outer.release();
        }
        scope.commit();
    }
    {
        auto alone = db.begin_savepoint(); // a transaction of its own
        db.execute("INSERT INTO t VALUES (5)");
        CHECK(db.has_transaction());
        alone.release();
        CHECK_FALSE(db.has_transaction());
    }
    CHECK(numbers(db) == "1 2 5 ");
}

TEST_CASE("a commit that a constraint refuses can be tried again") {
    database db(":memory:");
    db.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY);"
               "CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)");
    auto scope = db.begin();
    db.execute("INSERT INTO child VALUES (7)");
    CHECK_THROWS_AS(scope.commit(), weft::integrity_error);
    CHECK(scope.is_active());
    db.execute("INSERT INTO parent VALUES (7)");
    scope.commit();
    CHECK(db.query_value<int>("SELECT count(*) FROM child") == 1);
}

TEST_CASE("a scope survives a transaction that an error or the close of the database has ended") {
    database db = with_numbers();
    db.execute("INSERT INTO t VALUES (1)");
    {
        auto scope = db.begin();
        CHECK_THROWS_AS(db.execute("INSERT OR ROLLBACK INTO t VALUES (1)"), weft::integrity_error);
        CHECK_FALSE(db.has_transaction());
    }
    {
        auto scope = db.begin();
        auto savepoint = db.begin_savepoint();
        db.close();
        CHECK(message_of<weft::programming_error>([&] { return scope.commit(), 0; }) == "the database is closed");
    }
}

TEST_CASE("journal mode, synchronous mode, foreign keys and timeout are really set") {
    using weft::embedded::journal_mode;
    using weft::embedded::synchronous_mode;
    temporary_directory directory;
    const auto pragma = [](database& db, const std::string& name) {
        return db.query_one<weft::named_rows>("PRAGMA " + name).value()[0].to_string();
    };
    const auto check = [&](const database_options& settings, const char* journal, const char* synchronous,
                           const char* keys) {
        database db(directory / "data.db", settings);
        CHECK(pragma(db, "journal_mode") == journal);
        CHECK(pragma(db, "synchronous") == synchronous);
        CHECK(pragma(db, "foreign_keys") == keys);
        CHECK(pragma(db, "busy_timeout") == std::to_string(settings.busy_timeout_ms));
    };
    check({}, "wal", "2", "1");
    check({.journal = journal_mode::rollback, .synchronous = synchronous_mode::normal, .foreign_keys = false}, "delete",
          "1", "0");
    check({.synchronous = synchronous_mode::off, .busy_timeout_ms = 17}, "wal", "0", "1");
}

TEST_CASE("foreign keys are enforced unless switched off") {
    constexpr const char* schema = "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a REFERENCES a)";
    database strict(":memory:");
    strict.execute(schema);
    CHECK(message_of<weft::integrity_error>([&] { return strict.execute("INSERT INTO b VALUES (1)"); }) ==
          "787 (23503): FOREIGN KEY constraint failed");
    database loose(":memory:", {.foreign_keys = false});
    loose.execute(schema);
    CHECK(loose.execute("INSERT INTO b VALUES (1)") == 1);
}

TEST_CASE("read-only databases are read and not written") {
    using weft::embedded::open_mode;
    temporary_directory directory;
    const std::string path = directory / "data.db";
    CHECK_THROWS_AS(database(path, {.mode = open_mode::read_write}), weft::operational_error);
    CHECK_THROWS_AS(database(path, {.mode = open_mode::read_only}), weft::operational_error);
    CHECK_FALSE(std::filesystem::exists(path));
    database writer(path);
    writer.execute("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1)");
    database reader(path, {.mode = open_mode::read_only});
    CHECK(numbers(reader) == "1 ");
    CHECK(message_of<weft::operational_error>([&] { return reader.execute("INSERT INTO t VALUES (2)"); }) ==
          "8 (25006): attempt to write a readonly database");
    database second(path, {.mode = open_mode::read_write});
    second.execute("INSERT INTO t VALUES (3)");
    CHECK(numbers(reader) == "1 3 ");
}

TEST_CASE("a writer waits for another as long as the timeout says, then fails") {
    temporary_database db({.busy_timeout_ms = 50});
    db.execute("CREATE TABLE t (n INTEGER PRIMARY KEY)");
    database other(db.path(), {.busy_timeout_ms = 50});
    {
        auto scope = db.begin();
        db.execute("INSERT INTO t VALUES (1)");
        const auto start = std::chrono::steady_clock::now();
        CHECK(message_of<weft::operational_error>([&] { return other.execute("INSERT INTO t VALUES (2)"); }) ==
              "5 (40001): database is locked");
        CHECK(std::chrono::steady_clock::now() - start >= std::chrono::milliseconds(40));
        CHECK_THROWS_AS(other.begin().is_active(), weft::operational_error);
        CHECK(numbers(other).empty()); // readers do not wait, and see what was committed
        scope.commit();
    }
    CHECK(other.execute("INSERT INTO t VALUES (2)") == 1);
    CHECK(numbers(db) == "1 2 ");
}

TEST_CASE("threads with a database object each write and read one file") {
    temporary_database db;
    db.execute("CREATE TABLE t (n INTEGER PRIMARY KEY)");
    constexpr int threads = 4;
    constexpr int rows = 25;
    std::atomic<int> failures{0};
    {
        std::vector<std::jthread> workers;
        for (int t = 0; t < threads; ++t) {
            workers.emplace_back([&, t] {
                try {
                    database own(db.path(),
                                 {.synchronous = weft::embedded::synchronous_mode::off, .busy_timeout_ms = 60'000});
                    for (int i = 0; i < rows; ++i) {
                        own.in_transaction([&] { own.execute("INSERT INTO t VALUES (?)", t * rows + i); });
                        if (own.query_value<int>("SELECT count(*) FROM t WHERE n / ? = ?", rows, t) != i + 1)
                            ++failures;
                    }
                } catch (const weft::error&) {
                    ++failures;
                }
            });
        }
    }
    CHECK(failures == 0);
    CHECK(db.query_value<int>("SELECT count(*) FROM t") == threads * rows);
}

TEST_CASE("a running statement is interrupted from another thread") {
    database db = with_numbers();
    constexpr const char* endless =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    {
        std::atomic<bool> done{false};
        const std::jthread other([&] {
            while (!done) {
                db.interrupt();
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
        });
        CHECK(message_of<weft::operational_error>([&] { return db.execute(endless); }) == "9 (57014): interrupted");
        done = true;
    }
    CHECK(db.execute("INSERT INTO t VALUES (1)") == 1);
    db.close();
    db.interrupt();
}

TEST_CASE("a closed database refuses everything, and closing twice is fine") {
    database db = with_numbers();
    CHECK(db.is_open());
    db.close();
    db.close();
    CHECK_FALSE(db.is_open());
    for (const std::string& message : {
             message_of<weft::programming_error>([&] { return db.execute("SELECT 1"); }),
             message_of<weft::programming_error>([&] { return db.execute(""); }),
             message_of<weft::programming_error>(
                 [&] { return db.execute_many("DELETE FROM t WHERE n = ?", std::vector{1}); }),
             message_of<weft::programming_error>([&] { return db.begin().is_active(); }),
             message_of<weft::programming_error>([&] { return db.begin_savepoint().is_active(); }),
             message_of<weft::programming_error>([&] { return db.has_transaction(); }),
             message_of<weft::programming_error>([&] { return db.last_insert_id(); }),
             message_of<weft::programming_error>([&] { return db.native_handle(); }),
         }) {
        CHECK(message == "the database is closed");
    }
}

TEST_CASE("a moved database goes on, and what it was moved from is closed") {
    database from = with_numbers();
    from.execute("INSERT INTO t VALUES (1)");
    database db = std::move(from);
    CHECK(numbers(db) == "1 ");
    CHECK_FALSE(from.is_open()); // NOLINT(bugprone-use-after-move)
    from.close();
    from.interrupt();
    CHECK(message_of<weft::programming_error>([&] { return from.execute("SELECT 1"); }) == "the database is closed");
    CHECK_THROWS_AS(from.begin().is_active(), weft::programming_error);
    CHECK_THROWS_AS(from.begin_savepoint().is_active(), weft::programming_error);
    CHECK_THROWS_AS(from.in_transaction([] {}), weft::programming_error);
    CHECK_THROWS_AS(from.has_transaction(), weft::programming_error);
    CHECK_THROWS_AS(from.execute_many("DELETE FROM t WHERE n = ?", std::vector{1}), weft::programming_error);
    from = std::move(db);
    CHECK(numbers(from) == "1 ");
}

TEST_CASE("closing with open cursors ends them with an error, rows already read stay") {
    database db = with_numbers();
    db.execute_many("INSERT INTO t VALUES (?)", std::vector{1, 2, 3});
    auto streamed = db.stream<weft::tuples<int>>("SELECT n FROM t ORDER BY n");
    CHECK(streamed.fetch_one() == std::tuple(1));
    weft::cursor<database, weft::buffered, weft::tuples<int>> buffered(db);
    buffered.execute("SELECT n FROM t ORDER BY n; SELECT 1");
    db.close();
    CHECK(message_of<weft::programming_error>([&] { return streamed.fetch_one(); }) == "the database is closed");
    CHECK(message_of<weft::programming_error>([&] { return streamed.fetch_all(); }) == "the database is closed");
    CHECK(buffered.fetch_all().size() == 3);
    CHECK_THROWS_AS(buffered.next_set(), weft::programming_error);
    CHECK_THROWS_AS(buffered.execute("SELECT 1"), weft::programming_error);
}

TEST_CASE("a cursor outlives its database object as long as it does not execute") {
    std::optional<database> db(with_numbers());
    db->execute("INSERT INTO t VALUES (1), (2)");
    weft::cursor<database, weft::buffered, weft::tuples<int>> c(*db);
    c.execute("SELECT n FROM t");
    db.reset();
    CHECK(c.fetch_all().size() == 2);
}

TEST_CASE("what two connections commit they see of each other, on disk after both are gone") {
    temporary_directory directory;
    const std::string path = directory / "größe und [mehr].db";
    {
        database a(path);
        database b(path);
        CHECK(a.path() == path);
        a.execute("CREATE TABLE t (n INTEGER)");
        b.execute("INSERT INTO t VALUES (1)");
        CHECK(numbers(a) == "1 ");
    }
    database again(path);
    CHECK(numbers(again) == "1 ");
}
