// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `arrow`: the whole result as an Arrow C stream.

#include <weft/columnar/arrow_stream.hpp>
#include <weft/format/format.hpp>

namespace weft::inline v0 {

/// The result as an `arrow_stream` of record batches, ready for Arrow C++, DuckDB, pyarrow or pandas. All rows are in
/// memory; see `stream_arrow` for results that are larger than it.
struct arrow {
    using result_type = arrow_stream;

    std::size_t batch_rows = 65536; ///< rows of each batch but the last

    class reader {
    public:
        reader(const schema& layout, std::size_t batch_rows)
            : builder_(layout), batch_rows_(batch_rows == 0 ? 1 : batch_rows) {}

        template <block B>
        void append(const B& b, row_range rows) {
            while (rows.count > 0) {
                if (builder_.rows() == batch_rows_) batches_.push_back(builder_.finish());
                const std::size_t room = batch_rows_ - builder_.rows();
                const std::size_t taken = rows.count < room ? rows.count : room;
                builder_.append(b, {rows.first, taken, rows.number});
                rows = {rows.first + taken, rows.count - taken, rows.number + taken};
            }
        }

        /// A result without rows is a stream of one batch without rows, so that its columns are known.
        arrow_stream finish() {
            batches_.push_back(builder_.finish());
            // Columns without declared type may have widened on the way: the last batch has the type that fits all.
            const std::shared_ptr<const schema> layout = batches_.back().shared_layout();
            for (record_batch& batch : batches_) batch = cast(batch, layout);
            return export_stream(std::exchange(batches_, {}));
        }

    private:
        batch_builder builder_;
        std::size_t batch_rows_;
        std::vector<record_batch> batches_;
    };

    reader bind(const schema& layout) const { return {layout, batch_rows}; }
};

} // namespace weft::inline v0
