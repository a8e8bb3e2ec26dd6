// SPDX-License-Identifier: BSL-1.0
#include "foreign.hpp"
#include "samples.hpp"

#include <weft/columnar/arrow_export.hpp>
#include <weft/columnar/arrow_import.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <cmath>
#include <limits>
#include <string>

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using foreign::none;
using foreign::pack;

namespace {

weft::record_batch round_trip(const weft::record_batch& batch) {
    weft::arrow_batch out = weft::export_batch(batch);
    return weft::import_batch(std::move(out.rows), out.layout);
}

void require_equal(const weft::record_batch& a, const weft::record_batch& b) {
    REQUIRE(a.layout() == b.layout());
    REQUIRE(a.rows() == b.rows());
    for (std::size_t c = 0; c < a.columns(); ++c) {
        CAPTURE(a.layout()[c].name);
        REQUIRE(samples::values_of(a[c]) == samples::values_of(b[c]));
        REQUIRE(a[c].null_count() == b[c].null_count());
    }
}

weft::array import(const foreign::column& c, weft::arrow_import_options options = {}) {
    const weft::arrow_schema type = foreign::schema_of(c);
    return weft::import_array(foreign::array_of(c), *type, options);
}

std::string text_of(const weft::array& column) {
    std::string text;
    for (const weft::value& v : samples::values_of(column)) {
        if (!text.empty()) text += ' ';
        text += v.is_null() ? "-" : v.to_string();
    }
    return text;
}

} // namespace

TEST_CASE("export and import keep every type, null and slice") {
    samples::random_source random(7);
    for (const std::size_t rows : {0U, 1U, 7U, 64U, 100U}) {
        for (const bool nullable : {true, false}) {
            const weft::record_batch batch = samples::random_batch(random, rows, nullable);
            require_equal(round_trip(batch), batch);
            const std::size_t first = rows / 3;
            const weft::record_batch part = batch.slice(first, rows / 2);
            require_equal(round_trip(part), part);
            const weft::record_batch again = round_trip(part).slice(1, 5);
            require_equal(round_trip(again), part.slice(1, 5));
        }
    }
}

TEST_CASE("native layouts are shared both ways") {
    samples::random_source random(3);
    const weft::record_batch batch = samples::random_batch(random, 30).slice(5, 20);
    const weft::record_batch back = round_trip(batch);
    for (std::size_t c = 0; c < batch.columns(); ++c) {
        CAPTURE(batch.layout()[c].name);
        const weft::array::parts& a = batch[c].layout();
        const weft::array::parts& b = back[c].layout();
        CHECK(a.validity.data == b.validity.data);
        CHECK(a.values.data == b.values.data);
        CHECK(a.characters.data == b.characters.data);
    }
}

TEST_CASE("imported columns keep the foreign array alive and release it once") {
    REQUIRE(foreign::alive == 0);
    weft::array kept;
    {
        const foreign::column t =
            foreign::table({{.format = "l", .name = "a", .length = 2, .buffers = {none(), pack<std::int64_t>({4, 5})}},
                            {.format = "i", .name = "b", .length = 2, .buffers = {none(), pack<std::int32_t>({6, 7})}}},
                           2);
        const weft::arrow_schema layout = foreign::schema_of(t);
        const weft::record_batch batch = weft::import_batch(foreign::array_of(t), layout);
        kept = batch["b"];
    }
    CHECK(foreign::alive == 3);
    CHECK(text_of(kept) == "6 7");
    kept = {};
    CHECK(foreign::alive == 0);
}

TEST_CASE("a refused array is released") {
    {
        foreign::column t = foreign::table({{.format = "l", .name = "a", .length = 2, .buffers = {none(), none()}}}, 2);
        const weft::arrow_schema layout = foreign::schema_of(t);
        weft::arrow_array rows = foreign::array_of(t);
        CHECK_THROWS_AS(weft::import_batch(std::move(rows), layout), weft::data_error);
        CHECK_FALSE(rows);
        CHECK(foreign::alive == 2);

        rows = foreign::array_of(t);
        const weft::arrow_schema other = foreign::schema_of({.format = "l"});
        CHECK_THROWS_AS(weft::import_batch(std::move(rows), other), weft::data_error);
        CHECK(foreign::alive == 3);
    }
    CHECK(foreign::alive == 0);
}

