// SPDX-License-Identifier: BSL-1.0
// Collections: what goes in comes out, commits and aborts with keys and SQL, and is refused where it cannot be.
#include <weft/embedded/collection.hpp>
#include <weft/embedded/namespace.hpp>

#include "../message_of.hpp"
#include "kv_file.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

using namespace weft::embedded;
using namespace std::string_literals;
using weft::vector::metric_kind;

namespace {

using floats = std::vector<float>;

/// The ids of hits, separated by spaces.
std::string ids(const std::vector<collection_hit>& hits) {
    std::string text;
    for (const collection_hit& hit : hits) text += (text.empty() ? "" : " ") + hit.id;
    return text;
}

struct article {
    std::string lang;
    int year = 0;
};
BOOST_DESCRIBE_STRUCT(article, (), (lang, year))

/// A collection of five vectors in the plane.
collection make_plane(kv_handle store, metric_kind metric = metric_kind::cosine) {
    collection plane = create_collection(store, "plane", {.dimension = 2, .metric = metric});
    plane.insert("east", floats{1, 0}, {{"lang", "en"}, {"year", 2020}, {"open", true}});
    plane.insert("north", floats{0, 2}, R"({"lang": "de", "year": 2021.0, "tags": ["a", "b"]})");
    plane.insert("northeast", floats{1, 1}, article{"en", 2022}, "between the two");
    plane.insert("west", floats{-3, 0}, {{"lang", nullptr}});
    plane.insert("origin", floats{0, 0});
    return plane;
}

} // namespace

TEST_CASE("collection: what is inserted is found") {
    kv_file f({.sync_mode = sync_mode::off});
    const collection plane = make_plane(f.db);
    CHECK(plane.count() == 5);
    CHECK(ids(plane.search(floats{2, 0.1F})) == "east northeast north origin west");
    CHECK(ids(plane.search(floats{2, 0.1F}, {.k = 2})) == "east northeast");
    CHECK(plane.search(floats{1, 1}, {.k = 0}).empty());
    const auto hits = plane.search(floats{3, 3}, {.k = 1});
    REQUIRE(hits.size() == 1);
    CHECK(std::abs(hits[0].score - 1) < 1e-6);
    CHECK(hits[0].content == "between the two");
    CHECK(hits[0].meta["year"].as<int>() == 2022);
    CHECK(hits[0].meta.text() == R"({"lang":"en","year":2022})");
    CHECK(plane.search(floats{1, 0}, {.min_score = 0.5}).size() == 2);
    CHECK(ids(plane.vector_search(floats{-1, 0}, {.k = 1})) == "west");

    const auto item = plane.get("north");
    REQUIRE(item);
    CHECK(item->values == floats{0, 2}); // as it was given, not of unit length
    CHECK(item->meta["tags"].kind() == weft::type_id::json);
    CHECK(plane.get("south") == std::nullopt);
    CHECK(plane.contains("origin"));
    f.reopen();
    const collection again(f.db, "plane");
    CHECK(again.count() == 5);
    CHECK(ids(again.search(floats{2, 0.1F})) == "east northeast north origin west");
    CHECK(again.config() == collection_config{.dimension = 2});
}

TEST_CASE("collection: the metrics and their scores") {
    kv_file f({.sync_mode = sync_mode::off});
    const collection plane = make_plane(f.db, metric_kind::l2);
    auto hits = plane.search(floats{0, 5}, {.k = 2});
    CHECK(ids(hits) == "north northeast");
    CHECK(std::abs(hits[0].score - 0.25) < 1e-6); // 1 / (1 + 3)
    plane.drop();
    const collection dots = make_plane(f.db, metric_kind::inner_product);
    hits = dots.search(floats{-2, 0.5F}, {.k = 5});
    CHECK(ids(hits) == "west north origin northeast east");
    CHECK(hits[0].score == 6);
    CHECK(hits[4].score == -2);
    CHECK(dots.index_stats().vectors == 5);
    CHECK_FALSE(dots.index_stats().is_graph);
    CHECK(dots.index_stats().memory_bytes > 5 * 2 * sizeof(float));
}

