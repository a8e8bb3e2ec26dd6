// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/embedded/kv_database.hpp>
#include <weft/testing/temporary_directory.hpp>
#include <weft/toondb/ipc_client.hpp>
#include <weft/toondb/ipc_server.hpp>

#include <poll.h>

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

/// A running server of a new database.
class served {
public:
    explicit served(weft::toondb::server_options options = {})
        : db(directory_ / "test.db", {.sync_mode = weft::embedded::sync_mode::off}),
          server(db, at(std::move(options))) {
        server.start();
    }

    std::string socket() const { return directory_ / "toondb.sock"; }
    std::string operator/(std::string_view name) const { return directory_ / name; }
    weft::toondb::ipc_client client() const { return weft::toondb::ipc_client::connect(socket()); }

private:
    weft::toondb::server_options at(weft::toondb::server_options options) const {
        options.socket_path = socket();
        return options;
    }

    weft::testing::temporary_directory directory_;

public:
    weft::embedded::kv_database db;
    weft::toondb::ipc_server server;
};

/// A client that sends any bytes.
class raw_peer {
public:
    explicit raw_peer(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un where{};
        where.sun_family = AF_UNIX;
        std::memcpy(where.sun_path, path.data(), path.size());
        connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&where), sizeof where) == 0;
    }
    raw_peer(const raw_peer&) = delete;
    raw_peer& operator=(const raw_peer&) = delete;
    ~raw_peer() { ::close(fd_); }

    bool connected() const noexcept { return connected_; }
    /// False when the server does not take it.
    bool send(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return true;
    }
    void end() const { ::shutdown(fd_, SHUT_WR); }
    /// `size` bytes, or fewer when the server closes or says nothing for 20 seconds.
    std::string read(std::size_t size) const {
        std::string all;
        while (all.size() < size) {
            pollfd wait{fd_, POLLIN, 0};
            if (::poll(&wait, 1, 20'000) <= 0) break;
            char chunk[4096];
            const std::size_t most = size - all.size() < sizeof chunk ? size - all.size() : sizeof chunk;
            const ssize_t n = ::recv(fd_, chunk, most, 0);
            if (n <= 0) break;
            all.append(chunk, static_cast<std::size_t>(n));
        }
        return all;
    }
    /// Whether the server has closed, and sent nothing before it.
    bool at_end() const { return read(1).empty(); }

private:
    int fd_;
    bool connected_ = false;
};
