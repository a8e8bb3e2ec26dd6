// SPDX-License-Identifier: BSL-1.0
#include <weft/core/utf8.hpp>

#include "encode_utf8.hpp"

#include <catch2/catch_test_macros.hpp>

#include <random>
#include <string>

namespace {

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

TEST_CASE("every code point is appended as the reference encodes it") {
    int wrong = 0;
    std::string text;
    for (char32_t c = 0; c <= 0x10FFFF; ++c) {
        if (c >= 0xD800 && c < 0xE000) continue;
        text = "x";
        weft::append_utf8(text, c);
        if (text != 'x' + encode(c)) ++wrong;
    }
    CHECK(wrong == 0);
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

TEST_CASE("one byte above ASCII or one NUL is seen at every place of every length") {
    for (std::size_t size = 0; size <= 100; ++size) {
        std::string text(size, 'a');
        CHECK(weft::is_ascii(text));
        CHECK(weft::is_ascii_without_nul(text));
        for (std::size_t at = 0; at < size; ++at) {
            for (const char odd : {'\x01', '\x7F', '\0', '\x80', '\xFF'}) {
                text[at] = odd;
                const bool ascii = static_cast<unsigned char>(odd) < 0x80;
                if (weft::is_ascii(text) != ascii || weft::is_ascii_without_nul(text) != (ascii && odd != '\0'))
                    FAIL("byte " << static_cast<int>(odd) << " at " << at << " of " << size);
            }
            text[at] = 'a';
        }
    }
}
