// SPDX-License-Identifier: BSL-1.0
#include <weft/core/json_text.hpp>
#include <weft/core/value.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>

using weft::value;

namespace {

// One value of every kind; equality must hold on the diagonal only.
std::vector<value> one_of_each() {
    const std::vector<float> vector{1.0F, 2.0F};
    return {value(),
            value(true),
            value(1),
            value(std::uint64_t{1}),
            value(1.0),
            value(weft::decimal::parse("1")),
            value(weft::date::parse("2024-01-01")),
            value(weft::time::parse("00:00:01")),
            value(weft::datetime::parse("2024-01-01 00:00:00")),
            value("1"),
            value(weft::json_text("1")),
            value(weft::blob{std::byte{'1'}}),
            value(vector),
            value::list({1}),
            value::structure({{"a", 1}})};
}

} // namespace

TEST_CASE("values are equal when kind and content are") {
    const auto left = one_of_each();
    const auto right = one_of_each(); // other memory, same content
    for (std::size_t i = 0; i < left.size(); ++i) {
        for (std::size_t k = 0; k < right.size(); ++k) {
            CAPTURE(i, k);
            CHECK((left[i] == right[k]) == (i == k));
        }
    }
}

TEST_CASE("values of a kind differ when their contents do") {
    CHECK_FALSE(value("a") == value("b"));
    CHECK_FALSE(value("a") == value(std::string("a\0", 2)));
    CHECK_FALSE(value(1) == value(2));
    CHECK_FALSE(value(true) == value(false));
    CHECK_FALSE(value(std::vector{1.0F}) == value(std::vector{1.0F, 2.0F}));
    CHECK_FALSE(value(std::vector{1.0F}) == value(std::vector{2.0F}));
    CHECK(value(weft::decimal::parse("1.50")) == value(weft::decimal::parse("1.5")));
    CHECK_FALSE(value::list({1, 2}) == value::list({2, 1}));
    CHECK_FALSE(value::list({1}) == value::list({1, 2}));
    CHECK_FALSE(value::structure({{"a", 1}}) == value::structure({{"b", 1}}));
    CHECK_FALSE(value(0.0 / 0.0 * 0.0) == value(1.0));
}

TEST_CASE("copies share what they show, and it outlives what it was made from") {
    value copy;
    {
        std::string text(100, 'x');
        const value original(text);
        text.assign(100, 'y');
        copy = original;
        CHECK(copy.view().text().data() == original.view().text().data());
    }
    CHECK(copy.to_string() == std::string(100, 'x'));
    value moved = std::move(copy);
    CHECK(moved.as<std::string>() == std::string(100, 'x'));
}

TEST_CASE("nested values are owned all the way down") {
    value outer;
    {
        const value inner = value::structure({{"name", "Ada"}, {"tags", value::list({"x", nullptr, 2})}});
        const value list = value::list({inner, value()});
        outer = value(list.view()); // a deep copy of what the cell shows
        CHECK(outer == list);
    }
    CHECK(outer.to_string() == R"([{"name":"Ada","tags":["x",null,2]},null])");
    CHECK(outer.as<weft::json_text>().view() == R"([{"name":"Ada","tags":["x",null,2]},null])");
    CHECK(value::list({}) == value::list({}));
    CHECK(value::list({}).to_string() == "[]");
}

TEST_CASE("elements and members of a value share its memory") {
    value kept;
    {
        const value outer =
            value::structure({{"name", "Ada"}, {"tags", value::list({"x", nullptr, 2})}, {"name", "again"}});
        CHECK(outer.size() == 3);
        CHECK(outer["name"] == value("Ada")); // the first of that name
        CHECK(outer[2] == value("again"));
        CHECK(outer.element_name(1) == "tags");
        CHECK(outer.contains("tags"));
        CHECK_FALSE(outer.contains("tag"));
        kept = outer["tags"];
    }
    CHECK(kept.size() == 3);
    CHECK(kept[0] == value("x"));
    CHECK(kept[1].is_null());
    CHECK(kept[2].as<int>() == 2);
    CHECK(kept.element_name(0).empty());
    CHECK_FALSE(kept.contains("name"));
    CHECK(value(7).size() == 0);
    CHECK_THROWS_AS(kept[3], weft::programming_error);
    CHECK_THROWS_AS(kept["name"], weft::programming_error);
    CHECK_THROWS_AS(value()[0], weft::programming_error);
    try {
        (void)value::structure({{"a", 1}, {"b", 2}})["c"];
        FAIL("found");
    } catch (const weft::programming_error& e) {
        CHECK(std::string(e.what()) == "no member 'c' in a structure; it has 'a', 'b'");
    }

    auto text = std::make_shared<const std::string>("shared");
    const value view = value::sharing(weft::cell::of_text(*text), text);
    CHECK(view.view().text().data() == text->data());
    text.reset();
    CHECK(view == value("shared"));
}

TEST_CASE("a value becomes a type it fits, and says which value does not") {
    CHECK(value(200).as<std::uint8_t>() == 200);
    CHECK(value(3).as<double>() == 3.0);
    CHECK(value(std::uint64_t{UINT64_MAX}).as<std::uint64_t>() == UINT64_MAX);
    CHECK(value("2024-02-29").as<weft::date>() == weft::date::parse("2024-02-29"));
    CHECK(value("[1, 2]").as<std::vector<float>>() == std::vector{1.0F, 2.0F});
    CHECK(value().as<std::optional<int>>() == std::nullopt);
    const auto refusal = [](auto&& call) {
        try {
            (void)call();
        } catch (const weft::data_error& e) {
            return std::string(e.what());
        }
        return std::string("no error");
    };
    const auto contains = [](const std::string& text, std::string_view part) {
        return text.find(part) != std::string::npos;
    };
    CHECK(contains(refusal([] { return value(300).as<std::uint8_t>(); }), "int64 300 does not fit uint8"));
    CHECK(contains(refusal([] { return value("x").as<int>(); }), "text 'x' cannot become int32"));
    CHECK(
        contains(refusal([] { return value("2023-02-29").as<weft::date>(); }), "text '2023-02-29' does not fit date"));
    CHECK(contains(refusal([] { return value().as<int>(); }), "NULL cannot become int32"));
    CHECK(contains(refusal([] { return value("a\xFFz").as<std::string>(); }), "not valid UTF-8 at byte 1"));
    CHECK(contains(refusal([] { return value(std::string(100, 'x')).as<int>(); }), std::string(40, 'x') + "…"));
}
