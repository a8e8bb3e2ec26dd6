// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Transactions and savepoints as scopes: what is not committed when the scope ends is rolled back.

#include <weft/embedded/detail/connection_state.hpp>

namespace weft::inline v0::embedded {

/// When a transaction takes its write lock.
enum class transaction_mode : unsigned char {
    deferred,  ///< at the first write; it may then fail with a busy error
    immediate, ///< at once
};

/// A scope that ends in commit() or, without it, in a rollback. Move-only. Must not outlive its database.
class transaction {
public:
    explicit transaction(shared<detail::connection_state> connection,
                         transaction_mode mode = transaction_mode::immediate)
        : connection_(std::move(connection)) {
        if (sqlite3_get_autocommit(connection_->handle()) == 0) {
            throw programming_error("a transaction is already active; use a savepoint inside it");
        }
        detail::run_command(*connection_, mode == transaction_mode::immediate ? "BEGIN IMMEDIATE" : "BEGIN");
    }
    transaction(transaction&&) noexcept = default;
    transaction& operator=(transaction&&) = delete;
    ~transaction() { abandon(); }

    /// Makes the changes durable. When it fails with a busy error the transaction is still active and may be tried
    /// again.
    void commit() {
        detail::run_command(*active(), "COMMIT");
        connection_ = nullptr;
    }

    /// Undoes the changes.
    void rollback() {
        active();
        const auto connection = std::exchange(connection_, nullptr);
        if (sqlite3_get_autocommit(connection->handle()) == 0) detail::run_command(*connection, "ROLLBACK");
    }

    bool is_active() const noexcept { return connection_ != nullptr; }

private:
    const shared<detail::connection_state>& active() const {
        if (!connection_) throw programming_error("the transaction has already ended");
        return connection_;
    }

    void abandon() noexcept {
        // An error inside may have ended the transaction already.
        if (connection_ && connection_->is_open() && sqlite3_get_autocommit(connection_->handle()) == 0) {
            sqlite3_exec(connection_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
        }
    }

    shared<detail::connection_state> connection_;
};

/// A scope inside a transaction (or a transaction of its own) that can be undone alone.
class savepoint {
public:
    explicit savepoint(shared<detail::connection_state> connection) : connection_(std::move(connection)) {
        detail::run_command(*connection_, "SAVEPOINT weft_savepoint");
    }
    savepoint(savepoint&&) noexcept = default;
    savepoint& operator=(savepoint&&) = delete;
    ~savepoint() { abandon(); }

    /// Keeps the changes as part of the surrounding transaction.
    void release() {
        detail::run_command(*active(), "RELEASE weft_savepoint");
        connection_ = nullptr;
    }

    /// Undoes the changes since the savepoint and ends it. Savepoints end in the reverse order of their beginning.
    void rollback() {
        detail::run_command(*active(), "ROLLBACK TO weft_savepoint");
        detail::run_command(*connection_, "RELEASE weft_savepoint");
        connection_ = nullptr;
    }

    bool is_active() const noexcept { return connection_ != nullptr; }

private:
    const shared<detail::connection_state>& active() const {
        if (!connection_) throw programming_error("the savepoint has already ended");
        return connection_;
    }

    void abandon() noexcept {
        if (connection_ && connection_->is_open() && sqlite3_get_autocommit(connection_->handle()) == 0) {
            sqlite3_exec(connection_->handle(), "ROLLBACK TO weft_savepoint; RELEASE weft_savepoint", nullptr, nullptr,
                         nullptr);
        }
    }

    shared<detail::connection_state> connection_;
};

} // namespace weft::inline v0::embedded
