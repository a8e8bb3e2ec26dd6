// SPDX-License-Identifier: BSL-1.0
// Servers that die, stall, trickle or are something else: a clear error in time, and a connection that is closed.
#include "servers.hpp"

#include <catch2/catch_test_macros.hpp>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>

namespace mysql = weft::mysql;
using mysql::protocol::client_error::server_lost;
using test::code_of;
using test::options_of;
using weft::tuples;

namespace {

// A peer on a port of its own; `serve` gets the socket of its one client.
class peer {
public:
    explicit peer(std::function<void(int, const std::atomic<bool>&)> serve)
        : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in where{};
        where.sin_family = AF_INET;
        where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::bind(listener_, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0);
        REQUIRE(::listen(listener_, 1) == 0);
        socklen_t size = sizeof where;
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&where), &size);
        port_ = ntohs(where.sin_port);
        thread_ = std::thread([this, serve = std::move(serve)] {
            pollfd waiting{listener_, POLLIN, 0};
            if (::poll(&waiting, 1, 10'000) != 1) return;
            const int client = ::accept(listener_, nullptr, nullptr);
            serve(client, over_);
            ::close(client);
        });
    }
    peer(const peer&) = delete;
    peer& operator=(const peer&) = delete;
    ~peer() {
        over_ = true;
        thread_.join();
        ::close(listener_);
    }

    mysql::connect_options options() const {
        mysql::connect_options options;
        options.hosts.hosts = {weft::net::endpoint("127.0.0.1", port_)};
        options.user = "app";
        options.network.connect_timeout_ms = 400;
        return options;
    }

private:
    int listener_;
    std::uint16_t port_ = 0;
    std::atomic<bool> over_{false};
    std::thread thread_;
};

void send_text(int to, std::string_view text) {
    static_cast<void>(::send(to, text.data(), text.size(), MSG_NOSIGNAL));
}

void wait_for(const std::atomic<bool>& over) {
    for (int i = 0; i < 1000 && !over; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

using clock_type = std::chrono::steady_clock;

// A test that waits for a limit of 400 ms ends long before the peer gives up after 10 s.
template <class F>
int code_in_time(F&& call) {
    const auto begin = clock_type::now();
    const int code = code_of(call);
    CHECK(clock_type::now() - begin < std::chrono::seconds(8));
    return code;
}

} // namespace

TEST_CASE("A peer that never says anything ends in the connect timeout", "[broken]") {
    const peer silent([](int, const std::atomic<bool>& over) { wait_for(over); });
    CHECK(code_in_time([&] { return test::connection(silent.options()).thread_id(); }) == server_lost);
}

TEST_CASE("A peer that trickles its greeting cannot stretch the connect timeout", "[broken]") {
    const peer slow([](int client, const std::atomic<bool>& over) {
        send_text(client, std::string("\x4a\0\0\0", 4));
        for (int i = 0; i < 200 && !over; ++i) {
            send_text(client, "\x0a");
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
    });
    CHECK(code_in_time([&] { return test::connection(slow.options()).thread_id(); }) == server_lost);
}

TEST_CASE("A peer that closes at once, or speaks something else", "[broken]") {
    const peer closing([](int, const std::atomic<bool>&) {});
    CHECK(code_in_time([&] { return test::connection(closing.options()).thread_id(); }) == server_lost);
    for (const char* text : {"HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "220 mail ESMTP\r\n",
                             "\x15\x03\x01\x00\x02\x02\x28 and more"}) {
        const peer other([text](int client, const std::atomic<bool>& over) {
            send_text(client, text);
            wait_for(over);
        });
        CHECK(code_in_time([&] { return test::connection(other.options()).thread_id(); }) != 0);
    }
}

TEST_CASE("A greeting for a server full of clients is the server's error", "[broken]") {
    const peer full([](int client, const std::atomic<bool>& over) {
        send_text(client, std::string("\x17\0\0\0\xff\x10\x04Too many connections", 27));
        wait_for(over);
    });
    CHECK(code_in_time([&] { return test::connection(full.options()).thread_id(); }) == 1040);
}

TEST_CASE("A statement beyond the read timeout ends, and the connection with it", "[broken]") {
    mysql::connect_options options = options_of(test::each_server());
    options.network.read_timeout_ms = 300;
    test::connection db(options);
    CHECK(code_in_time([&] { return db.query_value<int>("SELECT sleep(15)"); }) == server_lost);
    CHECK_FALSE(db.is_open());
    CHECK(code_of([&] { return db.execute("SELECT 1"); }) == mysql::protocol::client_error::server_gone);
}

TEST_CASE("A reader that is slow is no timeout", "[broken]") {
    mysql::connect_options options = options_of("mariadb1011");
    options.network.read_timeout_ms = 500;
    test::connection db(options);
    auto rows = db.stream<tuples<std::string>, 1>(
        "WITH d AS (SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4) "
        "SELECT repeat('x', 100000) FROM d a, d b, d c");
    REQUIRE(rows.fetch_one());
    std::this_thread::sleep_for(std::chrono::milliseconds(900));
    std::size_t count = 1;
    while (rows.fetch_one()) ++count;
    CHECK(count == 64);
}

TEST_CASE("A server that is killed amid a result", "[broken]") {
    const std::string name = GENERATE("mariadb1011", "mysql97");
    weft::testing::mysql_server server(servers::own(name));
    mysql::connect_options options = options_of(name);
    options.hosts.hosts = {weft::net::endpoint("127.0.0.1", server.port())};
    test::connection db(options);
    auto rows = db.stream<tuples<std::string>>(
        "WITH d AS (SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5) "
        "SELECT repeat('x', 1000) FROM d a, d b, d c, d e, d f, d g, d h");
    for (int i = 0; i < 3000; ++i) REQUIRE(rows.fetch_one());
    server.kill();
    CHECK(code_in_time([&] {
              while (rows.fetch_one()) {}
              return 0;
          }) == server_lost);
    CHECK_FALSE(db.is_open());
    CHECK(code_in_time([&] { return test::connection(options).thread_id(); }) ==
          mysql::protocol::client_error::conn_host_error);
    server.restart();
    CHECK(test::connection(options).query_value<int>("SELECT 1") == 1);
}

TEST_CASE("A server that shuts down between statements", "[broken]") {
    weft::testing::mysql_server server(servers::own("mariadb1011"));
    mysql::connect_options options = options_of("mariadb1011");
    options.hosts.hosts = {weft::net::endpoint("127.0.0.1", server.port())};
    test::connection db(options);
    auto scope = db.begin();
    server.stop();
    const int code = code_in_time([&] { return db.execute("SELECT 1"); });
    CHECK((code == server_lost || code == mysql::protocol::client_error::server_gone || code == 1927 || code == 1053));
    CHECK_FALSE(db.is_open());
}

TEST_CASE("A connection that another one kills", "[broken]") {
    const std::string name = test::each_server();
    test::connection db(options_of(name));
    test::connection other(options_of(name));
    other.execute("KILL " + std::to_string(db.thread_id()));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    CHECK(code_in_time([&] { return db.execute("SELECT 1"); }) != 0);
    CHECK_FALSE(db.is_open());
}
