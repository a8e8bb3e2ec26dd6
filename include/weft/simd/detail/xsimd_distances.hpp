// SPDX-License-Identifier: BSL-1.0
#pragma once

// The distance kernels on xsimd, once per architecture A. They go the way of distance_loops.hpp: numbers of 16 bits
// become floats when they are loaded, bytes are summed as 32-bit integers, and what does not fill a batch at the end is
// read as part of the last full one, whose elements that were counted before are zeroed.

#include <weft/simd/detail/distance_sets.hpp>
#include <weft/simd/detail/xsimd_words.hpp>
#include <weft/simd/distance_kernel.hpp>
#include <weft/simd/half.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace weft::inline v0::simd::detail {

template <class A>
struct xsimd_distances {
    using floats = ::xsimd::batch<float, A>;
    using ints = ::xsimd::batch<std::int32_t, A>;
    using words = ::xsimd::batch<std::uint32_t, A>;
    using shorts = ::xsimd::batch<std::int16_t, A>;
    using signed_bytes = ::xsimd::batch<std::int8_t, A>;
    using bytes = ::xsimd::batch<std::uint8_t, A>;

    static constexpr std::size_t lanes = floats::size;

    template <class T>
    static constexpr std::size_t per_vector = sizeof(T) == 1 ? lanes * 4 : lanes;
    template <class T>
    using sums_of = std::conditional_t<sizeof(T) == 1, words, floats>;

    template <class To, class Batch>
    [[gnu::always_inline]] static ::xsimd::batch<To, A> as(const Batch& v) noexcept {
        return batches::as<To>(v);
    }

    // ---- What one batch holds.

    [[gnu::always_inline]] static floats load(const float* p) noexcept { return floats::load_unaligned(p); }
    [[gnu::always_inline]] static floats load(const f16* p) noexcept { return batches::load_f16<A>(p); }
    [[gnu::always_inline]] static floats load(const bf16* p) noexcept { return as<float>(batches::widen<A>(p) << 16); }
    [[gnu::always_inline]] static signed_bytes load(const std::int8_t* p) noexcept {
        return signed_bytes::load_unaligned(p);
    }
    [[gnu::always_inline]] static signed_bytes load(const std::uint8_t* p) noexcept {
        return batches::load<std::int8_t, A>(p);
    }

    // The batch without its first `count` elements of `Bytes` bytes, which become zero.
    template <std::size_t Bytes, class Batch>
    [[gnu::always_inline]] static Batch without(const Batch& v, std::size_t count) noexcept {
        const auto mask = batches::load<std::uint32_t, A>(tail_mask.bytes + 64 - Bytes * count);
        return as<typename Batch::value_type>(as<std::uint32_t>(v) & mask);
    }

    // The last full batch of `n` elements without those before the last `left` ones.
    template <class T>
    [[gnu::always_inline]] static auto load_tail(const T* p, std::size_t left, std::size_t n) noexcept {
        constexpr std::size_t width = per_vector<T>;
        return without<lanes * 4 / width>(load(p + (n - width)), width - left);
    }
    // All of fewer elements than a batch has.
    template <class T>
    [[gnu::always_inline]] static auto load_short(const T* p, std::size_t n) noexcept {
        T padded[per_vector<T>] = {};
        __builtin_memcpy(padded, p, (n < per_vector<T> ? n : per_vector<T>)*sizeof(T));
        return load(padded);
    }

    // ---- One step of each operation: the sum so far and two batches.

    [[gnu::always_inline]] static floats step(dot, const floats& sum, const floats& a, const floats& b) noexcept {
        return ::xsimd::fma(a, b, sum);
    }
    [[gnu::always_inline]] static floats step(l2_squared, const floats& sum, const floats& a,
                                              const floats& b) noexcept {
        const floats d = a - b;
        return ::xsimd::fma(d, d, sum);
    }
    [[gnu::always_inline]] static floats step(l1, const floats& sum, const floats& a, const floats& b) noexcept {
        return sum + ::xsimd::abs(a - b);
    }
    // Compared as integers, so that a NaN is above infinity and stays.
    [[gnu::always_inline]] static floats larger(const floats& a, const floats& b) noexcept {
        return as<float>(::xsimd::max(as<std::int32_t>(a), as<std::int32_t>(b)));
    }
    [[gnu::always_inline]] static floats step(linf, const floats& most, const floats& a, const floats& b) noexcept {
        return larger(most, ::xsimd::abs(a - b));
    }

