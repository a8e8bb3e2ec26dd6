// SPDX-License-Identifier: BSL-1.0
#include <weft/net/connect.hpp>
#include <weft/net/socket.hpp>
#include <weft/testing/temporary_directory.hpp>

#include "flows.hpp"

#include <dlfcn.h>
#include <signal.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::Message;
using Catch::Matchers::MessageMatches;
using weft::net::connect_options;
using weft::net::deadline;
using weft::net::run_now;
using weft::net::stream_error;
using weft::net::stream_failure;
using blocking = weft::net::socket;
using namespace std::chrono_literals;

// A name server that does not answer cannot be had here, so this program's own resolver sleeps for one name, and knows
// a host whose first address does not take connections.
extern "C" int getaddrinfo(const char* host, const char* service, const addrinfo* hints, addrinfo** found) {
    static const auto real = reinterpret_cast<decltype(&::getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    if (host != nullptr && std::string_view(host) == "slow.test") {
        std::this_thread::sleep_for(600ms);
        return EAI_AGAIN;
    }
    if (host != nullptr && std::string_view(host) == "two.test") {
        addrinfo numeric = hints != nullptr ? *hints : addrinfo{};
        numeric.ai_flags |= AI_NUMERICHOST;
        if (const int code = real("127.0.0.2", service, &numeric, found); code != 0) return code;
        return real("127.0.0.1", service, &numeric, &(*found)->ai_next);
    }
    return real(host, service, hints, found);
}

namespace {

blocking connected(const listener& l, const connect_options& options = connect_options()) {
    blocking s;
    s.connect(l.where(), options);
    return s;
}

template <class F>
stream_failure reason_of(F&& operation) {
    try {
        operation();
    } catch (const stream_error& e) {
        return e.reason();
    }
    FAIL("nothing was thrown");
    return stream_failure::system;
}

long ms_of(auto&& operation) {
    const auto start = std::chrono::steady_clock::now();
    operation();
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start).count();
}

} // namespace

