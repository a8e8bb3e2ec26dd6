// SPDX-License-Identifier: BSL-1.0
// Settings, figures, checkpoints, backups, integrity.
#include <weft/embedded/kv_database.hpp>

#include <weft/format/tuples.hpp>

#include "../message_of.hpp"
#include "child.hpp"
#include "kv_file.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

using namespace weft::embedded;
using namespace std::string_literals;

TEST_CASE("kv config: the documents' example opens") {
    kv_file f;
    auto db = kv_database::open(f / "other.db", {{"create_if_missing", true},
                                                 {"wal_enabled", true},
                                                 {"sync_mode", "full"},
                                                 {"memtable_size_bytes", 64 * 1024 * 1024},
                                                 {"group_commit", true},
                                                 {"index_policy", "balanced"}});
    CHECK(db.config().sync_mode == sync_mode::full);
    CHECK(db.config().memtable_size_bytes == 67'108'864);
    CHECK(kv_config::from({{"memtable_size_bytes", "4194304"}}).memtable_size_bytes == 4'194'304);
    CHECK(kv_config::from({{"sync_mode", "OFF"}, {"group_commit", "off"}}).group_commit == false);
    CHECK(kv_config::from({{"index_policy", "append_only"}}).index_policy == index_policy::append_only);
    CHECK(kv_config{}.sync_mode == sync_mode::normal);
}

TEST_CASE("kv config: what does not exist is refused by name") {
    const auto refusal = [](std::string_view key, const config_value& value) {
        return message_of<weft::interface_error>([&] { (void)kv_config::from({{key, value}}); });
    };
    CHECK(
        refusal("sync_mod", "full").starts_with("configuration: no setting is named 'sync_mod'; there are create_if"));
    CHECK(refusal("sync_mode", "always") == "configuration: sync_mode is 'always', expected 'full', 'normal' or 'off'");
    CHECK(refusal("index_policy", "fast").starts_with("configuration: index_policy is 'fast', expected"));
    CHECK(refusal("group_commit", 7) == "configuration: group_commit is '7', expected true or false");
    CHECK(refusal("memtable_size_bytes", -1) ==
          "configuration: memtable_size_bytes is '-1', expected a number from 65536 to 1099511627776");
    CHECK(refusal("memtable_size_bytes", "64MB").find("'64MB'") != std::string::npos);
    CHECK(refusal("busy_timeout_ms", true).find("'true'") != std::string::npos);
    CHECK_THROWS_AS(kv_database("/tmp/never", kv_config{.memtable_size_bytes = 1}), weft::interface_error);
}

