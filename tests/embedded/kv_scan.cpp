// SPDX-License-Identifier: BSL-1.0
// Ranges, prefixes, directions, snapshots of scans.
#include <weft/embedded/kv_database.hpp>

#include "../message_of.hpp"
#include "kv_file.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace weft::embedded;
using namespace std::string_literals;

namespace {

kv_file with(std::initializer_list<const char*> keys) {
    kv_file f({.sync_mode = sync_mode::off});
    auto t = f.db.transaction();
    for (const char* key : keys) t.put(key, "v");
    t.commit();
    return f;
}

std::string keys(kv_scan scan) {
    std::string text;
    while (const kv_entry* e = scan.next()) text += (text.empty() ? "" : " ") + std::string(e->key);
    return text;
}

} // namespace

TEST_CASE("kv scan: bounds are a start and what is before an end, and empty ones are the ends of the store") {
    auto f = with({"a", "b", "c", "d"});
    CHECK(keys(f.db.scan()) == "a b c d");
    CHECK(keys(f.db.scan("b")) == "b c d");
    CHECK(keys(f.db.scan("", "c")) == "a b");
    CHECK(keys(f.db.scan("b", "d")) == "b c");
    CHECK(keys(f.db.scan("b", "b")).empty());
    CHECK(keys(f.db.scan("c", "b")).empty());
    CHECK(keys(f.db.scan("aa", "cc")) == "b c");
    CHECK(keys(f.db.scan("x")).empty());
    CHECK(keys(f.db.scan("", "", {.reverse = true})) == "d c b a");
    CHECK(keys(f.db.scan("b", "d", {.reverse = true})) == "c b");
    CHECK(keys(f.db.scan("b", "", {.reverse = true, .limit = 2})) == "d c");
    CHECK(keys(f.db.scan("", "", {.limit = 3})) == "a b c");
}

TEST_CASE("kv scan: order is by unsigned bytes, and every entry is found") {
    kv_file f({.sync_mode = sync_mode::off});
    CHECK(keys(f.db.scan()).empty()); // before there are tables
    std::vector<std::string> all;
    auto t = f.db.transaction();
    for (int i = 255; i >= 0; --i) {
        for (const auto* tail : {"", "\x7F", "\x80"}) t.put(std::string(1, static_cast<char>(i)) + tail, "");
    }
    t.put("", "");
    t.commit();
    auto scan = f.db.scan();
    while (const kv_entry* e = scan.next()) {
        if (!all.empty()) CHECK(bytes_view(all.back()) < bytes_view(e->key));
        all.emplace_back(e->key);
    }
    CHECK(all.size() == 769);
    CHECK(f.db.scan_prefix("\xFF").collect().size() == 3);
    CHECK(f.db.scan_prefix("\x80").collect().size() == 3);
}

TEST_CASE("kv scan: the documents' prefix idioms") {
    auto f = with({"log:2024-01-14:9", "log:2024-01-15:1", "log:2024-01-15:2", "log:2024-01-16:1", "user:1", "user:2",
                   "userx", "doc:c:1", "key1", "key2", "keyz"});
    CHECK(keys(f.db.scan("log:2024-01-15:", "log:2024-01-15;")) == "log:2024-01-15:1 log:2024-01-15:2");
    CHECK(keys(f.db.scan("user:", "user;")) == "user:1 user:2");
    CHECK(keys(f.db.scan("doc:c:", "doc:c;")) == "doc:c:1");
    CHECK(keys(f.db.scan("key", "key~")) == "key1 key2 keyz");
    CHECK(keys(f.db.scan_prefix("user")) == "user:1 user:2 userx");
    CHECK(keys(f.db.scan_prefix("user:", {.reverse = true})) == "user:2 user:1");
    CHECK(keys(f.db.scan_prefix("")) == keys(f.db.scan()));
    CHECK(prefix_end("a\xFF\xFF") == "b");
    CHECK(prefix_end("\xFF\xFF").empty());
    CHECK(prefix_end("users/") == "users0");
}

