// SPDX-License-Identifier: BSL-1.0
#include "../message_of.hpp"
#include "points.hpp"

#include <weft/testing/temporary_directory.hpp>
#include <weft/vector/any_index.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace weft::vector;

namespace {

std::string refusal(std::string_view text) {
    return message_of<weft::data_error>([&] { static_cast<void>(parse_index(text)); });
}

} // namespace

TEST_CASE("texts of indexes") {
    CHECK(parse_index("Flat") == index_description{});
    CHECK(parse_index("flat") == index_description{});
    CHECK(parse_index("HNSW") == index_description{.family = index_family::hnsw, .links = 32});
    CHECK(parse_index("HNSW2") == index_description{.family = index_family::hnsw, .links = 2});
    CHECK(parse_index("hnsw032,flat") == index_description{.family = index_family::hnsw, .links = 32});
    CHECK(parse_index("IVF") == index_description{.family = index_family::ivf, .lists = 256});
    CHECK(parse_index("IVF100") == index_description{.family = index_family::ivf, .lists = 100});
    CHECK(parse_index("IVF8,Flat") == index_description{.family = index_family::ivf, .lists = 8});
    CHECK(parse_index("PQ8") == index_description{.family = index_family::pq, .pieces = 8});
    CHECK(parse_index("PQ8x8") == parse_index("PQ8"));
    CHECK(parse_index("PQ8x4fs") == index_description{.family = index_family::pq, .pieces = 8, .bits = 4});
    CHECK(parse_index("IVF256,PQ16") == index_description{.family = index_family::ivf_pq, .lists = 256, .pieces = 16});
    CHECK(parse_index("ivf16,pq4X4,rflat") ==
          index_description{.family = index_family::ivf_pq, .lists = 16, .pieces = 4, .bits = 4, .keep_vectors = true});
    for (const char* text : {"Flat", "HNSW48", "IVF100,Flat", "PQ8", "PQ8x4", "PQ8,RFlat", "IVF16,PQ4x4,RFlat"})
        CHECK(to_text(parse_index(text)) == text);
}

TEST_CASE("wrong texts of indexes are refused with the place") {
    CHECK(refusal("") ==
          "index type '' is not allowed: the end at position 0 is unknown; there are Flat, HNSW, IVF and PQ");
    CHECK(refusal("LSH") ==
          "index type 'LSH' is not allowed: 'LSH' at position 0 is unknown; there are Flat, HNSW, IVF and PQ");
    CHECK(refusal("IVF256,PX16") == "index type 'IVF256,PX16' is not allowed: 'PX16' at position 7 is unknown; there "
                                    "are Flat, HNSW, IVF and PQ");
    CHECK(refusal("PQ") == "index type 'PQ' is not allowed: the end at position 2 should be the number of pieces; PQ "
                           "needs one, as in PQ16");
    CHECK(refusal("HNSW1") ==
          "index type 'HNSW1' is not allowed: '1' at position 4 is no number of links; there can be 2 to 1024");
    CHECK(refusal("IVF0,Flat") ==
          "index type 'IVF0,Flat' is not allowed: '0' at position 3 is no number of lists; there can be 1 to 1000000");
    CHECK(refusal("IVF99999999999999999999999") ==
          "index type 'IVF99999999999999999999999' is not allowed: '99999999999999999999999' at position 3 is no "
          "number of lists; there can be 1 to 1000000");
    CHECK(refusal("PQ8x5") == "index type 'PQ8x5' is not allowed: '5' at position 4 is no number of bits that codes "
                              "can have; there are 4 and 8");
    CHECK(refusal("HNSW32,PQ8") == "index type 'HNSW32,PQ8' is not allowed: 'PQ8' at position 7 cannot follow HNSW");
    CHECK(refusal("PQ8,Flat") == "index type 'PQ8,Flat' is not allowed: 'Flat' at position 4 cannot follow a PQ");
    CHECK(refusal("Flat8") == "index type 'Flat8' is not allowed: '8' at position 4 does not belong there");
    for (const char* text : {"Flat,Flat", "IVF32, Flat", " Flat", "IVF32,PQ8,Flat", "IVF32,", "HNSW32,", "SQ8", "PQ0",
                             "PQ8x", "PQ8x8fs", "IVF32,Flat,Flat", "IVF-1", "HNSW3.5", "PQ8,RFlat,RFlat", ",", "Flat,"})
        CHECK_FALSE(refusal(text).empty());
}