TEST_CASE("dates and times of other units") {
    using i64 = std::int64_t;
    using i32 = std::int32_t;
    const auto column = [](std::string format, foreign::bytes values, i64 rows) {
        return foreign::column{.format = std::move(format), .length = rows, .buffers = {none(), std::move(values)}};
    };
    CHECK(text_of(import(column("tdD", pack<i32>({0, -1}), 2))) == "1970-01-01 1969-12-31");
    CHECK(text_of(import(column("tdm", pack<i64>({0, -86'400'000}), 2))) == "1970-01-01 1969-12-31");
    CHECK(text_of(import(column("tts", pack<i32>({3600, 1}), 2))) == "01:00:00 00:00:01");
    CHECK(text_of(import(column("ttm", pack<i32>({1500}), 1))) == "00:00:01.500000");
    CHECK(text_of(import(column("ttu", pack<i64>({1}), 1))) == "00:00:00.000001");
    CHECK(text_of(import(column("ttn", pack<i64>({1000}), 1))) == "00:00:00.000001");
    CHECK(text_of(import(column("tDs", pack<i64>({-90}), 1))) == "-00:01:30");
    CHECK(text_of(import(column("tDm", pack<i64>({-90}), 1))) == "-00:00:00.090000");
    CHECK(text_of(import(column("tDu", pack<i64>({7}), 1))) == "00:00:00.000007");
    CHECK(text_of(import(column("tDn", pack<i64>({-7000}), 1))) == "-00:00:00.000007");
    CHECK(text_of(import(column("tss:", pack<i64>({86400}), 1))) == "1970-01-02 00:00:00");
    CHECK(text_of(import(column("tsm:", pack<i64>({-1}), 1))) == "1969-12-31 23:59:59.999000");
    CHECK(text_of(import(column("tsu:Europe/Berlin", pack<i64>({5}), 1))) == "1970-01-01 00:00:00.000005");
    CHECK(text_of(import(column("tsn:UTC", pack<i64>({-1000}), 1))) == "1969-12-31 23:59:59.999999");

    const foreign::column uneven = column("tsn:", pack<i64>({1000, -1}), 2);
    CHECK_THROWS_MATCHES(import(uneven), weft::data_error, MessageMatches(ContainsSubstring("'c': row 1")));
    CHECK(text_of(import(uneven, {.truncate = true})) == "1970-01-01 00:00:00.000001 1969-12-31 23:59:59.999999");
    CHECK_THROWS_AS(import(column("tdm", pack<i64>({1}), 1)), weft::data_error);
    CHECK_THROWS_AS(import(column("tdm", pack<i64>({std::numeric_limits<i64>::max()}), 1), {.truncate = true}),
                    weft::data_error);
    CHECK_THROWS_AS(import(column("tss:", pack<i64>({std::numeric_limits<i64>::max()}), 1)), weft::data_error);
    CHECK_THROWS_AS(import(column("tss:", pack<i64>({std::numeric_limits<i64>::min()}), 1)), weft::data_error);
}

TEST_CASE("conversions keep nulls and offsets, whatever lies under them") {
    // Rows 9 to 12 of 13; row 11 is null and holds a value that could not be converted.
    foreign::column c{
        .format = "tsn:", .length = 4, .buffers = {pack<std::uint8_t>({0xFF, 0xF7}), none()}, .offset = 9};
    foreign::bytes values(13 * 8);
    for (std::int64_t i = 0; i < 13; ++i) {
        const std::int64_t v = i < 9 || i == 11 ? 1 : i * 1000;
        std::memcpy(values.data() + 8 * i, &v, 8);
    }
    c.buffers[1] = values;
    const weft::array column = import(c);
    CHECK(column.null_count() == 1);
    CHECK(text_of(column) == "1970-01-01 00:00:00.000009 1970-01-01 00:00:00.000010 - 1970-01-01 00:00:00.000012");
    CHECK(text_of(column.slice(1, 3)) == "1970-01-01 00:00:00.000010 - 1970-01-01 00:00:00.000012");
}

