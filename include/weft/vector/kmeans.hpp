// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// k-means clustering, as inverted files and product quantisers train with it: k-means++ start, Lloyd's iterations, by
/// squared Euclidean distance.

#include <weft/simd/distances.hpp>
#include <weft/vector/detail/check.hpp>
#include <weft/vector/detail/columns.hpp>
#include <weft/vector/detail/parallel.hpp>
#include <weft/vector/matrix.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace weft::inline v0::vector {

/// How clusters are sought.
struct kmeans_options {
    std::size_t iterations = 10;         ///< at most; ends when no row changes its cluster
    std::size_t most_per_centroid = 256; ///< of more rows a sample is taken
    std::uint64_t seed = 42;             ///< equal rows, options and seeds give equal centroids, with any threads
    std::size_t threads = 1;             ///< 0: one for each processor
    std::stop_token stop{};              ///< ends it with a cancelled_error
};

namespace detail {

/// Random numbers that are the same everywhere.
class random_source {
public:
    explicit random_source(std::uint64_t seed) noexcept : state_(seed) {}
    std::uint64_t next() noexcept { // splitmix64
        std::uint64_t z = state_ += 0x9E3779B97F4A7C15U;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
        z = (z ^ z >> 27) * 0x94D049BB133111EBU;
        return z ^ z >> 31;
    }
    std::size_t below(std::size_t limit) noexcept { return static_cast<std::size_t>(next() % limit); }
    double unit() noexcept { return static_cast<double>(next() >> 11) * 0x1p-53; }

private:
    std::uint64_t state_;
};

/// `count` of the numbers below `limit`, each once, in ascending order when that is all of them.
template <class Index = std::size_t>
std::vector<Index> draw(std::size_t limit, std::size_t count, random_source& random) {
    std::vector<Index> all(limit);
    for (std::size_t i = 0; i < limit; ++i) all[i] = i;
    if (count >= limit) return all;
    for (std::size_t i = 0; i < count; ++i) std::swap(all[i], all[i + random.below(limit - i)]);
    all.resize(count);
    return all;
}

// A template of the index type of its rows, though there is one, so that only programs that cluster compile it.
template <class Index>
class clustering {
public:
    clustering(matrix_view rows, std::size_t count, const kmeans_options& options)
        : dimension_(rows.dimension), count_(count), options_(options), random_(options.seed),
          threads_(thread_count(options.threads)) {
        const std::size_t most = options.most_per_centroid == 0 ? 1 : options.most_per_centroid;
        const std::size_t limit = count > rows.rows / most ? rows.rows : count * most;
        const std::vector<std::size_t> chosen = draw(rows.rows, limit, random_);
        if (chosen.size() == rows.rows) {
            rows_ = rows;
            return;
        }
        sample_.resize(chosen.size() * dimension_);
        for (std::size_t i = 0; i < chosen.size(); ++i)
            for (std::size_t d = 0; d < dimension_; ++d)
                sample_[i * dimension_ + d] = rows.data[chosen[i] * dimension_ + d];
        rows_ = {sample_.data(), chosen.size(), dimension_};
    }

    std::vector<float> run() {
        start();
        nearest_.assign(rows_.rows, static_cast<Index>(-1));
        for (std::size_t i = 0; i < options_.iterations; ++i) {
            look_whether_stopped();
            if (!assign()) break;
            move_centroids();
        }
        return std::move(centroids_);
    }

private:
    void look_whether_stopped() const {
        if (options_.stop.stop_requested()) throw cancelled_error("the training was cancelled");
    }

    // k-means++ on a part of the rows: each further centroid is a row drawn with the square of its distance from the
    // nearest one so far as its weight.
    void start() {
        constexpr std::size_t rows_per_centroid = 32;
        const std::size_t limit = count_ > rows_.rows / rows_per_centroid ? rows_.rows : count_ * rows_per_centroid;
        const std::vector<std::size_t> from = draw(rows_.rows, limit, random_);
        std::vector<float> weights(from.size(), __builtin_inff());
        centroids_.reserve(count_ * dimension_);
        const distances_from from_one(rows_, from, threads_);
        std::size_t chosen = random_.below(from.size());
        for (std::size_t c = 0;; ++c) {
            const std::span<const float> row = rows_.row(from[chosen]);
            centroids_.insert(centroids_.end(), row.begin(), row.end());
            if (c + 1 == count_) return;
            look_whether_stopped();
            from_one.lower(row.data(), weights);
            double total = 0;
            for (const float weight : weights) total += static_cast<double>(weight);
            double at = random_.unit() * total;
            chosen = 0;
            while (chosen + 1 < from.size() && at >= static_cast<double>(weights[chosen]))
                at -= static_cast<double>(weights[chosen++]);
            if (!(total > 0)) chosen = random_.below(from.size()); // fewer different rows than centroids
        }
    }

