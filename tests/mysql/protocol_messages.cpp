// SPDX-License-Identifier: BSL-1.0
#include <weft/mysql/protocol/column_definition.hpp>
#include <weft/mysql/protocol/handshake.hpp>
#include <weft/mysql/protocol/packet.hpp>
#include <weft/mysql/protocol/response.hpp>
#include <weft/mysql/protocol/server_version.hpp>

#include "bytes.hpp"
#include "truncation.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace weft::mysql::protocol;
using test::hex;
using test::truncate_everywhere;
using test::written;
using weft::blob;
using weft::blob_view;
using weft::to_hex;

namespace {

template <class Decode>
std::string message_of(const blob& bytes, Decode decode) {
    try {
        static_cast<void>(decode(bytes));
    } catch (const weft::error& e) {
        return e.what();
    }
    return "no error";
}

const blob greeting_payload = hex("0a 35 2e 37 2e 33 32 00 92 10 00 00 01 02 03 04 05 06 07 08 00 df f7 21 02 00 ff 00 "
                                  "15 00 00 00 00 00 00 00 00 00 00 09 0a 0b 0c 0d 0e 0f 10 11 12 13 14 00 6d 79 73 71 "
                                  "6c 5f 6e 61 74 69 76 65 5f 70 61 73 73 77 6f 72 64 00");

const blob response_packet = hex(
    "aa 00 00 01 0d aa 3a 00 ff ff ff 00 2d 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 72 "
    "6f 6f 74 00 14 b3 2b b3 a5 83 e1 34 0c 0a 11 08 d5 8b 1b e4 97 81 ad 8c 2f 6d 79 64 62 00 6d 79 73 71 6c 5f 6e "
    "61 74 69 76 65 5f 70 61 73 73 77 6f 72 64 00 54 03 5f 6f 73 05 6c 69 6e 75 78 04 5f 70 69 64 04 31 32 33 34 0c "
    "5f 63 6c 69 65 6e 74 5f 6e 61 6d 65 1b 53 69 6e 67 6c 65 53 74 6f 72 65 44 42 20 50 79 74 68 6f 6e 20 43 6c 69 "
    "65 6e 74 0f 5f 63 6c 69 65 6e 74 5f 76 65 72 73 69 6f 6e 06 31 2e 31 37 2e 30");

} // namespace

TEST_CASE("length-encoded integers have their shortest form, and any form reads back") {
    const auto encoded = [](std::uint64_t v) { return to_hex(written([v](wire_writer out) { out.lenenc(v); })); };
    CHECK(encoded(250) == "fa");
    CHECK(encoded(251) == "fcfb00");
    CHECK(encoded(65535) == "fcffff");
    CHECK(encoded(65536) == "fd000001");
    CHECK(encoded(1 << 24) == "fe0000000100000000");
    for (unsigned shift = 0; shift < 64; ++shift) {
        for (std::uint64_t v :
             {(std::uint64_t{1} << shift) - 1, std::uint64_t{1} << shift, ~std::uint64_t{0} >> shift}) {
            const blob bytes = written([v](wire_writer out) { out.lenenc(v); });
            wire_reader in(bytes, "test");
            CHECK(in.lenenc("value") == v);
            CHECK(in.at_end());
        }
    }
    CHECK(message_of(hex("fb"), [](blob_view b) { return wire_reader(b, "row").lenenc("length"); }) ==
          "2027: malformed packet: row: length at offset 0: expected a length-encoded integer, found byte 0xfb and 0 "
          "more");
    CHECK(message_of(hex("ff"), [](blob_view b) { return wire_reader(b, "row").lenenc("length"); }).find("0xff") !=
          std::string::npos);
    // a length beyond the message, and one beyond memory
    CHECK_THROWS_AS(wire_reader(hex("05 61"), "row").lenenc_text("value"), weft::operational_error);
    const blob absurd = hex("fe ff ff ff ff ff ff ff ff 61");
    CHECK(message_of(absurd, [](blob_view b) {
              return wire_reader(b, "row").lenenc_text("value");
          }).find("a string of 18446744073709551615 bytes") != std::string::npos);
}