TEST_CASE("half precision") {
    const weft::array column = import(
        {.format = "e",
         .length = 8,
         .buffers = {none(), pack<std::uint16_t>({0x3C00, 0xC000, 0x7BFF, 0x0001, 0x8000, 0x3555, 0x7C00, 0x7E00})}});
    CHECK(column.type().id == weft::type_id::float32);
    const auto v = column.values<float>();
    CHECK(v[0] == 1.0F);
    CHECK(v[1] == -2.0F);
    CHECK(v[2] == 65504.0F);
    CHECK(v[3] == 0x1p-24F);
    CHECK((v[4] == 0.0F && std::signbit(v[4])));
    CHECK(v[5] == 0.333251953125F);
    CHECK(v[6] == std::numeric_limits<float>::infinity());
    CHECK(std::isnan(v[7]));
}

TEST_CASE("decimals of every width") {
    CHECK(text_of(import({.format = "d:9,2,32", .length = 2, .buffers = {none(), pack<std::int32_t>({-1, 12345})}})) ==
          "-0.01 123.45");
    CHECK(text_of(import({.format = "d:18,3,64", .length = 2, .buffers = {none(), pack<std::int64_t>({-1, 1000})}})) ==
          "-0.001 1.000");
    CHECK(text_of(import({.format = "d:20,1", .length = 1, .buffers = {none(), pack<std::int64_t>({-15, -1})}})) ==
          "-1.5");
    CHECK(text_of(import(
              {.format = "d:20,1,256", .length = 1, .buffers = {none(), pack<std::int64_t>({-15, -1, -1, -1})}})) ==
          "-1.5");
    CHECK(
        text_of(import({.format = "d:40,0,256", .length = 1, .buffers = {none(), pack<std::int64_t>({0, 0, 1, 0})}})) ==
        "340282366920938463463374607431768211456");
    CHECK_THROWS_MATCHES(
        import({.format = "d:20,0,256", .length = 1, .buffers = {none(), pack<std::int64_t>({0, 0, 1, 0})}}),
        weft::data_error, MessageMatches(ContainsSubstring("row 0")));
    CHECK_THROWS_AS(
        import({.format = "d:20,0,256",
                .length = 1,
                .buffers = {none(), pack<std::int64_t>({0, std::numeric_limits<std::int64_t>::min(), 0, 0})}}),
        weft::data_error);
    CHECK_THROWS_MATCHES(import({.format = "d:76,0,256",
                                 .length = 1,
                                 .buffers = {none(), pack<std::int64_t>({0, 0, 0, std::int64_t{1} << 62})}}),
                         weft::data_error, MessageMatches(ContainsSubstring("65 digits")));
}

TEST_CASE("fixed-size binary becomes blobs without copying the bytes") {
    const foreign::column c{
        .format = "w:2", .length = 2, .buffers = {none(), pack(std::string("xxabcd"))}, .offset = 1};
    const weft::arrow_schema type = foreign::schema_of(c);
    weft::arrow_array a = foreign::array_of(c);
    const void* bytes = a->buffers[1];
    const weft::array column = weft::import_array(std::move(a), *type);
    CHECK(text_of(column) == "0x6162 0x6364");
    CHECK(column.layout().characters.data == bytes);
    CHECK(text_of(import({.format = "w:0", .length = 2, .buffers = {none(), none()}})) == "0x 0x");
}

TEST_CASE("large text and binary") {
    const foreign::column c{
        .format = "U", .length = 2, .buffers = {none(), pack<std::int64_t>({0, 1, 3}), pack(std::string("abc"))}};
    const weft::array column = import(c);
    CHECK(text_of(column) == "a bc");
    CHECK(column.layout().large);
    CHECK(text_of(import({.format = "Z",
                          .length = 1,
                          .buffers = {none(), pack<std::int64_t>({1, 2}), pack(std::string("ab"))}})) == "0x62");
}

