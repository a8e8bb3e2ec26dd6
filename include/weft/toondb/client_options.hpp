// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// How clients connect, and how their transactions begin.

#include <weft/core/error.hpp>
#include <weft/net/connect_options.hpp>
#include <weft/net/endpoint.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace weft::inline v0::toondb {

/// Where a server is: the path of its Unix socket, relative or absolute, or a `net::endpoint`, which may be a TCP host.
struct server_address : net::endpoint {
    server_address() = default;
    server_address(net::endpoint where) : endpoint(std::move(where)) {}
    server_address(std::string socket) { path = std::move(socket); }
    server_address(std::string_view socket) : server_address(std::string(socket)) {}
    server_address(const char* socket) : server_address(std::string(socket)) {}
};

/// Time limits and socket options. A limit that passes closes the connection.
struct client_options {
    net::connect_options network{.connect_timeout_ms = 30'000, .read_timeout_ms = 30'000, .write_timeout_ms = 30'000};
};

/// How a transaction begins; the numbers are those of the protocol.
enum class transaction_access : std::uint8_t {
    read_write = 0, ///< reads one snapshot; the first write may find that somebody else was first
    write_now = 1,  ///< waits for the right to write and takes its snapshot then; cannot meet a conflict
    read_only = 2,  ///< reads one snapshot; never waits, never meets a conflict
};

} // namespace weft::inline v0::toondb
