// SPDX-License-Identifier: BSL-1.0
//
// Claim: the key-value half of the embedded database costs no more than the loop one would write by hand against
// SQLite's C interface, and less where many puts come together.
// Equal between both: the data (1 M pairs, 16-byte random keys, 100-byte values), a table WITHOUT ROWID, a log (WAL),
// when it is synced, 64 MiB of page cache, 64 MiB of log between checkpoints, statements prepared once. The naive loop
// is the one that tutorials show: an ordinary table and SQLite's own settings besides the log. LMDB and RocksDB run on
// the same keys where they are installed; they are printed for comparison and are not held against a target.
// embedded_kv [PAIRS] takes fewer pairs.

#include "measure.hpp"
#include "peers/kv_peer.hpp"

#include <weft/embedded/kv_database.hpp>
#include <weft/testing/temporary_directory.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using namespace weft::embedded;

namespace {

/// The loop by hand.
class raw_store {
public:
    raw_store(const std::string& path, bool naive, const char* synchronous) {
        if (sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                            nullptr) != SQLITE_OK)
            std::abort();
        command("PRAGMA journal_mode = wal");
        command((std::string("PRAGMA synchronous = ") + synchronous).c_str());
        if (!naive) command("PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 16384");
        command(naive ? "CREATE TABLE IF NOT EXISTS kv(key BLOB PRIMARY KEY, value BLOB)"
                      : "CREATE TABLE IF NOT EXISTS kv(key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID");
        get_ = prepare("SELECT value FROM kv WHERE key = ?1");
        put_ = prepare("INSERT OR REPLACE INTO kv VALUES (?1, ?2)");
        all_ = prepare("SELECT key, value FROM kv ORDER BY key");
        range_ = prepare("SELECT key, value FROM kv WHERE key >= ?1 AND key < ?2 ORDER BY key");
    }
    ~raw_store() {
        for (sqlite3_stmt* s : {get_, put_, all_, range_}) sqlite3_finalize(s);
        sqlite3_close(db_);
    }
    raw_store(const raw_store&) = delete;
    raw_store& operator=(const raw_store&) = delete;

    void command(const char* sql) {
        if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) std::abort();
    }
    void put(std::string_view key, std::string_view value) {
        bind(put_, 1, key);
        bind(put_, 2, value);
        if (sqlite3_step(put_) != SQLITE_DONE) std::abort();
        sqlite3_reset(put_);
    }
    bool get(std::string_view key, std::string& value) {
        bind(get_, 1, key);
        const bool found = sqlite3_step(get_) == SQLITE_ROW;
        if (found) {
            const auto* found_bytes = static_cast<const char*>(sqlite3_column_blob(get_, 0));
            value = std::string(found_bytes, static_cast<std::size_t>(sqlite3_column_bytes(get_, 0)));
        }
        sqlite3_reset(get_);
        return found;
    }
    std::size_t scan() { return count(all_); }
    std::size_t scan(std::string_view start, std::string_view end) {
        bind(range_, 1, start);
        bind(range_, 2, end);
        return count(range_);
    }
    /// Bytes of keys and values, so that the loop looks at them.
    std::size_t bytes = 0;

private:
    sqlite3_stmt* prepare(const char* sql) {
        sqlite3_stmt* s = nullptr;
        if (sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, nullptr) != SQLITE_OK) std::abort();
        return s;
    }
    static void bind(sqlite3_stmt* s, int at, std::string_view of) {
        sqlite3_bind_blob64(s, at, of.data(), of.size(), SQLITE_STATIC);
    }
    std::size_t count(sqlite3_stmt* s) {
        std::size_t rows = 0;
        while (sqlite3_step(s) == SQLITE_ROW) {
            for (int c = 0; c < 2; ++c) {
                if (sqlite3_column_blob(s, c) == nullptr) std::abort();
                bytes += static_cast<std::size_t>(sqlite3_column_bytes(s, c));
            }
            ++rows;
        }
        sqlite3_reset(s);
        return rows;
    }

    sqlite3* db_ = nullptr;
    sqlite3_stmt* get_;
    sqlite3_stmt* put_;
    sqlite3_stmt* all_;
    sqlite3_stmt* range_;
};

std::vector<std::string> random_keys(std::size_t count, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<std::string> keys(count, std::string(16, '\0'));
    for (std::string& key : keys) {
        const std::uint64_t halves[] = {random(), random()};
        std::memcpy(key.data(), halves, 16);
    }
    return keys;
}

std::vector<std::string> some_of(const std::vector<std::string>& keys, std::size_t count, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<std::string> some;
    for (std::size_t i = 0; i < count; ++i) some.push_back(keys[random() % keys.size()]);
    return some;
}

