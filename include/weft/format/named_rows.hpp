// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `named_rows`: every row becomes a record with positions and attribute names, like Python's named tuples.

#include <weft/format/row.hpp>

namespace weft::inline v0 {

/// A row that is indexed by position or name and iterates over its values.
class named_row : public dynamic_row {
public:
    using dynamic_row::dynamic_row;
    using dynamic_row::operator[];
    using dynamic_row::get;

    /// The value at a position; throws programming_error when there is none.
    const value& operator[](std::size_t index) const {
        if (index < size()) return values_[index];
        throw programming_error("no column at index " + std::to_string(index) + "; the row has " +
                                std::to_string(size()));
    }
    const value& operator[](int index) const { return (*this)[static_cast<std::size_t>(index)]; }

    template <cell_readable T>
    T get(std::size_t index) const {
        return (*this)[index].template as<T>();
    }

    auto begin() const noexcept { return values_.begin(); }
    auto end() const noexcept { return values_.end(); }

    /// `Row(id=1, name='Ada')`
    std::string to_string() const {
        std::string text = "Row(";
        for (std::size_t i = 0; i < size(); ++i) {
            if (i != 0) text += ", ";
            text += names()[i] + '=';
            const bool quoted = values_[i].kind() == type_id::text;
            text += values_[i].is_null() ? "NULL"
                    : quoted             ? '\'' + values_[i].to_string() + '\''
                                         : values_[i].to_string();
        }
        return text + ')';
    }
};

namespace detail {

constexpr bool is_identifier(std::string_view name) noexcept {
    if (name.empty() || name.front() == '_' || (name.front() >= '0' && name.front() <= '9')) return false;
    for (const char c : name) {
        const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                          static_cast<unsigned char>(c) >= 0x80;
        if (!word) return false;
    }
    return true;
}

/// Attribute names: a name that repeats or is no identifier becomes `_index`.
inline std::vector<std::string> attribute_names(const schema& layout) {
    std::vector<std::string> names;
    names.reserve(layout.size());
    for (const field& f : layout) {
        const bool usable = is_identifier(f.name) && !contains_name(names, f.name);
        names.push_back(usable ? f.name : '_' + std::to_string(names.size()));
    }
    return names;
}

} // namespace detail

/// Rows as `named_row`; results are vectors of them. Names that repeat, are no identifiers or start with `_` become
/// `_index`.
struct named_rows {
    using row_type = named_row;
    using result_type = std::vector<named_row>;
    using reader = detail::dynamic_row_reader<named_row>;

    reader bind(const schema& layout) const { return {layout, detail::attribute_names(layout)}; }
};

} // namespace weft::inline v0
