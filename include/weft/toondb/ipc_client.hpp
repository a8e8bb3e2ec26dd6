// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `ipc_client`: a blocking client of a ToonDB server.

#include <weft/cursor/connection_interface.hpp>
#include <weft/net/socket.hpp>
#include <weft/toondb/ipc_query.hpp>
#include <weft/toondb/ipc_scan.hpp>
#include <weft/toondb/ipc_transaction.hpp>
#include <weft/toondb/session.hpp>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace weft::inline v0::toondb {

/// A connection to a ToonDB server: keys, paths, scans, queries with any server; transactions with operations in them,
/// SQL and scans of any size with weft's.
///
///     auto client = ipc_client::connect("/tmp/toondb.sock");
///     client.put("users/1", "Alice");
///     for (const auto& row : client.query("users/").limit(10).to_list()) …
///
/// Errors: connection_error when the server cannot be reached, goes away or does not answer in time, and then the
/// client is closed; protocol_error when it says what it should not; database_error with the server's text, for
/// transactions embedded::transaction_error and transaction_conflict. Used by one thread at a time. Every operation is
/// a transaction of its own; those of `transaction()` belong to that.
template <net::blocking_byte_stream Stream>
class basic_ipc_client : public connection_interface<basic_ipc_client<Stream>> {
public:
    using transaction_type = ipc_transaction<Stream>;

    static constexpr sql_dialect dialect = ipc_dialect;

    /// Over a stream that is connected already.
    explicit basic_ipc_client(Stream stream) : session_(std::make_shared<session<Stream>>(std::move(stream))) {}
    /// Connects. \throws connection_error `Failed to connect to …`.
    explicit basic_ipc_client(server_address to, const client_options& options = {})
        requires std::default_initializable<Stream> && net::connectable_stream<Stream>
        : basic_ipc_client(Stream()) {
        net::run_now(session_->connect(std::move(to), options));
    }
    /// The same.
    static basic_ipc_client connect(server_address to, const client_options& options = {}) {
        return basic_ipc_client(std::move(to), options);
    }
    basic_ipc_client(basic_ipc_client&&) noexcept = default;
    basic_ipc_client& operator=(basic_ipc_client&& other) noexcept {
        if (this != &other) {
            close();
            session_ = std::move(other.session_);
        }
        return *this;
    }
    ~basic_ipc_client() { close(); }

    /// Ends the connection; the server aborts its transactions. Never fails, idempotent.
    void close() noexcept {
        if (session_) session_->close();
    }
    bool is_open() const noexcept { return session_ && session_->is_open(); }

    /// How long the server takes to answer, in seconds.
    double ping() { return net::run_now(on().ping()); }

    void put(std::string_view key, std::string_view value) { net::run_now(on().put(key, value)); }
    /// The value, or nothing. An empty value is nothing, too: the protocol has the same answer for both; `find` tells
    /// them apart.
    std::optional<std::string> get(std::string_view key) { return net::run_now(on().get(key)); }
    /// The value, or nothing; an empty value is a value. Needs a weft server.
    std::optional<std::string> find(std::string_view key) { return net::run_now(on().scoped_get(0, key)); }
    /// Erases; a key without a value is fine. ToonDB's name for it, `delete`, is a keyword of C++.
    void erase(std::string_view key) { net::run_now(on().erase(key)); }

    /// A path by its segments, which joined by `/` are the key.
    template <class Segments>
    void put_path(const Segments& segments, std::string_view value) {
        net::run_now(on().put_path(segments, value));
    }
    void put_path(std::initializer_list<std::string_view> segments, std::string_view value) {
        net::run_now(on().put_path(segments, value));
    }
    template <class Segments>
    std::optional<std::string> get_path(const Segments& segments) {
        return net::run_now(on().get_path(segments));
    }
    std::optional<std::string> get_path(std::initializer_list<std::string_view> segments) {
        return net::run_now(on().get_path(segments));
    }

