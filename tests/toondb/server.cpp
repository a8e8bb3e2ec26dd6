// SPDX-License-Identifier: BSL-1.0
// The server towards clients that do what clients should not, and its beginning and end.
#include "../message_of.hpp"
#include "hex.hpp"
#include "served.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace weft::toondb;
using namespace std::chrono_literals;
using protocol::opcode;

std::string frame(opcode op, std::string_view payload = {}) {
    return protocol::encode_plain(op, payload);
}

/// Waits until something is so, at most 20 seconds.
template <class F>
bool soon(F condition) {
    for (int i = 0; i < 2000; ++i) {
        if (condition()) return true;
        std::this_thread::sleep_for(10ms);
    }
    return false;
}

} // namespace

TEST_CASE("requests may come a byte at a time, and many at once") {
    const served on;
    const raw_peer peer(on.socket());
    for (const char byte : protocol::encode_put("k", "vv")) REQUIRE(peer.send({&byte, 1}));
    CHECK(peer.read(5) == frame(opcode::ok));
    std::string many;
    std::string answers;
    for (int i = 0; i < 100; ++i) {
        many += frame(opcode::get, "k") + frame(opcode::ping) + protocol::encode_put("k", std::to_string(i));
        answers +=
            frame(opcode::value, i == 0 ? "vv" : std::to_string(i - 1)) + frame(opcode::pong) + frame(opcode::ok);
    }
    REQUIRE(peer.send(many));
    CHECK(peer.read(answers.size()) == answers);
}

TEST_CASE("errors have ToonDB's texts and leave the connection usable") {
    const served on;
    const raw_peer peer(on.socket());
    const auto ask = [&](std::string_view request, std::string_view text) {
        const std::string wanted = frame(opcode::error, text);
        REQUIRE(peer.send(request));
        CHECK(peer.read(wanted.size()) == wanted);
    };
    ask(bytes("55 00000000"), "Unknown opcode: 0x55");
    ask(bytes("0F 01000000 41"), "Unknown opcode: 0xf");
    ask(bytes("00 00000000"), "Unknown opcode: 0x0");
    ask(frame(opcode::put, "abc"), "Protocol error: PUT payload too short");
    ask(frame(opcode::put, bytes("05000000 61")), "Protocol error: PUT payload key truncated");
    ask(frame(opcode::put_path, "a"), "Protocol error: Path payload too short");
    ask(frame(opcode::query, "a"), "Query payload too short");
    ask(frame(opcode::create_table), "Schema payload too short");
    ask(frame(opcode::commit_txn, "1234567"), "COMMIT_TXN requires txn_id");
    ask(frame(opcode::abort_txn), "ABORT_TXN requires txn_id");
    ask(protocol::encode_number(opcode::commit_txn, 99), "Transaction not found: 99");
    ask(frame(opcode::scan, "\xFF"), "Invalid UTF-8 in scan prefix");
    REQUIRE(peer.send(frame(opcode::ping, "ignored")));
    CHECK(peer.read(5) == frame(opcode::pong));
    REQUIRE(peer.send(frame(opcode::begin_txn, "ignored")));
    CHECK(peer.read(13) == protocol::encode_number(opcode::txn_id, 1));
}

