// SPDX-License-Identifier: BSL-1.0
#include <weft/embedded.hpp>
#include <weft/pool/connection_pool.hpp>
#include <weft/testing/temporary_directory.hpp>

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <thread>
#include <vector>

namespace {

using database_pool = weft::connection_pool<weft::embedded::database>;

} // namespace

TEST_CASE("Threads share a database in a file") {
    const weft::testing::temporary_directory directory;
    const std::string path = directory / "pooled.db";
    database_pool pool([&] { return weft::embedded::database(path); }, {.max_size = 3});
    pool.acquire()->execute("CREATE TABLE counts(n INTEGER)");
    pool.acquire()->execute("INSERT INTO counts VALUES (0)");
    std::atomic<int> failures{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 25; ++i) {
                try {
                    pool.acquire()->execute("UPDATE counts SET n = n + 1");
                } catch (const weft::error&) {
                    ++failures;
                }
            }
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(failures == 0);
    CHECK(pool.acquire()->query_value<int>("SELECT n FROM counts") == 200);
    CHECK(pool.statistics().created <= 3);
    CHECK(pool.close());
}

TEST_CASE("A transaction left open does not reach the next lease") {
    const weft::testing::temporary_directory directory;
    const std::string path = directory / "pooled.db";
    database_pool pool([&] { return weft::embedded::database(path); }, {.max_size = 1});
    pool.acquire()->execute("CREATE TABLE t(n INTEGER)");
    {
        auto db = pool.acquire();
        db->execute("BEGIN");
        db->execute("INSERT INTO t VALUES (1)");
        CHECK(db->has_transaction());
    }
    CHECK_FALSE(pool.acquire()->has_transaction());
    CHECK(pool.acquire()->query_value<int>("SELECT count(*) FROM t") == 0);
    CHECK(pool.statistics().created == 1);
}

TEST_CASE("A database that was closed is not leased again") {
    const weft::testing::temporary_directory directory;
    const std::string path = directory / "pooled.db";
    database_pool pool([&] { return weft::embedded::database(path); });
    pool.acquire()->close();
    CHECK(pool.acquire()->is_open());
    CHECK(pool.statistics().closed_broken == 1);
}

TEST_CASE("A database that cannot be opened is the error of the acquire") {
    const weft::testing::temporary_directory directory;
    database_pool pool([&] { return weft::embedded::database(directory / "missing/pooled.db"); });
    CHECK_THROWS_AS(pool.acquire(), weft::operational_error);
    CHECK(pool.statistics().connect_failures == 1);
}
