// SPDX-License-Identifier: BSL-1.0
#pragma once

// Vectors as rows of codes, and the distances between a probe (a query, or one of the rows) and many rows. A codec has
// no state but the dimension; rows are whole cache lines and lie wherever the index keeps them.

#include <weft/simd/byte_codes.hpp>
#include <weft/simd/distances.hpp>
#include <weft/vector/detail/buffer.hpp>
#include <weft/vector/detail/sq8.hpp>
#include <weft/vector/metric.hpp>
#include <weft/vector/storage.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace weft::inline v0::vector::detail {

inline constexpr float most_distant = 3.4028234663852886e38F; // a distance that overflowed, or is none, is this one

/// The distance, as something that can be ordered.
inline float ordered(float distance) noexcept {
    return distance < most_distant ? distance : most_distant;
}

constexpr std::size_t round_up(std::size_t value, std::size_t unit) noexcept {
    return (value + unit - 1) / unit * unit;
}

/// Rows that are asked for before the distances of the first are computed: about as many lines as a core can wait for.
constexpr std::size_t rows_ahead(std::size_t row_bytes) noexcept {
    const std::size_t rows = 6144 / row_bytes;
    return rows < 4 ? 4 : rows > 16 ? 16 : rows / 4 * 4;
}

/// Calls `four(rows, count)` for the rows of `slots`, four or fewer at a time, and asks for later rows meanwhile.
template <class Four>
void visit_rows(const std::byte* base, std::size_t stride, std::size_t used, const std::uint32_t* slots,
                std::size_t count, bool cold, Four&& four) {
    const std::size_t ahead = rows_ahead(used);
    if (cold)
        for (std::size_t i = 0; i < count && i < ahead; ++i) prefetch_row(base + slots[i] * stride, used);
    for (std::size_t i = 0; i < count; i += 4) {
        if (cold)
            for (std::size_t j = i + ahead; j < count && j < i + ahead + 4; ++j)
                prefetch_row(base + slots[j] * stride, used);
        const std::byte* rows[4];
        const std::size_t here = count - i < 4 ? count - i : 4;
        for (std::size_t j = 0; j < 4; ++j) rows[j] = base + slots[i + (j < here ? j : 0)] * stride;
        four(rows, i, here);
    }
}

template <code_kind Codes>
struct code_element;
template <>
struct code_element<code_kind::f32> {
    using type = float;
    static float encode(float value) noexcept { return value; }
    static float decode(float value) noexcept { return value; }
};
template <>
struct code_element<code_kind::f16> {
    using type = simd::f16;
    static simd::f16 encode(float value) noexcept { return simd::to_f16(value); }
    static float decode(simd::f16 value) noexcept { return simd::to_float(value); }
};
template <>
struct code_element<code_kind::bf16> {
    using type = simd::bf16;
    static simd::bf16 encode(float value) noexcept { return simd::to_bf16(value); }
    static float decode(simd::bf16 value) noexcept { return simd::to_float(value); }
};

/// Floats of any size; probes are floats.
template <class Metric, code_kind Codes>
class codec {
    using traits = code_element<Codes>;
    using element = typename traits::type;

public:
    /// What distances are measured from. Shows a query or a row of floats, which must outlive it.
    class probe {
    public:
        explicit probe(const codec& codes) : decoded_(Codes == code_kind::f32 ? 0 : codes.dimension_ * sizeof(float)) {}

    private:
        friend codec;
        raw_memory decoded_;
        const float* values_ = nullptr;
    };

    explicit codec(std::size_t dimension)
        : dimension_(dimension), stride_(round_up(dimension * sizeof(element), raw_memory::line)) {}

    std::size_t stride() const noexcept { return stride_; }

    void encode(const float* values, std::byte* row) const noexcept {
        auto* out = reinterpret_cast<element*>(row);
        for (std::size_t i = 0; i < dimension_; ++i) out[i] = traits::encode(values[i]);
        std::memset(row + dimension_ * sizeof(element), 0, stride_ - dimension_ * sizeof(element));
    }
    void decode(const std::byte* row, float* values) const noexcept {
        const auto* in = reinterpret_cast<const element*>(row);
        for (std::size_t i = 0; i < dimension_; ++i) values[i] = traits::decode(in[i]);
    }

