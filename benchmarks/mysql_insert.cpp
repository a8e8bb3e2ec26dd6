// SPDX-License-Identifier: BSL-1.0
//
// Claim: inserting many structs is at least as fast as the C client's bulk interface. One million rows × (bigint,
// double, varchar(32)) into an empty MariaDB table in one transaction, over a Unix socket. Equal: server, socket,
// table, rows, one transaction, MariaDB's bulk protocol on both sides (the C client gets column arrays of 10 000 rows
// at a time).

#include "measure.hpp"
#include "mysql_peer.hpp"

namespace {

constexpr std::size_t row_count = 1'000'000;
constexpr std::size_t portion = 10'000;

struct row {
    std::int64_t id = 0;
    double score = 0;
    std::string name;
};
BOOST_DESCRIBE_STRUCT(row, (), (id, score, name))

std::vector<row> make_rows() {
    std::vector<row> rows(row_count);
    for (std::size_t i = 0; i < row_count; ++i)
        rows[i] = {static_cast<std::int64_t>(i), static_cast<double>(i) * 0.25, "name number " + std::to_string(i)};
    return rows;
}

/// The columns of a portion as the C client wants them.
struct arrays {
    std::vector<std::int64_t> ids;
    std::vector<double> scores;
    std::vector<const char*> names;
    std::vector<unsigned long> sizes;

    void take(const row* first, std::size_t count) {
        ids.clear(), scores.clear(), names.clear(), sizes.clear();
        for (const row* r = first; r != first + count; ++r) {
            ids.push_back(r->id);
            scores.push_back(r->score);
            names.push_back(r->name.data());
            sizes.push_back(r->name.size());
        }
    }
};

std::size_t by_c(const mysql_peer::c_client& db, const std::vector<row>& rows) {
    db.run("TRUNCATE weft_bench_insert");
    db.run("START TRANSACTION");
    const mysql_peer::c_statement statement(db, "INSERT INTO weft_bench_insert VALUES (?, ?, ?)");
    arrays columns;
    for (std::size_t at = 0; at < rows.size(); at += portion) {
        columns.take(&rows[at], portion);
        MYSQL_BIND bind[3] = {};
        bind[0].buffer_type = MYSQL_TYPE_LONGLONG;
        bind[0].buffer = columns.ids.data();
        bind[1].buffer_type = MYSQL_TYPE_DOUBLE;
        bind[1].buffer = columns.scores.data();
        bind[2].buffer_type = MYSQL_TYPE_STRING;
        bind[2].buffer = columns.names.data();
        bind[2].length = columns.sizes.data();
        auto count = static_cast<unsigned int>(portion);
        mysql_stmt_attr_set(statement.get(), STMT_ATTR_ARRAY_SIZE, &count);
        statement.check(mysql_stmt_bind_param(statement.get(), bind));
        statement.check(mysql_stmt_execute(statement.get()));
    }
    db.run("COMMIT");
    return rows.size();
}

} // namespace

int main() {
    const mysql_peer::c_client peer;
    weft::mysql::connection db(mysql_peer::options());
    db.execute("CREATE TABLE IF NOT EXISTS weft_bench_insert (id BIGINT NOT NULL, score DOUBLE NOT NULL, "
               "name VARCHAR(32) NOT NULL)");
    const std::vector<row> rows = make_rows();
    measure::versus(
        "mysql_insert", row_count, [&] { return by_c(peer, rows); },
        [&] {
            db.execute("TRUNCATE weft_bench_insert");
            return static_cast<std::size_t>(
                db.execute_many("INSERT INTO weft_bench_insert VALUES (:id, :score, :name)", rows));
        },
        8);
}
