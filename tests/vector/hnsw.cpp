// SPDX-License-Identifier: BSL-1.0

#include "points.hpp"

#include "../message_of.hpp"

#include <weft/vector/hnsw.hpp>

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

using namespace weft::vector;

namespace {

template <class Index>
double recall(const Index& index, const points& among, const points& queries, std::size_t k,
              const search_options& how = {}) {
    std::size_t found = 0;
    for (std::size_t q = 0; q < queries.size(); ++q)
        found += hits(true_neighbours(Index::metric(), among, queries[q], k, [](std::size_t) { return true; }),
                      index.search(queries[q], k, how));
    return static_cast<double>(found) / static_cast<double>(queries.size() * k);
}

template <class Index>
Index built(const points& from, std::size_t threads = 1, const hnsw_options& options = {.ef_construction = 100}) {
    Index index(from.dimension, options);
    CHECK(index.insert_many(from.view(), {}, {.threads = threads}) == from.size());
    return index;
}

template <class Metric, class Storage>
struct kind {
    using index = hnsw<Metric, Storage>;
};

} // namespace

static_assert(vector_index<hnsw<l2>> && vector_index<hnsw<cosine, int8>> && vector_index<hnsw<linf, bf16>>);
static_assert(vector_index<hnsw<l2, rabitq>> && !storage_for<rabitq, l2> && !graph_storage_for<rabitq, l1>);
static_assert(!storage_for<int8, l1> && !storage_for<int8, linf> && storage_for<f16, l1>);

TEMPLATE_TEST_CASE("HNSW finds what comparing all finds", "[hnsw]", (kind<l2, f32>), (kind<l2, f16>), (kind<l2, bf16>),
                   (kind<l2, int8>), (kind<cosine, f32>), (kind<cosine, int8>), (kind<cosine, codes_only<bf16>>),
                   (kind<inner_product, int8>), (kind<l1, f32>), (kind<linf, f16>), (kind<l2, rabitq>),
                   (kind<cosine, rabitq>), (kind<inner_product, rabitq>), (kind<cosine, codes_only<rabitq>>)) {
    using index_type = typename TestType::index;
    const points from(1500, 37);
    const points queries(40, 37, 2);
    const auto index = built<index_type>(from);
    CHECK(index.size() == 1500);
    const bool exact = index_type::storage_type::keeps_vectors || index_type::storage_type::codes == code_kind::f32;
    CHECK(recall(index, from, queries, 10, {.ef = 200}) >= (exact ? 0.97 : 0.9));
    for (std::size_t q = 0; q < queries.size(); ++q) {
        const auto found = index.search(queries[q], 10);
        REQUIRE(found.size() == 10);
        for (std::size_t i = 0; i < found.size(); ++i) {
            const double right = true_distance(index_type::metric(), from[found[i].id], queries[q]);
            CHECK(std::fabs(found[i].distance - right) <= (exact ? 1e-4 : 2e-2) * (1 + std::fabs(right)));
            if (i > 0) CHECK(found[i - 1] < found[i]);
        }
    }
}

TEST_CASE("Codes alone give back about the vector, and an index with vectors exactly it", "[hnsw]") {
    const points from(3, 70);
    const auto exact = built<hnsw<l2, int8>>(from);
    const auto coded = built<hnsw<l2, codes_only<int8>>>(from);
    const auto unit = built<hnsw<cosine, codes_only<int8>>>(from);
    CHECK(exact.at(1) == std::vector<float>(from[1].begin(), from[1].end()));
    double length = 0;
    for (std::size_t i = 0; i < 70; ++i) {
        CHECK(std::fabs(coded.at(1)[i] - from[1][i]) < 0.02F);
        length += static_cast<double>(unit.at(1)[i]) * unit.at(1)[i];
    }
    CHECK(std::fabs(length - 1) < 1e-5);
    CHECK(message_of<weft::data_error>([&] { return exact.at(7); }) == "the index has no vector 7");
}

TEST_CASE("One thread and one seed make one graph", "[hnsw]") {
    const points from(600, 24);
    const auto a = built<hnsw<l2, int8>>(from);
    hnsw<l2, int8> b(24, {.ef_construction = 100});
    for (std::size_t i = 0; i < from.size(); ++i) b.insert(i, from[i]);
    const auto c = built<hnsw<l2, int8>>(from, 1, {.ef_construction = 100, .seed = 7});
    CHECK(a.stats().average_connections == b.stats().average_connections);
    CHECK(a.stats().graph_bytes != c.stats().graph_bytes);
    const points queries(20, 24, 2);
    for (std::size_t q = 0; q < 20; ++q)
        CHECK(a.search(queries[q], 10, {.ef = 10}) == b.search(queries[q], 10, {.ef = 10}));
}

