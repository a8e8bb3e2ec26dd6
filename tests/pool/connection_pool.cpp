// SPDX-License-Identifier: BSL-1.0
#include "fake.hpp"

#include <weft/pool/connection_pool.hpp>
#include <weft/pool/maintenance.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

using weft::pool_options;
using weft::pool_statistics;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using fake_pool = weft::connection_pool<fake_connection>;

namespace {

fake_pool pool_of(fake_server& server, const pool_options& options = {}) {
    return fake_pool([&server] { return fake_connection(server); }, options);
}

template <class Condition>
bool comes_true(Condition condition) {
    for (int i = 0; i < 5000 && !condition(); ++i) std::this_thread::sleep_for(1ms);
    return condition();
}

std::uint64_t closed(const pool_statistics& s) {
    return s.closed_idle + s.closed_lifetime + s.closed_broken + s.closed_validation + s.closed_discarded +
           s.closed_shutdown;
}

} // namespace

TEST_CASE("Connections are made when needed, and the one used last is used next") {
    fake_server server;
    fake_pool pool = pool_of(server);
    CHECK(server.made == 0);
    {
        auto a = pool.acquire();
        auto b = pool.acquire();
        CHECK(a->number == 0);
        CHECK((*b).number == 1);
        CHECK(pool.statistics().in_use == 2);
        a.give_back();
        CHECK_FALSE(a);
        CHECK(pool.statistics().idle == 1);
        a = pool.acquire();
        CHECK(a->number == 0);
        b = std::move(a); // returns what b had
        CHECK(b->number == 0);
        CHECK(pool.statistics().idle == 1);
    }
    CHECK(pool.acquire()->number == 0);
    CHECK(server.made == 2);
    CHECK(server.resets == 4);
    const pool_statistics s = pool.statistics();
    CHECK(s == pool_statistics{.size = 2, .idle = 2, .created = 2, .acquires = 4});
}

TEST_CASE("An acquire that is not served in time names the limits and the state") {
    fake_server server;
    fake_pool pool = pool_of(server, {.max_size = 1, .acquire_timeout_ms = 20});
    auto only = pool.acquire();
    CHECK_THROWS_AS(pool.acquire(), weft::operational_error);
    CHECK_THROWS_WITH(pool.acquire(), "no connection of the pool became free within 20 ms: of at most 1 there are 1, 1 "
                                      "in use and 0 idle, and 0 others wait");
    CHECK_THROWS_WITH(pool.acquire_within(0), ContainsSubstring("no connection of the pool is free: of at most 1"));
    const auto failed = pool.try_acquire_within(1);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().kind() == weft::errc::operational_error);
    CHECK(pool.statistics().timeouts == 4);
    CHECK(pool.statistics().wait_us >= 41'000);
    CHECK(pool.statistics().waiting == 0);
    only.give_back();
    CHECK(pool.try_acquire().value()->number == 0);
}

TEST_CASE("Who waits is served in the order of coming") {
    fake_server server;
    fake_pool pool = pool_of(server, {.max_size = 1});
    auto only = pool.acquire();
    std::mutex guard;
    std::vector<int> order;
    std::vector<std::thread> threads;
    for (int i = 0; i < 16; ++i) {
        threads.emplace_back([&, i] {
            auto mine = pool.acquire();
            const std::lock_guard lock(guard);
            order.push_back(i);
        });
        REQUIRE(comes_true([&] { return pool.statistics().waiting == static_cast<std::size_t>(i) + 1; }));
    }
    only.give_back();
    for (auto& thread : threads) thread.join();
    for (int i = 0; i < 16; ++i) CHECK(order[static_cast<std::size_t>(i)] == i);
    CHECK(server.made == 1);
}

