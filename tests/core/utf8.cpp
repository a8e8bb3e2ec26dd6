// SPDX-License-Identifier: BSL-1.0
#include <weft/core/utf8.hpp>

#include <catch2/catch_test_macros.hpp>

#include <random>
#include <string>

namespace {

std::string encode(char32_t c) {
    const auto tail = [c](int shift) { return static_cast<char>(0x80 | ((c >> shift) & 0x3F)); };
    if (c < 0x80) return {static_cast<char>(c)};
    if (c < 0x800) return {static_cast<char>(0xC0 | (c >> 6)), tail(0)};
    if (c < 0x10000) return {static_cast<char>(0xE0 | (c >> 12)), tail(6), tail(0)};
    return {static_cast<char>(0xF0 | (c >> 18)), tail(12), tail(6), tail(0)};
}

// The reference: decodes naively and accepts what encoding the code point gives back, surrogates and the range apart.
std::size_t reference_find_invalid(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t n = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        if (i + n > text.size()) return i;
        char32_t c = n == 1 ? lead : lead & (0xFFU >> (n + 1));
        for (std::size_t k = 1; k < n; ++k) c = c << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3F);
        if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000) || encode(c) != text.substr(i, n)) return i;
        i += n;
    }
    return std::string_view::npos;
}

} // namespace

TEST_CASE("every code point is valid UTF-8 except the surrogates") {
    int wrong = 0;
    for (char32_t c = 0; c <= 0x10FFFF; ++c) {
        const bool expected = c < 0xD800 || c >= 0xE000;
        if (weft::is_valid_utf8(encode(c)) != expected) ++wrong;
    }
    CHECK(wrong == 0);
    CHECK_FALSE(weft::is_valid_utf8(encode(0x110000)));
    CHECK(weft::is_valid_utf8(""));
}

TEST_CASE("all two-byte texts, and all three-byte texts with a lead byte, agree with the reference decoder") {
    int wrong = 0;
    for (unsigned v = 0; v < 0x10000; ++v) {
        const char text[] = {static_cast<char>(v >> 8), static_cast<char>(v)};
        const std::string_view view(text, 2);
        if (weft::find_invalid_utf8(view) != reference_find_invalid(view)) ++wrong;
    }
    for (unsigned v = 0xE00000; v < 0x1000000; v += (v >> 8 & 1) != 0 ? 1 : 3) {
        const char text[] = {static_cast<char>(v >> 16), static_cast<char>(v >> 8), static_cast<char>(v)};
        const std::string_view view(text, 3);
        if (weft::find_invalid_utf8(view) != reference_find_invalid(view)) ++wrong;
    }
    CHECK(wrong == 0);
}

TEST_CASE("random texts, damaged in places, agree with the reference decoder at every length") {
    auto random = [engine = std::mt19937(13)]() mutable { return static_cast<unsigned>(engine()); };
    int wrong = 0;
    int invalid = 0;
    for (int i = 0; i < 100'000; ++i) {
        std::string text;
        const unsigned pieces = random() % 24;
        for (unsigned k = 0; k < pieces; ++k) {
            const unsigned kind = random() % 8;
            if (kind < 4) text += std::string(random() % 12, static_cast<char>('a' + random() % 26));
            if (kind == 4) text += encode(0x80 + random() % 0x700);
            if (kind == 5) text += encode(0x800 + random() % 0x5000);
            if (kind == 6) text += encode(0x10000 + random() % 0x100000);
            if (kind == 7 && random() % 8 == 0) text += static_cast<char>(random());
        }
        if (!text.empty() && random() % 4 == 0) text.pop_back();
        if (!text.empty() && random() % 4 == 0) text[random() % text.size()] = static_cast<char>(random());
        const std::size_t expected = reference_find_invalid(text);
        if (weft::find_invalid_utf8(text) != expected) ++wrong;
        if (weft::is_valid_utf8(text) != (expected == std::string::npos)) ++wrong;
        if (expected != std::string::npos) ++invalid;
    }
    CHECK(wrong == 0);
    CHECK(invalid > 10'000);
    CHECK(invalid < 90'000);
}

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
