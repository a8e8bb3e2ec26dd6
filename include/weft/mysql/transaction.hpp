// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Transactions and savepoints as scopes.

#include <weft/mysql/session.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace weft::inline v0::mysql {

/// How much of other transactions a transaction sees.
enum class isolation : std::uint8_t {
    session_default,
    read_uncommitted,
    read_committed,
    repeatable_read,
    serializable
};

struct transaction_options {
    isolation level = isolation::session_default;
    bool read_only = false;
    bool consistent_snapshot = false; ///< the snapshot is taken at once, not at the first read
};

namespace detail {

/// Executes a statement that has no rows.
template <class Stream>
void run_command(session<Stream>& on, std::string_view sql) {
    net::run_now(on.query(sql));
}

inline std::string_view isolation_words(isolation level) noexcept {
    switch (level) {
    case isolation::read_uncommitted: return "READ UNCOMMITTED";
    case isolation::read_committed: return "READ COMMITTED";
    case isolation::repeatable_read: return "REPEATABLE READ";
    case isolation::serializable: return "SERIALIZABLE";
    case isolation::session_default: break;
    }
    return {};
}

inline std::string start_transaction(const transaction_options& settings) {
    std::string sql = "START TRANSACTION";
    if (settings.consistent_snapshot) sql += " WITH CONSISTENT SNAPSHOT";
    if (settings.read_only) sql += settings.consistent_snapshot ? ", READ ONLY" : " READ ONLY";
    return sql;
}

} // namespace detail

/// A scope that ends in commit() or, without it, in a rollback. Move-only.
template <net::blocking_byte_stream Stream>
class transaction {
public:
    explicit transaction(std::shared_ptr<session<Stream>> on, transaction_options settings = {})
        : session_(std::move(on)) {
        if ((session_->status() & protocol::status::in_transaction) != 0)
            throw programming_error("a transaction is already active; use a savepoint inside it");
        if (settings.level != isolation::session_default) {
            detail::run_command(*session_, "SET TRANSACTION ISOLATION LEVEL " +
                                               std::string(detail::isolation_words(settings.level)));
        }
        detail::run_command(*session_, detail::start_transaction(settings));
    }
    transaction(transaction&&) noexcept = default;
    transaction& operator=(transaction&&) = delete;
    ~transaction() {
        if (!session_ || !session_->is_open()) return;
        try {
            detail::run_command(*session_, "ROLLBACK");
        } catch (...) { // the server rolls back what a lost connection leaves
            session_->close();
        }
    }

    /// Makes the changes durable.
    void commit() { detail::run_command(*std::exchange(active(), nullptr), "COMMIT"); }
    /// Undoes the changes.
    void rollback() { detail::run_command(*std::exchange(active(), nullptr), "ROLLBACK"); }
    bool is_active() const noexcept { return session_ != nullptr; }

private:
    std::shared_ptr<session<Stream>>& active() {
        if (!session_) throw programming_error("the transaction has already ended");
        return session_;
    }

    std::shared_ptr<session<Stream>> session_;
};

/// A scope inside a transaction that can be undone alone. Savepoints end in the reverse order of their beginning.
template <net::blocking_byte_stream Stream>
class savepoint {
public:
    explicit savepoint(std::shared_ptr<session<Stream>> on) : session_(std::move(on)) {
        if ((session_->status() & protocol::status::in_transaction) == 0)
            throw programming_error("a savepoint needs a transaction; begin one first");
        name_ = "weft_savepoint_" + std::to_string(session_->statement_number());
        detail::run_command(*session_, "SAVEPOINT " + name_);
    }
    savepoint(savepoint&&) noexcept = default;
    savepoint& operator=(savepoint&&) = delete;
    ~savepoint() {
        if (!session_ || !session_->is_open()) return;
        try {
            detail::run_command(*session_, "ROLLBACK TO SAVEPOINT " + name_);
        } catch (...) { // an error inside may have ended the transaction, and the savepoint with it
        }
    }

    /// Keeps the changes as part of the transaction.
    void release() { detail::run_command(*std::exchange(active(), nullptr), "RELEASE SAVEPOINT " + name_); }
    /// Undoes the changes since the savepoint.
    void rollback() { detail::run_command(*std::exchange(active(), nullptr), "ROLLBACK TO SAVEPOINT " + name_); }
    bool is_active() const noexcept { return session_ != nullptr; }

private:
    std::shared_ptr<session<Stream>>& active() {
        if (!session_) throw programming_error("the savepoint has already ended");
        return session_;
    }

    std::shared_ptr<session<Stream>> session_;
    std::string name_;
};

} // namespace weft::inline v0::mysql
