// SPDX-License-Identifier: BSL-1.0
// The asynchronous connection on real servers: every operation, with coroutines on one thread.
#include <weft/core/value.hpp>
#include <weft/format/columns.hpp>
#include <weft/format/tuples.hpp>
#include <weft/mysql/async_connection.hpp>

#include "servers.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstring>
#include <functional>
#include <future>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace asio = boost::asio;
namespace mysql = weft::mysql;
using namespace std::chrono_literals;
using mysql::async_connection;
using test::each_server;
using test::options_of;
using test::scratch;
using numbers = weft::tuples<int>;
using entry = std::tuple<int, std::string>;

namespace {

constexpr auto tuple = asio::as_tuple(asio::use_awaitable);
constexpr const char* load = "LOAD DATA LOCAL INFILE 'the data' INTO TABLE t FIELDS TERMINATED BY ','";

/// Runs a coroutine to its end on this thread; what it throws is thrown here.
void run(std::function<asio::awaitable<void>()> body) {
    asio::io_context context;
    std::exception_ptr failed;
    asio::co_spawn(context, body(), [&](std::exception_ptr e) { failed = e; });
    context.run();
    if (failed) std::rethrow_exception(failed);
}

/// The same with a connection that is logged in before and closed afterwards.
void run_on(const mysql::connect_options& options, std::function<asio::awaitable<void>(async_connection&)> body) {
    run([&]() -> asio::awaitable<void> {
        async_connection db(co_await asio::this_coro::executor);
        co_await db.async_connect(options);
        co_await body(db);
        co_await db.async_close();
        CHECK_FALSE(db.is_open());
    });
}

struct table : scratch {
    explicit table(const mysql::connect_options& options) : scratch(options) {
        db.execute("CREATE TABLE t (a int PRIMARY KEY, b varchar(100))");
    }
    int count() { return db.query_value<int>("SELECT count(*) FROM t"); }
};

std::vector<entry> rows_of(int count) {
    std::vector<entry> rows;
    for (int i = 0; i < count; ++i) rows.emplace_back(i, "row " + std::to_string(i));
    return rows;
}

} // namespace

TEST_CASE("Async: rows are read with a fixed instruction set", "[async]") {
    const mysql::connect_options settings = options_of(each_server());
    asio::io_context context;
    mysql::basic_async_connection<weft::simd::arch::portable> db(context);
    auto connected = db.async_connect(settings, asio::use_future);
    context.run();
    connected.get();
    context.restart();
    auto rows = db.async_query<weft::tuples<std::int64_t, std::string>>("SELECT 17, 'text'", asio::use_future);
    context.run();
    CHECK(rows.get() == std::vector<std::tuple<std::int64_t, std::string>>{{17, "text"}});
}

TEST_CASE("Async: statements, queries and what the connection knows", "[async]") {
    table on(options_of(each_server()));
    run_on(on.settings, [&](async_connection& db) -> asio::awaitable<void> {
        CHECK(db.is_open());
        CHECK(db.database() == on.settings.database);
        CHECK(db.server_version() == on.db.server_version());
        CHECK(db.thread_id() != on.db.thread_id());
        const auto inserted = co_await db.async_execute("INSERT INTO t VALUES (1, 'one'), (2, 'two')");
        CHECK(inserted == 2);
        CHECK(db.summary().affected_rows == 2);
        const mysql::statement by_id("SELECT a, b FROM t WHERE a >= ? ORDER BY a", 1);
        for (int again = 0; again < 2; ++again) {
            const auto rows = co_await db.async_query<weft::tuples<int, std::string>>(by_id);
            CHECK(rows == std::vector<entry>{{1, "one"}, {2, "two"}});
        }
        CHECK(db.layout().size() == 2);
        co_await db.async_execute("BEGIN");
        CHECK(db.has_transaction());
        co_await db.async_ping();
        co_await db.async_reset();
        CHECK_FALSE(db.has_transaction());
        co_await db.async_use_database(on.settings.database);
        const auto deleted = co_await db.async_execute("DELETE FROM t");
        CHECK(deleted == 2);
    });
}

TEST_CASE("Async: an error is a code with diagnostics, and the connection goes on", "[async]") {
    scratch on(options_of(each_server()));
    run_on(on.settings, [](async_connection& db) -> asio::awaitable<void> {
        const auto [ec, rows] = co_await db.async_query<numbers>("SELECT a FROM nothing_of_the_kind", tuple);
        CHECK(ec == weft::errc::programming_error);
        CHECK(rows.empty());
        CHECK(db.diagnostics().code == 1146);
        CHECK(db.diagnostics().sqlstate == "42S02");
        CHECK(db.diagnostics().message.find("nothing_of_the_kind") != std::string::npos);
        const auto one = co_await db.async_query<numbers>("SELECT 1");
        CHECK(std::get<0>(one.at(0)) == 1);
        CHECK(db.diagnostics().message.empty());
    });
}

