// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `array`: one immutable column, laid out as Arrow lays it out, so that export copies nothing.
///
/// | type                   | values                                       | characters |
/// |------------------------|----------------------------------------------|------------|
/// | boolean                | bitmap                                       |            |
/// | integers, floats       | their own width                              |            |
/// | decimal                | 16 bytes up to precision 38, else 32         |            |
/// | date                   | int32 days since 1970-01-01                  |            |
/// | time, datetime         | int64 microseconds                           |            |
/// | text, json, blob       | int32 offsets (int64 when `large`), length+1 | bytes      |
/// | vector                 | float32, dimension × length                  |            |
/// | list                   | int32 offsets (int64 when `large`), length+1 | child 0    |
/// | structure              |                                              | children   |

#include <weft/columnar/buffer.hpp>
#include <weft/columnar/schema.hpp>
#include <weft/core/cell.hpp>

#include <span>
#include <vector>

namespace weft::inline v0 {

/// Width in bytes of a decimal of this precision.
constexpr std::size_t decimal_width(std::int32_t precision) noexcept {
    return precision > 38 || precision == 0 ? 32 : 16;
}

/// Width in bytes of one value of a fixed-width type; 0 for the others.
constexpr std::size_t value_width(const data_type& type) noexcept {
    switch (type.id) {
    case type_id::int8:
    case type_id::uint8: return 1;
    case type_id::int16:
    case type_id::uint16: return 2;
    case type_id::int32:
    case type_id::uint32:
    case type_id::float32:
    case type_id::date: return 4;
    case type_id::int64:
    case type_id::uint64:
    case type_id::float64:
    case type_id::time:
    case type_id::datetime: return 8;
    case type_id::decimal: return decimal_width(type.precision);
    case type_id::vector: return static_cast<std::size_t>(type.dimension) * sizeof(float);
    default: return 0;
    }
}

/// An immutable column. Copies are cheap: they share the memory.
class array final : public nested_cells {
public:
    /// The parts; whoever fills them answers for their sizes. `offset` counts values (bits of the bitmaps).
    struct parts {
        data_type type;
        std::int64_t length = 0;
        std::int64_t null_count = 0;
        std::int64_t offset = 0;
        bool large = false; ///< 64-bit offsets
        buffer validity;    ///< bitmap, set bit = valid; absent when nothing is null
        buffer values;      ///< see the table above
        buffer characters;  ///< text, json, blob
        std::vector<array> children;
    };

    array() = default;
    explicit array(parts p) : parts_(std::move(p)) {}

    const data_type& type() const noexcept { return parts_.type; }
    std::size_t size() const noexcept { return static_cast<std::size_t>(parts_.length); }
    std::size_t null_count() const noexcept { return static_cast<std::size_t>(parts_.null_count); }
    const parts& layout() const noexcept { return parts_; }

    bool is_null(std::size_t row) const noexcept {
        if (parts_.type.id == type_id::null) return true;
        return parts_.validity && !bit_at(parts_.validity.data, position(row));
    }

    /// The values as they lie, without copy. `T` must have the width of the type: an int64 column has
    /// `std::int64_t`, a date column `std::int32_t` days, a datetime column `std::int64_t` microseconds, a vector
    /// column `float` (dimension × size of them). Null rows hold unspecified values. Throws programming_error when
    /// `T` does not fit.
    template <class T>
    std::span<const T> values() const {
        const std::size_t width = value_width(parts_.type);
        const bool is_vector = parts_.type.id == type_id::vector && std::is_same_v<T, float>;
        if (!is_vector && (width != sizeof(T) || is_floating_point(parts_.type.id) != std::is_floating_point_v<T>)) {
            throw programming_error("a column of type " + to_string(parts_.type) + " has no values of " +
                                    std::to_string(sizeof(T)) + " bytes of that kind");
        }
        const std::size_t per_row = is_vector ? static_cast<std::size_t>(parts_.type.dimension) : 1;
        return {parts_.values.as<T>() + static_cast<std::size_t>(parts_.offset) * per_row, size() * per_row};
    }

    /// The value of one row as a cell.
    cell at(std::size_t row) const noexcept;

    /// Rows [first, first + count) without copying.
    array slice(std::size_t first, std::size_t count) const;

