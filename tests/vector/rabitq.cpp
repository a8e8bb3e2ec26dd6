// SPDX-License-Identifier: BSL-1.0

#include "points.hpp"

#include <weft/vector/detail/rabitq.hpp>
#include <weft/vector/detail/rotation.hpp>
#include <weft/vector/hnsw.hpp>

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>
#include <vector>

using namespace weft::vector;

namespace {

double product(const std::vector<float>& a, const std::vector<float>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
    return sum;
}

std::vector<float> normal(std::size_t dimension, std::mt19937& random, float size = 1) {
    std::normal_distribution<float> draw(0, size);
    std::vector<float> v(dimension);
    for (float& x : v) x = draw(random);
    return v;
}

// A vertex with neighbours around it, as an index keeps them.
template <class Metric>
struct neighbourhood {
    using codec = detail::codec<Metric, code_kind::rabitq>;

    neighbourhood(std::size_t dimension, std::size_t links)
        : codes(dimension), ways(codes, links), rows((links + 1) * codes.stride()), block(ways.stride()), at(codes),
          to(codes), query(codes) {
        ways.clear(block.data());
    }
    void set(std::uint32_t slot, const std::vector<float>& values) {
        codes.encode(at, values.data(), rows.data() + slot * codes.stride());
    }
    void renew(const std::vector<std::uint32_t>& list) {
        ways.renew(codes, rows.data(), 0, list.data(), list.size(), block.data(), at, to);
    }
    std::vector<float> estimates(const std::vector<float>& from, float* exact) {
        codes.aim(query, from.data());
        const std::uint32_t vertex = 0;
        codes.distances(query, rows.data(), &vertex, 1, exact);
        std::vector<float> found(ways.places());
        ways.estimate(query, block.data(), *exact, found.data());
        return found;
    }

    codec codes;
    detail::neighbour_codes<Metric> ways;
    std::vector<std::byte> rows;
    std::vector<std::byte> block;
    typename codec::probe at;
    typename codec::probe to;
    typename codec::probe query;
};

template <class Metric, std::size_t Dimension>
struct setting {
    using metric = Metric;
    static constexpr std::size_t dimension = Dimension;
};

} // namespace

TEST_CASE("A rotation keeps lengths and angles, and can be turned back", "[rabitq]") {
    std::mt19937 random(1);
    for (const std::size_t dimension : {1U, 2U, 63U, 64U, 65U, 100U, 128U, 129U, 191U, 192U, 300U, 768U, 960U, 1100U}) {
        const detail::rotation turn(dimension);
        CHECK(turn.padded() % 64 == 0);
        CHECK(turn.padded() - dimension < 64);
        const std::vector<float> a = normal(dimension, random);
        const std::vector<float> b = normal(dimension, random);
        std::vector<float> ra(turn.padded());
        std::vector<float> rb(turn.padded());
        turn.apply(a.data(), ra.data());
        turn.apply(b.data(), rb.data());
        const double room = 1e-5 * std::sqrt(product(a, a) * product(b, b));
        CHECK(std::fabs(product(ra, rb) - product(a, b)) <= room);
        CHECK(std::fabs(product(ra, ra) - product(a, a)) <= 1e-5 * product(a, a));
        turn.revert(ra.data());
        for (std::size_t i = 0; i < turn.padded(); ++i)
            CHECK(std::fabs(ra[i] - (i < dimension ? a[i] : 0)) <= 1e-5F * static_cast<float>(1 + std::fabs(ra[i])));
    }
}

TEST_CASE("A rotation makes the numbers of any vector alike", "[rabitq]") {
    for (const std::size_t dimension : {128U, 768U, 960U, 1536U}) {
        const detail::rotation turn(dimension);
        for (const std::size_t place : {std::size_t{0}, dimension / 2, dimension - 1}) {
            std::vector<float> spike(dimension);
            spike[place] = 1;
            std::vector<float> turned(turn.padded());
            turn.apply(spike.data(), turned.data());
            float largest = 0;
            for (const float x : turned) largest = std::max(largest, std::fabs(x));
            CHECK(largest <= 6 / std::sqrt(static_cast<float>(dimension)));
        }
    }
}