TEST_CASE("views") {
    foreign::bytes views(64);
    const auto put = [&](std::size_t at, std::int32_t v) { std::memcpy(views.data() + at, &v, 4); };
    put(0, 3);
    std::memcpy(views.data() + 4, "abc", 3);
    put(16, 13);
    put(24, 1); // second data buffer
    put(28, 2);
    put(32, -1); // null: never looked at
    put(48, 12);
    std::memcpy(views.data() + 52, "twelve bytes", 12);
    const std::string data = "..a longer text";
    const foreign::bytes sizes = pack<std::int64_t>({1, static_cast<std::int64_t>(data.size())});
    foreign::column c{.format = "vu",
                      .length = 4,
                      .buffers = {pack<std::uint8_t>({0x0B}), views, pack(std::string("x")), pack(data), sizes}};
    const weft::array column = import(c);
    CHECK(text_of(column) == "abc a longer text - twelve bytes");
    c.format = "vz";
    CHECK(import(c).type().id == weft::type_id::blob);

    put(28, 3); // one byte too far
    c.buffers[1] = views;
    CHECK_THROWS_MATCHES(import(c), weft::data_error, MessageMatches(ContainsSubstring("row 1")));
    put(28, 2);
    put(24, 2);
    c.buffers[1] = views;
    CHECK_THROWS_AS(import(c), weft::data_error);
}

TEST_CASE("dictionaries become their values") {
    const foreign::column words{
        .format = "u", .length = 3, .buffers = {none(), pack<std::int32_t>({0, 3, 6, 6}), pack(std::string("onetwo"))}};
    foreign::column c{.format = "c",
                      .length = 4,
                      .buffers = {pack<std::uint8_t>({0x1D}), pack<std::int8_t>({9, 1, 99, 0, 2})},
                      .offset = 1,
                      .dictionary = {words}};
    c.buffers[0] = pack<std::uint8_t>({0x1B}); // row 1 of the slice is null
    c.length = 4;
    const weft::array column = import(c);
    CHECK(column.type().id == weft::type_id::text);
    CHECK(text_of(column) == "two - one ");

    for (const std::string format : {"c", "C", "s", "S", "i", "I", "l", "L"}) {
        foreign::column d{
            .format = format, .length = 2, .buffers = {none(), foreign::bytes(16)}, .dictionary = {words}};
        CHECK(text_of(import(d)) == "one one");
    }
    const auto refused = [&](std::int8_t index) {
        c.buffers = {none(), pack<std::int8_t>({0, 0, index, 0, 0})};
        CHECK_THROWS_MATCHES(import(c), weft::data_error, MessageMatches(ContainsSubstring("row 1: its index")));
    };
    refused(3);
    refused(-1);

    // Values with a null and a conversion of their own.
    const foreign::column days{
        .format = "tdm", .length = 2, .buffers = {pack<std::uint8_t>({0x01}), pack<std::int64_t>({0, 5})}};
    CHECK(
        text_of(import(
            {.format = "i", .length = 3, .buffers = {none(), pack<std::int32_t>({1, 0, 1})}, .dictionary = {days}})) ==
        "- 1970-01-01 -");
    const foreign::column nothing{.format = "n", .length = 1};
    CHECK(text_of(import(
              {.format = "i", .length = 1, .buffers = {none(), pack<std::int32_t>({0})}, .dictionary = {nothing}})) ==
          "-");

    foreign::column text_index{.format = "u", .length = 0, .buffers = {none(), none(), none()}, .dictionary = {words}};
    CHECK_THROWS_AS(import(text_index), weft::data_error);
}

TEST_CASE("fixed-size lists") {
    const foreign::column floats{
        .format = "f", .name = "item", .length = 5, .buffers = {none(), pack<float>({9, 1, 2, 3, 4})}, .offset = 1};
    foreign::column short_child{.format = "+w:2", .length = 2, .buffers = {none()}, .children = {floats}};
    short_child.children[0].length = 4;
    const weft::array vectors = import(short_child);
    CHECK(vectors.type() == weft::data_type::vector(2));
    CHECK(text_of(vectors) == "[1,2] [3,4]");

    foreign::column numbers{.format = "+w:2",
                            .length = 2,
                            .buffers = {pack<std::uint8_t>({0x05})},
                            .children = {{.format = "i",
                                          .name = "item",
                                          .length = 6,
                                          .buffers = {none(), pack<std::int32_t>({1, 2, 3, 4, 5, 6})}}},
                            .offset = 1};
    numbers.length = 2;
    const weft::array lists = import(numbers);
    CHECK(lists.type().id == weft::type_id::list);
    CHECK(text_of(lists) == "- [5,6]");

    foreign::column hole = short_child;
    hole.children[0].buffers[0] = pack<std::uint8_t>({0xFB});
    CHECK_THROWS_MATCHES(import(hole), weft::data_error,
                         MessageMatches(ContainsSubstring("row 0: an element of a vector is null")));
    hole.buffers[0] = pack<std::uint8_t>({0x02});
    CHECK(text_of(import(hole)) == "- [3,4]");
    CHECK_THROWS_AS(
        import({.format = "+w:2147483647", .length = std::int64_t{1} << 40, .buffers = {none()}, .children = {floats}}),
        weft::data_error);
}

