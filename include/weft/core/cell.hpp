// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `cell`: a trivially copyable view of one value, 24 bytes. Blocks hand cells out, formats turn them into the user's
/// types, parameters travel as cells. A cell owns nothing: text, bytes and vectors stay where they are and must outlive
/// it. Reading with the wrong accessor is undefined; ask `kind()` first, or convert through `cell_reader`.

#include <weft/core/blob.hpp>
#include <weft/core/date.hpp>
#include <weft/core/datetime.hpp>
#include <weft/core/decimal.hpp>
#include <weft/core/time.hpp>
#include <weft/core/type.hpp>
#include <weft/core/vector_view.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weft::inline v0 {

class cell;

/// Where the elements of nested cells (lists and structures) live. Implemented by nested columns.
class nested_cells {
public:
    /// Number of elements of the list, or members of the structure, in `row`.
    virtual std::size_t count(std::size_t row) const = 0;
    /// Element or member `index` of `row`.
    virtual cell element(std::size_t row, std::size_t index) const = 0;
    /// Name of member `index`; empty for lists.
    virtual std::string_view member_name(std::size_t index) const = 0;

protected:
    ~nested_cells() = default;
};

/// A view of one value. Its kind is one of null, boolean, int64, uint64, float64, decimal, date, time, datetime, text,
/// blob, json, vector, list, structure.
class cell {
public:
    constexpr cell() noexcept : kind_(type_id::null), signed_(0) {}
    constexpr explicit cell(bool v) noexcept : kind_(type_id::boolean), signed_(v ? 1 : 0) {}
    constexpr explicit cell(std::int64_t v) noexcept : kind_(type_id::int64), signed_(v) {}
    constexpr explicit cell(std::uint64_t v) noexcept : kind_(type_id::uint64), unsigned_(v) {}
    constexpr explicit cell(double v) noexcept : kind_(type_id::float64), float_(v) {}
    explicit cell(weft::date v) noexcept : kind_(type_id::date), signed_(v.days_since_epoch()) {}
    explicit cell(weft::time v) noexcept : kind_(type_id::time), signed_(v.microseconds()) {}
    explicit cell(weft::datetime v) noexcept : kind_(type_id::datetime), signed_(v.microseconds_since_epoch()) {}

    /// The decimal stays where it is.
    explicit cell(const weft::decimal& v) noexcept : kind_(type_id::decimal), encoding_(object), decimal_(&v) {}
    explicit cell(weft::decimal&&) = delete;

    /// Dates and times from their counts, unchecked: a count out of range shows when the value is asked for.
    static constexpr cell of_days(std::int32_t days) noexcept { return {type_id::date, days}; }
    static constexpr cell of_time(std::int64_t microseconds) noexcept { return {type_id::time, microseconds}; }
    static constexpr cell of_datetime(std::int64_t microseconds) noexcept { return {type_id::datetime, microseconds}; }

    static cell of_text(std::string_view v) noexcept { return {type_id::text, v.data(), v.size()}; }
    static cell of_json(std::string_view v) noexcept { return {type_id::json, v.data(), v.size()}; }
    static cell of_blob(blob_view v) noexcept { return {type_id::blob, v.data(), v.size()}; }
    static cell of_vector(vector_view<float> v) noexcept { return {type_id::vector, v.data(), v.size()}; }
    /// A decimal in plain or exponent notation; not checked here.
    static cell of_decimal_text(std::string_view v) noexcept { return {type_id::decimal, v.data(), v.size()}; }
    /// A decimal as 16 or 32 bytes of little-endian two's complement with `scale` fraction digits.
    static cell of_decimal_bytes(blob_view v, int scale) noexcept {
        cell c(type_id::decimal, v.data(), v.size());
        c.encoding_ = unscaled;
        c.scale_ = static_cast<std::int8_t>(scale);
        return c;
    }
    /// Row `row` of a nested column; `kind` is list or structure.
    static cell of_nested(type_id kind, const nested_cells& source, std::size_t row) noexcept {
        return {kind, &source, row};
    }

    type_id kind() const noexcept { return kind_; }
    bool is_null() const noexcept { return kind_ == type_id::null; }

    bool boolean() const noexcept { return signed_ != 0; }
    std::int64_t int64() const noexcept { return signed_; }
    std::uint64_t uint64() const noexcept { return unsigned_; }
    double float64() const noexcept { return float_; }
    weft::date date() const { return weft::date::from_days(static_cast<std::int32_t>(signed_)); }
    weft::time time() const { return weft::time::from_microseconds(signed_); }
    weft::datetime datetime() const { return weft::datetime::from_microseconds(signed_); }
    /// Text, JSON and decimals given as text.
    std::string_view text() const noexcept { return {static_cast<const char*>(data_.begin), data_.size}; }
    blob_view blob() const noexcept { return {static_cast<const std::byte*>(data_.begin), data_.size}; }
    vector_view<float> vector() const noexcept { return {static_cast<const float*>(data_.begin), data_.size}; }
    /// Throws data_error when the cell holds text that is no decimal.
    weft::decimal decimal() const {
        switch (encoding_) {
        case object: return *decimal_;
        case unscaled: return weft::decimal::from_unscaled(blob(), scale_);
        case textual: break;
        }
        return weft::decimal::parse(text());
    }
    /// Elements of a list or members of a structure.
    std::size_t nested_count() const { return nested().count(data_.size); }
    cell nested_element(std::size_t index) const { return nested().element(data_.size, index); }
    std::string_view nested_name(std::size_t index) const { return nested().member_name(index); }
    /// Where the elements live. Structures with the same source have the same names in the same order.
    const nested_cells* nested_source() const noexcept { return &nested(); }

private:
    enum decimal_encoding : std::uint8_t { textual, object, unscaled };
    struct range {
        const void* begin;
        std::size_t size;
    };

    constexpr cell(type_id kind, std::int64_t count) noexcept : kind_(kind), signed_(count) {}
    cell(type_id kind, const void* begin, std::size_t size) noexcept : kind_(kind), data_{begin, size} {}

    const nested_cells& nested() const noexcept { return *static_cast<const nested_cells*>(data_.begin); }

    type_id kind_;
    decimal_encoding encoding_ = textual;
    std::int8_t scale_ = 0;
    union {
        std::int64_t signed_;
        std::uint64_t unsigned_;
        double float_;
        const weft::decimal* decimal_;
        range data_;
    };
};

/// The value in words for messages: `text 'abc'`, `int64 42`, `NULL`; long texts are shortened.
std::string describe(const cell& c);

/// Appends the value as a person would write it: numbers and dates plainly, text as it is, blobs as `0x…`, vectors and
/// nested values as JSON, NULL as nothing.
void append_text(std::string& out, const cell& c);

/// Appends the value as JSON: NULL as null, decimals as numbers, dates as strings, blobs as base64 strings, JSON as it
/// is.
void append_json(std::string& out, const cell& c);

} // namespace weft::inline v0

#include <weft/core/detail/cell_text.hpp>
