// SPDX-License-Identifier: BSL-1.0

// Included by distance_sets.hpp once per instruction set, inside a namespace of the set's name, which has defined
// `lanes` (floats in a vector), WEFT_SIMD_TARGET, WEFT_SIMD_INLINE and WEFT_SIMD_SET (0 any processor, 1 AVX2 with FMA
// and F16C, 2 AVX-512). As in groups.hpp the vectors are those of the compilers, because no header has to be read for
// them; the few instructions they have no word for are written as assembly.
//
// Numbers of 16 bits become floats when they are loaded; bytes are summed as 32-bit integers. What does not fill a
// vector at the end is read as part of the last full vector, whose elements that were counted before are zeroed: no
// operation sees a difference between a pair of zeros and nothing. Rows shorter than one vector are copied into zeros.

typedef float floats __attribute__((vector_size(lanes * 4)));
typedef std::int32_t ints __attribute__((vector_size(lanes * 4)));
typedef std::uint32_t words __attribute__((vector_size(lanes * 4)));
typedef std::int16_t shorts __attribute__((vector_size(lanes * 4)));
typedef std::int8_t signed_bytes __attribute__((vector_size(lanes * 4)));
typedef std::uint8_t bytes __attribute__((vector_size(lanes * 4)));
typedef std::uint16_t halves __attribute__((vector_size(lanes * 2)));

// ---- Instructions that the vectors of the compilers cannot name.

// Products of neighbours, added in pairs to 32 bits.
WEFT_SIMD_INLINE words multiply_pairs(shorts a, shorts b) noexcept {
#if WEFT_SIMD_SET > 0
    words sum;
    __asm__("vpmaddwd {%2, %1, %0|%0, %1, %2}" : "=v"(sum) : "v"(a), "v"(b));
    return sum;
#elif defined(__SSE2__)
    words sum = (words)a;
    __asm__("pmaddwd {%1, %0|%0, %1}" : "+x"(sum) : "x"(b));
    return sum;
#else
    const ints even = ((ints)a << 16 >> 16) * ((ints)b << 16 >> 16);
    return (words)(even + ((ints)a >> 16) * ((ints)b >> 16));
#endif
}

WEFT_SIMD_INLINE floats from_f16(halves h) noexcept {
#if WEFT_SIMD_SET > 0
    floats v;
    __asm__("vcvtph2ps {%1, %0|%0, %1}" : "=v"(v) : "v"(h));
    return v;
#else
    // The exponent is moved by a multiplication, which is right for denormals, too. Infinity and NaN are apart.
    const words bits = __builtin_convertvector(h, words);
    const words rest = (bits & 0x7FFF) << 13;
    const words value = (words)((floats)rest * 0x1p112F) | ((words)(rest >= 0x0F800000) & 0x7F800000);
    return (floats)(value | (bits & 0x8000) << 16);
#endif
}

#if WEFT_SIMD_SET == 2
// Adds to each sum the products of four bytes with four signed bytes.
WEFT_SIMD_INLINE words add_products_vnni(words sum, bytes a, bytes b) noexcept {
    __asm__("vpdpbusd {%2, %1, %0|%0, %1, %2}" : "+v"(sum) : "v"(a), "v"(b));
    return sum;
}

// Adds to each sum the products of two bf16.
WEFT_SIMD_INLINE floats add_products_bf16(floats sum, words a, words b) noexcept {
    __asm__("vdpbf16ps {%2, %1, %0|%0, %1, %2}" : "+v"(sum) : "v"(a), "v"(b));
    return sum;
}

WEFT_SIMD_INLINE words count_bits(words v) noexcept {
    words counts;
    __asm__("vpopcntd {%1, %0|%0, %1}" : "=v"(counts) : "v"(v));
    return counts;
}
#endif

// ---- What one vector holds: floats from floats of any size, bytes from bytes, pairs of bf16 for their instruction.

