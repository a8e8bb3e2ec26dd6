// SPDX-License-Identifier: BSL-1.0
#include "cells.hpp"

#include <weft/simd/floats.hpp>

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <random>

namespace {

template <class T>
bool floats_agree(const cells& c) {
    return all_agree<T>(c.size(), [&](auto set, std::byte* out, std::size_t stride) {
        return weft::simd::parse_floats<T, decltype(set)>(c.base(), c.data(), c.size(), out, stride);
    });
}

// The text alone: the value must be what the standard library reads.
template <class T>
bool reads_as_library(const std::string& text) {
    const cells c({text});
    T expected{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), expected);
    const bool good = error == std::errc() && end == text.data() + text.size();
    T value{};
    const std::size_t n =
        weft::simd::parse_floats<T>(c.base(), c.data(), 1, reinterpret_cast<std::byte*>(&value), sizeof(T));
    return n == (good ? 1 : 0) && (!good || std::memcmp(&value, &expected, sizeof(T)) == 0);
}

template <class T>
std::string shortest(T value) {
    char text[400];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

} // namespace

TEMPLATE_TEST_CASE("random bit patterns in shortest, 17-digit and fixed form are read exactly", "", float, double) {
    using bits = std::conditional_t<sizeof(TestType) == 4, std::uint32_t, std::uint64_t>;
    std::mt19937_64 random(5);
    for (int i = 0; i < 60000; ++i) {
        const auto value = std::bit_cast<TestType>(static_cast<bits>(random()));
        if (!std::isfinite(value)) continue;
        const std::string text = shortest(value);
        CAPTURE(text);
        REQUIRE(reads_as_library<TestType>(text));
        char longer[64];
        std::snprintf(longer, sizeof longer, "%.16e", static_cast<double>(value));
        REQUIRE(reads_as_library<TestType>(longer));
    }
}

TEMPLATE_TEST_CASE("numbers of usual size in every form are read exactly", "", float, double) {
    std::mt19937_64 random(6);
    for (int i = 0; i < 60000; ++i) {
        const double value =
            std::ldexp(static_cast<double>(random() >> 11) - 0x1p52, static_cast<int>(random() % 80) - 90);
        char text[64];
        for (int digits = 1; digits <= 20; digits += 3) {
            std::snprintf(text, sizeof text, i % 2 == 0 ? "%.*f" : "%.*g", digits, value);
            CAPTURE(text);
            REQUIRE(reads_as_library<TestType>(text));
        }
        REQUIRE(reads_as_library<TestType>(shortest(value)));
    }
}

TEMPLATE_TEST_CASE("19-digit numbers around ties and with every power are read exactly", "", float, double) {
    std::mt19937_64 random(7);
    for (int power = -40; power <= 40; ++power)
        for (int i = 0; i < 1500; ++i) {
            std::uint64_t digits = random() % 10000000000000000000ULL;
            if (i % 3 == 0) { // halfway between two values, or next to it
                const int size = sizeof(TestType) == 4 ? 24 : 53;
                digits = ((random() >> (64 - size)) * 2 + 1) << (random() % static_cast<unsigned>(63 - size));
                digits += random() % 3 - 1;
            }
            const std::string text = std::to_string(digits) + "e" + std::to_string(power);
            CAPTURE(text);
            REQUIRE(reads_as_library<TestType>(text));
        }
}

TEMPLATE_TEST_CASE("every corruption of a number is judged as by the scalar reader", "", float, double) {
    for (const std::string good : {"0", "1.5", "-3.25e-5", "123456789.123456789", "1e10", "0.00000012345678901234567",
                                   "12345678901234567890.5", "-1.7976931348623157e308"})
        for (const std::string& text : corruptions(good)) {
            CAPTURE(text);
            REQUIRE(floats_agree<TestType>(cells({"1", text, "2"})));
            REQUIRE(floats_agree<TestType>(cells({text}, '.')));
        }
}

TEST_CASE("what is no number of the type is refused") {
    for (const char* text :
         {"",    "-",     ".",    "inf", "-inf", "nan",  "NaN",   "infinity", "1e",     "1e+",
          "1.",  ".5",    "+1",   " 1",  "1 ",   "0x10", "1e999", "-1e999",   "1e-999", "1e99999999999999999999",
          "--1", "1e5.0", "1.2.3"}) {
        CAPTURE(text);
        const cells c({text});
        double value = 0;
        auto* const out = reinterpret_cast<std::byte*>(&value);
        REQUIRE(weft::simd::parse_floats<double>(c.base(), c.data(), 1, out, 8) == 0);
        REQUIRE(weft::simd::parse_floats<double, arch::scalar>(c.base(), c.data(), 1, out, 8) == 0);
    }
    const auto first = [](const std::string& text) {
        const cells c({text});
        double value = 1;
        const auto n = weft::simd::parse_floats<double>(c.base(), c.data(), 1, reinterpret_cast<std::byte*>(&value), 8);
        return n == 1 ? value : 99;
    };
    REQUIRE((first("-0.0") == 0 && std::signbit(first("-0.0"))));
    REQUIRE(first("0e999") == 0);
    REQUIRE(first("1" + std::string(300, '0') + "." + std::string(30, '0')) == 1e300);
    REQUIRE(first(std::string(2000, '1')) == 99);
}
