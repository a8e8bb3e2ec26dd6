// SPDX-License-Identifier: BSL-1.0
#include <weft/core/display_width.hpp>

#include "encode_utf8.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <random>
#include <string>

TEST_CASE("terminal columns of single code points") {
    const auto width = [](char32_t c) { return weft::display_width(encode(c)); };
    for (const char32_t c :
         {U'\0', U'\t', U'\x1B', U'\x7F', U'\x80', U'\x9F', U'\u0300', U'\u036F', U'\u0483', U'\u05B0', U'\u200B',
          U'\u200D', U'\uFE0F', U'\uFEFF', U'\u20DD', U'\U000E0001', U'\u1160', U'\u3099', U'\U0001E4EC'}) {
        INFO(static_cast<unsigned long>(c));
        CHECK(width(c) == 0);
    }
    for (const char32_t c :
         {U' ', U'~', U'\u00A0', U'\u00AD', U'\u00E9', U'\u02FF', U'\u0370', U'\u0416', U'\u05D0', U'\u0E01', U'\u2014',
          U'\u2500', U'\u2603', U'\uFF61', U'\uFFFD', U'\U0001D400', U'\U0001F321', U'\U0010FFFD'}) {
        INFO(static_cast<unsigned long>(c));
        CHECK(width(c) == 1);
    }
    for (const char32_t c :
         {U'\u1100', U'\u2E80',     U'\u3000',     U'\u3042',     U'\u30AB',     U'\u4E00',     U'\u9FFF',
          U'\uAC00', U'\uD7A3',     U'\uF900',     U'\uFF01',     U'\uFF21',     U'\uFFE6',     U'\u231A',
          U'\u2705', U'\U0001F1E6', U'\U0001F600', U'\U0001F3FB', U'\U0001FAE8', U'\U00020000', U'\U0003FFFD'}) {
        INFO(static_cast<unsigned long>(c));
        CHECK(width(c) == 2);
    }
}

TEST_CASE("the width tables are sorted, disjoint and do not overlap each other") {
    const auto check = [](const auto& table) {
        std::uint32_t next = 0;
        for (const auto& range : table) {
            if (range.first < next || range.last < range.first) return false;
            next = range.last + 2; // neighbours would be one range
        }
        return true;
    };
    CHECK(check(weft::detail::zero_width));
    CHECK(check(weft::detail::double_width));
    int both = 0;
    for (char32_t c = 0x300; c <= 0x10FFFF; ++c)
        if (weft::detail::contains(weft::detail::zero_width, c) &&
            weft::detail::contains(weft::detail::double_width, c))
            ++both;
    CHECK(both == 0);
}

TEST_CASE("terminal columns of texts") {
    CHECK(weft::display_width("") == 0);
    CHECK(weft::display_width("hello") == 5);
    CHECK(weft::display_width("caf\xC3\xA9") == 4);
    CHECK(weft::display_width("cafe\xCC\x81") == 4);
    CHECK(weft::display_width("\xE6\x9D\xB1\xE4\xBA\xAC") == 4);
    CHECK(weft::display_width("\xF0\x9F\x98\x80!") == 3);
    CHECK(weft::display_width("a\xFFz") == 3);
    CHECK(weft::display_width("a\xE6\x9D") == 3); // a cut sequence: one column a byte
    CHECK(weft::display_width("a\nb") == 2);
}

TEST_CASE("truncation keeps code points whole and the marks of the last one") {
    CHECK(weft::truncate_to_width("hello", 3) == "hel");
    CHECK(weft::truncate_to_width("hello", 99) == "hello");
    CHECK(weft::truncate_to_width("hello", 0) == "");
    CHECK(weft::truncate_to_width("\xE6\x9D\xB1\xE4\xBA\xAC", 3) == "\xE6\x9D\xB1");
    CHECK(weft::truncate_to_width("\xE6\x9D\xB1", 1) == "");
    CHECK(weft::truncate_to_width("e\xCC\x81x", 1) == "e\xCC\x81");
    auto random = [engine = std::mt19937(14)]() mutable { return static_cast<unsigned>(engine()); };
    for (int i = 0; i < 20'000; ++i) {
        std::string text;
        for (unsigned k = random() % 10; k-- > 0;) text += encode(random() % 3 == 0 ? 0x300 + random() % 0x6000 : 'x');
        const std::size_t limit = random() % 14;
        const auto cut = weft::truncate_to_width(text, limit);
        REQUIRE(text.starts_with(cut));
        REQUIRE(weft::display_width(cut) <= limit);
        REQUIRE(weft::is_valid_utf8(cut));
        if (cut.size() < text.size()) REQUIRE(weft::display_width(text) > limit);
    }
}