    void aim(probe& from, const float* values) const noexcept { from.values_ = values; }
    void aim_at_row(probe& from, const std::byte* row) const noexcept {
        if constexpr (Codes == code_kind::f32) {
            from.values_ = reinterpret_cast<const float*>(row);
        } else {
            auto* values = reinterpret_cast<float*>(from.decoded_.data());
            decode(row, values);
            from.values_ = values;
        }
    }

    /// The distances to the rows `slots` of `base`. `cold`: the rows are not expected in the cache.
    void distances(const probe& from, const std::byte* base, const std::uint32_t* slots, std::size_t count, float* out,
                   bool cold = true) const noexcept {
        visit_rows(base, stride_, dimension_ * sizeof(element), slots, count, cold,
                   [&](const std::byte* const* rows, std::size_t at, std::size_t here) {
                       const element* typed[4];
                       for (std::size_t j = 0; j < 4; ++j) typed[j] = reinterpret_cast<const element*>(rows[j]);
                       kernel_->many(from.values_, typed, here, dimension_, out + at);
                       for (std::size_t j = at; j < at + here; ++j) out[j] = ordered(Metric::from_kernel(out[j]));
                   });
    }

    /// The distances to `count` rows one after another, from `first` on.
    void scan(const probe& from, const std::byte* first, std::size_t count, float* out) const noexcept {
        kernel_->block(from.values_, reinterpret_cast<const element*>(first), stride_ / sizeof(element), count,
                       dimension_, out);
        for (std::size_t i = 0; i < count; ++i) out[i] = ordered(Metric::from_kernel(out[i]));
    }

private:
    using kernels = simd::distance_kernel<typename Metric::operation, float, element>;

    std::size_t dimension_;
    std::size_t stride_;
    const kernels* kernel_ =
        &simd::distance_kernels<typename Metric::operation, float, element, 0, typename arch_of<Metric>::type>();
};

/// 8-bit codes: a vector is `scale * c` with c from -127 to 127 and a scale of its own. Behind the codes of a row stand
/// a factor, for `l2` the squared length, and the sum of the codes. Distances are those between the vectors the codes
/// stand for, for `cosine` made unit length again.
template <class Metric>
class codec<Metric, code_kind::int8> {
    static_assert(Metric::kind == metric_kind::l2 || Metric::kind == metric_kind::inner_product ||
                      Metric::kind == metric_kind::cosine,
                  "int8 storage is for the metrics l2, inner_product and cosine");

    struct tail { // the last bytes of a row
        float factor;
        float norm;
        std::int32_t bias; // 128 times the sum of the codes
    };

public:
    class probe {
    public:
        explicit probe(const codec& codes) : codes_(codes.stride_) {}

    private:
        friend codec;
        raw_memory codes_;
        tail tail_{};
    };

    explicit codec(std::size_t dimension)
        : dimension_(dimension), padded_(round_up(dimension, raw_memory::line)),
          stride_(round_up(dimension + sizeof(tail), raw_memory::line)) {}

    std::size_t stride() const noexcept { return stride_; }

    void encode(const float* values, std::byte* row) const noexcept {
        std::memset(row + dimension_, 0, stride_ - dimension_);
        const tail scales = quantise(values, reinterpret_cast<std::int8_t*>(row));
        for (std::size_t i = 0; i < dimension_; ++i) row[i] ^= std::byte{0x80}; // c becomes c + 128
        std::memcpy(row + stride_ - sizeof(tail), &scales, sizeof(tail));
    }
    void decode(const std::byte* row, float* values) const noexcept {
        const auto* codes = reinterpret_cast<const std::uint8_t*>(row);
        const float factor = tail_of(row).factor; // for cosine this makes unit vectors
        for (std::size_t i = 0; i < dimension_; ++i) values[i] = factor * static_cast<float>(codes[i] - 128);
    }

