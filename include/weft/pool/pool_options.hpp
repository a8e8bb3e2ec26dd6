// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// What a pool can be told, and what it tells about itself.

#include <weft/core/error.hpp>

#include <time.h> // clock_gettime

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

namespace weft::inline v0 {

/// What happens to a connection between two leases.
enum class return_action : unsigned char {
    reset,    ///< its session becomes as new; MySQL servers drop the session's prepared statements with it
    rollback, ///< an open transaction is rolled back; settings of the session and prepared statements stay
    keep,     ///< nothing
};

/// Milliseconds of the monotonic clock.
inline std::int64_t monotonic_ms() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

/// Settings of a pool. Times are in milliseconds.
struct pool_options {
    static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

    std::size_t min_size = 0;  ///< closing idle connections stops here, and maintain() makes what is missing
    std::size_t max_size = 10; ///< connections that exist at the same time, those being made and closed included

    std::int64_t acquire_timeout_ms = 30'000;       ///< how long acquire() waits for its turn
    std::int64_t idle_timeout_ms = 600'000;         ///< unused for so long: closed
    std::int64_t max_lifetime_ms = 1'800'000;       ///< older: closed, when nobody has it
    std::int64_t validate_after_ms = 1'000;         ///< idle for so long: checked before a lease gets it; 0: always
    std::int64_t health_check_interval_ms = 30'000; ///< how often maintain() checks an idle connection
    /// How long one step (connect, check, reset, close) of an asynchronous pool may take before it is cancelled. The
    /// steps of a blocking pool end by the timeouts of the connection itself.
    std::int64_t step_timeout_ms = 30'000;

    return_action on_return = return_action::reset;

    /// The clock of ages and intervals; must be monotonic. Waiting is measured by the system's.
    std::int64_t (*clock_ms)() noexcept = &monotonic_ms;

    /// \throws interface_error naming the setting that makes no sense.
    void validate() const {
        if (max_size == 0) throw interface_error("max_size of a pool is 0: it could never have a connection");
        if (min_size > max_size)
            throw interface_error("min_size of a pool, " + std::to_string(min_size) + ", is above its max_size, " +
                                  std::to_string(max_size));
        require_not_negative("acquire_timeout_ms", acquire_timeout_ms);
        require_not_negative("validate_after_ms", validate_after_ms);
        require_positive("idle_timeout_ms", idle_timeout_ms);
        require_positive("max_lifetime_ms", max_lifetime_ms);
        require_positive("health_check_interval_ms", health_check_interval_ms);
        require_positive("step_timeout_ms", step_timeout_ms);
        if (clock_ms == nullptr) throw interface_error("clock_ms of a pool is null");
    }

private:
    static void require_not_negative(const char* name, std::int64_t value) {
        if (value < 0) throw interface_error(std::string(name) + " of a pool is negative: " + std::to_string(value));
    }
    static void require_positive(const char* name, std::int64_t value) {
        if (value <= 0)
            throw interface_error(std::string(name) + " of a pool is not positive: " + std::to_string(value) +
                                  "; pool_options::never switches it off");
    }
};

/// A pool at one moment, and what it has done so far.
struct pool_statistics {
    std::size_t size = 0;    ///< connections that exist or are being made
    std::size_t idle = 0;    ///< of them, those that wait for a lease
    std::size_t in_use = 0;  ///< of them, the others: leased, being made, checked, reset or closed
    std::size_t waiting = 0; ///< acquires that wait

    std::uint64_t created = 0;
    std::uint64_t connect_failures = 0;

    std::uint64_t closed_idle = 0;       ///< idle for too long
    std::uint64_t closed_lifetime = 0;   ///< too old
    std::uint64_t closed_broken = 0;     ///< came back closed or busy, or could not be reset
    std::uint64_t closed_validation = 0; ///< failed a check
    std::uint64_t closed_discarded = 0;  ///< by lease.discard()
    std::uint64_t closed_shutdown = 0;   ///< by close()

    std::uint64_t acquires = 0; ///< leases handed out
    std::uint64_t timeouts = 0;
    std::uint64_t wait_us = 0; ///< all acquires together have waited for their turn so many microseconds

    friend bool operator==(const pool_statistics&, const pool_statistics&) = default;
};

/// An acquire was not served in time. The message names the limits and the state of the pool.
class pool_timeout : public operational_error {
public:
    using operational_error::operational_error;
};

} // namespace weft::inline v0
