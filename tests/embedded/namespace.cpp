// SPDX-License-Identifier: BSL-1.0
// Namespaces: their keys, what they say about themselves, and who may write.
#include <weft/embedded/namespace.hpp>

#include "../message_of.hpp"
#include "kv_file.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <thread>
#include <vector>

using namespace weft::embedded;
using namespace std::string_literals;

namespace {

std::string listed(namespace_scan scan) {
    std::string text;
    for (const auto& [key, value] : scan) text += std::string(key) + '=' + std::string(value) + ' ';
    return text;
}

} // namespace

TEST_CASE("namespace: keys have a prefix that nobody sees") {
    kv_file f({.sync_mode = sync_mode::off});
    const kv_namespace acme = create_namespace(f.db, "acme");
    const kv_namespace other = create_namespace(f.db, "acme2");
    acme.put("users/1", "Alice");
    acme.put_path({"users", "2"}, "Bob");
    acme.put("", "empty key");
    acme.put("x\0y"s, "binary");
    other.put("users/1", "Eve");
    CHECK(acme.get("users/1") == "Alice");
    CHECK(f.db.get("acme/users/1") == "Alice");
    CHECK(acme.get_path("users/2") == "Bob");
    CHECK(acme.contains("x\0y"s));
    CHECK(listed(acme.scan()) == "=empty key users/1=Alice users/2=Bob x\0y=binary "s);
    CHECK(listed(acme.scan("users/2")) == "users/2=Bob x\0y=binary "s);
    CHECK(listed(acme.scan({}, "users/2")) == "=empty key users/1=Alice ");
    CHECK(listed(acme.scan_prefix("users/", {.reverse = true, .limit = 1})) == "users/2=Bob ");
    CHECK(acme.scan_prefix("users/").collect() == std::vector<kv_pair>{{"users/1", "Alice"}, {"users/2", "Bob"}});
    acme.erase("users/1");
    acme.erase_path("users/2");
    CHECK(acme.scan_prefix("users/").collect().empty());
    CHECK(listed(other.scan()) == "users/1=Eve ");
    acme.put_many(std::vector<std::pair<std::string, std::string>>{{"a", "1"}, {"b", "2"}});
    CHECK(acme.get("b") == "2");
    CHECK_FALSE(acme.put_if_absent("b", "3"));
    CHECK(acme.put_if_absent("c", "3"));
    CHECK_FALSE(acme.compare_and_put("c", "4", "5"));
    CHECK(acme.compare_and_put("c", "3", "5"));
    CHECK(f.db.get("acme/c") == "5");
    acme.put("soon", "gone", {.ttl = std::chrono::milliseconds(0)});
    CHECK_FALSE(acme.get("soon"));
    CHECK_THROWS_AS(acme.put(std::string(65'536, 'k'), "v"), weft::data_error); // with its prefix it is too long
    f.reopen();
    CHECK(use_namespace(f.db, "acme").get("a") == "1");
}

TEST_CASE("namespace: make, use, list, delete") {
    kv_file f({.sync_mode = sync_mode::off});
    CHECK(list_namespaces(f.db).empty());
    CHECK(message_of<namespace_not_found>([&] { return use_namespace(f.db, "acme").name(); }) ==
          "3001 (42704): there is no namespace 'acme'");
    create_namespace(f.db, "acme", {.display_name = "ACME \"Corp\"", .labels = {{"plan", "pro"}, {"ä", "\n"}}});
    CHECK(f.db.get("_namespaces/acme/_meta") ==
          R"({"name":"acme","display_name":"ACME \"Corp\"","labels":{"plan":"pro","ä":"\n"},"read_only":false})");
    CHECK_THROWS_AS(create_namespace(f.db, "acme"), namespace_exists);
    CHECK(get_or_create_namespace(f.db, "acme", {.display_name = "another"}).info().display_name == "ACME \"Corp\"");
    CHECK(get_or_create_namespace(f.db, "zebra").info().display_name == "zebra");
    const auto all = list_namespaces(f.db);
    REQUIRE(all.size() == 2);
    CHECK(all[0].name == "acme");
    CHECK(all[0].labels == std::vector<namespace_label>{{"plan", "pro"}, {"ä", "\n"}});
    CHECK_FALSE(all[0].read_only);
    CHECK(all[1].name == "zebra");

    use_namespace(f.db, "acme").put("k", "v");
    create_namespace(f.db, "acme0").put("k", "stays"); // sorts right behind the keys of `acme`
    CHECK(message_of<weft::programming_error>([&] { return delete_namespace(f.db, "acme"); }).find("has keys") !=
          std::string::npos);
    CHECK(delete_namespace(f.db, "acme", true) == 1);
    CHECK_THROWS_AS(delete_namespace(f.db, "acme"), namespace_not_found);
    CHECK_FALSE(f.db.contains("acme/k"));
    CHECK(use_namespace(f.db, "acme0").get("k") == "stays");
    CHECK(delete_namespace(f.db, "zebra") == 0);
    for (const std::string& name : {""s, "a/b"s, "_own"s, "a\0b"s, "a\nb"s, "\xFF"s, std::string(256, 'n')})
        CHECK_THROWS_AS(create_namespace(f.db, name), weft::programming_error);
    f.db.put("_namespaces/acme0/_meta", "broken");
    CHECK_THROWS_AS(list_namespaces(f.db), weft::operational_error);
}

TEST_CASE("namespace: one that may only be read") {
    kv_file f({.sync_mode = sync_mode::off});
    const kv_namespace acme = create_namespace(f.db, "acme");
    acme.put("k", "v");
    update_namespace(f.db, "acme", {.display_name = "ACME", .read_only = true});
    CHECK(acme.info().read_only);
    CHECK(acme.get("k") == "v");
    CHECK(message_of<weft::programming_error>([&] {
              acme.put("k", "w");
              return 0;
          }) == "3005 (25006): the namespace 'acme' may only be read");
    CHECK_THROWS_AS(acme.erase("k"), weft::programming_error);
    CHECK_THROWS_AS(acme.put_many(std::vector<kv_pair>{{"a", "b"}}), weft::programming_error);
    update_namespace(f.db, "acme", {});
    acme.put("k", "w");
    delete_namespace(f.db, "acme", true);
    CHECK_THROWS_AS(acme.put("k", "x"), namespace_not_found); // nothing is left behind
    CHECK_THROWS_AS(update_namespace(f.db, "acme", {}), namespace_not_found);
    CHECK(shown(f.db.scan()).empty());
}

TEST_CASE("namespace: in transactions") {
    kv_file f({.sync_mode = sync_mode::off});
    {
        auto t = f.db.transaction();
        const kv_namespace acme = create_namespace(t, "acme");
        acme.put("k", "v");
        CHECK(listed(acme.scan()) == "k=v ");
        CHECK(t.get("acme/k") == "v");
        CHECK(list_namespaces(f.db).empty());
    }
    CHECK(list_namespaces(f.db).empty());
    f.db.with_transaction([](kv_transaction& t) { create_namespace(t, "acme").put("k", "v"); });
    CHECK(use_namespace(f.db, "acme").get("k") == "v");
    auto t = f.db.transaction();
    const kv_namespace mine(t, "acme");
    mine.get("k");
    use_namespace(f.db, "acme").put("k", "first");
    CHECK_THROWS_AS(mine.put("k", "second"), transaction_conflict);
    std::vector<std::thread> all;
    for (int i = 0; i < 4; ++i)
        all.emplace_back([&f, i] { get_or_create_namespace(f.db, "made once").put(std::to_string(i), "x"); });
    for (std::thread& thread : all) thread.join();
    CHECK(use_namespace(f.db, "made once").info().name == "made once");
}
