// SPDX-License-Identifier: BSL-1.0
// SQL beside the keys: the documents' examples, SQL inside transactions, BEGIN on the database.
#include <weft/cursor.hpp>
#include <weft/embedded/kv_database.hpp>
#include <weft/format/dicts.hpp>
#include <weft/format/tuples.hpp>

#include "../message_of.hpp"
#include "kv_file.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <thread>
#include <vector>

using namespace weft::embedded;
using namespace std::string_literals;

namespace {

/// The rows of a query: cells separated by `|`, rows by spaces.
std::string rows(auto& db, std::string_view sql) {
    std::string text;
    for (const weft::dict& row : db.template query<weft::dicts>(std::string(sql))) {
        if (!text.empty()) text += ' ';
        bool first = true;
        for (const auto& [name, content] : row) {
            if (!std::exchange(first, false)) text += '|';
            text += content.is_null() ? "NULL" : content.to_string();
        }
    }
    return text;
}

void make_users(kv_database& db) {
    db.execute_sql("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT UNIQUE, age INTEGER)");
    db.execute_sql("INSERT INTO users VALUES (1, 'Alice', 'alice@example.com', 30)");
    db.execute_sql("INSERT INTO users VALUES (2, 'Bob', 'bob@example.com', 25)");
}

void make_orders(kv_database& db) {
    db.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER, product TEXT, amount REAL, "
               "FOREIGN KEY (user_id) REFERENCES users(id))");
    db.execute("INSERT INTO orders VALUES (1, 1, 'Laptop', 999.99)");
    db.execute("INSERT INTO orders VALUES (2, 1, 'Mouse', 25.00)");
    db.execute("INSERT INTO orders VALUES (3, 2, 'Keyboard', 75.00)");
}

} // namespace

TEST_CASE("kv sql: the documents' users") {
    kv_file f;
    make_users(f.db);
    const auto all = f.db.query<weft::dicts>("SELECT * FROM users");
    REQUIRE(all.size() == 2);
    CHECK(all[0].names() == std::vector<std::string>{"id", "name", "email", "age"});
    CHECK(rows(f.db, "SELECT name, age FROM users WHERE age > 26") == "Alice|30");
    CHECK(f.db.execute("UPDATE users SET age = 31 WHERE name = 'Alice'") == 1);
    CHECK(f.db.execute("DELETE FROM users WHERE age < 26") == 1);
    CHECK(rows(f.db, "SELECT name, age FROM users") == "Alice|31");
    CHECK_THROWS_AS(f.db.execute("INSERT INTO users VALUES (3, 'Eve', 'alice@example.com', 1)"), weft::integrity_error);
    CHECK_THROWS_AS(f.db.execute("INSERT INTO users VALUES (3, NULL, 'x', 1)"), weft::integrity_error);
    CHECK_THROWS_AS(f.db.query<weft::dicts>("SELECT * FROM nowhere"), weft::database_error);
    f.db.execute("INSERT INTO users (name) VALUES (?)", "O'Brien, \"Bob\"; -- DROP TABLE users"s);
    CHECK(rows(f.db, "SELECT id, name FROM users WHERE email IS NULL") == "2|O'Brien, \"Bob\"; -- DROP TABLE users");
    f.reopen();
    CHECK(rows(f.db, "SELECT count(*) FROM users") == "2");
}

TEST_CASE("kv sql: the documents' joins and groups") {
    kv_file f;
    make_users(f.db);
    make_orders(f.db);
    CHECK(rows(f.db, "SELECT users.name, orders.product, orders.amount FROM users JOIN orders ON users.id = "
                     "orders.user_id WHERE orders.amount > 50 ORDER BY orders.amount DESC") ==
          "Alice|Laptop|999.99 Bob|Keyboard|75");
    CHECK(rows(f.db,
               "SELECT users.name, COUNT(*) AS n, SUM(orders.amount) AS total FROM users JOIN orders ON "
               "users.id = orders.user_id GROUP BY users.name ORDER BY total DESC") == "Alice|2|1024.99 Bob|1|75");
    CHECK_THROWS_AS(f.db.execute("INSERT INTO orders VALUES (4, 99, 'Ghost', 1)"), weft::integrity_error);
}