TEST_CASE("Under sixteen threads limits hold, every lease is exclusive and nobody starves") {
    fake_server server;
    fake_pool pool = pool_of(server, {.max_size = 4, .max_lifetime_ms = 5, .validate_after_ms = 0});
    std::array<int, 16> served{};
    std::atomic<int> shared_leases{0};
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < served.size(); ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 300; ++i) {
                auto mine = pool.acquire();
                if (++mine->users != 1) ++shared_leases;
                if (i % 7 == 0) std::this_thread::yield();
                if (i % 50 == 0) mine->breaks();
                --mine->users;
                ++served[t];
                if (i % 60 == 0) mine.discard();
            }
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(shared_leases == 0);
    CHECK(server.most_open <= 4);
    for (const int n : served) CHECK(n == 300);
    const pool_statistics s = pool.statistics();
    CHECK(s.acquires == 4800);
    CHECK(s.waiting == 0);
    CHECK(s.in_use == 0);
    CHECK(s.size == static_cast<std::size_t>(server.open));
    CHECK(s.created == closed(s) + s.size);
    CHECK(s.closed_discarded == 80);
    CHECK(pool.close());
    CHECK(server.open == 0);
}

TEST_CASE("A failure to connect is thrown to the one it was for and lets the next try") {
    fake_server server;
    std::atomic<int> refusals{0};
    const auto connect = [&] {
        if (refusals > 0 && refusals-- > 0) throw weft::operational_error("the fake server refuses");
        return fake_connection(server);
    };
    fake_pool pool(connect, {.max_size = 1});
    auto only = pool.acquire();
    std::atomic<int> failed{0};
    std::atomic<int> served{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            try {
                pool.acquire().give_back();
                ++served;
            } catch (const weft::operational_error& e) {
                if (std::string(e.what()) == "the fake server refuses") ++failed;
            }
        });
    }
    REQUIRE(comes_true([&] { return pool.statistics().waiting == 8; }));
    refusals = 5;
    only.discard();
    for (auto& thread : threads) thread.join();
    CHECK(failed == 5);
    CHECK(served == 3);
    const pool_statistics s = pool.statistics();
    CHECK(s.connect_failures == 5);
    CHECK(s.acquires == 4);
    CHECK(s.size == 1);
}

TEST_CASE("Idle time, age and health checks") {
    fake_server server;
    fake_now_ms = 1'000'000;
    fake_pool pool = pool_of(server, {.min_size = 1,
                                      .max_size = 5,
                                      .idle_timeout_ms = 1000,
                                      .max_lifetime_ms = 5000,
                                      .validate_after_ms = 300,
                                      .health_check_interval_ms = 600,
                                      .clock_ms = &fake_clock});
    pool.maintain();
    CHECK(pool.statistics().idle == 1);
    {
        auto a = pool.acquire();
        auto b = pool.acquire();
        auto c = pool.acquire();
    }
    CHECK(pool.statistics().idle == 3);

    SECTION("who is idle for too long is closed, down to the minimum") {
        fake_now_ms += 999;
        pool.maintain();
        CHECK(pool.statistics().idle == 3);
        fake_now_ms += 1;
        pool.maintain();
        CHECK(pool.statistics() ==
              pool_statistics{.size = 1, .idle = 1, .created = 3, .closed_idle = 2, .acquires = 3});
        CHECK(server.closes == 2);
    }
    SECTION("a returning lease sends the idle ones away") {
        auto a = pool.acquire();
        fake_now_ms += 1000;
        a.give_back();
        CHECK(pool.statistics().idle == 1);
        CHECK(pool.statistics().closed_idle == 2);
    }
    SECTION("old ones are replaced, at return, at acquire and by maintain()") {
        auto a = pool.acquire();
        fake_now_ms += 4999;
        a.give_back();
        CHECK(pool.statistics().closed_lifetime == 0);
        fake_now_ms += 1;
        a = pool.acquire();
        CHECK(pool.statistics().closed_lifetime == 1);
        CHECK(a->number == 3);
        pool.maintain();
        fake_now_ms += 5000;
        a.give_back();
        CHECK(pool.statistics().closed_lifetime == 2);
        CHECK(pool.statistics().size == 0);
        pool.maintain();
        CHECK(pool.statistics().idle == 1);
    }
    SECTION("an idle connection is checked before it is leased") {
        fake_now_ms += 299;
        { auto a = pool.acquire(); }
        CHECK(server.pings == 0);
        fake_now_ms += 300;
        { auto a = pool.acquire(); }
        CHECK(server.pings == 1);
    }
    SECTION("maintain() checks what was not seen to work for the interval") {
        fake_now_ms += 599;
        pool.maintain();
        CHECK(server.pings == 0);
        fake_now_ms += 1;
        pool.maintain();
        CHECK(server.pings == 3);
        pool.maintain();
        CHECK(server.pings == 3);
        server.ping_fails = true;
        fake_now_ms += 600;
        CHECK_NOTHROW(pool.maintain());
        CHECK(pool.statistics().closed_validation == 1); // the other two were idle for too long
        CHECK(pool.statistics().closed_idle == 2);
        CHECK(pool.statistics().idle == 1);
    }
}