    [[gnu::always_inline]] static words multiply_pairs(const shorts& a, const shorts& b) noexcept {
        return as<std::uint32_t>(batches::multiply_pairs(a, b));
    }
    [[gnu::always_inline]] static words step(dot, const words& sum, const signed_bytes& a,
                                             const signed_bytes& b) noexcept {
        const shorts x = as<std::int16_t>(a);
        const shorts y = as<std::int16_t>(b);
        return sum + multiply_pairs(x << 8 >> 8, y << 8 >> 8) + multiply_pairs(x >> 8, y >> 8);
    }
    [[gnu::always_inline]] static bytes distances_of(const signed_bytes& a, const signed_bytes& b) noexcept {
        return as<std::uint8_t>(::xsimd::max(a, b) - ::xsimd::min(a, b)); // 0 to 255
    }
    [[gnu::always_inline]] static words step(l2_squared, const words& sum, const signed_bytes& a,
                                             const signed_bytes& b) noexcept {
        const words d = as<std::uint32_t>(distances_of(a, b));
        const shorts even = as<std::int16_t>(d & words(0x00FF00FF));
        const shorts odd = as<std::int16_t>(d >> 8 & words(0x00FF00FF));
        return sum + multiply_pairs(even, even) + multiply_pairs(odd, odd);
    }
    [[gnu::always_inline]] static words sum_of_bytes(const words& sum, const words& v) noexcept {
        const words pairs = (v & words(0x00FF00FF)) + (v >> 8 & words(0x00FF00FF));
        return sum + (pairs & words(0xFFFF)) + (pairs >> 16);
    }
    [[gnu::always_inline]] static words step(l1, const words& sum, const signed_bytes& a,
                                             const signed_bytes& b) noexcept {
        return sum_of_bytes(sum, as<std::uint32_t>(distances_of(a, b)));
    }
    [[gnu::always_inline]] static words larger(const words& a, const words& b) noexcept {
        return as<std::uint32_t>(::xsimd::max(as<std::uint8_t>(a), as<std::uint8_t>(b)));
    }
    [[gnu::always_inline]] static words step(linf, const words& most, const signed_bytes& a,
                                             const signed_bytes& b) noexcept {
        return larger(most, as<std::uint32_t>(distances_of(a, b)));
    }
    [[gnu::always_inline]] static words step(hamming, const words& sum, const signed_bytes& a,
                                             const signed_bytes& b) noexcept {
        words bits = as<std::uint32_t>(a ^ b);
        bits = bits - (bits >> 1 & words(0x55555555));
        bits = (bits & words(0x33333333)) + (bits >> 2 & words(0x33333333));
        return sum_of_bytes(sum, (bits + (bits >> 4)) & words(0x0F0F0F0F));
    }

    // ---- From the sums of the lanes to the result.

    template <class Operation, class Batch>
    [[gnu::always_inline]] static Batch join(const Batch& a, const Batch& b) noexcept {
        if constexpr (std::is_same_v<Operation, linf>)
            return larger(a, b);
        else
            return a + b;
    }

    template <class Element, class Batch>
    [[gnu::always_inline]] static Element largest_element(const Batch& v) noexcept {
        constexpr std::size_t count = sizeof(Batch) / sizeof(Element);
        std::uint32_t lane[lanes];
        as<std::uint32_t>(v).store_unaligned(lane);
        Element all[count];
        __builtin_memcpy(all, lane, sizeof all);
        Element most = all[0];
        for (std::size_t i = 1; i < count; ++i) most = all[i] > most ? all[i] : most;
        return most;
    }

    template <class Operation>
    [[gnu::always_inline]] static float total(const floats& sums) noexcept {
        if constexpr (std::is_same_v<Operation, linf>)
            return std::bit_cast<float>(largest_element<std::uint32_t>(sums));
        else
            return batches::sum(sums);
    }
    template <class Operation>
    [[gnu::always_inline]] static std::int64_t total(const words& sums) noexcept {
        if constexpr (std::is_same_v<Operation, linf>)
            return largest_element<std::uint8_t>(sums);
        else if constexpr (std::is_same_v<Operation, dot>)
            return batches::sum(as<std::int32_t>(sums));
        else
            return batches::sum(sums);
    }