TEST_CASE("collection: filters and predicates") {
    kv_file f({.sync_mode = sync_mode::off});
    const collection plane = make_plane(f.db);
    const floats query{1, 1};
    const auto with = [&](const metadata& filter) { return ids(plane.search(query, {.filter = filter})); };
    CHECK(with({{"lang", "en"}}) == "northeast east");
    CHECK(with({{"lang", "en"}, {"year", 2020}}) == "east");
    CHECK(with({{"year", 2021}}) == "north"); // 2021.0 in the file
    CHECK(with({{"year", "2021"}}) == "");
    CHECK(with({{"open", true}}) == "east");
    CHECK(with(R"({"tags": ["a", "b"]})") == "north");
    CHECK(with(R"({"lang": null})") == "origin west");
    CHECK(with({{"l\u0061ng", "de"}}) == "north");
    CHECK(with({}) == "northeast east north origin west");
    CHECK(ids(plane.search(query, {.k = 1, .where = [](const metadata_view& m) {
                                       return m.contains("year") && m["year"].as<double>() < 2021.5;
                                   }})) == "east");
    CHECK(ids(plane.search(query, {.filter = {{"lang", "de"}}, .where = [](const metadata_view&) { return true; }})) ==
          "north");
    struct stop {};
    CHECK_THROWS_AS(plane.search(query, {.where = [](const metadata_view&) -> bool { throw stop(); }}), stop);
    CHECK(plane.search(query).size() == 5); // and nothing is held
    plane.insert("south", floats{0, -1});
    CHECK(plane.search(query).size() == 6);
}

TEST_CASE("collection: insert, upsert, add, erase and batches") {
    kv_file f({.sync_mode = sync_mode::off});
    const collection plane = make_plane(f.db);
    CHECK(message_of<weft::integrity_error>([&] {
              plane.insert("east", floats{1, 0});
              return 0;
          }).find("the collection 'plane' has a vector 'east' already") != std::string::npos);
    plane.upsert("east", floats{0, -1}, {{"lang", "fr"}}, "moved");
    CHECK(plane.count() == 5);
    CHECK(ids(plane.search(floats{0, -2}, {.k = 1})) == "east");
    CHECK(plane.get("east")->content == "moved");
    CHECK(plane.erase("east"));
    CHECK_FALSE(plane.erase("east"));
    CHECK(plane.count() == 4);
    CHECK(plane.search(floats{0, -2}, {.k = 9}).size() == 4);
    const std::string id = plane.add(floats{5, 5});
    CHECK(id.size() == 32);
    CHECK(plane.add(floats{5, 5}) != id);
    CHECK(plane.contains(id));

    std::vector<collection_item> items{{"a", {1, 2}, {{"n", 1}}, "x"}, {"b", {2, 1}, {}, {}}};
    plane.insert_batch(items);
    CHECK(plane.count() == 8);
    items[0].id = "c"; // of which the second is there
    CHECK(message_of<weft::integrity_error>([&] {
              plane.insert_batch(items);
              return 0;
          }).find("item 1: ") != std::string::npos);
    CHECK_FALSE(plane.contains("c"));
    plane.upsert_batch(items);
    CHECK(plane.count() == 9);
    const floats values{7, 7};
    plane.upsert_batch(std::vector<collection_item_view>{{.id = "c", .values = values}, {.id = "c", .values = values}});
    CHECK(plane.count() == 9);
    CHECK(plane.get("c")->values == values);
}

