// SPDX-License-Identifier: BSL-1.0
// Queues: order, claims that end, dead letters, names and ids of any bytes, many threads, transactions.
#include <weft/embedded/priority_queue.hpp>

#include "../message_of.hpp"
#include "kv_file.hpp"

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace weft::embedded;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

/// The payloads of all tasks, in the order in which they are handed out, and done.
std::string drain(const priority_queue& q) {
    std::string all;
    while (const auto task = q.dequeue()) {
        all += (all.empty() ? "" : " ") + task->payload;
        REQUIRE(q.ack(*task));
    }
    return all;
}

/// Claims a task that may be handed out soon.
queue_task claim_soon(const priority_queue& q) {
    for (int i = 0; i < 10'000; ++i) {
        if (auto task = q.dequeue()) return *task;
        std::this_thread::sleep_for(1ms);
    }
    FAIL("no task was handed out");
    return {};
}

} // namespace

TEST_CASE("priority queue: lower numbers first, and in order within one") {
    kv_file f({.sync_mode = sync_mode::off});
    const priority_queue q(f.db, "jobs");
    CHECK_FALSE(q.dequeue());
    CHECK_FALSE(q.peek());
    CHECK(q.enqueue("c", {.priority = 7}) == 1);
    CHECK(q.enqueue("d", {.priority = 7}) == 2);
    q.enqueue("b");
    q.enqueue("z", {.priority = INT64_MAX});
    q.enqueue("a", {.priority = INT64_MIN});
    q.enqueue("e", {.priority = 7});
    const auto first = q.peek();
    REQUIRE(first);
    CHECK(first->payload == "a");
    CHECK(first->attempts == 0);
    CHECK(first->id == "5");
    CHECK(first->priority == INT64_MIN);
    CHECK(q.stats().ready == 6);
    f.reopen();
    CHECK(drain(priority_queue(f.db, "jobs")) == "a b c d e z");
    CHECK(drain(priority_queue(f.db, "jobs")).empty());
    // FIFO over a change of 255 to 256, and with priorities whose bytes look like slashes.
    for (int i = 0; i < 300; ++i)
        priority_queue(f.db, "jobs").enqueue(std::to_string(i), {.priority = 0x2F2F2F2F2F2F2F2F});
    for (int i = 0; i < 300; ++i) {
        const auto task = priority_queue(f.db, "jobs").dequeue();
        REQUIRE(task);
        REQUIRE(task->payload == std::to_string(i));
    }
}

TEST_CASE("priority queue: delayed tasks wait, others of lower priority do not") {
    kv_file f({.sync_mode = sync_mode::off});
    const priority_queue q(f.db, "jobs");
    q.enqueue("much later", {.priority = 1, .delay = 1h});
    q.enqueue("never", {.priority = 1, .delay = std::chrono::milliseconds::max()});
    q.enqueue("now", {.priority = 2});
    CHECK(q.stats().delayed == 2);
    CHECK(q.stats().ready == 1);
    CHECK(drain(q) == "now");
    q.enqueue("soon", {.priority = 1, .delay = 20ms});
    CHECK(claim_soon(q).payload == "soon");
    CHECK(q.stats().delayed == 2);
}

