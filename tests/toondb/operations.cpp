// SPDX-License-Identifier: BSL-1.0
// Every operation of the client with a real server.
#include "../message_of.hpp"
#include "served.hpp"

#include <weft/cursor/execute_many.hpp>
#include <weft/format/json.hpp>
#include <weft/toondb/protocol/packed_row.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace weft::toondb;
using weft::cell;

} // namespace

TEST_CASE("keys and values of any bytes") {
    const served on;
    ipc_client c = on.client();
    c.put("k", "v");
    CHECK(c.get("k") == "v");
    CHECK_FALSE(c.get("missing"));
    c.erase("k");
    c.erase("never there");
    CHECK_FALSE(c.get("k"));
    const std::string odd("\0\xFF\n", 3);
    c.put(odd, odd);
    CHECK(c.get(odd) == odd);
    c.put("", "of the empty key");
    CHECK(c.get("") == "of the empty key");
    const std::string long_key(65'535, 'k');
    const std::string big(5'000'000, 'x');
    c.put(long_key, big);
    CHECK(c.get(long_key) == big);
    c.put("empty", "");
    CHECK_FALSE(c.get("empty")); // the protocol cannot say it
    CHECK(c.find("empty") == "");
    CHECK_FALSE(c.find("missing"));
    CHECK(c.ping() >= 0);
    CHECK(message_of<weft::database_error>([&] { c.put(std::string(70'000, 'k'), ""); }) != "no error");
    CHECK(c.is_open());
}

TEST_CASE("paths are keys with slashes") {
    const served on;
    ipc_client c = on.client();
    c.put_path({"users", "alice", "email"}, "a@x");
    CHECK(c.get("users/alice/email") == "a@x");
    CHECK(c.get_path({"users/alice", "email"}) == "a@x");
    CHECK(c.get_path({"users/alice/email"}) == "a@x");
    CHECK(c.get_path(std::vector<std::string>{"users", "alice", "email"}) == "a@x");
    CHECK_FALSE(c.get_path({"users"}));
    CHECK(message_of<weft::database_error>([&] { c.put_path({"\xFF"}, "v"); }) ==
          "Protocol error: Invalid UTF-8 in path");
}

TEST_CASE("scans are in order and by bytes") {
    const served on;
    ipc_client c = on.client();
    for (const char* key : {"users/2", "user2", "users/1", "usual", "v"}) c.put(key, std::string("of ") + key);
    CHECK(c.scan("user") ==
          std::vector<key_value>{{"user2", "of user2"}, {"users/1", "of users/1"}, {"users/2", "of users/2"}});
    CHECK(c.scan("").size() == 5);
    CHECK(c.scan("none").empty());
    c.put("w\xFF", "no text");
    CHECK(c.scan("w").empty());
    CHECK(c.scan_all("w").collect() == std::vector<key_value>{{"w\xFF", "no text"}});
    CHECK(message_of<weft::database_error>([&] { (void)c.scan("\xFF"); }) == "Invalid UTF-8 in scan prefix");
}

TEST_CASE("a scan of more than a message says so, and comes in portions") {
    const served on;
    ipc_client c = on.client();
    const std::string value(1'000'000, 'v');
    for (int i = 10; i < 30; ++i) c.put("big/" + std::to_string(i), value);
    for (int i = 0; i < 100; ++i) c.put("many/" + std::to_string(100 + i), std::string(10'000, 'm'));
    CHECK(message_of<weft::database_error>([&] { (void)c.scan("big/"); }).starts_with("Message too large: "));
    std::size_t count = 0;
    for (const auto& [key, content] : c.scan_all("big/")) {
        CHECK(key == "big/" + std::to_string(10 + count));
        CHECK(content.size() == value.size());
        ++count;
    }
    CHECK(count == 20);
    CHECK(c.scan_all("many/").collect().size() == 100);
    CHECK(c.scan_all("").collect().size() == 120);
    CHECK(c.scan("many/").size() == 100);
}

TEST_CASE("queries are built step by step") {
    const served on;
    ipc_client c = on.client();
    c.put("products/laptop", R"({"name": "Laptop", "price": 999, "stock": -1})");
    c.put("products/mouse", R"({"name": "Mouse, wireless", "price": 25.5})");
    c.put("products/note", "no object");
    CHECK(c.query("products/").execute() ==
          "result[2]{name,price,stock}:Laptop,999,-1;\"Mouse, wireless\",25.500000,∅");
    const std::string text = c.query("products/").select({"name"}).limit(1).offset(1);
    CHECK(text == "result[1]{name}:\"Mouse, wireless\"");
    const auto rows = c.query("products/").select({"name", "price"}).to_list();
    REQUIRE(rows.size() == 2);
    CHECK(rows[0]["price"].as<int>() == 999);
    CHECK(rows[1]["name"].as<std::string>() == "Mouse, wireless");
    CHECK(c.query("products/").count() == 2);
    CHECK(c.query("products/").first()->get<std::string>("name") == "Laptop");
    CHECK_FALSE(c.query("nothing/").exists());
    CHECK(c.query("nothing/").execute() == "[]");
    CHECK(c.query("nothing/").to_list().empty());
}

TEST_CASE("a declared table has packed rows") {
    const served on;
    ipc_client c = on.client();
    const table_definition table{"t", {{"id", column_type::int64, false}, {"name", column_type::text, true}}};
    c.create_table(table.name, table.columns);
    CHECK(message_of<weft::database_error>([&] { c.create_table("t", {}); }) ==
          "Invalid argument: Table 't' already exists");
    const std::vector<cell> row{cell(std::int64_t{7}), cell::of_text("seven")};
    c.put("t/1", protocol::encode_packed_row(table, row));
    CHECK(c.query("t/").execute() == "result[1]{id,name}:7,seven");
    c.create_table("none", {});
    CHECK(c.query("none").execute() == "[]");
}

TEST_CASE("figures count what was done") {
    const served on;
    ipc_client c = on.client();
    c.put("a", "b");
    c.checkpoint();
    (void)c.ping();
    CHECK_THROWS(c.abort(5));
    const std::uint64_t id = c.begin_transaction();
    const auto stats = c.stats();
    CHECK(stats.size() == 11);
    CHECK(stats.at("requests_total") == 6);
    CHECK(stats.at("requests_success") == 4);
    CHECK(stats.at("requests_error") == 1);
    CHECK(stats.at("connections_total") == 1);
    CHECK(stats.at("connections_active") == 1);
    CHECK(stats.at("active_transactions") == 1);
    CHECK(stats.at("bytes_received") == 11 + 5 + 5 + 13 + 5 + 5);
    CHECK(stats.at("bytes_sent") == 5 + 5 + 5 + 5 + 24 + 13);
    CHECK(stats.at("wal_size_bytes") > 0);
    c.abort(id);
    CHECK(on.server.stats().requests_total == 7);
    CHECK(on.server.stats().active_transactions == 0);
}

TEST_CASE("transactions of any client open and close, and operations do not join them") {
    served on;
    ipc_client c = on.client();
    CHECK(c.begin_transaction() == 1);
    CHECK(c.begin_transaction() == 2);
    c.put("k", "v"); // committed here and now
    c.abort(1);
    CHECK(c.get("k") == "v");
    CHECK_NOTHROW(c.commit(2)); // it changed nothing: the number of what it saw
    CHECK(message_of<weft::embedded::transaction_error>([&] { c.commit(2); }) == "Transaction not found: 2");
    CHECK(message_of<weft::database_error>([&] { c.abort(1); }) == "Transaction not found: 1");
    ipc_client other = on.client();
    const std::uint64_t own = c.begin_transaction();
    CHECK(own == 3);
    CHECK(message_of<weft::embedded::transaction_error>([&] { other.commit(own); }) == "Transaction not found: 3");
    CHECK(other.begin_transaction() == 1);
    c.abort(own);
    std::vector<std::uint64_t> all;
    for (std::size_t i = 0; i < on.server.options().max_transactions; ++i) all.push_back(c.begin_transaction());
    CHECK(message_of<weft::embedded::transaction_error>([&] { c.begin_transaction(); }) ==
          "Too many transactions: 64 are open on this connection");
    CHECK(c.has_transaction());
    c.reset();
    CHECK_FALSE(c.has_transaction());
}

TEST_CASE("a transaction scope reads and writes its own") {
    served on;
    ipc_client c = on.client();
    c.put("a", "old");
    {
        auto t = c.transaction();
        t.put("a", "new");
        t.put_path({"p", "q"}, "");
        CHECK(t.get("a") == "new");
        CHECK(t.get_path({"p", "q"}) == "");
        CHECK(c.get("a") == "old"); // not of the transaction
        CHECK(t.scan("").collect() == std::vector<key_value>{{"a", "new"}, {"p/q", ""}});
        t.erase("a");
        CHECK_FALSE(t.get("a"));
    } // aborted
    CHECK(c.get("a") == "old");
    auto t = c.transaction();
    t.put("docs/1", R"({"n":1})");
    t.execute("CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT, data BLOB)");
    CHECK(t.execute("INSERT INTO people(name, data) VALUES (?, ?), (?, NULL)", "Ada", weft::blob{std::byte{0}},
                    "Grace") == 2);
    CHECK(t.query("docs/").execute() == "result[1]{n}:1");
    const std::uint64_t number = t.commit();
    CHECK(message_of<weft::embedded::transaction_error>([&] { t.put("b", ""); }) == "Transaction already completed");
    CHECK_FALSE(t.is_active());
    CHECK(c.query<weft::json>("SELECT id, name FROM people ORDER BY id") ==
          R"([{"id":1,"name":"Ada"},{"id":2,"name":"Grace"}])");
    CHECK(c.with_transaction([](auto& next) { next.put("c", "d"); }) > number);
    CHECK(on.db.get("c") == "d");
}

TEST_CASE("who comes second is told, and may try again") {
    served on;
    ipc_client c = on.client();
    ipc_client other = on.client();
    c.put("n", "0");
    auto t = c.transaction();
    (void)t.get("n");
    other.put("n", "1");
    CHECK_THROWS_AS(t.put("n", "2"), weft::embedded::transaction_conflict);
    CHECK_THROWS_AS(t.commit(), weft::embedded::transaction_error);
    int attempts = 0;
    c.with_transaction([&](auto& again) {
        const int seen = std::stoi(*again.get("n"));
        if (++attempts == 1) other.put("n", "10");
        again.put("n", std::to_string(seen + 1));
    });
    CHECK(attempts == 2);
    CHECK(c.get("n") == "11");
}

TEST_CASE("SQL through a client is as SQL on the database") {
    served on;
    ipc_client c = on.client();
    c.execute("CREATE TABLE t(a INTEGER UNIQUE, b REAL, c TEXT, d BLOB)");
    const std::vector<std::tuple<int, double, std::string>> rows{{1, 0.5, "x"}, {2, 1.5, "y"}};
    CHECK(c.execute_many("INSERT INTO t(a, b, c) VALUES (?, ?, ?)", rows) == 2);
    CHECK(c.query_value<std::int64_t>("SELECT sum(a) FROM t WHERE c <> ?", "z") == 3);
    CHECK(c.query<weft::tuples<int, double, std::string>>("SELECT a, b, c FROM t ORDER BY a") == rows);
    CHECK_THROWS_AS(c.execute("INSERT INTO t(a) VALUES (1)"), weft::integrity_error);
    CHECK_THROWS_AS(c.execute("nonsense"), weft::programming_error);
    CHECK(message_of<weft::programming_error>([&] {
              c.execute("ATTACH 'x' AS y");
          }).find("ATTACH cannot be executed through a server") != std::string::npos);
    const std::vector<std::tuple<int, double, std::string>> clash{{3, 0, ""}, {1, 0, ""}};
    CHECK_THROWS_AS(c.execute_many("INSERT INTO t(a, b, c) VALUES (?, ?, ?)", clash), weft::integrity_error);
    CHECK(c.query_value<int>("SELECT count(*) FROM t") == 2);
    CHECK(c.execute("UPDATE t SET a = a + 10; DELETE FROM t WHERE a = 11") == 3);
    CHECK(on.db.query_value<int>("SELECT count(*) FROM t") == 1);
}

TEST_CASE("clients beside each other keep to their own keys") {
    served on;
    std::vector<std::thread> threads;
    std::atomic<int> wrong = 0;
    for (int n = 0; n < 5; ++n) {
        threads.emplace_back([&, n] {
            ipc_client c = on.client();
            const std::string own = "client" + std::to_string(n) + '/';
            for (int i = 0; i < 50; ++i) {
                c.put(own + std::to_string(i), std::to_string(i * n));
                if (c.get(own + std::to_string(i)) != std::to_string(i * n)) ++wrong;
            }
            if (c.scan(own).size() != 50) ++wrong;
            c.with_transaction([&](auto& t) {
                const auto seen = t.get("sum");
                t.put("sum", std::to_string((seen ? std::stoi(*seen) : 0) + n));
            });
        });
    }
    for (std::thread& t : threads) t.join();
    CHECK(wrong == 0);
    CHECK(on.db.get("sum") == "10");
}
