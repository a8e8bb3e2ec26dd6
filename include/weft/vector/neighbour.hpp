// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// What every search of the room returns: ids with their distances.

#include <weft/core/config.hpp>

#include <cstdint>

namespace weft::inline v0::vector {

/// One vector found: the id its owner gave it and its distance from the query, as `weft/vector/metric.hpp` defines it.
/// Smaller is nearer; equal distances are ordered by id, so that every search has one right order.
struct neighbour {
    std::uint64_t id = 0;
    float distance = 0;

    friend constexpr bool operator==(const neighbour&, const neighbour&) = default;
    /// Whether `a` is listed before `b`.
    friend constexpr bool operator<(const neighbour& a, const neighbour& b) noexcept {
        return a.distance < b.distance || (a.distance == b.distance && a.id < b.id);
    }
};

} // namespace weft::inline v0::vector