template <class Operation, class T>
inline constexpr std::size_t per_vector = detail::is_pairs<Operation> ? lanes * 2
                                          : sizeof(T) == 1            ? lanes * 4
                                                                      : lanes;

template <class Operation>
WEFT_SIMD_INLINE floats load(const float* p) noexcept {
    floats v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
}

template <class Operation>
WEFT_SIMD_INLINE auto load(const bf16* p) noexcept {
    if constexpr (detail::is_pairs<Operation>) {
        words v;
        __builtin_memcpy(&v, p, sizeof v);
        return v;
    } else {
        halves v;
        __builtin_memcpy(&v, p, sizeof v);
        return (floats)(__builtin_convertvector(v, words) << 16);
    }
}

template <class Operation>
WEFT_SIMD_INLINE floats load(const f16* p) noexcept {
    halves v;
    __builtin_memcpy(&v, p, sizeof v);
    return from_f16(v);
}

template <class Operation>
WEFT_SIMD_INLINE bytes load(const std::int8_t* p) noexcept {
    bytes v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
}

template <class Operation>
WEFT_SIMD_INLINE bytes load(const std::uint8_t* p) noexcept {
    bytes v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
}

// The vector without its first `count` elements of `Bytes` bytes, which become zero.
template <std::size_t Bytes, class Vector>
WEFT_SIMD_INLINE Vector without(Vector v, std::size_t count) noexcept {
    bytes mask;
    __builtin_memcpy(&mask, detail::tail_mask.bytes + 64 - Bytes * count, sizeof mask);
    return (Vector)((bytes)v & mask);
}

// ---- One step of each operation: the sum so far and two vectors.

WEFT_SIMD_INLINE floats step(dot, floats sum, floats a, floats b) noexcept {
    return sum + a * b; // fused where the set can
}

WEFT_SIMD_INLINE floats step(l2_squared, floats sum, floats a, floats b) noexcept {
    const floats d = a - b;
    return sum + d * d;
}

WEFT_SIMD_INLINE words magnitude(floats v) noexcept {
    return (words)v & 0x7FFFFFFF;
}

WEFT_SIMD_INLINE floats step(l1, floats sum, floats a, floats b) noexcept {
    return sum + (floats)magnitude(a - b);
}

// Compared as integers, so that a NaN is above infinity and stays.
WEFT_SIMD_INLINE words larger(words a, words b) noexcept {
    return (ints)a > (ints)b ? a : b;
}

WEFT_SIMD_INLINE floats step(linf, floats most, floats a, floats b) noexcept {
    return (floats)larger((words)most, magnitude(a - b));
}

WEFT_SIMD_INLINE words step(dot, words sum, bytes a, bytes b) noexcept {
    const words even = multiply_pairs((shorts)a << 8 >> 8, (shorts)b << 8 >> 8);
    return sum + even + multiply_pairs((shorts)a >> 8, (shorts)b >> 8);
}

WEFT_SIMD_INLINE bytes distances(bytes a, bytes b) noexcept { // of signed bytes: 0 to 255
    return (signed_bytes)a > (signed_bytes)b ? a - b : b - a;
}

WEFT_SIMD_INLINE words step(l2_squared, words sum, bytes a, bytes b) noexcept {
    const bytes d = distances(a, b);
    const shorts even = (shorts)d & 0xFF;
    const shorts odd = (shorts)d >> 8 & 0xFF;
    return sum + multiply_pairs(even, even) + multiply_pairs(odd, odd);
}

WEFT_SIMD_INLINE words sum_of_bytes(words sum, bytes v) noexcept {
    const words pairs = ((words)v & 0x00FF00FF) + ((words)v >> 8 & 0x00FF00FF);
    return sum + (pairs & 0xFFFF) + (pairs >> 16);
}

WEFT_SIMD_INLINE words step(l1, words sum, bytes a, bytes b) noexcept {
    return sum_of_bytes(sum, distances(a, b));
}

