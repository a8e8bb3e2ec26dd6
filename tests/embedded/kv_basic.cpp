// SPDX-License-Identifier: BSL-1.0
// Gets, puts, paths, batches, expiry, compare-and-set, and what they refuse.
#include <weft/embedded/kv_database.hpp>

#include "../message_of.hpp"
#include "kv_file.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <map>
#include <string>
#include <thread>
#include <vector>

using namespace weft::embedded;
using namespace std::chrono_literals;
using namespace std::string_literals;

static_assert(kv_store<kv_database>);
static_assert(kv_transaction_scope<kv_transaction>);
static_assert(!kv_store<kv_transaction>);

TEST_CASE("kv: what was put is there, also after reopening") {
    kv_file f;
    f.db.put("user:1", R"({"name": "Alice"})");
    CHECK(f.db.get("user:1") == R"({"name": "Alice"})");
    CHECK(f.db.contains("user:1"));
    f.db.put("user:1", "other");
    f.reopen();
    CHECK(f.db.get("user:1") == "other");
    CHECK(f.db.get("user:2") == std::nullopt);
    CHECK_FALSE(f.db.contains("user:2"));
}

TEST_CASE("kv: a missing key is nothing, and erasing it is fine") {
    kv_file f;
    CHECK(f.db.get("missing") == std::nullopt); // before there are tables
    f.db.erase("missing");
    f.db.put("k", "v");
    f.db.erase("k");
    CHECK(f.db.get("k") == std::nullopt);
    f.db.erase("k");
    f.reopen();
    CHECK(f.db.get("k") == std::nullopt); // a tombstone is not an empty value
    CHECK(shown(f.db.scan()).empty());
}

TEST_CASE("kv: keys and values are any bytes, and empty is not absent") {
    kv_file f;
    const std::string bytes("\0\xFF' ; --\n\"", 9);
    f.db.put(bytes, bytes);
    f.db.put("", "of the empty key");
    f.db.put("empty", "");
    f.db.put(weft::as_blob("blob"), weft::blob(3));
    CHECK(f.db.get(bytes) == bytes);
    CHECK(f.db.get("") == "of the empty key");
    CHECK(f.db.get("empty") == "");
    CHECK(f.db.get("blob") == std::string(3, '\0'));
    f.db.erase("");
    CHECK(f.db.get("") == std::nullopt);
    CHECK(f.db.get("empty").has_value());
}

