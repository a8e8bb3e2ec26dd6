// SPDX-License-Identifier: BSL-1.0
#pragma once

// What every compressed connection must do, whatever compresses it. For tests of the components with a codec.

#include "servers.hpp"

#include <weft/cursor.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace test {

inline mysql::connect_options compressed(mysql::connect_options options, mysql::compression how) {
    options.compression = std::move(how);
    return options;
}

/// Bytes that do not compress to nothing: `size` of them, the same for the same seed.
inline weft::blob noise(std::size_t size, std::uint32_t seed, unsigned bits) {
    weft::blob bytes(size);
    for (std::byte& b : bytes) {
        seed = seed * 1664525 + 1013904223;
        b = static_cast<std::byte>(seed >> (32 - bits));
    }
    return bytes;
}

inline std::string status_of(connection& db, const std::string& name) {
    const auto rows = db.query<weft::tuples<std::string, std::string>>("SHOW SESSION STATUS LIKE '" + name + '\'');
    return rows.empty() ? std::string() : std::get<1>(rows[0]);
}

/// Statements of all kinds, small and large, both ways.
inline void exercise(scratch& on) {
    connection& db = on.db;
    CHECK(db.is_compressed());
    CHECK(status_of(db, "Compression") == "ON");
    CHECK(db.query_value<int>("SELECT ? + 1", 41) == 42);
    CHECK(code_of([&] { return db.execute("SELECT nonsense"); }) == 1054);

    on.db.use_database(on.own.name());
    db.execute("CREATE TABLE t (id INT PRIMARY KEY, b LONGBLOB)");
    const std::vector<std::size_t> sizes{0, 1, 49, 50, 51, 1'000, 65'535, (1U << 24) - 6, (1U << 24) + 5, 40'000'000};
    int id = 0;
    for (const std::size_t size : sizes) {
        for (const unsigned bits : {2U, 8U}) { // one that shrinks and one that does not
            // The largest that does not shrink would take the codecs very long.
            if (size > (1U << 25) && bits == 8) continue;
            const weft::blob sent = noise(size, static_cast<std::uint32_t>(size), bits);
            db.execute("INSERT INTO t VALUES (?, ?)", ++id, sent);
            INFO(size << " bytes of " << bits << " bits");
            CHECK(db.query_value<weft::blob>("SELECT b FROM t WHERE id = ?", id) == sent);
            if (size > 10'000'000) db.execute("DELETE FROM t WHERE id = ?", id);
        }
    }

    const std::string numbers = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 499) ";
    const auto rows = db.query<weft::tuples<std::int64_t, std::string>>(
        numbers + "SELECT a.i * 500 + b.i AS k, repeat('ab', b.i) FROM n a, n b ORDER BY k LIMIT 20000");
    REQUIRE(rows.size() == 20'000);
    bool right = true;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto& [k, text] = rows[i];
        right = right && k == static_cast<std::int64_t>(i) && text.size() == 2 * (i % 500);
    }
    CHECK(right);
}

/// What leaves and enters in an order of its own: pipelines, several sets, bulk, LOCAL INFILE, another user.
inline void exercise_order(scratch& on) {
    connection db = on.another();
    REQUIRE(db.is_compressed());
    std::vector<std::string> texts;
    for (int i = 0; i < 200; ++i) texts.push_back("SELECT " + std::to_string(i) + ", repeat('x', 1000)");
    texts[77] = "nonsense";
    const auto outcomes = db.pipeline<weft::tuples<int, std::string>>(std::move(texts));
    REQUIRE(outcomes.size() == 200);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        REQUIRE(outcomes[i].has_value() == (i != 77));
        if (outcomes[i]) REQUIRE(std::get<0>(outcomes[i].value().at(0)) == static_cast<int>(i));
    }

    db.execute("CREATE TABLE many (a INT, b VARCHAR(100))");
    std::vector<std::tuple<int, std::string>> rows;
    for (int i = 0; i < 5'000; ++i) rows.emplace_back(i, std::string(static_cast<std::size_t>(i % 90), 'r'));
    CHECK(db.execute_many("INSERT INTO many VALUES (?, ?)", rows) == 5'000);
    CHECK(db.query_value<std::int64_t>("SELECT sum(length(b)) FROM many") ==
          db.query_value<std::int64_t>("SELECT sum(a % 90) FROM many"));

    db.reset();
    CHECK(db.query_value<int>("SELECT 1") == 1);
    db.change_user("app", "app-pw", on.own.name());
    CHECK(db.query_value<int>("SELECT 2") == 2);
    CHECK(status_of(db, "Compression") == "ON");
    db.close();
}

} // namespace test
