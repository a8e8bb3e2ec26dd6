// SPDX-License-Identifier: BSL-1.0
#include <weft/pool/async_pool.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

namespace asio = boost::asio;
using boost::system::error_code;
using weft::pool_options;
using weft::pool_statistics;
using namespace std::chrono_literals;

namespace {

std::int64_t fake_now = 0;
std::int64_t fake_clock() noexcept {
    return fake_now;
}

struct async_server {
    int open = 0;
    int most_open = 0;
    int made = 0;
    int pings = 0;
    int resets = 0;
    int goodbyes = 0;
    int refusals = 0; ///< so many connects fail
    int generation = 0;
    bool hangs = false; ///< steps last until they are cancelled
    bool reset_throws = false;
    bool making_throws = false;
    std::chrono::milliseconds latency{0};
};

async_server* current = nullptr;

struct with_server {
    with_server() { current = &server; }
    async_server server;
    asio::io_context context;
};

/// Each step is a timer: it takes the latency of the server, or for ever.
class async_fake {
public:
    explicit async_fake(const asio::any_io_executor& executor) : server_(current), timer_(executor) {
        if (server_->making_throws) throw 7;
    }
    ~async_fake() {
        if (counted_) --server_->open;
    }
    async_fake(const async_fake&) = delete;
    async_fake& operator=(const async_fake&) = delete;

    template <class Token = asio::deferred_t>
    auto async_connect(Token&& token = {}) {
        return step(
            [this] {
                if (server_->refusals > 0 && server_->refusals-- > 0) {
                    known_.message = "the fake server refuses";
                    return false;
                }
                counted_ = open_ = true;
                number = server_->made++;
                generation_ = server_->generation;
                server_->most_open = std::max(server_->most_open, ++server_->open);
                return true;
            },
            std::forward<Token>(token));
    }
    template <class Token = asio::deferred_t>
    auto async_use(Token&& token = {}) {
        return step([this] { return generation_ == server_->generation; }, std::forward<Token>(token));
    }
    template <class Token = asio::deferred_t>
    auto async_ping(Token&& token = {}) {
        ++server_->pings;
        return async_use(std::forward<Token>(token));
    }
    template <class Token = asio::deferred_t>
    auto async_reset(Token&& token = {}) {
        if (server_->reset_throws) throw weft::programming_error("no reset today");
        ++server_->resets;
        return async_use(std::forward<Token>(token));
    }
    template <class Token = asio::deferred_t>
    auto async_close(Token&& token = {}) {
        ++server_->goodbyes;
        return step([] { return true; }, std::forward<Token>(token));
    }
    bool is_open() const { return open_; }
    bool has_transaction() const { return transaction; }
    const weft::diagnostics& diagnostics() const { return known_; }
    void breaks() { open_ = false; }

    int number = -1;
    int users = 0;
    bool transaction = false;

private:
    template <class Works, class Token>
    auto step(Works works, Token&& token) {
        return asio::async_initiate<Token, void(error_code)>(
            [this, works](auto handler) {
                timer_.expires_after(server_->hangs ? std::chrono::milliseconds(1h) : server_->latency);
                const auto slot = asio::get_associated_cancellation_slot(handler);
                const auto executor = asio::get_associated_executor(handler, timer_.get_executor());
                timer_.async_wait(asio::bind_cancellation_slot(
                    slot, asio::bind_executor(executor, [this, works, h = std::move(handler)](error_code ec) mutable {
                        if (!ec && !works()) ec = asio::error::connection_reset;
                        if (ec) open_ = false;
                        std::move(h)(ec);
                    })));
            },
            token);
    }