    // ---- The loops.

    template <class Operation, class Query, class Row>
    [[gnu::always_inline]] static auto one_row(const Query* q, const Row* r, std::size_t n) noexcept {
        constexpr std::size_t width = per_vector<Row>;
        constexpr Operation operation;
        sums_of<Row> s0(0);
        sums_of<Row> s1(0);
        sums_of<Row> s2(0);
        sums_of<Row> s3(0);
        std::size_t i = 0;
        for (; i + 4 * width <= n; i += 4 * width) {
            s0 = step(operation, s0, load(q + i), load(r + i));
            s1 = step(operation, s1, load(q + i + width), load(r + i + width));
            s2 = step(operation, s2, load(q + i + 2 * width), load(r + i + 2 * width));
            s3 = step(operation, s3, load(q + i + 3 * width), load(r + i + 3 * width));
        }
        for (; i + width <= n; i += width) s0 = step(operation, s0, load(q + i), load(r + i));
        if (const std::size_t left = n % width; left != 0) {
            if (n < width)
                s1 = step(operation, s1, load_short(q, n), load_short(r, n));
            else
                s1 = step(operation, s1, load_tail(q, left, n), load_tail(r, left, n));
        }
        return total<Operation>(join<Operation>(join<Operation>(s0, s1), join<Operation>(s2, s3)));
    }

    // Four rows at once: the query is loaded once for all, and eight sums grow independently of each other.
    template <class Operation, class Query, class Row>
    [[gnu::always_inline]] static void four_rows(const Query* q, const Row* r0, const Row* r1, const Row* r2,
                                                 const Row* r3, std::size_t n, float* out) noexcept {
        constexpr std::size_t width = per_vector<Row>;
        constexpr Operation operation;
        using sums = sums_of<Row>;
        sums s0(0), s1(0), s2(0), s3(0), t0(0), t1(0), t2(0), t3(0);
        std::size_t i = 0;
        for (; i + 2 * width <= n; i += 2 * width) {
            const auto a = load(q + i);
            const auto b = load(q + i + width);
            s0 = step(operation, s0, a, load(r0 + i));
            s1 = step(operation, s1, a, load(r1 + i));
            s2 = step(operation, s2, a, load(r2 + i));
            s3 = step(operation, s3, a, load(r3 + i));
            t0 = step(operation, t0, b, load(r0 + i + width));
            t1 = step(operation, t1, b, load(r1 + i + width));
            t2 = step(operation, t2, b, load(r2 + i + width));
            t3 = step(operation, t3, b, load(r3 + i + width));
        }
        for (; i + width <= n; i += width) {
            const auto a = load(q + i);
            s0 = step(operation, s0, a, load(r0 + i));
            s1 = step(operation, s1, a, load(r1 + i));
            s2 = step(operation, s2, a, load(r2 + i));
            s3 = step(operation, s3, a, load(r3 + i));
        }
        if (const std::size_t left = n % width; left != 0) {
            const auto a = load_tail(q, left, n);
            t0 = step(operation, t0, a, load_tail(r0, left, n));
            t1 = step(operation, t1, a, load_tail(r1, left, n));
            t2 = step(operation, t2, a, load_tail(r2, left, n));
            t3 = step(operation, t3, a, load_tail(r3, left, n));
        }
        out[0] = static_cast<float>(total<Operation>(join<Operation>(s0, t0)));
        out[1] = static_cast<float>(total<Operation>(join<Operation>(s1, t1)));
        out[2] = static_cast<float>(total<Operation>(join<Operation>(s2, t2)));
        out[3] = static_cast<float>(total<Operation>(join<Operation>(s3, t3)));
    }

    // ---- The functions of a `distance_kernel`.

