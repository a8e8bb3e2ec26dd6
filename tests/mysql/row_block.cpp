// SPDX-License-Identifier: BSL-1.0
// Blocks of rows: what is written reads as the same, by cells and by columns, and stays after the connection reads on.
#include <weft/columnar/column_builder.hpp>
#include <weft/core/cell_reader.hpp>

#include "script.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <bit>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace mysql = weft::mysql;
namespace protocol = weft::mysql::protocol;
using field = protocol::field_type;
using mysql::row_encoding;
using test::hex;
using test::written;

namespace {

struct column {
    field type;
    std::uint16_t flags = 0;
    std::uint32_t length = 0;
    std::uint8_t decimals = 0;
};

// DECIMAL(digits, scale)
column decimal_of(int digits, int scale) {
    return {field::newdecimal, 0, static_cast<std::uint32_t>(digits + (scale > 0 ? 2 : 1)),
            static_cast<std::uint8_t>(scale)};
}

std::shared_ptr<const mysql::result_layout> layout_of(const std::vector<column>& columns, row_encoding rows) {
    auto layout = std::make_shared<mysql::result_layout>();
    layout->encodings.resize(columns.size());
    std::vector<weft::field> fields;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        protocol::column_definition c;
        c.name = "c";
        c.type = columns[i].type;
        c.flags = columns[i].flags;
        c.length = columns[i].length;
        c.decimals = columns[i].decimals;
        c.collation = 45;
        fields.push_back(mysql::to_field(c, rows, layout->encodings[i]));
    }
    layout->columns = weft::schema(std::move(fields));
    return layout;
}

// A block of the payloads, which are put into a buffer as they would be received.
mysql::row_block block_of(const std::vector<column>& columns, row_encoding form, const std::vector<weft::blob>& rows) {
    mysql::detail::receive_buffer buffer;
    std::vector<mysql::detail::row_place> places;
    std::size_t size = 0;
    for (const weft::blob& row : rows) size += row.size();
    const std::span<std::byte> room = buffer.make_room(size + 1);
    std::size_t at = 0;
    for (const weft::blob& row : rows) {
        if (!row.empty()) std::memcpy(room.data() + at, row.data(), row.size());
        places.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(row.size())});
        at += row.size();
    }
    buffer.received(size);
    mysql::row_block block;
    block.assign(layout_of(columns, form), form, buffer.share(), places, 10);
    return block; // which keeps the bytes
}

weft::blob text_row(const std::vector<std::optional<std::string>>& values) {
    return written([&](protocol::wire_writer out) {
        for (const auto& v : values) {
            if (v)
                out.lenenc_text(*v);
            else
                out.u8(0xFB);
        }
    });
}

// Every value by column and by cell is `expected`.
template <class T>
void check_column(const mysql::row_block& block, std::size_t c, const std::vector<T>& expected) {
    REQUIRE(block.rows() == expected.size());
    std::vector<T> fast(expected.size());
    CHECK(block.read_column(c, 0, fast.size(), weft::strided(fast[0])) == expected.size());
    CHECK(fast == expected);
    for (std::size_t r = 0; r < expected.size(); ++r) {
        T slow{};
        CHECK(weft::cell_reader<T>::read(block.at(c, r), slow));
        CHECK(slow == expected[r]);
    }
    // from the middle, into every second place
    std::vector<T> spread(2 * expected.size());
    const std::size_t first = expected.size() / 3;
    const std::size_t count = expected.size() - first;
    CHECK(block.read_column(c, first, count, weft::strided(spread[0], 2 * sizeof(T))) == count);
    for (std::size_t i = 0; i < count; ++i) CHECK(spread[2 * i] == expected[first + i]);
}

} // namespace