TEST_CASE("priority queue: a claim that ends is somebody else's, and the third is the last") {
    kv_file f({.sync_mode = sync_mode::off});
    const priority_queue q(f.db, "jobs", {.visibility = 1h});
    const priority_queue hasty(f.db, "jobs", {.visibility = 1ms});
    q.enqueue("job", {.id = "a/b\0c"s});
    std::vector<queue_task> claims{claim_soon(hasty), claim_soon(hasty),
                                   claim_soon(q)}; // each after the end of the last
    for (std::size_t i = 0; i < claims.size(); ++i) {
        CHECK(claims[i].attempts == i + 1);
        CHECK(claims[i].id == "a/b\0c"s);
    }
    CHECK_FALSE(q.dequeue());
    CHECK(q.stats().claimed == 1);
    CHECK_FALSE(q.ack(claims[0]));
    CHECK_FALSE(q.nack(claims[1]));
    CHECK(q.extend(claims[2], 1ms)); // which is over soon
    std::this_thread::sleep_for(5ms);
    CHECK_FALSE(q.dequeue());
    CHECK_FALSE(q.extend(claims[2], 1s));
    const auto dead = q.dead_letters();
    REQUIRE(dead.size() == 1);
    CHECK(dead[0].id == "a/b\0c"s);
    CHECK(dead[0].payload == "job");
    CHECK(dead[0].attempts == 3);
    CHECK(q.stats().dead == 1);
    CHECK(q.revive(dead[0]));
    CHECK_FALSE(q.revive(dead[0]));
    queue_task task = claim_soon(hasty);
    CHECK(task.attempts == 1);
    q.enqueue("other", {.priority = 1});
    std::this_thread::sleep_for(5ms);
    CHECK(q.peek()->payload == "job"); // its claim has ended, and it comes first again
    CHECK(q.extend(task, 1h));         // nobody else has claimed it yet
    CHECK(q.peek()->payload == "other");
    CHECK(q.ack(*q.dequeue()));
    CHECK_FALSE(q.dequeue());
    CHECK(q.ack(task));
    CHECK_FALSE(q.ack(task));
    CHECK(q.stats().claimed == 0);
}

TEST_CASE("priority queue: giving back") {
    kv_file f({.sync_mode = sync_mode::off});
    const priority_queue q(f.db, "jobs", {.max_attempts = 2});
    q.enqueue("job", {.priority = 3});
    q.enqueue("waits", {.priority = 4});
    const auto first = q.dequeue();
    const auto waits = q.dequeue();
    REQUIRE(waits);
    CHECK(q.nack(*first, 20ms));
    CHECK_FALSE(q.nack(*first));
    CHECK(q.nack(*waits, 1h));
    CHECK(q.stats().delayed >= 1);
    const queue_task again = claim_soon(q);
    CHECK(again.payload == "job");
    CHECK(again.attempts == 2);
    CHECK(again.priority == 3);
    CHECK(q.nack(again));
    CHECK_FALSE(q.dequeue());
    CHECK(q.dead_letters().size() == 1);
    CHECK(q.dead_letters(0).empty());
    CHECK(q.purge_dead_letters() == 1);
    CHECK(q.purge_dead_letters() == 0);
    // Who gave back cannot acknowledge what somebody else has claimed in the same millisecond.
    q.enqueue("job");
    const auto mine = q.dequeue();
    CHECK(q.nack(*mine));
    const auto theirs = q.dequeue();
    CHECK_FALSE(q.ack(*mine));
    CHECK(q.ack(*theirs));
}

TEST_CASE("priority queue: queues of any names do not meet") {
    kv_file f({.sync_mode = sync_mode::off});
    const std::vector<std::string> names{
        "a", "a/r", "a%2Fr", "a/r/", "/", "%", "a\0r"s, "\xFF\x2F"s, std::string(1, '\0')};
    for (const std::string& name : names) priority_queue(f.db, name).enqueue("of " + name);
    f.db.put("queue/a/x", "a key that is none of ours");
    for (const std::string& name : names) {
        const priority_queue q(f.db, name);
        CHECK(q.stats().ready == 1);
        CHECK(drain(q) == "of " + name);
    }
    CHECK_THROWS_AS(priority_queue(f.db, ""), weft::programming_error);
    CHECK_THROWS_AS(priority_queue(f.db, std::string(2000, 'x')), weft::programming_error);
    CHECK_THROWS_AS(priority_queue(f.db, "q", {.max_attempts = 0}), weft::programming_error);
    CHECK_THROWS_AS(priority_queue(f.db, "q", {.visibility = 0ms}), weft::programming_error);
    const std::string binary("\x2F\0\xFF/"s);
    priority_queue(f.db, "q").enqueue(binary, {.id = binary});
    const auto task = priority_queue(f.db, "q").dequeue();
    CHECK(task->payload == binary);
    CHECK(task->id == binary);
}