TEST_CASE("maps are lists of key and value") {
    const foreign::column keys{.format = "u",
                               .name = "key",
                               .length = 3,
                               .buffers = {none(), pack<std::int32_t>({0, 1, 2, 3}), pack(std::string("abc"))},
                               .flags = 0};
    const foreign::column values{.format = "i",
                                 .name = "value",
                                 .length = 3,
                                 .buffers = {pack<std::uint8_t>({0x05}), pack<std::int32_t>({1, 0, 3})}};
    const foreign::column entries{
        .format = "+s", .name = "entries", .length = 3, .buffers = {none()}, .children = {keys, values}, .flags = 0};
    foreign::column map{
        .format = "+m", .length = 2, .buffers = {none(), pack<std::int32_t>({0, 2, 3})}, .children = {entries}};
    CHECK(text_of(import(map)) == R"([{"key":"a","value":1},{"key":"b","value":null}] [{"key":"c","value":3}])");
    map.children[0].children.pop_back();
    CHECK_THROWS_AS(import(map), weft::data_error);
}

TEST_CASE("slices of structures apply to their children") {
    const foreign::column t{.format = "+s",
                            .name = "",
                            .length = 2,
                            .buffers = {none()},
                            .children = {{.format = "i",
                                          .name = "a",
                                          .length = 4,
                                          .buffers = {none(), pack<std::int32_t>({0, 1, 2, 3, 4})},
                                          .offset = 1}},
                            .offset = 1};
    const weft::arrow_schema layout = foreign::schema_of(t);
    const weft::record_batch batch = weft::import_batch(foreign::array_of(t), layout);
    CHECK(batch.rows() == 2);
    CHECK(text_of(batch["a"]) == "2 3");
    CHECK(text_of(import(t)) == R"({"a":2} {"a":3})");
}

TEST_CASE("JSON is recognised by its extension name and checked") {
    foreign::column c{
        .format = "u", .length = 1, .buffers = {none(), pack<std::int32_t>({0, 2}), pack(std::string("[]"))}};
    const std::int32_t counts[3] = {1, 20, 10};
    const auto number = [&](int i) { return std::string(reinterpret_cast<const char*>(&counts[i]), 4); };
    c.metadata = number(0) + number(1) + "ARROW:extension:name" + number(2) + "arrow.json";
    CHECK(import(c).type().id == weft::type_id::json);
    c.buffers[2] = pack(std::string("[}"));
    CHECK_THROWS_MATCHES(import(c), weft::data_error, MessageMatches(ContainsSubstring("JSON")));
    c.format = "z";
    CHECK(import(c).type().id == weft::type_id::blob);
}

TEST_CASE("unaligned buffers are copied") {
    foreign::column c{.format = "l", .name = "c", .length = 2, .buffers = {none(), foreign::bytes(17)}};
    const std::int64_t v[2] = {11, -12};
    std::memcpy(c.buffers[1].data() + 1, v, sizeof v);
    const weft::arrow_schema type = foreign::schema_of(c);
    weft::arrow_array a = foreign::array_of(c);
    a->buffers[1] = static_cast<const std::byte*>(a->buffers[1]) + 1;
    CHECK(text_of(weft::import_array(std::move(a), *type)) == "11 -12");
}

