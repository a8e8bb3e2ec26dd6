// SPDX-License-Identifier: BSL-1.0

#include "files.hpp"
#include "points.hpp"

#include "../message_of.hpp"

#include <weft/testing/temporary_directory.hpp>
#include <weft/vector/hnsw_file.hpp>

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>

#include <csignal>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

using namespace weft::vector;
using weft::testing::temporary_directory;

namespace {

using small_index = hnsw<l2, int8>;

template <class Index = small_index>
Index built(const points& from) {
    Index index(from.dimension, {.m = 8, .ef_construction = 60, .ef_search = 33, .seed = 3});
    index.insert_many(from.view(), {}, {.threads = 1});
    return index;
}

template <class... Args>
std::string refusal(const std::string& path, const open_options& how = {}) {
    return message_of<weft::data_error>([&] { return open_index<small_index>(path, how); });
}

} // namespace

TEMPLATE_TEST_CASE("An index in a file is the index", "[hnsw_file]", (hnsw<l2, f32>), (hnsw<cosine, f16>),
                   (hnsw<l1, bf16>), (hnsw<inner_product, int8>), (hnsw<cosine, codes_only<int8>>), (hnsw<l2, rabitq>),
                   (hnsw<cosine, codes_only<rabitq>>)) {
    const temporary_directory folder;
    const points from(500, 19);
    TestType index(19, {.m = 5, .ef_construction = 50, .ef_search = 21, .seed = 11});
    std::vector<std::uint64_t> ids(500);
    for (std::size_t i = 0; i < 500; ++i) ids[i] = i * 7919 + 5;
    index.insert_many(from.view(), ids, {.threads = 1});
    for (std::size_t i = 0; i < 40; ++i) index.erase(ids[i]);
    save_index(index, folder / "a.hnsw");
    auto opened = open_index<TestType>(folder / "a.hnsw", {.verify = true});
    CHECK(opened.size() == 460);
    CHECK(opened.dimension() == 19);
    CHECK(opened.options().m == 5);
    CHECK(opened.options().ef_construction == 50);
    CHECK(opened.options().ef_search == 21);
    CHECK(opened.options().seed == 11);
    CHECK(opened.stats().average_connections == index.stats().average_connections);
    CHECK(opened.contains(ids[77]));
    CHECK_FALSE(opened.contains(ids[7]));
    CHECK(opened.at(ids[77]) == index.at(ids[77]));
    for (std::size_t q = 0; q < 30; ++q) CHECK(opened.search(from[q], 10) == index.search(from[q], 10));

    // It goes on as the index would have, and the file stays as it was.
    const std::string before = read_file(folder / "a.hnsw");
    for (std::size_t i = 0; i < 100; ++i) {
        opened.insert(ids[i], from[i]);
        index.insert(ids[i], from[i]);
    }
    opened.erase(ids[200]);
    index.erase(ids[200]);
    CHECK(opened.size() == index.size());
    for (std::size_t q = 0; q < 30; ++q)
        CHECK(opened.search(from[q], 10, {.ef = 100}) == index.search(from[q], 10, {.ef = 100}));
    CHECK(read_file(folder / "a.hnsw") == before);
    save_index(opened, folder / "a.hnsw");
    CHECK(open_index<TestType>(folder / "a.hnsw").contains(ids[3]));
}

TEST_CASE("An empty index has a file too", "[hnsw_file]") {
    const temporary_directory folder;
    save_index(small_index(4), folder / "empty");
    auto opened = open_index<small_index>(folder / "empty", {.verify = true});
    CHECK(opened.search(std::vector<float>(4), 3).empty());
    opened.insert(9, std::vector<float>{1, 2, 3, 4});
    CHECK(opened.search(std::vector<float>(4), 3).size() == 1);
}

TEST_CASE("A file of another index or none is refused with the reason", "[hnsw_file]") {
    const temporary_directory folder;
    const std::string path = folder / "x";
    CHECK(message_of<weft::operational_error>([&] { return open_index<small_index>(path); }) ==
          "cannot open '" + path + "': No such file or directory");
    CHECK(message_of<weft::operational_error>([&] {
              return open_index<small_index>(folder.path().string());
          }).ends_with("it is no regular file"));
    for (const std::string content :
         {"", "abc", "SQLite format 3 and so on and on and on and on and on and on and on and on"}) {
        write_file(path, content);
        CHECK(refusal(path) == "index file '" + path + "': it is no weft index file");
    }
    const points from(50, 5);
    save_index(built(from), path);
    CHECK(message_of<weft::data_error>([&] { return open_index<hnsw<cosine, int8>>(path); }) ==
          "index file '" + path + "': its metric is l2, not cosine");
    CHECK(message_of<weft::data_error>([&] { return open_index<hnsw<l2, f16>>(path); }) ==
          "index file '" + path + "': its storage is int8 with vectors, another one than that of the index");

    const std::string good = read_file(path);
    std::string other = good; // a file of a later version, correctly sealed
    other[8] = 2;
    detail::file_header header;
    std::memcpy(&header, other.data(), sizeof header);
    header.seal();
    std::memcpy(other.data(), &header, sizeof header);
    write_file(path, other);
    CHECK(refusal(path) == "index file '" + path + "': it is of version 2; this program reads version 1");

    for (const std::size_t length : {100UL, 4000UL, 4200UL, good.size() / 2, good.size() - 1}) {
        write_file(path, good.substr(0, length));
        CHECK(refusal(path).find("truncated") != std::string::npos);
    }
    index_file_writer empty(path);
    empty.add("other", {});
    empty.commit();
    CHECK(refusal(path) == "index file '" + path + "': it has no HNSW index");
}