    async_server* server_;
    asio::steady_timer timer_;
    int generation_ = 0;
    bool open_ = false;
    bool counted_ = false;
    weft::diagnostics known_;
};

using fake_pool = weft::async_connection_pool<async_fake>;
using lease = fake_pool::lease;

constexpr auto connect_fake = [](async_fake& c) { return c.async_connect(); };
constexpr auto tuple = asio::as_tuple(asio::use_awaitable);

template <class Body>
void run(asio::io_context& context, Body body) {
    std::exception_ptr failed;
    asio::co_spawn(context, std::move(body), [&](std::exception_ptr e) { failed = e; });
    context.run();
    context.restart();
    if (failed) std::rethrow_exception(failed);
}

} // namespace

TEST_CASE_METHOD(with_server, "Leases of an asynchronous pool", "[async]") {
    fake_pool pool(context, connect_fake);
    run(context, [&]() -> asio::awaitable<void> {
        lease a = co_await pool.async_acquire();
        lease b = co_await pool.async_acquire(asio::use_awaitable);
        CHECK(a->number == 0);
        CHECK((*b).number == 1);
        a.give_back();
        CHECK_FALSE(a);
        a = co_await pool.async_acquire();
        CHECK(a->number == 0); // its reset ended before the third connected
        a.discard();
    });
    CHECK(pool.statistics().idle == 2);
    CHECK(server.resets == 2);
    CHECK(server.goodbyes == 1);
    run(context, [&]() -> asio::awaitable<void> {
        lease a = co_await pool.async_acquire();
        CHECK(a->number == 1);
        a->breaks();
    });
    pool_statistics s = pool.statistics();
    s.wait_us = 0;
    CHECK(s == pool_statistics{
                   .size = 1, .idle = 1, .created = 3, .closed_broken = 1, .closed_discarded = 1, .acquires = 4});
    run(context, [&]() -> asio::awaitable<void> { co_await pool.async_close(); });
    CHECK(server.open == 0);
    CHECK(server.goodbyes == 2);
}

TEST_CASE_METHOD(with_server, "A hundred coroutines share five connections in the order of coming", "[async]") {
    server.latency = 1ms;
    fake_pool pool(context, connect_fake, {.max_size = 5});
    std::vector<int> order;
    std::map<const async_fake*, int> users;
    for (int i = 0; i < 100; ++i) {
        asio::co_spawn(
            context,
            [&, i]() -> asio::awaitable<void> {
                for (int round = 0; round < 3; ++round) {
                    lease mine = co_await pool.async_acquire();
                    if (round == 0) order.push_back(i);
                    CHECK(++users[&*mine] == 1);
                    co_await mine->async_use();
                    --users[&*mine];
                    if (i % 10 == 0) mine.discard();
                }
            },
            asio::detached);
    }
    context.run();
    CHECK(std::is_sorted(order.begin(), order.end()));
    CHECK(order.size() == 100);
    CHECK(server.most_open <= 5);
    const pool_statistics s = pool.statistics();
    CHECK(s.acquires == 300);
    CHECK(s.in_use == 0);
    CHECK(s.waiting == 0);
    CHECK(s.closed_discarded == 30);
    CHECK(s.size == static_cast<std::size_t>(server.open));
}

TEST_CASE_METHOD(with_server, "Timeouts of asynchronous acquires", "[async]") {
    fake_pool pool(context, connect_fake, {.max_size = 1, .acquire_timeout_ms = 20});
    run(context, [&]() -> asio::awaitable<void> {
        lease only = co_await pool.async_acquire();
        weft::diagnostics info;
        auto [ec, none] = co_await pool.async_acquire(info, tuple);
        CHECK(ec == weft::errc::operational_error);
        CHECK_FALSE(none);
        CHECK(info.message == "no connection of the pool became free within 20 ms: of at most 1 there are 1, 1 in use "
                              "and 0 idle, and 0 others wait");
        auto [at_once, nothing] = co_await pool.async_acquire_within(0, info, tuple);
        CHECK(at_once == weft::errc::operational_error);
        CHECK(pool.statistics().timeouts == 2);
        only.give_back();
        only = co_await pool.async_acquire_within(pool_options::never, info);
        CHECK(only->number == 0);
    });
    // also while it connects, and the connection is there for the next
    server.latency = 30ms;
    fake_pool slow(context, connect_fake, {.acquire_timeout_ms = 5});
    run(context, [&]() -> asio::awaitable<void> {
        auto [ec, none] = co_await slow.async_acquire(tuple);
        CHECK(ec == weft::errc::operational_error);
    });
    CHECK(slow.statistics().idle == 1);
}

