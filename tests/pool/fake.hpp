// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/core/error.hpp>

#include <atomic>
#include <cstdint>
#include <string>

/// What fake connections do, and what was done to them. One for each test.
struct fake_server {
    std::atomic<int> open{0};
    std::atomic<int> most_open{0};
    std::atomic<int> made{0};
    std::atomic<int> pings{0};
    std::atomic<int> resets{0};
    std::atomic<int> rollbacks{0};
    std::atomic<int> closes{0};
    std::atomic<int> generation{0}; ///< connections of an older one are dead: the server was restarted
    std::atomic<bool> refuses{false};
    std::atomic<bool> reset_fails{false};
    std::atomic<bool> ping_fails{false};
    std::atomic<bool> close_fails{false};

    void opened() {
        ++made;
        const int now = ++open;
        for (int most = most_open; most < now && !most_open.compare_exchange_weak(most, now);) {}
    }
};

/// A connection that can be neither copied nor moved, with every hook.
class fake_connection {
public:
    explicit fake_connection(fake_server& server)
        : number(server.made), server_(&server), generation_(server.generation) {
        if (server.refuses) throw weft::operational_error("the fake server refuses");
        server.opened();
    }
    fake_connection(const fake_connection&) = delete;
    fake_connection& operator=(const fake_connection&) = delete;
    ~fake_connection() { --server_->open; }

    /// A round trip; fails when the server has gone, and then the connection is broken.
    void use() {
        if (generation_ == server_->generation) return;
        open_ = false;
        throw weft::operational_error("the fake server has gone away");
    }
    void ping() {
        ++server_->pings;
        if (server_->ping_fails) throw 42;
        use();
    }
    void reset() {
        ++server_->resets;
        if (server_->reset_fails) throw weft::operational_error("cannot be reset");
        use();
        transaction = false;
    }
    void rollback() {
        ++server_->rollbacks;
        transaction = false;
    }
    bool has_transaction() const { return transaction; }
    bool is_busy() const { return busy; }
    bool is_open() const { return open_; }
    void close() {
        ++server_->closes;
        open_ = false;
        if (server_->close_fails) throw 43;
    }
    void breaks() { open_ = false; }

    const int number;
    bool transaction = false;
    bool busy = false;
    std::atomic<int> users{0};

private:
    fake_server* server_;
    int generation_;
    bool open_ = true;
};

/// A clock that tests set.
inline std::atomic<std::int64_t> fake_now_ms{0};
inline std::int64_t fake_clock() noexcept {
    return fake_now_ms;
}
