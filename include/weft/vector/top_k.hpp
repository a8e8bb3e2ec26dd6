// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `top_k`: the nearest of many candidates that come in any order.

#include <weft/vector/detail/sorting.hpp>
#include <weft/vector/neighbour.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace weft::inline v0::vector {

/// A filter that every id pleases.
struct every_id {
    constexpr bool operator()(std::uint64_t) const noexcept { return true; }
};

/// Keeps the `k` least of the neighbours it is offered, by distance and then id. Most candidates of a long scan are
/// further than the worst that is kept: they cost one comparison without a branch. A NaN is never kept.
class top_k {
public:
    /// Keeps up to `k`; `most` is how many may be offered, where that is known (it bounds the memory).
    explicit top_k(std::size_t k, std::size_t most = static_cast<std::size_t>(-1)) : k_(k < most ? k : most) {
        heap_.reserve(k_ < 1024 ? k_ : 1024);
        if (k_ == 0) bound_ = -bound_;
    }

    std::size_t size() const noexcept { return heap_.size(); }

    /// Whether `k` neighbours are kept.
    bool is_full() const noexcept { return heap_.size() == k_; }

    /// No candidate that is further than this will be kept. Infinite until `k` are.
    float bound() const noexcept { return bound_; }

    /// Offers one candidate.
    void offer(neighbour candidate) {
        if (!(candidate.distance <= bound_)) return;
        if (heap_.size() < k_) {
            heap_.push_back(candidate);
            if (heap_.size() < k_) return;
            for (std::size_t i = k_ / 2; i-- > 0;) detail::sift_down(heap_.data(), i, k_);
        } else {
            if (!(candidate < heap_[0])) return;
            heap_[0] = candidate;
            detail::sift_down(heap_.data(), 0, k_);
        }
        bound_ = heap_[0].distance;
    }

    /// Offers `count` candidates: `distances[i]` is that of `id_of(i)`, which is asked only for those near enough, and
    /// so is `filter`, a function of an id.
    template <class IdOf, class Filter = every_id>
    void offer(const float* distances, std::size_t count, IdOf&& id_of, Filter&& filter = {}) {
        constexpr std::size_t step = 64;
        for (std::size_t begin = 0; begin < count; begin += step) {
            const std::size_t end = count - begin < step ? count : begin + step;
            std::uint32_t near[step];
            std::size_t found = 0;
            for (std::size_t i = begin; i < end; ++i) {
                near[found] = static_cast<std::uint32_t>(i);
                found += distances[i] <= bound_ ? 1 : 0;
            }
            for (std::size_t i = 0; i < found; ++i) {
                const neighbour candidate{id_of(std::size_t{near[i]}), distances[near[i]]};
                if (filter(candidate.id)) offer(candidate);
            }
        }
    }

    /// The neighbours kept, nearest first. Nothing is kept after it.
    std::vector<neighbour> take() {
        detail::sort_values(heap_.data(), heap_.size());
        return std::move(heap_);
    }

private:
    std::size_t k_;
    float bound_ = __builtin_inff();
    std::vector<neighbour> heap_; // a heap once it is full, the furthest first
};

} // namespace weft::inline v0::vector
