// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Prepared statements: the COM_STMT commands and MariaDB's bulk execution.

#include <weft/mysql/protocol/command.hpp>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace weft::inline v0::mysql::protocol {

/// COM_STMT_PREPARE.
inline void encode_stmt_prepare(std::string_view sql, wire_writer out) {
    encode_command(command::stmt_prepare, out);
    out.text(sql);
}

/// Answer to COM_STMT_PREPARE. Definitions of the parameters follow, then those of the columns.
struct prepare_ok {
    std::uint32_t statement_id = 0;
    std::uint16_t columns = 0;
    std::uint16_t parameters = 0;
    std::uint16_t warnings = 0;
    bool metadata_follows = true;

    friend bool operator==(const prepare_ok&, const prepare_ok&) = default;
};

inline prepare_ok decode_prepare_ok(blob_view payload, capability_set capabilities) {
    wire_reader in(payload, "answer to COM_STMT_PREPARE");
    if (in.u8("marker") != 0) throw_malformed_packet("answer to COM_STMT_PREPARE: expected marker 0x00");
    prepare_ok p;
    p.statement_id = in.u32("statement id");
    p.columns = in.u16("number of columns");
    p.parameters = in.u16("number of parameters");
    if (in.at_end()) return p;
    in.u8("filler");
    p.warnings = in.u16("warnings");
    if ((capabilities & capability::optional_resultset_metadata) != 0 && !in.at_end())
        p.metadata_follows = in.u8("metadata marker") != 0;
    return p;
}

inline void encode_prepare_ok(const prepare_ok& p, capability_set capabilities, wire_writer out) {
    out.u8(0);
    out.u32(p.statement_id);
    out.u16(p.columns);
    out.u16(p.parameters);
    out.u8(0);
    out.u16(p.warnings);
    if ((capabilities & capability::optional_resultset_metadata) != 0) out.u8(p.metadata_follows ? 1 : 0);
}

/// How a statement is executed.
enum class cursor_type : std::uint8_t {
    none = 0,      ///< rows follow at once
    read_only = 1, ///< rows are asked for with COM_STMT_FETCH
};

/// Settings of one execution beside its parameters.
struct execute_options {
    cursor_type cursor = cursor_type::none;
    value_options values{};
    /// Indices of parameters whose value went before with COM_STMT_SEND_LONG_DATA, ascending.
    std::span<const std::uint16_t> long_data{};
};

namespace detail {

inline constexpr std::uint8_t parameter_count_available = 8;

inline bool was_sent_before(std::size_t index, const execute_options& options) noexcept {
    for (const std::uint16_t sent : options.long_data) {
        if (sent == index) return true;
    }
    return false;
}

} // namespace detail

/// COM_STMT_EXECUTE. `types` belongs to the statement: types are sent only when they differ from the last time.
inline void encode_stmt_execute(std::uint32_t statement_id, std::span<const cell> parameters, parameter_types& types,
                                capability_set capabilities, wire_writer out, const execute_options& options = {}) {
    const bool attributes = (capabilities & capability::query_attributes) != 0;
    encode_command(command::stmt_execute, out);
    out.u32(statement_id);
    out.u8(static_cast<std::uint8_t>(static_cast<unsigned>(options.cursor) |
                                     (attributes ? detail::parameter_count_available : 0U)));
    out.u32(1); // iterations
    if (attributes) out.lenenc(parameters.size());
    if (parameters.empty()) return;
    detail::encode_null_bitmap(parameters, options.values, out);
    const bool tell = types.update(parameters, options.values);
    out.u8(tell ? 1 : 0);
    if (tell) {
        for (const parameter_type t : types.sent()) {
            encode_parameter_type(t, out);
            if (attributes) out.lenenc(0); // no name
        }
    }
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        if (!detail::sent_as_null(parameters[i], options.values) && !detail::was_sent_before(i, options))
            encode_parameter(parameters[i], out);
    }
}

/// COM_STMT_EXECUTE as a server reads it.
struct execute_message {
    std::uint32_t statement_id = 0;
    cursor_type cursor = cursor_type::none;
    std::vector<bound_parameter> parameters{};
};

/// Reads the body of a COM_STMT_EXECUTE for a statement with `count` parameters. `known` are the types of the last
/// execution. Long data is not provided for: whoever received it must leave those parameters out of `count`.
inline execute_message decode_stmt_execute(blob_view body, std::size_t count, std::span<const parameter_type> known,
                                           capability_set capabilities) {
    wire_reader in(body, "COM_STMT_EXECUTE");
    execute_message e;
    e.statement_id = in.u32("statement id");
    const std::uint8_t flags = in.u8("flags");
    e.cursor = static_cast<cursor_type>(flags & 1U);
    in.u32("iterations");
    const bool counted =
        (capabilities & capability::query_attributes) != 0 && (flags & detail::parameter_count_available) != 0;
    if (counted) {
        const std::uint64_t sent = in.lenenc("number of parameters");
        if (sent < count || sent > 0xFFFF)
            in.fail("number of parameters", std::to_string(count) + " to 65535 and not " + std::to_string(sent));
        count = static_cast<std::size_t>(sent);
    }
    if (count != 0) e.parameters = detail::decode_parameters(in, count, counted, known);
    return e;
}

