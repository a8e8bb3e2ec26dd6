// SPDX-License-Identifier: BSL-1.0

// Included by x86.hpp once per instruction set, inside a namespace of the set's name, which has defined `lanes` and
// WEFT_SIMD_TARGET. One lane is one cell. A kernel takes whole groups of `lanes` cells and stops before the first group
// in which some cell is anything but plain: NULL, malformed, out of range, or just longer than usual. The caller goes
// through that group cell by cell and comes back, so nothing here needs to be exact about what is wrong.
//
// The vectors are those of the compilers (vector_size) rather than xsimd's or the intrinsics: no header has to be read
// for them (0.4 to 0.95 s in every unit), and the same text becomes AVX2 or AVX-512 by the target attribute alone.

typedef std::uint64_t u64s __attribute__((vector_size(lanes * 8)));
typedef std::int64_t i64s __attribute__((vector_size(lanes * 8)));
typedef std::uint32_t u32s __attribute__((vector_size(lanes * 8)));
typedef std::uint16_t u16s __attribute__((vector_size(lanes * 8)));
typedef std::uint8_t u8s __attribute__((vector_size(lanes * 8)));

WEFT_SIMD_TARGET inline bool any(u64s v) noexcept {
    typedef std::uint64_t pair __attribute__((vector_size(16)));
    typedef std::uint64_t four __attribute__((vector_size(32)));
    four f;
    if constexpr (lanes == 8)
        f = __builtin_shufflevector(v, v, 0, 1, 2, 3) |
            __builtin_shufflevector(v, v, lanes - 4, lanes - 3, lanes - 2, lanes - 1);
    else
        f = __builtin_shufflevector(v, v, 0, 1, 2, 3);
    const pair p = __builtin_shufflevector(f, f, 0, 1) | __builtin_shufflevector(f, f, 2, 3);
    return (p[0] | p[1]) != 0;
}

// Products of numbers below 2^15: of larger ones, which only a bad cell has, something else. (The vectors of the
// compilers know the products of 32 bits, which take twice as long.)
WEFT_SIMD_TARGET inline u64s times(u64s v, std::uint16_t by) noexcept {
    const u64s factors = u64s{} + by;
    u64s products;
    __asm__("vpmaddwd {%2, %1, %0|%0, %1, %2}" : "=v"(products) : "v"(v), "v"(factors));
    return products;
}

WEFT_SIMD_TARGET inline u64s eight_digits(u64s digits) noexcept {
    const u16s pairs = ((u16s)digits * (std::uint16_t)2561) >> 8;            // 10 * 256 + 1
    const u64s fours = (u64s)(((u32s)pairs * (std::uint32_t)6553601) >> 16); // 100 * 65536 + 1
    return times(fours & 0xFFFFFFFF, 10000) + (fours >> 32);
}

// How many bytes of a text are ASCII before the first block that is not.
WEFT_SIMD_TARGET inline std::size_t ascii_blocks(const char* text, std::size_t size) noexcept {
    const u64s high = u64s{} + 0x8080808080808080;
    u64s block[4];
    std::size_t i = 0;
    for (; size - i >= sizeof block; i += sizeof block) {
        std::memcpy(block, text + i, sizeof block);
        if (any(((block[0] | block[1]) | (block[2] | block[3])) & high)) break;
    }
    return i;
}

// Texts -?[0-9]{1,16}, with a point before the last `scale` (0 to 7) digits if that is not 0.
WEFT_SIMD_TARGET inline std::size_t integers(const char* base, const text_cell* cells, std::size_t count,
                                             std::int64_t least, std::int64_t most, int scale,
                                             std::int64_t* out) noexcept {
    const u64s zero = {};
    const u64s fraction = zero + (scale == 0 ? ~std::uint64_t{0} : ~(~std::uint64_t{0} >> (8 * scale)));
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        std::uint32_t sizes = 0;
        for (int k = 0; k < lanes; ++k) sizes |= cells[i + static_cast<std::size_t>(k)].size - 1;
        if (sizes > 15) break;
        u64s last;
        u64s rest = zero;
        for (int k = 0; k < lanes; ++k) {
            const text_cell cell = cells[i + static_cast<std::size_t>(k)];
            last[k] = detail::load8(base + cell.offset + cell.size - 8);
        }
        if (sizes > 7) {
            for (int k = 0; k < lanes; ++k) {
                const text_cell cell = cells[i + static_cast<std::size_t>(k)];
                rest[k] = detail::load8(base + cell.offset + cell.size - 16);
            }
        }
        u64s size;
        std::memcpy(&size, cells + i, sizeof size);
        size >>= 32;
        u64s bad = zero;
        if (scale != 0) { // the digits before the point move over it
            bad |= ((last >> (56 - 8 * scale)) & 0xFF) ^ (std::uint64_t)'.';
            bad |= (u64s)(size < (std::uint64_t)scale + 2);
            last = (last & fraction) | (((last << 8) | (rest >> 56)) & ~fraction);
            rest <<= 8;
            size -= 1;
        }
        const u64s first = (size > 8 ? rest : last) >> ((zero - size * 8) & 63) & 0xFF;
        const u64s negative = (u64s)(first == (std::uint64_t)'-');
        size += negative;
        bad |= (u64s)(size <= (std::uint64_t)scale);
        const u64s outside = (zero - size * 8) & 63;
        const u64s ones = ~zero;
        last = (last ^ detail::all_zeros) & (size < 8 ? ones << outside : ones);
        bad |= (u64s)((u8s)last > 9);
        u64s value = eight_digits(last);
        if (sizes > 7) {
            rest = (rest ^ detail::all_zeros) & (size > 8 ? ones << outside : zero);
            bad |= (u64s)((u8s)rest > 9);
            value += eight_digits(rest) * 100000000;
        }
        const i64s result = (i64s)((value ^ negative) - negative);
        bad |= (u64s)(result < least) | (u64s)(result > most);
        if (any(bad)) break;
        std::memcpy(out + i, &result, sizeof result);
    }
    return i;
}

