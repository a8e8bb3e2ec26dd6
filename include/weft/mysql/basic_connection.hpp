// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `basic_connection<Stream>`: a blocking connection to a SingleStore, MySQL or MariaDB server. `plain_connection` is
/// the one without TLS; `weft/mysql/connection.hpp` has the usual one, with TLS.
///
/// Threads: a connection and what reads from it are used by one thread at a time. Only `shutdown()` and `kill_query()`
/// may be called from any thread.

#include <weft/cursor/connection_interface.hpp>
#include <weft/mysql/detail/pipeline.hpp>
#include <weft/mysql/result.hpp>
#include <weft/mysql/session.hpp>
#include <weft/mysql/transaction.hpp>
#include <weft/net/socket.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weft::inline v0::mysql {

/// `Arch` is the instruction set that rows are read with, one of `simd::arch`: the best of the processor, which is
/// found when the program runs, unless it is fixed here.
template <net::blocking_byte_stream Stream, class Arch = simd::arch::dispatched>
class basic_connection : public connection_interface<basic_connection<Stream, Arch>> {
public:
    /// Connects and logs in. \throws operational_error 2003 when no host takes the connection, 1045 and others of the
    /// server when it refuses the login.
    explicit basic_connection(connect_options options)
        : session_(std::make_shared<mysql::session<Stream>>(Stream(net::socket()), std::move(options))) {
        net::run_now(session_->connect());
        dialect = session_->dialect();
    }
    /// Logs in over a stream that is connected already.
    basic_connection(basic_connection&&) noexcept = default;
    basic_connection& operator=(basic_connection&&) noexcept = default;
    ~basic_connection() {
        if (session_ && session_.use_count() == 1) close();
    }

    /// How the server reads SQL text in the session's mode.
    sql_dialect dialect;
    /// The same in the mode sessions begin in, unless the server is told otherwise.
    static constexpr sql_dialect usual_dialect = protocol::dialect_of({});

    /// Executes a text, or a statement with parameters. Reads nothing more than the first answer.
    basic_result<Stream, Arch> run(std::string_view sql, std::span<const cell> parameters) {
        mysql::session<Stream>& on = session();
        net::run_now(parameters.empty() ? on.query(sql) : on.execute(sql, parameters));
        dialect = on.dialect();
        return basic_result<Stream, Arch>(session_);
    }

    /// Executes one statement for many rows of parameters, in one transaction where autocommit is on and none is
    /// active.
    std::int64_t run_many(std::string_view sql, parameter_rows& rows) {
        return net::run_now(session().execute_many_or_none(sql, &rows));
    }

    /// Executes several texts in one round trip. For each text its affected rows or its error, after which the others
    /// are executed all the same.
    std::vector<result<std::int64_t>> pipeline(std::vector<std::string> texts) {
        return net::run_now(detail::pipeline<std::int64_t>(&session(), std::move(texts),
                                                           &detail::count_affected<mysql::session<Stream>>));
    }
    /// The same for queries: the rows of each.
    template <result_format Format>
    std::vector<result<typename Format::result_type>> pipeline(std::vector<std::string> texts) {
        return net::run_now(detail::pipeline<typename Format::result_type>(
            &session(), std::move(texts), &detail::read_first_rows<Format, Arch, mysql::session<Stream>>));
    }

    /// Executes `LOAD DATA LOCAL INFILE 'any name' INTO TABLE …` with data of the program's. Returns the rows.
    std::int64_t load_local(sql_text sql, infile_source& data) {
        session().set_infile(&data);
        const auto forget = [this](void*) { session_->set_infile(nullptr); };
        const std::unique_ptr<void, decltype(forget)> scope(&data, forget);
        return this->execute(sql);
    }

