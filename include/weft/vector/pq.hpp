// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `pq` and `ivf_pq`: vectors as the codes of a product quantiser, a byte or half a byte for a piece of several
/// numbers.

#include <weft/vector/trained.hpp>

#include <cstddef>

namespace weft::inline v0::vector {

/// Codes alone, all of which are scanned. `Bits` is 8, or 4 for the fast scan: 32 vectors are looked up with two
/// instructions per piece, at half the memory and less precision per piece, so take twice as many pieces.
///
///     pq<cosine, 4> index(768, 192, {.keep_vectors = true});
///     index.insert_many(rows);
///     index.train();
///
/// Before `train` every search is exact, as in `flat`. Distances are those between the query and what codes stand for,
/// unless `keep_vectors` lets the best candidates be compared exactly. For `l2`, `inner_product`, `cosine` and `l1`.
/// Any number of threads may call const members at once; other members need the index for themselves.
template <number_metric Metric, unsigned Bits = 8>
    requires detail::sum_metric<Metric> && (Bits == 4 || Bits == 8)
class pq : public detail::trained_index<Metric, detail::pq_payload<Metric, Bits>> {
    using base = detail::trained_index<Metric, detail::pq_payload<Metric, Bits>>;

public:
    /// An empty, untrained index that will cut vectors into `pieces`, which divide the dimension. Throws a
    /// programming_error for what cannot be.
    pq(std::size_t dimension, std::size_t pieces, const trained_options& options = {})
        : base(dimension, 1, options, detail::pq_payload<Metric, Bits>(dimension, pieces)) {}
};

/// An inverted file whose lists hold codes: of the differences between the vectors and the centroid of their list,
/// which are smaller than the vectors and so lose less.
template <number_metric Metric, unsigned Bits = 8>
    requires detail::sum_metric<Metric> && (Bits == 4 || Bits == 8)
class ivf_pq : public detail::trained_index<Metric, detail::pq_payload<Metric, Bits>> {
    using base = detail::trained_index<Metric, detail::pq_payload<Metric, Bits>>;

public:
    /// An empty, untrained index of `options.lists` lists that will cut vectors into `pieces`, which divide the
    /// dimension. Throws a programming_error for what cannot be.
    ivf_pq(std::size_t dimension, std::size_t pieces, const trained_options& options = {})
        : base(dimension, options.lists, options, detail::pq_payload<Metric, Bits>(dimension, pieces)) {}
};

} // namespace weft::inline v0::vector
