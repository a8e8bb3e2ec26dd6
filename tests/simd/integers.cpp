// SPDX-License-Identifier: BSL-1.0
#include "cells.hpp"

#include <weft/simd/decimals.hpp>
#include <weft/simd/integers.hpp>

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>

#include <limits>
#include <random>

using weft::simd::int128;
using weft::simd::parse_decimals;
using weft::simd::parse_integers;

namespace {

template <class T>
bool integers_agree(const cells& c) {
    return all_agree<T>(c.size(), [&](auto set, std::byte* out, std::size_t stride) {
        return parse_integers<T, decltype(set)>(c.base(), c.data(), c.size(), out, stride);
    });
}

bool all_integers_agree(const cells& c) {
    return integers_agree<std::int8_t>(c) && integers_agree<std::uint8_t>(c) && integers_agree<std::int16_t>(c) &&
           integers_agree<std::uint16_t>(c) && integers_agree<std::int32_t>(c) && integers_agree<std::uint32_t>(c) &&
           integers_agree<std::int64_t>(c) && integers_agree<std::uint64_t>(c);
}

template <class Int>
bool decimals_agree(const cells& c, int scale) {
    return all_agree<Int>(c.size(), [&](auto set, std::byte* out, std::size_t stride) {
        return parse_decimals<Int, decltype(set)>(c.base(), c.data(), c.size(), scale, out, stride);
    });
}

template <class T>
answer<T> integers(const cells& c) {
    return ask<T>(c.size(), sizeof(T), [&](std::byte* out, std::size_t stride) {
        return parse_integers<T>(c.base(), c.data(), c.size(), out, stride);
    });
}

template <class Int>
answer<Int> decimals(const cells& c, int scale) {
    return ask<Int>(c.size(), sizeof(Int), [&](std::byte* out, std::size_t stride) {
        return parse_decimals<Int>(c.base(), c.data(), c.size(), scale, out, stride);
    });
}

std::string random_digits(std::mt19937& random, std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>('0' + random() % 10);
    return text;
}

// `text` alone, and as each of 9 cells among good ones.
std::vector<std::vector<std::string>> surroundings(const std::string& text, const std::string& good) {
    std::vector<std::vector<std::string>> out{{text}};
    for (std::size_t i = 0; i < 9; i += 4) {
        out.emplace_back(17, good);
        out.back()[i] = text;
    }
    return out;
}

} // namespace

TEST_CASE("integers of every length and sign are read alike by every instruction set") {
    std::mt19937 random(1);
    for (std::size_t length = 0; length <= 25; ++length) {
        for (int round = 0; round < 40; ++round) {
            std::vector<std::string> texts;
            for (int i = 0; i < 19; ++i)
                texts.push_back((random() % 3 == 0 ? "-" : "") + random_digits(random, length));
            CAPTURE(length, texts[0]);
            REQUIRE(all_integers_agree(cells(texts)));
            for (std::string& t : texts) t.insert(t.size() - length, 25 - length, '0');
            REQUIRE(all_integers_agree(cells(texts)));
        }
    }
}

TEST_CASE("columns of integers of mixed lengths are read alike") {
    std::mt19937 random(2);
    for (int round = 0; round < 500; ++round) {
        std::vector<std::string> texts;
        for (std::size_t i = 0; i < 1 + random() % 200; ++i)
            texts.push_back((random() % 4 == 0 ? "-" : "") + random_digits(random, 1 + random() % 18));
        const cells c(texts);
        REQUIRE(all_integers_agree(c));
        const auto a = integers<std::int64_t>(c);
        REQUIRE(a.count == texts.size());
        for (std::size_t i = 0; i < a.count; ++i) REQUIRE(a.values[i] == std::stoll(texts[i]));
    }
}

TEST_CASE("every corruption of an integer is seen at every place") {
    for (const std::string good :
         {"7", "-7", "1234567", "12345678", "-12345678", "1234567890123456", "-123456789012345", "1234567890123456789"})
        for (const std::string& text : corruptions(good))
            for (const auto& column : surroundings(text, good)) {
                CAPTURE(good, text);
                REQUIRE(integers_agree<std::int64_t>(cells(column)));
                REQUIRE(integers_agree<std::uint32_t>(cells(column, '-')));
            }
}

