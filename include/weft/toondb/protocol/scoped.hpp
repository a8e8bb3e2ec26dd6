// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// weft's own messages: operations in a scope. The scope is the id of a transaction of this connection; 0 is a
/// transaction that begins and commits with the operation.

#include <weft/toondb/protocol/cells.hpp>
#include <weft/toondb/protocol/response.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weft::inline v0::toondb::protocol {

/// The scope in front of an operation. \throws protocol_error when it is cut.
inline std::uint64_t take_scope(payload_reader& reader) {
    std::uint64_t scope = 0;
    if (!reader.take(scope)) throw protocol_error("Scope truncated");
    return scope;
}

/// BEGIN_SCOPE: u8 access: 0 read and write, 1 the right to write at once, 2 read only. Answered with TXN_ID.
inline std::string encode_begin_scope(std::uint8_t access) {
    return encode_plain(opcode::begin_scope, {reinterpret_cast<const char*>(&access), 1});
}
inline std::uint8_t decode_begin_scope(std::string_view payload) {
    std::uint8_t access = 0;
    if (!payload_reader(payload).take(access)) throw protocol_error("Access truncated");
    if (access > 2) throw protocol_error("Invalid access: " + std::to_string(access));
    return access;
}

/// SCOPED_GET and SCOPED_ERASE: u64 scope, key.
inline std::string encode_scoped_key(opcode op, std::uint64_t scope, std::string_view key) {
    std::string out;
    frame_builder frame(out, op);
    put_integer(out, scope);
    out += key;
    frame.finish();
    return out;
}

/// SCOPED_PUT: u64 scope, then as PUT.
inline std::string encode_scoped_put(std::uint64_t scope, std::string_view key, std::string_view value) {
    std::string out;
    frame_builder frame(out, opcode::scoped_put);
    put_integer(out, scope);
    detail::put_key_and_value(out, key, value);
    frame.finish();
    return out;
}

/// The answer to SCOPED_GET: VALUE with u8 0 for no value, or u8 1 and the value.
inline void append_found(std::string& out, const std::optional<std::string>& value) {
    frame_builder frame(out, opcode::value);
    out += value ? '\1' : '\0';
    if (value) out += *value;
    frame.finish();
}
inline std::optional<std::string> decode_found(std::string_view payload) {
    payload_reader reader(payload);
    std::uint8_t found = 0;
    if (!reader.take(found) || found > 1) throw protocol_error("the answer to a get has no mark of presence");
    if (found == 0) return std::nullopt;
    return std::string(reader.rest());
}

/// What SCOPED_SCAN asks for: entries whose keys begin with `prefix` and, unless `after` is empty, are larger than
/// that.
struct scan_request {
    std::uint64_t scope = 0;
    std::uint32_t most = 0; ///< entries at most; 0: as many as the server likes
    std::string_view prefix;
    std::string_view after;
};

/// u64 scope, u32 most, u32 length, prefix, after.
inline std::string encode_scoped_scan(const scan_request& scan) {
    std::string out;
    frame_builder frame(out, opcode::scoped_scan);
    put_integer(out, scan.scope);
    put_integer(out, scan.most);
    put_sized<std::uint32_t>(out, scan.prefix, "a prefix");
    out += scan.after;
    frame.finish();
    return out;
}
inline scan_request decode_scoped_scan(std::string_view payload) {
    payload_reader reader(payload);
    scan_request scan;
    scan.scope = take_scope(reader);
    if (!reader.take(scan.most) || !reader.take_sized<std::uint32_t>(scan.prefix))
        throw protocol_error("Scan truncated");
    scan.after = reader.rest();
    return scan;
}

/// A portion of a scan.
struct scan_portion {
    std::vector<key_value> entries;
    bool more = false; ///< whether others follow
};

/// The answer to SCOPED_SCAN: u8 1 when more follow, u32 count, each a u32 length, key, u32 length, value.
class portion_writer {
public:
    explicit portion_writer(std::string& out) : frame_(out, opcode::value), begin_(out.size()) {
        put_integer(out, std::uint8_t{0});
        put_integer(out, std::uint32_t{0});
    }
    /// False when there is no room for the entry in this portion: there are more. The first always fits, or is refused
    /// with protocol_error.
    bool add(std::string_view key, std::string_view value) {
        const std::size_t wanted = frame_.size() + 8 + key.size() + value.size();
        if (wanted > (count_ == 0 ? max_payload : portion)) {
            if (count_ == 0) throw protocol_error(too_large_text(wanted));
            return false;
        }
        put_sized<std::uint32_t>(frame_.payload(), key, "a key");
        put_sized<std::uint32_t>(frame_.payload(), value, "a value");
        ++count_;
        return true;
    }
    void finish(bool more) {
        std::string& out = frame_.payload();
        out[begin_] = more ? '\1' : '\0';
        for (std::size_t i = 0; i < 4; ++i) out[begin_ + 1 + i] = static_cast<char>(count_ >> (8 * i));
        frame_.finish();
    }

private:
    static constexpr std::size_t portion = std::size_t{256} * 1024; // bytes: what a get behind it may have to wait for

    frame_builder frame_;
    std::size_t begin_;
    std::uint32_t count_ = 0;
};

inline scan_portion decode_portion(std::string_view payload) {
    payload_reader reader(payload);
    scan_portion all;
    std::uint8_t more = 0;
    std::uint32_t count = 0;
    if (!reader.take(more) || !reader.take(count)) throw protocol_error("the answer to a scan is cut");
    all.more = more != 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        std::string_view key;
        std::string_view value;
        if (!reader.take_sized<std::uint32_t>(key) || !reader.take_sized<std::uint32_t>(value))
            throw protocol_error("the answer to a scan is cut");
        all.entries.push_back({std::string(key), std::string(value)});
    }
    if (all.more && all.entries.empty())
        throw protocol_error("the answer to a scan has nothing and says there is more");
    return all;
}

/// SCOPED_QUERY: u64 scope, then as QUERY.
inline std::string encode_scoped_query(std::uint64_t scope, const query_request& query) {
    std::string out;
    frame_builder frame(out, opcode::scoped_query);
    put_integer(out, scope);
    detail::put_query(out, query);
    frame.finish();
    return out;
}

/// SQL: u64 scope, u32 length, text, u16 number of parameters, each a value. Parameters are plain `?`.
inline std::string encode_sql(std::uint64_t scope, std::string_view text, std::span<const cell> parameters) {
    std::string out;
    frame_builder frame(out, opcode::sql);
    put_integer(out, scope);
    put_sized<std::uint32_t>(out, text, "an SQL text");
    if (parameters.size() > UINT16_MAX) throw data_error("an SQL text has more than 65535 parameters");
    put_integer(out, static_cast<std::uint16_t>(parameters.size()));
    for (const cell& c : parameters) put_cell(out, c);
    frame.finish();
    return out;
}

struct sql_request {
    std::uint64_t scope = 0;
    std::string_view text;
    std::vector<cell> parameters; ///< views of the payload
};

inline sql_request decode_sql(std::string_view payload) {
    payload_reader reader(payload);
    sql_request sql;
    sql.scope = take_scope(reader);
    std::uint16_t count = 0;
    if (!reader.take_sized<std::uint32_t>(sql.text) || !reader.take(count)) throw protocol_error("SQL truncated");
    if (!is_valid_utf8(sql.text)) throw protocol_error("Invalid UTF-8 in SQL");
    for (std::uint16_t i = 0; i < count; ++i) sql.parameters.push_back(take_cell(reader));
    return sql;
}

} // namespace weft::inline v0::toondb::protocol
