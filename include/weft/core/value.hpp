// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `value`: one owned value whose type is known at run time, as dicts and named rows hold them.

#include <weft/core/cell.hpp>
#include <weft/core/cell_reader.hpp>
#include <weft/core/cell_writer.hpp>

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace weft::inline v0 {

class value;
struct value_member;

/// Elements of a list value.
using value_list = std::vector<value>;
/// Members of a structure value, in order.
using value_object = std::vector<value_member>;

/// A value of any type a cell can have. Default-constructed: NULL.
class value {
public:
    using storage = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, weft::decimal, weft::date,
                                 weft::time, weft::datetime, std::string, weft::blob, json_text, std::vector<float>,
                                 value_list, value_object>;

    value() noexcept = default;
    value(std::nullptr_t) noexcept {}
    value(const char* text) : storage_(std::string(text)) {}
    value(std::string_view text) : storage_(std::string(text)) {}
    template <class T>
        requires(!std::same_as<T, value> && !detail::plain_integer<T> && std::constructible_from<storage, T> &&
                 !std::convertible_to<T, const char*>)
    value(T v) : storage_(std::move(v)) {}
    template <detail::plain_integer T>
    value(T v) {
        if constexpr (std::signed_integral<T>) {
            storage_.template emplace<std::int64_t>(v);
        } else {
            storage_.template emplace<std::uint64_t>(v);
        }
    }
    /// A copy of what the cell shows.
    explicit value(const cell& c);

    /// Kind of the held value; `null` when there is none.
    type_id kind() const noexcept;
    bool is_null() const noexcept { return storage_.index() == 0; }

    /// The held value as `T`, by the rules of `cell_reader`; throws data_error when it cannot be one.
    template <cell_readable T>
    T as() const;

    /// The held alternative itself, or null when it is another.
    template <class T>
    const T* get_if() const noexcept {
        return std::get_if<T>(&storage_);
    }

    const storage& alternatives() const noexcept { return storage_; }

    /// As `append_text` writes it; NULL is the empty text.
    std::string to_string() const;

    bool operator==(const value&) const;

private:
    storage storage_;
};

/// One member of a structure value.
struct value_member {
    std::string name;
    value content;
    bool operator==(const value_member&) const = default;
};

inline bool value::operator==(const value&) const = default;

namespace detail {

class nested_value;

/// Views a value as a cell. Lists and structures are viewed through `nested`, which must then outlive the cell.
cell view_value(const value& v, nested_value& nested);

/// The elements of a list or structure value as cells.
class nested_value final : public nested_cells {
public:
    nested_value() = default;
    nested_value(const nested_value&) = delete;
    nested_value& operator=(const nested_value&) = delete;

    std::size_t count(std::size_t) const override { return elements_.size(); }
    cell element(std::size_t, std::size_t index) const override { return elements_[index]; }
    std::string_view member_name(std::size_t index) const override {
        return names_.empty() ? std::string_view() : names_[index];
    }

    void add(const value& v, std::string_view name = {}) {
        inner_.push_back(std::make_unique<nested_value>());
        elements_.push_back(view_value(v, *inner_.back()));
        if (!name.empty()) names_.resize(elements_.size(), name);
    }

private:
    std::vector<cell> elements_;
    std::vector<std::string_view> names_;
    std::vector<std::unique_ptr<nested_value>> inner_;
};

inline cell view_value(const value& v, nested_value& nested) {
    struct visitor {
        nested_value& nested;
        cell operator()(std::monostate) const { return {}; }
        cell operator()(bool x) const { return cell(x); }
        cell operator()(std::int64_t x) const { return cell(x); }
        cell operator()(std::uint64_t x) const { return cell(x); }
        cell operator()(double x) const { return cell(x); }
        cell operator()(const weft::decimal& x) const { return cell(x); }
        cell operator()(weft::date x) const { return cell(x); }
        cell operator()(weft::time x) const { return cell(x); }
        cell operator()(weft::datetime x) const { return cell(x); }
        cell operator()(const std::string& x) const { return cell::of_text(x); }
        cell operator()(const weft::blob& x) const { return cell::of_blob(x); }
        cell operator()(const json_text& x) const { return cell::of_json(x.view()); }
        cell operator()(const std::vector<float>& x) const { return cell::of_vector(x); }
        cell operator()(const value_list& x) const {
            for (const value& element : x) nested.add(element);
            return cell::of_nested(type_id::list, nested, 0);
        }
        cell operator()(const value_object& x) const {
            for (const value_member& m : x) nested.add(m.content, m.name);
            return cell::of_nested(type_id::structure, nested, 0);
        }
    };
    return std::visit(visitor{nested}, v.alternatives());
}

inline value copy_value(const cell& c) {
    switch (c.kind()) {
    case type_id::boolean: return c.boolean();
    case type_id::int64: return c.int64();
    case type_id::uint64: return c.uint64();
    case type_id::float64: return c.float64();
    case type_id::decimal: return c.decimal();
    case type_id::date: return c.date();
    case type_id::time: return c.time();
    case type_id::datetime: return c.datetime();
    case type_id::text: return std::string(c.text());
    case type_id::json: return json_text(std::string(c.text()));
    case type_id::blob: return weft::blob(c.blob().begin(), c.blob().end());
    case type_id::vector: return std::vector<float>(c.vector().begin(), c.vector().end());
    case type_id::list: {
        value_list elements;
        for (std::size_t i = 0; i < c.nested_count(); ++i) elements.push_back(copy_value(c.nested_element(i)));
        return elements;
    }
    case type_id::structure: {
        value_object members;
        for (std::size_t i = 0; i < c.nested_count(); ++i) {
            members.push_back({std::string(c.nested_name(i)), copy_value(c.nested_element(i))});
        }
        return members;
    }
    default: return {};
    }
}

} // namespace detail

inline value::value(const cell& c) : value(detail::copy_value(c)) {}

inline type_id value::kind() const noexcept {
    constexpr type_id kinds[] = {type_id::null,    type_id::boolean, type_id::int64,  type_id::uint64,   type_id::float64,
                                 type_id::decimal, type_id::date,    type_id::time,   type_id::datetime, type_id::text,
                                 type_id::blob,    type_id::json,    type_id::vector, type_id::list,     type_id::structure};
    static_assert(std::size(kinds) == std::variant_size_v<storage>);
    return kinds[storage_.index()];
}

inline std::string value::to_string() const {
    detail::nested_value nested;
    std::string text;
    append_text(text, detail::view_value(*this, nested));
    return text;
}

template <cell_readable T>
T value::as() const {
    detail::nested_value nested;
    T out{};
    read_cell(detail::view_value(*this, nested), out, {"value", 0, 0});
    return out;
}

/// Any cell can be read into a value. Text must be valid UTF-8.
template <>
struct cell_reader<value> {
    static constexpr std::string_view type_name = "value";
    static constexpr bool accepts(type_id) noexcept { return true; }
    static bool read(const cell& c, value& out) {
        if (c.kind() == type_id::text && !is_valid_utf8(c.text())) return false;
        out = value(c);
        return true;
    }
};

/// Lists and structures travel as JSON.
template <>
struct cell_writer<value> {
    static cell write(const value& v, cell_storage& storage) {
        detail::nested_value nested;
        const cell c = detail::view_value(v, nested);
        if (!is_nested(c.kind())) return c;
        std::string json;
        append_json(json, c);
        return cell::of_json(storage.keep(json));
    }
};

} // namespace weft::inline v0
