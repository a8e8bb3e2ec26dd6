// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `ivf`: vectors in the lists of k-means clusters; a search compares those of the few clusters nearest to the query.

#include <weft/vector/trained.hpp>

#include <cstddef>

namespace weft::inline v0::vector {

/// An inverted file. `Storage` says what the lists hold, as in `flat`; with storages that keep vectors beside codes the
/// best candidates are compared exactly.
///
///     ivf<l2> index(768, {.lists = 1024, .probes = 16});
///     index.insert_many(rows);
///     index.train();
///     for (auto [id, distance] : index.search(query, 10)) …
///
/// Before `train` every search is exact, as in `flat`. Clusters are by squared Euclidean distance, whatever the metric;
/// a search looks into the lists whose centroids are nearest by the metric. About as many lists as the root of the
/// number of vectors, times one to eight, is a good choice. Any number of threads may call const members at once; other
/// members need the index for themselves.
template <number_metric Metric, class Storage = f32>
    requires storage_for<Storage, Metric>
class ivf : public detail::trained_index<Metric, detail::row_payload<Metric, Storage>> {
    using base = detail::trained_index<Metric, detail::row_payload<Metric, Storage>>;

public:
    using storage_type = Storage;

    /// An empty, untrained index. Throws a programming_error for what cannot be.
    explicit ivf(std::size_t dimension, trained_options options = {})
        : base(dimension, options.lists, with_storage(options), detail::row_payload<Metric, Storage>(dimension)) {}

private:
    static trained_options with_storage(trained_options options) noexcept {
        options.keep_vectors = options.keep_vectors || Storage::keeps_vectors;
        return options;
    }
};

} // namespace weft::inline v0::vector
