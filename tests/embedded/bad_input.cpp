// SPDX-License-Identifier: BSL-1.0

// Files that are missing, unreadable, unwritable, damaged, or on a full disk; and processes that die. Each ends in the
// right class, and what was committed is still there.

#include <weft/cursor.hpp>
#include <weft/embedded.hpp>
#include <weft/format/columns.hpp>
#include <weft/format/dicts.hpp>
#include <weft/format/named_rows.hpp>
#include <weft/format/tuples.hpp>
#include <weft/testing.hpp>

#include "child.hpp"

#include <catch2/catch_test_macros.hpp>

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

using weft::embedded::database;
using weft::embedded::open_mode;
using weft::testing::temporary_directory;

namespace {

using namespace std::string_literals;
namespace fs = std::filesystem;

std::string class_of(const weft::error& e) {
    if (dynamic_cast<const weft::operational_error*>(&e) != nullptr) return "operational: ";
    if (dynamic_cast<const weft::interface_error*>(&e) != nullptr) return "interface: ";
    return "other: ";
}

std::string outcome_of(auto&& call) {
    try {
        (void)call();
    } catch (const weft::error& e) {
        return class_of(e) + e.what();
    }
    return "no error";
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

void write_file(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
}

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// A database of some pages, without a journal beside it.
void make_database(const std::string& path) {
    database db(path, {.journal = weft::embedded::journal_mode::rollback});
    db.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, v TEXT, w REAL); CREATE INDEX by_v ON t (v)");
    db.execute("WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 300) "
               "INSERT INTO t SELECT n, printf('%050d', n), n * 0.5 FROM i");
}

// Permissions mean nothing to root.
std::string unprivileged(auto&& function) {
    return in_child([&] {
        if (geteuid() == 0 && setuid(65534) != 0) return "cannot drop privileges"s;
        return std::string(function());
    });
}

} // namespace

TEST_CASE("what cannot be opened is named with the reason") {
    temporary_directory directory;
    const std::string missing = directory / "missing/data.db";
    std::string said = outcome_of([&] { return database(missing).is_open(); });
    CHECK(said == "operational: 14 (08001): cannot open database '" + missing +
                      "' (No such file or directory): unable to open database file");
    CHECK_FALSE(fs::exists(directory.path() / "missing"));

    said = outcome_of([&] { return database(directory.path().string()).is_open(); });
    CHECK(said.starts_with("operational: "));
    CHECK(contains(said, "cannot open database '" + directory.path().string() + "'"));

    said = outcome_of([&] { return database(directory / "absent.db", {.mode = open_mode::read_only}).is_open(); });
    CHECK(said.starts_with("operational: "));
    CHECK(contains(said, "absent.db"));

    CHECK(outcome_of([&] { return database("").is_open(); }) ==
          "interface: the path of the database is empty; ':memory:' is a database in memory");
    CHECK(outcome_of([&] { return database("a\0b"s).is_open(); }) ==
          "interface: the path of the database has a NUL byte at position 1");
    CHECK(outcome_of([&] {
              return database(directory / std::string(5000, 'x')).is_open();
          }).starts_with("operational: "));
}

TEST_CASE("a file that is no database is refused and left alone") {
    temporary_directory directory;
    const std::string path = directory / "file.db";
    for (const std::string& content : {"short"s, std::string(5000, 'x'),
                                       "SQLite format 3\0 almost"s + std::string(500, 'y'), std::string(4096, '\0')}) {
        CAPTURE(content.substr(0, 20));
        write_file(path, content);
        const std::string said = outcome_of([&] {
            database db(path);
            return db.execute("CREATE TABLE t (n)");
        });
        CHECK(said == "operational: 26 (XX001): cannot open database '" + path + "': file is not a database");
        CHECK(read_file(path) == content);
    }
    write_file(path, ""); // an empty file is an empty database
    CHECK(database(path).execute("CREATE TABLE t (n)") == 0);
}

