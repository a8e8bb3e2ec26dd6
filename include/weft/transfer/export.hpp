// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Bulk export of a query's rows into a file.
///
///     weft::export_csv(db, "SELECT * FROM people WHERE age > ?", "people.csv", {}, 17);

#include <weft/cursor/cursor.hpp>
#include <weft/format/csv.hpp>
#include <weft/format/json.hpp>
#include <weft/transfer/detail/output_file.hpp>
#include <weft/transfer/progress.hpp>

#include <string>

namespace weft::inline v0 {

/// How rows are exported.
struct export_options {
    csv style = {};                  ///< of CSV
    progress_callback progress = {}; ///< called after every few thousand rows and at the end
};

/// Writes the rows of the first set of `sql` that has columns in a text format whose batches join to one document, and
/// returns their number. Memory stays flat however many rows there are. The file appears, or is replaced, when it is
/// complete: after an error it is as before. Throws operational_error naming the file when it cannot be written, and
/// programming_error when no statement returns rows.
template <connection Connection, result_format Format, bindable... Args>
    requires std::same_as<typename Format::result_type, std::string>
std::uint64_t export_rows(Connection& db, const Format& format, sql_text sql, const std::string& path,
                          const progress_callback& progress, const Args&... args) {
    constexpr std::size_t batch = 4096;
    cursor<Connection, streaming<batch>, Format> rows(db, format);
    return detail::with_context(sql, [&] {
        rows.execute(sql, args...);
        while (!rows.has_columns()) {
            if (!rows.next_set()) throw programming_error("no statement of the text returns rows");
        }
        detail::output_file file(path);
        for (std::uint64_t done = 0;;) {
            file.write(rows.fetch_many(batch));
            const bool ended = rows.row_number() == done;
            done = rows.row_number();
            if (progress && !progress({done, file.written(), 0})) {
                throw operational_error("the export was ended by its progress callback after " + std::to_string(done) +
                                        " rows");
            }
            if (!ended) continue;
            rows.close();
            file.commit();
            return done;
        }
    });
}

/// Exports CSV; see export_rows.
template <connection Connection, bindable... Args>
std::uint64_t export_csv(Connection& db, sql_text sql, const std::string& path, const export_options& options = {},
                         const Args&... args) {
    return export_rows(db, options.style, sql, path, options.progress, args...);
}

/// Exports JSON lines; see export_rows.
template <connection Connection, bindable... Args>
std::uint64_t export_json_lines(Connection& db, sql_text sql, const std::string& path,
                                const export_options& options = {}, const Args&... args) {
    return export_rows(db, json{.lines = true}, sql, path, options.progress, args...);
}

} // namespace weft::inline v0
