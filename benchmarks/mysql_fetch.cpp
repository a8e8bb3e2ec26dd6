// SPDX-License-Identifier: BSL-1.0
//
// Claim: fetching a large result costs weft's client less processor time than the C client, in both protocols. One
// million rows × (bigint, double, varchar(32), datetime) from MariaDB over a Unix socket, read to the end. Equal:
// server, socket, query, containers (a vector of structs, of the whole result or of 4096 rows whose memory is used
// again); texts are parsed by strtoll, strtod and a date parser by hand for the C client, which reads binary rows into
// bound variables. Columns and Arrow of weft are compared with the C client's structs.

#include "mysql_peer.hpp"

#include <weft/format/arrow.hpp>
#include <weft/format/columns.hpp>

#include <cstring>

namespace {

constexpr int row_count = 1'000'000;
const std::string table = "weft_bench_fetch";

struct row {
    std::int64_t id = 0;
    double score = 0;
    std::string name;
    weft::datetime at;
};
BOOST_DESCRIBE_STRUCT(row, (), (id, score, name, at))

void fill(weft::mysql::connection& db) {
    db.execute("CREATE TABLE IF NOT EXISTS " + table +
               " (id BIGINT NOT NULL, score DOUBLE NOT NULL, name VARCHAR(32) NOT NULL, at DATETIME NOT NULL)");
    if (db.query_value<std::int64_t>("SELECT COUNT(*) FROM " + table) == row_count) return;
    db.execute("TRUNCATE " + table);
    db.execute(
        "INSERT INTO " + table +
        " SELECT seq, seq * 0.37, LEFT(MD5(seq), 20 + seq % 12), '2024-01-01' + INTERVAL seq SECOND FROM seq_1_to_" +
        std::to_string(row_count));
}

weft::datetime to_datetime(const char* t) {
    const auto two = [t](int at) { return static_cast<unsigned>((t[at] - '0') * 10 + (t[at + 1] - '0')); };
    return *weft::datetime::try_make(static_cast<int>(two(0) * 100 + two(2)), two(5), two(8), two(11), two(14), two(17),
                                     0);
}

constexpr std::size_t portion = 4096;

std::size_t text_by_c(const mysql_peer::c_client& db, const std::string& sql) {
    db.run(sql.c_str());
    MYSQL_RES* result = mysql_use_result(db.get());
    std::vector<row> rows;
    while (MYSQL_ROW r = mysql_fetch_row(result)) {
        const unsigned long* sizes = mysql_fetch_lengths(result);
        rows.push_back({std::strtoll(r[0], nullptr, 10), std::strtod(r[1], nullptr), std::string(r[2], sizes[2]),
                        to_datetime(r[3])});
    }
    mysql_free_result(result);
    return rows.size();
}

std::size_t text_portions_by_c(const mysql_peer::c_client& db, const std::string& sql) {
    db.run(sql.c_str());
    MYSQL_RES* result = mysql_use_result(db.get());
    std::vector<row> some(portion);
    std::size_t rows = 0;
    while (MYSQL_ROW r = mysql_fetch_row(result)) {
        row& to = some[rows++ % portion];
        to.id = std::strtoll(r[0], nullptr, 10);
        to.score = std::strtod(r[1], nullptr);
        to.name.assign(r[2], mysql_fetch_lengths(result)[2]);
        to.at = to_datetime(r[3]);
    }
    mysql_free_result(result);
    return rows;
}

/// Calls `take(row)` for every row of a prepared statement.
template <class Take>
void binary_rows_by_c(const mysql_peer::c_client& db, const std::string& sql, Take take) {
    const mysql_peer::c_statement statement(db, sql);
    row current;
    char name[64];
    unsigned long size = 0;
    MYSQL_TIME at{};
    MYSQL_BIND out[4] = {};
    out[0].buffer_type = MYSQL_TYPE_LONGLONG;
    out[0].buffer = &current.id;
    out[1].buffer_type = MYSQL_TYPE_DOUBLE;
    out[1].buffer = &current.score;
    out[2].buffer_type = MYSQL_TYPE_STRING;
    out[2].buffer = name;
    out[2].buffer_length = sizeof name;
    out[2].length = &size;
    out[3].buffer_type = MYSQL_TYPE_DATETIME;
    out[3].buffer = &at;
    std::int64_t zero = 0;
    MYSQL_BIND in[1] = {};
    in[0].buffer_type = MYSQL_TYPE_LONGLONG;
    in[0].buffer = &zero;
    statement.check(mysql_stmt_bind_param(statement.get(), in));
    statement.check(mysql_stmt_execute(statement.get()));
    statement.check(mysql_stmt_bind_result(statement.get(), out));
    while (mysql_stmt_fetch(statement.get()) == 0) {
        current.name.assign(name, size);
        current.at = *weft::datetime::try_make(static_cast<int>(at.year), at.month, at.day, at.hour, at.minute,
                                               at.second, static_cast<unsigned>(at.second_part));
        take(current);
    }
}

std::size_t binary_by_c(const mysql_peer::c_client& db, const std::string& sql) {
    std::vector<row> rows;
    binary_rows_by_c(db, sql, [&](const row& r) { rows.push_back(r); });
    return rows.size();
}

std::size_t binary_portions_by_c(const mysql_peer::c_client& db, const std::string& sql) {
    std::vector<row> some(portion);
    std::size_t rows = 0;
    binary_rows_by_c(db, sql, [&](const row& r) { some[rows++ % portion] = r; });
    return rows;
}

/// The rows of a statement in portions, whose memory is used again.
template <class... Args>
std::size_t portions(weft::mysql::connection& db, const std::string& sql, const Args&... args) {
    auto result = db.stream<weft::records<row>>(sql, args...);
    std::vector<row> some;
    std::size_t rows = 0;
    while (result.fetch_into(some, portion)) rows += some.size();
    return rows;
}

std::size_t rows_of(weft::arrow_stream stream) {
    std::size_t rows = 0;
    weft::arrow_array batch;
    while (stream.get()->get_next(stream.get(), batch.out()) == 0 && batch)
        rows += static_cast<std::size_t>(batch.get()->length);
    return rows;
}

void expect(std::size_t rows) {
    if (rows == static_cast<std::size_t>(row_count)) return;
    std::fprintf(stderr, "%zu rows instead of %d\n", rows, row_count);
    std::exit(1);
}

} // namespace

