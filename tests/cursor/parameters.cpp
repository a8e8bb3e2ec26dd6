// SPDX-License-Identifier: BSL-1.0
#include <weft/cursor/parameters.hpp>

#include <weft/cursor.hpp>
#include <weft/cursor/execute_many.hpp>
#include <weft/embedded.hpp>
#include <weft/format/dicts.hpp>
#include <weft/format/named_rows.hpp>
#include <weft/format/tuples.hpp>

#include <boost/describe.hpp>
#include <catch2/catch_test_macros.hpp>

#include <array>
#include <list>
#include <map>
#include <set>
#include <string>

namespace {

using namespace std::string_literals;

enum class colour : std::uint8_t { red = 1, green = 2 };

struct person {
    std::int64_t id;
    std::string name;
    std::optional<double> height;
};
BOOST_DESCRIBE_STRUCT(person, (), (id, name, height))

struct point {
    int x;
    int y;
};

constexpr weft::sql_dialect sqlite = weft::embedded::database::dialect;

// The text and the values a connection would see: `text | int64 1, text 'a'`.
template <class... Args>
std::string bound(std::string_view sql, const Args&... args) {
    const weft::detail::argument_list arguments(args...);
    const auto result = weft::detail::bind_arguments(sql, sqlite, arguments);
    std::string text = result.text + " |";
    for (const weft::cell& c : result.cells) text += ' ' + weft::describe(c);
    return text;
}

template <class... Args>
std::string refusal(std::string_view sql, const Args&... args) {
    try {
        return "bound: " + bound(sql, args...);
    } catch (const weft::programming_error& e) {
        return e.what();
    }
}

const person ada{1, "Ada", 1.7};

} // namespace

TEST_CASE("positional arguments go to placeholders of every positional style in turn") {
    CHECK(bound("a = ? AND b = ?", 1, "x") == "a = ? AND b = ? | int64 1 text 'x'");
    CHECK(bound("a = %s AND b = %s", 1, "x") == "a = ? AND b = ? | int64 1 text 'x'");
    CHECK(bound("a = ?2 AND b = ?1 AND c = ?2", 1, "x") == "a = ? AND b = ? AND c = ? | text 'x' int64 1 text 'x'");
}

TEST_CASE("named arguments go to placeholders by name, as often as it occurs, and others are left aside") {
    using weft::arg;
    CHECK(bound(":a, @b, $a, %(b)s", arg("a", 1), arg("b", "x")) == "?, ?, ?, ? | int64 1 text 'x' int64 1 text 'x'");
    CHECK(bound(":b", arg("a", 1), arg("b", 2)) == "? | int64 2");
    CHECK(bound(":id :name", ada) == "? ? | int64 1 text 'Ada'");
    CHECK(bound(":b :a", std::map<std::string, int>{{"a", 1}, {"b", 2}}) == "? ? | int64 2 int64 1");
    const weft::dict row(std::make_shared<const std::vector<std::string>>(std::vector{"a"s, "b"s}), {1, "x"});
    CHECK(bound(":b :a", row) == "? ? | text 'x' int64 1");
    const weft::named_row named(std::make_shared<const std::vector<std::string>>(std::vector{"a"s, "b"s}), {1, "x"});
    CHECK(bound(":b :a", named) == "? ? | text 'x' int64 1");
    CHECK(bound(":id :more", ada, arg("more", true)) == "? ? | int64 1 boolean true");
    CHECK(bound("a IN :ids", arg("ids", std::vector{1, 2})) == "a IN (?, ?) | int64 1 int64 2");
}

TEST_CASE("structs, aggregates, tuples and pairs spread over positional placeholders") {
    CHECK(bound("?, ?, ?", ada) == "?, ?, ? | int64 1 text 'Ada' float64 1.7");
    CHECK(bound("?, ?", point{3, 4}) == "?, ? | int64 3 int64 4");
    CHECK(bound("?, ?, ?, ?", std::tuple(1, "b", nullptr), 2.5) == "?, ?, ?, ? | int64 1 text 'b' NULL float64 2.5");
    CHECK(bound("?, ?", std::pair(1, true)) == "?, ? | int64 1 boolean true");
}

