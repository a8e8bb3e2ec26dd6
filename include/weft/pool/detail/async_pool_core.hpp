// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/core/error_code.hpp>
#include <weft/pool/detail/async_parts.hpp>
#include <weft/pool/lease.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <source_location>
#include <utility>
#include <vector>

namespace weft::inline v0::detail {

/// The state of an asynchronous pool, shared with its leases and the operations under way. Everything happens on its
/// executor.
///
/// Those who wait stand in one queue. Attempts (connecting and checking) are not tied to one of them: as many run as
/// there are people waiting, places permitting, and whatever becomes ready first goes to the first in the queue.
template <class Connection, class Traits>
class async_pool_core : public std::enable_shared_from_this<async_pool_core<Connection, Traits>> {
public:
    using connection_type = Connection;
    using slot_type = async_slot<Connection>;
    using slot_ptr = std::unique_ptr<slot_type>;
    using lease = pool_lease<async_pool_core>;
    using executor_type = boost::asio::any_io_executor;
    using error_code = boost::system::error_code;
    using acquire_handler = boost::asio::any_completion_handler<void(error_code, lease)>;
    using close_handler = boost::asio::any_completion_handler<void(error_code)>;
    using clock = std::chrono::steady_clock;
    using waiter = async_waiter<acquire_handler>;

    /// Ends a step. What Asio calls, and owns the connection until then.
    struct step_handler {
        using executor_type = boost::asio::any_io_executor;
        using cancellation_slot_type = boost::asio::cancellation_slot;

        executor_type get_executor() const noexcept { return pool->executor_; }
        cancellation_slot_type get_cancellation_slot() const noexcept { return on->cancel.slot(); }
        template <class... Rest>
        void operator()(error_code ec, Rest&&...) {
            const auto keeps = std::move(pool);
            keeps->end_of_step(what, std::move(on), ec);
        }

        std::shared_ptr<async_pool_core> pool;
        slot_ptr on;
        pool_step what;
    };

    struct connector {
        connector() = default;
        connector(const connector&) = delete;
        connector& operator=(const connector&) = delete;
        virtual ~connector() = default;
        virtual slot_ptr make(const executor_type& executor) = 0;
        virtual void start(Connection& c, step_handler handler) = 0;
    };

    async_pool_core(executor_type executor, std::unique_ptr<connector> connect, const pool_options& options)
        : executor_(std::move(executor)), connect_(std::move(connect)), options_(options), timer_(executor_),
          maintenance_(executor_) {}
    async_pool_core(const async_pool_core&) = delete;
    async_pool_core& operator=(const async_pool_core&) = delete;
    ~async_pool_core() {
        while (slot_ptr s = pop(idle_.front())) {}
        while (waiter* w = waiters_.front()) delete w;
    }

    const executor_type& executor() const noexcept { return executor_; }
    const pool_options& options() const noexcept { return options_; }

    void acquire(std::int64_t limit_ms, diagnostics* info, const std::source_location& where, acquire_handler handler) {
        auto w = std::make_unique<waiter>(std::move(handler), info, where, limit_ms);
        boost::asio::dispatch(
            executor_, [self = this->shared_from_this(), w = std::move(w)]() mutable { self->enqueue(std::move(w)); });
    }

    void give_back(slot_ptr s) noexcept { on_executor(std::move(s), &async_pool_core::take_back); }

    void discard(slot_ptr s) noexcept { on_executor(std::move(s), &async_pool_core::drop); }

    void maintain() {
        if (closed_) return;
        const std::int64_t now = options_.clock_ms();
        while (slot_ptr s = take([&](const slot_type& i) { return is_too_old(i, options_, now); }))
            retire(std::move(s), close_reason::lifetime);
        while (is_above_minimum()) {
            slot_ptr s = take([&](const slot_type& i) { return is_idle_too_long(i, options_, now); });
            if (!s) break;
            retire(std::move(s), close_reason::idle);
        }
        while (slot_ptr s = take([&](const slot_type& i) {
                   return now - i.good_ms >= options_.health_check_interval_ms || i.breakdowns != breakdowns_;
               }))
            check(std::move(s));
        const std::size_t there = size_ - closing_;
        for (std::size_t missing = options_.min_size > there ? options_.min_size - there : 0; missing != 0; --missing) {
            if (!connect()) break;
        }
    }

    void maintain_every(std::chrono::milliseconds interval) {
        if (closed_) return;
        maintain();
        maintenance_.expires_after(interval);
        maintenance_.async_wait([weak = this->weak_from_this(), interval](error_code ec) {
            if (ec) return;
            if (const auto self = weak.lock()) self->maintain_every(interval);
        });
    }

