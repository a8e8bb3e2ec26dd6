// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Namespaces: parts of a database whose keys begin with a name, for tenants and the like.

#include <weft/core/json_members.hpp>
#include <weft/core/json_output.hpp>
#include <weft/core/utf8.hpp>
#include <weft/embedded/detail/collection_tables.hpp>
#include <weft/embedded/kv_iterator.hpp>
#include <weft/embedded/kv_operations.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::inline v0::embedded {

/// One label of a namespace.
struct namespace_label {
    std::string name;
    std::string value;

    bool operator==(const namespace_label&) const = default;
};

/// What a namespace says about itself.
struct namespace_options {
    std::string display_name{}; ///< empty: the name
    std::vector<namespace_label> labels{};
    bool read_only = false; ///< writes through a `kv_namespace` are refused
};

/// A namespace and what it says about itself.
struct namespace_info {
    std::string name;
    std::string display_name;
    std::vector<namespace_label> labels;
    bool read_only = false;
};

namespace detail {

inline std::string namespace_marker(std::string_view name) {
    return "_namespaces/" + std::string(name) + "/_meta";
}

inline void check_namespace_name(std::string_view name) {
    const auto refuse = [&](const std::string& why) {
        throw_kv(kv_errc::namespace_invalid_name, "42602", "the namespace '" + std::string(name) + "': " + why);
    };
    if (name.empty() || name.size() > 255) refuse("a name has 1 to 255 bytes, not " + std::to_string(name.size()));
    if (!is_valid_utf8(name)) refuse("its name is not valid UTF-8");
    if (name.front() == '_') refuse("names that begin with '_' are the database's own");
    for (const char c : name)
        if (c == '/' || static_cast<unsigned char>(c) < 0x20) refuse("its name has a slash or a control character");
}

inline std::string to_json(const namespace_info& info) {
    std::string json = "{\"name\":";
    append_json_string(json, info.name);
    append_json_string(json += ",\"display_name\":", info.display_name);
    json += ",\"labels\":{";
    for (std::size_t i = 0; i < info.labels.size(); ++i) {
        if (i != 0) json += ',';
        append_json_string(json, info.labels[i].name);
        append_json_string(json += ':', info.labels[i].value);
    }
    json += "},\"read_only\":";
    json += info.read_only ? "true}" : "false}";
    return json;
}

/// What the marker of a namespace says; members that are missing or of another type have their default values.
inline namespace_info read_namespace(std::string_view name, std::string_view json) {
    namespace_info info{std::string(name), std::string(name), {}, false};
    if (!is_valid_json(json) || !json_members(json).is_object())
        throw operational_error("the marker of the namespace '" + info.name + "' is no JSON object");
    const auto text_of = [](std::string_view value) {
        std::string text;
        if (value.front() == '"') append_unquoted_json(text, value);
        return text;
    };
    for (json_members members(json); members.next();) {
        if (is_json_string(members.name(), "display_name")) info.display_name = text_of(members.value());
        if (is_json_string(members.name(), "read_only")) info.read_only = members.value() == "true";
        if (!is_json_string(members.name(), "labels") || members.value().front() != '{') continue;
        for (json_members labels(members.value()); labels.next();)
            info.labels.push_back({text_of(labels.name()), text_of(labels.value())});
    }
    return info;
}

inline std::optional<namespace_info> find_namespace(kv_connection& c, std::string_view name) {
    const std::optional<std::string> marker = c.get(namespace_marker(name));
    if (!marker) return std::nullopt;
    return read_namespace(name, *marker);
}

[[noreturn]] inline void throw_no_namespace(std::string_view name) {
    throw namespace_not_found(
        kv_diagnostics(kv_errc::namespace_not_found, "42704", "there is no namespace '" + std::string(name) + "'"),
        &kv_errors);
}

inline namespace_info need_namespace(kv_connection& c, std::string_view name) {
    std::optional<namespace_info> info = find_namespace(c, name);
    if (!info) throw_no_namespace(name);
    return std::move(*info);
}

/// Throws when there is no such namespace or it may only be read.
inline void check_writable(kv_connection& c, std::string_view name) {
    if (need_namespace(c, name).read_only)
        throw_kv(kv_errc::namespace_read_only, "25006", "the namespace '" + std::string(name) + "' may only be read");
}

inline void make_namespace(kv_connection& c, std::string_view name, const namespace_options& how) {
    const namespace_info info{std::string(name), how.display_name.empty() ? std::string(name) : how.display_name,
                              how.labels, how.read_only};
    c.put(namespace_marker(name), to_json(info), 0);
}

} // namespace detail