TEST_CASE("the greeting is read and written byte for byte") {
    const greeting g = decode_greeting(greeting_payload);
    CHECK(g.version == "5.7.32");
    CHECK(g.thread_id == 4242);
    CHECK(g.auth_data == test::nonce());
    CHECK(g.capabilities == 0x00FFF7DF);
    CHECK(g.collation == 33);
    CHECK(g.status == status::autocommit);
    CHECK(g.auth_plugin == "mysql_native_password");
    CHECK(to_hex(written([&](wire_writer out) { encode_greeting(g, out); })) == to_hex(greeting_payload));
    truncate_everywhere(greeting_payload, decode_greeting);
    CHECK(message_of(hex("09 35 00"), decode_greeting) == "2007: server greeting: protocol version 9: expected 10");

    greeting long_nonce = g;
    long_nonce.auth_data.assign(32, std::byte{7});
    CHECK(decode_greeting(written([&](wire_writer out) { encode_greeting(long_nonce, out); })) == long_nonce);
    long_nonce.auth_data.assign(19, std::byte{7});
    CHECK_THROWS_AS(written([&](wire_writer out) { encode_greeting(long_nonce, out); }), weft::interface_error);
}

TEST_CASE("MariaDB's capabilities are in the reserved bytes") {
    greeting g = decode_greeting(greeting_payload);
    g.version = "5.5.5-10.11.4-MariaDB-1";
    g.capabilities = (g.capabilities & ~capability::long_password) | capability::mariadb_progress |
                     capability::mariadb_bulk_operations | capability::mariadb_extended_metadata |
                     capability::mariadb_cache_metadata;
    const blob bytes = written([&](wire_writer out) { encode_greeting(g, out); });
    CHECK(to_hex(bytes).find("1d000000090a0b") != std::string::npos);
    CHECK(decode_greeting(bytes) == g);
    CHECK(identify_server(g) == server_identity{server_flavour::mariadb, {10, 11, 4}, false});
}

TEST_CASE("servers are told by their greetings") {
    const auto of = [](std::string_view text) { return identify_server(text, capability::long_password); };
    CHECK(of("8.4.2") == server_identity{server_flavour::mysql, {8, 4, 2}, false});
    CHECK(of("9.7.4-1") == server_identity{server_flavour::mysql, {9, 7, 4}, false});
    CHECK(of("11.8.9-MariaDB-1 from Debian") == server_identity{server_flavour::mariadb, {11, 8, 9}, false});
    CHECK(of("5.7.32") == server_identity{server_flavour::mysql, {5, 7, 32}, true});
    CHECK(of("5.7.32-log") == server_identity{server_flavour::mysql, {5, 7, 32}, false});
    CHECK(of("5.7.32 SingleStoreDB source distribution").flavour == server_flavour::singlestore);
    CHECK(of("5.5.58 MemSQL").may_be_singlestore);
    CHECK(of("x").version == server_version{});
    CHECK(of("").version == server_version{});
    CHECK(of("99999999999999.1").version == server_version{});
}

TEST_CASE("the handshake response is written and read byte for byte") {
    handshake_response r;
    r.capabilities = 0x003AAA0D;
    r.user = "root";
    const blob scramble = hex("b32bb3a583e1340c0a1108d58b1be49781ad8c2f");
    r.auth_response = scramble;
    r.database = "mydb";
    r.auth_plugin = "mysql_native_password";
    r.attributes = {{"_os", "linux"},
                    {"_pid", "1234"},
                    {"_client_name", "SingleStoreDB Python Client"},
                    {"_client_version", "1.17.0"}};
    blob packet;
    std::uint8_t sequence = 1;
    const std::size_t start = begin_packet(packet);
    encode_handshake_response(r, wire_writer(packet));
    end_packet(packet, start, sequence);
    CHECK(to_hex(packet) == to_hex(response_packet));
    CHECK(sequence == 2);

    const blob payload(response_packet.begin() + 4, response_packet.end());
    const handshake_response back = decode_handshake_response(payload);
    CHECK(back.capabilities == r.capabilities);
    CHECK(back.user == "root");
    CHECK(to_hex(back.auth_response) == to_hex(scramble));
    CHECK(back.database == "mydb");
    CHECK(back.auth_plugin == "mysql_native_password");
    CHECK(back.attributes == r.attributes);
    truncate_everywhere(payload, decode_handshake_response);

    const blob ssl = written([&](wire_writer out) { encode_ssl_request(r, out); });
    CHECK(to_hex(ssl) == "0daa3a00ffffff002d" + std::string(46, '0'));
    CHECK(is_ssl_request(ssl));
    CHECK_FALSE(is_ssl_request(payload));

    r.user = std::string_view("ro\0ot", 5);
    CHECK_THROWS_AS(written([&](wire_writer out) { encode_handshake_response(r, out); }), weft::interface_error);
}

