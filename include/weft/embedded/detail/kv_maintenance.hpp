// SPDX-License-Identifier: BSL-1.0
#pragma once

// Included by weft/embedded/kv_database.hpp.

#include <weft/embedded/kv_database.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

namespace weft::inline v0::embedded {

namespace detail {

/// The texts of the first columns of what a query returns.
inline void append_texts(std::vector<std::string>& out, sqlite3* db, const char* sql, std::string_view before = {}) {
    sqlite3_stmt* s = nullptr;
    if (const int code = sqlite3_prepare_v2(db, sql, -1, &s, nullptr); code != SQLITE_OK) throw_sqlite(db, code, sql);
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(s)) == SQLITE_ROW) {
        std::string line(before);
        for (int i = 0; i < sqlite3_column_count(s); ++i) {
            const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(s, i));
            if (i != 0) line += ' ';
            if (text != nullptr) line += text;
        }
        out.push_back(std::move(line));
    }
    sqlite3_finalize(s);
    if (code != SQLITE_DONE) throw_sqlite(db, code, sql);
}

/// Copies all pages of `from` into a new file.
inline void copy_database(sqlite3* from, const std::string& to) {
    sqlite3* target = nullptr;
    int code = sqlite3_open_v2(to.c_str(), &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE,
                               nullptr);
    const std::string what = "cannot write the backup '" + to + "'";
    try {
        if (code != SQLITE_OK) throw_sqlite(target, code, what);
        sqlite3_backup* copy = sqlite3_backup_init(target, "main", from, "main");
        if (copy == nullptr) throw_sqlite(target, sqlite3_errcode(target), what);
        code = sqlite3_backup_step(copy, -1); // one step is one snapshot
        sqlite3_backup_finish(copy);
        if (code != SQLITE_DONE) throw_sqlite(target, code, what);
    } catch (...) {
        sqlite3_close(target);
        throw;
    }
    sqlite3_close(target);
}

} // namespace detail

inline std::uint64_t kv_database::checkpoint() {
    detail::kv_core& all = core();
    all.check_open();
    const shared<detail::lease> owner = shared<detail::lease>::make(core_);
    detail::kv_connection& c = owner->connection();
    if (all.config().read_only) throw operational_error("the database was opened for reading only");
    all.check_synced();
    owner->start_writing();
    const bool logged = all.config().wal_enabled;
    // What is moved here is synced whatever the mode; without a log the commit itself does it.
    c.command(logged ? "PRAGMA synchronous = normal" : "PRAGMA synchronous = full");
    std::uint64_t number = 0;
    try {
        c.run(detail::hot::begin_write);
        c.make_tables();
        while (c.purge(1000) != 0) {}
        number = all.next_number(c);
        c.set_meta("checkpoint", number);
        c.commit();
        owner->stop_writing();
        c.committed = false;
        if (logged) {
            all.sync_now();
            const int code = sqlite3_wal_checkpoint_v2(c.handle(), "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
            if (code != SQLITE_OK && (code & 0xFF) != SQLITE_BUSY)
                throw_sqlite(c.handle(), code, "cannot move the log into the file");
        }
    } catch (...) {
        c.rollback();
        all.restore_sync(c);
        throw;
    }
    all.restore_sync(c);
    all.checkpointed(number);
    return number;
}

inline kv_stats kv_database::stats() {
    detail::kv_core& all = core();
    all.check_open();
    kv_stats figures = all.figures();
    const detail::borrowed c(all);
    figures.keys_count = c->count();
    figures.wal_size_bytes = detail::kv_core::log_size(*c);
    return figures;
}

inline void kv_database::backup(const std::string& to) {
    if (to.empty() || to.find('\0') != std::string::npos)
        throw interface_error("the path of the backup is empty or has a NUL byte");
    if (to == path()) throw interface_error("the backup cannot be the database itself, '" + to + "'");
    const std::string partial = to + ".partial";
    std::remove(partial.c_str());
    try {
        const detail::borrowed c(core());
        detail::copy_database(c->handle(), partial);
    } catch (...) {
        std::remove(partial.c_str());
        throw;
    }
    if (std::rename(partial.c_str(), to.c_str()) != 0) {
        const std::string reason = std::strerror(errno);
        std::remove(partial.c_str());
        throw operational_error("cannot name the backup '" + to + "': " + reason);
    }
}

inline std::vector<std::string> kv_database::check_integrity() {
    const detail::borrowed c(core());
    std::vector<std::string> found;
    detail::append_texts(found, c->handle(), "PRAGMA integrity_check(1000)");
    if (found.size() == 1 && found.front() == "ok") found.clear();
    detail::append_texts(found, c->handle(), "PRAGMA foreign_key_check", "foreign key violated: ");
    if (c->has_tables()) {
        detail::append_texts(found, c->handle(),
                             "SELECT quote(key) FROM weft_kv WHERE typeof(key) <> 'blob' OR typeof(value) <> 'blob' "
                             "LIMIT 1000",
                             "an entry that is no bytes: ");
    }
    return found;
}

inline void kv_database::compact() {
    detail::kv_core& all = core();
    const shared<detail::lease> owner = shared<detail::lease>::make(open_core());
    detail::kv_connection& c = owner->connection();
    owner->start_writing();
    if (c.has_tables()) {
        while (c.purge(1000) != 0) {}
    }
    c.command("VACUUM");
    owner->stop_writing();
    all.settle(c);
    if (all.config().wal_enabled)
        sqlite3_wal_checkpoint_v2(c.handle(), "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
}

} // namespace weft::inline v0::embedded
