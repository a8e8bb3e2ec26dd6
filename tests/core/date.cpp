// SPDX-License-Identifier: BSL-1.0
#include <weft/core/date.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <string>
#include <type_traits>

using weft::date;

static_assert(sizeof(date) == 4 && std::is_trivially_copyable_v<date>);
static_assert(date(2000, 2, 29).days_since_epoch() == 11016);
static_assert(date::parse("1970-01-02").days_since_epoch() == 1);

TEST_CASE("every day of the years 1 to 9999 agrees with std::chrono") {
    namespace ch = std::chrono;
    const ch::sys_days first = ch::year{1} / 1 / 1;
    const ch::sys_days last = ch::year{9999} / 12 / 31;
    REQUIRE(first.time_since_epoch().count() == date::min_days);
    REQUIRE(last.time_since_epoch().count() == date::max_days);
    int wrong = 0;
    for (ch::sys_days day = first; day <= last; day += ch::days{1}) {
        const ch::year_month_day ymd{day};
        const auto number = static_cast<std::int32_t>(day.time_since_epoch().count());
        const int y = int(ymd.year());
        const unsigned m = unsigned(ymd.month());
        const unsigned d = unsigned(ymd.day());
        const date value(y, m, d);
        if (value.days_since_epoch() != number || value != date::from_days(number)) ++wrong;
        if (value.year() != y || value.month() != m || value.day() != d) ++wrong;
        char text[date::max_chars];
        if (value.write(text) != text + 10) ++wrong;
        char expected[16] = {char('0' + y / 1000),
                             char('0' + y / 100 % 10),
                             char('0' + y / 10 % 10),
                             char('0' + y % 10),
                             '-',
                             char('0' + m / 10),
                             char('0' + m % 10),
                             '-',
                             char('0' + d / 10),
                             char('0' + d % 10)};
        if (std::string_view(text, 10) != std::string_view(expected, 10)) ++wrong;
        if (date::try_parse({text, 10}) != value) ++wrong;
    }
    CHECK(wrong == 0);
}

TEST_CASE("a date exists exactly where std::chrono says so") {
    int wrong = 0;
    for (int y = -5; y <= 10005; ++y)
        for (unsigned m = 0; m <= 13; ++m)
            for (unsigned d : {0U, 1U, 27U, 28U, 29U, 30U, 31U, 32U, 4294967295U}) {
                const auto ymd = std::chrono::year{y} / std::chrono::month{m} / std::chrono::day{d};
                const bool expected = y >= 1 && y <= 9999 && d <= 31 && ymd.ok();
                if (date::exists(y, m, d) != expected || date::try_make(y, m, d).has_value() != expected) ++wrong;
            }
    CHECK(wrong == 0);
}

TEST_CASE("malformed dates are refused") {
    for (std::string_view text :
         {"",           "2024-1-01",  "2024-01-1",   "2024/01/01",         "2024-01-01 ", " 2024-01-01",
          "20240101",   "2023-02-29", "1900-02-29",  "2024-13-01",         "2024-00-10",  "2024-04-31",
          "0000-00-00", "0000-01-01", "2024-01-00",  "-001-01-01",         "+024-01-01",  "2024-0a-01",
          "2024-01-0:", "202a-01-01", "10000-01-01", "\xEF\xBC\x91-01-01x"}) {
        INFO(text);
        CHECK_FALSE(date::try_parse(text));
        CHECK_THROWS_AS(date::parse(text), weft::data_error);
    }
    CHECK(date::parse("2000-02-29") == date(2000, 2, 29));
}

TEST_CASE("date errors say what was found and what was expected") {
    try {
        date::parse("31.12.1999 and a long tail that does not belong into a message");
        FAIL("no error");
    } catch (const weft::data_error& e) {
        CHECK(std::string(e.what()) == "cannot read '31.12.1999 and a long tail that does not...': expected a date "
                                       "YYYY-MM-DD from 0001-01-01 to 9999-12-31");
    }
    try {
        date(2023, 2, 29);
        FAIL("no error");
    } catch (const weft::data_error& e) {
        CHECK(std::string(e.what()).find("year 2023, month 2, day 29") != std::string::npos);
    }
    CHECK_THROWS_AS(date::from_days(date::min_days - 1), weft::data_error);
    CHECK_THROWS_AS(date::from_days(date::max_days + 1), weft::data_error);
    CHECK_FALSE(date::try_from_days(date::max_days + 1));
    CHECK(date::from_days(date::min_days).to_string() == "0001-01-01");
    CHECK(date::from_days(date::max_days).to_string() == "9999-12-31");
}

TEST_CASE("dates are ordered by day and start at the epoch") {
    CHECK(date{} == date(1970, 1, 1));
    CHECK(date(1999, 12, 31) < date(2000, 1, 1));
    CHECK(date(2000, 1, 2) > date(2000, 1, 1));
}
