// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The answer to SQL, both ways, and as a statement result that cursors and formats read.

#include <weft/columnar/block.hpp>
#include <weft/cursor/connection.hpp>
#include <weft/toondb/protocol/scoped.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weft::inline v0::toondb {

namespace protocol {

/// Runs through a statement's sets and appends VALUE: i64 affected rows of all, i64 last insert id, u8 1 when a set has
/// columns, u16 columns, each a u16 length and name, u32 rows, their values row by row. Rows are those of the first set
/// that has columns. \throws protocol_error when they are too many for a frame.
template <statement_result Result>
void append_sql_answer(std::string& out, Result& result) {
    frame_builder frame(out, opcode::value);
    std::string head;
    std::string rows;
    std::uint32_t count = 0;
    std::int64_t affected = 0;
    bool has_rows = false;
    do {
        const schema& layout = *result.layout();
        if (!layout.empty() && !has_rows) {
            has_rows = true;
            if (layout.size() > UINT16_MAX) throw data_error("the result has more than 65535 columns");
            put_integer(head, static_cast<std::uint16_t>(layout.size()));
            for (const field& f : layout) put_sized<std::uint16_t>(head, f.name, "the name of a column");
            const std::size_t columns = layout.size();
            while (const auto* row = result.next_row()) {
                for (std::size_t c = 0; c < columns; ++c) put_cell(rows, row->at(c, 0));
                ++count;
                if (rows.size() > max_payload)
                    throw protocol_error("Result too large: more than " + std::to_string(max_payload) + " bytes");
            }
        }
        if (result.affected_rows() > 0) affected += result.affected_rows();
    } while (result.next_set());
    put_integer(out, static_cast<std::uint64_t>(affected));
    put_integer(out, static_cast<std::uint64_t>(result.last_insert_id()));
    out += has_rows ? '\1' : '\0';
    if (has_rows) {
        out += head;
        put_integer(out, count);
        out += rows;
    }
    frame.finish();
}

} // namespace protocol

/// The outcome of SQL that a server executed, whole in memory. A range of blocks of one row each, for cursors.
class sql_answer {
public:
    /// One row.
    class block_type {
    public:
        static constexpr bool has_one_row = true;

        std::size_t rows() const noexcept { return of_ == nullptr ? 0 : 1; }
        const schema& layout() const noexcept { return *of_->layout; }
        cell at(std::size_t column, std::size_t) const noexcept { return of_->cells[first_ + column]; }

    private:
        friend sql_answer;
        struct content {
            std::string payload;
            std::shared_ptr<const schema> layout;
            std::vector<cell> cells; // views of the payload
            std::int64_t affected = 0;
            std::int64_t insert_id = 0;
            std::size_t rows = 0;
        };
        const content* of_ = nullptr;
        std::size_t first_ = 0;
    };

    sql_answer() : content_(std::make_shared<content>()) { content_->layout = std::make_shared<const schema>(); }
    /// Takes the payload of a VALUE apart. \throws protocol_error when it is cut.
    explicit sql_answer(std::string payload) : sql_answer() {
        content& c = *content_;
        c.payload = std::move(payload);
        protocol::payload_reader reader(c.payload);
        std::uint64_t affected = 0;
        std::uint64_t insert_id = 0;
        std::uint8_t has_rows = 0;
        require(reader.take(affected) && reader.take(insert_id) && reader.take(has_rows));
        c.affected = static_cast<std::int64_t>(affected);
        c.insert_id = static_cast<std::int64_t>(insert_id);
        if (has_rows != 0) read_rows(reader);
    }

    const std::shared_ptr<const schema>& layout() const noexcept { return content_->layout; }
    const block_type* next_row() noexcept {
        if (next_ == content_->rows) return nullptr;
        row_.of_ = content_.get();
        row_.first_ = next_ * content_->layout->size();
        ++next_;
        return &row_;
    }
    bool next_set() noexcept {
        next_ = content_->rows;
        return false;
    }
    std::int64_t affected_rows() const noexcept { return content_->affected; }
    std::int64_t last_insert_id() const noexcept { return content_->insert_id; }
    std::vector<warning> warnings() const { return {}; }

    /// Number of rows.
    std::size_t size() const noexcept { return content_->rows; }
    /// The value in a row and column, valid as long as a copy of this object.
    cell at(std::size_t row, std::size_t column) const {
        if (row >= size() || column >= layout()->size())
            throw programming_error("no row " + std::to_string(row) + " and column " + std::to_string(column) + " in " +
                                    std::to_string(size()) + " rows of " + std::to_string(layout()->size()));
        return content_->cells[row * layout()->size() + column];
    }

private:
    using content = block_type::content;

    static void require(bool there) {
        if (!there) throw protocol_error("the answer to SQL is cut");
    }

    void read_rows(protocol::payload_reader& reader) {
        content& c = *content_;
        std::uint16_t columns = 0;
        require(reader.take(columns) && columns != 0);
        std::vector<field> fields(columns);
        for (field& f : fields) {
            std::string_view name;
            require(reader.take_sized<std::uint16_t>(name));
            f.name = name;
        }
        c.layout = std::make_shared<const schema>(std::move(fields));
        std::uint32_t rows = 0;
        require(reader.take(rows));
        require(std::uint64_t{rows} * columns <= reader.rest().size()); // a value has a byte at least
        c.cells.reserve(std::size_t{rows} * columns);
        for (std::size_t i = 0; i < std::size_t{rows} * columns; ++i) c.cells.push_back(protocol::take_cell(reader));
        c.rows = rows;
    }

    std::shared_ptr<content> content_;
    std::size_t next_ = 0;
    block_type row_;
};

static_assert(statement_result<sql_answer>);

} // namespace weft::inline v0::toondb