TEMPLATE_TEST_CASE("Estimates are right on average, and off by what the paper says", "[rabitq]", (setting<l2, 128>),
                   (setting<l2, 1536>), (setting<inner_product, 300>), (setting<cosine, 768>), (setting<l2, 5000>)) {
    constexpr std::size_t dimension = TestType::dimension;
    using metric = typename TestType::metric;
    std::mt19937 random(3);
    const std::size_t links = 40; // two blocks of 32, of which the second has gaps
    neighbourhood<metric> here(dimension, links);
    CHECK(here.ways.places() == 64);
    const auto shape = [&](std::vector<float> v) { // as an index would keep it
        std::vector<float> kept(dimension);
        detail::prepare<metric>(v.data(), dimension, kept.data());
        return kept;
    };
    const std::vector<float> centre = normal(dimension, random);
    std::vector<std::vector<float>> vectors{shape(centre)};
    std::vector<std::uint32_t> list;
    for (std::uint32_t i = 1; i <= links; ++i) {
        std::vector<float> v = normal(dimension, random, 0.5F);
        for (std::size_t j = 0; j < dimension; ++j) v[j] += centre[j];
        vectors.push_back(shape(v));
        list.push_back(i);
    }
    for (std::uint32_t i = 0; i <= links; ++i) here.set(i, vectors[i]);
    here.renew(list);
    double sum = 0;
    double squares = 0;
    double allowed = 0;
    std::size_t count = 0;
    for (int q = 0; q < 30; ++q) {
        std::vector<float> query = normal(dimension, random, 0.6F);
        for (std::size_t j = 0; j < dimension; ++j) query[j] += centre[j];
        query = shape(query);
        float exact = 0;
        const auto estimates = here.estimates(query, &exact);
        CHECK(std::fabs(exact - true_distance(metric::kind, vectors[0], query)) <= 0.02 * (1 + std::fabs(exact)));
        double way = 0; // |q - c|
        for (std::size_t j = 0; j < dimension; ++j) way += std::pow(query[j] - vectors[0][j], 2);
        for (std::size_t place = 0; place < here.ways.places(); ++place) {
            const std::uint32_t slot = here.ways.ids(here.block.data())[place];
            if (slot == detail::no_slot) continue;
            double step = 0; // |o - c|
            for (std::size_t j = 0; j < dimension; ++j) step += std::pow(vectors[slot][j] - vectors[0][j], 2);
            const double error =
                estimates[place] - exact -
                (true_distance(metric::kind, vectors[slot], query) - true_distance(metric::kind, vectors[0], query));
            const double unit = (metric::kind == metric_kind::l2 ? 2 : 1) * std::sqrt(way * step / dimension);
            sum += error / unit;
            squares += error * error;
            allowed += unit * unit;
            ++count;
        }
    }
    CHECK(count == 30 * links);
    CHECK(std::fabs(sum / static_cast<double>(count)) <= 0.1);
    // The standard error of one bit a number is sqrt(pi / 2 - 1) = 0.76 of the unit; codes of rows and tables add some.
    CHECK(std::sqrt(squares / allowed) <= 0.85);
    CHECK(std::sqrt(squares / allowed) >= 0.5);
}

