// SPDX-License-Identifier: BSL-1.0
// Every way to log in that real servers have, over each kind of channel.
#include <weft/mysql/connection.hpp>

#include "servers.hpp"

#include <catch2/catch_test_macros.hpp>

namespace mysql = weft::mysql;
using test::each_server;
using test::options_of;
using test::with_user;
using weft::net::tls_mode;

namespace {

std::string user_of(const mysql::connect_options& options) {
    mysql::connection db(options);
    return db.query_value<std::string>("SELECT substring_index(user(), '@', 1)");
}

int refusal(const mysql::connect_options& options) {
    return test::code_of([&] { return user_of(options); });
}

// TCP without TLS, TCP with it, and the Unix socket.
std::vector<mysql::connect_options> channels(const std::string& server) {
    mysql::connect_options open = options_of(server);
    mysql::connect_options secure = open;
    secure.tls.mode = tls_mode::require;
    mysql::connect_options local = open;
    local.tls.mode = tls_mode::prefer;
    local.hosts.hosts = {weft::net::endpoint::unix_socket(servers::socket(server))};
    return {open, secure, local};
}

} // namespace

TEST_CASE("The server's default plugin takes the right password and no other", "[authentication]") {
    for (const mysql::connect_options& options : channels(each_server())) {
        CHECK(user_of(options) == "app");
        CHECK(user_of(with_user(options, "nopw", "")) == "nopw");
        CHECK(refusal(with_user(options, "app", "wrong")) == 1045);
        CHECK(refusal(with_user(options, "app", "")) == 1045);
        CHECK(refusal(with_user(options, "nopw", "something")) == 1045);
        CHECK(refusal(with_user(options, "nobody")) == 1045);
    }
}

TEST_CASE("caching_sha2_password asks for the password in full when its cache is empty", "[authentication]") {
    const std::string server = "mysql97";
    mysql::connection admin(options_of(server));
    const std::string user = "w" + std::to_string(admin.thread_id()) + "_sha2";
    admin.execute("CREATE USER " + user + " IDENTIFIED BY 'päss \\'word'");
    for (const mysql::connect_options& options : channels(server)) {
        admin.execute("ALTER USER " + user + " IDENTIFIED BY 'päss \\'word'"); // which forgets the cached one
        CHECK(user_of(with_user(options, user, "päss 'word")) == user);        // in full
        CHECK(user_of(with_user(options, user, "päss 'word")) == user);        // from the cache
        CHECK(refusal(with_user(options, user, "pass 'word")) == 1045);
    }
    mysql::connect_options careful = options_of(server);
    careful.request_server_public_key = false;
    admin.execute("ALTER USER " + user + " IDENTIFIED BY 'new'");
    CHECK(refusal(with_user(careful, user, "new")) != 0); // no key, no TLS: the password stays here
    const auto key = admin.query_one<weft::tuples<std::string, std::string>>(
        "SHOW STATUS LIKE 'Caching_sha2_password_rsa_public_key'");
    careful.server_public_key = std::get<1>(*key);
    CHECK(user_of(with_user(careful, user, "new")) == user);
    admin.execute("DROP USER " + user);
}

TEST_CASE("sha256_password at a real server", "[authentication]") {
    for (const mysql::connect_options& options : channels("mysql97")) {
        CHECK(user_of(with_user(options, "sha256")) == "sha256");
        CHECK(refusal(with_user(options, "sha256", "wrong")) == 1045);
    }
}

TEST_CASE("ed25519", "[authentication]") {
    const std::string server = GENERATE("mariadb1011", "mariadb118");
    for (const mysql::connect_options& options : channels(server)) {
        CHECK(user_of(with_user(options, "ed")) == "ed");
        CHECK(refusal(with_user(options, "ed", "wrong")) == 1045);
    }
}

TEST_CASE("parsec", "[authentication]") {
    for (const mysql::connect_options& options : channels("mariadb118")) {
        CHECK(user_of(with_user(options, "parsec")) == "parsec");
        CHECK(refusal(with_user(options, "parsec", "wrong")) == 1045);
    }
}

TEST_CASE("change_user switches between plugins", "[authentication]") {
    const std::string server = each_server();
    const std::string other = server == "mysql97" ? "sha256" : "ed";
    for (const mysql::connect_options& options : channels(server)) {
        mysql::connection db(options);
        for (const std::string user : {other.c_str(), "app"}) {
            db.change_user(user, "app-pw");
            CHECK(db.query_value<std::string>("SELECT substring_index(user(), '@', 1)") == user);
        }
    }
}
