// SPDX-License-Identifier: BSL-1.0
// Searches see exactly what their snapshot holds: a model with random changes and old snapshots, other objects on the
// same file, and a collection large enough for a graph.
#include <weft/embedded/collection.hpp>

#include "kv_file.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace weft::embedded;
using weft::vector::metric_kind;

namespace {

using floats = std::vector<float>;

/// What a collection should be: vectors of small integers, whose distances are exact, in the order of their insertion.
class model {
public:
    struct entry {
        std::string id;
        floats values;
        int group = 0;
    };

    explicit model(metric_kind metric) : metric_(metric) {}

    void put(const std::string& id, const floats& values, int group) {
        erase(id);
        entries_.push_back({id, values, group});
    }
    bool erase(const std::string& id) {
        return std::erase_if(entries_, [&](const entry& e) { return e.id == id; }) != 0;
    }
    const std::vector<entry>& entries() const { return entries_; }

    /// Ids of the nearest; of one group unless that is negative.
    std::vector<std::string> search(const floats& query, std::size_t k, int group) const {
        std::vector<std::pair<double, std::size_t>> found; // with places, which decide between equal distances
        for (std::size_t i = 0; i < entries_.size(); ++i)
            if (group < 0 || entries_[i].group == group) found.emplace_back(distance(query, entries_[i].values), i);
        std::sort(found.begin(), found.end());
        std::vector<std::string> ids;
        for (std::size_t i = 0; i < found.size() && i < k; ++i) ids.push_back(entries_[found[i].second].id);
        return ids;
    }

private:
    double distance(const floats& a, const floats& b) const {
        double sum = 0;
        for (std::size_t i = 0; i < a.size(); ++i) {
            const double d = a[i] - b[i];
            sum += metric_ == metric_kind::l2 ? d * d : -static_cast<double>(a[i]) * b[i];
        }
        return sum;
    }

    metric_kind metric_;
    std::vector<entry> entries_;
};

std::vector<std::string> ids(const std::vector<collection_hit>& hits) {
    std::vector<std::string> all;
    for (const collection_hit& hit : hits) all.push_back(hit.id);
    return all;
}

/// Vectors around a few centres, as embeddings are.
class clustered {
public:
    clustered(std::size_t dimension, std::size_t clusters, unsigned seed) : random_(seed), centres_(clusters) {
        for (floats& centre : centres_) {
            centre.resize(dimension);
            for (float& x : centre) x = normal_(random_);
        }
    }
    floats next() {
        floats v = centres_[random_() % centres_.size()];
        for (float& x : v) x += 0.4F * normal_(random_);
        return v;
    }

private:
    std::mt19937 random_;
    std::normal_distribution<float> normal_;
    std::vector<floats> centres_;
};

std::vector<collection_item> items_of(clustered& source, std::size_t from, std::size_t count) {
    std::vector<collection_item> items;
    for (std::size_t i = from; i < from + count; ++i)
        items.push_back({std::to_string(i), source.next(), {{"part", static_cast<int>(i % 20)}}, {}});
    return items;
}

} // namespace

