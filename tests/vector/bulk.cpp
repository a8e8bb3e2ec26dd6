// SPDX-License-Identifier: BSL-1.0

#include "files.hpp"
#include "points.hpp"

#include "../message_of.hpp"

#include <weft/testing/temporary_directory.hpp>
#include <weft/vector/bulk.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

using namespace weft::vector;
using weft::testing::temporary_directory;

TEST_CASE("Bulk build, info and query, for every metric and storage", "[bulk]") {
    const temporary_directory folder;
    const std::string path = folder / "a.hnsw";
    const points from(1200, 24);
    const points queries(20, 24, 2);
    std::vector<std::uint64_t> ids(from.size());
    for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = 1000 + i;
    for (const metric_kind metric : {metric_kind::cosine, metric_kind::l2, metric_kind::inner_product})
        for (const code_kind storage : {code_kind::int8, code_kind::f32}) {
            std::vector<std::size_t> told;
            const auto progress = [&](std::size_t done, std::size_t total) {
                CHECK(total == 1200);
                told.push_back(done);
            };
            const auto stats = bulk_build_index(
                from.view(), path,
                {.ids = ids, .batch_size = 500, .metric = metric, .storage = storage, .progress = progress});
            CHECK(stats.vectors == 1200);
            CHECK(stats.dimension == 24);
            CHECK(stats.elapsed_seconds > 0);
            CHECK(stats.rate > 0);
            CHECK(stats.index_size_bytes == std::filesystem::file_size(path));
            CHECK(told == std::vector<std::size_t>{500, 1000, 1200});
            const auto info = bulk_info(path);
            CHECK(info.vectors == 1200);
            CHECK(info.dimension == 24);
            CHECK(info.metric == metric);
            CHECK(info.storage == storage);
            CHECK(info.m == 16);
            CHECK(info.ef_construction == 100);
            CHECK(info.max_layer >= 1);
            CHECK(info.avg_connections > 4);
            CHECK(info.index_size_bytes == stats.index_size_bytes);
            std::size_t found = 0;
            for (std::size_t q = 0; q < queries.size(); ++q) {
                auto truth = true_neighbours(metric, from, queries[q], 10, [](std::size_t) { return true; });
                for (neighbour& n : truth) n.id += 1000;
                const auto got = bulk_query_index(path, queries[q], 10, {.ef_search = 150, .verify = q == 0});
                CHECK(got.size() == 10);
                found += hits(truth, got);
            }
            CHECK(found >= 194);
        }
}

TEST_CASE("The width of a query is honoured", "[bulk]") {
    const temporary_directory folder;
    const points from(3000, 48);
    const points queries(60, 48, 2);
    bulk_build_index(from.view(), folder / "a", {.m = 4, .ef_construction = 20, .threads = 1});
    const auto found_with = [&](std::size_t ef) {
        std::size_t found = 0;
        for (std::size_t q = 0; q < queries.size(); ++q)
            found += hits(true_neighbours(metric_kind::cosine, from, queries[q], 3, [](std::size_t) { return true; }),
                          bulk_query_index(folder / "a", queries[q], 3, {.ef_search = ef}));
        return found;
    };
    CHECK(found_with(1) < found_with(400));
}