TEST_CASE("kv config: files that cannot be opened") {
    kv_file f;
    CHECK(message_of<weft::operational_error>([&] {
              kv_database::open(f / "absent.db", {.create_if_missing = false});
          }).find("absent.db") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(f / "absent.db"));
    CHECK_THROWS_AS(kv_database::open(f / "no/such/directory.db"), weft::operational_error);
    CHECK_THROWS_AS(kv_database::open(""), weft::interface_error);
    CHECK_THROWS_AS(kv_database::open(":memory:"), weft::interface_error);
    std::ofstream(f / "text") << std::string(10'000, 'x');
    CHECK_THROWS_AS(kv_database::open(f / "text"), weft::operational_error);
}

TEST_CASE("kv config: opened for reading, nothing is written") {
    kv_file f;
    f.db.put("k", "v");
    kv_database reader(f.path(), {.read_only = true});
    CHECK(reader.get("k") == "v");
    f.db.put("k", "w");
    CHECK(reader.get("k") == "w");
    CHECK_THROWS_AS(reader.put("k", "x"), weft::operational_error);
    CHECK_THROWS_AS(reader.checkpoint(), weft::operational_error);
    CHECK_THROWS_AS(reader.execute("CREATE TABLE t(a)"), weft::operational_error);
    CHECK(reader.transaction().commit() == 0);
    CHECK(shown(reader.scan()) == "k=w");
}

TEST_CASE("kv config: without a log there is none, and transactions still roll back") {
    kv_file f({.wal_enabled = false, .busy_timeout_ms = 20});
    f.db.put("k", "v");
    CHECK_FALSE(std::filesystem::exists(f.path() + "-wal"));
    {
        auto t = f.db.transaction();
        t.put("k", "w");
        t.abort();
    }
    CHECK(f.db.get("k") == "v");
    CHECK(f.db.transaction().commit() == 0);
    CHECK(f.db.checkpoint() > 0);
    CHECK(f.db.stats().wal_size_bytes == 0);
    f.reopen();
    CHECK(f.db.get("k") == "v");
}

TEST_CASE("kv: figures are those of the file and of what was done") {
    kv_file f;
    const kv_stats none = f.db.stats();
    CHECK(none.keys_count == 0);
    CHECK(none.transactions_committed == 0);
    f.db.put("key", "value");
    f.db.put("other", "12345");
    f.db.get("key");
    f.db.get("absent");
    f.db.execute("CREATE TABLE t (a)");
    {
        auto t = f.db.transaction();
        t.get("key");
        const kv_stats within = f.db.stats();
        CHECK(within.active_transactions == 1);
        t.put("third", "");
        t.commit();
        auto u = f.db.transaction();
        CHECK(f.db.stats().min_active_snapshot == 1);
    }
    const kv_stats now = f.db.stats();
    CHECK(now.keys_count == 3);
    CHECK(now.bytes_written == 3 + 5 + 5 + 5 + 5);
    CHECK(now.bytes_read == 2 * (3 + 5));
    CHECK(now.transactions_committed == 3);
    CHECK(now.transactions_aborted == 1);
    CHECK(now.queries_executed == 1);
    CHECK(now.active_transactions == 0);
    CHECK(now.min_active_snapshot == 0);
    CHECK(now.memtable_size_bytes > 0);
    CHECK(now.cache_hits > 0);
    CHECK(now.wal_size_bytes == std::filesystem::file_size(f.path() + "-wal"));
    CHECK(now.last_checkpoint_lsn == 0);
    const std::uint64_t log = f.db.checkpoint();
    CHECK(log > 0);
    CHECK(f.db.stats().last_checkpoint_lsn == log);
    CHECK(f.db.checkpoint() > log);
    f.db.put("large", std::string(1'000'000, 'x'));
    CHECK(f.db.stats().cache_misses > 0);
}

TEST_CASE("kv: a long log is moved into the file") {
    kv_file f({.sync_mode = sync_mode::off, .memtable_size_bytes = 128 * 1024});
    for (int i = 0; i < 300; ++i) f.db.put("k" + std::to_string(i), std::string(3000, 'x'));
    CHECK(f.db.stats().wal_size_bytes < 400'000);
    CHECK(std::filesystem::file_size(f.path()) > 500'000);
}

TEST_CASE("kv: a backup of a live database is what it was at that moment") {
    kv_file f;
    f.db.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    f.db.put("k", "v");
    auto t = f.db.transaction();
    t.put("k", "not yet");
    std::ofstream(f / "copy.db") << "something else";
    f.db.backup(f / "copy.db");
    t.commit();
    kv_database copy(f / "copy.db");
    CHECK(copy.get("k") == "v");
    CHECK(copy.query_value<int>("SELECT a FROM t") == 1);
    CHECK(copy.check_integrity().empty());
    copy.put("k", "copy");
    CHECK(f.db.get("k") == "not yet");
    CHECK_THROWS_AS(f.db.backup(f / "no/such/directory"), weft::operational_error);
    CHECK_THROWS_AS(f.db.backup(f.path()), weft::interface_error);
    CHECK_THROWS_AS(f.db.backup(""), weft::interface_error);
    CHECK_FALSE(std::filesystem::exists(f / "copy.db.partial"));
}

TEST_CASE("kv: integrity and compaction") {
    kv_file f({.sync_mode = sync_mode::off});
    CHECK(f.db.check_integrity().empty());
    std::map<std::string, std::string> pairs;
    for (int i = 0; i < 2000; ++i) pairs["key" + std::to_string(i)] = std::string(500, 'x');
    f.db.put_many(pairs);
    f.db.checkpoint();
    const auto full = std::filesystem::file_size(f.path());
    for (int i = 0; i < 1900; ++i) pairs.erase("key" + std::to_string(i));
    f.db.with_transaction([&](kv_transaction& t) {
        for (int i = 0; i < 1900; ++i) t.erase("key" + std::to_string(i));
    });
    f.db.compact();
    CHECK(f.db.check_integrity().empty());
    CHECK(std::filesystem::file_size(f.path()) < full / 5);
    CHECK(f.db.scan().collect().size() == 100);
    f.db.execute("INSERT INTO weft_kv VALUES ('text', x'00', NULL)");
    CHECK(f.db.check_integrity() == std::vector<std::string>{"an entry that is no bytes: 'text'"});
    f.db.execute("CREATE TABLE a (i INTEGER PRIMARY KEY); CREATE TABLE b (i INTEGER REFERENCES a(i))");
    f.db.execute("PRAGMA foreign_keys = off; INSERT INTO b VALUES (7); PRAGMA foreign_keys = on");
    CHECK(f.db.check_integrity().size() == 2);
    f.db.close();
    std::fstream file(f.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(3 * 4096);
    file << std::string(4096, '\xAA');
    file.close();
    kv_database damaged(f.path());
    CHECK_THROWS_AS(damaged.scan().collect(), weft::operational_error);
}

TEST_CASE("kv: processes read beside one that writes, and wait for each other to write") {
    kv_file f({.busy_timeout_ms = 2000});
    f.db.put("counter", "0");
    f.db.close(); // SQLite's connections must not be carried into a child
    std::vector<pid_t> children;
    for (int p = 0; p < 3; ++p) {
        const pid_t child = fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            try {
                kv_database db(f.path(), {.sync_mode = sync_mode::off, .busy_timeout_ms = 20'000});
                for (int i = 0; i < 50; ++i) {
                    db.with_transaction(
                        [&](kv_transaction& t) { t.put("counter", std::to_string(std::stoi(*t.get("counter")) + 1)); });
                }
                db.close();
                _exit(0);
            } catch (const std::exception&) {
                _exit(1);
            }
        }
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = 1;
        waitpid(child, &status, 0);
        CHECK(status == 0);
    }
    f.reopen();
    CHECK(f.db.get("counter") == "150");
}
