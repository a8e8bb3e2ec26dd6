// SPDX-License-Identifier: BSL-1.0
// A child process commits and says so; it is killed at a random moment. After reopening nothing it said is lost, no
// transaction is half there, and the file is sound. WEFT_TORTURE_ROUNDS says how often; 30 times by default.
#include <weft/embedded/kv_database.hpp>

#include <weft/format/tuples.hpp>
#include <weft/testing/temporary_directory.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace weft::embedded;

namespace {

constexpr int slots = 20;      // transactions that a later one overwrites
constexpr int threads = 3;     // that put one key each
constexpr int mixed = threads; // number of the thread that commits keys and SQL together

int rounds() {
    const char* wanted = std::getenv("WEFT_TORTURE_ROUNDS");
    return wanted == nullptr ? 30 : std::atoi(wanted);
}

/// What the child tells: number `value` of thread `thread` is committed.
struct said {
    int thread;
    int value;
};

void say(int pipe, int thread, int value) {
    const said message{thread, value};
    if (::write(pipe, &message, sizeof message) != sizeof message) ::_exit(3); // at most PIPE_BUF: whole or not at all
}

/// One transaction of keys and rows: everything in it has the same number.
void commit_mixed(kv_database& db, int i) {
    const std::string number = std::to_string(i);
    auto t = db.transaction(kv_access::write_now);
    t.put("mixed", number);
    t.put("slot/" + std::to_string(i % slots) + "/a", number);
    t.execute("INSERT INTO log VALUES (?)", i);
    t.execute("DELETE FROM log WHERE n <= ?", i - slots);
    if (i % 7 == 0) t.put("large", std::string(20'000, static_cast<char>('a' + i % 26)));
    t.put_path({"slot", std::to_string(i % slots), "b"}, number);
    t.commit();
}

[[noreturn]] void work(const std::string& path, const kv_config& config, int pipe) {
    try {
        kv_database db(path, config);
        std::vector<std::thread> others;
        for (int thread = 0; thread < threads; ++thread) {
            others.emplace_back([&db, pipe, thread] {
                const std::string key = "thread/" + std::to_string(thread);
                try {
                    for (int i = std::stoi(*db.get(key)) + 1;; ++i) {
                        db.put(key, std::to_string(i));
                        say(pipe, thread, i);
                    }
                } catch (const std::exception&) {
                    ::_exit(4);
                }
            });
        }
        for (int i = std::stoi(*db.get("mixed")) + 1;; ++i) {
            commit_mixed(db, i);
            say(pipe, mixed, i);
            if (i % 50 == 0) db.checkpoint();
        }
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
        ::_exit(5);
    }
}

/// Lets a child work on the file for a while and kills it; the last number of each thread that it said.
std::vector<int> work_and_kill(const std::string& path, const kv_config& config, std::chrono::microseconds after) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::close(ends[0]);
        work(path, config, ends[1]);
    }
    ::close(ends[1]);
    // The clock runs from the first commit on: opening is slow, and not what is to be interrupted every time.
    std::vector<int> last(threads + 1, -1);
    said message{};
    if (::read(ends[0], &message, sizeof message) == sizeof message)
        last[static_cast<std::size_t>(message.thread)] = message.value;
    std::thread killer([&] {
        std::this_thread::sleep_for(after);
        ::kill(child, SIGKILL);
    });
    while (::read(ends[0], &message, sizeof message) == sizeof message)
        last[static_cast<std::size_t>(message.thread)] = message.value;
    killer.join();
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status)); // else it failed by itself
    return last;
}

int number(kv_database& db, const std::string& key) {
    const auto text = db.get(key);
    return text ? std::stoi(*text) : -1;
}

void check(const std::string& path, const std::vector<int>& last) {
    kv_database db(path);
    REQUIRE(db.check_integrity().empty());
    for (int thread = 0; thread < threads; ++thread) {
        const int kept = number(db, "thread/" + std::to_string(thread));
        const int promised = last[static_cast<std::size_t>(thread)];
        REQUIRE(kept >= promised);
        if (promised >= 0) REQUIRE(kept <= promised + 1);
    }
    const int n = number(db, "mixed");
    REQUIRE(n >= last[mixed]);
    if (last[mixed] >= 0) REQUIRE(n <= last[mixed] + 1);
    REQUIRE(db.query_value<int>("SELECT max(n) FROM log") == n);
    for (int i = n; i > n - slots && i > 0; --i) {
        INFO("transaction " << i << " of " << n);
        REQUIRE(number(db, "slot/" + std::to_string(i % slots) + "/a") == i);
        REQUIRE(number(db, "slot/" + std::to_string(i % slots) + "/b") == i);
        REQUIRE(db.query_value<int>("SELECT count(*) FROM log WHERE n = ?", i) == 1);
    }
    const auto all = db.scan().collect();
    REQUIRE(all.size() <= 2 + threads + 2 * slots);
}

} // namespace

TEST_CASE("kv torture: killed at any moment, nothing that was said to be committed is lost") {
    std::mt19937 random(20'240'229);
    const int wanted = rounds();
    const weft::testing::temporary_directory directory;
    const std::string path = directory / "t.db";
    for (int round = 0; round < wanted; ++round) {
        const kv_config config{.sync_mode = static_cast<sync_mode>(round % 3),
                               .memtable_size_bytes = round % 2 == 0 ? kv_config::least_memory : 1'000'000,
                               .group_commit = round % 4 != 3,
                               .busy_timeout_ms = 60'000};
        if (round % 10 == 0) {
            for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(path + tail);
            kv_database db(path, config);
            db.execute("CREATE TABLE log (n INTEGER PRIMARY KEY)");
            db.put("mixed", "0");
            for (int thread = 0; thread < threads; ++thread) db.put("thread/" + std::to_string(thread), "0");
            db.execute("INSERT INTO log VALUES (0)");
        }
        INFO("round " << round);
        const std::chrono::microseconds after(random() % 30'000);
        check(path, work_and_kill(path, config, after));
    }
}