TEST_CASE("Random values in text form read as they were written", "[row_block]") {
    std::mt19937_64 random(7);
    for (const std::size_t count : {1U, 2U, 7U, 16U, 33U, 100U}) {
        std::vector<weft::blob> rows;
        std::vector<std::int64_t> integers;
        std::vector<double> doubles;
        std::vector<weft::datetime> moments;
        std::vector<std::string> texts;
        for (std::size_t r = 0; r < count; ++r) {
            integers.push_back(static_cast<std::int64_t>(random() >> (random() % 64)) * (random() % 2 == 0 ? 1 : -1));
            doubles.push_back(static_cast<double>(static_cast<std::int64_t>(random() >> 12)) / 1024.0);
            moments.push_back(
                weft::datetime::from_microseconds(static_cast<std::int64_t>(random() % 253402300799000000ULL)));
            texts.push_back(std::string(random() % 300, static_cast<char>('a' + random() % 26)));
            std::string number;
            weft::append_text(number, weft::cell(doubles.back()));
            char moment[weft::datetime::max_chars];
            const std::string written_moment(moment, moments.back().write(moment));
            rows.push_back(text_row({std::to_string(integers.back()), number, written_moment, texts.back()}));
        }
        const mysql::row_block block = block_of(
            {{field::longlong}, {field::double_}, {field::datetime}, {field::var_string}}, row_encoding::text, rows);
        check_column(block, 0, integers);
        check_column(block, 1, doubles);
        check_column(block, 2, moments);
        check_column(block, 3, texts);
    }
}

TEST_CASE("Random values in binary form read as they were written", "[row_block]") {
    std::mt19937_64 random(8);
    std::vector<weft::blob> rows;
    std::vector<std::int8_t> bytes;
    std::vector<std::uint64_t> words;
    std::vector<float> floats;
    std::vector<weft::date> dates;
    for (int r = 0; r < 77; ++r) {
        bytes.push_back(static_cast<std::int8_t>(random()));
        words.push_back(random());
        floats.push_back(static_cast<float>(static_cast<std::int32_t>(random())) / 64.0F);
        dates.push_back(weft::date::from_days(static_cast<std::int32_t>(random() % 2'900'000)));
        rows.push_back(written([&](protocol::wire_writer out) {
            out.u8(0);
            out.u8(0);
            out.u8(static_cast<std::uint8_t>(bytes.back()));
            out.u64(words.back());
            out.u32(std::bit_cast<std::uint32_t>(floats.back()));
            out.u8(4);
            out.u16(static_cast<std::uint16_t>(dates.back().year()));
            out.u8(static_cast<std::uint8_t>(dates.back().month()));
            out.u8(static_cast<std::uint8_t>(dates.back().day()));
        }));
    }
    const mysql::row_block block = block_of(
        {{field::tiny}, {field::longlong, protocol::column_flag::unsigned_number}, {field::float_}, {field::date}},
        row_encoding::binary, rows);
    check_column(block, 0, bytes);
    check_column(block, 1, words);
    check_column(block, 2, floats);
    check_column(block, 3, dates);
}

TEST_CASE("Decimals of every width read as they were written, into values and into columns", "[row_block]") {
    std::mt19937_64 random(9);
    for (const auto& [digits, scale] : {std::pair(1, 0),
                                        {5, 0},
                                        {9, 2},
                                        {12, 12},
                                        {18, 0},
                                        {18, 7},
                                        {18, 8},
                                        {19, 4},
                                        {30, 30},
                                        {38, 0},
                                        {38, 10},
                                        {39, 2},
                                        {65, 30}}) {
        CAPTURE(digits, scale);
        std::vector<weft::blob> rows;
        std::vector<weft::decimal> expected;
        for (int r = 0; r < 300; ++r) {
            std::string text(static_cast<std::size_t>(digits), '9');
            if (r != 0)
                for (char& digit : text) digit = static_cast<char>('0' + random() % 10);
            std::size_t whole = static_cast<std::size_t>(digits - scale);
            const std::size_t zeros = std::min(text.find_first_not_of('0'), whole); // servers do not send them
            text.erase(0, zeros);
            whole -= zeros;
            if (whole == 0) {
                text.insert(0, 1, '0');
                whole = 1;
            }
            if (scale != 0) text.insert(whole, 1, '.');
            const bool negative = random() % 2 == 0 && text.find_first_not_of("0.") != std::string::npos;
            if (negative) text.insert(0, 1, '-');
            rows.push_back(text_row({text}));
            expected.push_back(weft::decimal::parse(text));
        }
        const mysql::row_block block = block_of({decimal_of(digits, scale)}, row_encoding::text, rows);
        if (digits <= 18) check_column(block, 0, expected);
        weft::column_builder builder(block.layout()[0]);
        builder.append(block, 0, {0, 100, 0});
        builder.append(weft::cell());
        builder.append(block, 0, {100, 200, 101});
        const weft::array column = builder.finish();
        REQUIRE(column.size() == 301);
        CHECK(column.at(100).is_null());
        for (std::size_t r = 0; r < 300; ++r) {
            const weft::decimal value = column.at(r < 100 ? r : r + 1).decimal();
            CHECK(value == expected[r]);
            CHECK(value.scale() == scale);
        }
    }
}

