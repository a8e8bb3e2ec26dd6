// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The outcome of SQL on a key-value database or in one of its transactions.

#include <weft/embedded/detail/kv_sql.hpp>
#include <weft/embedded/detail/kv_transaction_state.hpp>
#include <weft/embedded/result.hpp>

#include <utility>

namespace weft::inline v0::embedded {

/// As `sql_result`; it keeps its connection until it is destroyed. In a transaction it ends with that.
class kv_result {
public:
    using block_type = row_view;

    /// A statement text of its own. `sessions` are the transactions begun with SQL.
    kv_result(shared<detail::lease> owner, shared<detail::sql_sessions> sessions, std::string_view sql,
              std::span<const cell> cells)
        : owner_(std::move(owner)), sessions_(std::move(sessions)),
          inner_(detail::in_toondb_words([&] { return owner_->connection().sql().run(sql, cells); })) {
        notice();
    }
    /// A statement text in a transaction.
    kv_result(shared<detail::transaction_state> transaction, std::string_view sql, std::span<const cell> cells)
        : owner_(transaction->owner()), transaction_(std::move(transaction)), inner_(transaction_->guarded([&] {
              return detail::in_toondb_words([&] { return owner_->connection().sql().run(sql, cells); });
          })) {
        notice();
    }
    kv_result(kv_result&& other) noexcept
        : owner_(std::move(other.owner_)), sessions_(std::move(other.sessions_)),
          transaction_(std::move(other.transaction_)), inner_(std::move(other.inner_)), ended_it_(other.ended_it_) {}
    kv_result& operator=(kv_result&& other) noexcept {
        finish();
        inner_ = std::move(other.inner_); // before the connection it runs on
        transaction_ = std::move(other.transaction_);
        sessions_ = std::move(other.sessions_);
        owner_ = std::move(other.owner_);
        ended_it_ = other.ended_it_;
        return *this;
    }
    ~kv_result() { finish(); }

    const shared<const schema>& layout() const noexcept { return inner_->layout(); }

    const row_view* next_row() {
        const row_view* row = guarded([&] { return inner_->next_row(); });
        if (row == nullptr) notice();
        return row;
    }
    bool next_set() {
        if (ended_it_ && !inner_->has_more()) return false;
        const bool there = guarded([&] {
            owner_->connection().before_write(); // the next statement may be one
            return inner_->next_set();
        });
        notice();
        return there;
    }

    std::int64_t affected_rows() const noexcept { return inner_->affected_rows(); }
    std::int64_t last_insert_id() const noexcept { return inner_->last_insert_id(); }
    std::vector<warning> warnings() const { return inner_->warnings(); }

private:
    template <class F>
    auto guarded(F f) -> decltype(f()) {
        const auto worded = [&] { return detail::in_toondb_words(f); };
        if (!transaction_) {
            owner_->core().check_open();
            return worded();
        }
        transaction_->check_active();
        return transaction_->guarded(worded);
    }

    /// After statements that may have committed something or ended a transaction.
    void notice() {
        if (transaction_) {
            ended_it_ = transaction_->notice_end() || ended_it_;
            return;
        }
        if (sessions_->notice(owner_)) return;
        if (owner_->connection().committed) {
            owner_->stop_writing();
            owner_->core().settle(owner_->connection());
        }
    }

    void finish() noexcept {
        if (!owner_) return;
        inner_.reset(); // ends the statement, which may commit
        try {
            notice();
        } catch (const error&) { // nobody is left to hear it
        }
    }

    shared<detail::lease> owner_;
    shared<detail::sql_sessions> sessions_;
    shared<detail::transaction_state> transaction_;
    std::optional<sql_result> inner_;
    bool ended_it_ = false; // a COMMIT or ROLLBACK of this text
};

} // namespace weft::inline v0::embedded
