// SPDX-License-Identifier: BSL-1.0
// SQL that SQLite accepts, it also accepts with NULLS LAST where a key-value database adds it, and as the same
// statements.
#include <weft/embedded/detail/kv_sql.hpp>

#include <sqlite3.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

sqlite3* open_tables() {
    sqlite3* db = nullptr;
    require(sqlite3_open(":memory:", &db) == SQLITE_OK);
    sqlite3_limit(db, SQLITE_LIMIT_EXPR_DEPTH, 50);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    require(sqlite3_exec(db,
                         "CREATE TABLE t(a, b, c, d, e, \"rows\", \"range\", \"groups\", \"nulls\", \"desc\", \"asc\");"
                         "CREATE TABLE u(a PRIMARY KEY, b, c); CREATE INDEX i ON u(b, c)",
                         nullptr, nullptr, nullptr) == SQLITE_OK);
    return db;
}

/// Columns of each statement of a text, and −1 at the end when one is refused.
std::vector<int> prepared(sqlite3* db, std::string_view sql) {
    std::vector<int> columns;
    while (!sql.empty() && columns.size() < 50) {
        sqlite3_stmt* s = nullptr;
        const char* rest = nullptr;
        const int code = sqlite3_prepare_v2(db, sql.data(), static_cast<int>(sql.size()), &s, &rest);
        columns.push_back(code == SQLITE_OK ? sqlite3_column_count(s) : -1);
        sqlite3_finalize(s);
        if (code != SQLITE_OK) return columns;
        sql.remove_prefix(static_cast<std::size_t>(rest - sql.data()));
    }
    return columns;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static sqlite3* const db = open_tables();
    const std::string_view sql(reinterpret_cast<const char*>(data), size);
    if (sql.find('\0') != std::string_view::npos) return 0; // which no statement may have
    const weft::embedded::detail::kv_sql worded(sql);
    require(worded.text().size() >= sql.size());
    const std::vector<int> before = prepared(db, sql);
    const std::vector<int> after = prepared(db, worded.text());
    for (std::size_t i = 0; i < before.size() && before[i] >= 0; ++i) {
        if (i < after.size() && after[i] == before[i]) continue;
        std::fprintf(stderr, "%.*s\n%.*s\n", static_cast<int>(sql.size()), sql.data(),
                     static_cast<int>(worded.text().size()), worded.text().data());
        std::abort();
    }
    return 0;
}