    template <class Operation, class Query, class Row, std::size_t Dimension>
    static float one(const Query* query, const Row* row, std::size_t n) noexcept {
        if constexpr (Dimension != 0) n = Dimension;
        if constexpr (sizeof(Row) == 1) {
            std::int64_t sum = 0;
            const auto add = [&sum](std::int64_t part) {
                sum = !std::is_same_v<Operation, linf> ? sum + part : part > sum ? part : sum;
            };
            for (; n > exact_bytes; n -= exact_bytes) {
                add(one_row<Operation>(query, row, exact_bytes));
                query += exact_bytes;
                row += exact_bytes;
            }
            add(one_row<Operation>(query, row, n));
            return static_cast<float>(sum);
        } else {
            return one_row<Operation>(query, row, n);
        }
    }

    template <class Row>
    static constexpr bool fits_four(std::size_t n) noexcept {
        return n >= per_vector<Row> && (sizeof(Row) > 1 || n <= exact_bytes);
    }

    // `row(i)` is where row `i` is.
    template <class Operation, class Query, class Row, std::size_t Dimension, class At>
    [[gnu::always_inline]] static void rows_at(const Query* query, const At& row, std::size_t count, std::size_t n,
                                               float* out) noexcept {
        if constexpr (Dimension != 0) n = Dimension;
        std::size_t i = 0;
        if (fits_four<Row>(n))
            for (; count - i >= 4; i += 4)
                four_rows<Operation>(query, row(i), row(i + 1), row(i + 2), row(i + 3), n, out + i);
        for (; i < count; ++i) out[i] = one<Operation, Query, Row, Dimension>(query, row(i), n);
    }

    template <class Operation, class Query, class Row, std::size_t Dimension>
    static void many(const Query* query, const Row* const* rows, std::size_t count, std::size_t n,
                     float* out) noexcept {
        rows_at<Operation, Query, Row, Dimension>(query, [rows](std::size_t i) { return rows[i]; }, count, n, out);
    }

    template <class Operation, class Query, class Row, std::size_t Dimension>
    static void block(const Query* query, const Row* rows, std::size_t stride, std::size_t count, std::size_t n,
                      float* out) noexcept {
        rows_at<Operation, Query, Row, Dimension>(
            query, [rows, stride](std::size_t i) { return rows + i * stride; }, count, n, out);
    }

    template <class Operation, class Query, class Row, std::size_t Dimension>
    static constexpr distance_kernel<Operation, Query, Row> kernel = {&one<Operation, Query, Row, Dimension>,
                                                                      &many<Operation, Query, Row, Dimension>,
                                                                      &block<Operation, Query, Row, Dimension>};

    // ---- One query against the columns of a matrix; `count` is a multiple of 16.

    template <class Operation>
    static void column_distances(const float* query, const float* columns, std::size_t n, std::size_t count,
                                 float* out) noexcept {
        for (std::size_t j = 0; j < count; j += lanes) {
            floats sums(0);
            for (std::size_t d = 0; d < n; ++d)
                sums = step(Operation{}, sums, floats(query[d]), load(columns + d * count + j));
            sums.store_unaligned(out + j);
        }
    }

    template <class Operation>
    static std::size_t nearest_column(const float* query, const float* columns, std::size_t n, std::size_t count,
                                      float* distance) noexcept {
        floats best(std::bit_cast<float>(std::uint32_t{0x7F800000}));
        floats where(0); // the column of the first lane, as bits: masks of other types than float are not needed
        for (std::size_t j = 0; j < count; j += lanes) {
            floats sums(0);
            for (std::size_t d = 0; d < n; ++d)
                sums = step(Operation{}, sums, floats(query[d]), load(columns + d * count + j));
            const auto nearer = sums < best;
            best = ::xsimd::select(nearer, sums, best);
            where = ::xsimd::select(nearer, as<float>(words(static_cast<std::uint32_t>(j))), where);
        }
        float least[lanes];
        std::uint32_t column[lanes];
        best.store_unaligned(least);
        as<std::uint32_t>(where).store_unaligned(column);
        std::size_t nearest = column[0];
        *distance = least[0];
        for (std::size_t i = 1; i < lanes; ++i) {
            const std::size_t at = column[i] + i;
            if (least[i] < *distance || (least[i] == *distance && at < nearest)) {
                *distance = least[i];
                nearest = at;
            }
        }
        return nearest;
    }
};

} // namespace weft::inline v0::simd::detail
