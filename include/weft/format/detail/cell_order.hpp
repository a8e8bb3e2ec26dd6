// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/columnar/array.hpp>

#include <compare>
#include <cstring>
#include <utility>
#include <vector>

namespace weft::inline v0::detail {

constexpr std::partial_ordering reversed(std::partial_ordering order) noexcept {
    if (order < 0) return std::partial_ordering::greater;
    return order > 0 ? std::partial_ordering::less : order;
}

/// An integer against a double without rounding either; `Limit` is the first double beyond the type.
template <class Integer>
std::partial_ordering compare_exactly(Integer a, double b) noexcept {
    constexpr bool is_signed = static_cast<Integer>(-1) < 0;
    constexpr double limit = is_signed ? 9223372036854775808.0 : 18446744073709551616.0;
    if (b != b) return std::partial_ordering::unordered;
    if (b >= limit) return std::partial_ordering::less;
    if (b < (is_signed ? -limit : 0.0)) return std::partial_ordering::greater;
    const auto whole = static_cast<Integer>(b);
    if (a != whole) return a <=> whole;
    return 0.0 <=> b - static_cast<double>(whole);
}

inline decimal exact_number(const cell& c) {
    if (c.kind() == type_id::decimal) return c.decimal();
    return c.kind() == type_id::uint64 ? decimal::from_uint64(c.uint64()) : decimal::from_int64(c.int64());
}

inline std::partial_ordering compare_numbers(const cell& a, const cell& b) {
    if (a.kind() == b.kind()) {
        if (a.kind() == type_id::int64) return a.int64() <=> b.int64();
        if (a.kind() == type_id::uint64) return a.uint64() <=> b.uint64();
        if (a.kind() == type_id::float64) return a.float64() <=> b.float64();
        return a.decimal() <=> b.decimal();
    }
    if (a.kind() == type_id::float64) return reversed(compare_numbers(b, a));
    if (b.kind() != type_id::float64) return exact_number(a) <=> exact_number(b);
    if (a.kind() == type_id::int64) return compare_exactly(a.int64(), b.float64());
    if (a.kind() == type_id::uint64) return compare_exactly(a.uint64(), b.float64());
    return a.decimal().to_double() <=> b.float64();
}

/// Values of one family are ordered with one another.
enum class order_family : unsigned char { none, boolean, number, day, time, text, bytes };

constexpr order_family family_of(type_id id) noexcept {
    if (is_number(id)) return order_family::number;
    if (is_textual(id)) return order_family::text;
    if (id == type_id::date || id == type_id::datetime) return order_family::day;
    if (id == type_id::boolean) return order_family::boolean;
    if (id == type_id::time) return order_family::time;
    return id == type_id::blob ? order_family::bytes : order_family::none;
}

inline std::int64_t microseconds_of(const cell& c) noexcept {
    constexpr std::int64_t day = 86400000000;
    return c.kind() == type_id::date ? c.int64() * day : c.int64();
}

/// The order of two values of one family; everything else, and NaN, is unordered.
inline std::partial_ordering compare_cells(const cell& a, const cell& b) {
    const order_family family = family_of(a.kind());
    if (family != family_of(b.kind())) return std::partial_ordering::unordered;
    switch (family) {
    case order_family::number: return compare_numbers(a, b);
    case order_family::day: return microseconds_of(a) <=> microseconds_of(b);
    case order_family::boolean:
    case order_family::time: return a.int64() <=> b.int64();
    case order_family::text: return a.text() <=> b.text();
    case order_family::bytes: return as_text(a.blob()) <=> as_text(b.blob());
    case order_family::none: break;
    }
    return std::partial_ordering::unordered;
}

/// A number that sorts as the double does; NaN comes after everything, the two zeros are equal.
inline std::uint64_t order_bits(double v) noexcept {
    if (v != v) return static_cast<std::uint64_t>(-1);
    if (v == 0.0) v = 0.0;
    std::uint64_t bits;
    std::memcpy(&bits, &v, sizeof bits);
    constexpr std::uint64_t sign = std::uint64_t{1} << 63;
    return (bits & sign) != 0 ? ~bits : bits | sign;
}

/// One column to sort by. Where the type allows it, values are turned into integers of the same order beforehand.
class sort_column {
public:
    sort_column(const array& column, bool descending) : column_(&column), descending_(descending) {
        const type_id id = column.type().id;
        if (is_textual(id) || id == type_id::blob || id == type_id::decimal) return;
        bits_.resize(column.size());
        for (std::size_t r = 0; r < bits_.size(); ++r) {
            const cell c = column.at(r);
            if (c.is_null()) continue;
            bits_[r] = c.kind() == type_id::float64  ? order_bits(c.float64())
                       : c.kind() == type_id::uint64 ? c.uint64()
                                                     : c.uint64() ^ std::uint64_t{1} << 63;
        }
    }

    /// Negative when row `a` comes first, positive when row `b` does. NULL comes last in both directions.
    int compare(std::size_t a, std::size_t b) const {
        if (column_->null_count() != 0) {
            const bool null_a = column_->is_null(a);
            if (null_a != column_->is_null(b)) return null_a ? 1 : -1;
            if (null_a) return 0;
        }
        int order = 0;
        if (!bits_.empty()) {
            order = bits_[a] < bits_[b] ? -1 : bits_[a] > bits_[b] ? 1 : 0;
        } else {
            const auto cells = compare_cells(column_->at(a), column_->at(b));
            order = cells < 0 ? -1 : cells > 0 ? 1 : 0;
        }
        return descending_ ? -order : order;
    }

private:
    const array* column_;
    std::vector<std::uint64_t> bits_;
    bool descending_;
};

/// Sorts stably; `before(a, b)` says whether `a` must stand before `b`. (<algorithm> would cost every user compile
/// time.)
template <class T, class Before>
void merge_sort(std::vector<T>& items, Before before) {
    const std::size_t size = items.size();
    std::vector<T> merged(size);
    for (std::size_t width = 1; width < size; width *= 2) {
        for (std::size_t first = 0; first < size; first += 2 * width) {
            const std::size_t middle = first + width < size ? first + width : size;
            const std::size_t end = middle + width < size ? middle + width : size;
            std::size_t left = first;
            std::size_t right = middle;
            for (std::size_t out = first; out < end; ++out) {
                const bool take_right = left == middle || (right != end && before(items[right], items[left]));
                merged[out] = take_right ? items[right++] : items[left++];
            }
        }
        items.swap(merged);
    }
}

} // namespace weft::inline v0::detail
