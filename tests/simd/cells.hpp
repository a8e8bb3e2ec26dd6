// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/simd/arch.hpp>
#include <weft/simd/text_cell.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#ifdef WEFT_XSIMD_UNITS
#include "../xsimd/units.hpp"
#endif

namespace arch = weft::simd::arch;

/// Texts in a block of memory of exactly their size and the slack at both ends, so that a sanitizer sees any read
/// beyond. What lies in the slack and between the cells looks like a part of the texts.
class cells {
public:
    static constexpr std::size_t slack = weft::simd::slack;

    explicit cells(const std::vector<std::string>& texts, char filler = '7') {
        std::size_t size = 0;
        for (const std::string& t : texts) size += t.size();
        bytes_.reset(new char[size + 2 * slack]);
        std::memset(bytes_.get(), filler, size + 2 * slack);
        std::size_t at = slack;
        for (const std::string& t : texts) {
            std::memcpy(bytes_.get() + at, t.data(), t.size());
            cells_.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(t.size())});
            at += t.size();
        }
    }

    const char* base() const { return bytes_.get(); }
    const weft::simd::text_cell* data() const { return cells_.data(); }
    std::size_t size() const { return cells_.size(); }
    weft::simd::text_cell& operator[](std::size_t i) { return cells_[i]; }

private:
    std::unique_ptr<char[]> bytes_;
    std::vector<weft::simd::text_cell> cells_;
};

/// What a kernel answered: how many, and their values.
template <class T>
struct answer {
    std::size_t count;
    std::vector<T> values;
};

/// `parse(out, stride)` on an array for `size` values, `stride` bytes apart.
template <class T, class Parse>
answer<T> ask(std::size_t size, std::size_t stride, const Parse& parse) {
    std::vector<std::byte> out(size * stride + sizeof(T), std::byte{0x5A});
    answer<T> a{parse(out.data() + 1, stride), {}}; // + 1: not aligned
    for (std::size_t i = 0; i < a.count; ++i) {
        T value;
        std::memcpy(&value, out.data() + 1 + i * stride, sizeof(T));
        a.values.push_back(value);
    }
    return a;
}

/// Calls `check` for every instruction set of this machine but the scalar one.
template <class Check>
void each_arch(const Check& check) {
    check(arch::portable{});
    check(arch::dispatched{});
    check(arch::native{});
    if (weft::simd::is_available<arch::avx2>()) check(arch::avx2{});
    if (weft::simd::is_available<arch::avx512>()) check(arch::avx512{});
#ifdef WEFT_XSIMD_UNITS
    each_unit(check);
#endif
}

/// Whether all sets answer as the scalar one; `parse(arch, out, stride)` calls the kernel. One stride is that of a
/// dense array, one that of an array of larger things.
template <class T, class Parse>
bool all_agree(std::size_t size, const Parse& parse) {
    const auto run = [&](auto set, std::size_t stride) {
        return ask<T>(size, stride, [&](std::byte* out, std::size_t s) { return parse(set, out, s); });
    };
    const auto expected = run(arch::scalar{}, sizeof(T));
    bool good = true;
    each_arch([&](auto set) {
        for (const std::size_t stride : {sizeof(T), sizeof(T) + 5}) {
            const auto got = run(set, stride);
            good =
                good && got.count == expected.count &&
                (got.count == 0 || std::memcmp(got.values.data(), expected.values.data(), got.count * sizeof(T)) == 0);
        }
    });
    return good;
}

/// All ways to replace one byte of `text` by one of a few telling ones, and to drop or repeat one.
inline std::vector<std::string> corruptions(std::string_view text) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string t(text);
        for (int c = 0; c < 256; ++c) {
            t[i] = static_cast<char>(c);
            out.push_back(t);
        }
        out.push_back(std::string(text.substr(0, i)) + std::string(text.substr(i + 1)));
        out.push_back(std::string(text.substr(0, i + 1)) + std::string(text.substr(i)));
    }
    return out;
}
