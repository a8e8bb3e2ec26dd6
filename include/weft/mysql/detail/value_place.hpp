// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/core/cell.hpp>
#include <weft/core/error.hpp>
#include <weft/mysql/column_type.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace weft::inline v0::mysql::detail {

/// Where a value stands, for messages.
struct value_place {
    const result_layout& layout;
    std::size_t column;
    std::uint64_t row;
};

/// Throws for a value that is not what its column's type promises.
[[noreturn, gnu::noinline]] inline void throw_bad_value(const value_place& where, std::string_view value) {
    const field& f = where.layout.columns[where.column];
    throw data_error("column '" + f.name + "' (index " + std::to_string(where.column) + "), row " +
                     std::to_string(where.row) + ": " + describe(cell::of_text(value)) + " is no " + f.declared);
}

/// A date without a day: NULL or an error, as the policy says.
[[gnu::noinline]] inline cell invalid_date_value(const value_place& where, std::string_view value, bool zero) {
    const value_policy& policy = where.layout.policy;
    if ((zero ? policy.zero_dates : policy.impossible_dates) == invalid_date::null) return {};
    throw_bad_value(where, value);
}

} // namespace weft::inline v0::mysql::detail