TEST_CASE_METHOD(with_server, "Cancelling an acquire leaves the pool whole", "[async]") {
    fake_pool pool(context, connect_fake, {.max_size = 1});
    run(context, [&]() -> asio::awaitable<void> {
        lease only = co_await pool.async_acquire();
        asio::cancellation_signal signal;
        error_code ended;
        weft::diagnostics info;
        int calls = 0;
        pool.async_acquire(info, asio::bind_cancellation_slot(signal.slot(), [&](error_code ec, lease) {
                               ended = ec;
                               ++calls;
                           }));
        auto waits = pool.async_acquire(asio::use_future);
        CHECK(pool.statistics().waiting == 2);
        signal.emit(asio::cancellation_type::total);
        signal.emit(asio::cancellation_type::total);
        CHECK(pool.statistics().waiting == 1);
        CHECK(calls == 0);
        co_await asio::post(asio::use_awaitable);
        CHECK(calls == 1);
        CHECK(ended == asio::error::operation_aborted);
        CHECK(info.message == "cancelled while waiting for a connection of the pool");
        only.give_back();
        while (pool.statistics().waiting != 0) co_await asio::post(asio::use_awaitable);
        co_await asio::post(asio::use_awaitable);
        REQUIRE(waits.wait_for(0s) == std::future_status::ready);
        CHECK(waits.get()->number == 0);
    });
    CHECK(pool.statistics().idle == 1);
}

TEST_CASE_METHOD(with_server, "A failed connect ends one acquire and lets the next try", "[async]") {
    server.refusals = 3;
    fake_pool pool(context, connect_fake, {.max_size = 1});
    std::vector<std::string> ends;
    for (int i = 0; i < 5; ++i) {
        asio::co_spawn(
            context,
            [&]() -> asio::awaitable<void> {
                weft::diagnostics info;
                auto [ec, mine] = co_await pool.async_acquire(info, tuple);
                ends.push_back(ec ? info.message : "served");
            },
            asio::detached);
    }
    context.run();
    const std::string refused = "the fake server refuses";
    CHECK(ends == std::vector<std::string>{refused, refused, refused, "served", "served"});
    CHECK(pool.statistics().connect_failures == 3);
    CHECK(pool.statistics().size == 1);
}

