// SPDX-License-Identifier: BSL-1.0
// Rows of both forms from any bytes under columns of any type. What one loop reads of a column is what its cells are.
#include <weft/core/cell_reader.hpp>
#include <weft/mysql/row_block.hpp>

#include <cstdint>
#include <cstdlib>

namespace mysql = weft::mysql;
namespace protocol = weft::mysql::protocol;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

constexpr protocol::field_type types[] = {
    protocol::field_type::tiny,       protocol::field_type::short_, protocol::field_type::long_,
    protocol::field_type::longlong,   protocol::field_type::float_, protocol::field_type::double_,
    protocol::field_type::newdecimal, protocol::field_type::date,   protocol::field_type::time,
    protocol::field_type::datetime,   protocol::field_type::year,   protocol::field_type::bit,
    protocol::field_type::json,       protocol::field_type::vector, protocol::field_type::var_string,
    protocol::field_type::blob,
};

// A column of the type that a byte names; its upper bits are flags and extensions.
weft::field column_of(std::uint8_t code, mysql::row_encoding rows, mysql::column_encoding& encoding) {
    protocol::column_definition c;
    c.name = "c";
    c.type = types[code % std::size(types)];
    c.length = 12;
    c.flags = (code & 0x10U) != 0 ? protocol::column_flag::unsigned_number : 0;
    c.collation = (code & 0x20U) != 0 ? protocol::binary_collation : 45;
    if ((code & 0x40U) != 0) {
        c.extension = protocol::extended_type::vector;
        c.dimensions = 2;
        c.element = static_cast<protocol::vector_element_type>(1 + code % 7);
    }
    return mysql::to_field(c, rows, encoding);
}

// What read_column() reads, cell by cell; it may stop early, never differ.
template <class T>
void compare_column(const mysql::row_block& block, std::size_t column) {
    if (block.rows() == 0) return;
    std::vector<T> fast(block.rows());
    const std::size_t read = block.read_column(column, 0, block.rows(), weft::strided(fast[0]));
    require(read <= block.rows());
    for (std::size_t r = 0; r < read; ++r) {
        T slow{};
        require(weft::cell_reader<T>::read(block.at(column, r), slow));
        require(slow == fast[r] || slow != slow);
    }
}

void look_at(const mysql::row_block& block) {
    for (std::size_t c = 0; c < block.layout().size(); ++c) {
        for (std::size_t r = 0; r < block.rows(); ++r) {
            try {
                std::string text;
                weft::append_text(text, block.at(c, r));
            } catch (const weft::data_error& e) {
                require(!e.diagnostics().message.empty());
            }
        }
        compare_column<std::int64_t>(block, c);
        compare_column<std::uint8_t>(block, c);
        compare_column<double>(block, c);
        compare_column<float>(block, c);
        compare_column<weft::date>(block, c);
        compare_column<weft::time>(block, c);
        compare_column<weft::datetime>(block, c);
        compare_column<std::string>(block, c);
    }
}

} // namespace

// Input: form of rows, number of columns, a byte a column, then rows with a length byte each.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const auto rows = (data[0] & 1U) != 0 ? mysql::row_encoding::binary : mysql::row_encoding::text;
    const std::size_t columns = 1U + data[1] % 8U;
    if (size < 2 + columns) return 0;
    auto layout = std::make_shared<mysql::result_layout>();
    layout->encodings.resize(columns);
    std::vector<weft::field> fields;
    for (std::size_t c = 0; c < columns; ++c) fields.push_back(column_of(data[2 + c], rows, layout->encodings[c]));
    layout->columns = weft::schema(std::move(fields));
    if ((data[0] & 2U) != 0) layout->policy = {mysql::invalid_date::error, mysql::invalid_date::null};

    mysql::detail::receive_buffer buffer;
    const std::size_t begin = 2 + columns;
    const std::span<std::byte> room = buffer.make_room(size - begin + 1);
    if (size != begin) std::memcpy(room.data(), data + begin, size - begin);
    buffer.received(size - begin);
    std::vector<mysql::detail::row_place> places;
    for (std::size_t at = 0; at < size - begin;) {
        const std::size_t length = data[begin + at];
        ++at;
        const std::size_t left = size - begin - at;
        const std::size_t taken = length < left ? length : left;
        places.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(taken)});
        at += taken;
    }
    mysql::row_block block;
    try {
        block.assign(layout, rows, buffer.share(), places, 0);
    } catch (const weft::error& e) {
        require(!e.diagnostics().message.empty());
        require(block.rows() == 0 || e.kind() == weft::errc::data_error);
        return 0;
    }
    require(block.rows() == places.size());
    look_at(block);
    return 0;
}