TEST_CASE("kv sql: the documents' tenants and shop") {
    kv_file f;
    for (int i = 0; i < 2; ++i)
        f.db.execute("CREATE TABLE IF NOT EXISTS tenants (id INTEGER PRIMARY KEY, name TEXT, plan TEXT)");
    f.db.execute("INSERT INTO tenants VALUES (1, 'ACME Corp', 'enterprise')");
    f.db.execute("INSERT INTO tenants VALUES (2, 'Globex Inc', 'startup')");
    CHECK(rows(f.db, "SELECT name FROM tenants ORDER BY name") == "ACME Corp Globex Inc");
    f.db.put("tenants/1/users/1", "a");
    f.db.put("tenants/1/users/2", "b");
    f.db.put("tenants/2/users/1", "c");
    CHECK(f.db.scan_prefix("tenants/1/users/").collect().size() == 2);
    CHECK(f.db.scan_prefix("tenants/2/users/").collect().size() == 1);

    f.db.execute(
        "CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT, category TEXT, price REAL CHECK (price > 0));"
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, product_id INTEGER REFERENCES products(id), total REAL);"
        "INSERT INTO products VALUES (1, 'Laptop', 'Electronics', 999.99), (2, 'Phone', 'Electronics', 1124.99),"
        "(3, 'Desk', 'Furniture', 300);"
        "INSERT INTO orders VALUES (1, 1, 999.99), (2, 2, 1124.99)");
    CHECK(rows(f.db, "SELECT products.category, COUNT(orders.id) AS n, SUM(orders.total) AS revenue FROM products JOIN "
                     "orders ON products.id = orders.product_id GROUP BY products.category ORDER BY revenue DESC") ==
          "Electronics|2|2124.98");
    CHECK_THROWS_AS(f.db.execute("INSERT INTO products VALUES (4, 'Gift', 'x', 0)"), weft::integrity_error);
    CHECK(rows(f.db, "SELECT count(*) FROM products") == "3"); // the statement did nothing
}

TEST_CASE("kv sql: the documents' reference pages") {
    kv_file f({.sync_mode = sync_mode::off});
    f.db.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT, active BOOLEAN DEFAULT TRUE, "
                 "likes INTEGER DEFAULT 0, role TEXT DEFAULT 'general');"
                 "CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER, title TEXT, price REAL);"
                 "INSERT INTO users (id, name, email) VALUES (1, 'Alice', 'a@x.com'), (2, 'Bob', 'admin@y.org'), "
                 "(3, 'Ann', 'n@x.com');"
                 "INSERT INTO posts VALUES (1, 1, 'One', 10.0), (2, 1, 'Two', 50.0), (3, 2, 'Three', 60.5)");
    const auto is = [&](const char* sql, const char* expected) { CHECK(rows(f.db, sql) == expected); };
    is("SELECT active, likes, role FROM users WHERE id = 1", "true|0|general");
    is("SELECT name FROM users WHERE name LIKE 'A%' ORDER BY name", "Alice Ann");
    is("SELECT name FROM users WHERE email LIKE '%.com' AND NOT id = 1", "Ann");
    is("SELECT name FROM users WHERE email LIKE '%ADMIN%'", "Bob"); // ASCII letters of either case
    is("SELECT id FROM posts WHERE price BETWEEN 10.0 AND 50.0 ORDER BY id", "1 2");
    is("SELECT name FROM users WHERE id IN (1, 3) OR name = 'Bob' ORDER BY id DESC", "Ann Bob Alice");
    is("SELECT users.name, COUNT(posts.id) AS n FROM users LEFT JOIN posts ON posts.user_id = users.id GROUP BY "
       "users.id HAVING n < 2 ORDER BY users.id",
       "Bob|1 Ann|0");
    is("SELECT name FROM users WHERE id IN (SELECT user_id FROM posts WHERE price > 55)", "Bob");
    is("SELECT n FROM (SELECT COUNT(*) AS n FROM posts)", "3");
    is("WITH rich AS (SELECT * FROM posts WHERE price > 20) SELECT GROUP_CONCAT(title, '+') FROM rich", "Two+Three");
    is("SELECT title FROM posts ORDER BY id LIMIT 20 OFFSET 2", "Three");
    f.db.execute("UPDATE posts SET price = price * 2, title = title || '!' WHERE id = 1");
    is("SELECT title, price FROM posts WHERE id = 1", "One!|20");
    f.db.execute("CREATE UNIQUE INDEX by_email ON users (email)");
    CHECK_THROWS_AS(f.db.execute("INSERT INTO users (name, email) VALUES ('x', 'a@x.com')"), weft::integrity_error);
    f.db.execute("DROP INDEX by_email");
    CHECK(f.db.execute("INSERT INTO users (name, email) VALUES ('x', 'a@x.com')") == 1);
    is("SELECT max(id) FROM users", "4"); // an omitted key is the next integer
    is("SELECT NULL = NULL, 1 / 0, length(x'48656c6c6f')", "NULL|NULL|5");
    CHECK(f.db.execute("INSERT INTO users (name) SELECT title FROM posts") == 3);
}