TEST_CASE("a truncated database is refused or its damage reported, and nothing is made up") {
    temporary_directory directory;
    const std::string path = directory / "data.db";
    make_database(path);
    const std::string whole = read_file(path);
    REQUIRE(whole.size() > 8 * 4096);
    for (std::size_t length : {std::size_t{50}, std::size_t{100}, std::size_t{4000}, std::size_t{4096},
                               std::size_t{10'000}, whole.size() / 2, whole.size() - 4096}) {
        CAPTURE(length);
        write_file(path, whole.substr(0, length));
        const std::string said = outcome_of([&] {
            database db(path);
            std::int64_t count = 0;
            for (auto& row : db.stream<weft::dicts>("SELECT * FROM t")) count += row.size() == 3 ? 1 : 0;
            CHECK(count == 300);
            (void)db.query<weft::dicts>("SELECT v FROM t INDEXED BY by_v ORDER BY v");
        });
        CHECK(said.starts_with("operational: "));
    }
}

TEST_CASE("a database with flipped bits is read, or refused with a weft error") {
    temporary_directory directory;
    const std::string path = directory / "data.db";
    make_database(path);
    const std::string whole = read_file(path);
    std::mt19937 random(20240229);
    int refused = 0;
    int wrong = 0;
    for (int round = 0; round < 400; ++round) {
        std::string damaged = whole;
        const std::size_t limit = round % 4 == 0 ? 200 : whole.size(); // the header now and then
        for (int flips = 0; flips < 1 + round % 8; ++flips) {
            damaged[random() % limit] ^= static_cast<char>(1U << (random() % 8U));
        }
        write_file(path, damaged);
        fs::remove(path + "-wal");
        fs::remove(path + "-shm");
        fs::remove(path + "-journal");
        try {
            database db(path, {.synchronous = weft::embedded::synchronous_mode::off});
            for (auto& row : db.stream<weft::named_rows>("SELECT * FROM t")) wrong += row.size() == 3 ? 0 : 1;
            (void)db.query<weft::columns>("SELECT v, count(*) AS n FROM t GROUP BY v");
            (void)db.query<weft::dicts>("PRAGMA integrity_check");
            db.execute("UPDATE t SET v = v || 'x'; DELETE FROM t WHERE n % 2 = 0");
        } catch (const weft::error& e) {
            refused += std::string(e.what()).empty() ? 0 : 1;
        }
    }
    CHECK(refused > 20);
    CHECK(refused < 400);
    CHECK(wrong == 0);
}

TEST_CASE("without the right to write, opening and writing fail, and reading works where it can") {
    temporary_directory directory;
    fs::permissions(directory.path(), fs::perms::all);
    const fs::path sub = directory.path() / "sub";
    fs::create_directory(sub);
    const std::string path = (sub / "data.db").string();
    const std::string other = (sub / "other.db").string();
    make_database(path);
    fs::permissions(path, fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);

    const auto count = [](const std::string& file, open_mode mode) {
        return outcome_of([&] {
            database db(file, {.mode = mode});
            CHECK(db.query_value<int>("SELECT count(*) FROM t") == 300);
            return db.execute("DELETE FROM t");
        });
    };
    std::string said = unprivileged([&] { return count(path, open_mode::read_only); });
    if (said == "cannot drop privileges") SKIP(said);
    CHECK(said == "operational: 8 (25006): attempt to write a readonly database");
    said = unprivileged([&] { return count(path, open_mode::read_write_create); });
    CHECK(said.starts_with("operational: "));
    CHECK(contains(said, "attempt to write a readonly database"));

    fs::permissions(path, fs::perms::owner_all | fs::perms::others_all);
    fs::permissions(sub,
                    fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read | fs::perms::others_exec);
    said = unprivileged([&] { return outcome_of([&] { return database(other).is_open(); }); });
    CHECK(said.starts_with("operational: "));
    CHECK(contains(said, "cannot open database '" + other + "'"));
    CHECK_FALSE(fs::exists(other));
    said = unprivileged([&] { return count(path, open_mode::read_write); });
    CHECK(said.starts_with("operational: "));

    fs::permissions(sub, fs::perms::none);
    said = unprivileged([&] { return outcome_of([&] { return database(path).is_open(); }); });
    CHECK(said.starts_with("operational: 14 (08001): cannot open database '" + path + "' (Permission denied)"));

    fs::permissions(sub, fs::perms::owner_all);
    CHECK(database(path).query_value<int>("SELECT count(*) FROM t") == 300);
}

namespace {

// Fills a table in transactions of 100 rows until something fails; says what, and how many rows were committed.
std::string fill(const std::string& path) {
    database db(path);
    db.execute("CREATE TABLE IF NOT EXISTS filled (v TEXT)");
    const std::vector<std::string> rows(100, std::string(500, 'x'));
    std::int64_t committed = 0;
    try {
        for (int i = 0; i < 10'000; ++i) committed += db.execute_many("INSERT INTO filled VALUES (?)", rows);
    } catch (const weft::error& e) {
        return std::to_string(committed) + ' ' + class_of(e) + e.what();
    }
    return "never failed";
}

void check_filled(const std::string& path, const std::string& said) {
    CAPTURE(said);
    CHECK(contains(said, " operational: "));
    const std::int64_t committed = std::stoll(said);
    CHECK(committed > 0);
    database db(path);
    CHECK(db.query_value<std::int64_t>("SELECT count(*) FROM filled") == committed);
    CHECK(db.query_value<std::string>("PRAGMA integrity_check") == "ok");
}

} // namespace

TEST_CASE("on a full disk the transaction fails, and what was committed stays") {
    temporary_directory directory;
    const std::string path = directory / "small/data.db";
    fs::create_directory(directory.path() / "small");
    const std::string said = in_child([&] {
        // A file system of 1 MiB that only this process sees.
        if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            mount("none", (directory / "small").c_str(), "tmpfs", 0, "size=1m") != 0) {
            return "not permitted"s;
        }
        const std::string filled = fill(path);
        fs::copy_file(path, directory / "copy.db");
        if (fs::exists(path + "-wal")) fs::copy_file(path + "-wal", directory / "copy.db-wal");
        return filled;
    });
    if (said == "not permitted") SKIP("mounting a small file system is not permitted");
    CHECK(contains(said, "(53100)"));
    check_filled(directory / "copy.db", said);
}

TEST_CASE("when a file must not grow the transaction fails, and what was committed stays") {
    temporary_directory directory;
    const std::string path = directory / "data.db";
    const std::string said = in_child([&] {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{1 << 20, 1 << 20};
        if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return "not permitted"s;
        return fill(path);
    });
    check_filled(path, said);
}

TEST_CASE("a process that dies in a transaction leaves what was committed") {
    temporary_directory directory;
    const std::string path = directory / "data.db";
    const std::string said = in_child([&] {
        database db(path);
        db.execute("CREATE TABLE t (v); INSERT INTO t VALUES ('committed')");
        const auto scope = db.begin();
        db.execute_many("INSERT INTO t VALUES (?)", std::vector<std::string>(2000, std::string(2000, 'x')));
        std::raise(SIGKILL);
        return "alive"s;
    });
    CHECK(said == "died of signal 9");
    database db(path);
    CHECK(db.query<weft::tuples<std::string>>("SELECT v FROM t") == std::vector{std::tuple("committed"s)});
}
