// SPDX-License-Identifier: BSL-1.0
// Disks that fail, fill up, or stop in the middle of a write, at every call in turn; and power that is cut.
#include <weft/embedded/kv_database.hpp>

#include <weft/format/tuples.hpp>
#include <weft/testing/temporary_directory.hpp>

#include "fault_vfs.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

using namespace weft::embedded;

namespace {

constexpr int turns = 4; // of each kind of write

void remove_database(const std::string& path) {
    for (const char* tail : {"", "-wal", "-shm", ".synced", "-wal.synced"}) std::filesystem::remove(path + tail);
}

/// What a run was told to be committed.
struct promises {
    int single = 0;
    int together = 0;
    bool checkpointed = false;
};

/// A little of everything. Goes on after errors, as programs do.
promises work(const std::string& path, const kv_config& config) {
    promises kept;
    const auto attempted = [](auto&& f) {
        try {
            f();
            return true;
        } catch (const weft::error& e) {
            if (std::string_view(e.what()).empty()) throw;
            return false;
        }
    };
    attempted([&] {
        kv_database db(path, config);
        for (int i = 1; i <= turns; ++i) {
            if (attempted([&] { db.put("single", std::to_string(i) + std::string(3000, 'x')); })) kept.single = i;
            const bool committed = attempted([&] {
                auto t = db.transaction();
                t.put("together/a", std::to_string(i));
                t.put("large", std::string(9000, static_cast<char>('0' + i)));
                t.execute("UPDATE t SET n = ?", i);
                t.put("together/b", std::to_string(i));
                t.commit();
            });
            if (committed) kept.together = i;
            attempted([&] { (void)db.scan().collect(); });
            if (i == 2) attempted([&] { kept.checkpointed = db.checkpoint() > 0; });
        }
    });
    return kept;
}

/// The file that every run begins with, made once and copied.
void prepare(const std::string& path) {
    const std::string original = path + ".original";
    if (!std::filesystem::exists(original)) {
        kv_database db(original);
        db.execute("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (0)");
        db.put_many({{"single", "0"}, {"together/a", "0"}, {"together/b", "0"}});
        db.close(); // which moves the log into the file
    }
    remove_database(path);
    std::filesystem::copy_file(original, path);
    std::filesystem::copy_file(original, path + ".synced");
}

int number(kv_database& db, const char* key) {
    return std::stoi(db.get(key).value());
}

/// Nothing promised is missing, nothing is half there. Returns the last transaction that is there.
int check(const std::string& path, const promises& kept) {
    kv_database db(path, {.sync_mode = sync_mode::full});
    REQUIRE(db.check_integrity().empty());
    const int single = number(db, "single");
    REQUIRE(single >= kept.single);
    REQUIRE(single <= turns);
    const int together = number(db, "together/a");
    REQUIRE(together >= kept.together);
    REQUIRE(number(db, "together/b") == together);
    REQUIRE(db.query_value<int>("SELECT n FROM t") == together);
    if (together > 0) REQUIRE(db.get("large") == std::string(9000, static_cast<char>('0' + together)));
    db.put("single", "9"); // it can be used
    return together;
}

} // namespace

TEST_CASE("kv faults: an error at any call loses nothing that was promised") {
    const weft::testing::temporary_directory directory;
    const std::string path = directory / "f.db";
    for (const bool group : {true, false}) {
        const kv_config config{.sync_mode = sync_mode::full,
                               .memtable_size_bytes = kv_config::least_memory,
                               .group_commit = group,
                               .busy_timeout_ms = 0};
        for (const fault what : {fault::io_error, fault::disk_full, fault::short_write, fault::torn_write}) {
            for (const bool lasting : {false, true}) {
                if (lasting && (!group || what == fault::short_write || what == fault::torn_write)) continue;
                int tried = 0;
                for (int call = 1;; ++call) {
                    fault_vfs disk;
                    prepare(path);
                    disk.arm(what, call, lasting);
                    const promises kept = work(path, config);
                    const bool happened = disk.happened();
                    disk.disarm();
                    INFO("fault " << static_cast<int>(what) << " at call " << call << (lasting ? " and after" : "")
                                  << ", group commit " << group);
                    check(path, kept);
                    if (!happened) break;
                    ++tried;
                }
                CHECK(tried > 20);
            }
        }
    }
}

TEST_CASE("kv faults: a scan that fails half way leaves nothing behind") {
    const weft::testing::temporary_directory directory;
    const std::string path = directory / "s.db";
    constexpr int keys = 100;
    {
        kv_database db(path);
        for (int i = 0; i < keys; ++i) db.put("k" + std::to_string(i), std::string(3000, 'x'));
    }
    int failed_scans = 0;
    for (int call = 1;; ++call) {
        fault_vfs disk;
        disk.arm(fault::io_error, call, false);
        try {
            kv_database db(path);
            int seen = 0;
            try {
                kv_scan scan = db.scan("k", "l");
                while (scan.next() != nullptr) ++seen;
                CHECK(seen == keys);
            } catch (const weft::error&) {
                if (seen != 0) ++failed_scans;
            }
            const bool happened = disk.happened();
            disk.disarm();
            auto t = db.transaction(); // on the connection of the scan
            t.put("after", std::to_string(call));
            t.commit();
            CHECK(db.get("after") == std::to_string(call));
            if (!happened) break;
        } catch (const weft::error&) {
            CHECK(disk.happened()); // while it was opened
        }
    }
    CHECK(failed_scans > 20);
}

TEST_CASE("kv faults: a power cut loses nothing that full mode promised, and no half of anything in normal mode") {
    const weft::testing::temporary_directory directory;
    const std::string path = directory / "p.db";
    int lost = 0; // by commits in normal mode: that the power is really cut
    for (const auto mode : {sync_mode::full, sync_mode::normal}) {
        for (const bool group : {true, false}) {
            if (mode == sync_mode::normal && !group) continue; // no syncs to share
            const kv_config config{.sync_mode = mode,
                                   .memtable_size_bytes = kv_config::least_memory,
                                   .group_commit = group,
                                   .busy_timeout_ms = 0};
            for (int call = 1;; ++call) {
                promises kept;
                bool happened = false;
                {
                    fault_vfs disk;
                    disk.keep_synced(true);
                    prepare(path);
                    disk.arm(fault::torn_write, call, true); // the power goes in the middle of this write
                    kept = work(path, config);
                    happened = disk.happened();
                }
                fault_vfs::cut_power(path);
                INFO("cut at write " << call << ", mode " << static_cast<int>(mode) << ", group commit " << group);
                const int promised = kept.together;
                if (mode == sync_mode::normal) kept = {};
                const int found = check(path, kept);
                if (mode == sync_mode::normal && found < promised) ++lost;
                if (!happened) break;
            }
        }
    }
    CHECK(lost > 0);
}