// Days since 1970-01-01 of the dates at `first` (YYYY-MM-) and `last` (YY-MM-DD); what is wrong is added to `bad`.
WEFT_SIMD_TARGET inline i64s days(u64s first, u64s last, u64s& bad) noexcept {
    const u64s zero = {};
    first ^= 0x2D30302D30303030; // 0000-00-
    last = (last >> 48) ^ 0x3030;
    bad |= (u64s)((u8s)first > (u8s)(zero + 0x0009090009090909)) | (u64s)((u8s)last > 9);
    const u64s pairs = (u64s)(((u16s)first * (std::uint16_t)2561) >> 8);
    const u64s century = pairs & 0xFF;
    const u64s of_century = (pairs >> 16) & 0xFF;
    u64s year = times(century, 100) + of_century;
    u64s month = times((first >> 40) & 0xFF, 10) + ((first >> 48) & 0xFF);
    const u64s day = times(last & 0xFF, 10) + (last >> 8);
    const u64s leap = (u64s)(((of_century == 0 ? century : of_century) & 3) == 0);
    const u64s length = month == 2 ? 28 - leap : 30 + ((month + (month >> 3)) & 1);
    bad |= (u64s)(month - 1 > 11) | (u64s)(day - 1 >= length) | (u64s)(year == 0);
    const u64s early = (u64s)(month <= 2); // years begin on 1 March here
    year += early;
    month += early & 12;
    const u64s centuries = times(year, 5243) >> 19;
    return (i64s)(times(year, 365) + (year >> 2) - centuries + (centuries >> 2) + ((times(month, 979) - 2919) >> 5) +
                  day - 719469);
}

// Texts YYYY-MM-DD.
WEFT_SIMD_TARGET inline std::size_t dates(const char* base, const text_cell* cells, std::size_t count,
                                          std::int64_t* out) noexcept {
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        std::uint32_t sizes = 0;
        for (int k = 0; k < lanes; ++k) sizes |= cells[i + static_cast<std::size_t>(k)].size ^ 10;
        if (sizes != 0) break;
        u64s first;
        u64s last;
        for (int k = 0; k < lanes; ++k) {
            const char* p = base + cells[i + static_cast<std::size_t>(k)].offset;
            first[k] = detail::load8(p);
            last[k] = detail::load8(p + 2);
        }
        u64s bad = {};
        const i64s result = days(first, last, bad);
        if (any(bad)) break;
        std::memcpy(out + i, &result, sizeof result);
    }
    return i;
}

