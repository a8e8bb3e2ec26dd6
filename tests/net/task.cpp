// SPDX-License-Identifier: BSL-1.0
#include <weft/net/byte_stream.hpp>
#include <weft/net/task.hpp>

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <coroutine>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

using weft::net::run_now;
using weft::net::task;

namespace {

task<int> number(int n) {
    co_return n;
}

task<> nothing() {
    co_return;
}

task<std::unique_ptr<int>> move_only() {
    co_return std::make_unique<int>(7);
}

task<int> failing() {
    throw std::runtime_error("thrown inside");
    co_return 0;
}

task<long> long_loop(int times) {
    long sum = 0;
    for (int i = 0; i < times; ++i) sum += co_await number(1);
    co_return sum;
}

task<int> nested(int depth) {
    if (depth == 0) co_return 0;
    const int below = co_await nested(depth - 1);
    co_return below + 1;
}

/// Resumed by hand, or by another thread.
struct gate {
    std::coroutine_handle<> waiter;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> w) noexcept { waiter = w; }
    void await_resume() const noexcept {}
};

/// Is resumed on a new thread, at once: races with the coroutine that goes to sleep.
struct elsewhere {
    std::thread* thread;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter) const {
        *thread = std::thread([waiter] { waiter.resume(); });
    }
    void await_resume() const noexcept {}
};

task<int> through(gate* g) {
    co_await *g;
    co_return 5;
}

/// A root that only notes what came out.
struct root {
    struct promise_type {
        root get_return_object() const noexcept { return {}; }
        std::suspend_never initial_suspend() const noexcept { return {}; }
        std::suspend_never final_suspend() const noexcept { return {}; }
        void return_void() const noexcept {}
        void unhandled_exception() const noexcept { std::terminate(); }
    };
};

root collect(task<int> work, std::atomic<int>* result) {
    const int n = co_await work;
    *result = n;
    result->notify_one();
}

} // namespace

TEST_CASE("a task runs when it is awaited and hands over its value") {
    CHECK(run_now(number(3)) == 3);
    CHECK(*run_now(move_only()) == 7);
    run_now(nothing());
    const task<int> never_started = failing();
    (void)never_started;
}

TEST_CASE("exceptions come out of the co_await") {
    CHECK_THROWS_AS(run_now(failing()), std::runtime_error);
    const auto catches = []() -> task<std::string> {
        try {
            (void)co_await failing();
        } catch (const std::runtime_error& e) {
            co_return e.what();
        }
        co_return "";
    };
    CHECK(run_now(catches()) == "thrown inside");
}

TEST_CASE("a million children that finish at once need no stack") {
    CHECK(run_now(long_loop(1'000'000)) == 1'000'000);
    CHECK(run_now(nested(200)) == 200);
}

TEST_CASE("a task that waits where it may not is an error") {
    gate g;
    CHECK_THROWS_AS(run_now(through(&g)), weft::internal_error);
    REQUIRE(g.waiter);
    g.waiter.destroy();
}

TEST_CASE("a waiting task goes on where it is resumed") {
    gate g;
    std::atomic<int> result = 0;
    collect(through(&g), &result);
    CHECK(result == 0);
    g.waiter.resume();
    CHECK(result == 5);
}

TEST_CASE("completion on another thread meets suspension on this one") {
    const auto hops = [](std::thread* thread) -> task<int> {
        co_await elsewhere{thread};
        co_return 1;
    };
    const auto parent = [](auto child, std::thread* thread) -> task<int> {
        const int n = co_await child(thread);
        co_return n + 1;
    };
    for (int i = 0; i < 2'000; ++i) {
        std::thread thread;
        std::atomic<int> result = 0;
        collect(parent(hops, &thread), &result);
        result.wait(0);
        CHECK(result == 2);
        thread.join();
    }
}

TEST_CASE("frames may be freed on another thread than the one that made them") {
    for (int i = 0; i < 100; ++i) {
        auto work = std::make_unique<task<int>>(number(i));
        std::thread([w = std::move(work), i]() mutable { CHECK(run_now(std::move(*w)) == i); }).join();
    }
}

TEST_CASE("a moved task is where it was moved to") {
    task<int> a = number(1);
    task<int> b = std::move(a);
    a = number(2);
    CHECK(run_now(std::move(a)) == 2);
    b = number(3);
    CHECK(run_now(std::move(b)) == 3);
}

TEST_CASE("a task that has ended needs no coroutine") {
    CHECK(task<>::ended().await_ready());
    run_now(task<>::ended());
    CHECK(run_now(task<bool>::ended(true)));
    CHECK(run_now(task<long>::ended(7L)) == 7);
    task<bool> moved = task<bool>::ended(false);
    moved = task<bool>::ended(true);
    const auto awaits = [](task<bool> first, task<> second) -> task<int> {
        const bool value = co_await first;
        co_await second;
        co_return value ? 1 : 0;
    };
    CHECK(run_now(awaits(std::move(moved), task<>::ended())) == 1);
    moved = [](bool value) -> task<bool> { co_return value; }(true); // and a coroutine takes its place
    CHECK_FALSE(moved.await_ready());
    CHECK(run_now(std::move(moved)));
}
