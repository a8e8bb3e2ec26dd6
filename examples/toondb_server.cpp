// SPDX-License-Identifier: BSL-1.0
//
// toondb_server [-d|--db DIRECTORY] [-s|--socket PATH] [--max-clients N] [--timeout-ms N] [--log-level LEVEL]
//
// Serves a database to ToonDB's clients until SIGINT or SIGTERM, then answers what it has received and ends.
//
//     --db DIRECTORY    where the database is, made when it is missing   (./toondb_data)
//     --socket PATH     of the Unix socket                               (DIRECTORY/toondb.sock)
//     --max-clients N   connections at once                              (100)
//     --timeout-ms N    an idle connection is closed after it; 0: never  (30000)
//     --log-level L     trace, debug, info, warn or error                (info)
//
// Exit status: 0 after a signal, 1 when the database cannot be opened or nobody can listen on the socket, 2 for a
// command line that makes no sense.

#include <weft/toondb/ipc_server.hpp>

#include <signal.h>

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

namespace toondb = weft::toondb;
using toondb::log_level;

constexpr const char* usage = "usage: toondb_server [-d|--db DIRECTORY] [-s|--socket PATH] [--max-clients N] "
                              "[--timeout-ms N] [--log-level LEVEL]\n";

constexpr std::string_view level_names[] = {"trace", "debug", "info", "warn", "error"};

log_level level_of(std::string_view name) {
    for (std::size_t i = 0; i < std::size(level_names); ++i) {
        if (level_names[i] == name) return static_cast<log_level>(i);
    }
    return log_level::info; // as ToonDB's server does
}

void print(log_level level, std::string_view text) {
    const std::string_view name = level_names[static_cast<std::size_t>(level)];
    std::fprintf(stderr, "%.*s: %.*s\n", static_cast<int>(name.size()), name.data(), static_cast<int>(text.size()),
                 text.data());
}

struct wrong_usage : std::runtime_error {
    using runtime_error::runtime_error;
};

struct settings {
    std::string directory = "./toondb_data";
    bool help = false;
    toondb::server_options server;
};

template <class T>
void read_number(std::string_view name, std::string_view text, T& out) {
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (problem != std::errc() || end != text.data() + text.size() || out < T{0})
        throw wrong_usage(std::string(name) + " takes a number, not '" + std::string(text) + "'");
}

settings read_arguments(int argc, char** argv) {
    settings s;
    s.server.socket_path.clear();
    for (int i = 1; i < argc; ++i) {
        std::string_view name = argv[i];
        if (name == "-h" || name == "--help") {
            s.help = true;
            return s;
        }
        std::string_view value;
        if (const std::size_t equals = name.find('='); equals != std::string_view::npos) {
            value = name.substr(equals + 1);
            name = name.substr(0, equals);
        } else if (i + 1 < argc) {
            value = argv[++i];
        } else {
            throw wrong_usage(std::string(name) + " is unknown or lacks its value");
        }
        if (name == "-d" || name == "--db") {
            s.directory = value;
        } else if (name == "-s" || name == "--socket") {
            s.server.socket_path = value;
        } else if (name == "--max-clients") {
            read_number(name, value, s.server.max_clients);
        } else if (name == "--timeout-ms") {
            read_number(name, value, s.server.idle_timeout_ms);
        } else if (name == "--log-level") {
            s.server.least = level_of(value);
        } else {
            throw wrong_usage("there is no " + std::string(name));
        }
    }
    if (s.server.socket_path.empty()) s.server.socket_path = s.directory + "/toondb.sock";
    return s;
}

void serve(const settings& s) {
    std::filesystem::create_directories(s.directory);
    auto db = weft::embedded::kv_database::open(s.directory + "/toondb.db");

    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr); // before there are other threads, which inherit it

    toondb::ipc_server server(db, s.server);
    server.start();
    if (s.server.least <= log_level::info) print(log_level::info, "listening on " + s.server.socket_path);
    int signal = 0;
    while (sigwait(&ends, &signal) != 0) {}
    server.stop();
    if (s.server.least <= log_level::info) print(log_level::info, "stopped");
}

} // namespace

int main(int argc, char** argv) try {
    settings s = read_arguments(argc, argv);
    if (s.help) {
        std::printf("%s", usage);
        return 0;
    }
    s.server.log = print;
    serve(s);
} catch (const wrong_usage& e) {
    std::fprintf(stderr, "toondb_server: %s\n%s", e.what(), usage);
    return 2;
} catch (const std::exception& e) {
    std::fprintf(stderr, "toondb_server: %s\n", e.what());
    return 1;
}