// Texts YYYY-MM-DD HH:MM:SS with no fraction or with one of 1 to 6 digits, as many in the whole group.
WEFT_SIMD_TARGET inline std::size_t datetimes(const char* base, const text_cell* cells, std::size_t count,
                                              std::int64_t* out) noexcept {
    const u64s zero = {};
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        const std::uint32_t size = cells[i].size;
        if (size < 19 || size == 20 || size > 26) break;
        std::uint32_t wrong = 0;
        u64s first;
        u64s last;
        u64s time;
        for (int k = 0; k < lanes; ++k) wrong |= cells[i + static_cast<std::size_t>(k)].size ^ size;
        if (wrong != 0) break;
        for (int k = 0; k < lanes; ++k) {
            const char* p = base + cells[i + static_cast<std::size_t>(k)].offset;
            first[k] = detail::load8(p);
            last[k] = detail::load8(p + 2);
            time[k] = detail::load8(p + 11);
            wrong |= static_cast<std::uint32_t>(p[10] ^ ' ');
        }
        u64s micros = zero;
        u64s bad = zero;
        if (size > 20) { // the digits after the point and as many zeros as make six
            u64s digits;
            for (int k = 0; k < lanes; ++k) {
                const char* p = base + cells[i + static_cast<std::size_t>(k)].offset;
                digits[k] = detail::load8(p + 20);
                wrong |= static_cast<std::uint32_t>(p[19] ^ '.');
            }
            digits = (digits ^ detail::all_zeros) & (~std::uint64_t{0} >> (64 - 8 * (size - 20)));
            bad |= (u64s)((u8s)digits > 9);
            micros = eight_digits(digits << 16);
        }
        if (wrong != 0) break;
        i64s result = days(first, last, bad);
        time ^= 0x30303A30303A3030; // 00:00:00
        bad |= (u64s)((u8s)time > (u8s)(zero + 0x0909000909000909));
        const u64s hour = times(time & 0xFF, 10) + ((time >> 8) & 0xFF);
        const u64s minute = times((time >> 24) & 0xFF, 10) + ((time >> 32) & 0xFF);
        const u64s second = times((time >> 48) & 0xFF, 10) + (time >> 56);
        bad |= (u64s)(hour > 23) | (u64s)(minute > 59) | (u64s)(second > 59);
        if (any(bad)) break;
        result = (result * 86400 + (i64s)(times(hour, 3600) + times(minute, 60) + second)) * 1000000 + (i64s)micros;
        std::memcpy(out + i, &result, sizeof result);
    }
    return i;
}

// Texts -?[0-9]+(\.[0-9]+)? of up to 16 digits, but for -0: the number they are without the point, and how many digits
// stand behind it. One cell at a time, with a byte a lane.
WEFT_SIMD_TARGET inline std::size_t points(const char* base, const text_cell* cells, std::size_t count,
                                           std::int64_t* digits, std::uint8_t* places) noexcept {
    typedef std::int8_t bytes __attribute__((vector_size(16)));
    typedef std::uint16_t words __attribute__((vector_size(16)));
    typedef std::uint32_t doubles __attribute__((vector_size(16)));
    typedef std::uint64_t quads __attribute__((vector_size(16)));
    typedef char chars __attribute__((vector_size(16)));
    const bytes number = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    words by_ten = words{} + (std::uint16_t)2561;            // 10 * 256 + 1
    doubles by_hundred = doubles{} + (std::uint32_t)6553601; // 100 * 65536 + 1
    doubles by_myriad = doubles{} + (std::uint32_t)10000;
    asm("" : "+x"(by_ten), "+x"(by_hundred), "+x"(by_myriad)); // g++ makes them anew for every cell otherwise
    std::size_t i = 0;
    for (; i < count; ++i) {
        const std::uint32_t size = cells[i].size;
        if (size - 1 > 16) break; // a sign, 16 digits and a point would be 18; 17 bytes are looked at
        const char* const end = base + cells[i].offset + size;
        bytes text;
        bytes before; // the text one further: what stands before the point moves over it
        std::memcpy(&text, end - 16, 16);
        std::memcpy(&before, end - 17, 16);
        const std::uint32_t sign = end[-static_cast<std::ptrdiff_t>(size)] == '-' ? 1 : 0;
        const std::uint32_t outside = size < 16 ? 16 - size : 0;
        const auto points =
            static_cast<std::uint32_t>(__builtin_ia32_pmovmskb128((chars)(text == (std::int8_t)'.'))) >> outside;
        std::uint32_t behind = 0;
        std::uint32_t all = size - sign;
        if (points != 0) {
            behind = 15 - outside - static_cast<std::uint32_t>(__builtin_ctz(points));
            all -= 1;
            const auto last = static_cast<std::int8_t>(15 - behind);
            const bytes kept = (bytes)(number > bytes{} + last);
            text = (text & kept) | (before & ~kept);
            if (behind == 0) break;
        }
        if (all - 1 > 15 || all <= behind) break;
        const auto last_outside = static_cast<std::int8_t>(15 - all);
        text = (text ^ (std::int8_t)'0') & (bytes)(number > bytes{} + last_outside);
        if (__builtin_ia32_pmovmskb128((chars)((text + (std::int8_t)0x76) | text)) != 0) break;
        const words pairs = ((words)text * by_ten) >> 8;
        const quads fours = (quads)(((doubles)pairs * by_hundred) >> 16);
        const quads eights = (quads)((doubles)(fours & 0xFFFFFFFF) * by_myriad) + (fours >> 32);
        const std::uint64_t magnitude = eights[0] * 100000000 + eights[1];
        if (magnitude < sign) break; // zero below zero
        digits[i] = static_cast<std::int64_t>((magnitude ^ (std::uint64_t{0} - sign)) + sign);
        places[i] = static_cast<std::uint8_t>(behind);
    }
    return i;
}