TEST_CASE_METHOD(with_server, "Steps that throw or hang cost the connection", "[async]") {
    SECTION("making") {
        server.making_throws = true;
        fake_pool pool(context, connect_fake, {.min_size = 2});
        pool.maintain();
        run(context, [&]() -> asio::awaitable<void> {
            weft::diagnostics info;
            auto [ec, none] = co_await pool.async_acquire(info, tuple);
            CHECK(ec == weft::errc::internal_error);
            CHECK(info.message == "an exception of unknown type");
        });
        CHECK(pool.statistics().size == 0);
        CHECK(pool.statistics().connect_failures == 3);
    }
    SECTION("a connector") {
        fake_pool pool(context, [](async_fake& c) {
            if (c.number < 0) throw weft::interface_error("no address");
            return c.async_connect();
        });
        run(context, [&]() -> asio::awaitable<void> {
            weft::diagnostics info;
            auto [ec, none] = co_await pool.async_acquire(info, tuple);
            CHECK(ec == weft::errc::interface_error);
            CHECK(info.message == "no address");
        });
        CHECK(pool.statistics().size == 0);
    }
    SECTION("a reset") {
        server.reset_throws = true;
        fake_pool pool(context, connect_fake);
        run(context, [&]() -> asio::awaitable<void> { lease a = co_await pool.async_acquire(); });
        CHECK(pool.statistics().closed_broken == 1);
        CHECK(pool.statistics().size == 0);
    }
    SECTION("a reset that hangs is cancelled") {
        fake_pool pool(context, connect_fake, {.max_size = 1, .step_timeout_ms = 10});
        run(context, [&]() -> asio::awaitable<void> {
            {
                lease a = co_await pool.async_acquire();
                server.hangs = true;
            }
            co_await asio::post(asio::use_awaitable);
            server.hangs = false;
            lease b = co_await pool.async_acquire();
            CHECK(b->number == 1);
        });
        CHECK(pool.statistics().closed_broken == 1);
        CHECK(server.open == 1);
    }
    SECTION("a connect that hangs is cancelled") {
        server.hangs = true;
        fake_pool pool(context, connect_fake, {.step_timeout_ms = 10});
        run(context, [&]() -> asio::awaitable<void> {
            auto [ec, none] = co_await pool.async_acquire(tuple);
            CHECK(ec == asio::error::operation_aborted);
        });
    }
}

TEST_CASE_METHOD(with_server, "Ages, idle times and checks of an asynchronous pool", "[async]") {
    fake_now = 1'000'000;
    fake_pool pool(context, connect_fake,
                   {.min_size = 1,
                    .max_size = 5,
                    .idle_timeout_ms = 1000,
                    .max_lifetime_ms = 5000,
                    .validate_after_ms = 300,
                    .health_check_interval_ms = 600,
                    .on_return = weft::return_action::rollback,
                    .clock_ms = &fake_clock});
    const auto lease_three = [&]() -> asio::awaitable<void> {
        lease a = co_await pool.async_acquire();
        lease b = co_await pool.async_acquire();
        lease c = co_await pool.async_acquire();
        c->transaction = true;
    };
    const auto lease_one = [&]() -> asio::awaitable<void> { lease a = co_await pool.async_acquire(); };
    const auto maintain = [&]() -> asio::awaitable<void> {
        pool.maintain();
        co_return;
    };
    run(context, maintain);
    CHECK(pool.statistics().idle == 1);
    run(context, lease_three);
    CHECK(pool.statistics().idle == 3);
    CHECK(server.resets == 1); // only the transaction

    SECTION("idle") {
        fake_now += 1000;
        run(context, maintain);
        CHECK(pool.statistics().closed_idle == 2);
        CHECK(pool.statistics().idle == 1);
    }
    SECTION("idle ones go when a lease returns") {
        fake_now += 1000;
        run(context, lease_one);
        CHECK(pool.statistics().closed_idle == 2);
        CHECK(pool.statistics().idle == 1);
    }
    SECTION("old") {
        fake_now += 5000;
        run(context, lease_one);
        CHECK(pool.statistics().closed_lifetime >= 1);
        CHECK(server.made == 4);
        run(context, maintain);
        CHECK(pool.statistics().closed_lifetime == 3);
    }
    SECTION("checked before a lease") {
        fake_now += 300;
        run(context, lease_one);
        CHECK(server.pings == 1);
    }
    SECTION("checked regularly") {
        fake_now += 600;
        run(context, maintain);
        CHECK(server.pings == 3);
        ++server.generation;
        fake_now += 300;
        run(context, maintain);
        CHECK(server.pings == 3);
        run(context, lease_one); // one check fails, a new connection takes its place
        CHECK(pool.statistics().closed_validation >= 1);
        run(context, maintain);
        CHECK(pool.statistics().closed_validation == 3);
        CHECK(pool.statistics().idle == 1);
    }
}

