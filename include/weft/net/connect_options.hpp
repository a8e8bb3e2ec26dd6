// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `connect_options`: time limits and socket options of a connection.

#include <cstdint>
#include <string>
#include <vector>

namespace weft::inline v0::net {

/// A socket option by its numbers, for what has no field of its own.
struct socket_option {
    int level = 0; ///< such as SOL_SOCKET
    int name = 0;
    int value = 0;
};

/// How to connect. Times are milliseconds, and zero means no limit; sizes are bytes, and zero means the system's
/// choice.
struct connect_options {
    std::int64_t connect_timeout_ms = 10'000; ///< name resolution and all addresses of one host together
    std::int64_t read_timeout_ms = 0;         ///< each read on its own
    std::int64_t write_timeout_ms = 0;        ///< each write on its own
    bool tcp_nodelay = true;                  ///< TCP_NODELAY: small messages leave at once
    bool keepalive = true;                    ///< SO_KEEPALIVE
    int keepalive_idle_s = 0;                 ///< seconds of silence before the first probe; 0: the system's choice
    int keepalive_interval_s = 0;             ///< seconds between probes; 0: the system's choice
    int keepalive_count = 0;                  ///< lost probes that end the connection; 0: the system's choice
    int send_buffer = 0;                      ///< SO_SNDBUF
    int receive_buffer = 0;                   ///< SO_RCVBUF
    std::string bind_address;                 ///< numeric local address to connect from; empty: the system's choice
    std::vector<socket_option> extra;         ///< set last, before connecting
};

} // namespace weft::inline v0::net