TEST_CASE("a payload of the limit is taken, one more byte is refused and closes") {
    const served on;
    {
        const raw_peer peer(on.socket());
        REQUIRE(peer.send(protocol::encode_put("k", std::string(protocol::max_payload - 5, 'x'))));
        CHECK(peer.read(5) == frame(opcode::ok));
        REQUIRE(peer.send(frame(opcode::get, "k")));
        CHECK(peer.read(5 + protocol::max_payload - 5).size() == protocol::max_payload);
    }
    const raw_peer peer(on.socket());
    REQUIRE(peer.send(frame(opcode::begin_txn) + bytes("01 01000001")));
    CHECK(peer.read(13) == protocol::encode_number(opcode::txn_id, 1));
    const std::string wanted = frame(opcode::error, "Message too large: 16777217 bytes (max: 16777216)");
    REQUIRE(peer.send(std::string(100'000, 'x'))); // it is still being read, so the answer arrives
    CHECK(peer.read(wanted.size()) == wanted);
    CHECK(peer.at_end());
    peer.end();
    CHECK(soon([&] { return on.server.stats().active_transactions == 0; }));
}

TEST_CASE("a client that goes takes its transactions with it") {
    served on;
    {
        ipc_client c = on.client();
        const auto abandoned = c.begin_transaction();
        CHECK(abandoned == 1);
        auto t = c.transaction(transaction_access::write_now);
        t.put("half", "done");
        const raw_peer peer(on.socket());
        REQUIRE(peer.send(frame(opcode::begin_txn) + bytes("01 FF000000 00"))); // and in the middle of a request
        CHECK(peer.read(13).size() == 13);
        CHECK(on.server.stats().active_transactions == 3);
        c.close();
    }
    CHECK(soon([&] { return on.server.stats().active_transactions == 0; }));
    CHECK(soon([&] { return on.server.stats().connections_active == 0; }));
    on.client().put("free", "again"); // the right to write is
    CHECK_FALSE(on.db.get("half"));
}

TEST_CASE("a commit gets through while writers wait for it") {
    server_options options;
    options.threads = 1;
    served on(options);
    ipc_client c = on.client();
    auto t = c.transaction(transaction_access::write_now);
    t.put("a", "1");
    std::thread waiting([&] { on.client().put("a", "2"); });
    const raw_peer another(on.socket());
    REQUIRE(another.send(protocol::encode_put("b", "2")));
    std::this_thread::sleep_for(50ms);
    CHECK(on.client().ping() < 5);
    t.commit();
    waiting.join();
    CHECK(another.read(5) == frame(opcode::ok));
    CHECK(on.db.get("a") == "2");
}

TEST_CASE("idle connections are closed and their transactions aborted") {
    server_options options;
    options.idle_timeout_ms = 200;
    const served on(options);
    const raw_peer idle(on.socket());
    const raw_peer half(on.socket());
    REQUIRE(idle.send(frame(opcode::begin_txn)));
    CHECK(idle.read(13).size() == 13);
    REQUIRE(half.send(bytes("01 FF000000 00")));
    ipc_client busy = on.client();
    const auto start = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - start < 500ms) {
        (void)busy.ping();
        std::this_thread::sleep_for(20ms);
    }
    CHECK(idle.at_end());
    CHECK(half.at_end());
    CHECK(soon([&] { return on.server.stats().active_transactions == 0; }));
    CHECK(on.server.stats().connections_active == 1);
}

TEST_CASE("clients over the limit are closed at once") {
    server_options options;
    options.max_clients = 2;
    const served on(options);
    auto first = std::make_unique<ipc_client>(on.client());
    ipc_client second = on.client();
    (void)first->ping();
    (void)second.ping();
    const raw_peer third(on.socket());
    CHECK(third.connected());
    CHECK(third.at_end());
    first.reset();
    CHECK(soon([&] { return on.server.stats().connections_active == 1; }));
    CHECK(on.client().ping() >= 0);
}

TEST_CASE("many connections on one thread") {
    server_options options;
    options.max_clients = 400;
    const served on(options);
    std::vector<std::unique_ptr<raw_peer>> peers;
    for (int i = 0; i < 400; ++i) peers.push_back(std::make_unique<raw_peer>(on.socket()));
    for (const auto& peer : peers) REQUIRE(peer->send(frame(opcode::ping)));
    for (const auto& peer : peers) CHECK(peer->read(5) == frame(opcode::pong));
    CHECK(on.server.stats().connections_active == 400);
}

TEST_CASE("stop answers what was received, and removes the socket") {
    served on;
    const raw_peer peer(on.socket());
    const raw_peer quiet(on.socket());
    REQUIRE(peer.send(frame(opcode::ping)));
    CHECK(peer.read(5).size() == 5);
    std::string many;
    for (int i = 0; i < 50; ++i) many += protocol::encode_put("k" + std::to_string(i), "v");
    REQUIRE(peer.send(many));
    on.server.stop();
    const std::string answers = peer.read(50 * 5);
    CHECK(answers.size() == 250);
    CHECK(peer.at_end());
    CHECK(quiet.at_end());
    CHECK(on.db.get("k49") == "v");
    CHECK_FALSE(std::filesystem::exists(on.socket()));
    CHECK_FALSE(on.server.is_running());
    on.server.stop();
    CHECK_THROWS_AS(on.client(), connection_error);
    on.server.start();
    CHECK(on.client().get("k1") == "v");
    CHECK(message_of<weft::programming_error>([&] { on.server.start(); }) == "Server already running");
}

TEST_CASE("the socket file is the owner's, and only a dead one is replaced") {
    served on;
    const auto rights = std::filesystem::status(on.socket()).permissions();
    CHECK(rights == (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    server_options options;
    options.socket_path = on.socket();
    ipc_server second(on.db, options);
    CHECK(message_of<connection_error>([&] { second.start(); }) ==
          "Failed to bind " + on.socket() + ": a running server listens there");
    CHECK(on.client().ping() >= 0);

    options.socket_path = on / "stale.sock";
    {
        const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
        sockaddr_un where{};
        where.sun_family = AF_UNIX;
        std::memcpy(where.sun_path, options.socket_path.data(), options.socket_path.size());
        REQUIRE(::bind(dead, reinterpret_cast<sockaddr*>(&where), sizeof where) == 0);
        ::close(dead);
    }
    options.socket_mode = 0660;
    ipc_server third(on.db, options);
    third.start();
    CHECK(ipc_client::connect(options.socket_path).ping() >= 0);
    CHECK((std::filesystem::status(options.socket_path).permissions() & std::filesystem::perms::group_write) !=
          std::filesystem::perms::none);

    options.socket_path = on / "file";
    std::ofstream(options.socket_path) << "precious";
    ipc_server fourth(on.db, options);
    CHECK(message_of<connection_error>([&] { fourth.start(); }).ends_with("there is a file that is no socket"));
    CHECK(std::filesystem::file_size(options.socket_path) == 8);
    options.socket_path = on / "missing/x.sock";
    ipc_server fifth(on.db, options);
    CHECK(message_of<connection_error>([&] { fifth.start(); }).find("No such file") != std::string::npos);
    options.socket_path = std::string(200, 'x');
    ipc_server sixth(on.db, options);
    CHECK_THROWS_AS(sixth.start(), weft::interface_error);
}

TEST_CASE("the loopback interface is another way in, and no other interface is") {
    server_options options;
    options.tcp_host = "127.0.0.1";
    served on(options);
    REQUIRE(on.server.port() != 0);
    ipc_client c(weft::net::endpoint("127.0.0.1", on.server.port()));
    c.put("over", "tcp");
    CHECK(on.client().get("over") == "tcp");
    server_options open_to_all;
    open_to_all.socket_path.clear();
    open_to_all.tcp_host = "0.0.0.0";
    ipc_server no(on.db, open_to_all);
    CHECK(message_of<weft::interface_error>([&] { no.start(); }) ==
          "'0.0.0.0' is no loopback address: the protocol has no logins");
}

TEST_CASE("a client that does not take its answers is let go") {
    server_options options;
    options.idle_timeout_ms = 200;
    const served on(options);
    on.client().put("big", std::string(4'000'000, 'x'));
    const raw_peer peer(on.socket());
    REQUIRE(peer.send(frame(opcode::get, "big") + frame(opcode::get, "big")));
    CHECK(soon([&] { return on.server.stats().connections_active == 0; }));
}

TEST_CASE("clients and servers that look for what comes next, or sleep at once") {
    for (const unsigned of_server : {0U, 50U, 10'000U}) {
        server_options options;
        options.spin_us = of_server;
        const served on(options);
        for (const int of_client : {0, 50, 10'000}) {
            client_options looking;
            looking.network.spin_us = of_client;
            ipc_client c(on.socket(), looking);
            c.put("key", std::to_string(of_client));
            CHECK(c.get("key") == std::to_string(of_client));
            std::this_thread::sleep_for(std::chrono::milliseconds(15)); // the server sleeps by now
            CHECK(c.ping() < 5);
        }
    }
    server_options options;
    options.spin_us = 1'000'000;
    CHECK(message_of<weft::interface_error>([&] { const served on(options); }).find("spin_us is 1000000") !=
          std::string::npos);
}
