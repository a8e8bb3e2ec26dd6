// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Error numbers of MySQL, MariaDB and SingleStore servers and of the client library as weft errors.

#include <weft/core/error.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace weft::inline v0::mysql::protocol {

/// Numbers that arise on the client's side, as the MySQL client library numbers them.
namespace client_error {
inline constexpr int unknown = 2000;
inline constexpr int connection_error = 2002;
inline constexpr int conn_host_error = 2003;
inline constexpr int unknown_host = 2005;
inline constexpr int server_gone = 2006;
inline constexpr int version_error = 2007;
inline constexpr int out_of_memory = 2008;
inline constexpr int handshake_error = 2012;
inline constexpr int server_lost = 2013;
inline constexpr int commands_out_of_sync = 2014;
inline constexpr int unknown_charset = 2019;
inline constexpr int packet_too_large = 2020;
inline constexpr int ssl_connection_error = 2026;
inline constexpr int malformed_packet = 2027;
inline constexpr int no_prepared_statement = 2030;
inline constexpr int parameters_not_bound = 2031;
inline constexpr int invalid_handle = 2048;
inline constexpr int no_data = 2051;
inline constexpr int auth_plugin_cannot_load = 2059;
inline constexpr int auth_plugin_error = 2061;
} // namespace client_error

/// The DB-API class an error number belongs to. Server numbers are unsigned 16-bit, client numbers 2000–2061; what is
/// in no list is internal below 1000 and operational above.
inline errc classify(int code) noexcept {
    switch (code) {
    case 1007: // database exists
    case 1064: // syntax
    case 1102:
    case 1103:
    case 1110:
    case 1111:
    case 1112:
    case 1113:
    case 1146: // no such table
    case 1149:
    case 1166:
    case 1179: return errc::programming_error;
    case 1171:
    case 1230:
    case 1263:
    case 1264:
    case 1265:
    case 1366:
    case 1367:
    case 1406:
    case 1441: return errc::data_error;
    case 1048: // column cannot be null
    case 1062: // duplicate entry
    case 1215:
    case 1216:
    case 1217:
    case 1451:
    case 1452: return errc::integrity_error;
    case 1196:
    case 1235:
    case 1286:
    case 1289: return errc::not_supported_error;
    default: return code < 1000 ? errc::internal_error : errc::operational_error;
    }
}

/// The text of a client number 2000–2061; empty for the others, whose text the server sends.
constexpr std::string_view client_message(int code) noexcept {
    constexpr std::string_view texts[] = {
        "unknown error", // 2000
        "cannot create a Unix socket",
        "cannot connect to the local server through its socket",
        "cannot connect to the server",
        "cannot create a TCP/IP socket",
        "unknown server host",
        "the server has gone away",
        "the server speaks another protocol version",
        "out of memory",
        "wrong host information",
        "the local host through a Unix socket", // 2010
        "TCP/IP connection",
        "error in the server handshake",
        "lost connection to the server during a query",
        "commands out of sync",
        "named pipe connection",
        "cannot wait for the named pipe",
        "cannot open the named pipe",
        "cannot set the state of the named pipe",
        "cannot initialise the character set",
        "a packet is larger than max_allowed_packet", // 2020
        "embedded server",
        "error in SHOW REPLICA STATUS",
        "error in SHOW REPLICAS",
        "error connecting to the replica",
        "error connecting to the source",
        "TLS connection error",
        "malformed packet",
        "the client library is licensed for other servers",
        "invalid use of a null pointer",
        "the statement is not prepared", // 2030
        "no data supplied for the parameters of a prepared statement",
        "data truncated",
        "the statement has no parameters",
        "invalid parameter number",
        "cannot send long data for a parameter that is neither text nor binary",
        "buffer type not supported",
        "shared memory: cannot create the request event",
        "shared memory: cannot create the answer event",
        "shared memory: cannot allocate the file mapping",
        "shared memory: cannot map the file", // 2040
        "shared memory: cannot create the client's file mapping",
        "shared memory: cannot map the client's file",
        "shared memory: cannot create the client's event",
        "shared memory: the server does not answer",
        "shared memory: cannot send the request",
        "shared memory: wrong event name",
        "wrong or unknown protocol",
        "invalid connection handle",
        "connections with the authentication of before 4.1 are refused",
        "the rows were cancelled by another statement", // 2050
        "reading a column without fetching a row first",
        "a prepared statement has no metadata",
        "reading a row without a result set",
        "this operation is not implemented",
        "lost connection to the server",
        "the statement was closed by another operation",
        "the number of columns of a prepared statement has changed",
        "this handle is already connected",
        "an authentication plugin cannot be loaded",
        "a connection attribute is given twice", // 2060
        "an authentication plugin reported an error",
    };
    return code >= 2000 && code <= 2061 ? texts[code - 2000] : std::string_view();
}

/// Error numbers of servers and clients as an error domain.
inline constexpr error_domain mysql_errors{"mysql", classify, [](int code) {
                                               const std::string_view text = client_message(code);
                                               return text.empty() ? "server error " + std::to_string(code)
                                                                   : std::string(text);
                                           }};

/// Throws the error of a server or client number; the class follows from the number.
[[noreturn]] inline void throw_mysql(int code, std::string message, std::string_view sqlstate = {},
                                     std::string_view attempted = {}) {
    throw_error(
        classify(code),
        {std::move(message), std::string(sqlstate), code, std::string(attempted), std::source_location::current()},
        &mysql_errors);
}

/// As throw_mysql() for bytes that are no message: operational_error with code 2027.
[[noreturn]] inline void throw_malformed_packet(std::string message) {
    throw_mysql(client_error::malformed_packet, "malformed packet: " + std::move(message));
}

} // namespace weft::inline v0::mysql::protocol
