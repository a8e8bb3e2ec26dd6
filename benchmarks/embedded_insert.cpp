// SPDX-License-Identifier: BSL-1.0
//
// Claim: execute_many of structs costs no more than the loop one would write by hand against SQLite's C interface. Both
// insert the same rows through one prepared statement in one transaction, into tables in memory that are emptied before
// each round.

#include "measure.hpp"

#include <weft/cursor.hpp>
#include <weft/embedded.hpp>

#include <sqlite3.h>

#include <string>
#include <vector>

namespace {

constexpr std::size_t row_count = 300'000;
constexpr const char* insert = "INSERT INTO people VALUES (?, ?, ?)";

struct person {
    std::int64_t id = 0;
    double score = 0;
    std::string name;
};
BOOST_DESCRIBE_STRUCT(person, (), (id, score, name))

void check(int code, int expected = SQLITE_OK) {
    if (code != expected) {
        std::fprintf(stderr, "SQLite: %s\n", sqlite3_errstr(code));
        std::exit(1);
    }
}

std::size_t insert_by_hand(sqlite3* db, const std::vector<person>& people) {
    check(sqlite3_exec(db, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr));
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(db, insert, -1, &statement, nullptr));
    for (const person& p : people) {
        check(sqlite3_bind_int64(statement, 1, p.id));
        check(sqlite3_bind_double(statement, 2, p.score));
        check(sqlite3_bind_text(statement, 3, p.name.data(), static_cast<int>(p.name.size()), SQLITE_STATIC));
        check(sqlite3_step(statement), SQLITE_DONE);
        check(sqlite3_reset(statement));
    }
    sqlite3_finalize(statement);
    check(sqlite3_exec(db, "COMMIT", nullptr, nullptr, nullptr));
    return people.size();
}

} // namespace

int main() {
    std::vector<person> people(row_count);
    for (std::size_t i = 0; i < row_count; ++i) {
        people[i] = {static_cast<std::int64_t>(i), static_cast<double>(i) * 0.25, "person number " + std::to_string(i)};
    }
    weft::embedded::database db(":memory:");
    db.execute("CREATE TABLE people(id INTEGER PRIMARY KEY, score REAL NOT NULL, name TEXT NOT NULL)");
    std::printf("%zu structs (int64, double, text of about 20 bytes), one transaction, one prepared statement\n",
                row_count);
    measure::versus(
        "embedded_insert", row_count,
        [&] {
            db.execute("DELETE FROM people");
            return insert_by_hand(db.native_handle(), people);
        },
        [&] {
            db.execute("DELETE FROM people");
            return static_cast<std::size_t>(db.execute_many(insert, people));
        });
}