TEST_CASE("empty arrays need no buffers") {
    for (const std::string format : {"l", "b", "g", "d:10,2", "d:10,2,64", "tsn:", "e", "w:7"}) {
        CAPTURE(format);
        CHECK(import({.format = format, .buffers = {none(), none()}, .offset = 3}).size() == 0);
    }
    for (const std::string format : {"u", "U", "z", "Z", "vu"}) {
        CAPTURE(format);
        CHECK(import({.format = format, .buffers = {none(), none(), none()}, .offset = 3}).size() == 0);
    }
    const foreign::column item{.format = "f", .name = "item", .buffers = {none(), none()}};
    CHECK(import({.format = "+l", .buffers = {none(), none()}, .children = {item}, .offset = 3}).size() == 0);
    CHECK(import({.format = "+w:3", .buffers = {none()}, .children = {item}, .offset = 3}).size() == 0);
    CHECK(import({.format = "+s", .buffers = {none()}, .children = {item}, .offset = 3}).size() == 0);
    CHECK(import({.format = "n", .length = 4}).null_count() == 4);
}

namespace {

// What is done to a good array and schema before they are imported, and what the refusal says.
struct spoiling {
    const char* what;
    void (*spoil)(ArrowArray& a, ArrowSchema& s);
    const char* says;
};

// A struct of "n" int64, "t" utf8, "l" list of int32, "p" struct of float64, three rows each.
foreign::column good() {
    return foreign::table(
        {{.format = "l",
          .name = "n",
          .length = 3,
          .buffers = {pack<std::uint8_t>({0x05}), pack<std::int64_t>({1, 2, 3})}},
         {.format = "u",
          .name = "t",
          .length = 3,
          .buffers = {none(), pack<std::int32_t>({0, 1, 1, 3}), pack(std::string("abc"))}},
         {.format = "+l",
          .name = "l",
          .length = 3,
          .buffers = {none(), pack<std::int32_t>({0, 1, 1, 2})},
          .children = {{.format = "i", .name = "item", .length = 2, .buffers = {none(), pack<std::int32_t>({1, 2})}}}},
         {.format = "+s",
          .name = "p",
          .length = 3,
          .buffers = {none()},
          .children = {{.format = "g", .name = "x", .length = 3, .buffers = {none(), pack<double>({1, 2, 3})}}}}},
        3);
}

template <class T>
T* writable(const void* p) {
    return static_cast<T*>(const_cast<void*>(p));
}

const spoiling spoilings[] = {
    {"released array", [](ArrowArray& a, ArrowSchema&) { a.children[0]->release(a.children[0]); },
     "'n': the array was already released"},
    {"released schema", [](ArrowArray&, ArrowSchema& s) { s.children[0]->release(s.children[0]); },
     "the schema was already released"},
    {"null format", [](ArrowArray&, ArrowSchema& s) { s.children[0]->format = nullptr; },
     "'n': the schema has no format"},
    {"name is not UTF-8", [](ArrowArray&, ArrowSchema& s) { s.children[0]->name = "\xFF"; },
     "its name is not valid UTF-8"},
    {"null schema children", [](ArrowArray&, ArrowSchema& s) { s.children = nullptr; }, "children are a null pointer"},
    {"negative schema children", [](ArrowArray&, ArrowSchema& s) { s.n_children = -1; }, "cannot have -1 children"},
    {"children of an integer", [](ArrowArray&, ArrowSchema& s) { s.children[0]->n_children = 1; },
     "'n': its type cannot have 1 children"},
    {"list without child", [](ArrowArray&, ArrowSchema& s) { s.children[2]->n_children = 0; },
     "'l': its type cannot have 0 children"},
    {"fewer array children", [](ArrowArray& a, ArrowSchema&) { a.n_children = 3; }, "number of children is 3"},
    {"null array children", [](ArrowArray& a, ArrowSchema&) { a.children[2]->children = nullptr; },
     "'l': the array's children are a null pointer"},
    {"wrong number of buffers", [](ArrowArray& a, ArrowSchema&) { a.children[1]->n_buffers = 2; },
     "'t': the array's number of buffers is 2"},
    {"null buffers", [](ArrowArray& a, ArrowSchema&) { a.children[1]->buffers = nullptr; },
     "'t': the array's buffers are a null pointer"},
    {"null values", [](ArrowArray& a, ArrowSchema&) { a.children[0]->buffers[1] = nullptr; },
     "'n': buffer 1 is a null pointer"},
    {"null offsets", [](ArrowArray& a, ArrowSchema&) { a.children[1]->buffers[1] = nullptr; },
     "'t': buffer 1 is a null pointer"},
    {"null characters", [](ArrowArray& a, ArrowSchema&) { a.children[1]->buffers[2] = nullptr; },
     "'t': its bytes are a null pointer"},
    {"nulls without bitmap", [](ArrowArray& a, ArrowSchema&) { a.children[1]->null_count = 1; },
     "'t': the array has nulls but no validity bitmap"},
    {"negative length", [](ArrowArray& a, ArrowSchema&) { a.children[0]->length = -1; },
     "'n': the array's length is -1"},
    {"absurd length", [](ArrowArray& a, ArrowSchema&) { a.children[0]->length = INT64_MAX; },
     "'n': the array's length is"},
    {"negative offset", [](ArrowArray& a, ArrowSchema&) { a.children[0]->offset = -1; },
     "'n': the array's offset is -1"},
    {"absurd offset", [](ArrowArray& a, ArrowSchema&) { a.children[0]->offset = INT64_MAX; },
     "'n': the array's offset is"},
    {"null count below -1", [](ArrowArray& a, ArrowSchema&) { a.children[0]->null_count = -2; },
     "'n': the array's null count is -2"},
    {"null count above length", [](ArrowArray& a, ArrowSchema&) { a.children[0]->null_count = 4; },
     "'n': the array's null count is 4"},
    {"short child", [](ArrowArray& a, ArrowSchema&) { a.children[0]->length = 2; },
     "a child has 2 rows where 3 are needed"},
    {"child shorter than the slice", [](ArrowArray& a, ArrowSchema&) { a.offset = 1; },
     "a child has 3 rows where 4 are needed"},
    {"short member", [](ArrowArray& a, ArrowSchema&) { a.children[3]->children[0]->length = 1; },
     "'p': a child has 1 rows where 3 are needed"},
    {"negative first offset",
     [](ArrowArray& a, ArrowSchema&) { writable<std::int32_t>(a.children[1]->buffers[1])[0] = -1; },
     "'t': row 0: its offset is negative"},
    {"falling offsets", [](ArrowArray& a, ArrowSchema&) { writable<std::int32_t>(a.children[1]->buffers[1])[1] = 2; },
     "'t': row 1: it ends before it begins"},
    {"list beyond its child",
     [](ArrowArray& a, ArrowSchema&) { writable<std::int32_t>(a.children[2]->buffers[1])[3] = 3; },
     "'l': a child has 2 rows where 3 are needed"},
    {"text is not UTF-8", [](ArrowArray& a, ArrowSchema&) { *writable<char>(a.children[1]->buffers[2]) = '\xFF'; },
     "'t': row 0: its text is not valid UTF-8"},
    {"null rows",
     [](ArrowArray& a, ArrowSchema&) {
         static const std::uint8_t bits = 0x03;
         a.buffers[0] = &bits;
     },
     "rows of a record batch cannot be null"},
    {"dictionary without schema", [](ArrowArray& a, ArrowSchema&) { a.children[0]->dictionary = a.children[1]; },
     "'n': array and schema disagree about a dictionary"},
    {"no struct",
     [](ArrowArray&, ArrowSchema& s) {
         s.format = "l";
         s.n_children = 0;
     },
     "a schema is a struct"},
    {"decimal without scale", [](ArrowArray&, ArrowSchema& s) { s.children[0]->format = "d:5"; },
     "'n': the format 'd:5' is malformed"},
    {"decimal of no digits", [](ArrowArray&, ArrowSchema& s) { s.children[0]->format = "d:0,0"; },
     "expected a precision"},
    {"decimal of 39 digits", [](ArrowArray&, ArrowSchema& s) { s.children[0]->format = "d:39,0"; },
     "expected a precision from 1 to 38"},
    {"decimal of 1000 digits", [](ArrowArray&, ArrowSchema& s) { s.children[0]->format = "d:1000,0,256"; },
     "expected a precision"},
    {"decimal of 96 bits", [](ArrowArray&, ArrowSchema& s) { s.children[0]->format = "d:5,2,96"; }, "bits"},
    {"decimal of too many parts", [](ArrowArray&, ArrowSchema& s) { s.children[0]->format = "d:5,2,128,1"; },
     "malformed"},
    {"decimal of words", [](ArrowArray&, ArrowSchema& s) { s.children[0]->format = "d:5,two"; }, "malformed"},
    {"binary of negative size", [](ArrowArray&, ArrowSchema& s) { s.children[0]->format = "w:-1"; }, "malformed"},
    {"binary of absurd size", [](ArrowArray&, ArrowSchema& s) { s.children[0]->format = "w:99999999999"; },
     "malformed"},
    {"list of negative size", [](ArrowArray&, ArrowSchema& s) { s.children[2]->format = "+w:-2"; }, "malformed"},
};

} // namespace

