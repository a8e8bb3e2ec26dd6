// SPDX-License-Identifier: BSL-1.0
#include "samples.hpp"

#include <weft/columnar/cell_block.hpp>
#include <weft/columnar/column_builder.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <limits>
#include <string>

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using weft::cell;
using weft::column_builder;
using weft::data_type;
using weft::type_id;

namespace {

weft::field column(data_type type) {
    return {"c", std::move(type), true, {}, {}};
}

column_builder undeclared() {
    return column_builder(column(type_id::any));
}

cell number(std::int64_t v) {
    return cell(v);
}

std::string text_of(const weft::array& a) {
    std::string text;
    for (const weft::value& v : samples::values_of(a)) {
        if (!text.empty()) text += ' ';
        text += v.is_null() ? "-" : v.to_string();
    }
    return text;
}

} // namespace

TEST_CASE("a column of every type holds the values it was given") {
    samples::random_source random(11);
    for (const weft::field& f : samples::fields()) {
        CAPTURE(f.name);
        column_builder builder(f);
        for (const std::size_t rows : {50U, 0U, 9U}) { // the builder goes on after finish()
            std::vector<weft::value> expected;
            for (std::size_t r = 0; r < rows; ++r) {
                expected.push_back(samples::random_value(random, f.type));
                builder.append(expected.back().view());
            }
            CHECK(builder.size() == rows);
            const weft::array a = builder.finish();
            CHECK(a.type() == f.type);
            CHECK(samples::values_of(a) == expected);
            std::size_t nulls = 0;
            for (const weft::value& v : expected) nulls += v.is_null() ? 1 : 0;
            CHECK(a.null_count() == nulls);
            CHECK(builder.size() == 0);
        }
    }
}

TEST_CASE("no bitmap without nulls") {
    column_builder builder(column(type_id::int32));
    builder.append(number(1));
    CHECK_FALSE(builder.finish().layout().validity);
    builder.append(number(1));
    builder.append_null();
    const weft::array a = builder.finish();
    CHECK(a.layout().validity);
    CHECK(text_of(a) == "1 -");
    builder.append(number(1));
    CHECK_FALSE(builder.finish().layout().validity);
}

TEST_CASE("undeclared columns take the type of their first value") {
    samples::random_source random(5);
    for (const data_type& type :
         {data_type(type_id::boolean), data_type(type_id::int64), data_type(type_id::uint64),
          data_type(type_id::float64), data_type(type_id::date), data_type(type_id::time), data_type(type_id::datetime),
          data_type(type_id::text), data_type(type_id::blob), data_type(type_id::json), data_type::vector(4)}) {
        CAPTURE(to_string(type));
        column_builder builder = undeclared();
        std::vector<weft::value> expected(3);
        for (int i = 0; i < 20; ++i) expected.push_back(samples::random_value(random, type, i > 0));
        for (const weft::value& v : expected) builder.append(v.view());
        const weft::array a = builder.finish();
        CHECK(a.type() == type);
        CHECK(samples::values_of(a) == expected);
    }
}

TEST_CASE("an undeclared column without values is null") {
    column_builder builder = undeclared();
    CHECK(builder.finish().type() == type_id::null);
    builder.append_null();
    builder.append_null();
    const weft::array a = builder.finish();
    CHECK(a.type() == type_id::null);
    CHECK(a.null_count() == 2);
    CHECK(text_of(a) == "- -");
}

TEST_CASE("nulls of an earlier batch do not reach the next one") {
    column_builder builder = undeclared();
    for (int i = 0; i < 3; ++i) builder.append_null();
    static_cast<void>(builder.finish());
    builder.append_null();
    for (int i = 1; i < 5; ++i) builder.append(number(i));
    const weft::array a = builder.finish();
    CHECK(text_of(a) == "- 1 2 3 4");
    CHECK(a.null_count() == 1);
}

