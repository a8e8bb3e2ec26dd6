// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `connect_options`: time limits and socket options of a connection.

#include <weft/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace weft::inline v0::net {

/// A socket option by its numbers, for what has no field of its own.
struct socket_option {
    int level = 0; ///< such as SOL_SOCKET
    int name = 0;
    int value = 0;
};

/// A numeric address of this machine, or none.
class local_address {
public:
    constexpr local_address() noexcept = default;
    /// \throws interface_error when the text is too long for an address.
    constexpr local_address(std::string_view text) {
        if (text.size() > most) throw interface_error("'" + std::string(text) + "' is no numeric address");
        for (std::size_t i = 0; i < text.size(); ++i) text_[i] = text[i];
    }
    constexpr local_address(const char* text) : local_address(std::string_view(text)) {}

    constexpr bool empty() const noexcept { return text_[0] == '\0'; }
    constexpr const char* c_str() const noexcept { return text_; }

private:
    static constexpr std::size_t most = 45; // of IPv6 with an IPv4 tail
    char text_[most + 1]{};
};

/// A few socket options.
class socket_options {
public:
    /// \throws interface_error when there are eight already.
    constexpr socket_options& add(socket_option option) {
        if (size_ == most) throw interface_error("a connection takes at most 8 extra socket options");
        options_[size_++] = option;
        return *this;
    }
    constexpr std::span<const socket_option> list() const noexcept { return {options_, size_}; }

private:
    static constexpr std::size_t most = 8;
    socket_option options_[most]{};
    std::size_t size_ = 0;
};

/// How to connect. Times are milliseconds unless their names say otherwise, and zero means no limit; sizes are bytes,
/// and zero means the system's choice. Of `spin_us` and `gather_us`, at most 10 000 each, zero switches off what they
/// do.
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
    int spin_us = 50;             ///< blocking, same machine: microseconds to look for an answer before sleeping
    int gather_us = 1000;         ///< blocking, same machine: microseconds to sleep at most for more of a long answer
    local_address bind_address{}; ///< to connect from; none: the system's choice
    socket_options extra{};       ///< set last, before connecting
};

static_assert(std::is_trivially_copyable_v<connect_options>);

namespace detail {

inline constexpr std::int64_t longest_wait_us = 10'000;

/// \throws interface_error naming the option when it is beyond that.
inline void check_microseconds(const char* option, std::int64_t value) {
    if (value >= 0 && value <= longest_wait_us) return;
    throw interface_error(std::string(option) + " is " + std::to_string(value) + ", expected 0 to " +
                          std::to_string(longest_wait_us));
}

} // namespace detail

} // namespace weft::inline v0::net
