// SPDX-License-Identifier: BSL-1.0
#include <weft/core/describe.hpp>
#include <weft/core/json_text.hpp>
#include <weft/format/toon_decode.hpp>
#include <weft/format/toon_encode.hpp>

#include "../message_of.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <deque>
#include <limits>
#include <list>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

using weft::decode_toon;
using weft::encode_toon;
using weft::toon_encode_options;
using weft::value;

namespace {

value object(std::vector<weft::value_member> members) {
    return value::structure(std::move(members));
}
value list(std::vector<value> elements) {
    return value::list(std::move(elements));
}

constexpr toon_encode_options bars{.delimiter = '|'};
constexpr toon_encode_options folding{.fold_keys = true};

struct size_of_part {
    int w;
    int h;
};
BOOST_DESCRIBE_STRUCT(size_of_part, (), (w, h))

struct part {
    std::string sku;
    std::optional<double> price;
    weft::date since;
};
BOOST_DESCRIBE_STRUCT(part, (), (sku, price, since))

struct shelf {
    std::string name;
    size_of_part size;
    std::vector<part> parts;
    std::map<std::string, int> counts;
    std::optional<size_of_part> door;
    std::vector<shelf> inner;
};
BOOST_DESCRIBE_STRUCT(shelf, (), (name, size, parts, counts, door, inner))

} // namespace

TEST_CASE("objects become TOON with a member a line") {
    CHECK(encode_toon(object({{"port", 8080},
                              {"host", "db-1"},
                              {"tls", false},
                              {"note", nullptr},
                              {"limits", object({{"cpu", 2}})},
                              {"empty", object({})},
                              {"list", list({})},
                              {"blank", ""}})) ==
          "port: 8080\nhost: db-1\ntls: false\nnote: null\nlimits:\n  cpu: 2\nempty:\nlist: []\nblank: \"\"");
    CHECK(encode_toon(object({})).empty());
    CHECK(encode_toon(list({})) == "[]");
    CHECK(encode_toon(value("a: b")) == "\"a: b\"");
    CHECK(encode_toon(7) == "7");
    CHECK(encode_toon("plain") == "plain");
    CHECK(encode_toon(nullptr) == "null");
}

TEST_CASE("arrays become TOON in the shortest form") {
    CHECK(encode_toon(object({{"k", list({1, "a", nullptr})}})) == "k[3]: 1,a,null");
    CHECK(encode_toon(list({1, 2})) == "[2]: 1,2");
    const value dim = object({{"w", 2}, {"h", 3}});
    const value parts = list({object({{"sku", "P-7"}, {"dim", dim}, {"qty", 10}}),
                              object({{"qty", 0}, {"sku", "Q-9"}, {"dim", object({{"h", 5}, {"w", 4}})}})});
    CHECK(encode_toon(object({{"parts", parts}})) == "parts[2]{sku,dim{w,h},qty}:\n  P-7,2,3,10\n  Q-9,4,5,0");
    CHECK(encode_toon(parts) == "[2]{sku,dim{w,h},qty}:\n  P-7,2,3,10\n  Q-9,4,5,0");
    CHECK(encode_toon(list({dim, object({{"w", 4}})})) == "[2]:\n  - w: 2\n    h: 3\n  - w: 4");
    CHECK(encode_toon(list({object({{"a", 1}}), object({{"b", 1}})})) == "[2]:\n  - a: 1\n  - b: 1");
    CHECK(encode_toon(list({object({{"a", dim}}), object({{"a", nullptr}})})) ==
          "[2]:\n  - a:\n      w: 2\n      h: 3\n  - a: null");
    CHECK(encode_toon(list({object({{"a", list({})}})})) == "[1]:\n  - a: []");
    CHECK(encode_toon(list({object({{"a", object({})}})})) == "[1]:\n  - a:");
    const value jobs =
        list({1, object({{"k", 2}, {"more", "x"}}), list({3, 4}), object({}), list({list({7}), "s"}), list({})});
    CHECK(encode_toon(object({{"jobs", jobs}})) ==
          "jobs[6]:\n  - 1\n  - k: 2\n    more: x\n  - [2]: 3,4\n  -\n  - [2]:\n    - [1]: 7\n    - s\n  - [0]:");
    CHECK(encode_toon(object({{"deep", list({list({list({1, 2})}), list({list({3})})})}})) ==
          "deep[2]:\n  - [1]:\n    - [2]: 1,2\n  - [1]:\n    - [1]: 3");
    const value steps = list({object({{"n", 1}, {"t", "a"}}), object({{"n", 2}, {"t", "b"}})});
    CHECK(encode_toon(object({{"jobs", list({object({{"steps", steps}, {"state", "done"}})})}})) ==
          "jobs[1]:\n  - steps[2]{n,t}:\n      1,a\n      2,b\n    state: done");
    // an array of tables is a list, because tables within arrays have no name
    CHECK(encode_toon(list({list({object({{"a", 1}})})})) == "[1]:\n  - [1]:\n    - a: 1");
}

