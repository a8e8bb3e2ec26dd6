// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/mysql/column_type.hpp>
#include <weft/mysql/protocol/error.hpp>
#include <weft/simd/text_cell.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace weft::inline v0::mysql::detail {

/// Where a row lies in received bytes: the payload of its message.
struct row_place {
    std::uint32_t offset;
    std::uint32_t size;
};

/// Where the cells of a block lie, column by column.
class cell_index {
public:
    std::size_t rows() const noexcept { return rows_; }

    std::span<const simd::text_cell> column(std::size_t c) const noexcept { return {cells_.get() + c * rows_, rows_}; }

    void clear() noexcept { rows_ = 0; }

    void build(const std::byte* base, std::span<const row_place> rows, const result_layout& layout,
               row_encoding encoding) {
        const std::size_t needed = rows.size() * layout.encodings.size();
        if (needed > capacity_) {
            cells_ = std::make_unique_for_overwrite<simd::text_cell[]>(needed);
            capacity_ = needed;
        }
        rows_ = rows.size();
        if (encoding == row_encoding::text) {
            index_text(base, rows, layout.encodings.size());
        } else {
            index_binary(base, rows, layout.encodings);
        }
    }

private:
    [[noreturn]] void malformed(std::size_t column, const char* what) {
        rows_ = 0;
        protocol::throw_malformed_packet("row: value of column " + std::to_string(column) + ": " + what);
    }

    /// Reads the length before a value. Returns where the value begins, or null when the row is too short for it.
    static const std::byte* read_length(const std::byte* at, const std::byte* end, std::uint64_t& size) noexcept {
        if (at == end) return nullptr;
        const auto first = std::to_integer<std::uint8_t>(*at++);
        std::size_t width = 0;
        switch (first) {
        case 0xFC: width = 2; break;
        case 0xFD: width = 3; break;
        case 0xFE: width = 8; break;
        case 0xFF: return nullptr;
        default: size = first;
        }
        if (width != 0) {
            if (static_cast<std::size_t>(end - at) < width) return nullptr;
            size = 0;
            for (std::size_t i = 0; i < width; ++i) size |= std::to_integer<std::uint64_t>(at[i]) << (8 * i);
            at += width;
        }
        return size > static_cast<std::uint64_t>(end - at) ? nullptr : at;
    }

    void index_text(const std::byte* base, std::span<const row_place> rows, std::size_t columns) {
        const std::size_t reach = (1 + longest_short) * columns;
        const std::size_t received = rows.empty() ? 0 : std::size_t{rows.back().offset} + rows.back().size;
        std::size_t r = 0;
        for (; r + at_once <= rows.size() && rows[r + at_once - 1].offset + reach <= received; r += at_once) {
            if (index_short_rows(base, rows.data() + r, r, columns)) [[likely]]
                continue;
            for (std::size_t i = r; i < r + at_once; ++i) index_text_row(base, rows[i], i, columns);
        }
        for (; r < rows.size(); ++r) index_text_row(base, rows[r], r, columns);
    }

    /// Rows `r` to `r + at_once` as most are: every value short or NULL. Where a value begins depends on the one before
    /// it, so it is the several rows that the processor works on at once. Whether the rows are so; what was written
    /// counts for nothing if they are not. Values are looked at even beyond their row, where other rows were received.
    static constexpr std::size_t at_once = 4;
    static constexpr std::size_t longest_short = 250;
    [[gnu::always_inline]] bool index_short_rows(const std::byte* base, const row_place* rows, std::size_t r,
                                                 std::size_t columns) noexcept {
        std::uint32_t at[at_once];
        for (std::size_t i = 0; i < at_once; ++i) at[i] = rows[i].offset;
        simd::text_cell* to = cells_.get() + r;
        for (std::size_t c = 0; c < columns; ++c, to += rows_) {
            std::uint32_t size[at_once];
            bool all_short = true;
            for (std::size_t i = 0; i < at_once; ++i) {
                size[i] = std::to_integer<std::uint32_t>(base[at[i]++]);
                all_short &= size[i] <= longest_short;
            }
            if (all_short) [[likely]] {
                for (std::size_t i = 0; i < at_once; ++i) {
                    to[i] = {at[i], size[i]};
                    at[i] += size[i];
                }
                continue;
            }
            for (std::size_t i = 0; i < at_once; ++i) {
                if (size[i] > 0xFB) return false;
                to[i] = {at[i], size[i] == 0xFB ? simd::null_size : size[i]};
                at[i] += size[i] == 0xFB ? 0 : size[i];
            }
        }
        bool good = true;
        for (std::size_t i = 0; i < at_once; ++i) good &= at[i] == rows[i].offset + rows[i].size;
        return good;
    }