TEST_CASE("Hooks that throw cost the connection and nothing else") {
    fake_server server;
    server.close_fails = true;
    fake_pool pool = pool_of(server, {.max_size = 2, .validate_after_ms = 0});
    SECTION("reset") {
        server.reset_fails = true;
        { auto a = pool.acquire(); }
        CHECK(pool.statistics() == pool_statistics{.created = 1, .closed_broken = 1, .acquires = 1});
    }
    SECTION("validation") {
        { auto a = pool.acquire(); }
        server.ping_fails = true;
        CHECK(pool.acquire()->number == 1);
        CHECK(pool.statistics().closed_validation == 1);
        CHECK(pool.statistics().size == 1);
    }
    SECTION("a connection that is busy or broken does not come back") {
        pool.acquire()->busy = true;
        pool.acquire()->breaks();
        CHECK(pool.statistics() == pool_statistics{.created = 2, .closed_broken = 2, .acquires = 2});
        CHECK(server.resets == 0);
    }
    SECTION("the factory, for the minimum") {
        server.refuses = true;
        fake_pool wants = pool_of(server, {.min_size = 2});
        CHECK_THROWS_WITH(wants.maintain(), "the fake server refuses");
        CHECK(wants.statistics() == pool_statistics{.connect_failures = 1});
        CHECK_THROWS_WITH(wants.acquire(), "the fake server refuses");
        server.refuses = false;
        wants.maintain();
        CHECK(wants.statistics().idle == 2);
    }
    CHECK(pool.close());
    CHECK(server.open == 0);
}

TEST_CASE("What happens on return is chosen") {
    fake_server server;
    {
        fake_pool pool = pool_of(server, {.on_return = weft::return_action::rollback});
        { auto a = pool.acquire(); }
        CHECK(server.rollbacks == 0);
        pool.acquire()->transaction = true;
        CHECK(server.rollbacks == 1);
    }
    {
        fake_pool pool = pool_of(server, {.on_return = weft::return_action::keep});
        pool.acquire()->transaction = true;
        CHECK(pool.acquire()->transaction);
    }
    CHECK(server.resets == 0);
}

TEST_CASE("After a restart under load no dead connection is leased twice") {
    fake_server server;
    fake_pool pool = pool_of(server, {.max_size = 8, .validate_after_ms = pool_options::never});
    std::mutex guard;
    std::vector<int> dead;
    std::atomic<bool> ends{false};
    std::atomic<int> good{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 16; ++t) {
        threads.emplace_back([&] {
            while (!ends) {
                try {
                    auto mine = pool.acquire();
                    try {
                        mine->use();
                        ++good;
                    } catch (const weft::operational_error&) {
                        const std::lock_guard lock(guard);
                        dead.push_back(mine->number);
                    }
                } catch (const weft::operational_error&) { // refused while the server was down
                    std::this_thread::yield();
                }
            }
        });
    }
    for (int restart = 0; restart < 5; ++restart) {
        const int before = good;
        REQUIRE(comes_true([&] { return good > before + 200; }));
        server.refuses = true;
        ++server.generation;
        std::this_thread::sleep_for(5ms);
        server.refuses = false;
    }
    const int before = good;
    REQUIRE(comes_true([&] { return good > before + 200; }));
    ends = true;
    for (auto& thread : threads) thread.join();
    std::sort(dead.begin(), dead.end());
    CHECK(std::adjacent_find(dead.begin(), dead.end()) == dead.end());
    CHECK(server.most_open <= 8);
}

TEST_CASE("One breakdown puts all under suspicion") {
    fake_server server;
    fake_pool pool = pool_of(server, {.validate_after_ms = pool_options::never});
    {
        auto a = pool.acquire();
        auto b = pool.acquire();
        auto c = pool.acquire();
    }
    ++server.generation;
    {
        auto a = pool.acquire(); // unsuspected
        CHECK_THROWS(a->use());
    }
    auto b = pool.acquire();
    CHECK_NOTHROW(b->use());
    CHECK(server.pings == 1);
    CHECK(pool.statistics().closed_broken == 1);
    CHECK(pool.statistics().closed_validation == 1);
}

