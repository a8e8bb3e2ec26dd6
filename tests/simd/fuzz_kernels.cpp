// SPDX-License-Identifier: BSL-1.0
// Columns of any texts, one per line after a byte with the scale: every kernel on every instruction set of the machine
// answers as the plain loops do. The column comes once as it is and once sixteen times, so that groups are filled.
#include "cells.hpp"

#include <weft/simd.hpp>

#include <cstdint>
#include <cstdlib>

namespace simd = weft::simd;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

template <class T>
void numbers(const cells& c) {
    require(all_agree<T>(c.size(), [&](auto set, std::byte* out, std::size_t stride) {
        return simd::parse_integers<T, decltype(set)>(c.base(), c.data(), c.size(), out, stride);
    }));
}

template <class T>
void floats(const cells& c) {
    require(all_agree<T>(c.size(), [&](auto set, std::byte* out, std::size_t stride) {
        return simd::parse_floats<T, decltype(set)>(c.base(), c.data(), c.size(), out, stride);
    }));
}

template <class Int>
void decimals(const cells& c, int scale) {
    require(all_agree<Int>(c.size(), [&](auto set, std::byte* out, std::size_t stride) {
        return simd::parse_decimals<Int, decltype(set)>(c.base(), c.data(), c.size(), scale, out, stride);
    }));
}

void dates(const cells& c) {
    require(all_agree<std::int32_t>(c.size(), [&](auto set, std::byte* out, std::size_t stride) {
        return simd::parse_dates<decltype(set)>(c.base(), c.data(), c.size(), out, stride);
    }));
    require(all_agree<std::int64_t>(c.size(), [&](auto set, std::byte* out, std::size_t stride) {
        return simd::parse_datetimes<decltype(set)>(c.base(), c.data(), c.size(), out, stride);
    }));
    require(all_agree<std::int64_t>(c.size(), [&](auto set, std::byte* out, std::size_t stride) {
        return simd::parse_times<decltype(set)>(c.base(), c.data(), c.size(), out, stride);
    }));
}

void check(const std::vector<std::string>& texts, int scale) {
    const cells c(texts);
    numbers<std::int8_t>(c);
    numbers<std::uint32_t>(c);
    numbers<std::int64_t>(c);
    numbers<std::uint64_t>(c);
    floats<double>(c);
    floats<float>(c);
    decimals<std::int64_t>(c, scale);
    decimals<simd::int128>(c, scale);
    dates(c);
    const std::size_t valid = simd::validate_utf8<arch::scalar>(c.base(), c.data(), c.size());
    each_arch([&](auto set) { require(simd::validate_utf8<decltype(set)>(c.base(), c.data(), c.size()) == valid); });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const int scale = data[0] % 42 - 1;
    std::vector<std::string> texts(1);
    for (std::size_t i = 1; i < size && texts.size() < 100; ++i) {
        if (data[i] == '\n')
            texts.emplace_back();
        else
            texts.back() += static_cast<char>(data[i]);
    }
    check(texts, scale);
    for (const std::string& text : texts) check({text}, scale);
    check(std::vector<std::string>(16, texts.front()), scale);
    std::vector<std::string> many;
    for (int i = 0; i < 16; ++i) many.insert(many.end(), texts.begin(), texts.end());
    check(many, scale);
    return 0;
}
