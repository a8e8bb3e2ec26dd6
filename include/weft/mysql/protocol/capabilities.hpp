// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The numbers of the protocol: capability, status and column flags, field types and command bytes, by the names the
/// MySQL and MariaDB protocol documentation gives them.

#include <cstdint>

namespace weft::inline v0::mysql::protocol {

/// A set of `capability` bits. The lower half is MySQL's word; the upper half is MariaDB's extended word.
using capability_set = std::uint64_t;

/// What client and server can agree on in the handshake.
namespace capability {
inline constexpr capability_set long_password =
    1U << 0; ///< MySQL and SingleStore always; MariaDB clears it (`CLIENT_MYSQL`)
inline constexpr capability_set found_rows = 1U << 1; ///< affected rows are matched rows
inline constexpr capability_set long_flag = 1U << 2;  ///< column flags of two bytes
inline constexpr capability_set connect_with_db = 1U << 3;
inline constexpr capability_set no_schema = 1U << 4;
inline constexpr capability_set compress = 1U << 5; ///< zlib
inline constexpr capability_set odbc = 1U << 6;
inline constexpr capability_set local_files = 1U << 7;
inline constexpr capability_set ignore_space = 1U << 8;
inline constexpr capability_set protocol_41 = 1U << 9;
inline constexpr capability_set interactive = 1U << 10;
inline constexpr capability_set ssl = 1U << 11;
inline constexpr capability_set ignore_sigpipe = 1U << 12;
inline constexpr capability_set transactions = 1U << 13;
inline constexpr capability_set reserved = 1U << 14;
inline constexpr capability_set secure_connection = 1U << 15;
inline constexpr capability_set multi_statements = 1U << 16;
inline constexpr capability_set multi_results = 1U << 17;
inline constexpr capability_set ps_multi_results = 1U << 18;
inline constexpr capability_set plugin_auth = 1U << 19;
inline constexpr capability_set connect_attrs = 1U << 20;
inline constexpr capability_set plugin_auth_lenenc_data = 1U << 21;
inline constexpr capability_set can_handle_expired_passwords = 1U << 22;
inline constexpr capability_set session_track = 1U << 23;
inline constexpr capability_set deprecate_eof = 1U << 24;
inline constexpr capability_set optional_resultset_metadata = 1U << 25;
inline constexpr capability_set zstd_compression = 1U << 26;
inline constexpr capability_set query_attributes = 1U << 27;
inline constexpr capability_set multi_factor_authentication = 1U << 28;
inline constexpr capability_set extension = 1U << 29;
inline constexpr capability_set ssl_verify_server_cert = 1U << 30;
inline constexpr capability_set remember_options = std::uint64_t{1} << 31;

inline constexpr capability_set mariadb_progress = std::uint64_t{1} << 32;
inline constexpr capability_set mariadb_multi_commands = std::uint64_t{1} << 33;
inline constexpr capability_set mariadb_bulk_operations = std::uint64_t{1} << 34;
inline constexpr capability_set mariadb_extended_metadata = std::uint64_t{1} << 35;
inline constexpr capability_set mariadb_cache_metadata = std::uint64_t{1} << 36; ///< a byte after the column count
inline constexpr capability_set mariadb_bulk_unit_results = std::uint64_t{1} << 37;

/// The bits of MySQL's word.
inline constexpr capability_set mysql_mask = 0xFFFFFFFFU;
} // namespace capability

/// State of the server after a statement.
namespace status {
inline constexpr std::uint16_t in_transaction = 1U << 0;
inline constexpr std::uint16_t autocommit = 1U << 1;
inline constexpr std::uint16_t more_results = 1U << 3;
inline constexpr std::uint16_t no_good_index_used = 1U << 4;
inline constexpr std::uint16_t no_index_used = 1U << 5;
inline constexpr std::uint16_t cursor_exists = 1U << 6;
inline constexpr std::uint16_t last_row_sent = 1U << 7;
inline constexpr std::uint16_t database_dropped = 1U << 8;
inline constexpr std::uint16_t no_backslash_escapes = 1U << 9;
inline constexpr std::uint16_t metadata_changed = 1U << 10;
inline constexpr std::uint16_t query_was_slow = 1U << 11;
inline constexpr std::uint16_t output_parameters = 1U << 12;
inline constexpr std::uint16_t in_read_only_transaction = 1U << 13;
inline constexpr std::uint16_t session_state_changed = 1U << 14;
} // namespace status

/// Properties of a column.
namespace column_flag {
inline constexpr std::uint16_t not_null = 1U << 0;
inline constexpr std::uint16_t primary_key = 1U << 1;
inline constexpr std::uint16_t unique_key = 1U << 2;
inline constexpr std::uint16_t multiple_key = 1U << 3;
inline constexpr std::uint16_t blob = 1U << 4;
inline constexpr std::uint16_t unsigned_number = 1U << 5;
inline constexpr std::uint16_t zerofill = 1U << 6;
inline constexpr std::uint16_t binary = 1U << 7;
inline constexpr std::uint16_t enumeration = 1U << 8;
inline constexpr std::uint16_t auto_increment = 1U << 9;
inline constexpr std::uint16_t timestamp = 1U << 10;
inline constexpr std::uint16_t set = 1U << 11;
inline constexpr std::uint16_t no_default_value = 1U << 12;
inline constexpr std::uint16_t on_update_now = 1U << 13;
inline constexpr std::uint16_t part_of_key = 1U << 14;
inline constexpr std::uint16_t numeric = 1U << 15;
} // namespace column_flag

/// Type bytes of columns and parameters.
enum class field_type : std::uint8_t {
    decimal = 0,
    tiny = 1,
    short_ = 2,
    long_ = 3,
    float_ = 4,
    double_ = 5,
    null = 6,
    timestamp = 7,
    longlong = 8,
    int24 = 9,
    date = 10,
    time = 11,
    datetime = 12,
    year = 13,
    newdate = 14,
    varchar = 15,
    bit = 16,
    timestamp2 = 17,
    datetime2 = 18,
    time2 = 19,
    vector = 242, ///< MySQL 9; MariaDB sends vectors as `var_string`
    json = 245,
    newdecimal = 246,
    enumeration = 247,
    set = 248,
    tiny_blob = 249,
    medium_blob = 250,
    long_blob = 251,
    blob = 252,
    var_string = 253,
    string = 254,
    geometry = 255,
};

/// First byte of what a client sends after the login.
enum class command : std::uint8_t {
    quit = 0x01,
    init_db = 0x02,
    query = 0x03,
    statistics = 0x09,
    process_kill = 0x0C,
    ping = 0x0E,
    change_user = 0x11,
    stmt_prepare = 0x16,
    stmt_execute = 0x17,
    stmt_send_long_data = 0x18,
    stmt_close = 0x19,
    stmt_reset = 0x1A,
    set_option = 0x1B,
    stmt_fetch = 0x1C,
    reset_connection = 0x1F,
    stmt_bulk_execute = 0xFA, ///< MariaDB
};

/// Collation id of bytes that are no text.
inline constexpr std::uint16_t binary_collation = 63;

} // namespace weft::inline v0::mysql::protocol
