// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `row_block`: rows of a result as they came over the wire. The bytes stay where they were received; one pass notes
/// where every cell lies, column by column, and values are read from there: a cell at a time, or a whole column in one
/// loop.

#include <weft/columnar/block.hpp>
#include <weft/mysql/column_type.hpp>
#include <weft/mysql/detail/cell_index.hpp>
#include <weft/mysql/detail/packed_vectors.hpp>
#include <weft/mysql/detail/read_binary.hpp>
#include <weft/mysql/detail/read_column.hpp>
#include <weft/mysql/detail/read_text.hpp>
#include <weft/mysql/detail/receive_buffer.hpp>

#include <concepts>
#include <memory>

namespace weft::inline v0::mysql {

class row_block {
public:
    row_block() = default;

    std::size_t rows() const noexcept { return index_.rows(); }
    const schema& layout() const noexcept { return layout_->columns; }

    /// Throws data_error for a value that is not what its column promises, such as a date that is none when the
    /// policy says so.
    cell at(std::size_t column, std::size_t row) const {
        const simd::text_cell place = index_.column(column)[row];
        if (place.size == simd::null_size) return {};
        const column_encoding& encoding = layout_->encodings[column];
        const detail::value_place where{*layout_, column, first_row_ + row};
        const auto* bytes = base_ + place.offset;
        switch (encoding.values) {
        case value_encoding::null: return {};
        case value_encoding::text_integer: return detail::text_integer(bytes, place.size, where);
        case value_encoding::text_float: return detail::text_float(bytes, place.size, encoding.width, where);
        case value_encoding::text_date: return detail::text_date(bytes, place.size, where);
        case value_encoding::text_datetime: return detail::text_datetime(bytes, place.size, where);
        case value_encoding::text_time: return detail::text_time(bytes, place.size, where);
        case value_encoding::signed_bytes: return cell(detail::load_signed(bytes, encoding.width));
        case value_encoding::unsigned_bytes: return cell(detail::load_unsigned(bytes, encoding.width));
        case value_encoding::float_bytes: return cell(detail::load_float(bytes, encoding.width));
        case value_encoding::date_bytes: return detail::binary_date(bytes, place.size, where);
        case value_encoding::datetime_bytes: return detail::binary_datetime(bytes, place.size, where);
        case value_encoding::time_bytes: return detail::binary_time(bytes, place.size, where);
        case value_encoding::bits: return detail::bits(bytes, place.size, where);
        case value_encoding::decimal: return cell::of_decimal_text({as_chars(bytes), place.size});
        case value_encoding::text: return cell::of_text({as_chars(bytes), place.size});
        case value_encoding::json: return cell::of_json({as_chars(bytes), place.size});
        case value_encoding::blob: return cell::of_blob({bytes, place.size});
        case value_encoding::vector_bytes:
        case value_encoding::vector_text: return vectors_.at(column, row);
        }
        return {};
    }

    /// Reads a stretch of a column in one loop; see column_readable. `Arch` is the instruction set.
    template <detail::directly_readable T, class Arch = simd::arch::dispatched>
    std::size_t read_column(std::size_t column, std::size_t first, std::size_t count, strided<T> out) const {
        const std::span<const simd::text_cell> cells = index_.column(column).subspan(first, count);
        const column_encoding& encoding = layout_->encodings[column];
        if constexpr (std::same_as<T, decimal>) {
            const data_type& type = layout_->columns[column].type;
            if (encoding.values != value_encoding::decimal || type.precision == 0) return 0;
            return detail::read_decimals<Arch>(base_, cells, type.precision, type.scale, out);
        } else {
            return detail::read_cells<Arch>(base_, cells, encoding, out);
        }
    }

    /// Reads a stretch of a column of decimals as integers of 16 bytes; see decimals_readable.
    template <class Arch = simd::arch::dispatched>
    std::size_t read_decimals(std::size_t column, std::size_t first, std::size_t count, const data_type& type,
                              std::byte* to) const {
        if (layout_->encodings[column].values != value_encoding::decimal) return 0;
        return detail::read_unscaled<Arch>(base_, index_.column(column).subspan(first, count), type.precision,
                                           type.scale, to);
    }

    /// Bytes that copy_texts() may write; see texts_copyable.
    std::size_t texts_size(std::size_t column, std::size_t first, std::size_t count) const noexcept {
        return detail::size_of_texts(index_.column(column).subspan(first, count));
    }
    /// Copies the texts of a column behind each other; see texts_copyable.
    template <class Arch = simd::arch::dispatched>
    std::size_t copy_texts(std::size_t column, std::size_t first, std::size_t count, std::byte* to, std::int32_t start,
                           std::byte* ends) const noexcept {
        if (layout_->encodings[column].values != value_encoding::text) return 0;
        return detail::copy_texts<Arch>(base_, index_.column(column).subspan(first, count), to, start, ends);
    }

    /// Takes over the rows found in received bytes. `first_row` is the number of the first one in the result.
    /// \throws operational_error 2027 for a row that is malformed.
    void assign(std::shared_ptr<const result_layout> layout, row_encoding encoding,
                const detail::receive_buffer::storage& bytes, std::span<const detail::row_place> rows,
                std::uint64_t first_row) {
        clear();
        layout_ = std::move(layout);
        bytes_ = bytes;
        base_ = detail::receive_buffer::data(bytes);
        first_row_ = first_row;
        index_.build(base_, rows, *layout_, encoding);
        vectors_.build(base_, index_, *layout_, first_row);
    }

    /// Lets go of the rows; keeps memory for the next ones.
    void clear() noexcept {
        index_.clear();
        bytes_.reset();
    }

private:
    static const char* as_chars(const std::byte* bytes) noexcept { return reinterpret_cast<const char*>(bytes); }

    std::shared_ptr<const result_layout> layout_ = detail::no_columns();
    detail::receive_buffer::storage bytes_;
    const std::byte* base_ = nullptr;
    std::uint64_t first_row_ = 0;
    detail::cell_index index_;
    detail::packed_vectors vectors_;
};

/// Rows whose columns are read with a fixed instruction set, one of `simd::arch`.
template <class Arch>
class basic_row_block : public row_block {
public:
    template <detail::directly_readable T>
    std::size_t read_column(std::size_t column, std::size_t first, std::size_t count, strided<T> out) const {
        return row_block::read_column<T, Arch>(column, first, count, out);
    }
    std::size_t read_decimals(std::size_t column, std::size_t first, std::size_t count, const data_type& type,
                              std::byte* to) const {
        return row_block::read_decimals<Arch>(column, first, count, type, to);
    }
    std::size_t copy_texts(std::size_t column, std::size_t first, std::size_t count, std::byte* to, std::int32_t start,
                           std::byte* ends) const noexcept {
        return row_block::copy_texts<Arch>(column, first, count, to, start, ends);
    }
};

} // namespace weft::inline v0::mysql
