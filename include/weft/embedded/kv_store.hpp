// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// What a key-value store is, as concepts: `kv_database` models them, and so may another storage engine. A store maps
/// keys to values, both any bytes, in ascending order of the keys' unsigned bytes. An empty value is present and
/// differs from an absent one; the empty key is a key. Every operation outside a transaction is one of its own.

#include <weft/embedded/bytes_view.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weft::inline v0::embedded {

/// One entry of a scan: views that are valid until the scan moves on.
struct kv_entry {
    std::string_view key;
    std::string_view value;
};

/// One entry that owns its bytes.
struct kv_pair {
    std::string key;
    std::string value;

    bool operator==(const kv_pair&) const = default;
};

/// How a value is put.
struct put_options {
    /// How long the entry lives; nothing: until it is erased. From then on it is invisible to everybody; its space is
    /// reclaimed later. Not positive: it has expired already.
    std::optional<std::chrono::milliseconds> ttl{};
};

/// How a scan runs.
struct scan_options {
    bool reverse = false;    ///< from the last key to the first; the bounds mean the same
    std::uint64_t limit = 0; ///< entries at most; 0: all of them
};

/// What a scan returns: `next()` gives the next entry or null at the end; it is a range, too.
template <class R>
concept kv_cursor = requires(R& r) {
    { r.next() } -> std::same_as<const kv_entry*>;
    r.begin();
    r.end();
};

/// What can be read from. An empty `end` of a scan means up to the last key; keys are in [start, end).
template <class R>
concept kv_reader = requires(R& r, bytes_view key, const scan_options& how) {
    { r.get(key) } -> std::same_as<std::optional<std::string>>;
    { r.scan(key, key, how) } -> kv_cursor;
    { r.scan_prefix(key, how) } -> kv_cursor;
};

/// What can be written to.
template <class W>
concept kv_writer = kv_reader<W> && requires(W& w, bytes_view key, bytes_view value, const put_options& how) {
    w.put(key, value, how);
    w.erase(key);
};

/// Operations that happen together or not at all, on one snapshot.
template <class T>
concept kv_transaction_scope = kv_writer<T> && requires(T& t) {
    { t.commit() } -> std::convertible_to<std::uint64_t>;
    t.abort();
};

/// A store that threads share.
template <class S>
concept kv_store = kv_writer<S> && requires(S& s) {
    { s.transaction() } -> kv_transaction_scope;
    { s.checkpoint() } -> std::convertible_to<std::uint64_t>;
    s.close();
};

} // namespace weft::inline v0::embedded