TEST_CASE("TCP and Unix sockets exchange bytes") {
    const weft::testing::temporary_directory directory;
    const bool local = GENERATE_COPY(false, true);
    const auto l = local ? std::make_unique<listener>(directory / "s") : std::make_unique<listener>();
    const peer server([&] {
        blocking s = l->accept();
        run_now(echo(&s));
    });
    blocking s = connected(*l);
    CHECK(s.is_open());
    CHECK(s.is_secure() == local);
    CHECK(s.name() == l->where().name());
    CHECK(run_now(exchange(&s, "hello")) == "hello");
    s.write_all({});
    s.set_deadline(deadline::after_ms(5'000));
    CHECK(run_now(exchange(&s, "again")) == "again");
    blocking moved = std::move(s);
    CHECK_FALSE(s.is_open());
    CHECK(run_now(exchange(&moved, "moved")) == "moved");
    moved.close();
    CHECK_FALSE(moved.is_open());
}

TEST_CASE("64 MiB both ways at once") {
    constexpr std::size_t size = std::size_t{64} * 1024 * 1024;
    const listener l;
    const peer server([&] {
        blocking s = l.accept();
        run_now(echo(&s));
    });
    blocking s = connected(l);
    bool same = false;
    {
        const peer writer([&] { run_now(send_pattern(&s, size)); });
        same = run_now(receive_pattern(&s, size));
    }
    CHECK(same);
}

TEST_CASE("answers of this machine, looked for or slept for, whole or gathered") {
    const weft::testing::temporary_directory directory;
    const bool local = GENERATE_COPY(false, true);
    const int us = GENERATE(0, 50, 10'000);
    constexpr std::size_t size = std::size_t{4} << 20;
    std::vector<std::byte> whole(size);
    for (std::size_t i = 0; i < size; ++i) whole[i] = pattern(i);
    const auto l = local ? std::make_unique<listener>(directory / "s") : std::make_unique<listener>();
    const peer server([&] {
        blocking s = l->accept();
        for (std::byte request{}; s.read_some({&request, 1}).await_resume() != 0;) {
            std::this_thread::sleep_for(2ms); // beyond one look
            for (std::size_t sent = 0; sent < size; sent += size / 128) {
                s.write_all(std::span(whole).subspan(sent, size / 128));
                std::this_thread::sleep_for(50us);
            }
        }
    });
    blocking s = connected(*l, {.spin_us = us, .gather_us = us});
    for (int answer = 0; answer < 3; ++answer) {
        s.write_all(bytes("?"));
        CHECK(run_now(receive_pattern(&s, size)));
    }
}

TEST_CASE("times to look and to gather have limits") {
    const listener l;
    for (const int wrong : {-1, 10'001}) {
        const auto expected = " is " + std::to_string(wrong) + ", expected 0 to 10000";
        CHECK_THROWS_MATCHES(connected(l, {.spin_us = wrong}), weft::interface_error,
                             MessageMatches(ContainsSubstring("spin_us" + expected)));
        CHECK_THROWS_MATCHES(connected(l, {.gather_us = wrong}), weft::interface_error,
                             MessageMatches(ContainsSubstring("gather_us" + expected)));
    }
}

TEST_CASE("looks in vain become rare, and usual again after one that finds") {
    weft::net::detail::wakeful w;
    int looks = 0;
    for (int answer = 0; answer < 1000; ++answer) {
        if (!w.worth_it()) continue;
        w.looked(false);
        ++looks;
    }
    CHECK(looks == 20); // 1 + 2 + 4 + … + 32 answers, then every 64th
    while (!w.worth_it()) {}
    w.looked(true);
    CHECK(w.worth_it());
    w.looked(true);
    CHECK(w.worth_it());
}

TEST_CASE("long answers are gathered for a part of the time they take") {
    constexpr std::int64_t most = 1'000'000;
    weft::net::detail::read_pace pace;
    pace.begin();
    pace.received(100'000, 262'144);
    CHECK_FALSE(pace.is_long());
    pace.received(100'000, 262'144);
    CHECK_FALSE(pace.is_long()); // how fast it comes is not known yet
    std::this_thread::sleep_for(10ms);
    pace.received(65'536, 262'144);
    REQUIRE(pace.is_long());
    const std::int64_t whole = pace.pause_ns(most);
    CHECK(whole >= 10'000'000 / 16);
    CHECK(whole <= most);
    pace.received(100, 262'144); // less than expected: the peer waited for room
    CHECK(pace.pause_ns(most) <= most / 2);
    for (int i = 0; i < 4; ++i) {
        pace.received(100, 262'144);
        (void)pace.pause_ns(most);
    }
    CHECK(pace.pause_ns(most) == 0);
    pace.begin();
    CHECK_FALSE(pace.is_long());
    pace.received(200'000, 262'144);
    pace.received(std::size_t{1} << 40, std::size_t{1} << 41); // faster than any pause
    CHECK(pace.pause_ns(most) == 0);
}

TEST_CASE("a silent peer ends in a timeout") {
    const weft::testing::temporary_directory directory;
    const bool local = GENERATE_COPY(false, true);
    const auto owner = local ? std::make_unique<listener>(directory / "s") : std::make_unique<listener>();
    const listener& l = *owner;
    const bool after_a_question = GENERATE(false, true);
    const auto connected = [after_a_question](const listener& to, const connect_options& options = connect_options()) {
        blocking s = ::connected(to, options);
        if (after_a_question) s.write_all(std::as_bytes(std::span("?", 1)));
        return s;
    };
    SECTION("read timeout") {
        blocking s = connected(l, {.read_timeout_ms = 60});
        std::array<std::byte, 4> buffer{};
        const std::string expected = "connection to " + l.where().name() + " timed out after 60 ms while reading";
        const long took = ms_of([&] { CHECK_THROWS_MATCHES(s.read_some(buffer), stream_error, Message(expected)); });
        CHECK(took >= 50);
        CHECK_FALSE(s.is_open());
        CHECK(reason_of([&] { (void)s.read_some(buffer); }) == stream_failure::not_open);
    }
    SECTION("deadline") {
        blocking s = connected(l);
        s.set_deadline(deadline::after_ms(40));
        std::array<std::byte, 4> buffer{};
        CHECK(reason_of([&] { (void)s.read_some(buffer); }) == stream_failure::timed_out);
    }
    SECTION("the sooner of both") {
        blocking s = connected(l, {.read_timeout_ms = 30});
        s.set_deadline(deadline::after_ms(60'000));
        std::array<std::byte, 4> buffer{};
        CHECK_THROWS_MATCHES(s.read_some(buffer), stream_error, MessageMatches(ContainsSubstring("after 30 ms")));
    }
    SECTION("write timeout") {
        const bool by_deadline = GENERATE(false, true);
        blocking s = connected(l, {.write_timeout_ms = by_deadline ? 0 : 50});
        if (by_deadline) s.set_deadline(deadline::after_ms(50));
        const std::string much(std::size_t{32} * 1024 * 1024, 'x');
        CHECK_THROWS_MATCHES(s.write_all(bytes(much)), stream_error,
                             MessageMatches(ContainsSubstring("timed out after 50 ms while writing")));
        CHECK_FALSE(s.is_open());
    }
}

TEST_CASE("connections that cannot be made say why") {
    const weft::testing::temporary_directory directory;
    blocking s;
    const auto dead = dead_endpoint();
    CHECK_THROWS_MATCHES(s.connect(dead), stream_error,
                         MessageMatches(ContainsSubstring("connection to " + dead.name() + " refused") &&
                                        ContainsSubstring("errno 111")));
    CHECK(reason_of([&] { s.connect(weft::net::endpoint::unix_socket(directory / "none")); }) ==
          stream_failure::refused);
    CHECK(reason_of([&] { s.connect({"name.invalid", 1}); }) == stream_failure::unresolved);
    CHECK_THROWS_AS(s.connect(weft::net::endpoint::unix_socket(std::string(200, 'x'))), weft::interface_error);
    CHECK_THROWS_AS(s.connect({std::string("a\0b", 3), 1}), weft::interface_error);
    CHECK_THROWS_AS(s.connect({"127.0.0.1", 1}, {.bind_address = "not numeric"}), weft::interface_error);
    const full_listener tcp;
    CHECK_THROWS_MATCHES(s.connect(tcp.where(), {.connect_timeout_ms = 80}), stream_error,
                         MessageMatches(ContainsSubstring("timed out after 80 ms while connecting")));
    const full_listener local(directory / "full");
    CHECK_THROWS_MATCHES(s.connect(local.where(), {.connect_timeout_ms = 80}), stream_error,
                         MessageMatches(ContainsSubstring("timed out after 80 ms while connecting")));
    CHECK(ms_of([&] {
              CHECK_THROWS_MATCHES(s.connect({"slow.test", 1}, {.connect_timeout_ms = 50}), stream_error,
                                   MessageMatches(ContainsSubstring("after 50 ms while resolving the name")));
          }) < 500);
}

TEST_CASE("all addresses of a host are tried") {
    const listener l; // on 127.0.0.1 only; the name has 127.0.0.2 first
    blocking s;
    s.connect({"two.test", l.where().port});
    CHECK(s.is_open());
    CHECK_THROWS_AS(s.connect(l.where()), weft::interface_error);
}

TEST_CASE("options reach the socket") {
    const listener l;
    weft::net::socket_options extra;
    extra.add({SOL_SOCKET, SO_PRIORITY, 3});
    const blocking s = connected(l, {.keepalive_idle_s = 17,
                                     .keepalive_interval_s = 5,
                                     .keepalive_count = 3,
                                     .receive_buffer = 20'000,
                                     .bind_address = "127.0.0.3",
                                     .extra = extra});
    const auto option = [&](int level, int name) {
        int value = 0;
        socklen_t size = sizeof value;
        CHECK(::getsockopt(s.native_handle(), level, name, &value, &size) == 0);
        return value;
    };
    CHECK(option(IPPROTO_TCP, TCP_NODELAY) != 0);
    CHECK(option(SOL_SOCKET, SO_KEEPALIVE) != 0);
    CHECK(option(IPPROTO_TCP, TCP_KEEPIDLE) == 17);
    CHECK(option(IPPROTO_TCP, TCP_KEEPINTVL) == 5);
    CHECK(option(IPPROTO_TCP, TCP_KEEPCNT) == 3);
    CHECK(option(SOL_SOCKET, SO_RCVBUF) == 40'000); // the system doubles it
    CHECK(option(SOL_SOCKET, SO_PRIORITY) == 3);
    sockaddr_in own{};
    socklen_t size = sizeof own;
    ::getsockname(s.native_handle(), reinterpret_cast<sockaddr*>(&own), &size);
    CHECK(ntohl(own.sin_addr.s_addr) == 0x7f000003);
}

TEST_CASE("a peer that resets, and one that ends in order") {
    const listener l;
    std::array<std::byte, 4> buffer{};
    blocking s = connected(l);
    {
        blocking other = l.accept();
        reset(other);
    }
    CHECK_THROWS_MATCHES(s.read_some(buffer), stream_error,
                         MessageMatches(ContainsSubstring("closed by peer while reading: Connection reset")));
    CHECK_FALSE(s.is_open());

    blocking awake = connected(l, {.spin_us = 10'000}); // the reset comes while it looks for an answer
    {
        blocking other = l.accept();
        awake.write_all(bytes("?"));
        const peer later([&] {
            std::this_thread::sleep_for(1ms);
            reset(other);
        });
        CHECK_THROWS_MATCHES(awake.read_some(buffer), stream_error,
                             MessageMatches(ContainsSubstring("closed by peer while reading: Connection reset")));
    }
    CHECK_FALSE(awake.is_open());

    blocking t = connected(l);
    l.accept().close();
    CHECK(t.read_some(buffer).await_resume() == 0);
    CHECK(t.is_open());
    const std::string much(std::size_t{1024} * 1024, 'x'); // and no signal for the pipe that is broken
    CHECK(reason_of([&] {
              for (int i = 0; i < 10; ++i) t.write_all(bytes(much));
          }) == stream_failure::closed);
}

TEST_CASE("another thread cancels") {
    std::array<std::byte, 4> buffer{};
    const auto cancels = [&](blocking& s, auto&& operation) {
        const peer canceller([&] {
            std::this_thread::sleep_for(50ms);
            s.shutdown();
        });
        CHECK(reason_of(operation) == stream_failure::cancelled);
        CHECK_FALSE(s.is_open());
    };
    const listener l;
    SECTION("a read") {
        blocking s = connected(l);
        cancels(s, [&] { (void)s.read_some(buffer); });
    }
    SECTION("a read with a deadline") {
        blocking s = connected(l);
        s.set_deadline(deadline::after_ms(60'000));
        cancels(s, [&] { (void)s.read_some(buffer); });
    }
    SECTION("a write") {
        blocking s = connected(l);
        const std::string much(std::size_t{32} * 1024 * 1024, 'x');
        cancels(s, [&] { s.write_all(bytes(much)); });
    }
    SECTION("a connect") {
        const full_listener full;
        blocking s;
        cancels(s, [&] { s.connect(full.where()); });
        s.close(); // and the object is as new
        s.connect(l.where());
        CHECK(s.is_open());
    }
    SECTION("the resolution of a name") {
        blocking s;
        cancels(s, [&] { s.connect({"slow.test", 1}); });
    }
}

TEST_CASE("signals do not disturb") {
    struct sigaction action{};
    struct sigaction before{};
    action.sa_handler = [](int) {};
    ::sigaction(SIGUSR1, &action, &before);
    const listener l;
    blocking s = connected(l, {.read_timeout_ms = 300});
    blocking other = l.accept();
    std::array<std::byte, 4> buffer{};
    const pthread_t reader = ::pthread_self();
    {
        const peer disturber([&] {
            for (int i = 0; i < 10; ++i) {
                std::this_thread::sleep_for(5ms);
                ::pthread_kill(reader, SIGUSR1);
            }
            other.write_all(bytes("x"));
        });
        CHECK(s.read_some(buffer).await_resume() == 1);
    }
    ::sigaction(SIGUSR1, &before, nullptr);
}

TEST_CASE("a list of hosts is tried until one answers") {
    const listener l;
    blocking s;
    const weft::net::host_list list({dead_endpoint(), dead_endpoint(), l.where(), dead_endpoint()});
    CHECK(run_now(weft::net::connect_any(s, list)) == l.where());
    CHECK(s.is_open());
    blocking t;
    const auto a = dead_endpoint();
    const auto b = dead_endpoint();
    CHECK_THROWS_MATCHES(run_now(weft::net::connect_any(t, weft::net::host_list({a, b}))), stream_error,
                         MessageMatches(ContainsSubstring("none of 2 hosts") && ContainsSubstring(a.name()) &&
                                        ContainsSubstring(b.name())));
    CHECK_THROWS_AS(run_now(weft::net::connect_any(t, weft::net::host_list())), weft::interface_error);
}
