// SPDX-License-Identifier: BSL-1.0

#include <weft/core/error.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <type_traits>

using weft::diagnostics;
using weft::errc;

namespace {

std::string text_of(diagnostics info) {
    return weft::operational_error(std::move(info)).what();
}

template <class Expected>
void check_throws(errc kind) {
    try {
        weft::throw_error(kind, {.message = "m", .sqlstate = {}, .code = 7, .attempted = {}, .location = {}});
        FAIL("nothing was thrown");
    } catch (const Expected& e) {
        CHECK(e.kind() == kind);
        CHECK(e.diagnostics().code == 7);
        CHECK(std::string(e.what()) == "7: m");
    }
}

} // namespace

TEST_CASE("what() holds code, SQLSTATE and message, each left out where absent") {
    CHECK(text_of({"hi there", "9", 1, {}, {}}) == "1 (9): hi there");
    CHECK(text_of({"hi there", {}, 1, {}, {}}) == "1: hi there");
    CHECK(text_of({"hi there", "9", 0, {}, {}}) == "(9): hi there");
    CHECK(text_of({"hi there", {}, 0, {}, {}}) == "hi there");
    CHECK(text_of({{}, "9", 1, {}, {}}) == "1 (9)");
    CHECK(text_of({{}, {}, 1, {}, {}}) == "1");
    CHECK(text_of({{}, {}, 0, {}, {}}) == "Unknown error");
}

TEST_CASE("throw_error throws the class of each kind") {
    check_throws<weft::interface_error>(errc::interface_error);
    check_throws<weft::database_error>(errc::database_error);
    check_throws<weft::data_error>(errc::data_error);
    check_throws<weft::operational_error>(errc::operational_error);
    check_throws<weft::integrity_error>(errc::integrity_error);
    check_throws<weft::internal_error>(errc::internal_error);
    check_throws<weft::programming_error>(errc::programming_error);
    check_throws<weft::not_supported_error>(errc::not_supported_error);
}

TEST_CASE("every class is caught as its parents") {
    CHECK_THROWS_AS(throw weft::integrity_error("duplicate"), weft::database_error);
    CHECK_THROWS_AS(throw weft::integrity_error("duplicate"), weft::error);
    CHECK_THROWS_AS(throw weft::integrity_error("duplicate"), std::exception);
    CHECK_THROWS_AS(throw weft::interface_error("closed"), weft::error);
    STATIC_CHECK_FALSE(std::is_base_of_v<weft::database_error, weft::interface_error>);
    STATIC_CHECK(std::is_nothrow_copy_constructible_v<weft::data_error>);
}

TEST_CASE("an error made from a message alone knows where it was made") {
    const int line = __LINE__ + 1;
    const weft::data_error e("bad");
    CHECK(e.diagnostics().location.line() == static_cast<unsigned>(line));
    CHECK(std::string(e.diagnostics().location.file_name()).ends_with("error.cpp"));
    CHECK(e.diagnostics().code == 0);
}

TEST_CASE("the innermost context stays, and copies share it") {
    weft::programming_error e("no such table: t");
    const weft::error copy = e;
    e.add_context("SELECT * FROM t", std::source_location::current());
    e.add_context("outer", {});
    CHECK(e.diagnostics().attempted == "SELECT * FROM t");
    CHECK(copy.diagnostics().attempted == "SELECT * FROM t");
    CHECK(copy.diagnostics().location.line() == e.diagnostics().location.line());
}
