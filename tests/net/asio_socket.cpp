// SPDX-License-Identifier: BSL-1.0
#include <weft/net/asio_socket.hpp>
#include <weft/net/async.hpp>
#include <weft/net/connect.hpp>
#include <weft/net/socket.hpp>
#include <weft/net/tls.hpp>
#include <weft/testing/temporary_directory.hpp>

#include "certificates.hpp"
#include "flows.hpp"

#include <boost/asio/io_context.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <array>
#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using boost::asio::io_context;
using boost::system::error_code;
using Catch::Matchers::ContainsSubstring;
using weft::net::asio_socket;
using weft::net::connect_options;
using weft::net::deadline;
using weft::net::endpoint;
using weft::net::run_now;
using weft::net::task;
using blocking = weft::net::socket;

namespace {

/// Runs the task to its end on the context of its stream; returns its error message, empty when there is none.
template <class Stream, class Work>
std::string outcome(io_context& context, Stream& stream, Work work) {
    weft::diagnostics info;
    bool ended = false;
    error_code ec;
    weft::net::async_run(stream, info, std::move(work), [&](const error_code& e, auto&&...) {
        ended = true;
        ec = e;
    });
    context.restart();
    context.run();
    REQUIRE(ended);
    REQUIRE((ec ? !info.message.empty() : info.message.empty()));
    return info.message;
}

task<> connect_and_exchange(asio_socket* s, endpoint to, std::string* answer) {
    co_await s->connect(to);
    *answer = co_await exchange(s, "hello");
    s->set_deadline(deadline::after_ms(10'000));
    *answer += co_await exchange(s, " again");
}

task<std::size_t> read_once(asio_socket* s) {
    std::array<std::byte, 16> buffer{};
    const std::size_t n = co_await s->read_some(buffer);
    co_return n;
}

task<> write_much(asio_socket* s) {
    const std::string much(std::size_t{32} * 1024 * 1024, 'x');
    co_await s->write_all(bytes(much));
}

} // namespace

TEST_CASE("Asio: TCP and Unix sockets exchange bytes") {
    const weft::testing::temporary_directory directory;
    const bool local = GENERATE(false, true);
    const auto l = local ? std::make_unique<listener>(directory / "s") : std::make_unique<listener>();
    const peer server([&] {
        blocking s = l->accept();
        run_now(echo(&s));
    });
    io_context context;
    asio_socket s(context.get_executor());
    CHECK_FALSE(s.is_open());
    CHECK(s.native_handle() == -1);
    std::string answer;
    CHECK(outcome(context, s, connect_and_exchange(&s, l->where(), &answer)).empty());
    CHECK(answer == "hello again");
    CHECK(s.is_open());
    CHECK(s.is_secure() == local);
    CHECK(s.name() == l->where().name());
    CHECK_THAT(outcome(context, s, s.connect(l->where())), ContainsSubstring("already connected"));
    asio_socket moved = std::move(s);
    moved.close();
    CHECK_FALSE(moved.is_open());
    CHECK_THAT(outcome(context, moved, read_once(&moved)), ContainsSubstring("is closed"));
}

TEST_CASE("Asio: a name is resolved, and one that does not exist is reported") {
    const listener l;
    io_context context;
    asio_socket s(context.get_executor());
    CHECK(outcome(context, s, s.connect({"two.test", l.where().port})).empty());
    CHECK(s.is_open());
    s.close();
    CHECK_THAT(outcome(context, s, s.connect({"name.invalid", 1})), ContainsSubstring("'name.invalid' has no address"));
    CHECK_THAT(outcome(context, s, s.connect({"slow.test", 1}, {.connect_timeout_ms = 50})),
               ContainsSubstring("timed out after 50 ms while resolving the name"));
}

TEST_CASE("Asio: connections that cannot be made say why") {
    const weft::testing::temporary_directory directory;
    io_context context;
    asio_socket s(context.get_executor());
    CHECK_THAT(outcome(context, s, s.connect(dead_endpoint())), ContainsSubstring("refused"));
    CHECK_THAT(outcome(context, s, s.connect(endpoint::unix_socket(directory / "none"))), ContainsSubstring("refused"));
    const full_listener tcp;
    CHECK_THAT(outcome(context, s, s.connect(tcp.where(), {.connect_timeout_ms = 60})),
               ContainsSubstring("timed out after 60 ms while connecting"));
    const full_listener local(directory / "full");
    CHECK_THAT(outcome(context, s, s.connect(local.where(), {.connect_timeout_ms = 60})),
               ContainsSubstring("timed out after 60 ms while connecting"));
    CHECK_FALSE(s.is_open());
    const listener l;
    CHECK(outcome(context, s, weft::net::connect_any(s, weft::net::host_list({dead_endpoint(), l.where()}))).empty());
    CHECK(s.is_open());
}

TEST_CASE("Asio: a silent peer ends in a timeout") {
    const listener l;
    io_context context;
    asio_socket s(context.get_executor());
    SECTION("read timeout") {
        CHECK(outcome(context, s, s.connect(l.where(), {.read_timeout_ms = 40})).empty());
        CHECK(outcome(context, s, read_once(&s)) ==
              "connection to " + l.where().name() + " timed out after 40 ms while reading");
    }
    SECTION("deadline") {
        CHECK(outcome(context, s, s.connect(l.where())).empty());
        s.set_deadline(deadline::after_ms(30));
        CHECK_THAT(outcome(context, s, read_once(&s)), ContainsSubstring("timed out after 30 ms while reading"));
    }
    SECTION("write timeout") {
        CHECK(outcome(context, s, s.connect(l.where(), {.write_timeout_ms = 40})).empty());
        CHECK_THAT(outcome(context, s, write_much(&s)), ContainsSubstring("timed out after 40 ms while writing"));
    }
    CHECK_FALSE(s.is_open());
    CHECK_THAT(outcome(context, s, read_once(&s)), ContainsSubstring("is closed"));
}

TEST_CASE("Asio: a peer that resets, and one that ends in order") {
    const listener l;
    io_context context;
    asio_socket s(context.get_executor());
    CHECK(outcome(context, s, s.connect(l.where())).empty());
    blocking other = l.accept();
    reset(other);
    CHECK_THAT(outcome(context, s, read_once(&s)), ContainsSubstring("closed by peer while reading"));
    CHECK(outcome(context, s, s.connect(l.where())).empty());
    l.accept().close();
    CHECK(outcome(context, s, read_once(&s)).empty());
    CHECK(s.is_open());
}

TEST_CASE("Asio: 64 MiB both ways, plain and through TLS") {
    constexpr std::size_t size = std::size_t{64} * 1024 * 1024;
    const certificates& all = certificates::get();
    const bool tls = GENERATE(false, true);
    const listener l;
    weft::net::tls_options options;
    options.certificate = all.server.file;
    options.key = all.server.key_file;
    const auto context = weft::net::tls_context::server(options);
    weft::net::tls_options verify;
    verify.mode = weft::net::tls_mode::verify_identity;
    verify.ca = all.authority.file;
    bool there = false;
    bool back = false;
    {
        const peer server([&] {
            weft::net::secured s(l.accept());
            if (tls) run_now(s.accept_tls(context));
            there = run_now(receive_pattern(&s, size));
            run_now(send_pattern(&s, size));
        });
        io_context io;
        weft::net::secured s{asio_socket(io.get_executor())};
        const auto flow = [](auto* stream, endpoint to, const weft::net::tls_context* use, bool* same) -> task<> {
            co_await stream->connect(to);
            if (use != nullptr) co_await stream->start_tls(*use, to.host);
            co_await send_pattern(stream, size);
            *same = co_await receive_pattern(stream, size);
        };
        const auto client = weft::net::tls_context::client(verify);
        CHECK(outcome(io, s, flow(&s, l.where(), tls ? &client : nullptr, &back)).empty());
        CHECK(s.is_secure() == tls);
    }
    CHECK(there);
    CHECK(back);
}

TEST_CASE("Asio: 200 connections at once on one thread") {
    constexpr int connections = 200;
    const listener l;
    io_context context;
    std::deque<asio_socket> servers;
    std::deque<asio_socket> clients;
    std::vector<std::string> answers(connections);
    int ended = 0;
    for (int i = 0; i < connections; ++i) {
        asio_socket& s = clients.emplace_back(context.get_executor());
        std::string* const answer = &answers[static_cast<std::size_t>(i)];
        weft::net::async_run(s, connect_and_exchange(&s, l.where(), answer), [&ended, &s](const error_code& ec) {
            ended += !ec;
            s.close();
        });
        blocking accepted = l.accept();
        asio_socket& other = servers.emplace_back(context.get_executor(), ::dup(accepted.native_handle()), "client");
        weft::net::async_run(other, echo(&other), [](const error_code& ec) { CHECK_FALSE(ec); });
    }
    context.run();
    CHECK(ended == connections);
    for (const std::string& answer : answers) CHECK(answer == "hello again");
}

TEST_CASE("Asio: an io_context that goes away unwinds what waits in it") {
    const listener l;
    const full_listener full;
    bool unwound[4] = {};
    struct mark {
        bool* at;
        ~mark() { *at = true; }
    };
    auto context = std::make_unique<io_context>();
    // A socket lives with its executor: here in the frame of the flow, which the context's end unwinds.
    const auto flow = [](io_context* in, endpoint to, connect_options options, bool* at) -> task<> {
        const mark m{at};
        asio_socket s(in->get_executor());
        co_await s.connect(to, options);
        (void)co_await read_once(&s);
    };
    const auto never = [](const error_code&) { FAIL("a handler was called by a context that is gone"); };
    const auto start = [&](const endpoint& to, connect_options options, bool* at) {
        weft::net::async_run(context->get_executor(), flow(context.get(), to, options, at), never);
    };
    start(l.where(), connect_options(), &unwound[0]);
    start(full.where(), connect_options(), &unwound[1]);
    start({"slow.test", 1}, connect_options(), &unwound[2]);
    start(l.where(), {.read_timeout_ms = 60'000}, &unwound[3]);
    context->run_for(std::chrono::milliseconds(50));
    context.reset();
    for (const bool ok : unwound) CHECK(ok);
}
