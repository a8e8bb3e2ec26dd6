// SPDX-License-Identifier: BSL-1.0
#include <weft/net/chrono.hpp>
#include <weft/net/deadline.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <thread>

using weft::net::deadline;
using namespace std::chrono_literals;

TEST_CASE("a deadline knows what is left of it") {
    CHECK(deadline().is_never());
    CHECK(deadline::never().remaining_ms() == -1);
    CHECK_FALSE(deadline::never().has_passed());
    CHECK(deadline::after_ms(0).has_passed());
    CHECK(deadline::after_ms(-5).remaining_ms() == 0);
    const deadline minute = deadline::after_ms(60'000);
    CHECK(minute.remaining_ms() <= 60'000);
    CHECK(minute.remaining_ms() > 50'000);
    CHECK(minute.budget_ms() == 60'000);
    const deadline soon = deadline::after_ms(5);
    std::this_thread::sleep_for(6ms);
    CHECK(soon.has_passed());
}

TEST_CASE("extreme deadlines neither wrap nor overflow") {
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    CHECK(deadline::after_ms(most).is_never());
    CHECK(deadline::after_ms(std::numeric_limits<std::int64_t>::min()).has_passed());
    CHECK(deadline::after_ms(100LL * 365 * 86'400'000).remaining_ms() == std::numeric_limits<int>::max());
    CHECK(deadline::of_timeout(0).is_never());
    CHECK_FALSE(deadline::of_timeout(1'000).is_never());
}

TEST_CASE("the sooner of two deadlines") {
    const deadline a = deadline::after_ms(10);
    const deadline b = deadline::after_ms(20'000);
    CHECK(deadline::sooner(a, b) == a);
    CHECK(deadline::sooner(b, a) == a);
    CHECK(deadline::sooner(deadline::never(), b) == b);
}

TEST_CASE("deadlines from durations and time points") {
    CHECK(weft::net::deadline_after(1500us).budget_ms() == 2);
    CHECK(weft::net::deadline_after(2s).budget_ms() == 2'000);
    CHECK(weft::net::deadline_at(std::chrono::steady_clock::now() - 1s).has_passed());
    CHECK(weft::net::deadline_at(std::chrono::steady_clock::time_point::max()).is_never());
    CHECK(weft::net::deadline_at(std::chrono::steady_clock::now() + 1h).remaining_ms() > 3'500'000);
}
