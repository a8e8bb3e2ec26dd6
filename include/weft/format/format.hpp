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
#include <weft/core/fresh_pages.hpp>

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
        given_back_ = rows_.size();
        room_ = 0;
    }

    /// Adds the rows of a block, tile by tile: `read(range, to)` reads those of a range. None when it throws.
    template <class Read>
    void add(row_range rows, Read read) {
        const std::size_t end = size_ + rows.count;
        if (end > rows_.capacity()) make_room(rows_, end - rows_.size());
        const std::size_t before = size_;
        try {
            for (std::size_t done = 0; done < rows.count;) {
                const std::size_t left = rows.count - done;
                const std::size_t count = left < rows_per_tile<Row> ? left : rows_per_tile<Row>;
                if (size_ + count > rows_.size()) lengthen(size_ + count - rows_.size());
                read(row_range{rows.first + done, count, rows.number + done}, rows_.data() + size_);
                size_ += count;
                done += count;
            }
        } catch (...) {
            size_ = before;
            drop_rest();
            throw;
        }
    }

    /// Adds one row, which `read(to)` reads; none when it throws.
    template <class Read>
    void add_one(Read read) {
        Row& to = size_ < given_back_ ? rows_[size_] : one_more();
        try {
            read(&to);
        } catch (...) {
            drop_rest();
            throw;
        }
        ++size_;
    }

    std::vector<Row> finish() {
        drop_rest();
        size_ = 0;
        return std::exchange(rows_, {});
    }

private:
    Row& one_more() {
        if (room_ == 0) prepare(1);
        --room_;
        return rows_.emplace_back();
    }

    void lengthen(std::size_t by) {
        if (room_ < by) prepare(by);
        room_ -= by;
        rows_.resize(rows_.size() + by);
    }

    /// Makes room for `more` rows at least, and gets its pages.
    [[gnu::noinline]] void prepare(std::size_t more) {
        if (rows_.capacity() - rows_.size() < more) make_room(rows_, more);
        room_ = rows_.capacity() - rows_.size();
        if (rows_.capacity() * sizeof(Row) <= kept_memory) return;
        const std::size_t some = more + fetched_at_once / sizeof(Row);
        if (room_ > some) room_ = some;
        fetch_pages(rows_.data() + rows_.size(), room_ * sizeof(Row));
    }

    void drop_rest() {
        rows_.resize(size_);
        given_back_ = room_ = 0;
    }

    std::vector<Row> rows_; // those from size_ on belong to a result that was given back
    std::size_t size_ = 0;
    std::size_t given_back_ = 0; // rows of that result
    std::size_t room_ = 0;       // so many more may be added without prepare()
};

} // namespace detail

} // namespace weft::inline v0
