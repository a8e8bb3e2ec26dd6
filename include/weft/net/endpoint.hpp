// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `endpoint`: where a server is, and `host_list`: several places that serve the same data.

#include <weft/core/error.hpp>

#include <time.h> // clock_gettime

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::inline v0::net {

/// A TCP host and port, or the path of a Unix socket.
struct endpoint {
    std::string host;       ///< a name or a numeric address
    std::uint16_t port = 0; ///< of TCP
    std::string path;       ///< of a Unix socket; when not empty, host and port mean nothing

    endpoint() = default;
    /// A TCP host. Not an aggregate, because g++ 12 destroys aggregates within `co_await` expressions twice.
    endpoint(std::string to_host, std::uint16_t to_port) : host(std::move(to_host)), port(to_port) {}

    /// The Unix socket at `path`.
    static endpoint unix_socket(std::string path) {
        endpoint where;
        where.path = std::move(path);
        return where;
    }

    bool is_unix() const noexcept { return !path.empty(); }

    /// `host:port`, `[address]:port` for IPv6, or the path.
    std::string name() const {
        if (is_unix()) return path;
        const bool brackets = host.find(':') != std::string::npos;
        return (brackets ? '[' + host + ']' : host) + ':' + std::to_string(port);
    }

    friend bool operator==(const endpoint&, const endpoint&) = default;
};

namespace detail {

/// A few random bits for spreading connections; nothing secret depends on them.
inline std::uint64_t spread_bits() noexcept {
    thread_local std::uint64_t state = 0;
    if (state == 0) {
        timespec now{};
        ::clock_gettime(CLOCK_MONOTONIC, &now);
        state = static_cast<std::uint64_t>(now.tv_nsec) + (static_cast<std::uint64_t>(now.tv_sec) << 32) +
                reinterpret_cast<std::uintptr_t>(&state);
    }
    // splitmix64 (Steele, Lea and Flood 2014)
    std::uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

} // namespace detail

/// In which order the hosts of a list are tried.
enum class host_order { in_order, random };

/// Hosts that serve the same data: a connection goes to the first that takes it.
struct host_list {
    std::vector<endpoint> hosts;
    host_order order = host_order::in_order;

    host_list() = default;
    explicit host_list(std::vector<endpoint> candidates, host_order attempts = host_order::in_order)
        : hosts(std::move(candidates)), order(attempts) {}

    /// The hosts in the order in which this connection should try them.
    std::vector<endpoint> attempt_order() const {
        std::vector<endpoint> sorted = hosts;
        if (order == host_order::random) {
            for (std::size_t left = sorted.size(); left > 1; --left)
                std::swap(sorted[left - 1], sorted[detail::spread_bits() % left]);
        }
        return sorted;
    }

    friend bool operator==(const host_list&, const host_list&) = default;
};

namespace detail {

[[noreturn]] inline void bad_host(std::string_view text, std::string_view why) {
    throw interface_error("host '" + std::string(text) + "' " + std::string(why));
}

inline std::uint16_t parse_port(std::string_view text, std::string_view host) {
    std::uint32_t port = 0;
    for (const char c : text) {
        if (c < '0' || c > '9' || port > 65535) bad_host(host, "has a port that is no number from 1 to 65535");
        port = port * 10 + static_cast<std::uint32_t>(c - '0');
    }
    if (port == 0 || port > 65535) bad_host(host, "has a port that is no number from 1 to 65535");
    return static_cast<std::uint16_t>(port);
}

inline endpoint parse_host(std::string_view text, std::uint16_t default_port) {
    if (text.empty()) throw interface_error("a host of the list is empty");
    if (text.find('\0') != std::string_view::npos) bad_host(text, "has a NUL character");
    if (text.front() == '/') return endpoint::unix_socket(std::string(text));
    std::string_view host = text;
    std::string_view rest;
    if (text.front() == '[') {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) bad_host(text, "has a '[' without ']'");
        host = text.substr(1, end - 1);
        rest = text.substr(end + 1);
        if (!rest.empty() && rest.front() != ':') bad_host(text, "has text after ']' that is no port");
    } else if (const std::size_t colon = text.find(':');
               colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos) {
        host = text.substr(0, colon);
        rest = text.substr(colon);
    } // several colons and no brackets: an IPv6 address without a port
    if (host.empty()) bad_host(text, "has no name");
    if (host.find_first_of("[]") != std::string_view::npos) bad_host(text, "has a bracket in its name");
    return {std::string(host), rest.empty() ? default_port : parse_port(rest.substr(1), text)};
}

} // namespace detail

/// Reads `host`, `host:port`, `[address]:port`, `/path/of/socket`, several of them separated by commas.
/// \throws interface_error naming the host that cannot be read.
inline host_list parse_host_list(std::string_view text, std::uint16_t default_port,
                                 host_order order = host_order::in_order) {
    host_list list({}, order);
    for (;;) {
        const std::size_t comma = text.find(',');
        list.hosts.push_back(detail::parse_host(text.substr(0, comma), default_port));
        if (comma == std::string_view::npos) return list;
        text.remove_prefix(comma + 1);
    }
}

} // namespace weft::inline v0::net
