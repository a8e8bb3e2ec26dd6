// SPDX-License-Identifier: BSL-1.0
#pragma once

// The group kernels on xsimd, once per architecture A. What groups are is told in groups.hpp: one lane is one cell, and
// a kernel stops before the first group in which some cell is anything but plain. Masks are made by arithmetic, because
// lanes of 64 bits are compared well on few architectures; `bad` gathers bits that only cells which are not plain have.

#include <weft/simd/detail/words.hpp>
#include <weft/simd/detail/xsimd_words.hpp>
#include <weft/simd/text_cell.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

namespace weft::inline v0::simd::detail {

template <class A>
struct xsimd_groups {
    using lane = std::uint64_t;
    using u64s = ::xsimd::batch<lane, A>;

    static constexpr std::size_t lanes = u64s::size;
    static constexpr lane highest = lane{1} << 63;
    static constexpr lane high_bits = 0x8080808080808080;

    template <class To>
    [[gnu::always_inline]] static ::xsimd::batch<To, A> as(const u64s& v) noexcept {
        return batches::as<To>(v);
    }

    template <class Get, std::size_t... K>
    [[gnu::always_inline]] static u64s gather(const Get& get, std::index_sequence<K...>) noexcept {
        return u64s{static_cast<lane>(get(K))...};
    }
    // `get(k)` for each lane.
    template <class Get>
    [[gnu::always_inline]] static u64s gather(const Get& get) noexcept {
        return gather(get, std::make_index_sequence<lanes>());
    }

    // All ones where the highest bit is set.
    [[gnu::always_inline]] static u64s smear(const u64s& v) noexcept { return u64s(0) - (v >> 63); }
    // All ones where a < b; both are below 2^63.
    [[gnu::always_inline]] static u64s below(const u64s& a, const u64s& b) noexcept { return smear(a - b); }
    [[gnu::always_inline]] static u64s choose(const u64s& mask, const u64s& yes, const u64s& no) noexcept {
        return (yes & mask) | (no & ~mask);
    }

    // Products of numbers below 2^15 with a constant below 2^15.
    [[gnu::always_inline]] static u64s times(const u64s& v, lane by) noexcept {
        return batches::as<lane>(batches::multiply_pairs(as<std::int16_t>(v), as<std::int16_t>(u64s(by))));
    }
    // Products of numbers below 2^32.
    [[gnu::always_inline]] static u64s times_wide(const u64s& v, lane by) noexcept {
        return batches::multiply_halves(v, u64s(by));
    }

    // Which bytes of `v` are above 9 (in `limits`: 0x76) or above 0 (0x7F). A carry comes only from a bad byte.
    [[gnu::always_inline]] static u64s above(const u64s& v, lane limits) noexcept {
        return ((v + u64s(limits)) | v) & u64s(high_bits);
    }

    // Neighbouring digits as numbers of 0 to 99, in the lower of their two bytes.
    [[gnu::always_inline]] static u64s pairs_of(const u64s& digits) noexcept {
        return ((digits << 3) + (digits << 1) + (digits >> 8)) & u64s(0x00FF00FF00FF00FF);
    }
    [[gnu::always_inline]] static u64s eight_digits(const u64s& digits) noexcept {
        const u64s fours = batches::as<lane>(
            batches::multiply_pairs(as<std::int16_t>(pairs_of(digits)), as<std::int16_t>(u64s(0x0001006400010064))));
        return times(fours & u64s(0xFFFFFFFF), 10000) + (fours >> 32);
    }

