// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `metadata`: the JSON object beside a vector, and what filters say about it.

#include <weft/core/blob_text.hpp>
#include <weft/core/json_members.hpp>
#include <weft/core/json_syntax.hpp>
#include <weft/core/value.hpp>
#include <weft/embedded/kv_error.hpp>
#include <weft/embedded/kv_record.hpp>

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace weft::inline v0::embedded {

namespace detail {

/// The text of the last member of this name in a checked object; null when there is none.
inline std::string_view find_member(std::string_view object, std::string_view name) {
    std::string_view found;
    if (object.empty()) return found;
    for (json_members members(object); members.next();)
        if (is_json_string(members.name(), name)) found = members.value();
    return found;
}

} // namespace detail

/// One member of a metadata object: a name, and anything that can be bound as a parameter. A JSON text (`json_text`) is
/// put in as it is.
class metadata_member {
public:
    template <cell_writable T>
    metadata_member(std::string_view name, const T& content) {
        append_json_string(text_, name);
        text_ += ':';
        cell_storage storage;
        append_json(text_, to_cell(content, storage));
    }

    /// `"name":value`.
    const std::string& text() const noexcept { return text_; }

private:
    std::string text_;
};

/// A metadata object that somebody else keeps: what predicates are given.
class metadata_view {
public:
    /// `object` is the text of a JSON object whose syntax has been checked, or empty.
    explicit metadata_view(std::string_view object) noexcept : text_(object) {}

    std::string_view text() const noexcept { return text_.empty() ? "{}" : text_; }
    bool contains(std::string_view name) const { return detail::find_member(text_, name).data() != nullptr; }
    /// The member's value; NULL when there is none. Linear in the size of the object.
    value operator[](std::string_view name) const {
        std::string storage;
        return value(json_cell(detail::find_member(text_, name), storage));
    }

private:
    std::string_view text_;
};

namespace detail {
struct metadata_access;
}

/// A JSON object. Empty by default.
///
///     docs.insert("a", vector, {{"lang", "en"}, {"year", 2024}});
///     docs.insert("b", vector, R"({"lang": "en", "tags": ["x"]})");
///     docs.insert("c", vector, article{…}); // described with Boost.Describe
class metadata {
public:
    metadata() noexcept = default;
    metadata(std::initializer_list<metadata_member> members) {
        if (members.size() == 0) return;
        for (const metadata_member& m : members) (text_ += text_.empty() ? '{' : ',') += m.text();
        text_ += '}';
    }
    /// The text of a JSON object; an empty text is the empty object. Throws data_error for anything else.
    template <class T>
        requires std::convertible_to<const T&, std::string_view>
    metadata(const T& json) : text_(std::string_view(json)) {
        check();
    }
    /// A struct described with Boost.Describe; what its members may be, `weft/embedded/kv_record.hpp` says.
    template <described T>
    metadata(const T& record) : text_(detail::kv_record<T>::to_json(record)) {}

    /// The object as JSON.
    std::string_view text() const noexcept { return text_.empty() ? std::string_view("{}") : text_; }
    bool empty() const { return text_.empty() || !json_members(text_).next(); }
    bool contains(std::string_view name) const { return metadata_view(text_).contains(name); }
    value operator[](std::string_view name) const { return metadata_view(text_)[name]; }
    operator metadata_view() const noexcept { return metadata_view(text_); }

private:
    friend detail::metadata_access;

    void check() const {
        if (text_.empty()) return;
        const std::size_t wrong = weft::detail::json_checker(text_).run();
        if (wrong != std::string::npos)
            detail::throw_kv(kv_errc::invalid_metadata, "22032",
                             "the metadata is no JSON: wrong at byte " + std::to_string(wrong));
        if (!json_members(text_).is_object())
            detail::throw_kv(kv_errc::invalid_metadata, "22032", "the metadata is JSON, but no object");
    }

    std::string text_;
};

/// A predicate over metadata, for one call: refers to a function `bool(const metadata_view&)`, which must outlive the
/// call and must not use the database meanwhile. Empty by default.
class metadata_predicate {
public:
    metadata_predicate() noexcept = default;
    template <class F>
        requires(!std::same_as<std::remove_cvref_t<F>, metadata_predicate> &&
                 std::is_invocable_r_v<bool, F&, const metadata_view&>)
    metadata_predicate(F&& f) noexcept
        : object_(const_cast<void*>(static_cast<const volatile void*>(&f))),
          call_([](void* object, const metadata_view& m) -> bool {
              return (*static_cast<std::remove_reference_t<F>*>(object))(m);
          }) {}

    explicit operator bool() const noexcept { return call_ != nullptr; }
    bool operator()(const metadata_view& m) const { return call_(object_, m); }

private:
    void* object_ = nullptr;
    bool (*call_)(void*, const metadata_view&) = nullptr;
};

namespace detail {

struct metadata_access {
    /// Metadata of a text that has been checked.
    static metadata unchecked(std::string object) {
        metadata m;
        m.text_ = std::move(object);
        return m;
    }
};

/// Which rows a search may return: those that have all members of an object and please a predicate.
class metadata_test {
public:
    metadata_test(const metadata& wanted, const metadata_predicate& predicate) : predicate_(predicate) {
        if (wanted.empty()) return;
        for (json_members members(wanted.text()); members.next();) {
            std::string name;
            append_unquoted_json(name, members.name());
            wanted_.emplace_back(std::move(name), members.value());
        }
    }

    bool is_any() const noexcept { return wanted_.empty() && !predicate_; }
    /// `object` is checked JSON or empty.
    bool operator()(std::string_view object) const {
        for (const auto& [name, value] : wanted_)
            if (!same(find_member(object, name), value)) return false;
        return !predicate_ || predicate_(metadata_view(object));
    }

private:
    /// Whether two JSON values are equal: numbers by value, texts without escapes, objects and arrays by their text. A
    /// missing member is like null.
    static bool same(std::string_view a, std::string_view b) {
        if (a.data() == nullptr) a = "null";
        if (a == b) return true;
        std::string a_text;
        std::string b_text;
        const cell x = json_cell(a, a_text);
        const cell y = json_cell(b, b_text);
        const auto number = [](const cell& c) {
            return c.kind() == type_id::int64 || c.kind() == type_id::uint64 || c.kind() == type_id::float64;
        };
        if (number(x) && number(y)) {
            if (x.kind() == y.kind() && x.kind() != type_id::float64) return x.int64() == y.int64();
            return as_number(x) == as_number(y);
        }
        return x.kind() == type_id::text && y.kind() == type_id::text && x.text() == y.text();
    }
    static double as_number(const cell& c) {
        if (c.kind() == type_id::float64) return c.float64();
        return c.kind() == type_id::uint64 ? static_cast<double>(c.uint64()) : static_cast<double>(c.int64());
    }

    std::vector<std::pair<std::string, std::string_view>> wanted_; // which views the object that was given
    const metadata_predicate& predicate_;
};

} // namespace detail

} // namespace weft::inline v0::embedded