    void close() {
        closed_ = true;
        maintenance_.cancel();
        while (waiter* w = waiters_.front()) fail(*w, make_error_code(errc::programming_error), closed_text);
        while (slot_ptr s = pop(idle_.front())) {
            --idle_count_;
            retire(std::move(s), close_reason::shutdown);
        }
        tell_closed();
    }

    void close_and_wait(close_handler handler) {
        closers_.push_back(std::move(handler));
        close();
    }

    /// The pool object is gone, and perhaps soon the executor: leases that come back are dropped where they are.
    void abandon() {
        abandoned_ = true;
        close();
        while (slot_type* s = steps_.front()) cancel_step(*s);
        for (close_handler& h : std::exchange(closers_, {}))
            boost::asio::post(executor_, boost::asio::append(std::move(h), boost::asio::error::operation_aborted));
    }

    bool is_closed() const noexcept { return closed_; }

    pool_statistics statistics() const noexcept {
        pool_statistics now = counts_;
        now.size = size_;
        now.idle = idle_count_;
        now.in_use = size_ - idle_count_;
        now.waiting = waiting_;
        return now;
    }

private:
    static slot_ptr pop(list_node* s) noexcept {
        if (s != nullptr) s->unlink();
        return slot_ptr(static_cast<slot_type*>(s));
    }

    // ---------------------------------------------------------------------------------------- those who wait

    void enqueue(std::unique_ptr<waiter> mine) {
        waiter& w = *mine.release();
        waiters_.push_back(w);
        ++waiting_;
        if (closed_) return fail(w, make_error_code(errc::programming_error), closed_text);
        auto slot = boost::asio::get_associated_cancellation_slot(w.handler);
        if (slot.is_connected()) {
            slot.assign([this, at = &w](boost::asio::cancellation_type type) mutable {
                if (type == boost::asio::cancellation_type::none || at == nullptr) return;
                waiter& who = *std::exchange(at, nullptr);
                who.cancelled = true;
                fail(who, boost::asio::error::operation_aborted,
                     "cancelled while waiting for a connection of the pool");
            });
        }
        pump();
        if (waiters_.back() != &w) return; // served, and gone
        if (w.limit_ms == 0) return time_out(w);
        arm(w.until);
    }

    /// Ends the wait of one. Nothing of it may be touched afterwards.
    void complete(waiter& w, error_code ec, lease l) {
        const std::unique_ptr<waiter> gone(&w);
        w.unlink();
        --waiting_;
        const auto waited = clock::now() - w.since;
        counts_.wait_us +=
            static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(waited).count());
        if (!w.cancelled) { // else this call comes from the slot
            auto slot = boost::asio::get_associated_cancellation_slot(w.handler);
            if (slot.is_connected()) slot.clear();
        }
        boost::asio::post(executor_, boost::asio::append(std::move(w.handler), ec, std::move(l)));
        disarm();
    }

    void fail(waiter& w, error_code ec, std::string message) {
        diagnostics info;
        info.message = std::move(message);
        fail_with(w, ec, std::move(info));
    }
    void fail_with(waiter& w, error_code ec, diagnostics info) {
        if (w.info != nullptr) {
            if (info.attempted.empty()) info.location = w.where;
            *w.info = std::move(info);
        }
        complete(w, ec, lease());
    }

    void time_out(waiter& w) {
        ++counts_.timeouts;
        pool_statistics s = statistics();
        --s.waiting; // the others
        fail(w, make_error_code(errc::operational_error), timeout_text(w.limit_ms, options_, s));
    }

    /// Starts as many attempts as those who wait need.
    void pump() {
        while (waiting_ > attempts_ && !closed_) {
            if (slot_ptr s = pop(idle_.back())) {
                --idle_count_;
                const std::int64_t now = options_.clock_ms();
                if (is_too_old(*s, options_, now))
                    retire(std::move(s), close_reason::lifetime);
                else if (needs_check(*s, options_, now, breakdowns_))
                    check(std::move(s));
                else
                    hand_on(std::move(s));
            } else if (!connect()) {
                return;
            }
        }
    }

