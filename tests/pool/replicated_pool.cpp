// SPDX-License-Identifier: BSL-1.0
#include "fake.hpp"

#include <weft/pool/replicated_pool.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>

#include <utility>
#include <vector>

using weft::pool_options;
using weft::role;

namespace {

using fake_pool = weft::connection_pool<fake_connection>;
using routed_pool = weft::replicated_pool<fake_connection>;

struct cluster {
    fake_server primary;
    fake_server replicas[2];

    routed_pool pool(const weft::replica_options& options = {}, std::size_t most = 4) {
        fake_now_ms = 1'000'000;
        const pool_options settings{.max_size = most, .acquire_timeout_ms = 1, .clock_ms = &fake_clock};
        std::vector<fake_pool> pools;
        for (fake_server& server : replicas) {
            pools.emplace_back([&server] { return fake_connection(server); }, settings);
        }
        return {fake_pool([this] { return fake_connection(primary); }, settings), std::move(pools), options};
    }
};

} // namespace

TEST_CASE_METHOD(cluster, "Writes go to the primary, reads to the replica with the least to do") {
    routed_pool routed = pool();
    auto w = routed.acquire(role::primary);
    CHECK(primary.made == 1);
    auto a = routed.acquire(role::replica);
    auto b = routed.acquire(role::replica);
    CHECK(replicas[0].made == 1);
    CHECK(replicas[1].made == 1);
    auto c = routed.acquire(role::replica);
    auto d = routed.acquire(role::replica);
    CHECK(replicas[0].made == 2);
    CHECK(replicas[1].made == 2);
    CHECK(primary.made == 1);
    CHECK_FALSE(routed.close());
}

TEST_CASE_METHOD(cluster, "A replica that cannot be connected to is left alone for a while") {
    routed_pool routed = pool({.retry_after_ms = 100});
    replicas[0].refuses = true;
    for (int i = 0; i < 4; ++i) auto lease = routed.acquire(role::replica);
    CHECK(routed.replicas()[0].statistics().connect_failures == 1);
    CHECK(routed.replicas()[1].statistics().acquires == 4);
    fake_now_ms += 100;
    replicas[0].refuses = false;
    for (int i = 0; i < 4; ++i) auto lease = routed.acquire(role::replica);
    CHECK(routed.replicas()[0].statistics().acquires == 2);
}

TEST_CASE_METHOD(cluster, "Without replicas the primary serves reads, if it may") {
    replicas[0].refuses = replicas[1].refuses = true;
    SECTION("it may") {
        routed_pool routed = pool();
        auto lease = routed.acquire(role::replica);
        CHECK(primary.made == 1);
        CHECK(routed.replicas()[0].statistics().connect_failures == 1);
        CHECK(routed.replicas()[1].statistics().connect_failures == 1);
        auto next = routed.acquire(role::replica);
        CHECK(routed.replicas()[0].statistics().connect_failures == 1);
    }
    SECTION("it may not") {
        routed_pool routed = pool({.fall_back = false});
        CHECK_THROWS_WITH(routed.acquire(role::replica), "the fake server refuses");
        CHECK_THROWS_WITH(routed.acquire(role::replica), "no replica could be connected to within the last 5000 ms");
        CHECK(primary.made == 0);
    }
    SECTION("a write never goes to a replica") {
        routed_pool routed = pool();
        primary.refuses = true;
        replicas[0].refuses = false;
        CHECK_THROWS_WITH(routed.acquire(role::primary), "the fake server refuses");
        CHECK(replicas[0].made == 0);
    }
}

TEST_CASE_METHOD(cluster, "Busy replicas do not spill over to the primary") {
    routed_pool routed = pool({}, 1);
    auto a = routed.acquire(role::replica);
    auto b = routed.acquire(role::replica);
    CHECK_THROWS_AS(routed.acquire(role::replica), weft::pool_timeout);
    CHECK(primary.made == 0);
}

TEST_CASE("Without replicas all leases come from the primary") {
    fake_server server;
    routed_pool routed(fake_pool([&] { return fake_connection(server); }), {});
    auto lease = routed.acquire(role::replica);
    CHECK(server.made == 1);
    lease.give_back();
    routed.maintain();
    CHECK(routed.close());
}
