// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `pool_maintenance`: a thread that looks after a pool, for programs that want one.

#include <weft/core/error.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace weft::inline v0 {

/// Calls `pool.maintain()` at once and then every `interval_ms` milliseconds on a thread of its own, until it is
/// destroyed. Failures to connect show in the pool's statistics. The pool must outlive it and stay where it is.
class pool_maintenance {
public:
    template <class Pool>
        requires requires(Pool& pool) { pool.maintain(); }
    explicit pool_maintenance(Pool& pool, std::int64_t interval_ms = 1'000) {
        if (interval_ms <= 0)
            throw interface_error("the interval of pool_maintenance is not positive: " + std::to_string(interval_ms));
        thread_ = std::thread([this, &pool, interval_ms] { run(pool, std::chrono::milliseconds(interval_ms)); });
    }
    pool_maintenance(const pool_maintenance&) = delete;
    pool_maintenance& operator=(const pool_maintenance&) = delete;
    ~pool_maintenance() {
        {
            const std::lock_guard lock(guard_);
            ending_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }

private:
    template <class Pool>
    void run(Pool& pool, std::chrono::milliseconds interval) {
        std::unique_lock lock(guard_);
        while (!ending_) {
            lock.unlock();
            try {
                pool.maintain();
            } catch (...) { // counted by the pool, and tried again
            }
            lock.lock();
            wake_.wait_for(lock, interval, [this] { return ending_; });
        }
    }

    std::mutex guard_;
    std::condition_variable wake_;
    bool ending_ = false;
    std::thread thread_;
};

} // namespace weft::inline v0
