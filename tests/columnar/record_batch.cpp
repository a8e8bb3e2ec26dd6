// SPDX-License-Identifier: BSL-1.0
#include "samples.hpp"

#include <weft/columnar/cell_block.hpp>
#include <weft/columnar/record_batch.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <memory>

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using weft::data_type;
using weft::type_id;

static_assert(weft::block<weft::record_batch>);
static_assert(weft::block<weft::cell_block>);

namespace {

std::shared_ptr<const weft::schema> layout_of(std::vector<weft::field> fields) {
    return std::make_shared<const weft::schema>(std::move(fields));
}

weft::array numbers(std::int64_t rows, type_id type = type_id::int64) {
    weft::column_builder builder({"n", type, true, {}, {}});
    for (std::int64_t i = 0; i < rows; ++i) builder.append(weft::cell(i));
    return builder.finish();
}

} // namespace

TEST_CASE("schemas find columns by name") {
    const weft::schema s(
        {{"a", type_id::int64, true, {}, {}}, {"b", type_id::text, true, {}, {}}, {"a", type_id::date, true, {}, {}}});
    CHECK(s.size() == 3);
    CHECK(s.find("a") == 0U);
    CHECK(s.find("b") == 1U);
    CHECK_FALSE(s.find("A"));
    CHECK(s.names() == "'a', 'b', 'a'");
    CHECK_THROWS_MATCHES(s.index_of("z"), weft::programming_error,
                         MessageMatches(ContainsSubstring("'z'") && ContainsSubstring("'b'")));
    CHECK(weft::schema().names() == "no columns");
}

TEST_CASE("types compare and are written with their parameters") {
    CHECK(to_string(data_type::decimal(20, 6)) == "decimal(20, 6)");
    CHECK(to_string(data_type(type_id::decimal)) == "decimal");
    CHECK(to_string(data_type::vector(3)) == "vector(3)");
    const data_type list = data_type::list({"item", type_id::int64, true, {}, {}});
    const data_type structure = data_type::structure({{"a", type_id::int64, true, {}, {}}, {"b", list, true, {}, {}}});
    CHECK(to_string(structure) == "structure<a: int64, b: list<int64>>");
    CHECK(list == data_type::list({"item", type_id::int64, true, {}, {}}));
    CHECK_FALSE(list == data_type::list({"item", type_id::int32, true, {}, {}}));
    CHECK_FALSE(list == data_type(type_id::list));
    CHECK_FALSE(data_type::decimal(5, 1) == data_type::decimal(5, 2));
}

TEST_CASE("record batches refuse columns that do not match") {
    const auto layout = layout_of({{"a", type_id::int64, true, {}, {}}});
    CHECK_THROWS_AS(weft::record_batch(layout, {}, 0), weft::interface_error);
    CHECK_THROWS_MATCHES(weft::record_batch(layout, {numbers(2)}, 3), weft::interface_error,
                         MessageMatches(ContainsSubstring("'a' has 2 rows") && ContainsSubstring("3")));
    CHECK_THROWS_MATCHES(weft::record_batch(layout, {numbers(2, type_id::int32)}, 2), weft::interface_error,
                         MessageMatches(ContainsSubstring("int32") && ContainsSubstring("int64")));
    CHECK(weft::record_batch().empty());
}

TEST_CASE("record batches are read by name, index and row") {
    const weft::record_batch batch(
        layout_of({{"a", type_id::int64, true, {}, {}}, {"b", type_id::int32, true, {}, {}}}),
        {numbers(4), numbers(4, type_id::int32)}, 4);
    CHECK(batch.columns() == 2);
    CHECK(batch["b"].type() == type_id::int32);
    CHECK(batch[1].type() == type_id::int32);
    CHECK(batch.at(0, 3).int64() == 3);
    CHECK(batch.values<std::int32_t>("b")[2] == 2);
    CHECK_THROWS_AS(batch["c"], weft::programming_error);
    CHECK(batch.slice(1, 2).at(0, 1).int64() == 2);
    CHECK(batch.slice(3, 9).rows() == 1);
    CHECK(batch.slice(9, 9).rows() == 0);
}

TEST_CASE("batches are built from blocks, batches and kept cells included") {
    samples::random_source random(21);
    const weft::record_batch source = samples::random_batch(random, 60);
    weft::cell_block kept(source.shared_layout());
    kept.append(source, {0, 25, 0});
    kept.append(source, {25, 35, 25});
    weft::batch_builder direct(source.layout());
    weft::batch_builder indirect(source.layout());
    direct.reserve(60);
    direct.append(source, {0, 60, 0});
    indirect.append(kept, {0, 60, 0});
    CHECK(direct.rows() == 60);
    const weft::record_batch a = direct.finish();
    const weft::record_batch b = indirect.finish();
    CHECK(direct.rows() == 0);
    REQUIRE(a.layout() == source.layout());
    for (std::size_t c = 0; c < source.columns(); ++c) {
        CAPTURE(source.layout()[c].name);
        CHECK(samples::values_of(a[c]) == samples::values_of(source[c]));
        CHECK(samples::values_of(b[c]) == samples::values_of(source[c]));
    }
    CHECK(direct.finish().rows() == 0);
}

TEST_CASE("cell blocks own their cells and can be reused") {
    samples::random_source random(22);
    weft::cell_block kept;
    for (int round = 0; round < 3; ++round) {
        std::vector<std::vector<weft::value>> expected;
        {
            const weft::record_batch source = samples::random_batch(random, 200);
            kept.reset(source.shared_layout());
            kept.append(source, {0, 200, 0});
            for (std::size_t c = 0; c < source.columns(); ++c) expected.push_back(samples::values_of(source[c]));
        }
        weft::cell_block moved = std::move(kept);
        REQUIRE(moved.rows() == 200);
        for (std::size_t c = 0; c < expected.size(); ++c) {
            for (std::size_t r = 0; r < 200; ++r) REQUIRE(weft::value(moved.at(c, r)) == expected[c][r]);
        }
        kept = std::move(moved);
    }
}

TEST_CASE("cell blocks keep texts larger than a chunk") {
    const std::string large(5'000'000, 'x');
    struct texts {
        const weft::schema* s;
        const std::string* text;
        std::size_t rows() const { return 1; }
        const weft::schema& layout() const { return *s; }
        weft::cell at(std::size_t, std::size_t) const { return weft::cell::of_text(*text); }
    };
    const auto layout = layout_of({{"t", type_id::text, true, {}, {}}});
    const std::string small = "s";
    weft::cell_block kept(layout);
    kept.append(texts{layout.get(), &small}, {0, 1, 0});
    kept.append(texts{layout.get(), &large}, {0, 1, 0});
    kept.append(texts{layout.get(), &small}, {0, 1, 0});
    CHECK(kept.at(0, 0).text() == "s");
    CHECK(kept.at(0, 1).text() == large);
    CHECK(kept.at(0, 2).text() == "s");
}