TEST_CASE("kv sql: keys and tables are not seen by each other") {
    kv_file f;
    f.db.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    CHECK(shown(f.db.scan()).empty());
    CHECK(rows(f.db, "SELECT name FROM sqlite_schema") == "t"); // SQL alone makes no tables of ours
    f.db.put("k", "v");
    CHECK(shown(f.db.scan()) == "k=v");
    CHECK(rows(f.db, "SELECT CAST(key AS TEXT), CAST(value AS TEXT) FROM weft_kv") == "k|v"); // by its hidden name
    f.reopen();
    CHECK(rows(f.db, "SELECT a FROM t") == "1");
}

TEST_CASE("kv sql: in a transaction with keys and paths") {
    kv_file f;
    make_users(f.db);
    {
        auto t = f.db.transaction();
        t.put("k", "v");
        t.execute("INSERT INTO users (name, age) VALUES (?, ?)", "Carol"s, 40);
        t.put_path("users/carol", "3");
        CHECK(rows(t, "SELECT name FROM users WHERE age = 40") == "Carol");
        CHECK(t.query_value<int>("SELECT count(*) FROM users") == 3);
        CHECK(f.db.query_value<int>("SELECT count(*) FROM users") == 2);
        t.abort();
    }
    CHECK(f.db.query_value<int>("SELECT count(*) FROM users") == 2);
    CHECK(shown(f.db.scan()).empty());
    f.db.with_transaction([](kv_transaction& t) {
        t.execute_many("INSERT INTO users (name, age) VALUES (?, ?)",
                       std::vector<std::tuple<std::string, int>>{{"D", 1}, {"E", 2}});
        t.put("k", "v");
        CHECK_THROWS_AS(t.execute("INSERT INTO users VALUES (1, 'dup', 'd', 1)"), weft::integrity_error);
        CHECK(t.is_active()); // the statement failed, not the transaction
        t.put("l", "w");
    });
    CHECK(f.db.query_value<int>("SELECT count(*) FROM users") == 4);
    CHECK(shown(f.db.scan()) == "k=v l=w");
}

TEST_CASE("kv sql: conflicts show in SQL as they do in puts") {
    kv_file f({.busy_timeout_ms = 50});
    make_users(f.db);
    auto t = f.db.transaction();
    CHECK(t.query_value<int>("SELECT count(*) FROM users") == 2);
    f.db.put("k", "v");
    CHECK_THROWS_AS(t.execute("UPDATE users SET age = 1"), transaction_conflict);
    CHECK_FALSE(t.is_active());
    auto u = f.db.transaction();
    f.db.execute("UPDATE users SET age = age + 1");
    CHECK_THROWS_AS(u.put("k", "w"), transaction_conflict);
    auto a = f.db.transaction();
    auto b = f.db.transaction();
    a.execute("UPDATE users SET age = 0");
    CHECK_THROWS_AS(b.execute("UPDATE users SET age = 5"), transaction_conflict);
    CHECK_THROWS_AS(f.db.execute("UPDATE users SET age = 5"), weft::operational_error); // waits, then says so
    a.commit();
    CHECK(rows(f.db, "SELECT age FROM users") == "0 0");
}

