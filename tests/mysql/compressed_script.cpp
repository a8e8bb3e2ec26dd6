// SPDX-License-Identifier: BSL-1.0
// Sessions that compress, with a codec of the test's own: what a server may say inside and around frames.
#include "script.hpp"

#include "../message_of.hpp"
#include "run_length_codec.hpp"

#include <weft/mysql/detail/frame_layer.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <string>
#include <vector>

using Catch::Matchers::ContainsSubstring;
using test::hex;
using test::modern_server;
using test::run_length_codec;
using test::script_options;
using test::script_session;
using test::script_stream;
using test::server_script;
using weft::blob;
using weft::blob_view;
using weft::net::run_now;
namespace mysql = weft::mysql;
namespace protocol = weft::mysql::protocol;
using strings = std::vector<std::string>;

namespace {

constexpr protocol::capability_set compressing_server = modern_server | protocol::capability::compress;

mysql::connect_options compressing_options() {
    mysql::connect_options options = script_options();
    options.compression = mysql::compression::with<run_length_codec>(protocol::capability::compress, 1);
    return options;
}

void append(blob& all, blob_view more) {
    all.insert(all.end(), more.begin(), more.end());
}

// The packets of an answer as frames of at most `piece` bytes.
void append_frames(blob& all, blob_view packets, std::size_t piece = 1000, std::uint8_t sequence = 1) {
    run_length_codec codec;
    while (!packets.empty()) {
        const std::size_t size = packets.size() < piece ? packets.size() : piece;
        protocol::encode_compressed(codec, packets.first(size), sequence, all, 1);
        packets = packets.subspan(size);
    }
}

// Greeting and OK as they are, then the OK for the session's preparation in a frame.
blob login() {
    server_script server(compressing_server);
    blob all = server.greeting().ok().bytes;
    server_script prepared(compressing_server);
    append_frames(all, prepared.command().ok().bytes);
    return all;
}

blob answer(auto write) {
    server_script server(compressing_server);
    server.command();
    write(server);
    return server.bytes;
}

blob two_rows() {
    return answer([](server_script& s) { s.two_rows(); });
}

strings query_rows(blob_view bytes, std::size_t piece = std::size_t{1} << 30) {
    script_session s(script_stream(bytes, piece), compressing_options());
    run_now(s.connect());
    REQUIRE(s.is_compressed());
    run_now(s.query("SELECT"));
    return test::read_all(s);
}

// What a session says about an answer that is no good; it must then be closed.
weft::diagnostics refused(blob_view after_login) {
    blob bytes = login();
    append(bytes, after_login);
    script_session s(script_stream(bytes), compressing_options());
    run_now(s.connect());
    try {
        run_now(s.query("SELECT"));
        test::read_all(s);
    } catch (const weft::error& e) {
        CHECK_FALSE(s.is_open());
        return e.diagnostics();
    }
    FAIL("the answer was taken");
    return {};
}

const strings rows{"1|one", "2|two"};

} // namespace

TEST_CASE("Frames of any size, arriving in pieces of any size, hold the same answer", "[script]") {
    for (const std::size_t frame : {1U, 2U, 5U, 64U, 1000U}) {
        if (two_rows().size() / frame > 250) continue; // ids would begin anew
        for (const std::size_t piece : {1U, 3U, 8U, 1000U}) {
            blob bytes = login();
            append_frames(bytes, two_rows(), frame);
            INFO("frames of " << frame << ", pieces of " << piece);
            CHECK(query_rows(bytes, piece) == rows);
        }
    }
}

TEST_CASE("Ids of frames begin anew after 255", "[script]") {
    blob bytes = login();
    append_frames(bytes, answer([](server_script& s) {
                      s.count(1).definition("a", protocol::field_type::var_string).end_of_definitions();
                      s.row({std::string(2000, 'a')}).end();
                  }),
                  1);
    CHECK(query_rows(bytes) == strings{std::string(2000, 'a')});
}

TEST_CASE("Packets inside frames may have any ids, as servers number them", "[script]") {
    blob answer = two_rows();
    std::uint8_t odd = 77;
    for (std::size_t at = 0; at < answer.size();
         at += 4 + protocol::decode_packet_header(blob_view(answer).subspan(at).first<4>()).length)
        answer[at + 3] = static_cast<std::byte>(odd = static_cast<std::uint8_t>(odd * 5 + 1));
    blob bytes = login();
    append_frames(bytes, answer, 40);
    CHECK(query_rows(bytes) == rows);
}

TEST_CASE("Empty frames are passed over", "[script]") {
    blob bytes = login();
    append(bytes, hex("000000 01 000000  000000 02 000000"));
    append_frames(bytes, two_rows(), 1000, 3);
    CHECK(query_rows(bytes) == rows);
}