const std::string value(100, 'v');

void put_raw(raw_store& raw, const std::vector<std::string>& keys, std::size_t batch) {
    for (std::size_t i = 0; i < keys.size();) {
        raw.command("BEGIN IMMEDIATE");
        for (const std::size_t end = std::min(i + batch, keys.size()); i < end; ++i) raw.put(keys[i], value);
        raw.command("COMMIT");
    }
}

void put_weft(kv_database& db, const std::vector<std::string>& keys, std::size_t batch) {
    std::vector<std::pair<bytes_view, bytes_view>> pairs;
    for (std::size_t i = 0; i < keys.size();) {
        pairs.clear();
        for (const std::size_t end = std::min(i + batch, keys.size()); i < end; ++i) pairs.emplace_back(keys[i], value);
        db.put_many(pairs);
    }
}

void reads(raw_store& raw, kv_database& db, const std::vector<std::string>& keys) {
    const auto some = some_of(keys, 200'000, 2);
    std::string found;
    measure::versus(
        "embedded_kv_get", some.size(),
        [&] {
            std::size_t n = 0;
            for (const auto& key : some) n += raw.get(key, found);
            return n;
        },
        [&] {
            std::size_t n = 0;
            for (const auto& key : some) n += db.get(key).has_value();
            return n;
        });
    measure::versus(
        "embedded_kv_get_in_transaction", some.size(),
        [&] {
            std::size_t n = 0;
            raw.command("BEGIN");
            for (const auto& key : some) n += raw.get(key, found);
            raw.command("COMMIT");
            return n;
        },
        [&] {
            std::size_t n = 0;
            auto t = db.transaction(kv_access::read_only);
            for (const auto& key : some) n += t.get(key).has_value();
            t.commit();
            return n;
        });
    std::size_t ours = 0;
    std::vector<std::pair<std::string, std::string>> ranges;
    std::size_t rows = 0;
    for (std::size_t i = 0; i < 20'000; ++i) {
        const std::string prefix = some[i].substr(0, 2);
        if (!prefix_end(prefix).empty()) ranges.emplace_back(prefix, prefix_end(prefix));
    }
    for (const auto& [start, end] : ranges) rows += raw.scan(start, end);
    measure::versus(
        "embedded_kv_prefix_scan", rows,
        [&] {
            std::size_t n = 0;
            for (const auto& [start, end] : ranges) n += raw.scan(start, end);
            return n;
        },
        [&] {
            std::size_t n = 0;
            for (const auto& [start, end] : ranges) {
                for (const auto& [key, v] : db.scan_prefix(start)) {
                    ours += key.size() + v.size();
                    ++n;
                }
            }
            return n;
        });
    double best = 1e9;
    measure::versus(
        "embedded_kv_scan", keys.size(), [&] { return raw.scan(); },
        [&] {
            std::size_t n = 0;
            const double taken = measure::seconds([&] {
                for (const auto& [key, v] : db.scan()) {
                    ours += key.size() + v.size();
                    ++n;
                }
            });
            best = std::min(best, taken);
            return n;
        });
    std::printf("ratio embedded_kv_scan_to_5_million_a_second %.3f\n", static_cast<double>(keys.size()) / best / 5e6);
    if (ours == 0 || raw.bytes == 0) std::abort();
}

void writes(raw_store& raw, raw_store& naive, kv_database& db, const std::vector<std::string>& keys) {
    const auto some = some_of(keys, 200'000, 3);
    const auto ours = [&] {
        put_weft(db, some, 1000);
        return some.size();
    };
    measure::versus(
        "embedded_kv_put_1000", some.size(),
        [&] {
            put_raw(raw, some, 1000);
            return some.size();
        },
        ours, 6);
    measure::versus(
        "embedded_kv_put_1000_naive", some.size(),
        [&] {
            put_raw(naive, some, 1000);
            return some.size();
        },
        ours, 6);
}

void durable(const std::string& directory) {
    raw_store raw(directory + "/durable_raw.db", false, "full");
    kv_database db(directory + "/durable.db", {.sync_mode = sync_mode::full});
    const auto keys = random_keys(2000, 5);
    put_raw(raw, keys, 1000);
    put_weft(db, keys, 1000);
    const auto alone = [&] {
        for (const auto& key : keys) db.put(key, value);
        return keys.size();
    };
    measure::versus(
        "embedded_kv_durable_put", keys.size(),
        [&] {
            for (const auto& key : keys) raw.put(key, value);
            return keys.size();
        },
        alone, 6);
    const auto many = random_keys(8 * 2000, 6);
    put_weft(db, many, 1000);
    // In puts a second: the time of 2000 alone against that of 16000 by eight threads.
    std::vector<double> ratios;
    for (int round = 0; round < 5; ++round) {
        const double one = measure::seconds(alone);
        const double eight = measure::seconds([&] {
            std::vector<std::thread> threads;
            for (std::size_t t = 0; t < 8; ++t) {
                threads.emplace_back([&, t] {
                    for (std::size_t i = t * 2000; i < (t + 1) * 2000; ++i) db.put(many[i], value);
                });
            }
            for (auto& t : threads) t.join();
        });
        std::printf("  durable puts a second: %8.0f alone, %8.0f by 8 threads\n", 2000 / one, 16'000 / eight);
        ratios.push_back(8 * one / eight);
    }
    std::printf("ratio embedded_kv_group_commit %.3f\n", measure::median(ratios));
}

/// The documents' workload: 100 k JSON records put in one transaction, then everything is scanned.
void put_scan(const std::string& directory) {
    std::vector<std::string> keys;
    std::vector<std::string> records;
    for (int i = 0; i < 100'000; ++i) {
        char key[32];
        std::snprintf(key, sizeof key, "users/%08d", i);
        keys.emplace_back(key);
        records.push_back("{\"id\": " + std::to_string(i) + ", \"name\": \"User " + std::to_string(i) +
                          "\", \"email\": \"user" + std::to_string(i) + "@example.com\", \"age\": 42}");
    }
    raw_store raw(directory + "/put_scan_raw.db", false, "normal");
    kv_database db(directory + "/put_scan.db");
    measure::versus(
        "embedded_kv_put_scan", 2 * keys.size(),
        [&] {
            raw.command("DELETE FROM kv; BEGIN IMMEDIATE");
            for (std::size_t i = 0; i < keys.size(); ++i) raw.put(keys[i], records[i]);
            raw.command("COMMIT");
            return keys.size() + raw.scan();
        },
        [&] {
            if (db.contains(keys[0])) db.execute("DELETE FROM weft_kv");
            db.with_transaction([&](kv_transaction& t) {
                for (std::size_t i = 0; i < keys.size(); ++i) t.put(keys[i], records[i]);
            });
            std::size_t n = keys.size();
            for (const auto& entry : db.scan()) n += !entry.key.empty();
            return n;
        },
        5);
}

[[maybe_unused]] void other_store(kv_peer& peer, const std::vector<std::string>& keys) {
    const auto some = some_of(keys, 200'000, 2);
    const std::vector<std::string> few(some.begin(), some.begin() + 2000);
    const auto rate = [&](const char* what, std::size_t items, auto&& f) {
        double best = 1e9;
        for (int round = 0; round < 3; ++round) best = std::min(best, measure::seconds(f));
        std::printf("  %-8s %-20s %9.1f ns an item\n", peer.name(), what, best / static_cast<double>(items) * 1e9);
    };
    auto sorted = keys;
    std::sort(sorted.begin(), sorted.end());
    peer.put(sorted, value, 100'000, false);
    rate("get", some.size(), [&] { peer.get(some, false); });
    rate("get in transaction", some.size(), [&] { peer.get(some, true); });
    rate("scan", keys.size(), [&] {
        if (peer.scan() != keys.size()) std::abort();
    });
    rate("put 1000", some.size(), [&] { peer.put(some, value, 1000, false); });
    rate("durable put", few.size(), [&] { peer.put(few, value, 1, true); });
}

} // namespace

int main(int count, char** arguments) {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    const std::size_t pairs = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 1'000'000;
    const weft::testing::temporary_directory directory;
    const std::string at = directory.path().string();
    auto keys = random_keys(pairs, 1);
    std::printf("%zu pairs, keys of 16 random bytes, values of 100 bytes; items are pairs\n", pairs);
    {
        raw_store raw(at + "/raw.db", false, "normal");
        raw_store naive(at + "/naive.db", true, "normal");
        kv_database db(at + "/weft.db");
        auto sorted = keys;
        std::sort(sorted.begin(), sorted.end());
        put_raw(raw, sorted, 100'000);
        put_raw(naive, keys, 100'000);
        put_weft(db, sorted, 100'000);
        raw.command("PRAGMA wal_checkpoint(truncate)");
        naive.command("PRAGMA wal_checkpoint(truncate)");
        db.checkpoint();
        reads(raw, db, keys);
        writes(raw, naive, db, keys);
    }
    durable(at);
    put_scan(at);
#ifdef WEFT_WITH_LMDB
    other_store(*lmdb_peer(at), keys);
#endif
#ifdef WEFT_WITH_ROCKSDB
    other_store(*rocksdb_peer(at), keys);
#endif
}