TEST_CASE("Async: a large result in portions, and several sets", "[async]") {
    mysql::connect_options options = options_of(each_server());
    options.multi_statements = true;
    table on(options);
    on.db.execute_many("INSERT INTO t VALUES (?, ?)", rows_of(5000));
    run_on(on.settings, [](async_connection& db) -> asio::awaitable<void> {
        co_await db.async_start("SELECT a FROM t ORDER BY a; DELETE FROM t WHERE a < 10; SELECT count(*) FROM t");
        int next = 0;
        for (;;) {
            const auto rows = co_await db.async_fetch<numbers>(777);
            if (rows.empty()) break;
            CHECK(rows.size() <= 777);
            for (const auto& [a] : rows)
                if (a != next++) FAIL("row " << a << " where " << next - 1 << " was expected");
        }
        CHECK(next == 5000);
        const bool second = co_await db.async_next_set();
        REQUIRE(second);
        CHECK(db.layout().empty());
        CHECK(db.summary().affected_rows == 10);
        const bool third = co_await db.async_next_set();
        REQUIRE(third);
        const auto left = co_await db.async_fetch<numbers>(10);
        CHECK(std::get<0>(left.at(0)) == 4990);
        const bool fourth = co_await db.async_next_set();
        CHECK_FALSE(fourth);
    });
}

TEST_CASE("Async: many rows of one statement, all or none", "[async][execute_many]") {
    table on(options_of(each_server()));
    run_on(on.settings, [&](async_connection& db) -> asio::awaitable<void> {
        const auto inserted = co_await db.async_execute_many("INSERT INTO t VALUES (?, ?)", rows_of(3000));
        CHECK(inserted == 3000);
        CHECK(on.count() == 3000);
        const auto of_nothing = co_await db.async_execute_many("INSERT INTO t VALUES (?, ?)", std::vector<entry>{});
        CHECK(of_nothing == 0);
        const std::vector<std::map<std::string, weft::value>> named{{{"a", 5000}, {"b", "x"}},
                                                                    {{"a", 5001}, {"b", "y"}}};
        const auto by_name = co_await db.async_execute_many("INSERT INTO t (b, a) VALUES (:b, :a)", named);
        CHECK(by_name == 2);

        std::vector<entry> rows;
        for (int i = 6000; i < 6100; ++i) rows.emplace_back(i, "new");
        std::get<0>(rows[57]) = 7; // there is one already
        const auto [ec, affected] = co_await db.async_execute_many("INSERT INTO t VALUES (?, ?)", rows, tuple);
        CHECK(ec == weft::errc::integrity_error);
        CHECK(db.diagnostics().code == 1062);
        CHECK_FALSE(db.has_transaction());
        CHECK(on.count() == 3002);

        co_await db.async_execute("BEGIN"); // the program's own transaction goes on
        rows[57] = {6057, "new"};
        const auto in_transaction = co_await db.async_execute_many("INSERT INTO t VALUES (?, ?)", rows);
        CHECK(in_transaction == 100);
        CHECK(db.has_transaction());
        co_await db.async_execute("ROLLBACK");
        CHECK(on.count() == 3002);
    });
}

TEST_CASE("Async: data of the program for LOCAL INFILE", "[async][infile]") {
    mysql::connect_options options = options_of(each_server());
    options.local_infile = true;
    table on(options);
    run_on(on.settings, [&](async_connection& db) -> asio::awaitable<void> {
        auto text = std::make_unique<mysql::infile_text>("1,one\n2,two\n");
        const auto loaded = co_await db.async_load_local(load, std::move(text));
        CHECK(loaded == 2);
        int calls = 0;
        const auto read = [&](std::span<std::byte> into) -> std::size_t {
            if (++calls == 2) throw weft::data_error("the source broke");
            std::memcpy(into.data(), "3,three\n", 8);
            return 8;
        };
        auto failing = std::make_unique<mysql::infile_from<decltype(read)>>(read);
        const auto [ec, count] = co_await db.async_load_local(load, std::move(failing), tuple);
        CHECK(ec == weft::errc::data_error);
        CHECK(db.diagnostics().message.find("the source broke") != std::string::npos);
        // the program's data is asked for once only
        const auto [refused, none] = co_await db.async_execute(load, tuple);
        CHECK(refused == weft::errc::not_supported_error);
        co_await db.async_ping();
    });
}

