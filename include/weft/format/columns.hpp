// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `columns`: the whole result as contiguous typed arrays with validity bitmaps.

#include <weft/columnar/record_batch.hpp>
#include <weft/format/format.hpp>

namespace weft::inline v0 {

/// The result as a `record_batch`: one contiguous array a column, nulls in a bitmap, ready for numerical code and
/// Arrow.
struct columns {
    using result_type = record_batch;

    class reader {
    public:
        explicit reader(const schema& layout) : builder_(layout) {}

        template <block B>
        void append(const B& b, row_range rows) {
            builder_.append(b, rows);
        }

        record_batch finish() { return builder_.finish(); }

    private:
        batch_builder builder_;
    };

    reader bind(const schema& layout) const { return reader(layout); }
};

} // namespace weft::inline v0
