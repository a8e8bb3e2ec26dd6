// SPDX-License-Identifier: BSL-1.0
#include <weft/format/toon_decode.hpp>
#include <weft/format/toon_reader.hpp>

#include "../message_of.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <string_view>
#include <vector>

using weft::decode_toon;
using weft::toon_decode_options;
using weft::type_id;
using weft::value;

namespace {

constexpr toon_decode_options lenient{.strict = false};
constexpr toon_decode_options paths{.expand_paths = true};

/// The document as JSON.
std::string json_of(std::string_view toon, const toon_decode_options& options = {}) {
    std::string text;
    weft::append_json(text, decode_toon(toon, options).view());
    return text;
}

/// What the reader says against the document.
std::string refusal(std::string_view toon, const toon_decode_options& options = {}) {
    return message_of<weft::data_error>([&] { (void)decode_toon(toon, options); });
}

/// Writes the events down.
struct recorder {
    std::string seen;

    void begin_object() { seen += '{'; }
    void key(std::string_view name) { seen += std::string(name) + '='; }
    void end_object() { seen += '}'; }
    void begin_array(std::size_t declared) { seen += '[' + std::to_string(declared) + ':'; }
    void end_array() { seen += ']'; }
    void value(const weft::cell& c) {
        weft::append_json(seen, c);
        seen += ' ';
    }
};

} // namespace

TEST_CASE("TOON objects and arrays of every form become values") {
    CHECK(json_of("port: 8080\nhost: db-1\ntls: false\nnote: null\nlimits:\n  cpu: 2\nempty:\nlist: []\nblank: \"\"") ==
          R"({"port":8080,"host":"db-1","tls":false,"note":null,"limits":{"cpu":2},"empty":{},"list":[],"blank":""})");
    CHECK(json_of("parts[2]{sku,dim{w,h},qty}:\n  P-7,2,3,10\n  Q-9,4,5,0\n") ==
          R"({"parts":[{"sku":"P-7","dim":{"w":2,"h":3},"qty":10},{"sku":"Q-9","dim":{"w":4,"h":5},"qty":0}]})");
    CHECK(json_of("nodes[2:]{cpu,ram}:\n  east: 8,32\n  \"w:1\": 4,16\nz: 1") ==
          R"({"nodes":{"east":{"cpu":8,"ram":32},"w:1":{"cpu":4,"ram":16}},"z":1})");
    CHECK(
        json_of("jobs[6]:\n  - 1\n  - k: 2\n    more: x\n  - [2]: 3,4\n  -\n  - [2]:\n    - [1]: 7\n    - s\n  - []") ==
        R"({"jobs":[1,{"k":2,"more":"x"},[3,4],{},[[7],"s"],[]]})");
    CHECK(json_of("jobs[1]:\n  - steps[2]{n,t}:\n      1,a\n      2,b\n    state: done\nnext: 1") ==
          R"({"jobs":[{"steps":[{"n":1,"t":"a"},{"n":2,"t":"b"}],"state":"done"}],"next":1})");
    CHECK(json_of("a[2|]: x,y|z\nb[2\t]: 1\t2|3\nc[1|]{x|y}:\n  1|\"2|3\"") ==
          R"({"a":["x,y","z"],"b":[1,"2|3"],"c":[{"x":1,"y":"2|3"}]})");
}

TEST_CASE("a TOON document is an object, an array or a single value") {
    CHECK(json_of("") == "{}");
    CHECK(json_of("\n  \n# nothing\n") == "{}");
    CHECK(json_of("[]") == "[]");
    CHECK(json_of("[3]: 1,a,true") == R"([1,"a",true])");
    CHECK(json_of("[2]:\n  - a\n  - b: 1") == R"(["a",{"b":1}])");
    CHECK(json_of("[2]{a}:\n  1\n  2") == R"([{"a":1},{"a":2}])");
    CHECK(json_of("[2:]{a}:\n  x: 1\n  y: 2\n") == R"({"x":{"a":1},"y":{"a":2}})");
    CHECK(json_of("hello world") == R"("hello world")");
    CHECK(json_of("- x") == R"("- x")");
    CHECK(json_of("\"a: b\"") == R"("a: b")");
    CHECK(json_of("-1.5e3") == "-1500");
    CHECK(json_of("[1, 2]") == R"("[1, 2]")");
    CHECK(refusal("a\nb") == "TOON line 1, column 1: Missing colon after key 'a'");
    CHECK(refusal("[1]: 1\na: 2") == "TOON line 2, column 1: Unexpected 'a: 2' after the end of the root value");
    CHECK(json_of("[1]: 1\na: 2", lenient) == "[1]");
    CHECK(refusal("  a: 1") == "TOON line 1, column 3: the first line must not be indented");
    CHECK(json_of("  a: 1\n  b: 2", lenient) == R"({"a":1,"b":2})");
}

