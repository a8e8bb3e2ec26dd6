// SPDX-License-Identifier: BSL-1.0
#include <weft/format/table.hpp>

#include "sample_rows.hpp"

#include <catch2/catch_test_macros.hpp>

#include <random>

using weft::table;
using weft::table_border;
using weft::type_id;
using weft::value;

namespace {

const sample_rows people{{{"id", type_id::int64}, {"name", type_id::text}},
                         {{value(1), value("Ada")}, {value(20), nullptr}, {nullptr, value("\u5c71\u7530")}}};

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::size_t begin = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
        lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    CHECK(begin == text.size());
    return lines;
}

} // namespace

TEST_CASE("A table is drawn as database clients draw it") {
    CHECK(format_rows(table(), people) == "+------+------+\n"
                                          "| id   | name |\n"
                                          "+------+------+\n"
                                          "|    1 | Ada  |\n"
                                          "|   20 | NULL |\n"
                                          "| NULL | \u5c71\u7530 |\n"
                                          "+------+------+\n"
                                          "3 rows\n");
    CHECK(format_rows(table(), {{{"a", type_id::text}}, {}}) == "+---+\n| a |\n+---+\n+---+\n0 rows\n");
}

TEST_CASE("Other borders of a table") {
    CHECK(format_rows(table{.border = table_border::unicode}, people) ==
          "┌──────┬──────┐\n│ id   │ name │\n├──────┼──────┤\n│    1 │ Ada  │\n│   20 │ NULL │\n│ NULL │ 山田 │\n"
          "└──────┴──────┘\n3 rows\n");
    CHECK(format_rows(table{.border = table_border::markdown},
                      {{{"a|b", type_id::text}}, {{value("x")}, {value("||")}}}) ==
          "| a\\|b |\n|------|\n| x    |\n| \\|\\| |\n2 rows\n");
    CHECK(format_rows(table{.border = table_border::none}, people) ==
          "id    name\n----  ----\n   1  Ada\n  20  NULL\nNULL  山田\n3 rows\n");
}

TEST_CASE("Nothing in the data of a table reaches the terminal as control") {
    const sample_rows rows{{{"t\n", type_id::text}},
                           {{value(weft::cell::of_text("a\n\t\r\x1b[31m\x7f\xff\u0085\u202e"))}}};
    const auto lines = lines_of(format_rows(table(), rows));
    CHECK(lines[1] == "| t\\n                               |");
    CHECK(lines[3] == "| a\\n\\t\\r\\x1b[31m\\x7f\\xff\\x85\\u202e |");
}

TEST_CASE("Long fields and many rows of a table are cut") {
    const sample_rows rows{{{"text", type_id::text}, {"n", type_id::int64}},
                           {{value("123456"), value(123456)}, {value("12345"), value(1)}, {value("山山山"), value(2)}}};
    CHECK(format_rows(table{.max_width = 5}, rows) == "+-------+-------+\n"
                                                      "| text  | n     |\n"
                                                      "+-------+-------+\n"
                                                      "| 1234… | 1234… |\n"
                                                      "| 12345 |     1 |\n"
                                                      "| 山山… |     2 |\n"
                                                      "+-------+-------+\n"
                                                      "3 rows\n");
    const auto lines = lines_of(format_rows(table{.max_rows = 1}, rows));
    CHECK(lines.size() == 6);
    CHECK(lines.back() == "3 rows, the first 1 shown");
}

TEST_CASE("All lines of a table have the same width, whatever is in it") {
    std::mt19937 random(7);
    const std::string_view pieces[] = {"a", "\n", "山", "e\u0301", "\xff", "|", "\u200b", "😀", " ", "\x1b"};
    for (int round = 0; round < 50; ++round) {
        sample_rows rows{{{"first", type_id::text}, {"b", type_id::text}}, {}};
        for (int r = 0; r < 5; ++r) {
            std::vector<value> row;
            for (int c = 0; c < 2; ++c) {
                std::string text;
                for (std::size_t n = random() % 8; n > 0; --n) text += pieces[random() % std::size(pieces)];
                row.emplace_back(weft::cell::of_text(text));
            }
            rows.content.push_back(std::move(row));
        }
        for (const auto border : {table_border::ascii, table_border::unicode, table_border::markdown}) {
            auto lines = lines_of(format_rows(table{.max_width = random() % 6, .border = border}, rows));
            lines.pop_back();
            for (const std::string& line : lines) CHECK(weft::display_width(line) == weft::display_width(lines[0]));
        }
    }
}
