// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Collections: vectors with metadata in the file of a `kv_database`, which are committed with its keys and its SQL,
/// and are searched by similarity, by words, or both.

#include <weft/embedded/collection_options.hpp>
#include <weft/embedded/detail/collection_search.hpp>
#include <weft/embedded/kv_handle.hpp>
#include <weft/embedded/namespace.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::inline v0::embedded {

/// Where a collection is: in a database, a transaction or a namespace of one, which must outlive it. The collection `c`
/// of a namespace `n` is the database's collection `n/c`; what is written through the namespace is refused when that is
/// gone or may only be read, and delete_namespace() erases it.
class collection_place {
public:
    collection_place(kv_database& in) noexcept : store_(in) {}
    collection_place(kv_transaction& in) noexcept : store_(in) {}
    collection_place(const kv_handle& in) noexcept : store_(in) {}
    collection_place(const kv_namespace& in) : store_(in.store()), prefix_(in.prefix()) {}

    const kv_handle& store() const noexcept { return store_; }
    /// What stands in front of the names of its collections: nothing, or `namespace/`.
    const std::string& prefix() const noexcept { return prefix_; }

    /// Calls `f(connection)` as a write; see kv_handle and kv_namespace.
    template <class F>
    void write(F&& f) const {
        store_.write([&](detail::kv_connection& c) {
            if (!prefix_.empty()) detail::check_writable(c, std::string_view(prefix_).substr(0, prefix_.size() - 1));
            f(c);
        });
    }

private:
    kv_handle store_;
    std::string prefix_;
};

/// A collection of a database, or the same in one of its transactions:
///
///     auto docs = create_collection(db, "docs", {.dimension = 384});
///     docs.insert("intro", embedding, {{"lang", "en"}});
///     for (const auto& hit : docs.search(query, {.k = 5, .filter = {{"lang", "en"}}})) …
///     db.with_transaction([&](kv_transaction& t) {
///         collection(t, "docs").upsert("intro", better, {{"lang", "en"}});
///         t.put("docs/intro", text);
///     });
///
/// The object is a name and a reference to the database or transaction, which must outlive it; it is cheap to make, and
/// the collection need not exist yet. It may be one of a namespace, too: `create_collection(acme, "docs", …)`. Every
/// call sees one snapshot, changes all or nothing, and throws collection_not_found when there is no such collection.
/// Ids are UTF-8 texts of 1 to 65 536 bytes without NUL.
///
/// Searches see what the snapshot holds, exactly: nothing that was committed later, and in a transaction what that has
/// written and not what it has erased. What they find among that is exact up to `collection_exact_up_to` vectors, and
/// approximate as HNSW is beyond that, unless `exact` is asked for. The index is memory that all objects and threads of
/// a `kv_database` share. It is built by the first search, and by later ones kept up with what threads and other
/// processes have committed; while one thread does that, others compare what the index lacks with rows of the file.
///
/// Threads: as the database or transaction.
class collection {
public:
    collection(const collection_place& in, std::string_view name) : place_(in), name_(in.prefix()) { name_ += name; }

    /// With the prefix of its namespace.
    const std::string& name() const noexcept { return name_; }
    collection_config config() const;
    bool exists() const;
    /// Number of vectors. Constant time.
    std::uint64_t count() const;

    /// Inserts a vector. Throws integrity_error when the id is there, data_error for a vector of another dimension or
    /// with numbers that are not finite. Without `content` it is the text of the metadata's member `content_field`,
    /// where the collection has one.
    void insert(std::string_view id, vector_view<float> values, const metadata& meta = {},
                std::string_view content = {}) const {
        write({id, values, meta, content}, detail::when_there::refuse);
    }
    /// Inserts, or replaces what has this id.
    void upsert(std::string_view id, vector_view<float> values, const metadata& meta = {},
                std::string_view content = {}) const {
        write({id, values, meta, content}, detail::when_there::replace);
    }
    /// Inserts under a new id of 32 hexadecimal digits, and returns that.
    std::string add(vector_view<float> values, const metadata& meta = {}, std::string_view content = {}) const {
        std::string id = detail::new_id();
        insert(id, values, meta, content);
        return id;
    }
    /// Inserts all items of a range or none: `collection_item`s, or views of what somebody else keeps.
    template <class Items>
    void insert_batch(const Items& items) const {
        write_all(items, detail::when_there::refuse);
    }
    template <class Items>
    void upsert_batch(const Items& items) const {
        write_all(items, detail::when_there::replace);
    }

    /// Erases; returns whether there was such an id.
    bool erase(std::string_view id) const;
    std::optional<collection_item> get(std::string_view id) const;
    bool contains(std::string_view id) const;

    /// The most similar vectors, best first; among equal scores the one that was inserted first.
    std::vector<collection_hit> search(vector_view<float> query, const collection_search& how = {}) const;
    /// The same.
    std::vector<collection_hit> vector_search(vector_view<float> query, const collection_search& how = {}) const {
        return search(query, how);
    }
    /// Contents with at least one of the words of a text, best first by BM25. Words are what SQLite's FTS5 takes for
    /// such, whatever their case; every other character only separates them. Throws programming_error when the
    /// collection was made without `enable_hybrid_search`.
    std::vector<collection_hit> keyword_search(std::string_view words, const collection_search& how = {}) const;
    /// Both, their ranks put together; see `collection_hit`.
    std::vector<collection_hit> hybrid_search(vector_view<float> query, std::string_view words,
                                              const collection_search& how = {}) const;

    /// Erases the collection with all it has.
    void drop() const;

    /// What the index takes; nothing before the first search.
    collection_index_stats index_stats() const;

private:
    void write(const collection_item_view& item, detail::when_there how) const;
    template <class Items>
    void write_all(const Items& items, detail::when_there how) const;

    collection_place place_;
    std::string name_;
};

/// Makes a collection. Names are UTF-8 texts without NUL of 1 to 255 bytes, the prefix of a namespace among them.
/// Throws collection_exists, and programming_error for a configuration that cannot be; not_supported_error when
/// `enable_hybrid_search` is asked for and the SQLite library has no FTS5.
collection create_collection(const collection_place& in, std::string_view name, const collection_config& config);
/// The collection, made when there is none. Throws programming_error when there is one with another configuration.
collection get_or_create_collection(const collection_place& in, std::string_view name, const collection_config& config);
/// All collections by name; those of a namespace without its prefix.
std::vector<collection_info> list_collections(const collection_place& in);
/// Erases a collection with all it has. Throws collection_not_found.
void drop_collection(const collection_place& in, std::string_view name);

} // namespace weft::inline v0::embedded

#include <weft/embedded/detail/collection_functions.hpp>