TEST_CASE("malformed structures are refused by name and reason") {
    for (const spoiling& s : spoilings) {
        CAPTURE(s.what);
        weft::arrow_array rows = foreign::array_of(good());
        weft::arrow_schema layout = foreign::schema_of(good());
        s.spoil(*rows.get(), *layout.get());
        CHECK_THROWS_MATCHES(weft::import_batch(std::move(rows), layout), weft::data_error,
                             MessageMatches(ContainsSubstring(s.says)));
        layout.reset();
        CHECK(foreign::alive == 0);
    }
    weft::arrow_schema layout = foreign::schema_of(good());
    CHECK(weft::import_batch(foreign::array_of(good()), layout).rows() == 3);
}

TEST_CASE("an empty owner cannot be imported") {
    const weft::arrow_schema layout = foreign::schema_of(good());
    CHECK_THROWS_AS(weft::import_batch(weft::arrow_array(), layout), weft::data_error);
    CHECK_THROWS_AS(weft::import_batch(foreign::array_of(good()), weft::arrow_schema()), weft::data_error);
}

TEST_CASE("types without counterpart are named") {
    for (const std::string format :
         {"+ud:0,1", "+us:0", "+r", "tiM", "tiD", "tin", "+vl", "d:5,-2", "x", "", "ll", "vx", "tsx:", "tsu"}) {
        CAPTURE(format);
        const foreign::column t = foreign::table({{.format = format, .name = "odd"}}, 0);
        const weft::arrow_schema layout = foreign::schema_of(t);
        CHECK_THROWS_MATCHES(weft::import_schema(*layout), weft::not_supported_error,
                             MessageMatches(ContainsSubstring("'odd'") && ContainsSubstring("'" + format + "'")));
    }
}

