// SPDX-License-Identifier: BSL-1.0
#include "samples.hpp"

#include <weft/columnar/arrow_export.hpp>
#include <weft/columnar/arrow_import.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <cstring>
#include <map>
#include <string>
#include <type_traits>

static_assert(!std::is_copy_constructible_v<weft::arrow_array>);
static_assert(std::is_nothrow_move_constructible_v<weft::arrow_array>);
static_assert(std::is_nothrow_move_assignable_v<weft::arrow_schema>);

namespace {

const ArrowSchema* child(const weft::arrow_schema& s, std::size_t i) {
    return s->children[i];
}

weft::array numbers(std::int64_t rows) {
    weft::column_builder builder({"n", weft::type_id::int64, true, {}, {}});
    for (std::int64_t i = 0; i < rows; ++i) builder.append(weft::cell(i));
    return builder.finish();
}

} // namespace

TEST_CASE("every type has its Arrow format") {
    const std::map<std::string, std::string> formats{
        {"null", "n"},           {"boolean", "b"},   {"int8", "c"},     {"uint8", "C"},       {"int16", "s"},
        {"uint16", "S"},         {"int32", "i"},     {"uint32", "I"},   {"int64", "l"},       {"uint64", "L"},
        {"float32", "f"},        {"float64", "g"},   {"date", "tdD"},   {"time", "tDu"},      {"datetime", "tsu:"},
        {"text", "u"},           {"blob", "z"},      {"json", "u"},     {"narrow", "d:10,2"}, {"middle", "d:38,0"},
        {"wide", "d:50,10,256"}, {"vector", "+w:3"}, {"numbers", "+l"}, {"texts", "+l"},      {"point", "+s"},
        {"points", "+l"},
    };
    const weft::arrow_schema s = weft::export_schema(weft::schema(samples::fields()));
    REQUIRE(std::string(s->format) == "+s");
    REQUIRE(s->n_children == static_cast<std::int64_t>(formats.size()));
    for (std::int64_t i = 0; i < s->n_children; ++i) {
        CAPTURE(s->children[i]->name);
        CHECK(s->children[i]->format == formats.at(s->children[i]->name));
        CHECK(s->children[i]->flags == ARROW_FLAG_NULLABLE);
    }
}

TEST_CASE("children of vectors and lists are called item, and names and flags are kept") {
    const weft::schema layout({{"v", weft::data_type::vector(2), false, "t", "VECTOR(2)"},
                               {"l", weft::data_type::list({"", weft::type_id::text, true, {}, {}}), true, {}, {}}});
    const weft::arrow_schema s = weft::export_schema(layout);
    CHECK(child(s, 0)->flags == 0);
    CHECK(std::string(child(s, 0)->children[0]->name) == "item");
    CHECK(std::string(child(s, 0)->children[0]->format) == "f");
    CHECK(child(s, 0)->children[0]->flags == 0);
    CHECK(std::string(child(s, 1)->children[0]->name) == "item");
    CHECK(child(s, 1)->children[0]->flags == ARROW_FLAG_NULLABLE);
}

TEST_CASE("JSON carries the extension name in its metadata") {
    const weft::arrow_schema s = weft::export_schema(weft::schema({{"j", weft::type_id::json, true, {}, {}}}));
    const char* m = child(s, 0)->metadata;
    REQUIRE(m != nullptr);
    std::int32_t n[2];
    std::memcpy(n, m, sizeof n);
    CHECK(n[0] == 1);
    REQUIRE(n[1] == 20);
    CHECK(std::string(m + 8, 20) == "ARROW:extension:name");
    std::memcpy(n, m + 28, 4);
    REQUIRE(n[0] == 10);
    CHECK(std::string(m + 32, 10) == "arrow.json");
}

TEST_CASE("columns without a type cannot be described") {
    using Catch::Matchers::ContainsSubstring;
    CHECK_THROWS_WITH(weft::export_schema(weft::schema(
                          {{"ok", weft::type_id::int64, true, {}, {}}, {"x", weft::type_id::any, true, {}, {}}})),
                      ContainsSubstring("'x'"));
    CHECK_THROWS_AS(weft::export_schema(weft::schema({{"x", weft::type_id::decimal, true, {}, {}}})),
                    weft::not_supported_error);
}