TEST_CASE("Decimals that are not what their column declares are left to cells", "[row_block]") {
    const std::vector<weft::blob> rows = {text_row({"12.50"}), text_row({"1.5"}), text_row({"1000.00"}),
                                          text_row({"-7.25"}), text_row({std::nullopt})};
    const mysql::row_block block = block_of({decimal_of(5, 2)}, row_encoding::text, rows);
    std::vector<weft::decimal> values(5);
    CHECK(block.read_column(0, 0, 5, weft::strided(values[0])) == 1);
    CHECK(values[0].to_string() == "12.50");
    CHECK(block.at(0, 1).decimal().to_string() == "1.5"); // another scale
    CHECK(block.read_column(0, 2, 3, weft::strided(values[0])) == 0);
    CHECK(block.read_column(0, 3, 2, weft::strided(values[0])) == 1);
    weft::column_builder builder(block.layout()[0]);
    builder.append(block, 0, {0, 2, 0});
    CHECK_THROWS_AS(builder.append(block, 0, {2, 1, 2}), weft::data_error); // more digits than declared
    builder.append(block, 0, {3, 2, 3});
    const weft::array column = builder.finish();
    REQUIRE(column.size() == 4);
    CHECK(column.at(1).decimal().to_string() == "1.50");
    CHECK(column.at(2).decimal().to_string() == "-7.25");
    CHECK(column.at(3).is_null());
}

TEST_CASE("A decimal shorter than its declared scale is left to its cell", "[row_block]") {
    const mysql::row_block block = block_of({decimal_of(18, 18)}, row_encoding::text, {text_row({"5"})});
    weft::decimal value;
    CHECK(block.read_column(0, 0, 1, weft::strided(value)) == 0);
    CHECK(block.at(0, 0).decimal().to_string() == "5");
    const mysql::row_block fitting = block_of({decimal_of(18, 17)}, row_encoding::text, {text_row({"5"})});
    CHECK(fitting.read_column(0, 0, 1, weft::strided(value)) == 0); // the kernel takes it, its scale is another
}

TEST_CASE("A column loop stops at what it cannot read, and never reads it wrongly", "[row_block]") {
    const mysql::row_block block = block_of({{field::longlong}, {field::date}}, row_encoding::text,
                                            {text_row({"1", "2024-01-01"}), text_row({"300", "0000-00-00"}),
                                             text_row({std::nullopt, "2024-01-03"}), text_row({"4", std::nullopt})});
    std::vector<std::int64_t> integers(4, -1);
    CHECK(block.read_column(0, 0, 4, weft::strided(integers[0])) == 2);
    std::vector<std::uint8_t> small(4, 9);
    CHECK(block.read_column(0, 0, 4, weft::strided(small[0])) == 1);
    std::vector<weft::date> dates(4);
    CHECK(block.read_column(1, 0, 4, weft::strided(dates[0])) == 1);
    CHECK(block.read_column(1, 2, 2, weft::strided(dates[0])) == 1);
    std::vector<double> doubles(4);
    CHECK(block.read_column(0, 0, 4, weft::strided(doubles[0])) == 0); // another type: cell by cell
    CHECK(block.at(1, 1).is_null());
    CHECK(block.at(0, 2).is_null());
}

