// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/core/error.hpp>
#include <weft/toondb/error.hpp>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

namespace weft::inline v0::toondb::detail {

/// A descriptor that is closed with it.
class descriptor {
public:
    explicit descriptor(int fd = -1) noexcept : fd_(fd) {}
    descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    descriptor& operator=(descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    int get() const noexcept { return fd_; }
    int release() noexcept { return std::exchange(fd_, -1); }

private:
    int fd_;
};

[[noreturn]] inline void cannot_bind(const std::string& where, const std::string& why) {
    throw connection_error("Failed to bind " + where + ": " + why);
}

/// A listening TCP socket on a loopback address.
class tcp_listener {
public:
    tcp_listener(const std::string& host, std::uint16_t port) {
        sockaddr_storage where{};
        const socklen_t size = address(host, port, where);
        const std::string name = host + ':' + std::to_string(port);
        fd_ = descriptor(::socket(where.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        const int on = 1;
        ::setsockopt(fd_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (fd_.get() < 0 || ::bind(fd_.get(), reinterpret_cast<sockaddr*>(&where), size) != 0 ||
            ::listen(fd_.get(), SOMAXCONN) != 0)
            cannot_bind(name, std::strerror(errno));
        socklen_t length = sizeof where;
        ::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&where), &length);
        port_ = ntohs(where.ss_family == AF_INET ? reinterpret_cast<sockaddr_in&>(where).sin_port
                                                 : reinterpret_cast<sockaddr_in6&>(where).sin6_port);
    }

    descriptor& fd() noexcept { return fd_; }
    std::uint16_t port() const noexcept { return port_; }

private:
    static socklen_t address(const std::string& host, std::uint16_t port, sockaddr_storage& out) {
        auto& v4 = reinterpret_cast<sockaddr_in&>(out);
        if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1 && (ntohl(v4.sin_addr.s_addr) >> 24) == 127) {
            v4.sin_family = AF_INET;
            v4.sin_port = htons(port);
            return sizeof v4;
        }
        out = sockaddr_storage{};
        auto& v6 = reinterpret_cast<sockaddr_in6&>(out);
        if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1 && IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr)) {
            v6.sin6_family = AF_INET6;
            v6.sin6_port = htons(port);
            return sizeof v6;
        }
        throw interface_error("'" + host + "' is no loopback address: the protocol has no logins");
    }

    descriptor fd_;
    std::uint16_t port_ = 0;
};

/// A listening Unix socket. A file at its path is replaced when it is a socket that nobody listens on. The file is
/// removed with this object, unless it has become somebody else's.
class unix_listener {
public:
    unix_listener(std::string path, unsigned mode) : path_(std::move(path)) {
        sockaddr_un where{};
        where.sun_family = AF_UNIX;
        if (path_.empty() || path_.size() >= sizeof where.sun_path || path_.find('\0') != std::string::npos)
            throw interface_error("the path of a Unix socket has 1 to " + std::to_string(sizeof where.sun_path - 1) +
                                  " bytes and no NUL, unlike '" + path_ + "'");
        std::memcpy(where.sun_path, path_.data(), path_.size());
        const descriptor turn = take_turn();
        remove_dead(where);
        fd_ = descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (fd_.get() < 0 || ::bind(fd_.get(), reinterpret_cast<sockaddr*>(&where), sizeof where) != 0)
            cannot_bind(path_, std::strerror(errno));
        struct stat file{};
        if (::lstat(path_.c_str(), &file) != 0) cannot_bind(path_, std::strerror(errno));
        device_ = file.st_dev;
        inode_ = file.st_ino;
        // Nobody can connect before listen(), so the permissions are never wider than they should be.
        if (::chmod(path_.c_str(), static_cast<mode_t>(mode)) != 0 || ::listen(fd_.get(), SOMAXCONN) != 0) {
            const std::string why = std::strerror(errno);
            remove();
            cannot_bind(path_, why);
        }
    }
    unix_listener(const unix_listener&) = delete;
    unix_listener& operator=(const unix_listener&) = delete;
    ~unix_listener() { remove(); }

    descriptor& fd() noexcept { return fd_; }

    /// Removes the file. Idempotent.
    void remove() noexcept {
        struct stat file{};
        if (inode_ != 0 && ::lstat(path_.c_str(), &file) == 0 && file.st_dev == device_ && file.st_ino == inode_)
            ::unlink(path_.c_str());
        inode_ = 0;
    }

private:
    /// Two servers that start at once on one path do so one after the other: whoever has the lock of the directory.
    descriptor take_turn() const {
        const std::size_t slash = path_.rfind('/');
        const std::string directory = slash == std::string::npos ? "." : slash == 0 ? "/" : path_.substr(0, slash);
        descriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (fd.get() < 0) {
            if (errno == EACCES) return fd; // a directory to pass through, not to read
            cannot_bind(path_, "directory '" + directory + "': " + std::strerror(errno));
        }
        while (::flock(fd.get(), LOCK_EX) != 0 && errno == EINTR) {}
        return fd;
    }

    void remove_dead(const sockaddr_un& where) const {
        struct stat file{};
        if (::lstat(path_.c_str(), &file) != 0) return; // bind says what else is wrong
        if (!S_ISSOCK(file.st_mode)) cannot_bind(path_, "there is a file that is no socket");
        const descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (probe.get() < 0) cannot_bind(path_, std::strerror(errno));
        if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0 || errno == EAGAIN)
            cannot_bind(path_, "a running server listens there");
        if (errno != ECONNREFUSED) cannot_bind(path_, std::string("it cannot be tried: ") + std::strerror(errno));
        if (::unlink(path_.c_str()) != 0) cannot_bind(path_, std::string("a dead socket: ") + std::strerror(errno));
    }

    std::string path_;
    descriptor fd_;
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

} // namespace weft::inline v0::toondb::detail
