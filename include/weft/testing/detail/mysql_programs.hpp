// SPDX-License-Identifier: BSL-1.0
#pragma once

// Where the programs of a MariaDB or MySQL server are and how a data directory is made with them.

#include <weft/testing/child_process.hpp>
#include <weft/testing/temporary_directory.hpp>

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace weft::inline v0::testing::detail {

inline bool is_program(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

/// The server's program: `WEFT_MYSQLD`, or `mariadbd` or `mysqld` of the `PATH` and of where distributions put servers.
inline std::filesystem::path find_mysql_server() {
    if (const char* given = std::getenv("WEFT_MYSQLD"); given != nullptr && *given != '\0') return given;
    const char* path = std::getenv("PATH");
    const std::string places =
        std::string(path == nullptr ? "" : path) + ":/usr/sbin:/usr/libexec:/usr/local/sbin:/usr/local/mysql/bin";
    for (const char* name : {"mariadbd", "mysqld"}) {
        for (std::string_view rest = places; !rest.empty();) {
            const std::string_view place = rest.substr(0, rest.find(':'));
            rest.remove_prefix(place.size() < rest.size() ? place.size() + 1 : rest.size());
            if (place.empty()) continue;
            if (auto program = std::filesystem::path(place) / name; is_program(program)) return program;
        }
    }
    throw operational_error("there is no mariadbd or mysqld in the PATH or where servers usually are; WEFT_MYSQLD can "
                            "name one");
}

/// At most the last 4 KiB of a file from `offset` on; empty when it cannot be read.
inline std::string tail_of(const std::string& path, std::uintmax_t offset = 0) {
    constexpr std::uintmax_t limit = 4096;
    std::error_code ignored;
    const std::uintmax_t size = std::filesystem::file_size(path, ignored);
    if (ignored || size <= offset) return {};
    if (size - offset > limit) offset = size - limit;
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
    if (!file || std::fseek(file.get(), static_cast<long>(offset), SEEK_SET) != 0) return {};
    std::string text(static_cast<std::size_t>(size - offset), '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file.get()));
    return text;
}

/// Runs a program to its end. \throws operational_error with the last lines it wrote when it fails or takes too long.
inline std::string run_program(std::vector<std::string> command, const std::string& log, int limit_ms) {
    const std::string name = command[0];
    child_process process(std::move(command), log);
    const bool ended = process.wait(limit_ms);
    const std::string said = tail_of(log);
    if (ended && process.exit_code() == 0) return said;
    throw operational_error("'" + name + "' " +
                            (ended ? "ended with " + std::to_string(process.exit_code())
                                   : "did not end within " + std::to_string(limit_ms) + " ms") +
                            ", its last words:\n" + said);
}

/// Servers refuse to run as root unless told so.
inline void add_user(std::vector<std::string>& command) {
    if (::geteuid() == 0) command.emplace_back("--user=root");
}

/// Makes a new data directory: root may log in without a password, from this machine only.
inline void install_mysql_data(const std::filesystem::path& program, const std::string& data,
                               const temporary_directory& scratch, int limit_ms) {
    const std::string version =
        run_program({program.string(), "--no-defaults", "--version"}, scratch / "version.log", limit_ms);
    std::vector<std::string> command;
    if (version.find("MariaDB") == std::string::npos) {
        command = {program.string(), "--no-defaults", "--initialize-insecure", "--datadir=" + data};
    } else {
        const std::filesystem::path base = program.parent_path().parent_path();
        for (const char* name : {"bin/mariadb-install-db", "scripts/mariadb-install-db", "bin/mysql_install_db"}) {
            if (command.empty() && is_program(base / name)) command = {(base / name).string(), "--no-defaults"};
        }
        if (command.empty())
            throw operational_error("there is no mariadb-install-db in '" + (base / "bin").string() +
                                    "', and a data directory for '" + program.string() + "' is made with it");
        command.insert(command.end(), {"--basedir=" + base.string(), "--datadir=" + data, "--skip-test-db",
                                       "--auth-root-authentication-method=normal"});
    }
    add_user(command);
    command.push_back("--tmpdir=" + scratch.path().string()); // not that of servers which run
    run_program(std::move(command), scratch / "install.log", limit_ms);
}

} // namespace weft::inline v0::testing::detail
