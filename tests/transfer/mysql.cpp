// SPDX-License-Identifier: BSL-1.0
#include "../servers/servers.hpp"

#include <weft/format/csv.hpp>
#include <weft/format/tuples.hpp>
#include <weft/mysql/connection.hpp>
#include <weft/testing/scratch_database.hpp>
#include <weft/transfer/export.hpp>
#include <weft/transfer/import.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using weft::byte_input;
using weft::mysql::connection;

namespace {

connection connect_to(const std::string& name, const std::string& sql_mode = {}) {
    const auto server = servers::shared(name);
    weft::mysql::connect_options settings;
    settings.hosts = weft::net::host_list({{server.host(), server.port()}});
    settings.user = "app";
    settings.password = "app-pw";
    settings.sql_mode = sql_mode;
    return connection(settings);
}

std::int64_t count(connection& db) {
    return db.query_value<std::int64_t>("SELECT count(*) FROM t");
}

const char* const people = "id,big,name,born,seen,score,price,active\n"
                           "1,18446744073709551615,Ada,1815-12-10,1842-08-01 12:30:00.25,1.5,1.10,true\n"
                           "2,0,\"Bo, \"\"B\"\" \\' `x`\",,,2,0.05,false\n"
                           "3,7,,2000-01-01,1970-01-01 00:00:00,,,\n";

} // namespace

TEST_CASE("A server's table is made and filled with the types of the values", "[mysql]") {
    const std::string name = GENERATE("mariadb1011", "mariadb118", "mysql97");
    const std::string mode = GENERATE("", "STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES,ANSI_QUOTES");
    connection db = connect_to(name, mode);
    const weft::testing::scratch_database scratch(db);
    CHECK(weft::import_csv(db, "t", byte_input::text(people), {.create_table = true}) == 3);
    const auto types = db.query<weft::tuples<std::string, std::string>>(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = DATABASE() "
        "ORDER BY ordinal_position");
    REQUIRE(types.size() == 8);
    CHECK(std::get<1>(types[0]) == "bigint");
    CHECK(std::get<1>(types[2]) == "longtext");
    CHECK(std::get<1>(types[3]) == "date");
    CHECK(std::get<1>(types[4]) == "datetime");
    CHECK(std::get<1>(types[5]) == "double");
    CHECK(std::get<1>(types[7]) == "tinyint");
    CHECK(db.query_value<std::uint64_t>("SELECT big FROM t WHERE id = 1") == 18446744073709551615U);
    CHECK(db.query_value<std::string>("SELECT name FROM t WHERE id = 2") == "Bo, \"B\" \\' `x`");
    CHECK(db.query_value<std::string>("SELECT CAST(seen AS CHAR) FROM t WHERE id = 1") == "1842-08-01 12:30:00.250000");
    CHECK(db.query_value<std::int64_t>("SELECT active IS NULL FROM t WHERE id = 3") == 1);
}

TEST_CASE("What a server exports it imports again", "[mysql]") {
    connection db = connect_to("mariadb1011");
    const weft::testing::scratch_database scratch(db);
    weft::import_csv(db, "t", byte_input::text(people), {.create_table = true});
    const std::string exported = db.query<weft::csv>("SELECT * FROM t ORDER BY id");
    db.execute("CREATE TABLE `a ``b` LIKE t");
    weft::import_csv(db, "a `b", byte_input::text(exported));
    CHECK(db.query<weft::csv>("SELECT * FROM `a ``b` ORDER BY id") == exported);
}

TEST_CASE("After an error a server has the table and no rows", "[mysql]") {
    const std::string name = GENERATE("mariadb1011", "mysql97");
    connection db = connect_to(name);
    const weft::testing::scratch_database scratch(db);
    const std::string text = "n\n1\n2\nx\n";
    CHECK_THROWS_AS(weft::import_csv(db, "t", byte_input::text(text), {.create_table = true, .sample_rows = 2}),
                    weft::data_error);
    CHECK(count(db) == 0);
    CHECK_FALSE(db.has_transaction());
    CHECK(weft::import_csv(db, "t", byte_input::text("n\n1\n2\n")) == 2);

    db.execute("BEGIN");
    db.execute("INSERT INTO t VALUES (3)");
    CHECK_THROWS_AS(weft::import_csv(db, "t", byte_input::text(text)), weft::data_error); // undone to the savepoint
    CHECK(db.has_transaction());
    CHECK(count(db) == 3);
    db.execute("ROLLBACK");
    CHECK(count(db) == 2);
}

TEST_CASE("Making a table commits the transaction that was active", "[mysql]") {
    connection db = connect_to("mariadb1011");
    const weft::testing::scratch_database scratch(db);
    db.execute("CREATE TABLE before_it(n INT)");
    db.execute("BEGIN");
    db.execute("INSERT INTO before_it VALUES (1)");
    CHECK(weft::import_csv(db, "t", byte_input::text("n\n1\n2\n"), {.create_table = true}) == 2);
    CHECK_FALSE(db.has_transaction());
    CHECK(db.query_value<std::int64_t>("SELECT count(*) FROM before_it") == 1);
    CHECK(count(db) == 2);
}
