// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `async_run`: a task as an Asio operation, with any completion token.

#include <weft/core/error.hpp>
#include <weft/core/error_code.hpp>
#include <weft/net/detail/frame_pool.hpp>
#include <weft/net/task.hpp>

#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/defer.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution/executor.hpp>
#include <boost/asio/executor_work_guard.hpp>

#include <concepts>
#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace weft::inline v0::net {

/// An executor itself, or the executor of an execution context such as an io_context.
template <class ExecutorOrContext>
auto executor_of(ExecutorOrContext& on) {
    if constexpr (requires { on.get_executor(); }) {
        return on.get_executor();
    } else {
        return on;
    }
}

/// A stream with an executor whose operations can be cancelled.
template <class Stream>
concept cancellable = requires(Stream& s) {
    s.get_executor();
    s.cancel();
};

namespace detail {

template <class Work>
struct task_of;
template <class T>
struct task_of<task<T>> {
    using type = T;
};
template <class Work>
    requires std::invocable<Work&>
struct task_of<Work> : task_of<std::invoke_result_t<Work&>> {};

template <class T>
struct completion_signature {
    using type = void(boost::system::error_code, T);
};
template <>
struct completion_signature<void> {
    using type = void(boost::system::error_code);
};

/// A coroutine nobody waits for. It ends with handing its result to Asio, so nothing can be thrown out of it.
struct detached {
    struct promise_type {
        static void* operator new(std::size_t size) { return frame_pool::allocate(size); }
        static void operator delete(void* frame, std::size_t size) noexcept { frame_pool::release(frame, size); }

        detached get_return_object() const noexcept { return {}; }
        std::suspend_never initial_suspend() const noexcept { return {}; }
        std::suspend_never final_suspend() const noexcept { return {}; }
        void return_void() const noexcept {}
        [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
    };
};

template <class T>
struct outcome {
    boost::system::error_code ec;
    weft::diagnostics info;
    std::conditional_t<std::is_void_v<T>, char, T> value{};

    // To be called in a handler of exceptions.
    void caught() noexcept {
        try {
            throw;
        } catch (const error& e) {
            ec = e.code();
            info = e.diagnostics();
        } catch (const std::exception& e) {
            ec = make_error_code(errc::internal_error);
            info.message = e.what();
        } catch (...) {
            ec = make_error_code(errc::internal_error);
            info.message = "an exception of unknown type";
        }
    }

    void cancelled() {
        ec = boost::asio::error::operation_aborted;
        if (info.message.empty()) info.message = "cancelled";
    }
};

template <class T>
task<T> start(task<T>& work) {
    return std::move(work);
}
template <std::invocable Work>
auto start(Work& work) {
    return work();
}

template <class T, class Executor, class Stream, class Work, class Handler>
detached drive(Executor executor, Stream* stream, diagnostics* info, Work work, Handler handler) {
    namespace asio = boost::asio;
    const auto guard = asio::make_work_guard(handler, executor);
    const auto slot = asio::get_associated_cancellation_slot(handler);
    bool cancelled = false;
    if constexpr (!std::is_void_v<Stream>) {
        if (slot.is_connected()) {
            auto at = slot;
            at.assign([stream, &cancelled](asio::cancellation_type type) {
                if (type == asio::cancellation_type::none) return;
                cancelled = true;
                stream->cancel();
            });
        }
    }
    outcome<T> end;
    try {
        auto flow = start(work);
        if constexpr (std::is_void_v<T>)
            co_await flow;
        else
            end.value = co_await flow;
    } catch (...) {
        end.caught();
    }
    if (slot.is_connected()) {
        auto at = slot;
        at.clear();
    }
    if (cancelled && end.ec) end.cancelled();
    if (info != nullptr) *info = std::move(end.info);
    // A continuation, so that the frames of the task are gone before the handler runs.
    if constexpr (std::is_void_v<T>)
        asio::defer(executor, asio::append(std::move(handler), end.ec));
    else
        asio::defer(executor, asio::append(std::move(handler), end.ec, std::move(end.value)));
}

template <class Executor, class Stream, class Work, class Token>
auto initiate(const Executor& executor, Stream* stream, diagnostics* info, Work work, Token&& token) {
    using value_type = typename task_of<Work>::type;
    return boost::asio::async_initiate<Token, typename completion_signature<value_type>::type>(
        [executor](auto handler, Stream* on, diagnostics* to, Work what) {
            drive<value_type>(executor, on, to, std::move(what), std::move(handler));
        },
        token, stream, info, std::move(work));
}

} // namespace detail

/// Runs a task over `stream` as an asynchronous operation. `work` is a `task<T>`, or a callable without arguments that
/// returns one and is kept until it has ended; what it captures by reference must live as long.
///
/// The token's handler gets `(error_code, T)`, or `(error_code)` when the task returns nothing; `T` is default
/// constructible. A weft error becomes its `code()`, another exception `errc::internal_error`; what else is known goes
/// to `info`, which must live until then. The handler runs on its associated executor, by default the stream's, and
/// never within this call. Cancellation of any type through the token's slot cancels the stream, which is then broken;
/// the operation ends with `operation_aborted`, unless it had succeeded.
///
/// The operation starts on the calling thread, which must be on the stream's executor unless nothing else uses the
/// stream.
template <cancellable Stream, class Work, class Token = boost::asio::deferred_t>
auto async_run(Stream& stream, diagnostics& info, Work work, Token&& token = {}) {
    return detail::initiate(stream.get_executor(), &stream, &info, std::move(work), std::forward<Token>(token));
}

/// The same without diagnostics.
template <cancellable Stream, class Work, class Token = boost::asio::deferred_t>
    requires requires { typename detail::task_of<Work>::type; }
auto async_run(Stream& stream, Work work, Token&& token = {}) {
    return detail::initiate(stream.get_executor(), &stream, static_cast<diagnostics*>(nullptr), std::move(work),
                            std::forward<Token>(token));
}

/// Runs a task that has no stream to cancel: the token's cancellation slot is not used.
template <class Executor, class Work, class Token = boost::asio::deferred_t>
    requires boost::asio::execution::is_executor<Executor>::value
auto async_run(const Executor& executor, Work work, Token&& token = {}) {
    return detail::initiate(executor, static_cast<void*>(nullptr), static_cast<diagnostics*>(nullptr), std::move(work),
                            std::forward<Token>(token));
}

} // namespace weft::inline v0::net
