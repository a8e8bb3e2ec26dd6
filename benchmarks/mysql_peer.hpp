// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// What the benchmarks against a real MariaDB share: where it is (`benchmarks/run` starts it), the C client beside
/// weft, and the processor time of one thread, because wall time is the server's. The C client is MariaDB's, or with
/// WEFT_PEER_MYSQLCLIENT that of MySQL.

#include <weft/cursor.hpp>
#include <weft/format/records.hpp>
#include <weft/mysql/connection.hpp>

#if defined(WEFT_PEER_MYSQLCLIENT)
#include <mysql/mysql.h>
#else
#include <mariadb/mysql.h>
#endif

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

namespace mysql_peer {

#if defined(MARIADB_PACKAGE_VERSION)
inline constexpr const char* peer_name = "libmariadb";
#else
inline constexpr const char* peer_name = "libmysqlclient";
#endif

inline std::string socket_path() {
    if (const char* path = std::getenv("WEFT_MARIADB1011_SOCKET")) return path;
    std::fputs("no server: use benchmarks/run, or eval \"$(tests/servers/servers env)\"\n", stderr);
    std::exit(2);
}

inline weft::mysql::connect_options options() {
    weft::mysql::connect_options o;
    o.hosts.hosts = {weft::net::endpoint::unix_socket(socket_path())};
    o.user = "app";
    o.password = "app-pw";
    o.database = "test";
    return o;
}

/// A connection of the C client.
class c_client {
public:
    c_client() : handle_(mysql_init(nullptr)) {
        const std::string path = socket_path();
        if (mysql_real_connect(handle_, nullptr, "app", "app-pw", "test", 0, path.c_str(), 0) == nullptr) fail();
    }
    c_client(const c_client&) = delete;
    c_client& operator=(const c_client&) = delete;
    ~c_client() { mysql_close(handle_); }

    MYSQL* get() const noexcept { return handle_; }
    void run(const char* sql) const {
        if (mysql_query(handle_, sql) != 0) fail();
    }
    [[noreturn]] void fail() const {
        std::fprintf(stderr, "%s: %s\n", peer_name, mysql_error(handle_));
        std::exit(1);
    }

private:
    MYSQL* handle_;
};

/// A prepared statement of the C client.
class c_statement {
public:
    c_statement(const c_client& on, const std::string& sql) : handle_(mysql_stmt_init(on.get())) {
        check(mysql_stmt_prepare(handle_, sql.c_str(), sql.size()));
    }
    c_statement(const c_statement&) = delete;
    c_statement& operator=(const c_statement&) = delete;
    ~c_statement() { mysql_stmt_close(handle_); }

    MYSQL_STMT* get() const noexcept { return handle_; }
    template <class Code>
    void check(Code code) const {
        if (code == 0) return;
        std::fprintf(stderr, "%s: %s\n", peer_name, mysql_stmt_error(handle_));
        std::exit(1);
    }

private:
    MYSQL_STMT* handle_;
};

inline double now(clockid_t clock) {
    timespec t{};
    ::clock_gettime(clock, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

/// Median seconds of several runs of one side.
struct seconds {
    std::vector<double> wall;
    std::vector<double> processor;

    template <class F>
    void measure(F&& f) {
        const double w = now(CLOCK_MONOTONIC);
        const double p = now(CLOCK_THREAD_CPUTIME_ID);
        f();
        wall.push_back(now(CLOCK_MONOTONIC) - w);
        processor.push_back(now(CLOCK_THREAD_CPUTIME_ID) - p);
    }
    static double median(std::vector<double> v) {
        std::nth_element(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2), v.end());
        return v[v.size() / 2];
    }
};

/// Runs both in turn, each first every other time, and prints microseconds an item, and how much more the peer takes.
template <class Peer, class Ours>
void versus(const char* name, double items, Peer&& peer, Ours&& ours, int rounds = 7) {
    seconds theirs;
    seconds mine;
    for (int i = 0; i < rounds; ++i) {
        if (i % 2 == 0) theirs.measure(peer);
        mine.measure(ours);
        if (i % 2 != 0) theirs.measure(peer);
    }
    const auto us = [items](const std::vector<double>& v) { return seconds::median(v) / items * 1e6; };
    std::printf("  %-24s wall: %s %8.3f us, weft %8.3f us; processor: %s %7.3f us, weft %7.3f us\n", name, peer_name,
                us(theirs.wall), us(mine.wall), peer_name, us(theirs.processor), us(mine.processor));
    std::printf("ratio %s_wall %.3f\n", name, us(theirs.wall) / us(mine.wall));
    std::printf("ratio %s_processor %.3f\n", name, us(theirs.processor) / us(mine.processor));
}

} // namespace mysql_peer
