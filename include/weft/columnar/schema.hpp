// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Names and types of the columns of a result.

#include <weft/core/error.hpp>
#include <weft/core/shared.hpp>
#include <weft/core/type.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weft::inline v0 {

struct field;

/// Type of a column with its parameters.
struct data_type {
    type_id id = type_id::any;
    std::int32_t precision = 0;                ///< decimals: total digits, 0 when not declared
    std::int32_t scale = 0;                    ///< decimals: fraction digits
    std::int32_t dimension = 0;                ///< vectors: number of elements, 0 when not declared
    shared<const std::vector<field>> children; ///< lists: one, structures: one a member

    data_type() = default;
    data_type(type_id simple) noexcept : id(simple) {}

    static data_type decimal(std::int32_t precision, std::int32_t scale);
    static data_type vector(std::int32_t dimension);
    static data_type list(const field& element);
    static data_type structure(std::vector<field> members);

    bool operator==(const data_type& other) const;
};

/// One column of a result.
struct field {
    std::string name{};
    data_type type{};
    bool nullable = true;
    std::string table{};    ///< alias or name of the table the column comes from; empty when there is none
    std::string declared{}; ///< the type as the engine declares it; empty when there is none

    bool operator==(const field&) const = default;
};

inline data_type data_type::decimal(std::int32_t precision, std::int32_t scale) {
    data_type t(type_id::decimal);
    t.precision = precision;
    t.scale = scale;
    return t;
}

inline data_type data_type::vector(std::int32_t dimension) {
    data_type t(type_id::vector);
    t.dimension = dimension;
    return t;
}

inline data_type data_type::list(const field& element) {
    data_type t(type_id::list);
    std::vector<field> one(1);
    one[0] = element;
    t.children = std::move(one);
    return t;
}

inline data_type data_type::structure(std::vector<field> members) {
    data_type t(type_id::structure);
    t.children = std::move(members);
    return t;
}

inline bool data_type::operator==(const data_type& other) const {
    if (id != other.id || precision != other.precision || scale != other.scale || dimension != other.dimension) {
        return false;
    }
    if (!children || !other.children) return children == other.children;
    if (children->size() != other.children->size()) return false;
    for (std::size_t i = 0; i < children->size(); ++i) {
        if (!((*children)[i] == (*other.children)[i])) return false;
    }
    return true;
}

/// `decimal(20, 6)`, `vector(3)`, `list<int64>`, `structure<a: int64, b: text>`, else the bare name.
inline std::string to_string(const data_type& type) {
    std::string text(to_string(type.id));
    if (type.id == type_id::decimal && type.precision > 0) {
        text += '(' + std::to_string(type.precision) + ", " + std::to_string(type.scale) + ')';
    } else if (type.id == type_id::vector && type.dimension > 0) {
        text += '(' + std::to_string(type.dimension) + ')';
    } else if (type.children) {
        text += '<';
        for (const field& child : *type.children) {
            if (text.back() != '<') text += ", ";
            if (type.id == type_id::structure) text += child.name + ": ";
            text += to_string(child.type);
        }
        text += '>';
    }
    return text;
}

/// Columns of a result, in order. Names may repeat; look-ups find the first.
class schema {
public:
    schema() = default;
    explicit schema(std::vector<field> fields) : fields_(std::move(fields)) {}

    std::size_t size() const noexcept { return fields_.size(); }
    bool empty() const noexcept { return fields_.empty(); }
    const field& operator[](std::size_t column) const noexcept { return fields_[column]; }
    auto begin() const noexcept { return fields_.begin(); }
    auto end() const noexcept { return fields_.end(); }
    const std::vector<field>& fields() const noexcept { return fields_; }

    /// Index of the first column with this exact name. A template, so that only its callers compile std::optional.
    template <class Index = std::size_t>
    std::optional<Index> find(std::string_view name) const noexcept {
        const Index i = position(name);
        if (i == size()) return std::nullopt;
        return i;
    }

    /// As find(); throws programming_error naming the column and the ones there are.
    std::size_t index_of(std::string_view name) const {
        const std::size_t i = position(name);
        if (i != size()) return i;
        throw programming_error("no column named '" + std::string(name) + "'; the result has " + names());
    }

    /// `'a', 'b', 'c'`, or `no columns`.
    std::string names() const {
        if (fields_.empty()) return "no columns";
        std::string text;
        for (const field& f : fields_) {
            if (!text.empty()) text += ", ";
            text += '\'' + f.name + '\'';
        }
        return text;
    }

    bool operator==(const schema&) const = default;

private:
    /// Index of the first column with this name, size() when there is none.
    std::size_t position(std::string_view name) const noexcept {
        std::size_t i = 0;
        while (i < fields_.size() && fields_[i].name != name) ++i;
        return i;
    }

    std::vector<field> fields_;
};

} // namespace weft::inline v0
