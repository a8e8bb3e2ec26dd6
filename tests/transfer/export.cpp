// SPDX-License-Identifier: BSL-1.0
#include <weft/transfer/export.hpp>

#include <weft/embedded.hpp>
#include <weft/format.hpp>
#include <weft/transfer/import_json_lines.hpp>

#include <catch2/catch_test_macros.hpp>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

using weft::embedded::database;

namespace {

// A folder that is gone with the test.
struct folder {
    std::filesystem::path path = std::filesystem::temp_directory_path() /
                                 ("weft-export-" + std::to_string(::getpid()) + "-" + std::to_string(++made));
    static inline int made = 0;

    folder() { std::filesystem::create_directory(path); }
    ~folder() { std::filesystem::remove_all(path); }
    std::string file(const char* name) const { return (path / name).string(); }
    std::ptrdiff_t entries() const { return std::distance(std::filesystem::directory_iterator(path), {}); }
};

std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

database filled(int rows) {
    database db(":memory:");
    db.execute("CREATE TABLE s (id BIGINT, name TEXT, x DOUBLE, day DATE, doc JSON)");
    db.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO s SELECT i, "
               "CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN 'a,\"' || i || char(10) ELSE 'plain' END, "
               "CASE i % 3 WHEN 0 THEN NULL ELSE i / 8.0 END, date('2000-01-01', i || ' days'), json_array(i) FROM n",
               rows);
    return db;
}

std::string all_rows(database& db, std::string_view table) {
    return db.query<weft::json>("SELECT * FROM " + std::string(table) + " ORDER BY id");
}

} // namespace

TEST_CASE("An export is the same text as a query in the format") {
    const folder place;
    database db = filled(10000); // several batches
    CHECK(weft::export_csv(db, "SELECT * FROM s ORDER BY id", place.file("s.csv")) == 10000);
    CHECK(read(place.file("s.csv")) == db.query<weft::csv>("SELECT * FROM s ORDER BY id"));
    CHECK(weft::export_json_lines(db, "SELECT * FROM s ORDER BY id", place.file("s.jsonl")) == 10000);
    CHECK(read(place.file("s.jsonl")) == db.query(weft::json{.lines = true}, "SELECT * FROM s ORDER BY id"));
    CHECK(place.entries() == 2);
}

TEST_CASE("What is exported can be imported again") {
    const folder place;
    database db = filled(5000);
    weft::export_csv(db, "SELECT * FROM s", place.file("s.csv"),
                     {.style = {.delimiter = ';', .null = "NULL", .line_end = "\r\n"}});
    CHECK(weft::import_csv(db, "c", place.file("s.csv"), {.create_table = true}, {.delimiter = ';', .null = "NULL"}) ==
          5000);
    db.execute("CREATE TABLE j (id BIGINT, name TEXT, x DOUBLE, day DATE, doc JSON)");
    weft::export_json_lines(db, "SELECT * FROM s", place.file("s.jsonl"));
    CHECK(weft::import_json_lines(db, "j", place.file("s.jsonl")) == 5000);
    CHECK(all_rows(db, "j") == all_rows(db, "s"));
    CHECK(db.query<weft::json>("SELECT id, name, x, day FROM c ORDER BY id") ==
          db.query<weft::json>("SELECT id, name, x, day FROM s ORDER BY id"));
}

TEST_CASE("Exports take parameters, and empty results leave their header") {
    const folder place;
    database db = filled(10);
    CHECK(weft::export_csv(db, "SELECT id FROM s WHERE id > ? ORDER BY id", place.file("a.csv"), {}, 8) == 2);
    CHECK(read(place.file("a.csv")) == "id\n9\n10\n");
    CHECK(weft::export_csv(db, "SELECT id, x FROM s WHERE id > :least", place.file("a.csv"), {},
                           weft::arg("least", 80)) == 0);
    CHECK(read(place.file("a.csv")) == "id,x\n");
    CHECK(weft::export_json_lines(db, "SELECT id FROM s WHERE 0", place.file("a.jsonl")) == 0);
    CHECK(read(place.file("a.jsonl")).empty());
    CHECK_THROWS_AS(weft::export_csv(db, "DELETE FROM s WHERE 0", place.file("b.csv")), weft::programming_error);
    CHECK(place.entries() == 2);
}

TEST_CASE("After an error an exported file is as before") {
    const folder place;
    database db = filled(10000);
    const std::string path = place.file("s.csv");
    std::ofstream(path) << "before";
    weft::export_options options;
    std::uint64_t seen = 0;
    options.progress = [&](const weft::transfer_progress& p) {
        CHECK(p.bytes_done > 0);
        seen = p.rows;
        return p.rows < 5000;
    };
    CHECK_THROWS_AS(weft::export_csv(db, "SELECT * FROM s", path, options), weft::operational_error);
    CHECK(seen == 8192);
    CHECK(read(path) == "before");
    db.execute("UPDATE s SET name = CAST(x'FF' AS TEXT) WHERE id = 9000"); // an error in the middle of the rows
    CHECK_THROWS_AS(weft::export_csv(db, "SELECT * FROM s", path), weft::data_error);
    CHECK(read(path) == "before");
    CHECK(place.entries() == 1);
}

TEST_CASE("Files that cannot be written are named") {
    const folder place;
    database db = filled(10000);
    const auto error_of = [&](const std::string& path) {
        try {
            weft::export_csv(db, "SELECT * FROM s", path);
            return std::string("written");
        } catch (const weft::operational_error& e) {
            return std::string(e.what());
        }
    };
    CHECK(error_of(place.file("none/s.csv")).find("none/s.csv") != std::string::npos);
    CHECK(error_of(place.path.string()).find(place.path.string()) != std::string::npos); // a folder
    if (std::filesystem::is_character_file("/dev/full")) { // where every write finds the disk full
        CHECK(error_of("/dev/full").find("/dev/full") != std::string::npos);
        CHECK(std::filesystem::is_character_file("/dev/full"));
    }
    CHECK(place.entries() == 0);
}