    // Texts -?[0-9]{1,16}, with a point before the last `scale` (0 to 7) digits if that is not 0.
    [[gnu::always_inline]] static std::size_t integers(const char* base, const text_cell* cells, std::size_t count,
                                                       std::int64_t least, std::int64_t most, int scale,
                                                       std::int64_t* out) noexcept {
        constexpr std::int64_t beyond = 100000000000000000; // no number of 16 digits, so comparing does not overflow
        const lane lower = static_cast<lane>(least < -beyond ? -beyond : least);
        const lane upper = static_cast<lane>(most > beyond ? beyond : most);
        const u64s zero(0);
        const u64s ones(~lane{0});
        const u64s fraction(scale == 0 ? ~lane{0} : ~(~lane{0} >> (8 * scale)));
        const auto places = static_cast<lane>(scale);
        std::size_t i = 0;
        for (; i + lanes <= count; i += lanes) {
            const text_cell* const group = cells + i;
            std::uint32_t sizes = 0;
            for (std::size_t k = 0; k < lanes; ++k) sizes |= group[k].size - 1;
            if (sizes > 15) break;
            const auto before_end = [base, group](std::size_t k, std::size_t bytes) {
                return load8(base + group[k].offset + group[k].size - bytes);
            };
            u64s last = gather([&](std::size_t k) { return before_end(k, 8); });
            u64s rest = zero;
            if (sizes > 7) rest = gather([&](std::size_t k) { return before_end(k, 16); });
            u64s size = gather([group](std::size_t k) { return group[k].size; });
            u64s bad = zero;
            if (scale != 0) { // the digits before the point move over it
                bad = ((last >> (56 - 8 * scale)) & u64s(0xFF)) ^ u64s('.');
                bad = bad | ((size - u64s(places + 2)) & u64s(highest));
                last = (last & fraction) | (((last << 8) | (rest >> 56)) & ~fraction);
                rest = rest << 8;
                size = size - u64s(1);
            }
            const u64s is_long = below(u64s(8), size);
            u64s outside = (zero - (size << 3)) & u64s(63);
            const u64s first = (choose(is_long, rest, last) >> outside) & u64s(0xFF);
            const u64s negative = below(first ^ u64s('-'), u64s(1));
            size = size + negative;
            bad = bad | ((size - u64s(places + 1)) & u64s(highest));
            outside = (zero - (size << 3)) & u64s(63);
            const u64s inside = ones << outside;
            const u64s still_long = below(u64s(8), size);
            last = (last ^ u64s(all_zeros)) & (inside | still_long);
            bad = bad | above(last, 0x7676767676767676);
            u64s value = eight_digits(last);
            if (sizes > 7) {
                rest = (rest ^ u64s(all_zeros)) & inside & still_long;
                bad = bad | above(rest, 0x7676767676767676);
                value = value + times_wide(eight_digits(rest), 100000000);
            }
            value = (value ^ negative) - negative;
            bad = bad | (((value - u64s(lower)) | (u64s(upper) - value)) & u64s(highest));
            if (batches::any_bit(bad)) break;
            as<std::int64_t>(value).store_unaligned(out + i);
        }
        return i;
    }

    static constexpr lane days_before_epoch = 719469; // of what `days` counts

    // Days of the dates at `first` (YYYY-MM-) and `last` (YY-MM-DD), from some day before year 0 on; what is wrong is
    // added to `bad`.
    [[gnu::always_inline]] static u64s days(u64s first, u64s last, u64s& bad) noexcept {
        const u64s one(1);
        const u64s byte(0xFF);
        first = first ^ u64s(0x2D30302D30303030); // 0000-00-
        last = (last >> 48) ^ u64s(0x3030);
        bad = bad | above(first, 0x7F76767F76767676) | above(last, 0x7676);
        const u64s pairs = pairs_of(first);
        const u64s century = pairs & byte;
        const u64s of_century = (pairs >> 16) & byte;
        u64s year = times(century, 100) + of_century;
        u64s month = times((first >> 40) & byte, 10) + ((first >> 48) & byte);
        const u64s day = times(last & byte, 10) + ((last >> 8) & byte);
        const u64s leaping = choose(below(of_century, one), century, of_century) & u64s(3);
        const u64s leap = below(leaping, one) & one;
        const u64s february = below(month ^ u64s(2), one);
        const u64s length = choose(february, u64s(28) + leap, u64s(30) + ((month + (month >> 3)) & one));
        const u64s wrong = (month - one) | (u64s(12) - month) | (day - one) | (length - day) | (year - one);
        bad = bad | (wrong & u64s(highest));
        const u64s early = below(month, u64s(3)); // years begin on 1 March here
        year = year + early;
        month = month + (early & u64s(12));
        const u64s centuries = times(year, 5243) >> 19;
        return times(year, 365) + (year >> 2) - centuries + (centuries >> 2) + ((times(month, 979) - u64s(2919)) >> 5) +
               day;
    }

