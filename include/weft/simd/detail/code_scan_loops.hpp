// SPDX-License-Identifier: BSL-1.0

// Included at the end of distance_loops.hpp, in the same namespaces. A table has 16 entries, so a shuffle
// of bytes looks up 16 codes at once; a vector holds the tables and codes of as many sub-quantisers as fit.

typedef std::uint8_t sixteen_bytes __attribute__((vector_size(16)));
typedef std::uint16_t eight_shorts __attribute__((vector_size(16)));
typedef std::uint16_t unsigned_shorts __attribute__((vector_size(lanes * 4)));

#if WEFT_SIMD_SET > 0
template <class Vector>
WEFT_SIMD_INLINE Vector look_up(Vector tables, Vector codes) noexcept {
    Vector found;
    __asm__("vpshufb {%2, %1, %0|%0, %1, %2}" : "=v"(found) : "v"(tables), "v"(codes));
    return found;
}

template <class Vector>
WEFT_SIMD_INLINE eight_shorts sum_of_groups(Vector v) noexcept {
    eight_shorts parts[sizeof(Vector) / 16];
    __builtin_memcpy(&parts, &v, sizeof v);
    eight_shorts sum = parts[0];
    for (std::size_t i = 1; i < sizeof(Vector) / 16; ++i) sum += parts[i];
    return sum;
}

// Sums of 16 rows. Entries of odd rows are the high bytes of 16-bit lanes: `all` counts them 256 times.
WEFT_SIMD_INLINE void store_sums(eight_shorts all, eight_shorts odd, std::uint16_t* out) noexcept {
    const eight_shorts even = all - (odd << 8);
    const eight_shorts first = __builtin_shufflevector(even, odd, 0, 8, 1, 9, 2, 10, 3, 11);
    const eight_shorts second = __builtin_shufflevector(even, odd, 4, 12, 5, 13, 6, 14, 7, 15);
    __builtin_memcpy(out, &first, sizeof first);
    __builtin_memcpy(out + 8, &second, sizeof second);
}

WEFT_SIMD_TARGET inline void scan_codes(const std::uint8_t* tables, const std::uint8_t* blocks, std::size_t count,
                                        std::size_t block_count, std::uint16_t* sums) noexcept {
    constexpr std::size_t width = sizeof(bytes);
    for (; block_count > 0; --block_count, blocks += count * 16, sums += 32) {
        unsigned_shorts low_all{};
        unsigned_shorts low_odd{};
        unsigned_shorts high_all{};
        unsigned_shorts high_odd{};
        std::size_t i = 0;
        for (; i + width <= count * 16; i += width) {
            const bytes codes = load<hamming>(blocks + i);
            const bytes entries = load<hamming>(tables + i);
            const auto low = (unsigned_shorts)look_up(entries, codes & 15);
            const auto high = (unsigned_shorts)look_up(entries, (bytes)((unsigned_shorts)codes >> 4) & 15);
            low_all += low;
            low_odd += low >> 8;
            high_all += high;
            high_odd += high >> 8;
        }
        eight_shorts parts[4] = {sum_of_groups(low_all), sum_of_groups(low_odd), sum_of_groups(high_all),
                                 sum_of_groups(high_odd)};
        for (; i < count * 16; i += 16) {
            sixteen_bytes codes;
            sixteen_bytes entries;
            __builtin_memcpy(&codes, blocks + i, sizeof codes);
            __builtin_memcpy(&entries, tables + i, sizeof entries);
            const auto low = (eight_shorts)look_up(entries, codes & 15);
            const auto high = (eight_shorts)look_up(entries, (sixteen_bytes)((eight_shorts)codes >> 4) & 15);
            parts[0] += low;
            parts[1] += low >> 8;
            parts[2] += high;
            parts[3] += high >> 8;
        }
        store_sums(parts[0], parts[1], sums);
        store_sums(parts[2], parts[3], sums + 16);
    }
}
#else
inline void scan_codes(const std::uint8_t* tables, const std::uint8_t* blocks, std::size_t count,
                       std::size_t block_count, std::uint16_t* sums) noexcept {
    for (; block_count > 0; --block_count, blocks += count * 16, sums += 32) {
        for (int row = 0; row < 32; ++row) sums[row] = 0;
        for (std::size_t i = 0; i < count * 16; i += 16)
            for (std::size_t row = 0; row < 16; ++row) {
                const std::uint8_t codes = blocks[i + row];
                sums[row] = static_cast<std::uint16_t>(sums[row] + tables[i + (codes & 15)]);
                sums[row + 16] = static_cast<std::uint16_t>(sums[row + 16] + tables[i + (codes >> 4)]);
            }
    }
}
#endif