WEFT_SIMD_INLINE bytes larger(bytes a, bytes b) noexcept {
    return a > b ? a : b;
}

WEFT_SIMD_INLINE words step(linf, words most, bytes a, bytes b) noexcept {
    return (words)larger((bytes)most, distances(a, b));
}

WEFT_SIMD_INLINE words step(hamming, words sum, bytes a, bytes b) noexcept {
    words bits = (words)(a ^ b);
    bits -= bits >> 1 & 0x55555555;
    bits = (bits & 0x33333333) + (bits >> 2 & 0x33333333);
    return sum_of_bytes(sum, (bytes)((bits + (bits >> 4)) & 0x0F0F0F0F));
}

#if WEFT_SIMD_SET == 2
// The rows' bytes plus 128 times the query's; 128 times the query is taken away at the end.
WEFT_SIMD_INLINE words step(detail::dot_vnni, words sum, bytes a, bytes b) noexcept {
    return add_products_vnni(sum, b ^ 0x80, a);
}

WEFT_SIMD_INLINE floats step(detail::dot_bf16, floats sum, words a, words b) noexcept {
    return add_products_bf16(sum, a, b);
}

WEFT_SIMD_INLINE words step(detail::hamming_popcnt, words sum, bytes a, bytes b) noexcept {
    return sum + count_bits((words)(a ^ b));
}
#endif

// What an operation needs to know of the query alone.
template <class Operation, class Vector>
WEFT_SIMD_INLINE words query_step(words sum, Vector a) noexcept {
#if WEFT_SIMD_SET == 2
    if constexpr (std::is_same_v<Operation, detail::dot_vnni>) return add_products_vnni(sum, bytes{} + 128, a);
#endif
    static_cast<void>(a);
    return sum;
}

// ---- From the sums of the lanes to the result.

template <class Operation, class Vector>
WEFT_SIMD_INLINE Vector join(Vector a, Vector b) noexcept {
    if constexpr (!std::is_same_v<Operation, linf>)
        return a + b;
    else if constexpr (std::is_same_v<Vector, words>)
        return (words)larger((bytes)a, (bytes)b);
    else
        return (Vector)larger((words)a, (words)b);
}

typedef float four_floats __attribute__((vector_size(16)));
typedef std::uint32_t four_words __attribute__((vector_size(16)));

template <class Vector>
WEFT_SIMD_INLINE auto four_of_lanes(Vector v) noexcept {
    std::conditional_t<std::is_same_v<Vector, floats>, four_floats, four_words> parts[lanes / 4];
    __builtin_memcpy(&parts, &v, sizeof v);
    if constexpr (lanes == 8) return parts[0] + parts[1];
    if constexpr (lanes == 16) return (parts[0] + parts[1]) + (parts[2] + parts[3]);
    if constexpr (lanes == 4) return parts[0];
}

template <class Vector>
WEFT_SIMD_INLINE auto sum_of_lanes(Vector v) noexcept {
    const auto s = four_of_lanes(v);
    return (s[0] + s[2]) + (s[1] + s[3]);
}

template <class Operation>
WEFT_SIMD_INLINE float total(floats sums, words) noexcept {
    if constexpr (std::is_same_v<Operation, linf>) {
        std::uint32_t most = 0;
        for (int i = 0; i < lanes; ++i) {
            const std::uint32_t lane = ((words)sums)[i];
            if (lane > most) most = lane;
        }
        return std::bit_cast<float>(most);
    } else {
        return sum_of_lanes(sums);
    }
}

template <class Operation>
WEFT_SIMD_INLINE std::int64_t total(words sums, words of_query) noexcept {
    if constexpr (std::is_same_v<Operation, linf>) {
        std::uint8_t most = 0;
        for (int i = 0; i < lanes * 4; ++i)
            if (((bytes)sums)[i] > most) most = ((bytes)sums)[i];
        return most;
    } else {
        const std::uint32_t sum = sum_of_lanes(sums - of_query);
        if constexpr (detail::is_dot<Operation>) return static_cast<std::int32_t>(sum);
        return sum;
    }
}