TEST_CASE("older servers take the authentication response in other forms") {
    handshake_response r;
    r.user = "u";
    const blob token(300, std::byte{'x'});
    r.auth_response = token;
    for (const capability_set form : {capability::plugin_auth_lenenc_data, capability_set{0}}) {
        r.capabilities = capability::protocol_41 | capability::long_password | capability::zstd_compression | form;
        r.zstd_level = 7;
        const blob bytes = written([&](wire_writer out) { encode_handshake_response(r, out); });
        const handshake_response back = decode_handshake_response(bytes);
        CHECK(to_hex(back.auth_response) == to_hex(token));
        CHECK(back.zstd_level == 7);
    }
    r.capabilities = capability::protocol_41 | capability::secure_connection;
    CHECK_THROWS_AS(written([&](wire_writer out) { encode_handshake_response(r, out); }), weft::interface_error);
    r.capabilities |= capability::mariadb_bulk_operations;
    r.auth_response = {};
    CHECK(decode_handshake_response(written([&](wire_writer out) {
              encode_handshake_response(r, out);
          })).capabilities == r.capabilities);
}

TEST_CASE("switching plugins and changing users") {
    const blob nonce = hex("0102030405060708090a0b0c0d0e0f101112131400");
    const blob bytes = written([&](wire_writer out) { encode_auth_switch({"caching_sha2_password", nonce}, out); });
    CHECK(is_auth_switch(bytes));
    const auth_switch_request r = decode_auth_switch(bytes);
    CHECK(r.plugin == "caching_sha2_password");
    CHECK(to_hex(r.data) == to_hex(nonce));
    CHECK(decode_auth_switch(hex("fe")).plugin == "mysql_old_password");
    truncate_everywhere(bytes, decode_auth_switch);
    CHECK(to_hex(written([&](wire_writer out) { encode_auth_more_data(hex("03"), out); })) == "0103");
    CHECK(to_hex(decode_auth_more_data(hex("01 03"))) == "03");
    CHECK(to_hex(decode_auth_more_data(hex("50 03"))) == "5003");

    constexpr capability_set caps = capability::plugin_auth | capability::connect_attrs;
    change_user c;
    c.user = "eva";
    c.auth_response = nonce;
    c.database = "d";
    c.collation = 255;
    c.auth_plugin = "p";
    c.attributes = {{"a", "b"}};
    const blob change = written([&](wire_writer out) { encode_change_user(c, caps, out); });
    const auto decode = [](blob_view b) { return decode_change_user(b, caps); };
    const change_user back = decode(change);
    CHECK(back.user == "eva");
    CHECK(to_hex(back.auth_response) == to_hex(nonce));
    CHECK(back.database == "d");
    CHECK(back.collation == 255);
    CHECK(back.auth_plugin == "p");
    CHECK(back.attributes == c.attributes);
    truncate_everywhere(change, decode);
}

