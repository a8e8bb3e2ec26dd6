// SPDX-License-Identifier: BSL-1.0
//
// Claim: reading rows through weft costs no more than the loop one would write by hand against SQLite's C interface.
// Both sides read the same million rows × (integer, double, text) of the same database in memory into the same
// containers, in turn; the ratio is the hand-written loop's best time over weft's.

#include "measure.hpp"

#include <weft/cursor.hpp>
#include <weft/embedded.hpp>
#include <weft/format/columns.hpp>
#include <weft/format/records.hpp>

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace {

constexpr const char* query = "SELECT id, score, name FROM people";
constexpr std::int64_t row_count = 1'000'000;

struct person {
    std::int64_t id = 0;
    double score = 0;
    std::string name;
};
BOOST_DESCRIBE_STRUCT(person, (), (id, score, name))

using person_tuple = std::tuple<std::int64_t, double, std::string>;

/// A column that may hold nulls, as weft's `columns` are: values, and a bitmap from the first null on.
template <class T>
struct nullable_column {
    std::vector<T> values;
    std::vector<std::uint8_t> validity;
    std::size_t rows = 0;

    void mark(bool valid) {
        if (valid && validity.empty()) {
            ++rows;
            return;
        }
        mark_slowly(valid);
    }
    void mark_slowly(bool valid) {
        if (validity.empty()) validity.assign(rows / 8 + 1, 0xFF);
        if (rows / 8 == validity.size()) validity.push_back(0);
        const auto bit = static_cast<std::uint8_t>(1U << (rows % 8));
        validity[rows / 8] = static_cast<std::uint8_t>(valid ? validity[rows / 8] | bit : validity[rows / 8] & ~bit);
        ++rows;
    }
};

/// The columns of a result as a C programmer would keep them; texts lie end to end with their offsets.
struct person_columns {
    nullable_column<std::int64_t> ids;
    nullable_column<double> scores;
    nullable_column<std::int32_t> name_ends;
    std::vector<char> names;
};

/// Calls `take` for each row of the query, with SQLite's C interface.
template <class Take>
void for_each_row(sqlite3* db, Take take) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db, query, -1, &statement, nullptr) != SQLITE_OK) std::abort();
    while (sqlite3_step(statement) == SQLITE_ROW) take(statement);
    sqlite3_finalize(statement);
}

std::string_view text_of(sqlite3_stmt* statement, int column) {
    const auto* begin = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
    return {begin, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
}

std::vector<person> structs_by_hand(sqlite3* db) {
    std::vector<person> out;
    for_each_row(db, [&](sqlite3_stmt* s) {
        out.push_back({sqlite3_column_int64(s, 0), sqlite3_column_double(s, 1), std::string(text_of(s, 2))});
    });
    return out;
}

std::vector<person_tuple> tuples_by_hand(sqlite3* db) {
    std::vector<person_tuple> out;
    for_each_row(db, [&](sqlite3_stmt* s) {
        out.emplace_back(sqlite3_column_int64(s, 0), sqlite3_column_double(s, 1), text_of(s, 2));
    });
    return out;
}

person_columns columns_by_hand(sqlite3* db) {
    person_columns out;
    out.name_ends.values.push_back(0);
    for_each_row(db, [&](sqlite3_stmt* s) {
        const bool has_id = sqlite3_column_type(s, 0) != SQLITE_NULL;
        out.ids.values.push_back(has_id ? sqlite3_column_int64(s, 0) : 0);
        out.ids.mark(has_id);
        const bool has_score = sqlite3_column_type(s, 1) != SQLITE_NULL;
        out.scores.values.push_back(has_score ? sqlite3_column_double(s, 1) : 0);
        out.scores.mark(has_score);
        const bool has_name = sqlite3_column_type(s, 2) != SQLITE_NULL;
        if (has_name) {
            const std::string_view name = text_of(s, 2);
            out.names.insert(out.names.end(), name.begin(), name.end());
        }
        out.name_ends.values.push_back(static_cast<std::int32_t>(out.names.size()));
        out.name_ends.mark(has_name);
    });
    return out;
}

void fill(weft::embedded::database& db) {
    db.execute("CREATE TABLE people(id INTEGER, score REAL, name TEXT)");
    std::vector<person> people(row_count);
    for (std::int64_t i = 0; i < row_count; ++i) {
        people[static_cast<std::size_t>(i)] = {i, static_cast<double>(i) * 0.25, "person number " + std::to_string(i)};
    }
    db.execute_many("INSERT INTO people VALUES (:id, :score, :name)", people);
}

} // namespace

int main() {
    weft::embedded::database db(":memory:");
    fill(db);
    sqlite3* handle = db.native_handle();
    std::printf("%lld rows x (int64, double, text of about 20 bytes), one database in memory, one connection\n",
                static_cast<long long>(row_count));

    measure::versus(
        "embedded_fetch_structs", row_count, [&] { return structs_by_hand(handle).size(); },
        [&] { return db.query<weft::records<person>>(query).size(); });
    measure::versus(
        "embedded_fetch_tuples", row_count, [&] { return tuples_by_hand(handle).size(); },
        [&] { return db.query<weft::tuples<std::int64_t, double, std::string>>(query).size(); });
    measure::versus(
        "embedded_fetch_columns", row_count, [&] { return columns_by_hand(handle).ids.rows; },
        [&] { return db.query<weft::columns>(query).rows(); });
}
