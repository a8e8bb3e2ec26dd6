// SPDX-License-Identifier: BSL-1.0
// Claim: a ping of a server over a Unix socket takes at most 15 µs (median), and 64 clients get at least 100 000 values
// a second when server and clients have two cores. Peer of the ping: a thread that echoes 5 bytes with plain system
// calls. Equal: one Unix socket each, frames of 5 bytes, one thread on each side. The database is a file in a temporary
// directory with 100 000 entries of 16 and 100 bytes, which is in the page cache; the clients of the gets are
// asynchronous ones on one thread, each with one request under way.
#include "measure.hpp"

#include <weft/embedded/kv_database.hpp>
#include <weft/net/async.hpp>
#include <weft/testing/temporary_directory.hpp>
#include <weft/toondb/ipc_client.hpp>
#include <weft/toondb/ipc_server.hpp>
#include <weft/toondb/session.hpp>

#include <boost/asio/io_context.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace net = weft::net;
namespace toondb = weft::toondb;

constexpr std::size_t pings = 20'000;
constexpr std::size_t entries = 100'000;
constexpr std::size_t clients = 64;
constexpr std::size_t gets_of_each = 4'000;

std::string key_of(std::size_t n) {
    std::string key = std::to_string(n * 2654435761U % 1'000'000'007U);
    key.insert(0, 16 - key.size(), '0');
    return key;
}

/// A connected pair of Unix sockets, the far one echoing on a thread.
class echo {
public:
    echo() {
        int fds[2];
        if (::socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0) std::exit(1);
        near_ = fds[0];
        thread_ = std::thread([far = fds[1]] {
            char buffer[16];
            for (ssize_t n = 0; (n = ::recv(far, buffer, sizeof buffer, 0)) > 0;)
                (void)!::send(far, buffer, static_cast<std::size_t>(n), MSG_NOSIGNAL);
            ::close(far);
        });
    }
    echo(const echo&) = delete;
    echo& operator=(const echo&) = delete;
    ~echo() {
        ::shutdown(near_, SHUT_RDWR);
        thread_.join();
        ::close(near_);
    }
    void trip() const {
        char frame[5] = {0x0E, 0, 0, 0, 0};
        if (::send(near_, frame, 5, MSG_NOSIGNAL) != 5 || ::recv(near_, frame, 5, 0) != 5) std::exit(1);
    }

private:
    int near_ = -1;
    std::thread thread_;
};

template <class F>
void print_percentiles(const char* name, F&& once) {
    for (std::size_t i = 0; i < pings / 10; ++i) once();
    std::vector<double> taken;
    taken.reserve(pings);
    for (std::size_t i = 0; i < pings; ++i) taken.push_back(measure::seconds(once) * 1e6);
    std::sort(taken.begin(), taken.end());
    std::printf("  %-20s p50 %6.1f us, p90 %6.1f us, p99 %6.1f us\n", name, taken[pings / 2], taken[pings * 9 / 10],
                taken[pings * 99 / 100]);
}

double cpu_seconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto of = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return of(used.ru_utime) + of(used.ru_stime);
}

using client = toondb::session<net::asio_socket>;

net::task<> get_many(client* c, std::size_t from) {
    for (std::size_t i = 0; i < gets_of_each; ++i) {
        const auto value = co_await c->get(key_of((from + i * 977) % entries));
        if (!value || value->size() != 100) std::exit(1);
    }
}

void many_gets(const std::string& socket) {
    asio::io_context context(1);
    std::vector<std::unique_ptr<client>> all;
    for (std::size_t i = 0; i < clients; ++i) {
        all.push_back(std::make_unique<client>(net::asio_socket(context.get_executor())));
        net::async_run(all.back()->stream(), all.back()->connect(socket, toondb::client_options()),
                       [](const boost::system::error_code& ec) {
                           if (ec) std::exit(1);
                       });
    }
    context.run();
    context.restart();
    for (std::size_t i = 0; i < clients; ++i) {
        net::async_run(all[i]->stream(), get_many(all[i].get(), i * 1'531), [](const boost::system::error_code& ec) {
            if (ec) std::exit(1);
        });
    }
    const double before = cpu_seconds();
    const double taken = measure::seconds([&] { context.run(); });
    const double cpu = cpu_seconds() - before;
    constexpr double gets = static_cast<double>(clients * gets_of_each);
    std::printf("  %zu clients           %8.0f gets a second; %.1f us of processor a get, both sides together\n",
                clients, gets / taken, cpu / gets * 1e6);
}

} // namespace

int main() {
    const weft::testing::temporary_directory directory;
    auto db = weft::embedded::kv_database::open(directory / "bench.db");
    db.with_transaction([](auto& t) {
        for (std::size_t i = 0; i < entries; ++i) t.put(key_of(i), std::string(100, 'v'));
    });
    toondb::server_options options;
    options.socket_path = directory / "toondb.sock";
    options.max_clients = 1'000; // clients of the last round may not be gone when the next ones come
    toondb::ipc_server server(db, options);
    server.start();
    auto c = toondb::ipc_client::connect(options.socket_path);
    const echo peer;
    std::printf("one round trip over a Unix socket\n");
    for (int round = 0; round < 3; ++round) {
        print_percentiles("peer: echo", [&] { peer.trip(); });
        print_percentiles("ping", [&] { (void)c.ping(); });
        print_percentiles("get", [&] { (void)c.get(key_of(7)); });
    }
    print_percentiles("put",
                      [&, i = std::size_t{0}]() mutable { c.put(key_of(i++ % entries), std::string(100, 'w')); });
    std::printf("many clients\n");
    for (int round = 0; round < 5; ++round) many_gets(options.socket_path);
}
