// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Nearest neighbours among vectors: exact and approximate indexes, their files, and the bulk tools. Metric and storage
/// are template arguments; ids are 64-bit and chosen by the caller. Nothing here needs a database or a network.

#include <weft/vector/any_index.hpp>
#include <weft/vector/bulk.hpp>
#include <weft/vector/distance.hpp>
#include <weft/vector/file.hpp>
#include <weft/vector/flat.hpp>
#include <weft/vector/flat_file.hpp>
#include <weft/vector/hnsw.hpp>
#include <weft/vector/hnsw_file.hpp>
#include <weft/vector/hnsw_options.hpp>
#include <weft/vector/index.hpp>
#include <weft/vector/index_text.hpp>
#include <weft/vector/input.hpp>
#include <weft/vector/ivf.hpp>
#include <weft/vector/kmeans.hpp>
#include <weft/vector/matrix.hpp>
#include <weft/vector/metric.hpp>
#include <weft/vector/neighbour.hpp>
#include <weft/vector/ordering.hpp>
#include <weft/vector/output.hpp>
#include <weft/vector/pq.hpp>
#include <weft/vector/product_quantiser.hpp>
#include <weft/vector/storage.hpp>
#include <weft/vector/top_k.hpp>
#include <weft/vector/trained.hpp>
#include <weft/vector/trained_file.hpp>