TEST_CASE("undeclared integers widen to floats, exactly or not at all") {
    column_builder builder = undeclared();
    builder.append_null();
    builder.append(number(3));
    builder.append_null();
    builder.append(cell(0.5));
    builder.append(number(-7));
    const weft::array a = builder.finish();
    CHECK(a.type() == type_id::float64);
    CHECK(text_of(a) == "- 3 - 0.5 -7");

    column_builder large = undeclared();
    large.append(number(1));
    large.append(number((std::int64_t{1} << 53) + 1));
    CHECK_THROWS_MATCHES(large.append(cell(0.5)), weft::data_error,
                         MessageMatches(ContainsSubstring("column 'c'") && ContainsSubstring("row 1") &&
                                        ContainsSubstring("9007199254740993")));
}

TEST_CASE("widening in the middle of a block") {
    auto layout = std::make_shared<const weft::schema>(std::vector<weft::field>{column(type_id::any)});
    weft::cell_block block(layout);
    struct one {
        const weft::schema* s;
        cell c;
        std::size_t rows() const { return 1; }
        const weft::schema& layout() const { return *s; }
        cell at(std::size_t, std::size_t) const { return c; }
    };
    for (const cell c : {number(1), cell(), number(2), cell(2.5), cell(), number(4)}) {
        block.append(one{layout.get(), c}, {0, 1, 0});
    }
    column_builder builder(column(type_id::any));
    builder.append(block, 0, {0, 6, 0});
    builder.append(block, 0, {1, 3, 6});
    CHECK(text_of(builder.finish()) == "1 - 2 2.5 - 4 - 2 2.5");
}

TEST_CASE("undeclared decimals take the largest scale they need") {
    column_builder builder = undeclared();
    const weft::decimal values[] = {weft::decimal::parse("1.5"), weft::decimal::parse("-20"),
                                    weft::decimal::parse("0.125")};
    builder.append_null();
    for (const weft::decimal& v : values) builder.append(cell(v));
    builder.append(number(4));
    const weft::array a = builder.finish();
    CHECK(a.type() == data_type::decimal(38, 3));
    CHECK(text_of(a) == "- 1.500 -20.000 0.125 4.000");

    column_builder wide(column(type_id::decimal));
    wide.append(cell::of_decimal_text("12345678901234567890123456789012345678"));
    wide.append(cell::of_decimal_text("0.01"));
    const weft::array b = wide.finish();
    CHECK(b.type() == data_type::decimal(40, 2));
    CHECK(text_of(b) == "12345678901234567890123456789012345678.00 0.01");
}

TEST_CASE("a vector column without dimension takes that of its first vector") {
    column_builder builder(column(type_id::vector));
    builder.append_null();
    const float v[] = {1, 2};
    builder.append(cell::of_vector({v, 2}));
    CHECK_THROWS_AS(builder.append(cell::of_vector({v, 1})), weft::data_error);
    column_builder declared(column(data_type::vector(2)));
    declared.append_null();
    declared.append(cell::of_text("[0.5, 2]"));
    CHECK(text_of(declared.finish()) == "- [0.5,2]");
}

