// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// What a server answers: OK, ERR, EOF, a request for a local file, or the number of columns of a result. Decoded
/// messages view the bytes they were read from.

#include <weft/mysql/protocol/capabilities.hpp>
#include <weft/mysql/protocol/session_state.hpp>
#include <weft/mysql/protocol/wire.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace weft::inline v0::mysql::protocol {

/// What the first message after a command is.
enum class response_kind : unsigned char {
    ok,           ///< decode_ok()
    error,        ///< decode_error()
    progress,     ///< decode_progress(); the real answer follows
    eof,          ///< decode_end()
    local_infile, ///< decode_local_infile()
    result_set,   ///< decode_column_count(); definitions and rows follow
};

inline bool is_error(blob_view payload) noexcept {
    return !payload.empty() && payload[0] == std::byte{0xFF};
}

/// Whether an ERR message is one of MariaDB's progress reports, which come before the answer.
inline bool is_progress(blob_view payload) noexcept {
    return payload.size() >= 3 && is_error(payload) && payload[1] == std::byte{0xFF} && payload[2] == std::byte{0xFF};
}

/// Whether a message among the rows ends them. A row that begins with 0xFE has a first value of 16 MiB or more, so
/// length tells the two apart.
inline bool is_end_of_rows(blob_view payload, capability_set capabilities) noexcept {
    const std::size_t limit = (capabilities & capability::deprecate_eof) != 0 ? 0xFFFFFF : 9;
    return !payload.empty() && payload[0] == std::byte{0xFE} && payload.size() < limit;
}

/// Tells what the first message after a command is. \throws operational_error 2027 for an empty one.
inline response_kind classify_response(blob_view payload, capability_set capabilities) {
    if (payload.empty()) throw_malformed_packet("response: marker at offset 0: expected 1 more byte, found the end");
    switch (std::to_integer<std::uint8_t>(payload[0])) {
    case 0x00: return response_kind::ok;
    case 0xFB: return response_kind::local_infile;
    case 0xFE:
        if (!is_end_of_rows(payload, capabilities)) break;
        return (capabilities & capability::deprecate_eof) != 0 && payload.size() >= 7 ? response_kind::ok
                                                                                      : response_kind::eof;
    case 0xFF:
        return (capabilities & capability::mariadb_progress) != 0 && is_progress(payload) ? response_kind::progress
                                                                                          : response_kind::error;
    default: break;
    }
    return response_kind::result_set;
}

/// A command succeeded. With `deprecate_eof` it also ends rows and definitions, with marker 0xFE.
struct ok_message {
    std::uint64_t affected_rows = 0;
    std::uint64_t insert_id = 0;
    std::uint16_t status = 0;
    std::uint16_t warnings = 0;
    std::string_view info{};   ///< such as `Rows matched: 3  Changed: 3  Warnings: 0`
    blob_view session_state{}; ///< for for_each_session_change()
};

namespace detail {

/// Servers write the text with its length; some old ones and proxies without.
inline std::string_view ok_info(wire_reader& in) {
    const blob_view rest = in.rest();
    if (rest.empty() || std::to_integer<unsigned>(rest[0]) >= 0xFB) return as_text(rest);
    const std::size_t length = std::to_integer<std::size_t>(rest[0]);
    return as_text(length + 1 == rest.size() ? rest.subspan(1) : rest);
}

} // namespace detail

inline ok_message decode_ok(blob_view payload, capability_set capabilities) {
    wire_reader in(payload, "OK message");
    const std::uint8_t marker = in.u8("marker");
    if (marker != 0x00 && marker != 0xFE) throw_malformed_packet("OK message: expected marker 0x00 or 0xfe");
    ok_message ok;
    ok.affected_rows = in.lenenc("affected rows");
    ok.insert_id = in.lenenc("insert id");
    ok.status = in.u16("status");
    ok.warnings = in.u16("warnings");
    if ((capabilities & capability::session_track) == 0) {
        ok.info = detail::ok_info(in);
        return ok;
    }
    if (!in.at_end()) ok.info = in.lenenc_text("info");
    if ((ok.status & status::session_state_changed) != 0 && !in.at_end())
        ok.session_state = in.lenenc_bytes("session state");
    return ok;
}

/// Appends an OK message; `marker` is 0xFE where it ends rows.
inline void encode_ok(const ok_message& ok, capability_set capabilities, wire_writer out, std::uint8_t marker = 0x00) {
    out.u8(marker);
    out.lenenc(ok.affected_rows);
    out.lenenc(ok.insert_id);
    out.u16(ok.status);
    out.u16(ok.warnings);
    const bool changed =
        (capabilities & capability::session_track) != 0 && (ok.status & status::session_state_changed) != 0;
    if (!ok.info.empty() || changed) out.lenenc_text(ok.info);
    if (changed) out.lenenc_bytes(ok.session_state);
}