TEST_CASE("TOON tokens are what the grammar says, not what a host language would read") {
    for (const std::string_view text : {"05", "-05", "+5", ".5", "1.", "0x10", "1_000", "NaN", "Infinity", "-x", "1e",
                                        "1e+", "--1", "-", "True", "nulls", "1.2.3", "1e5.0", "-.5"}) {
        CAPTURE(text);
        const value v = decode_toon("k: " + std::string(text));
        CHECK(v["k"] == value(text));
    }
    CHECK(json_of("k[9]: 42,-3.5,1E+9,0e1,-0,1.500,-0.0,1e-7,12e0") == R"({"k":[42,-3.5,1e+09,0,0,1.5,0,1e-07,12]})");
    CHECK(json_of("k: \"42\"\nl: \"true\"\nm: \"\"") == R"({"k":"42","l":"true","m":""})");
    CHECK(json_of("k: []\nl: [1]\nm[2]: [],{}") == R"({"k":[],"l":"[1]","m":["[]","{}"]})");
}

TEST_CASE("TOON numbers keep all their digits") {
    const auto number = [](std::string_view text) { return decode_toon("k: " + std::string(text))["k"]; };
    CHECK(number("-9223372036854775808") == value(INT64_MIN));
    CHECK(number("9223372036854775807") == value(INT64_MAX));
    CHECK(number("9223372036854775808") == value(std::uint64_t{1} << 63));
    CHECK(number("18446744073709551615") == value(UINT64_MAX));
    CHECK(number("18446744073709551616") == value(weft::decimal::parse("18446744073709551616")));
    CHECK(number("-9223372036854775809") == value(weft::decimal::parse("-9223372036854775809")));
    const std::string longest(65, '7');
    CHECK(number(longest) == value(weft::decimal::parse(longest)));
    CHECK(number(longest + "7") == value(7.777777777777777777777777e65));
    CHECK(number("9007199254740993.0") == value(9007199254740992.0)); // the nearest double
    CHECK(number("0.1") == value(0.1));
    CHECK(number("123456789012345678901.5") == value(123456789012345678901.5));
    CHECK(number("1.7976931348623157e308") == value(1.7976931348623157e308));
    CHECK(number("5e-324") == value(5e-324));
    CHECK(number("1e-400") == value(0.0));
    CHECK(number("0." + std::string(400, '0') + "1e-20") == value(0.0));
    CHECK(number("0." + std::string(400, '0') + "1e401") == value(1.0));
    CHECK(refusal("k: 1e400") == "TOON line 1, column 4: number '1e400' is too large for a double");
    CHECK(decode_toon("k: -1e400", lenient)["k"] == value("-1e400"));
}

