// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `async_connection_pool<Connection>`: the pool for programs on Asio.
///
/// ```
/// weft::async_connection_pool<weft::mysql::async_connection> pool(
///     context, [settings](auto& connection) { return connection.async_connect(settings); });
/// auto db = co_await pool.async_acquire();
/// co_await db->async_execute("…");
/// ```
///
/// It keeps the rules of `connection_pool`. All of it happens on one executor: an io_context that one thread runs, or a
/// strand. Member functions are called there; only acquiring, and what becomes of leases, may happen on any thread. No
/// thread is started, and nothing keeps the event loop running but operations under way.

#include <weft/pool/async_pool_traits.hpp>
#include <weft/pool/detail/async_pool_core.hpp>
#include <weft/pool/lease.hpp>
#include <weft/pool/pool_options.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/deferred.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <source_location>
#include <type_traits>
#include <utility>

namespace weft::inline v0 {

/// A connection the asynchronous pool can make: from an executor, not connected yet.
template <class Connection>
concept async_poolable = std::constructible_from<Connection, const boost::asio::any_io_executor&>;

/// A callable that begins to connect: it returns an operation that waits for its handler, `void(error_code)`, as
/// `connection.async_connect(settings)` does with the default completion token.
template <class Connector, class Connection>
concept async_connector = std::invocable<Connector&, Connection&>;

/// A pool for coroutines and callbacks.
template <async_poolable Connection, class Traits = async_pool_traits<Connection>>
class async_connection_pool {
    using core = detail::async_pool_core<Connection, Traits>;

public:
    using connection_type = Connection;
    using executor_type = typename core::executor_type;
    using lease = typename core::lease;

    /// Connects to nothing yet. `on` is an executor, or an execution context such as an io_context.
    /// \throws interface_error when the options make no sense.
    template <class ExecutorOrContext, async_connector<Connection> Connector>
    async_connection_pool(ExecutorOrContext&& on, Connector connect, const pool_options& options = {}) {
        options.validate();
        core_ = std::make_shared<core>(executor_of(on),
                                       std::make_unique<operation_connector<Connector>>(std::move(connect)), options);
    }
    async_connection_pool(async_connection_pool&&) noexcept = default;
    async_connection_pool& operator=(async_connection_pool&&) = delete;
    /// Drops what is left; `async_close()` before is politer. Leases may outlive the pool, but not the executor unless
    /// the pool went first.
    ~async_connection_pool() {
        if (core_) core_->abandon();
    }

    executor_type get_executor() const noexcept { return core_->executor(); }

    /// Leases a connection: first come, first served. Signature: `void(error_code, lease)`. The handler runs on its
    /// associated executor, by default the pool's, and never within this call.
    ///
    /// The timeout of the options covers connecting and checks, which go on for whoever comes next. Errors: a condition
    /// of `errc::operational_error` when the time is over, `errc::programming_error` when the pool is closed,
    /// `operation_aborted` after a cancellation of any type (to be emitted on the executor), or what connecting failed
    /// with, which ends one acquire and lets the next try.
    template <class Token = boost::asio::deferred_t>
    auto async_acquire(Token&& token = {}, std::source_location where = std::source_location::current()) {
        return initiate(core_->options().acquire_timeout_ms, nullptr, where, std::forward<Token>(token));
    }
    /// The same; what else is known about an error goes to `info`, which must live until then.
    template <class Token = boost::asio::deferred_t>
    auto async_acquire(diagnostics& info, Token&& token = {},
                       std::source_location where = std::source_location::current()) {
        return initiate(core_->options().acquire_timeout_ms, &info, where, std::forward<Token>(token));
    }
    /// The same with a limit of its own, in milliseconds; 0: what is there at once or nothing.
    template <class Token = boost::asio::deferred_t>
    auto async_acquire_within(std::int64_t limit_ms, diagnostics& info, Token&& token = {},
                              std::source_location where = std::source_location::current()) {
        return initiate(limit_ms < 0 ? 0 : limit_ms, &info, where, std::forward<Token>(token));
    }

    /// Begins to close what is too old or idle for too long, to check what was not seen to work for the health check
    /// interval, and to connect up to the minimum.
    void maintain() { core_->maintain(); }
    /// Calls maintain() now and every `interval` until the pool is closed; that keeps the event loop running.
    void maintain_every(std::chrono::milliseconds interval) { core_->maintain_every(interval); }

    /// No more leases: who waits gets `errc::programming_error`, idle connections are closed, leased ones when they
    /// come back. Idempotent.
    void close() { core_->close(); }
    /// The same, and waits until all are closed. Signature: `void(error_code)`; never fails while the pool lives.
    template <class Token = boost::asio::deferred_t>
    auto async_close(Token&& token = {}) {
        return boost::asio::async_initiate<Token, void(boost::system::error_code)>(
            [](auto handler, std::shared_ptr<core> pool) {
                auto& on = *pool;
                boost::asio::dispatch(on.executor(), [pool = std::move(pool),
                                                      h = typename core::close_handler(std::move(handler))]() mutable {
                    pool->close_and_wait(std::move(h));
                });
            },
            token, core_);
    }
    bool is_closed() const noexcept { return core_->is_closed(); }

    pool_statistics statistics() const noexcept { return core_->statistics(); }
    const pool_options& options() const noexcept { return core_->options(); }

private:
    template <class Connector>
    struct operation_connector final : core::connector {
        explicit operation_connector(Connector c) : connect(std::move(c)) {}
        typename core::slot_ptr make(const executor_type& executor) override {
            const auto made = [&] { return Connection(executor); };
            return std::make_unique<typename core::slot_type>(made);
        }
        void start(Connection& c, typename core::step_handler handler) override { connect(c)(std::move(handler)); }
        Connector connect;
    };

    template <class ExecutorOrContext>
    static executor_type executor_of(ExecutorOrContext& on) {
        if constexpr (requires { on.get_executor(); }) {
            return on.get_executor();
        } else {
            return on;
        }
    }

    template <class Token>
    auto initiate(std::int64_t limit_ms, diagnostics* info, const std::source_location& where, Token&& token) {
        return boost::asio::async_initiate<Token, void(boost::system::error_code, lease)>(
            [](auto handler, std::shared_ptr<core> pool, std::int64_t limit, diagnostics* to,
               std::source_location from) {
                pool->acquire(limit, to, from, typename core::acquire_handler(std::move(handler)));
            },
            token, core_, limit_ms, info, where);
    }

    std::shared_ptr<core> core_;
};

} // namespace weft::inline v0
