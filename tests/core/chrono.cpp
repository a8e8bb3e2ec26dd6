// SPDX-License-Identifier: BSL-1.0
#include <weft/core/chrono.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <limits>
#include <random>

namespace ch = std::chrono;
using weft::date;
using weft::datetime;

static_assert(weft::to_sys_days(date(1970, 1, 2)) == ch::sys_days{ch::days{1}});
static_assert(weft::to_date(ch::year{2024} / 2 / 29) == date(2024, 2, 29));

TEST_CASE("every day goes to std::chrono and back") {
    int wrong = 0;
    for (std::int32_t n = date::min_days; n <= date::max_days; ++n) {
        const date value = date::from_days(n);
        const ch::sys_days day = weft::to_sys_days(value);
        const ch::year_month_day ymd = weft::to_year_month_day(value);
        if (ymd != ch::year_month_day{day} || weft::to_date(day) != value || weft::to_date(ymd) != value) ++wrong;
    }
    CHECK(wrong == 0);
    CHECK_THROWS_AS(weft::to_date(ch::year{2023} / 2 / 29), weft::data_error);
    CHECK_THROWS_AS(weft::to_date(ch::year{0} / 1 / 1), weft::data_error);
    CHECK_THROWS_AS(weft::to_date(ch::sys_days{ch::days{date::max_days + 1}}), weft::data_error);
    CHECK_THROWS_AS(weft::to_date(ch::sys_days{ch::days{ch::days::max().count()}}), weft::data_error);
}

TEST_CASE("times are durations of microseconds") {
    CHECK(weft::to_time(ch::hours{-838}) == -weft::time(838, 0, 0));
    CHECK(weft::to_time(ch::microseconds{-1}).to_string() == "-00:00:00.000001");
    CHECK(weft::to_microseconds(weft::time(1, 2, 3, 4)) ==
          ch::hours{1} + ch::minutes{2} + ch::seconds{3} + ch::microseconds{4});
    CHECK_THROWS_AS(weft::to_time(ch::hours{839}), weft::data_error);
}

TEST_CASE("random moments go to std::chrono and back, in both clocks") {
    std::mt19937_64 random(17);
    std::uniform_int_distribution<std::int64_t> any(datetime::min_microseconds, datetime::max_microseconds);
    int wrong = 0;
    for (int i = 0; i < 100'000; ++i) {
        const datetime value = datetime::from_microseconds(any(random));
        const auto point = weft::to_sys_time(value);
        if (weft::to_datetime(point) != value) ++wrong;
        if (weft::to_datetime(weft::to_local_time(value)) != value) ++wrong;
        if (ch::floor<ch::days>(point) != weft::to_sys_days(value.day())) ++wrong;
        if (point - ch::floor<ch::days>(point) != weft::to_microseconds(value.time_of_day())) ++wrong;
    }
    CHECK(wrong == 0);
}

TEST_CASE("time points of every unit are counted in whole microseconds, towards the past") {
    CHECK(weft::to_datetime(ch::sys_seconds{ch::seconds{-1}}) == datetime(1969, 12, 31, 23, 59, 59));
    CHECK(weft::to_datetime(ch::sys_days{ch::days{365}}) == datetime(1971, 1, 1, 0, 0, 0));
    CHECK(weft::to_datetime(ch::sys_time<ch::nanoseconds>{ch::nanoseconds{-1}}) ==
          datetime(1969, 12, 31, 23, 59, 59, 999'999));
    CHECK(weft::to_datetime(ch::sys_time<ch::nanoseconds>{ch::nanoseconds{1999}}) == datetime(1970, 1, 1, 0, 0, 0, 1));
    CHECK(weft::to_datetime(ch::sys_time<ch::nanoseconds>{ch::nanoseconds::min()}) ==
          datetime(1677, 9, 21, 0, 12, 43, 145'224));
}

TEST_CASE("time points outside the years 1 to 9999 are refused without overflow") {
    using seconds = ch::sys_time<ch::duration<std::int64_t>>;
    using years = ch::sys_time<ch::duration<std::int64_t, ch::years::period>>;
    using real = ch::sys_time<ch::duration<double>>;
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    CHECK_THROWS_AS(weft::to_datetime(seconds{seconds::duration{most}}), weft::data_error);
    CHECK_THROWS_AS(weft::to_datetime(seconds{seconds::duration{-most}}), weft::data_error);
    CHECK_THROWS_AS(weft::to_datetime(years{years::duration{most}}), weft::data_error);
    CHECK_THROWS_AS(weft::to_datetime(real{real::duration{std::nan("")}}), weft::data_error);
    CHECK_THROWS_AS(weft::to_datetime(real{real::duration{1e300}}), weft::data_error);
    CHECK_THROWS_AS(weft::to_datetime(ch::sys_days{ch::days{date::max_days + 1}}), weft::data_error);
    CHECK(weft::to_datetime(ch::sys_days{ch::days{date::max_days}}) == datetime(9999, 12, 31, 0, 0, 0));
    CHECK(weft::to_datetime(ch::sys_days{ch::days{date::min_days}}) == datetime(1, 1, 1, 0, 0, 0));
}