    // nested_cells: elements of a list row, members of a structure row.
    std::size_t count(std::size_t row) const override {
        if (parts_.type.id == type_id::structure) return parts_.children.size();
        return static_cast<std::size_t>(offset_at(row + 1) - offset_at(row));
    }
    cell element(std::size_t row, std::size_t index) const override {
        if (parts_.type.id == type_id::structure) {
            return parts_.children[index].at(static_cast<std::size_t>(position(row)));
        }
        return parts_.children[0].at(static_cast<std::size_t>(offset_at(row)) + index);
    }
    std::string_view member_name(std::size_t index) const override {
        return parts_.type.id == type_id::structure ? std::string_view((*parts_.type.children)[index].name)
                                                    : std::string_view();
    }

private:
    std::int64_t position(std::size_t row) const noexcept { return parts_.offset + static_cast<std::int64_t>(row); }

    std::int64_t offset_at(std::size_t row) const noexcept {
        return parts_.large ? parts_.values.as<std::int64_t>()[position(row)]
                            : parts_.values.as<std::int32_t>()[position(row)];
    }

    const std::byte* bytes_at(std::size_t row, std::size_t& size) const noexcept {
        const std::int64_t begin = offset_at(row);
        size = static_cast<std::size_t>(offset_at(row + 1) - begin);
        return parts_.characters.data + begin;
    }

    template <class T>
    T value_at(std::size_t row) const noexcept {
        return parts_.values.as<T>()[position(row)];
    }

    parts parts_;
};

inline cell array::at(std::size_t row) const noexcept {
    if (is_null(row)) return {};
    switch (parts_.type.id) {
    case type_id::boolean: return cell(bit_at(parts_.values.data, position(row)));
    case type_id::int8: return cell(std::int64_t{value_at<std::int8_t>(row)});
    case type_id::int16: return cell(std::int64_t{value_at<std::int16_t>(row)});
    case type_id::int32: return cell(std::int64_t{value_at<std::int32_t>(row)});
    case type_id::int64: return cell(value_at<std::int64_t>(row));
    case type_id::uint8: return cell(std::uint64_t{value_at<std::uint8_t>(row)});
    case type_id::uint16: return cell(std::uint64_t{value_at<std::uint16_t>(row)});
    case type_id::uint32: return cell(std::uint64_t{value_at<std::uint32_t>(row)});
    case type_id::uint64: return cell(value_at<std::uint64_t>(row));
    case type_id::float32: return cell(double{value_at<float>(row)});
    case type_id::float64: return cell(value_at<double>(row));
    case type_id::date: return cell::of_days(value_at<std::int32_t>(row));
    case type_id::time: return cell::of_time(value_at<std::int64_t>(row));
    case type_id::datetime: return cell::of_datetime(value_at<std::int64_t>(row));
    case type_id::decimal: {
        const std::size_t width = decimal_width(parts_.type.precision);
        return cell::of_decimal_bytes({parts_.values.data + static_cast<std::size_t>(position(row)) * width, width},
                                      parts_.type.scale);
    }
    case type_id::text:
    case type_id::json:
    case type_id::blob: {
        std::size_t size = 0;
        const std::byte* bytes = bytes_at(row, size);
        if (parts_.type.id == type_id::blob) return cell::of_blob({bytes, size});
        const std::string_view text(reinterpret_cast<const char*>(bytes), size);
        return parts_.type.id == type_id::text ? cell::of_text(text) : cell::of_json(text);
    }
    case type_id::vector: {
        const auto dimension = static_cast<std::size_t>(parts_.type.dimension);
        return cell::of_vector(
            {parts_.values.as<float>() + static_cast<std::size_t>(position(row)) * dimension, dimension});
    }
    case type_id::list:
    case type_id::structure: return cell::of_nested(parts_.type.id, *this, row);
    case type_id::any:
    case type_id::null: break;
    }
    return {};
}

inline array array::slice(std::size_t first, std::size_t count) const {
    parts p = parts_;
    p.offset = position(first);
    p.length = static_cast<std::int64_t>(count);
    p.null_count = 0;
    if (p.type.id == type_id::null) p.null_count = p.length;
    if (p.validity) {
        for (std::size_t row = 0; row < count; ++row) p.null_count += is_null(first + row) ? 1 : 0;
    }
    return array(std::move(p));
}

} // namespace weft::inline v0