    /// To the first in the queue, else to the idle ones.
    void hand_on(slot_ptr s) {
        if (closed_) return retire(std::move(s), close_reason::shutdown);
        if (waiter* first = waiters_.front()) {
            ++counts_.acquires;
            if (first->info != nullptr) *first->info = {};
            return complete(*first, {}, lease(this->shared_from_this(), std::move(s)));
        }
        ++idle_count_;
        idle_.push_back(*s.release());
        const std::int64_t now = options_.clock_ms();
        while (is_above_minimum() && idle_.front() != nullptr && is_idle_too_long(*idle_.front(), options_, now)) {
            --idle_count_;
            retire(pop(idle_.front()), close_reason::idle);
        }
    }

    bool is_above_minimum() const noexcept { return size_ - closing_ > options_.min_size; }

    // ---------------------------------------------------------------------------------------- steps

    /// False when there is no place for another connection. A connection that cannot even be made counts as one that
    /// could not be connected.
    bool connect() {
        if (size_ >= options_.max_size || closed_) return false;
        ++size_;
        ++attempts_;
        slot_ptr made;
        try {
            made = connect_->make(executor_);
            made->breakdowns = breakdowns_;
        } catch (...) {
            const caught_error why;
            not_connected(why.ec, why.info);
            return true;
        }
        run(std::move(made), pool_step::connect,
            [this](Connection& c, step_handler handler) { connect_->start(c, std::move(handler)); });
        return true;
    }

    void not_connected(error_code ec, const diagnostics& info) {
        --attempts_;
        --size_;
        ++counts_.connect_failures;
        if (waiter* first = waiters_.front()) fail_with(*first, ec, info);
        tell_closed();
    }

    void check(slot_ptr s) {
        ++attempts_;
        s->breakdowns = breakdowns_;
        if (!is_usable(s->connection)) return end_of_step(pool_step::check, std::move(s), boost::asio::error::eof);
        if constexpr (Traits::has_ping) {
            run(std::move(s), pool_step::check,
                [](Connection& c, step_handler handler) { Traits::validate(c, std::move(handler)); });
        } else {
            end_of_step(pool_step::check, std::move(s), {});
        }
    }

    void take_back(slot_ptr s) {
        s->breakdowns = breakdowns_;
        if (!is_usable(s->connection)) return retire(std::move(s), close_reason::broken);
        if (closed_) return retire(std::move(s), close_reason::shutdown);
        if (is_too_old(*s, options_, options_.clock_ms())) return retire(std::move(s), close_reason::lifetime);
        if constexpr (Traits::has_reset) {
            if (wants_reset(s->connection)) {
                return run(std::move(s), pool_step::reset,
                           [](Connection& c, step_handler handler) { Traits::reset(c, std::move(handler)); });
            }
        }
        end_of_step(pool_step::reset, std::move(s), {});
    }

    bool wants_reset(const Connection& c) const {
        switch (options_.on_return) {
        case return_action::reset: return true;
        case return_action::rollback: return Traits::has_transaction(c);
        case return_action::keep: break;
        }
        return false;
    }

    void drop(slot_ptr s) { retire(std::move(s), close_reason::discarded); }

    template <class Start>
    void run(slot_ptr s, pool_step what, Start start) {
        slot_type& on = *s;
        on.until = end_of_time(clock::now(), options_.step_timeout_ms);
        steps_.push_back(on);
        arm(on.until);
        try {
            start(on.connection, step_handler{this->shared_from_this(), std::move(s), what});
        } catch (...) { // it has not begun, and the connection went with the handler
            not_begun(what, caught_error());
        }
    }

    void not_begun(pool_step what, const caught_error& why) {
        disarm();
        switch (what) {
        case pool_step::connect: return not_connected(why.ec, why.info);
        case pool_step::check:
            --attempts_;
            ++counts_.closed_validation;
            ++breakdowns_;
            break;
        case pool_step::reset:
            ++counts_.closed_broken;
            ++breakdowns_;
            break;
        case pool_step::close: --closing_; break;
        }
        place_is_free();
    }

    static void cancel_step(slot_type& s) {
        s.unlink(); // its handler still owns it
        s.cancel.emit(boost::asio::cancellation_type::terminal);
    }