TEST_CASE("kv: large values, and keys that are too long") {
    kv_file f;
    const std::string large(3'000'000, 'x');
    f.db.put("large", large);
    CHECK(f.db.get("large") == large);
    const std::string key(65'536, 'k');
    f.db.put(key, "v");
    CHECK(f.db.get(key) == "v");
    const auto refused = "a key of 65537 bytes is too long; the longest has 65536"s;
    CHECK(message_of<weft::data_error>([&] { f.db.put(key + 'k', "v"); }) == refused);
    CHECK(message_of<weft::data_error>([&] { f.db.put_many(std::map<std::string, std::string>{{key + 'k', "v"}}); }) ==
          refused);
    auto t = f.db.transaction();
    CHECK(message_of<weft::data_error>([&] { t.put(key + 'k', "v"); }) == refused);
    CHECK(t.is_active());
}

TEST_CASE("kv: overwritten many times, the last value is there after reopening") {
    kv_file f({.sync_mode = sync_mode::off});
    for (int i = 0; i < 500; ++i) f.db.put("k", std::to_string(i));
    f.reopen();
    CHECK(f.db.get("k") == "499");
}

TEST_CASE("kv: a path is a key, as a string or as segments") {
    kv_file f;
    f.db.put_path("users/alice/email", "alice@example.com");
    f.db.put_path("config/app/theme", "dark");
    f.db.put_path({"users", "alice", "settings", "theme"}, "light");
    CHECK(f.db.get_path("users/alice/email") == "alice@example.com");
    CHECK(f.db.get_path({"config", "app", "theme"}) == "dark");
    CHECK(f.db.get("users/alice/settings/theme") == "light");
    CHECK(f.db.get_path(std::vector<std::string>{"users/alice", "email"}) == "alice@example.com");
    CHECK(f.db.get_path("/users/alice/email") == std::nullopt); // no normalisation
    f.db.put_path("users/alice", "a value and a prefix");
    CHECK(f.db.get_path("users/alice") == "a value and a prefix");
    f.db.erase_path("config/app/theme");
    CHECK(f.db.get_path("config/app/theme") == std::nullopt);
    CHECK(message_of<weft::data_error>([&] { f.db.put_path("a/b\0c"s, "v"); }) ==
          "the path 'a/b…' has a NUL byte at position 3");
    CHECK_THROWS_AS(f.db.get_path({"a", std::string_view("\0", 1)}), weft::data_error);
    auto t = f.db.transaction();
    t.put_path("users/bob", "b");
    CHECK(t.get_path({"users", "bob"}) == "b");
}

TEST_CASE("kv: several keys at once") {
    kv_file f;
    f.db.put_many({{"b", "2"}, {"a", "1"}, {"c", "3"}, {"a", "last"}});
    CHECK(f.db.get_many({"a", "x", "c"}) == std::vector<std::optional<std::string>>{"last", std::nullopt, "3"});
    CHECK(f.db.get_many(std::vector<std::string>{"b"}) == std::vector<std::optional<std::string>>{"2"});
    f.db.erase_many({"a", "nowhere", "b"});
    CHECK(shown(f.db.scan()) == "c=3");
    auto t = f.db.transaction();
    t.put_many(std::map<std::string, std::string>{{"d", "4"}, {"e", "5"}});
    CHECK(t.get_many({"d", "c"}) == std::vector<std::optional<std::string>>{"4", "3"});
    t.erase_many(std::vector<std::string>{"c"});
    CHECK(f.db.get("c") == "3");
    t.commit();
    CHECK(shown(f.db.scan()) == "d=4 e=5");
}

TEST_CASE("kv: what has expired is gone at once, everywhere") {
    kv_file f;
    f.db.put("session", "s", {.ttl = 1h});
    f.db.put("over", "o", {.ttl = 0ms});
    f.db.put("past", "p", {.ttl = -1h});
    f.db.put("forever", "f", {.ttl = std::chrono::milliseconds::max()});
    CHECK(f.db.get("session") == "s");
    CHECK(f.db.get("over") == std::nullopt);
    CHECK(f.db.get("forever") == "f");
    CHECK(shown(f.db.scan()) == "forever=f session=s");
    CHECK(shown(f.db.scan({}, {}, {.reverse = true, .limit = 1})) == "session=s");
    CHECK(f.db.stats().keys_count == 2);
    CHECK(f.db.transaction().get("past") == std::nullopt);
    f.db.put("short", "s", {.ttl = 30ms});
    CHECK(f.db.contains("short"));
    std::this_thread::sleep_for(50ms);
    CHECK_FALSE(f.db.contains("short"));
    f.db.put("session", "for good"); // puts without a time end the time
    f.reopen();
    CHECK(shown(f.db.scan()) == "forever=f session=for good");
    CHECK(f.db.put_if_absent("short", "again"));
}

TEST_CASE("kv: expired entries are erased by puts that expire and by checkpoints") {
    kv_file f({.sync_mode = sync_mode::off});
    const auto rows = [&] { return f.db.query_value<int>("SELECT count(*) FROM weft_kv"); };
    for (int i = 0; i < 100; ++i) f.db.put("e" + std::to_string(i), "v", {.ttl = 0ms});
    CHECK(rows() < 10);
    f.db.put_many(std::map<std::string, std::string>{{"x1", ""}, {"x2", ""}, {"x3", ""}}, {.ttl = 1ms});
    std::this_thread::sleep_for(5ms);
    f.db.checkpoint();
    CHECK(rows() == 0);
}

TEST_CASE("kv: compare and put") {
    kv_file f;
    CHECK(f.db.put_if_absent("k", "1"));
    CHECK_FALSE(f.db.put_if_absent("k", "2"));
    CHECK(f.db.get("k") == "1");
    CHECK_FALSE(f.db.compare_and_put("k", "0", "2"));
    CHECK(f.db.compare_and_put("k", "1", ""));
    CHECK(f.db.compare_and_put("k", "", "3"));
    CHECK_FALSE(f.db.compare_and_put("absent", "", "v")); // absent is not empty
    CHECK(f.db.get("absent") == std::nullopt);
    auto t = f.db.transaction();
    CHECK(t.compare_and_put("k", "3", "4"));
    CHECK_FALSE(t.put_if_absent("k", "5"));
    CHECK(t.put_if_absent("new", "n"));
    t.commit();
    CHECK(shown(f.db.scan()) == "k=4 new=n");
}

TEST_CASE("kv: use after close is an error, and closing twice is none") {
    kv_file f;
    f.db.put("k", "v");
    auto t = f.db.transaction();
    t.put("t", "v");
    auto scan = f.db.scan();
    CHECK(scan.next() != nullptr);
    f.db.close();
    f.db.close();
    CHECK_FALSE(f.db.is_open());
    const auto closed = "Database is closed"s;
    CHECK(message_of<weft::programming_error>([&] { f.db.get("k"); }) == closed);
    CHECK(message_of<weft::programming_error>([&] { f.db.put("k", "v"); }) == closed);
    CHECK(message_of<weft::programming_error>([&] { f.db.erase("k"); }) == closed);
    CHECK(message_of<weft::programming_error>([&] { f.db.scan(); }) == closed);
    CHECK(message_of<weft::programming_error>([&] { f.db.scan_prefix("k"); }) == closed);
    CHECK(message_of<weft::programming_error>([&] { (void)f.db.transaction(); }) == closed);
    CHECK(message_of<weft::programming_error>([&] { f.db.execute("SELECT 1"); }) == closed);
    CHECK(message_of<weft::programming_error>([&] { f.db.checkpoint(); }) == closed);
    CHECK(message_of<weft::programming_error>([&] { f.db.stats(); }) == closed);
    CHECK(message_of<weft::programming_error>([&] { f.db.compact(); }) == closed);
    CHECK(message_of<weft::programming_error>([&] { f.db.backup(f / "b"); }) == closed);
    CHECK(message_of<weft::programming_error>([&] { f.db.check_integrity(); }) == closed);
    CHECK(message_of<weft::programming_error>([&] { scan.next(); }) == closed);
    CHECK(message_of<weft::programming_error>([&] { t.get("k"); }) == closed);
    CHECK(message_of<weft::programming_error>([&] { t.commit(); }) == closed);
    kv_database again(f.path());
    CHECK(shown(again.scan()) == "k=v");
}

TEST_CASE("kv: a moved-from database is closed, an assigned one ends what it had") {
    kv_file f;
    f.db.put("k", "v");
    kv_database other = std::move(f.db);
    CHECK(other.get("k") == "v");
    CHECK_THROWS_AS(f.db.get("k"), weft::programming_error); // NOLINT(bugprone-use-after-move)
    CHECK_FALSE(f.db.is_open());
    f.db.close();
    f.db = std::move(other);
    CHECK(f.db.get("k") == "v");
}
