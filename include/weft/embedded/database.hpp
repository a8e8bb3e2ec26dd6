// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `embedded::database`: SQL over a file or over memory, stored by SQLite.
///
/// Threads: a database object and everything that reads from it is used by one thread at a time; other threads open
/// objects of their own on the same file, which see each other's committed transactions. Only `interrupt()` may be
/// called from any thread.

#include <weft/cursor/connection_interface.hpp>
#include <weft/embedded/result.hpp>
#include <weft/embedded/transaction.hpp>

#include <cerrno>
#include <cstring>
#include <utility>

namespace weft::inline v0::embedded {

class database : public connection_interface<database> {
public:
    static constexpr sql_dialect dialect{.bracket_identifiers = true, .sigil_parameters = true};

    /// Opens `path`, or a database in memory for `:memory:`. Throws operational_error naming the path when the file
    /// cannot be opened, is no database, or is damaged.
    explicit database(const std::string& path, const database_options& settings = {})
        : state_(shared<detail::connection_state>::make(settings)), path_(path) {
        open(settings);
    }
    /// A moved-from database is closed.
    database(database&&) noexcept = default;
    database& operator=(database&&) noexcept = default;

    /// Ends the connection. Results that still read from it end with a programming_error. Idempotent.
    void close() noexcept {
        if (state_) state_->close();
    }
    bool is_open() const noexcept { return state_ && state_->is_open(); }
    const std::string& path() const noexcept { return path_; }

    /// Runs the first statement of a text; the rest runs as the result moves to the next set.
    sql_result run(std::string_view sql, std::span<const cell> cells) {
        handle();
        return {state_, sql, cells};
    }

    /// Whether the first statement of a text changes nothing in the file.
    bool is_read_only(std::string_view sql) {
        handle();
        std::string_view rest;
        shared<detail::statement> first = state_->prepare(sql, rest);
        if (!first) return true;
        const bool reads = sqlite3_stmt_readonly(first->handle()) != 0;
        state_->recycle(std::move(first));
        return reads;
    }

    /// Executes one statement for many rows of parameters in one transaction (a savepoint when one is active).
    std::int64_t run_many(std::string_view sql, parameter_rows& rows) {
        if (has_transaction()) {
            savepoint scope(state_);
            const std::int64_t affected = step_all(sql, rows);
            scope.release();
            return affected;
        }
        transaction scope(state_);
        const std::int64_t affected = step_all(sql, rows);
        scope.commit();
        return affected;
    }

    /// Begins a transaction; it is rolled back unless its commit() is called.
    [[nodiscard]] transaction begin(transaction_mode mode = transaction_mode::immediate) {
        handle();
        return transaction(state_, mode);
    }
    /// Begins a savepoint; it is rolled back unless its release() is called.
    [[nodiscard]] savepoint begin_savepoint() {
        handle();
        return savepoint(state_);
    }

    /// Calls `f()` in a transaction: commits when it returns, rolls back when it throws. Returns what `f` returns.
    template <class F>
    decltype(auto) in_transaction(F&& f) {
        transaction scope = begin();
        if constexpr (std::is_void_v<decltype(std::forward<F>(f)())>) {
            std::forward<F>(f)();
            scope.commit();
        } else {
            decltype(auto) outcome = std::forward<F>(f)();
            scope.commit();
            return outcome;
        }
    }

    /// Whether a transaction is active.
    bool has_transaction() const { return sqlite3_get_autocommit(handle()) == 0; }

    /// Id of the row inserted last on this connection.
    std::int64_t last_insert_id() const { return sqlite3_last_insert_rowid(handle()); }

    /// Makes a running statement fail with an operational_error soon. May be called from any thread while the database
    /// is open.
    void interrupt() noexcept {
        if (is_open()) sqlite3_interrupt(handle());
    }

    /// SQLite's handle, for what weft has no word for; owned by this object.
    sqlite3* native_handle() const { return handle(); }

private:
    sqlite3* handle() const {
        if (!state_) throw programming_error("the database is closed");
        return state_->handle();
    }