TEST_CASE("exported buffers are the column's own") {
    samples::random_source random(1);
    const weft::record_batch whole = samples::random_batch(random, 40);
    const weft::record_batch batch = whole.slice(11, 20);
    const weft::arrow_batch out = weft::export_batch(batch);
    CHECK(out.rows->length == 20);
    CHECK(out.rows->null_count == 0);
    for (std::size_t c = 0; c < batch.columns(); ++c) {
        CAPTURE(batch.layout()[c].name);
        const ArrowArray& a = *out.rows->children[c];
        const weft::array::parts& p = batch[c].layout();
        CHECK(a.length == 20);
        CHECK(a.offset == 11);
        CHECK(a.null_count == p.null_count);
        if (a.n_buffers > 0) CHECK(a.buffers[0] == p.validity.data);
        if (a.n_buffers > 1) CHECK(a.buffers[1] == p.values.data);
        if (a.n_buffers > 2) CHECK(a.buffers[2] == p.characters.data);
        if (p.type.id == weft::type_id::vector) CHECK(a.children[0]->buffers[1] == p.values.data);
    }
}

TEST_CASE("exported structures outlive the batch, and each child its parent") {
    weft::arrow_array moved;
    {
        weft::arrow_array rows;
        {
            const auto layout = std::make_shared<const weft::schema>(std::vector<weft::field>{
                {"a", weft::type_id::int64, true, {}, {}}, {"b", weft::type_id::int64, true, {}, {}}});
            const weft::record_batch batch(layout, {numbers(1000), numbers(1000)}, 1000);
            rows = std::move(weft::export_batch(batch).rows);
        }
        moved = weft::arrow_array(rows->children[1]);
        CHECK(rows->children[1]->release == nullptr);
        CHECK(static_cast<const std::int64_t*>(rows->children[0]->buffers[1])[999] == 999);
    }
    REQUIRE(moved);
    CHECK(static_cast<const std::int64_t*>(moved->buffers[1])[999] == 999);

    weft::arrow_schema type;
    {
        const weft::arrow_schema s = weft::export_schema(weft::schema(samples::fields()));
        type = weft::arrow_schema(s->children[25]);
    }
    CHECK(std::string(type->name) == "points");
    CHECK(std::string(type->children[0]->children[0]->format) == "+w:2");
}

TEST_CASE("owners hand over") {
    const weft::array column = numbers(3);
    weft::arrow_array a = weft::export_array(column);
    ArrowArray consumer;
    a.move_to(&consumer);
    CHECK_FALSE(a);
    REQUIRE(consumer.release != nullptr);
    weft::arrow_array back(&consumer);
    CHECK(consumer.release == nullptr);
    weft::arrow_array other = weft::export_array(column);
    other = std::move(back);
    CHECK(other->length == 3);
    CHECK(other.out()->release == nullptr);
    ArrowArray raw = weft::export_array(column).release();
    raw.release(&raw);
    CHECK(raw.release == nullptr);
}

TEST_CASE("an empty column without memory still has offsets") {
    weft::array::parts p;
    p.type = weft::type_id::text;
    const weft::arrow_array a = weft::export_array(weft::array(p));
    REQUIRE(a->buffers[1] != nullptr);
    CHECK(static_cast<const std::int32_t*>(a->buffers[1])[0] == 0);
}

TEST_CASE("large columns are described as large") {
    weft::growable_buffer offsets;
    offsets.push(std::int64_t{0});
    offsets.push(std::int64_t{2});
    weft::growable_buffer characters;
    characters.append("ab", 2);
    weft::array::parts p;
    p.type = weft::type_id::text;
    p.length = 1;
    p.large = true;
    p.values = offsets.finish();
    p.characters = characters.finish();
    const weft::array text(std::move(p));
    const weft::arrow_schema type = weft::export_field({"t", weft::type_id::text, true, {}, {}}, &text);
    CHECK(std::string(type->format) == "U");
    const weft::array back = weft::import_array(weft::export_array(text), *type);
    CHECK(back.at(0).text() == "ab");
    CHECK(back.layout().values.data == text.layout().values.data);
}
