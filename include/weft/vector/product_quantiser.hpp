// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `product_quantiser`: a vector is cut into pieces, and each piece becomes the number of the nearest of 256 (or 16)
/// centroids trained for that piece. A vector of 768 floats is so many bytes (or half bytes) as there are pieces.

#include <weft/vector/detail/check.hpp>
#include <weft/vector/detail/columns.hpp>
#include <weft/vector/kmeans.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace weft::inline v0::vector {

/// The quantiser alone, without an index. Const members may be called from several threads.
class product_quantiser {
public:
    /// For vectors of `dimension` numbers in `pieces` equal pieces, with codes of `bits` bits (4 or 8). Throws a
    /// programming_error when the pieces do not divide the dimension.
    product_quantiser(std::size_t dimension, std::size_t pieces, unsigned bits)
        : dimension_((detail::check_dimension(dimension), dimension)), pieces_(pieces), bits_(bits) {
        if (bits != 4 && bits != 8)
            throw programming_error("a product quantiser of " + std::to_string(bits) + " bits; there are 4 and 8");
        if (pieces == 0 || dimension % pieces != 0)
            throw programming_error("a product quantiser of " + std::to_string(pieces) +
                                    " pieces needs a dimension that is a multiple of that, not " +
                                    std::to_string(dimension));
    }

    std::size_t dimension() const noexcept { return dimension_; }
    std::size_t pieces() const noexcept { return pieces_; }
    unsigned bits() const noexcept { return bits_; }
    /// Centroids of each piece: 16 or 256.
    std::size_t centroids() const noexcept { return std::size_t{1} << bits_; }
    bool is_trained() const noexcept { return !codebook_.empty(); }

    /// All centroids: piece by piece, each one after another. Empty before training.
    std::span<const float> codebook() const noexcept { return {codebook_.data(), codebook_.size()}; }

    /// Trains with the rows of a matrix, at least as many as there are centroids. Throws a data_error for fewer.
    template <class Index = std::uint32_t> // as kmeans
    void train(matrix_view rows, kmeans_options options = {}) {
        const std::size_t width = dimension_ / pieces_;
        std::vector<float> part(rows.rows * width);
        std::vector<float> book;
        book.reserve(centroids() * dimension_);
        for (std::size_t piece = 0; piece < pieces_; ++piece) {
            for (std::size_t i = 0; i < rows.rows; ++i)
                std::memcpy(part.data() + i * width, rows.row(i).data() + piece * width, width * sizeof(float));
            const std::vector<float> found = kmeans<Index>({part.data(), rows.rows, width}, centroids(), options);
            book.insert(book.end(), found.begin(), found.end());
            ++options.seed;
        }
        set_codebook(std::move(book));
    }

    /// Takes centroids that were trained before. Throws a data_error when they are not so many or not finite.
    void set_codebook(std::vector<float> book) {
        const std::size_t width = dimension_ / pieces_;
        if (book.size() != centroids() * dimension_)
            throw data_error("a codebook has " + std::to_string(book.size()) + " numbers instead of " +
                             std::to_string(centroids() * dimension_));
        const std::size_t bad = detail::first_not_finite(book.data(), book.size());
        if (bad != book.size()) detail::throw_not_finite("the codebook", book.data(), bad);
        columns_.clear();
        columns_.reserve(pieces_);
        for (std::size_t piece = 0; piece < pieces_; ++piece)
            columns_.emplace_back(book.data() + piece * centroids() * width, centroids(), width);
        codebook_ = std::move(book);
    }

    /// The code of each piece of a vector, one byte each.
    void encode(const float* values, std::uint8_t* codes) const noexcept {
        const std::size_t width = dimension_ / pieces_;
        float distance = 0;
        for (std::size_t piece = 0; piece < pieces_; ++piece)
            codes[piece] = static_cast<std::uint8_t>(columns_[piece].nearest(values + piece * width, &distance));
    }

    /// The vector that codes stand for. Codes of 4 bits are below 16.
    void decode(const std::uint8_t* codes, float* values) const noexcept {
        const std::size_t width = dimension_ / pieces_;
        for (std::size_t piece = 0; piece < pieces_; ++piece)
            std::memcpy(values + piece * width, codebook_.data() + (piece * centroids() + codes[piece]) * width,
                        width * sizeof(float));
    }

    /// For each piece, `Operation` between the piece of the query and each centroid: `pieces() * centroids()` numbers.
    template <class Operation>
    void tables(const float* query, float* out) const noexcept {
        const std::size_t width = dimension_ / pieces_;
        for (std::size_t piece = 0; piece < pieces_; ++piece)
            columns_[piece].template distances<Operation>(query + piece * width, out + piece * centroids());
    }

private:
    std::size_t dimension_;
    std::size_t pieces_;
    unsigned bits_;
    std::vector<float> codebook_;
    std::vector<detail::column_matrix> columns_;
};

} // namespace weft::inline v0::vector