TEMPLATE_TEST_CASE("Several threads build as good an index as one", "[hnsw]", (hnsw<cosine, int8>),
                   (hnsw<cosine, rabitq>)) {
    const points from(4000, 32);
    const points queries(50, 32, 2);
    const double one = recall(built<TestType>(from), from, queries, 10);
    const double many = recall(built<TestType>(from, 4), from, queries, 10);
    CHECK(one >= 0.97);
    CHECK(many >= one - 0.02);
}

TEMPLATE_TEST_CASE("Any number of threads search at once, with the results of one", "[hnsw]", (hnsw<l2>),
                   (hnsw<l2, rabitq>)) {
    const points from(1000, 16);
    const points queries(200, 16, 2);
    const auto index = built<TestType>(from);
    std::size_t last = 0;
    const auto watch = [&](std::size_t done, std::size_t total) {
        CHECK(done > last);
        CHECK(total == 200);
        last = done;
    };
    const auto together = index.search_many(queries.view(), 5, {}, {.threads = 4, .stop = {}, .progress = watch});
    CHECK(last == 200);
    std::vector<std::thread> threads;
    std::vector<int> right(4, 0);
    for (std::size_t t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (std::size_t q = 0; q < queries.size(); ++q)
                right[t] += index.search(queries[q], 5) == together[q] ? 1 : 0;
        });
    for (std::thread& thread : threads) thread.join();
    CHECK(right == std::vector<int>(4, 200));
}

TEMPLATE_TEST_CASE("Small indexes: none, one, fewer than k, equal vectors", "[hnsw]", (hnsw<l2>), (hnsw<l2, rabitq>)) {
    TestType index(3);
    const std::vector<float> origin{0, 0, 0};
    CHECK(index.search(origin, 5).empty());
    CHECK(index.range_search(origin, 5).empty());
    CHECK(index.search(origin, 5, [](std::uint64_t) { return true; }).empty());
    CHECK_FALSE(index.erase(1));
    index.insert(~std::uint64_t{0}, std::vector<float>{1, 2, 2});
    CHECK(index.search(origin, 5) == std::vector<neighbour>{{~std::uint64_t{0}, 9}});
    CHECK(index.search(origin, 0).empty());
    for (std::uint64_t id : {7UL, 3UL, 5UL}) index.insert(id, std::vector<float>{0, 1, 0});
    CHECK(index.search(origin, 9) == std::vector<neighbour>{{3, 1}, {5, 1}, {7, 1}, {~std::uint64_t{0}, 9}});
    CHECK(index.erase(~std::uint64_t{0}));
    CHECK(index.search(origin, 2, {.ef = 10}) == std::vector<neighbour>{{3, 1}, {5, 1}});
    for (std::uint64_t id : {7UL, 3UL, 5UL}) CHECK(index.erase(id));
    CHECK(index.search(origin, 9).empty());
    CHECK(index.empty());
    index.consolidate();
    index.insert(1, std::vector<float>{0, 0, 2});
    CHECK(index.search(origin, 9) == std::vector<neighbour>{{1, 4}});
}

TEMPLATE_TEST_CASE("A zero vector is at distance 1 from everything under cosine", "[hnsw]", (hnsw<cosine, int8>),
                   (hnsw<cosine, rabitq>)) {
    TestType index(2);
    index.insert(1, std::vector<float>{0, 0});
    index.insert(2, std::vector<float>{0, 5});
    CHECK(index.search(std::vector<float>{0, 1}, 2) == std::vector<neighbour>{{2, 0}, {1, 1}});
    CHECK(index.search(std::vector<float>{0, 0}, 2) == std::vector<neighbour>{{1, 1}, {2, 1}});
}

TEMPLATE_TEST_CASE("Numbers of any size", "[hnsw]", (hnsw<l2, int8>), (hnsw<l2, rabitq>)) {
    constexpr float least = std::numeric_limits<float>::denorm_min();
    constexpr float most = std::numeric_limits<float>::max();
    TestType index(2);
    index.insert(1, std::vector<float>{least, 0});
    index.insert(2, std::vector<float>{most, most}); // its squared distance overflows
    index.insert(3, std::vector<float>{1, -1});
    const auto found = index.search(std::vector<float>{0, 0}, 3);
    REQUIRE(found.size() == 3);
    CHECK(found[0].id == 1);
    CHECK(found[1] == neighbour{3, 2});
    CHECK(found[2] == neighbour{2, most});
}