TEST_CASE("OK, EOF and ERR are those of the published packets") {
    const ok_message ok = decode_ok(hex("00 03 07 02 00 02 00"), 0);
    CHECK(ok.affected_rows == 3);
    CHECK(ok.insert_id == 7);
    CHECK(ok.status == status::autocommit);
    CHECK(ok.warnings == 2);
    CHECK(to_hex(written([&](wire_writer out) { encode_ok(ok, 0, out); })) == "00030702000200");

    CHECK(to_hex(written([](wire_writer out) { encode_eof(1, 10, out); })) == "fe01000a00");
    const ok_message end = decode_end(hex("fe 01 00 0a 00"), 0);
    CHECK(end.warnings == 1);
    CHECK(end.status == (status::autocommit | status::more_results));
    CHECK(decode_end(hex("fe 00 00 0a 00 01 00"), capability::deprecate_eof).status == 10);

    const blob error_bytes = hex("ff 28 04 23 34 32 30 30 30 62 61 64");
    const error_message e = decode_error(error_bytes);
    CHECK(e == error_message{1064, "42000", "bad"});
    CHECK(to_hex(written([&](wire_writer out) { encode_error(e, out); })) == "ff2804233432303030626164");
    CHECK_THROWS_AS(throw_server_error(e, "SELECT"), weft::programming_error);
    truncate_everywhere(hex("00 03 07 02 00 02 00"), [](blob_view b) { return decode_ok(b, 0); });
    truncate_everywhere(hex("fe 01 00 0a 00"), [](blob_view b) { return decode_end(b, 0); });
}

TEST_CASE("an error before the login has no SQLSTATE and keeps its text") {
    CHECK(decode_error(weft::as_blob("\xFF\x10\x04Too many connections")) ==
          error_message{1040, "", "Too many connections"});
    CHECK(decode_error(weft::as_blob("\xFF\x10\x04#08004Too many")) == error_message{1040, "08004", "Too many"});
    CHECK(decode_error(weft::as_blob("\xFF\x10\x04#0")) == error_message{1040, "", "#0"});
    CHECK(decode_error(hex("ff ff 9f")).code == 40959); // unsigned
    CHECK_THROWS_AS(decode_error(hex("ff 10")), weft::operational_error);
}

TEST_CASE("the text of an OK is read with and without its length") {
    CHECK(decode_ok(hex("00 00 00 02 00 00 00 02 68 69"), 0).info == "hi");
    CHECK(decode_ok(hex("00 00 00 02 00 00 00 68 69"), 0).info == "hi");
    CHECK(decode_ok(hex("00 00 00 02 00 00 00 02 68 69"), capability::session_track).info == "hi");
    CHECK_THROWS_AS(decode_ok(hex("00 00 00 02 00 00 00 68 69"), capability::session_track), weft::operational_error);
}

TEST_CASE("session state is tracked, unknown kinds are passed over") {
    using enum session_change_kind;
    const std::vector<session_change> changes{{system_variable, "character_set_client", "utf8mb4"},
                                              {schema, "", "shop"},
                                              {state_changed, "", "1"},
                                              {gtids, "", "3e11fa47-71ca-11e1-9e33-c80aa9429562:23"},
                                              {transaction_characteristics, "", "START TRANSACTION;"},
                                              {transaction_state, "", "T_______"}};
    blob state;
    for (const session_change& c : changes) append_session_change(c, wire_writer(state));
    const blob unknown = hex("09 03 01 02 03");
    state.insert(state.begin(), unknown.begin(), unknown.end());

    ok_message ok;
    ok.status = status::session_state_changed;
    ok.session_state = state;
    const blob bytes = written([&](wire_writer out) { encode_ok(ok, capability::session_track, out); });
    const auto decode = [](blob_view b) {
        std::vector<session_change> found;
        for_each_session_change(decode_ok(b, capability::session_track).session_state,
                                [&](const session_change& c) { found.push_back(c); });
        return found;
    };
    CHECK(decode(bytes) == changes);
    truncate_everywhere(bytes, decode);

    // as MariaDB sends two variables
    std::vector<session_change> found;
    const blob two = hex("00 08 01 61 01 62 01 63 01 64");
    for_each_session_change(two, [&](const session_change& c) { found.push_back(c); });
    CHECK(found == std::vector<session_change>{{system_variable, "a", "b"}, {system_variable, "c", "d"}});
}