TEMPLATE_TEST_CASE("Every flipped bit is found by verify, and searches survive those that are not looked for",
                   "[hnsw_file]", (small_index), (hnsw<l2, rabitq>)) {
    const temporary_directory folder;
    const std::string path = folder / "x";
    const points from(60, 5);
    save_index(built<TestType>(from), path);
    const std::string good = read_file(path);
    std::mt19937 random(1);
    std::size_t searched = 0;
    const auto flip = [&](std::size_t byte) {
        std::string bad = good;
        bad[byte] = static_cast<char>(bad[byte] ^ (1 << random() % 8));
        write_file(path, bad);
        bool refused = false;
        try {
            const auto index = open_index<TestType>(path, {.verify = true});
        } catch (const weft::data_error&) {
            refused = true;
        }
        try {
            auto index = open_index<TestType>(path);
            for (std::size_t q = 0; q < 5; ++q) CHECK(index.search(from[q], 10).size() <= 10);
            static_cast<void>(index.range_search(from[0], 3));
            static_cast<void>(index.stats());
            index.insert(1000, from[0]); // all of it is copied, after a check
            index.erase(1000);
            ++searched;
        } catch (const weft::data_error&) {}
        return refused;
    };
    const index_file file(path);
    for (const std::string& name : file.names()) {
        const auto bytes = file.section(name);
        const auto begin = static_cast<std::size_t>(bytes.data() - file.section("hnsw").data()) + 4096;
        REQUIRE(std::memcmp(good.data() + begin, bytes.data(), bytes.size()) == 0);
        for (std::size_t i = 0; i < bytes.size(); i += 1 + bytes.size() / 97) CHECK(flip(begin + i));
    }
    for (std::size_t byte = 0; byte < 64; ++byte) CHECK(flip(byte)); // the header
    CHECK(searched > 200);
}

TEST_CASE("Sections are appended, replaced, and seen by who opens the file afterwards", "[file]") {
    const temporary_directory folder;
    const std::string path = folder / "x";
    const points from(50, 5);
    save_index(built(from), path);
    const index_file before(path);
    const auto text = [](const index_file& file, const char* name) {
        const auto bytes = file.section(name);
        return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    };
    const auto append = [&](const char* name, const std::string& value) {
        append_section(path, name, std::as_bytes(std::span(value.data(), value.size())));
    };
    append("meta:model", "one");
    append("meta:note", std::string(100000, 'n'));
    append("meta:model", "two");
    const index_file after(path);
    CHECK(after.generation() == 4);
    CHECK(text(after, "meta:model") == "two");
    CHECK(text(after, "meta:note") == std::string(100000, 'n'));
    CHECK_FALSE(before.has("meta:model"));
    after.verify();
    before.verify();
    CHECK(open_index<small_index>(path).size() == 50);
    CHECK(message_of<weft::data_error>([&] { return before.section("meta:model"); }) ==
          "index file '" + path + "': it has no section 'meta:model'");
    CHECK(message_of<weft::programming_error>([&] {
              append("", "x");
              return 0;
          }).find("1 to 32 bytes") != std::string::npos);

    // A crash while the last header was written leaves the state before.
    std::string torn = read_file(path);
    torn[64 + 20] = static_cast<char>(torn[64 + 20] ^ 0x55); // generation 4 is in the second place
    write_file(path, torn);
    CHECK(index_file(path).generation() == 3);
    CHECK(text(index_file(path), "meta:model") == "one");
}

TEST_CASE("A file is the old one or the new one, whenever the writer dies", "[file]") {
    const temporary_directory folder;
    const std::string path = folder / "x";
    save_index(built(points(50, 5)), path);
    const small_index other = built(points(70, 5, 2));
    for (int round = 0; round < 12; ++round) {
        const pid_t child = ::fork();
        if (child == 0) {
            for (;;) save_index(other, path);
        }
        ::usleep(static_cast<useconds_t>(500 + round * 700));
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        const auto opened = open_index<small_index>(path, {.verify = true});
        CHECK((opened.size() == 50 || opened.size() == 70));
    }
    std::size_t left = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        static_cast<void>(entry);
        ++left;
    }
    CHECK(left <= 13); // the file, and what the killed ones could not remove
}

TEST_CASE("What is not committed leaves nothing", "[file]") {
    const temporary_directory folder;
    {
        index_file_writer writer(folder / "x");
        writer.add("a", {});
        CHECK(message_of<weft::programming_error>([&] {
                  writer.add("a", {});
                  return 0;
              }) == "two sections 'a' in one file");
    }
    CHECK(std::filesystem::is_empty(folder.path()));
    CHECK(message_of<weft::operational_error>([&] {
              return index_file_writer(folder / "no/x").commit(), 0;
          }).starts_with("cannot create '"));
}