TEST_CASE("Rows that do not fit their columns are refused with the column", "[row_block]") {
    const std::vector<column> two{{field::longlong}, {field::var_string}};
    const auto message = [&](row_encoding form, std::string_view row) {
        try {
            block_of(two, form, {hex(row)});
        } catch (const weft::operational_error& e) {
            CHECK(e.diagnostics().code == protocol::client_error::malformed_packet);
            return e.diagnostics().message;
        }
        return std::string("no error");
    };
    CHECK(message(row_encoding::text, "01 31 01 78") == "no error");
    CHECK(message(row_encoding::text, "01 31").find("column 1") != std::string::npos);
    CHECK(message(row_encoding::text, "05 31").find("beyond the row") != std::string::npos);
    CHECK(message(row_encoding::text, "01 31 01 78 00").find("left over") != std::string::npos);
    CHECK(message(row_encoding::binary, "00 00 0100000000000000 01 78") == "no error");
    CHECK(message(row_encoding::binary, "00 00 01000000").find("column 0") != std::string::npos);
    CHECK(message(row_encoding::binary, "00 00 0100000000000000 02 78").find("column 1") != std::string::npos);
    CHECK(message(row_encoding::binary, "00").find("bitmap") != std::string::npos);
}

TEST_CASE("Rows of short, long and NULL values stand side by side", "[row_block]") {
    std::mt19937 random(11);
    const auto value = [&](unsigned kinds) -> std::optional<std::string> {
        switch (random() % kinds) {
        case 0: return std::string(random() % 20, 'a');
        case 1: return std::string();
        case 2: return std::nullopt;
        case 3: return std::string(250 + random() % 3, 'b');
        default: return std::string(random() % 70000, 'c');
        }
    };
    for (const std::size_t columns : {1U, 2U, 9U})
        for (const unsigned kinds : {2U, 3U, 4U, 40U})
            for (std::size_t count = 1; count < 24; ++count) {
                std::vector<std::vector<std::optional<std::string>>> expected(count);
                std::vector<weft::blob> texts;
                std::vector<weft::blob> binaries;
                for (auto& row : expected) {
                    for (std::size_t c = 0; c < columns; ++c)
                        row.push_back(kinds == 40 && random() % 8 != 0 ? value(3) : value(kinds));
                    texts.push_back(text_row(row));
                    binaries.push_back(written([&](protocol::wire_writer out) {
                        weft::blob nulls((columns + 2 + 7) / 8);
                        for (std::size_t c = 0; c < columns; ++c)
                            if (!row[c]) nulls[(c + 2) / 8] |= std::byte(1U << ((c + 2) % 8));
                        out.u8(0);
                        for (const std::byte b : nulls) out.u8(std::to_integer<std::uint8_t>(b));
                        for (const auto& v : row)
                            if (v) out.lenenc_text(*v);
                    }));
                }
                const std::vector<column> layout(columns, column{field::var_string});
                for (const row_encoding form : {row_encoding::text, row_encoding::binary}) {
                    const mysql::row_block block =
                        block_of(layout, form, form == row_encoding::text ? texts : binaries);
                    REQUIRE(block.rows() == count);
                    for (std::size_t r = 0; r < count; ++r)
                        for (std::size_t c = 0; c < columns; ++c) {
                            const weft::cell cell = block.at(c, r);
                            REQUIRE(cell.is_null() == !expected[r][c].has_value());
                            if (expected[r][c]) REQUIRE(cell.text() == *expected[r][c]);
                        }
                }
            }
}

TEST_CASE("A row that does not fit its columns is found among others wherever it stands", "[row_block]") {
    const std::vector<column> three(3, column{field::var_string});
    const weft::blob good = text_row({"abc", std::nullopt, std::string(40, 'x')});
    const weft::blob good_binary = hex("00 08 01 61 03 62 63 64");
    for (const std::string_view bad : {"", "01", "01 61", "01 61 01 62", "01 61 01 62 02 63", "01 61 01 62 01 63 00",
                                       "FB FB", "FB FB FB FB", "FA 61 FB FB", "FF FB FB", "FC FF", "01 61 FE 01 62"})
        for (std::size_t at = 0; at < 40; ++at) {
            std::vector<weft::blob> rows(40, good);
            rows[at] = hex(bad);
            CAPTURE(bad, at);
            REQUIRE_THROWS_AS(block_of(three, row_encoding::text, rows), weft::operational_error);
            rows.assign(40, good_binary);
            rows[at] = hex("00 00");
            const weft::blob values = hex(bad);
            rows[at].insert(rows[at].end(), values.begin(), values.end());
            REQUIRE_THROWS_AS(block_of(three, row_encoding::binary, rows), weft::operational_error);
        }
}

