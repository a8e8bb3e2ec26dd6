// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// How a server listens and what it allows.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace weft::inline v0::toondb {

/// How much a message of a server matters.
enum class log_level : std::uint8_t { trace, debug, info, warn, error };

/// Sizes are bytes, times milliseconds.
struct server_options {
    std::string socket_path = "/tmp/toondb.sock"; ///< of the Unix socket; its directory must exist. Empty: none
    unsigned socket_mode = 0600;                  ///< permissions of the socket file
    std::string tcp_host{};     ///< a numeric loopback address to listen on as well; empty: none. Whoever can connect
                                ///< to it can do everything: the protocol has no logins
    std::uint16_t tcp_port = 0; ///< 0: any that is free, see `ipc_server::port()`
    std::size_t max_clients = 100;         ///< further connections are closed at once
    std::int64_t idle_timeout_ms = 30'000; ///< without a whole request, or with an answer that is not taken, the
                                           ///< connection is closed and its transactions aborted; 0: never
    std::int64_t stop_timeout_ms = 10'000; ///< what stop() gives answers under way
    std::size_t max_transactions = 64;     ///< open ones of one connection
    unsigned threads = 4;                  ///< for reads that take long, and as many for writes
    unsigned spin_us = 50;                 ///< microseconds that the thread of the sockets looks for the next request
                                           ///< before it sleeps, giving way to others, at most 10 000; 0: none
    log_level least = log_level::info;     ///< messages below it are not made
    /// Gets messages, one line each, on the server's threads; it must not throw.
    std::function<void(log_level, std::string_view)> log{};
};

} // namespace weft::inline v0::toondb
