// SPDX-License-Identifier: BSL-1.0
#pragma once

// A random rotation that costs O(n log n): flipped signs and Hadamard transforms in turn. Whatever a vector looked
// like, its numbers are alike afterwards, and its distances to other rotated vectors are what they were.

#include <weft/simd/sign_codes.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weft::inline v0::vector::detail {

class rotation {
public:
    explicit rotation(std::size_t dimension) : dimension_(dimension), padded_((dimension + 63) / 64 * 64), rounds_(4) {
        while (2 * power_ <= padded_) power_ *= 2;
        if (power_ == padded_) rounds_ = 3;
        const float transform = 1.0F / std::sqrt(static_cast<float>(power_));
        const float mix = power_ == padded_ ? 1.0F : std::sqrt(0.5F);
        factors_.resize(rounds_ * padded_);
        std::uint64_t bits = 0;
        for (std::size_t i = 0; i < factors_.size(); ++i) {
            bits = i % 64 == 0 ? random(i / 64) : bits >> 1;
            const std::size_t at = i % padded_ - begin(i / padded_); // wraps below the begin: then it is large, too
            factors_[i] = ((bits & 1) != 0 ? mix : -mix) * (at < power_ ? transform : 1.0F);
        }
    }

    /// How many numbers a rotated vector has: a multiple of 64.
    std::size_t padded() const noexcept { return padded_; }

    /// `out` has `padded()` numbers.
    void apply(const float* values, float* out) const noexcept {
        for (std::size_t i = 0; i < dimension_; ++i) out[i] = values[i];
        for (std::size_t i = dimension_; i < padded_; ++i) out[i] = 0;
        for (std::size_t round = 0; round < rounds_; ++round) {
            scale(round, out);
            simd::hadamard(out + begin(round), power_);
            mix_halves(out);
        }
    }

    /// Turns `padded()` numbers back in place; the first of them are the vector then.
    void revert(float* values) const noexcept {
        for (std::size_t round = rounds_; round-- > 0;) {
            mix_halves(values);
            simd::hadamard(values + begin(round), power_);
            scale(round, values);
        }
    }

private:
    static std::uint64_t random(std::uint64_t number) noexcept {
        std::uint64_t x = (number + 1) * 0x9E3779B97F4A7C15U;
        x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9U;
        x = (x ^ x >> 27) * 0x94D049BB133111EBU;
        return x ^ x >> 31;
    }

    /// The transforms take the first and the last numbers in turn.
    std::size_t begin(std::size_t round) const noexcept { return round % 2 == 0 ? 0 : padded_ - power_; }

    void scale(std::size_t round, float* values) const noexcept {
        simd::multiply(values, factors_.data() + round * padded_, padded_);
    }
    void mix_halves(float* values) const noexcept {
        if (power_ != padded_) simd::mix_halves(values, padded_ / 2);
    }

    std::size_t dimension_;
    std::size_t padded_;
    std::size_t rounds_;
    std::size_t power_ = 64; // the size of a transform
    std::vector<float> factors_;
};

} // namespace weft::inline v0::vector::detail