TEST_CASE("A block is reused, moved and cleared", "[row_block]") {
    mysql::row_block block = block_of({{field::long_}}, row_encoding::text, {text_row({"1"}), text_row({"2"})});
    mysql::row_block moved = std::move(block);
    CHECK(moved.rows() == 2);
    CHECK(moved.at(0, 1).int64() == 2);
    moved.clear();
    CHECK(moved.rows() == 0);
    block = block_of({{field::var_string}, {field::long_}}, row_encoding::text, {text_row({"x", "3"})});
    CHECK(block.at(1, 0).int64() == 3);
}

namespace {

// The block without what reads texts whole.
struct cells_only {
    const mysql::row_block* block;
    std::size_t rows() const { return block->rows(); }
    const weft::schema& layout() const { return block->layout(); }
    weft::cell at(std::size_t c, std::size_t r) const { return block->at(c, r); }
};
static_assert(weft::texts_copyable<mysql::row_block> && !weft::texts_copyable<cells_only>);

std::string text_of_size(std::size_t size, bool ascii) {
    std::string text;
    while (text.size() < size) text += ascii || size - text.size() == 1 ? "x" : "\u00e9";
    return text;
}

} // namespace

TEST_CASE("Texts of every size become strings and columns, NULL or not", "[row_block]") {
    for (const bool ascii : {true, false}) {
        for (const int nulls : {0, 3, 1}) { // every third, every one
            std::vector<weft::blob> rows;
            std::vector<std::optional<std::string>> expected;
            for (std::size_t size = 0; size < 300; ++size) {
                const bool null = nulls != 0 && static_cast<int>(size) % nulls == 0;
                expected.push_back(null ? std::nullopt : std::optional(text_of_size(size, ascii)));
                rows.push_back(text_row({expected.back(), std::to_string(size)}));
            }
            const mysql::row_block block =
                block_of({{field::var_string}, {field::var_string}}, row_encoding::text, rows);
            for (const std::size_t first : {0U, 1U, 7U}) {
                const weft::row_range all{first, rows.size() - first, first};
                weft::column_builder whole(block.layout()[0], 0);
                weft::column_builder by_cell(block.layout()[0], 0);
                for (int twice = 0; twice < 2; ++twice) { // a builder that has some already
                    whole.append(block, 0, all);
                    by_cell.append(cells_only{&block}, 0, all);
                }
                const weft::array a = whole.finish();
                const weft::array b = by_cell.finish();
                REQUIRE(a.size() == 2 * all.count);
                REQUIRE(b.size() == a.size());
                CHECK(a.null_count() == b.null_count());
                for (std::size_t r = 0; r < a.size(); ++r) {
                    const auto& value = expected[first + r % all.count];
                    REQUIRE(a.is_null(r) == !value);
                    REQUIRE(b.is_null(r) == !value);
                    if (value) {
                        CHECK(a.at(r).text() == *value);
                        CHECK(b.at(r).text() == *value);
                    }
                }
            }
            if (nulls == 0) {
                std::vector<std::string> plain;
                for (const auto& value : expected) plain.push_back(*value);
                check_column<std::string>(block, 0, plain);
                for (const std::size_t old : {1U, 15U, 16U, 20U, 32U, 33U, 64U, 65U, 299U}) {
                    std::vector<std::string> used(plain.size(), std::string(old, 'o')); // with memory of their own
                    CHECK(block.read_column(0, 0, used.size(), weft::strided(used[0])) == used.size());
                    CHECK(used == plain);
                }
            }
        }
    }
}

TEST_CASE("Texts that are not UTF-8 stop a column where they stand", "[row_block]") {
    for (const std::size_t size : {1U, 8U, 15U, 16U, 17U, 63U, 64U, 65U, 200U}) {
        for (const std::size_t bad : {std::size_t{0}, size / 2, size - 1}) {
            std::string text(size, 'x');
            text[bad] = '\x80';
            const mysql::row_block block = block_of({{field::var_string}}, row_encoding::text,
                                                    {text_row({"good"}), text_row({text}), text_row({"good"})});
            std::vector<std::string> strings(3);
            CHECK(block.read_column(0, 0, 3, weft::strided(strings[0])) == 1);
            CHECK(strings == std::vector<std::string>{"good", "", ""});
            weft::column_builder column(block.layout()[0], 0);
            CHECK_THROWS_AS(column.append(block, 0, {0, 3, 0}), weft::data_error);
        }
    }
}
