// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/embedded/detail/kv_core.hpp>

#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

namespace weft::inline v0::embedded::detail {

/// A connection for as long as the object lives.
class borrowed {
public:
    explicit borrowed(kv_core& core) : core_(core), connection_(core.take()) {}
    borrowed(const borrowed&) = delete;
    borrowed& operator=(const borrowed&) = delete;
    ~borrowed() { core_.give_back(connection_); }

    kv_connection& operator*() const noexcept { return *connection_; }
    kv_connection* operator->() const noexcept { return connection_; }

private:
    kv_core& core_;
    kv_connection* connection_;
};

/// A connection that a scope, its scans and its results own together.
class lease {
public:
    lease(shared<kv_core> core, kv_connection* connection) : core_(std::move(core)), connection_(connection) {}
    explicit lease(shared<kv_core> core) : core_(std::move(core)), connection_(core_->take()) {}
    lease(const lease&) = delete;
    lease& operator=(const lease&) = delete;
    ~lease() {
        if (writing_) core_->gate().leave();
        core_->give_back(connection_);
    }

    kv_core& core() const noexcept { return *core_; }
    kv_connection& connection() const noexcept { return *connection_; }

    /// Takes the right to write until stop_writing() or the end of the lease.
    void start_writing() {
        if (writing_) return;
        core_->enter();
        writing_ = true;
    }
    bool try_start_writing() {
        if (!writing_) writing_ = core_->gate().try_enter();
        return writing_;
    }
    void stop_writing() noexcept {
        if (std::exchange(writing_, false)) core_->gate().leave();
    }

private:
    shared<kv_core> core_;
    kv_connection* connection_;
    bool writing_ = false;
};

/// Transactions that SQL began on the store itself: each belongs to the thread that said BEGIN.
class sql_sessions {
public:
    /// The connection in whose transaction this thread is; null outside of one.
    shared<lease> find() {
        if (open_.load(std::memory_order_relaxed) == 0) [[likely]]
            return nullptr;
        const std::lock_guard lock(mutex_);
        for (const auto& s : sessions_) {
            if (s.thread == this_thread()) return s.owner;
        }
        return nullptr;
    }

    /// After a statement on the connection of `owner`: notices BEGIN, COMMIT and ROLLBACK. Returns whether the
    /// connection is in a transaction.
    bool notice(const shared<lease>& owner) {
        const bool active = owner->connection().in_transaction();
        if (!active && open_.load(std::memory_order_relaxed) == 0) return false;
        shared<lease> over; // ends after the lock
        const std::lock_guard lock(mutex_);
        for (auto& s : sessions_) {
            if (!(s.owner == owner)) continue;
            if (!active) {
                over = std::move(s.owner);
                over->connection().forget_made();
                s = std::move(sessions_.back());
                sessions_.pop_back();
                open_ = sessions_.size();
            }
            return active;
        }
        if (active) {
            sessions_.push_back({this_thread(), owner});
            open_ = sessions_.size();
        }
        return active;
    }

    void clear() noexcept {
        std::vector<session> all;
        const std::lock_guard lock(mutex_);
        all.swap(sessions_);
        open_ = 0;
    }

private:
    struct session {
        const void* thread;
        shared<lease> owner;
    };

    static const void* this_thread() noexcept {
        static thread_local const char here = 0;
        return &here;
    }

    std::mutex mutex_;
    std::vector<session> sessions_;
    std::atomic<std::size_t> open_{0};
};

} // namespace weft::inline v0::embedded::detail