TEST_CASE("collection search: random changes and old snapshots against a model") {
    for (const metric_kind metric : {metric_kind::l2, metric_kind::inner_product}) {
        std::mt19937 random(7);
        const auto number = [&](unsigned below) { return static_cast<int>(random() % below); };
        kv_file f({.sync_mode = sync_mode::off});
        auto other = kv_database::open(f.path(), {.sync_mode = sync_mode::off});
        create_collection(f.db, "c", {.dimension = 3, .metric = metric});
        model now(metric);
        struct snapshot {
            std::unique_ptr<kv_transaction> transaction;
            model seen;
        };
        std::vector<snapshot> snapshots;
        const auto any = [&] { return floats{float(number(5) - 2), float(number(5) - 2), float(number(5) - 2)}; };
        const auto compare = [&](kv_handle store, const model& expected) {
            const floats query = any();
            const auto k = static_cast<std::size_t>(number(12));
            const int group = number(4) - 1;
            collection_search how{.k = k};
            if (group >= 0) how.filter = {{"group", group}};
            const collection c(store, "c");
            REQUIRE(c.count() == expected.entries().size());
            REQUIRE(ids(c.search(query, how)) == expected.search(query, k, group));
        };
        const auto change = [&](kv_handle store, model& m) {
            const collection c(store, "c");
            const std::string id = std::to_string(number(300));
            switch (number(4)) {
            case 0: REQUIRE(c.erase(id) == m.erase(id)); break;
            case 1: {
                std::vector<collection_item> items;
                for (int i = 0; i < 20; ++i) {
                    items.push_back({std::to_string(number(300)), any(), {}, {}});
                    const int group = number(3);
                    items.back().meta = {{"group", group}};
                    m.put(items.back().id, items.back().values, group);
                }
                c.upsert_batch(items);
                break;
            }
            default: {
                const floats values = any();
                const int group = number(3);
                c.upsert(id, values, {{"group", group}});
                m.put(id, values, group);
            }
            }
        };
        for (int step = 0; step < 1500; ++step) {
            INFO("step " << step << " of metric " << static_cast<int>(metric));
            kv_database& db = number(3) == 0 ? other : f.db;
            switch (number(12)) {
            case 0: { // a transaction that commits or not, and looks at itself meanwhile
                auto t = db.transaction(kv_access::write_now);
                model mine = now;
                for (int i = number(6); i >= 0; --i) {
                    change(t, mine);
                    if (number(2) == 0) compare(t, mine);
                }
                compare(t, mine);
                compare(db, now);
                if (number(2) == 0) {
                    t.commit();
                    now = mine;
                }
                break;
            }
            case 1: {
                snapshot s{std::make_unique<kv_transaction>(db.transaction(kv_access::read_only)), now};
                if (snapshots.size() < 6)
                    snapshots.push_back(std::move(s));
                else
                    snapshots[static_cast<std::size_t>(number(6))] = std::move(s);
                break;
            }
            case 2: { // many go at once
                std::vector<std::string> gone;
                for (const auto& e : now.entries())
                    if (number(3) == 0) gone.push_back(e.id);
                auto t = db.transaction(kv_access::write_now);
                for (const std::string& id : gone) {
                    collection(t, "c").erase(id);
                    now.erase(id);
                }
                t.commit();
                break;
            }
            case 3:
            case 4: change(db, now); break;
            default: compare(number(2) == 0 ? f.db : other, now); break;
            }
            for (const snapshot& s : snapshots)
                if (number(4) == 0) compare(*s.transaction, s.seen);
        }
    }
}

TEST_CASE("collection search: snapshots of any age, while the index goes on and on") {
    kv_file f({.sync_mode = sync_mode::off});
    const collection c = create_collection(f.db, "c", {.dimension = 1, .metric = metric_kind::l2});
    std::vector<std::unique_ptr<kv_transaction>> snapshots;
    for (int i = 0; i < 300; ++i) {
        c.insert(std::to_string(i), floats{static_cast<float>(i)});
        if (i % 3 == 2) c.erase(std::to_string(i - 1)); // every third one goes
        CHECK(c.search(floats{static_cast<float>(i)}, {.k = 1})[0].id == std::to_string(i));
        if (i % 20 == 0) snapshots.push_back(std::make_unique<kv_transaction>(f.db.transaction(kv_access::read_only)));
    }
    for (std::size_t s = 0; s < snapshots.size(); ++s) {
        INFO("snapshot " << s);
        const collection then(*snapshots[s], "c");
        std::vector<std::string> expected;
        for (int i = static_cast<int>(s) * 20; i >= 0; --i)
            if (i % 3 != 1 || i + 1 > static_cast<int>(s) * 20) expected.push_back(std::to_string(i));
        CHECK(ids(then.search(floats{1000}, {.k = 1000})) == expected);
        expected.resize(std::min<std::size_t>(expected.size(), 5));
        CHECK(ids(then.search(floats{1000}, {.k = 5})) == expected);
    }
}

