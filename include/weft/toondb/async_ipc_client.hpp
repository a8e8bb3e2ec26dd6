// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `async_ipc_client`: the client for programs on Asio. Every operation takes a completion token (`use_awaitable`,
/// `as_tuple`, `use_future`, a callback, …), `deferred` by default, so that a bare `co_await` works.
///
/// * Handlers get `(error_code, result)`; what else is known about an error is in `diagnostics()` until the next
///   operation. They run on their associated executor, by default the client's, never within the call that starts the
///   operation.
/// * One operation at a time. A client is used on its executor: an io_context that one thread runs, or a strand.
/// * Cancellation of any type, and the timeouts of the options, leave the client closed.
/// * The client must outlive its operations; arguments are copied into them.

#include <weft/core/error_code.hpp>
#include <weft/core/value.hpp>
#include <weft/cursor/parameters.hpp>
#include <weft/net/asio_socket.hpp>
#include <weft/net/async.hpp>
#include <weft/toondb/ipc_transaction.hpp>
#include <weft/toondb/session.hpp>

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weft::inline v0::toondb {

class async_ipc_client {
public:
    using executor_type = net::asio_socket::executor_type;

    /// Not connected. `on` is an executor, or an execution context such as an io_context.
    template <class ExecutorOrContext>
        requires(!std::same_as<std::remove_cvref_t<ExecutorOrContext>, async_ipc_client>)
    explicit async_ipc_client(ExecutorOrContext&& on) : executor_(net::executor_of(on)) {}
    async_ipc_client(async_ipc_client&&) noexcept = default;
    async_ipc_client& operator=(async_ipc_client&&) noexcept = default;

    executor_type get_executor() const noexcept { return executor_; }
    bool is_open() const noexcept { return session_ && session_->is_open(); }
    /// Whether transactions are open.
    bool has_transaction() const noexcept { return session_ && !session_->transactions().empty(); }
    /// What is known about the error of the last operation.
    const weft::diagnostics& diagnostics() const noexcept { return *diagnostics_; }

    /// Connects. Signature: `void(error_code)`.
    template <class Token = boost::asio::deferred_t>
    auto async_connect(server_address to, client_options options = {}, Token&& token = {}) {
        session_ = std::make_unique<session_type>(net::asio_socket(executor_));
        return run([on = session_.get(), to = std::move(to), options] { return on->connect(to, options); },
                   std::forward<Token>(token));
    }

    /// Signature: `void(error_code, double)`, the round trip in seconds.
    template <class Token = boost::asio::deferred_t>
    auto async_ping(Token&& token = {}) {
        return run([on = active()] { return on->ping(); }, std::forward<Token>(token));
    }
    /// Signature: `void(error_code)`.
    template <class Token = boost::asio::deferred_t>
    auto async_put(std::string key, std::string value, Token&& token = {}) {
        return run([on = active(), key = std::move(key), value = std::move(value)] { return on->put(key, value); },
                   std::forward<Token>(token));
    }
    /// Signature: `void(error_code, std::optional<std::string>)`; an empty value is nothing, too.
    template <class Token = boost::asio::deferred_t>
    auto async_get(std::string key, Token&& token = {}) {
        return run([on = active(), key = std::move(key)] { return on->get(key); }, std::forward<Token>(token));
    }
    /// The same for weft's servers, which tell an empty value from none.
    template <class Token = boost::asio::deferred_t>
    auto async_find(std::string key, Token&& token = {}) {
        return async_get_in(0, std::move(key), std::forward<Token>(token));
    }
    /// Signature: `void(error_code)`.
    template <class Token = boost::asio::deferred_t>
    auto async_erase(std::string key, Token&& token = {}) {
        return run([on = active(), key = std::move(key)] { return on->erase(key); }, std::forward<Token>(token));
    }
    /// Signature: `void(error_code)`.
    template <class Token = boost::asio::deferred_t>
    auto async_put_path(std::vector<std::string> segments, std::string value, Token&& token = {}) {
        return run([on = active(), segments = std::move(segments),
                    value = std::move(value)] { return on->put_path(segments, value); },
                   std::forward<Token>(token));
    }
    /// Signature: `void(error_code, std::optional<std::string>)`.
    template <class Token = boost::asio::deferred_t>
    auto async_get_path(std::vector<std::string> segments, Token&& token = {}) {
        return run([on = active(), segments = std::move(segments)] { return on->get_path(segments); },
                   std::forward<Token>(token));
    }
    /// Signature: `void(error_code, std::vector<key_value>)`.
    template <class Token = boost::asio::deferred_t>
    auto async_scan(std::string prefix, Token&& token = {}) {
        return run([on = active(), prefix = std::move(prefix)] { return on->scan(prefix); },
                   std::forward<Token>(token));
    }
    /// Signature: `void(error_code, std::string)`, the rows as a table in one line; `protocol::parse_table_text()`
    /// reads it.
    template <class Token = boost::asio::deferred_t>
    auto async_query(protocol::query_request query, Token&& token = {}) {
        return run([on = active(), query = std::move(query)] { return on->query(query); }, std::forward<Token>(token));
    }
    /// Signature: `void(error_code)`.
    template <class Token = boost::asio::deferred_t>
    auto async_create_table(table_definition table, Token&& token = {}) {
        return run([on = active(), table = std::move(table)] { return on->create_table(table); },
                   std::forward<Token>(token));
    }
    /// Signature: `void(error_code)`.
    template <class Token = boost::asio::deferred_t>
    auto async_checkpoint(Token&& token = {}) {
        return run([on = active()] { return on->checkpoint(); }, std::forward<Token>(token));
    }
    /// Signature: `void(error_code, std::map<std::string, std::int64_t>)`.
    template <class Token = boost::asio::deferred_t>
    auto async_stats(Token&& token = {}) {
        return run([on = active()] { return on->stats(); }, std::forward<Token>(token));
    }

    /// Begins a transaction that any server knows, and which operations without its number do not join. Signature:
    /// `void(error_code, std::uint64_t)`, the number.
    template <class Token = boost::asio::deferred_t>
    auto async_begin_transaction(Token&& token = {}) {
        return run([on = active()] { return on->begin(); }, std::forward<Token>(token));
    }
    /// Begins one that reads and writes as `access` says. For weft's servers, as everything that ends with `_in`.
    template <class Token = boost::asio::deferred_t>
    auto async_begin_transaction(transaction_access access, Token&& token = {}) {
        return run([on = active(), access] { return on->begin_scope(access); }, std::forward<Token>(token));
    }
    /// Signature: `void(error_code, std::uint64_t)`, the number of the commit.
    template <class Token = boost::asio::deferred_t>
    auto async_commit(std::uint64_t id, Token&& token = {}) {
        return run([on = active(), id] { return on->commit(id); }, std::forward<Token>(token));
    }
    /// Signature: `void(error_code)`.
    template <class Token = boost::asio::deferred_t>
    auto async_abort(std::uint64_t id, Token&& token = {}) {
        return run([on = active(), id] { return on->abort(id); }, std::forward<Token>(token));
    }
    /// Operations of a transaction; 0 is one of their own. Signatures as without `_in`; an empty value is a value.
    template <class Token = boost::asio::deferred_t>
    auto async_get_in(std::uint64_t id, std::string key, Token&& token = {}) {
        return run([on = active(), id, key = std::move(key)] { return on->scoped_get(id, key); },
                   std::forward<Token>(token));
    }
    template <class Token = boost::asio::deferred_t>
    auto async_put_in(std::uint64_t id, std::string key, std::string value, Token&& token = {}) {
        return run([on = active(), id, key = std::move(key),
                    value = std::move(value)] { return on->scoped_put(id, key, value); },
                   std::forward<Token>(token));
    }
    template <class Token = boost::asio::deferred_t>
    auto async_erase_in(std::uint64_t id, std::string key, Token&& token = {}) {
        return run([on = active(), id, key = std::move(key)] { return on->scoped_erase(id, key); },
                   std::forward<Token>(token));
    }
    /// The entries behind `after`, of those that begin with `prefix`: a portion. Signature:
    /// `void(error_code, protocol::scan_portion)`.
    template <class Token = boost::asio::deferred_t>
    auto async_scan_in(std::uint64_t id, std::string prefix, std::string after, Token&& token = {}) {
        return run(
            [on = active(), id, prefix = std::move(prefix), after = std::move(after)] {
                protocol::scan_request wanted;
                wanted.scope = id;
                wanted.prefix = prefix;
                wanted.after = after;
                return on->scoped_scan(wanted);
            },
            std::forward<Token>(token));
    }
    template <class Token = boost::asio::deferred_t>
    auto async_query_in(std::uint64_t id, protocol::query_request query, Token&& token = {}) {
        return run([on = active(), id, query = std::move(query)] { return on->scoped_query(id, query); },
                   std::forward<Token>(token));
    }
    /// SQL with plain `?` for the parameters, copies of which are kept. Signature: `void(error_code, sql_answer)`.
    template <class Token = boost::asio::deferred_t>
    auto async_sql_in(std::uint64_t id, std::string sql, std::vector<value> parameters, Token&& token = {}) {
        return run(
            [on = active(), id, sql = std::move(sql), parameters = std::move(parameters)] {
                std::vector<cell> cells;
                for (const value& v : parameters) cells.push_back(v.view());
                return on->sql(id, sql, std::span<const cell>(cells.data(), cells.size()));
            },
            std::forward<Token>(token));
    }
    /// SQL that is a transaction of its own.
    template <class Token = boost::asio::deferred_t>
    auto async_sql(std::string sql, std::vector<value> parameters = {}, Token&& token = {}) {
        return async_sql_in(0, std::move(sql), std::move(parameters), std::forward<Token>(token));
    }

    /// Aborts all transactions that are open. Signature: `void(error_code)`.
    template <class Token = boost::asio::deferred_t>
    auto async_reset(Token&& token = {}) {
        return run([on = active()] { return on->reset(); }, std::forward<Token>(token));
    }
    /// Ends the connection at once; an operation under way fails, and the server aborts its transactions.
    void close() noexcept {
        if (session_) session_->close();
    }

private:
    using session_type = session<net::asio_socket>;

    session_type* active() const {
        if (!session_) throw programming_error("the client was never connected");
        return session_.get();
    }

    template <class Work, class Token>
    auto run(Work work, Token&& token) {
        return net::async_run(session_->stream(), *diagnostics_, std::move(work), std::forward<Token>(token));
    }

    executor_type executor_;
    std::unique_ptr<session_type> session_;
    std::unique_ptr<weft::diagnostics> diagnostics_ = std::make_unique<weft::diagnostics>();
};

} // namespace weft::inline v0::toondb
