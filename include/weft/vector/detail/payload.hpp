// SPDX-License-Identifier: BSL-1.0
#pragma once

// What the lists of trained indexes hold: rows of codes as `flat` has them, or the codes of a product quantiser. A
// payload encodes vectors at places of a list and scans a list for a query; distances are those of the metric.

#include <weft/simd/code_scan.hpp>
#include <weft/vector/detail/buffer.hpp>
#include <weft/vector/detail/codes.hpp>
#include <weft/vector/detail/input.hpp>
#include <weft/vector/detail/row_scan.hpp>
#include <weft/vector/metric.hpp>
#include <weft/vector/product_quantiser.hpp>
#include <weft/vector/top_k.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace weft::inline v0::vector::detail {

/// The vectors themselves, or codes of 16 or 8 bits a number.
template <class Metric, class Storage>
class row_payload {
    using codec_type = codec<Metric, Storage::codes>;

public:
    static constexpr bool is_exact = Storage::codes == code_kind::f32;
    static constexpr bool uses_residuals = false;

    explicit row_payload(std::size_t dimension) : codec_(dimension) {}

    bool is_trained() const noexcept { return true; }
    /// Bytes of a list of `count`.
    std::size_t bytes(std::size_t count) const noexcept { return count * codec_.stride(); }
    void put(std::byte* list, std::size_t at, const float* values) const noexcept {
        codec_.encode(values, list + at * codec_.stride());
    }
    void move(std::byte* list, std::size_t from, std::size_t to) const noexcept {
        std::memmove(list + to * codec_.stride(), list + from * codec_.stride(), codec_.stride());
    }
    void decode(const std::byte* list, std::size_t at, float* values) const noexcept {
        codec_.decode(list + at * codec_.stride(), values);
    }

    /// A query on its way through lists.
    class searcher {
    public:
        searcher(const row_payload& payload, std::span<const float> prepared)
            : codec_(payload.codec_), prepared_(prepared), aim_(payload.codec_, prepared),
              scan_(payload.codec_, prepared.size()) {}

        template <class Sink, class IdOf, class Filter>
        void scan(const float*, const std::byte* list, std::size_t count, Sink& sink, IdOf&& id_of, Filter& filter) {
            float distances[batch];
            for (std::size_t begin = 0; begin < count; begin += batch) {
                const std::size_t here = count - begin < batch ? count - begin : batch;
                scan_.one(aim_.probe(), prepared_.data(), list + begin * codec_.stride(), here, distances);
                sink.offer(distances, here, [&](std::size_t i) { return id_of(begin + i); }, filter);
            }
        }

    private:
        static constexpr std::size_t batch = 64;
        const codec_type& codec_;
        std::span<const float> prepared_;
        aimed<codec_type, Metric> aim_;
        row_scan<Metric, Storage::codes> scan_;
    };

private:
    codec_type codec_;
};

/// The operation whose tables a product quantiser adds up, and what makes the metric of the sum.
template <class Metric>
struct pq_metric {
    static constexpr bool is_product = Metric::kind == metric_kind::inner_product;
    // Half of the squared distance between unit vectors is one minus their cosine.
    static constexpr float factor = is_product ? -1.0F : Metric::kind == metric_kind::cosine ? 0.5F : 1.0F;
};

/// A metric that is a sum over the pieces of vectors, or as good as one.
template <class Metric>
concept sum_metric = Metric::kind == metric_kind::l2 || Metric::kind == metric_kind::inner_product ||
                     Metric::kind == metric_kind::cosine || Metric::kind == metric_kind::l1;

/// Codes of 8 bits row by row, or codes of 4 bits in blocks for the fast scan. With several lists, of the differences
/// between vectors and the centroid of their list.
template <class Metric, unsigned Bits>
class pq_payload {
    static constexpr std::size_t block_rows = simd::rows_of_code_block;

public:
    static constexpr bool is_exact = false;
    static constexpr bool uses_residuals = true;

    pq_payload(std::size_t dimension, std::size_t pieces) : quantiser_(dimension, pieces, Bits) {}

    product_quantiser& quantiser() noexcept { return quantiser_; }
    const product_quantiser& quantiser() const noexcept { return quantiser_; }
    bool is_trained() const noexcept { return quantiser_.is_trained(); }

