// SPDX-License-Identifier: BSL-1.0
// The client with servers that say what real ones do not.
#include "../message_of.hpp"
#include "hex.hpp"

#include <weft/net/scripted_stream.hpp>
#include <weft/testing/temporary_directory.hpp>
#include <weft/toondb/ipc_client.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <string>

namespace {

using namespace weft::toondb;
using weft::net::scripted_stream;
using client = basic_ipc_client<scripted_stream>;

std::string what_of(std::string_view reply, auto&& call) {
    scripted_stream peer = scripted_stream::feed({reinterpret_cast<const std::byte*>(reply.data()), reply.size()});
    client c(std::move(peer));
    return message_of<weft::error>([&] { call(c); });
}

} // namespace

TEST_CASE("the client's side as bytes") {
    scripted_stream peer;
    peer.expect(bytes("0E 00000000")).reply(bytes("87 00000000"));
    peer.expect(bytes("02 01000000 6B")).reply_in_pieces(bytes("82 02000000 7676"), 1);
    peer.expect(bytes("04 00000000")).reply(bytes("83 08000000 0100000000000000"));
    peer.expect(bytes("05 08000000 0100000000000000")).reply(bytes("83 08000000 0200000000000000"));
    peer.expect(bytes("07 11000000 0200 752F 05000000 02000000 0100 0100 6E")).reply(bytes("82 02000000 5B5D"));
    client c(std::move(peer));
    CHECK(c.ping() >= 0);
    CHECK(c.get("k") == "vv");
    CHECK(c.begin_transaction() == 1);
    CHECK(c.commit(1) == 2);
    CHECK(c.query("u/").select({"n"}).limit(5).offset(2).to_list().empty());
    CHECK(c.stream().is_done());
}

TEST_CASE("what goes wrong has ToonDB's texts") {
    CHECK(what_of("", [](client& c) { c.get("k"); }) == "Connection closed");
    CHECK(what_of(bytes("82 02"), [](client& c) { c.get("k"); }) == "Connection closed while reading length");
    CHECK(what_of(bytes("82 02000000 76"), [](client& c) { c.get("k"); }) == "Connection closed while reading payload");
    CHECK(what_of(bytes("82 01000001"), [](client& c) { c.get("k"); }) == "Message too large: 16777217 bytes");
    CHECK(what_of(bytes("80 00000000"), [](client& c) { c.get("k"); }) == "Unexpected opcode: 0x80");
    CHECK(what_of(bytes("80 00000000"), [](client& c) { c.ping(); }) == "Expected PONG, got 0x80");
    CHECK(what_of(bytes("81 04000000 626F6F6D"), [](client& c) { c.put("k", "v"); }) == "boom");
    CHECK(what_of(bytes("86 01000000 78"), [](client& c) { c.stats(); }) ==
          "Failed to parse stats JSON: no object and no name=number in 'x'");
    CHECK(what_of(bytes("87 00000000 00"), [](client& c) {
              c.ping();
              c.ping();
          }) == "the server sent bytes that nobody asked for");
}

TEST_CASE("a broken client stays broken, an error of the server breaks nothing") {
    scripted_stream peer;
    peer.expect(bytes("03 01000000 6B")).reply(bytes("81 01000000 78"));
    peer.expect(bytes("03 01000000 6B")).reply(bytes("80 00000000"));
    peer.expect(bytes("0E 00000000")).fail(weft::net::stream_failure::closed, "reset");
    client c(std::move(peer));
    CHECK_THROWS_AS(c.erase("k"), weft::database_error);
    CHECK(c.is_open());
    c.erase("k");
    CHECK(message_of<connection_error>([&] { c.ping(); }) == "Socket error: reset");
    CHECK_FALSE(c.is_open());
    CHECK_THROWS_AS(c.ping(), connection_error);
    c.close();
    c.close();
}

TEST_CASE("errors of a transaction's begin and end are transaction errors") {
    scripted_stream peer;
    peer.expect(bytes("04 00000000")).reply(bytes("81 01000000 78"));
    peer.expect(bytes("05 08000000 0900000000000000")).reply(bytes("81 01000000 79"));
    peer.expect(bytes("06 08000000 0900000000000000")).reply(bytes("81 01000000 7A"));
    client c(std::move(peer));
    CHECK_THROWS_AS(c.begin_transaction(), weft::embedded::transaction_error);
    CHECK_THROWS_AS(c.commit(9), weft::embedded::transaction_error);
    CHECK(message_of<weft::database_error>([&] { c.abort(9); }) == "z");
}

TEST_CASE("a server that is not there, and one that says nothing") {
    const weft::testing::temporary_directory directory;
    const std::string path = directory / "x.sock";
    CHECK(message_of<connection_error>([&] {
              ipc_client::connect(path);
          }).starts_with("Failed to connect to " + path + ": "));
    const int silent = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    std::memcpy(where.sun_path, path.data(), path.size());
    REQUIRE(::bind(silent, reinterpret_cast<sockaddr*>(&where), sizeof where) == 0);
    REQUIRE(::listen(silent, 5) == 0);
    client_options options;
    options.network.read_timeout_ms = 50;
    ipc_client c(path, options);
    CHECK(message_of<connection_error>([&] { c.ping(); }).find("timed out after 50 ms") != std::string::npos);
    CHECK_FALSE(c.is_open());
    ::close(silent);
}
