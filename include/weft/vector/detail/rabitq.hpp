// SPDX-License-Identifier: BSL-1.0
#pragma once

// The storage `rabitq`: 8-bit codes of rotated vectors, and beside the ids of a vertex's neighbours codes of one bit a
// number of the ways to them (RaBitQ; the layout is that of Gou et al., "SymphonyQG: Towards Symphonious Integration of
// Quantization and Graph for Approximate Nearest Neighbor Search"). One scan of the codes estimates the distances from
// a query to all neighbours of a vertex, once that to the vertex is known.
//
// Let c be the vertex, o a neighbour, r = o - c, s the signs of r, q the query, all rotated, and f = r.r / s.r. Over
// random rotations f s.w is an unbiased estimate of r.w, and the smaller w the better it is. With w = q - c:
//     |q - o|^2 = |q - c|^2 + r.r - 2 r.w   is about  |q - c|^2 + (r.r + 2 f s.c) - 2 f s.q
//     -q.o      = -q.c - r.c - r.w          is about  -q.c + (f s.c - r.c) - f s.q
// What stands in brackets and what s.q is multiplied with are kept beside each code.

#include <weft/simd/code_scan.hpp>
#include <weft/vector/detail/codes.hpp>
#include <weft/vector/detail/graph.hpp>
#include <weft/vector/detail/rotation.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

namespace weft::inline v0::vector::detail {

template <class Metric>
class neighbour_codes;

/// The 8-bit codes of rotated vectors.
template <class Metric>
class codec<Metric, code_kind::rabitq> {
    using plain_codec = codec<Metric, code_kind::int8>;

public:
    class probe {
    public:
        explicit probe(const codec& codes)
            : plain_(codes.plain_), rotated_(codes.turn_->padded() * sizeof(float)),
              tables_(codes.turn_->padded() * 4) {}

    private:
        friend codec;
        friend neighbour_codes<Metric>;
        float* rotated() const noexcept { return reinterpret_cast<float*>(rotated_.data()); }
        std::uint8_t* tables() const noexcept { return reinterpret_cast<std::uint8_t*>(tables_.data()); }

        typename plain_codec::probe plain_;
        raw_memory rotated_;
        raw_memory tables_;
        float least_ = 0; // of the products of the query with signs
        float unit_ = 0;  // of the entries of the tables
    };

    explicit codec(std::size_t dimension)
        : dimension_(dimension), turn_(std::make_shared<const rotation>(dimension)), plain_(turn_->padded()) {}
    codec(const codec&) = default; // and no move: what was moved from can be used
    codec& operator=(const codec&) = default;
    ~codec() = default;

    std::size_t stride() const noexcept { return plain_.stride(); }
    /// Numbers of a rotated vector.
    std::size_t padded() const noexcept { return turn_->padded(); }

    void encode(probe& work, const float* values, std::byte* row) const noexcept {
        turn_->apply(values, work.rotated());
        plain_.encode(work.rotated(), row);
    }
    void decode(const std::byte* row, float* values) const {
        std::vector<float> rotated(turn_->padded());
        plain_.decode(row, rotated.data());
        turn_->revert(rotated.data());
        std::memcpy(values, rotated.data(), dimension_ * sizeof(float));
    }
    /// What the codes of a row stand for, not turned back.
    void decode_rotated(const std::byte* row, float* values) const noexcept { plain_.decode(row, values); }

    void aim(probe& from, const float* values) const noexcept {
        const std::size_t groups = turn_->padded() / 4;
        float* const rotated = from.rotated();
        turn_->apply(values, rotated);
        plain_.aim(from.plain_, rotated);
        float sum = 0;
        float largest = 0; // range of what a table holds
        for (std::size_t g = 0; g < groups; ++g) {
            const float range = std::fabs(rotated[g]) + std::fabs(rotated[g + groups]) +
                                std::fabs(rotated[g + 2 * groups]) + std::fabs(rotated[g + 3 * groups]);
            sum += range;
            largest = range > largest ? range : largest;
        }
        const float scale = 254.9F / largest;                // nothing is rounded to more than 255
        if (!(sum < most_distant && scale < most_distant)) { // nothing, or too large to add up
            std::memset(from.tables(), 0, 16 * groups);
            from.least_ = from.unit_ = 0;
            return;
        }
        simd::subset_tables(rotated, groups, scale, from.tables());
        from.least_ = -sum;
        from.unit_ = 2 / scale;
    }
    void aim_at_row(probe& from, const std::byte* row) const noexcept { plain_.aim_at_row(from.plain_, row); }

    void distances(const probe& from, const std::byte* base, const std::uint32_t* slots, std::size_t count, float* out,
                   bool cold = true) const noexcept {
        plain_.distances(from.plain_, base, slots, count, out, cold);
    }

private:
    std::size_t dimension_;
    std::shared_ptr<const rotation> turn_;
    plain_codec plain_;
};

/// What the other storages have instead.
struct no_neighbour_codes {
    template <class Codec>
    no_neighbour_codes(const Codec&, std::size_t) noexcept {}
};

/// The blocks of neighbour codes, one a vertex: the ids, two factors and the code of up to a multiple of 32 neighbours,
/// in any order and with gaps.
template <class Metric>
class neighbour_codes {
    using codec_type = codec<Metric, code_kind::rabitq>;
    using probe = typename codec_type::probe;
    static constexpr std::size_t batch = simd::rows_of_code_block;

public:
    neighbour_codes(const codec_type& codes, std::size_t links)
        : groups_(codes.padded() / 4), places_(round_up(links, batch)), stride_(places_ * 12 + places_ * groups_ / 2) {}