    std::size_t bytes(std::size_t count) const noexcept {
        if constexpr (Bits == 8) return count * quantiser_.pieces();
        return (count + block_rows - 1) / block_rows * block_bytes();
    }
    void put(std::byte* list, std::size_t at, const float* values) const {
        std::vector<std::uint8_t> codes(quantiser_.pieces());
        quantiser_.encode(values, codes.data());
        put_codes(list, at, codes.data());
    }
    void move(std::byte* list, std::size_t from, std::size_t to) const {
        std::vector<std::uint8_t> codes(quantiser_.pieces());
        get_codes(list, from, codes.data());
        put_codes(list, to, codes.data());
    }
    void decode(const std::byte* list, std::size_t at, float* values) const {
        std::vector<std::uint8_t> codes(quantiser_.pieces());
        get_codes(list, at, codes.data());
        quantiser_.decode(codes.data(), values);
    }

    class searcher {
    public:
        searcher(const pq_payload& payload, std::span<const float> prepared)
            : payload_(payload), query_(prepared), tables_(payload.quantiser_.pieces() * centroids) {
            if constexpr (Bits == 4) small_.resize(tables_.size());
        }

        /// `centroid` is that of the list, or null where vectors are encoded as they are.
        template <class Sink, class IdOf, class Filter>
        void scan(const float* centroid, const std::byte* list, std::size_t count, Sink& sink, IdOf&& id_of,
                  Filter& filter) {
            aim(centroid);
            const auto* codes = reinterpret_cast<const std::uint8_t*>(list);
            if constexpr (Bits == 8)
                scan_rows(codes, count, sink, id_of, filter);
            else
                scan_blocks(codes, count, sink, id_of, filter);
        }

    private:
        static constexpr std::size_t centroids = std::size_t{1} << Bits;
        using metric = pq_metric<Metric>;

        // Fills the tables. With products the part of the centroid is the same for the whole list.
        void aim(const float* centroid) {
            if constexpr (metric::is_product) {
                base_ = 0;
                if (centroid != nullptr)
                    base_ =
                        -simd::distance_kernels<simd::dot, float, float>().one(query_.data(), centroid, query_.size());
                if (!aimed_) fill(query_.data());
            } else {
                base_ = 0;
                if (centroid != nullptr) {
                    residual_.resize(query_.size());
                    for (std::size_t i = 0; i < query_.size(); ++i) residual_[i] = query_[i] - centroid[i];
                    fill(residual_.data());
                } else if (!aimed_) {
                    fill(query_.data());
                }
            }
            aimed_ = true;
        }

        void fill(const float* values) {
            using operation =
                std::conditional_t<metric::is_product, simd::dot,
                                   std::conditional_t<Metric::kind == metric_kind::l1, simd::l1, simd::l2_squared>>;
            payload_.quantiser_.template tables<operation>(values, tables_.data());
            for (float& entry : tables_) entry *= metric::factor;
            if constexpr (Bits == 4) shrink();
        }

        // The tables in bytes, rounded down: a sum of them never stands for more than the exact sum.
        void shrink() {
            const std::size_t pieces = payload_.quantiser_.pieces();
            float widest = 0;
            least_ = 0;
            for (std::size_t piece = 0; piece < pieces; ++piece) {
                const auto [low, high] = range_of(piece);
                least_ += low;
                widest = high - low > widest ? high - low : widest;
            }
            const std::size_t most = pieces <= 257 ? 255 : 65535 / pieces;
            unit_ = widest / static_cast<float>(most);
            const float per_unit = unit_ > 0 && widest < most_distant ? 1.0F / unit_ : 0.0F;
            for (std::size_t piece = 0; piece < pieces; ++piece) {
                const float low = range_of(piece).low;
                for (std::size_t i = 0; i < centroids; ++i) {
                    const float steps = (tables_[piece * centroids + i] - low) * per_unit;
                    const std::size_t whole = steps < static_cast<float>(most) ? static_cast<std::size_t>(steps) : most;
                    small_[piece * centroids + i] = static_cast<std::uint8_t>(whole);
                }
            }
        }

        struct bounds {
            float low;
            float high;
        };
        bounds range_of(std::size_t piece) const noexcept {
            const float* const table = tables_.data() + piece * centroids;
            bounds found{table[0], table[0]};
            for (std::size_t i = 1; i < centroids; ++i) {
                found.low = table[i] < found.low ? table[i] : found.low;
                found.high = table[i] > found.high ? table[i] : found.high;
            }
            return found;
        }

        template <class Sink, class IdOf, class Filter>
        void scan_rows(const std::uint8_t* codes, std::size_t count, Sink& sink, IdOf&& id_of, Filter& filter) {
            constexpr std::size_t batch = 64;
            const std::size_t pieces = payload_.quantiser_.pieces();
            float distances[batch];
            for (std::size_t begin = 0; begin < count; begin += batch) {
                const std::size_t here = count - begin < batch ? count - begin : batch;
                for (std::size_t i = 0; i < here; i += 4) {
                    const std::uint8_t* rows[4];
                    for (std::size_t r = 0; r < 4; ++r) rows[r] = codes + (begin + (i + r < here ? i + r : i)) * pieces;
                    four_sums(rows, pieces, distances + i, here - i);
                }
                sink.offer(distances, here, [&](std::size_t i) { return id_of(begin + i); }, filter);
            }
        }

