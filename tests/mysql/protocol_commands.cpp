// SPDX-License-Identifier: BSL-1.0
#include <weft/mysql/protocol/prepared_statement.hpp>

#include "bytes.hpp"
#include "truncation.hpp"

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <limits>
#include <string>
#include <vector>

using namespace weft::mysql::protocol;
using test::hex;
using test::truncate_everywhere;
using test::written;
using weft::blob;
using weft::blob_view;
using weft::cell;
using weft::to_hex;

namespace {

std::string encoded(const cell& c) {
    return to_hex(written([&](wire_writer out) { encode_parameter(c, out); }));
}

blob body_of(const blob& message) {
    return {message.begin() + 1, message.end()};
}

} // namespace

TEST_CASE("commands are those of the published packets") {
    const auto bytes = [](auto write) { return to_hex(written(write)); };
    CHECK(bytes([](wire_writer o) { encode_query("SELECT 1", 0, o); }) == "0353454c4543542031");
    CHECK(bytes([](wire_writer o) { encode_command(command::quit, o); }) == "01");
    CHECK(bytes([](wire_writer o) { encode_command(command::ping, o); }) == "0e");
    CHECK(bytes([](wire_writer o) { encode_init_db("db", o); }) == "026462");
    CHECK(bytes([](wire_writer o) { encode_process_kill(4242, o); }) == "0c92100000");
    CHECK(bytes([](wire_writer o) { encode_set_multi_statements(true, o); }) == "1b0000");
    CHECK(bytes([](wire_writer o) { encode_stmt_prepare("?", o); }) == "163f");
    CHECK(bytes([](wire_writer o) { encode_stmt_fetch(1, 100, o); }) == "1c0100000064000000");
    CHECK(bytes([](wire_writer o) { encode_stmt_reset(1, o); }) == "1a01000000");
    CHECK(bytes([](wire_writer o) { encode_stmt_close(1, o); }) == "1901000000");
    CHECK(bytes([](wire_writer o) { encode_stmt_send_long_data(1, 2, hex("abcd"), o); }) == "18010000000200abcd");
    const blob query = hex("03 53");
    CHECK(decode_command(query).kind == command::query);
    CHECK(to_hex(decode_command(query).body) == "53");
    CHECK_THROWS_AS(decode_command({}), weft::operational_error);
}

TEST_CASE("values have their binary form") {
    CHECK(encoded(cell(true)) == "01");
    CHECK(encoded(cell(std::int64_t{-2})) == "feffffffffffffff");
    CHECK(encoded(cell(std::uint64_t{18446744073709551615U})) == "ffffffffffffffff");
    CHECK(encoded(cell(1.5)) == "000000000000f83f");
    CHECK(encoded(cell::of_decimal_text("-12.50")) == "062d31322e3530");
    CHECK(encoded(cell(weft::date(2024, 2, 29))) == "04e807021d");
    CHECK(encoded(cell(weft::datetime::parse("2024-02-29 00:00:00"))) == "04e807021d");
    CHECK(encoded(cell(weft::datetime::parse("2024-02-29 13:14:15"))) == "07e807021d0d0e0f");
    CHECK(encoded(cell(weft::datetime::parse("2024-02-29 00:00:00.000008"))) == "0be807021d00000008000000");
    CHECK(encoded(cell(weft::time{})) == "00");
    CHECK(encoded(cell(weft::time::parse("-00:00:02"))) == "080100000000000002");
    CHECK(encoded(cell(weft::time::parse("838:59:59.999999"))) == "0c0022000000163b3b3f420f00");
    CHECK(encoded(cell::of_text("h\xC3\xA9")) == "0368c3a9");
    CHECK(encoded(cell::of_json("[1]")) == "035b315d");
    const blob bytes = hex("00 ff");
    CHECK(encoded(cell::of_blob(bytes)) == "0200ff");
    const std::array<float, 3> v{1.0F, 2.5F, -3.0F};
    CHECK(encoded(cell::of_vector(v)) == "0c0000803f00002040000040c0"); // as servers send it back
}