TEST_CASE("a range becomes a list after IN") {
    CHECK(bound("a IN (?)", std::vector{1, 2, 3}) == "a IN (?, ?, ?) | int64 1 int64 2 int64 3");
    CHECK(bound("a IN ?", std::array{1, 2}) == "a IN (?, ?) | int64 1 int64 2");
    CHECK(bound("a not in\n( ?)", std::set{2, 1}) == "a not in\n( ?, ?) | int64 1 int64 2");
    CHECK(bound("IN ?", std::list<std::string>{"x"}) == "IN (?) | text 'x'");
    CHECK(bound("a IN (%s) AND b = %s", std::vector{"x"s, "y"s}, 5) ==
          "a IN (?, ?) AND b = ? | text 'x' text 'y' int64 5");
    CHECK(bound("a IN (?, 7)", std::vector{1, 2}) == "a IN (?, ?, 7) | int64 1 int64 2");
    CHECK(bound("a IN (?2) AND b = ?1 AND c IN ?2", 5, std::vector{1, 2}) ==
          "a IN (?, ?) AND b = ? AND c IN (?, ?) | int64 1 int64 2 int64 5 int64 1 int64 2");
}

TEST_CASE("a range elsewhere, or an empty one, is refused with its place") {
    const std::vector<int> some{1, 2};
    CHECK(refusal("SELECT ?", some) == "statement 1, line 1, column 8: a range can only be bound after IN");
    CHECK(refusal("SELECT 1;\nSELECT a\n  FROM t WHERE a = ?", some) ==
          "statement 2, line 3, column 20: a range can only be bound after IN");
    CHECK(refusal("SELECT min(?)", some) == "statement 1, line 1, column 12: a range can only be bound after IN");
    CHECK(refusal("x JOIN (?)", some) == "statement 1, line 1, column 9: a range can only be bound after IN");
    CHECK(refusal("x_in (?)", some) == "statement 1, line 1, column 7: a range can only be bound after IN");
    CHECK(refusal("?", some) == "statement 1, line 1, column 1: a range can only be bound after IN");
    CHECK(refusal("a IN (?)", std::vector<int>()) == "statement 1, line 1, column 7: the list for IN is empty");
}

TEST_CASE("too few, too many and unknown arguments are named with their place") {
    using weft::arg;
    CHECK(refusal("SELECT ?, ?", 1) ==
          "statement 1, line 1, column 11: parameter 2 has no argument; 1 parameter given");
    CHECK(refusal("SELECT ?;\n SELECT ?, ?3", 1, 2) ==
          "statement 2, line 2, column 12: parameter 3 has no argument; 2 parameters given");
    CHECK(refusal("SELECT ?", 1, 2) == "the statement takes 1 parameter, 2 parameters given");
    CHECK(refusal("SELECT 1", 1) == "the statement takes 0 parameters, 1 parameter given");
    CHECK(refusal("SELECT ?0", 1) == "statement 1, line 1, column 8: parameters are numbered from 1");
    CHECK(refusal("SELECT :who", ada) == "statement 1, line 1, column 8: no argument named 'who'");
    CHECK(refusal("SELECT :a", 1) == "statement 1, line 1, column 8: no argument named 'a'");
    CHECK(refusal("SELECT ?18446744073709551617", 1).find("has no argument") != std::string::npos);
}

TEST_CASE("named and positional placeholders do not mix, in whichever order") {
    const int one = 1; // arg() views its value
    const auto a = weft::arg("a", one);
    const std::string mixes = ": the statement mixes named and positional parameters";
    CHECK(refusal(":a, ?", a) == "statement 1, line 1, column 5" + mixes);
    CHECK(refusal("?, :a", a) == "statement 1, line 1, column 4" + mixes);
    CHECK(refusal("?1, :a", a) == "statement 1, line 1, column 5" + mixes);
    CHECK(refusal("%s, %(a)s", a) == "statement 1, line 1, column 5" + mixes);
}