/// COM_STMT_SEND_LONG_DATA: a piece of parameter `index`, before the execution. The server does not answer.
inline void encode_stmt_send_long_data(std::uint32_t statement_id, std::uint16_t index, blob_view piece,
                                       wire_writer out) {
    encode_command(command::stmt_send_long_data, out);
    out.u32(statement_id);
    out.u16(index);
    out.bytes(piece);
}

/// COM_STMT_FETCH: the next rows of a cursor.
inline void encode_stmt_fetch(std::uint32_t statement_id, std::uint32_t rows, wire_writer out) {
    encode_command(command::stmt_fetch, out);
    out.u32(statement_id);
    out.u32(rows);
}

/// COM_STMT_RESET: closes the cursor and forgets long data.
inline void encode_stmt_reset(std::uint32_t statement_id, wire_writer out) {
    encode_command(command::stmt_reset, out);
    out.u32(statement_id);
}

/// COM_STMT_CLOSE. The server does not answer.
inline void encode_stmt_close(std::uint32_t statement_id, wire_writer out) {
    encode_command(command::stmt_close, out);
    out.u32(statement_id);
}

/// What stands before each value of a bulk execution.
enum class bulk_indicator : std::uint8_t { value = 0, null = 1, default_value = 2, ignore = 3 };

/// MariaDB's COM_STMT_BULK_EXECUTE: one statement for many rows, in one message. Create it with the types of all rows,
/// add rows, send. Servers say with `mariadb_bulk_operations` that they know it.
class bulk_execution {
public:
    /// `types` are those of the columns, see parameter_type_of(); they must live until the last row was added.
    bulk_execution(std::uint32_t statement_id, std::span<const parameter_type> types, wire_writer out,
                   bool return_generated_ids = false)
        : out_(out), types_(types) {
        encode_command(command::stmt_bulk_execute, out_);
        out_.u32(statement_id);
        out_.u16(static_cast<std::uint16_t>(send_types | (return_generated_ids ? generated_ids : 0)));
        for (const parameter_type t : types) encode_parameter_type(t, out_);
    }

    /// Appends a row. \throws data_error for a value of another type than its
    /// column's, interface_error for another number of values; nothing is appended then.
    void add_row(std::span<const cell> row, const value_options& options = {}) {
        if (row.size() != types_.size())
            throw interface_error("a row of " + std::to_string(row.size()) + " values: expected " +
                                  std::to_string(types_.size()));
        for (std::size_t i = 0; i < row.size(); ++i) check(row[i], i, options);
        for (const cell& c : row) {
            const bool null = detail::sent_as_null(c, options);
            out_.u8(static_cast<std::uint8_t>(null ? bulk_indicator::null : bulk_indicator::value));
            if (!null) encode_parameter(c, out_);
        }
    }

private:
    static constexpr unsigned generated_ids = 64;
    static constexpr unsigned send_types = 128;

    void check(const cell& c, std::size_t column, const value_options& options) const {
        if (detail::sent_as_null(c, options) || parameter_type_of(c.kind()) == types_[column]) return;
        throw data_error("value " + std::to_string(column + 1) + " of a row, " + describe(c) +
                         ": expected the type of the rows before it");
    }

    wire_writer out_;
    std::span<const parameter_type> types_;
};

/// COM_STMT_BULK_EXECUTE as a server reads it.
struct bulk_message {
    struct value {
        bulk_indicator indicator;
        blob_view bytes;
    };
    std::uint32_t statement_id = 0;
    bool return_generated_ids = false;
    std::vector<parameter_type> types{};
    std::vector<value> values{}; ///< row by row
};

/// Reads the body of a COM_STMT_BULK_EXECUTE for a statement with `count` parameters, at least one.
inline bulk_message decode_bulk_execute(blob_view body, std::size_t count) {
    wire_reader in(body, "COM_STMT_BULK_EXECUTE");
    bulk_message m;
    m.statement_id = in.u32("statement id");
    const std::uint16_t flags = in.u16("flags");
    m.return_generated_ids = (flags & 64U) != 0;
    if ((flags & 128U) == 0 || count == 0) in.fail("flags", "types of at least one parameter");
    for (std::size_t i = 0; i < count; ++i) m.types.push_back(decode_parameter_type(in));
    while (!in.at_end()) {
        for (const parameter_type t : m.types) {
            const std::uint8_t indicator = in.u8("indicator");
            if (indicator > static_cast<std::uint8_t>(bulk_indicator::ignore))
                in.fail("indicator", "0 to 3 before here");
            m.values.push_back({static_cast<bulk_indicator>(indicator), {}});
            if (indicator == 0) m.values.back().bytes = decode_parameter(t.type, in);
        }
    }
    return m;
}

} // namespace weft::inline v0::mysql::protocol