    /// Any row, and what is wrong with it.
    void index_text_row(const std::byte* base, row_place row, std::size_t r, std::size_t columns) {
        const std::byte* at = base + row.offset;
        const std::byte* const end = at + row.size;
        simd::text_cell* to = cells_.get() + r;
        for (std::size_t c = 0; c < columns; ++c, to += rows_) {
            if (at != end && *at == std::byte{0xFB}) {
                ++at;
                *to = {static_cast<std::uint32_t>(at - base), simd::null_size};
                continue;
            }
            std::uint64_t size = 0;
            at = read_length(at, end, size);
            if (at == nullptr) malformed(c, "it goes beyond the row");
            *to = {static_cast<std::uint32_t>(at - base), static_cast<std::uint32_t>(size)};
            at += size;
        }
        if (at != end) malformed(columns - 1, "bytes are left over");
    }

    void index_binary(const std::byte* base, std::span<const row_place> rows,
                      std::span<const column_encoding> encodings) {
        const std::size_t columns = encodings.size();
        const std::size_t bitmap_size = (columns + 2 + 7) / 8;
        for (std::size_t r = 0; r < rows_; ++r) {
            const std::byte* const row = base + rows[r].offset;
            if (rows[r].size < 1 + bitmap_size || *row != std::byte{0}) malformed(0, "the row has no bitmap of NULLs");
            std::byte nulls{0};
            for (std::size_t i = 1; i <= bitmap_size; ++i) nulls |= row[i];
            const bool plain = nulls == std::byte{0}
                                   ? index_plain_binary_row<false>(base, rows[r], r, encodings, bitmap_size)
                                   : index_plain_binary_row<true>(base, rows[r], r, encodings, bitmap_size);
            if (!plain) index_binary_row(base, rows[r], r, encodings, bitmap_size);
        }
    }

    static bool is_null(const std::byte* bitmap, std::size_t column) noexcept {
        const std::size_t bit = column + 2;
        return (std::to_integer<unsigned>(bitmap[bit / 8]) >> (bit % 8) & 1) != 0;
    }

    /// Row `r` as most are: values of up to 250 bytes. Whether it was; what it wrote counts for nothing if it was not.
    template <bool HasNulls>
    [[gnu::always_inline]] bool index_plain_binary_row(const std::byte* base, row_place row, std::size_t r,
                                                       std::span<const column_encoding> encodings,
                                                       std::size_t bitmap_size) noexcept {
        const std::byte* const bitmap = base + row.offset + 1;
        const std::size_t end = std::size_t{row.offset} + row.size;
        std::size_t at = row.offset + 1 + bitmap_size; // beyond the end is found below, before anybody reads there
        simd::text_cell* to = cells_.get() + r;
        for (std::size_t c = 0; c < encodings.size(); ++c, to += rows_) {
            if (HasNulls && is_null(bitmap, c)) {
                *to = {static_cast<std::uint32_t>(at), simd::null_size};
                continue;
            }
            std::uint32_t size = encodings[c].width;
            if (size == 0) {
                if (at >= end) return false;
                size = std::to_integer<std::uint32_t>(base[at++]);
                if (size >= 0xFB) return false;
            }
            *to = {static_cast<std::uint32_t>(at), size};
            at += size;
        }
        return at == end;
    }

    /// Any row, and what is wrong with it.
    [[gnu::noinline]] void index_binary_row(const std::byte* base, row_place row, std::size_t r,
                                            std::span<const column_encoding> encodings, std::size_t bitmap_size) {
        const std::byte* const bitmap = base + row.offset + 1;
        const std::byte* const end = base + row.offset + row.size;
        const std::byte* at = bitmap + bitmap_size;
        simd::text_cell* to = cells_.get() + r;
        for (std::size_t c = 0; c < encodings.size(); ++c, to += rows_) {
            if (is_null(bitmap, c)) {
                *to = {static_cast<std::uint32_t>(at - base), simd::null_size};
                continue;
            }
            std::uint64_t size = encodings[c].width;
            if (size == 0) {
                at = read_length(at, end, size);
                if (at == nullptr) malformed(c, "it goes beyond the row");
            } else if (static_cast<std::uint64_t>(end - at) < size) {
                malformed(c, "it goes beyond the row");
            }
            *to = {static_cast<std::uint32_t>(at - base), static_cast<std::uint32_t>(size)};
            at += size;
        }
        if (at != end) malformed(encodings.size() - 1, "bytes are left over");
    }

    std::unique_ptr<simd::text_cell[]> cells_;
    std::size_t capacity_ = 0;
    std::size_t rows_ = 0;
};

} // namespace weft::inline v0::mysql::detail
