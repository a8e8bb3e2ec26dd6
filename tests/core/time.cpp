// SPDX-License-Identifier: BSL-1.0
#include <weft/core/time.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdio>
#include <random>
#include <string>
#include <type_traits>

static_assert(sizeof(weft::time) == 8 && std::is_trivially_copyable_v<weft::time>);
static_assert(weft::time::parse("-01:00:00").microseconds() == -3'600'000'000);

namespace {

// What C's own formatting makes of the same number of microseconds.
std::string reference(std::int64_t us) {
    const bool negative = us < 0;
    const auto m = static_cast<unsigned long long>(negative ? -us : us);
    char text[64];
    if (m % 1'000'000 == 0)
        std::snprintf(text, sizeof text, "%s%02llu:%02llu:%02llu", negative ? "-" : "", m / 3'600'000'000,
                      m / 60'000'000 % 60, m / 1'000'000 % 60);
    else
        std::snprintf(text, sizeof text, "%s%02llu:%02llu:%02llu.%06llu", negative ? "-" : "", m / 3'600'000'000,
                      m / 60'000'000 % 60, m / 1'000'000 % 60, m % 1'000'000);
    return text;
}

} // namespace

TEST_CASE("every second of the whole range prints as C does and reads back") {
    int wrong = 0;
    for (std::int64_t s = -3'020'399; s <= 3'020'399; ++s) {
        const std::int64_t us = s * 1'000'000;
        const weft::time value = weft::time::from_microseconds(us);
        char text[weft::time::max_chars];
        const std::string_view written(text, static_cast<std::size_t>(value.write(text) - text));
        if (s % 7 == 0 && written != reference(us)) ++wrong;
        if (weft::time::try_parse(written) != value) ++wrong;
    }
    CHECK(wrong == 0);
}

TEST_CASE("random microseconds print as C does and read back") {
    std::mt19937_64 random(1);
    std::uniform_int_distribution<std::int64_t> any(-weft::time::max_microseconds, weft::time::max_microseconds);
    int wrong = 0;
    for (int i = 0; i < 200'000; ++i) {
        const std::int64_t us = any(random);
        const weft::time value = weft::time::from_microseconds(us);
        if (value.to_string() != reference(us) || weft::time::parse(value.to_string()).microseconds() != us) ++wrong;
        const auto parts =
            weft::time::try_make(us < 0, value.hours(), value.minutes(), value.seconds(), value.subsecond());
        if (parts != value) ++wrong;
    }
    CHECK(wrong == 0);
}

TEST_CASE("time boundaries") {
    CHECK(weft::time{}.to_string() == "00:00:00");
    CHECK(weft::time::from_microseconds(-1).to_string() == "-00:00:00.000001");
    CHECK(weft::time::from_microseconds(weft::time::max_microseconds).to_string() == "838:59:59.999999");
    CHECK(weft::time::from_microseconds(-weft::time::max_microseconds).to_string() == "-838:59:59.999999");
    CHECK(weft::time::from_microseconds(-weft::time::max_microseconds).to_string().size() == weft::time::max_chars);
    CHECK_THROWS_AS(weft::time::from_microseconds(weft::time::max_microseconds + 1), weft::data_error);
    CHECK_THROWS_AS(weft::time::from_microseconds(INT64_MIN), weft::data_error);
    CHECK_FALSE(weft::time::try_from_microseconds(-weft::time::max_microseconds - 1));
    CHECK(weft::time(838, 59, 59, 999999).microseconds() == weft::time::max_microseconds);
    CHECK_THROWS_AS(weft::time(839, 0, 0), weft::data_error);
    CHECK_THROWS_AS(weft::time(0, 60, 0), weft::data_error);
    CHECK_THROWS_AS(weft::time(0, 0, 60), weft::data_error);
    CHECK_THROWS_AS(weft::time(0, 0, 0, 1'000'000), weft::data_error);
    CHECK((-weft::time(1, 2, 3)).to_string() == "-01:02:03");
    CHECK(-weft::time(0, 0, 1) < weft::time{});
}

TEST_CASE("times are read in every accepted form") {
    CHECK(weft::time::parse("1:02") == weft::time(1, 2, 0));
    CHECK(weft::time::parse("12:34") == weft::time(12, 34, 0));
    CHECK(weft::time::parse("-12:34") == -weft::time(12, 34, 0));
    CHECK(weft::time::parse("7:08:09") == weft::time(7, 8, 9));
    CHECK(weft::time::parse("007:08:09") == weft::time(7, 8, 9));
    CHECK(weft::time::parse("00:00:00.5") == weft::time(0, 0, 0, 500'000));
    CHECK(weft::time::parse("00:00:00.000001") == weft::time(0, 0, 0, 1));
    CHECK(weft::time::parse("-00:00:00") == weft::time{});
}

TEST_CASE("malformed times are refused") {
    for (std::string_view text : {"",          "-",          "--1:00:00",  "+1:00:00",         "1",
                                  "12",        "12:",        "12:3",       "12:345",           ":12:34",
                                  "12:34:",    "12:34:5",    "12:34:567",  "12:60:00",         "12:00:60",
                                  "839:00:00", "1000:00:00", "12:34:56.",  "12:34:56.1234567", "12:34:56,1",
                                  "12:34.5",   "12:34:56 ",  " 12:34:56",  "12:34:56Z",        "1a:00:00",
                                  "12:3a:00",  "12:00:0/",   "12:00:00.1a"}) {
        INFO(text);
        CHECK_FALSE(weft::time::try_parse(text));
        CHECK_THROWS_AS(weft::time::parse(text), weft::data_error);
    }
    try {
        weft::time::parse("noon");
        FAIL("no error");
    } catch (const weft::data_error& e) {
        CHECK(std::string(e.what()).find("'noon'") != std::string::npos);
    }
}
