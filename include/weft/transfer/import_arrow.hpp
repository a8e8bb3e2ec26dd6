// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Importing Arrow streams into tables.

#include <weft/columnar/arrow_stream.hpp>
#include <weft/transfer/import.hpp>

namespace weft::inline v0 {

/// Inserts the rows of an Arrow stream into `table`; see import_rows. The stream may come from weft or, through its
/// C structure, from any other producer; it is read to its end. Errors name the row.
template <connection Connection>
std::uint64_t import_arrow(Connection& db, std::string_view table, arrow_stream& stream,
                           const import_options& options = {},
                           std::source_location caller = std::source_location::current()) {
    return import_batches(db, table, [&stream] { return stream.next(); }, options, caller);
}

} // namespace weft::inline v0
