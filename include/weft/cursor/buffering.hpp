// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Buffering: how many rows of a result live at once. A strategy provides `store<Result>`, which stands between a
/// result and the cursor:
///
///     segment peek(Result&)                 rows at the position, at least one unless the set has ended
///     void advance(std::size_t n)           moves the position over rows that peek() showed
///     void open(Result&)                    called once when a set with rows begins
///     static constexpr bool scrollable      with size() and seek(row), 0 ≤ row ≤ size()
///
/// and `batch_rows`, how many rows a batch has when a cursor over a whole-result format is iterated; 0 for all.

#include <weft/cursor/connection.hpp>

#include <vector>

namespace weft::inline v0 {

class cell_block;

namespace detail {

/// Where the rows of a row_source are copied to.
template <class R, class Copies = cell_block>
struct copies_of {
    using type = Copies;
    static_assert(
        requires(R& r, Copies& into) { into.reset(r.layout()); },
        "buffering this result needs weft/columnar/cell_block.hpp; include it or weft/cursor.hpp");
};
template <class R>
struct blocks_of {
    using type = typename R::block_type;
};

} // namespace detail

/// Rows [first, first + count) of a block; empty at the end of a set.
template <block B>
struct segment {
    const B* rows = nullptr;
    std::size_t first = 0;
    std::size_t count = 0;
};

/// A buffering strategy for results of type `R`.
template <class B, class R>
concept buffering_of = statement_result<R> && requires(typename B::template store<R>& s, R& r, std::size_t n) {
    { B::batch_rows } -> std::convertible_to<std::size_t>;
    { B::template store<R>::scrollable } -> std::convertible_to<bool>;
    s.open(r);
    { s.peek(r).count } -> std::convertible_to<std::size_t>;
    s.advance(n);
};

/// All rows of the set are read at once and kept: their number is known, and cursors can rewind and scroll.
struct buffered {
    static constexpr std::size_t batch_rows = 0;

    template <statement_result R>
    class store {
    public:
        static constexpr bool scrollable = true;
        using block_type = typename std::conditional_t<row_source<R>, detail::copies_of<R>, detail::blocks_of<R>>::type;

        void open(R& result) {
            block_type rows;
            while (read(result, rows)) {
                const std::size_t first = size_;
                size_ += rows.rows();
                blocks_.push_back({std::move(rows), first});
                rows = block_type();
            }
        }

        std::size_t size() const noexcept { return size_; }

        segment<block_type> peek(R&) const noexcept {
            if (position_ == size_) return {};
            const numbered_block& current = blocks_[current_];
            const std::size_t first = position_ - current.first;
            return {&current.rows, first, current.rows.rows() - first};
        }

        void advance(std::size_t n) { seek(position_ + n); }

        void seek(std::size_t row) {
            position_ = row;
            if (row == size_) return;
            std::size_t after = blocks_.size(); // binary search for the last block that starts at or before the row
            for (current_ = 0; after - current_ > 1;) {
                const std::size_t middle = current_ + (after - current_) / 2;
                (blocks_[middle].first <= row ? current_ : after) = middle;
            }
        }

    private:
        static constexpr std::size_t rows_per_block = 4096;

        struct numbered_block {
            block_type rows;
            std::size_t first; // number of its first row
        };

        static bool read(R& result, block_type& into) {
            if constexpr (row_source<R>) {
                into.reset(result.layout());
                const auto* row = result.next_row();
                for (std::size_t n = 0; row != nullptr; row = result.next_row()) {
                    into.append(*row, {0, 1, 0});
                    if (++n == rows_per_block) break;
                }
                return into.rows() != 0;
            } else {
                return result.read(into, rows_per_block);
            }
        }

        std::vector<numbered_block> blocks_;
        std::size_t current_ = 0;
        std::size_t position_ = 0;
        std::size_t size_ = 0;
    };
};

/// At most `Rows` rows live at once; memory stays flat however large the result. Forward only.
template <std::size_t Rows = 4096>
struct streaming {
    static_assert(Rows > 0, "a block holds at least one row");
    static constexpr std::size_t batch_rows = Rows;

    template <statement_result R>
    class store {
    public:
        static constexpr bool scrollable = false;
        using block_type = typename R::block_type;

        void open(R&) noexcept {}

        segment<block_type> peek(R& result) {
            if constexpr (row_source<R>) {
                if (row_ == nullptr) row_ = result.next_row();
                return {row_, 0, row_ == nullptr ? 0U : 1U};
            } else {
                if (first_ == rows_.rows()) {
                    first_ = 0;
                    if (!result.read(rows_, Rows)) rows_ = block_type();
                }
                return {&rows_, first_, rows_.rows() - first_};
            }
        }

        void advance(std::size_t n) noexcept {
            first_ += n;
            row_ = nullptr;
        }

    private:
        const block_type* row_ = nullptr;                                 // of a live row
        std::conditional_t<row_source<R>, std::byte, block_type> rows_{}; // else a block
        std::size_t first_ = 0;
    };
};

} // namespace weft::inline v0
