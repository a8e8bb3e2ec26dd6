// SPDX-License-Identifier: BSL-1.0
#include "../message_of.hpp"
#include "points.hpp"

#include <weft/vector/flat.hpp>
#include <weft/vector/ivf.hpp>
#include <weft/vector/top_k.hpp>

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <stop_token>
#include <vector>

using namespace weft::vector;

namespace {

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

struct anything {
    bool operator()(std::size_t) const { return true; }
};

// Whether the same ids come in the same order, or others with the same distance up to rounding.
bool same(const std::vector<neighbour>& found, const std::vector<neighbour>& truth, float allowed) {
    if (found.size() != truth.size()) return false;
    for (std::size_t i = 0; i < found.size(); ++i)
        if (std::fabs(found[i].distance - truth[i].distance) > allowed) return false;
    return std::is_sorted(found.begin(), found.end());
}

} // namespace

TEST_CASE("top_k keeps the least by distance and then id") {
    std::mt19937 random(5);
    for (const std::size_t k : {0U, 1U, 2U, 10U, 64U, 100U, 1000U}) {
        for (const std::size_t count : {0U, 1U, 9U, 65U, 700U}) {
            std::vector<neighbour> all(count);
            std::vector<float> distances(count);
            for (std::size_t i = 0; i < count; ++i) {
                all[i] = {random() % 50, static_cast<float>(random() % 40)};
                distances[i] = all[i].distance;
            }
            top_k one_by_one(k);
            for (const neighbour& each : all) one_by_one.offer(each);
            top_k together(k, count);
            together.offer(distances.data(), count, [&](std::size_t i) { return all[i].id; });
            std::sort(all.begin(), all.end());
            if (all.size() > k) all.resize(k);
            CHECK(one_by_one.is_full() == (all.size() == k));
            CHECK(one_by_one.take() == all);
            CHECK(together.take() == all);
        }
    }
}

TEST_CASE("top_k never keeps a NaN, and has a bound once it is full") {
    top_k best(2);
    best.offer({1, not_a_number});
    CHECK(best.size() == 0);
    CHECK(best.bound() == std::numeric_limits<float>::infinity());
    best.offer({1, 5});
    best.offer({2, 3});
    CHECK(best.bound() == 5.0F);
    best.offer({0, 5}); // the same distance, but a smaller id
    best.offer({9, not_a_number});
    CHECK(best.take() == std::vector<neighbour>{{2, 3}, {0, 5}});
    const float two[] = {1, not_a_number};
    top_k filtered(5);
    filtered.offer(two, 2, [](std::size_t i) { return i; }, [](std::uint64_t id) { return id != 0; });
    CHECK(filtered.take().empty());
}

TEMPLATE_TEST_CASE("a flat index finds exactly what comparing all in double precision finds", "", l2, inner_product,
                   cosine, l1, linf) {
    for (const std::size_t dimension : {1U, 3U, 16U, 50U}) {
        const points data(500, dimension);
        const points queries(20, dimension, 2);
        flat<TestType> index(dimension);
        CHECK(index.insert_many(data.view()) == 500);
        const auto together = index.search_many(queries.view(), 10, {.threads = 2});
        for (std::size_t q = 0; q < queries.size(); ++q) {
            const auto truth = true_neighbours(TestType::kind, data, queries[q], 10, anything{});
            const float allowed = 1e-5F * (1 + std::fabs(truth.back().distance));
            const auto found = index.search(queries[q], 10);
            CHECK(same(found, truth, allowed));
            CHECK(together[q] == found);
            CHECK(hits(truth, found) >= (dimension == 1 ? 0 : 9)); // in one dimension cosines are equal
            const auto odd = [](std::size_t id) { return id % 2 == 1; };
            CHECK(same(index.search(queries[q], 10, odd), true_neighbours(TestType::kind, data, queries[q], 10, odd),
                       allowed));
            const float radius = truth[6].distance + allowed;
            const auto within = index.range_search(queries[q], radius);
            CHECK(within.size() >= 7);
            const auto nearest = index.search(queries[q], within.size());
            CHECK(same(within, nearest, allowed));
        }
    }
}

