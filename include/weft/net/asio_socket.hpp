// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `asio_socket`: a TCP or Unix connection on an Asio executor.
///
/// Everything about one socket happens on its executor: its operations are started there, and its coroutines go on
/// there. An io_context that is run by one thread is such an executor as it is; with several threads give the socket a
/// strand. weft makes no threads of its own here; Asio resolves names on one of its own.

#include <weft/net/byte_stream.hpp>
#include <weft/net/connect_options.hpp>
#include <weft/net/detail/asio_state.hpp>
#include <weft/net/detail/resolve.hpp>
#include <weft/net/endpoint.hpp>
#include <weft/net/task.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace weft::inline v0::net {

/// A connection to a TCP host or a Unix socket whose operations suspend the coroutine that awaits them. It must outlive
/// its operations, and its executor must outlive it. Destroying an io_context ends pending operations as cancelled.
class asio_socket {
public:
    static constexpr bool is_blocking = false;
    using executor_type = boost::asio::any_io_executor;

    /// Not connected.
    explicit asio_socket(const executor_type& executor) : state_(std::make_shared<detail::asio_state>(executor)) {}

    /// Takes over a connected socket, such as one that was accepted. `peer` names it in messages.
    asio_socket(const executor_type& executor, int fd, std::string peer) : asio_socket(executor) {
        detail::unique_fd own(fd);
        state_->name = std::move(peer);
        sockaddr_storage address{};
        socklen_t size = sizeof address;
        if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
            detail::throw_system(state_->name, "while taking over a socket", errno);
        state_->local = address.ss_family == AF_UNIX;
        state_->socket.assign({static_cast<int>(address.ss_family), 0}, fd);
        (void)own.release();
    }

    asio_socket(asio_socket&&) noexcept = default;
    asio_socket& operator=(asio_socket&& other) noexcept {
        if (this != &other) {
            if (state_) state_->close();
            state_ = std::move(other.state_);
        }
        return *this;
    }
    ~asio_socket() {
        if (state_) state_->close();
    }

    /// Connects; all addresses of the host are tried. Failures as those of `socket::connect`.
    task<> connect(endpoint to, connect_options options = connect_options()) {
        detail::asio_state& s = *state_;
        if (s.socket.is_open()) throw interface_error("this socket is already connected to " + s.name);
        s.name = to.name();
        s.read_timeout_ms = options.read_timeout_ms;
        s.write_timeout_ms = options.write_timeout_ms;
        s.timed_out = false;
        const deadline until = s.until(options.connect_timeout_ms);
        std::vector<detail::address> addresses;
        if (const detail::address direct = detail::direct_address(to); direct.size != 0) {
            addresses.push_back(direct);
        } else {
            detail::asio_resolve resolving(s, to.host, until);
            addresses = co_await resolving;
            for (detail::address& a : addresses) a.set_port(to.port);
        }
        for (std::size_t i = 0; i < addresses.size(); ++i) {
            const std::size_t left = addresses.size() - i;
            try {
                co_await connect_to(addresses[i], &options, detail::share_of(until, left), until.budget_ms());
                co_return;
            } catch (const stream_error&) {
                s.close();
                if (left == 1 || s.cancelled || until.has_passed()) throw;
            }
        }
        throw stream_error(stream_failure::unresolved, "host '" + to.host + "' has no address");
    }

    detail::asio_read read_some(std::span<std::byte> buffer) {
        detail::require_buffer(buffer.size());
        return {*state_, buffer};
    }

    detail::asio_write write_all(std::span<const std::byte> bytes) { return {*state_, bytes}; }

    /// Sends what fits without waiting, and no error: for a last message before a close.
    void write_now(std::span<const std::byte> bytes) noexcept {
        if (state_->socket.is_open()) detail::send_now(state_->socket.native_handle(), bytes.data(), bytes.size());
    }

    /// Holds for the operations that start after it, together with the timeouts of the connection.
    void set_deadline(deadline when) noexcept { state_->when = when; }

    /// Makes the operation under way, and every later one, fail as cancelled. To be called on the executor.
    void cancel() noexcept {
        state_->cancelled = true;
        state_->abort();
    }

    void close() noexcept {
        state_->close();
        state_->cancelled = false;
    }

    bool is_open() const noexcept { return state_->socket.is_open() && !state_->cancelled; }
    /// True for a Unix socket, whose bytes do not leave the machine.
    bool is_secure() const noexcept { return state_->local; }
    /// The peer, as messages name it.
    std::string_view name() const noexcept { return state_->name; }
    executor_type get_executor() const noexcept { return state_->socket.get_executor(); }
    /// The descriptor, still owned by this object; -1 when there is none.
    int native_handle() const noexcept { return state_->socket.is_open() ? state_->socket.native_handle() : -1; }

private:
    task<> connect_to(detail::address to, const connect_options* options, deadline until, std::int64_t budget_ms) {
        detail::asio_state& s = *state_;
        constexpr const char* what = "while connecting";
        constexpr std::int64_t backlog_pause_ms = 5;
        if (s.cancelled) detail::throw_cancelled(s.name, what);
        detail::unique_fd opened = detail::open_socket(to, *options, s.name);
        s.socket.assign({to.family(), 0}, opened.get());
        const int fd = opened.release();
        s.local = to.family() == AF_UNIX;
        int error = ::connect(fd, to.data(), to.size) == 0 ? 0 : errno;
        // A Unix socket whose backlog is full cannot be waited for: it would be reported as ready at once.
        while (error == EAGAIN) {
            if (until.has_passed()) detail::throw_timed_out(s.name, what, budget_ms);
            co_await detail::asio_pause(s, backlog_pause_ms);
            error = ::connect(fd, to.data(), to.size) == 0 ? 0 : errno;
        }
        if (error == EINPROGRESS || error == EINTR) {
            detail::asio_wait_connected waiting(s, until);
            const auto ec = co_await waiting;
            if (ec) s.fail(ec, what, budget_ms);
            socklen_t size = sizeof error;
            ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
        }
        if (error != 0) detail::throw_system(s.name, what, error);
    }

    std::shared_ptr<detail::asio_state> state_;
};

static_assert(byte_stream<asio_socket>);

} // namespace weft::inline v0::net
