// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// How far an import or export has come.

#include <cstdint>
#include <functional>

namespace weft::inline v0 {

/// How far an import or export has come.
struct transfer_progress {
    std::uint64_t rows = 0;
    std::uint64_t bytes_done = 0;
    std::uint64_t bytes_total = 0; ///< 0 when not known
};

/// Called now and then; false ends the import or export with an operational_error and leaves nothing behind.
using progress_callback = std::function<bool(const transfer_progress&)>;

} // namespace weft::inline v0
