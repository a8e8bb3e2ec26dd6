// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `kv_database`: keys and values, paths, scans, transactions and SQL in one SQLite file, shared by threads.

#include <weft/embedded/kv_config.hpp>
#include <weft/embedded/kv_stats.hpp>
#include <weft/embedded/kv_transaction.hpp>

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace weft::inline v0::embedded {

/// A key-value and SQL database in one file.
///
///     auto db = kv_database::open("app.db", {.sync_mode = sync_mode::full});
///     db.put("users/1", R"({"name": "Alice"})");
///     db.with_transaction([](kv_transaction& t) { … });
///     db.query<tuples<std::string>>("SELECT name FROM tenants");
///
/// Entries live in the tables `weft_kv` and `weft_meta`, which the first write makes; SQL tables are not seen by
/// scans. A file that is only read, or only written with SQL outside of transactions, is an ordinary SQLite file.
///
/// Threads: all member functions may be called by any number of threads at once, except moving, assigning and
/// destroying. Each reads on a connection of its own and never waits for a writer; writes are executed one after
/// the other, and single writes that come together share one commit. Processes: others may open the same file and read
/// it meanwhile; to write they wait for each other, at most `busy_timeout_ms`, then get an operational_error.
class kv_database : public kv_operations<kv_database>, public connection_interface<kv_database> {
public:
    static constexpr sql_dialect dialect = database::dialect;

    /// Opens the file, and makes it when it is missing unless the configuration says otherwise. Throws
    /// operational_error naming the path when that is impossible, interface_error for a setting that cannot be.
    explicit kv_database(const std::string& path, const kv_config& config = {})
        : core_(shared<detail::kv_core>::make(path, config)), sessions_(shared<detail::sql_sessions>::make()),
          ids_(shared<std::atomic<std::uint64_t>>::make(std::uint64_t{0})) {}
    static kv_database open(const std::string& path, const kv_config& config = {}) { return kv_database(path, config); }
    /// With settings by name: `open("app.db", {{"sync_mode", "full"}, {"group_commit", true}})`.
    static kv_database open(const std::string& path, std::initializer_list<config_entry> config) {
        return kv_database(path, kv_config::from(config));
    }

    /// A moved-from database is closed.
    kv_database(kv_database&&) noexcept = default;
    kv_database& operator=(kv_database&& other) noexcept {
        if (this != &other) {
            close();
            core_ = std::move(other.core_);
            sessions_ = std::move(other.sessions_);
            ids_ = std::move(other.ids_);
        }
        return *this;
    }
    ~kv_database() { close(); }

    /// Ends the use of the file: whatever is called later throws programming_error (`Database is closed`), transactions
    /// and scans that are still there, too. What they hold is let go of when they are destroyed. Idempotent.
    void close() noexcept {
        if (!core_) return;
        sessions_->clear();
        core_->close();
    }
    bool is_open() const noexcept { return core_ && !core_->closed(); }
    const std::string& path() const { return core().path(); }
    const kv_config& config() const { return core().config(); }

    /// The value of a key, or nothing. An empty value is a value.
    std::optional<std::string> get(bytes_view key) {
        if (const auto session = sessions().find()) return session->connection().get(key);
        const detail::borrowed c(core());
        return c->get(key);
    }
    /// Inserts or replaces. Keys have up to 65536 bytes; a value may have as many as SQLite takes in a row, about 10⁹.
    void put(bytes_view key, bytes_view value, const put_options& how = {}) {
        write({.what = detail::write_request::action::put,
               .key = key,
               .value = value,
               .expires = detail::expiry_of(how)});
    }
    /// Erases; a key without a value is fine. ToonDB's name for it, `delete`, is a keyword of C++.
    void erase(bytes_view key) { write({.what = detail::write_request::action::erase, .key = key}); }
    /// Puts when the key has no value. Returns whether it did.
    bool put_if_absent(bytes_view key, bytes_view value, const put_options& how = {}) {
        return write({.what = detail::write_request::action::put_if,
                      .key = key,
                      .value = value,
                      .expires = detail::expiry_of(how)});
    }
    /// Puts when the key's value is `expected`. Returns whether it did.
    bool compare_and_put(bytes_view key, bytes_view expected, bytes_view value, const put_options& how = {}) {
        return write({.what = detail::write_request::action::put_if,
                      .key = key,
                      .value = value,
                      .expires = detail::expiry_of(how),
                      .expected = expected});
    }

    /// Keys in [start, end) in order, on the snapshot of this moment; an empty `end` is the end of the store.
    kv_scan scan(bytes_view start = {}, bytes_view end = {}, const scan_options& how = {}) {
        auto owner = sessions().find();
        if (!owner) owner = shared<detail::lease>::make(open_core());
        return kv_scan(std::move(owner), nullptr, start, end, how);
    }

    /// Begins a transaction. Its snapshot is taken now, or with `kv_access::write_now` when nobody else writes any
    /// more. Throws operational_error when that takes longer than `busy_timeout_ms`.
    [[nodiscard]] kv_transaction transaction(kv_access access = kv_access::read_write) {
        return kv_transaction(open_core(), access, ids_->fetch_add(1) + 1);
    }
    /// The same.
    [[nodiscard]] kv_transaction begin_transaction(kv_access access = kv_access::read_write) {
        return transaction(access);
    }

    /// Calls `f(transaction)` and commits; aborts when it throws. After a conflict it is called again in a transaction
    /// that has waited for the right to write and cannot meet another, so `f` should do nothing that must not be done
    /// twice. Returns what `f` returns, or the number of the commit.
    template <class F>
    auto with_transaction(F&& f) {
        try {
            return attempt_transaction(f, kv_access::read_write);
        } catch (const transaction_conflict&) { // its transaction is over by now
        }
        return attempt_transaction(f, kv_access::write_now);
    }

    using connection_interface::query;
    /// A query over JSON values whose keys begin with `prefix`; include `weft/embedded/kv_query.hpp`.
    template <class Query = kv_query>
        requires std::same_as<Query, kv_query>
    Query query(bytes_view prefix) {
        auto owner = sessions().find();
        if (!owner) owner = shared<detail::lease>::make(open_core());
        return Query(std::move(owner), nullptr, prefix);
    }

    /// SQL. Each statement is a transaction of its own, unless BEGIN was executed on this object by this thread: then
    /// it, and what this thread gets and puts here, belongs to that transaction until COMMIT or ROLLBACK. Statements
    /// for a `kv_transaction` go through that.
    ///
    /// It is SQLite's SQL, with two of ToonDB's habits: terms of ORDER BY that say neither DESC nor NULLS FIRST are
    /// executed as if they said NULLS LAST, and errors about missing or existing tables, missing columns and numbers
    /// of values have ToonDB's texts (`diagnostics().engine_message` has SQLite's).
    kv_result run(std::string_view sql, std::span<const cell> cells) {
        const detail::kv_sql worded(sql);
        shared<detail::lease> owner = lease_for(worded.text());
        return kv_result(std::move(owner), sessions_, worded.text(), cells);
    }
    std::int64_t run_many(std::string_view sql, parameter_rows& rows) {
        const detail::kv_sql worded(sql);
        const shared<detail::lease> owner = lease_for(worded.text());
        const std::int64_t affected =
            detail::in_toondb_words([&] { return owner->connection().sql().run_many(worded.text(), rows); });
        if (!owner->connection().in_transaction()) {
            owner->stop_writing();
            core().settle(owner->connection());
        }
        return affected;
    }
    /// ToonDB's name for execute().
    template <bindable... Args>
    std::int64_t execute_sql(sql_text sql, const Args&... args) {
        return this->execute(sql, args...);
    }

    /// Makes everything that was committed durable whatever the mode, moves the log into the file as far as readers
    /// allow, and erases entries that have expired. Returns the position in the log: a number from the same sequence as
    /// those of commits, larger than all before it.
    std::uint64_t checkpoint();

    /// Figures; see `kv_stats`. Counts the entries, which takes time in proportion to their number.
    kv_stats stats();

    /// Copies the database as it is at this moment into a new file, which replaces one of that name when it is
    /// complete. Readers and writers go on meanwhile.
    void backup(const std::string& to);

    /// What is wrong with the file, in SQLite's words: pages, indexes, constraints, foreign keys, entries that are no
    /// bytes. Empty when nothing is. Takes time in proportion to the size of the file.
    std::vector<std::string> check_integrity();

    /// Erases entries that have expired and rewrites the file without gaps.
    void compact();

    // What kv_operations and kv_handle stand on.

    detail::kv_core& shared_core() const { return core(); }
    template <class F>
    void on_snapshot(F&& f) {
        if (const auto session = sessions().find()) return f(session->connection());
        kv_transaction reading = transaction(kv_access::read_only);
        reading.on_snapshot(f);
        reading.commit();
    }
    template <class F>
    void in_write(F&& f) {
        if (const auto session = sessions().find()) {
            session->connection().before_write();
            session->connection().make_tables();
            return f(session->connection());
        }
        kv_transaction writing = transaction(kv_access::write_now);
        writing.in_write(f);
        writing.commit();
    }

private:
    detail::kv_core& core() const {
        if (!core_) throw programming_error("Database is closed");
        return *core_;
    }
    const shared<detail::kv_core>& open_core() const {
        core().check_open();
        return core_;
    }
    detail::sql_sessions& sessions() const {
        core().check_open();
        return *sessions_;
    }

    bool write(detail::write_request&& request) {
        detail::check_key(request.key);
        if (const auto session = sessions().find()) {
            session->connection().before_write();
            session->connection().make_tables();
            detail::kv_core::apply(session->connection(), request);
        } else {
            core().submit(request);
        }
        return request.applied;
    }

    template <class F>
    auto attempt_transaction(F& f, kv_access access) {
        kv_transaction scope = transaction(access);
        if constexpr (std::is_void_v<decltype(f(scope))>) {
            f(scope);
            return scope.is_active() ? scope.commit() : core().last_number();
        } else {
            auto outcome = f(scope);
            if (scope.is_active()) scope.commit();
            return outcome;
        }
    }

    /// A connection for SQL, with the right to write when the text begins with a statement that writes.
    shared<detail::lease> lease_for(std::string_view sql) {
        detail::kv_core& all = core();
        all.check_open();
        all.count_query();
        auto owner = sessions_->find();
        if (owner) {
            owner->connection().before_write();
            return owner;
        }
        owner = shared<detail::lease>::make(core_);
        if (!detail::in_toondb_words([&] { return owner->connection().sql().is_read_only(sql); })) {
            all.check_synced();
            owner->start_writing();
        }
        return owner;
    }

    shared<detail::kv_core> core_;
    shared<detail::sql_sessions> sessions_;
    shared<std::atomic<std::uint64_t>> ids_;
};

} // namespace weft::inline v0::embedded

#include <weft/embedded/detail/kv_maintenance.hpp>
