// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `task<T>`: the coroutine in which every protocol flow is written, and `run_now`, which runs one to its end on a
/// blocking stream.
///
/// A task starts when it is awaited, on the awaiting thread, and if it never has to wait it has also finished there:
/// the awaiting coroutine then goes on without having been suspended. Loops over operations that are ready at once
/// therefore need no stack, in debug builds either.

#include <weft/core/error.hpp>
#include <weft/net/detail/frame_pool.hpp>

#include <atomic>
#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace weft::inline v0::net {

template <class T>
class task;

namespace detail {

class task_promise_base {
public:
    static void* operator new(std::size_t size) { return frame_pool::allocate(size); }
    static void operator delete(void* frame, std::size_t size) noexcept { frame_pool::release(frame, size); }

    struct final_awaiter {
        bool await_ready() const noexcept { return false; }
        template <class Promise>
        void await_suspend(std::coroutine_handle<Promise> finished) const noexcept {
            finished.promise().finish();
        }
        void await_resume() const noexcept {}
    };

    std::suspend_always initial_suspend() const noexcept { return {}; }
    final_awaiter final_suspend() const noexcept { return {}; }
    void unhandled_exception() noexcept { exception_ = std::current_exception(); }

    /// Leaves `waiter` to be resumed at the end. False when the task has ended already, perhaps on another thread.
    bool park(std::coroutine_handle<> waiter) noexcept {
        void* running = nullptr;
        return waiter_.compare_exchange_strong(running, waiter.address(), std::memory_order_acq_rel,
                                               std::memory_order_acquire);
    }

protected:
    void rethrow() const {
        if (exception_) std::rethrow_exception(exception_);
    }

private:
    // Nothing of this object may be touched after the exchange: the waiter may destroy it at once.
    void finish() noexcept {
        if (void* waiter = waiter_.exchange(&waiter_, std::memory_order_acq_rel))
            std::coroutine_handle<>::from_address(waiter).resume();
    }

    std::atomic<void*> waiter_{nullptr}; // null: running; its own address: ended; else the coroutine that waits
    std::exception_ptr exception_;
};

template <class T>
class task_promise final : public task_promise_base {
public:
    task<T> get_return_object() noexcept;

    template <class U = T>
        requires std::is_constructible_v<T, U>
    void return_value(U&& value) {
        value_.emplace(std::forward<U>(value));
    }

    T take() {
        rethrow();
        return std::move(*value_);
    }

private:
    std::optional<T> value_;
};

template <>
class task_promise<void> final : public task_promise_base {
public:
    task<void> get_return_object() noexcept;
    void return_void() const noexcept {}
    void take() const { rethrow(); }
};

/// The value of a task that had ended before it was made. Numbers only: what else is computed needs a coroutine.
template <class T>
struct ended_value {};
template <class T>
    requires std::is_arithmetic_v<T>
struct ended_value<T> {
    T value{};
};

} // namespace detail

/// A computation that may wait for the network on its way to a `T` (an object type or void). Move-only, awaited once:
/// `T value = co_await std::move(work);` or, as usual, `co_await flow(stream)`. Exceptions of the coroutine come out of
/// the `co_await`. It must not be destroyed between its start and its end.
template <class T = void>
class [[nodiscard]] task {
public:
    using promise_type = detail::task_promise<T>;
    using value_type = T;

    task(task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)), ended_(other.ended_) {}
    task& operator=(task&& other) noexcept {
        if (this != &other) {
            if (frame_) frame_.destroy();
            frame_ = std::exchange(other.frame_, nullptr);
            ended_ = other.ended_;
        }
        return *this;
    }
    ~task() {
        if (frame_) frame_.destroy();
    }

    /// A task that has ended already: what a function returns that did everything without waiting, at the price of no
    /// coroutine. With the value when it is a number; others need the coroutine.
    static task ended() noexcept
        requires std::is_void_v<T>
    {
        return task(std::coroutine_handle<promise_type>());
    }
    template <std::same_as<T> Number>
        requires std::is_arithmetic_v<Number>
    static task ended(Number value) noexcept {
        task made{std::coroutine_handle<promise_type>()};
        made.ended_.value = value;
        return made;
    }

    /// The three parts of `co_await`.
    bool await_ready() const noexcept {
        if constexpr (may_have_ended) return !frame_;
        return false;
    }
    bool await_suspend(std::coroutine_handle<> waiter) const noexcept {
        const auto frame = frame_; // as soon as the waiter is parked, this task may be gone
        frame.resume();
        return frame.promise().park(waiter);
    }
    T await_resume() const {
        if constexpr (std::is_void_v<T>) {
            if (frame_) frame_.promise().take();
        } else {
            if constexpr (may_have_ended) {
                if (!frame_) return ended_.value;
            }
            return frame_.promise().take();
        }
    }

private:
    static constexpr bool may_have_ended = std::is_void_v<T> || std::is_arithmetic_v<T>;

    friend promise_type;
    template <class U>
    friend U run_now(task<U> work);

    explicit task(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}

    std::coroutine_handle<promise_type> frame_; // null: ended, or moved from
    [[no_unique_address]] detail::ended_value<T> ended_;
};

template <class T>
task<T> detail::task_promise<T>::get_return_object() noexcept {
    return task<T>(std::coroutine_handle<task_promise>::from_promise(*this));
}

inline task<void> detail::task_promise<void>::get_return_object() noexcept {
    return task<void>(std::coroutine_handle<task_promise>::from_promise(*this));
}

/// Runs a task over blocking streams to its end and returns what it returned. \throws internal_error when the task
/// waits, which means that it was given a stream that is not blocking.
template <class T>
T run_now(task<T> work) {
    if constexpr (task<T>::may_have_ended) {
        if (work.await_ready()) return work.await_resume();
    }
    const auto frame = work.frame_;
    frame.resume();
    if (!frame.done()) {
        work.frame_ = nullptr; // whatever it waits for still points into the frame
        throw internal_error("a task that had to run at once waits for a stream that does not block");
    }
    return frame.promise().take();
}

} // namespace weft::inline v0::net
