// SPDX-License-Identifier: BSL-1.0
#include <weft/transfer/csv_reader.hpp>

#include <weft/format/csv.hpp>

#include "../format/sample_rows.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdio>
#include <optional>
#include <random>

using weft::byte_input;
using weft::csv_options;
using weft::csv_reader;
using weft::value;

namespace {

using record = std::vector<std::optional<std::string>>;

std::vector<record> read_all(csv_reader& reader) {
    std::vector<record> records;
    std::span<const weft::cell> cells;
    while (reader.next(cells)) {
        record& r = records.emplace_back();
        for (const weft::cell& c : cells) {
            r.push_back(c.is_null() ? std::nullopt : std::optional<std::string>(c.text()));
        }
    }
    return records;
}

// Whatever the size of the chunks, the records are the same.
std::vector<record> read(std::string_view text, csv_options options = {}) {
    csv_reader whole(byte_input::text(text), options);
    const auto records = read_all(whole);
    CHECK(whole.bytes_done() == text.size());
    for (const std::size_t chunk : {16U, 17U, 31U}) {
        options.chunk_size = chunk;
        csv_reader reader(byte_input::text(text), options);
        CHECK(read_all(reader) == records);
    }
    return records;
}

std::string error_of(std::string_view text, csv_options options = {}) {
    std::string messages[2];
    for (std::string& message : messages) {
        try {
            csv_reader reader(byte_input::text(text), options);
            read_all(reader);
            message = "accepted";
        } catch (const weft::data_error& e) {
            message = e.what();
        }
        options.chunk_size = 16;
    }
    CHECK(messages[0] == messages[1]);
    return messages[0];
}

} // namespace

TEST_CASE("CSV records are read with names from the header") {
    csv_reader reader(byte_input::text("\xEF\xBB\xBFid,name\r\n1,Ada\r\n2,\"Grace\"\r\n"));
    CHECK(reader.names() == std::vector<std::string>{"id", "name"});
    CHECK(read_all(reader) == std::vector<record>{{"1", "Ada"}, {"2", "Grace"}});
    CHECK(reader.records() == 2);
    CHECK(reader.bytes_done() == reader.bytes_total());
}

TEST_CASE("Quoted CSV fields hold anything") {
    const csv_options bare{.header = false};
    CHECK(read("\"a,b\",\"say \"\"hi\"\"\",\"two\r\nlines\"\n", bare) ==
          std::vector<record>{{"a,b", "say \"hi\"", "two\r\nlines"}});
    CHECK(read("\"\"\"\"", bare) == std::vector<record>{{"\""}});
    CHECK(read("\"\",", bare) == std::vector<record>{{"", std::nullopt}});
    CHECK(read(" a , b", bare) == std::vector<record>{{" a ", " b"}});
    CHECK(read("a;b\n", {.delimiter = ';', .header = false}) == std::vector<record>{{"a", "b"}});
}

TEST_CASE("The last line of CSV may lack its end, and empty lines are no records") {
    const csv_options bare{.header = false};
    CHECK(read("a,b\nc,d", bare) == read("a,b\nc,d\n", bare));
    CHECK(read("\na,b\n\n\r\nc,d\n\n", bare) == std::vector<record>{{"a", "b"}, {"c", "d"}});
    CHECK(read("x\n\n1\n") == std::vector<record>{{std::nullopt}, {"1"}}); // one column: an empty line is a NULL
    CHECK(read("", bare).empty());
    CHECK(read("a,b\n").empty());
}

TEST_CASE("NULL and names of CSV follow the options") {
    CHECK(read("a,b\nNULL,\"NULL\"\n,x\n", {.null = "NULL"}) == std::vector<record>{{std::nullopt, "NULL"}, {"", "x"}});
    csv_reader numbered(byte_input::text("1,2\n3,4\n"), {.header = false});
    CHECK(numbered.names() == std::vector<std::string>{"column_1", "column_2"});
    CHECK(read_all(numbered).size() == 2);
    csv_reader named(byte_input::text("x,y\n3,4\n"), {.names = {"a", "b"}});
    CHECK(named.names() == std::vector<std::string>{"a", "b"});
    CHECK(read_all(named) == std::vector<record>{{"3", "4"}});
    csv_reader holes(byte_input::text("x,,\"\"\n1,2,3\n"));
    CHECK(holes.names() == std::vector<std::string>{"x", "column_2", "column_3"});
    CHECK(csv_reader(byte_input::text("")).names().empty());
    CHECK_THROWS_AS(csv_reader(byte_input::text(""), {.delimiter = '"'}), weft::programming_error);
}

