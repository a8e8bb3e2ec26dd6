// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/pool/detail/slot.hpp>
#include <weft/pool/lease.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <source_location>
#include <utility>

namespace weft::inline v0::detail {

/// The state of a blocking pool, shared with its leases.
///
/// `size_` counts places: connections and the rights to make one. A place that becomes free and a connection that comes
/// back go to the first who waits, so nobody waits while there is an idle connection or a free place. No hook of a
/// connection is called under the lock.
template <class Connection, class Traits>
class pool_core : public std::enable_shared_from_this<pool_core<Connection, Traits>> {
public:
    using connection_type = Connection;
    using slot_type = slot<Connection>;
    using slot_ptr = std::unique_ptr<slot_type>;
    using lease = pool_lease<pool_core>;

    struct connector {
        connector() = default;
        connector(const connector&) = delete;
        connector& operator=(const connector&) = delete;
        virtual ~connector() = default;
        virtual slot_ptr make() = 0;
    };

    static constexpr std::int64_t forever = pool_options::never;

    pool_core(std::unique_ptr<connector> connect, const pool_options& options)
        : connect_(std::move(connect)), options_(options) {}
    pool_core(const pool_core&) = delete;
    pool_core& operator=(const pool_core&) = delete;
    ~pool_core() {
        while (slot_ptr s = pop(idle_.front())) {}
    }

    const pool_options& options() const noexcept { return options_; }

    lease acquire(std::int64_t limit_ms, const std::source_location& where) {
        slot_ptr found;
        {
            std::unique_lock lock(guard_);
            if (closed_) throw programming_error(closed_text, where);
            if (!idle_.empty()) {
                found = pop(idle_.back());
                --idle_count_;
            } else if (size_ < options_.max_size) {
                ++size_;
            } else {
                found = wait(lock, limit_ms, where);
            }
            ++counts_.acquires;
        }
        if (found && !is_fit_to_use(found)) found = nullptr;
        if (!found) {
            try {
                found = make();
            } catch (...) {
                free_place(true);
                throw;
            }
        }
        return lease(this->shared_from_this(), std::move(found));
    }

    void give_back(slot_ptr s) noexcept {
        const std::uint64_t breakdowns = breakdowns_;
        if (!is_fit_to_return(s->connection)) return retire(std::move(s), close_reason::broken);
        const std::int64_t now = options_.clock_ms();
        s->used_ms = s->good_ms = now;
        s->breakdowns = breakdowns;
        if (is_too_old(*s, options_, now)) return retire(std::move(s), close_reason::lifetime);
        hand_on(std::move(s), true);
        while (slot_ptr old = take_overdue(now, true)) retire(std::move(old), close_reason::idle);
    }

    void discard(slot_ptr s) noexcept { retire(std::move(s), close_reason::discarded); }

    void maintain() {
        const std::int64_t now = options_.clock_ms();
        const std::uint64_t breakdowns = breakdowns_;
        while (slot_ptr old = take([&](const slot_type& s) { return is_too_old(s, options_, now); }))
            retire(std::move(old), close_reason::lifetime);
        while (slot_ptr old = take_overdue(now, false)) retire(std::move(old), close_reason::idle);
        while (slot_ptr s = take([&](const slot_type& idle) {
                   return now - idle.good_ms >= options_.health_check_interval_ms || idle.breakdowns < breakdowns;
               })) {
            if (passes_check(s))
                hand_on(std::move(s), false);
            else
                free_place(false);
        }
        while (reserve_missing()) {
            slot_ptr made;
            try {
                made = make();
            } catch (...) {
                free_place(false);
                throw;
            }
            hand_on(std::move(made), true);
        }
    }

    bool close(std::int64_t wait_ms) noexcept {
        intrusive_list<slot_type> last;
        {
            const std::lock_guard lock(guard_);
            closed_ = true;
            while (waiter* first = waiters_.front()) first->wake_with(waiter::outcome::closed);
            while (slot_type* s = idle_.front()) {
                s->unlink();
                last.push_back(*s);
            }
            idle_count_ = 0;
        }
        while (slot_ptr s = pop(last.front())) retire(std::move(s), close_reason::shutdown);
        std::unique_lock lock(guard_);
        const auto all_back = [this] { return size_ == 0; };
        if (wait_ms == forever)
            all_back_.wait(lock, all_back);
        else if (wait_ms > 0)
            all_back_.wait_for(lock, duration(wait_ms), all_back);
        return size_ == 0;
    }

    bool is_closed() const {
        const std::lock_guard lock(guard_);
        return closed_;
    }

    pool_statistics statistics() const {
        const std::lock_guard lock(guard_);
        return current();
    }

private:
    struct waiter : list_node {
        enum class outcome : unsigned char { none, connection, place, closed };

        void wake_with(outcome what) noexcept {
            unlink();
            result = what;
            wake.notify_one();
        }

        std::condition_variable wake;
        slot_ptr connection;
        outcome result = outcome::none;
    };

    /// As long as the clocks of the system can bear.
    static std::chrono::milliseconds duration(std::int64_t ms) noexcept {
        constexpr std::int64_t a_century = 3'155'760'000'000;
        return std::chrono::milliseconds(ms < a_century ? ms : a_century);
    }

    static slot_ptr pop(slot_type* s) noexcept {
        if (s != nullptr) s->unlink();
        return slot_ptr(s);
    }

    pool_statistics current() const noexcept {
        pool_statistics now = counts_;
        now.size = size_;
        now.idle = idle_count_;
        now.in_use = size_ - idle_count_;
        now.waiting = waiters_.size();
        return now;
    }

