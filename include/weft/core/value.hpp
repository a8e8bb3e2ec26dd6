// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `value`: one owned value whose type is known at run time, as dicts and named rows hold them.

#include <weft/core/cell.hpp>
#include <weft/core/cell_reader.hpp>
#include <weft/core/cell_writer.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weft::inline v0 {

struct value_member;

namespace detail {

[[noreturn]] inline void throw_no_element(const cell& c, std::size_t index) {
    std::string message = "no element " + std::to_string(index) + " in a " + std::string(to_string(c.kind()));
    if (is_nested(c.kind())) message += " of " + std::to_string(c.nested_count());
    throw programming_error(std::move(message));
}

[[noreturn]] inline void throw_no_member(const cell& c, std::string_view name) {
    std::string message = "no member '" + std::string(name) + "' in a " + std::string(to_string(c.kind()));
    if (c.kind() == type_id::structure) {
        for (std::size_t i = 0; i < c.nested_count(); ++i) {
            message += (i == 0 ? "; it has '" : ", '") + std::string(c.nested_name(i)) + "'";
        }
    }
    throw programming_error(std::move(message));
}

} // namespace detail

/// An immutable value of any type a cell can have: a cell that owns what it shows. Copies share memory. A
/// default-constructed value is NULL.
class value {
public:
    value() noexcept = default;
    value(std::nullptr_t) noexcept {}
    /// A copy of what the cell shows.
    explicit value(const cell& c);
    /// A copy of anything that can be bound as a parameter: numbers, texts, dates, bytes, …
    template <class T>
        requires(!std::same_as<T, value> && !std::same_as<T, cell> && cell_writable<T>)
    value(const T& v) : value(copy_of(v)) {}

    /// A list of values.
    static value list(std::vector<value> elements);
    /// A structure of named values.
    static value structure(std::vector<value_member> members);

    /// A value that shows a cell without copying it. `owner` keeps alive whatever the cell views.
    static value sharing(const cell& shown, std::shared_ptr<const void> owner) noexcept {
        value v;
        v.shown_ = shown;
        v.owned_ = std::move(owner);
        return v;
    }

    /// Kind of the value: `null`, `int64`, `text`, …
    type_id kind() const noexcept { return shown_.kind(); }
    bool is_null() const noexcept { return shown_.is_null(); }

    /// The value as a cell, valid as long as this value or a copy of it.
    const cell& view() const noexcept { return shown_; }

    /// The value as `T`, by the rules of `cell_reader`; throws data_error when it cannot be one.
    template <cell_readable T>
    T as() const {
        T out{};
        read_cell(shown_, out, {"value", 0, 0});
        return out;
    }

    /// Elements of a list or members of a structure; 0 for everything else.
    std::size_t size() const { return is_nested(kind()) ? shown_.nested_count() : 0; }

    /// Element or member `index`, which shares this value's memory. \throws programming_error when there is none.
    value operator[](std::size_t index) const {
        if (index >= size()) detail::throw_no_element(shown_, index);
        return sharing(shown_.nested_element(index), owned_);
    }

    /// Name of member `index` of a structure, empty for an element of a list; valid as long as this value or a copy of
    /// it. \throws programming_error when there is none.
    std::string_view element_name(std::size_t index) const {
        if (index >= size()) detail::throw_no_element(shown_, index);
        return shown_.nested_name(index);
    }

    /// Whether the value is a structure with a member of this name. Linear in the number of members.
    bool contains(std::string_view name) const { return position(name) != size(); }

    /// The first member of this name. Linear in the number of members.
    /// \throws programming_error when the value is no structure or has no such member, naming those it has.
    value operator[](std::string_view name) const {
        const std::size_t index = position(name);
        if (index == size()) detail::throw_no_member(shown_, name);
        return sharing(shown_.nested_element(index), owned_);
    }

    /// As `append_text` writes it; NULL is the empty text.
    std::string to_string() const {
        std::string text;
        append_text(text, shown_);
        return text;
    }

    /// Same kind and same content.
    friend bool operator==(const value& a, const value& b) { return equal(a.shown_, b.shown_); }

private:
    template <class T>
    static value copy_of(const T& v) {
        cell_storage storage;
        return value(to_cell(v, storage));
    }

    static bool equal(const cell& a, const cell& b);

    /// Index of the member of this name, size() when there is none.
    std::size_t position(std::string_view name) const {
        const std::size_t count = size();
        if (kind() != type_id::structure) return count;
        std::size_t index = 0;
        while (index < count && shown_.nested_name(index) != name) ++index;
        return index;
    }