TEST_CASE("Faults in CSV are named with line and column") {
    CHECK(error_of("a,b\n1,2\n1,2,3\n") == "line 3, column 1: expected 2 fields, found 3");
    CHECK(error_of("a,b\n1\n") == "line 2, column 1: expected 2 fields, found 1");
    CHECK(error_of("a,b\n\"1\n\n\",2\n3\n") == "line 5, column 1: expected 2 fields, found 1");
    CHECK(error_of("a,b\n1,\"2\n3,4\n") == "line 2, column 3: the quote is never closed");
    CHECK(error_of("a,b\n\u00e4\u00f6,x\"y\n") ==
          "line 2, column 5: a quote inside a field that does not begin with one");
    CHECK(error_of("a,b\n\"1\n2\"x,3\n") ==
          "line 3, column 3: expected a delimiter or the end of the line after the closing quote");
    CHECK(error_of("a,b\n1,2\r3,4\n") == "line 2, column 4: a carriage return without line feed");
    CHECK(error_of("a,b\n1,2\r") == "line 2, column 4: a carriage return without line feed");
    CHECK(error_of(std::string_view("a,b\n1,\0\n", 8)) == "line 2, column 3: NUL in the text");
    CHECK(error_of("a,b\n\"x\ny\xff\",1\n") == "line 3, column 2: not valid UTF-8");
    CHECK(error_of("a,b,a\n") == "line 1, column 5: the name 'a' stands there twice");
    CHECK(error_of("a,b\n", {.names = {"x"}}) == "line 1, column 1: expected 1 field, found 2");
    CHECK(error_of("a\n\"" + std::string(500, 'x'), {.largest_record = 100})
              .find("line 2, column 1: the record is longer") == 0);
}

TEST_CASE("CSV files that cannot be read are named") {
    try {
        csv_reader reader("no/such/file.csv");
        FAIL("opened");
    } catch (const weft::operational_error& e) {
        CHECK(std::string(e.what()).find("no/such/file.csv") != std::string::npos);
    }
    CHECK_THROWS_AS(csv_reader("."), weft::operational_error); // a directory
}

TEST_CASE("What the CSV format writes, the reader reads") {
    std::mt19937 random(11);
    const std::string_view pieces[] = {"a", ",", "\"", "\n", "\r", "\r\n", " ", ";", "NULL", "\u5c71", "x", "0"};
    for (int round = 0; round < 400; ++round) {
        const std::size_t width = 1 + random() % 4;
        std::vector<sample_column> columns;
        for (std::size_t c = 0; c < width; ++c)
            columns.push_back({std::string(pieces[random() % 12]) + std::to_string(c), weft::type_id::text});
        std::vector<std::vector<value>> rows(random() % 6);
        std::vector<record> expected;
        for (auto& row : rows) {
            record& r = expected.emplace_back();
            for (std::size_t c = 0; c < width; ++c) {
                std::string text;
                for (std::size_t n = random() % 5; n > 0; --n) text += pieces[random() % 12];
                const bool null = random() % 4 == 0;
                row.push_back(null ? value() : value(text));
                r.push_back(null ? std::nullopt : std::optional(text));
            }
        }
        const char delimiter = round % 2 == 0 ? ',' : ';';
        const char* null = round % 3 == 0 ? "NULL" : "";
        const weft::csv style{.delimiter = delimiter, .null = null, .line_end = round % 5 == 0 ? "\r\n" : "\n"};
        const std::string text = format_rows(style, sample_rows(columns, rows));
        CHECK(read(text, {.delimiter = delimiter, .null = null}) == expected);
        csv_reader reader(byte_input::text(text), {.delimiter = delimiter, .null = null});
        for (std::size_t c = 0; c < width; ++c) CHECK(reader.names()[c] == columns[c].name);
    }
}
