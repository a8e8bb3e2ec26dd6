// SPDX-License-Identifier: BSL-1.0
#include <weft/core/json_members.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace weft;

namespace {

using members = std::vector<std::pair<std::string, std::string>>;

members walk(std::string_view json) {
    members out;
    for (json_members m(json); m.next();) out.emplace_back(m.name(), m.value());
    return out;
}

std::string unquoted(std::string_view quoted) {
    std::string out = ">";
    append_unquoted_json(out, quoted);
    return out.substr(1);
}

} // namespace

TEST_CASE("members of a JSON object come in the order of the text", "[core][json]") {
    CHECK(walk(R"({"a":1,"b":[2,{"c":"}"}],"":null})") ==
          members{{R"("a")", "1"}, {R"("b")", R"([2,{"c":"}"}])"}, {R"("")", "null"}});
    CHECK(walk(" {\n \"a b\" : \"x,\\\"y}\" ,\t\"a b\" : -1.5e3 } ") ==
          members{{R"("a b")", R"("x,\"y}")"}, {R"("a b")", "-1.5e3"}});
    CHECK(walk("{}").empty());
    CHECK(walk(" { } ").empty());
    CHECK(walk(R"({"deep":{"a":{"b":[[],[{}]]}},"after":true})") ==
          members{{R"("deep")", R"({"a":{"b":[[],[{}]]}})"}, {R"("after")", "true"}});
}

TEST_CASE("elements of a JSON array have no names", "[core][json]") {
    CHECK(walk(R"([1, "two" ,[3],{"four":4}, false])") ==
          members{{"", "1"}, {"", R"("two")"}, {"", "[3]"}, {"", R"({"four":4})"}, {"", "false"}});
    CHECK(walk("[]").empty());
    CHECK(json_members("[]").is_array());
    CHECK_FALSE(json_members("[]").is_object());
    CHECK(json_members(" {}").is_object());
    CHECK_FALSE(json_members("12").is_object());
    CHECK_FALSE(json_members("\"[\"").is_array());
}

TEST_CASE("JSON strings without their quotes and escapes", "[core][json]") {
    CHECK(unquoted(R"("")").empty());
    CHECK(unquoted(R"("plain é")") == "plain é");
    CHECK(unquoted(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
    CHECK(unquoted(R"("\u0041\u00e9\u20AC")") == "Aé€");
    CHECK(unquoted(R"("\ud83d\ude00!")") == "\U0001F600!");
    CHECK(unquoted(R"("\ud83d")") == "\uFFFD");
    CHECK(unquoted(R"("\ud83dx")") == "\uFFFDx");
    CHECK(unquoted(R"("\ud83d\ud83d\ude00")") == "\uFFFD\U0001F600");
    CHECK(unquoted(R"("\ude00\n")") == "\uFFFD\n");
    CHECK(is_json_string(R"("na\u006de")", "name"));
    CHECK(is_json_string(R"("name")", "name"));
    CHECK_FALSE(is_json_string(R"("nam")", "name"));
    CHECK_FALSE(is_json_string(R"("n\name")", "name"));
}

TEST_CASE("JSON values as cells", "[core][json]") {
    std::string storage;
    CHECK(json_cell("null", storage).is_null());
    CHECK(json_cell("true", storage).boolean());
    CHECK_FALSE(json_cell("false", storage).boolean());
    CHECK(json_cell("-9223372036854775808", storage).int64() == std::numeric_limits<std::int64_t>::min());
    CHECK(json_cell("18446744073709551615", storage).uint64() == std::numeric_limits<std::uint64_t>::max());
    CHECK(json_cell("18446744073709551616", storage).float64() == 18446744073709551616.0);
    CHECK(json_cell("0.1", storage).float64() == 0.1);
    CHECK(json_cell("1e3", storage).float64() == 1000);
    CHECK(json_cell("1e-999", storage).float64() == 0);
    CHECK(json_cell("1e999", storage).kind() == type_id::json);
    CHECK(json_cell("[1]", storage).kind() == type_id::json);
    const std::string_view plain = R"("text")";
    CHECK(json_cell(plain, storage).text().data() == plain.data() + 1); // a view
    CHECK(json_cell(R"("a\tb")", storage).text() == "a\tb");
}
