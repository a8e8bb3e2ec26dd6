// SPDX-License-Identifier: BSL-1.0
#include <weft/transfer/identifier.hpp>

#include <weft/embedded.hpp>

#include <catch2/catch_test_macros.hpp>

TEST_CASE("Any name without NUL can be a table once it is quoted") {
    for (const std::string name :
         {"t", "two words", "a`b", "``", "x\"y", "select", "semi;colon", "ques?tion", "\u5c71", "'"}) {
        weft::embedded::database db(":memory:");
        db.execute("CREATE TABLE " + weft::quote_identifier(name) + " (" + weft::quote_identifier(name) + " INTEGER)");
        CHECK(db.query_value<std::string>("SELECT name FROM sqlite_master") == name);
        CHECK(db.query_value<std::string>("SELECT name FROM pragma_table_info(?)", name) == name);
    }
    CHECK_THROWS_AS(weft::quote_identifier(""), weft::programming_error);
    CHECK_THROWS_AS(weft::quote_identifier(std::string_view("a\0b", 3)), weft::programming_error);
}
