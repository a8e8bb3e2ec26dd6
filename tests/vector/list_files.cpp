// SPDX-License-Identifier: BSL-1.0
#include "../message_of.hpp"
#include "points.hpp"

#include <weft/testing/temporary_directory.hpp>
#include <weft/vector/flat_file.hpp>
#include <weft/vector/trained_file.hpp>

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

using namespace weft::vector;

namespace {

std::vector<char> read_all(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}
void write_all(const std::string& path, const std::vector<char>& bytes) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

template <class Index>
Index make(bool keep) {
    const trained_options options{.lists = 6, .probes = 3, .keep_vectors = keep, .training = {.iterations = 2}};
    if constexpr (std::is_constructible_v<Index, std::size_t, std::size_t, trained_options>)
        return Index(16, 4, options);
    else if constexpr (std::is_constructible_v<Index, std::size_t, trained_options>)
        return Index(16, options);
    else
        return Index(16);
}

template <class Index>
void compare(const Index& a, const Index& b, const points& queries) {
    CHECK(a.size() == b.size());
    for (std::size_t q = 0; q < queries.size(); ++q) CHECK(a.search(queries[q], 20) == b.search(queries[q], 20));
    for (std::uint64_t id = 0; id < 20; ++id) {
        CHECK(a.contains(id) == b.contains(id));
        if (a.contains(id)) CHECK(a.at(id) == b.at(id));
    }
}

} // namespace

TEMPLATE_TEST_CASE("indexes come back from files as they were, and go on living", "", (flat<l2>), (flat<cosine, int8>),
                   (flat<l1, codes_only<bf16>>), (ivf<linf>), (ivf<cosine, f16>), (pq<l2, 8>), (pq<cosine, 4>),
                   (ivf_pq<inner_product, 8>), (ivf_pq<l2, 4>)) {
    const weft::testing::temporary_directory directory;
    const std::string path = (directory.path() / "index").string();
    const points data(400, 16);
    const points queries(10, 16, 2);
    for (const bool keep : {false, true}) {
        TestType index = make<TestType>(keep);
        const auto round_trip = [&] {
            save_index(index, path);
            TestType back = open_index<TestType>(path, {.verify = true});
            compare(index, back, queries);
            return back;
        };
        round_trip();
        index.insert_many(data.view());
        index.erase(3);
        round_trip();
        if constexpr (requires { index.train(); }) {
            index.train();
            index.erase(4);
            CHECK(round_trip().is_trained());
        }
        TestType back = round_trip();
        for (auto* each : {&index, &back}) {
            each->insert(7, data[0]);
            each->insert(1000, data[1]);
            each->erase(11);
            each->insert(3, data[3]);
        }
        compare(index, back, queries);
        save_index(back, path);
        compare(open_index<TestType>(path), index, queries);
    }
}

TEST_CASE("an index in a file of another kind is refused") {
    const weft::testing::temporary_directory directory;
    const std::string path = (directory.path() / "index").string();
    const points data(300, 16);
    flat<l2> index(16);
    index.insert_many(data.view());
    save_index(index, path);
    const auto refusal = [&]<class Index>(std::type_identity<Index>) {
        return message_of<weft::data_error>([&] { static_cast<void>(open_index<Index>(path)); });
    };
    const std::string begin = "index file '" + path + "': ";
    CHECK(refusal(std::type_identity<flat<cosine>>{}) == begin + "its metric is l2, not cosine");
    CHECK(refusal(std::type_identity<flat<l2, f16>>{}) ==
          begin + "its storage is f32 alone, another one than that of the index");
    CHECK(refusal(std::type_identity<ivf<l2>>{}) ==
          begin + "it has no section 'trained'; it holds another kind of index");
    ivf_pq<l2, 8> lists = make<ivf_pq<l2, 8>>(false);
    lists.insert_many(data.view());
    save_index(lists, path);
    CHECK(refusal(std::type_identity<ivf_pq<l2, 4>>{}) ==
          begin + "its codes are of another kind than those of the index");
    CHECK(refusal(std::type_identity<pq<l2, 8>>{}) == begin + "it has 6 lists; the index has one");
    CHECK(refusal(std::type_identity<ivf<l2>>{}) == begin + "its codes are of another kind than those of the index");
}

TEMPLATE_TEST_CASE("truncated and flipped files are refused, or read without harm", "", (flat<l2>), (ivf<l2>),
                   (ivf_pq<l2, 4>)) {
    const weft::testing::temporary_directory directory;
    const std::string path = (directory.path() / "index").string();
    const std::string broken = (directory.path() / "broken").string();
    const points data(300, 16);
    TestType index = make<TestType>(true);
    index.insert_many(data.view());
    if constexpr (requires { index.train(); }) index.train();
    save_index(index, path);
    const std::vector<char> good = read_all(path);
    std::mt19937 random(5);
    for (int i = 0; i < 60; ++i) {
        std::vector<char> bytes = good;
        bytes.resize(i < 30 ? random() % good.size() : good.size() - 1 - random() % 200);
        write_all(broken, bytes);
        CHECK_THROWS_AS(open_index<TestType>(broken), weft::data_error);
    }
    std::size_t refused = 0;
    std::size_t verified_refused = 0;
    for (int i = 0; i < 300; ++i) {
        std::vector<char> bytes = good;
        const std::size_t at = i < 100 ? random() % 8192 % good.size() : random() % good.size();
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
        write_all(broken, bytes);
        try { // unverified: what a damaged file yields may be wrong, but it is something
            TestType damaged = open_index<TestType>(broken);
            static_cast<void>(damaged.search(data[5], 10));
            damaged.erase(random() % 300);
            damaged.insert(random() % 400, data[1]);
            static_cast<void>(damaged.search(data[6], 400));
        } catch (const weft::data_error&) {
            ++refused;
        }
        try { // verified: only bits between the sections may differ, so everything is as it was
            const TestType same = open_index<TestType>(broken, {.verify = true});
            CHECK(same.search(data[5], 400) == index.search(data[5], 400));
            CHECK(same.at(5) == index.at(5));
        } catch (const weft::data_error&) { // and most are refused
            ++verified_refused;
        }
    }
    CHECK(refused > 0);
    CHECK(verified_refused >= refused);
    CHECK(verified_refused > 150);
}
