// SPDX-License-Identifier: BSL-1.0
#include <weft/transfer/json_lines_reader.hpp>

#include <weft/core/json_text.hpp>
#include <weft/format/json.hpp>

#include "../format/sample_rows.hpp"

#include <catch2/catch_test_macros.hpp>

#include <charconv>
#include <limits>
#include <random>

using weft::byte_input;
using weft::json_lines_options;
using weft::json_lines_reader;
using weft::type_id;
using weft::value;

namespace {

std::vector<std::vector<value>> read(std::string_view text, json_lines_options options = {}) {
    json_lines_reader reader(byte_input::text(text), std::move(options));
    std::vector<std::vector<value>> rows;
    std::span<const weft::cell> cells;
    while (reader.next(cells)) {
        std::vector<value>& row = rows.emplace_back();
        for (const weft::cell& c : cells) row.emplace_back(c);
    }
    CHECK(reader.records() == rows.size());
    CHECK(reader.bytes_done() == text.size());
    return rows;
}

std::string error_of(std::string_view text, const json_lines_options& options = {}) {
    try {
        read(text, options);
        return "accepted";
    } catch (const weft::data_error& e) {
        return e.what();
    }
}

} // namespace

TEST_CASE("JSON lines become rows, members by name") {
    const std::string_view text = "\xEF\xBB\xBF{\"id\":1,\"name\":\"Ada\"}\n\n  "
                                  "{\"name\":\"Bo\\u00e4\\n\",\"more\":[1, {\"a\":null}],\"id\":2}\r\n{}";
    json_lines_reader reader(byte_input::text(text));
    CHECK(reader.names() == std::vector<std::string>{"id", "name", "more"});
    const auto rows = read(text);
    REQUIRE(rows.size() == 3);
    CHECK(rows[0] == std::vector<value>{value(1), value("Ada"), nullptr});
    CHECK(rows[1] == std::vector<value>{value(2), value("Bo\u00e4\n"), value(weft::json_text("[1, {\"a\":null}]"))});
    CHECK(rows[2] == std::vector<value>{nullptr, nullptr, nullptr});
    CHECK(read(text, {.names = {"id"}, .ignore_unknown_keys = true})[1] == std::vector<value>{value(2)});
    for (const std::size_t chunk : {16U, 40U})
        CHECK(read(text, {.names = reader.names(), .chunk_size = chunk}) == rows);
    CHECK(read("").empty());
    CHECK(read("\n \n").empty());
}

TEST_CASE("Numbers of JSON lines keep all their digits") {
    const auto one = [](std::string_view number) { return read("{\"n\": " + std::string(number) + " }")[0][0]; };
    CHECK(one("9223372036854775807") == value(std::numeric_limits<std::int64_t>::max()));
    CHECK(one("-9223372036854775808") == value(std::numeric_limits<std::int64_t>::min()));
    CHECK(one("18446744073709551615") == value(std::numeric_limits<std::uint64_t>::max()));
    CHECK(one("18446744073709551616") == value(weft::decimal::parse("18446744073709551616")));
    CHECK(one("0.1") == value(0.1));
    CHECK(one("0.30000000000000004") == value(0.1 + 0.2)); // 17 digits, and a double's
    CHECK(one("0.30000000000000005") == value(weft::decimal::parse("0.30000000000000005")));
    CHECK(one("12345678901234567890.25") == value(weft::decimal::parse("12345678901234567890.25")));
    CHECK(one("1e3") == value(1000.0));
    CHECK(one("1e-400") == value(0.0));
    CHECK(one("true") == value(true));
    CHECK(one("null").is_null());
    CHECK(error_of("{\"n\":1e400}") == "line 1, column 6: a number out of range");
    CHECK(error_of("{\"n\":1" + std::string(80, '0') + "}") == "line 1, column 6: a number out of range");
    std::mt19937_64 random(5);
    for (int i = 0; i < 300; ++i) {
        double v = 0;
        const std::uint64_t bits = random();
        std::memcpy(&v, &bits, sizeof v);
        if (v - v != 0) continue;
        char text[64];
        const std::string printed(text, std::to_chars(text, text + sizeof text, v, std::chars_format::scientific).ptr);
        CHECK(one(printed) == value(v));
    }
}

TEST_CASE("Faults in JSON lines are named with line and column") {
    CHECK(error_of("{\"a\":1}\n{\"a\":}\n").find("line 2, column 6: expected ") == 0);
    CHECK(error_of("{\"a\":1}\n{\"\u00e4\":tru}\n") == "line 2, column 9: expected true, false or null");
    CHECK(error_of("{\"a\":1}\n\n[1]\n") == "line 3, column 1: expected an object");
    CHECK(error_of("{\"a\":1} {\"a\":2}\n").find("line 1, column 9: expected ") == 0);
    CHECK(error_of("{\"a\":01}").find("line 1, column 7: expected ") == 0);
    CHECK(error_of("{\"a\":[1,2}").find("line 1, column 10: expected ") == 0);
    CHECK(error_of("{\"a\":\"\xff\"}").find("line 1, column 7: expected ") == 0);
    CHECK(error_of("{\"a\":1").find("line 1, column 7: expected ") == 0);
    CHECK(error_of("{\"a\":1,\"a\":2}") == "line 1, column 1: the key 'a' occurs twice");
    CHECK(error_of("{\"a\":1,\"b\":2}", {.names = {"a"}}) == "line 1, column 1: there is no column for the key 'b'");
    CHECK(error_of("{\"a\":\"\\ud800\"}").find("line 1, column 1: ") == 0);
    CHECK(error_of("{\"a\":\"" + std::string(200, 'x') + "\"}",
                   {.names = {"a"}, .chunk_size = 16, .largest_line = 100}) ==
          "line 1, column 1: the line is longer than the limit");
}

TEST_CASE("What the JSON format writes as lines, the reader reads") {
    std::mt19937 random(9);
    const auto random_value = [&]() -> value {
        const auto n = static_cast<std::int64_t>(random()) - (std::int64_t{1} << 31);
        switch (random() % 7) {
        case 0: return nullptr;
        case 1: return value(n);
        case 2: return value(static_cast<double>(n) / 7 + 0.5); // never whole
        case 3: return value(n % 2 == 0);
        case 4: return value(std::string("x\"\\\n\u5c71") + std::to_string(n));
        case 5: return value(weft::json_text("[" + std::to_string(n) + ",{\"a\":\"b\"}]"));
        default: return value(weft::decimal::parse(std::to_string(n) + "1234567890.123456789"));
        }
    };
    for (int round = 0; round < 50; ++round) {
        std::vector<std::vector<value>> rows(1 + random() % 5);
        for (auto& row : rows) row = {random_value(), random_value(), random_value()};
        const sample_rows sample({{"a", type_id::any}, {"b \"q\"", type_id::any}, {"\u00e4", type_id::any}}, rows);
        CHECK(read(format_rows(weft::json{.lines = true}, sample)) == rows);
    }
}
