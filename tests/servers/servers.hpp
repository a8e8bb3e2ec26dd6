// SPDX-License-Identifier: BSL-1.0
#pragma once

// What `tests/servers/servers` has started and prepared, for tests. ctest starts the servers once for all tests and
// names the file with what there is; without ctest: eval "$(tests/servers/servers env)". What is not there skips the
// test that asks for it.

#include <weft/testing/mysql_server.hpp>

#include <catch2/catch_test_macros.hpp>

#include <stdlib.h> // setenv

#include <fstream>
#include <string>

namespace servers {

/// The value of one of the assignments; empty when it is not there.
inline std::string setting(const std::string& name) {
    if (const char* file = std::getenv("WEFT_SERVERS_FILE"); file != nullptr && *file != '\0') {
        std::ifstream lines(file);
        for (std::string line; std::getline(lines, line);) {
            if (line.starts_with(name + '=')) return line.substr(name.size() + 1);
        }
        return {};
    }
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::string() : std::string(value);
}

inline std::string required(const std::string& name) {
    std::string value = setting(name);
    if (value.empty()) SKIP("there is no " << name << ": see tests/servers/README.md");
    return value;
}

inline std::string variable(const std::string& server, const char* what) {
    std::string name = "WEFT_" + server + '_' + what;
    for (char& c : name) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return name;
}

/// A server shared by all tests: "mariadb1011", "mariadb118" or "mysql97". Make databases of your own in it, change no
/// global settings, and never stop it.
inline weft::testing::mysql_server shared(const std::string& name) {
    return weft::testing::mysql_server::existing(required(variable(name, "URL")));
}

/// How to start a server of your own with the same users and options; `initial_sql` and others can be added.
inline weft::testing::mysql_server_options own(const std::string& name) {
    weft::testing::mysql_server_options options;
    options.program = required(variable(name, "PROGRAM"));
    options.options_file = required(variable(name, "OPTIONS"));
    options.data_template = required(variable(name, "DATA"));
    return options;
}

/// The Unix socket of a shared server.
inline std::string socket(const std::string& name) {
    return required(variable(name, "SOCKET"));
}

/// A certificate or key: "ca.pem", "client.pem", "client-key.pem", "other-ca.pem", ...
inline std::string certificate(const std::string& name) {
    return required("WEFT_TLS") + '/' + name;
}

/// Makes this process a part of the Kerberos realm, with a ticket of alice.
inline void use_kerberos() {
    for (const char* name : {"KRB5_CONFIG", "KRB5CCNAME"}) ::setenv(name, required(name).c_str(), 1);
}

} // namespace servers
