// SPDX-License-Identifier: BSL-1.0
#include <weft/mysql/auth/gssapi.hpp>

#include "../message_of.hpp"
#include "../mysql/servers.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <fstream>

namespace auth = weft::mysql::auth;
using Catch::Matchers::ContainsSubstring;
using test::options_of;
using weft::as_blob;
using weft::blob;

namespace {

test::mysql::connect_options alice_on(const std::string& server) {
    auto options = test::with_user(options_of(server), "alice", "");
    options.plugins.push_back(auth::gssapi());
    return options;
}

std::string each_mariadb() {
    return GENERATE("mariadb1011", "mariadb118");
}

} // namespace

TEST_CASE("alice logs in with her ticket", "[servers]") {
    servers::use_kerberos();
    test::connection db(alice_on(each_mariadb()));
    CHECK(db.query_value<std::string>("SELECT current_user()") == "alice@%");
    db.change_user("app", "app-pw", {});
    CHECK(db.query_value<std::string>("SELECT current_user()") == "app@%");
    db.change_user("alice", "", {});
    CHECK(db.query_value<std::string>("SELECT current_user()") == "alice@%");
}

TEST_CASE("a ticket is of no use to others", "[servers]") {
    servers::use_kerberos();
    const std::string server = each_mariadb();
    test::connection root(options_of(server));
    root.execute("CREATE OR REPLACE USER bob_gssapi IDENTIFIED VIA gssapi USING 'bob@TEST.LOCAL'");
    auto options = alice_on(server);
    options.user = "bob_gssapi";
    CHECK(test::code_of([&] { return test::connection(options); }) == 1045);
    root.execute("DROP USER bob_gssapi");
}

TEST_CASE("a principal that is not the server's is refused with what the library says", "[servers]") {
    servers::use_kerberos();
    auto options = test::with_user(options_of(each_mariadb()), "alice", "");
    options.plugins.push_back(auth::gssapi("other/localhost@TEST.LOCAL"));
    CHECK(test::code_of([&] { return test::connection(options); }) == 2061);
    CHECK_THAT(message_of<weft::operational_error>([&] { test::connection db(options); }),
               ContainsSubstring("auth_gssapi_client: no security context with 'other/localhost@TEST.LOCAL': ") &&
                   ContainsSubstring("not found in Kerberos database"));
}

TEST_CASE("without the plugin the error names it", "[servers]") {
    servers::use_kerberos();
    const auto options = test::with_user(options_of(each_mariadb()), "alice", "");
    CHECK_THAT(message_of<weft::operational_error>([&] { test::connection db(options); }),
               ContainsSubstring("'auth_gssapi_client'"));
}

TEST_CASE("a login without a ticket ends in an error", "[servers]") {
    servers::use_kerberos();
    const std::string tickets = servers::required("KRB5CCNAME");
    ::setenv("KRB5CCNAME", "FILE:/nonexistent/tickets", 1);
    CHECK(test::code_of([&] { return test::connection(alice_on("mariadb1011")); }) == 2061);
    ::setenv("KRB5CCNAME", tickets.c_str(), 1);
}

TEST_CASE("a server that does not prove who it is is not believed", "[servers]") {
    servers::use_kerberos();
    const auto login = auth::gssapi()->begin();
    blob out;
    CHECK(login->start(as_blob(std::string_view("mariadb/localhost@TEST.LOCAL\0Kerberos\0", 38)), out) ==
          auth::auth_step::send);
    CHECK(out.size() > 100);
    CHECK_THAT(message_of<weft::operational_error>([&] { login->accepted(); }),
               ContainsSubstring("has not proved that it is 'mariadb/localhost@TEST.LOCAL'"));
    CHECK_THROWS_AS(login->more(as_blob("no token at all"), out), weft::operational_error);
}

TEST_CASE("what a server says instead of its principal is refused") {
    for (const std::string_view data : {std::string_view(), std::string_view("\0Kerberos\0", 10)}) {
        blob out;
        CHECK_THROWS_AS(auth::gssapi()->begin()->start(as_blob(data), out), weft::operational_error);
    }
    CHECK(auth::gssapi()->name() == "auth_gssapi_client");
}