    void aim(probe& from, const float* values) const noexcept {
        auto* codes = reinterpret_cast<std::int8_t*>(from.codes_.data());
        std::memset(codes + dimension_, 0, padded_ - dimension_);
        from.tail_ = quantise(values, codes);
    }
    void aim_at_row(probe& from, const std::byte* row) const noexcept {
        std::byte* codes = from.codes_.data();
        for (std::size_t i = 0; i < padded_; i += sizeof(std::uint64_t)) { // c + 128 and c differ in the highest bit
            std::uint64_t eight = 0;
            std::memcpy(&eight, row + i, sizeof eight);
            eight ^= 0x8080808080808080U;
            std::memcpy(codes + i, &eight, sizeof eight);
        }
        std::memset(codes + dimension_, 0, padded_ - dimension_);
        from.tail_ = tail_of(row);
    }

    void distances(const probe& from, const std::byte* base, const std::uint32_t* slots, std::size_t count, float* out,
                   bool cold = true) const noexcept {
        const auto* query = reinterpret_cast<const std::int8_t*>(from.codes_.data());
        visit_rows(base, stride_, stride_, slots, count, cold,
                   [&](const std::byte* const* rows, std::size_t at, std::size_t here) {
                       const std::uint8_t* typed[4];
                       for (std::size_t j = 0; j < 4; ++j) typed[j] = reinterpret_cast<const std::uint8_t*>(rows[j]);
                       std::int32_t sums[4];
                       kernel_(query, typed, padded_, sums);
                       for (std::size_t j = 0; j < here; ++j) out[at + j] = ordered(distance(from, rows[j], sums[j]));
                   });
    }

    void scan(const probe& from, const std::byte* first, std::size_t count, float* out) const noexcept {
        const auto* query = reinterpret_cast<const std::int8_t*>(from.codes_.data());
        for (std::size_t i = 0; i < count; i += 4) {
            const std::size_t here = count - i < 4 ? count - i : 4;
            const std::uint8_t* rows[4];
            for (std::size_t j = 0; j < 4; ++j)
                rows[j] = reinterpret_cast<const std::uint8_t*>(first + (i + (j < here ? j : 0)) * stride_);
            std::int32_t sums[4];
            kernel_(query, rows, padded_, sums);
            for (std::size_t j = 0; j < here; ++j)
                out[i + j] = ordered(distance(from, first + (i + j) * stride_, sums[j]));
        }
    }

private:
    /// Writes the codes and returns what belongs to them.
    tail quantise(const float* values, std::int8_t* codes) const noexcept {
        const float largest = simd::largest_magnitude(values, dimension_);
        if (!(largest > 0)) {
            std::memset(codes, 0, dimension_);
            return {0, 0, 0};
        }
        const float scale = largest / 127.0F;
        // The inverse is infinite for the smallest denormals: then every code is 127 or -127.
        const auto [sum, squares] = simd::quantise(values, dimension_, 1.0F / scale, codes);
        if constexpr (Metric::kind == metric_kind::cosine)
            return {1.0F / std::sqrt(static_cast<float>(squares)), 1, 128 * sum};
        else
            return {scale, scale * scale * static_cast<float>(squares), 128 * sum};
    }

    tail tail_of(const std::byte* row) const noexcept {
        tail scales;
        std::memcpy(&scales, row + stride_ - sizeof(tail), sizeof(tail));
        return scales;
    }

    float distance(const probe& from, const std::byte* row, std::int32_t sum) const noexcept {
        const tail scales = tail_of(row);
        const auto dot =
            static_cast<std::int32_t>(static_cast<std::uint32_t>(sum) - static_cast<std::uint32_t>(from.tail_.bias));
        const float product = static_cast<float>(dot) * from.tail_.factor * scales.factor;
        if constexpr (Metric::kind == metric_kind::l2) {
            const float squared = from.tail_.norm + scales.norm - 2.0F * product;
            return squared > 0 ? squared : 0;
        } else {
            return Metric::from_kernel(product);
        }
    }

    std::size_t dimension_;
    std::size_t padded_;
    std::size_t stride_;
    sq8_kernel kernel_ = sq8_four();
};

} // namespace weft::inline v0::vector::detail
