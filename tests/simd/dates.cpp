// SPDX-License-Identifier: BSL-1.0
#include "cells.hpp"

#include <weft/simd/dates.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdio>
#include <random>

namespace simd = weft::simd;

namespace {

bool dates_agree(const cells& c) {
    return all_agree<std::int32_t>(c.size(), [&](auto set, std::byte* out, std::size_t stride) {
        return simd::parse_dates<decltype(set)>(c.base(), c.data(), c.size(), out, stride);
    });
}

bool datetimes_agree(const cells& c) {
    return all_agree<std::int64_t>(c.size(), [&](auto set, std::byte* out, std::size_t stride) {
        return simd::parse_datetimes<decltype(set)>(c.base(), c.data(), c.size(), out, stride);
    });
}

bool times_agree(const cells& c) {
    return all_agree<std::int64_t>(c.size(), [&](auto set, std::byte* out, std::size_t stride) {
        return simd::parse_times<decltype(set)>(c.base(), c.data(), c.size(), out, stride);
    });
}

std::vector<std::string> ninth(const std::string& text, const std::string& good, std::size_t at) {
    std::vector<std::string> column(17, good);
    column[at] = text;
    return column;
}

std::string written(const char* format, unsigned a, unsigned b, unsigned c) {
    char text[40];
    std::snprintf(text, sizeof text, format, a, b, c);
    return text;
}

} // namespace

TEST_CASE("every day from year 0 to 9999 with any month and day of two digits is a date or refused") {
    std::int32_t next = -719162; // 0001-01-01
    for (unsigned year = 0; year <= 9999; ++year) {
        std::vector<std::string> good;
        std::vector<std::string> none;
        constexpr unsigned lengths[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for (unsigned month = 0; month <= 17; ++month)
            for (unsigned day = 0; day <= 32; ++day) {
                const bool exists = year > 0 && month >= 1 && month <= 12 && day >= 1 &&
                                    day <= lengths[month] + (month == 2 && leap ? 1 : 0);
                (exists ? good : none).push_back(written("%04u-%02u-%02u", year, month, day));
            }
        const std::int32_t first = next;
        const cells c(good);
        each_arch([&](auto set) {
            const auto a = ask<std::int32_t>(c.size(), 4, [&](std::byte* out, std::size_t stride) {
                return simd::parse_dates<decltype(set)>(c.base(), c.data(), c.size(), out, stride);
            });
            bool right = a.count == good.size();
            for (std::size_t i = 0; right && i < a.count; ++i) right = a.values[i] == first + static_cast<int>(i);
            CAPTURE(year);
            REQUIRE(right);
        });
        next += static_cast<std::int32_t>(good.size());
        if (year % 97 != 0) continue; // the refused ones of some years, centuries among them, alone and among good ones
        bool refused = true;
        for (const std::string& text : none) {
            const cells wrong(ninth(text, "2024-02-29", 3));
            std::byte out[17 * 4];
            each_arch([&](auto set) {
                refused = refused && simd::parse_dates<decltype(set)>(wrong.base(), wrong.data(), 17, out, 4) == 3;
            });
        }
        REQUIRE(refused);
    }
    REQUIRE(next == 2932897); // the day after 9999-12-31
}

TEST_CASE("every corruption of a date, datetime or time is seen at every place") {
    for (const std::size_t at : {std::size_t{0}, std::size_t{6}, std::size_t{16}}) {
        for (const std::string& text : corruptions("2024-02-29")) {
            CAPTURE(text);
            REQUIRE(dates_agree(cells(ninth(text, "2024-02-29", at))));
        }
        for (const std::string good : {"2024-02-29 23:59:58", "2024-02-29 23:59:58.1", "1999-12-31 00:00:00.123456"})
            for (const std::string& text : corruptions(good)) {
                CAPTURE(text);
                REQUIRE(datetimes_agree(cells(ninth(text, good, at), '0')));
            }
        for (const std::string good : {"23:59:58", "-838:59:59.999999", "100:00:00", "-00:00:01.5"})
            for (const std::string& text : corruptions(good)) {
                CAPTURE(text);
                REQUIRE(times_agree(cells(ninth(text, good, at), '0')));
            }
    }
}

TEST_CASE("random datetimes with every number of fraction digits are read alike") {
    std::mt19937 random(4);
    for (std::size_t digits = 0; digits <= 8; ++digits)
        for (int round = 0; round < 300; ++round) {
            std::vector<std::string> texts;
            for (int i = 0; i < 20; ++i) {
                texts.push_back(written("%04u-%02u-%02u", static_cast<unsigned>(random() % 9999) + 1,
                                        static_cast<unsigned>(random() % 12) + 1,
                                        static_cast<unsigned>(random() % 28) + 1) +
                                written(" %02u:%02u:%02u", static_cast<unsigned>(random() % (round % 8 == 0 ? 26 : 24)),
                                        static_cast<unsigned>(random() % 60),
                                        static_cast<unsigned>(random() % (round % 8 == 1 ? 62 : 60))));
                if (digits > 0) texts.back() += '.';
                for (std::size_t d = 0; d < digits; ++d) texts.back() += static_cast<char>('0' + random() % 10);
            }
            if (round % 5 == 0) texts[random() % 20] = "2001-02-03 04:05:06.7"; // another length among them
            CAPTURE(texts[0]);
            REQUIRE(datetimes_agree(cells(texts, '9')));
        }
}

TEST_CASE("datetimes and times have the documented values") {
    std::int64_t v[5];
    auto* const out = reinterpret_cast<std::byte*>(v);
    const cells d({"1970-01-01 00:00:00", "1969-12-31 23:59:59.999999", "2000-03-01 12:34:56.7", "0001-01-01 00:00:00",
                   "9999-12-31 23:59:59.999999"});
    REQUIRE(simd::parse_datetimes(d.base(), d.data(), 5, out, 8) == 5);
    REQUIRE(v[0] == 0);
    REQUIRE(v[1] == -1);
    REQUIRE(v[2] == 951914096700000);
    REQUIRE(v[3] == -719162 * std::int64_t{86400000000});
    REQUIRE(v[4] == 2932897 * std::int64_t{86400000000} - 1);
    const cells t({"00:00:00", "-838:59:59.999999", "838:59:59", "01:02:03.04", "-00:00:00.000001"});
    REQUIRE(simd::parse_times(t.base(), t.data(), 5, out, 8) == 5);
    REQUIRE(v[0] == 0);
    REQUIRE(v[1] == -3020399999999);
    REQUIRE(v[2] == 3020399000000);
    REQUIRE(v[3] == 3723040000);
    REQUIRE(v[4] == -1);
    for (const char* text : {"839:00:00", "1:00:00", "00:60:00", "00:00:60", "00:00:00.", "00:00:00.1234567",
                             "+01:00:00", "--1:00:00", "1000:00:00", "", "-", "00:00", "0000-00-00 00:00:00"}) {
        CAPTURE(text);
        const cells bad({text});
        REQUIRE(simd::parse_times(bad.base(), bad.data(), 1, out, 8) == 0);
        REQUIRE(simd::parse_times<arch::scalar>(bad.base(), bad.data(), 1, out, 8) == 0);
        REQUIRE(simd::parse_datetimes(bad.base(), bad.data(), 1, out, 8) == 0);
    }
}
