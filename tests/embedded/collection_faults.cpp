// SPDX-License-Identifier: BSL-1.0
// Disks that fail at every call in turn: transactions of vectors and keys are whole or not there, and an index that met
// an error is right again afterwards.
#include <weft/embedded/collection.hpp>

#include <weft/testing/temporary_directory.hpp>

#include "fault_vfs.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <string>
#include <vector>

using namespace weft::embedded;

namespace {

using floats = std::vector<float>;

constexpr int turns = 3;
constexpr std::size_t size = 5;

void remove_database(const std::string& path) {
    for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(path + tail);
}

std::vector<collection_item> batch(int number) {
    std::vector<collection_item> items;
    for (std::size_t i = 0; i < size; ++i)
        items.push_back({std::to_string(number) + "/" + std::to_string(i),
                         {static_cast<float>(number), static_cast<float>(i)},
                         {},
                         std::string(2000, 'x')});
    return items;
}

bool attempted(auto&& f) {
    try {
        f();
        return true;
    } catch (const weft::error&) {
        return false;
    }
}

/// The file that every run begins with, made once and copied.
void prepare(const std::string& path) {
    const std::string original = path + ".original";
    if (!std::filesystem::exists(original)) {
        kv_database db(original);
        create_collection(db, "c", {.dimension = 2, .metric = weft::vector::metric_kind::l2}).insert_batch(batch(0));
        db.put("n", "0");
        db.close();
    }
    remove_database(path);
    std::filesystem::copy_file(original, path);
}

/// A snapshot has batches of all numbers up to `n`, and a search finds them.
int check(kv_database& db) {
    auto t = db.transaction(kv_access::read_only);
    const int n = std::stoi(t.get("n").value());
    const collection c(t, "c");
    const auto hits = c.search(floats{static_cast<float>(n), 0}, {.k = 100});
    REQUIRE(hits.size() == static_cast<std::size_t>(n + 1) * size);
    REQUIRE(hits[0].id == std::to_string(n) + "/0");
    REQUIRE(c.count() == hits.size());
    return n;
}

} // namespace

TEST_CASE("collection faults: an error at any call leaves whole transactions and a right index") {
    const weft::testing::temporary_directory directory;
    const std::string path = directory / "f.db";
    for (const fault what : {fault::io_error, fault::disk_full}) {
        for (const bool lasting : {false, true}) {
            int tried = 0;
            for (int call = 1;; ++call) {
                INFO("fault " << static_cast<int>(what) << " at call " << call << (lasting ? " and after" : ""));
                fault_vfs disk;
                prepare(path);
                disk.arm(what, call, lasting);
                int promised = 0;
                bool happened = false;
                attempted([&] {
                    kv_database db(path, {.sync_mode = sync_mode::full,
                                          .memtable_size_bytes = kv_config::least_memory,
                                          .busy_timeout_ms = 0});
                    for (int i = 1; i <= turns; ++i) {
                        attempted([&] {
                            auto t = db.transaction(kv_access::write_now);
                            const int next = std::stoi(t.get("n").value()) + 1;
                            collection(t, "c").insert_batch(batch(next));
                            t.put("n", std::to_string(next));
                            t.commit();
                            promised = next;
                        });
                        attempted([&] { check(db); });
                    }
                    happened = disk.happened();
                    disk.disarm();
                    REQUIRE(check(db) >= promised); // with the index that lived through it
                });
                happened = happened || disk.happened();
                disk.disarm();
                kv_database db(path);
                REQUIRE(db.check_integrity().empty());
                REQUIRE(check(db) >= promised);
                if (!happened) break;
                ++tried;
            }
            CHECK(tried > 20);
        }
    }
}
