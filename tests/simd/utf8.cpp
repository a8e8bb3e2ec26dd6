// SPDX-License-Identifier: BSL-1.0
#include "cells.hpp"

#include <weft/simd/utf8.hpp>

#include <catch2/catch_test_macros.hpp>

#include <random>

namespace simd = weft::simd;

namespace {

// Table 3-7 of the Unicode standard, row by row.
struct row {
    std::size_t size;
    unsigned char from[4];
    unsigned char to[4];
};
constexpr row table[] = {{1, {0x00}, {0x7F}},
                         {2, {0xC2, 0x80}, {0xDF, 0xBF}},
                         {3, {0xE0, 0xA0, 0x80}, {0xE0, 0xBF, 0xBF}},
                         {3, {0xE1, 0x80, 0x80}, {0xEC, 0xBF, 0xBF}},
                         {3, {0xED, 0x80, 0x80}, {0xED, 0x9F, 0xBF}},
                         {3, {0xEE, 0x80, 0x80}, {0xEF, 0xBF, 0xBF}},
                         {4, {0xF0, 0x90, 0x80, 0x80}, {0xF0, 0xBF, 0xBF, 0xBF}},
                         {4, {0xF1, 0x80, 0x80, 0x80}, {0xF3, 0xBF, 0xBF, 0xBF}},
                         {4, {0xF4, 0x80, 0x80, 0x80}, {0xF4, 0x8F, 0xBF, 0xBF}}};

bool fits(const row& r, const std::string& text, std::size_t at) {
    if (text.size() - at < r.size) return false;
    for (std::size_t i = 0; i < r.size; ++i) {
        const auto byte = static_cast<unsigned char>(text[at + i]);
        if (byte < r.from[i] || byte > r.to[i]) return false;
    }
    return true;
}

bool reference(const std::string& text) {
    for (std::size_t i = 0; i < text.size();) {
        const row* found = nullptr;
        for (const row& r : table)
            if (fits(r, text, i)) found = &r;
        if (found == nullptr) return false;
        i += found->size;
    }
    return true;
}

// The sets that differ here.
template <class Check>
void each_validation(const Check& check) {
    check(arch::dispatched{});
#ifdef WEFT_XSIMD_UNITS
    each_unit(check);
#endif
}

bool agrees(const std::string& text) {
    const bool expected = reference(text);
    const std::vector<char> exact(text.begin(), text.end());
    const cells c({text}, '\xC3');
    bool good = simd::is_valid_utf8(exact.data(), exact.size()) == expected &&
                simd::scalar::is_valid_utf8(exact.data(), exact.size()) == expected &&
                simd::validate_utf8<arch::scalar>(c.base(), c.data(), 1) == (expected ? 1 : 0);
    each_validation([&](auto set) {
        good = good && simd::validate_utf8<decltype(set)>(c.base(), c.data(), 1) == (expected ? 1 : 0);
    });
    return good;
}

} // namespace

TEST_CASE("all texts of one, two and three bytes at the boundaries are judged as by the table") {
    bool good = true;
    constexpr int edges[] = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF,
                             0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF8, 0xFF};
    for (int a = 0; a < 256; ++a) {
        good = good && agrees({static_cast<char>(a)});
        for (int b = 0; b < 256; ++b) {
            good = good && agrees({static_cast<char>(a), static_cast<char>(b)});
            for (const int c : edges)
                good = good && agrees({static_cast<char>(a), static_cast<char>(b), static_cast<char>(c)});
        }
    }
    REQUIRE(good);
}

TEST_CASE("every kind of sequence is judged at every place of texts up to 80 bytes") {
    std::vector<std::string> sequences;
    constexpr int edges[] = {0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC2};
    for (const int first : {0xC2, 0xE0, 0xED, 0xF0, 0xF4, 0xF5, 0x80})
        for (const int second : edges)
            for (const int third : {0x41, 0xBF})
                for (const int fourth : {0x41, 0x80, 0xC0})
                    sequences.push_back({static_cast<char>(first), static_cast<char>(second), static_cast<char>(third),
                                         static_cast<char>(fourth)});
    for (const std::size_t size : {0U, 3U, 7U, 8U, 16U, 17U, 61U, 63U, 80U}) {
        bool good = true;
        for (std::size_t at = 0; at <= size; ++at)
            for (const std::string& s : sequences) {
                std::string text(size, 'a');
                text.insert(at, s);
                good = good && agrees(text) && agrees(text.substr(0, at + 1)) && agrees(text.substr(0, at + 3));
            }
        CAPTURE(size);
        REQUIRE(good);
    }
}

TEST_CASE("long texts are judged at every place, and runs of ASCII end where they do with every set") {
    for (const std::size_t size : {511U, 512U, 519U, 520U, 640U, 775U, 1100U}) {
        const std::string ascii(size, 'a');
        bool good = agrees(ascii);
        for (std::size_t at = 0; at < size; ++at) {
            std::string text = ascii;
            text[at] = '\xC3'; // and an 'a'
            good = good && agrees(text);
            if (at + 1 < size) text[at + 1] = '\xA9';
            good = good && agrees(text);
            const auto check = [&](auto set, std::size_t block) {
                if (!simd::is_available<decltype(set)>()) return;
                const std::size_t whole = simd::detail::ascii_blocks(simd::detail::level_of(set), text.data(), size);
                good = good && whole == at / block * block;
            };
            check(arch::avx2{}, 128);
            check(arch::avx512{}, 256);
        }
        CAPTURE(size);
        REQUIRE(good);
    }
}

TEST_CASE("random mixtures of valid and damaged characters are judged as by the table") {
    std::mt19937 random(8);
    const std::string pieces[] = {
        "a", "0", "\x7F", "\xC3\xA9", "\xE2\x82\xAC", "\xED\x9F\xBF", "\xF0\x9F\x98\x80", "some ascii text "};
    for (int round = 0; round < 30000; ++round) {
        std::string text;
        for (std::size_t n = random() % 30; n > 0; --n) text += pieces[random() % std::size(pieces)];
        if (round % 2 == 0 && !text.empty()) text[random() % text.size()] = static_cast<char>(random());
        REQUIRE(agrees(text));
    }
}

TEST_CASE("cells are counted up to the first invalid or NULL one") {
    for (std::size_t size = 1; size < 40; ++size)
        for (std::size_t at = 0; at < size; ++at) {
            std::vector<std::string> texts(size, "caf\xC3\xA9");
            texts[at] = "caf\xC3";
            const cells bad(texts, '\xA9');
            texts[at] = "";
            const cells good(texts, '\x80');
            cells c(texts, '\x80');
            c[at] = {0xFFFFFFF0, weft::simd::null_size};
            each_validation([&](auto set) {
                REQUIRE(simd::validate_utf8<decltype(set)>(bad.base(), bad.data(), size) == at);
                REQUIRE(simd::validate_utf8<decltype(set)>(good.base(), good.data(), size) == size);
                REQUIRE(simd::validate_utf8<decltype(set)>(c.base(), c.data(), size) == at);
            });
        }
}