TEST_CASE("what does not fit is refused with column, row and value") {
    struct sample {
        data_type type;
        cell value;
        std::string says;
    };
    static const float three[] = {1, 2, 3};
    const std::vector<sample> samples{
        {type_id::boolean, number(2), "2"},
        {type_id::int8, number(128), "128"},
        {type_id::uint8, number(-1), "-1"},
        {type_id::int16, number(40000), "40000"},
        {type_id::int32, number(std::int64_t{1} << 31), "2147483648"},
        {type_id::uint64, number(-1), "-1"},
        {type_id::int64, cell(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615"},
        {type_id::int64, cell(1.5), "1.5"},
        {type_id::int64, cell::of_text("1"), "'1'"},
        {type_id::float32, cell(0.1), "0.1"},
        {type_id::float64, number((std::int64_t{1} << 53) + 1), "9007199254740993"},
        {data_type::decimal(4, 1), cell::of_decimal_text("1.25"), "1.25"},
        {data_type::decimal(4, 1), number(1000), "1000"},
        {type_id::date, cell::of_text("2023-02-29"), "2023-02-29"},
        {type_id::time, cell::of_text("25h"), "25h"},
        {type_id::datetime, number(1), "1"},
        {type_id::text, number(1), "1"},
        {type_id::text, cell::of_text("\xFF"), "UTF-8"},
        {type_id::json, cell::of_text("{"), "{"},
        {type_id::blob, number(1), "1"},
        {data_type::vector(2), cell::of_vector({three, 3}), "vector"},
        {data_type::list(column(type_id::int64)), number(1), "1"},
        {data_type::structure({column(type_id::int64)}), number(1), "1"},
        {type_id::null, number(1), "1"},
    };
    for (const sample& s : samples) {
        CAPTURE(to_string(s.type), s.says);
        column_builder builder(column(s.type), 4);
        builder.append_null();
        CHECK_THROWS_MATCHES(
            builder.append(s.value), weft::data_error,
            MessageMatches(ContainsSubstring("column 'c' (index 4), row 1") && ContainsSubstring(s.says)));
    }
}

TEST_CASE("row numbers count in the whole result") {
    auto layout = std::make_shared<const weft::schema>(std::vector<weft::field>{column(type_id::text)});
    struct texts {
        const weft::schema* s;
        std::size_t rows() const { return 3; }
        const weft::schema& layout() const { return *s; }
        cell at(std::size_t, std::size_t row) const { return cell::of_text(row == 2 ? "\xFF" : "ok"); }
    };
    column_builder builder(column(type_id::text));
    const texts block{layout.get()};
    builder.append(block, 0, {0, 2, 1000});
    CHECK_THROWS_MATCHES(builder.append(block, 0, {1, 2, 1002}), weft::data_error,
                         MessageMatches(ContainsSubstring("row 1003")));
}

TEST_CASE("slices share memory and count their own nulls") {
    samples::random_source random(2);
    for (const weft::field& f : samples::fields()) {
        CAPTURE(f.name);
        const weft::array whole = samples::random_column(random, f, 40);
        const weft::array part = whole.slice(13, 20).slice(2, 11);
        CHECK(part.layout().values.data == whole.layout().values.data);
        std::size_t nulls = 0;
        for (std::size_t r = 0; r < 11; ++r) {
            CHECK(weft::value(part.at(r)) == weft::value(whole.at(15 + r)));
            nulls += part.is_null(r) ? 1 : 0;
        }
        CHECK(part.null_count() == nulls);
    }
}

TEST_CASE("values are the column's own memory, in its own type only") {
    column_builder builder(column(type_id::int32));
    for (int i = 0; i < 5; ++i) builder.append(number(i));
    const weft::array a = builder.finish().slice(1, 3);
    const auto v = a.values<std::int32_t>();
    REQUIRE(v.size() == 3);
    CHECK(v[0] == 1);
    CHECK_THROWS_AS(a.values<std::int64_t>(), weft::programming_error);
    CHECK_THROWS_AS(a.values<float>(), weft::programming_error);

    column_builder vectors(column(data_type::vector(2)));
    const float pair[] = {1, 2};
    vectors.append_null();
    vectors.append(cell::of_vector({pair, 2}));
    const weft::array b = vectors.finish().slice(1, 1);
    REQUIRE(b.values<float>().size() == 2);
    CHECK(b.values<float>()[1] == 2);
}

TEST_CASE("buffers of many megabytes keep what was put into them") {
    weft::growable_buffer buffer;
    constexpr std::uint64_t count = 5'000'000; // 40 MB
    for (std::uint64_t i = 0; i < count; ++i) buffer.push(i * 0x9E3779B97F4A7C15);
    std::uint64_t wrong = 0;
    for (std::uint64_t i = 0; i < count; ++i) wrong += buffer.as<std::uint64_t>()[i] != i * 0x9E3779B97F4A7C15;
    CHECK(wrong == 0);
    buffer.reserve(std::size_t{100} << 20);
    const weft::buffer done = buffer.finish();
    CHECK(done.size == count * 8);
    CHECK(done.as<std::uint64_t>()[count - 1] == (count - 1) * 0x9E3779B97F4A7C15);
}
