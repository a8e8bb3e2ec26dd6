// SPDX-License-Identifier: BSL-1.0
// Clients in pools, and the asynchronous client.
#include "served.hpp"

#include <weft/pool/async_pool.hpp>
#include <weft/pool/connection_pool.hpp>
#include <weft/toondb/async_ipc_client.hpp>
#include <weft/toondb/protocol/table_text.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace weft::toondb;
using boost::system::error_code;

constexpr auto tuple = asio::as_tuple(asio::use_awaitable);

/// Runs a coroutine to its end.
template <class F>
void run(asio::io_context& context, F&& f) {
    std::exception_ptr failed;
    asio::co_spawn(context, std::forward<F>(f), [&failed](std::exception_ptr e) { failed = e; });
    context.run();
    context.restart();
    if (failed) std::rethrow_exception(failed);
}

} // namespace

TEST_CASE("a pool hands clients out, clean and only while they live") {
    served on;
    weft::pool_options limits;
    limits.max_size = 2;
    limits.validate_after_ms = 0;
    weft::connection_pool<ipc_client> pool([&] { return on.client(); }, limits);
    {
        auto c = pool.acquire();
        c->put("k", "v");
        CHECK(c->begin_transaction() == 1);
    }
    {
        auto c = pool.acquire();
        CHECK_FALSE(c->has_transaction());  // aborted when it came back
        CHECK(c->begin_transaction() == 2); // on the same connection
        c->reset();
    }
    CHECK(on.server.stats().connections_total == 1);
    on.server.stop();
    on.server.start();
    CHECK(pool.acquire()->get("k") == "v"); // on a new connection
    std::vector<std::thread> threads;
    for (int n = 0; n < 4; ++n) {
        threads.emplace_back([&] {
            for (int i = 0; i < 25; ++i)
                pool.acquire()->with_transaction([](auto& t) {
                    const auto seen = t.get("sum");
                    t.put("sum", std::to_string((seen ? std::stoi(*seen) : 0) + 1));
                });
        });
    }
    for (std::thread& t : threads) t.join();
    CHECK(on.db.get("sum") == "100");
}

TEST_CASE("every operation of the asynchronous client") {
    served on;
    asio::io_context context(1);
    async_ipc_client c(context);
    run(context, [&]() -> asio::awaitable<void> {
        co_await c.async_connect(on.socket());
        const double seconds = co_await c.async_ping();
        CHECK(seconds >= 0);
        co_await c.async_put("k", "v");
        const auto got = co_await c.async_get("k");
        CHECK(got == "v");
        co_await c.async_erase("k");
        const auto gone = co_await c.async_find("k");
        CHECK_FALSE(gone);
        const std::vector<std::string> path{"p", "1"};
        co_await c.async_put_path(path, R"({"n":1})");
        const auto of_path = co_await c.async_get_path(path);
        CHECK(of_path == R"({"n":1})");
        protocol::query_request all;
        all.path = "p/";
        const std::string table = co_await c.async_query(all);
        CHECK(table == "result[1]{n}:1");
        const auto entries = co_await c.async_scan("p/");
        CHECK(entries.size() == 1);
        table_definition definition;
        definition.name = "t";
        co_await c.async_create_table(definition);
        const auto [again] = co_await c.async_create_table(definition, tuple);
        CHECK(again == weft::errc::database_error);
        CHECK(c.diagnostics().message == "Invalid argument: Table 't' already exists");
        co_await c.async_checkpoint();
        const std::uint64_t id = co_await c.async_begin_transaction(transaction_access::write_now);
        co_await c.async_put_in(id, "x", "");
        const auto inside = co_await c.async_get_in(id, "x");
        CHECK(inside == "");
        const auto [ec, portion] = co_await c.async_scan_in(id, "", "p/1", tuple);
        CHECK_FALSE(ec);
        CHECK(portion.entries.size() == 1);
        const std::string inner = co_await c.async_query_in(id, all);
        CHECK(inner == table);
        const std::vector<weft::value> parameters{weft::value(20), weft::value(22)};
        const sql_answer sum = co_await c.async_sql_in(id, "SELECT ? + ?", parameters);
        CHECK(sum.at(0, 0).int64() == 42);
        co_await c.async_erase_in(id, "x");
        const std::uint64_t number = co_await c.async_commit(id);
        CHECK(number > 0);
        const std::uint64_t other = co_await c.async_begin_transaction();
        co_await c.async_abort(other);
        const auto [missing, none] = co_await c.async_commit(other, tuple);
        CHECK(missing == weft::errc::operational_error);
        CHECK(none == 0);
        const auto stats = co_await c.async_stats();
        CHECK(stats.at("connections_active") == 1);
        const sql_answer rows = co_await c.async_sql("SELECT 1 UNION SELECT 2");
        CHECK(rows.size() == 2);
        const auto [large] = co_await c.async_put("k", std::string(protocol::max_payload, 'x'), tuple);
        CHECK(large == weft::errc::database_error);
        CHECK(c.is_open()); // nothing was sent
    });
    c.close();
    run(context, [&]() -> asio::awaitable<void> {
        const auto [closed, value] = co_await c.async_get("k", tuple);
        CHECK(closed == weft::errc::operational_error);
        async_ipc_client nowhere(context);
        const auto [refused] = co_await nowhere.async_connect(on / "missing", client_options(), tuple);
        CHECK(refused == weft::errc::operational_error);
        CHECK(nowhere.diagnostics().message.starts_with("Failed to connect to " + (on / "missing") + ": "));
    });
}

TEST_CASE("a cancelled operation leaves the asynchronous client closed") {
    served on;
    asio::io_context context(1);
    async_ipc_client c(context);
    std::optional<error_code> outcome;
    run(context, [&]() -> asio::awaitable<void> {
        co_await c.async_connect(on.socket());
        auto blocker = on.db.transaction(weft::embedded::kv_access::write_now);
        asio::cancellation_signal signal;
        c.async_put("k", "v", asio::bind_cancellation_slot(signal.slot(), [&](error_code ec) { outcome = ec; }));
        asio::steady_timer wait(context, std::chrono::milliseconds(50));
        co_await wait.async_wait(asio::use_awaitable);
        signal.emit(asio::cancellation_type::terminal);
        while (!outcome) {
            wait.expires_after(std::chrono::milliseconds(5));
            co_await wait.async_wait(asio::use_awaitable);
        }
    });
    CHECK(outcome == asio::error::operation_aborted);
    CHECK_FALSE(c.is_open());
}

TEST_CASE("an asynchronous pool of clients") {
    served on;
    asio::io_context context(1);
    weft::pool_options limits;
    limits.max_size = 2;
    weft::async_connection_pool<async_ipc_client> pool(
        context, [path = on.socket()](auto& c) { return c.async_connect(path); }, limits);
    run(context, [&]() -> asio::awaitable<void> {
        {
            auto c = co_await pool.async_acquire();
            co_await c->async_put("k", "v");
            const std::uint64_t id = co_await c->async_begin_transaction();
            CHECK(id == 1);
        }
        auto c = co_await pool.async_acquire();
        CHECK_FALSE(c->has_transaction());
        const auto got = co_await c->async_get("k");
        CHECK(got == "v");
        c.give_back();
        co_await pool.async_close();
    });
}
