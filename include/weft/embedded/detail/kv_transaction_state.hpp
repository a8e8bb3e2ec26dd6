// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/embedded/detail/kv_lease.hpp>

#include <string>
#include <utility>

namespace weft::inline v0::embedded {

/// What a transaction of a store is for.
enum class kv_access : unsigned char {
    read_write, ///< reads one snapshot; the first write may find that somebody else was first
    write_now,  ///< waits for the right to write and takes its snapshot then; cannot meet a conflict
    read_only,  ///< reads one snapshot; never waits, never meets a conflict
};

namespace detail {

/// A transaction of a store, shared by its scope, its scans and its results.
class transaction_state {
public:
    transaction_state(shared<kv_core> core, kv_access access) : owner_(shared<lease>::make(std::move(core))) {
        access_ = access;
        kv_connection& c = owner_->connection();
        if (access == kv_access::write_now) {
            owner_->core().check_synced();
            owner_->start_writing();
            c.run(hot::begin_write);
        } else {
            c.run(hot::begin);
            c.run(hot::look); // takes the snapshot
        }
        snapshot_ = owner_->core().last_number();
        owner_->core().began(snapshot_);
    }
    transaction_state(const transaction_state&) = delete;
    transaction_state& operator=(const transaction_state&) = delete;
    ~transaction_state() { give_up(); }

    const shared<lease>& owner() const noexcept { return owner_; }
    kv_connection& connection() const noexcept { return owner_->connection(); }
    kv_core& core() const noexcept { return owner_->core(); }
    bool is_active() const noexcept { return status_ == status::active; }
    std::uint64_t snapshot() const noexcept { return snapshot_; }

    void check_active() const {
        if (status_ != status::active) [[unlikely]]
            throw transaction_error("Transaction already completed");
        core().check_open();
    }

    /// Calls `f()`; when that fails for another writer, gives the transaction up and says so.
    template <class F>
    decltype(auto) guarded(F&& f) {
        try {
            return std::forward<F>(f)();
        } catch (const error& e) {
            if (status_ != status::active) throw;
            const bool busy = e.kind() == errc::operational_error && (e.diagnostics().code & 0xFF) == SQLITE_BUSY &&
                              e.diagnostics().code < 10'000;
            if (busy) {
                give_up();
                throw_conflict("another transaction has committed or is writing since this one began; try again");
            }
            if (!connection().in_transaction()) give_up(); // the engine rolled it back
            throw;
        }
    }

    /// Calls `f(connection)` as a write.
    template <class F>
    void write(F&& f) {
        check_active();
        if (access_ == kv_access::read_only)
            throw transaction_error(
                kv_diagnostics(kv_errc::transaction_read_only, "25006", "the transaction only reads"), &kv_errors);
        kv_connection& c = connection();
        c.before_write();
        if (!owner_->try_start_writing()) {
            give_up();
            throw_conflict("another transaction is writing; try again");
        }
        guarded([&] {
            c.make_tables();
            std::forward<F>(f)(c);
        });
    }

    /// After SQL: a COMMIT or ROLLBACK among the statements ends the transaction. Returns whether it did.
    bool notice_end() {
        if (status_ != status::active || connection().in_transaction()) return false;
        if (connection().committed) {
            connection().end_scans();
            connection().forget_made();
            end(status::committed);
            core().settle(connection());
        } else {
            give_up();
        }
        return true;
    }

    std::uint64_t commit() {
        if (status_ == status::committed) throw transaction_error("Transaction already committed");
        if (status_ == status::aborted) throw transaction_error("Transaction already aborted");
        core().check_open();
        kv_connection& c = connection();
        c.end_scans();
        std::uint64_t number = 0;
        try {
            if (c.is_writing()) {
                core().check_synced();
                c.make_tables();
                number = core().next_number(c);
            } else {
                number = core().last_number();
            }
            c.commit();
            end(status::committed);
            core().settle(c);
        } catch (const error& e) {
            give_up();
            diagnostics info = e.diagnostics();
            info.message = "Failed to commit transaction: " + info.message;
            throw transaction_error(std::move(info), &sqlite_errors);
        }
        return number;
    }

    void abort() {
        if (status_ == status::committed) throw transaction_error("Transaction already committed");
        give_up();
    }

private:
    enum class status : unsigned char { active, committed, aborted };

    void end(status how) noexcept {
        status_ = how;
        owner_->stop_writing();
        core().ended(snapshot_, how == status::committed);
    }

    void give_up() noexcept {
        if (status_ != status::active) return;
        connection().end_scans();
        connection().rollback();
        end(status::aborted);
    }

    shared<lease> owner_;
    kv_access access_;
    status status_ = status::active;
    std::uint64_t snapshot_ = 0;
};

} // namespace detail

} // namespace weft::inline v0::embedded
