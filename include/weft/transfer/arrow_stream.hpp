// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// A result as an Arrow C stream that is fetched while it is consumed: memory stays flat however many rows there are.

#include <weft/columnar/arrow_stream.hpp>
#include <weft/cursor/cursor.hpp>
#include <weft/format/columns.hpp>

namespace weft::inline v0 {

/// The remaining rows of the cursor's current set, in batches of as many rows as its buffering keeps (65 536 for a
/// buffered cursor). The stream owns the cursor; the connection must outlive it. Without rows the stream has one batch
/// of none. Columns without declared type take their type from the first batch: a later value that does not fit ends
/// the stream with an error which names the column.
template <class Connection, class Buffering>
arrow_stream to_arrow_stream(cursor<Connection, Buffering, columns>&& rows) {
    constexpr std::size_t batch_rows = Buffering::batch_rows == 0 ? 65536 : Buffering::batch_rows;
    return export_stream([rows = std::move(rows), first = true]() mutable -> std::optional<record_batch> {
        record_batch batch = rows.fetch_many(batch_rows);
        if (batch.empty() && !std::exchange(first, false)) return std::nullopt;
        first = false;
        return batch;
    });
}

/// Executes `sql` and streams the rows of its first set that has columns, `Rows` at a time:
/// `auto stream = weft::stream_arrow(db, "SELECT …", 42);`. The connection must outlive the stream and serve nothing
/// else meanwhile, unless it can have several results open.
template <std::size_t Rows = 65536, connection Connection, bindable... Args>
arrow_stream stream_arrow(Connection& on, sql_text sql, const Args&... args) {
    return to_arrow_stream(on.template stream<columns, Rows>(sql, args...));
}

} // namespace weft::inline v0
