// SPDX-License-Identifier: BSL-1.0
#include "../message_of.hpp"
#include "points.hpp"

#include <weft/vector/flat.hpp>
#include <weft/vector/ivf.hpp>
#include <weft/vector/kmeans.hpp>
#include <weft/vector/pq.hpp>

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <set>
#include <stop_token>
#include <vector>

using namespace weft::vector;
namespace simd = weft::simd;

namespace {

// Recall at 10 of an index against a flat one over the same points.
template <class Index>
double recall_of(const Index& index, const points& data, const points& queries, const trained_search& how = {}) {
    flat<typename Index::metric_type> exact(data.dimension);
    exact.insert_many(data.view());
    std::size_t found = 0;
    for (std::size_t q = 0; q < queries.size(); ++q)
        found += hits(exact.search(queries[q], 10), index.search(queries[q], 10, how));
    return static_cast<double>(found) / static_cast<double>(10 * queries.size());
}

} // namespace

TEST_CASE("k-means finds clusters, the same ones for a seed and any threads") {
    const points data(1600, 6); // eight clusters
    const auto error = [&](const std::vector<float>& centroids) {
        double sum = 0;
        for (std::size_t i = 0; i < data.size(); ++i) {
            double nearest = 1e30;
            for (std::size_t c = 0; c < centroids.size() / 6; ++c)
                nearest = std::min(nearest, true_distance(metric_kind::l2, data[i], {centroids.data() + 6 * c, 6}));
            sum += nearest;
        }
        return sum / static_cast<double>(data.size());
    };
    const auto found = kmeans(data.view(), 8);
    CHECK(found.size() == 48);
    CHECK(error(found) < 1.1 * 6 * 0.16); // the variance within the clusters
    CHECK(kmeans(data.view(), 8, {.threads = 3}) == found);
    CHECK(kmeans(data.view(), 8, {.seed = 7}) != found);
    CHECK(error(kmeans(data.view(), 8, {.most_per_centroid = 40})) < 2 * 6 * 0.16);
    CHECK(error(kmeans(data.view(), 64)) < error(found));
    CHECK(error(kmeans(data.view(), 8, {.iterations = 0})) > error(found));
}

TEST_CASE("k-means with fewer different rows than centroids, or fewer rows") {
    const std::vector<float> rows(40, 1.5F); // twenty times the same
    for (const float x : kmeans({rows.data(), 20, 2}, 5)) CHECK(std::fabs(x - 1.5F) < 0.01F);
    CHECK(kmeans({rows.data(), 20, 2}, 20).size() == 40);
    CHECK(message_of<weft::data_error>([&] { static_cast<void>(kmeans({rows.data(), 20, 2}, 21)); }) ==
          "k-means is asked for 21 centroids of 20 rows; it needs as many rows as centroids");
    CHECK_THROWS_AS(kmeans({rows.data(), 20, 2}, 0), weft::programming_error);
}

TEST_CASE("a product quantiser comes near its vectors, nearer with more bits and pieces") {
    const points data(1000, 24);
    const auto error = [&](std::size_t pieces, unsigned bits) {
        product_quantiser quantiser(24, pieces, bits);
        CHECK_FALSE(quantiser.is_trained());
        quantiser.train(data.view(), {.iterations = 4});
        CHECK(quantiser.is_trained());
        std::vector<std::uint8_t> codes(pieces);
        std::vector<float> back(24);
        std::vector<float> tables(pieces * quantiser.centroids());
        double sum = 0;
        for (std::size_t i = 0; i < 300; ++i) {
            quantiser.encode(data[i].data(), codes.data());
            quantiser.decode(codes.data(), back.data());
            const double distance = true_distance(metric_kind::l2, data[i], back);
            quantiser.tables<simd::l2_squared>(data[i].data(), tables.data());
            double by_tables = 0;
            for (std::size_t p = 0; p < pieces; ++p) {
                CHECK(codes[p] < quantiser.centroids());
                by_tables += static_cast<double>(tables[p * quantiser.centroids() + codes[p]]);
            }
            CHECK(std::fabs(distance - by_tables) < 1e-4 * (1 + distance));
            sum += distance;
        }
        return sum;
    };
    const double coarse = error(4, 4);
    CHECK(error(4, 8) < coarse);
    CHECK(error(12, 4) < coarse);
    CHECK(error(12, 8) < error(12, 4));
    CHECK(message_of<weft::programming_error>([] { product_quantiser(24, 5, 8); }) ==
          "a product quantiser of 5 pieces needs a dimension that is a multiple of that, not 24");
    CHECK_THROWS_AS(product_quantiser(24, 0, 8), weft::programming_error);
    CHECK_THROWS_AS(product_quantiser(24, 6, 5), weft::programming_error);
}

