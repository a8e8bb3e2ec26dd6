// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `kv_transaction`: gets, puts, paths, scans and SQL that happen together or not at all.

#include <weft/cursor/connection_interface.hpp>
#include <weft/embedded/kv_operations.hpp>
#include <weft/embedded/kv_result.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace weft::inline v0::embedded {

class kv_query; // weft/embedded/kv_query.hpp

/// A transaction of a `kv_database`. It reads the snapshot of its beginning and what it wrote itself. Nothing is
/// visible to others before commit(); without it the destructor aborts. Move-only; used by one thread at a time, and
/// while it lasts it has a connection of its own.
///
/// Isolation is serializable, by the rule that the first to commit wins: a transaction that has read may write only as
/// long as nobody else has committed since its snapshot, and only one writes at a time. Otherwise its write throws
/// transaction_conflict, it is aborted, and `kv_database::with_transaction` tries again. Lost updates and write skew
/// are therefore impossible. Transactions that only read never wait and never conflict.
///
/// After its end every operation throws transaction_error: `Transaction already completed`.
class kv_transaction : public kv_operations<kv_transaction>, public connection_interface<kv_transaction> {
public:
    static constexpr sql_dialect dialect = database::dialect;

    /// Made by `kv_database::transaction`.
    kv_transaction(shared<detail::kv_core> core, kv_access access, std::uint64_t id)
        : state_(shared<detail::transaction_state>::make(std::move(core), access)), id_(id) {}
    kv_transaction(kv_transaction&&) noexcept = default;
    kv_transaction& operator=(kv_transaction&&) = delete;
    ~kv_transaction() {
        if (state_) abandon();
    }

    /// Number of the transaction among those of its database object, from 1.
    std::uint64_t id() const noexcept { return id_; }
    bool is_active() const noexcept { return state_ && state_->is_active(); }

    /// The value, or nothing.
    std::optional<std::string> get(bytes_view key) {
        detail::transaction_state& t = active();
        return t.guarded([&] { return t.connection().get(key); });
    }
    /// Inserts or replaces. Throws transaction_conflict when somebody else was first.
    void put(bytes_view key, bytes_view value, const put_options& how = {}) {
        detail::check_key(key);
        active().write([&](detail::kv_connection& c) { c.put(key, value, detail::expiry_of(how)); });
    }
    /// Erases; a key without a value is fine. ToonDB's name for it, `delete`, is a keyword of C++.
    void erase(bytes_view key) {
        active().write([&](detail::kv_connection& c) { c.erase(key); });
    }
    /// Puts when the key has no value. Returns whether it did.
    bool put_if_absent(bytes_view key, bytes_view value, const put_options& how = {}) {
        return put_if(key, std::nullopt, value, how);
    }
    /// Puts when the key's value is `expected`. Returns whether it did.
    bool compare_and_put(bytes_view key, bytes_view expected, bytes_view value, const put_options& how = {}) {
        return put_if(key, expected, value, how);
    }

    /// Keys in [start, end) in order, with what this transaction wrote before; an empty `end` is the end of the store.
    kv_scan scan(bytes_view start = {}, bytes_view end = {}, const scan_options& how = {}) {
        detail::transaction_state& t = active();
        return t.guarded([&] { return kv_scan(t.owner(), state_, start, end, how); });
    }

    using connection_interface::query;
    /// A query over JSON values whose keys begin with `prefix`; include `weft/embedded/kv_query.hpp`.
    template <class Query = kv_query>
        requires std::same_as<Query, kv_query>
    Query query(bytes_view prefix) {
        active();
        return Query(state_->owner(), state_, prefix);
    }

    /// SQL in this transaction: it sees what was put into tables here, and is committed or aborted with the rest. A
    /// COMMIT or ROLLBACK in SQL ends the transaction.
    kv_result run(std::string_view sql, std::span<const cell> cells) {
        detail::transaction_state& t = active();
        t.core().count_query();
        t.connection().before_write();
        const detail::kv_sql worded(sql);
        return kv_result(state_, worded.text(), cells);
    }
    std::int64_t run_many(std::string_view sql, parameter_rows& rows) {
        detail::transaction_state& t = active();
        t.core().count_query();
        t.connection().before_write();
        const detail::kv_sql worded(sql);
        return t.guarded([&] {
            return detail::in_toondb_words([&] { return t.connection().sql().run_many(worded.text(), rows); });
        });
    }

    /// Makes the changes visible to all and durable as the mode of the database says. Returns the number of this
    /// commit, which is larger than that of every commit before it, also before the last opening; a transaction that
    /// changed nothing returns the number of the last one that did. Throws transaction_error when that fails, and then
    /// nothing has happened; only when the log could not be synced the changes are visible and may not survive.
    std::uint64_t commit() { return state().commit(); }

    /// Undoes everything. Again after abort() it does nothing.
    void abort() { state().abort(); }
    /// The same.
    void rollback() { abort(); }

    // What kv_operations and kv_handle stand on.

    detail::kv_core& shared_core() const { return state().core(); }
    template <class F>
    void on_snapshot(F&& f) {
        detail::transaction_state& t = active();
        t.guarded([&] { f(t.connection()); });
    }
    template <class F>
    void in_write(F&& f) {
        active().write(std::forward<F>(f));
    }

private:
    detail::transaction_state& state() const {
        if (!state_) throw transaction_error("Transaction already completed"); // moved from
        return *state_;
    }
    detail::transaction_state& active() const {
        detail::transaction_state& t = state();
        t.check_active();
        return t;
    }
    void abandon() noexcept {
        if (state_->is_active()) state_->abort();
    }

    bool put_if(bytes_view key, const std::optional<bytes_view>& expected, bytes_view value, const put_options& how) {
        detail::check_key(key);
        bool applied = false;
        active().write([&](detail::kv_connection& c) {
            applied = detail::kv_core::put_if(c, key, expected, value, detail::expiry_of(how));
        });
        return applied;
    }

    shared<detail::transaction_state> state_;
    std::uint64_t id_;
};

} // namespace weft::inline v0::embedded