TEST_CASE("kv scan: the documents' tenants, and the trap in their idiom") {
    auto f = with({"tenants/acme/users/1", "tenants/acme/users/2", "tenants/acme/orders/1", "tenants/globex/users/1"});
    CHECK(keys(f.db.scan("tenants/acme/", "tenants/acme;")) ==
          "tenants/acme/orders/1 tenants/acme/users/1 tenants/acme/users/2");
    CHECK(keys(f.db.scan_prefix("tenants/acme/users/")) == "tenants/acme/users/1 tenants/acme/users/2");
    auto g = with({"tenants/1/a", "tenants/10/a", "tenants/19/a", "tenants/2/a"});
    CHECK(keys(g.db.scan("tenants/1/", "tenants/1;")) == "tenants/1/a tenants/10/a tenants/19/a");
    CHECK(keys(g.db.scan_prefix("tenants/1/")) == "tenants/1/a");
}

TEST_CASE("kv scan: a scan of the database does not see what is written after it began") {
    auto f = with({"a", "b", "c"});
    auto scan = f.db.scan();
    f.db.put("bb", "new");
    f.db.erase("c");
    CHECK(scan.next()->key == "a");
    f.db.put("a", "changed");
    CHECK(keys(std::move(scan)) == "b c");
    CHECK(keys(f.db.scan()) == "a b bb");
}

TEST_CASE("kv scan: a scan in a transaction sees what was written before it began, and nothing later") {
    auto f = with({"a", "b", "c", "d"});
    auto t = f.db.transaction();
    t.erase("a");
    t.put("bb", "mine");
    auto scan = t.scan();
    auto reverse = t.scan("", "", {.reverse = true, .limit = 3});
    auto untouched = t.scan_prefix("b");
    const kv_entry* first = scan.next();
    CHECK(first->key == "b");
    t.put("bbb", "later"); // the running scans go on with what they would have read
    t.erase("c");
    CHECK(first->key == "b");
    CHECK(first->value == "v");
    CHECK(keys(std::move(scan)) == "bb c d");
    CHECK(keys(std::move(reverse)) == "d c bb");
    CHECK(keys(std::move(untouched)) == "b bb");
    CHECK(keys(t.scan()) == "b bb bbb d");
    t.execute("CREATE TABLE x(a)");
    auto before = t.scan("d");
    t.execute("DELETE FROM x; INSERT INTO x VALUES (1)");
    CHECK(keys(std::move(before)) == "d");
}

TEST_CASE("kv scan: a scan ends with its transaction") {
    auto f = with({"a", "b"});
    auto t = f.db.transaction();
    auto scan = t.scan();
    CHECK(scan.next()->key == "a");
    t.commit();
    CHECK(message_of<transaction_error>([&] { scan.next(); }) == "Transaction already completed");
    CHECK(message_of<transaction_error>([&] { t.scan(); }) == "Transaction already completed");
}

TEST_CASE("kv scan: by the batch") {
    kv_file f({.sync_mode = sync_mode::off});
    std::vector<std::pair<std::string, std::string>> pairs;
    for (int i = 0; i < 2500; ++i) pairs.emplace_back(std::to_string(10'000 + i), std::to_string(i));
    f.db.put_many(pairs);
    auto scan = f.db.scan();
    CHECK(scan.next_batch().size() == 1000);
    CHECK(scan.next()->key == "11000");
    CHECK(scan.next_batch(0).size() == 1000);
    const auto rest = scan.next_batch(5000);
    CHECK(rest.size() == 499);
    CHECK(rest.back() == kv_pair{"12499", "2499"});
    CHECK(scan.next_batch().empty());
    CHECK(scan.next() == nullptr);
}

TEST_CASE("kv scan: many scans at once, dropped half way, and moved") {
    auto f = with({"a", "b", "c"});
    std::vector<kv_scan> scans;
    for (int i = 0; i < 20; ++i) {
        scans.push_back(f.db.scan());
        CHECK(scans.back().next()->key == "a");
    }
    f.db.put("d", "");
    for (auto& s : scans) CHECK(s.next()->key == "b");
    scans.erase(scans.begin() + 5, scans.end());
    scans[0] = std::move(scans[1]);
    CHECK(scans[0].next()->key == "c");
    CHECK(scans[1].next() == nullptr); // NOLINT(bugprone-use-after-move)
    auto t = f.db.transaction();
    auto one = t.scan();
    auto two = t.scan("b");
    one = std::move(two);
    CHECK(one.next()->key == "b");
    t.put("b", "x");
    CHECK(one.next()->key == "c");
}
