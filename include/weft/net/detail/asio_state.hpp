// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The inside of `asio_socket`: the socket with its one timer, and the operations that wait for them.

#include <weft/net/byte_stream.hpp>
#include <weft/net/deadline.hpp>
#include <weft/net/detail/native_socket.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <coroutine>
#include <memory>
#include <string>
#include <utility>

namespace weft::inline v0::net::detail {

namespace asio = boost::asio;
using error_code = boost::system::error_code;

/// A name resolution whose waiter may have left before it ends.
struct asio_resolution {
    explicit asio_resolution(const asio::any_io_executor& executor) : resolver(executor) {}

    void wake(const error_code& why, asio::ip::tcp::resolver::results_type found = {}) noexcept {
        if (!waiter) return;
        ec = why;
        results = std::move(found);
        std::exchange(waiter, nullptr).resume();
    }

    asio::ip::tcp::resolver resolver;
    asio::ip::tcp::resolver::results_type results;
    error_code ec;
    std::coroutine_handle<> waiter;
};

struct asio_state : std::enable_shared_from_this<asio_state> {
    using clock = std::chrono::steady_clock;

    explicit asio_state(const asio::any_io_executor& executor) : socket(executor), timer(executor) {}

    /// Starts the timer for one operation.
    void arm(deadline until) {
        if (until.is_never()) return;
        armed = true;
        timer.expires_at(clock::time_point(std::chrono::nanoseconds(until.at_ns())));
        timer.async_wait([self = shared_from_this(), mine = operation](const error_code& ec) {
            if (ec || self->operation != mine) return;
            self->timed_out = true;
            self->abort();
        });
    }

    /// The operation is over: a timer that goes off after this means nothing.
    void disarm() {
        ++operation;
        if (std::exchange(armed, false)) timer.cancel();
    }

    /// Makes the pending operation end soon, if there is one.
    void abort() {
        error_code ignored;
        socket.close(ignored); // NOLINT(bugprone-unused-return-value): it is the same error
        timer.cancel();
        if (const auto job = resolution.lock())
            asio::post(socket.get_executor(), [job] { job->wake(asio::error::operation_aborted); });
    }

    void close() noexcept {
        ++operation;
        armed = false;
        abort();
    }

    /// The deadline of an operation that starts now and has a timeout of its own.
    deadline until(std::int64_t timeout_ms) const noexcept {
        return timeout_ms <= 0 ? when : deadline::sooner(when, deadline::after_ms(timeout_ms));
    }

    [[noreturn]] void fail(const error_code& ec, const char* what, std::int64_t budget_ms) {
        const bool late = std::exchange(timed_out, false);
        close();
        if (late) throw_timed_out(name, what, budget_ms);
        if (cancelled || ec == asio::error::operation_aborted) throw_cancelled(name, what);
        throw_system(name, what, ec.value());
    }

    void require_open(const char* what) const {
        if (cancelled) throw_cancelled(name, what);
        if (!socket.is_open()) throw_not_open(name);
    }

    asio::basic_stream_socket<asio::generic::stream_protocol> socket;
    asio::steady_timer timer;
    std::weak_ptr<asio_resolution> resolution;
    std::string name;
    deadline when;
    std::int64_t read_timeout_ms = 0;
    std::int64_t write_timeout_ms = 0;
    unsigned operation = 0;      // counts, so that an old timer is known as one
    unsigned writes_at_once = 0; // in a row
    bool armed = false;
    bool local = false;
    bool timed_out = false;
    bool cancelled = false;
};

/// The handler of an operation that lives in the frame of the coroutine that waits for it. A handler that is destroyed
/// instead of called, because its io_context is, ends the operation too: the coroutine unwinds and frees its frames.
template <class Operation>
class asio_completion {
public:
    explicit asio_completion(Operation* operation) noexcept : operation_(operation) {}
    asio_completion(asio_completion&& other) noexcept : operation_(std::exchange(other.operation_, nullptr)) {}
    asio_completion& operator=(asio_completion&&) = delete;
    ~asio_completion() {
        if (operation_ != nullptr) operation_->ended(asio::error::operation_aborted, 0);
    }

    void operator()(const error_code& ec, std::size_t size = 0) { std::exchange(operation_, nullptr)->ended(ec, size); }

private:
    Operation* operation_;
};

/// What the operations have in common: the end, and turning a failure into an exception.
class asio_operation {
protected:
    asio_operation(asio_state& state, const char* what, deadline until) noexcept
        : state_(&state), what_(what), until_(until) {}

    bool is_open() const noexcept { return state_->socket.is_open() && !state_->cancelled; }

    void begin(std::coroutine_handle<> waiter) {
        waiter_ = waiter;
        state_->arm(until_);
    }

    void end(const error_code& ec) {
        ec_ = ec;
        state_->disarm();
        waiter_.resume();
    }

    void check() const {
        if (!waiter_) state_->require_open(what_);
        if (ec_) state_->fail(ec_, what_, until_.budget_ms());
    }

    asio_state* state_;
    const char* what_;
    deadline until_;
    std::coroutine_handle<> waiter_;
    error_code ec_;
};

/// `co_await` reads what there is.
class [[nodiscard]] asio_read : asio_operation {
public:
    asio_read(asio_state& state, std::span<std::byte> buffer) noexcept
        : asio_operation(state, "while reading", state.until(state.read_timeout_ms)), buffer_(buffer) {}

