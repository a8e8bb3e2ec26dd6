// SPDX-License-Identifier: BSL-1.0
// Transactions: ends, errors on reuse, isolation, conflicts, numbers.
#include <weft/embedded/kv_database.hpp>

#include <weft/format/tuples.hpp>

#include "../message_of.hpp"
#include "kv_file.hpp"

#include <catch2/catch_test_macros.hpp>

#include <stdexcept>
#include <string>
#include <thread>

using namespace weft::embedded;
using namespace std::string_literals;

TEST_CASE("kv transaction: commits together, or not at all") {
    kv_file f;
    f.db.with_transaction([](kv_transaction& t) {
        t.put("key1", "1");
        t.put_path("key2", "2");
    });
    CHECK(shown(f.db.scan()) == "key1=1 key2=2");
    CHECK(message_of<std::runtime_error>([&] {
              f.db.with_transaction([](kv_transaction& t) {
                  t.put("key1", "x");
                  t.erase("key2");
                  throw std::runtime_error("the original");
              });
          }) == "the original");
    CHECK(shown(f.db.scan()) == "key1=1 key2=2");
    CHECK(f.db.with_transaction([](kv_transaction& t) { return *t.get("key1") + "!"; }) == "1!");
    { // without commit
        auto t = f.db.begin_transaction();
        t.put("key3", "3");
    }
    CHECK(f.db.get("key3") == std::nullopt);
}

TEST_CASE("kv transaction: an exception after an explicit commit stays what it is") {
    kv_file f;
    CHECK(message_of<std::runtime_error>([&] {
              f.db.with_transaction([](kv_transaction& t) {
                  t.put("k", "v");
                  t.commit();
                  throw std::runtime_error("the original");
              });
          }) == "the original");
    CHECK(f.db.get("k") == "v");
}

TEST_CASE("kv transaction: the documents' scan before commit") {
    kv_file f;
    auto t = f.db.begin_transaction();
    t.put("key1", "value1");
    t.put("key2", "value2");
    CHECK(shown(t.scan("key", "key~")) == "key1=value1 key2=value2");
    CHECK(shown(f.db.scan()).empty());
    t.commit();
    CHECK(shown(f.db.scan()) == "key1=value1 key2=value2");
}

TEST_CASE("kv transaction: errors on reuse") {
    kv_file f;
    const auto refused = [&](kv_transaction& t) {
        const auto completed = "Transaction already completed"s;
        CHECK(message_of<transaction_error>([&] { t.put("k", "v"); }) == completed);
        CHECK(message_of<transaction_error>([&] { t.get("k"); }) == completed);
        CHECK(message_of<transaction_error>([&] { t.erase("k"); }) == completed);
        CHECK(message_of<transaction_error>([&] { t.put_path("k", "v"); }) == completed);
        CHECK(message_of<transaction_error>([&] { t.scan(); }) == completed);
        CHECK(message_of<transaction_error>([&] { t.scan_prefix("k"); }) == completed);
        CHECK(message_of<transaction_error>([&] { t.execute("SELECT 1"); }) == completed);
        CHECK(message_of<transaction_error>([&] { t.get_many({"k"}); }) == completed);
        CHECK(message_of<transaction_error>([&] { t.compare_and_put("k", "a", "b"); }) == completed);
        CHECK_FALSE(t.is_active());
    };
    auto committed = f.db.transaction();
    committed.put("k", "v");
    committed.commit();
    refused(committed);
    CHECK(message_of<transaction_error>([&] { committed.commit(); }) == "Transaction already committed");
    CHECK(message_of<transaction_error>([&] { committed.abort(); }) == "Transaction already committed");
    CHECK(message_of<transaction_error>([&] { committed.rollback(); }) == "Transaction already committed");

    auto aborted = f.db.transaction();
    aborted.put("k", "other");
    aborted.abort();
    refused(aborted);
    CHECK(message_of<transaction_error>([&] { aborted.commit(); }) == "Transaction already aborted");
    aborted.abort(); // no error
    CHECK(f.db.get("k") == "v");

    auto moved = f.db.transaction();
    kv_transaction to = std::move(moved);
    CHECK_THROWS_AS(moved.get("k"), transaction_error); // NOLINT(bugprone-use-after-move)
    CHECK_THROWS_AS(moved.commit(), transaction_error);
    to.commit();
}