    cell shown_;
    std::shared_ptr<const void> owned_; // the bytes, decimal or elements that `shown_` views
};

/// One member of a structure value.
struct value_member {
    std::string name;
    value content;
};

namespace detail {

/// Elements of an owned list or structure.
class owned_cells final : public nested_cells {
public:
    std::size_t count(std::size_t) const override { return members.size(); }
    cell element(std::size_t, std::size_t index) const override { return members[index].content.view(); }
    std::string_view member_name(std::size_t index) const override { return members[index].name; }

    std::vector<value_member> members;
};

} // namespace detail

inline value value::structure(std::vector<value_member> members) {
    auto owned = std::make_shared<detail::owned_cells>();
    owned->members = std::move(members);
    value v;
    v.shown_ = cell::of_nested(type_id::structure, *owned, 0);
    v.owned_ = std::move(owned);
    return v;
}

inline value value::list(std::vector<value> elements) {
    auto owned = std::make_shared<detail::owned_cells>();
    for (value& element : elements) owned->members.push_back({{}, std::move(element)});
    value v;
    v.shown_ = cell::of_nested(type_id::list, *owned, 0);
    v.owned_ = std::move(owned);
    return v;
}

inline value::value(const cell& c) : shown_(c) {
    const auto own_bytes = [this](const void* bytes, std::size_t size) {
        std::shared_ptr<std::byte[]> copy(new std::byte[size == 0 ? 1 : size]);
        if (size != 0) std::memcpy(copy.get(), bytes, size);
        const std::byte* begin = copy.get();
        owned_ = std::move(copy);
        return begin;
    };
    switch (c.kind()) {
    case type_id::text:
    case type_id::json: {
        const auto* copy = reinterpret_cast<const char*>(own_bytes(c.text().data(), c.text().size()));
        shown_ =
            c.kind() == type_id::text ? cell::of_text({copy, c.text().size()}) : cell::of_json({copy, c.text().size()});
        break;
    }
    case type_id::blob: shown_ = cell::of_blob({own_bytes(c.blob().data(), c.blob().size()), c.blob().size()}); break;
    case type_id::vector: {
        const vector_view<float> v = c.vector();
        shown_ =
            cell::of_vector({reinterpret_cast<const float*>(own_bytes(v.data(), v.size() * sizeof(float))), v.size()});
        break;
    }
    case type_id::decimal: {
        auto copy = std::make_shared<const decimal>(c.decimal());
        shown_ = cell(*copy);
        owned_ = std::move(copy);
        break;
    }
    case type_id::list:
    case type_id::structure: {
        auto copy = std::make_shared<detail::owned_cells>();
        for (std::size_t i = 0; i < c.nested_count(); ++i) {
            copy->members.push_back({std::string(c.nested_name(i)), value(c.nested_element(i))});
        }
        shown_ = cell::of_nested(c.kind(), *copy, 0);
        owned_ = std::move(copy);
        break;
    }
    default: break;
    }
}

inline bool value::equal(const cell& a, const cell& b) {
    if (a.kind() != b.kind()) return false;
    switch (a.kind()) {
    case type_id::null: return true;
    case type_id::float64: return a.float64() == b.float64();
    case type_id::decimal: return a.decimal() == b.decimal();
    case type_id::text:
    case type_id::json: return a.text() == b.text();
    case type_id::blob:
        return cell::of_text({reinterpret_cast<const char*>(a.blob().data()), a.blob().size()}).text() ==
               cell::of_text({reinterpret_cast<const char*>(b.blob().data()), b.blob().size()}).text();
    case type_id::vector:
        if (a.vector().size() != b.vector().size()) return false;
        for (std::size_t i = 0; i < a.vector().size(); ++i) {
            if (a.vector()[i] != b.vector()[i]) return false;
        }
        return true;
    case type_id::list:
    case type_id::structure:
        if (a.nested_count() != b.nested_count()) return false;
        for (std::size_t i = 0; i < a.nested_count(); ++i) {
            if (a.nested_name(i) != b.nested_name(i) || !equal(a.nested_element(i), b.nested_element(i))) return false;
        }
        return true;
    default: return a.int64() == b.int64();
    }
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

template <>
struct cell_writer<value> {
    static cell write(const value& v, cell_storage&) noexcept { return v.view(); }
};

} // namespace weft::inline v0