TEST_CASE("types travel with the first execution and when they change") {
    parameter_types types;
    const auto execute = [&](std::vector<cell> cells, capability_set caps = 0) {
        return to_hex(written([&](wire_writer out) { encode_stmt_execute(7, cells, types, caps, out); }));
    };
    CHECK(execute({}) == "17070000000001000000");
    CHECK(execute({cell(std::int64_t{1}), cell()}) == "17070000000001000000"
                                                      "02"
                                                      "01"
                                                      "08000600"
                                                      "0100000000000000");
    CHECK(execute({cell(std::int64_t{2}), cell()}) == "17070000000001000000"
                                                      "02"
                                                      "00"
                                                      "0200000000000000");
    CHECK(execute({cell(), cell::of_text("a")}) == "17070000000001000000"
                                                   "01"
                                                   "01"
                                                   "0800fd00"
                                                   "0161");
    CHECK(execute({cell(), cell()}) == "17070000000001000000"
                                       "03"
                                       "00"); // NULL fits any type
    CHECK(execute({cell(std::uint64_t{1}), cell()}) == "17070000000001000000"
                                                       "02"
                                                       "01"
                                                       "0880fd00"
                                                       "0100000000000000");
    types.clear();
    CHECK(execute({cell(true)}, capability::query_attributes) == "17070000000801000000"
                                                                 "01"
                                                                 "00"
                                                                 "01"
                                                                 "010000"
                                                                 "01");
    CHECK(execute({}, capability::query_attributes) == "17070000000801000000"
                                                       "00");
}

TEST_CASE("what an execution sends, a server reads") {
    for (const capability_set caps : {capability_set{0}, capability::query_attributes}) {
        parameter_types types;
        const std::array<float, 2> v{1, 2};
        const std::vector<cell> cells{cell(true),
                                      cell(),
                                      cell(std::int64_t{-1}),
                                      cell(std::uint64_t{1}),
                                      cell(0.5),
                                      cell::of_decimal_text("1.5"),
                                      cell(weft::date(1, 1, 1)),
                                      cell(weft::time::parse("-01:00:00.5")),
                                      cell(weft::datetime::parse("9999-12-31 23:59:59.999999")),
                                      cell::of_text(""),
                                      cell::of_json("{}"),
                                      cell::of_vector(v)};
        std::vector<parameter_type> known;
        for (int round = 0; round < 2; ++round) {
            const blob message = written([&](wire_writer out) {
                encode_stmt_execute(9, cells, types, caps, out, {.cursor = cursor_type::read_only});
            });
            const auto decode = [&](blob_view b) { return decode_stmt_execute(b, cells.size(), known, caps); };
            const blob body = body_of(message);
            const execute_message e = decode(body);
            CHECK(e.statement_id == 9);
            CHECK(e.cursor == cursor_type::read_only);
            REQUIRE(e.parameters.size() == cells.size());
            for (std::size_t i = 0; i < cells.size(); ++i) {
                CHECK(e.parameters[i].is_null == cells[i].is_null());
                CHECK(e.parameters[i].type == parameter_type_of(cells[i].kind()));
                if (cells[i].is_null()) continue;
                // the value, with whatever length stands before it
                CHECK(encoded(cells[i]).ends_with(to_hex(e.parameters[i].bytes)));
            }
            truncate_everywhere(body, decode);
            known.clear();
            for (const bound_parameter& p : e.parameters) known.push_back(p.type);
        }
    }
    CHECK_THROWS_AS(decode_stmt_execute(hex("01000000 00 01000000 00 00"), 1, {}, 0), weft::operational_error);
}

TEST_CASE("parameters sent before are left out") {
    parameter_types types;
    const std::vector<cell> cells{cell::of_text(""), cell(true)};
    constexpr std::array<std::uint16_t, 1> before{0};
    CHECK(to_hex(written([&](wire_writer out) {
              encode_stmt_execute(1, cells, types, 0, out, {.long_data = before});
          })) == "17010000000001000000"
                 "00"
                 "01"
                 "fd000100"
                 "01");
}

