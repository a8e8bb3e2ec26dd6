// SPDX-License-Identifier: BSL-1.0
// Claim: sharing ten connections among a hundred coroutines through the pool costs hardly more than ten coroutines that
// each own a connection. Equal: one server (the URL in WEFT_MYSQL_URL), one thread, ten connections that are open
// before the clock starts, 10 000 sessions of `SELECT 1`, with and without a reset of the session after each.
#include "measure.hpp"

#include <weft/core/url.hpp>
#include <weft/format/tuples.hpp>
#include <weft/mysql/async_connection.hpp>
#include <weft/pool/async_pool.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace mysql = weft::mysql;
using mysql_pool = weft::async_connection_pool<mysql::async_connection>;
using numbers = weft::tuples<int>;

constexpr std::size_t sessions = 10'000;
constexpr std::size_t connections = 10;
constexpr std::size_t coroutines = 100;

mysql::connect_options settings_of(const char* text) {
    const weft::connection_url url = weft::parse_url(text);
    mysql::connect_options settings;
    settings.hosts =
        weft::net::host_list({{url.host.value_or("127.0.0.1"), url.port == 0 ? std::uint16_t{3306} : url.port}});
    settings.user = url.user.value_or("");
    settings.password = url.password.value_or("");
    return settings;
}

template <class Body>
void spawn(asio::io_context& context, Body body) {
    asio::co_spawn(context, std::move(body), [](const std::exception_ptr& e) {
        if (e) std::rethrow_exception(e);
    });
}

void run(asio::io_context& context) {
    context.run();
    context.restart();
}

void compare(const char* name, const mysql::connect_options& settings, bool reset) {
    asio::io_context context;
    std::vector<mysql::async_connection> owned;
    for (std::size_t i = 0; i < connections; ++i) owned.emplace_back(context);
    for (auto& c : owned) spawn(context, [&]() -> asio::awaitable<void> { co_await c.async_connect(settings); });
    run(context);

    mysql_pool pool(context, [settings](auto& c) { return c.async_connect(settings); },
                    {.min_size = connections,
                     .max_size = connections,
                     .on_return = reset ? weft::return_action::reset : weft::return_action::keep});
    pool.maintain();
    run(context);

    const auto owners = [&] {
        std::size_t sum = 0;
        for (auto& c : owned) {
            spawn(context, [&]() -> asio::awaitable<void> {
                for (std::size_t i = 0; i < sessions / connections; ++i) {
                    sum += (co_await c.async_query<numbers>("SELECT 1")).size();
                    if (reset) co_await c.async_reset();
                }
            });
        }
        run(context);
        return sum;
    };
    const auto pooled = [&] {
        std::size_t sum = 0;
        for (std::size_t n = 0; n < coroutines; ++n) {
            spawn(context, [&]() -> asio::awaitable<void> {
                for (std::size_t i = 0; i < sessions / coroutines; ++i) {
                    auto c = co_await pool.async_acquire();
                    sum += (co_await c->async_query<numbers>("SELECT 1")).size();
                }
            });
        }
        run(context);
        return sum;
    };
    measure::versus(name, sessions, owners, pooled, 6);
    pool.close();
    for (auto& c : owned) spawn(context, [&]() -> asio::awaitable<void> { co_await c.async_close(); });
    run(context);
}

} // namespace

int main() {
    const char* url = std::getenv("WEFT_MYSQL_URL");
    if (url == nullptr || *url == '\0') {
        std::puts("mysql_pool: WEFT_MYSQL_URL names no server, nothing measured");
        return 0;
    }
    const mysql::connect_options settings = settings_of(url);
    compare("session kept", settings, false);
    compare("session reset", settings, true);
}
