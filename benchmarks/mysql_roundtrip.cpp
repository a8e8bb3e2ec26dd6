// SPDX-License-Identifier: BSL-1.0
//
// Claim: a round trip costs no more than the C client's, and statements sent together cost a fraction of one. `SELECT
// 1` against MariaDB over a Unix socket: blocking, asynchronous on one thread, and 64 in a pipeline; the C client
// blocking. Equal: server, socket, statement, one value read from each answer. A blocking connection looks for its
// answers before it sleeps, which the C client does not; `asleep` is one that sleeps at once. The last ratio says how
// much a pipeline could gain with a client that does nothing: 64 prepared messages are sent, their answers received and
// not looked at.

#include "measure.hpp"
#include "mysql_peer.hpp"

#include <weft/mysql/async_connection.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <poll.h>
#include <sys/socket.h>

#include <string>
#include <string_view>
#include <vector>

namespace {

namespace asio = boost::asio;
using namespace std::string_view_literals;
using one_value = weft::tuples<std::int64_t>;

constexpr std::size_t trips = 6400;
constexpr std::size_t together = 64;

std::size_t by_c(const mysql_peer::c_client& db) {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < trips; ++i) {
        db.run("SELECT 1");
        MYSQL_RES* result = mysql_store_result(db.get());
        sum += static_cast<std::size_t>(std::strtoll(mysql_fetch_row(result)[0], nullptr, 10));
        mysql_free_result(result);
    }
    return sum;
}

std::size_t blocking(weft::mysql::connection& db) {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < trips; ++i) sum += static_cast<std::size_t>(db.query_value<std::int64_t>("SELECT 1"));
    return sum;
}

std::size_t pipelined(weft::mysql::connection& db) {
    std::size_t sum = 0;
    const std::vector<std::string> texts(together, "SELECT 1");
    for (std::size_t i = 0; i < trips / together; ++i) {
        for (auto& outcome : db.pipeline<one_value>(texts))
            sum += static_cast<std::size_t>(std::get<0>(outcome.value().at(0)));
    }
    return sum;
}

/// What the server alone needs: the messages of a pipeline are there already, and the answers are thrown away.
std::size_t unread(const mysql_peer::c_client& db) {
    constexpr std::string_view one = "\x09\0\0\0\x03SELECT 1"sv;
    const int fd = static_cast<int>(mysql_get_socket(db.get()));
    const auto send = [fd](std::string_view bytes) {
        if (::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) std::exit(1);
    };
    char answers[16384];
    const auto receive = [&] {
        pollfd entry{fd, POLLIN, 0};
        ::poll(&entry, 1, -1);
        const ssize_t size = ::recv(fd, answers, sizeof answers, MSG_DONTWAIT);
        if (size <= 0) std::exit(1);
        return static_cast<std::size_t>(size);
    };
    send(one);
    const std::size_t size = receive(); // the server writes an answer at once
    std::string all;
    for (std::size_t i = 0; i < together; ++i) all += one;
    for (std::size_t i = 0; i < trips / together; ++i) {
        send(all);
        for (std::size_t got = 0; got < size * together;) got += receive();
    }
    return trips;
}

std::size_t asynchronous() {
    asio::io_context io;
    std::size_t sum = 0;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            weft::mysql::async_connection db(io);
            co_await db.async_connect(mysql_peer::options(), asio::use_awaitable);
            for (std::size_t i = 0; i < trips; ++i) {
                auto rows = co_await db.async_query<one_value>("SELECT 1", asio::use_awaitable);
                sum += static_cast<std::size_t>(std::get<0>(rows.at(0)));
            }
            co_await db.async_close(asio::use_awaitable);
        },
        asio::detached);
    io.run();
    return sum;
}

} // namespace

int main() {
    const mysql_peer::c_client peer;
    weft::mysql::connection db(mysql_peer::options());
    weft::mysql::connect_options sleeping = mysql_peer::options();
    sleeping.network.spin_us = 0;
    weft::mysql::connection asleep(sleeping);
    measure::versus("mysql_roundtrip_blocking", trips, [&] { return by_c(peer); }, [&] { return blocking(db); });
    measure::versus(
        "mysql_roundtrip_blocking_asleep", trips, [&] { return by_c(peer); }, [&] { return blocking(asleep); });
    measure::versus("mysql_roundtrip_async", trips, [&] { return by_c(peer); }, [&] { return asynchronous(); });
    measure::versus(
        "mysql_roundtrip_pipelined_over_blocking", trips, [&] { return blocking(db); }, [&] { return pipelined(db); });
    measure::versus(
        "mysql_roundtrip_pipelined_over_blocking_asleep", trips, [&] { return blocking(asleep); },
        [&] { return pipelined(asleep); });
    measure::versus(
        "mysql_roundtrip_unread_over_blocking", trips, [&] { return blocking(db); }, [&] { return unread(peer); });
}
