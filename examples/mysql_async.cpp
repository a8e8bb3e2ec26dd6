// SPDX-License-Identifier: BSL-1.0
//
// mysql_async [URL]
//
// A hundred queries at the same time on one thread, with coroutines on Asio, and a query that a timer cancels. URL says
// which server, as mysql://user:password@host:port/database; without it the environment variable WEFT_MYSQL_URL does.

#include <weft/connect/mysql_options.hpp>
#include <weft/format/tuples.hpp>
#include <weft/mysql/async_connection.hpp>
#include <weft/pool/async_pool.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using connection = weft::mysql::async_connection;
using pool_type = weft::async_connection_pool<connection>;
using numbers = weft::tuples<std::int64_t>;

constexpr std::size_t queries = 100;
constexpr auto tuple = asio::as_tuple(asio::use_awaitable);

/// Runs `make(0)` … `make(count - 1)` at the same time, waits for all, and throws what the first to fail threw.
template <class Make>
asio::awaitable<void> all(std::size_t count, Make make) {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer done(executor, asio::steady_timer::time_point::max());
    std::exception_ptr failed;
    std::size_t left = count;
    for (std::size_t i = 0; i < count; ++i) {
        asio::co_spawn(executor, make(i), [&](std::exception_ptr error) {
            if (error && !failed) failed = error;
            if (--left == 0) done.cancel();
        });
    }
    if (count != 0) co_await done.async_wait(tuple); // nothing has run yet: this is the only thread
    if (failed) std::rethrow_exception(failed);
}

/// Runs a step and prints how long it took.
asio::awaitable<void> timed(const char* what, asio::awaitable<void> step) {
    const auto start = std::chrono::steady_clock::now();
    co_await std::move(step);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    std::printf("-- %-58s %9.1f ms\n", what, took.count());
}

/// One query whose answer is known. `delay` is how long the server sleeps meanwhile, in seconds.
asio::awaitable<void> ask(connection& db, std::size_t number, double delay) {
    const auto n = static_cast<std::int64_t>(number);
    const weft::mysql::statement sql("SELECT ? * ? + SLEEP(?)", n, n, delay);
    const auto rows = co_await db.async_query<numbers>(sql);
    if (rows.size() != 1 || std::get<0>(rows[0]) != n * n) throw std::runtime_error("the server cannot multiply");
}

asio::awaitable<void> ask_with_lease(pool_type& pool, std::size_t number, double delay) {
    auto db = co_await pool.async_acquire();
    co_await ask(*db, number, delay);
}

asio::awaitable<void> one_after_the_other(pool_type& pool, double delay) {
    auto db = co_await pool.async_acquire();
    for (std::size_t i = 0; i < queries; ++i) co_await ask(*db, i, delay);
}

asio::awaitable<void> at_the_same_time(pool_type& pool, double delay) {
    co_await all(queries, [&pool, delay](std::size_t i) { return ask_with_lease(pool, i, delay); });
}

/// A query that would take ten seconds, and has a tenth of one.
asio::awaitable<void> cancel_by_timer(pool_type& pool) {
    auto db = co_await pool.async_acquire();
    asio::cancellation_signal stop;
    asio::steady_timer timer(co_await asio::this_coro::executor, 100ms);
    timer.async_wait([&stop](boost::system::error_code ec) {
        if (!ec) stop.emit(asio::cancellation_type::terminal);
    });
    const auto [ec, rows] =
        co_await db->async_query<numbers>("SELECT SLEEP(10)", asio::bind_cancellation_slot(stop.slot(), tuple));
    if (ec != asio::error::operation_aborted) throw std::runtime_error("the query was not cancelled");
    std::printf("cancelled: %s; the connection is %s\n", ec.message().c_str(), db->is_open() ? "open" : "closed");
}

asio::awaitable<void> run(pool_type& pool) {
    co_await timed("100 queries of 5 ms, one after the other, one connection", one_after_the_other(pool, 0.005));
    co_await timed("100 queries of 5 ms at the same time, connecting included", at_the_same_time(pool, 0.005));
    co_await timed("100 queries of 5 ms at the same time, connected", at_the_same_time(pool, 0.005));
    co_await timed("a query of 10 s, cancelled after 100 ms", cancel_by_timer(pool));
    co_await timed("100 queries after that", at_the_same_time(pool, 0));
    const weft::pool_statistics seen = pool.statistics();
    std::printf("%zu connections, %llu leases, %llu thrown away as broken\n", seen.size,
                static_cast<unsigned long long>(seen.acquires), static_cast<unsigned long long>(seen.closed_broken));
    co_await pool.async_close();
}

} // namespace

int main(int argc, char** argv) try {
    const char* url = argc > 1 ? argv[1] : std::getenv("WEFT_MYSQL_URL");
    if (url == nullptr) throw std::runtime_error("no server: give its URL, or set WEFT_MYSQL_URL");
    asio::io_context context;
    weft::pool_options limits;
    limits.max_size = queries;
    limits.on_return = weft::return_action::rollback; // keeps the prepared statement
    pool_type pool(
        context, [settings = weft::mysql_options(url)](connection& db) { return db.async_connect(settings); }, limits);
    std::exception_ptr failed;
    asio::co_spawn(context, run(pool), [&failed](std::exception_ptr error) { failed = error; });
    context.run();
    if (failed) std::rethrow_exception(failed);
} catch (const std::exception& e) {
    std::fprintf(stderr, "mysql_async: %s\n", e.what());
    return 1;
}
