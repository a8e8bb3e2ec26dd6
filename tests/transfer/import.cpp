// SPDX-License-Identifier: BSL-1.0
#include <weft/transfer/import.hpp>
#include <weft/transfer/import_arrow.hpp>
#include <weft/transfer/import_json_lines.hpp>

#include <weft/embedded.hpp>
#include <weft/format/arrow.hpp>
#include <weft/format/columns.hpp>
#include <weft/format/csv.hpp>
#include <weft/format/data_frame.hpp>
#include <weft/format/json.hpp>

#include <catch2/catch_test_macros.hpp>

#include <random>

using weft::byte_input;
using weft::embedded::database;

namespace {

std::string contents(database& db, std::string_view sql = "SELECT * FROM t ORDER BY rowid") {
    return db.query<weft::json>(sql);
}

template <class Error, class F>
std::string error_of(F f) {
    try {
        f();
    } catch (const Error& e) {
        return e.what();
    }
    return "accepted";
}

bool has_table(database& db) {
    return db.query_value<std::int64_t>("SELECT COUNT(*) FROM sqlite_master WHERE name = 't'") == 1;
}

// A connection without transactions or bulk execution, which notes what it is asked.
struct noting_connection {
    struct result {
        using block_type = weft::record_batch;
        const block_type* next_row() { return nullptr; }
        bool next_set() { return false; }
        std::shared_ptr<const weft::schema> layout() const { return std::make_shared<const weft::schema>(); }
        std::int64_t affected_rows() const { return 1; }
        std::int64_t last_insert_id() const { return 0; }
        std::vector<weft::warning> warnings() const { return {}; }
    };
    static constexpr weft::sql_dialect dialect{.backslash_escapes = true, .hash_comments = true};

    result run(std::string_view sql, std::span<const weft::cell> cells) {
        log += sql;
        for (const weft::cell& c : cells) log += " " + weft::describe(c);
        log += '\n';
        return {};
    }

    std::string log;
};

const char* const people = "id,name,born,score,active,code\n"
                           "1,Ada,1815-12-10,1.5,true,007\n"
                           "2,\"Bo, \"\"B\"\"\",,2,false,010\n"
                           "3,,2000-01-01,,,\"\"\n";

} // namespace

TEST_CASE("CSV is imported into a new table with the types of its values") {
    database db(":memory:");
    CHECK(weft::import_csv(db, "t", byte_input::text(people), {.create_table = true}) == 3);
    CHECK(contents(db) == R"([{"id":1,"name":"Ada","born":"1815-12-10","score":1.5,"active":true,"code":"007"},)"
                          R"({"id":2,"name":"Bo, \"B\"","born":null,"score":2,"active":false,"code":"010"},)"
                          R"({"id":3,"name":null,"born":"2000-01-01","score":null,"active":null,"code":""}])");
    const auto frame = db.query<weft::data_frame>("SELECT * FROM t");
    CHECK(frame["id"].type().id == weft::type_id::int64);
    CHECK(frame["born"].type().id == weft::type_id::date);
    CHECK(frame["score"].type().id == weft::type_id::float64);
    CHECK(frame["active"].type().id == weft::type_id::boolean);
    CHECK(frame["code"].type().id == weft::type_id::text);
}

TEST_CASE("CSV is imported into a table that exists, columns by name") {
    database db(":memory:");
    db.execute("CREATE TABLE t (`full name` TEXT, n BIGINT)");
    CHECK(weft::import_csv(db, "t", byte_input::text(people), {.columns = {{"id", "n"}, {"name", "full name"}}}) == 3);
    CHECK(contents(db) == R"([{"full name":"Ada","n":1},{"full name":"Bo, \"B\"","n":2},{"full name":null,"n":3}])");
    CHECK_THROWS_AS(weft::import_csv(db, "t", byte_input::text(people), {.columns = {{"none"}}}),
                    weft::programming_error);
    CHECK_THROWS_AS(weft::import_csv(db, "t", byte_input::text("id\n1\n")), weft::database_error); // no such column
    CHECK_THROWS_AS(weft::import_csv(db, "none", byte_input::text(people)), weft::database_error);
    CHECK_THROWS_AS(weft::import_csv(db, "t", byte_input::text("")), weft::data_error);
    CHECK(db.query_value<std::int64_t>("SELECT COUNT(*) FROM t") == 3);
}