TEST_CASE("priority queue: with the rest of a transaction") {
    kv_file f({.sync_mode = sync_mode::off});
    const priority_queue q(f.db, "jobs");
    {
        auto t = f.db.transaction();
        priority_queue(t, "jobs").enqueue("lost");
        t.put("document", "lost");
        CHECK(priority_queue(t, "jobs").peek()->payload == "lost");
        CHECK_FALSE(q.peek());
    }
    CHECK_FALSE(q.dequeue());
    f.db.with_transaction([](kv_transaction& t) {
        priority_queue(t, "jobs").enqueue("kept");
        t.put("document", "kept");
    });
    {
        auto t = f.db.transaction();
        const auto task = priority_queue(t, "jobs").dequeue();
        REQUIRE(task);
        CHECK(q.peek()->payload == "kept"); // not claimed for others before the commit
        t.abort();
    }
    auto task = q.dequeue();
    REQUIRE(task);
    CHECK(task->attempts == 1);
    f.db.with_transaction([&](kv_transaction& t) {
        t.put("document", "done");
        CHECK(priority_queue(t, "jobs").ack(*task));
    });
    CHECK(q.stats().claimed == 0);
}

TEST_CASE("priority queue: a damaged queue is an error") {
    kv_file f({.sync_mode = sync_mode::off});
    const priority_queue q(f.db, "jobs");
    f.db.put("queue/jobs/n", "short"); // an odd counter counts as none
    CHECK(q.enqueue("x") == 1);
    const std::string key = f.db.scan_prefix("queue/jobs/r/").collect()[0].key;
    f.db.put(key, "not a task");
    CHECK(message_of<weft::operational_error>([&] { return q.dequeue(); }) ==
          "the queue 'jobs' is damaged: an entry is no task");
    f.db.put(key, std::string(32, '\0') + std::string(8, '\xFF'));
    CHECK_THROWS_AS(q.peek(), weft::operational_error);
    f.db.erase(key);
    f.db.put("queue/jobs/r/x", "short key");
    CHECK(message_of<weft::operational_error>([&] { return q.dequeue(); }) ==
          "the queue 'jobs' is damaged: a key is not of a task");
}

TEST_CASE("priority queue: eight threads do two thousand tasks once each") {
    constexpr int tasks = 2000;
    kv_file f({.sync_mode = sync_mode::off, .busy_timeout_ms = 60'000});
    std::mutex mutex;
    std::map<std::string, int> done;
    std::atomic<int> left{tasks};
    std::atomic<int> refused{0};
    std::vector<std::thread> all;
    for (int n = 0; n < 2; ++n) {
        all.emplace_back([&, n] {
            const priority_queue q(f.db, "jobs");
            for (int i = n; i < tasks; i += 2) q.enqueue(std::to_string(i), {.priority = i % 5});
        });
    }
    for (int n = 0; n < 8; ++n) {
        all.emplace_back([&] {
            const priority_queue q(f.db, "jobs");
            while (left > 0) {
                const auto task = q.dequeue();
                if (!task) {
                    std::this_thread::yield();
                    continue;
                }
                {
                    const std::lock_guard lock(mutex);
                    ++done[task->payload];
                }
                if (!q.ack(*task)) ++refused;
                --left;
            }
        });
    }
    for (std::thread& t : all) t.join();
    CHECK(refused == 0);
    REQUIRE(done.size() == tasks);
    for (const auto& [payload, times] : done) REQUIRE(times == 1);
    const queue_stats stats = priority_queue(f.db, "jobs").stats();
    CHECK(stats.ready + stats.delayed + stats.claimed + stats.dead == 0);
}