TEST_CASE("first responses are told apart") {
    constexpr capability_set modern = capability::deprecate_eof | capability::mariadb_progress;
    CHECK(classify_response(hex("00 00 00 02 00 00 00"), 0) == response_kind::ok);
    CHECK(classify_response(hex("fe 00 00 02 00 00 00"), modern) == response_kind::ok);
    CHECK(classify_response(hex("fe 00 00 02 00"), 0) == response_kind::eof);
    CHECK(classify_response(hex("fb 2f 61"), 0) == response_kind::local_infile);
    CHECK(classify_response(hex("ff 28 04"), modern) == response_kind::error);
    CHECK(classify_response(hex("ff ff ff 01 01 02 00 00 00 00"), modern) == response_kind::progress);
    CHECK(classify_response(hex("ff ff ff 01"), 0) == response_kind::error);
    CHECK(classify_response(hex("02"), 0) == response_kind::result_set);
    CHECK_THROWS_AS(classify_response({}, 0), weft::operational_error);
    CHECK(is_end_of_rows(hex("fe 00 00 02 00"), 0));
    CHECK_FALSE(is_end_of_rows(hex("fe 00 00 02 00 00 00 00 00"), 0));
    CHECK(is_end_of_rows(hex("fe 00 00 02 00 00 00 00 00"), capability::deprecate_eof));

    const progress_message p{1, 2, 33333, "copy to tmp table"};
    const blob report = written([&](wire_writer out) { encode_progress(p, out); });
    CHECK(decode_progress(report) == p);
    truncate_everywhere(report, decode_progress);
    CHECK(decode_local_infile(written([](wire_writer out) { encode_local_infile("/a", out); })) == "/a");
}

TEST_CASE("column counts come with and without a metadata marker") {
    CHECK(decode_column_count(hex("03"), 0).columns == 3);
    CHECK(decode_column_count(hex("03"), 0).metadata_follows);
    for (const capability_set caps : {capability::mariadb_cache_metadata, capability::optional_resultset_metadata}) {
        CHECK_FALSE(decode_column_count(hex("03 00"), caps).metadata_follows);
        const blob bytes = written([&](wire_writer out) { encode_column_count({300, true}, caps, out); });
        CHECK(to_hex(bytes) == "fc2c0101");
        CHECK(decode_column_count(bytes, caps).columns == 300);
    }
    CHECK_THROWS_AS(decode_column_count(hex("00"), 0), weft::operational_error);
    CHECK_THROWS_AS(decode_column_count(hex("fe ff ff ff ff ff ff ff ff"), 0), weft::operational_error);
}