/// A scan of a namespace: as kv_scan, without the prefix in front of the keys.
class namespace_scan {
public:
    using iterator = kv_iterator<namespace_scan, kv_entry>;

    /// Made by a kv_namespace; the first `skip` bytes of each key are left out.
    namespace_scan(kv_scan scan, std::size_t skip) : scan_(std::move(scan)), skip_(skip) {}

    const kv_entry* next() {
        const kv_entry* entry = scan_.next();
        if (entry == nullptr) return nullptr;
        entry_ = {entry->key.substr(skip_), entry->value};
        return &entry_;
    }
    std::vector<kv_pair> collect() {
        std::vector<kv_pair> all;
        while (const kv_entry* entry = next()) all.push_back({std::string(entry->key), std::string(entry->value)});
        return all;
    }

    iterator begin() { return iterator(*this); }
    std::default_sentinel_t end() const noexcept { return {}; }

private:
    kv_scan scan_;
    std::size_t skip_;
    kv_entry entry_;
};

/// A namespace of a database, or the same in one of its transactions. Its key `k` is the database's key `name/k`.
///
///     auto acme = use_namespace(db, "acme");
///     acme.put("users/1", "Alice");            // db.get("acme/users/1")
///     for (const auto& [key, value] : acme.scan_prefix("users/")) …
///
/// The object is a name and a reference to the database or transaction, which must outlive it. Writes look whether the
/// namespace is still there and may be written, in the same transaction: they throw namespace_not_found, or
/// programming_error with kv_errc::namespace_read_only. Threads: as the database or transaction.
class kv_namespace {
public:
    /// Does not look whether there is such a namespace; use_namespace() does.
    kv_namespace(kv_handle store, std::string_view name) : store_(store), name_(name), prefix_(name_ + '/') {
        detail::check_namespace_name(name);
    }

    const std::string& name() const noexcept { return name_; }
    /// What stands in front of its keys: `name/`.
    const std::string& prefix() const noexcept { return prefix_; }
    /// What it was made with.
    const kv_handle& store() const noexcept { return store_; }
    namespace_info info() const {
        namespace_info found;
        store_.read([&](detail::kv_connection& c) { found = detail::need_namespace(c, name_); });
        return found;
    }

    std::optional<std::string> get(bytes_view key) const {
        std::optional<std::string> found;
        store_.read([&](detail::kv_connection& c) { found = c.get(full(key)); });
        return found;
    }
    bool contains(bytes_view key) const { return get(key).has_value(); }
    void put(bytes_view key, bytes_view value, const put_options& how = {}) const {
        write([&](detail::kv_connection& c) { c.put(full(key), value, detail::expiry_of(how)); });
    }
    /// Puts when the key has no value. Returns whether it did.
    bool put_if_absent(bytes_view key, bytes_view value, const put_options& how = {}) const {
        return put_if(key, std::nullopt, value, how);
    }
    /// Puts when the key's value is `expected`. Returns whether it did.
    bool compare_and_put(bytes_view key, bytes_view expected, bytes_view value, const put_options& how = {}) const {
        return put_if(key, expected, value, how);
    }
    void erase(bytes_view key) const {
        write([&](detail::kv_connection& c) { c.erase(full(key)); });
    }
    /// Puts pairs of keys and values, all or none.
    template <pair_range Pairs>
    void put_many(const Pairs& pairs, const put_options& how = {}) const {
        write([&](detail::kv_connection& c) {
            detail::all_or_none scope(c);
            for (const auto& [key, value] : pairs) c.put(full(key), value, detail::expiry_of(how));
            scope.done();
        });
    }
    void put_path(const key_path& path, bytes_view value, const put_options& how = {}) const {
        put(path.text(), value, how);
    }
    std::optional<std::string> get_path(const key_path& path) const { return get(path.text()); }
    void erase_path(const key_path& path) const { erase(path.text()); }

    /// Keys of the namespace in [start, end); an empty `end` is the end of the namespace.
    namespace_scan scan(bytes_view start = {}, bytes_view end = {}, const scan_options& how = {}) const {
        const std::string last = end.empty() ? prefix_end(prefix_) : full(end);
        return {store_.scan(full(start), last, how), prefix_.size()};
    }
    namespace_scan scan_prefix(bytes_view prefix, const scan_options& how = {}) const {
        const std::string first = full(prefix);
        return {store_.scan(first, prefix_end(first), how), prefix_.size()};
    }

private:
    std::string full(bytes_view key) const {
        std::string whole = prefix_;
        whole += key.text();
        detail::check_key(whole);
        return whole;
    }