TEMPLATE_TEST_CASE("ivf: exact before training and with all lists, and near with few", "", l2, inner_product, cosine,
                   l1, linf) {
    const points data(1500, 20);
    const points queries(40, 20, 2);
    ivf<TestType> index(20, {.lists = 32, .probes = 8});
    index.insert_many(data.view());
    CHECK_FALSE(index.is_trained());
    CHECK(recall_of(index, data, queries) == 1);
    index.train();
    CHECK(index.is_trained());
    CHECK(index.size() == 1500);
    CHECK(recall_of(index, data, queries, {.probes = 32}) == 1);
    CHECK(recall_of(index, data, queries) > 0.9);
    CHECK(recall_of(index, data, queries, {.probes = 1}) < 1);
    const auto odd = [](std::uint64_t id) { return id % 2 == 1; };
    const auto truth = true_neighbours(TestType::kind, data, queries[0], 10, odd);
    CHECK(hits(truth, index.search(queries[0], 10, odd, {.probes = 32})) >= 9);
    // A filter that few please: further lists are looked into.
    const auto rare = [](std::uint64_t id) { return id % 250 == 7; };
    CHECK(index.search(queries[0], 6, rare, {.probes = 1}).size() == 6);
    CHECK(index.search(queries[0], 3000, {.probes = 1}).size() == 1500);
    const auto nearest = index.search(queries[1], 5, {.probes = 32});
    const auto within = index.range_search(queries[1], nearest[4].distance, {.probes = 32});
    CHECK(within == nearest);
}

TEMPLATE_TEST_CASE("ivf with codes orders its candidates exactly", "", f16, int8) {
    const points data(1500, 32);
    const points queries(30, 32, 2);
    ivf<cosine, TestType> index(32, {.lists = 16, .probes = 16});
    index.insert_many(data.view());
    index.train();
    CHECK(recall_of(index, data, queries) >= 0.995);
    ivf<cosine, codes_only<TestType>> small(32, {.lists = 16, .probes = 16});
    small.insert_many(data.view());
    small.train();
    CHECK(recall_of(small, data, queries) > 0.8);
    CHECK(small.memory_bytes() < index.memory_bytes());
}

TEMPLATE_TEST_CASE("pq finds what its codes allow, and all with vectors to compare", "", l2, inner_product, cosine,
                   l1) {
    const points data(1000, 32);
    const points queries(30, 32, 2);
    const kmeans_options few{.iterations = 4};
    const auto build = [&](auto&& index) {
        index.insert_many(data.view());
        CHECK(recall_of(index, data, queries) == 1);
        index.train();
        return recall_of(index, data, queries);
    };
    const double eight = build(pq<TestType, 8>(32, 16, {.training = few}));
    const double four = build(pq<TestType, 4>(32, 16, {.training = few}));
    CHECK(eight > 0.7);
    CHECK(four > 0.25);
    CHECK(eight > four);
    CHECK(build(pq<TestType, 8>(32, 16, {.keep_vectors = true, .training = few})) > 0.95);
    CHECK(build(pq<TestType, 4>(32, 16, {.keep_vectors = true, .training = few})) > 0.8);
    CHECK(build(ivf_pq<TestType, 8>(32, 16, {.lists = 8, .probes = 8, .training = few})) >= eight - 0.05);
    CHECK(build(ivf_pq<TestType, 4>(32, 16, {.lists = 8, .probes = 8, .keep_vectors = true, .training = few})) > 0.8);
}

TEST_CASE("the fast scan of 4-bit codes finds exactly what the tables say") {
    const points data(1000, 24);
    const points queries(20, 24, 2);
    pq<l2, 4> index(24, 8);
    index.insert_many(data.view());
    index.train();
    // The distances returned are those to the vectors that the codes stand for, of which no other is nearer.
    for (std::size_t q = 0; q < queries.size(); ++q) {
        std::vector<double> all;
        for (std::uint64_t id = 0; id < 1000; ++id)
            all.push_back(true_distance(metric_kind::l2, queries[q], index.at(id)));
        std::sort(all.begin(), all.end());
        const auto found = index.search(queries[q], 25);
        REQUIRE(found.size() == 25);
        for (std::size_t i = 0; i < 25; ++i) {
            CHECK(std::fabs(static_cast<double>(found[i].distance) - all[i]) < 1e-4 * (1 + all[i]));
            CHECK(std::fabs(true_distance(metric_kind::l2, queries[q], index.at(found[i].id)) - all[i]) <
                  1e-4 * (1 + all[i]));
        }
        CHECK(index.range_search(queries[q], found[10].distance).size() >= 11);
    }
}