TEST_CASE("TOON texts may have escapes, and only those of the specification") {
    CHECK(decode_toon(R"(k: "\\ \" \n \r \t \u00e9\u20AC\u0000.")")["k"] ==
          value(std::string_view("\\ \" \n \r \t \u00e9\u20ac\0.", 17)));
    CHECK(decode_toon("k: \"a\tb\"")["k"] == value("a\tb"));
    CHECK(decode_toon("\"a\\nb\": 1\n\"c\": \"d\\\\\"").to_string() == R"({"a\nb":1,"c":"d\\"})");
    for (const auto& options : {toon_decode_options(), lenient}) {
        for (const std::string_view bad : {R"(\/)", R"(\b)", R"(\f)", R"(\x41)", R"(\u12)", R"(\u12g4)",
                                           R"(\ud83d\ude00)", R"(\uDFFF)", R"(\U0041)", R"(\ )"}) {
            CAPTURE(bad);
            CHECK(
                refusal("k: \"a" + std::string(bad) + "\"", options)
                    .starts_with("TOON line 1, column 6: Invalid escape sequence: '" + std::string(bad.substr(0, 2))));
        }
        CHECK(refusal("k: \"abc", options) == "TOON line 1, column 4: Unterminated string: missing closing quote");
        CHECK(refusal("k: \"abc\\", options) == "TOON line 1, column 4: Unterminated string: missing closing quote");
        CHECK(refusal("k: \"abc\\\"", options) == "TOON line 1, column 4: Unterminated string: missing closing quote");
        CHECK(refusal("k: \"a\"b", options) == "TOON line 1, column 7: Unexpected characters after the closing quote");
        CHECK(refusal("k[2]: \"a\"b,c", options) ==
              "TOON line 1, column 10: Unexpected characters after the closing quote");
        CHECK(refusal("\"k\"b: 1", options) == "TOON line 1, column 4: Unexpected characters after the closing quote");
        CHECK(refusal("\"k: 1", options) == "TOON line 1, column 1: Unterminated string: missing closing quote");
        CHECK(refusal("a: 1\nb", options) == "TOON line 2, column 1: Missing colon after key 'b'");
        CHECK(refusal("a:\n  \"b\"", options) == "TOON line 2, column 3: Missing colon after key '\"b\"'");
    }
}

TEST_CASE("TOON keys may be anything before the first colon") {
    CHECK(json_of("foo-bar: 1\n2key: 2\na b : 3\n\"\": 4\n\"x:y\": 5\n__proto__: 6\n\"q\"  :7\n a: 8", lenient) ==
          R"({"foo-bar":1,"2key":2,"a b":3,"":4,"x:y":5,"__proto__":6,"q":7,"a":8})");
    CHECK(json_of("\"a[1]\"[2]: 1,2\n\"b:\": x") == R"({"a[1]":[1,2],"b:":"x"})");
    CHECK(json_of("a: b: c") == R"({"a":"b: c"})");
    CHECK(json_of("a: x [y]\nb\"[\": 1") == R"({"a":"x [y]","b\"[\"":1})");
    CHECK(json_of("k[1]{\"a,b\",\"c\\\"\"}:\n  1,2") == R"({"k":[{"a,b":1,"c\"":2}]})");
}

TEST_CASE("Spaces around TOON tokens do not count, other blanks are content") {
    CHECK(json_of("k:v\nl:   v  \nm[2]:1 , 2 \nn[1]{ a , b }:\n   x  ,  y \n", {.strict = false}) ==
          R"({"k":"v","l":"v","m":[1,2],"n":[{"a":"x","b":"y"}]})");
    CHECK(decode_toon("k: \u00a0v\u00a0")["k"] == value("\u00a0v\u00a0"));
    CHECK(decode_toon("k: \tv\t")["k"] == value("\tv\t"));
    CHECK(json_of("a: 1\r\nb: x\r\nc[2]{d}:\r\n  1\r\n  y\r\n") == R"({"a":1,"b":"x","c":[{"d":1},{"d":"y"}]})");
    CHECK(decode_toon("k: a\rb\r\r\n")["k"] == value("a\rb\r"));
    CHECK(json_of("k[3]: a,,\nl[2]{x,y}:\n  ,\n  1,") == R"({"k":["a","",""],"l":[{"x":"","y":""},{"x":1,"y":""}]})");
}