TEST_CASE("Async: texts in one round trip, each with its own answer", "[async][pipeline]") {
    table on(options_of(each_server()));
    run_on(on.settings, [](async_connection& db) -> asio::awaitable<void> {
        const std::vector<std::string> changes{"INSERT INTO t VALUES (1, 'one')", "INSERT INTO t VALUES (1, 'again')",
                                               "UPDATE t SET b = 'changed'"};
        const auto done = co_await db.async_pipeline(changes);
        REQUIRE(done.size() == 3);
        CHECK(done[0].value() == 1);
        CHECK(done[1].error().diagnostics().code == 1062);
        CHECK(done[2].value() == 1);
        const std::vector<std::string> questions{"SELECT 1", "SELECT a FROM t", "SELECT 3"};
        const auto rows = co_await db.async_pipeline<numbers>(questions);
        REQUIRE(rows.size() == 3);
        CHECK(std::get<0>(rows[2].value().at(0)) == 3);
    });
}

TEST_CASE("Async: a cancelled or timed-out operation leaves the connection closed", "[async]") {
    mysql::connect_options options = options_of(each_server());
    const bool by_timer = GENERATE(true, false);
    if (!by_timer) options.network.read_timeout_ms = 200;
    run([&]() -> asio::awaitable<void> {
        async_connection db(co_await asio::this_coro::executor);
        co_await db.async_connect(options);
        asio::cancellation_signal stop;
        asio::steady_timer timer(co_await asio::this_coro::executor, 200ms);
        timer.async_wait([&](boost::system::error_code ec) {
            if (!ec && by_timer) stop.emit(asio::cancellation_type::terminal);
        });
        const auto start = std::chrono::steady_clock::now();
        const auto [ec, rows] =
            co_await db.async_query<numbers>("SELECT SLEEP(20)", asio::bind_cancellation_slot(stop.slot(), tuple));
        CHECK(std::chrono::steady_clock::now() - start < 10s);
        CHECK(ec);
        if (by_timer) CHECK(ec == asio::error::operation_aborted);
        if (!by_timer) CHECK(ec == weft::errc::operational_error);
        CHECK_FALSE(db.is_open());
        const auto [closed, none] = co_await db.async_query<numbers>("SELECT 1", tuple);
        CHECK(closed == weft::errc::operational_error);
        co_await db.async_connect(options); // and can be used for another session
        const auto one = co_await db.async_query<numbers>("SELECT 1");
        CHECK(std::get<0>(one.at(0)) == 1);
    });
}

TEST_CASE("Async: a refused login, and somebody else's", "[async]") {
    const mysql::connect_options options = options_of(each_server());
    run([&]() -> asio::awaitable<void> {
        async_connection db(co_await asio::this_coro::executor);
        CHECK_THROWS_AS(db.async_ping(tuple), weft::programming_error);
        const auto [ec] = co_await db.async_connect(test::with_user(options, "app", "wrong"), tuple);
        CHECK(ec == weft::errc::operational_error);
        CHECK(db.diagnostics().code == 1045);
        co_await db.async_connect(options);
        co_await db.async_execute("SET @mine = 5");
        co_await db.async_change_user(options.user, options.password, "information_schema");
        const auto rows = co_await db.async_query<weft::tuples<int, std::string>>("SELECT @mine IS NULL, database()");
        CHECK(std::get<0>(rows.at(0)) == 1);
        CHECK(std::get<1>(rows.at(0)) == "information_schema");
    });
}

TEST_CASE("Async: callbacks and futures", "[async]") {
    const mysql::connect_options options = options_of("mariadb1011");
    asio::io_context context;
    async_connection db(context);
    auto work = asio::make_work_guard(context);
    std::thread runner([&] { context.run(); });
    db.async_connect(options, asio::use_future).get();
    CHECK(std::get<0>(db.async_query<numbers>("SELECT 7", asio::use_future).get().at(0)) == 7);
    CHECK_THROWS(db.async_execute("SELECT nothing_of_the_kind", asio::use_future).get());
    std::promise<std::thread::id> called;
    db.async_ping([&](boost::system::error_code) { called.set_value(std::this_thread::get_id()); });
    CHECK(called.get_future().get() == runner.get_id());
    db.async_close(asio::use_future).get();
    work.reset();
    runner.join();
}

TEST_CASE("Async: 200 connections at once on one thread", "[async]") {
    const mysql::connect_options options = options_of(each_server());
    constexpr int connections = 200;
    asio::io_context context;
    asio::steady_timer all_open(context, asio::steady_timer::time_point::max());
    int open = 0;
    int answers = 0;
    const auto ask = [&](int number) -> asio::awaitable<void> {
        async_connection db(context);
        co_await db.async_connect(options);
        if (++open == connections)
            all_open.cancel();
        else
            co_await all_open.async_wait(tuple);
        CHECK(open == connections);
        const mysql::statement sql("SELECT ? + SLEEP(0.1)", number);
        const auto rows = co_await db.async_query<numbers>(sql);
        answers += std::get<0>(rows.at(0)) == number;
        co_await db.async_close();
    };
    for (int i = 0; i < connections; ++i) {
        asio::co_spawn(context, ask(i), [](std::exception_ptr e) {
            if (e) std::rethrow_exception(e);
        });
    }
    context.run();
    CHECK(answers == connections);
}