TEST_CASE("objects of objects that are alike become keyed TOON tables") {
    const value nodes =
        object({{"east", object({{"cpu", 8}, {"ram", 32}})}, {"we:st", object({{"ram", 16}, {"cpu", 4}})}});
    CHECK(encode_toon(object({{"nodes", nodes}, {"z", 1}})) ==
          "nodes[2:]{cpu,ram}:\n  east: 8,32\n  \"we:st\": 4,16\nz: 1");
    CHECK(encode_toon(nodes, bars) == "[2:|]{cpu|ram}:\n  east: 8|32\n  \"we:st\": 4|16");
    CHECK(encode_toon(nodes, {.keyed_tables = false}) == "east:\n  cpu: 8\n  ram: 32\n\"we:st\":\n  ram: 16\n  cpu: 4");
    CHECK(encode_toon(object({{"one", object({{"a", 1}})}})) == "one:\n  a: 1");
    CHECK(encode_toon(object({{"x", object({{"g", object({{"a", 1}})}})},
                              {"y", object({{"g", object({{"a", 2}})}})}})) == "[2:]{g{a}}:\n  x: 1\n  y: 2");
    CHECK(encode_toon(object({{"x", object({{"g", object({{"a", 1}})}})}, {"y", object({{"g", object({{"a", 2}})}})}}),
                      {.column_groups = false}) == "x:\n  g:\n    a: 1\ny:\n  g:\n    a: 2");
    CHECK(encode_toon(list({nodes})) == "[1]{east{cpu,ram},\"we:st\"{ram,cpu}}:\n  8,32,16,4");
    CHECK(encode_toon(list({nodes, 1})) ==
          "[2]:\n  - east:\n      cpu: 8\n      ram: 32\n    \"we:st\":\n      ram: 16\n      cpu: 4\n  - 1");
}

TEST_CASE("TOON texts are quoted where they would read as something else") {
    const auto written = [](std::string_view text, toon_encode_options options = {}) {
        const std::string toon = encode_toon(object({{"k", value(text)}}), options);
        CHECK(decode_toon(toon)["k"] == value(text));
        return toon.substr(3);
    };
    for (const std::string_view bare :
         {"hello", "ok go", "a-b", "a#b", "1st", "1.2.3", "2024-02-29", "e5", "truex", "nul", "\u00fcber \U0001f600",
          "a|b", "a\u00a0", "1e", "x=y", "a'b", "$", "trueish", "/a.b"}) {
        CAPTURE(bare);
        CHECK(written(bare) == bare);
    }
    for (const std::string_view quoted :
         {"",       " a",  "a ",   " ",  "true", "false", "null", "42",        "-3.5", "05",
          "+1",     "1e5", "1E+9", "-0", "0.0",  "-",     "-x",   "--",        "#",    "# c",
          "a:b",    "a[b", "a]b",  "{",  "a}",   "a,b",   ",",    "12345678,", "[]",   "1234567890123456789012",
          "+1.5e-3"}) {
        CAPTURE(quoted);
        std::string expected(1, '"');
        expected += quoted;
        expected += '"';
        CHECK(written(quoted) == expected);
    }
    CHECK(written("a\"b\\c\n\r\t") == R"("a\"b\\c\n\r\t")");
    CHECK(written(std::string_view("\0\x01\x1f\x7f", 4)) == "\"\\u0000\\u0001\\u001f\x7f\"");
    CHECK(written("\ttab") == R"("\ttab")");
    CHECK(written("a,b", bars) == "a,b");
    CHECK(written("a|b", bars) == "\"a|b\"");
    CHECK(written("long text with, a comma and \u00fcmlauts") == "\"long text with, a comma and \u00fcmlauts\"");
    CHECK(message_of<weft::data_error>([] { (void)encode_toon("ab\xff"); }) ==
          "cannot write 'ab\xff' as TOON: expected valid UTF-8 at byte 2");
    CHECK(message_of<weft::data_error>([] {
              (void)encode_toon(object({{"\xff", 1}}));
          }).find("valid UTF-8 at byte 0") != std::string::npos);
}

