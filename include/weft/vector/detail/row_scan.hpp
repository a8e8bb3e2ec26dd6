// SPDX-License-Identifier: BSL-1.0
#pragma once

// Distances to all rows of a block of codes: of one query, row after row as they come from memory; of many queries, in
// tiles while the rows are in the cache.

#include <weft/simd/distance_matrix.hpp>
#include <weft/vector/detail/buffer.hpp>
#include <weft/vector/detail/codes.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weft::inline v0::vector::detail {

/// Bytes of rows that stay in the second-level cache beside what else is there.
inline constexpr std::size_t cached_bytes = std::size_t{128} << 10;

/// How many rows are compared together.
constexpr std::size_t rows_of_block(std::size_t stride) noexcept {
    const std::size_t rows = cached_bytes / stride;
    return rows < 16 ? 16 : rows > 256 ? 256 : rows / 4 * 4;
}

/// Scans rows of one codec. Rows of floats of any size get the same distance wherever they are, that of the kernel for
/// one row, from `one` and `again`; `many` differs from it by rounding. Bytes are exact anyway.
template <class Metric, code_kind Codes>
class row_scan {
    using codec_type = codec<Metric, Codes>;
    using element = typename code_element<Codes>::type;

public:
    static constexpr bool is_rounded = true;

    row_scan(const codec_type& codes, std::size_t dimension) noexcept
        : dimension_(dimension), stride_(codes.stride()) {}

    /// `count` rows for a prepared query, one at a time: a core asks in advance for what follows in memory, and better
    /// than prefetches do, which take a third of the bandwidth away, or four rows that lie apart.
    void one(const typename codec_type::probe&, const float* query, const std::byte* first, std::size_t count,
             float* out) const noexcept {
        for (std::size_t i = 0; i < count; ++i)
            out[i] = kernel_->one(query, reinterpret_cast<const element*>(first + i * stride_), dimension_);
        finish(out, count);
    }

    /// The same for each of several queries that lie one after another: `out[q * count + i]`. Meanwhile the block after
    /// this one, of `next` bytes, is asked for.
    template <class Aims>
    void many(const Aims&, const float* queries, std::size_t query_count, const std::byte* first, std::size_t count,
              std::size_t next, float* out) const noexcept {
        constexpr std::size_t together = 8;
        const std::byte* ahead = first + count * stride_;
        const std::size_t share = (next / ((query_count + together - 1) / together) + raw_memory::line);
        for (std::size_t q = 0; q < query_count; q += together) {
            for (std::size_t at = 0; at < share && next != 0; at += raw_memory::line) {
                __builtin_prefetch(ahead, 0, 2);
                __asm__ volatile("" ::: "memory");
                const std::size_t line = next < raw_memory::line ? next : raw_memory::line;
                ahead += line;
                next -= line;
            }
            const std::size_t here = query_count - q < together ? query_count - q : together;
            simd::distance_matrix<typename Metric::operation, float, element, typename arch_of<Metric>::type>(
                queries + q * dimension_, dimension_, here, reinterpret_cast<const element*>(first),
                stride_ / sizeof(element), count, dimension_, out + q * count);
        }
        finish(out, query_count * count);
    }

private:
    static void finish(float* out, std::size_t count) noexcept {
        for (std::size_t i = 0; i < count; ++i) out[i] = ordered(Metric::from_kernel(out[i]));
    }

    using kernels = simd::distance_kernel<typename Metric::operation, float, element>;
    const kernels* kernel_ =
        &simd::distance_kernels<typename Metric::operation, float, element, 0, typename arch_of<Metric>::type>();
    std::size_t dimension_;
    std::size_t stride_;
};

template <class Metric>
class row_scan<Metric, code_kind::int8> {
    using codec_type = codec<Metric, code_kind::int8>;

public:
    static constexpr bool is_rounded = false;

    row_scan(const codec_type& codes, std::size_t) noexcept : codes_(codes) {}

    void one(const typename codec_type::probe& probe, const float*, const std::byte* first, std::size_t count,
             float* out) const noexcept {
        for (std::size_t i = 0; i < count; i += 4) {
            const std::size_t here = count - i < 4 ? count - i : 4;
            // Rows are short: four of them are little more than a page. Beyond the last one nothing is read.
            prefetch_row(first + (i + 8) * codes_.stride(), here * codes_.stride());
            codes_.scan(probe, first + i * codes_.stride(), here, out + i);
        }
    }

    template <class Aims>
    void many(const Aims& aims, const float*, std::size_t query_count, const std::byte* first, std::size_t count,
              std::size_t, float* out) const noexcept {
        for (std::size_t q = 0; q < query_count; ++q) codes_.scan(aims[q].probe(), first, count, out + q * count);
    }

private:
    const codec_type& codes_;
};

} // namespace weft::inline v0::vector::detail
