// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/embedded/database.hpp>
#include <weft/embedded/kv_config.hpp>
#include <weft/embedded/kv_error.hpp>
#include <weft/embedded/kv_store.hpp>

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weft::inline v0::embedded::detail {

/// Statements that every connection keeps prepared, so that a get or a put looks nothing up.
enum class hot : unsigned char {
    get,
    put,
    erase,
    purge,
    read_meta,
    write_meta, // these need the tables
    begin,
    begin_write,
    commit,
    rollback,
    look, // reads the first page, which is what takes a snapshot
    scan_up,
    scan_up_from,
    scan_down,
    scan_down_from, // these need the tables, and several may run at once
    last_,
};

/// A scan reads in the order of keys whatever index there is: `+` keeps the one of `expires` out.
inline constexpr const char* hot_texts[] = {
    "SELECT value, expires FROM weft_kv WHERE key = ?1",
    "REPLACE INTO weft_kv(key, value, expires) VALUES (?1, ?2, ?3)",
    "DELETE FROM weft_kv WHERE key = ?1",
    ("DELETE FROM weft_kv WHERE key IN (SELECT key FROM weft_kv WHERE expires IS NOT NULL AND expires <= ?1 "
     "ORDER BY expires LIMIT ?2)"),
    "SELECT value FROM weft_meta WHERE name = ?1",
    "REPLACE INTO weft_meta(name, value) VALUES (?1, ?2)",
    "BEGIN",
    "BEGIN IMMEDIATE",
    "COMMIT",
    "ROLLBACK",
    "SELECT 1 FROM sqlite_schema LIMIT 1",
    ("SELECT key, value FROM weft_kv WHERE key >= ?1 AND key < ?2 AND (+expires IS NULL OR +expires > ?3)"
     " ORDER BY key"),
    ("SELECT key, value FROM weft_kv WHERE key >= ?1 AND (+expires IS NULL OR +expires > ?3)"
     " ORDER BY key"),
    ("SELECT key, value FROM weft_kv WHERE key >= ?1 AND key < ?2 AND (+expires IS NULL OR +expires > ?3)"
     " ORDER BY key DESC"),
    ("SELECT key, value FROM weft_kv WHERE key >= ?1 AND (+expires IS NULL OR +expires > ?3)"
     " ORDER BY key DESC"),
};

/// The tables of the store. Keys and values are blobs; `expires` is the millisecond since 1970 from which on an entry
/// is gone.
inline constexpr const char* table_texts =
    "CREATE TABLE IF NOT EXISTS weft_kv(key BLOB PRIMARY KEY, value BLOB NOT NULL, expires INTEGER) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS weft_meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID";
inline constexpr const char* expiry_index_text =
    "CREATE INDEX IF NOT EXISTS weft_kv_expires ON weft_kv(expires) WHERE expires IS NOT NULL";

inline constexpr std::size_t longest_key = 65'536;

inline void check_key(bytes_view key) {
    if (key.size() > longest_key) [[unlikely]]
        throw data_error("a key of " + std::to_string(key.size()) + " bytes is too long; the longest has 65536");
}

inline std::int64_t milliseconds_now() noexcept {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// When an entry that is put now expires; 0: never.
inline std::int64_t expiry_of(const put_options& how) noexcept {
    if (!how.ttl) return 0;
    const std::int64_t now = milliseconds_now();
    const std::int64_t ttl = how.ttl->count();
    if (ttl <= 0) return now;
    return ttl > INT64_MAX - now ? INT64_MAX : now + ttl;
}

class scan_state;

/// One SQLite connection of a store, used by one thread at a time, with its prepared statements.
class kv_connection {
public:
    kv_connection(const std::string& path, const database_options& how, bool without_log, std::uint64_t cache_bytes)
        : sql_(path, how), db_(sql_.native_handle()) {
        if (without_log && how.mode != open_mode::read_only) command("PRAGMA journal_mode = memory");
        command(("PRAGMA cache_size = -" + std::to_string(cache_bytes / 1024)).c_str());
        if (!without_log) watch_log();
    }
    kv_connection(const kv_connection&) = delete;
    kv_connection& operator=(const kv_connection&) = delete;
    ~kv_connection() { forget_statements(); }

    database& sql() noexcept { return sql_; }
    sqlite3* handle() const noexcept { return db_; }
    bool in_transaction() const noexcept { return sqlite3_get_autocommit(db_) == 0; }
    bool is_writing() const noexcept { return sqlite3_txn_state(db_, "main") == SQLITE_TXN_WRITE; }

    /// Has SQLite say when a commit appended to the log. It also takes the place of SQLite's own checkpoints.
    void watch_log() noexcept {
        sqlite3_wal_hook(
            db_,
            [](void* self, sqlite3*, const char*, int frames) {
                static_cast<kv_connection*>(self)->log_frames = frames;
                static_cast<kv_connection*>(self)->committed = true;
                return SQLITE_OK;
            },
            this);
    }

    void command(const char* sql) { check(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr), sql); }
    void check(int code, std::string_view what) const {
        if (code != SQLITE_OK) throw_sqlite(db_, code, what);
    }

    /// Executes one of the statements without parameters.
    void run(hot which) {
        sqlite3_stmt* s = need(which);
        const int code = sqlite3_step(s);
        sqlite3_reset(s);
        if (code != SQLITE_DONE && code != SQLITE_ROW) throw_sqlite(db_, code, {});
    }

    /// Whether the tables of the store exist, in this connection's snapshot.
    bool has_tables() { return find(hot::get) != nullptr; }

    /// Makes the tables, inside the transaction that is active.
    void make_tables() {
        if (has_tables()) return;
        command(table_texts);
        made_tables_ = true;
    }

    /// Undoes the transaction that is active, if any.
    void rollback() noexcept {
        if (in_transaction()) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
        forget_made();
    }
    void commit() {
        run(hot::commit);
        made_tables_ = false;
    }
    /// After a transaction that SQL ended, one way or the other: forgets what may not exist.
    void forget_made() noexcept {
        if (std::exchange(made_tables_, false)) forget_statements();
        has_expiry_index_ = false;
    }

    std::optional<std::string> get(bytes_view key) {
        std::optional<std::string> found;
        look_up(key, [&](std::string_view value) { found.emplace(value); });
        return found;
    }

    /// Calls `take(value)` with the value of a key that is there; the view is valid during the call.
    template <class Take>
    bool look_up(bytes_view key, Take take) {
        sqlite3_stmt* s = find(hot::get);
        if (s == nullptr) return false;
        bind(s, 1, key);
        const int code = sqlite3_step(s);
        bool found = false;
        if (code == SQLITE_ROW) {
            found = sqlite3_column_type(s, 1) == SQLITE_NULL || sqlite3_column_int64(s, 1) > milliseconds_now();
            if (found) {
                const std::string_view value = column(s, 0);
                bytes_read += key.size() + value.size();
                take(value);
            }
        }
        finish(s, code);
        return found;
    }

    /// Puts, inside a transaction or as one of its own.
    void put(bytes_view key, bytes_view value, std::int64_t expires) {
        if (expires != 0) prepare_expiry();
        sqlite3_stmt* s = need(hot::put);
        bind(s, 1, key);
        bind(s, 2, value);
        if (expires != 0)
            sqlite3_bind_int64(s, 3, expires);
        else
            sqlite3_bind_null(s, 3);
        finish(s, sqlite3_step(s));
        bytes_written += key.size() + value.size();
    }

    void erase(bytes_view key) {
        sqlite3_stmt* s = find(hot::erase);
        if (s == nullptr) return;
        bind(s, 1, key);
        finish(s, sqlite3_step(s));
    }

    /// Erases up to `most` entries that have expired; returns how many there were.
    std::int64_t purge(std::int64_t most) {
        if (!has_expiry_index_) has_expiry_index_ = in_schema("name = 'weft_kv_expires'", 1);
        if (!has_expiry_index_) return 0; // nothing was ever put that expires
        sqlite3_stmt* s = need(hot::purge);
        sqlite3_bind_int64(s, 1, milliseconds_now());
        sqlite3_bind_int64(s, 2, most);
        finish(s, sqlite3_step(s));
        return sqlite3_changes64(db_);
    }

    /// Entries that have not expired.
    std::uint64_t count() {
        if (!has_tables()) return 0;
        std::string sql = "SELECT (SELECT count(*) FROM weft_kv)";
        if (in_schema("name = 'weft_kv_expires'", 1))
            sql += " - (SELECT count(*) FROM weft_kv WHERE expires IS NOT NULL AND expires <= " +
                   std::to_string(milliseconds_now()) + ")";
        return number_of(sql.c_str());
    }

    /// A number of the store's own table; 0 when it is not there.
    std::uint64_t meta(std::string_view name) {
        sqlite3_stmt* s = find(hot::read_meta);
        if (s == nullptr) return 0;
        sqlite3_bind_text(s, 1, name.data(), static_cast<int>(name.size()), SQLITE_STATIC);
        const int code = sqlite3_step(s);
        const auto value = code == SQLITE_ROW ? static_cast<std::uint64_t>(sqlite3_column_int64(s, 0)) : 0;
        finish(s, code);
        return value;
    }
    void set_meta(std::string_view name, std::uint64_t value) {
        sqlite3_stmt* s = need(hot::write_meta);
        sqlite3_bind_text(s, 1, name.data(), static_cast<int>(name.size()), SQLITE_STATIC);
        sqlite3_bind_int64(s, 2, static_cast<std::int64_t>(value));
        finish(s, sqlite3_step(s));
    }

    /// A statement for a scan; null when the tables do not exist. It is given back or finalized by give_back().
    sqlite3_stmt* take_scan(hot which) {
        sqlite3_stmt*& kept = slot(which);
        if (kept != nullptr) return std::exchange(kept, nullptr);
        sqlite3_stmt* made = find(which);
        kept = nullptr;
        return made;
    }
    void give_back(hot which, sqlite3_stmt* used) noexcept {
        sqlite3_reset(used);
        sqlite3_stmt*& kept = slot(which);
        if (kept == nullptr)
            kept = used;
        else
            sqlite3_finalize(used);
    }

    /// A statement that stays prepared; `text` is a literal, whose address names it.
    sqlite3_stmt* statement(const char* text) {
        for (const auto& [known, kept] : others_)
            if (known == text) return kept;
        others_.reserve(others_.size() + 1);
        sqlite3_stmt* made = nullptr;
        check(sqlite3_prepare_v3(db_, text, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr), {});
        others_.emplace_back(text, made);
        return made;
    }

    /// Scans whose statement runs on this connection.
    std::vector<scan_state*> scans;

    /// Lets running scans go on without their statements: what they have yet to read must not see what is written now.
    void before_write();
    /// Ends running scans.
    void end_scans() noexcept;

    static std::string_view column(sqlite3_stmt* s, int i) noexcept {
        sqlite3_value* v = sqlite3_column_value(s, i);
        const auto* bytes = static_cast<const char*>(sqlite3_value_blob(v));
        return {bytes, static_cast<std::size_t>(sqlite3_value_bytes(v))};
    }

    void bind(sqlite3_stmt* s, int at, bytes_view bytes) {
        const int code =
            sqlite3_bind_blob64(s, at, bytes.data() == nullptr ? "" : bytes.data(), bytes.size(), SQLITE_STATIC);
        if (code != SQLITE_OK) [[unlikely]]
            throw data_error("a value of " + std::to_string(bytes.size()) + " bytes is too long for the store");
    }

    /// Resets a statement after its last step and throws when that failed.
    void finish(sqlite3_stmt* s, int code) {
        sqlite3_reset(s);
        if (code != SQLITE_DONE && code != SQLITE_ROW) [[unlikely]]
            throw_sqlite(db_, code, {});
    }

    // What the thread that uses the connection counts; the store collects it.
    std::uint64_t bytes_read = 0;
    std::uint64_t bytes_written = 0;
    int log_frames = 0;
    bool committed = false; // since the store last looked

private:
    sqlite3_stmt*& slot(hot which) noexcept { return hot_[static_cast<std::size_t>(which)]; }

    /// The statement; null when it needs tables that do not exist.
    sqlite3_stmt* find(hot which) {
        sqlite3_stmt*& s = slot(which);
        if (s != nullptr) [[likely]]
            return s;
        const int code = sqlite3_prepare_v3(db_, hot_texts[static_cast<std::size_t>(which)], -1,
                                            SQLITE_PREPARE_PERSISTENT, &s, nullptr);
        if (code == SQLITE_OK) return s;
        if ((code & 0xFF) == SQLITE_ERROR && !tables_in_schema()) return nullptr;
        throw_sqlite(db_, code, "cannot prepare a statement of the key-value store");
    }

    sqlite3_stmt* need(hot which) {
        sqlite3_stmt* s = find(which);
        if (s == nullptr) throw internal_error("the tables of the key-value store do not exist");
        return s;
    }

    bool tables_in_schema() { return in_schema("name IN ('weft_kv', 'weft_meta')", 2); }

    bool in_schema(const char* which, std::uint64_t count) {
        const std::string sql = std::string("SELECT count(*) FROM sqlite_schema WHERE ") + which;
        return number_of(sql.c_str()) == count;
    }

    std::uint64_t number_of(const char* sql) {
        sqlite3_stmt* s = nullptr;
        check(sqlite3_prepare_v2(db_, sql, -1, &s, nullptr), {});
        const int code = sqlite3_step(s);
        const auto n = code == SQLITE_ROW ? static_cast<std::uint64_t>(sqlite3_column_int64(s, 0)) : 0;
        sqlite3_finalize(s);
        if (code != SQLITE_ROW) throw_sqlite(db_, code, {});
        return n;
    }

    void prepare_expiry() {
        if (!has_expiry_index_) {
            command(expiry_index_text);
            has_expiry_index_ = true;
        }
        purge(2); // so that what expires goes as fast as it comes
    }

    void forget_statements() noexcept {
        for (sqlite3_stmt*& s : hot_) sqlite3_finalize(std::exchange(s, nullptr));
        for (const auto& [text, s] : others_) sqlite3_finalize(s);
        others_.clear();
    }

    database sql_;
    sqlite3* db_;
    sqlite3_stmt* hot_[static_cast<std::size_t>(hot::last_)] = {};
    std::vector<std::pair<const char*, sqlite3_stmt*>> others_;
    bool made_tables_ = false; // in the active transaction
    bool has_expiry_index_ = false;
};

/// A scan: a running statement, or what was left of it when the connection began to write.
class scan_state {
public:
    scan_state(kv_connection& on, bytes_view start, bytes_view end, const scan_options& how)
        : connection_(on), left_(how.limit == 0 ? UINT64_MAX : how.limit) {
        const bool bounded = !end.empty();
        if (bounded && !(start < end)) return;
        which_ = how.reverse ? (bounded ? hot::scan_down : hot::scan_down_from)
                             : (bounded ? hot::scan_up : hot::scan_up_from);
        on.scans.reserve(on.scans.size() + 1);
        statement_ = on.take_scan(which_);
        if (statement_ == nullptr) return;
        try {
            start_ = start.text();
            end_ = end.text();
            on.bind(statement_, 1, start_);
            if (bounded) on.bind(statement_, 2, end_);
            sqlite3_bind_int64(statement_, 3, milliseconds_now()); // the snapshot is also one of time
            step();                                                // takes the snapshot
        } catch (...) {
            release();
            throw;
        }
        if (statement_ != nullptr) on.scans.push_back(this);
    }
    scan_state(const scan_state&) = delete;
    scan_state& operator=(const scan_state&) = delete;
    ~scan_state() { close(); }

    /// The next entry, valid until the next call; null at the end.
    const kv_entry* next() {
        if (statement_ == nullptr) [[unlikely]]
            return next_kept();
        if (fresh_) {
            fresh_ = false;
            return &entry_;
        }
        step();
        if (statement_ == nullptr) return nullptr;
        fresh_ = false;
        return &entry_;
    }

    /// Reads what is left into memory, and lets go of the statement. An error shows where the scan would have met it.
    void detach() noexcept {
        if (statement_ == nullptr) return;
        try {
            if (!fresh_) { // the caller still looks at it
                current_ = {std::string(entry_.key), std::string(entry_.value)};
                entry_ = {current_.key, current_.value};
            } else {
                kept_.push_back({std::string(entry_.key), std::string(entry_.value)});
            }
            fresh_ = false;
            const kv_entry shown = entry_;
            while (step(), statement_ != nullptr) kept_.push_back({std::string(entry_.key), std::string(entry_.value)});
            entry_ = shown;
        } catch (...) {
            failure_ = std::current_exception();
            if (statement_ != nullptr) release();
        }
    }

    /// Lets go of everything; there is no next entry.
    void close() noexcept {
        if (statement_ != nullptr) release();
        kept_.clear();
        position_ = 0;
    }

private:
    void step() {
        if (left_ == 0) return release();
        const int code = sqlite3_step(statement_);
        if (code != SQLITE_ROW) {
            release();
            if (code != SQLITE_DONE) throw_sqlite(connection_.handle(), code, "scan failed");
            return;
        }
        --left_;
        entry_ = {kv_connection::column(statement_, 0), kv_connection::column(statement_, 1)};
        connection_.bytes_read += entry_.key.size() + entry_.value.size();
        fresh_ = true;
    }

    const kv_entry* next_kept() {
        if (position_ == kept_.size()) {
            if (failure_) std::rethrow_exception(failure_);
            return nullptr;
        }
        const kv_pair& at = kept_[position_++];
        entry_ = {at.key, at.value};
        return &entry_;
    }

    /// Lets go of the statement, after an error, too: what has none is not in the connection's list.
    void release() noexcept {
        connection_.give_back(which_, std::exchange(statement_, nullptr));
        for (scan_state*& s : connection_.scans) {
            if (s != this) continue;
            s = connection_.scans.back();
            connection_.scans.pop_back();
            return;
        }
    }

    kv_connection& connection_;
    std::string start_; // which the statement reads
    std::string end_;
    std::uint64_t left_;
    hot which_ = hot::scan_up;
    sqlite3_stmt* statement_ = nullptr;
    bool fresh_ = false; // entry_ has not been handed out
    kv_entry entry_;
    kv_pair current_;
    std::vector<kv_pair> kept_;
    std::size_t position_ = 0;
    std::exception_ptr failure_;
};

inline void kv_connection::before_write() {
    while (!scans.empty()) {
        scan_state* const scan = scans.back();
        scans.pop_back();
        scan->detach();
    }
}

inline void kv_connection::end_scans() noexcept {
    while (!scans.empty()) scans.back()->close();
}

} // namespace weft::inline v0::embedded::detail
