// SPDX-License-Identifier: BSL-1.0
#include <weft/core/json_text.hpp>
#include <weft/format/json.hpp>

#include "sample_rows.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <limits>

using weft::json;
using weft::type_id;
using weft::value;

namespace {

value text_of_bytes(std::string_view bytes) {
    return value(weft::cell::of_text(bytes));
}

} // namespace

TEST_CASE("JSON is an array of objects, and nothing is lost in it") {
    const sample_rows rows{
        {{"id", type_id::int64},
         {"big", type_id::uint64},
         {"price", type_id::decimal},
         {"x", type_id::float64},
         {"day", type_id::date},
         {"name", type_id::text},
         {"doc", type_id::json},
         {"raw", type_id::blob}},
        {{value(std::numeric_limits<std::int64_t>::min()), value(std::numeric_limits<std::uint64_t>::max()),
          value(weft::decimal::parse("1.50")), value(0.1), value(weft::date(2024, 2, 29)), value("a\"\n\u00fc"),
          value(weft::json_text("{\"k\":[1]}")), value(weft::blob{std::byte{0}, std::byte{255}})},
         {nullptr, nullptr, nullptr, value(std::nan("")), nullptr, value(""), nullptr, nullptr}}};
    CHECK(format_rows(json(), rows) ==
          "[{\"id\":-9223372036854775808,\"big\":18446744073709551615,\"price\":1.50,\"x\":0.1,\"day\":\"2024-02-29\","
          "\"name\":\"a\\\"\\n\u00fc\",\"doc\":{\"k\":[1]},\"raw\":\"AP8=\"},"
          "{\"id\":null,\"big\":null,\"price\":null,\"x\":null,\"day\":null,\"name\":\"\",\"doc\":null,\"raw\":null}]");
}

TEST_CASE("JSON text is valid for every number of rows and columns in every style") {
    for (std::size_t columns = 0; columns < 4; ++columns) {
        for (std::size_t count = 0; count < 4; ++count) {
            std::vector<sample_column> names;
            for (std::size_t c = 0; c < columns; ++c) names.push_back({"c\"" + std::to_string(c), type_id::int64});
            const sample_rows rows(names, std::vector(count, std::vector<value>(columns, value(7))));
            const std::string compact = format_rows(json(), rows);
            CHECK(weft::is_valid_json(compact));
            for (const std::size_t indent : {1U, 2U, 4U}) {
                const std::string pretty = format_rows(json{.indent = indent}, rows);
                CHECK(weft::is_valid_json(pretty));
                std::string squeezed;
                for (const char c : pretty) {
                    if (c != ' ' && c != '\n') squeezed += c;
                }
                CHECK(squeezed == compact); // no value here holds white space
            }
            const std::string lines = format_rows(json{.lines = true, .indent = 2}, rows);
            std::size_t begin = 0;
            std::size_t found = 0;
            for (std::size_t end = lines.find('\n'); end != std::string::npos; end = lines.find('\n', begin), ++found) {
                CHECK(weft::is_valid_json(lines.substr(begin, end - begin)));
                begin = end + 1;
            }
            CHECK(begin == lines.size());
            CHECK(found == count);
        }
    }
}

TEST_CASE("JSON can be indented") {
    const sample_rows rows{{{"a", type_id::int64}, {"b", type_id::text}},
                           {{value(1), value("x")}, {value(2), nullptr}}};
    CHECK(format_rows(json{.indent = 2}, rows) == "[\n  {\n    \"a\": 1,\n    \"b\": \"x\"\n  },\n"
                                                  "  {\n    \"a\": 2,\n    \"b\": null\n  }\n]");
    CHECK(format_rows(json{.indent = 2}, {{{"a", type_id::int64}}, {}}) == "[]");
}

TEST_CASE("JSON keys are unique") {
    const sample_rows rows{{{"id", type_id::int64, "a"}, {"id", type_id::int64, "b"}, {"id", type_id::int64}},
                           {{value(1), value(2), value(3)}}};
    CHECK(format_rows(json(), rows) == "[{\"id\":1,\"b.id\":2,\"id_2\":3}]");
}

TEST_CASE("A JSON reader goes on empty") {
    const sample_rows rows{{{"a", type_id::int64}}, {{value(1)}, {value(2)}}};
    auto reader = json{.lines = true}.bind(rows.layout());
    reader.append(rows, {0, 1, 0});
    std::string joined = reader.finish();
    reader.append(rows, {1, 1, 1});
    joined += reader.finish();
    CHECK(joined == format_rows(json{.lines = true}, rows));
    CHECK(reader.finish().empty());
}

TEST_CASE("JSON refuses text that is not UTF-8 and names its place") {
    const sample_rows rows{{{"a", type_id::int64}, {"name", type_id::text}},
                           {{value(1), value("fine")}, {value(2), text_of_bytes("\xff")}}};
    try {
        format_rows(json(), rows);
        FAIL("accepted");
    } catch (const weft::data_error& e) {
        CHECK(std::string(e.what()).find("column 'name', row 1: ") == 0);
    }
}