TEST_CASE("collection search: a large index finds what an exact search finds, and only what is there") {
    constexpr std::size_t count = 20'000;
    constexpr std::size_t dimension = 24;
    const auto kind =
        GENERATE(collection_quantization::none, collection_quantization::scalar, collection_quantization::pq);
    CAPTURE(name_of(kind));
    kv_file f({.sync_mode = sync_mode::off});
    const collection docs = create_collection(f.db, "docs", {.dimension = dimension, .quantization = kind});
    CHECK(docs.config().quantization == kind);
    clustered source(dimension, 100, 1);
    docs.insert_batch(items_of(source, 0, count));
    std::vector<floats> queries;
    for (int i = 0; i < 40; ++i) queries.push_back(source.next());
    const auto recall = [&](const collection& c, const collection_search& how) {
        std::size_t found = 0;
        std::size_t all = 0;
        for (const floats& query : queries) {
            collection_search exactly = how;
            exactly.exact = true;
            const auto expected = ids(c.search(query, exactly));
            const auto got = ids(c.search(query, how));
            REQUIRE(got.size() == expected.size());
            const std::set<std::string> right(expected.begin(), expected.end());
            for (const std::string& id : got) found += right.count(id);
            all += expected.size();
        }
        return static_cast<double>(found) / static_cast<double>(all);
    };
    CHECK(recall(docs, {}) >= 0.97);
    CHECK(docs.index_stats().is_graph == (kind != collection_quantization::pq));
    CHECK(docs.index_stats().vectors == count);
    CHECK(recall(docs, {.filter = {{"part", 3}}}) >= 0.97);
    CHECK(recall(docs, {.ef = 400}) >= 0.99);

    // A quarter goes, the nearest of one query first; others come.
    const auto nearest = ids(docs.search(queries[0], {.k = 200}));
    auto before = f.db.transaction(kv_access::read_only);
    f.db.with_transaction([&](kv_transaction& t) {
        const collection in(t, "docs");
        for (const std::string& id : nearest) in.erase(id);
        const auto left = ids(in.search(queries[0], {.k = 20}));
        REQUIRE(left.size() == 20);
        for (const std::string& id : left) REQUIRE(std::find(nearest.begin(), nearest.end(), id) == nearest.end());
        for (std::size_t i = 0; i < count; i += 4) in.erase(std::to_string(i));
        in.insert_batch(items_of(source, count, 1000));
        in.insert("here", queries[1]);
        CHECK(in.search(queries[1], {.k = 1})[0].id == "here");
    });
    CHECK(docs.search(queries[1], {.k = 1})[0].id == "here");
    CHECK(recall(docs, {}) >= 0.97);
    const auto remaining = docs.count();
    CHECK(docs.index_stats().vectors <= remaining + remaining / 8 + 64);
    CHECK(ids(collection(before, "docs").search(queries[0], {.k = 200, .exact = true})).size() == 200);
    CHECK(recall(collection(before, "docs"), {}) >= 0.97);
    CHECK(collection(before, "docs").search(queries[1], {.k = 1})[0].id != "here");
}

TEST_CASE("collection search: a small collection grows into a large one") {
    constexpr std::size_t dimension = 16;
    const auto kind =
        GENERATE(collection_quantization::none, collection_quantization::scalar, collection_quantization::pq);
    CAPTURE(name_of(kind));
    const bool is_graph = kind != collection_quantization::pq;
    kv_file f({.sync_mode = sync_mode::off});
    const collection docs = create_collection(
        f.db, "docs", {.dimension = dimension, .metric = metric_kind::l2, .m = 8, .quantization = kind});
    clustered source(dimension, 30, 2);
    docs.insert_batch(items_of(source, 0, collection_exact_up_to - 100));
    const floats query = source.next();
    CHECK(docs.search(query).size() == 10);
    CHECK_FALSE(docs.index_stats().is_graph);
    auto other = kv_database::open(f.path(), {.sync_mode = sync_mode::off}); // as another process would
    collection(other, "docs").insert_batch(items_of(source, collection_exact_up_to, 500));
    CHECK(ids(docs.search(query, {.ef = 500})) == ids(docs.search(query, {.exact = true})));
    CHECK(docs.index_stats().is_graph == is_graph);
    CHECK(docs.index_stats().vectors == collection_exact_up_to + 400);
    for (std::size_t i = 0; i < 3000; ++i) collection(other, "docs").erase(std::to_string(i));
    CHECK(ids(docs.search(query, {.ef = 500})) == ids(docs.search(query, {.exact = true})));
    CHECK(docs.index_stats().vectors == collection_exact_up_to + 400 - 3000);
}

TEST_CASE("collection search: quantised vectors take less memory, with every metric") {
    constexpr std::size_t dimension = 128;
    const auto metric = GENERATE(metric_kind::cosine, metric_kind::l2, metric_kind::inner_product);
    CAPTURE(weft::vector::name_of(metric));
    kv_file f({.sync_mode = sync_mode::off});
    clustered source(dimension, 50, 3);
    const auto items = items_of(source, 0, collection_exact_up_to + 1);
    const floats query = source.next();
    const auto memory_with = [&](collection_quantization kind) {
        const collection docs = create_collection(
            f.db, std::string(name_of(kind)), {.dimension = dimension, .metric = metric, .m = 4, .quantization = kind});
        docs.insert_batch(items);
        const auto exactly = docs.search(query, {.k = 5, .exact = true});
        const auto found = docs.search(query, {.k = 5, .ef = 300});
        REQUIRE(ids(found) == ids(exactly));
        for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i].score == exactly[i].score);
        return static_cast<double>(docs.index_stats().memory_bytes);
    };
    const double floats_alone = static_cast<double>((collection_exact_up_to + 1) * dimension * sizeof(float));
    const double full = memory_with(collection_quantization::none);
    CHECK(full > floats_alone);
    CHECK(memory_with(collection_quantization::scalar) < full - floats_alone * 0.6);
    CHECK(memory_with(collection_quantization::pq) < floats_alone * 0.4);
}
