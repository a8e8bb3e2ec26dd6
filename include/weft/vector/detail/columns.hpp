// SPDX-License-Identifier: BSL-1.0
#pragma once

// Centroids stored column by column, for the kernels of weft/simd/columns.hpp.

#include <weft/simd/columns.hpp>
#include <weft/vector/detail/buffer.hpp>

#include <cstddef>

namespace weft::inline v0::vector::detail {

class column_matrix {
public:
    column_matrix() = default;
    /// `count` rows of `dimension` numbers. Columns that fill up the last 16 are further away than anything.
    column_matrix(const float* rows, std::size_t count, std::size_t dimension)
        : dimension_(dimension), count_(count), padded_((count + 15) / 16 * 16) {
        columns_.resize(padded_ * dimension, 1e30F);
        for (std::size_t i = 0; i < count; ++i)
            for (std::size_t d = 0; d < dimension; ++d) columns_[d * padded_ + i] = rows[i * dimension + d];
    }

    std::size_t padded() const noexcept { return padded_; }

    /// The nearest row by squared Euclidean distance.
    std::size_t nearest(const float* values, float* distance) const noexcept {
        const std::size_t found =
            simd::nearest_column<simd::l2_squared>(values, columns_.data(), dimension_, padded_, distance);
        return found < count_ ? found : 0;
    }

    /// The distances to all rows; `out` has room for `padded()`.
    template <class Operation>
    void distances(const float* values, float* out) const noexcept {
        simd::column_distances<Operation>(values, columns_.data(), dimension_, padded_, out);
    }

private:
    std::size_t dimension_ = 0;
    std::size_t count_ = 0;
    std::size_t padded_ = 0;
    buffer<float> columns_;
};

} // namespace weft::inline v0::vector::detail
