// SPDX-License-Identifier: BSL-1.0
#pragma once

// Work shared among threads that live as long as the call, and locks of one byte.

#include <weft/core/config.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <thread>
#include <vector>

namespace weft::inline v0::vector::detail {

/// The threads that a number given by a user means: 0 is one for each processor.
inline std::size_t thread_count(std::size_t asked) noexcept {
    if (asked != 0) return asked < 1024 ? asked : 1024;
    const std::size_t found = std::thread::hardware_concurrency();
    return found == 0 ? 1 : found;
}

/// Calls `work(worker, begin, end)` for pieces of `grain` of the numbers below `count`, with up to `threads` workers of
/// which the calling thread is number 0. A piece for which `work` returns false is the last one anybody begins, and so
/// is one that throws; the first exception is thrown again here.
template <class Work>
void parallel_for(std::size_t count, std::size_t threads, std::size_t grain, Work&& work) {
    if (grain == 0) grain = 1;
    const std::size_t pieces = (count + grain - 1) / grain;
    if (threads > pieces) threads = pieces;
    std::size_t next = 0;
    bool stopped = false;
    std::exception_ptr caught;
    bool has_caught = false;
    const auto run = [&](std::size_t worker) noexcept {
        try {
            while (!__atomic_load_n(&stopped, __ATOMIC_RELAXED)) {
                const std::size_t begin = __atomic_fetch_add(&next, grain, __ATOMIC_RELAXED);
                if (begin >= count) return;
                if (!work(worker, begin, begin + grain < count ? begin + grain : count))
                    __atomic_store_n(&stopped, true, __ATOMIC_RELAXED);
            }
        } catch (...) {
            __atomic_store_n(&stopped, true, __ATOMIC_RELAXED);
            if (!__atomic_exchange_n(&has_caught, true, __ATOMIC_ACQ_REL)) caught = std::current_exception();
        }
    };
    std::vector<std::thread> others;
    if (threads > 1) {
        others.reserve(threads - 1);
        try {
            for (std::size_t i = 1; i < threads; ++i) others.emplace_back(run, i);
        } catch (const std::exception&) { // no more threads to be had: those there are do all
        }
    }
    run(0);
    for (std::thread& other : others) other.join();
    if (caught) std::rethrow_exception(caught);
}

/// A lock of one byte that is held for microseconds.
class byte_lock {
public:
    explicit byte_lock(std::uint8_t& byte) noexcept : byte_(byte) {
        for (int spin = 0; __atomic_test_and_set(&byte_, __ATOMIC_ACQUIRE); ++spin)
            if (spin > 100) std::this_thread::yield();
    }
    byte_lock(const byte_lock&) = delete;
    byte_lock& operator=(const byte_lock&) = delete;
    ~byte_lock() { __atomic_clear(&byte_, __ATOMIC_RELEASE); }

private:
    std::uint8_t& byte_;
};

} // namespace weft::inline v0::vector::detail
