// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `socket`: a blocking TCP or Unix connection, straight on the system's calls.

#include <weft/net/byte_stream.hpp>
#include <weft/net/connect_options.hpp>
#include <weft/net/deadline.hpp>
#include <weft/net/detail/native_socket.hpp>
#include <weft/net/detail/resolve.hpp>
#include <weft/net/detail/waiting.hpp>
#include <weft/net/endpoint.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/time.h>
#include <time.h>

#include <atomic>
#include <string>
#include <string_view>
#include <utility>

namespace weft::inline v0::net {

/// A connection to a TCP host or a Unix socket whose operations return when they are done. One system call a read or
/// write while no deadline is set. With a peer on the same machine, where being woken takes as long as many answers, it
/// looks for what answers a write for `spin_us` before it sleeps (less often while answers take longer), and of an
/// answer beyond 192 KiB it lets more come before it reads on (`gather_us`). On a Unix socket it sleeps in `poll` after
/// a write: a thread in `recv` is also woken when the peer takes what was sent. Used by one thread at a time; only
/// `shutdown` may be called by another.
class socket {
public:
    static constexpr bool is_blocking = true;

    /// Not connected.
    socket() noexcept = default;

    /// Takes over a connected socket, such as one that was accepted. `peer` names it in messages.
    socket(int fd, std::string peer) : name_(std::move(peer)), fd_(fd) {
        detail::address own;
        own.size = sizeof own.storage;
        if (::getsockname(fd, reinterpret_cast<sockaddr*>(&own.storage), &own.size) == 0) set_place(own);
        set_blocking(fd);
    }

    socket(socket&& other) noexcept { take(other); }
    socket& operator=(socket&& other) noexcept {
        if (this != &other) {
            close();
            take(other);
        }
        return *this;
    }
    ~socket() { close(); }

    /// Connects; all addresses of the host are tried. \throws stream_error saying where, why and after how long;
    /// interface_error when this socket is open or an option is invalid.
    ready<> connect(const endpoint& to, const connect_options& options = connect_options()) {
        if (fd_ >= 0) throw interface_error("this socket is already connected to " + name_);
        detail::check_microseconds("spin_us", options.spin_us);
        detail::check_microseconds("gather_us", options.gather_us);
        name_ = to.name();
        spin_us_ = options.spin_us;
        gather_us_ = options.gather_us;
        read_timeout_ms_ = options.read_timeout_ms;
        write_timeout_ms_ = options.write_timeout_ms;
        const deadline until = deadline::sooner(deadline_, deadline::of_timeout(options.connect_timeout_ms));
        const auto addresses = detail::resolve(to, until, cancelled_);
        for (std::size_t i = 0; i < addresses.size(); ++i) {
            const std::size_t left = addresses.size() - i;
            try {
                connect_to(addresses[i], options, detail::share_of(until, left), until);
                return {};
            } catch (const stream_error&) {
                release();
                if (left == 1 || cancelled_ || until.has_passed()) throw;
            }
        }
        throw stream_error(stream_failure::unresolved, "host '" + to.host + "' has no address");
    }

    ready<std::size_t> read_some(std::span<std::byte> buffer) {
        detail::require_buffer(buffer.size());
        waiting wait{POLLIN, read_timeout_ms_, "while reading"};
        if (local_) {
            const bool first = expects_answer_.exchange(false, std::memory_order_relaxed);
            const std::size_t n = first ? await_answer(buffer, wait) : gather(buffer, wait);
            if (n != 0) return {n};
        }
        for (;;) {
            const ssize_t n = ::recv(open_fd(), buffer.data(), buffer.size(), flags(wait));
            if (n > 0) return {took(n, buffer)};
            if (n == 0) {
                if (cancelled_) fail(wait, 0);
                return {0};
            }
            again(wait, errno);
        }
    }

    ready<> write_all(std::span<const std::byte> bytes) {
        waiting wait{POLLOUT, write_timeout_ms_, "while writing"};
        expects_answer_.store(true, std::memory_order_relaxed);
        while (!bytes.empty()) {
            const ssize_t n = ::send(open_fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL | flags(wait));
            if (n >= 0)
                bytes = bytes.subspan(static_cast<std::size_t>(n));
            else
                again(wait, errno);
        }
        return {};
    }

    /// Sends what fits without waiting, and no error: for a last message before a close.
    void write_now(std::span<const std::byte> bytes) noexcept { detail::send_now(fd_, bytes.data(), bytes.size()); }

    /// Holds for the operations that start after it, together with the timeouts of the connection.
    void set_deadline(deadline when) noexcept { deadline_ = when; }

