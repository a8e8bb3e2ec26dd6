// SPDX-License-Identifier: BSL-1.0
#include <weft/net/asio_socket.hpp>
#include <weft/net/async.hpp>

#include "flows.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <array>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace asio = boost::asio;
using boost::system::error_code;
using weft::net::asio_socket;
using weft::net::async_run;
using weft::net::task;
using blocking = weft::net::socket;

namespace {

task<int> seven() {
    co_return 7;
}

task<std::unique_ptr<int>> owned() {
    co_return std::make_unique<int>(8);
}

task<int> weft_failure() {
    throw weft::data_error("the value is bad");
    co_return 0;
}

task<int> other_failure() {
    throw std::runtime_error("out of luck");
    co_return 0;
}

task<std::string> greet(asio_socket* s, weft::net::endpoint to) {
    co_await s->connect(to);
    std::string answer = co_await exchange(s, "hello");
    co_return answer;
}

task<> read_for_ever(asio_socket* s, weft::net::endpoint to) {
    co_await s->connect(to);
    std::array<std::byte, 8> buffer{};
    while (co_await s->read_some(buffer) != 0) {}
}

} // namespace

TEST_CASE("a task completes any kind of token") {
    asio::io_context context;
    const auto ex = context.get_executor();
    SECTION("callback, and never within the call") {
        int got = 0;
        async_run(ex, seven(), [&](const error_code& ec, int n) { got = ec ? -1 : n; });
        CHECK(got == 0);
        context.run();
        CHECK(got == 7);
    }
    SECTION("a callable that makes the task") {
        int calls = 0;
        auto operation = async_run(ex, [&calls] {
            ++calls;
            return seven();
        });
        CHECK(calls == 0); // deferred
        int got = 0;
        std::move(operation)([&](const error_code&, int n) { got = n; });
        context.run();
        CHECK(calls == 1);
        CHECK(got == 7);
    }
    SECTION("move-only results") {
        int got = 0;
        async_run(ex, owned(), [&](const error_code&, std::unique_ptr<int> p) { got = *p; });
        context.run();
        CHECK(got == 8);
    }
    SECTION("future") {
        auto good = async_run(ex, seven(), asio::use_future);
        auto bad = async_run(ex, weft_failure(), asio::use_future);
        context.run();
        CHECK(good.get() == 7);
        CHECK_THROWS_AS(bad.get(), boost::system::system_error);
    }
    SECTION("awaitable, deferred and as_tuple") {
        bool ended = false;
        asio::co_spawn(
            context,
            [&]() -> asio::awaitable<void> {
                CHECK(co_await async_run(ex, seven(), asio::use_awaitable) == 7);
                CHECK(co_await async_run(ex, seven()) == 7);
                const auto [ec, n] = co_await async_run(ex, weft_failure(), asio::as_tuple(asio::use_awaitable));
                CHECK(ec == weft::errc::data_error);
                CHECK(n == 0);
                ended = true;
            },
            asio::detached);
        context.run();
        CHECK(ended);
    }
}

TEST_CASE("exceptions become codes and diagnostics") {
    asio::io_context context;
    asio_socket s(context.get_executor());
    weft::diagnostics info;
    error_code code;
    const auto keep = [&](const error_code& ec, int) { code = ec; };
    async_run(s, info, weft_failure(), keep);
    context.run();
    CHECK(code == weft::errc::data_error);
    CHECK(info.message == "the value is bad");
    context.restart();
    async_run(s, info, other_failure(), keep);
    context.run();
    CHECK(code == weft::errc::internal_error);
    CHECK(info.message == "out of luck");
    context.restart();
    async_run(s, info, seven(), keep);
    context.run();
    CHECK_FALSE(code);
    CHECK(info.message.empty());
}

TEST_CASE("an exception of a handler comes out of run") {
    asio::io_context context;
    async_run(context.get_executor(), seven(), [](const error_code&, int) { throw std::runtime_error("handler"); });
    CHECK_THROWS_AS(context.run(), std::runtime_error);
}

