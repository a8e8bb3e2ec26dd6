// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// What becomes of floating-point values that SQL has no word for.

#include <weft/core/cell.hpp>

namespace weft::inline v0::mysql::protocol {

/// How values are turned into parameters and literals.
struct value_options {
    bool nan_as_null = false; ///< NaN is sent as NULL; otherwise it is a data_error
    bool inf_as_null = false; ///< both infinities are sent as NULL; otherwise a data_error
};

namespace detail {

/// Whether the cell is sent as NULL. \throws data_error for NaN and infinity that are not to be NULL, and for lists and
/// structures, which no column holds.
inline bool sent_as_null(const cell& c, const value_options& options) {
    switch (c.kind()) {
    case type_id::null: return true;
    case type_id::list:
    case type_id::structure: throw data_error("cannot send " + describe(c) + " as a value: expected a single value");
    case type_id::float64: break;
    default: return false;
    }
    const double v = c.float64();
    if (v - v == 0.0) return false;
    const bool nan = v != v;
    if (nan ? options.nan_as_null : options.inf_as_null) return true;
    throw data_error("cannot send " + describe(c) + " as a value: expected a finite number" +
                     (nan ? " or the option nan_as_null" : " or the option inf_as_null"));
}

} // namespace detail

} // namespace weft::inline v0::mysql::protocol
