// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Comparisons with a constant, for filtering: `df.filter("size", weft::greater(100))`.

#include <weft/columnar/schema.hpp>
#include <weft/core/value.hpp>
#include <weft/format/detail/cell_order.hpp>

#include <compare>
#include <string>

namespace weft::inline v0 {

/// A comparison of a value with one or two constants. NULL fits none but `is_null()`. Numbers of different types are
/// compared exactly; a constant given as text is read as date, time or decimal where the column is one.
class comparison {
public:
    enum class kind : unsigned char {
        equal,
        not_equal,
        less,
        less_equal,
        greater,
        greater_equal,
        between,
        null,
        not_null
    };

    comparison(kind how, value constant, value upper = {})
        : how_(how), constant_(std::move(constant)), upper_(std::move(upper)) {
        const bool needs_value = how != kind::null && how != kind::not_null;
        if (needs_value && (constant_.is_null() || (how == kind::between && upper_.is_null()))) {
            throw programming_error("nothing compares with NULL; use is_null()");
        }
    }

    /// The comparison ready for a column. Throws programming_error when the two have no order.
    comparison bind(const field& column) const {
        comparison bound = *this;
        bound.constant_ = fitting(constant_, column);
        bound.upper_ = fitting(upper_, column);
        return bound;
    }

    /// Whether the value fits.
    bool matches(const cell& c) const {
        if (c.is_null() || how_ == kind::null) return c.is_null() && how_ == kind::null;
        if (how_ == kind::not_null) return true;
        const std::partial_ordering order = detail::compare_cells(c, constant_.view());
        switch (how_) {
        case kind::equal: return order == 0;
        case kind::not_equal: return order != 0;
        case kind::less: return order < 0;
        case kind::less_equal: return order <= 0;
        case kind::greater: return order > 0;
        case kind::greater_equal: return order >= 0;
        default: return order >= 0 && detail::compare_cells(c, upper_.view()) <= 0;
        }
    }

private:
    template <class T>
    static value read(const value& constant, const field& column) {
        T out{};
        read_cell(constant.view(), out, {column.name, 0, 0});
        return value(out);
    }

    static value fitting(const value& constant, const field& column) {
        const type_id id = column.type.id;
        if (constant.is_null() || id == type_id::null) return constant;
        if (constant.kind() == type_id::text && (id == type_id::date || id == type_id::datetime)) {
            return read<datetime>(constant, column);
        }
        if (constant.kind() == type_id::text && id == type_id::time) return read<weft::time>(constant, column);
        if (constant.kind() == type_id::text && id == type_id::decimal) return read<decimal>(constant, column);
        const detail::order_family family = detail::family_of(id);
        if (family == detail::order_family::none || family != detail::family_of(constant.kind())) {
            std::string text = "column '";
            text += column.name;
            text += "' is ";
            text += to_string(column.type);
            text += ", which does not compare with ";
            text += describe(constant.view());
            throw programming_error(std::move(text));
        }
        return constant;
    }

    kind how_;
    value constant_;
    value upper_;
};

inline comparison equal_to(value v) {
    return {comparison::kind::equal, std::move(v)};
}
inline comparison not_equal_to(value v) {
    return {comparison::kind::not_equal, std::move(v)};
}
inline comparison less(value v) {
    return {comparison::kind::less, std::move(v)};
}
inline comparison less_equal(value v) {
    return {comparison::kind::less_equal, std::move(v)};
}
inline comparison greater(value v) {
    return {comparison::kind::greater, std::move(v)};
}
inline comparison greater_equal(value v) {
    return {comparison::kind::greater_equal, std::move(v)};
}
/// At least `lower` and at most `upper`.
inline comparison between(value lower, value upper) {
    return {comparison::kind::between, std::move(lower), std::move(upper)};
}
inline comparison is_null() {
    return {comparison::kind::null, {}};
}
inline comparison is_not_null() {
    return {comparison::kind::not_null, {}};
}

} // namespace weft::inline v0