// The results of four rows. Sums of floats are added up together, in the order of `sum_of_lanes`.
template <class Operation, class Vector>
WEFT_SIMD_INLINE void store_totals(Vector s0, Vector s1, Vector s2, Vector s3, words of_query, float* out) noexcept {
    if constexpr (std::is_same_v<Vector, floats> && !std::is_same_v<Operation, linf>) {
        const four_floats a = four_of_lanes(s0);
        const four_floats b = four_of_lanes(s1);
        const four_floats c = four_of_lanes(s2);
        const four_floats d = four_of_lanes(s3);
        const four_floats ab = __builtin_shufflevector(a, b, 0, 4, 1, 5) + __builtin_shufflevector(a, b, 2, 6, 3, 7);
        const four_floats cd = __builtin_shufflevector(c, d, 0, 4, 1, 5) + __builtin_shufflevector(c, d, 2, 6, 3, 7);
        const four_floats all =
            __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
        __builtin_memcpy(out, &all, sizeof all);
    } else {
        out[0] = static_cast<float>(total<Operation>(s0, of_query));
        out[1] = static_cast<float>(total<Operation>(s1, of_query));
        out[2] = static_cast<float>(total<Operation>(s2, of_query));
        out[3] = static_cast<float>(total<Operation>(s3, of_query));
    }
}

// ---- The loops.

template <class T>
using sums_of = std::conditional_t<sizeof(T) == 1, words, floats>;

// How many elements of the last full vector were counted before, and that vector without them.
template <class Operation, class T>
WEFT_SIMD_INLINE auto load_tail(const T* p, std::size_t at, std::size_t n) noexcept {
    constexpr std::size_t width = per_vector<Operation, T>;
    return without<std::size_t{lanes} * 4 / width>(load<Operation>(p + (n - width)), width - (n - at));
}

template <class Operation, class T>
WEFT_SIMD_INLINE auto load_short(const T* p, std::size_t n) noexcept {
    constexpr std::size_t width = per_vector<Operation, T>;
    T padded[width] = {};
    __builtin_memcpy(padded, p, (n < width ? n : width) * sizeof(T)); // the compiler may not know that n is less
    return load<Operation>(padded);
}

template <class Operation, class Query, class Row>
WEFT_SIMD_INLINE auto one_row(const Query* q, const Row* r, std::size_t n) noexcept {
    constexpr std::size_t width = per_vector<Operation, Row>;
    constexpr Operation operation;
    sums_of<Row> s0{};
    sums_of<Row> s1{};
    sums_of<Row> s2{};
    sums_of<Row> s3{};
    words of_query{};
    std::size_t i = 0;
    for (; i + 4 * width <= n; i += 4 * width) {
        const auto a0 = load<Operation>(q + i);
        const auto a1 = load<Operation>(q + i + width);
        const auto a2 = load<Operation>(q + i + 2 * width);
        const auto a3 = load<Operation>(q + i + 3 * width);
        s0 = step(operation, s0, a0, load<Operation>(r + i));
        s1 = step(operation, s1, a1, load<Operation>(r + i + width));
        s2 = step(operation, s2, a2, load<Operation>(r + i + 2 * width));
        s3 = step(operation, s3, a3, load<Operation>(r + i + 3 * width));
        of_query = query_step<Operation>(of_query, a0);
        of_query = query_step<Operation>(of_query, a1);
        of_query = query_step<Operation>(of_query, a2);
        of_query = query_step<Operation>(of_query, a3);
    }
    for (; i + width <= n; i += width) {
        const auto a = load<Operation>(q + i);
        s0 = step(operation, s0, a, load<Operation>(r + i));
        of_query = query_step<Operation>(of_query, a);
    }
    if (i < n) {
        const bool is_short = n < width;
        const auto a = is_short ? load_short<Operation>(q, n) : load_tail<Operation>(q, i, n);
        s1 = step(operation, s1, a, is_short ? load_short<Operation>(r, n) : load_tail<Operation>(r, i, n));
        of_query = query_step<Operation>(of_query, a);
    }
    return total<Operation>(join<Operation>(join<Operation>(s0, s1), join<Operation>(s2, s3)), of_query);
}

