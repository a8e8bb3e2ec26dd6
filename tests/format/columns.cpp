// SPDX-License-Identifier: BSL-1.0
#include <weft/format/columns.hpp>

#include <weft/cursor.hpp>
#include <weft/embedded.hpp>
#include <weft/format/dicts.hpp>
#include <weft/testing.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>

using weft::embedded::database;

namespace {

constexpr const char* declared[] = {"BOOLEAN", "BIGINT", "DOUBLE",   "DECIMAL_TEXT(20, 5)",
                                    "DATE",    "TIME",   "DATETIME", "VARCHAR(9)",
                                    "BLOB",    "JSON",   "VECTOR(2)"};
constexpr const char* literals[] = {"1",
                                    "-5",
                                    "0.1",
                                    "'123456789012345.5'",
                                    "'2024-02-29'",
                                    "'-01:00:00'",
                                    "'2024-02-29 23:59:59.5'",
                                    "'é'",
                                    "x'00ff'",
                                    "'[1]'",
                                    "'[1, 2]'"};
constexpr weft::type_id types[] = {weft::type_id::boolean,  weft::type_id::int64, weft::type_id::float64,
                                   weft::type_id::decimal,  weft::type_id::date,  weft::type_id::time,
                                   weft::type_id::datetime, weft::type_id::text,  weft::type_id::blob,
                                   weft::type_id::json,     weft::type_id::vector};

} // namespace

TEST_CASE("columns of every type hold values and nulls, as the rows of the same result do") {
    database db(":memory:");
    for (std::size_t i = 0; i < std::size(declared); ++i) {
        CAPTURE(declared[i]);
        db.execute(std::string("CREATE TABLE t (v ") + declared[i] + ")");
        for (int row = 0; row < 20; ++row) {
            db.execute(std::string("INSERT INTO t VALUES (") + (row % 3 == 1 ? "NULL" : literals[i]) + ")");
        }
        const weft::record_batch batch = db.query<weft::columns>("SELECT v FROM t");
        const auto rows = db.query<weft::dicts>("SELECT v FROM t");
        REQUIRE(batch.rows() == 20);
        CHECK(batch.layout()[0].type.id == types[i]);
        CHECK(batch["v"].null_count() == 7);
        for (std::size_t row = 0; row < 20; ++row) {
            CAPTURE(row);
            CHECK(weft::value(batch.at(0, row)) == rows[row]["v"]);
            CHECK(batch["v"].is_null(row) == (row % 3 == 1));
        }
        db.execute("DELETE FROM t");
        const weft::record_batch empty = db.query<weft::columns>("SELECT v FROM t");
        CHECK(empty.rows() == 0);
        CHECK(empty.layout()[0].type.id == types[i]);
        db.execute("INSERT INTO t VALUES (NULL), (NULL)");
        CHECK(db.query<weft::columns>("SELECT v FROM t")["v"].null_count() == 2);
        db.execute("DROP TABLE t");
    }
}

TEST_CASE("numbers lie contiguously and are viewed without copy") {
    database db(":memory:");
    const auto batch =
        db.query<weft::columns>("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) "
                                "SELECT i, i * 0.5 AS half FROM n");
    const auto i = batch.values<std::int64_t>("i");
    const auto half = batch.values<double>("half");
    REQUIRE(i.size() == 10'000);
    bool right = true;
    for (std::size_t r = 0; r < i.size(); ++r) {
        right = right && i[r] == static_cast<std::int64_t>(r) + 1 && half[r] == static_cast<double>(i[r]) * 0.5;
    }
    CHECK(right);
    CHECK(i.data() == batch["i"].values<std::int64_t>().data());
    CHECK_THROWS_AS(batch.values<double>("i"), weft::programming_error);
    CHECK_THROWS_AS(batch.values<std::int32_t>("i"), weft::programming_error);
    CHECK_THROWS_AS(batch.values<std::int64_t>("missing"), weft::programming_error);
}

TEST_CASE("a column without a declared type takes the type of its values, and says when they differ") {
    database db(":memory:");
    CHECK(db.query<weft::columns>("SELECT NULL AS a UNION ALL SELECT 5").layout()[0].type.id == weft::type_id::int64);
    CHECK(db.query<weft::columns>("SELECT 'x' AS a").layout()[0].type.id == weft::type_id::text);
    try {
        (void)db.query<weft::columns>("SELECT 1 AS a UNION ALL SELECT 'text'");
        FAIL("nothing was thrown");
    } catch (const weft::data_error& e) {
        const std::string message = e.what();
        CHECK(message.find("'a'") != std::string::npos);
        CHECK(message.find("row 1") != std::string::npos);
        CHECK(message.find("text") != std::string::npos);
    }
}