TEST_CASE("Frames that lie are refused, naming what they say", "[script]") {
    using protocol::client_error::malformed_packet;
    SECTION("a wrong id") {
        const auto d = refused(hex("040000 02 000000 00000001"));
        CHECK(d.code == malformed_packet);
        CHECK_THAT(d.message, ContainsSubstring("compressed frame with sequence id 2: expected 1"));
    }
    SECTION("less in it than it says") {
        const auto d = refused(hex("020000 01 000100 ff00"));
        CHECK(d.code == malformed_packet);
        CHECK_THAT(d.message, ContainsSubstring("compressed frame 1: expected 2 bytes that decompress to 256"));
    }
    SECTION("more in it than it says") {
        CHECK(refused(hex("020000 01 0a0000 ff00")).code == malformed_packet);
    }
    SECTION("nothing in it") {
        CHECK(refused(hex("000000 01 0a0000")).code == malformed_packet);
    }
    SECTION("a message longer than is allowed") {
        const auto d = refused(hex("040000 01 000000 01001001"));
        CHECK(d.code == protocol::client_error::packet_too_large);
    }
    SECTION("an end in the middle") {
        CHECK(refused(hex("100000 01 000000 0700")).code == protocol::client_error::server_lost);
        CHECK(refused(hex("1000")).code == protocol::client_error::server_lost);
    }
    SECTION("an end between frames of one message") {
        CHECK(refused(hex("020000 01 000000 0700")).code == protocol::client_error::server_lost);
    }
}

TEST_CASE("Bytes outside frames after the login are refused", "[script]") {
    server_script server(compressing_server);
    server.greeting().ok().ok(); // this one has id 3, where a frame has its id
    script_session s(script_stream(server.bytes), compressing_options());
    CHECK_THAT(message_of<weft::internal_error>([&] { run_now(s.connect()); }), ContainsSubstring("compressed frame"));
    CHECK_FALSE(s.is_open());
}

TEST_CASE("A server that cannot compress is not asked to", "[script]") {
    for (const auto& [capabilities, options] :
         {std::pair{modern_server, compressing_options()}, std::pair{compressing_server, script_options()}}) {
        server_script server(capabilities);
        server.login().command().two_rows();
        script_session s(script_stream(server.bytes), options);
        run_now(s.connect());
        CHECK_FALSE(s.is_compressed());
        CHECK((s.capabilities() & protocol::capability::compress) == 0);
        run_now(s.query("SELECT"));
        CHECK(test::read_all(s) == rows);
    }
}

TEST_CASE("Every command is in frames of its own, and their ids begin with 0", "[script]") {
    blob bytes = login();
    for (int i = 0; i < 3; ++i) append_frames(bytes, two_rows());
    script_session s(script_stream(bytes), compressing_options());
    run_now(s.connect());
    const std::size_t before = s.stream().written().size();
    run_now(
        s.pipeline({"SELECT 1", "SELECT 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'", "SELECT 3"}));
    for (int i = 0; i < 3; ++i) {
        CHECK(run_now(s.next_set()));
        CHECK(test::read_all(s) == rows);
    }
    CHECK_FALSE(run_now(s.next_set()));

    blob_view sent = blob_view(s.stream().written()).subspan(before);
    strings texts;
    protocol::frame_decoder decoder;
    run_length_codec codec;
    while (!sent.empty()) {
        blob packets;
        decoder.expect(0);
        const auto frame = decoder.next(codec, sent, packets, 1000);
        REQUIRE(frame);
        sent = sent.subspan(frame.consumed);
        for (std::string& text : test::queries_of(packets)) texts.push_back(std::move(text));
    }
    CHECK(texts.size() == 3);
    CHECK(texts.back() == "SELECT 3");
}

TEST_CASE("A frame needs no more room than it has, and gives what there is room for") {
    run_length_codec codec;
    mysql::detail::frame_layer layer(
        mysql::compression::with<run_length_codec>(protocol::capability::compress, 1).make_codec());
    layer.expect_answer(false);
    blob frames;
    std::uint8_t sequence = 1;
    protocol::encode_compressed(codec, blob(100, std::byte{7}), sequence, frames);
    const auto room = layer.incoming().make_room(frames.size());
    std::copy(frames.begin(), frames.end(), room.begin());

    blob out(64);
    layer.incoming().received(3);
    CHECK(layer.take(out).missing == 4);
    layer.incoming().received(4);
    CHECK(layer.take(out).missing == frames.size() - 7);
    layer.incoming().received(frames.size() - 7);
    CHECK(layer.take(out).size == 64);
    CHECK(layer.take(out).size == 36);
    CHECK(layer.take(out).missing == 7);
    CHECK(out == blob(64, std::byte{7}));
}

TEST_CASE("A connection that compresses can be opened anew", "[script]") {
    blob bytes = login();
    append(bytes, login());
    script_session s(script_stream(bytes, login().size()), compressing_options());
    run_now(s.connect());
    CHECK(s.is_compressed());
    run_now(s.connect());
    CHECK(s.is_compressed());
}
