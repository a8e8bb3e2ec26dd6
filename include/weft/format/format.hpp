// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The format concept: what turns blocks into the user's values. A format is a small object, often empty. Bound to the
/// schema of a result it gives a reader, which is where mismatches between result and target are reported, once per
/// result instead of once per row.
///
///     struct my_format {
///         using result_type = …;                        // what fetch_all and query return
///         struct reader {
///             void append(const Block& b, row_range rows); // takes rows of a block; Block is a template parameter
///             result_type finish();                        // the rows appended so far; the reader goes on empty
///         };
///         reader bind(const schema& layout) const;
///     };
///
/// A reader may have `void reuse(result_type&& earlier)`, which lets the rows appended next take the place, and the
/// memory, of those of an earlier result; cursor::fetch_into() calls it.
///
/// A row format has also `row_type` and `row_type reader::row(const Block&, row_range one)`: cursors over it yield
/// rows; cursors over any other format yield one result a batch.

#include <weft/columnar/block.hpp>

#include <concepts>
#include <cstdint>
#include <utility>
#include <vector>

namespace weft::inline v0 {

/// What `F` gives when it is bound to a schema.
template <class F>
using reader_of = decltype(std::declval<const F&>().bind(std::declval<const schema&>()));

/// A result format: binds to a schema and says what it produces.
template <class F>
concept result_format = std::movable<F> && requires(const F& f, const schema& layout) {
    typename F::result_type;
    f.bind(layout);
    { f.bind(layout).finish() } -> std::same_as<typename F::result_type>;
};

/// A result format that consumes blocks of type `B`.
template <class F, class B>
concept format_of = block<B> && result_format<F> &&
                    requires(reader_of<F>& reader, const B& b, row_range rows) { reader.append(b, rows); };

/// A format that produces its result row by row.
template <class F>
concept row_format = result_format<F> && requires { typename F::row_type; };

namespace detail {

/// One member or element to read: throws programming_error when the column cannot become `T`.
template <class Reader>
void check_column(const field& column, std::size_t index, std::string_view target) {
    if (!Reader::accepts(column.type.id)) {
        throw programming_error("column '" + column.name + "' (index " + std::to_string(index) + ") is " +
                                to_string(column.type) + ", which cannot become " + std::string(Reader::type_name) +
                                " of " + std::string(target) + " without loss");
    }
}

/// Makes room for `more` rows. Large results grow fourfold: rows are moved half as often, and what stays unused was
/// never touched, so it costs addresses and no memory. The largest do not, lest the system refuses more addresses than
/// it has memory.
template <class Row>
void make_room(std::vector<Row>& rows, std::size_t more) {
    if (rows.capacity() - rows.size() >= more) [[likely]]
        return;
    const std::size_t bytes = rows.size() * sizeof(Row);
    const std::size_t factor = bytes < (std::size_t{1} << 20) || bytes >= (std::size_t{1} << 28) ? 2 : 4;
    const std::size_t grown = factor * rows.size();
    rows.reserve(grown < rows.size() + more ? rows.size() + more : grown);
}

/// Rows that are filled column by column at a time: few enough for their structs to stay in the nearest cache.
template <class Row>
inline constexpr std::size_t rows_per_tile = sizeof(Row) >= 512 ? 32 : 16384 / sizeof(Row);

/// The rows a reader makes. Those of a result that was given back are overwritten in their place.
template <class Row>
class row_collector {
public:
    void reuse(std::vector<Row>&& rows) noexcept {
        rows_ = std::move(rows);
        size_ = 0;
    }

    /// Adds the rows of a block, tile by tile: `read(range, to)` reads those of a range. None when it throws.
    template <class Read>
    void add(row_range rows, Read read) {
        const std::size_t end = size_ + rows.count;
        if (end > rows_.size()) make_room(rows_, end - rows_.size());
        const std::size_t before = size_;
        try {
            for (std::size_t done = 0; done < rows.count;) {
                const std::size_t left = rows.count - done;
                const std::size_t count = left < rows_per_tile<Row> ? left : rows_per_tile<Row>;
                if (size_ + count > rows_.size()) rows_.resize(size_ + count);
                read(row_range{rows.first + done, count, rows.number + done}, rows_.data() + size_);
                size_ += count;
                done += count;
            }
        } catch (...) {
            size_ = before;
            rows_.resize(before);
            throw;
        }
    }

    /// Adds one row, which `read(to)` reads; none when it throws.
    template <class Read>
    void add_one(Read read) {
        if (size_ == rows_.size()) {
            make_room(rows_, 1);
            rows_.emplace_back();
        }
        try {
            read(rows_.data() + size_);
        } catch (...) {
            rows_.resize(size_);
            throw;
        }
        ++size_;
    }

    std::vector<Row> finish() {
        rows_.resize(std::exchange(size_, 0));
        return std::exchange(rows_, {});
    }

private:
    std::vector<Row> rows_; // those from size_ on belong to a result that was given back
    std::size_t size_ = 0;
};

} // namespace detail

} // namespace weft::inline v0
