// SPDX-License-Identifier: BSL-1.0
#pragma once

// What fixtures of servers need of the network: random names, a free port, and whether a MySQL server greets.

#include <weft/core/error.hpp>
#include <weft/testing/child_process.hpp>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weft::inline v0::testing::detail {

inline std::uint64_t random_bits() {
    std::uint64_t bits = 0;
    if (::getentropy(&bits, sizeof bits) != 0)
        throw operational_error(std::string("no random numbers: ") + std::strerror(errno));
    return bits;
}

/// A file descriptor.
class descriptor {
public:
    explicit descriptor(int number) noexcept : number_(number) {}
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    int get() const noexcept { return number_; }

private:
    int number_;
};

/// A port of the loopback interface nobody listens on at the moment. It lies below those the system gives to outgoing
/// connections, so that it is still free when a server restarts.
inline std::uint16_t free_port() {
    constexpr unsigned first = 12000;
    constexpr unsigned last = 31999;
    for (int attempt = 0; attempt < 200; ++attempt) {
        const descriptor probe(::socket(AF_INET, SOCK_STREAM, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const auto port = static_cast<std::uint16_t>(first + random_bits() % (last - first + 1));
        address.sin_port = htons(port);
        const int yes = 1;
        ::setsockopt(probe.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes); // as the server will
        if (::bind(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return port;
    }
    throw operational_error("no free port of " + std::to_string(first) + " to " + std::to_string(last) +
                            " on 127.0.0.1");
}

inline bool wait_for(int socket, short what, long long deadline) noexcept {
    pollfd waiting{socket, what, 0};
    for (;;) {
        const long long left = deadline - monotonic_ms();
        const int n = ::poll(&waiting, 1, left > 0 ? static_cast<int>(left) : 0);
        if (n >= 0 || errno != EINTR) return n > 0;
    }
}

inline bool read_all(int socket, char* into, std::size_t count, long long deadline) noexcept {
    while (count > 0) {
        if (!wait_for(socket, POLLIN, deadline)) return false;
        const ssize_t n = ::recv(socket, into, count, 0);
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (n <= 0) return false;
        into += n;
        count -= static_cast<std::size_t>(n);
    }
    return true;
}

/// The version in a server's first packet (MySQL client/server protocol, initial handshake packet), without the
/// `5.5.5-` that MariaDB before 11 puts in front of it for old replicas. Nothing when these are other bytes.
inline std::optional<std::string> greeted_version(std::string_view payload) {
    if (payload.empty() || payload.front() != 10) return std::nullopt; // the version of the protocol
    payload.remove_prefix(1);
    const std::size_t end = payload.find('\0');
    if (end == std::string_view::npos) return std::nullopt;
    payload = payload.substr(0, end);
    if (payload.starts_with("5.5.5-")) payload.remove_prefix(6);
    return std::string(payload);
}

/// Connects to one address and reads the greeting, at most until `deadline`.
inline std::optional<std::string> greeting_from(const addrinfo& address, long long deadline) {
    const descriptor socket(::socket(address.ai_family, SOCK_STREAM, 0));
    if (socket.get() < 0) return std::nullopt;
    ::fcntl(socket.get(), F_SETFD, FD_CLOEXEC);
    ::fcntl(socket.get(), F_SETFL, O_NONBLOCK);
    if (::connect(socket.get(), address.ai_addr, address.ai_addrlen) != 0) {
        int reason = 0;
        socklen_t size = sizeof reason;
        if (errno != EINPROGRESS || !wait_for(socket.get(), POLLOUT, deadline) ||
            ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &reason, &size) != 0 || reason != 0)
            return std::nullopt;
    }
    char header[4];
    if (!read_all(socket.get(), header, sizeof header, deadline)) return std::nullopt;
    const auto byte = [&](int i) { return std::size_t{static_cast<unsigned char>(header[i])}; };
    char payload[1024];
    const std::size_t length = byte(0) | byte(1) << 8 | byte(2) << 16;
    if (length > sizeof payload || !read_all(socket.get(), payload, length, deadline)) return std::nullopt;
    return greeted_version({payload, length});
}

/// The version of the server that greets on `host:port`, or nothing when none does within `limit_ms` milliseconds.
inline std::optional<std::string> greeting_version(const std::string& host, std::uint16_t port, int limit_ms) {
    const long long deadline = monotonic_ms() + limit_ms;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return std::nullopt;
    std::optional<std::string> version;
    for (const addrinfo* at = found; at != nullptr && !version; at = at->ai_next)
        version = greeting_from(*at, deadline);
    ::freeaddrinfo(found);
    return version;
}

} // namespace weft::inline v0::testing::detail