TEST_CASE("Closing") {
    fake_server server;
    std::optional<fake_pool> pool(pool_of(server, {.max_size = 1}));
    auto only = pool->acquire();

    SECTION("wakes those who wait, and waits for the leases") {
        std::string ended;
        std::thread waiter([&] {
            const auto mine = pool->try_acquire();
            ended = mine ? "served" : mine.error().what();
        });
        REQUIRE(comes_true([&] { return pool->statistics().waiting == 1; }));
        CHECK_FALSE(pool->close());
        waiter.join();
        CHECK(ended == "the pool is closed");
        CHECK(pool->is_closed());
        CHECK_THROWS_WITH(pool->acquire(), "the pool is closed");
        CHECK_FALSE(pool->close(1));
        std::thread returns([&] { only.give_back(); });
        CHECK(pool->close(pool_options::never));
        returns.join();
        CHECK(pool->statistics().closed_shutdown == 1);
        pool->maintain();
        CHECK(pool->statistics().size == 0);
    }
    SECTION("a lease outlives its pool") {
        pool.reset();
        CHECK_NOTHROW(only->use());
        CHECK(server.open == 1);
        only.give_back();
        CHECK(server.open == 0);
    }
    SECTION("a moved pool keeps its leases") {
        fake_pool moved = std::move(*pool);
        CHECK(pool->is_closed());
        only.give_back();
        CHECK(moved.statistics().idle == 1);
        moved = pool_of(server);
        CHECK(server.open == 0);
    }
}

TEST_CASE("Settings that make no sense are named") {
    fake_server server;
    const auto message = [&](const pool_options& options) -> std::string {
        try {
            pool_of(server, options);
        } catch (const weft::interface_error& e) {
            return e.what();
        }
        return {};
    };
    CHECK(message({.max_size = 0}) == "max_size of a pool is 0: it could never have a connection");
    CHECK(message({.min_size = 3, .max_size = 2}) == "min_size of a pool, 3, is above its max_size, 2");
    CHECK(message({.acquire_timeout_ms = -1}) == "acquire_timeout_ms of a pool is negative: -1");
    CHECK_THAT(message({.idle_timeout_ms = 0}), ContainsSubstring("idle_timeout_ms of a pool is not positive: 0"));
    CHECK(message({.clock_ms = nullptr}) == "clock_ms of a pool is null");
}

TEST_CASE("A thread looks after a pool when asked to") {
    fake_server server;
    server.refuses = true;
    fake_pool pool = pool_of(server, {.min_size = 2, .idle_timeout_ms = 20});
    {
        weft::pool_maintenance thread(pool, 1);
        REQUIRE(comes_true([&] { return pool.statistics().connect_failures >= 2; }));
        server.refuses = false;
        REQUIRE(comes_true([&] { return pool.statistics().idle == 2; }));
        {
            auto a = pool.acquire();
            auto b = pool.acquire();
            auto c = pool.acquire();
        }
        CHECK(comes_true([&] { return pool.statistics().closed_idle >= 1; }));
    }
    CHECK_THROWS_AS(weft::pool_maintenance(pool, 0), weft::interface_error);
}

namespace {

struct bare_connection {
    int value = 7;
};

struct picky {
    static inline int count = 0;
};

} // namespace

template <>
struct weft::pool_traits<picky> {
    static bool is_usable(const picky&) { return true; }
    static void validate(picky&) { ++picky::count; }
    static void reset(picky&) {}
    static void rollback(picky&) {}
    static void close(picky&) { picky::count += 100; }
};

TEST_CASE("Connections need no hooks, and traits can say it otherwise") {
    {
        weft::connection_pool<bare_connection> pool([] { return bare_connection(); }, {.validate_after_ms = 0});
        { auto a = pool.acquire(); }
        CHECK(pool.acquire()->value == 7);
        CHECK(pool.statistics().created == 1);
    }
    {
        weft::connection_pool<picky> pool([] { return picky{}; }, {.validate_after_ms = 0});
        { auto a = pool.acquire(); }
        { auto a = pool.acquire(); }
        CHECK(picky::count == 1);
    }
    CHECK(picky::count == 101);
}