// Four rows at once: the query is loaded once for all, and eight sums grow independently of each other.
template <class Operation, class Query, class Row>
WEFT_SIMD_INLINE void four_rows(const Query* q, const Row* r0, const Row* r1, const Row* r2, const Row* r3,
                                std::size_t n, float* out) noexcept {
    constexpr std::size_t width = per_vector<Operation, Row>;
    constexpr Operation operation;
    sums_of<Row> s0{};
    sums_of<Row> s1{};
    sums_of<Row> s2{};
    sums_of<Row> s3{};
    sums_of<Row> t0{};
    sums_of<Row> t1{};
    sums_of<Row> t2{};
    sums_of<Row> t3{};
    words of_query{};
    std::size_t i = 0;
    for (; i + 2 * width <= n; i += 2 * width) {
        const auto a = load<Operation>(q + i);
        const auto b = load<Operation>(q + i + width);
        s0 = step(operation, s0, a, load<Operation>(r0 + i));
        s1 = step(operation, s1, a, load<Operation>(r1 + i));
        s2 = step(operation, s2, a, load<Operation>(r2 + i));
        s3 = step(operation, s3, a, load<Operation>(r3 + i));
        t0 = step(operation, t0, b, load<Operation>(r0 + i + width));
        t1 = step(operation, t1, b, load<Operation>(r1 + i + width));
        t2 = step(operation, t2, b, load<Operation>(r2 + i + width));
        t3 = step(operation, t3, b, load<Operation>(r3 + i + width));
        of_query = query_step<Operation>(query_step<Operation>(of_query, a), b);
    }
    for (; i + width <= n; i += width) {
        const auto a = load<Operation>(q + i);
        s0 = step(operation, s0, a, load<Operation>(r0 + i));
        s1 = step(operation, s1, a, load<Operation>(r1 + i));
        s2 = step(operation, s2, a, load<Operation>(r2 + i));
        s3 = step(operation, s3, a, load<Operation>(r3 + i));
        of_query = query_step<Operation>(of_query, a);
    }
    if (i < n) {
        const auto a = load_tail<Operation>(q, i, n);
        t0 = step(operation, t0, a, load_tail<Operation>(r0, i, n));
        t1 = step(operation, t1, a, load_tail<Operation>(r1, i, n));
        t2 = step(operation, t2, a, load_tail<Operation>(r2, i, n));
        t3 = step(operation, t3, a, load_tail<Operation>(r3, i, n));
        of_query = query_step<Operation>(of_query, a);
    }
    store_totals<Operation>(join<Operation>(s0, t0), join<Operation>(s1, t1), join<Operation>(s2, t2),
                            join<Operation>(s3, t3), of_query, out);
}

// ---- The functions of a `distance_kernel`.

template <class Operation, class Query, class Row, std::size_t Dimension>
WEFT_SIMD_TARGET float one(const Query* query, const Row* row, std::size_t n) noexcept {
    if constexpr (Dimension != 0) n = Dimension;
    if constexpr (sizeof(Row) == 1) {
        std::int64_t sum = 0;
        for (; n > detail::exact_bytes; n -= detail::exact_bytes) {
            const std::int64_t part = one_row<Operation>(query, row, detail::exact_bytes);
            sum = !std::is_same_v<Operation, linf> ? sum + part : part > sum ? part : sum;
            query += detail::exact_bytes;
            row += detail::exact_bytes;
        }
        const std::int64_t part = one_row<Operation>(query, row, n);
        return static_cast<float>(!std::is_same_v<Operation, linf> ? sum + part : part > sum ? part : sum);
    } else {
        return one_row<Operation>(query, row, n);
    }
}

