// SPDX-License-Identifier: BSL-1.0
#include <weft/mysql/zstd.hpp>

#include "../mysql/compressed.hpp"

namespace mysql = weft::mysql;
using test::compressed;
using test::options_of;

TEST_CASE("Connections to MySQL compress with Zstandard", "[servers]") {
    test::scratch on(compressed(options_of("mysql97"), mysql::zstd()));
    test::exercise(on);
    test::exercise_order(on);
    CHECK(test::status_of(on.db, "Compression_algorithm") == "zstd");
    CHECK(test::status_of(on.db, "Compression_level") == "3");
}

TEST_CASE("The level of Zstandard is the server's too", "[servers]") {
    for (const int level : {1, 22}) {
        test::connection db(compressed(options_of("mysql97"), mysql::zstd(level)));
        CHECK(test::status_of(db, "Compression_level") == std::to_string(level));
        CHECK(db.query_value<std::string>("SELECT repeat('x', 100000)") == std::string(100'000, 'x'));
    }
    for (const int level : {-1, 0, 23}) CHECK_THROWS_AS(mysql::zstd(level), weft::interface_error);
}

TEST_CASE("MariaDB has no Zstandard and is talked to without", "[servers]") {
    test::connection db(compressed(options_of("mariadb1011"), mysql::zstd()));
    CHECK_FALSE(db.is_compressed());
    CHECK(db.query_value<int>("SELECT 7") == 7);
}

TEST_CASE("zstd is found by its name") {
    CHECK(weft::mysql::compression_by_name("zstd").capability() == weft::mysql::protocol::capability::zstd_compression);
    CHECK_FALSE(weft::mysql::compression_by_name("none"));
}
