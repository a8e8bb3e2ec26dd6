// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `mysql_server`: a MariaDB or MySQL server for a test, started by it or reused. POSIX only.

#include <weft/core/url.hpp>
#include <weft/testing/child_process.hpp>
#include <weft/testing/detail/mysql_programs.hpp>
#include <weft/testing/detail/network.hpp>
#include <weft/testing/temporary_directory.hpp>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::inline v0::testing {

/// How a `mysql_server` is started. Everything has a default.
struct mysql_server_options {
    /// `mariadbd` or `mysqld`; empty: the one `WEFT_MYSQLD` names, else that of the `PATH`.
    std::filesystem::path program;
    /// An option file the server reads instead of the machine's own; empty: none.
    std::filesystem::path options_file;
    /// A data directory, of a server that is not running, to start from a copy of. Empty: a new one, whose
    /// user root has no password; making it takes seconds.
    std::filesystem::path data_template;
    /// Where the data is and stays. What is there already is used. Empty: a directory that is removed in the end.
    std::filesystem::path data;
    /// A directory with `ca.pem`, `server.pem` and `server-key.pem` for TLS; empty: as the server does without.
    std::filesystem::path certificates;
    /// Further arguments of the server, such as `--max-allowed-packet=1M`. They win over the option file.
    std::vector<std::string> arguments;
    /// Statements the server executes before it answers for the first time.
    std::string initial_sql;
    /// How long starting and stopping may take, in milliseconds.
    int limit_ms = 60'000;
};

/// A server on a free port of 127.0.0.1 and a Unix socket. It is stopped and its data removed when the object is
/// destroyed, and it dies with the process and (on Linux) the thread that started it. An existing server (`existing()`,
/// `from_environment()`) is used as it is and left running. Move-only.
class mysql_server {
public:
    /// Starts a server and waits until it greets. \throws operational_error with the end of the server's log.
    explicit mysql_server(mysql_server_options options = {})
        : options_(std::move(options)), directory_(std::in_place), host_("127.0.0.1"), user_("root") {
        if (options_.program.empty()) options_.program = detail::find_mysql_server();
        keeps_data_ = !options_.data.empty();
        if (!keeps_data_) options_.data = directory_->path() / "data";
        make_data();
        std::string first_statements;
        if (!options_.initial_sql.empty()) {
            first_statements = *directory_ / "initial.sql";
            std::ofstream(first_statements) << options_.initial_sql << '\n';
        }
        launch(first_statements);
    }

    /// The server at the URL `mysql://user:password@host:port/database`, which somebody else has started. Waits at most
    /// `limit_ms` milliseconds until it greets. \throws operational_error when it does not, interface_error when the
    /// URL is malformed.
    static mysql_server existing(std::string_view url, int limit_ms = 60'000) {
        return mysql_server(parse_url(url), limit_ms);
    }

    /// The existing server whose URL is in an environment variable, or, when that is not set, a new one.
    static mysql_server from_environment(const char* variable = "WEFT_MYSQL_URL", mysql_server_options options = {}) {
        const char* url = std::getenv(variable);
        if (url == nullptr || *url == '\0') return mysql_server(std::move(options));
        return existing(url, options.limit_ms);
    }

    mysql_server(mysql_server&&) = default;
    mysql_server& operator=(mysql_server&&) = delete;
    ~mysql_server() {
        if (!keeps_data_) return; // the process is killed: nobody needs the rest
        process_.signal(SIGTERM);
        process_.wait(options_.limit_ms);
    }

    /// Whether this object started the server: only then can it be stopped.
    bool is_owned() const noexcept { return directory_.has_value(); }

    /// Whether the process of an owned server has not ended.
    bool is_running() noexcept { return process_.running(); }

    const std::string& host() const noexcept { return host_; }
    std::uint16_t port() const noexcept { return port_; }

    /// The path of the Unix socket of an owned server, else empty.
    std::string socket_path() const { return directory_ ? *directory_ / "socket" : std::string(); }

    /// What an owned server has written to its log, at most the last 4 KiB.
    std::string log() const { return directory_ ? detail::tail_of(log_path()) : std::string(); }

    /// The version as in the greeting, such as `10.11.6-MariaDB` or `9.4.0`, without MariaDB's `5.5.5-` in front.
    const std::string& version() const noexcept { return version_; }
    bool is_mariadb() const noexcept { return version_.find("MariaDB") != std::string::npos; }

    /// The URL for a user; every part is percent-encoded as needed.
    std::string url(std::string_view user, std::string_view password = {}, std::string_view database = {}) const {
        std::string text = "mysql://" + encode(user);
        if (!password.empty()) text += ':' + encode(password);
        text += host_.find(':') == std::string::npos ? '@' + host_ : "@[" + host_ + ']';
        text += ':' + std::to_string(port_);
        if (!database.empty()) text += '/' + encode(database);
        return text;
    }

    /// The URL for the user an existing server's URL named, or for root of an owned server.
    std::string url() const { return url(user_, password_, database_); }

    /// Stops an owned server as an administrator does: connections are closed, the data is complete.
    /// \throws interface_error for an existing server, operational_error when it has to be killed after `limit_ms`.
    void stop() {
        require_owned("stopped");
        process_.signal(SIGTERM);
        if (process_.wait(options_.limit_ms)) return;
        process_.kill();
        throw operational_error("'" + options_.program.string() + "' did not stop within " +
                                std::to_string(options_.limit_ms) + " ms and was killed");
    }

