// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/columnar/schema.hpp>
#include <weft/embedded/column_type.hpp>
#include <weft/embedded/error.hpp>
#include <weft/embedded/options.hpp>

#include <sqlite3.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::inline v0::embedded::detail {

/// A prepared statement with the schema of its rows.
class statement {
public:
    statement(sqlite3* db, std::string text, sqlite3_stmt* prepared)
        : db_(db), text_(std::move(text)), handle_(prepared) {}
    statement(const statement&) = delete;
    statement& operator=(const statement&) = delete;
    ~statement() { sqlite3_finalize(handle_); }

    sqlite3_stmt* handle() const noexcept { return handle_; }
    const std::string& text() const noexcept { return text_; }

    /// Schema of the rows; rebuilt when SQLite has prepared the statement anew because tables changed.
    const shared<const schema>& layout() {
        const int prepared = sqlite3_stmt_status(handle_, SQLITE_STMTSTATUS_REPREPARE, 0);
        if (!layout_ || prepared != prepared_) {
            layout_ = describe_columns();
            declared_.clear();
            for (const field& f : *layout_) declared_ += static_cast<char>(f.type.id);
            prepared_ = prepared;
        }
        return layout_;
    }

    /// A type_id for each column of the layout() asked for last.
    const char* declared() const noexcept { return declared_.data(); }

private:
    shared<const schema> describe_columns() const {
        std::vector<field> fields(static_cast<std::size_t>(sqlite3_column_count(handle_)));
        for (std::size_t i = 0; i < fields.size(); ++i) {
            const int c = static_cast<int>(i);
            field& f = fields[i];
            if (const char* name = sqlite3_column_name(handle_, c)) f.name = name;
            if (const char* declared = sqlite3_column_decltype(handle_, c)) f.declared = declared;
            f.type = column_type(f.declared);
            const char* table = sqlite3_column_table_name(handle_, c);
            const char* origin = sqlite3_column_origin_name(handle_, c);
            if (table == nullptr || origin == nullptr) continue;
            f.table = table;
            int not_null = 0;
            int primary_key = 0;
            if (sqlite3_table_column_metadata(db_, sqlite3_column_database_name(handle_, c), table, origin, nullptr,
                                              nullptr, &not_null, &primary_key, nullptr) == SQLITE_OK) {
                f.nullable = not_null == 0 && !(primary_key != 0 && f.declared == "INTEGER");
            }
        }
        return shared<const schema>::make(std::move(fields));
    }

    sqlite3* db_;
    std::string text_;
    sqlite3_stmt* handle_;
    shared<const schema> layout_;
    std::string declared_;
    int prepared_ = 0;

    friend class connection_state;
    shared<statement> next_; // in the cache
    std::size_t key_ = 0;
};

/// The open file and its prepared statements; shared by a database and the results that still read from it.
class connection_state {
public:
    explicit connection_state(const database_options& settings) : cache_size_(settings.statement_cache) {}
    connection_state(const connection_state&) = delete;
    connection_state& operator=(const connection_state&) = delete;
    ~connection_state() { close(); }

    sqlite3* handle() const {
        if (db_ == nullptr) [[unlikely]]
            throw_closed();
        return db_;
    }
    bool is_open() const noexcept { return db_ != nullptr; }
    sqlite3** slot() noexcept { return &db_; }

    /// Statements still in use keep the file open until they are done.
    void close() noexcept {
        while (cache_) cache_ = take_next(*cache_); // one by one: a long chain must not be a deep recursion
        cached_ = 0;
        if (db_ != nullptr) sqlite3_close_v2(db_);
        db_ = nullptr;
    }

    void check(int code, std::string_view what) const {
        if (code != SQLITE_OK) throw_sqlite(db_, code, what);
    }

    /// Prepares the first statement of `sql`, or takes it from the cache; `rest` is what follows it. Null when there is
    /// nothing but spaces and comments.
    shared<statement> prepare(std::string_view sql, std::string_view& rest) {
        const std::size_t key = std::hash<std::string_view>()(sql);
        for (shared<statement>* at = &cache_; *at; at = &(*at)->next_) {
            if ((*at)->key_ != key || (*at)->text() != sql) continue;
            shared<statement> found = std::move(*at);
            *at = take_next(*found);
            --cached_;
            rest = {};
            return found;
        }
        if (const std::size_t nul = sql.find('\0'); nul != std::string_view::npos) {
            throw programming_error("the statement has a NUL byte at position " + std::to_string(nul));
        }
        sqlite3_stmt* prepared = nullptr;
        const char* tail = nullptr;
        if (sql.size() > 1'000'000'000)
            throw data_error("a statement of " + std::to_string(sql.size()) + " bytes is too long");
        const int code = sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()),
                                            SQLITE_PREPARE_PERSISTENT, &prepared, &tail);
        check(code, "cannot prepare the statement");
        const auto used = static_cast<std::size_t>(tail - sql.data());
        rest = sql.substr(used);
        if (prepared == nullptr) return nullptr;
        return shared<statement>::make(db_, std::string(sql.substr(0, used)), prepared);
    }

    /// Takes a statement back for reuse; the oldest goes when there are too many.
    void recycle(shared<statement> used) noexcept {
        sqlite3_reset(used->handle());
        sqlite3_clear_bindings(used->handle());
        if (db_ == nullptr || cache_size_ == 0) return;
        if (cached_ == cache_size_) {
            shared<statement>* last = &cache_;
            while ((*last)->next_) last = &(*last)->next_;
            *last = nullptr;
            --cached_;
        }
        used->key_ = std::hash<std::string_view>()(used->text());
        used->next_ = std::move(cache_);
        cache_ = std::move(used);
        ++cached_;
    }

private:
    [[noreturn, gnu::noinline]] static void throw_closed() { throw programming_error("the database is closed"); }
    static shared<statement> take_next(statement& s) noexcept { return std::exchange(s.next_, nullptr); }

    sqlite3* db_ = nullptr;
    std::size_t cache_size_;
    std::size_t cached_ = 0;
    shared<statement> cache_; // a chain, the most recently used first
};

/// Executes a command that has neither parameters nor rows.
inline void run_command(const connection_state& connection, const char* sql) {
    connection.check(sqlite3_exec(connection.handle(), sql, nullptr, nullptr, nullptr), sql);
}

} // namespace weft::inline v0::embedded::detail
