// SPDX-License-Identifier: BSL-1.0
// Any bytes as SQL, up to the first 0xFF, and as parameters after it: nothing but a weft error comes out, and the
// database answers afterwards.
#include <weft/cursor.hpp>
#include <weft/embedded.hpp>
#include <weft/format/columns.hpp>
#include <weft/format/dicts.hpp>
#include <weft/format/named_rows.hpp>
#include <weft/format/tuples.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

weft::embedded::database limited() {
    weft::embedded::database db(":memory:", {.statement_cache = 4});
    sqlite3* handle = db.native_handle();
    sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, 100'000);
    sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, 10'000);
    sqlite3_limit(handle, SQLITE_LIMIT_EXPR_DEPTH, 50);
    sqlite3_limit(handle, SQLITE_LIMIT_VDBE_OP, 10'000);
    sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0); // no files
    sqlite3_hard_heap_limit64(64 << 20);
    db.execute("CREATE TABLE t (a INTEGER, b TEXT, c DATE, d DECIMAL(10, 2), e JSON, f VECTOR(2), g BLOB);"
               "INSERT INTO t VALUES (1, 'x', '2024-02-29', 1.5, '[1]', '[1, 2]', x'00')");
    return db;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::uint8_t* separator = std::find(data, data + size, std::uint8_t{0xFF});
    const std::string sql(reinterpret_cast<const char*>(data), static_cast<std::size_t>(separator - data));
    std::string rest;
    if (separator != data + size)
        rest.assign(reinterpret_cast<const char*>(separator + 1), reinterpret_cast<const char*>(data + size));

    weft::embedded::database db = limited();
    int steps = 500;
    sqlite3_progress_handler(
        db.native_handle(), 100, [](void* left) { return --*static_cast<int*>(left) < 0 ? 1 : 0; }, &steps);
    const auto guarded = [&](auto&& call) {
        steps = 500;
        try {
            (void)call();
        } catch (const weft::error& e) {
            require(std::string_view(e.what()).size() > 3);
        }
    };
    guarded([&] { return db.execute(sql); });
    guarded([&] { return db.query<weft::dicts>(sql, rest); });
    guarded([&] { return db.query<weft::columns>(sql, weft::blob(rest.size()), rest); });
    guarded([&] { return db.query<weft::named_rows>(sql, weft::arg("a", rest), weft::arg("b", rest.size())); });
    guarded([&] { return db.query<weft::tuples<std::string>>(sql, std::vector<std::string>(rest.size() % 5, rest)); });
    guarded([&] { return db.execute_many(sql, std::vector<std::string>{rest, sql}); });
    guarded([&] {
        auto cursor = db.make_cursor<weft::streaming<3>, weft::named_rows>();
        cursor.execute(sql, rest.size());
        do {
            while (cursor.fetch_one()) {}
        } while (cursor.next_set());
        return 0;
    });
    steps = 1'000'000;
    if (db.has_transaction()) (void)db.try_execute("ROLLBACK");
    require(db.query_value<int>("SELECT 42") == 42);
    return 0;
}
