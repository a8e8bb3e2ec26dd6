// SPDX-License-Identifier: BSL-1.0
#pragma once

// What comes into the indexes that compare whole lists, and queries on their way to the distances.

#include <weft/vector/detail/check.hpp>
#include <weft/vector/matrix.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace weft::inline v0::vector::detail {

inline void check_length(const char* what, std::size_t expected, std::size_t got) {
    if (got != expected)
        throw data_error(std::string(what) + " dimension mismatch: expected " + std::to_string(expected) + ", got " +
                         std::to_string(got));
}

inline void check_inserted(std::span<const float> values, std::size_t dimension) {
    check_length("Vector", dimension, values.size());
    check_vector(values, dimension, "the vector");
}

inline void check_query(std::span<const float> values, std::size_t dimension) {
    check_length("Query", dimension, values.size());
    check_vector(values, dimension, "the query");
}

inline void check_rows(matrix_view rows, std::span<const std::uint64_t> ids, std::size_t dimension,
                       const char* what = "Vector") {
    if (rows.rows == 0) return;
    check_length(what, dimension, rows.dimension);
    if (!ids.empty() && ids.size() != rows.rows)
        throw data_error("there are " + std::to_string(ids.size()) + " ids for " + std::to_string(rows.rows) + " rows");
    const std::size_t bad = first_not_finite(rows.data, rows.rows * dimension);
    if (bad != rows.rows * dimension)
        throw_not_finite("row " + std::to_string(bad / dimension), rows.row(bad / dimension).data(), bad % dimension);
}

/// A query as a codec wants it, and the numbers it shows.
template <class Codec, class Metric>
class aimed {
public:
    /// A query as it came from the user.
    aimed(const Codec& codec, std::span<const float> query, std::size_t dimension)
        : values_((check_query(query, dimension), dimension)), probe_(codec) {
        prepare<Metric>(query.data(), dimension, values_.data());
        codec.aim(probe_, values_.data());
    }
    /// A query that was prepared already and outlives this.
    aimed(const Codec& codec, std::span<const float> prepared) : probe_(codec) { codec.aim(probe_, prepared.data()); }

    std::span<const float> values() const noexcept { return {values_.data(), values_.size()}; }
    const typename Codec::probe& probe() const noexcept { return probe_; }

private:
    std::vector<float> values_;
    typename Codec::probe probe_;
};

} // namespace weft::inline v0::vector::detail
