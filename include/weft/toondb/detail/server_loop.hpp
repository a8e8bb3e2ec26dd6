// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/net/asio_socket.hpp>
#include <weft/net/async.hpp>
#include <weft/net/task.hpp>
#include <weft/toondb/client_options.hpp>
#include <weft/toondb/detail/listener.hpp>
#include <weft/toondb/detail/service.hpp>
#include <weft/toondb/server_options.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace weft::inline v0::toondb::detail {

namespace asio = boost::asio;

/// One start of a server: its sockets, which one thread looks after, and the threads that work.
class server_loop {
public:
    server_loop(embedded::kv_database& db, const server_options& options)
        : options_(options), service_(db, options.max_transactions), readers_(threads(options)),
          writers_(threads(options)) {
        net::detail::check_microseconds("spin_us", options.spin_us);
        if (!options.socket_path.empty()) {
            unix_.emplace(options.socket_path, options.socket_mode);
            listen(unix_acceptor_, unix_->fd());
        }
        if (!options.tcp_host.empty()) {
            tcp_listener tcp(options.tcp_host, options.tcp_port);
            port_ = tcp.port();
            listen(tcp_acceptor_, tcp.fd());
        }
        if (!unix_acceptor_ && !tcp_acceptor_)
            throw interface_error("a server needs a socket path or a TCP address to listen on");
    }
    server_loop(const server_loop&) = delete;
    server_loop& operator=(const server_loop&) = delete;

    /// Serves until stop(), and what was received then.
    void run() {
        if (unix_acceptor_) accept(*unix_acceptor_);
        if (tcp_acceptor_) accept(*tcp_acceptor_);
        if (options_.idle_timeout_ms > 0) sweep();
        handle_events();
        readers_.join();
        writers_.join();
    }

    /// May be called by any thread, once.
    void stop() {
        asio::post(io_, [this] { begin_stop(); });
    }

    std::uint16_t port() const noexcept { return port_; }
    const service& requests() const noexcept { return service_; }
    std::uint64_t transactions() const noexcept { return transactions_; }

private:
    using acceptor = asio::posix::stream_descriptor;
    using clock = std::chrono::steady_clock;
    using frame_state = protocol::frame_state;

    static constexpr std::size_t first_buffer = std::size_t{4} * 1024;
    static constexpr std::size_t kept_buffer = std::size_t{64} * 1024; // what an idle connection may keep
    static constexpr std::size_t batch = std::size_t{64} * 1024;       // answers are sent when they have so many bytes

    struct connection {
        connection(const net::asio_socket::executor_type& executor, int fd, std::string peer)
            : stream(executor, fd, std::move(peer)) {}

        net::asio_socket stream;
        client_state state;
        std::string in;
        std::size_t filled = 0; // bytes of `in`
        std::string out;
        std::uint64_t since = 0; // tick at which it began to wait for a request, or for its answer to be taken
        bool busy = false;       // a request is being executed
        std::list<connection>::iterator place;
    };

    /// `co_await` executes a request on a thread of a pool.
    class elsewhere {
    public:
        elsewhere(server_loop& loop, connection& of, const protocol::frame_view& request,
                  asio::thread_pool& on) noexcept
            : loop_(&loop), of_(&of), request_(request), pool_(&on) {}

        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> waiter) {
            asio::post(*pool_, [this, waiter] {
                loop_->service_.handle(of_->state, request_, of_->out);
                asio::post(loop_->io_, [waiter] { waiter.resume(); }); // nothing of this object after it
            });
        }
        void await_resume() const noexcept {}