TEST_CASE("A block keeps the neighbours that stay where they are", "[rabitq]") {
    std::mt19937 random(4);
    neighbourhood<l2> here(70, 8);
    for (std::uint32_t i = 0; i <= 8; ++i) here.set(i, normal(70, random));
    const auto members = [&] {
        std::set<std::uint32_t> found;
        for (std::size_t i = 0; i < here.ways.places(); ++i)
            if (here.ways.ids(here.block.data())[i] != detail::no_slot) {
                CHECK(found.insert(here.ways.ids(here.block.data())[i]).second);
            }
        return found;
    };
    here.renew({1, 2, 3, 4, 5});
    CHECK(members() == std::set<std::uint32_t>{1, 2, 3, 4, 5});
    const auto before = here.block;
    here.renew({5, 1, 3, 2, 4}); // another order is nothing new
    CHECK(here.block == before);
    here.renew({8, 4, 2, 6});
    CHECK(members() == std::set<std::uint32_t>{2, 4, 6, 8});
    const std::vector<float> query = normal(70, random);
    float exact = 0;
    const auto some = here.estimates(query, &exact);
    neighbourhood<l2> other(70, 8); // made at once it estimates the same
    other.rows = here.rows;
    other.renew({2, 4, 6, 8});
    const auto same = other.estimates(query, &exact);
    for (std::size_t i = 0; i < 32; ++i)
        for (std::size_t j = 0; j < 32; ++j)
            if (here.ways.ids(here.block.data())[i] != detail::no_slot &&
                here.ways.ids(here.block.data())[i] == other.ways.ids(other.block.data())[j])
                CHECK(some[i] == same[j]);
    here.renew({});
    CHECK(members().empty());
}

TEST_CASE("A few large numbers do not hide the others from rotated codes", "[rabitq]") {
    points from(1500, 64);
    points queries(40, 64, 2);
    for (points* some : {&from, &queries})
        for (std::size_t i = 0; i < some->size(); ++i) some->data[i * 64 + 7] = 400; // the same in all
    const auto recall = [&](auto index) {
        index.insert_many(from.view(), {}, {.threads = 1});
        std::size_t found = 0;
        for (std::size_t q = 0; q < queries.size(); ++q)
            found += hits(true_neighbours(metric_kind::l2, from, queries[q], 10, [](std::size_t) { return true; }),
                          index.search(queries[q], 10, {.ef = 100}));
        return static_cast<double>(found) / 400;
    };
    const double rotated = recall(hnsw<l2, rabitq>(64, {.ef_construction = 100}));
    CHECK(rotated > recall(hnsw<l2, int8>(64, {.ef_construction = 100})) + 0.1);
}

TEST_CASE("Vectors that come one by one are found like those that come together", "[rabitq]") {
    const points from(2000, 48);
    const points queries(50, 48, 2);
    const auto recall = [&](const hnsw<l2, rabitq>& index) {
        std::size_t found = 0;
        for (std::size_t q = 0; q < queries.size(); ++q)
            found += hits(true_neighbours(metric_kind::l2, from, queries[q], 10, [](std::size_t) { return true; }),
                          index.search(queries[q], 10, {.ef = 80}));
        return static_cast<double>(found) / 500;
    };
    hnsw<l2, rabitq> together(48, {.ef_construction = 100});
    together.insert_many(from.view(), {}, {.threads = 1});
    hnsw<l2, rabitq> alone(48, {.ef_construction = 100});
    for (std::size_t i = 0; i < from.size(); ++i) alone.insert(i, from[i]);
    hnsw<l2, rabitq> pieces(48, {.ef_construction = 100}); // the first 1900, then tens
    pieces.insert_many({from.data.data(), 1900, 48}, {}, {.threads = 2});
    for (std::size_t i = 1900; i < 2000; i += 10) {
        std::vector<std::uint64_t> ids;
        for (std::size_t j = 0; j < 10; ++j) ids.push_back(i + j);
        pieces.insert_many({from.data.data() + i * 48, 10, 48}, ids, {.threads = 2});
    }
    CHECK(recall(together) >= 0.97);
    CHECK(recall(alone) >= recall(together) - 0.02);
    CHECK(recall(pieces) >= recall(together) - 0.02);
    CHECK(alone.stats().code_bytes == 2000 * (128 + 32 * (12 + 8)));
    for (std::size_t i = 1900; i < 2000; ++i) CHECK(pieces.search(from[i], 1).front().id == i);
}
