// SPDX-License-Identifier: BSL-1.0
#include <weft/net/scripted_stream.hpp>

#include "flows.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>

#include <array>
#include <cstddef>
#include <string>

using Catch::Matchers::Message;
using weft::net::run_now;
using weft::net::scripted_stream;
using weft::net::stream_failure;

namespace {

std::size_t read(scripted_stream& s, std::span<std::byte> buffer) {
    return s.read_some(buffer).await_resume();
}

} // namespace

TEST_CASE("a script plays the other side") {
    scripted_stream s;
    s.expect("PING").reply("PONG").end_of_stream();
    CHECK(run_now(exchange(&s, "PING")) == "PONG");
    CHECK(s.is_done());
    std::array<std::byte, 4> buffer{};
    CHECK(read(s, buffer) == 0);
    CHECK(read(s, buffer) == 0);
}

TEST_CASE("writes and reads may be cut in any way") {
    scripted_stream s;
    s.expect("abcdef").reply_in_pieces("0123456", 3);
    s.write_all(bytes("ab"));
    s.write_all(bytes("cdef"));
    std::array<std::byte, 16> buffer{};
    CHECK(read(s, buffer) == 3);
    CHECK(read(s, std::span(buffer).first(2)) == 2);
    CHECK(read(s, buffer) == 1);
    CHECK_FALSE(s.is_done());
    CHECK(read(s, buffer) == 1);
    CHECK(s.is_done());
}

TEST_CASE("a departure from the script says where it is") {
    scripted_stream s;
    s.expect("hello").reply("x");
    s.write_all(bytes("he"));
    CHECK_THROWS_MATCHES(s.write_all(bytes("lp")), weft::programming_error,
                         Message("script, step 1 of 2: byte 3 of 5 written is 0x70 and should be 0x6c"));
    CHECK_FALSE(s.is_open());
    CHECK_THROWS_AS(s.write_all(bytes("x")), weft::net::stream_error);

    std::array<std::byte, 4> buffer{};
    scripted_stream early;
    early.expect("hello");
    CHECK_THROWS_MATCHES(read(early, buffer), weft::programming_error,
                         Message("script, step 1 of 1: a read where 5 bytes should be written"));
    scripted_stream over;
    CHECK_THROWS_AS(read(over, buffer), weft::programming_error);
    scripted_stream talk;
    talk.reply("x");
    CHECK_THROWS_AS(talk.write_all(bytes("x")), weft::programming_error);
    CHECK_THROWS_AS(talk.read_some({}), weft::interface_error);
}

TEST_CASE("failures on request") {
    scripted_stream s;
    s.reply("a").fail(stream_failure::closed, "connection reset");
    std::array<std::byte, 4> buffer{};
    CHECK(read(s, buffer) == 1);
    CHECK_THROWS_MATCHES(read(s, buffer), weft::net::stream_error, Message("connection reset"));
    CHECK_FALSE(s.is_open());
}

TEST_CASE("replay goes on for ever and feed once") {
    auto s = scripted_stream::replay(bytes("abc"));
    s.write_all(bytes("ignored"));
    CHECK(run_now(read_exactly(&s, 10)) == "abcabcabca");
    auto f = scripted_stream::feed(bytes("xy"));
    f.write_all(bytes("ignored"));
    CHECK_THROWS_AS(run_now(read_exactly(&f, 3)), weft::net::stream_error);
    CHECK_THROWS_AS(scripted_stream::replay({}), weft::programming_error);
}

TEST_CASE("a scripted stream may claim to be secure") {
    scripted_stream s;
    CHECK_FALSE(s.is_secure());
    CHECK(s.secure().is_secure());
    s.set_deadline(weft::net::deadline::after_ms(5));
    CHECK(s.current_deadline().budget_ms() == 5);
}