TEST_CASE("nesting has a limit") {
    foreign::column c{.format = "l", .name = "item", .buffers = {none(), none()}};
    for (int i = 0; i < 60; ++i) c = {.format = "+l", .name = "item", .buffers = {none(), none()}, .children = {c}};
    CHECK(import(c).size() == 0);
    for (int i = 0; i < 5; ++i) c = {.format = "+l", .name = "item", .buffers = {none(), none()}, .children = {c}};
    CHECK_THROWS_MATCHES(import(c), weft::data_error, MessageMatches(ContainsSubstring("64 levels")));
}

TEST_CASE("a schema that contains itself ends") {
    weft::arrow_schema layout =
        foreign::schema_of(foreign::table({{.format = "+s", .name = "a"}, {.format = "+s", .name = "b"}}, 0));
    ArrowSchema* pair[2] = {layout->children[0], layout->children[0]};
    layout->children[0]->children = pair;
    layout->children[0]->n_children = 2;
    CHECK_THROWS_AS(weft::import_schema(*layout), weft::data_error);
}

TEST_CASE("import keeps names, flags and nullability") {
    foreign::column t = foreign::table({{.format = "l", .name = "a", .flags = 0}, {.format = "u", .name = "b"}}, 0);
    weft::arrow_schema layout = foreign::schema_of(t);
    const weft::schema s = weft::import_schema(*layout);
    CHECK(s == weft::schema({{"a", weft::type_id::int64, false, {}, {}}, {"b", weft::type_id::text, true, {}, {}}}));
    layout->children[0]->name = nullptr; // optional
    CHECK(weft::import_schema(*layout)[0].name.empty());
}