TEST_CASE("every byte at every place of a text survives TOON") {
    for (const char delimiter : {',', '|', '\t'}) {
        for (std::size_t length = 1; length < 20; ++length) {
            for (int byte = 0; byte < 128; ++byte) {
                for (std::size_t at = 0; at < length; at += length < 9 ? 1 : 3) {
                    std::string text(length, 'x');
                    text[at] = static_cast<char>(byte);
                    const std::string toon = encode_toon(list({value(text), value(text)}), {.delimiter = delimiter});
                    if (!(decode_toon(toon) == list({value(text), value(text)}))) FAIL(toon);
                }
            }
        }
    }
}

TEST_CASE("TOON keys are bare when they are identifiers with dots") {
    CHECK(encode_toon(
              object({{"my key", 1}, {"a.b", 2}, {"9z", 3}, {"", 4}, {"ok_1", 5}, {"_", 6}, {".a", 7}, {"a-b", 8}})) ==
          "\"my key\": 1\na.b: 2\n\"9z\": 3\n\"\": 4\nok_1: 5\n_: 6\n\".a\": 7\n\"a-b\": 8");
    CHECK(encode_toon(object({{"a\n", list({1})}, {"\u00fc", object({})}})) == "\"a\\n\"[1]: 1\n\"\u00fc\":");
    CHECK(encode_toon(list({object({{"a,b", 1}, {"c|d", 2}})})) == "[1]{\"a,b\",\"c|d\"}:\n  1,2");
}

TEST_CASE("TOON delimiters stand in every header") {
    CHECK(encode_toon(object({{"a", "1|2"}, {"b", list({"1|2", "3,4"})}}), bars) == "a: \"1|2\"\nb[2|]: \"1|2\"|3,4");
    CHECK(encode_toon(list({object({{"x", 1}, {"y", "a,b"}})}), {.delimiter = '\t'}) == "[1\t]{x\ty}:\n  1\ta,b");
    CHECK(encode_toon(list({list({1}), list({})}), bars) == "[2|]:\n  - [1|]: 1\n  - [0|]:");
    CHECK_THROWS_AS(encode_toon(1, {.delimiter = ';'}), weft::programming_error);
    CHECK_THROWS_AS(encode_toon(1, {.indent_size = 0}), weft::programming_error);
    CHECK(encode_toon(object({{"a", object({{"b", list({object({}), 1})}})}}), {.indent_size = 4}) ==
          "a:\n    b[2]:\n        -\n        - 1");
}