TEST_CASE_METHOD(with_server, "No dead connection is leased twice, asynchronously", "[async]") {
    fake_pool pool(context, connect_fake, {.max_size = 8, .validate_after_ms = pool_options::never});
    std::vector<int> dead;
    int good = 0;
    bool ends = false;
    for (int i = 0; i < 30; ++i) {
        asio::co_spawn(
            context,
            [&]() -> asio::awaitable<void> {
                while (!ends) {
                    auto [refused, mine] = co_await pool.async_acquire(tuple);
                    if (refused) continue;
                    auto [gone] = co_await mine->async_use(tuple);
                    if (gone)
                        dead.push_back(mine->number);
                    else
                        ++good;
                }
            },
            asio::detached);
    }
    run(context, [&]() -> asio::awaitable<void> {
        asio::steady_timer timer(context);
        for (int restart = 0; restart < 5; ++restart) {
            timer.expires_after(5ms);
            co_await timer.async_wait(asio::use_awaitable);
            ++server.generation;
            server.refusals = 20;
        }
        const int before = good;
        while (good < before + 100) {
            timer.expires_after(1ms);
            co_await timer.async_wait(asio::use_awaitable);
        }
        ends = true;
    });
    std::sort(dead.begin(), dead.end());
    CHECK(std::adjacent_find(dead.begin(), dead.end()) == dead.end());
    CHECK_FALSE(dead.empty());
    CHECK(server.most_open <= 8);
}

TEST_CASE_METHOD(with_server, "Closing an asynchronous pool", "[async]") {
    SECTION("waits for the leases") {
        fake_pool pool(context, connect_fake, {.max_size = 1});
        pool.maintain_every(1ms);
        bool closed = false;
        run(context, [&]() -> asio::awaitable<void> {
            lease only = co_await pool.async_acquire();
            error_code ended;
            pool.async_acquire([&](error_code ec, lease) { ended = ec; });
            pool.async_close([&](error_code ec) { closed = !ec; });
            CHECK(pool.is_closed());
            co_await asio::post(asio::use_awaitable);
            CHECK(ended == weft::errc::programming_error);
            auto [ec, none] = co_await pool.async_acquire(tuple);
            CHECK(ec == weft::errc::programming_error);
            CHECK_FALSE(closed);
        });
        CHECK(closed);
        CHECK(server.goodbyes == 1);
        CHECK(server.open == 0);
    }
    SECTION("a lease outlives its pool") {
        std::optional<fake_pool> pool(std::in_place, context, connect_fake);
        lease kept;
        run(context, [&]() -> asio::awaitable<void> { kept = co_await pool->async_acquire(); });
        pool.reset();
        CHECK(server.open == 1);
        kept.give_back();
        CHECK(server.open == 0);
    }
    SECTION("the context ends first with all that is under way") {
        server.hangs = true;
        asio::io_context short_lived;
        fake_pool pool(short_lived, connect_fake);
        asio::co_spawn(
            short_lived, [&]() -> asio::awaitable<void> { (co_await pool.async_acquire()).discard(); }, asio::detached);
        short_lived.run_for(5ms);
    }
}

TEST_CASE_METHOD(with_server, "A pool on a strand takes acquires and leases of any thread", "[async]") {
    asio::thread_pool threads(4);
    {
        fake_pool pool(asio::make_strand(threads), connect_fake, {.max_size = 3});
        std::atomic<int> served{0};
        std::vector<std::future<void>> all;
        for (int i = 0; i < 40; ++i) {
            all.push_back(asio::co_spawn(
                threads,
                [&]() -> asio::awaitable<void> {
                    for (int round = 0; round < 20; ++round) {
                        lease mine = co_await pool.async_acquire();
                        ++mine->users;
                        ++served;
                    }
                },
                asio::use_future));
        }
        for (auto& one : all) one.get();
        pool.async_close(asio::use_future).get();
        CHECK(served == 800);
        CHECK(server.most_open <= 3);
        CHECK(server.open == 0);
    }
    threads.join();
}