TEST_CASE("TOON comments vanish before anything else") {
    CHECK(json_of("# top\na[2]{x}:\n # odd\n  1\n      # deep\n  2\n#\nb: # no comment\n") ==
          R"({"a":[{"x":1},{"x":2}],"b":"# no comment"})");
    CHECK(json_of("a[1]:\n  - x # y\n#") == R"({"a":["x # y"]})");
    CHECK(refusal("a:\n\t# x") == "TOON line 2, column 1: Tabs are not allowed in indentation");
}

TEST_CASE("blank lines end nothing, and strict TOON has none within arrays") {
    CHECK(json_of("a: 1\n\n  \nb[2]{x}:\n\n  1\n  2\n\nc[1]:\n\n  - 1\n\n") ==
          R"({"a":1,"b":[{"x":1},{"x":2}],"c":[1]})");
    for (const std::string_view text :
         {"k[2]:\n  - 1\n\n  - 2", "k[2]{a}:\n  1\n\n  2", "k[2:]{a}:\n  x: 1\n\n  y: 2", "k[1]:\n  - a: 1\n\n    b: 2",
          "k[1]:\n  - a:\n\n      b: 2", "k[2]:\n  - a[1]{x}:\n\n      1\n  - 2"}) {
        CAPTURE(text);
        CHECK(refusal(text).find("Blank lines are not allowed inside arrays") != std::string::npos);
        (void)decode_toon(text, lenient);
    }
}

TEST_CASE("strict TOON checks counts and widths, lenient TOON takes what is there") {
    const auto both = [](std::string_view text, std::string_view why, std::string_view json) {
        CAPTURE(text);
        CHECK(refusal(text) == why);
        CHECK(json_of(text, lenient) == json);
    };
    both("k[3]: 1,2", "TOON line 1, column 7: Expected 3 array values, but got 2", R"({"k":[1,2]})");
    both("k[2]:\n  - 1", "TOON line 1, column 2: Expected 2 list array items, but got 1", R"({"k":[1]})");
    both("k[1]{a}:\n  1\n  2", "TOON line 1, column 2: Expected 1 tabular rows, but got 2",
         R"({"k":[{"a":1},{"a":2}]})");
    both("k[3:]{a}:\n  x: 1", "TOON line 1, column 2: Expected 3 keyed entries, but got 1", R"({"k":{"x":{"a":1}}})");
    both("k[1]{a,b}:\n  1", "TOON line 2, column 3: Expected 2 values in row, but got 1: '1'",
         R"({"k":[{"a":1,"b":null}]})");
    both("k[1]{a,b}:\n  1,2,3", "TOON line 2, column 3: Expected 2 values in row, but got 3: '1,2,3'",
         R"({"k":[{"a":1,"b":2}]})");
    both("k[1:]{a}:\n  x:", "TOON line 2, column 3: Expected 1 values in row, but got 0: 'x:'",
         R"({"k":{"x":{"a":null}}})");
    both("k[1]{a}:\n  x: y", "TOON line 1, column 2: Expected 1 tabular rows, but got 0", R"({"k":[],"x":"y"})");
    both("k[0]: a", "TOON line 1, column 7: Expected 0 array values, but got 1", R"({"k":["a"]})");
    both("a: 1\nb: 2\na: 3", "TOON line 3, column 1: Duplicate key 'a'", R"({"a":3,"b":2})");
    both("k[1]{a,a}:\n  1,2", "TOON line 1, column 8: Duplicate key 'a'", R"({"k":[{"a":2}]})");
    both("k[2:]{a}:\n  x: 1\n  x: 2", "TOON line 3, column 3: Duplicate key 'x'", R"({"k":{"x":{"a":2}}})");
    both("a:\n    b: 1", "TOON line 2, column 5: Unexpected indentation of 2 levels: expected at most 1",
         R"({"a":{"b":1}})");
    both("a: 1\n  b: 2", "TOON line 2, column 3: Unexpected indentation of 1 levels: expected at most 0",
         R"({"a":1,"b":2})");
    both("a:\n   b: 1", "TOON line 2, column 4: Indentation must be an exact multiple of 2 spaces, got 3",
         R"({"a":{"b":1}})");
    both("a:\n\tb: 1", "TOON line 2, column 1: Tabs are not allowed in indentation", R"({"a":{"b":1}})");
    both("k[1]:\n  x: 1", "TOON line 2, column 3: expected a list item, '-' and a space, instead of 'x: 1'",
         R"({"k":[],"x":1})");
    CHECK(refusal("k: \xff") == "TOON line 1, column 4: expected valid UTF-8");
    CHECK(refusal("a: 1\nk: \u00e9\xc3") == "TOON line 2, column 6: expected valid UTF-8");
    CHECK(decode_toon("k: \xff", lenient)["k"].view().text() == "\xff");
}

TEST_CASE("TOON headers with a mistake are refused, or keys of lenient documents") {
    for (const std::string_view header :
         {"key[03]",      "key[-1]",     "key[+3]",    "key[3.7]",    "key[1e1]",     "key[bar]",
          "key[]",        "key[#3]",     "key[2|:]",   "key[2 :]",    "key[2:,]",     "key[2]x",
          "key[2] ",      "key[1][2]",   "key[1]{}",   "key[1]{a{}}", "key[1]{a",     "key[1]{a}}",
          "key[1|]{a,b}", "key[1]{a|b}", "key[2:]",    "key[1]{a} ",  "key[ 2]",      "key[2,]",
          "key[1] {a}",   "key[1]{a,}",  "key[1]{,a}", "[1]",         "key[1]{a[1]}", "key[1234567890123456789]"}) {
        CAPTURE(header);
        const std::string text = "first: 1\n" + std::string(header) + ": 7";
        const std::string why = refusal(text);
        CHECK((why.starts_with("TOON line 2, column ") && why.find("Invalid header: expected ") != std::string::npos));
        const value v = decode_toon(text, lenient);
        CHECK(v.size() == 2);
        CHECK(v.element_name(1).starts_with(header.substr(0, 2)));
    }
    CHECK(refusal("key[1]{a}: 1").find("nothing on the line of a table's header") != std::string::npos);
    CHECK(refusal("a:\n  [2]: 1,2").find("expected a key before it") != std::string::npos);
    CHECK(refusal("a[1]:\n  - [1]{x}:\n    1").find("expected a key before it") != std::string::npos);
    CHECK(json_of("k[0]:\nl[0]{a}:\nm[0:]{a}:\nn[1:]{a}:\n  x: 1") == R"({"k":[],"l":[],"m":{},"n":{"x":{"a":1}}})");
}

TEST_CASE("TOON indentation can have any size") {
    CHECK(json_of("a:\n    b:\n        c[1]:\n            - 1", {.indent_size = 4}) == R"({"a":{"b":{"c":[1]}}})");
    CHECK(json_of("a:\n b:\n  c: 1", {.indent_size = 1}) == R"({"a":{"b":{"c":1}}})");
    CHECK(json_of("a:\n b: 1", lenient) == R"({"a":{},"b":1})"); // half a level is none
    CHECK_THROWS_AS(decode_toon("a: 1", {.indent_size = 0}), weft::programming_error);
}

TEST_CASE("TOON of earlier versions can have its paths expanded") {
    CHECK(json_of("a.b.c: 1\na.d: 2\n\"x.y\": 3\nz-1.q: 4\na.b.e[2]: 1,2", paths) ==
          R"({"a":{"b":{"c":1,"e":[1,2]},"d":2},"x.y":3,"z-1.q":4})");
    CHECK(json_of("a.b: 1") == R"({"a.b":1})");
    CHECK(json_of("a:\n  b: 1\na.c: 2", paths) == R"({"a":{"b":1,"c":2}})");
    CHECK(json_of("a.c: 2\na:\n  b: 1", paths) == R"({"a":{"c":2,"b":1}})");
    CHECK(json_of("k[1]{a.b,a.c}:\n  1,2\n", paths) == R"({"k":[{"a":{"b":1,"c":2}}]})");
    CHECK(json_of("a..b: 1\n.c: 2\nd.: 3", paths) == R"({"a..b":1,".c":2,"d.":3})");
    CHECK(refusal("a.b: 1\na: 2", paths) == "TOON: the path 'a' leads to what has a value already");
    CHECK(refusal("a: 1\na.b: 2", paths) == "TOON: the path 'a.b' leads to what has a value already");
    const toon_decode_options loose{.strict = false, .expand_paths = true};
    CHECK(json_of("a.b: 1\na: 2", loose) == R"({"a":2})");
    CHECK(json_of("a: 1\na.b: 2", loose) == R"({"a":{"b":2}})");
    CHECK(json_of("a.b: 1\na.b: 2\na.b.c: 3", loose) == R"({"a":{"b":{"c":3}}})");
    std::string deep = "a";
    for (int i = 0; i < 1100; ++i) deep += ".a";
    CHECK(refusal(deep + ": 1", paths).find("leads deeper than 1024 levels") != std::string::npos);
    CHECK(decode_toon(deep + ": 1").size() == 1);
}

TEST_CASE("TOON values outlive the text and each other") {
    value kept;
    {
        std::string text = "a[2]{x,g{y,z}}:\n  one,2,\"th\\nree\"\n  four,5,six\nb: 1";
        const value document = decode_toon(text);
        text.assign(text.size(), '!');
        kept = document["a"][0];
    }
    CHECK(kept.to_string() == R"({"x":"one","g":{"y":2,"z":"th\nree"}})");
    CHECK(kept["g"]["z"].as<std::string>() == "th\nree");
    CHECK(kept == value::structure({{"x", "one"}, {"g", value::structure({{"y", 2}, {"z", "th\nree"}})}}));
    CHECK(value(kept.view()) == kept); // a copy of its own
}

TEST_CASE("a TOON document is told as events") {
    recorder r;
    weft::read_toon("a:\n  b[2]: x,\"y\\n\"\nt[2]{u,g{v}}:\n  1,2\n  3,4\nk[1:]{w}:\n  e: 5", r);
    CHECK(r.seen == R"({a={b=[2:"x" "y\n" ]}t=[2:{u=1 g={v=2 }}{u=3 g={v=4 }}]k={e={w=5 }}})");
    recorder loose;
    weft::read_toon("t[2]{u,u}:\n  1\n", loose, lenient);
    CHECK(loose.seen == "{t=[2:{u=1 u=null }]}");
}

TEST_CASE("TOON objects with many members are checked for repeated names") {
    std::string text;
    std::string table = "t[2000:]{x}:\n";
    for (int i = 0; i < 2000; ++i) {
        text += "key" + std::to_string(i) + ": " + std::to_string(i) + "\n";
        table += "  key" + std::to_string(i) + ": 1\n";
    }
    CHECK(decode_toon(text).size() == 2000);
    CHECK(decode_toon(text)["key1999"] == value(1999));
    CHECK(decode_toon(table)["t"].size() == 2000);
    CHECK(refusal(text + "key7: x") == "TOON line 2001, column 1: Duplicate key 'key7'");
    CHECK(refusal(text + "key1999: x") == "TOON line 2001, column 1: Duplicate key 'key1999'");
    const value last = decode_toon(text + "key7: x\nkey1500: y", lenient);
    CHECK(last.size() == 2000);
    CHECK(last[7] == value("x"));
    CHECK(last[1500] == value("y"));
}

TEST_CASE("TOON nests to 1024 levels") {
    const auto nested = [](int levels) {
        std::string text;
        for (int i = 0; i < levels; ++i) text += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
        return text;
    };
    const toon_decode_options narrow{.indent_size = 1};
    CHECK(decode_toon(nested(1024), narrow).size() == 1);
    CHECK(refusal(nested(1025), narrow).find("at most 1024 levels of nesting") != std::string::npos);
    std::string groups = "k[0]";
    for (int i = 0; i < 1100; ++i) groups += "{a";
    CHECK(refusal(groups + std::string(1100, '}') + ":").find("at most 1024 levels of nesting") != std::string::npos);
}

TEST_CASE("the result form of decode_toon keeps the error") {
    CHECK(weft::try_decode_toon("a: 1").value()["a"] == value(1));
    const auto failed = weft::try_decode_toon("a");
    CHECK(failed.has_value());
    const auto broken = weft::try_decode_toon("a: \"");
    REQUIRE_FALSE(broken.has_value());
    CHECK(broken.error().kind() == weft::errc::data_error);
}