    void end_of_step(pool_step what, slot_ptr s, error_code ec) {
        s->unlink();
        disarm();
        const bool good = !ec && (what == pool_step::close || is_usable(s->connection));
        if (!ec && !good) ec = boost::asio::error::eof;
        const std::int64_t now = options_.clock_ms();
        switch (what) {
        case pool_step::connect:
            if (!good) {
                const diagnostics info = Traits::diagnostics(s->connection, ec);
                s.reset();
                not_connected(ec, info);
                break;
            }
            ++counts_.created;
            s->created_ms = s->used_ms = now;
            [[fallthrough]];
        case pool_step::check:
            --attempts_;
            if (!good) {
                retire(std::move(s), close_reason::validation);
                break;
            }
            s->good_ms = now;
            hand_on(std::move(s));
            break;
        case pool_step::reset:
            if (!good) {
                retire(std::move(s), close_reason::broken);
                break;
            }
            s->used_ms = s->good_ms = now;
            hand_on(std::move(s));
            break;
        case pool_step::close:
            s.reset();
            --closing_;
            place_is_free();
            break;
        }
        pump();
    }

    static bool is_usable(const Connection& c) noexcept {
        try {
            return Traits::is_usable(c);
        } catch (...) {
            return false;
        }
    }

    /// Closes a connection, politely if it works; its place is free when that is done.
    void retire(slot_ptr s, close_reason why) {
        count_closed(counts_, why);
        if (is_breakdown(why)) ++breakdowns_;
        if constexpr (Traits::has_close) {
            if (!is_breakdown(why) && !abandoned_ && is_usable(s->connection)) {
                ++closing_;
                return run(std::move(s), pool_step::close,
                           [](Connection& c, step_handler handler) { Traits::close(c, std::move(handler)); });
            }
        }
        s.reset();
        place_is_free();
    }

    void place_is_free() {
        --size_;
        tell_closed();
        pump();
    }

    void tell_closed() {
        if (!closed_ || size_ != 0) return;
        for (close_handler& h : std::exchange(closers_, {}))
            boost::asio::post(executor_, boost::asio::append(std::move(h), error_code()));
    }

    void on_executor(slot_ptr s, void (async_pool_core::*what)(slot_ptr)) noexcept {
        if (abandoned_) return;
        try {
            boost::asio::dispatch(executor_, [self = this->shared_from_this(), s = std::move(s), what]() mutable {
                (*self.*what)(std::move(s));
            });
        } catch (...) { // no memory: the connection is gone, and its place with it
        }
    }

    // ---------------------------------------------------------------------------------------- time

    /// One timer serves all who wait and all steps; it is set to the earliest of their ends.
    void arm(clock::time_point when) {
        if (when >= armed_) return;
        armed_ = when;
        timer_.expires_at(when);
        timer_.async_wait([weak = this->weak_from_this()](error_code ec) {
            if (ec) return;
            if (const auto self = weak.lock()) self->tick();
        });
    }

    /// Nothing to wait for: the timer must not keep the event loop running.
    void disarm() {
        if (armed_ == clock::time_point::max() || waiting_ != 0 || !steps_.empty()) return;
        armed_ = clock::time_point::max();
        timer_.cancel();
    }

    void tick() {
        const auto now = clock::now();
        if (now < armed_) return; // it was set anew while this call was on its way
        armed_ = clock::time_point::max();
        for (waiter* w = waiters_.front(); w != nullptr;) {
            waiter* after = waiters_.next(*w);
            if (w->until <= now) time_out(*w);
            w = after;
        }
        while (!steps_.empty() && steps_.front()->until <= now) cancel_step(*steps_.front());
        for (waiter* w = waiters_.front(); w != nullptr; w = waiters_.next(*w)) arm(w->until);
        if (!steps_.empty()) arm(steps_.front()->until);
    }

    template <class Condition>
    slot_ptr take(Condition wanted) noexcept {
        for (slot_type* s = idle_.front(); s != nullptr; s = idle_.next(*s)) {
            if (!wanted(*s)) continue;
            --idle_count_;
            return pop(s);
        }
        return nullptr;
    }

    const executor_type executor_;
    const std::unique_ptr<connector> connect_;
    const pool_options options_;

    intrusive_list<slot_type> idle_;  // owned; the one used last is last
    intrusive_list<waiter> waiters_;  // owned
    intrusive_list<slot_type> steps_; // in the order of their ends, for all have the same time
    std::size_t idle_count_ = 0;
    std::size_t waiting_ = 0;
    std::size_t attempts_ = 0; // connects and checks under way
    std::size_t closing_ = 0;  // connections that say goodbye
    std::size_t size_ = 0;
    std::uint64_t breakdowns_ = 0;
    bool closed_ = false;
    std::atomic<bool> abandoned_{false};
    pool_statistics counts_; // without the sizes
    std::vector<close_handler> closers_;
    boost::asio::steady_timer timer_;
    clock::time_point armed_ = clock::time_point::max();
    boost::asio::steady_timer maintenance_;
};

} // namespace weft::inline v0::detail