TEST_CASE("query attributes stand before the text") {
    const std::vector<query_attribute> attributes{{"trace", cell::of_text("ab")}, {"n", cell()}};
    const blob message =
        written([&](wire_writer out) { encode_query("SELECT 1", capability::query_attributes, out, attributes); });
    CHECK(to_hex(message) == "03"
                             "02"
                             "01"
                             "02"
                             "01"
                             "fd00"
                             "057472616365"
                             "0600"
                             "016e"
                             "026162"
                             "53454c4543542031");
    const blob body = body_of(message);
    const auto decode = [](blob_view b) { return decode_query(b, capability::query_attributes); };
    const query_message q = decode(body);
    CHECK(q.sql == "SELECT 1");
    REQUIRE(q.attributes.size() == 2);
    CHECK(q.attributes[0].name == "trace");
    CHECK(weft::as_text(q.attributes[0].bytes) == "ab");
    CHECK(q.attributes[1].is_null);
    for (std::size_t size = 0; size + 8 < body.size(); ++size) {
        CHECK_THROWS_AS(decode(blob(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(size))),
                        weft::operational_error);
    }
    CHECK(to_hex(written([&](wire_writer out) { encode_query("x", capability::query_attributes, out); })) ==
          "03000178");
    CHECK(decode_query(hex("78"), 0).sql == "x");
    CHECK_THROWS_AS(decode(hex("fe ff ff ff ff 00 00 00 00 01 00")), weft::operational_error);
    blob out;
    CHECK_THROWS_AS(encode_query("x", 0, wire_writer(out), attributes), weft::interface_error);
}

TEST_CASE("answers to COM_STMT_PREPARE") {
    const blob bytes = hex("00 01 00 00 00 02 00 03 00 00 04 00");
    const prepare_ok p = decode_prepare_ok(bytes, 0);
    CHECK(p == prepare_ok{1, 2, 3, 4, true});
    CHECK(written([&](wire_writer out) { encode_prepare_ok(p, 0, out); }) == bytes);
    truncate_everywhere(bytes, [](blob_view b) { return decode_prepare_ok(b, 0); });
    constexpr capability_set caps = capability::optional_resultset_metadata;
    const prepare_ok without{1, 2, 3, 4, false};
    CHECK(decode_prepare_ok(written([&](wire_writer out) { encode_prepare_ok(without, caps, out); }), caps) == without);
    CHECK_THROWS_AS(decode_prepare_ok(hex("ff 01 00"), 0), weft::operational_error);
}

TEST_CASE("MariaDB's bulk execution") {
    const std::vector<parameter_type> types{parameter_type_of(weft::type_id::int64),
                                            parameter_type_of(weft::type_id::text)};
    blob message;
    bulk_execution bulk(3, types, wire_writer(message));
    bulk.add_row(std::vector<cell>{cell(std::int64_t{1}), cell::of_text("a")});
    bulk.add_row(std::vector<cell>{cell(std::int64_t{2}), cell()});
    CHECK(to_hex(message) == "fa"
                             "03000000"
                             "8000"
                             "0800"
                             "fd00"
                             "00"
                             "0100000000000000"
                             "00"
                             "0161"
                             "00"
                             "0200000000000000"
                             "01");
    const blob before = message;
    CHECK_THROWS_AS(bulk.add_row(std::vector<cell>{cell(), cell(true)}), weft::data_error);
    CHECK_THROWS_AS(bulk.add_row(std::vector<cell>{cell()}), weft::interface_error);
    CHECK(message == before);

    const blob body = body_of(message);
    const bulk_message m = decode_bulk_execute(body, 2);
    CHECK(m.statement_id == 3);
    CHECK_FALSE(m.return_generated_ids);
    CHECK(m.types == types);
    REQUIRE(m.values.size() == 4);
    CHECK(weft::as_text(m.values[1].bytes) == "a");
    CHECK(m.values[3].indicator == bulk_indicator::null);
    truncate_everywhere(body, [](blob_view b) { return decode_bulk_execute(b, 2); });
    CHECK_THROWS_AS(decode_bulk_execute(hex("03000000 8000 0800 04"), 1), weft::operational_error);
}

TEST_CASE("numbers SQL has no word for are refused, or NULL if the user says so") {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    constexpr double infinity = std::numeric_limits<double>::infinity();
    for (const double v : {nan, infinity, -infinity}) {
        parameter_types types;
        const std::vector<cell> cells{cell(v)};
        blob out;
        CHECK_THROWS_AS(encode_stmt_execute(1, cells, types, 0, wire_writer(out)), weft::data_error);
        out.clear();
        encode_stmt_execute(1, cells, types, 0, wire_writer(out),
                            {.values = {.nan_as_null = true, .inf_as_null = true}});
        CHECK(to_hex(out) == "17010000000001000000"
                             "01"
                             "01"
                             "0600");
    }
}
