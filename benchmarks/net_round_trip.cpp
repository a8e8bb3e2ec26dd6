// SPDX-License-Identifier: BSL-1.0
// Claim: a flow written as coroutines costs on a blocking socket what plain system calls cost, and on an Asio socket
// what plain Asio costs. Equal: one TCP connection on the loopback interface, an echoing thread, messages of 16 bytes,
// one write and one read each way; TCP_NODELAY; no time limits. Also, without a peer, what a task and a deadline cost.
#include "measure.hpp"

#include <weft/net/asio_socket.hpp>
#include <weft/net/async.hpp>
#include <weft/net/socket.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <cstddef>
#include <thread>

namespace {

namespace asio = boost::asio;
namespace net = weft::net;

constexpr std::size_t trips = 20'000;
using message = std::array<std::byte, 16>;

/// A pair of connected sockets, the far one echoing on a thread.
class echo_server {
public:
    echo_server() {
        const int listening = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in any{};
        any.sin_family = AF_INET;
        any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof any;
        ::bind(listening, reinterpret_cast<sockaddr*>(&any), size);
        ::listen(listening, 1);
        ::getsockname(listening, reinterpret_cast<sockaddr*>(&any), &size);
        near_ = ::socket(AF_INET, SOCK_STREAM, 0);
        if (::connect(near_, reinterpret_cast<sockaddr*>(&any), size) != 0) std::exit(1);
        const int one = 1;
        const int far = ::accept(listening, nullptr, nullptr);
        ::setsockopt(near_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        ::setsockopt(far, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        ::close(listening);
        thread_ = std::thread([far] {
            message buffer;
            for (ssize_t n = 0; (n = ::recv(far, buffer.data(), buffer.size(), 0)) > 0;)
                (void)!::send(far, buffer.data(), static_cast<std::size_t>(n), MSG_NOSIGNAL);
            ::close(far);
        });
    }
    ~echo_server() {
        ::shutdown(near_, SHUT_RDWR);
        ::close(near_);
        thread_.join();
    }
    int fd() const noexcept { return near_; }

private:
    int near_ = -1;
    std::thread thread_;
};

std::size_t system_calls(int fd) {
    message buffer{};
    std::size_t done = 0;
    for (; done < trips; ++done) {
        if (::send(fd, buffer.data(), buffer.size(), MSG_NOSIGNAL) != 16) break;
        if (::recv(fd, buffer.data(), buffer.size(), 0) != 16) break;
    }
    return done;
}

template <class Stream>
net::task<bool> trip(Stream* stream, message* buffer) {
    co_await stream->write_all(*buffer);
    const std::size_t n = co_await stream->read_some(*buffer);
    co_return n == buffer->size();
}

template <class Stream>
net::task<std::size_t> all_trips(Stream* stream) {
    message buffer{};
    std::size_t done = 0;
    while (done < trips && co_await trip(stream, &buffer)) ++done;
    co_return done;
}

using plain_socket = asio::basic_stream_socket<asio::generic::stream_protocol>;

std::size_t plain_asio(asio::io_context& context, plain_socket& socket) {
    std::size_t done = 0;
    asio::co_spawn(
        context,
        [&]() -> asio::awaitable<void> {
            message buffer{};
            for (; done < trips; ++done) {
                co_await socket.async_write_some(asio::buffer(buffer), asio::use_awaitable);
                co_await socket.async_read_some(asio::buffer(buffer), asio::use_awaitable);
            }
        },
        asio::detached);
    context.restart();
    context.run();
    return done;
}

std::size_t weft_asio(asio::io_context& context, net::asio_socket& socket) {
    std::size_t done = 0;
    net::async_run(socket, all_trips(&socket), [&](const boost::system::error_code&, std::size_t n) { done = n; });
    context.restart();
    context.run();
    return done;
}

net::task<std::size_t> one() {
    co_return 1;
}

net::task<std::size_t> many(std::size_t times) {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < times; ++i) sum += co_await one();
    co_return sum;
}

} // namespace

int main() {
    std::printf("one round trip over the loopback interface\n");
    const echo_server plain;
    const echo_server far;
    net::socket blocking(::dup(far.fd()), "echo");
    measure::versus(
        "blocking", trips, [&] { return system_calls(plain.fd()); },
        [&] { return net::run_now(all_trips(&blocking)); });
    // Before Asio has the sockets: it makes them non-blocking, and duplicates of a descriptor share that.
    blocking.set_deadline(net::deadline::after_ms(600'000));
    measure::versus(
        "blocking_with_deadline", trips, [&] { return system_calls(plain.fd()); },
        [&] { return net::run_now(all_trips(&blocking)); });
    {
        asio::io_context context(1);
        plain_socket peer(context, asio::generic::stream_protocol(AF_INET, 0), ::dup(plain.fd()));
        net::asio_socket ours(context.get_executor(), ::dup(far.fd()), "echo");
        measure::versus(
            "asio", trips, [&] { return plain_asio(context, peer); }, [&] { return weft_asio(context, ours); });
        measure::versus(
            "asio_with_deadline", trips, [&] { return plain_asio(context, peer); },
            [&] {
                ours.set_deadline(net::deadline::after_ms(60'000));
                return weft_asio(context, ours);
            });
    }
    constexpr std::size_t times = 2'000'000;
    const double s = measure::seconds([&] {
        if (net::run_now(many(times)) != times) std::exit(1);
    });
    std::printf("  a task that is ready at once %.1f ns\n", s / static_cast<double>(times) * 1e9);
}