TEST_CASE("Any connection can be imported into") {
    noting_connection db;
    const std::string_view text = "n,u,`s\n1,18446744073709551615,x\n2,0,\n";
    CHECK(weft::import_csv(db, "t", byte_input::text(text), {.create_table = true}) == 2);
    CHECK(db.log == "CREATE TABLE `t` (`n` BIGINT, `u` BIGINT UNSIGNED, ```s` LONGTEXT)\n"
                    "INSERT INTO `t` (`n`, `u`, ```s`) VALUES (?, ?, ?) int64 1 uint64 18446744073709551615 text 'x'\n"
                    "INSERT INTO `t` (`n`, `u`, ```s`) VALUES (?, ?, ?) int64 2 uint64 0 NULL\n");
}

TEST_CASE("After an error nothing has been imported") {
    database db(":memory:");
    const auto attempt = [&](std::string text, const weft::import_options& options) {
        return error_of<weft::data_error>([&] { weft::import_csv(db, "t", byte_input::text(text), options); });
    };
    std::string rows = "n\n";
    for (int i = 0; i < 50; ++i) rows += std::to_string(i) + "\n";
    CHECK(attempt(rows + "many\n", {.create_table = true, .sample_rows = 10})
              .find("line 52, column 'n': text 'many' is no int64") != std::string::npos);
    CHECK(!has_table(db));
    CHECK(attempt(rows + "1,2\n", {.create_table = true, .sample_rows = 10})
              .find("line 52, column 1: expected 1 field") != std::string::npos);
    CHECK(!has_table(db));

    db.execute("CREATE TABLE t (n BIGINT CHECK (n < 49))");
    CHECK_THROWS_AS(weft::import_csv(db, "t", byte_input::text(rows)), weft::integrity_error);
    CHECK(contents(db) == "[]");

    auto outer = db.begin();
    db.execute("INSERT INTO t VALUES (-1)");
    CHECK_THROWS_AS(weft::import_csv(db, "t", byte_input::text(rows)), weft::integrity_error);
    CHECK(contents(db) == R"([{"n":-1}])"); // the surrounding transaction goes on
    outer.commit();
}

TEST_CASE("Progress of an import is reported and can end it") {
    database db(":memory:");
    std::string rows = "n\n";
    for (int i = 0; i < 25; ++i) rows += std::to_string(i) + "\n";
    std::vector<std::uint64_t> seen;
    weft::import_options options{.create_table = true, .sample_rows = 3, .batch_rows = 10};
    options.progress = [&](const weft::transfer_progress& p) {
        seen.push_back(p.rows);
        CHECK(p.bytes_done <= p.bytes_total);
        CHECK(p.bytes_total == rows.size());
        return true;
    };
    CHECK(weft::import_csv(db, "t", byte_input::text(rows), options) == 25);
    CHECK(seen == std::vector<std::uint64_t>{10, 20, 25});
    db.execute("DROP TABLE t");
    options.progress = [](const weft::transfer_progress& p) { return p.rows < 20; };
    CHECK_THROWS_AS(weft::import_csv(db, "t", byte_input::text(rows), options), weft::operational_error);
    CHECK(!has_table(db));
}

TEST_CASE("JSON lines are imported") {
    database db(":memory:");
    const std::string_view lines = "{\"id\":1,\"name\":\"Ada\",\"tags\":[1,2]}\n{\"id\":2,\"score\":0.5}\n"
                                   "{\"id\":3,\"big\":123456789012345678901234567890}\n";
    CHECK(weft::import_json_lines(db, "t", byte_input::text(lines), {.create_table = true}) == 3);
    CHECK(contents(db) == R"([{"id":1,"name":"Ada","tags":[1,2],"score":null,"big":null},)"
                          R"({"id":2,"name":null,"tags":null,"score":0.5,"big":null},)"
                          R"({"id":3,"name":null,"tags":null,"score":null,"big":123456789012345678901234567890}])");
    CHECK_THROWS_AS(weft::import_json_lines(db, "t", byte_input::text("{\"id\":1}\n{\"id\":}\n")), weft::data_error);
    CHECK(db.query_value<std::int64_t>("SELECT COUNT(*) FROM t") == 3);
}

