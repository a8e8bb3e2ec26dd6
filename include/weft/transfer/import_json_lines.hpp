// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Bulk import of JSON lines into a table of any connection. Needs simdjson (target `weft::json_lines`).
///
///     weft::import_json_lines(db, "people", "people.jsonl", {.create_table = true});

#include <weft/transfer/import.hpp>
#include <weft/transfer/json_lines_reader.hpp>

namespace weft::inline v0 {

/// Inserts the objects of JSON lines into `table`; see import_rows and json_lines_reader.
template <connection Connection>
std::uint64_t import_json_lines(Connection& db, std::string_view table, byte_input source,
                                const import_options& options = {}, const json_lines_options& style = {},
                                std::source_location caller = std::source_location::current()) {
    json_lines_reader reader(std::move(source), style);
    return import_rows(db, table, reader, options, caller);
}

} // namespace weft::inline v0