TEMPLATE_TEST_CASE("integers end where their type ends", "", std::int8_t, std::uint8_t, std::int16_t, std::uint16_t,
                   std::int32_t, std::uint32_t, std::int64_t, std::uint64_t) {
    using limits = std::numeric_limits<TestType>;
    const auto text = [](int128 v) {
        std::string out;
        const bool negative = v < 0;
        do {
            const int digit = static_cast<int>(v % 10);
            out.insert(out.begin(), static_cast<char>('0' + (digit < 0 ? -digit : digit)));
            v /= 10;
        } while (v != 0);
        return negative ? "-" + out : out;
    };
    const int128 least = limits::min();
    const int128 most = limits::max();
    for (int128 v : {least, least + 1, int128{0}, most - 1, most}) {
        for (const auto& column : surroundings(text(v), "1")) {
            const auto a = integers<TestType>(cells(column));
            REQUIRE(a.count == column.size());
            for (std::size_t i = 0; i < a.count; ++i)
                REQUIRE(a.values[i] == (column[i] == "1" && v != 1 ? 1 : static_cast<TestType>(v)));
            REQUIRE(all_integers_agree(cells(column)));
        }
    }
    for (int128 v : {least - 1, least - 10, most + 1, most + 10, most * 10, most * 100}) {
        for (const auto& column : surroundings(text(v), "1")) {
            const auto a = integers<TestType>(cells(column));
            REQUIRE(a.count < column.size());
            REQUIRE(column[a.count] == text(v));
            REQUIRE(all_integers_agree(cells(column)));
        }
    }
}

TEST_CASE("a NULL ends a column wherever it is") {
    for (std::size_t size = 1; size <= 80; ++size)
        for (std::size_t null = 0; null < size; ++null) {
            cells c(std::vector<std::string>(size, "42"));
            c[null] = {0xFFFFFFF0, weft::simd::null_size};
            REQUIRE(integers<int>(c).count == null);
            REQUIRE(all_integers_agree(c));
        }
    REQUIRE(parse_integers<int>(nullptr, nullptr, 0, nullptr, 4) == 0);
}

TEST_CASE("decimals of every shape are read alike, and mixed lengths by value") {
    std::mt19937 random(3);
    for (int scale = 0; scale <= 38; ++scale) {
        for (std::size_t whole = 0; whole <= 22; ++whole) {
            for (std::size_t places = 0; places <= static_cast<std::size_t>(scale) + 1; places += places < 8 ? 1 : 5) {
                std::vector<std::string> texts;
                for (int i = 0; i < 9; ++i) {
                    texts.push_back((random() % 3 == 0 ? "-" : "") + random_digits(random, whole));
                    if (places > 0) texts.back() += "." + random_digits(random, places);
                }
                CAPTURE(scale, texts[0]);
                REQUIRE(decimals_agree<std::int64_t>(cells(texts), scale));
                REQUIRE(decimals_agree<int128>(cells(texts), scale));
            }
        }
    }
}

TEST_CASE("every corruption of a decimal is seen") {
    for (const std::string good : {"1.5", "-12.50", "123456.78", "-12345678.901", "12345678901.1234", "0.0000001"}) {
        const int scale = static_cast<int>(good.size() - good.find('.') - 1);
        for (const std::string& text : corruptions(good))
            for (const auto& column : surroundings(text, good)) {
                CAPTURE(good, text);
                REQUIRE(decimals_agree<std::int64_t>(cells(column), scale));
                REQUIRE(decimals_agree<int128>(cells(column, '.'), scale));
            }
    }
}

TEST_CASE("decimals are scaled, padded and bounded") {
    const auto a = decimals<std::int64_t>(cells({"1", "1.5", "-0.05", "0012.34", "-7.10"}), 2);
    REQUIRE(a.values == std::vector<std::int64_t>{100, 150, -5, 1234, -710});
    REQUIRE(decimals<std::int64_t>(cells({"1.234"}), 2).count == 0);
    REQUIRE(decimals<std::int64_t>(cells({"1."}), 2).count == 0);
    REQUIRE(decimals<std::int64_t>(cells({".5"}), 2).count == 0);
    REQUIRE(decimals<std::int64_t>(cells({"1"}), -1).count == 0);
    REQUIRE(decimals<std::int64_t>(cells({"1"}), 39).count == 0);
    REQUIRE(decimals<std::int64_t>(cells({"92233720368547758.07"}), 2).values[0] == INT64_MAX);
    REQUIRE(decimals<std::int64_t>(cells({"-92233720368547758.08"}), 2).values[0] == INT64_MIN);
    REQUIRE(decimals<std::int64_t>(cells({"92233720368547758.08"}), 2).count == 0);
    REQUIRE(decimals<int128>(cells({"170141183460469231731687303715884105727"}), 0).values[0] ==
            std::numeric_limits<int128>::max());
    REQUIRE(decimals<int128>(cells({"170141183460469231731687303715884105728"}), 0).count == 0);
}