template <class Operation, class Row>
WEFT_SIMD_INLINE bool fits_four(std::size_t n) noexcept {
    return n >= per_vector<Operation, Row> && (sizeof(Row) > 1 || n <= detail::exact_bytes);
}

template <class Operation, class Query, class Row, std::size_t Dimension>
WEFT_SIMD_TARGET void many(const Query* query, const Row* const* rows, std::size_t count, std::size_t n,
                           float* out) noexcept {
    if constexpr (Dimension != 0) n = Dimension;
    std::size_t i = 0;
    if (fits_four<Operation, Row>(n))
        for (; count - i >= 4; i += 4)
            four_rows<Operation>(query, rows[i], rows[i + 1], rows[i + 2], rows[i + 3], n, out + i);
    for (; i < count; ++i) out[i] = one<Operation, Query, Row, Dimension>(query, rows[i], n);
}

template <class Operation, class Query, class Row, std::size_t Dimension>
WEFT_SIMD_TARGET void block(const Query* query, const Row* rows, std::size_t stride, std::size_t count, std::size_t n,
                            float* out) noexcept {
    if constexpr (Dimension != 0) n = Dimension;
    std::size_t i = 0;
    if (fits_four<Operation, Row>(n))
        for (; count - i >= 4; i += 4) {
            const Row* const row = rows + i * stride;
            four_rows<Operation>(query, row, row + stride, row + 2 * stride, row + 3 * stride, n, out + i);
        }
    for (; i < count; ++i) out[i] = one<Operation, Query, Row, Dimension>(query, rows + i * stride, n);
}

template <class Operation, class Query, class Row, std::size_t Dimension>
inline constexpr distance_kernel<detail::public_operation<Operation>, Query, Row> kernel = {
    &one<Operation, Query, Row, Dimension>, &many<Operation, Query, Row, Dimension>,
    &block<Operation, Query, Row, Dimension>};

// ---- 16-bit floats from floats and back.

WEFT_SIMD_INLINE void store(floats v, bf16* to) noexcept {
    const words bits = (words)v;
    const words rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
    const words nan = (bits >> 16 | 0x40);
    const halves narrow = __builtin_convertvector(magnitude(v) > 0x7F800000 ? nan : rounded, halves);
    __builtin_memcpy(to, &narrow, sizeof narrow);
}

WEFT_SIMD_INLINE void store(floats v, f16* to) noexcept {
#if WEFT_SIMD_SET > 0
    halves narrow;
    __asm__("vcvtps2ph {$0, %1, %0|%0, %1, 0}" : "=v"(narrow) : "v"(v));
    __builtin_memcpy(to, &narrow, sizeof narrow);
#else
    for (int i = 0; i < lanes; ++i) to[i] = to_f16(v[i]);
#endif
}

WEFT_SIMD_INLINE void store(floats v, float* to) noexcept {
    __builtin_memcpy(to, &v, sizeof v);
}

template <class From, class To>
WEFT_SIMD_TARGET void convert(const From* from, std::size_t n, To* to) noexcept {
    if (n < lanes) {
        To padded[lanes];
        store(load_short<dot>(from, n), padded);
        __builtin_memcpy(to, padded, n * sizeof(To));
        return;
    }
    for (std::size_t i = 0; i < n - lanes; i += lanes) store(load<dot>(from + i), to + i);
    store(load<dot>(from + (n - lanes)), to + (n - lanes));
}

#include <weft/simd/detail/byte_code_loops.hpp>
#include <weft/simd/detail/code_scan_loops.hpp>
#include <weft/simd/detail/column_loops.hpp>
#include <weft/simd/detail/distance_matrix_loops.hpp>
#include <weft/simd/detail/sign_code_loops.hpp>