    /// All entries whose keys begin with `prefix` (bytes: `user` finds `users/1`, too), in order. The answer is one
    /// message: more than 16 MiB is an error. Keys that are no UTF-8 are left out.
    std::vector<key_value> scan(std::string_view prefix) { return net::run_now(on().scan(prefix)); }
    /// The same in portions: of any size, with any keys. Needs a weft server.
    ipc_scan<Stream> scan_all(std::string_view prefix) {
        on();
        return ipc_scan<Stream>(session_, 0, prefix);
    }

    using connection_interface<basic_ipc_client<Stream>>::query;
    /// A query, to be built; see `ipc_query`.
    ipc_query<Stream> query(std::string_view prefix) {
        on();
        return ipc_query<Stream>(session_, std::nullopt, prefix);
    }

    /// Declares a table, for as long as the server runs.
    void create_table(std::string name, std::vector<column> columns) {
        net::run_now(on().create_table({std::move(name), std::move(columns)}));
    }

    /// A transaction by its number, as ToonDB's clients have it. put() and the like do not belong to it.
    /// \throws embedded::transaction_error
    std::uint64_t begin_transaction() { return net::run_now(on().begin()); }
    /// The number of the commit. \throws embedded::transaction_error `Transaction not found: N`
    std::uint64_t commit(std::uint64_t id) { return net::run_now(on().commit(id)); }
    void abort(std::uint64_t id) { net::run_now(on().abort(id)); }

    /// Begins a transaction with operations of its own. Needs a weft server.
    [[nodiscard]] transaction_type transaction(transaction_access access = transaction_access::read_write) {
        on();
        return transaction_type(session_, access);
    }
    /// Calls `f(transaction)` and commits; aborts when it throws. After a conflict it is called again in a transaction
    /// that cannot meet another. Returns what `f` returns, or the number of the commit.
    template <class F>
    auto with_transaction(F&& f) {
        try {
            return attempt_transaction(f, transaction_access::read_write);
        } catch (const embedded::transaction_conflict&) { // its transaction is over by now
        }
        return attempt_transaction(f, transaction_access::write_now);
    }
    /// Whether transactions are open.
    bool has_transaction() const noexcept { return session_ && !session_->transactions().empty(); }
    /// Aborts all transactions that are open; what a pool does with a client that comes back.
    void reset() { net::run_now(on().reset()); }
    void rollback() { reset(); }

    void checkpoint() { net::run_now(on().checkpoint()); }
    /// The server's figures by name; see `server_stats`.
    std::map<std::string, std::int64_t> stats() { return net::run_now(on().stats()); }

    /// SQL, through the short forms of every connection and cursors; a transaction of its own. The rows come at once.
    /// Needs a weft server.
    sql_answer run(std::string_view sql, std::span<const cell> cells) { return net::run_now(on().sql(0, sql, cells)); }
    std::int64_t run_many(std::string_view sql, parameter_rows& rows) {
        transaction_type all = transaction(transaction_access::write_now);
        const std::int64_t affected = all.run_many(sql, rows);
        all.commit();
        return affected;
    }

    Stream& stream() { return on().stream(); }

private:
    session<Stream>& on() const {
        if (!session_) throw connection_error("Connection closed");
        return *session_;
    }

    template <class F>
    auto attempt_transaction(F& f, transaction_access access) {
        transaction_type scope = transaction(access);
        if constexpr (std::is_void_v<decltype(f(scope))>) {
            f(scope);
            return scope.is_active() ? scope.commit() : std::uint64_t{0};
        } else {
            auto outcome = f(scope);
            if (scope.is_active()) scope.commit();
            return outcome;
        }
    }

    std::shared_ptr<session<Stream>> session_;
};

/// The client over a Unix socket or loopback TCP.
using ipc_client = basic_ipc_client<net::socket>;

} // namespace weft::inline v0::toondb
