// SPDX-License-Identifier: BSL-1.0
#pragma once

// Validation of UTF-8 on xsimd, once per architecture A: all bytes of a batch at once, each judged with the three
// before it, which are loaded from one, two and three bytes further left. No shuffles, and comparisons of signed bytes
// only: every architecture has these.

#include <weft/simd/detail/distance_sets.hpp>
#include <weft/simd/detail/xsimd_words.hpp>
#include <weft/simd/text_cell.hpp>

#include <cstddef>
#include <cstdint>

namespace weft::inline v0::simd::detail {

template <class A>
struct xsimd_utf8 {
    using bytes = ::xsimd::batch<std::int8_t, A>;
    using u64s = ::xsimd::batch<std::uint64_t, A>;

    static constexpr std::size_t width = bytes::size;
    static_assert(width <= slack, "a batch is larger than the room around cells");

    [[gnu::always_inline]] static u64s bits(const bytes& v) noexcept { return batches::as<std::uint64_t>(v); }
    [[gnu::always_inline]] static bytes signed_bytes(const u64s& v) noexcept { return batches::as<std::int8_t>(v); }

    [[gnu::always_inline]] static bool is_ascii(const bytes& v) noexcept {
        return !batches::any_bit(bits(v) & u64s(0x8080808080808080));
    }

    // The bytes [from, from + width) of a text of `size` bytes, zeros where it is not; `from` is from -3 to `size`.
    [[gnu::always_inline]] static bytes load(const char* text, std::ptrdiff_t from, std::size_t size) noexcept {
        u64s v = batches::load<std::uint64_t, A>(text + from);
        if (from < 0) v = v & batches::load<std::uint64_t, A>(tail_mask.bytes + 64 + from);
        const std::ptrdiff_t left = static_cast<std::ptrdiff_t>(size) - from;
        if (left < static_cast<std::ptrdiff_t>(width))
            v = v & ~batches::load<std::uint64_t, A>(tail_mask.bytes + 64 - left);
        return signed_bytes(v);
    }

    // Whether each byte goes with the three before it. `p1` is the byte before, `p2` the one before that.
    [[gnu::always_inline]] static bool is_valid(const bytes& b, const bytes& p1, const bytes& p2,
                                                const bytes& p3) noexcept {
        const auto byte = [](int value) { return bytes(static_cast<std::int8_t>(value)); };
        // In the highest bit of each byte: it is 10xxxxxx, and it must be, because a sequence goes on.
        const auto leads = [](const u64s& v) { return v & (v << 1); };
        const u64s v1 = bits(p1);
        const u64s v2 = bits(p2);
        const u64s v3 = bits(p3);
        const u64s expected = leads(v1) | (leads(v2) & (v2 << 2)) | (leads(v3) & (v3 << 2) & (v3 << 3));
        const u64s continues = bits(b) & ~(bits(b) << 1);
        const u64s misplaced = (expected ^ continues) & u64s(0x8080808080808080);
        const auto overlong = ((b & byte(0xFE)) == byte(0xC0)) | ((p1 == byte(0xE0)) & (b < byte(0xA0))) |
                              ((p1 == byte(0xF0)) & (b < byte(0x90)));
        const auto too_high = ((b > byte(0xF4)) & (b < byte(0))) | ((p1 == byte(0xF4)) & (b > byte(0x8F)));
        const auto surrogate = (p1 == byte(0xED)) & (b > byte(0x9F));
        return !batches::any_bit(misplaced) && !::xsimd::any(overlong | too_high | surrogate);
    }

    // Whether the text is UTF-8. Reads up to a batch beyond it and 3 bytes before it.
    [[gnu::always_inline]] static bool is_valid(const char* text, std::size_t size) noexcept {
        bool open = false; // whether the bytes before may want more
        for (std::size_t i = 0; i <= size; i += width) {
            if (!open)
                while (size - i >= 4 * width && is_ascii(four(text + i))) i += 4 * width;
            const auto at = static_cast<std::ptrdiff_t>(i);
            const bytes here = load(text, at, size);
            const bool ascii = is_ascii(here);
            if (ascii && !open) continue;
            if (!is_valid(here, load(text, at - 1, size), load(text, at - 2, size), load(text, at - 3, size)))
                return false;
            open = !ascii;
        }
        return true;
    }

    // The bits of four batches.
    [[gnu::always_inline]] static bytes four(const char* p) noexcept {
        const auto part = [p](std::size_t i) { return batches::load<std::uint64_t, A>(p + i * width); };
        return signed_bytes((part(0) | part(1)) | (part(2) | part(3)));
    }
};

} // namespace weft::inline v0::simd::detail
