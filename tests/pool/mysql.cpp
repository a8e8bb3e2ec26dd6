// SPDX-License-Identifier: BSL-1.0
#include "../servers/servers.hpp"

#include <weft/format/tuples.hpp>
#include <weft/mysql/async_connection.hpp>
#include <weft/mysql/connection.hpp>
#include <weft/pool/async_pool.hpp>
#include <weft/pool/connection_pool.hpp>
#include <weft/pool/replicated_pool.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace asio = boost::asio;
namespace mysql = weft::mysql;
using namespace std::chrono_literals;
using weft::pool_options;

namespace {

using mysql_pool = weft::connection_pool<mysql::connection>;
using async_mysql_pool = weft::async_connection_pool<mysql::async_connection>;

mysql::connect_options settings_of(const weft::testing::mysql_server& server) {
    mysql::connect_options settings;
    settings.hosts = weft::net::host_list({{server.host(), server.port()}});
    settings.user = "app";
    settings.password = "app-pw";
    return settings;
}

mysql_pool pool_of(const mysql::connect_options& settings, const pool_options& options = {}) {
    return mysql_pool([settings] { return mysql::connection(settings); }, options);
}

constexpr auto tuple = asio::as_tuple(asio::use_awaitable);

} // namespace

TEST_CASE("Sessions of a MariaDB server are reset between leases", "[mysql]") {
    const auto server = servers::shared("mariadb1011");
    mysql_pool pool = pool_of(settings_of(server), {.max_size = 1});
    std::uint32_t id = 0;
    {
        auto db = pool.acquire();
        id = db->thread_id();
        db->execute("SET @mine = 1");
        db->execute("BEGIN");
        CHECK(db->has_transaction());
    }
    auto db = pool.acquire();
    CHECK(db->thread_id() == id);
    CHECK_FALSE(db->has_transaction());
    CHECK(db->query_value<bool>("SELECT @mine IS NULL"));
}

TEST_CASE("With return_action::rollback prepared statements stay", "[mysql]") {
    const auto server = servers::shared("mariadb1011");
    mysql_pool pool = pool_of(settings_of(server), {.max_size = 1, .on_return = weft::return_action::rollback});
    for (int i = 0; i < 3; ++i) {
        auto db = pool.acquire();
        db->execute("BEGIN");
        CHECK(db->query_value<int>("SELECT ? + 1", i) == i + 1);
    }
    auto db = pool.acquire();
    CHECK_FALSE(db->has_transaction());
    const auto rows = db->query<weft::tuples<std::string, std::string>>("SHOW SESSION STATUS LIKE 'Com_stmt_prepare'");
    REQUIRE(rows.size() == 1);
    CHECK(std::get<1>(rows[0]) == "1");
}

TEST_CASE("A connection killed at the server is replaced", "[mysql]") {
    const auto server = servers::shared("mariadb1011");
    mysql_pool pool = pool_of(settings_of(server), {.validate_after_ms = 0});
    mysql::connection other(settings_of(server));
    const std::uint32_t id = pool.acquire()->thread_id();
    other.execute("KILL " + std::to_string(id));
    auto db = pool.acquire();
    CHECK(db->thread_id() != id);
    CHECK(db->query_value<int>("SELECT 7") == 7);
    CHECK(pool.statistics().closed_validation == 1);
    other.execute("KILL " + std::to_string(db->thread_id()));
    CHECK_THROWS_AS(db->query_value<int>("SELECT 7"), weft::operational_error);
    db.give_back();
    CHECK(pool.statistics().closed_broken == 1);
}

TEST_CASE("A wrong password is the error of the acquire", "[mysql]") {
    const auto server = servers::shared("mariadb1011");
    auto settings = settings_of(server);
    settings.password = "wrong";
    mysql_pool pool = pool_of(settings);
    const auto refused = pool.try_acquire();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().diagnostics().code == 1045);

    asio::io_context context;
    async_mysql_pool async(context, [settings](auto& c) { return c.async_connect(settings); });
    weft::diagnostics info;
    async.async_acquire(info,
                        [&](boost::system::error_code ec, async_mysql_pool::lease) { CHECK(ec.value() == 1045); });
    context.run();
    CHECK(info.code == 1045);
}

