// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// What databases and transactions of the key-value store have in common, on top of get, put, erase and scan: paths,
/// prefixes, several keys at once, structs as values.

#include <weft/embedded/bytes_view.hpp>
#include <weft/embedded/kv_scan.hpp>
#include <weft/embedded/kv_store.hpp>

#include <algorithm>
#include <concepts>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weft::inline v0::embedded {

namespace detail {

/// How structs become values; `weft/embedded/kv_record.hpp` defines it.
template <class T>
struct kv_record;

template <class T>
concept kv_record_header_included = requires { sizeof(kv_record<T>); };

} // namespace detail

/// A range whose elements have a key and a value: std::pair, kv_pair, kv_entry, a std::map.
template <class R>
concept pair_range = requires(const R& r) {
    {
        [](const auto& element) {
            const auto& [key, value] = element;
            return std::pair<bytes_view, bytes_view>(key, value);
        }(*r.begin())
    };
    r.end();
};

/// A range of keys.
template <class R>
concept key_range = requires(const R& r) {
    { bytes_view(*r.begin()) };
    r.end();
} && !std::convertible_to<const R&, std::string_view>;

template <class Derived>
class kv_operations {
public:
    /// Whether the key has a value.
    bool contains(bytes_view key) { return self().get(key).has_value(); }

    /// Keys that begin with `prefix`, in order; all of them for an empty one. The prefix is bytes: `user` finds
    /// `users/1`, too.
    kv_scan scan_prefix(bytes_view prefix, const scan_options& how = {}) {
        return self().scan(prefix, prefix_end(prefix), how);
    }

    /// `put` with a path as key: one string, or segments that are joined by `/`.
    void put_path(const key_path& path, bytes_view value, const put_options& how = {}) {
        self().put(path.text(), value, how);
    }
    std::optional<std::string> get_path(const key_path& path) { return self().get(path.text()); }
    void erase_path(const key_path& path) { self().erase(path.text()); }

    /// The values of keys, in their order and all of one snapshot; nothing where a key has none.
    template <key_range Keys>
    std::vector<std::optional<std::string>> get_many(const Keys& keys) {
        std::vector<std::optional<std::string>> values;
        self().on_snapshot([&](detail::kv_connection& c) {
            for (const auto& key : keys) values.push_back(c.get(key));
        });
        return values;
    }
    std::vector<std::optional<std::string>> get_many(std::initializer_list<bytes_view> keys) {
        return get_many<std::initializer_list<bytes_view>>(keys);
    }

    /// Puts pairs of keys and values, all or none. They are sorted first, which is what makes many puts fast: entries
    /// that are near each other in the file are written one after the other. Of pairs with the same key the last one
    /// counts. The pairs must stay as they are during the call.
    template <pair_range Pairs>
    void put_many(const Pairs& pairs, const put_options& how = {}) {
        struct numbered {
            std::string_view key;
            std::string_view value;
            std::size_t number;
        };
        std::vector<numbered> sorted;
        for (const auto& [key, value] : pairs) {
            sorted.push_back({bytes_view(key).text(), bytes_view(value).text(), sorted.size()});
            detail::check_key(sorted.back().key);
        }
        std::sort(sorted.begin(), sorted.end(), [](const numbered& a, const numbered& b) {
            const int order = a.key.compare(b.key);
            return order != 0 ? order < 0 : a.number < b.number;
        });
        const std::int64_t expires = detail::expiry_of(how);
        self().in_write([&](detail::kv_connection& c) {
            for (std::size_t i = 0; i < sorted.size(); ++i) {
                if (i + 1 == sorted.size() || sorted[i + 1].key != sorted[i].key)
                    c.put(sorted[i].key, sorted[i].value, expires);
            }
        });
    }
    void put_many(std::initializer_list<std::pair<bytes_view, bytes_view>> pairs, const put_options& how = {}) {
        put_many<std::initializer_list<std::pair<bytes_view, bytes_view>>>(pairs, how);
    }

    /// Erases keys, all or none of them; keys without a value are passed over.
    template <key_range Keys>
    void erase_many(const Keys& keys) {
        self().in_write([&](detail::kv_connection& c) {
            for (const auto& key : keys) c.erase(key);
        });
    }
    void erase_many(std::initializer_list<bytes_view> keys) { erase_many<std::initializer_list<bytes_view>>(keys); }

    /// Puts a struct as a JSON object with a member for each of its members, which queries see. Described with
    /// Boost.Describe; members are what can be bound as a parameter, std::optional, std::vector and described structs.
    /// Include `weft/embedded/kv_record.hpp`.
    template <class T>
    void put_record(bytes_view key, const T& record, const put_options& how = {}) {
        static_assert(detail::kv_record_header_included<T>, "put_record needs weft/embedded/kv_record.hpp; include it");
        self().put(key, detail::kv_record<T>::to_json(record), how);
    }
    /// The struct that put_record() put, or nothing. Members that the object lacks keep their default values, members
    /// that the struct lacks are passed over. Throws data_error when the value is no JSON object or a member is not of
    /// its type; it names key and member.
    template <class T>
    std::optional<T> get_record(bytes_view key) {
        static_assert(detail::kv_record_header_included<T>, "get_record needs weft/embedded/kv_record.hpp; include it");
        const std::optional<std::string> json = self().get(key);
        if (!json) return std::nullopt;
        return detail::kv_record<T>::from_json(key, *json);
    }

private:
    friend Derived;
    kv_operations() noexcept = default;

    Derived& self() noexcept { return static_cast<Derived&>(*this); }
};

} // namespace weft::inline v0::embedded