TEMPLATE_TEST_CASE("An id that comes again replaces its vector", "[hnsw]", (hnsw<l2>), (hnsw<l2, rabitq>)) {
    const points from(400, 12);
    auto index = built<TestType>(from);
    index.insert(17, from[3]);
    CHECK(index.size() == 400);
    CHECK(index.at(17) == index.at(3));
    CHECK(index.search(from[3], 2) == std::vector<neighbour>{{3, 0}, {17, 0}});
    for (const neighbour& n : index.search(from[17], 400, {.ef = 800})) CHECK((n.id != 17 || n.distance > 0));

    std::vector<std::uint64_t> ids{5, 6, 5, 900, 5}; // of rows with one id the last counts
    CHECK(index.insert_many({from.data.data(), 5, 12}, ids, {.threads = 2}) == 5);
    CHECK(index.size() == 401);
    CHECK(index.at(5) == index.at(4));
    CHECK(index.at(900) == index.at(3));
}

TEMPLATE_TEST_CASE("Many rounds of erasing and inserting keep size and recall", "[hnsw]", (hnsw<l2, int8>),
                   (hnsw<l2, rabitq>)) {
    const points from(1200, 20);
    const points queries(40, 20, 2);
    auto index = built<TestType>(points(from), 1);
    const double before = recall(index, from, queries, 10);
    const std::size_t bytes = index.stats().code_bytes;
    std::mt19937 random(5);
    for (int round = 0; round < 12; ++round) {
        std::set<std::uint64_t> gone;
        while (gone.size() < 300) gone.insert(random() % 1200);
        for (const std::uint64_t id : gone) CHECK(index.erase(id));
        CHECK(index.size() == 900);
        for (const neighbour& n : index.search(queries[0], 900, {.ef = 2000})) CHECK_FALSE(gone.contains(n.id));
        for (const std::uint64_t id : gone) {
            CHECK_FALSE(index.contains(id));
            index.insert(id, from[id]);
        }
    }
    CHECK(index.size() == 1200);
    CHECK(index.stats().code_bytes <= bytes * 3 / 2); // places were used again
    CHECK(recall(index, from, queries, 10) >= before - 0.02);
    index.consolidate();
    CHECK(index.stats().erased == 0);
    CHECK(index.search(queries[0], 1200, {.ef = 3000}).size() == 1200); // all can be reached
}

TEMPLATE_TEST_CASE("Erasing most of an index leaves the rest reachable", "[hnsw]", (hnsw<cosine>),
                   (hnsw<cosine, rabitq>)) {
    const points from(800, 10);
    auto index = built<TestType>(from);
    for (std::uint64_t id = 0; id < 800; ++id)
        if (id % 40 != 0) CHECK(index.erase(id));
    index.consolidate();
    CHECK(index.stats().erased == 0);
    CHECK(index.search(from[0], 20, {.ef = 20}).size() == 20);
    for (std::uint64_t id = 0; id < 800; id += 40) CHECK(index.search(from[id], 1).front().id == id);
}

TEMPLATE_TEST_CASE("Filtered search is exact where few please, and nearly so where many do", "[hnsw]", (hnsw<l2, int8>),
                   (hnsw<l2, rabitq>)) {
    const points from(3000, 16);
    const points queries(20, 16, 2);
    auto index = built<TestType>(from);
    for (const std::uint64_t every : {2UL, 7UL, 50UL, 600UL, 5000UL}) {
        const auto pleases = [&](std::uint64_t id) { return id % every == 1; };
        std::size_t found = 0;
        std::size_t possible = 0;
        for (std::size_t q = 0; q < queries.size(); ++q) {
            const auto truth = true_neighbours(metric_kind::l2, from, queries[q], 10, pleases);
            const auto got = index.search(queries[q], 10, pleases);
            CHECK(got.size() == truth.size());
            for (const neighbour& n : got) CHECK(pleases(n.id));
            found += hits(truth, got);
            possible += truth.size();
        }
        CHECK(static_cast<double>(found) >= (every >= 50 ? 1.0 : 0.97) * static_cast<double>(possible));
    }
    CHECK(index.search(queries[0], 10, [](std::uint64_t) { return false; }).empty());
}

TEMPLATE_TEST_CASE("Range search finds all within the radius", "[hnsw]", (hnsw<l2, int8>), (hnsw<l2, rabitq>)) {
    const points from(2000, 8);
    const points queries(20, 8, 2);
    auto index = built<TestType>(from);
    index.erase(3);
    std::size_t found = 0;
    std::size_t possible = 0;
    for (std::size_t q = 0; q < queries.size(); ++q) {
        const auto got = index.range_search(queries[q], 1.2F);
        for (std::size_t i = 0; i < got.size(); ++i) {
            CHECK(got[i].distance <= 1.2F);
            CHECK(got[i].id != 3);
            if (i > 0) CHECK(got[i - 1] < got[i]);
        }
        found += got.size();
        for (std::size_t i = 0; i < from.size(); ++i)
            possible += i != 3 && true_distance(metric_kind::l2, from[i], queries[q]) <= 1.2 ? 1 : 0;
    }
    CHECK(possible > 200);
    CHECK(static_cast<double>(found) >= 0.99 * static_cast<double>(possible));
    CHECK(index.range_search(queries[0], -1).empty());
}