    std::size_t stride() const noexcept { return stride_; }
    /// Neighbours that a block has room for.
    std::size_t places() const noexcept { return places_; }

    /// The ids of a block; those that are no slots stand for nothing.
    const std::uint32_t* ids(const std::byte* block) const noexcept {
        return reinterpret_cast<const std::uint32_t*>(block);
    }

    void clear(std::byte* block) const noexcept {
        std::memset(block, 0, stride_);
        std::memset(block, 0xFF, places_ * sizeof(std::uint32_t));
    }

    /// Makes a block that of `count` neighbours, no more than its places. Those that are in it stay where they are.
    void renew(const codec_type& codes, const std::byte* rows, std::uint32_t slot, const std::uint32_t* list,
               std::size_t count, std::byte* block, probe& at, probe& to) const noexcept {
        auto* const here = reinterpret_cast<std::uint32_t*>(block);
        for (std::size_t i = 0; i < places_; ++i)
            if (!holds(list, count, here[i]) || holds(here, i, here[i])) here[i] = no_slot; // twice: in damaged files
        bool decoded = false;
        std::size_t place = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (holds(here, places_, list[i])) continue;
            while (here[place] != no_slot) ++place;
            if (!decoded) codes.decode_rotated(rows + slot * codes.stride(), at.rotated());
            decoded = true;
            codes.decode_rotated(rows + list[i] * codes.stride(), to.rotated());
            put(block, place, at, to);
            here[place] = list[i];
        }
    }

    /// Estimates the distances to all neighbours of a block whose vertex is at the distance `base`.
    void estimate(const probe& from, const std::byte* block, float base, float* out) const noexcept {
        typedef float four __attribute__((vector_size(16)));
        typedef std::uint16_t four_sums __attribute__((vector_size(8)));
        const std::byte* const factors = block + places_ * 4;
        const auto* const codes = reinterpret_cast<const std::uint8_t*>(block + places_ * 12);
        for (std::size_t first = 0; first < places_; first += batch) {
            std::uint16_t sums[batch];
            four products[batch / 4];
            for (std::size_t v = 0; v < batch / 4; ++v) products[v] = four{} + from.least_;
            for (std::size_t g = 0; g < groups_; g += most_groups) { // so many cannot exceed 16 bits
                const std::size_t now = groups_ - g < most_groups ? groups_ - g : most_groups;
                simd::scan_4bit_codes(from.tables() + 16 * g, codes + (first / batch * groups_ + g) * 16, now, 1, sums);
                for (std::size_t v = 0; v < batch / 4; ++v) {
                    four_sums some;
                    std::memcpy(&some, sums + 4 * v, sizeof some);
                    products[v] += __builtin_convertvector(some, four) * from.unit_;
                }
            }
            for (std::size_t v = 0; v < batch / 4; ++v) {
                four offset;
                four slope;
                std::memcpy(&offset, factors + (first + 4 * v) * 4, sizeof offset);
                std::memcpy(&slope, factors + (places_ + first + 4 * v) * 4, sizeof slope);
                four estimated = offset + base + slope * products[v];
                estimated = estimated < most_distant ? estimated : four{} + most_distant; // what is no number, too
                std::memcpy(out + first + 4 * v, &estimated, sizeof estimated);
            }
        }
    }

private:
    static constexpr std::size_t most_groups = 256;

    static bool holds(const std::uint32_t* ids, std::size_t count, std::uint32_t id) noexcept {
        for (std::size_t i = 0; i < count; ++i)
            if (ids[i] == id) return true;
        return false;
    }

    void put(std::byte* block, std::size_t place, const probe& at, const probe& to) const noexcept {
        std::uint8_t* const signs = to.tables(); // room that nothing else needs now
        const simd::sign_sums sums = simd::sign_codes(at.rotated(), to.rotated(), groups_, signs);
        auto* const codes = reinterpret_cast<std::uint8_t*>(block + places_ * 12) + place / batch * groups_ * 16;
        for (std::size_t g = 0; g < groups_; ++g) simd::set_4bit_code(codes, place % batch, g, signs[g]);
        const float f = sums.size > 0 ? sums.squares / sums.size : 0;
        float offset = 0;
        float slope = 0;
        if constexpr (Metric::kind == metric_kind::l2) {
            offset = sums.squares + 2 * f * sums.along_signs;
            slope = -2 * f;
        } else {
            offset = f * sums.along_signs - sums.along;
            slope = -f;
        }
        std::memcpy(block + (places_ + place) * 4, &offset, sizeof offset);
        std::memcpy(block + (2 * places_ + place) * 4, &slope, sizeof slope);
    }

    std::size_t groups_;
    std::size_t places_;
    std::size_t stride_; // bytes of a block: a multiple of 64
};

} // namespace weft::inline v0::vector::detail