TEST_CASE("column definitions with SingleStore's extension") {
    const auto decode = [](blob_view b) { return decode_column_definition(b, 0); };
    const blob vector = hex("03 64 65 66 02 64 62 01 74 01 74 01 76 01 76 12 3f 00 08 00 00 00 fb 00 00 00 00 00 02 02 "
                            "00 00 00 01");
    column_definition c = decode(vector);
    CHECK(c.catalog == "def");
    CHECK(c.schema == "db");
    CHECK(c.table == "t");
    CHECK(c.org_table == "t");
    CHECK(c.name == "v");
    CHECK(c.org_name == "v");
    CHECK(c.collation == binary_collation);
    CHECK(c.extension == extended_type::vector);
    CHECK(c.dimensions == 2);
    CHECK(c.element == vector_element_type::f32);
    CHECK(to_hex(written([&](wire_writer out) { encode_column_definition(c, 0, out); })) == to_hex(vector));
    truncate_everywhere(vector, decode);

    c = decode(hex("03 64 65 66 02 64 62 01 74 01 74 01 76 01 76 12 21 00 2c 01 00 00 fd 00 00 00 00 00 02 02 00 00 00 "
                   "01"));
    CHECK(c.collation == 33);
    CHECK(c.length == 300);
    CHECK(c.extension == extended_type::vector);

    const blob bson = hex("03 64 65 66 02 64 62 01 74 01 74 01 62 01 62 0d 3f 00 64 00 00 00 fb 80 00 00 00 00 01");
    c = decode(bson);
    CHECK(c.extension == extended_type::bson);
    CHECK(to_hex(written([&](wire_writer out) { encode_column_definition(c, 0, out); })) == to_hex(bson));

    c = decode(hex("03 64 65 66 02 64 62 01 74 01 74 01 78 01 78 0d 2d 00 90 01 00 00 fd 00 00 00 00 00 00"));
    CHECK(c.extension == extended_type::none);
    CHECK(c.type == field_type::var_string);

    const blob plain = hex("03 64 65 66 02 64 62 01 74 01 74 01 64 01 64 0c 3f 00 16 00 00 00 f6 00 00 06 00 00");
    c = decode(plain);
    CHECK(c.type == field_type::newdecimal);
    CHECK(c.length == 22);
    CHECK(c.decimals == 6);
    CHECK(to_hex(written([&](wire_writer out) { encode_column_definition(c, 0, out); })) == to_hex(plain));

    // extensions of later servers: an unknown type, an unknown element, more bytes than known
    CHECK(decode(hex("00 00 00 00 00 00 0e 3f 00 64 00 00 00 fb 80 00 00 00 00 07 99")).extension ==
          extended_type::none);
    CHECK(decode(hex("00 00 00 00 00 00 12 3f 00 64 00 00 00 fb 80 00 00 00 00 02 02 00 00 00 63")).extension ==
          extended_type::none);
    CHECK(decode(hex("00 00 00 00 00 00 14 3f 00 64 00 00 00 fb 80 00 00 00 00 02 02 00 00 00 07 aa bb")).element ==
          vector_element_type::f16);
}

TEST_CASE("column definitions with MariaDB's extended metadata") {
    constexpr capability_set caps = capability::mariadb_extended_metadata;
    const auto decode = [](blob_view b) { return decode_column_definition(b, caps); };
    column_definition c;
    c.catalog = "def";
    c.name = "j";
    c.collation = 45;
    c.length = 4294967295U;
    c.type = field_type::blob;
    c.flags = column_flag::blob | column_flag::not_null;
    c.format = "json";
    blob bytes = written([&](wire_writer out) { encode_column_definition(c, caps, out); });
    CHECK(to_hex(bytes).find("0601046a736f6e0c") != std::string::npos);
    CHECK(decode(bytes) == c);
    truncate_everywhere(bytes, decode);
    c.format = {};
    c.type_name = "inet6";
    bytes = written([&](wire_writer out) { encode_column_definition(c, caps, out); });
    CHECK(to_hex(bytes).find("070005696e6574360c") != std::string::npos);
    CHECK(decode(bytes) == c);
}

TEST_CASE("error numbers have their class and client numbers their text") {
    const auto kind = [](int code) { return classify(code); };
    CHECK(kind(1064) == weft::errc::programming_error);
    CHECK(kind(1146) == weft::errc::programming_error);
    CHECK(kind(1406) == weft::errc::data_error);
    CHECK(kind(1062) == weft::errc::integrity_error);
    CHECK(kind(1235) == weft::errc::not_supported_error);
    CHECK(kind(1045) == weft::errc::operational_error);
    CHECK(kind(1049) == weft::errc::operational_error);
    CHECK(kind(4025) == weft::errc::operational_error);
    CHECK(kind(40000) == weft::errc::operational_error);
    CHECK(kind(222) == weft::errc::internal_error);
    CHECK(client_message(2003) == "cannot connect to the server");
    CHECK(client_message(2013) == "lost connection to the server during a query");
    CHECK(client_message(2020) == "a packet is larger than max_allowed_packet");
    CHECK(client_message(2027) == "malformed packet");
    CHECK(client_message(2059) == "an authentication plugin cannot be loaded");
    CHECK(client_message(2061) == "an authentication plugin reported an error");
    for (int code = 2000; code <= 2061; ++code) CHECK_FALSE(client_message(code).empty());
    CHECK(client_message(1999).empty());
    CHECK(client_message(2062).empty());
    CHECK(mysql_errors.message(1064) == "server error 1064");
}
