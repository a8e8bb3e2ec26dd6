// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/net/endpoint.hpp>
#include <weft/net/socket.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

inline std::span<const std::byte> bytes(std::string_view text) {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

/// A listening socket on the loopback interface, or a Unix socket.
class listener {
public:
    explicit listener(int backlog = 512) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in any{};
        any.sin_family = AF_INET;
        any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof any;
        if (::bind(fd_, reinterpret_cast<sockaddr*>(&any), size) != 0 || ::listen(fd_, backlog) != 0 ||
            ::getsockname(fd_, reinterpret_cast<sockaddr*>(&any), &size) != 0)
            throw std::runtime_error("cannot listen");
        where_ = weft::net::endpoint("127.0.0.1", ntohs(any.sin_port));
    }
    explicit listener(const std::string& path, int backlog = 512)
        : where_(weft::net::endpoint::unix_socket(path)), fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const auto a = weft::net::detail::unix_address(path);
        if (::bind(fd_, a.data(), a.size) != 0 || ::listen(fd_, backlog) != 0)
            throw std::runtime_error("cannot listen at " + path);
    }
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;
    ~listener() { ::close(fd_); }

    const weft::net::endpoint& where() const noexcept { return where_; }

    weft::net::socket accept() const {
        const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) throw std::runtime_error("cannot accept");
        return {fd, "client"};
    }

private:
    weft::net::endpoint where_;
    int fd_;
};

/// Runs a function on a thread of its own, which is joined at the end of the scope. What it throws is dropped: the test
/// sees what the other side makes of it.
class peer {
public:
    template <class F>
    explicit peer(F function)
        : thread_([f = std::move(function)]() mutable {
              try {
                  f();
              } catch (const std::exception&) {
                  // the other side may well have gone
              }
          }) {}
    peer(const peer&) = delete;
    peer& operator=(const peer&) = delete;
    ~peer() { thread_.join(); }

private:
    std::thread thread_;
};

/// A port nobody listens on.
inline weft::net::endpoint dead_endpoint() {
    return listener().where();
}

/// A listener whose queue is full: connections to it neither succeed nor fail.
class full_listener {
public:
    full_listener() : listening_(0) { fill(); }
    explicit full_listener(const std::string& path) : listening_(path, 0) { fill(); }
    const weft::net::endpoint& where() const noexcept { return listening_.where(); }

private:
    void fill() {
        const auto a = weft::net::detail::direct_address(where());
        for (int i = 0; i < 4; ++i) {
            auto& fd = held_.emplace_back(::socket(a.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
            (void)!::connect(fd.get(), a.data(), a.size);
        }
    }

    listener listening_;
    std::vector<weft::net::detail::unique_fd> held_;
};

/// Closes with a reset instead of an orderly end.
inline void reset(weft::net::socket& s) {
    const linger now{1, 0};
    ::setsockopt(s.native_handle(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    s.close();
}

/// Byte `i` of a long message that shows when something is lost, doubled or out of order.
inline std::byte pattern(std::size_t i) {
    return static_cast<std::byte>((i * 2654435761U) >> 24);
}
