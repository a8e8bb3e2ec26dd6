// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/embedded/kv_handle.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::inline v0::embedded::detail {

/// What collections are kept in, as far as it is erased with a namespace, without all that searches need.
inline bool has_collections(kv_connection& c) {
    sqlite3_stmt* s = nullptr;
    c.check(
        sqlite3_prepare_v2(c.handle(), "SELECT 1 FROM sqlite_schema WHERE name = 'weft_collections'", -1, &s, nullptr),
        {});
    const int code = sqlite3_step(s);
    sqlite3_finalize(s);
    if (code != SQLITE_ROW && code != SQLITE_DONE) throw_sqlite(c.handle(), code, {});
    return code == SQLITE_ROW;
}

/// Table of the words of a collection.
inline std::string words_table(std::int64_t collection) {
    return "weft_words_" + std::to_string(collection);
}

/// Erases the rows of a collection, inside a write.
inline void erase_collection_rows(kv_connection& c, std::int64_t collection) {
    for (const char* sql :
         {"DELETE FROM weft_vectors WHERE collection = ?1", "DELETE FROM weft_collections WHERE id = ?1"}) {
        execution s(c, sql);
        s.number(collection).run();
    }
}

/// Numbers of the collections with names in [first, end), and whether their words are indexed.
inline std::vector<std::pair<std::int64_t, bool>> collections_between(kv_connection& c, std::string_view first,
                                                                      std::string_view end) {
    std::vector<std::pair<std::int64_t, bool>> found;
    if (!has_collections(c)) return found;
    execution s(c, "SELECT id, hybrid FROM weft_collections WHERE name >= ?1 AND name < ?2");
    s.text(first).text(end);
    while (s.step()) found.emplace_back(s.number_at(0), s.number_at(1) != 0);
    return found;
}

} // namespace weft::inline v0::embedded::detail
