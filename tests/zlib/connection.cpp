// SPDX-License-Identifier: BSL-1.0
#include <weft/mysql/connection.hpp>
#include <weft/mysql/zlib.hpp>

#include "../mysql/compressed.hpp"

namespace mysql = weft::mysql;
using test::compressed;
using test::options_of;

TEST_CASE("Connections compress with zlib", "[servers]") {
    test::scratch on(compressed(options_of(test::each_server()), mysql::zlib()));
    test::exercise(on);
}

TEST_CASE("What is sent together is answered in order through zlib", "[servers]") {
    for (const auto parameters : {mysql::parameter_mode::prepared, mysql::parameter_mode::literals}) {
        auto options = compressed(options_of("mariadb1011"), mysql::zlib(1));
        options.parameters = parameters;
        test::scratch on(std::move(options));
        test::exercise_order(on);
    }
    test::scratch on(compressed(options_of(test::each_server()), mysql::zlib(9)));
    test::exercise_order(on);
}

TEST_CASE("zlib works inside TLS", "[servers]") {
    auto options = compressed(options_of(test::each_server()), mysql::zlib());
    options.tls.mode = weft::net::tls_mode::require;
    mysql::connection db(options);
    CHECK(db.is_secure());
    CHECK(db.is_compressed());
    CHECK(db.query_value<std::string>("SELECT repeat('x', 100000)") == std::string(100'000, 'x'));
}

TEST_CASE("A connection that does not ask is not compressed", "[servers]") {
    test::connection db(options_of(test::each_server()));
    CHECK_FALSE(db.is_compressed());
    CHECK(test::status_of(db, "Compression") == "OFF");
}

TEST_CASE("zlib takes the levels zlib has") {
    CHECK(mysql::zlib().level() == -1);
    CHECK(mysql::zlib(9).capability() == mysql::protocol::capability::compress);
    for (const int level : {-2, 0, 10}) CHECK_THROWS_AS(mysql::zlib(level), weft::interface_error);
    CHECK_FALSE(mysql::compression());
    CHECK(mysql::compression().capability() == 0);
}

TEST_CASE("zlib is found by its name") {
    CHECK(weft::mysql::compression_by_name("zlib").capability() == weft::mysql::protocol::capability::compress);
    CHECK_FALSE(weft::mysql::compression_by_name("none"));
}