    /// Makes the operation under way in another thread, and every later one, fail as cancelled. May be called from any
    /// thread while the object lives and is not being moved.
    void shutdown() noexcept {
        cancelled_ = true;
        lock();
        if (fd_ >= 0) ::shutdown(fd_, SHUT_RDWR);
        unlock();
    }

    void close() noexcept {
        release();
        cancelled_ = false;
    }

    bool is_open() const noexcept { return fd_ >= 0 && !cancelled_; }
    /// True for a Unix socket, whose bytes do not leave the machine.
    bool is_secure() const noexcept { return unix_; }
    /// The peer, as messages name it.
    std::string_view name() const noexcept { return name_; }
    /// The descriptor, still owned by this object; -1 when there is none.
    int native_handle() const noexcept { return fd_; }

private:
    struct waiting {
        short events;
        std::int64_t timeout_ms;
        const char* what;
        deadline until{};
        bool polled = false;
    };

    void set_place(const detail::address& of) noexcept {
        unix_ = of.family() == AF_UNIX;
        local_ = of.is_local();
    }

    static void set_blocking(int fd) noexcept { ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) & ~O_NONBLOCK); }

    static void set_timeout(int fd, int option, std::int64_t ms) noexcept {
        if (ms <= 0) return;
        const timeval limit{static_cast<time_t>(ms / 1000), static_cast<suseconds_t>(ms % 1000 * 1000)};
        ::setsockopt(fd, SOL_SOCKET, option, &limit, sizeof limit);
    }

    void connect_to(const detail::address& to, const connect_options& options, deadline until, deadline whole) {
        detail::unique_fd opened = detail::open_socket(to, options, name_);
        const int fd = opened.get();
        lock();
        fd_ = opened.release(); // from here on shutdown() reaches it
        unlock();
        waiting wait{POLLOUT, 0, "while connecting", until};
        if (cancelled_) fail(wait, 0);
        if (::connect(fd, to.data(), to.size) != 0) {
            int error = errno;
            if (error == EAGAIN) error = wait_for_backlog(to, wait, whole);
            if (error == EINPROGRESS || error == EINTR) {
                if (!poll_until(wait)) detail::throw_timed_out(name_, wait.what, whole.budget_ms());
                socklen_t size = sizeof error;
                ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
            }
            if (cancelled_ || error != 0) fail(wait, error);
        }
        set_place(to);
        set_blocking(fd);
        set_timeout(fd, SO_RCVTIMEO, read_timeout_ms_);
        set_timeout(fd, SO_SNDTIMEO, write_timeout_ms_);
    }

    // A Unix socket whose backlog is full cannot be waited for: the system says EAGAIN, and poll would return at once.
    int wait_for_backlog(const detail::address& to, const waiting& wait, deadline whole) {
        int error = EAGAIN;
        while (error == EAGAIN) {
            if (cancelled_) fail(wait, 0);
            if (wait.until.has_passed()) detail::throw_timed_out(name_, wait.what, whole.budget_ms());
            ::poll(nullptr, 0, 5);
            error = ::connect(fd_, to.data(), to.size) == 0 ? 0 : errno;
        }
        return error;
    }

    int open_fd() const {
        if (fd_ < 0) detail::throw_not_open(name_);
        return fd_;
    }

    // Without a deadline the system's own timeout of the socket ends a call; with one, calls do not block and poll
    // waits.
    int flags(const waiting& wait) const noexcept { return deadline_.is_never() && !wait.polled ? 0 : MSG_DONTWAIT; }

    // A call has failed: waits until it is worth another try, or throws.
    void again(waiting& wait, int error) {
        if (error != EAGAIN && error != EWOULDBLOCK && error != EINTR) fail(wait, error);
        if (cancelled_) fail(wait, 0);
        if (!wait.polled) {
            // A signal would start the system's timeout anew; from now on the deadline counts.
            if (deadline_.is_never() && error != EINTR) time_out(wait, wait.timeout_ms);
            wait.until = deadline::sooner(deadline_, deadline::of_timeout(wait.timeout_ms));
            wait.polled = !wait.until.is_never();
            if (!wait.polled) return;
        }
        if (!poll_until(wait)) time_out(wait, wait.until.budget_ms());
    }

    // Before the first read after a write. Returns the bytes read, 0 when read_some() has to.
    std::size_t await_answer(std::span<std::byte> buffer, waiting& wait) {
        pace_.begin();
        if (const std::size_t n = look_for_answer(buffer, wait); n != 0 || !unix_) return n;
        wait.until = deadline::sooner(deadline_, deadline::of_timeout(wait.timeout_ms));
        if (!poll_until(wait)) time_out(wait, wait.until.budget_ms());
        return 0;
    }

    // Looks for an answer without sleeping; other threads are given way. Returns the bytes read.
    std::size_t look_for_answer(std::span<std::byte> buffer, const waiting& wait) {
        static const bool peer_can_work = ::sysconf(_SC_NPROCESSORS_ONLN) > 1;
        if (spin_us_ == 0 || !peer_can_work || !wakeful_.worth_it()) return 0;
        const std::int64_t end = deadline::now_ns() + std::int64_t{spin_us_} * 1000;
        std::size_t n = receive_now(buffer, wait);
        while (n == 0 && deadline::now_ns() < end) {
            ::sched_yield();
            n = receive_now(buffer, wait);
        }
        wakeful_.looked(n != 0);
        return n;
    }

    // Before a read that goes on: what is there of a long answer, or else lets more of it come.
    std::size_t gather(std::span<std::byte> buffer, const waiting& wait) {
        if (!pace_.is_long() || gather_us_ == 0) return 0;
        if (const std::size_t n = receive_now(buffer, wait); n != 0) return n;
        if (const std::int64_t pause = pace_.pause_ns(std::int64_t{gather_us_} * 1000); pause != 0) {
            const timespec length{0, static_cast<long>(pause)};
            ::nanosleep(&length, nullptr);
        }
        return 0;
    }

    // What is there. 0: nothing, or the end, which the next read tells again; an error is told only once.
    std::size_t receive_now(std::span<std::byte> buffer, const waiting& wait) {
        const ssize_t n = ::recv(open_fd(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) fail(wait, errno);
        return n > 0 ? took(n, buffer) : 0;
    }

    std::size_t took(ssize_t n, std::span<std::byte> buffer) noexcept {
        pace_.received(static_cast<std::size_t>(n), buffer.size());
        return static_cast<std::size_t>(n);
    }

    // False when the deadline has passed.
    bool poll_until(const waiting& wait) {
        pollfd entry{open_fd(), wait.events, 0};
        for (;;) {
            const int left = wait.until.remaining_ms();
            const int n = ::poll(&entry, 1, left);
            if (n > 0 || cancelled_) return true;
            if (n == 0 && wait.until.has_passed()) return false;
            if (n < 0 && errno != EINTR) fail(wait, errno);
        }
    }

    [[noreturn]] void time_out(const waiting& wait, std::int64_t ms) {
        release();
        detail::throw_timed_out(name_, wait.what, ms);
    }

    [[noreturn]] void fail(const waiting& wait, int error) {
        release();
        if (cancelled_) detail::throw_cancelled(name_, wait.what);
        detail::throw_system(name_, wait.what, error);
    }

    void release() noexcept {
        lock();
        const int fd = fd_.exchange(-1);
        if (fd >= 0) ::close(fd);
        unlock();
    }

    void take(socket& other) noexcept {
        name_ = std::move(other.name_);
        deadline_ = other.deadline_;
        read_timeout_ms_ = other.read_timeout_ms_;
        write_timeout_ms_ = other.write_timeout_ms_;
        unix_ = other.unix_;
        local_ = other.local_;
        expects_answer_ = other.expects_answer_.exchange(false);
        spin_us_ = other.spin_us_;
        gather_us_ = other.gather_us_;
        wakeful_ = other.wakeful_;
        pace_ = other.pace_;
        fd_ = other.fd_.exchange(-1);
        cancelled_ = other.cancelled_.exchange(false);
    }

    // Closing and shutdown() must not meet: the number of a closed descriptor may already belong to somebody else.
    void lock() noexcept {
        while (busy_.test_and_set(std::memory_order_acquire)) {}
    }
    void unlock() noexcept { busy_.clear(std::memory_order_release); }

    std::string name_;
    deadline deadline_;
    std::int64_t read_timeout_ms_ = 0;
    std::int64_t write_timeout_ms_ = 0;
    bool unix_ = false;
    bool local_ = false; // the peer is on this machine
    int spin_us_ = connect_options().spin_us;
    int gather_us_ = connect_options().gather_us;
    detail::wakeful wakeful_;
    detail::read_pace pace_;
    std::atomic<bool> expects_answer_ = false; // something was sent since the last read
    std::atomic<int> fd_ = -1;
    std::atomic<bool> cancelled_ = false;
    std::atomic_flag busy_;
};

static_assert(blocking_byte_stream<socket>);

} // namespace weft::inline v0::net