int main() {
    const mysql_peer::c_client peer;
    weft::mysql::connection db(mysql_peer::options());
    fill(db);
    const std::string text = "SELECT id, score, name, at FROM " + table;
    const std::string binary = text + " WHERE id > ?";
    mysql_peer::versus(
        "mysql_fetch_text_structs", row_count, [&] { expect(text_by_c(peer, text)); },
        [&] { expect(db.query<weft::records<row>>(text).size()); });
    mysql_peer::versus(
        "mysql_fetch_binary_structs", row_count, [&] { expect(binary_by_c(peer, binary)); },
        [&] { expect(db.query<weft::records<row>>(binary, 0).size()); });
    mysql_peer::versus(
        "mysql_fetch_text_portions", row_count, [&] { expect(text_portions_by_c(peer, text)); },
        [&] { expect(portions(db, text)); });
    mysql_peer::versus(
        "mysql_fetch_binary_portions", row_count, [&] { expect(binary_portions_by_c(peer, binary)); },
        [&] { expect(portions(db, binary, 0)); });
    mysql_peer::versus(
        "mysql_fetch_text_columns", row_count, [&] { expect(text_by_c(peer, text)); },
        [&] { expect(db.query<weft::columns>(text).rows()); });
    mysql_peer::versus(
        "mysql_fetch_binary_columns", row_count, [&] { expect(binary_by_c(peer, binary)); },
        [&] { expect(db.query<weft::columns>(binary, 0).rows()); });
    mysql_peer::versus(
        "mysql_fetch_text_arrow", row_count, [&] { expect(text_by_c(peer, text)); },
        [&] { expect(rows_of(db.query<weft::arrow>(text))); });
    mysql_peer::versus(
        "mysql_fetch_binary_arrow", row_count, [&] { expect(binary_by_c(peer, binary)); },
        [&] { expect(rows_of(db.query<weft::arrow>(binary, 0))); });
}