TEST_CASE("the handler runs where it wants to") {
    asio::io_context io;
    asio::thread_pool other(1);
    std::thread::id where;
    std::promise<void> ended;
    async_run(io.get_executor(), seven(), asio::bind_executor(other.get_executor(), [&](const error_code&, int) {
                  where = std::this_thread::get_id();
                  ended.set_value();
              }));
    io.run();
    ended.get_future().wait();
    CHECK(where != std::this_thread::get_id());
    other.join();
}

TEST_CASE("a signal of any type cancels, and the stream is then broken") {
    const auto type =
        GENERATE(asio::cancellation_type::terminal, asio::cancellation_type::partial, asio::cancellation_type::total);
    const listener l;
    const full_listener full;
    const bool while_connecting = GENERATE(false, true);
    asio::io_context context;
    asio_socket s(context.get_executor());
    asio::cancellation_signal signal;
    weft::diagnostics info;
    error_code code;
    async_run(s, info, read_for_ever(&s, while_connecting ? full.where() : l.where()),
              asio::bind_cancellation_slot(signal.slot(), [&](const error_code& ec) { code = ec; }));
    context.run_for(std::chrono::milliseconds(30));
    CHECK_FALSE(code);
    signal.emit(type);
    context.restart();
    context.run();
    CHECK(code == asio::error::operation_aborted);
    CHECK(info.message.find("cancelled") != std::string::npos);
    CHECK_FALSE(s.is_open());
}

TEST_CASE("a signal that comes late changes nothing") {
    asio::io_context context;
    asio_socket s(context.get_executor());
    asio::cancellation_signal signal;
    int got = 0;
    async_run(s, seven(), asio::bind_cancellation_slot(signal.slot(), [&](const error_code& ec, int n) {
                  CHECK_FALSE(ec);
                  got = n;
              }));
    signal.emit(asio::cancellation_type::terminal);
    context.run();
    CHECK(got == 7);
}

TEST_CASE("cancellation while a name is resolved does not wait for the resolver") {
    asio::io_context context;
    asio_socket s(context.get_executor());
    asio::cancellation_signal signal;
    error_code code;
    async_run(s, read_for_ever(&s, {"slow.test", 1}),
              asio::bind_cancellation_slot(signal.slot(), [&](const error_code& ec) { code = ec; }));
    context.run_for(std::chrono::milliseconds(20));
    signal.emit(asio::cancellation_type::total);
    context.restart();
    context.run_for(std::chrono::milliseconds(50));
    CHECK(code == asio::error::operation_aborted);
}

TEST_CASE("several threads run one context; each stream has its strand") {
    constexpr int connections = 40;
    const listener l;
    asio::thread_pool pool(4);
    std::vector<std::unique_ptr<asio_socket>> sockets;
    std::vector<std::future<std::string>> answers;
    std::vector<std::future<error_code>> ends;
    for (int i = 0; i < connections; ++i) {
        asio_socket& s = *sockets.emplace_back(std::make_unique<asio_socket>(asio::make_strand(pool)));
        answers.push_back(asio::post(s.get_executor(), asio::deferred([&s, to = l.where()] {
                                         return async_run(s, greet(&s, to));
                                     }))(asio::use_future));
        asio_socket& other = *sockets.emplace_back(
            std::make_unique<asio_socket>(asio::make_strand(pool), ::dup(l.accept().native_handle()), "client"));
        auto end = std::make_shared<std::promise<error_code>>();
        ends.push_back(end->get_future());
        async_run(other, echo(&other), [end](const error_code& ec) { end->set_value(ec); });
    }
    for (auto& answer : answers) CHECK(answer.get() == "hello");
    for (auto& s : sockets) asio::post(s->get_executor(), [&s] { s->cancel(); });
    for (auto& end : ends) {
        const error_code ec = end.get();
        CHECK((!ec || ec == weft::errc::operational_error)); // cancelled by itself, not by a token
    }
    pool.join();
}