TEMPLATE_TEST_CASE("codes find the same and kept vectors make distances exact", "", f16, bf16, int8) {
    const points data(2000, 48);
    const points queries(20, 48, 2);
    flat<l2> exact(48);
    flat<l2, TestType> coded(48);
    flat<l2, codes_only<TestType>> alone(48);
    exact.insert_many(data.view());
    coded.insert_many(data.view());
    alone.insert_many(data.view());
    CHECK(alone.memory_bytes() < exact.memory_bytes());
    std::size_t found_alone = 0;
    for (std::size_t q = 0; q < queries.size(); ++q) {
        const auto truth = exact.search(queries[q], 10);
        const auto found = coded.search(queries[q], 10);
        CHECK(hits(truth, found) == 10);
        CHECK(same(found, truth, 1e-4F));
        found_alone += hits(truth, alone.search(queries[q], 10));
        CHECK(same(coded.range_search(queries[q], truth[5].distance), exact.range_search(queries[q], truth[5].distance),
                   1e-4F));
        CHECK(hits(truth, coded.search(queries[q], 5, [](std::uint64_t id) { return id % 3 != 0; })) <= 5);
    }
    CHECK(found_alone >= 150);
    CHECK(coded.at(7) == exact.at(7));
    CHECK(std::fabs(alone.at(7)[0] - exact.at(7)[0]) < 0.05F);
}

TEMPLATE_TEST_CASE("one search, many at once, a range and a filter that pleases all find the same", "", f32, f16,
                   codes_only<f16>, codes_only<bf16>, int8, codes_only<int8>) {
    const auto check = []<class Metric>(Metric, std::size_t dimension) {
        const points data(700, dimension); // blocks and batches with something left over
        const points queries(70, dimension, 2);
        flat<Metric, TestType> index(dimension);
        index.insert_many(data.view());
        const auto together = index.search_many(queries.view(), 12, {.threads = 1});
        for (std::size_t q = 0; q < queries.size(); ++q) {
            const auto one = index.search(queries[q], 12);
            CHECK(together[q] == one);
            CHECK(index.search(queries[q], 12, [](std::uint64_t) { return true; }) == one);
            if constexpr (std::is_same_v<TestType, f32>) {
                const auto within = index.range_search(queries[q], one.back().distance);
                REQUIRE(within.size() >= 12);
                CHECK(std::equal(one.begin(), one.end(), within.begin()));
            }
        }
    };
    for (const std::size_t dimension : {5U, 37U, 200U}) {
        check(l2{}, dimension);
        check(inner_product{}, dimension);
    }
}

TEST_CASE("vectors are replaced and erased in a flat index") {
    const points data(300, 8);
    flat<l2, int8> index(8);
    std::vector<bool> there(100, false);
    std::vector<std::size_t> row(100);
    std::mt19937 random(3);
    std::size_t live = 0;
    for (int step = 0; step < 4000; ++step) {
        const std::uint64_t id = random() % 100;
        if (random() % 3 == 0) {
            CHECK(index.erase(id) == there[id]);
            live -= there[id] ? 1 : 0;
            there[id] = false;
        } else {
            live += there[id] ? 0 : 1;
            there[id] = true;
            row[id] = random() % 300;
            index.insert(id, data[row[id]]);
        }
        CHECK(index.size() == live);
    }
    for (std::uint64_t id = 0; id < 100; ++id) {
        CHECK(index.contains(id) == there[id]);
        if (!there[id]) continue;
        const auto values = index.at(id);
        CHECK(std::equal(values.begin(), values.end(), data[row[id]].begin()));
        const auto self = index.search(values, live);
        CHECK(self.size() == live);
        CHECK(self[0].distance == 0.0F);
    }
    index.clear();
    CHECK(index.empty());
    CHECK_FALSE(index.erase(1));
    CHECK(index.search(data[0], 3).empty());
}