TEMPLATE_TEST_CASE("A build that is stopped keeps what it had linked", "[hnsw]", (hnsw<l2>), (hnsw<l2, rabitq>)) {
    const points from(3000, 16);
    for (const std::size_t threads : {1U, 3U}) {
        TestType index(16, {.ef_construction = 50});
        index.insert(2999, from[0]);
        std::stop_source source;
        std::size_t last = 0;
        const auto progress = [&](std::size_t done, std::size_t total) {
            CHECK(total == 3000);
            CHECK(done >= last);
            last = done;
            if (done > 600) source.request_stop();
        };
        const std::size_t done =
            index.insert_many(from.view(), {}, {.threads = threads, .stop = source.get_token(), .progress = progress});
        CHECK(done >= 600);
        CHECK(done < 3000);
        CHECK(index.size() == done + 1); // id 2999 has its first vector still
        CHECK(index.at(2999) == index.at(0));
        CHECK(index.search(from[0], 3000, {.ef = 3000}).size() == done + 1);
        CHECK(index.insert_many(from.view()) == 3000);
        CHECK(index.size() == 3000);
        CHECK(index.search(from[1234], 1) == std::vector<neighbour>{{1234, 0}});
    }
}

TEST_CASE("What cannot be indexed is refused and named", "[hnsw]") {
    hnsw<l2> index(2);
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const float inf = std::numeric_limits<float>::infinity();
    CHECK(message_of<weft::data_error>([&] {
              index.insert(1, std::vector<float>{1});
              return 0;
          }) == "the vector has 1 numbers, the index's have 2");
    CHECK(message_of<weft::data_error>([&] {
              index.insert(1, std::vector<float>{1, nan});
              return 0;
          }) == "the vector: number 1 is NaN");
    CHECK(message_of<weft::data_error>([&] { return index.search(std::vector<float>{inf, 0}, 1); }) ==
          "the query: number 0 is infinite");
    const std::vector<float> rows{1, 2, 3, 4, -inf, 6};
    CHECK(message_of<weft::data_error>([&] { return index.insert_many({rows.data(), 3, 2}); }) ==
          "row 2: number 0 is minus infinity");
    const std::vector<std::uint64_t> ids{1};
    CHECK(message_of<weft::data_error>([&] { return index.insert_many({rows.data(), 2, 2}, ids); }) ==
          "there are 1 ids for 2 rows");
    CHECK(message_of<weft::data_error>([&] { return index.insert_many({rows.data(), 2, 3}); }) ==
          "the rows have 3 numbers, the index's vectors have 2");
    CHECK(index.empty());
    CHECK(message_of<weft::programming_error>([] { return hnsw<l2>(0).size(); }) ==
          "dimension is 0; vectors have 1 to 65536 numbers");
    CHECK(message_of<weft::programming_error>([] { return hnsw<l2>(2, {.m = 1}).size(); }) ==
          "m is 1; an HNSW index has 2 to 1024 links a vertex");
    CHECK(message_of<weft::programming_error>([] { return hnsw<l2>(2, {.ef_construction = 0}).size(); }) ==
          "ef_construction is 0; it is 1 to 1000000");
}

TEMPLATE_TEST_CASE("An index that was moved from is empty, and its heir complete", "[hnsw]", (hnsw<l2>),
                   (hnsw<l2, rabitq>)) {
    const points from(100, 6);
    auto a = built<TestType>(from);
    const auto before = a.search(from[5], 5);
    TestType b(std::move(a));
    CHECK(b.search(from[5], 5) == before);
    a = TestType(6);
    a.insert(1, from[0]);
    CHECK(a.search(from[5], 5).size() == 1);
    a = std::move(b);
    CHECK(a.search(from[5], 5) == before);
}

TEST_CASE("Metrics have names", "[metric]") {
    CHECK(parse_metric("COS") == metric_kind::cosine);
    CHECK(parse_metric("dot_product") == metric_kind::inner_product);
    CHECK(parse_metric("InnerProduct") == metric_kind::inner_product);
    CHECK(parse_metric("Linf") == metric_kind::linf);
    for (const auto metric : {metric_kind::l2, metric_kind::inner_product, metric_kind::cosine, metric_kind::l1,
                              metric_kind::linf, metric_kind::hamming})
        CHECK(parse_metric(name_of(metric)) == metric);
    CHECK(message_of<weft::data_error>([] { return parse_metric("Lp"); }).starts_with("metric 'Lp' is not known"));
}