    bool put_if(bytes_view key, const std::optional<bytes_view>& expected, bytes_view value,
                const put_options& how) const {
        bool applied = false;
        write([&](detail::kv_connection& c) {
            applied = detail::kv_core::put_if(c, full(key), expected, value, detail::expiry_of(how));
        });
        return applied;
    }

    template <class F>
    void write(F&& f) const {
        store_.write([&](detail::kv_connection& c) {
            detail::check_writable(c, name_);
            f(c);
        });
    }

    kv_handle store_;
    std::string name_;
    std::string prefix_;
};

/// Makes a namespace. Names are UTF-8 texts of 1 to 255 bytes without slashes and control characters that do not begin
/// with `_`. Its marker is the key `_namespaces/{name}/_meta`. Throws namespace_exists, and programming_error for a
/// name that cannot be.
inline kv_namespace create_namespace(kv_handle store, std::string_view name, const namespace_options& how = {}) {
    kv_namespace made(store, name);
    store.write([&](detail::kv_connection& c) {
        if (detail::find_namespace(c, name))
            throw namespace_exists(detail::kv_diagnostics(kv_errc::namespace_already_exists, "42710",
                                                          "there is a namespace '" + std::string(name) + "' already"),
                                   &kv_errors);
        detail::make_namespace(c, name, how);
    });
    return made;
}

/// The namespace of a name. Throws namespace_not_found.
inline kv_namespace use_namespace(kv_handle store, std::string_view name) {
    kv_namespace found(store, name);
    store.read([&](detail::kv_connection& c) { detail::need_namespace(c, name); });
    return found;
}

/// The namespace of a name, made when there is none; `how` does not change one that is there.
inline kv_namespace get_or_create_namespace(kv_handle store, std::string_view name, const namespace_options& how = {}) {
    kv_namespace found(store, name);
    bool there = false;
    store.read([&](detail::kv_connection& c) { there = detail::find_namespace(c, name).has_value(); });
    if (there) return found;
    store.write([&](detail::kv_connection& c) {
        if (!detail::find_namespace(c, name)) detail::make_namespace(c, name, how); // somebody may have been faster
    });
    return found;
}

/// Changes what a namespace says about itself. Throws namespace_not_found.
inline void update_namespace(kv_handle store, std::string_view name, const namespace_options& how) {
    store.write([&](detail::kv_connection& c) {
        detail::need_namespace(c, name);
        detail::make_namespace(c, name, how);
    });
}

/// All namespaces by name.
inline std::vector<namespace_info> list_namespaces(kv_handle store) {
    constexpr std::string_view prefix = "_namespaces/";
    constexpr std::string_view suffix = "/_meta";
    std::vector<namespace_info> all;
    kv_scan markers = store.scan(prefix, prefix_end(prefix));
    while (const kv_entry* entry = markers.next()) {
        std::string_view name = entry->key.substr(prefix.size());
        if (name.size() <= suffix.size() || !name.ends_with(suffix)) continue;
        name.remove_suffix(suffix.size());
        if (name.find('/') == std::string_view::npos) all.push_back(detail::read_namespace(name, entry->value));
    }
    return all;
}

/// Erases a namespace with its keys and collections. Unless `force` is set it must have none: throws programming_error
/// otherwise, and namespace_not_found when there is no such namespace. Returns how many keys were erased.
inline std::uint64_t delete_namespace(kv_handle store, std::string_view name, bool force = false) {
    const std::string prefix = std::string(name) + '/';
    const std::string end = prefix_end(prefix);
    std::uint64_t erased = 0;
    store.write([&](detail::kv_connection& c) {
        detail::need_namespace(c, name);
        const auto collections = detail::collections_between(c, prefix, end);
        const bool has_keys = detail::scan_state(c, prefix, end, {}).next() != nullptr;
        if (!force && (has_keys || !collections.empty()))
            throw programming_error("the namespace '" + std::string(name) + "' has " +
                                    (has_keys ? "keys" : "collections") +
                                    "; delete_namespace erases them when `force` is set");
        detail::all_or_none scope(c);
        for (const auto& [id, has_words] : collections) {
            if (has_words) c.command(("DROP TABLE " + detail::words_table(id)).c_str());
            detail::erase_collection_rows(c, id);
        }
        detail::execution s(c, "DELETE FROM weft_kv WHERE key >= ?1 AND key < ?2");
        s.bytes(prefix.data(), prefix.size()).bytes(end.data(), end.size()).run();
        erased = static_cast<std::uint64_t>(sqlite3_changes64(c.handle()));
        c.erase(detail::namespace_marker(name));
        scope.done();
    });
    return erased;
}

} // namespace weft::inline v0::embedded