    bool await_ready() const noexcept { return !is_open(); }
    void await_suspend(std::coroutine_handle<> waiter) {
        state_->writes_at_once = 0;
        begin(waiter);
        state_->socket.async_read_some(asio::buffer(buffer_.data(), buffer_.size()), asio_completion(this));
    }
    std::size_t await_resume() const {
        if (waiter_ && ec_ == asio::error::eof) return 0;
        check();
        return size_;
    }

    void ended(const error_code& ec, std::size_t size) {
        size_ = size;
        end(ec);
    }

private:
    std::span<std::byte> buffer_;
    std::size_t size_ = 0;
};

/// `co_await` writes everything.
class [[nodiscard]] asio_write : asio_operation {
public:
    asio_write(asio_state& state, std::span<const std::byte> bytes) noexcept
        : asio_operation(state, "while writing", state.until(state.write_timeout_ms)), rest_(bytes) {}

    bool await_ready() noexcept { return rest_.empty() || !is_open() || write_at_once(); }
    void await_suspend(std::coroutine_handle<> waiter) {
        state_->writes_at_once = 0;
        begin(waiter);
        write();
    }
    void await_resume() const { check(); }

    void ended(const error_code& ec, std::size_t size) {
        rest_ = rest_.subspan(size);
        if (!ec && !rest_.empty())
            write();
        else
            end(ec);
    }

private:
    // What the system takes without waiting needs neither the timer nor a turn of the event loop. Others get their turn
    // now and then all the same. A failure is left to the second attempt.
    bool write_at_once() noexcept {
        constexpr unsigned turns = 16;
        if (state_->writes_at_once == turns) return false;
        ++state_->writes_at_once;
        const ssize_t n =
            ::send(state_->socket.native_handle(), rest_.data(), rest_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n > 0) rest_ = rest_.subspan(static_cast<std::size_t>(n));
        return rest_.empty();
    }

    void write() { state_->socket.async_write_some(asio::buffer(rest_.data(), rest_.size()), asio_completion(this)); }

    std::span<const std::byte> rest_;
};

/// `co_await` waits until a connection under way is there or has failed.
class [[nodiscard]] asio_wait_connected : asio_operation {
public:
    asio_wait_connected(asio_state& state, deadline until) noexcept
        : asio_operation(state, "while connecting", until) {}

    bool await_ready() const noexcept { return !is_open(); }
    void await_suspend(std::coroutine_handle<> waiter) {
        begin(waiter);
        state_->socket.async_wait(asio::socket_base::wait_write, asio_completion(this));
    }
    error_code await_resume() const {
        if (!waiter_) state_->require_open(what_);
        if (!ec_ && !is_open()) return asio::error::operation_aborted; // just too late
        return ec_;
    }
    void ended(const error_code& ec, std::size_t) { end(ec); }
};

/// `co_await` lets some milliseconds pass.
class [[nodiscard]] asio_pause : asio_operation {
public:
    asio_pause(asio_state& state, std::int64_t ms) noexcept
        : asio_operation(state, "while connecting", deadline()), ms_(ms) {}

    bool await_ready() const noexcept { return !is_open(); }
    void await_suspend(std::coroutine_handle<> waiter) {
        begin(waiter);
        state_->timer.expires_after(std::chrono::milliseconds(ms_));
        state_->timer.async_wait(asio_completion(this));
    }
    void await_resume() const { check(); }
    void ended(const error_code& ec, std::size_t) { end(ec); }

private:
    std::int64_t ms_;
};

/// `co_await` resolves a name; leaves at the deadline though the system's resolver goes on.
class [[nodiscard]] asio_resolve {
public:
    asio_resolve(asio_state& state, std::string host, deadline until)
        : state_(&state), host_(std::move(host)), until_(until),
          job_(std::make_shared<asio_resolution>(state.socket.get_executor())) {}

    bool await_ready() const noexcept { return state_->cancelled; }
    void await_suspend(std::coroutine_handle<> waiter) {
        const auto job = job_; // keeps the resolver alive while it is being started
        job->waiter = waiter;
        state_->resolution = job;
        state_->arm(until_);
        job->resolver.async_resolve(host_, "", handler(job));
    }
    std::vector<address> await_resume() const {
        constexpr const char* what = "while resolving the name";
        state_->resolution.reset();
        state_->disarm();
        if (state_->cancelled) throw_cancelled(state_->name, what);
        if (job_->ec == asio::error::operation_aborted || state_->timed_out)
            state_->fail(asio::error::operation_aborted, what, until_.budget_ms());
        if (job_->ec)
            throw stream_error(stream_failure::unresolved,
                               "host '" + host_ + "' has no address: " + job_->ec.message());
        std::vector<address> found;
        for (const auto& entry : job_->results) found.emplace_back(entry.endpoint().data(), entry.endpoint().size());
        return found;
    }

private:
    class handler {
    public:
        explicit handler(std::shared_ptr<asio_resolution> job) noexcept : job_(std::move(job)) {}
        handler(handler&&) noexcept = default;
        handler& operator=(handler&&) = delete;
        ~handler() {
            if (job_) job_->wake(asio::error::operation_aborted);
        }
        void operator()(const error_code& ec, asio::ip::tcp::resolver::results_type found) {
            std::exchange(job_, nullptr)->wake(ec, std::move(found));
        }

    private:
        std::shared_ptr<asio_resolution> job_;
    };

    asio_state* state_;
    std::string host_;
    deadline until_;
    std::shared_ptr<asio_resolution> job_;
};

} // namespace weft::inline v0::net::detail
