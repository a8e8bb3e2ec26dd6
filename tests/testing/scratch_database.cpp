// SPDX-License-Identifier: BSL-1.0

#include <weft/columnar/cell_block.hpp>
#include <weft/cursor/connection_interface.hpp>
#include <weft/testing.hpp>

#include <catch2/catch_test_macros.hpp>

#include <set>
#include <string>
#include <vector>

namespace {

// A server that remembers what it was told and refuses what it was told to refuse.
class recorder : public weft::connection_interface<recorder> {
public:
    static constexpr weft::sql_dialect dialect{};

    class result_type {
    public:
        using block_type = weft::cell_block;
        std::shared_ptr<const weft::schema> layout() const { return std::make_shared<const weft::schema>(); }
        bool read(weft::cell_block&, std::size_t) { return false; }
        bool next_set() { return false; }
        std::int64_t affected_rows() const { return 0; }
        std::int64_t last_insert_id() const { return 0; }
        std::vector<weft::warning> warnings() const { return {}; }
    };

    result_type run(std::string_view sql, std::span<const weft::cell>) {
        told.emplace_back(sql);
        if (!refused.empty() && sql.starts_with(refused)) throw weft::operational_error("refused");
        return {};
    }

    std::vector<std::string> told;
    std::string refused;
};

} // namespace

TEST_CASE("a scratch database is made, used and dropped") {
    recorder server;
    std::string name;
    {
        weft::testing::scratch_database database(server);
        name = database.name();
    }
    CHECK(server.told == std::vector<std::string>{"CREATE DATABASE " + name, "USE " + name, "DROP DATABASE " + name});
}

TEST_CASE("a scratch database that cannot be used is dropped, and one that cannot be made is not") {
    recorder server;
    server.refused = "USE";
    CHECK_THROWS_AS(weft::testing::scratch_database(server, "d"), weft::operational_error);
    CHECK(server.told == std::vector<std::string>{"CREATE DATABASE d", "USE d", "DROP DATABASE d"});

    server.told.clear();
    server.refused = "CREATE";
    CHECK_THROWS_AS(weft::testing::scratch_database(server, "d"), weft::operational_error);
    CHECK(server.told == std::vector<std::string>{"CREATE DATABASE d"});

    server.told.clear();
    server.refused = "DROP"; // as when the test has closed the connection
    { weft::testing::scratch_database database(server, "d"); }
    CHECK(server.told.size() == 3);
}

TEST_CASE("names of scratch databases are plain and differ") {
    std::set<std::string> names;
    for (int i = 0; i < 100; ++i) {
        const std::string name = weft::testing::temporary_database_name();
        CHECK(name.size() == 26);
        CHECK(name.starts_with("weft_test_"));
        CHECK(name.find_first_not_of("0123456789abcdef", 10) == std::string::npos);
        names.insert(name);
    }
    CHECK(names.size() == 100);
}
