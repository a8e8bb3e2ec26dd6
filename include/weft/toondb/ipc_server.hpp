// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `ipc_server`: serves an `embedded::kv_database` to ToonDB's clients over a Unix socket, and loopback TCP.

#include <weft/embedded/kv_database.hpp>
#include <weft/toondb/detail/server_loop.hpp>
#include <weft/toondb/server_options.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace weft::inline v0::toondb {

/// A server on threads of its own: one for all sockets, and `server_options::threads` for reads that take long, and as
/// many for writes.
///
///     auto db = embedded::kv_database::open("app.db");
///     ipc_server server(db, {.socket_path = "/tmp/toondb.sock"});
///     server.start();
///
/// Every request is answered in turn; requests of different connections are executed side by side. PUT, DELETE and
/// PUT_PATH are transactions of their own also while the client has one open, as ToonDB's clients know it; weft's
/// clients have operations that belong to a transaction. When a connection ends, however that happens, its transactions
/// are aborted. The program may use the database meanwhile. All member functions may be called by any thread.
class ipc_server {
public:
    /// Does nothing yet. The database must outlive the server and stay open.
    explicit ipc_server(embedded::kv_database& db, server_options options = {})
        : db_(&db), options_(std::move(options)) {}
    ipc_server(const ipc_server&) = delete;
    ipc_server& operator=(const ipc_server&) = delete;
    /// Stops.
    ~ipc_server() { stop(); }

    /// Listens and returns. A socket file that nobody listens on any more is replaced. \throws connection_error `Failed
    /// to bind …`, also when another server listens there; programming_error `Server already running`; interface_error
    /// for options that cannot be.
    void start() {
        const std::lock_guard lock(mutex_);
        if (loop_) throw programming_error("Server already running");
        auto loop = std::make_unique<detail::server_loop>(*db_, options_);
        thread_ = std::thread([on = loop.get()] { on->run(); });
        loop_ = std::move(loop);
    }

    /// Takes no more connections and requests, answers what was received, closes, removes the socket file, and returns
    /// when that is done; what is not within `stop_timeout_ms` is cut off. Idempotent; start() may follow.
    void stop() noexcept {
        const std::lock_guard lock(mutex_);
        if (!loop_) return;
        loop_->stop();
        thread_.join();
        loop_.reset();
    }

    bool is_running() const {
        const std::lock_guard lock(mutex_);
        return loop_ != nullptr;
    }
    /// The TCP port; 0 when it does not listen on one.
    std::uint16_t port() const {
        const std::lock_guard lock(mutex_);
        return loop_ ? loop_->port() : std::uint16_t{0};
    }
    const server_options& options() const noexcept { return options_; }

    /// The figures since start(), as STATS sends them, with the transactions of all connections. Zeros when it does not
    /// run. Takes time in proportion to the number of entries.
    server_stats stats() const {
        const std::lock_guard lock(mutex_);
        return loop_ ? loop_->requests().stats(loop_->transactions()) : server_stats();
    }

private:
    embedded::kv_database* db_;
    server_options options_;
    mutable std::mutex mutex_;
    std::unique_ptr<detail::server_loop> loop_;
    std::thread thread_;
};

} // namespace weft::inline v0::toondb
