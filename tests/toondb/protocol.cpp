// SPDX-License-Identifier: BSL-1.0
// Every message as bytes, both ways, against the protocol's published examples.
#include "../message_of.hpp"
#include "hex.hpp"

#include <weft/toondb/protocol/packed_row.hpp>
#include <weft/toondb/protocol/scoped.hpp>
#include <weft/toondb/protocol/sql_answer.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace {

using namespace weft::toondb;
using namespace weft::toondb::protocol;

std::string plain(opcode op, std::string_view payload = {}) {
    return encode_plain(op, payload);
}

/// The payload of the only frame of `bytes`.
std::string_view payload_of(const std::string& bytes) {
    frame_view frame;
    std::uint32_t wanted = 0;
    REQUIRE(peek_frame(bytes, frame, wanted) == frame_state::whole);
    REQUIRE(bytes.size() == header_size + frame.payload.size());
    return frame.payload;
}

template <class F>
std::string refusal(F&& f) {
    return message_of<protocol_error>(f);
}

} // namespace

TEST_CASE("frames are what the protocol's examples say") {
    CHECK(plain(opcode::ping) == bytes("0E 00 00 00 00"));
    CHECK(plain(opcode::pong) == bytes("87 00 00 00 00"));
    CHECK(plain(opcode::ok) == bytes("80 00 00 00 00"));
    CHECK(plain(opcode::put, "hello") == bytes("01 05 00 00 00 68 65 6C 6C 6F"));
    CHECK(encode_put("k", "vv") == bytes("01 07 00 00 00 01 00 00 00 6B 76 76"));
    CHECK(plain(opcode::get, "k") == bytes("02 01 00 00 00 6B"));
    CHECK(plain(opcode::erase, "k") == bytes("03 01 00 00 00 6B"));
    CHECK(plain(opcode::value, "vv") == bytes("82 02 00 00 00 76 76"));
    CHECK(plain(opcode::value) == bytes("82 00 00 00 00"));
    CHECK(plain(opcode::begin_txn) == bytes("04 00 00 00 00"));
    CHECK(encode_number(opcode::txn_id, 1) == bytes("83 08 00 00 00 01 00 00 00 00 00 00 00"));
    CHECK(encode_number(opcode::commit_txn, 1) == bytes("05 08 00 00 00 01 00 00 00 00 00 00 00"));
    CHECK(encode_number(opcode::abort_txn, 1) == bytes("06 08 00 00 00 01 00 00 00 00 00 00 00"));
    const query_request query{"u/", 10, 0, {"n"}};
    CHECK(encode_query(query) == bytes("07 11 00 00 00 02 00 75 2F 0A 00 00 00 00 00 00 00 01 00 01 00 6E"));
    CHECK(encode_create_table({"t", {{"id", column_type::int64, false}}}) ==
          bytes("08 0B 00 00 00 01 00 74 01 00 02 00 69 64 00 00"));
    const std::vector<std::string> path{"a", "bc"};
    CHECK(encode_path(opcode::put_path, path, "v") == bytes("09 0A 00 00 00 02 00 01 00 61 02 00 62 63 76"));
    CHECK(encode_path(opcode::get_path, path) == bytes("0A 09 00 00 00 02 00 01 00 61 02 00 62 63"));
    CHECK(plain(opcode::scan, "ab") == bytes("0B 02 00 00 00 61 62"));
    std::string scan;
    scan_writer writer(scan);
    writer.add("ab/1", "x");
    writer.add("ab/2", "");
    writer.finish();
    CHECK(scan == bytes("82 19 00 00 00 02 00 00 00 04 00 61 62 2F 31 01 00 00 00 78 04 00 61 62 2F 32 00 00 00 00"));
    CHECK(plain(opcode::checkpoint) == bytes("0C 00 00 00 00"));
    CHECK(plain(opcode::stats) == bytes("0D 00 00 00 00"));
    CHECK(plain(opcode::error, "boom") == bytes("81 04 00 00 00 62 6F 6F 6D"));
}

TEST_CASE("a frame is found in any number of bytes") {
    const std::string one = encode_put("k", std::string(300, 'v'));
    frame_view frame;
    std::uint32_t wanted = 0;
    for (std::size_t i = 0; i < one.size(); ++i) {
        CHECK(peek_frame({one.data(), i}, frame, wanted) == frame_state::partial);
        CHECK(wanted == (i < header_size ? 0 : one.size() - header_size));
    }
    const std::string two = one + "more";
    CHECK(peek_frame(two, frame, wanted) == frame_state::whole);
    CHECK(frame.op == opcode::put);
    CHECK(frame.payload == std::string_view(one).substr(header_size));
}