TEMPLATE_TEST_CASE("vectors are inserted, replaced and erased in trained indexes", "", (ivf<l2>), (ivf<cosine, int8>),
                   (pq<l2, 8>), (ivf_pq<inner_product, 8>), (ivf_pq<l2, 4>)) {
    const points data(1200, 16);
    const auto make = [](bool keep) {
        const trained_options options{.lists = 8, .probes = 8, .keep_vectors = keep, .training = {.iterations = 3}};
        if constexpr (std::is_constructible_v<TestType, std::size_t, trained_options>)
            return TestType(16, options);
        else
            return TestType(16, 8, options);
    };
    for (const bool keep : {false, true}) {
        auto index = make(keep);
        index.insert_many({data.data.data(), 600, 16});
        index.train();
        std::vector<std::size_t> row(1200, data.size());
        for (std::size_t i = 0; i < 600; ++i) row[i] = i;
        std::mt19937 random(3);
        for (int step = 0; step < 3000; ++step) {
            const std::uint64_t id = random() % 1200;
            if (random() % 2 == 0) {
                CHECK(index.erase(id) == (row[id] != data.size()));
                row[id] = data.size();
            } else {
                row[id] = random() % 1200;
                index.insert(id, data[row[id]]);
            }
        }
        std::size_t live = 0;
        for (std::uint64_t id = 0; id < 1200; ++id) {
            const bool there = row[id] != data.size();
            CHECK(index.contains(id) == there);
            if (!there) continue;
            ++live;
            const auto values = index.at(id);
            double error = true_distance(metric_kind::cosine, values, data[row[id]]);
            CHECK(error < 0.05);
        }
        CHECK(index.size() == live);
        const auto all = index.search(data[0], 5000);
        CHECK(all.size() == live);
        std::set<std::uint64_t> ids;
        for (const neighbour& each : all) {
            CHECK(row[each.id] != data.size());
            ids.insert(each.id);
        }
        CHECK(ids.size() == live);
    }
}

TEST_CASE("many rows go into a trained index with several threads as with one") {
    const points data(5000, 12);
    const points queries(30, 12, 2);
    const trained_options options{.lists = 16, .probes = 4, .training = {.iterations = 3, .most_per_centroid = 4}};
    ivf_pq<l2, 8> one(12, 6, options);
    ivf_pq<l2, 8> several(12, 6, options);
    for (auto* index : {&one, &several}) {
        index->train(data.view());
        CHECK(index->empty());
        index->insert_many(data.view(), {}, {.threads = index == &one ? 1U : 3U});
        CHECK(index->size() == 5000);
    }
    CHECK(one.search_many(queries.view(), 10, {}, {.threads = 1}) ==
          several.search_many(queries.view(), 10, {}, {.threads = 3}));
    std::vector<std::uint64_t> same(5000, 5);
    one.insert_many(data.view(), same);
    CHECK(one.size() == 5000);
    CHECK(one.contains(5));
}

TEST_CASE("what a trained index refuses") {
    const points data(300, 8);
    ivf_pq<l2, 8> index(8, 4, {.lists = 10});
    CHECK(index.least_training() == 256);
    index.insert_many({data.data.data(), 100, 8});
    CHECK(message_of<weft::data_error>([&] { index.train(); }) == "training needs 256 vectors at least, got 100");
    CHECK_FALSE(index.is_trained());
    CHECK(index.search(data[3], 1)[0] == neighbour{3, 0});
    index.train(data.view());
    CHECK(index.size() == 100);
    CHECK(message_of<weft::programming_error>([&] { index.train(); }) ==
          "the index is trained and has not kept its vectors; there is nothing to train with");
    const std::vector<float> nine(9, 0);
    CHECK(message_of<weft::data_error>([&] { index.insert(1, nine); }) ==
          "Vector dimension mismatch: expected 8, got 9");
    CHECK(message_of<weft::data_error>([&] { static_cast<void>(index.search(nine, 1)); }) ==
          "Query dimension mismatch: expected 8, got 9");
    CHECK(message_of<weft::data_error>([&] { static_cast<void>(index.at(200)); }) == "the index has no vector 200");
    CHECK_THROWS_AS(ivf<l2>(8, {.lists = 0}), weft::programming_error);
    CHECK_THROWS_AS((pq<l2, 8>(8, 3)), weft::programming_error);
    pq<l2, 8> kept(8, 4, {.keep_vectors = true});
    kept.insert_many(data.view());
    kept.train();
    kept.train(); // again, with the vectors it has
    CHECK(kept.search(data[3], 1)[0] == neighbour{3, 0});
}

TEST_CASE("a training that is cancelled changes nothing, and one of too many vectors looks at a sample") {
    const points data(2000, 8);
    std::stop_source source;
    kmeans_options options{.stop = source.get_token()};
    ivf_pq<l2, 8> index(8, 4, {.lists = 16, .training = options});
    index.insert_many(data.view());
    source.request_stop();
    CHECK(message_of<weft::vector::cancelled_error>([&] { index.train(); }) == "the training was cancelled");
    CHECK_FALSE(index.is_trained());
    CHECK(index.size() == 2000);
    CHECK(index.search(data[3], 1)[0] == neighbour{3, 0});
    CHECK_THROWS_AS(kmeans(data.view(), 3, options), weft::vector::cancelled_error);

    // Centroids of a sample lie among the rows as well, but they are others than those of all rows.
    const auto all = kmeans(data.view(), 4, {.most_per_centroid = 500});
    CHECK(kmeans(data.view(), 4, {.most_per_centroid = 5000}) == all); // no limit that counts
    CHECK(kmeans(data.view(), 4, {.most_per_centroid = 50}) != all);
    CHECK(kmeans(data.view(), 4, {.most_per_centroid = 0}).size() == 32); // one row each at least
}