/// End of definitions or rows, for clients without `deprecate_eof`.
inline void encode_eof(std::uint16_t warnings, std::uint16_t status, wire_writer out) {
    out.u8(0xFE);
    out.u16(warnings);
    out.u16(status);
}

/// Reads what ends definitions or rows in either form: an EOF message, or an OK message where `deprecate_eof` holds.
inline ok_message decode_end(blob_view payload, capability_set capabilities) {
    if ((capabilities & capability::deprecate_eof) != 0 && payload.size() >= 7) return decode_ok(payload, capabilities);
    wire_reader in(payload, "EOF message");
    if (in.u8("marker") != 0xFE) throw_malformed_packet("EOF message: expected marker 0xfe");
    ok_message end;
    end.warnings = in.u16("warnings");
    end.status = in.u16("status");
    return end;
}

/// A command failed.
struct error_message {
    std::uint16_t code = 0;
    std::string_view sqlstate{}; ///< empty before the login, when servers leave it out
    std::string_view message{};

    friend bool operator==(const error_message&, const error_message&) = default;
};

inline error_message decode_error(blob_view payload) {
    wire_reader in(payload, "ERR message");
    if (in.u8("marker") != 0xFF) throw_malformed_packet("ERR message: expected marker 0xff");
    error_message e;
    e.code = in.u16("code");
    const std::string_view rest = as_text(in.rest());
    const bool has_state = rest.size() >= 6 && rest[0] == '#';
    if (has_state) e.sqlstate = rest.substr(1, 5);
    e.message = rest.substr(has_state ? 6 : 0);
    return e;
}

/// Appends an ERR message, with an SQLSTATE when there is one of five characters.
inline void encode_error(const error_message& e, wire_writer out) {
    out.u8(0xFF);
    out.u16(e.code);
    if (e.sqlstate.size() == 5) {
        out.text("#");
        out.text(e.sqlstate);
    }
    out.text(e.message);
}

/// Throws a server's error as the class its number belongs to.
[[noreturn]] inline void throw_server_error(const error_message& e, std::string_view attempted = {}) {
    throw_mysql(e.code, std::string(e.message), e.sqlstate, attempted);
}

/// How far a long statement has come (MariaDB).
struct progress_message {
    std::uint8_t stage = 0; ///< from 1
    std::uint8_t stages = 0;
    std::uint32_t thousandths = 0; ///< of a percent of the stage
    std::string_view info{};       ///< what the stage does

    friend bool operator==(const progress_message&, const progress_message&) = default;
};

inline progress_message decode_progress(blob_view payload) {
    wire_reader in(payload, "progress report");
    if (in.u24("marker") != 0xFFFFFF) throw_malformed_packet("progress report: expected marker 0xffffff");
    in.u8("number of strings");
    progress_message p;
    p.stage = in.u8("stage");
    p.stages = in.u8("number of stages");
    p.thousandths = in.u24("progress");
    p.info = in.lenenc_text("info");
    return p;
}

inline void encode_progress(const progress_message& p, wire_writer out) {
    out.u24(0xFFFFFF);
    out.u8(1);
    out.u8(p.stage);
    out.u8(p.stages);
    out.u24(p.thousandths);
    out.lenenc_text(p.info);
}

/// The server asks for a file of the client. The name must be checked against what the user allowed; an empty packet
/// refuses.
inline std::string_view decode_local_infile(blob_view payload) {
    wire_reader in(payload, "LOCAL INFILE request");
    if (in.u8("marker") != 0xFB) throw_malformed_packet("LOCAL INFILE request: expected marker 0xfb");
    return as_text(in.rest());
}

inline void encode_local_infile(std::string_view name, wire_writer out) {
    out.u8(0xFB);
    out.text(name);
}

/// Columns of a result at most: the number field is 16 bits wide in prepared statements, and servers stop at 4096.
inline constexpr std::uint64_t max_columns = 0xFFFF;

/// First message of a result.
struct column_count {
    std::uint16_t columns = 0;
    bool metadata_follows = true; ///< false: the definitions are those of the last time
};

inline column_count decode_column_count(blob_view payload, capability_set capabilities) {
    wire_reader in(payload, "column count");
    const std::uint64_t count = in.lenenc("count");
    if (count == 0 || count > max_columns)
        throw_malformed_packet("column count: count " + std::to_string(count) + ": expected 1 to 65535");
    column_count c{static_cast<std::uint16_t>(count), true};
    constexpr capability_set optional = capability::optional_resultset_metadata | capability::mariadb_cache_metadata;
    if ((capabilities & optional) != 0 && !in.at_end()) c.metadata_follows = in.u8("metadata marker") != 0;
    return c;
}

inline void encode_column_count(const column_count& c, capability_set capabilities, wire_writer out) {
    out.lenenc(c.columns);
    constexpr capability_set optional = capability::optional_resultset_metadata | capability::mariadb_cache_metadata;
    if ((capabilities & optional) != 0) out.u8(c.metadata_follows ? 1 : 0);
}

} // namespace weft::inline v0::mysql::protocol