TEST_CASE("Orderings name every row once, and ids follow their vectors", "[bulk]") {
    const temporary_directory folder;
    for (const std::size_t rows : {0U, 1U, 2U, 5U, 1023U, 1025U, 3000U}) {
        const points from(rows, 9);
        for (const ordering each : {ordering::random_projection, ordering::kmeans, ordering::block}) {
            const std::vector<std::size_t> order = insertion_order(from.view(), each, 3);
            std::vector<bool> seen(rows, false);
            for (const std::size_t row : order) seen[row] = true;
            CHECK(order.size() == rows);
            CHECK(std::count(seen.begin(), seen.end(), true) == static_cast<std::ptrdiff_t>(rows));
            CHECK(order == insertion_order(from.view(), each, 3));
            if (rows > 1025) CHECK_FALSE(std::is_sorted(order.begin(), order.end()));
        }
        CHECK(insertion_order(from.view(), ordering::none).empty());
    }
    const points from(1500, 9);
    std::vector<std::uint64_t> ids(1500);
    for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = 5 * i + 1;
    for (const char* name : {"rp", "random_projection", "kmeans", "coarse_kmeans", "block", "none"})
        for (const bool named : {false, true}) {
            bulk_build_index(from.view(), folder / "a",
                             {.ids = named ? std::span<const std::uint64_t>(ids) : std::span<const std::uint64_t>(),
                              .order = parse_ordering(name)});
            for (const std::size_t row : {0U, 1U, 777U, 1499U}) {
                const auto found = bulk_query_index(folder / "a", from[row], 1);
                CHECK(found.at(0).id == (named ? ids[row] : row));
            }
        }
    CHECK_THROWS_AS(parse_ordering("RP"), weft::data_error);
}

TEST_CASE("Statistics of a build by their other names", "[bulk]") {
    const bulk_build_stats stats{.elapsed_seconds = 2, .index_size_bytes = 3 << 19};
    CHECK(stats.elapsed_secs() == 2.0);
    CHECK(stats.output_size_mb() == 1.5);
}

TEST_CASE("Nothing, one vector, and more wanted than there are", "[bulk]") {
    const temporary_directory folder;
    CHECK(bulk_build_index({nullptr, 0, 7}, folder / "none").vectors == 0);
    CHECK(bulk_query_index(folder / "none", std::vector<float>(7), 3).empty());
    CHECK(bulk_info(folder / "none").vectors == 0);
    const std::vector<float> one{3, 4};
    CHECK(bulk_build_index({one.data(), 1, 2}, folder / "one", {.metric = metric_kind::l2}).vectors == 1);
    CHECK(bulk_query_index(folder / "one", std::vector<float>{0, 0}, 10) == std::vector<neighbour>{{0, 25}});
    CHECK(bulk_query_index(folder / "one", std::vector<float>{0, 0}, 0).empty());
}

TEST_CASE("Bulk refusals name what is wrong, and write nothing", "[bulk]") {
    const temporary_directory folder;
    const std::string path = folder / "a";
    std::vector<float> rows{1, 2, 3, 4, 5, std::numeric_limits<float>::quiet_NaN()};
    const auto build = [&](std::size_t count, std::size_t dimension, const bulk_build_options& how = {}) {
        return message_of<weft::error>([&] { return bulk_build_index({rows.data(), count, dimension}, path, how); });
    };
    CHECK(build(3, 2) == "row 2: number 1 is NaN");
    CHECK(build(3, 0) == "Invalid argument: Dimension cannot be 0");
    const std::vector<std::uint64_t> ids{4, 4};
    CHECK(build(2, 2, {.ids = ids}) == "Duplicate ID 4: rows 0 and 1");
    CHECK(build(1, 2, {.ids = ids}) == "IDs length (2) != vectors (1)");
    CHECK(build(2, 2, {.m = 0}) == "M cannot be 0");
    CHECK(build(2, 2, {.metric = metric_kind::linf}) == "this program has no index for linf over int8 with vectors");
    std::stop_source stop;
    stop.request_stop();
    CHECK(build(2, 2, {.stop = stop.get_token()}) == "the build of '" + path + "' was cancelled");
    CHECK(std::filesystem::is_empty(folder.path()));
    bulk_build_index({rows.data(), 2, 2}, path);
    CHECK(message_of<weft::data_error>([&] { return bulk_query_index(path, std::vector<float>{1}); }) ==
          "Query dimension mismatch: expected 2, got 1");
    CHECK(message_of<weft::not_supported_error>([&] {
              return bulk_query_index<index_types<hnsw<l2>>>(path, std::vector<float>{1, 2});
          }) == "this program has no index for cosine over int8 with vectors");
}