TEST_CASE("Threads survive restarts of the server", "[mysql]") {
    weft::testing::mysql_server server(servers::own("mariadb1011"));
    mysql_pool pool = pool_of(settings_of(server), {.max_size = 4, .validate_after_ms = pool_options::never});
    std::atomic<int> dead{0};
    std::atomic<int> good{0};
    std::atomic<bool> ends{false};
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&] {
            while (!ends) {
                try {
                    auto db = pool.acquire();
                    try {
                        db->query_value<int>("SELECT 1");
                        ++good;
                    } catch (const weft::error&) {
                        ++dead;
                    }
                } catch (const weft::operational_error&) { // it does not listen yet
                    std::this_thread::sleep_for(1ms);
                }
            }
        });
    }
    const auto works = [&] {
        const int before = good;
        for (int i = 0; i < 10'000 && good < before + 200; ++i) std::this_thread::sleep_for(1ms);
        return good >= before + 200;
    };
    CHECK(works());
    server.kill();
    server.restart();
    CHECK(works());
    server.restart();
    CHECK(works());
    ends = true;
    for (auto& thread : threads) thread.join();
    CHECK(pool.statistics().size <= 4);
    CHECK(dead <= 8); // each of four connections at most once a restart
    CHECK(pool.close());
}

TEST_CASE("Coroutines survive restarts of the server", "[mysql][async]") {
    weft::testing::mysql_server server(servers::own("mariadb1011"));
    const auto settings = settings_of(server);
    asio::io_context context;
    async_mysql_pool pool(context, [settings](auto& c) { return c.async_connect(settings); },
                          {.max_size = 4, .validate_after_ms = pool_options::never});
    int good = 0;
    int dead = 0;
    bool ends = false;
    for (int i = 0; i < 20; ++i) {
        asio::co_spawn(
            context,
            [&]() -> asio::awaitable<void> {
                asio::steady_timer pause(context);
                while (!ends) {
                    auto [refused, db] = co_await pool.async_acquire(tuple);
                    if (refused) {
                        pause.expires_after(1ms);
                        co_await pause.async_wait(asio::use_awaitable);
                        continue;
                    }
                    auto [gone, rows] = co_await db->async_query<weft::tuples<int>>("SELECT 1", tuple);
                    ++(gone ? dead : good);
                }
            },
            asio::detached);
    }
    const auto works = [&] {
        const int before = good;
        for (int i = 0; i < 10'000 && good < before + 200; ++i) context.run_for(1ms);
        return good >= before + 200;
    };
    CHECK(works());
    server.kill();
    server.restart();
    CHECK(works());
    server.restart();
    CHECK(works());
    CHECK(dead <= 8);
    ends = true;
    context.run();
    CHECK(pool.statistics().in_use == 0);
    CHECK(pool.statistics().idle <= 4);
    bool closed = false;
    pool.async_close([&](boost::system::error_code ec) { closed = !ec; });
    context.restart();
    context.run();
    CHECK(closed);
}

TEST_CASE("Reads move to the primary when the replica dies", "[mysql]") {
    const auto primary = servers::shared("mariadb1011");
    weft::testing::mysql_server replica(servers::own("mariadb1011"));
    std::vector<mysql_pool> replicas;
    replicas.push_back(pool_of(settings_of(replica), {.validate_after_ms = 0}));
    weft::replicated_pool<mysql::connection> routed(pool_of(settings_of(primary)), std::move(replicas),
                                                    {.retry_after_ms = 1});
    const auto port = [&](weft::role what) { return routed.acquire(what)->query_value<int>("SELECT @@port"); };
    CHECK(port(weft::role::primary) == primary.port());
    CHECK(port(weft::role::replica) == replica.port());
    replica.kill();
    CHECK(port(weft::role::replica) == primary.port());
    replica.restart();
    CHECK(port(weft::role::replica) == replica.port());
}