TEST_CASE("values of every bindable kind reach the engine as what they are") {
    weft::embedded::database db(":memory:");
    const auto stored = [&](const auto& v) {
        return db.query_one<weft::named_rows>("SELECT typeof(?1), ?1", v)->to_string();
    };
    const auto typed = [&](const auto& v) {
        const auto row = *db.query_one<weft::tuples<std::string, weft::value>>("SELECT typeof(?1), ?1", v);
        return std::get<0>(row) + ' ' + weft::describe(std::get<1>(row).view());
    };
    CHECK(stored(1).starts_with("Row("));
    CHECK(typed(nullptr) == "null NULL");
    CHECK(typed(std::nullopt) == "null NULL");
    CHECK(typed(std::optional<int>()) == "null NULL");
    CHECK(typed(std::optional<int>(4)) == "integer int64 4");
    CHECK(typed(true) == "integer int64 1");
    CHECK(typed(std::int8_t{-5}) == "integer int64 -5");
    CHECK(typed(std::uint16_t{65535}) == "integer int64 65535");
    CHECK(typed(std::int64_t{INT64_MIN}) == "integer int64 -9223372036854775808");
    CHECK(typed(colour::green) == "integer int64 2");
    CHECK(typed(1.5F) == "real float64 1.5");
    CHECK(typed(-0.1) == "real float64 -0.1");
    CHECK(typed("literal") == "text text 'literal'");
    CHECK(typed("string"s) == "text text 'string'");
    CHECK(typed(std::string_view()) == "text text ''");
    CHECK(typed(weft::json_text::parse(R"({"a":1})")) == R"(text text '{"a":1}')");
    CHECK(typed(weft::blob{std::byte{0}, std::byte{255}}) == "blob blob of 2 bytes");
    CHECK(typed(weft::blob{}) == "blob blob of 0 bytes");
    CHECK(typed(weft::decimal::parse("123456789012345678901234567890.12")) ==
          "text text '123456789012345678901234567890.12'");
    CHECK(typed(weft::date::parse("2024-02-29")) == "text text '2024-02-29'");
    CHECK(typed(weft::time::parse("-838:59:59")) == "text text '-838:59:59'");
    CHECK(typed(weft::datetime::parse("2024-02-29 12:00:00.5")) == "text text '2024-02-29 12:00:00.500000'");
    CHECK(typed(weft::value(7)) == "integer int64 7");
    CHECK(typed(weft::value::list({1, "a"})) == R"(text text '[1,"a"]')");
    const std::vector<float> v{1.0F, 2.0F};
    CHECK(typed(weft::vector_view<float>(v)) == "blob blob of 8 bytes");
    CHECK(typed(v) == "blob blob of 8 bytes");
}

TEST_CASE("what cannot be bound is no argument, and what can is") {
    STATIC_CHECK(weft::bindable<person>);
    STATIC_CHECK(weft::bindable<point>);
    STATIC_CHECK(weft::bindable<std::map<std::string, weft::value>>);
    STATIC_CHECK(weft::bindable<std::vector<std::string>>);
    STATIC_CHECK_FALSE(weft::bindable<char>);
    STATIC_CHECK_FALSE(weft::bindable<std::vector<char>>);
    STATIC_CHECK_FALSE(weft::bindable<int*>);
    STATIC_CHECK_FALSE(weft::bindable<std::map<int, int>>);
    STATIC_CHECK_FALSE(weft::bindable<std::vector<std::vector<int>>>);
}

TEST_CASE("without arguments the text is left as it is") {
    weft::embedded::database db(":memory:");
    CHECK(db.query_value<std::string>("SELECT '%s' || '%%' || ':a' || '?'") == "%s%%:a?");
    CHECK(db.query_value<int>("SELECT 17 % 10") == 7);
    CHECK_THROWS_AS(db.execute("SELECT ?"), weft::programming_error);
    CHECK_THROWS_AS(db.execute("SELECT :a"), weft::programming_error);
    CHECK_THROWS_AS(db.execute("SELECT %s"), weft::programming_error);
}
