// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The numbers of ToonDB's IPC protocol. 01 to 0E and 80 to 87 are ToonDB's; what begins at 10 and 88 is weft's own,
/// for what those cannot express, and other servers answer it with `Unknown opcode`.

#include <cstddef>
#include <cstdint>
#include <string>

namespace weft::inline v0::toondb::protocol {

/// Kind of a frame. The payload of each is described where it is encoded.
enum class opcode : std::uint8_t {
    put = 0x01,
    get = 0x02,
    erase = 0x03, ///< DELETE
    begin_txn = 0x04,
    commit_txn = 0x05,
    abort_txn = 0x06,
    query = 0x07,
    create_table = 0x08,
    put_path = 0x09,
    get_path = 0x0A,
    scan = 0x0B,
    checkpoint = 0x0C,
    stats = 0x0D,
    ping = 0x0E,

    // weft's: operations in a scope, which is the id of a transaction or 0 for a transaction of its own
    begin_scope = 0x10, ///< begin_txn with a kind of access
    scoped_get = 0x11,  ///< tells an empty value from none
    scoped_put = 0x12,
    scoped_erase = 0x13,
    scoped_scan = 0x14, ///< in portions, any keys
    scoped_query = 0x15,
    sql = 0x16,

    ok = 0x80,
    error = 0x81,
    value = 0x82,
    txn_id = 0x83,
    row = 0x84,        ///< reserved by ToonDB, never sent
    end_stream = 0x85, ///< likewise
    stats_resp = 0x86,
    pong = 0x87,
    failure = 0x88, ///< weft's: an error with its class, in answer to weft's own requests
};

/// Bytes of a frame before its payload: the opcode and the payload's length.
inline constexpr std::size_t header_size = 5;
/// Bytes a payload may have.
inline constexpr std::size_t max_payload = std::size_t{16} * 1024 * 1024;

/// `0xNN` in lower case without zeros in front, as ToonDB's messages have it.
inline std::string hex_code(std::uint8_t code) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text = "0x";
    if (code > 15) text += digits[code >> 4];
    text += digits[code & 15];
    return text;
}

/// Whether the request is one of weft's own.
constexpr bool is_extension(opcode op) noexcept {
    return op >= opcode::begin_scope && op <= opcode::sql;
}

} // namespace weft::inline v0::toondb::protocol