TEST_CASE("collection: commits and aborts with keys and SQL") {
    kv_file f({.sync_mode = sync_mode::off});
    f.db.execute("CREATE TABLE log (id TEXT)");
    {
        auto t = f.db.transaction();
        const collection plane = make_plane(t); // made in the transaction
        CHECK(ids(plane.search(floats{1, 0}, {.k = 1})) == "east");
        t.abort();
    }
    CHECK_FALSE(collection(f.db, "plane").exists());
    CHECK(list_collections(f.db).empty());
    const collection plane = make_plane(f.db);
    CHECK(plane.search(floats{1, 0}).size() == 5); // the index is there now
    const auto change = [](kv_transaction& t) {
        const collection in(t, "plane");
        in.insert("south", floats{0, -1});
        in.erase("north");
        in.upsert("east", floats{1, 0.1F});
        t.put("south", "there");
        t.execute("INSERT INTO log VALUES ('south')");
        CHECK(ids(in.search(floats{0, 1})) ==
              "northeast east west origin south"); // what it wrote, and not what it erased
        CHECK(in.count() == 5);
        CHECK(t.query_value<int>("SELECT count(*) FROM weft_vectors") == 5);
    };
    {
        auto t = f.db.transaction();
        change(t);
        CHECK(ids(plane.search(floats{0, 1})) == "north northeast east west origin"); // others see nothing of it
        t.abort();
    }
    CHECK(ids(plane.search(floats{0, 1})) == "north northeast east west origin");
    CHECK_FALSE(f.db.contains("south"));
    auto before = f.db.transaction(kv_access::read_only);
    f.db.with_transaction(change);
    CHECK(ids(plane.search(floats{0, 1})) == "northeast east west origin south");
    CHECK(ids(collection(before, "plane").search(floats{0, 1})) == "north northeast east west origin");
    CHECK(f.db.get("south") == "there");
    CHECK(f.db.query_value<int>("SELECT count(*) FROM log") == 1);
    // A call that fails leaves the transaction as it was before the call.
    f.db.with_transaction([](kv_transaction& t) {
        const collection in(t, "plane");
        in.insert("x", floats{1, 1});
        CHECK_THROWS_AS(in.insert_batch(std::vector<collection_item>{{"y", {1, 1}, {}, {}}, {"x", {1, 1}, {}, {}}}),
                        weft::integrity_error);
        CHECK_FALSE(in.contains("y"));
    });
    CHECK(plane.contains("x"));
    // SQL's own transactions.
    f.db.execute("BEGIN");
    plane.erase("x");
    CHECK(plane.count() == 5);
    CHECK(plane.search(floats{1, 1}, {.k = 1})[0].id == "northeast");
    f.db.execute("ROLLBACK");
    CHECK(plane.contains("x"));
    auto late = f.db.transaction();
    collection(late, "plane").count();
    f.db.put("k", "v");
    CHECK_THROWS_AS(collection(late, "plane").erase("x"), transaction_conflict);
    auto reading = f.db.transaction(kv_access::read_only);
    CHECK_THROWS_AS(collection(reading, "plane").erase("x"), transaction_error);
}

TEST_CASE("collection: without a log") {
    kv_file f({.wal_enabled = false});
    const collection plane = make_plane(f.db);
    CHECK(ids(plane.search(floats{1, 0}, {.k = 1})) == "east");
    f.db.with_transaction([](kv_transaction& t) {
        const collection in(t, "plane");
        in.erase("east");
        in.insert("far east", floats{9, 0});
        CHECK(ids(in.search(floats{1, 0}, {.k = 2})) == "far east northeast");
    });
    CHECK(ids(plane.search(floats{1, 0}, {.k = 2})) == "far east northeast");
}

TEST_CASE("collection: words, and both") {
    kv_file f({.sync_mode = sync_mode::off});
    const collection docs =
        create_collection(f.db, "docs", {.dimension = 2, .enable_hybrid_search = true, .content_field = "text"});
    docs.insert("1", floats{1, 0}, {{"lang", "en"}}, "The quick brown fox");
    docs.insert("2", floats{0, 1}, {{"lang", "en"}, {"text", "a lazy dog, and another dog"}});
    docs.insert("3", floats{1, 1}, {{"lang", "de"}}, "Füchse sind schnell; foxes are quick");
    docs.insert("4", floats{-1, 0}, {{"text", 7}});
    CHECK(ids(docs.keyword_search("DOG")) == "2");
    CHECK(docs.get("2")->content == "a lazy dog, and another dog");
    CHECK(docs.get("4")->content.empty());
    CHECK(ids(docs.keyword_search("fox OR \"; DROP (quick* NEAR")) == "1 3");
    CHECK(ids(docs.keyword_search("quick", {.filter = {{"lang", "de"}}})) == "3");
    CHECK(ids(docs.keyword_search("quick", {.k = 1})).size() == 1);
    CHECK(ids(docs.keyword_search("füchse")) == "3");
    CHECK(docs.keyword_search("").empty());
    CHECK(docs.keyword_search("+-*/ (").empty());
    CHECK(docs.keyword_search(std::string(3, 'x') + " cat").empty());
    std::string many;
    for (int i = 0; i < 3000; ++i) many += "word" + std::to_string(i) + " ";
    CHECK(ids(docs.keyword_search(many + "lazy")) == "2");

    const auto both = docs.hybrid_search(floats{1, 0.1F}, "dog", {.k = 3});
    CHECK(ids(both) == "2 1 3"); // 2 is third by its vector and first by its words
    CHECK(std::abs(both[0].score - (0.5 / 63 + 0.5 / 61)) < 1e-9);
    CHECK(std::abs(both[1].score - 0.5 / 61) < 1e-9);
    CHECK(ids(docs.hybrid_search(floats{1, 0.1F}, "dog", {.k = 1, .alpha = 1})) == "1");
    CHECK(docs.hybrid_search(floats{1, 0.1F}, "dog", {.k = 1, .alpha = 0, .rrf_k = 0})[0].score == 1);
    CHECK_THROWS_AS(docs.hybrid_search(floats{1, 0}, "dog", {.alpha = 1.5}), weft::programming_error);

    docs.upsert("2", floats{0, 1}, {}, "cats");
    CHECK(docs.keyword_search("dog").empty());
    CHECK(ids(docs.keyword_search("cats")) == "2");
    auto t = f.db.transaction();
    collection(t, "docs").erase("2");
    CHECK(collection(t, "docs").keyword_search("cats").empty());
    CHECK(ids(docs.keyword_search("cats")) == "2");
    t.abort();
    CHECK(f.db.check_integrity().empty());
    docs.drop();
    CHECK(f.db.query_value<int>("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'weft\\_words%' ESCAPE '\\'") == 0);
    const collection plain = make_plane(f.db);
    CHECK(message_of<weft::programming_error>([&] {
              plain.keyword_search("x");
              return 0;
          }).find("enable_hybrid_search") != std::string::npos);
}