    /// A connection, or none with the right to make one.
    slot_ptr wait(std::unique_lock<std::mutex>& lock, std::int64_t limit_ms, const std::source_location& where) {
        using outcome = typename waiter::outcome;
        waiter me;
        if (limit_ms > 0) {
            waiters_.push_back(me);
            const auto served = [&me] { return me.result != outcome::none; };
            const auto since = std::chrono::steady_clock::now();
            if (limit_ms == forever)
                me.wake.wait(lock, served);
            else
                me.wake.wait_for(lock, duration(limit_ms), served);
            const auto waited = std::chrono::steady_clock::now() - since;
            counts_.wait_us +=
                static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(waited).count());
            me.unlink();
        }
        if (me.result == outcome::closed) throw programming_error(closed_text, where);
        if (me.result == outcome::none) {
            ++counts_.timeouts;
            throw pool_timeout(timeout_text(limit_ms, options_, current()), where);
        }
        return std::move(me.connection);
    }

    slot_ptr make() {
        const std::uint64_t breakdowns = breakdowns_;
        slot_ptr made;
        try {
            made = connect_->make();
        } catch (...) {
            const std::lock_guard lock(guard_);
            ++counts_.connect_failures;
            throw;
        }
        made->created_ms = made->used_ms = made->good_ms = options_.clock_ms();
        made->breakdowns = breakdowns;
        const std::lock_guard lock(guard_);
        ++counts_.created;
        return made;
    }

    /// Whether a connection that was idle can be leased. If not, it is closed and its place is kept.
    bool is_fit_to_use(slot_ptr& s) noexcept {
        const std::int64_t now = options_.clock_ms();
        if (is_too_old(*s, options_, now)) {
            close_connection(std::move(s), close_reason::lifetime);
            return false;
        }
        if (!needs_check(*s, options_, now, breakdowns_)) return true;
        return passes_check(s);
    }

    bool passes_check(slot_ptr& s) noexcept {
        const std::uint64_t breakdowns = breakdowns_;
        try {
            if (Traits::is_usable(s->connection)) {
                Traits::validate(s->connection);
                s->good_ms = options_.clock_ms();
                s->breakdowns = breakdowns;
                return true;
            }
        } catch (...) { // whatever it was, the connection has not passed
        }
        close_connection(std::move(s), close_reason::validation);
        return false;
    }

    bool is_fit_to_return(Connection& c) noexcept {
        try {
            if (!Traits::is_usable(c)) return false;
            if (options_.on_return == return_action::reset) Traits::reset(c);
            if (options_.on_return == return_action::rollback) Traits::rollback(c);
            return Traits::is_usable(c);
        } catch (...) {
            return false;
        }
    }

    /// Closes and keeps the place.
    void close_connection(slot_ptr s, close_reason why) noexcept {
        if (is_breakdown(why)) ++breakdowns_;
        try {
            Traits::close(s->connection);
        } catch (...) { // it is dropped in any case
        }
        s.reset();
        const std::lock_guard lock(guard_);
        count_closed(counts_, why);
    }

    void retire(slot_ptr s, close_reason why) noexcept {
        close_connection(std::move(s), why);
        free_place(false);
    }

    void free_place(bool of_failed_acquire) noexcept {
        const std::lock_guard lock(guard_);
        if (of_failed_acquire) --counts_.acquires;
        if (waiter* first = waiters_.front()) return first->wake_with(waiter::outcome::place);
        --size_;
        if (closed_ && size_ == 0) all_back_.notify_all();
    }

    /// To the first who waits, else to the idle ones: last, to be used next, or first.
    void hand_on(slot_ptr s, bool last) noexcept {
        {
            const std::lock_guard lock(guard_);
            if (waiter* first = waiters_.front()) {
                first->connection = std::move(s);
                return first->wake_with(waiter::outcome::connection);
            }
            if (!closed_) {
                ++idle_count_;
                return last ? idle_.push_back(*s.release()) : idle_.push_front(*s.release());
            }
        }
        retire(std::move(s), close_reason::shutdown);
    }

    template <class Condition>
    slot_ptr take(Condition wanted) noexcept {
        const std::lock_guard lock(guard_);
        for (slot_type* s = idle_.front(); s != nullptr; s = idle_.next(*s)) {
            if (!wanted(*s)) continue;
            --idle_count_;
            return pop(s);
        }
        return nullptr;
    }

    /// An idle connection that nobody has used for too long, as long as there are more than the minimum. The one used
    /// longest ago stands first, except among those that were checked meanwhile.
    slot_ptr take_overdue(std::int64_t now, bool first_only) noexcept {
        const std::lock_guard lock(guard_);
        if (size_ <= options_.min_size) return nullptr;
        for (slot_type* s = idle_.front(); s != nullptr; s = first_only ? nullptr : idle_.next(*s)) {
            if (!is_idle_too_long(*s, options_, now)) continue;
            --idle_count_;
            return pop(s);
        }
        return nullptr;
    }

    bool reserve_missing() noexcept {
        const std::lock_guard lock(guard_);
        if (closed_ || size_ >= options_.min_size) return false;
        ++size_;
        return true;
    }

    const std::unique_ptr<connector> connect_;
    const pool_options options_;
    std::atomic<std::uint64_t> breakdowns_{0};

    mutable std::mutex guard_; // of everything below
    std::condition_variable all_back_;
    intrusive_list<slot_type> idle_; // owned; the one used last is last
    intrusive_list<waiter> waiters_;
    std::size_t idle_count_ = 0;
    std::size_t size_ = 0;
    bool closed_ = false;
    pool_statistics counts_; // without the sizes
};

} // namespace weft::inline v0::detail