    /// Kills an owned server with SIGKILL, as a crash does. \throws interface_error for an existing server.
    void kill() {
        require_owned("killed");
        process_.kill();
    }

    /// Stops an owned server if it is running, and starts it on the same port with the same data.
    void restart() {
        stop();
        launch({});
    }

private:
    mysql_server(const connection_url& url, int limit_ms)
        : host_(url.host.value_or("127.0.0.1")), user_(url.user.value_or("root")), password_(url.password.value_or("")),
          database_(url.database.value_or("")), port_(url.port == 0 ? std::uint16_t{3306} : url.port) {
        const long long deadline = detail::monotonic_ms() + limit_ms;
        while (!greets(deadline)) {
            if (detail::monotonic_ms() >= deadline)
                throw operational_error("no MySQL server greets at " + host_ + ':' + std::to_string(port_) +
                                        " within " + std::to_string(limit_ms) + " ms");
            detail::sleep_ms(20);
        }
    }

    void make_data() {
        const std::filesystem::path& data = options_.data;
        std::error_code problem;
        if (std::filesystem::exists(data, problem) && !std::filesystem::is_empty(data, problem)) return;
        if (options_.data_template.empty()) {
            detail::install_mysql_data(options_.program, data.string(), *directory_, options_.limit_ms);
            return;
        }
        std::filesystem::copy(options_.data_template, data, std::filesystem::copy_options::recursive, problem);
        if (problem)
            throw operational_error("cannot copy the data directory '" + options_.data_template.string() + "' to '" +
                                    data.string() + "': " + problem.message());
    }

    void require_owned(const char* what) const {
        if (!is_owned())
            throw interface_error("the server at " + host_ + ':' + std::to_string(port_) + " cannot be " + what +
                                  ": it was not started here");
    }

    std::string log_path() const { return *directory_ / "server.log"; }

    bool greets(long long deadline) {
        const long long left = deadline - detail::monotonic_ms();
        const auto version = detail::greeting_version(host_, port_, left < 2000 ? static_cast<int>(left) : 2000);
        if (version) version_ = *version;
        return version.has_value();
    }

    /// Starts the process and waits for it. A port that was free may be taken a moment later: then another is tried.
    void launch(const std::string& first_statements) {
        const bool chooses_port = port_ == 0;
        for (int attempts = 3;; --attempts) {
            if (chooses_port) port_ = detail::free_port();
            ::unlink(socket_path().c_str());
            process_ = child_process(command(first_statements), log_path());
            if (becomes_ready()) return;
            const bool port_is_taken = !process_.running() && log().find("lready in use") != std::string::npos;
            process_.kill();
            if (!chooses_port || !port_is_taken || attempts == 1)
                throw operational_error("'" + options_.program.string() + "' does not greet on port " +
                                        std::to_string(port_) + ", the end of its log:\n" + log());
        }
    }

    /// Whoever has the port may greet; only our server makes the socket, once it has the port.
    bool becomes_ready() {
        const long long deadline = detail::monotonic_ms() + options_.limit_ms;
        while (process_.running() && detail::monotonic_ms() < deadline) {
            if (std::filesystem::exists(socket_path()) && greets(deadline)) return true;
            detail::sleep_ms(10);
        }
        return false;
    }

    std::vector<std::string> command(const std::string& first_statements) const {
        std::vector<std::string> words{options_.program.string()};
        const auto add = [&](const char* option, const std::string& value) { words.push_back(option + value); };
        if (options_.options_file.empty()) {
            words.emplace_back("--no-defaults");
        } else {
            add("--defaults-file=", options_.options_file.string());
        }
        detail::add_user(words);
        add("--datadir=", options_.data.string());
        add("--socket=", socket_path());
        add("--pid-file=", *directory_ / "pid");
        add("--port=", std::to_string(port_));
        add("--tmpdir=", directory_->path().string()); // a server removes temporary tables it finds, whoever's they are
        words.emplace_back("--bind-address=127.0.0.1");
        if (const auto& tls = options_.certificates; !tls.empty()) {
            add("--ssl-ca=", (tls / "ca.pem").string());
            add("--ssl-cert=", (tls / "server.pem").string());
            add("--ssl-key=", (tls / "server-key.pem").string());
        }
        if (!first_statements.empty()) add("--init-file=", first_statements);
        words.insert(words.end(), options_.arguments.begin(), options_.arguments.end());
        return words;
    }

    static std::string encode(std::string_view text) {
        std::string encoded;
        for (const char c : text) {
            const auto byte = static_cast<unsigned char>(c);
            const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                               std::string_view("-._~").find(c) != std::string_view::npos;
            if (plain) {
                encoded += c;
            } else {
                encoded += '%';
                encoded += "0123456789ABCDEF"[byte >> 4];
                encoded += "0123456789ABCDEF"[byte & 15];
            }
        }
        return encoded;
    }

    mysql_server_options options_;
    std::optional<temporary_directory> directory_;
    child_process process_; // after the directory: it ends before that is removed
    std::string host_;
    std::string user_;
    std::string password_;
    std::string database_;
    std::uint16_t port_ = 0;
    std::string version_;
    bool keeps_data_ = false;
};

} // namespace weft::inline v0::testing