    // The distances of some rows from one: short rows column by column, where vectors of the processor are full.
    class distances_from {
    public:
        distances_from(matrix_view rows, const std::vector<std::size_t>& chosen, std::size_t threads)
            : rows_(rows), chosen_(chosen), threads_(threads) {
            constexpr std::size_t long_row = 64;
            if (rows.dimension >= long_row) return;
            std::vector<float> gathered;
            gathered.reserve(chosen.size() * rows.dimension);
            for (const std::size_t i : chosen) gathered.insert(gathered.end(), rows.row(i).begin(), rows.row(i).end());
            columns_ = column_matrix(gathered.data(), chosen.size(), rows.dimension);
            found_.resize(columns_.padded());
        }

        /// Lowers each number that is more than the distance of its row.
        void lower(const float* from, std::vector<float>& least) const {
            if (!found_.empty()) {
                columns_.template distances<simd::l2_squared>(from, found_.data());
                for (std::size_t i = 0; i < least.size(); ++i) least[i] = found_[i] < least[i] ? found_[i] : least[i];
                return;
            }
            const auto& l2 = simd::distance_kernels<simd::l2_squared, float, float>();
            parallel_for(least.size(), threads_, 1024, [&](std::size_t, std::size_t begin, std::size_t end) {
                for (std::size_t i = begin; i < end; ++i) {
                    const float distance = l2.one(from, rows_.row(chosen_[i]).data(), rows_.dimension);
                    if (distance < least[i]) least[i] = distance;
                }
                return true;
            });
        }

    private:
        matrix_view rows_;
        const std::vector<std::size_t>& chosen_;
        std::size_t threads_;
        column_matrix columns_;
        mutable std::vector<float> found_;
    };

    bool assign() {
        const column_matrix columns(centroids_.data(), count_, dimension_);
        std::size_t changed = 0;
        parallel_for(rows_.rows, threads_, 256, [&](std::size_t, std::size_t begin, std::size_t end) {
            std::size_t here = 0;
            for (std::size_t i = begin; i < end; ++i) {
                float distance = 0;
                const auto found = static_cast<Index>(columns.nearest(rows_.row(i).data(), &distance));
                here += found != nearest_[i] ? 1 : 0;
                nearest_[i] = found;
            }
            __atomic_fetch_add(&changed, here, __ATOMIC_RELAXED);
            return true;
        });
        return changed != 0;
    }

    void move_centroids() {
        std::vector<double> sums(count_ * dimension_, 0);
        std::vector<std::size_t> sizes(count_, 0);
        for (std::size_t i = 0; i < rows_.rows; ++i) {
            ++sizes[nearest_[i]];
            double* const sum = sums.data() + nearest_[i] * dimension_;
            const float* const row = rows_.row(i).data();
            for (std::size_t d = 0; d < dimension_; ++d) sum[d] += static_cast<double>(row[d]);
        }
        for (std::size_t c = 0; c < count_; ++c) {
            if (sizes[c] == 0) continue;
            for (std::size_t d = 0; d < dimension_; ++d)
                centroids_[c * dimension_ + d] =
                    static_cast<float>(sums[c * dimension_ + d] / static_cast<double>(sizes[c]));
        }
        for (std::size_t c = 0; c < count_; ++c)
            if (sizes[c] == 0) split_into(c, sizes);
    }

    // An empty cluster takes half of the largest: both centroids are that one's, moved apart by a hair.
    void split_into(std::size_t empty, std::vector<std::size_t>& sizes) {
        std::size_t largest = 0;
        for (std::size_t c = 1; c < count_; ++c)
            if (sizes[c] > sizes[largest]) largest = c;
        float* const from = centroids_.data() + largest * dimension_;
        float* const to = centroids_.data() + empty * dimension_;
        for (std::size_t d = 0; d < dimension_; ++d) {
            const float hair = (random_.next() & 1) != 0 ? 0x1p-10F : -0x1p-10F;
            to[d] = from[d] * (1 + hair);
            from[d] *= 1 - hair;
        }
        sizes[empty] = sizes[largest] / 2;
        sizes[largest] -= sizes[empty];
    }

    std::size_t dimension_;
    std::size_t count_;
    kmeans_options options_;
    random_source random_;
    std::size_t threads_;
    matrix_view rows_;
    std::vector<float> sample_;
    std::vector<float> centroids_;
    std::vector<Index> nearest_;
};

} // namespace detail

/// `count` centroids of the rows, one after another. Rows must be finite. Throws a data_error when there are fewer rows
/// than centroids. Where there are fewer different rows, some centroids are equal or nearly so.
template <class Index = std::uint32_t>
std::vector<float> kmeans(matrix_view rows, std::size_t count, const kmeans_options& options = {}) {
    if (count == 0) throw programming_error("k-means is asked for 0 centroids");
    if (rows.rows < count)
        throw data_error("k-means is asked for " + std::to_string(count) + " centroids of " +
                         std::to_string(rows.rows) + " rows; it needs as many rows as centroids");
    return detail::clustering<Index>(rows, count, options).run();
}

} // namespace weft::inline v0::vector