    void open(const database_options& settings) {
        if (path_.empty())
            throw interface_error("the path of the database is empty; ':memory:' is a database in memory");
        if (const std::size_t nul = path_.find('\0'); nul != std::string::npos) {
            throw interface_error("the path of the database has a NUL byte at position " + std::to_string(nul));
        }
        const int access = settings.mode == open_mode::read_only    ? SQLITE_OPEN_READONLY
                           : settings.mode == open_mode::read_write ? SQLITE_OPEN_READWRITE
                                                                    : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
        const std::string what = "cannot open database '" + path_ + "'";
        const int code = sqlite3_open_v2(path_.c_str(), state_->slot(),
                                         access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
        if (code != SQLITE_OK) {
            const int reason = *state_->slot() != nullptr ? sqlite3_system_errno(*state_->slot()) : 0;
            throw_sqlite(*state_->slot(), code, reason == 0 ? what : what + " (" + std::strerror(reason) + ")");
        }
        sqlite3_busy_timeout(state_->handle(), static_cast<int>(settings.busy_timeout_ms));
        const auto command = [&](const char* sql) {
            state_->check(sqlite3_exec(state_->handle(), sql, nullptr, nullptr, nullptr), what);
        };
        command("PRAGMA schema_version"); // the first look into the file
        if (settings.mode != open_mode::read_only) {
            command(settings.journal == journal_mode::wal ? "PRAGMA journal_mode = wal"
                                                          : "PRAGMA journal_mode = delete");
        }
        command(settings.synchronous == synchronous_mode::off      ? "PRAGMA synchronous = off"
                : settings.synchronous == synchronous_mode::normal ? "PRAGMA synchronous = normal"
                                                                   : "PRAGMA synchronous = full");
        command(settings.foreign_keys ? "PRAGMA foreign_keys = on" : "PRAGMA foreign_keys = off");
    }

    std::int64_t step_all(std::string_view sql, parameter_rows& rows) {
        std::string_view rest;
        shared<detail::statement> statement = state_->prepare(sql, rest);
        if (!statement || rest.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
            throw programming_error("execute_many takes one statement");
        }
        if (sqlite3_stmt_readonly(statement->handle()) != 0) {
            throw programming_error("execute_many takes a statement that changes rows, not a query");
        }
        sqlite3* db = state_->handle();
        sqlite3_stmt* handle = statement->handle();
        const auto wanted = static_cast<std::size_t>(sqlite3_bind_parameter_count(handle));
        detail::binder binder(db, handle, detail::lifetime::whole_execution);
        std::int64_t affected = 0;
        std::span<const cell> cells;
        for (std::uint64_t number = 0;; ++number) {
            try {
                if (!rows.next(cells)) break;
                step_one(db, handle, binder, cells, wanted);
            } catch (error& e) {
                e.prepend("row " + std::to_string(number) + ": ");
                throw;
            }
            affected += sqlite3_changes64(db);
        }
        state_->recycle(std::move(statement));
        return affected;
    }

    static void step_one(sqlite3* db, sqlite3_stmt* handle, detail::binder& binder, std::span<const cell> cells,
                         std::size_t wanted) {
        if (cells.size() != wanted) {
            throw programming_error("the statement takes " + std::to_string(wanted) + " parameters, " +
                                    std::to_string(cells.size()) + " given");
        }
        for (std::size_t i = 0; i < wanted; ++i) binder.bind(static_cast<int>(i), cells[i]);
        int code = SQLITE_ROW;
        while (code == SQLITE_ROW) code = sqlite3_step(handle); // rows of RETURNING are passed over
        if (code != SQLITE_DONE) throw_sqlite(db, code, {});
        sqlite3_reset(handle);
    }

    shared<detail::connection_state> state_;
    std::string path_;
};

} // namespace weft::inline v0::embedded