TEST_CASE("collection: an SQLite library without FTS5 has no words, and says so") {
    kv_file f({.sync_mode = sync_mode::off});
    const collection docs = create_collection(f.db, "docs", {.dimension = 2, .enable_hybrid_search = true});
    docs.insert("1", floats{1, 0}, {}, "word");
    f.reopen();
    // The connection that is used next has lost the module, as if the library had none.
    kv_handle(f.db).write([](weft::embedded::detail::kv_connection& c) { sqlite3_drop_modules(c.handle(), nullptr); });
    const collection again(f.db, "docs");
    for (const auto& call : std::vector<std::function<void()>>{
             [&] { create_collection(f.db, "more", {.dimension = 2, .enable_hybrid_search = true}); },
             [&] { again.keyword_search("word"); }, [&] { again.insert("2", floats{1, 0}, {}, "words"); },
             [&] { again.drop(); }}) {
        const std::string said = message_of<weft::not_supported_error>([&] {
            call();
            return 0;
        });
        INFO(said);
        CHECK(said.find("need FTS5, which this SQLite library was built without") != std::string::npos);
    }
    CHECK_FALSE(collection(f.db, "more").exists());
    CHECK(ids(again.search(floats{1, 0})) == "1"); // vectors need none
}

TEST_CASE("collection: make, list, drop") {
    kv_file f({.sync_mode = sync_mode::off});
    CHECK(list_collections(f.db).empty());
    CHECK_FALSE(collection(f.db, "docs").exists());
    CHECK(message_of<collection_not_found>([&] { return collection(f.db, "docs").count(); }) ==
          "4001 (42704): there is no collection 'docs'");
    const collection docs = create_collection(f.db, "docs", {.dimension = 3});
    CHECK_THROWS_AS(create_collection(f.db, "docs", {.dimension = 3}), collection_exists);
    CHECK(get_or_create_collection(f.db, "docs", {.dimension = 3}).exists());
    CHECK(message_of<weft::programming_error>([&] {
              get_or_create_collection(f.db, "docs", {.dimension = 4});
              return 0;
          }).find("another configuration: dimension 3") != std::string::npos);
    get_or_create_collection(f.db, "a/b 'c'", {.dimension = 1, .metric = metric_kind::l2, .m = 4, .ef_construction = 9})
        .insert("x", floats{1});
    const auto all = list_collections(f.db);
    REQUIRE(all.size() == 2);
    CHECK(all[0].name == "a/b 'c'");
    CHECK(all[0].count == 1);
    CHECK(all[0].config == collection_config{.dimension = 1, .metric = metric_kind::l2, .m = 4, .ef_construction = 9});
    docs.insert("old", floats{1, 2, 3});
    CHECK(docs.search(floats{1, 2, 3}).size() == 1);
    drop_collection(f.db, "docs");
    CHECK_THROWS_AS(drop_collection(f.db, "docs"), collection_not_found);
    CHECK_THROWS_AS(docs.search(floats{1, 2, 3}), collection_not_found);
    create_collection(f.db, "docs", {.dimension = 2}); // nothing of the old one is left
    CHECK(docs.search(floats{1, 2}).empty());
    CHECK(docs.count() == 0);
    auto t = f.db.transaction();
    collection(t, "a/b 'c'").drop();
    CHECK_FALSE(collection(t, "a/b 'c'").exists());
    t.abort();
    CHECK(ids(collection(f.db, "a/b 'c'").search(floats{1})) == "x");
    CHECK(shown(f.db.scan()).empty()); // scans see nothing of collections
    kv_database reading(f.path(), {.read_only = true});
    CHECK(ids(collection(reading, "a/b 'c'").search(floats{1})) == "x");
    CHECK_THROWS_AS(collection(reading, "a/b 'c'").erase("x"), weft::database_error);
    kv_database closed(f.path());
    const collection of_closed(closed, "docs");
    closed.close();
    CHECK_THROWS_AS(of_closed.count(), weft::programming_error);
}

