// SPDX-License-Identifier: BSL-1.0
// TLS with real servers: what each mode asks for, certificates that are right and wrong, users that insist.
#include <weft/mysql/connection.hpp>

#include "servers.hpp"

#include <catch2/catch_test_macros.hpp>

namespace mysql = weft::mysql;
using test::each_server;
using test::options_of;
using weft::net::tls_mode;

namespace {

// "secure", "open", or why there is no connection.
std::string outcome(const mysql::connect_options& options) {
    try {
        mysql::connection db(options);
        const auto cipher =
            db.query_one<weft::tuples<std::string, std::string>>("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
        CHECK(std::get<1>(*cipher).empty() != db.is_secure()); // both sides agree
        return db.is_secure() ? "secure" : "open";
    } catch (const weft::error& e) {
        return std::to_string(e.diagnostics().code) + ": " + e.diagnostics().message;
    }
}

mysql::connect_options tls_of(const std::string& server, tls_mode mode) {
    mysql::connect_options options = options_of(server);
    options.tls.mode = mode;
    return options;
}

} // namespace

TEST_CASE("TLS modes against servers that offer it", "[tls]") {
    const std::string server = each_server();
    mysql::connect_options options = tls_of(server, tls_mode::disable);
    CHECK(outcome(options) == "open");
    CHECK(outcome(tls_of(server, tls_mode::prefer)) == "secure");
    CHECK(outcome(tls_of(server, tls_mode::require)) == "secure");
    // nobody this machine trusts has signed the certificate
    CHECK(outcome(tls_of(server, tls_mode::verify_ca)).starts_with("2026: "));

    options.tls.mode = tls_mode::verify_ca;
    options.tls.ca = servers::certificate("ca.pem");
    CHECK(outcome(options) == "secure");
    options.tls.mode = tls_mode::verify_identity;
    CHECK(outcome(options) == "secure"); // 127.0.0.1 is in the certificate
    options.tls.server_name = "elsewhere.example";
    CHECK(outcome(options).starts_with("2026: "));
    options.tls.server_name = "localhost";
    CHECK(outcome(options) == "secure");
    options.tls.server_name.clear();
    options.tls.ca = servers::certificate("other-ca.pem");
    for (const tls_mode mode : {tls_mode::prefer, tls_mode::verify_ca, tls_mode::verify_identity}) {
        options.tls.mode = mode;
        CHECK(outcome(options).starts_with("2026: "));
    }
    options.tls.ca = "/no/such/file.pem";
    CHECK(outcome(options).find("/no/such/file.pem") != std::string::npos);
}

TEST_CASE("Users that insist on TLS, and on a certificate", "[tls]") {
    const std::string server = each_server();
    mysql::connect_options options = tls_of(server, tls_mode::disable);
    CHECK(outcome(test::with_user(options, "tls")).starts_with("1045: "));
    options.tls.mode = tls_mode::prefer;
    CHECK(outcome(test::with_user(options, "tls")) == "secure");
    CHECK(outcome(test::with_user(options, "x509")).starts_with("1045: "));
    options.tls.ca = servers::certificate("ca.pem");
    options.tls.certificate = servers::certificate("client.pem");
    options.tls.key = servers::certificate("client-key.pem");
    CHECK(outcome(test::with_user(options, "x509")) == "secure");
    options.tls.key = servers::certificate("other-ca-key.pem"); // of another certificate
    CHECK_FALSE(outcome(test::with_user(options, "x509")) == "secure");
}

TEST_CASE("A Unix socket is secure without TLS, and has it when it is required", "[tls]") {
    const std::string server = each_server();
    mysql::connect_options options = tls_of(server, tls_mode::prefer);
    options.hosts.hosts = {weft::net::endpoint::unix_socket(servers::socket(server))};
    mysql::connection db(options);
    CHECK(db.is_secure());
    CHECK(std::get<1>(*db.query_one<weft::tuples<std::string, std::string>>("SHOW SESSION STATUS LIKE 'Ssl_cipher'"))
              .empty());
    options.tls.mode = tls_mode::require;
    CHECK(outcome(options) == "secure");
}

TEST_CASE("Large results, large statements and change_user go through TLS", "[tls]") {
    mysql::connect_options options = tls_of(each_server(), tls_mode::require);
    mysql::connection db(options);
    const std::string text(3'000'000, 'x');
    CHECK(db.query_value<std::string>("SELECT ?", text) == text);
    CHECK(db.query_value<std::string>("SELECT repeat('y', 5000000)").size() == 5'000'000);
    db.change_user("tls", "app-pw");
    CHECK(db.query_value<int>("SELECT 5") == 5);
    CHECK(db.is_secure());
}