TEST_CASE("indexes from text find, change and come back from files") {
    const weft::testing::temporary_directory directory;
    const std::string path = (directory.path() / "index").string();
    const points data(300, 16);
    const points queries(10, 16, 2);
    const any_options options{.trained = {.probes = 8, .training = {.iterations = 2}}};
    struct a_case {
        const char* text;
        const char* metric;
        double recall;
    };
    for (const a_case& each : {a_case{"Flat", "L2", 1}, a_case{"HNSW16", "COS", 0.95}, a_case{"HNSW", "linf", 0.95},
                               a_case{"IVF8", "InnerProduct", 1}, a_case{"IVF8,Flat", "L1", 1},
                               a_case{"PQ8,RFlat", "IP", 0.9}, a_case{"PQ8x4,RFlat", "cosine", 0.8},
                               a_case{"IVF4,PQ8", "euclidean", 0.5}, a_case{"IVF4,PQ16x4,RFlat", "L1", 0.8}}) {
        INFO(each.text << ' ' << each.metric);
        any_index index = make_index(16, each.text, each.metric, options);
        CHECK(index.text() == to_text(parse_index(each.text)));
        CHECK(index.metric() == parse_metric(each.metric));
        CHECK(index.dimension() == 16);
        CHECK(index.empty());
        index.insert_many(data.view());
        CHECK(index.is_trained() == (index.least_training() == 0));
        if (!index.is_trained()) CHECK(index.least_training() <= 256);
        index.train();
        CHECK(index.is_trained());
        std::size_t found = 0;
        const auto recall = [&](const any_index& of) {
            found = 0;
            for (std::size_t q = 0; q < queries.size(); ++q)
                found += hits(true_neighbours(of.metric(), data, queries[q], 10, [](std::size_t) { return true; }),
                              of.search(queries[q], 10, {.ef = 100}));
            return static_cast<double>(found) / static_cast<double>(10 * queries.size());
        };
        CHECK(recall(index) >= each.recall);
        const auto together = index.search_many(queries.view(), 10, {.ef = 100}, {.threads = 2});
        REQUIRE(together.size() == queries.size());
        for (std::size_t q = 0; q < queries.size(); ++q)
            CHECK(together[q] == index.search(queries[q], 10, {.ef = 100}));
        save_index(index, path);
        any_index back = open_any_index(path, {.verify = true});
        CHECK(back.text() == index.text());
        CHECK(back.metric() == index.metric());
        CHECK(back.search(queries[0], 10) == index.search(queries[0], 10));
        CHECK(back.at(5) == index.at(5));
        CHECK(back.erase(5));
        CHECK_FALSE(back.contains(5));
        CHECK(back.size() == 299);
        back.insert(5, data[5]);
        for (const neighbour& near : back.search(queries[1], 5, [](std::uint64_t id) { return id > 200; }))
            CHECK(near.id > 200);
        const float radius = back.search(queries[2], 3)[2].distance;
        CHECK_FALSE(back.range_search(queries[2], radius).empty());
    }
}

TEST_CASE("what cannot be made from text") {
    CHECK(message_of<weft::not_supported_error>([] { static_cast<void>(make_index(16, "PQ8", "Linf")); }) ==
          "index 'PQ8' has no metric linf; product quantisers have l2, inner_product, cosine and l1");
    CHECK_THROWS_AS(make_index(16, "Flat", "hamming"), weft::not_supported_error);
    CHECK_THROWS_AS(make_index(16, "Flat", "Canberra"), weft::data_error);
    CHECK_THROWS_AS(make_index(16, "PQ5", "L2"), weft::programming_error);
    CHECK_THROWS_AS(make_index(0, "Flat", "L2"), weft::programming_error);
    const any_index own{flat<l2>(4)};
    CHECK(own.text().empty());
    CHECK_THROWS_AS(save_index(own, "never"), weft::programming_error);
    const weft::testing::temporary_directory directory;
    const std::string path = (directory.path() / "index").string();
    save_index(flat<l2>(4), path);
    CHECK(message_of<weft::data_error>([&] { static_cast<void>(open_any_index(path)); }) ==
          "index file '" + path + "': it has no section 'text'");
}