TEST_CASE("kv transaction: reads the snapshot of its beginning, and its own writes") {
    kv_file f;
    f.db.put("k", "old");
    auto t = f.db.transaction();
    auto later = f.db.transaction(kv_access::read_only);
    f.db.put("k", "new");
    f.db.put("other", "o");
    CHECK(t.get("k") == "old");
    CHECK(t.get("other") == std::nullopt);
    CHECK(shown(t.scan()) == "k=old");
    CHECK(later.get("k") == "old");
    CHECK(f.db.get("k") == "new");
    t.commit();
    auto w = f.db.transaction();
    w.put("k", "mine");
    CHECK(w.get("k") == "mine");
    CHECK(later.get("k") == "old");
    CHECK(f.db.get("k") == "new");
    w.erase("k");
    CHECK(w.get("k") == std::nullopt);
    w.commit();
    CHECK(later.get("k") == "old");
}

TEST_CASE("kv transaction: one that only reads writes nothing") {
    kv_file f;
    auto t = f.db.transaction(kv_access::read_only);
    CHECK(message_of<transaction_error>([&] { t.put("k", "v"); }) == "2004 (25006): the transaction only reads");
    CHECK(t.is_active());
    CHECK(t.get("k") == std::nullopt);
    t.commit();
}

TEST_CASE("kv transaction: the first committer wins") {
    kv_file f;
    f.db.put("k", "0");
    auto a = f.db.transaction();
    auto b = f.db.transaction();
    a.put("k", "a");
    CHECK(message_of<transaction_conflict>([&] { b.put("k", "b"); }).find("2002 (40001): ") == 0); // a is writing
    CHECK_FALSE(b.is_active());
    CHECK(message_of<transaction_error>([&] { b.commit(); }) == "Transaction already aborted");
    b.abort();
    auto c = f.db.transaction();
    a.commit();
    CHECK_THROWS_AS(c.put("k", "c"), transaction_conflict); // a has committed
    CHECK(f.db.get("k") == "a");
    try {
        auto d = f.db.transaction();
        f.db.put("x", "y");
        d.put("k", "d");
        FAIL("no conflict");
    } catch (const weft::operational_error& e) { // also an error of the classes everybody knows
        CHECK(e.diagnostics().sqlstate == "40001");
        CHECK(e.diagnostics().code == static_cast<int>(kv_errc::transaction_conflict));
    }
    CHECK(shown(f.db.scan()) == "k=a x=y");
}

TEST_CASE("kv transaction: no lost update") {
    kv_file f;
    f.db.put("counter", "10");
    auto a = f.db.transaction();
    auto b = f.db.transaction();
    const int seen_by_a = std::stoi(*a.get("counter"));
    const int seen_by_b = std::stoi(*b.get("counter"));
    a.put("counter", std::to_string(seen_by_a + 1));
    a.commit();
    CHECK_THROWS_AS(b.put("counter", std::to_string(seen_by_b + 1)), transaction_conflict);
    CHECK(f.db.get("counter") == "11");
    int calls = 0;
    f.db.with_transaction([&](kv_transaction& t) {
        const int seen = std::stoi(*t.get("counter"));
        if (++calls == 1) f.db.put("counter", "100"); // somebody else is faster
        t.put("counter", std::to_string(seen + 1));
    });
    CHECK(calls == 2);
    CHECK(f.db.get("counter") == "101");
}

TEST_CASE("kv transaction: no write skew") {
    kv_file f;
    f.db.put_many({{"on_call/alice", "yes"}, {"on_call/bob", "yes"}});
    auto a = f.db.transaction();
    auto b = f.db.transaction();
    CHECK(a.scan_prefix("on_call/").collect().size() == 2); // each sees that the other stays
    CHECK(b.scan_prefix("on_call/").collect().size() == 2);
    a.erase("on_call/alice");
    a.commit();
    CHECK_THROWS_AS(b.erase("on_call/bob"), transaction_conflict);
    CHECK(shown(f.db.scan()) == "on_call/bob=yes");
}

