// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Commands without parameters, and COM_QUERY. Prepared statements are in `prepared_statement.hpp`, COM_CHANGE_USER in
/// `handshake.hpp`.

#include <weft/mysql/protocol/parameter.hpp>

#include <span>
#include <string_view>
#include <vector>

namespace weft::inline v0::mysql::protocol {

/// What a command's first byte says, and the rest.
struct command_message {
    command kind{};
    blob_view body{};
};

/// Splits a client's message; a server answers ERR 1047 to kinds it does not know.
inline command_message decode_command(blob_view payload) {
    wire_reader in(payload, "command");
    const auto kind = static_cast<command>(in.u8("kind"));
    return {kind, in.rest()};
}

/// Appends a command that is its byte alone: quit, statistics, ping, reset_connection.
inline void encode_command(command kind, wire_writer out) {
    out.u8(static_cast<std::uint8_t>(kind));
}

/// COM_INIT_DB: makes `database` the default.
inline void encode_init_db(std::string_view database, wire_writer out) {
    encode_command(command::init_db, out);
    out.text(database);
}

/// COM_PROCESS_KILL: ends the connection with that thread id.
inline void encode_process_kill(std::uint32_t thread_id, wire_writer out) {
    encode_command(command::process_kill, out);
    out.u32(thread_id);
}

/// COM_SET_OPTION: allows or forbids several statements in one text.
inline void encode_set_multi_statements(bool on, wire_writer out) {
    encode_command(command::set_option, out);
    out.u16(on ? 0 : 1);
}

/// COM_QUERY. Attributes need `query_attributes`. \throws interface_error for attributes without it.
inline void encode_query(std::string_view sql, capability_set capabilities, wire_writer out,
                         std::span<const query_attribute> attributes = {}, const value_options& options = {}) {
    encode_command(command::query, out);
    if ((capabilities & capability::query_attributes) == 0) {
        if (!attributes.empty()) throw interface_error("this server takes no query attributes");
        out.text(sql);
        return;
    }
    out.lenenc(attributes.size());
    out.lenenc(1); // sets of attributes
    if (!attributes.empty()) {
        const std::size_t nulls = out.out().size();
        out.zeros((attributes.size() + 7) / 8);
        out.u8(1); // types follow
        for (std::size_t i = 0; i < attributes.size(); ++i) {
            if (detail::sent_as_null(attributes[i].value, options)) out.out()[nulls + i / 8] |= std::byte{1} << (i % 8);
            encode_parameter_type(parameter_type_of(attributes[i].value.kind()), out);
            out.lenenc_text(attributes[i].name);
        }
        for (const query_attribute& a : attributes) {
            if (!detail::sent_as_null(a.value, options)) encode_parameter(a.value, out);
        }
    }
    out.text(sql);
}

/// COM_QUERY as a server reads it.
struct query_message {
    std::string_view sql{};
    std::vector<bound_parameter> attributes{};
};

namespace detail {

/// A NULL bitmap, types with optional names, and values. `known` are the types of the last time; `names` says whether
/// names stand beside types.
inline std::vector<bound_parameter> decode_parameters(wire_reader& in, std::size_t count, bool names,
                                                      std::span<const parameter_type> known) {
    const blob_view nulls = in.bytes((count + 7) / 8, "NULL bitmap");
    const bool types_follow = in.u8("new types") != 0;
    if (!types_follow && known.size() != count)
        in.fail("new types", "types for " + std::to_string(count) + " parameters");
    std::vector<bound_parameter> parameters(count); // bounded: the bitmap was there
    for (std::size_t i = 0; i < count; ++i) {
        parameters[i].is_null = (nulls[i / 8] >> (i % 8) & std::byte{1}) != std::byte{0};
        parameters[i].type = types_follow ? decode_parameter_type(in) : known[i];
        if (types_follow && names) parameters[i].name = in.lenenc_text("parameter name");
    }
    for (bound_parameter& p : parameters) {
        if (!p.is_null) p.bytes = decode_parameter(p.type.type, in);
    }
    return parameters;
}

} // namespace detail

/// Reads the body of a COM_QUERY.
inline query_message decode_query(blob_view body, capability_set capabilities) {
    wire_reader in(body, "COM_QUERY");
    query_message q;
    if ((capabilities & capability::query_attributes) != 0) {
        const std::uint64_t count = in.lenenc("number of attributes");
        if (const std::uint64_t sets = in.lenenc("number of attribute sets"); sets != 1)
            in.fail("number of attribute sets", "1 and not " + std::to_string(sets));
        if (count > 0xFFFF) in.fail("number of attributes", "at most 65535");
        if (count != 0) q.attributes = detail::decode_parameters(in, static_cast<std::size_t>(count), true, {});
    }
    q.sql = as_text(in.rest());
    return q;
}

} // namespace weft::inline v0::mysql::protocol
