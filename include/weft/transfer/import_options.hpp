// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Settings of bulk import.

#include <weft/transfer/progress.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace weft::inline v0 {

/// A column of the input and the table's column it goes to.
struct column_mapping {
    std::string from;
    std::string to = {}; ///< empty: the same name
};

/// How rows are imported.
struct import_options {
    std::vector<column_mapping> columns = {}; ///< the columns to import; by default all, under their own names
    bool create_table = false;                ///< create the table first, with types inferred from the first rows
    std::size_t sample_rows = 1000;           ///< rows looked at to infer types
    std::size_t batch_rows = 10000;           ///< rows between two calls of `progress`
    progress_callback progress = {};          ///< also called once at the end
};

} // namespace weft::inline v0
