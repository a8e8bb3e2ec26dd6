// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `connection_pool<Connection>`: connections of any kind, made when needed, shared by threads, one lease at a time.
///
/// ```
/// weft::connection_pool<weft::mysql::connection> pool([&] { return weft::mysql::connection(settings); });
/// auto db = pool.acquire();
/// db->execute("…");
/// ```
///
/// A connection that is found broken is never leased again, and from that moment every other is checked before its next
/// lease, because what broke one has often broken all. No thread is started: idle times, ages and the minimum are
/// looked after as leases come and go, and by `maintain()`, which `pool_maintenance` can call regularly.

#include <weft/core/result.hpp>
#include <weft/pool/detail/pool_core.hpp>
#include <weft/pool/lease.hpp>
#include <weft/pool/pool_options.hpp>
#include <weft/pool/pool_traits.hpp>

#include <concepts>
#include <memory>
#include <source_location>
#include <type_traits>
#include <utility>

namespace weft::inline v0 {

/// A callable that makes connections; several threads may call it at once.
template <class Factory, class Connection>
concept connection_factory = std::invocable<Factory&> && std::same_as<std::invoke_result_t<Factory&>, Connection>;

/// A pool for several threads. Every member function may be called from any thread, but not together with a move or the
/// destructor. `Connection` need not be movable; what the pool does with it is in `Traits`.
template <class Connection, class Traits = pool_traits<Connection>>
class connection_pool {
    using core = detail::pool_core<Connection, Traits>;

public:
    using connection_type = Connection;
    using lease = pool_lease<core>;

    /// Connects to nothing yet. \throws interface_error when the options make no sense.
    template <connection_factory<Connection> Factory>
    explicit connection_pool(Factory connect, const pool_options& options = {}) {
        options.validate();
        core_ = std::make_shared<core>(std::make_unique<factory_connector<Factory>>(std::move(connect)), options);
    }
    connection_pool(connection_pool&&) noexcept = default;
    connection_pool& operator=(connection_pool&& other) noexcept {
        if (this != &other) {
            close();
            core_ = std::move(other.core_);
        }
        return *this;
    }
    /// Closes the pool. Leases may outlive it.
    ~connection_pool() { close(); }

    /// Leases the connection that was used last, or a new one while there are fewer than the maximum; otherwise waits
    /// for its turn, first come, first served, as long as the options say.
    /// \throws pool_timeout (an operational_error), programming_error when the pool is closed, and what the factory
    /// throws: to this caller only, and whoever waits next may try.
    lease acquire(std::source_location where = std::source_location::current()) {
        return core_->acquire(core_->options().acquire_timeout_ms, where);
    }
    /// The same, waiting at most `limit_ms` milliseconds; 0: not at all. Connecting takes its own time.
    lease acquire_within(std::int64_t limit_ms, std::source_location where = std::source_location::current()) {
        return core_->acquire(limit_ms < 0 ? 0 : limit_ms, where);
    }
    result<lease> try_acquire(std::source_location where = std::source_location::current()) {
        return attempt([&] { return acquire(where); });
    }
    result<lease> try_acquire_within(std::int64_t limit_ms,
                                     std::source_location where = std::source_location::current()) {
        return attempt([&] { return acquire_within(limit_ms, where); });
    }

    /// Closes what is too old or idle for too long, checks what was not seen to work for the health check interval, and
    /// connects up to the minimum. \throws what the factory throws.
    void maintain() { core_->maintain(); }

    /// No more leases: who waits gets a programming_error, idle connections are closed, leased ones when they come
    /// back. Waits up to `wait_ms` for them (`pool_options::never`: until they are back) and returns whether all are
    /// closed. Idempotent.
    bool close(std::int64_t wait_ms = 0) noexcept { return !core_ || core_->close(wait_ms); }
    bool is_closed() const { return !core_ || core_->is_closed(); }

    pool_statistics statistics() const { return core_->statistics(); }
    const pool_options& options() const noexcept { return core_->options(); }

private:
    template <class Factory>
    struct factory_connector final : core::connector {
        explicit factory_connector(Factory f) : connect(std::move(f)) {}
        typename core::slot_ptr make() override { return std::make_unique<typename core::slot_type>(connect); }
        Factory connect;
    };

    std::shared_ptr<core> core_;
};

} // namespace weft::inline v0
