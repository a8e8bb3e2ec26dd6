// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <utility>

namespace weft::inline v0::embedded::detail {

/// Lets the commits of several threads share syncs of the log: one of those that wait syncs for all whose commits were
/// in the log before the sync began.
class group_sync {
public:
    /// Returns when what this thread has committed is on the disk. `sync()` syncs the log and returns an SQLite code;
    /// after one that fails nothing is known about the disk any more, so every later call fails with its code.
    template <class Sync>
    int wait(Sync&& sync) {
        std::unique_lock lock(mutex_);
        const std::uint64_t mine = ++written_;
        while (synced_ < mine) {
            if (failed_ != 0) return failed_;
            if (syncing_) {
                changed_.wait(lock);
                continue;
            }
            syncing_ = true;
            const std::uint64_t covered = written_;
            lock.unlock();
            const int code = sync();
            lock.lock();
            syncing_ = false;
            if (code == 0)
                synced_ = covered;
            else
                failed_ = code;
            changed_.notify_all();
        }
        return 0;
    }

    /// The code of the sync that failed, 0 while none has.
    int failed() {
        const std::lock_guard lock(mutex_);
        return failed_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t written_ = 0;
    std::uint64_t synced_ = 0;
    bool syncing_ = false;
    int failed_ = 0;
};

/// The right to write within the process. Unlike a mutex it may be left by another thread than entered, and waited for
/// with a limit; unlike SQLite's lock it is waited for without polling.
class write_gate {
public:
    bool try_enter() {
        const std::lock_guard lock(mutex_);
        return !std::exchange(taken_, true);
    }
    bool enter(std::uint32_t milliseconds) {
        std::unique_lock lock(mutex_);
        if (!free_.wait_for(lock, std::chrono::milliseconds(milliseconds), [this] { return !taken_; })) return false;
        taken_ = true;
        return true;
    }
    void leave() noexcept {
        {
            const std::lock_guard lock(mutex_);
            taken_ = false;
        }
        free_.notify_one();
    }

private:
    std::mutex mutex_;
    std::condition_variable free_;
    bool taken_ = false;
};

} // namespace weft::inline v0::embedded::detail
