// SPDX-License-Identifier: BSL-1.0
// Blocks of rows: what is written reads as the same, by cells and by columns, and stays after the connection reads on.
#include <weft/core/cell_reader.hpp>

#include "script.hpp"

#include <catch2/catch_test_macros.hpp>

#include <bit>
#include <random>
#include <string>
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
};

std::shared_ptr<const mysql::result_layout> layout_of(const std::vector<column>& columns, row_encoding rows) {
    auto layout = std::make_shared<mysql::result_layout>();
    layout->encodings.resize(columns.size());
    std::vector<weft::field> fields;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        protocol::column_definition c;
        c.name = "c";
        c.type = columns[i].type;
        c.flags = columns[i].flags;
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
