// SPDX-License-Identifier: BSL-1.0
// Searches of several threads beside those that write, and processes that are killed while they insert.
#include <weft/embedded/collection.hpp>

#include "kv_file.hpp"

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <random>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace weft::embedded;

namespace {

using floats = std::vector<float>;

/// Items of one batch have its number, and a place of their own on a line.
std::vector<collection_item> batch(int number, int size) {
    std::vector<collection_item> items;
    for (int i = 0; i < size; ++i)
        items.push_back({std::to_string(number) + "/" + std::to_string(i),
                         {static_cast<float>(number), static_cast<float>(i)},
                         {{"batch", number}},
                         "word" + std::to_string(number)});
    return items;
}

} // namespace

TEST_CASE("collection threads: searches beside writers see whole batches") {
    constexpr int batches = 300;
    constexpr int size = 7;
    kv_file f({.sync_mode = sync_mode::off, .busy_timeout_ms = 60'000});
    const collection c = create_collection(f.db, "c", {.dimension = 2, .metric = weft::vector::metric_kind::l2});
    std::atomic<int> committed{0};
    std::atomic<int> wrong{0};
    std::atomic<bool> stop{false};
    std::vector<std::thread> all;
    for (int reader = 0; reader < 3; ++reader) {
        all.emplace_back([&, reader] {
            std::mt19937 random(static_cast<unsigned>(reader));
            while (!stop) {
                const int done = committed;
                if (done == 0) continue;
                const int which = static_cast<int>(random() % static_cast<unsigned>(done));
                // Odd batches are erased right after they were inserted.
                const collection_search how{.k = 50, .filter = {{"batch", which}}};
                const auto hits = c.search(floats{static_cast<float>(which), 0}, how);
                const std::size_t expected = which % 2 == 0 ? size : 0;
                if (hits.size() != expected) ++wrong;
                const auto near = c.search(floats{static_cast<float>(which), 0}, {.k = size});
                if (which % 2 == 0 && (near.size() != size || near[0].id != std::to_string(which) + "/0")) ++wrong;
            }
        });
    }
    for (int i = 0; i < batches; ++i) {
        f.db.with_transaction([&](kv_transaction& t) {
            const collection in(t, "c");
            in.insert_batch(batch(i, size));
            if (in.search(floats{static_cast<float>(i), 0}, {.k = size})[0].id != std::to_string(i) + "/0") ++wrong;
        });
        if (i % 2 == 1) {
            auto t = f.db.transaction(kv_access::write_now);
            for (int j = 0; j < size; ++j) collection(t, "c").erase(std::to_string(i) + "/" + std::to_string(j));
            t.commit();
        }
        committed = i + 1;
    }
    stop = true;
    for (std::thread& t : all) t.join();
    CHECK(wrong == 0);
    CHECK(c.count() == batches / 2 * size);
}

TEST_CASE("collection threads: a collection becomes a graph while others search") {
    constexpr int size = 500;
    kv_file f({.sync_mode = sync_mode::off, .busy_timeout_ms = 60'000});
    const collection c = create_collection(
        f.db, "c", {.dimension = 2, .metric = weft::vector::metric_kind::l2, .m = 4, .ef_construction = 20});
    constexpr int first = static_cast<int>(collection_exact_up_to) / size - 2;
    for (int i = 0; i < first; ++i) c.insert_batch(batch(i, size));
    std::atomic<int> committed{first};
    std::atomic<int> wrong{0};
    std::atomic<bool> stop{false};
    std::vector<std::thread> all;
    for (int reader = 0; reader < 3; ++reader) {
        all.emplace_back([&, reader] {
            std::mt19937 random(static_cast<unsigned>(reader));
            while (!stop) {
                const int newest = committed - 1;
                const auto hits = c.search(floats{static_cast<float>(newest), static_cast<float>(random() % size)});
                if (hits.size() != 10 || hits[0].score < 0.5) ++wrong;
            }
        });
    }
    for (int i = first; i < first + 6; ++i) {
        c.insert_batch(batch(i, size));
        committed = i + 1;
        if (i % 2 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    while (c.index_stats().vectors < c.count()) c.search(floats{0, 0}); // which takes in what it finds behind
    stop = true;
    for (std::thread& t : all) t.join();
    CHECK(wrong == 0);
    CHECK(c.index_stats().vectors == c.count());
    CHECK(c.index_stats().is_graph);
}

TEST_CASE("collection threads: what another process commits is found") {
    kv_file f({.sync_mode = sync_mode::off});
    int go[2];
    int done[2];
    REQUIRE(::pipe(go) == 0);
    REQUIRE(::pipe(done) == 0);
    const collection_config config{.dimension = 2, .metric = weft::vector::metric_kind::l2};
    create_collection(f.db, "c", config).insert_batch(batch(0, 100));
    const std::string path = f.path();
    f.db.close();
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    char byte = 0;
    if (child == 0) {
        ::close(go[1]); // so that the end of the test ends the child
        kv_database db(path, {.sync_mode = sync_mode::off});
        for (int i = 1; ::read(go[0], &byte, 1) == 1; ++i) {
            const collection c(db, "c");
            c.insert_batch(batch(i, 100));
            for (int j = 0; j < 90; ++j) c.erase(std::to_string(i - 1) + "/" + std::to_string(j));
            if (::write(done[1], &byte, 1) != 1) break;
        }
        ::_exit(0);
    }
    f.reopen();
    const collection c(f.db, "c");
    CHECK(c.search(floats{0, 0}, {.k = 500}).size() == 100);
    for (int i = 1; i <= 6; ++i) {
        auto old = f.db.transaction(kv_access::read_only);
        REQUIRE(::write(go[1], "x", 1) == 1);
        REQUIRE(::read(done[0], &byte, 1) == 1);
        const floats here{static_cast<float>(i), 0};
        CHECK(c.search(here, {.k = 1})[0].id == std::to_string(i) + "/0");
        CHECK(c.search(here, {.k = 5000}).size() == c.count());
        CHECK(c.count() == static_cast<std::uint64_t>(100 + 10 * i));
        const collection before(old, "c");
        CHECK(before.search(here, {.k = 5000}).size() == before.count());
        CHECK(before.count() == static_cast<std::uint64_t>(90 + 10 * i));
    }
    for (const int end : {go[0], go[1], done[0], done[1]}) ::close(end);
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WIFEXITED(status));
}

TEST_CASE("collection torture: killed while it inserts, whole batches are there") {
    const char* wanted = std::getenv("WEFT_TORTURE_ROUNDS");
    const int rounds = wanted == nullptr ? 6 : std::atoi(wanted) / 5;
    constexpr int size = 40;
    std::mt19937 random(5);
    kv_file f({.sync_mode = sync_mode::off});
    create_collection(f.db, "c",
                      {.dimension = 2, .metric = weft::vector::metric_kind::l2, .enable_hybrid_search = true});
    f.db.put("last", "-1");
    const std::string path = f.path();
    f.db.close();
    for (int round = 0; round < rounds; ++round) {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            try {
                kv_database db(path, {.sync_mode = static_cast<sync_mode>(round % 3)});
                for (int i = std::stoi(*db.get("last")) + 1;; ++i) {
                    auto t = db.transaction(kv_access::write_now);
                    collection in(t, "c");
                    in.insert_batch(batch(i, size));
                    if (i >= 10) {
                        for (int j = 0; j < size; ++j) in.erase(std::to_string(i - 10) + "/" + std::to_string(j));
                    }
                    t.put("last", std::to_string(i));
                    t.commit();
                    if (::write(ends[1], &i, sizeof i) != sizeof i) ::_exit(3);
                }
            } catch (const std::exception&) {
                ::_exit(4);
            }
        }
        ::close(ends[1]);
        int said = -1;
        int message = 0;
        if (::read(ends[0], &message, sizeof message) == sizeof message) said = message;
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 40'000));
        ::kill(child, SIGKILL);
        while (::read(ends[0], &message, sizeof message) == sizeof message) said = message;
        ::close(ends[0]);
        int status = 0;
        ::waitpid(child, &status, 0);
        CHECK(WIFSIGNALED(status));

        kv_database db(path, {.sync_mode = sync_mode::off});
        INFO("round " << round);
        REQUIRE(db.check_integrity().empty());
        const int last = std::stoi(*db.get("last"));
        REQUIRE(last >= said);
        const collection c(db, "c");
        REQUIRE(c.count() == static_cast<std::uint64_t>(std::min(last + 1, 10)) * size);
        REQUIRE(c.search(floats{static_cast<float>(last), 0}, {.k = 1000}).size() == c.count());
        REQUIRE(c.search(floats{static_cast<float>(last), 0}, {.k = 1})[0].id == std::to_string(last) + "/0");
        REQUIRE(c.keyword_search("word" + std::to_string(last), {.k = 100}).size() == size);
        REQUIRE(c.keyword_search("word" + std::to_string(last + 1), {.k = 100}).empty());
        if (last >= 10) REQUIRE(c.keyword_search("word" + std::to_string(last - 10)).empty());
    }
}