TEST_CASE("kv transaction: one that waits to write meets no conflict") {
    kv_file f;
    f.db.put("k", "0");
    auto a = f.db.transaction(kv_access::write_now);
    std::string seen;
    std::thread other([&] {
        auto b = f.db.transaction(kv_access::write_now);
        seen = *b.get("k");
        b.put("k", "b");
        b.commit();
    });
    a.put("k", "a");
    a.commit();
    other.join();
    CHECK(seen == "a");
    CHECK(f.db.get("k") == "b");
}

TEST_CASE("kv transaction: a writer that waits too long is told so") {
    kv_file f({.busy_timeout_ms = 20});
    auto a = f.db.transaction();
    a.put("k", "a");
    CHECK(message_of<weft::operational_error>([&] { f.db.put("k", "b"); }) ==
          "10001 (40001): another transaction of this process has been writing for more than 20 ms");
    CHECK_THROWS_AS(f.db.transaction(kv_access::write_now), weft::operational_error);
    CHECK_THROWS_AS(f.db.execute("CREATE TABLE t(a)"), weft::operational_error);
    CHECK(f.db.get("k") == std::nullopt); // readers do not wait
    a.commit();
    f.db.put("k", "b");
    CHECK(f.db.get("k") == "b");
}

TEST_CASE("kv transaction: a second process, played by a second object, waits or gets an error") {
    kv_file f({.busy_timeout_ms = 20});
    kv_database other(f.path(), {.busy_timeout_ms = 20});
    auto a = f.db.transaction();
    a.put("k", "a");
    CHECK_THROWS_AS(other.put("k", "b"), weft::operational_error);
    auto b = other.transaction();
    CHECK_THROWS_AS(b.put("k", "b"), transaction_conflict);
    CHECK(other.get("k") == std::nullopt);
    a.commit();
    CHECK(other.get("k") == "a");
    other.put("k", "b");
    CHECK(f.db.get("k") == "b");
}

TEST_CASE("kv transaction: the numbers of commits grow, also over reopening and between objects") {
    kv_file f;
    const auto commit = [](kv_database& db) {
        auto t = db.transaction();
        t.put("k", "v");
        return t.commit();
    };
    const std::uint64_t first = commit(f.db);
    CHECK(first == 1);
    CHECK(commit(f.db) == 2);
    CHECK(f.db.transaction().commit() == 2); // changed nothing
    f.db.put("outside", "v");
    const std::uint64_t log = f.db.checkpoint();
    CHECK(log == 3);
    std::uint64_t last = commit(f.db);
    CHECK(last == 4);
    f.reopen();
    CHECK(f.db.stats().last_checkpoint_lsn == 3);
    CHECK(commit(f.db) == 5);
    last = 5;
    kv_database other(f.path());
    for (int i = 0; i < 3000; ++i) {
        const std::uint64_t number = commit(i % 3 == 0 ? other : f.db);
        if (number <= last) FAIL("commit " << i << " has number " << number << " after " << last);
        last = number;
    }
    other.close();
    f.reopen();
    CHECK(commit(f.db) > last);
}

TEST_CASE("kv transaction: an aborted one that made the tables leaves nothing") {
    kv_file f;
    auto t = f.db.transaction();
    t.put("k", "v");
    CHECK(t.get("k") == "v");
    CHECK(shown(t.scan()) == "k=v");
    t.abort();
    CHECK(f.db.get("k") == std::nullopt);
    CHECK(shown(f.db.scan()).empty());
    CHECK(f.db.query_value<int>("SELECT count(*) FROM sqlite_schema") == 0);
    f.db.put("k", "again");
    CHECK(f.db.get("k") == "again");
    auto u = f.db.transaction();
    u.put("e", "v", {.ttl = std::chrono::hours(1)}); // makes the index
    u.abort();
    f.db.put("e", "v", {.ttl = std::chrono::hours(1)});
    CHECK(f.db.contains("e"));
}

TEST_CASE("kv transaction: ids count from 1") {
    kv_file f;
    CHECK(f.db.transaction().id() == 1);
    CHECK(f.db.transaction().id() == 2);
}
