// SPDX-License-Identifier: BSL-1.0
// One database, many threads. Run with the thread sanitizer, too.
#include <weft/embedded/kv_database.hpp>

#include <weft/format/tuples.hpp>

#include "kv_file.hpp"

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace weft::embedded;

namespace {

/// Runs `f(number)` in threads; the number of those that threw.
template <class F>
int in_threads(int count, F f) {
    std::atomic<int> failed{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < count; ++t) {
        threads.emplace_back([&, t] {
            try {
                f(t);
            } catch (const std::exception&) {
                ++failed;
            }
        });
    }
    for (auto& t : threads) t.join();
    return failed;
}

} // namespace

TEST_CASE("kv threads: every increment counts, in every mode") {
    for (const auto mode : {sync_mode::off, sync_mode::full}) {
        kv_file f({.sync_mode = mode, .busy_timeout_ms = 30'000});
        f.db.put("n", "0");
        f.db.execute("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (0)");
        CHECK(in_threads(4, [&](int) {
                  for (int i = 0; i < 50; ++i) {
                      f.db.with_transaction([](kv_transaction& t) {
                          t.put("n", std::to_string(std::stoi(*t.get("n")) + 1));
                          t.execute("UPDATE t SET n = n + 1");
                      });
                  }
              }) == 0);
        CHECK(f.db.get("n") == "200");
        CHECK(f.db.query_value<int>("SELECT n FROM t") == 200);
    }
}

TEST_CASE("kv threads: readers see whole transactions while others write") {
    kv_file f({.sync_mode = sync_mode::off, .memtable_size_bytes = 256 * 1024, .busy_timeout_ms = 30'000});
    f.db.put_many({{"a", "0"}, {"b", "0"}});
    std::atomic<bool> stop{false};
    std::atomic<int> torn{0};
    std::atomic<int> reads{0};
    std::thread writer([&] {
        for (int i = 1; i <= 500; ++i) {
            f.db.with_transaction([&](kv_transaction& t) {
                t.put("a", std::to_string(i));
                t.put("padding/" + std::to_string(i % 50), std::string(2000, 'x'));
                t.put("b", std::to_string(i));
            });
        }
        stop = true;
    });
    CHECK(in_threads(3, [&](int number) {
              while (!stop) {
                  if (number == 0) {
                      const auto both = f.db.get_many({"a", "b"});
                      torn += both[0] != both[1];
                  } else if (number == 1) {
                      auto t = f.db.transaction(kv_access::read_only);
                      const auto a = t.get("a");
                      torn += a != t.get("b");
                  } else {
                      const auto all = f.db.scan().collect();
                      torn += all.front().value != all[1].value;
                      (void)f.db.stats();
                  }
                  ++reads;
              }
          }) == 0);
    writer.join();
    CHECK(torn == 0);
    CHECK(reads > 0);
    CHECK(f.db.get("b") == "500");
}

TEST_CASE("kv threads: single writes of many threads, with and without shared syncs") {
    for (const bool group : {true, false}) {
        kv_file f({.sync_mode = sync_mode::full, .group_commit = group, .busy_timeout_ms = 30'000});
        std::atomic<int> won{0};
        CHECK(in_threads(6, [&](int number) {
                  for (int i = 0; i < 40; ++i) {
                      const std::string key = std::to_string(number) + "/" + std::to_string(i);
                      f.db.put(key, "x");
                      if (i % 3 == 0) f.db.erase(key);
                      if (f.db.put_if_absent("shared/" + std::to_string(i), std::to_string(number))) ++won;
                      if (i % 10 == 0) f.db.put(key, "ttl", {.ttl = std::chrono::hours(1)});
                      if (i == 20) f.db.checkpoint();
                  }
              }) == 0);
        CHECK(won == 40);
        CHECK(f.db.scan_prefix("shared/").collect().size() == 40);
        f.reopen();
        CHECK(f.db.get("5/39") == std::nullopt);
        CHECK(f.db.get("5/38") == "x");
        CHECK(f.db.get("5/30") == "ttl");
        CHECK(f.db.check_integrity().empty());
    }
}

TEST_CASE("kv threads: SQL, scans, transactions and a close in the middle") {
    kv_file f({.sync_mode = sync_mode::off, .busy_timeout_ms = 30'000});
    f.db.execute("CREATE TABLE t (n INTEGER)");
    f.db.put("k", "v");
    std::atomic<int> others{0};
    std::atomic<int> done{0};
    std::thread closer([&] {
        while (done < 100) std::this_thread::yield();
        f.db.close();
    });
    in_threads(4, [&](int number) {
        try {
            for (;; ++done) {
                switch (number) {
                case 0: f.db.execute("INSERT INTO t VALUES (1)"); break;
                case 1: {
                    auto t = f.db.transaction();
                    t.put("mine", "x");
                    t.commit();
                    break;
                }
                case 2: (void)f.db.scan().collect(); break;
                default:
                    f.db.execute("BEGIN");
                    f.db.put("session", "x");
                    f.db.execute("ROLLBACK");
                }
            }
        } catch (const transaction_conflict&) { // as may be
            done = 1000;
        } catch (const weft::error& e) {
            if (std::string(e.what()).find("losed") == std::string::npos) ++others;
        }
    });
    closer.join();
    INFO(others.load());
    kv_database again(f.path());
    CHECK(again.get("session") == std::nullopt);
    CHECK(again.check_integrity().empty());
}