TEST_CASE("a payload has 16 MiB at most, both ways") {
    const std::string most(max_payload, 'x');
    frame_view frame;
    std::uint32_t wanted = 0;
    const std::string allowed = plain(opcode::get, most);
    CHECK(peek_frame(allowed, frame, wanted) == frame_state::whole);
    CHECK(peek_frame(bytes("02 01 00 00 01"), frame, wanted) == frame_state::too_large);
    CHECK(wanted == max_payload + 1);
    CHECK(peek_frame(bytes("02 00 00 00 01"), frame, wanted) == frame_state::partial);
    CHECK(refusal([&] { return plain(opcode::get, most + 'x'); }) ==
          "Message too large: 16777217 bytes (max: 16777216)");
    CHECK(refusal([&] { return encode_put("", most); }) == "Message too large: 16777220 bytes (max: 16777216)");
    std::string out = "before";
    scan_writer writer(out);
    CHECK(refusal([&] { writer.add("key", most); }).starts_with("Message too large: 167772"));
}

TEST_CASE("requests come back as they were") {
    const std::string key("\0k\xFF", 3);
    const std::string frame = encode_put(key, "value");
    CHECK(decode_put(payload_of(frame)).key == key);
    CHECK(decode_put(payload_of(frame)).value == "value");
    CHECK(decode_put(payload_of(encode_put("", ""))).key.empty());
    for (const query_request& q : {query_request{}, query_request{"a/\xC3\xA9", 1, 4'000'000'000U, {"x", "", "y z"}}})
        CHECK(decode_query(payload_of(encode_query(q))) == q);
    const table_definition table{std::string(200, 't'),
                                 {{"id", column_type::uint64, false}, {"", column_type::boolean, true}}};
    CHECK(decode_create_table(payload_of(encode_create_table(table))) == table); // 200 is no UTF-8, and no matter
    CHECK(decode_create_table(payload_of(encode_create_table({"t", {}}))).columns.empty());
    CHECK(decode_path(payload_of(encode_path(opcode::put_path, std::vector<std::string>{}, "v"))).key.empty());
    const std::string path_frame = encode_path(opcode::put_path, std::vector<std::string>{"users/alice", "", "x"}, "v");
    const path_request path = decode_path(payload_of(path_frame));
    CHECK(path.key == "users/alice//x");
    CHECK(path.value == "v");
    CHECK(decode_number(payload_of(encode_number(opcode::commit_txn, 1'000'000'000'007)), "") == 1'000'000'000'007);
}

TEST_CASE("cut requests are refused in ToonDB's words") {
    CHECK(refusal([] { decode_put("abc"); }) == "Protocol error: PUT payload too short");
    CHECK(refusal([] { decode_put(bytes("02 00 00 00 61")); }) == "Protocol error: PUT payload key truncated");
    CHECK(refusal([] { decode_path("a"); }) == "Protocol error: Path payload too short");
    CHECK(refusal([] { decode_path(bytes("01 00 05")); }) == "Protocol error: Path segment length truncated");
    CHECK(refusal([] { decode_path(bytes("01 00 02 00 61")); }) == "Protocol error: Path segment truncated");
    CHECK(refusal([] { decode_path(bytes("01 00 01 00 FF")); }) == "Protocol error: Invalid UTF-8 in path");
    CHECK(refusal([] { decode_query("a"); }) == "Query payload too short");
    CHECK(refusal([] { decode_query(bytes("02 00 61")); }) == "Query path truncated");
    CHECK(refusal([] { decode_query(bytes("01 00 FF")); }) == "Invalid UTF-8 in query path");
    CHECK(refusal([] { decode_query(bytes("00 00 00 00 00 00 00")); }) == "Query limit/offset truncated");
    CHECK(refusal([] { decode_query(bytes("00 00 00000000 00000000 01")); }) == "Query columns count truncated");
    CHECK(refusal([] { decode_query(bytes("00 00 00000000 00000000 0100 01")); }) == "Query column length truncated");
    CHECK(refusal([] { decode_query(bytes("00 00 00000000 00000000 0100 0100")); }) == "Query column truncated");
    CHECK(refusal([] { decode_query(bytes("00 00 00000000 00000000 0100 0100 FF")); }) ==
          "Invalid UTF-8 in query column");
    CHECK(refusal([] { decode_create_table("t"); }) == "Schema payload too short");
    CHECK(refusal([] { decode_create_table(bytes("02 00 61")); }) == "Schema name truncated");
    CHECK(refusal([] { decode_create_table(bytes("01 00 FF")); }) == "Invalid UTF-8 in schema name");
    CHECK(refusal([] { decode_create_table(bytes("01 00 74 01")); }) == "Schema column count truncated");
    CHECK(refusal([] { decode_create_table(bytes("01 00 74 0100 01")); }) == "Column name length truncated");
    CHECK(refusal([] { decode_create_table(bytes("01 00 74 0100 0100")); }) == "Column name truncated");
    CHECK(refusal([] { decode_create_table(bytes("01 00 74 0100 0100 FF")); }) == "Invalid UTF-8 in column name");
    CHECK(refusal([] { decode_create_table(bytes("01 00 74 0100 0100 61 00")); }) == "Column type/nullable truncated");
    CHECK(refusal([] { decode_create_table(bytes("01 00 74 0100 0100 61 06 00")); }) == "Invalid column type");
    CHECK(refusal([] { decode_number("1234567", "COMMIT_TXN"); }) == "COMMIT_TXN requires txn_id");
    CHECK(refusal([] { decode_number("", "ABORT_TXN"); }) == "ABORT_TXN requires txn_id");
    CHECK(hex_code(0x02) == "0x2");
    CHECK(hex_code(0xFF) == "0xff");
}

TEST_CASE("of a scan that is cut the entries that are whole are read") {
    std::string frame;
    scan_writer writer(frame);
    writer.add("a", "1");
    writer.add("b", "2");
    writer.finish();
    const std::string_view payload = payload_of(frame);
    CHECK(decode_scan(payload) == std::vector<key_value>{{"a", "1"}, {"b", "2"}});
    CHECK(decode_scan(payload.substr(0, payload.size() - 1)) == std::vector<key_value>{{"a", "1"}});
    CHECK(decode_scan("abc").empty());
    std::string out;
    scan_writer long_keys(out);
    long_keys.add(std::string(65'535, 'k'), "");
    CHECK(message_of<weft::data_error>([&] { long_keys.add(std::string(65'536, 'k'), ""); }) ==
          "a key in the result of a scan has 65536 bytes and may have at most 65535");
}

TEST_CASE("figures are read as JSON and as lines") {
    server_stats s;
    s.connections_total = 1;
    s.requests_total = 4;
    s.active_transactions = 2;
    CHECK(stats_json(s) == R"({"connections_total":1,"connections_active":0,"requests_total":4,"requests_success":0,)"
                           R"("requests_error":0,"bytes_received":0,"bytes_sent":0,"uptime_secs":0,)"
                           R"("memtable_size_bytes":0,"wal_size_bytes":0,"active_transactions":2})");
    CHECK(decode_stats(stats_json(s)).size() == 11);
    CHECK(decode_stats(stats_json(s)).at("requests_total") == 4);
    CHECK(decode_stats(" { \"a\" : -5 , \"b\":7 } ").at("a") == -5);
    CHECK(decode_stats("{}").empty());
    CHECK(decode_stats("requests_total=5\nuptime_secs=10\n").at("uptime_secs") == 10);
    for (const char* bad :
         {"", "nonsense", "{\"a\":}", "{\"a\" 1}", "{\"a\":1,}", "{a:1}", "{\"a\":1", "a=b", "{\"a\":1.5}"}) {
        INFO(bad);
        CHECK(refusal([&] { decode_stats(bad); }).starts_with("Failed to parse stats JSON: "));
    }
}

TEST_CASE("packed rows come back as they were") {
    const table_definition table{"t",
                                 {{"id", column_type::int64, false},
                                  {"n", column_type::uint64, true},
                                  {"f", column_type::float64, true},
                                  {"s", column_type::text, true},
                                  {"b", column_type::binary, true},
                                  {"t", column_type::boolean, true}}};
    using weft::cell;
    const std::vector<cell> row{cell(std::int64_t{-5}),     cell(), cell(2.5),
                                cell::of_text("h\xC3\xA9"), cell(), cell(true)};
    const std::string packed = encode_packed_row(table, row);
    CHECK(packed == bytes("12 00000000 08000000 08000000 10000000 17000000 17000000 FBFFFFFFFFFFFFFF 0000000000000440 "
                          "03000000 68C3A9 01"));
    const auto back = decode_packed_row(table, packed);
    REQUIRE(back);
    CHECK((*back)[0].int64() == -5);
    CHECK((*back)[1].is_null());
    CHECK((*back)[2].float64() == 2.5);
    CHECK((*back)[3].text() == "h\xC3\xA9");
    CHECK((*back)[4].is_null());
    CHECK((*back)[5].boolean());
    for (std::size_t i = 0; i < packed.size(); ++i) CHECK_FALSE(decode_packed_row(table, packed.substr(0, i)));

    CHECK(message_of<weft::data_error>([&] { encode_packed_row(table, {}); }) ==
          "table t has 6 columns, the row has 0");
    const std::vector<cell> none(6);
    CHECK(message_of<weft::data_error>([&] { encode_packed_row(table, none); }) == "column t.id cannot be null");
    std::vector<cell> wrong = row;
    wrong[1] = cell(std::int64_t{-1});
    CHECK(message_of<weft::data_error>([&] {
              encode_packed_row(table, wrong);
          }).starts_with("column t.n is UInt64 and cannot hold "));
}

TEST_CASE("weft's own messages come back as they were") {
    scan_request asked;
    asked.scope = 7;
    asked.most = 3;
    asked.prefix = "p";
    asked.after = "p1";
    const std::string frame = encode_scoped_scan(asked);
    const scan_request read = decode_scoped_scan(payload_of(frame));
    CHECK(read.scope == 7);
    CHECK(read.most == 3);
    CHECK(read.prefix == "p");
    CHECK(read.after == "p1");
    std::string portion;
    portion_writer writer(portion);
    CHECK(writer.add(std::string(65'536, 'k'), "v"));
    CHECK(writer.add("l", std::string(100'000, 'v')));
    CHECK_FALSE(writer.add("m", std::string(100'000, 'v')));
    writer.finish(true);
    const scan_portion entries = decode_portion(payload_of(portion));
    CHECK(entries.more);
    CHECK(entries.entries.size() == 2);
    CHECK(entries.entries[0].key.size() == 65'536);
    std::string none;
    append_found(none, std::nullopt);
    CHECK_FALSE(decode_found(payload_of(none)));
    std::string empty;
    append_found(empty, "");
    CHECK(decode_found(payload_of(empty)) == "");

    using weft::cell;
    const std::vector<cell> parameters{cell(),     cell(std::int64_t{-1}), cell(UINT64_MAX), cell(0.5),
                                       cell(true), cell::of_text("t")};
    const std::string sql = encode_sql(9, "SELECT ?", parameters);
    const sql_request back = decode_sql(payload_of(sql));
    CHECK(back.scope == 9);
    CHECK(back.text == "SELECT ?");
    REQUIRE(back.parameters.size() == 6);
    CHECK(back.parameters[2].uint64() == UINT64_MAX);
    CHECK(back.parameters[5].text() == "t");
    const std::string_view payload = payload_of(sql);
    for (std::size_t i = 0; i < payload.size(); ++i)
        CHECK(refusal([&] { decode_sql(payload.substr(0, i)); }) != "no error");
}

TEST_CASE("failures are thrown as the class they were") {
    const auto through = [](const weft::error& e) {
        std::string out;
        append_failure(out, e);
        throw_failure(payload_of(out));
    };
    CHECK_THROWS_AS(through(weft::embedded::transaction_error("x")), weft::embedded::transaction_error);
    CHECK_THROWS_AS(through(weft::integrity_error("x")), weft::integrity_error);
    try {
        weft::embedded::detail::throw_conflict("somebody was first");
    } catch (const weft::error& e) {
        try {
            through(e);
            FAIL("nothing was thrown");
        } catch (const weft::embedded::transaction_conflict& c) {
            CHECK(c.diagnostics().code == 2002);
            CHECK(c.diagnostics().sqlstate == "40001");
            CHECK(c.diagnostics().message == "somebody was first");
        }
    }
    CHECK_THROWS_AS(throw_failure("ab"), protocol_error);
    CHECK_THROWS_AS(throw_failure(bytes("FF 00000000 00 61")), weft::database_error);
}
