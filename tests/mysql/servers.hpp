// SPDX-License-Identifier: BSL-1.0
#pragma once

// Connections to the shared servers, for tests of the mysql room.

#include <weft/core/url.hpp>
#include <weft/mysql/basic_connection.hpp>
#include <weft/testing/scratch_database.hpp>

#include "../servers/servers.hpp"

#include <catch2/catch_message.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <string>

namespace test {

namespace mysql = weft::mysql;
using connection = mysql::plain_connection;

/// The server this run of the test is about; without it the run is skipped. A test that calls it runs once for each.
inline std::string each_server() {
    std::string name = GENERATE("mariadb1011", "mariadb118", "mysql97");
    UNSCOPED_INFO(name);
    return name;
}

/// How to get into a shared server as the user app, without TLS.
inline mysql::connect_options options_of(const std::string& server) {
    const weft::connection_url url = weft::parse_url(servers::required(servers::variable(server, "URL")));
    mysql::connect_options options;
    options.hosts = weft::net::host_list({{url.host.value(), url.port}});
    options.user = url.user.value();
    options.password = url.password.value();
    options.network.read_timeout_ms = 30'000; // a test never hangs
    options.tls.mode = weft::net::tls_mode::disable;
    return options;
}

inline mysql::connect_options with_user(mysql::connect_options options, std::string user,
                                        std::string password = "app-pw") {
    options.user = std::move(user);
    options.password = std::move(password);
    return options;
}

/// A connection whose default database is its own and empty.
struct scratch {
    explicit scratch(mysql::connect_options options) : db(options), own(db), settings(std::move(options)) {
        settings.database = own.name();
    }

    /// Another connection to the same database.
    connection another() const { return connection(settings); }

    connection db;
    weft::testing::scratch_database<connection> own;
    mysql::connect_options settings; ///< with the database
};

inline bool is_mysql(const connection& db) {
    return db.server().flavour == mysql::protocol::server_flavour::mysql;
}

/// The code of the weft error that `call` throws; 0 when it throws none.
int code_of(auto&& call) {
    try {
        static_cast<void>(call());
    } catch (const weft::error& e) {
        UNSCOPED_INFO(e.what());
        return e.diagnostics().code;
    }
    return 0;
}

} // namespace test