TEST_CASE("what a flat index does with few vectors, large k and extreme ids") {
    flat<cosine> index(2);
    const float zero[] = {0, 0};
    const float right[] = {2, 0};
    const float tiny[] = {1e-30F, 0};
    CHECK(index.search(zero, 5).empty());
    index.insert(0, zero);
    index.insert(~std::uint64_t{0}, right);
    CHECK(index.search(right, 0).empty());
    const auto all = index.search(tiny, static_cast<std::size_t>(-1));
    CHECK(all.size() == 2);
    CHECK(all[0] == neighbour{~std::uint64_t{0}, 0});
    CHECK(all[1] == neighbour{0, 1}); // a zero vector is at distance 1 from everything
    CHECK(index.search(zero, 2)[0].distance == 1.0F);
    CHECK(index.at(~std::uint64_t{0}) == std::vector<float>{1, 0});
    flat<l2> far(1);
    const float huge[] = {3e38F};
    const float minus[] = {-3e38F};
    far.insert(1, huge);
    far.insert(2, minus);
    CHECK(far.search(huge, 2).size() == 2); // a distance that overflows is the largest there is
    CHECK(std::isfinite(far.search(huge, 2)[1].distance));
}

TEST_CASE("a flat index refuses what is no vector of it") {
    flat<l2> index(3);
    const std::vector<float> two(2, 1);
    const std::vector<float> bad{1, not_a_number, 2};
    const std::vector<float> infinite{1, 2, -std::numeric_limits<float>::infinity()};
    CHECK(message_of<weft::data_error>([&] { index.insert(1, two); }) ==
          "Vector dimension mismatch: expected 3, got 2");
    CHECK(message_of<weft::data_error>([&] { static_cast<void>(index.search(two, 1)); }) ==
          "Query dimension mismatch: expected 3, got 2");
    CHECK(message_of<weft::data_error>([&] { index.insert(1, bad); }) == "the vector: number 1 is NaN");
    CHECK(message_of<weft::data_error>([&] { static_cast<void>(index.search(infinite, 1)); }) ==
          "the query: number 2 is minus infinity");
    CHECK(message_of<weft::data_error>([&] { static_cast<void>(index.range_search(bad, 1)); }) ==
          "the query: number 1 is NaN");
    CHECK(message_of<weft::data_error>([&] { static_cast<void>(index.at(4)); }) == "the index has no vector 4");
    const std::vector<float> rows{1, 2, 3, 4, 5, not_a_number};
    CHECK(message_of<weft::data_error>([&] { index.insert_many({rows.data(), 2, 3}); }) == "row 1: number 2 is NaN");
    CHECK(message_of<weft::data_error>([&] { index.insert_many({rows.data(), 1, 6}); }) ==
          "Vector dimension mismatch: expected 3, got 6");
    const std::vector<std::uint64_t> ids{1, 2};
    CHECK(message_of<weft::data_error>([&] { index.insert_many({rows.data(), 1, 3}, ids); }) ==
          "there are 2 ids for 1 rows");
    CHECK(index.empty());
    CHECK_THROWS_AS(flat<l2>(0), weft::programming_error);
    CHECK_THROWS_AS(flat<l2>(65537), weft::programming_error);
}

TEST_CASE("inserting and searching many vectors can be watched and stopped") {
    const points data(5000, 4);
    flat<l2> index(4);
    std::size_t last = 0;
    std::size_t calls = 0;
    const auto watch = [&](std::size_t done, std::size_t total) {
        CHECK(done >= last);
        CHECK(total == 5000);
        last = done;
        ++calls;
    };
    index.insert_many(data.view(), {}, {.progress = watch});
    CHECK(last == 5000);
    CHECK(calls > 3);
    last = calls = 0;
    CHECK(index.search_many(data.view(), 1, {.threads = 3, .progress = watch}).size() == 5000);
    CHECK(last == 5000);
    ivf<l2> lists(4, {.lists = 4});
    lists.train(data.view());
    last = calls = 0;
    lists.insert_many(data.view(), {}, {.threads = 2, .progress = watch});
    CHECK(last == 5000);
    last = calls = 0;
    CHECK(lists.search_many(data.view(), 1, {}, {.threads = 3, .progress = watch}).size() == 5000);
    CHECK(last == 5000);
    std::stop_source source;
    source.request_stop();
    flat<l2> stopped(4);
    CHECK(stopped.insert_many(data.view(), {}, {.stop = source.get_token()}) == 0);
    CHECK(stopped.empty());
    for (const auto& each : index.search_many(data.view(), 1, {.stop = source.get_token()})) CHECK(each.empty());
}