    /// Begins a transaction; it is rolled back unless its commit() is called.
    [[nodiscard]] transaction<Stream> begin(transaction_options settings = {}) {
        session();
        return transaction<Stream>(session_, settings);
    }
    /// Begins a savepoint inside a transaction; it is rolled back unless its release() is called.
    [[nodiscard]] savepoint<Stream> begin_savepoint() {
        session();
        return savepoint<Stream>(session_);
    }
    /// Calls `f()` in a transaction: commits when it returns, rolls back when it throws. Returns what `f` returns.
    template <class F>
    decltype(auto) in_transaction(F&& f) {
        transaction<Stream> scope = begin();
        if constexpr (std::is_void_v<decltype(std::forward<F>(f)())>) {
            std::forward<F>(f)();
            scope.commit();
        } else {
            decltype(auto) outcome = std::forward<F>(f)();
            scope.commit();
            return outcome;
        }
    }
    bool has_transaction() const { return (session().status() & protocol::status::in_transaction) != 0; }

    /// Commits after each statement, or not. Sent only when the server's mode differs.
    void set_autocommit(bool on) {
        if (autocommit() != on) this->execute(on ? "SET AUTOCOMMIT = 1" : "SET AUTOCOMMIT = 0");
    }
    bool autocommit() const { return (session().status() & protocol::status::autocommit) != 0; }

    /// Whether the server answers; throws when it does not.
    void ping() { net::run_now(session().ping()); }
    /// Makes the session as it was after the login: no transaction, no variables, no prepared statements.
    void reset() {
        net::run_now(session().reset());
        dialect = session_->dialect();
    }
    /// Makes `database` the default.
    void use_database(std::string database) { net::run_now(session().use_database(std::move(database))); }
    /// Logs in as somebody else on the same connection.
    void change_user(std::string user, std::string password, std::string database = {}) {
        net::run_now(session().change_user(std::move(user), std::move(password), std::move(database)));
        dialect = session_->dialect();
    }

    /// Ends the statement that runs on this connection, through a second connection. From any thread.
    void kill_query() const {
        basic_connection other(session().options());
        other.execute("KILL QUERY " + std::to_string(thread_id()));
    }
    /// Makes the operation under way fail and the connection unusable. From any thread.
    void shutdown() noexcept { session_->stream().shutdown(); }

    /// Says goodbye. Idempotent.
    void close() noexcept {
        if (session_) {
            try {
                net::run_now(session_->quit());
            } catch (...) { // no memory for a goodbye
                session_->close();
            }
        }
    }
    bool is_open() const noexcept { return session_ && session_->is_open(); }

    /// Id of the connection at the server, for KILL.
    std::uint32_t thread_id() const { return session().thread_id(); }
    /// The server's family and version, as it says itself.
    const protocol::server_identity& server() const { return session().server(); }
    const std::string& server_version() const { return session().server_version(); }
    /// The default database, followed as far as the server reports its changes.
    const std::string& database() const { return session().database(); }
    bool is_secure() const { return session().stream().is_secure(); }
    /// Whether the two sides compress: the options ask for it and the server can.
    bool is_compressed() const { return session().is_compressed(); }
    /// Where the connection goes.
    std::string host_name() const { return net::stream_name(session().stream()); }

    /// An identifier in quotes, safe to be put into SQL text.
    std::string quote_identifier(std::string_view name) const {
        std::string out;
        protocol::append_identifier(out, name, session().literal_rules());
        return out;
    }
    /// A value as a literal of the session, safe to be put into SQL text.
    template <cell_writable T>
    std::string quote(const T& value) const {
        std::string out;
        cell_storage storage;
        protocol::append_literal(out, to_cell(value, storage), session().literal_rules());
        return out;
    }

private:
    mysql::session<Stream>& session() const {
        if (!session_) throw programming_error("the connection is closed");
        return *session_;
    }

    std::shared_ptr<mysql::session<Stream>> session_;
};

/// Without TLS, and without the compile time it takes.
using plain_connection = basic_connection<net::socket>;

} // namespace weft::inline v0::mysql
