// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// What the indexes of the room have in common, as a concept: code written for one runs with every other, and with an
/// index of the user's own.

#include <weft/vector/neighbour.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weft::inline v0::vector {

/// Vectors of one dimension under ids their owner chooses.
///
/// * `insert(id, vector)` adds a vector, or replaces the one that has this id. Throws a data_error when the length is
/// not
///   `dimension()` or a number is not finite.
/// * `search(query, k)` returns the nearest `k`, or all when there are fewer, nearest first. `k` of 0 finds nothing.
/// * `erase(id)` says whether there was such a vector.
template <class Index>
concept vector_index =
    requires(Index& index, const Index& constant, std::uint64_t id, std::span<const float> values, std::size_t k) {
        { constant.dimension() } -> std::convertible_to<std::size_t>;
        { constant.size() } -> std::convertible_to<std::size_t>;
        { constant.contains(id) } -> std::convertible_to<bool>;
        { constant.search(values, k) } -> std::same_as<std::vector<neighbour>>;
        index.insert(id, values);
        { index.erase(id) } -> std::convertible_to<bool>;
    };

} // namespace weft::inline v0::vector
