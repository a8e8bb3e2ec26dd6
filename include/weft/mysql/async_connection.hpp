// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `async_connection`: the connection for programs on Asio. Every operation takes a completion token (`use_awaitable`,
/// `as_tuple`, `use_future`, a callback, …), `deferred` by default, so that a bare `co_await` works.
///
/// * Handlers get `(error_code, result)`; what else is known about an error is in `diagnostics()` until the next
///   operation. They run on their associated executor, by default the connection's, never within the call that starts
///   the operation.
/// * One operation at a time. A connection is used on its executor: an io_context that one thread runs, or a strand.
/// * Cancellation of any type, and the timeouts of the options, leave the connection closed.
/// * The connection must outlive its operations; statements and options are copied into them.

#include <weft/core/error_code.hpp>
#include <weft/cursor/execute_many.hpp>
#include <weft/format/format.hpp>
#include <weft/mysql/detail/pipeline.hpp>
#include <weft/mysql/detail/read_set.hpp>
#include <weft/mysql/session.hpp>
#include <weft/mysql/statement.hpp>
#include <weft/net/asio_socket.hpp>
#include <weft/net/async.hpp>
#include <weft/net/tls.hpp>

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weft::inline v0::mysql {

/// `Arch` is the instruction set that rows are read with, as with basic_connection.
template <class Arch = simd::arch::dispatched>
class basic_async_connection {
public:
    using executor_type = net::asio_socket::executor_type;
    using stream_type = net::secured<net::asio_socket>;

    /// Not connected. `on` is an executor, or an execution context such as an io_context.
    template <class ExecutorOrContext>
        requires(!std::same_as<std::remove_cvref_t<ExecutorOrContext>, basic_async_connection>)
    explicit basic_async_connection(ExecutorOrContext&& on) : executor_(net::executor_of(on)) {}
    basic_async_connection(basic_async_connection&&) noexcept = default;
    basic_async_connection& operator=(basic_async_connection&&) noexcept = default;

    executor_type get_executor() const noexcept { return executor_; }
    bool is_open() const noexcept { return session_ && session_->is_open(); }
    /// What is known about the error of the last operation.
    const weft::diagnostics& diagnostics() const noexcept { return *diagnostics_; }

    /// Connects and logs in. Signature: `void(error_code)`.
    template <class Token = boost::asio::deferred_t>
    auto async_connect(connect_options options, Token&& token = {}) {
        session_ = std::make_unique<session_type>(stream_type(net::asio_socket(executor_)), std::move(options));
        return run(session_->connect(), std::forward<Token>(token));
    }

    /// Executes every statement of a text. Signature: `void(error_code, std::int64_t)`, the affected rows of all.
    template <class Token = boost::asio::deferred_t>
    auto async_execute(statement sql, Token&& token = {}) {
        return run_with(
            std::move(sql), [](session_type* on, const statement* what) { return execute(on, what); },
            std::forward<Token>(token));
    }

    /// Executes `sql` once for each element of `rows`, which become part of the operation: structs, tuples, single
    /// values, dicts; all of them or, in autocommit mode, none. Signature: `void(error_code, std::int64_t)`, the
    /// affected rows of all.
    template <parameter_range Rows, class Token = boost::asio::deferred_t>
    auto async_execute_many(std::string sql, Rows rows, Token&& token = {}) {
        return run(execute_many(&active(), std::move(sql), std::move(rows)), std::forward<Token>(token));
    }

    /// Executes `LOAD DATA LOCAL INFILE 'any name' INTO TABLE …` with data of the program's. Its read() is called on
    /// the connection's executor, which waits for it. Signature: `void(error_code, std::int64_t)`, the rows.
    template <class Token = boost::asio::deferred_t>
    auto async_load_local(statement sql, std::unique_ptr<infile_source> data, Token&& token = {}) {
        return run_with(
            std::move(sql),
            [source = std::shared_ptr<infile_source>(std::move(data))](session_type* on, const statement* what) {
                return load_local(on, what, source.get());
            },
            std::forward<Token>(token));
    }

    /// Executes a statement and reads the rows of its first set that has columns, in `Format`. Signature:
    /// `void(error_code, Format::result_type)`.
    template <result_format Format, class Token = boost::asio::deferred_t>
    auto async_query(statement sql, Token&& token = {}) {
        return run_with(
            std::move(sql), [](session_type* on, const statement* what) { return query<Format>(on, what); },
            std::forward<Token>(token));
    }

    /// Starts a statement whose rows are then read in portions with async_fetch(). Signature: `void(error_code)`.
    template <class Token = boost::asio::deferred_t>
    auto async_start(statement sql, Token&& token = {}) {
        return run_with(
            std::move(sql), [](session_type* on, const statement* what) { return start(on, what); },
            std::forward<Token>(token));
    }
    /// Up to `count` further rows of the current set; none at its end. Signature: `void(error_code,
    /// Format::result_type)`.
    template <result_format Format, class Token = boost::asio::deferred_t>
    auto async_fetch(std::size_t count, Token&& token = {}) {
        return run(detail::read_set<Format, Arch>(&active(), count), std::forward<Token>(token));
    }
    /// Moves to the next set. Signature: `void(error_code, bool)`, false when there is none.
    template <class Token = boost::asio::deferred_t>
    auto async_next_set(Token&& token = {}) {
        return net::async_run(
            active().stream(), *diagnostics_, [on = &active()] { return on->next_set(); }, std::forward<Token>(token));
    }
    /// Columns of the current set; empty when it has none.
    const schema& layout() const { return active().layout()->columns; }
    const set_summary& summary() const { return active().summary(); }

    /// Executes several texts in one round trip. Signature: `void(error_code, std::vector<result<std::int64_t>>)`: for
    /// each text its affected rows or its error, after which the others are executed all the same.
    template <class Token = boost::asio::deferred_t>
        requires(!result_format<Token>)
    auto async_pipeline(std::vector<std::string> texts, Token&& token = {}) {
        return run(detail::pipeline<std::int64_t>(&active(), std::move(texts), &detail::count_affected<session_type>),
                   std::forward<Token>(token));
    }
    /// The same for queries. Signature: `void(error_code, std::vector<result<Format::result_type>>)`.
    template <result_format Format, class Token = boost::asio::deferred_t>
    auto async_pipeline(std::vector<std::string> texts, Token&& token = {}) {
        return run(detail::pipeline<typename Format::result_type>(&active(), std::move(texts),
                                                                  &detail::read_first_rows<Format, Arch, session_type>),
                   std::forward<Token>(token));
    }

    /// Whether the server answers. Signature: `void(error_code)`.
    template <class Token = boost::asio::deferred_t>
    auto async_ping(Token&& token = {}) {
        return run(active().ping(), std::forward<Token>(token));
    }
    /// Makes the session as it was after the login. Signature: `void(error_code)`.
    template <class Token = boost::asio::deferred_t>
    auto async_reset(Token&& token = {}) {
        return run(active().reset(), std::forward<Token>(token));
    }
    /// Makes `database` the default. Signature: `void(error_code)`.
    template <class Token = boost::asio::deferred_t>
    auto async_use_database(std::string database, Token&& token = {}) {
        return run(active().use_database(std::move(database)), std::forward<Token>(token));
    }
    /// Logs in as somebody else. Signature: `void(error_code)`.
    template <class Token = boost::asio::deferred_t>
    auto async_change_user(std::string user, std::string password, std::string database, Token&& token = {}) {
        return run(active().change_user(std::move(user), std::move(password), std::move(database)),
                   std::forward<Token>(token));
    }
    /// Says goodbye. Never fails. Signature: `void(error_code)`.
    template <class Token = boost::asio::deferred_t>
    auto async_close(Token&& token = {}) {
        return run(active().quit(), std::forward<Token>(token));
    }
    /// Ends the connection at once; an operation under way fails.
    void close() noexcept {
        if (session_) session_->close();
    }

    /// Id of the connection at the server, for KILL.
    std::uint32_t thread_id() const { return active().thread_id(); }
    const protocol::server_identity& server() const { return active().server(); }
    const std::string& server_version() const { return active().server_version(); }
    const std::string& database() const { return active().database(); }
    bool is_secure() const { return active().stream().is_secure(); }
    /// Whether the two sides compress: the options ask for it and the server can.
    bool is_compressed() const { return active().is_compressed(); }
    bool has_transaction() const { return (active().status() & protocol::status::in_transaction) != 0; }
    /// How literals are written for this session; see protocol::append_literal().
    protocol::literal_rules literal_rules() const { return active().literal_rules(); }

private:
    using session_type = session<stream_type>;

    session_type& active() const {
        if (!session_) throw programming_error("the connection was never connected");
        return *session_;
    }

    template <class T, class Token>
    auto run(net::task<T> flow, Token&& token) {
        return net::async_run(active().stream(), *diagnostics_, std::move(flow), std::forward<Token>(token));
    }

    /// Runs a flow that reads a statement, which is kept with it. Errors learn the statement.
    template <class Flow, class Token>
    auto run_with(statement sql, Flow flow, Token&& token) {
        return run(keeping(&active(), std::move(sql), flow), std::forward<Token>(token));
    }

    template <class Flow>
    static auto keeping(session_type* on, statement sql, Flow flow) -> decltype(flow(on, &sql)) {
        try {
            co_return co_await flow(on, &sql);
        } catch (error& e) {
            e.add_context(sql.text(), std::source_location::current());
            throw;
        }
    }

    static net::task<> start(session_type* on, const statement* sql) {
        const std::vector<cell> cells = sql->cells();
        if (cells.empty()) {
            co_await on->query(sql->text());
        } else {
            co_await on->execute(sql->text(), cells);
        }
    }

    static net::task<std::int64_t> execute(session_type* on, const statement* sql) {
        co_await start(on, sql);
        co_return co_await detail::count_affected(on);
    }

    template <class Rows>
    static net::task<std::int64_t> execute_many(session_type* on, std::string sql, Rows rows) {
        try {
            if (std::ranges::begin(rows) == std::ranges::end(rows)) co_return 0;
            weft::detail::bound_rows<Rows> source(rows, sql, on->dialect());
            co_return co_await on->execute_many_or_none(source.text(), &source);
        } catch (error& e) {
            e.add_context(sql, std::source_location::current());
            throw;
        }
    }

    static net::task<std::int64_t> load_local(session_type* on, const statement* sql, infile_source* data) {
        on->set_infile(data);
        std::int64_t affected = 0;
        try {
            affected = co_await execute(on, sql);
        } catch (...) {
            on->set_infile(nullptr);
            throw;
        }
        on->set_infile(nullptr);
        co_return affected;
    }

    template <class Format>
    static net::task<typename Format::result_type> query(session_type* on, const statement* sql) {
        co_await start(on, sql);
        co_return co_await detail::read_first_rows<Format, Arch>(on);
    }

    executor_type executor_;
    std::unique_ptr<session_type> session_;
    std::unique_ptr<weft::diagnostics> diagnostics_ = std::make_unique<weft::diagnostics>();
};

using async_connection = basic_async_connection<>;

} // namespace weft::inline v0::mysql
