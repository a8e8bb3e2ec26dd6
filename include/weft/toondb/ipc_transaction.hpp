// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `ipc_transaction`: operations and SQL on a server that happen together or not at all.

#include <weft/cursor/connection_interface.hpp>
#include <weft/toondb/ipc_query.hpp>
#include <weft/toondb/ipc_scan.hpp>
#include <weft/toondb/session.hpp>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace weft::inline v0::toondb {

/// SQL as servers read it, which is SQLite's.
inline constexpr sql_dialect ipc_dialect{.bracket_identifiers = true, .sigil_parameters = true};

namespace detail {

/// Executes a statement for many rows in a scope.
template <class Stream>
std::int64_t run_rows_in(session<Stream>& on, std::uint64_t scope, std::string_view sql, parameter_rows& rows) {
    std::int64_t affected = 0;
    std::span<const cell> row;
    while (rows.next(row)) affected += net::run_now(on.sql(scope, sql, row)).affected_rows();
    return affected;
}

} // namespace detail

/// A transaction of a client, made by its `transaction()`. It needs a weft server: others do not know its operations.
/// It reads the snapshot of its beginning and what it wrote itself; nothing is visible to others before commit(), and
/// without it the destructor aborts. The rules are those of `embedded::kv_transaction`: when somebody else was first, a
/// write throws embedded::transaction_conflict and the transaction is over. Move-only. The client may be used
/// meanwhile: its own operations do not belong to the transaction.
template <net::blocking_byte_stream Stream>
class ipc_transaction : public connection_interface<ipc_transaction<Stream>> {
public:
    static constexpr sql_dialect dialect = ipc_dialect;

    ipc_transaction(std::shared_ptr<session<Stream>> on, transaction_access access)
        : session_(std::move(on)), id_(net::run_now(session_->begin_scope(access))) {}
    ipc_transaction(ipc_transaction&& other) noexcept
        : session_(std::move(other.session_)), id_(std::exchange(other.id_, 0)) {}
    ipc_transaction& operator=(ipc_transaction&&) = delete;
    ~ipc_transaction() {
        if (!is_active()) return;
        try {
            abort();
        } catch (const error&) { // the server aborts it when the connection ends
        }
    }

    /// Its number among those of the connection.
    std::uint64_t id() const noexcept { return id_; }
    /// Whether it has been neither committed nor aborted here.
    bool is_active() const noexcept { return session_ && id_ != 0 && session_->is_open(); }

    /// The value, or nothing; an empty value is a value.
    std::optional<std::string> get(std::string_view key) { return net::run_now(on().scoped_get(id_, key)); }
    void put(std::string_view key, std::string_view value) { net::run_now(on().scoped_put(id_, key, value)); }
    void erase(std::string_view key) { net::run_now(on().scoped_erase(id_, key)); }
    /// Segments joined by `/` are the key.
    void put_path(std::initializer_list<std::string_view> segments, std::string_view value) {
        put(joined(segments), value);
    }
    std::optional<std::string> get_path(std::initializer_list<std::string_view> segments) {
        return get(joined(segments));
    }
    void erase_path(std::initializer_list<std::string_view> segments) { erase(joined(segments)); }

    /// Entries whose keys begin with `prefix`, in order.
    ipc_scan<Stream> scan(std::string_view prefix) {
        on();
        return ipc_scan<Stream>(session_, id_, prefix);
    }

    using connection_interface<ipc_transaction<Stream>>::query;
    /// A query; see `ipc_query`.
    ipc_query<Stream> query(std::string_view prefix) {
        on();
        return ipc_query<Stream>(session_, id_, prefix);
    }

    /// SQL, through the short forms of every connection and cursors. The rows come at once.
    sql_answer run(std::string_view sql, std::span<const cell> cells) {
        return net::run_now(on().sql(id_, sql, cells));
    }
    std::int64_t run_many(std::string_view sql, parameter_rows& rows) {
        return detail::run_rows_in(on(), id_, sql, rows);
    }

    /// Makes the changes visible and durable as the server's mode says; returns the number of the commit. Throws
    /// embedded::transaction_error when that fails, and then nothing has happened.
    std::uint64_t commit() {
        session<Stream>& s = on();
        return net::run_now(s.commit(std::exchange(id_, 0)));
    }
    /// Undoes everything. Again it does nothing.
    void abort() {
        if (is_active()) net::run_now(session_->abort(std::exchange(id_, 0)));
    }
    /// The same.
    void rollback() { abort(); }

private:
    session<Stream>& on() const {
        if (!session_ || id_ == 0) throw embedded::transaction_error("Transaction already completed");
        return *session_;
    }
    static std::string joined(std::initializer_list<std::string_view> segments) {
        std::string key;
        bool first = true;
        for (const std::string_view segment : segments) {
            if (!std::exchange(first, false)) key += '/';
            key += segment;
        }
        return key;
    }

    std::shared_ptr<session<Stream>> session_;
    std::uint64_t id_; // 0: over
};

} // namespace weft::inline v0::toondb