TEST_CASE("kv sql: COMMIT and ROLLBACK in SQL end a transaction") {
    kv_file f;
    f.db.execute("CREATE TABLE t (a)");
    auto t = f.db.transaction();
    t.put("k", "v");
    t.execute("INSERT INTO t VALUES (1); COMMIT");
    CHECK_FALSE(t.is_active());
    CHECK(message_of<transaction_error>([&] { t.commit(); }) == "Transaction already committed");
    CHECK(f.db.get("k") == "v");
    auto u = f.db.transaction();
    u.put("k", "w");
    u.execute("ROLLBACK");
    CHECK(message_of<transaction_error>([&] { u.commit(); }) == "Transaction already aborted");
    CHECK(f.db.get("k") == "v");
    CHECK(f.db.query_value<int>("SELECT count(*) FROM t") == 1);
}

TEST_CASE("kv sql: a result of a transaction ends with it") {
    kv_file f;
    f.db.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3)");
    auto t = f.db.transaction();
    auto cursor = t.stream<weft::tuples<int>>("SELECT a FROM t ORDER BY a");
    CHECK(std::get<0>(*cursor.fetch_one()) == 1);
    t.commit();
    CHECK(message_of<transaction_error>([&] { cursor.fetch_one(); }) == "Transaction already completed");
    f.db.put("k", "v");
}

TEST_CASE("kv sql: BEGIN on the database lasts until COMMIT or ROLLBACK, for this thread") {
    kv_file f;
    f.db.execute("CREATE TABLE t (a)");
    f.db.execute("BEGIN");
    f.db.execute("INSERT INTO t VALUES (1)");
    f.db.put("k", "v");
    f.db.put_many({{"l", "1"}, {"m", "2"}});
    CHECK(f.db.get("k") == "v");
    CHECK(shown(f.db.scan()) == "k=v l=1 m=2");
    std::thread([&] {
        CHECK(f.db.get("k") == std::nullopt);
        CHECK(f.db.query_value<int>("SELECT count(*) FROM t") == 0);
    }).join();
    f.db.execute("ROLLBACK");
    CHECK(f.db.get("k") == std::nullopt);
    CHECK(f.db.query_value<int>("SELECT count(*) FROM t") == 0);
    f.db.execute("BEGIN; INSERT INTO t VALUES (2); COMMIT");
    f.db.execute("BEGIN IMMEDIATE");
    f.db.put("k", "w");
    f.db.execute("COMMIT");
    CHECK(f.db.get("k") == "w");
    CHECK(f.db.query_value<int>("SELECT a FROM t") == 2);
    f.db.execute("BEGIN");
    f.db.put("k", "lost");
    f.reopen(); // closing rolls back
    CHECK(f.db.get("k") == "w");
}

TEST_CASE("kv sql: statements that return what they changed") {
    kv_file f({.sync_mode = sync_mode::full});
    f.db.execute("CREATE TABLE t (a INTEGER PRIMARY KEY)");
    CHECK(rows(f.db, "INSERT INTO t VALUES (1), (2) RETURNING a") == "1 2");
    {
        auto cursor = f.db.stream<weft::tuples<int>>("DELETE FROM t RETURNING a");
        CHECK(cursor.fetch_one());
    }
    f.db.put("k", "v"); // the dropped cursor lets others write
    CHECK(f.db.query_value<int>("SELECT count(*) FROM t") == 0);
    CHECK(f.db.execute_many("INSERT INTO t VALUES (?)", std::vector<int>{1, 2, 3}) == 3);
    CHECK_THROWS_AS(f.db.execute_many("INSERT INTO t VALUES (?)", std::vector<int>{4, 1}), weft::integrity_error);
    CHECK(f.db.query_value<int>("SELECT count(*) FROM t") == 3);
}
