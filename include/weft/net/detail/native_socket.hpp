// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// What the blocking and the Asio sockets share: addresses, socket options, and the wording of failures.

#include <weft/net/connect_options.hpp>
#include <weft/net/endpoint.hpp>
#include <weft/net/stream_error.hpp>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::inline v0::net::detail {

/// A socket address of any family.
struct address {
    sockaddr_storage storage{};
    socklen_t size = 0;

    address() = default;
    address(const void* data, std::size_t length) : size(static_cast<socklen_t>(length)) {
        std::memcpy(&storage, data, length);
    }

    const sockaddr* data() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
    int family() const noexcept { return storage.ss_family; }

    /// Whether it is this machine's own, whatever its network: a Unix socket or a loopback address.
    bool is_local() const noexcept {
        if (family() == AF_UNIX) return true;
        if (family() == AF_INET) {
            const in_addr_t host = ntohl(reinterpret_cast<const sockaddr_in&>(storage).sin_addr.s_addr);
            return host >> 24 == 127;
        }
        return family() == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr);
    }

    void set_port(std::uint16_t port) noexcept {
        if (family() == AF_INET)
            reinterpret_cast<sockaddr_in&>(storage).sin_port = htons(port);
        else
            reinterpret_cast<sockaddr_in6&>(storage).sin6_port = htons(port);
    }
};

/// A descriptor that is closed unless somebody takes it.
class unique_fd {
public:
    explicit unique_fd(int fd = -1) noexcept : fd_(fd) {}
    unique_fd(unique_fd&& other) noexcept : fd_(other.release()) {}
    unique_fd& operator=(unique_fd&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~unique_fd() {
        if (fd_ >= 0) ::close(fd_);
    }
    int get() const noexcept { return fd_; }
    int release() noexcept { return std::exchange(fd_, -1); }

private:
    int fd_;
};

inline std::string system_text(int error) {
    return std::string(std::strerror(error)) + " (errno " + std::to_string(error) + ')';
}

inline stream_failure failure_of(int error) noexcept {
    switch (error) {
    case ECONNREFUSED:
    case ENOENT: return stream_failure::refused; // a Unix socket that is not there
    case ETIMEDOUT: return stream_failure::timed_out;
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE: return stream_failure::closed;
    default: return stream_failure::system;
    }
}

[[noreturn]] inline void throw_system(std::string_view peer, std::string_view what, int error) {
    const stream_failure reason = failure_of(error);
    std::string text = "connection to " + std::string(peer);
    if (reason == stream_failure::closed) text += " closed by peer";
    if (reason == stream_failure::refused) text += " refused";
    text += ' ';
    text += what;
    throw stream_error(reason, text + ": " + system_text(error));
}

[[noreturn]] inline void throw_timed_out(std::string_view peer, std::string_view what, std::int64_t after_ms) {
    throw stream_error(stream_failure::timed_out, "connection to " + std::string(peer) + " timed out after " +
                                                      std::to_string(after_ms) + " ms " + std::string(what));
}

[[noreturn]] inline void throw_cancelled(std::string_view peer, std::string_view what) {
    throw stream_error(stream_failure::cancelled,
                       "connection to " + std::string(peer) + " cancelled " + std::string(what));
}

[[noreturn]] inline void throw_not_open(std::string_view peer) {
    throw stream_error(stream_failure::not_open, peer.empty() ? "the stream is not connected"
                                                              : "connection to " + std::string(peer) + " is closed");
}

[[noreturn]] inline void throw_unresolved(const std::string& host, int code, int error) {
    throw stream_error(stream_failure::unresolved,
                       "host '" + host +
                           "' has no address: " + (code == EAI_SYSTEM ? system_text(error) : ::gai_strerror(code)));
}

/// The address of a numeric host; of size zero when `host` is a name.
inline address numeric_address(const char* host, std::uint16_t port) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    if (::inet_pton(AF_INET, host, &v4.sin_addr) == 1) return {&v4, sizeof v4};
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    if (::inet_pton(AF_INET6, host, &v6.sin6_addr) == 1) return {&v6, sizeof v6};
    return {};
}

inline address unix_address(const std::string& path) {
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    if (path.size() >= sizeof where.sun_path || path.find('\0') != std::string::npos)
        throw interface_error("path of a Unix socket is too long or has a NUL character: '" + path + "'");
    std::memcpy(where.sun_path, path.data(), path.size());
    return {&where, offsetof(sockaddr_un, sun_path) + path.size() + 1};
}

/// The one address that needs no name resolution; of size zero when `to` has a host name.
inline address direct_address(const endpoint& to) {
    if (to.is_unix()) return unix_address(to.path);
    if (to.host.empty() || to.host.find('\0') != std::string::npos)
        throw interface_error("host '" + to.host + "' is empty or has a NUL character");
    return numeric_address(to.host.c_str(), to.port);
}

inline std::vector<address> addresses_of(const addrinfo* found, std::uint16_t port) {
    std::vector<address> all;
    for (; found != nullptr; found = found->ai_next) {
        if (found->ai_family != AF_INET && found->ai_family != AF_INET6) continue;
        all.emplace_back(found->ai_addr, found->ai_addrlen).set_port(port);
    }
    return all;
}

inline void set_option(int fd, int level, int name, int value, std::string_view peer) {
    if (::setsockopt(fd, level, name, &value, sizeof value) != 0)
        throw_system(peer, "while setting socket option " + std::to_string(level) + "/" + std::to_string(name), errno);
}

inline void set_options(int fd, int family, const connect_options& options, std::string_view peer) {
    if (family != AF_UNIX) {
        if (options.tcp_nodelay) set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1, peer);
        if (options.keepalive) {
            set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1, peer);
            if (options.keepalive_idle_s > 0) set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, options.keepalive_idle_s, peer);
            if (options.keepalive_interval_s > 0)
                set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, options.keepalive_interval_s, peer);
            if (options.keepalive_count > 0) set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, options.keepalive_count, peer);
        }
    }
    if (options.send_buffer > 0) set_option(fd, SOL_SOCKET, SO_SNDBUF, options.send_buffer, peer);
    if (options.receive_buffer > 0) set_option(fd, SOL_SOCKET, SO_RCVBUF, options.receive_buffer, peer);
    for (const socket_option& o : options.extra.list()) set_option(fd, o.level, o.name, o.value, peer);
}

/// A socket that does not block, with the options set and bound if they say so, ready to connect to `to`.
inline unique_fd open_socket(const address& to, const connect_options& options, std::string_view peer) {
    unique_fd fd(::socket(to.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (fd.get() < 0) throw_system(peer, "while opening a socket", errno);
    set_options(fd.get(), to.family(), options, peer);
    if (!options.bind_address.empty() && to.family() != AF_UNIX) {
        const address from = numeric_address(options.bind_address.c_str(), 0);
        if (from.size == 0)
            throw interface_error(std::string("bind address '") + options.bind_address.c_str() + "' is not numeric");
        if (::bind(fd.get(), from.data(), from.size) != 0)
            throw_system(peer, std::string("while binding to ") + options.bind_address.c_str(), errno);
    }
    return fd;
}

/// Sends what fits without waiting: for a last message before a close.
inline void send_now(int fd, const void* data, std::size_t size) noexcept {
    if (fd >= 0) (void)!::send(fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
}

} // namespace weft::inline v0::net::detail