TEST_CASE("Record batches are imported, from ranges and generators") {
    database db(":memory:");
    db.execute("CREATE TABLE s (id BIGINT, name TEXT, day DATE); INSERT INTO s VALUES (1, 'a', '2024-02-29'), (2, "
               "NULL, NULL)");
    const auto batch = db.query<weft::columns>("SELECT * FROM s");
    CHECK(weft::import_batches(db, "t", std::vector{batch, batch.slice(1, 1), batch.slice(0, 0)},
                               {.create_table = true}) == 3);
    CHECK(
        contents(db) ==
        R"([{"id":1,"name":"a","day":"2024-02-29"},{"id":2,"name":null,"day":null},{"id":2,"name":null,"day":null}])");
    int calls = 0;
    const auto two = [&]() -> std::optional<weft::record_batch> {
        return ++calls <= 2 ? std::optional(batch) : std::nullopt;
    };
    CHECK(weft::import_batches(db, "t", two) == 4);
    const auto other = db.query<weft::columns>("SELECT 1 AS x");
    CHECK_THROWS_AS(weft::import_batches(db, "t", std::vector{batch, other}), weft::data_error);
    CHECK(db.query_value<std::int64_t>("SELECT COUNT(*) FROM t") == 7);
    CHECK_THROWS_AS(weft::import_batches(db, "t", std::vector<weft::record_batch>()), weft::data_error);
}

TEST_CASE("Inferred types hold every value of the sample without loss") {
    const std::string_view values[] = {"1",
                                       "-5",
                                       "0",
                                       "1.5",
                                       "9007199254740993",
                                       "18446744073709551615",
                                       "2024-01-01",
                                       "2024-01-01 10:00:00",
                                       "true",
                                       "x",
                                       "007",
                                       "1e5",
                                       "",
                                       "12:30:00",
                                       "0.1234567890123456789"};
    std::mt19937 random(2);
    for (int round = 0; round < 150; ++round) {
        std::vector<std::string> column(1 + random() % 3);
        std::string text = "v,w\n";
        for (std::string& v : column) text += std::string(v = values[random() % std::size(values)]) + ",\n";
        weft::import_options options{.create_table = true};
        weft::csv_reader reader(byte_input::text(text));
        weft::detail::import_source source(reader, options);
        source.create_statement("t", database::dialect);
        std::span<const weft::cell> row;
        for (const std::string& v : column) {
            REQUIRE(source.next(row));
            if (v.empty()) {
                CHECK(row[0].is_null());
                continue;
            }
            std::string shown;
            weft::append_text(shown, row[0]);
            const bool number = row[0].kind() == weft::type_id::float64;
            const bool midnight = row[0].kind() == weft::type_id::datetime && v.size() == 10;
            if (number) CHECK(weft::decimal::parse(shown) == weft::decimal::parse(v));
            if (midnight) CHECK(shown == v + " 00:00:00");
            if (!number && !midnight) CHECK(shown == v);
        }
        CHECK(!source.next(row));
    }
}

TEST_CASE("an Arrow stream is imported whole, its types with it, or not at all") {
    weft::embedded::database from(":memory:");
    from.execute("CREATE TABLE t(id INTEGER, name TEXT, price DECIMAL(10, 2), day DATE, data BLOB);"
                 "INSERT INTO t VALUES (1, 'a', 1.5, '2024-02-29', x'00ff'), (2, NULL, NULL, NULL, NULL), (3, 'c', 2, "
                 "'1999-12-31', x'')");
    weft::embedded::database to(":memory:");
    weft::arrow_stream stream = from.query(weft::arrow{.batch_rows = 2}, "SELECT * FROM t ORDER BY id");
    std::uint64_t reported = 0;
    const weft::import_options options{.create_table = true, .progress = [&](const weft::transfer_progress& p) {
                                           reported = p.rows;
                                           return true;
                                       }};
    CHECK(weft::import_arrow(to, "copy", stream, options) == 3);
    CHECK(reported == 3);
    CHECK(to.query<weft::csv>("SELECT * FROM copy ORDER BY id") ==
          from.query<weft::csv>("SELECT * FROM t ORDER BY id"));

    to.execute("CREATE TABLE narrow(id INTEGER PRIMARY KEY CHECK (id < 3))");
    weft::arrow_stream again = from.query<weft::arrow>("SELECT id FROM t ORDER BY id");
    CHECK_THROWS_AS(weft::import_arrow(to, "narrow", again), weft::integrity_error);
    CHECK(to.query_value<int>("SELECT count(*) FROM narrow") == 0);
}