    private:
        server_loop* loop_;
        connection* of_;
        protocol::frame_view request_;
        asio::thread_pool* pool_;
    };

    /// `co_await` ends transactions on a thread of the readers.
    class abandon {
    public:
        abandon(server_loop& loop, client_state& state) noexcept : loop_(&loop), state_(&state) {}

        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> waiter) {
            asio::post(loop_->readers_, [this, waiter] {
                state_->open.clear();
                asio::post(loop_->io_, [waiter] { waiter.resume(); });
            });
        }
        void await_resume() const noexcept {}

    private:
        server_loop* loop_;
        client_state* state_;
    };

    static std::size_t threads(const server_options& options) {
        if (options.threads == 0 || options.threads > 256)
            throw interface_error("a server has 1 to 256 threads, not " + std::to_string(options.threads));
        return options.threads;
    }

    void listen(std::optional<acceptor>& on, descriptor& fd) {
        on.emplace(io_, fd.get());
        (void)fd.release();
    }

    template <class... Parts>
    void log(log_level level, const Parts&... parts) {
        if (!options_.log || level < options_.least) return;
        std::string line;
        ((line += parts), ...);
        options_.log(level, line);
    }

    /// io_.run(), which looks for what comes next a while before it sleeps: to be woken may take longer than an answer.
    void handle_events() {
        const auto while_awake = std::chrono::microseconds(options_.spin_us);
        for (auto until = clock::now() + while_awake; !io_.stopped();) {
            if (io_.poll() == 0) {
                if (clock::now() < until) {
                    std::this_thread::yield();
                    continue;
                }
                io_.run_one();
            }
            until = clock::now() + while_awake;
        }
    }

    // Accepting.

    void accept(acceptor& on) {
        on.async_wait(acceptor::wait_read, [this, &on](const boost::system::error_code& ec) {
            if (ec || stopping_) return;
            if (take_clients(on)) return accept(on);
            pause_.expires_after(std::chrono::milliseconds(100)); // no descriptors or no memory
            pause_.async_wait([this, &on](const boost::system::error_code&) {
                if (!stopping_) accept(on);
            });
        });
    }

    /// False when the system cannot give more.
    bool take_clients(acceptor& on) {
        for (int i = 0; i < 64; ++i) { // the others want their turn, too
            const int fd = ::accept4(on.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
            if (fd < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
            if (fd < 0) {
                log(log_level::error, "cannot accept: ", std::strerror(errno));
                return false;
            }
            admit(fd, tcp_acceptor_ && &on == &*tcp_acceptor_);
        }
        return true;
    }

    void admit(int fd, bool tcp) {
        descriptor own(fd);
        if (connections_.size() >= options_.max_clients) {
            log(log_level::warn, "connection refused: ", std::to_string(options_.max_clients),
                " clients are connected");
            return;
        }
        if (tcp) {
            const int on = 1;
            ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        }
        const std::uint64_t number = ++service_.connections_total;
        connection& c =
            connections_.emplace_back(io_.get_executor(), own.release(), "client " + std::to_string(number));
        c.place = std::prev(connections_.end());
        c.since = tick_;
        service_.connections_active = connections_.size();
        log(log_level::debug, c.stream.name(), " connected");
        net::async_run(net::asio_socket::executor_type(io_.get_executor()), serve(&c),
                       [this, &c](const boost::system::error_code&) { remove(c); });
    }

    void remove(connection& c) {
        log(log_level::debug, c.stream.name(), " gone");
        connections_.erase(c.place);
        service_.connections_active = connections_.size();
        if (stopping_ && connections_.empty()) end_stop();
    }

    // One connection.

    net::task<> serve(connection* c) {
        try {
            co_await talk(c);
        } catch (const net::stream_error& e) {
            log(log_level::debug, e.what());
        } catch (const std::exception& e) { // no memory, most likely
            log(log_level::error, c->stream.name(), ": ", e.what());
        }
        c->stream.close();
        transactions_ -= c->state.open.size();
        if (!c->state.open.empty()) {
            log(log_level::info, c->stream.name(), " left ", std::to_string(c->state.open.size()),
                " transactions, which are aborted");
            abandon ending(*this, c->state);
            co_await ending;
        }
    }

    net::task<> talk(connection* c) {
        for (;;) {
            std::size_t done = 0;
            std::uint32_t wanted = 0;
            frame_state state{};
            for (;;) {
                protocol::frame_view request;
                state = protocol::peek_frame({c->in.data() + done, c->filled - done}, request, wanted);
                if (state != frame_state::whole) break;
                done += protocol::header_size + request.payload.size();
                const lane where = service_.lane_of(request);
                if (where == lane::at_once) {
                    service_.handle(c->state, request, c->out);
                } else {
                    const std::size_t open = c->state.open.size();
                    c->busy = true;
                    elsewhere working(*this, *c, request, where == lane::reader ? readers_ : writers_);
                    co_await working;
                    c->busy = false;
                    transactions_ += c->state.open.size() - open;
                }
                if (c->out.size() >= batch) co_await flush(c);
            }
            if (done != 0) {
                consume(*c, done);
                co_await flush(c);
                c->since = tick_;
            }
            if (state == frame_state::too_large) {
                co_await refuse(c, wanted);
                co_return;
            }
            make_room(*c, wanted);
            const std::size_t n = co_await c->stream.read_some(
                std::span<std::byte>(reinterpret_cast<std::byte*>(c->in.data()) + c->filled, c->in.size() - c->filled));
            if (n == 0) {
                if (c->filled != 0) log(log_level::debug, c->stream.name(), " ended within a request");
                co_return;
            }
            c->filled += n;
        }
    }

    net::task<> flush(connection* c) {
        c->since = tick_;
        co_await c->stream.write_all(
            std::span<const std::byte>(reinterpret_cast<const std::byte*>(c->out.data()), c->out.size()));
        c->out.clear();
        if (c->out.capacity() > kept_buffer) c->out = std::string();
    }

    /// Says that a request is too large, and waits for the client to have read that: a connection that is closed while
    /// there are bytes to read may lose what was sent.
    net::task<> refuse(connection* c, std::uint32_t size) {
        ++service_.requests_total;
        ++service_.requests_error;
        const std::string text = protocol::too_large_text(size);
        log(log_level::warn, c->stream.name(), ": ", text);
        service::append_error(c->out, text);
        service_.bytes_sent += c->out.size();
        co_await flush(c);
        ::shutdown(c->stream.native_handle(), SHUT_WR);
        c->stream.set_deadline(net::deadline::after_ms(2'000));
        for (std::uint64_t left = std::uint64_t{size} + batch; left != 0;) {
            const std::size_t n = co_await c->stream.read_some(
                std::span<std::byte>(reinterpret_cast<std::byte*>(c->in.data()), c->in.size()));
            if (n == 0) break;
            left -= std::min<std::uint64_t>(left, n);
        }
    }

    static void make_room(connection& c, std::uint32_t wanted) {
        std::size_t size = std::size_t{wanted} + protocol::header_size;
        size = std::min(size, 2 * c.filled); // memory is given for what has come, not for what was announced
        size = std::max({size, first_buffer, c.filled + 1});
        if (c.in.size() < size) c.in.resize(size);
    }

    static void consume(connection& c, std::size_t done) {
        c.filled -= done;
        if (c.filled != 0) c.in.erase(0, done);
        if (c.filled == 0 && c.in.size() > kept_buffer) c.in = std::string();
    }

    // Time.

    std::chrono::milliseconds period() const noexcept {
        return std::chrono::milliseconds(std::clamp<std::int64_t>(options_.idle_timeout_ms / 16, 5, 1000));
    }

    /// Closes connections that have waited for too long. One look at all of them now and then is cheaper than a timer
    /// for each read.
    void sweep() {
        timer_.expires_after(period());
        timer_.async_wait([this](const boost::system::error_code& ec) {
            if (ec || stopping_) return;
            ++tick_;
            const auto limit = static_cast<std::uint64_t>(options_.idle_timeout_ms / period().count()) + 1;
            for (connection& c : connections_) {
                if (c.busy || tick_ - c.since < limit || !c.stream.is_open()) continue;
                log(log_level::info, c.stream.name(), " was idle for too long");
                c.stream.cancel();
            }
            sweep();
        });
    }

    // The end.

    void begin_stop() {
        if (unix_) unix_->remove(); // before it is closed: a file that nobody listens on may be replaced by others
        boost::system::error_code ignored;
        for (std::optional<acceptor>* on : {&unix_acceptor_, &tcp_acceptor_}) {
            if (!*on) continue;
            take_clients(**on);    // they have connected in time
            (*on)->close(ignored); // NOLINT(bugprone-unused-return-value): it is the same error
        }
        stopping_ = true;
        pause_.cancel();
        timer_.cancel();
        if (connections_.empty()) return end_stop();
        // What has been received is still read and answered; behind it is the end.
        for (connection& c : connections_) ::shutdown(c.stream.native_handle(), SHUT_RD);
        grace_.expires_after(std::chrono::milliseconds(options_.stop_timeout_ms));
        grace_.async_wait([this](const boost::system::error_code& ec) {
            if (ec) return;
            for (connection& c : connections_) c.stream.cancel();
        });
    }

    void end_stop() {
        grace_.cancel();
        work_.reset();
    }

    const server_options& options_;
    service service_;
    asio::io_context io_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
    std::optional<unix_listener> unix_;
    std::optional<acceptor> unix_acceptor_;
    std::optional<acceptor> tcp_acceptor_;
    std::uint16_t port_ = 0;
    std::list<connection> connections_;
    std::atomic<std::uint64_t> transactions_ = 0;
    asio::steady_timer timer_{io_};
    asio::steady_timer grace_{io_};
    asio::steady_timer pause_{io_};
    std::uint64_t tick_ = 0;
    bool stopping_ = false;
    asio::thread_pool readers_;
    asio::thread_pool writers_;
};

} // namespace weft::inline v0::toondb::detail