TEST_CASE("TOON numbers are canonical") {
    const auto text = [](auto v) { return encode_toon(v); };
    CHECK(text(1e21) == "1e+21");
    CHECK(text(1e-7) == "1e-7");
    CHECK(text(1e20) == "100000000000000000000");
    CHECK(text(-0.0) == "0");
    CHECK(text(0.000001) == "0.000001");
    CHECK(text(1.5e-6) == "0.0000015");
    CHECK(text(-1.25e-9) == "-1.25e-9");
    CHECK(text(1.5) == "1.5");
    CHECK(text(-1000.0) == "-1000");
    CHECK(text(123456.789) == "123456.789");
    CHECK(text(0.1 + 0.2) == "0.30000000000000004");
    CHECK(text(123456789012345680000.0) == "123456789012345680000");
    CHECK(text(1e15) == "1000000000000000");
    CHECK(text(1.7976931348623157e308) == "1.7976931348623157e+308");
    CHECK(text(5e-324) == "5e-324");
    CHECK(text(std::numeric_limits<double>::quiet_NaN()) == "null");
    CHECK(text(-std::numeric_limits<double>::infinity()) == "null");
    CHECK(text(INT64_MIN) == "-9223372036854775808");
    CHECK(text(UINT64_MAX) == "18446744073709551615");
    CHECK(text(weft::decimal::parse("1.50")) == "1.5");
    CHECK(text(weft::decimal::parse("-100.00")) == "-100");
    CHECK(text(weft::decimal::parse("100")) == "100");
    CHECK(text(weft::decimal::parse("0.00")) == "0");
    CHECK(text(true) == "true");
}

TEST_CASE("random doubles survive TOON") {
    std::mt19937_64 random(7);
    for (int i = 0; i < 20000; ++i) {
        double v = 0;
        switch (i % 4) {
        case 0: {
            const std::uint64_t bits = random();
            std::memcpy(&v, &bits, 8);
            break;
        }
        case 1: v = static_cast<double>(random() % 1000000) / 100; break;
        case 2: v = static_cast<double>(static_cast<std::int64_t>(random())) / 1e6; break;
        default: v = std::ldexp(static_cast<double>(random() % 1024), static_cast<int>(random() % 200) - 100);
        }
        if (!std::isfinite(v)) continue;
        const std::string text = encode_toon(v);
        // Whole numbers come back as integers and decimals; what counts is the double nearest to their digits.
        if (weft::decimal::try_parse(decode_toon(text).to_string()).value_or(weft::decimal()).to_double() != v &&
            !(decode_toon(text) == value(v)))
            FAIL(text);
        const double magnitude = std::abs(v);
        if ((magnitude == 0 || (magnitude >= 1e-6 && magnitude < 1e21)) && text.find('e') != std::string::npos)
            FAIL(text);
    }
}

