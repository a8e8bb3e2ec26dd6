// SPDX-License-Identifier: BSL-1.0
#include <weft/connect/mysql_options.hpp>

#include <catch2/catch_test_macros.hpp>

using weft::mysql_options;
using weft::mysql::credential_type;

TEST_CASE("a URL says whether the password is a token") {
    CHECK(mysql_options("mysql://app:secret@host").credential == credential_type::password);
    CHECK(mysql_options("mysql://app:secret@host?credential_type=password").credential == credential_type::password);
    const auto options = mysql_options("mysql://app:h.c.s@host?credential_type=jwt");
    CHECK(options.credential == credential_type::jwt);
    CHECK(options.password == "h.c.s");
    CHECK_THROWS_AS(mysql_options("mysql://app@host?credential_type=browser_sso"), weft::not_supported_error);
    CHECK_THROWS_AS(mysql_options("mysql://app@host?credential_type=magic"), weft::data_error);
}

TEST_CASE("a URL says what is compressed with, where the program has it") {
    CHECK_FALSE(weft::mysql_options("mysql://host/db").compression);
    CHECK_FALSE(weft::mysql_options("mysql://host/db?compression=none").compression);
    CHECK_THROWS_AS(weft::mysql_options("mysql://host/db?compression=zlib"), weft::not_supported_error);
    CHECK_THROWS_AS(weft::mysql_options("mysql://host/db?compression=zstd"), weft::not_supported_error);
    CHECK_THROWS_AS(weft::mysql_options("mysql://host/db?compression=lzma"), weft::data_error);
    CHECK_THROWS_AS(weft::mysql::compression_by_name("lzma"), weft::interface_error);
}