TEST_CASE("collection: bad input is refused and changes nothing") {
    kv_file f({.sync_mode = sync_mode::off});
    const collection plane = make_plane(f.db);
    const auto said = [](auto&& call) {
        return message_of<weft::error>([&] {
            call();
            return 0;
        });
    };
    const auto has = [](const std::string& text, const char* part) {
        INFO(text);
        CHECK(text.find(part) != std::string::npos);
    };
    has(said([&] { plane.insert("x", floats{1, 2, 3}); }),
        "the vector 'x' has 3 numbers; the vectors of the collection 'plane' have 2");
    has(said([&] { plane.search(floats{1}); }),
        "the query has 1 numbers; the vectors of the collection 'plane' have 2");
    has(said([&] { plane.search(floats{}); }), "the query has 0 numbers");
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                            -std::numeric_limits<float>::infinity()}) {
        has(said([&] { plane.insert("x", floats{1, bad}); }), "'x' has a number that is not finite at position 1");
        has(said([&] { plane.search(floats{bad, 1}); }), "the query has a number that is not finite at position 0");
    }
    has(said([&] { plane.insert("", floats{1, 2}); }), "empty");
    has(said([&] { plane.insert(std::string(65'537, 'x'), floats{1, 2}); }), "65537 bytes");
    has(said([&] { plane.insert("\xFF", floats{1, 2}); }), "not valid UTF-8 at byte 0");
    has(said([&] { plane.insert("a\0b"s, floats{1, 2}); }), "NUL byte at position 1");
    has(said([&] { plane.insert("x", floats{1, 2}, "[1]"); }), "no object");
    has(said([&] { plane.insert("x", floats{1, 2}, "{\"a\": }"); }), "no JSON: wrong at byte 6");
    has(said([&] { plane.insert("x", floats{1, 2}, {}, "\xC3"); }), "the content of the vector 'x'");
    const floats good{1, 2};
    const metadata_view unchecked("{broken");
    has(said([&] { plane.insert_batch(std::vector<collection_item_view>{{"x", good, unchecked, {}}}); }), "no JSON");
    CHECK(plane.count() == 5);
    has(said([&] { create_collection(f.db, "", {.dimension = 2}); }), "a name has 1 to 255 bytes, not 0");
    has(said([&] { create_collection(f.db, std::string(256, 'n'), {.dimension = 2}); }), "not 256");
    has(said([&] { create_collection(f.db, "c", {}); }), "the dimension is 0, expected 1 to 65536");
    has(said([&] { create_collection(f.db, "c", {.dimension = 65'537}); }), "the dimension is 65537");
    has(said([&] { create_collection(f.db, "c", {.dimension = 2, .metric = metric_kind::l1}); }), "the metric is l1");
    has(said([&] { create_collection(f.db, "c", {.dimension = 2, .m = 1}); }), "m is 1");
    has(said([&] { create_collection(f.db, "c", {.dimension = 2, .ef_construction = 0}); }), "ef_construction is 0");
    const auto quantised = [&](std::size_t dimension, collection_quantization kind) {
        return said([&] { create_collection(f.db, "c", {.dimension = dimension, .quantization = kind}); });
    };
    has(quantised(15, collection_quantization::pq), "pq is for vectors of 16 numbers or more, not of 15");
    has(quantised(16, static_cast<collection_quantization>(3)), "number 3, expected none, scalar or pq");
    CHECK(list_collections(f.db).size() == 1);
}

TEST_CASE("collection: a file that somebody else has broken") {
    const auto search_after = [](const char* sql) {
        kv_file f({.sync_mode = sync_mode::off});
        make_plane(f.db);
        f.db.execute(sql);
        std::string said = message_of<weft::error>([&] { return collection(f.db, "plane").search(floats{1, 0}); });
        if (said == "no error")
            said = message_of<weft::error>(
                [&] { return collection(f.db, "plane").search(floats{1, 0}, {.exact = true}); });
        return said;
    };
    CHECK(search_after("UPDATE weft_vectors SET vector = x'0011' WHERE id = 'east'").find("2 bytes instead of 8") !=
          std::string::npos);
    CHECK(search_after("UPDATE weft_vectors SET vector = x'0000C07F0000C07F'").find("not finite") != std::string::npos);
    CHECK(search_after("UPDATE weft_vectors SET metadata = '{\"a'").find("no JSON object") != std::string::npos);
    CHECK(search_after("UPDATE weft_collections SET dimension = -1").find("damaged") != std::string::npos);
    CHECK(search_after("UPDATE weft_collections SET dimension = 70000").find("damaged") != std::string::npos);
    CHECK(search_after("UPDATE weft_collections SET dimension = 3").find("have 3") != std::string::npos);
    CHECK(search_after("UPDATE weft_collections SET metric = 'nearness'").find("nearness") != std::string::npos);
    CHECK(search_after("UPDATE weft_collections SET metric = 'hamming'").find("hamming") != std::string::npos);
    CHECK(search_after("UPDATE weft_collections SET vectors = 1000000").find("no error") == 0);
    CHECK(search_after("UPDATE weft_collections SET quantization = 'half'").find("quantization 'half'") !=
          std::string::npos);
    CHECK(search_after("UPDATE weft_collections SET vectors = -7").find("damaged") != std::string::npos);
    CHECK(search_after("UPDATE weft_collections SET last = 9223372036854775807").find("no error") == 0);
    CHECK(search_after("DROP INDEX weft_vectors_number").find("no such index") != std::string::npos);
}

TEST_CASE("collection: in a namespace") {
    kv_file f({.sync_mode = sync_mode::off});
    const kv_namespace acme = create_namespace(f.db, "acme");
    const collection docs = create_collection(acme, "docs", {.dimension = 1, .enable_hybrid_search = true});
    docs.insert("x", floats{1}, {}, "a fox");
    create_collection(f.db, "docs", {.dimension = 2});
    create_collection(f.db, "acme0", {.dimension = 3}); // sorts right behind the names of `acme`
    CHECK(docs.name() == "acme/docs");
    CHECK(collection(acme, "docs").count() == 1);
    CHECK(ids(collection(f.db, "acme/docs").keyword_search("fox")) == "x");
    REQUIRE(list_collections(acme).size() == 1);
    CHECK(list_collections(acme)[0].name == "docs");
    CHECK(list_collections(f.db).size() == 3);
    CHECK_THROWS_AS(create_collection(acme, "docs", {.dimension = 1}), collection_exists);
    CHECK_THROWS_AS(create_collection(acme, std::string(255, 'n'), {.dimension = 1}), weft::programming_error);

    update_namespace(f.db, "acme", {.read_only = true});
    CHECK(ids(docs.search(floats{1})) == "x");
    CHECK(message_of<weft::programming_error>([&] { return docs.erase("x"); }) ==
          "3005 (25006): the namespace 'acme' may only be read");
    CHECK_THROWS_AS(docs.insert("y", floats{1}), weft::programming_error);
    CHECK_THROWS_AS(docs.drop(), weft::programming_error);
    CHECK_THROWS_AS(create_collection(acme, "more", {.dimension = 1}), weft::programming_error);
    CHECK_THROWS_AS(get_or_create_collection(acme, "more", {.dimension = 1}), weft::programming_error);
    update_namespace(f.db, "acme", {});
    {
        auto t = f.db.transaction();
        collection(use_namespace(t, "acme"), "docs").insert("y", floats{2}, {}, "a hen");
        CHECK(delete_namespace(t, "acme", true) == 0);
        CHECK_FALSE(collection(t, "acme/docs").exists());
    }
    CHECK(docs.count() == 1); // it was not committed

    CHECK(message_of<weft::programming_error>([&] {
              return delete_namespace(f.db, "acme");
          }).find("the namespace 'acme' has collections; delete_namespace erases them when `force` is set") !=
          std::string::npos);
    CHECK(delete_namespace(f.db, "acme", true) == 0);
    CHECK_FALSE(docs.exists());
    CHECK_THROWS_AS(docs.insert("z", floats{1}), namespace_not_found);
    CHECK(list_collections(f.db).size() == 2);
    CHECK(f.db.query_value<int>("SELECT COUNT(*) FROM sqlite_schema WHERE name LIKE 'weft_words%'") == 0);
    const collection again = create_collection(create_namespace(f.db, "acme"), "docs", {.dimension = 1});
    CHECK(again.search(floats{1}).empty());
}