        void four_sums(const std::uint8_t* const* rows, std::size_t pieces, float* out, std::size_t count) const {
            float a = base_;
            float b = base_;
            float c = base_;
            float d = base_;
            const float* table = tables_.data();
            for (std::size_t piece = 0; piece < pieces; ++piece, table += centroids) {
                a += table[rows[0][piece]];
                b += table[rows[1][piece]];
                c += table[rows[2][piece]];
                d += table[rows[3][piece]];
            }
            const float sums[4] = {a, b, c, d};
            for (std::size_t i = 0; i < 4 && i < count; ++i) out[i] = ordered(sums[i]);
        }

        // Whole blocks by the fast scan; only rows whose rounded sum does not exclude them are summed exactly.
        template <class Sink, class IdOf, class Filter>
        void scan_blocks(const std::uint8_t* codes, std::size_t count, Sink& sink, IdOf&& id_of, Filter& filter) {
            constexpr std::size_t together = 4;
            const std::size_t pieces = payload_.quantiser_.pieces();
            std::uint16_t sums[together * block_rows];
            for (std::size_t begin = 0; begin < count; begin += together * block_rows) {
                const std::size_t here = count - begin < together * block_rows ? count - begin : together * block_rows;
                const std::uint8_t* const blocks = codes + begin / block_rows * payload_.block_bytes();
                simd::scan_4bit_codes(small_.data(), blocks, pieces, (here + block_rows - 1) / block_rows, sums);
                std::int32_t most = highest_sum(sink.bound());
                for (std::size_t i = 0; i < here; ++i) {
                    if (sums[i] > most) continue;
                    const float distance = exact_sum(blocks + i / block_rows * payload_.block_bytes(), i % block_rows);
                    sink.offer(&distance, 1, [&](std::size_t) { return id_of(begin + i); }, filter);
                    most = highest_sum(sink.bound());
                }
            }
        }

        // No row with a higher sum can be nearer than `bound`. Two steps are for the rounding of floats.
        std::int32_t highest_sum(float bound) const noexcept {
            if (!(bound < most_distant) || !(unit_ > 0)) return 65535;
            const float steps = (bound - base_ - least_) / unit_ + 2.0F;
            return steps < 65535.0F ? steps > -1.0F ? static_cast<std::int32_t>(steps) : -1 : 65535;
        }

        float exact_sum(const std::uint8_t* block, std::size_t row) const noexcept {
            float sum = base_;
            for (std::size_t piece = 0; piece < payload_.quantiser_.pieces(); ++piece)
                sum += tables_[piece * centroids + simd::get_4bit_code(block, row, piece)];
            return ordered(sum);
        }

        const pq_payload& payload_;
        std::span<const float> query_;
        std::vector<float> tables_;
        std::vector<float> residual_;
        std::vector<std::uint8_t> small_;
        float base_ = 0;
        float least_ = 0;
        float unit_ = 0;
        bool aimed_ = false;
    };

private:
    std::size_t block_bytes() const noexcept { return simd::size_of_code_block(quantiser_.pieces()); }

    void put_codes(std::byte* list, std::size_t at, const std::uint8_t* codes) const noexcept {
        auto* const out = reinterpret_cast<std::uint8_t*>(list);
        if constexpr (Bits == 8) {
            std::memcpy(out + at * quantiser_.pieces(), codes, quantiser_.pieces());
        } else {
            std::uint8_t* const block = out + at / block_rows * block_bytes();
            for (std::size_t piece = 0; piece < quantiser_.pieces(); ++piece)
                simd::set_4bit_code(block, at % block_rows, piece, codes[piece]);
        }
    }
    void get_codes(const std::byte* list, std::size_t at, std::uint8_t* codes) const noexcept {
        const auto* const in = reinterpret_cast<const std::uint8_t*>(list);
        if constexpr (Bits == 8) {
            std::memcpy(codes, in + at * quantiser_.pieces(), quantiser_.pieces());
        } else {
            const std::uint8_t* const block = in + at / block_rows * block_bytes();
            for (std::size_t piece = 0; piece < quantiser_.pieces(); ++piece)
                codes[piece] = static_cast<std::uint8_t>(simd::get_4bit_code(block, at % block_rows, piece));
        }
    }

    product_quantiser quantiser_;
};

} // namespace weft::inline v0::vector::detail