    // Texts YYYY-MM-DD.
    [[gnu::always_inline]] static std::size_t dates(const char* base, const text_cell* cells, std::size_t count,
                                                    std::int64_t* out) noexcept {
        std::size_t i = 0;
        for (; i + lanes <= count; i += lanes) {
            const text_cell* const group = cells + i;
            std::uint32_t sizes = 0;
            for (std::size_t k = 0; k < lanes; ++k) sizes |= group[k].size ^ 10;
            if (sizes != 0) break;
            const auto at = [base, group](std::size_t k, std::size_t byte) {
                return load8(base + group[k].offset + byte);
            };
            u64s bad(0);
            const u64s found = days(gather([&](std::size_t k) { return at(k, 0); }),
                                    gather([&](std::size_t k) { return at(k, 2); }), bad);
            if (batches::any_bit(bad)) break;
            as<std::int64_t>(found - u64s(days_before_epoch)).store_unaligned(out + i);
        }
        return i;
    }

    // Texts YYYY-MM-DD HH:MM:SS with no fraction or with one of 1 to 6 digits, as many in the whole group.
    [[gnu::always_inline]] static std::size_t datetimes(const char* base, const text_cell* cells, std::size_t count,
                                                        std::int64_t* out) noexcept {
        const u64s byte(0xFF);
        std::size_t i = 0;
        for (; i + lanes <= count; i += lanes) {
            const text_cell* const group = cells + i;
            const std::uint32_t size = group[0].size;
            if (size < 19 || size == 20 || size > 26) break;
            std::uint32_t wrong = 0;
            for (std::size_t k = 0; k < lanes; ++k) wrong |= group[k].size ^ size;
            if (wrong != 0) break;
            const auto at = [base, group](std::size_t k, std::size_t b) { return load8(base + group[k].offset + b); };
            for (std::size_t k = 0; k < lanes; ++k)
                wrong |= static_cast<std::uint32_t>(base[group[k].offset + 10] ^ ' ');
            u64s bad(0);
            u64s micros(0);
            if (size > 20) { // the digits after the point and as many zeros as make six
                for (std::size_t k = 0; k < lanes; ++k)
                    wrong |= static_cast<std::uint32_t>(base[group[k].offset + 19] ^ '.');
                const u64s kept(~lane{0} >> (64 - 8 * (size - 20)));
                const u64s digits = (gather([&](std::size_t k) { return at(k, 20); }) ^ u64s(all_zeros)) & kept;
                bad = above(digits, 0x7676767676767676);
                micros = eight_digits(digits << 16);
            }
            if (wrong != 0) break;
            const u64s day = days(gather([&](std::size_t k) { return at(k, 0); }),
                                  gather([&](std::size_t k) { return at(k, 2); }), bad);
            const u64s time = gather([&](std::size_t k) { return at(k, 11); }) ^ u64s(0x30303A30303A3030); // 00:00:00
            bad = bad | above(time, 0x76767F76767F7676);
            const u64s hour = times(time & byte, 10) + ((time >> 8) & byte);
            const u64s minute = times((time >> 24) & byte, 10) + ((time >> 32) & byte);
            const u64s second = times((time >> 48) & byte, 10) + (time >> 56);
            bad = bad | (((u64s(23) - hour) | (u64s(59) - minute) | (u64s(59) - second)) & u64s(highest));
            if (batches::any_bit(bad)) break;
            const u64s seconds = times(hour, 3600) + times(minute, 60) + second;
            const u64s midnight = times_wide(day, 10546875) << 13; // 86 400 000 000 is 2^13 * 10 546 875
            const u64s result =
                midnight - u64s(days_before_epoch * 86400000000) + times_wide(seconds, 1000000) + micros;
            as<std::int64_t>(result).store_unaligned(out + i);
        }
        return i;
    }
};

} // namespace weft::inline v0::simd::detail
