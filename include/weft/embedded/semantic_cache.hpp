// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `semantic_cache`: values that are found by the similarity of what was asked, such as answers of a language model.

#include <weft/embedded/collection.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weft::inline v0::embedded {

/// How a cache decides. It belongs to the object, not to the file.
struct semantic_cache_options {
    double threshold = 0.85; ///< least similarity of a hit, 0 to 1; similarity is (cosine + 1) / 2
    std::optional<std::chrono::milliseconds> ttl{}; ///< how long values live where put() does not say it
};

/// What a cache found.
struct semantic_cache_hit {
    std::string key;
    std::string value;
    double similarity = 0; ///< 1: the same direction
};

/// A cache of a database, or the same in one of its transactions:
///
///     semantic_cache answers(db, "answers", {.ttl = std::chrono::hours(24)});
///     if (auto hit = answers.get(embedding)) return hit->value;
///     answers.put(question, embedding, answer);
///
/// It is the collection `_cache/{name}`, made by the first put() for vectors of that dimension. Values that have
/// expired are invisible at once; their space is reclaimed by later puts, a few at a time, and by purge(). Threads: as
/// the database or transaction, which must outlive the object.
class semantic_cache {
public:
    semantic_cache(kv_handle store, std::string_view name, const semantic_cache_options& how = {})
        : store_(store), entries_(store, "_cache/" + std::string(name)), how_(how) {
        if (!(how.threshold >= 0 && how.threshold <= 1))
            throw programming_error("a semantic cache's threshold is " + std::to_string(how.threshold) +
                                    ", expected 0 to 1");
    }

    /// Puts a value under a key, which is usually what was asked, or replaces it. Keys are as the ids of collections,
    /// values UTF-8 texts without NUL. Throws data_error for an embedding of another dimension than the first one.
    void put(std::string_view key, vector_view<float> embedding, std::string_view value,
             const put_options& how = {}) const {
        if (!entries_.exists()) get_or_create_collection(store_, entries_.name(), {.dimension = embedding.size()});
        const std::int64_t expires = detail::expiry_of(how.ttl ? how : put_options{.ttl = how_.ttl});
        metadata meta;
        if (expires != 0) meta = metadata{{"expires", expires}};
        store_.write([&](detail::kv_connection& c) {
            detail::all_or_none scope(c);
            purge(c, 4);
            if (expires != 0) c.put(expiry_key(expires, key), {}, 0);
            const detail::collection_row row = detail::find_collection(c, entries_.name());
            detail::item_writer writer(c, row);
            writer.put({key, embedding, meta, value}, detail::when_there::replace);
            writer.finish();
            scope.done();
        });
    }

    /// The value whose embedding is the most similar, when it is similar enough.
    std::optional<semantic_cache_hit> get(vector_view<float> embedding) const {
        const std::int64_t now = detail::milliseconds_now();
        const auto lives = [now](const metadata_view& meta) { return !has_expired(meta, now); };
        std::vector<collection_hit> found;
        try {
            found = entries_.search(embedding, {.k = 1, .where = lives, .min_score = 2 * how_.threshold - 1});
        } catch (const collection_not_found&) { // nothing has been put
        }
        if (found.empty()) return std::nullopt;
        return semantic_cache_hit{std::move(found[0].id), std::move(found[0].content), (found[0].score + 1) / 2};
    }

    /// The value of exactly this key.
    std::optional<std::string> find(std::string_view key) const {
        try {
            std::optional<collection_item> item = entries_.get(key);
            if (!item || has_expired(item->meta, detail::milliseconds_now())) return std::nullopt;
            return std::move(item->content);
        } catch (const collection_not_found&) {
            return std::nullopt;
        }
    }

    /// Erases the value of a key; returns whether there was one.
    bool erase(std::string_view key) const { return entries_.exists() && entries_.erase(key); }
    /// Erases all of it; the next put() may have another dimension.
    void clear() const {
        store_.write([&](detail::kv_connection& c) { erase_range(c, expiry_prefix(), prefix_end(expiry_prefix())); });
        if (entries_.exists()) entries_.drop();
    }
    /// Erases what has expired; returns how many values.
    std::uint64_t purge() const {
        std::uint64_t erased = 0;
        store_.write([&](detail::kv_connection& c) {
            detail::all_or_none scope(c);
            erased = purge(c, 0);
            scope.done();
        });
        return erased;
    }

private:
    std::string expiry_prefix() const { return entries_.name() + "/expires/"; }
    std::string expiry_key(std::int64_t expires, std::string_view key) const {
        std::string text = expiry_prefix();
        for (int shift = 56; shift >= 0; shift -= 8) text += static_cast<char>(expires >> shift & 0xFF);
        return text.append(key);
    }

    static bool has_expired(const metadata_view& meta, std::int64_t now) {
        const value expires = meta["expires"];
        return expires.kind() == type_id::int64 && expires.view().int64() <= now;
    }

    static void erase_range(detail::kv_connection& c, const std::string& from, const std::string& to) {
        detail::execution s(c, "DELETE FROM weft_kv WHERE key >= ?1 AND key < ?2");
        s.bytes(from.data(), from.size()).bytes(to.data(), to.size()).run();
    }

    /// Erases up to `most` values that have expired, all of them for 0.
    std::uint64_t purge(detail::kv_connection& c, std::uint64_t most) const {
        const std::optional<detail::collection_row> row = detail::look_up_collection(c, entries_.name());
        if (!row) return 0;
        const std::int64_t now = detail::milliseconds_now();
        const std::string from = expiry_prefix();
        std::vector<std::string> keys;
        {
            detail::scan_state scan(c, from, expiry_key(now + 1, {}), {.limit = most});
            while (const kv_entry* entry = scan.next()) keys.emplace_back(entry->key);
        }
        std::uint64_t erased = 0;
        detail::item_writer writer(c, *row);
        for (const std::string& key : keys) {
            const std::string id = key.substr(from.size() + 8);
            detail::execution s(c, detail::collection_sql::get);
            const bool gone = !s.number(row->id).text(id).step() ||
                              !has_expired(metadata_view(detail::metadata_from_file(s.bytes_at(1), *row)), now);
            s.again();
            if (!gone && writer.erase_id(id)) ++erased; // else it was put again meanwhile
            c.erase(key);
        }
        writer.finish();
        return erased;
    }

    kv_handle store_;
    collection entries_;
    semantic_cache_options how_;
};

} // namespace weft::inline v0::embedded
