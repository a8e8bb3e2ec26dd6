// SPDX-License-Identifier: BSL-1.0
#include <weft/core/datetime.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <random>
#include <string>
#include <type_traits>

using weft::date;
using weft::datetime;

static_assert(sizeof(datetime) == 8 && std::is_trivially_copyable_v<datetime>);
static_assert(datetime(1970, 1, 1, 0, 0, 1).microseconds_since_epoch() == 1'000'000);

TEST_CASE("random moments agree with std::chrono and survive text") {
    namespace ch = std::chrono;
    std::mt19937_64 random(2);
    std::uniform_int_distribution<std::int64_t> any(datetime::min_microseconds, datetime::max_microseconds);
    int wrong = 0;
    for (int i = 0; i < 300'000; ++i) {
        const std::int64_t us = any(random);
        const datetime value = datetime::from_microseconds(us);
        const ch::sys_time<ch::microseconds> point{ch::microseconds{us}};
        const auto midnight = ch::floor<ch::days>(point);
        const ch::year_month_day ymd{midnight};
        const ch::hh_mm_ss clock{point - midnight};
        if (value.day() != date(int(ymd.year()), unsigned(ymd.month()), unsigned(ymd.day()))) ++wrong;
        if (value.time_of_day() != weft::time(unsigned(clock.hours().count()), unsigned(clock.minutes().count()),
                                              unsigned(clock.seconds().count()), unsigned(clock.subseconds().count())))
            ++wrong;
        if (datetime(value.day(), value.time_of_day()) != value) ++wrong;
        std::string text = value.to_string();
        if (datetime::try_parse(text) != value) ++wrong;
        text[10] = 'T';
        if (datetime::try_parse(text + 'Z') != value) ++wrong;
    }
    CHECK(wrong == 0);
}

TEST_CASE("datetime boundaries") {
    CHECK(datetime{}.to_string() == "1970-01-01 00:00:00");
    CHECK(datetime::from_microseconds(-1).to_string() == "1969-12-31 23:59:59.999999");
    CHECK(datetime::from_microseconds(datetime::min_microseconds).to_string() == "0001-01-01 00:00:00");
    const auto last = datetime::from_microseconds(datetime::max_microseconds).to_string();
    CHECK(last == "9999-12-31 23:59:59.999999");
    CHECK(last.size() == datetime::max_chars);
    CHECK_THROWS_AS(datetime::from_microseconds(datetime::min_microseconds - 1), weft::data_error);
    CHECK_THROWS_AS(datetime::from_microseconds(datetime::max_microseconds + 1), weft::data_error);
    CHECK_FALSE(datetime::try_from_microseconds(INT64_MAX));
    CHECK_THROWS_AS(datetime(date(2000, 1, 1), weft::time(24, 0, 0)), weft::data_error);
    CHECK_THROWS_AS(datetime(date(2000, 1, 1), weft::time::from_microseconds(-1)), weft::data_error);
    CHECK_THROWS_AS(datetime(2000, 1, 32, 0, 0, 0), weft::data_error);
    CHECK_FALSE(datetime::try_make(2000, 1, 1, 24, 0, 0));
    CHECK_FALSE(datetime::try_make(2000, 2, 30, 1, 0, 0));
    CHECK(datetime::try_make(2000, 2, 29, 23, 59, 59, 999999) == datetime::parse("2000-02-29 23:59:59.999999"));
    CHECK(datetime(1999, 12, 31, 23, 59, 59) < datetime(date(2000, 1, 1)));
}

TEST_CASE("datetimes are read in every accepted form") {
    const datetime day(date(2024, 2, 29));
    CHECK(datetime::parse("2024-02-29") == day);
    CHECK(datetime::parse("2024-02-29 00:00") == day);
    CHECK(datetime::parse("2024-02-29T00:00Z") == day);
    CHECK(datetime::parse("2024-02-29 00:00:00") == day);
    CHECK(datetime::parse("2024-02-29T12:34:56.7Z") == datetime(2024, 2, 29, 12, 34, 56, 700'000));
    CHECK(datetime::parse("2024-02-29 12:34:56.000007") == datetime(2024, 2, 29, 12, 34, 56, 7));
}

TEST_CASE("malformed datetimes are refused") {
    for (std::string_view text : {"",
                                  "2024-02-30",
                                  "2024-02-29Z",
                                  "2024-02-29 ",
                                  "2024-02-29T",
                                  "2024-02-29TZ",
                                  "2024-02-29 1:00",
                                  "2024-02-29 1:00:00",
                                  "2024-02-29 001:00",
                                  "2024-02-29  01:00",
                                  "2024-02-29t01:00",
                                  "2024-02-29 24:00:00",
                                  "2024-02-29 -1:00:00",
                                  "2024-02-29 -01:00",
                                  "2024-02-29 01:00:00.",
                                  "2024-02-29 01:00:00.1234567",
                                  "2024-02-29 01:00:00+00:00",
                                  "2024-02-29 01:00z",
                                  "2024-02-29 01:00ZZ",
                                  "2024-02-29 01:00:00 Z",
                                  "2024-02-2901:00:00",
                                  "0000-00-00 00:00:00",
                                  "2024-02-29 838:00:00"}) {
        INFO(text);
        CHECK_FALSE(datetime::try_parse(text));
        CHECK_THROWS_AS(datetime::parse(text), weft::data_error);
    }
}
