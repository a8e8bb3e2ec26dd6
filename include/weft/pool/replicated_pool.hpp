// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `replicated_pool<Connection>`: one pool for the primary server and one for each of its replicas.

#include <weft/pool/connection_pool.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

namespace weft::inline v0 {

/// What a lease is for.
enum class role : unsigned char {
    primary, ///< anything
    replica, ///< reading, of data that may be a little old
};

/// How reads are shared out. Times are in milliseconds.
struct replica_options {
    std::int64_t retry_after_ms = 5'000; ///< how long a replica that could not be connected to is left alone
    bool fall_back = true;               ///< reads go to the primary when no replica can be connected to
};

/// Leases for writing come from the primary, always. Leases for reading come from the replica with the fewest leases
/// and waiters. A replica that cannot be connected to is left alone for a while and the next is asked; when none is
/// left, the primary serves the read, or the last error is thrown. A replica that is merely busy is waited for, and its
/// pool_timeout is thrown: load must not spill over to the primary. Thread-safe as its pools are.
template <class Connection, class Traits = pool_traits<Connection>>
class replicated_pool {
public:
    using pool_type = connection_pool<Connection, Traits>;
    using lease = typename pool_type::lease;

    /// Each pool has its own factory and options. Without replicas all leases come from the primary.
    replicated_pool(pool_type primary, std::vector<pool_type> replicas, const replica_options& options = {})
        : primary_(std::move(primary)), replicas_(std::move(replicas)), options_(options),
          down_until_(std::make_unique<std::atomic<std::int64_t>[]>(replicas_.size())) {}

    /// Errors as those of `connection_pool::acquire`.
    lease acquire(role what, std::source_location where = std::source_location::current()) {
        if (what == role::primary || replicas_.empty()) return primary_.acquire(where);
        const std::int64_t now = primary_.options().clock_ms();
        std::exception_ptr last;
        for (std::size_t asked = 0; asked < replicas_.size(); ++asked) {
            const std::size_t best = least_loaded(now);
            if (best == replicas_.size()) break;
            try {
                return replicas_[best].acquire(where);
            } catch (const pool_timeout&) {
                throw;
            } catch (const operational_error&) {
                down_until_[best] = now + options_.retry_after_ms;
                last = std::current_exception();
            }
        }
        if (options_.fall_back) return primary_.acquire(where);
        if (last) std::rethrow_exception(last);
        throw operational_error("no replica could be connected to within the last " +
                                    std::to_string(options_.retry_after_ms) + " ms",
                                where);
    }

    void maintain() {
        primary_.maintain();
        for (pool_type& pool : replicas_) pool.maintain();
    }

    /// Closes all pools, waiting up to `wait_ms` for each.
    bool close(std::int64_t wait_ms = 0) noexcept {
        bool all = primary_.close(wait_ms);
        for (pool_type& pool : replicas_) all = pool.close(wait_ms) && all;
        return all;
    }

    pool_type& primary() noexcept { return primary_; }
    std::vector<pool_type>& replicas() noexcept { return replicas_; }

private:
    /// The index of the replica to ask, or their number when all are left alone.
    std::size_t least_loaded(std::int64_t now) {
        const std::size_t count = replicas_.size();
        const std::size_t first = next_++ % count; // equals take turns
        std::size_t best = count;
        std::size_t load = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t at = (first + i) % count;
            if (now < down_until_[at]) continue;
            const pool_statistics s = replicas_[at].statistics();
            if (best != count && s.in_use + s.waiting >= load) continue;
            best = at;
            load = s.in_use + s.waiting;
        }
        return best;
    }

    pool_type primary_;
    std::vector<pool_type> replicas_;
    replica_options options_;
    std::unique_ptr<std::atomic<std::int64_t>[]> down_until_;
    std::atomic<std::size_t> next_{0};
};

} // namespace weft::inline v0