TEST_CASE("what is no text, number or boolean becomes a TOON text or array") {
    CHECK(encode_toon(weft::date(2024, 2, 29)) == "2024-02-29");
    CHECK(encode_toon(weft::datetime::parse("2024-02-29 12:30:00")) == "\"2024-02-29 12:30:00\"");
    CHECK(encode_toon(weft::time::parse("-12:30:00")) == "\"-12:30:00\"");
    CHECK(encode_toon(weft::blob{std::byte{0}, std::byte{255}}) == "AP8=");
    CHECK(encode_toon(weft::json_text("{\"a\":1}")) == R"("{\"a\":1}")");
    CHECK(encode_toon(std::vector<float>{1.0F, 0.1F, -2.5F}) == "[3]: 1,0.1,-2.5");
    CHECK(encode_toon(std::vector<float>{}) == "[]");
    CHECK(encode_toon(list({object({{"v", value(std::vector<float>{1.0F})}})})) == "[1]:\n  - v[1]: 1");
    CHECK(encode_toon(list({value(std::vector<float>{1.0F}), value(std::vector<float>{})})) ==
          "[2]:\n  - [1]: 1\n  - [0]:");
}

TEST_CASE("structs, ranges and maps become TOON") {
    const std::vector<part> parts{{"P-7", 9.5, weft::date(2024, 1, 2)}, {"Q,9", std::nullopt, weft::date(2024, 1, 3)}};
    const std::string table = "[2]{sku,price,since}:\n  P-7,9.5,2024-01-02\n  \"Q,9\",null,2024-01-03";
    CHECK(encode_toon(parts) == table);
    CHECK(encode_toon(std::list<part>(parts.begin(), parts.end())) == table);
    CHECK(encode_toon(std::vector<part>{}) == "[]");
    CHECK(encode_toon(parts[0]) == "sku: P-7\nprice: 9.5\nsince: 2024-01-02");
    CHECK(encode_toon(std::map<std::string, part>{{"a", parts[0]}, {"b", parts[1]}}) ==
          "[2:]{sku,price,since}:\n  a: P-7,9.5,2024-01-02\n  b: \"Q,9\",null,2024-01-03");
    CHECK(encode_toon(std::vector<size_of_part>{{1, 2}, {3, 4}}) == "[2]{w,h}:\n  1,2\n  3,4");
    CHECK(encode_toon(std::vector<bool>{true, false}) == "[2]: true,false");
    CHECK(encode_toon(std::set<std::string>{"x", "y"}) == "[2]: x,y");
    CHECK(encode_toon(std::optional<std::vector<int>>()) == "null");
    CHECK(encode_toon(std::optional(std::vector{1})) == "[1]: 1");
    CHECK(encode_toon(std::deque<std::vector<int>>{{1}, {}}) == "[2]:\n  - [1]: 1\n  - [0]:");
    const shelf s{"left", {1, 2}, parts, {{"p", 1}}, std::nullopt, {{"in", {3, 4}, {}, {}, size_of_part{5, 6}, {}}}};
    CHECK(encode_toon(s) ==
          "name: left\nsize:\n  w: 1\n  h: 2\nparts[2]{sku,price,since}:\n  P-7,9.5,2024-01-02\n"
          "  \"Q,9\",null,2024-01-03\ncounts:\n  p: 1\ndoor: null\ninner[1]:\n  - name: in\n    size:\n"
          "      w: 3\n      h: 4\n    parts: []\n    counts:\n    door:\n      w: 5\n      h: 6\n"
          "    inner: []");
    std::string out = "before\n";
    weft::append_toon(out, size_of_part{1, 2});
    CHECK(out == "before\nw: 1\nh: 2");
    CHECK_THROWS_AS(weft::append_toon(out, std::vector<std::string>{"fine", "\xff"}), weft::data_error);
    CHECK(out == "before\nw: 1\nh: 2");
    CHECK_FALSE(weft::try_encode_toon("\xff").has_value());
    CHECK(weft::try_encode_toon(1).value() == "1");
}

TEST_CASE("chains of TOON objects fold into one key when asked to") {
    const value chain = object({{"a", object({{"b", object({{"c", 1}})}})}});
    CHECK(encode_toon(chain) == "a:\n  b:\n    c: 1");
    CHECK(encode_toon(chain, folding) == "a.b.c: 1");
    CHECK(encode_toon(chain, {.fold_keys = true, .flatten_depth = 2}) == "a.b:\n  c: 1");
    CHECK(encode_toon(chain, {.fold_keys = true, .flatten_depth = 1}) == "a:\n  b:\n    c: 1");
    CHECK(encode_toon(chain, {.fold_keys = true, .flatten_depth = 0}) == "a:\n  b:\n    c: 1");
    CHECK(encode_toon(object({{"a", object({{"b", list({1, 2})}})}}), folding) == "a.b[2]: 1,2");
    CHECK(encode_toon(object({{"a", object({{"b", object({})}})}}), folding) == "a.b:");
    CHECK(encode_toon(object({{"a", object({{"b", object({{"c", 1}, {"d", 2}})}})}}), folding) ==
          "a.b:\n  c: 1\n  d: 2");
    CHECK(encode_toon(object({{"a", object({{"b-c", 1}})}}), folding) == "a:\n  \"b-c\": 1");
    CHECK(encode_toon(object({{"a", object({{"b", 1}})}, {"a.b", 2}}), folding) == "a:\n  b: 1\na.b: 2");
    CHECK(decode_toon(encode_toon(chain, folding), {.expand_paths = true}) == chain);
}

TEST_CASE("TOON is not written deeper than it is read") {
    value nested = list({object({{"a", list({1})}}), 1});
    for (int i = 0; i < 1021; ++i) nested = list({nested, 1});
    CHECK(decode_toon(encode_toon(nested)) == nested);
    for (int i = 0; i < 10; ++i) nested = list({nested, 1});
    CHECK(message_of<weft::data_error>([&] { (void)encode_toon(nested); }) ==
          "a value nested deeper than 1024 levels cannot become TOON");
}
