// SPDX-License-Identifier: BSL-1.0
// A semantic cache: what is similar enough is a hit, until it expires.
#include <weft/embedded/semantic_cache.hpp>

#include "../message_of.hpp"
#include "kv_file.hpp"

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cmath>
#include <string>
#include <thread>
#include <vector>

using namespace weft::embedded;
using namespace std::chrono_literals;

namespace {

using floats = std::vector<float>;

/// A vector of the plane at so many degrees.
floats at(double degrees) {
    const double radians = degrees * std::acos(-1.0) / 180;
    return {static_cast<float>(std::cos(radians)), static_cast<float>(std::sin(radians))};
}

} // namespace

TEST_CASE("semantic cache: hits and misses") {
    kv_file f({.sync_mode = sync_mode::off});
    const semantic_cache answers(f.db, "answers");
    CHECK_FALSE(answers.get(at(0)));
    CHECK_FALSE(answers.find("What is 6 × 7?"));
    CHECK_FALSE(answers.erase("What is 6 × 7?"));
    CHECK(answers.purge() == 0);
    answers.put("What is 6 × 7?", at(0), "42");
    answers.put("What is 1 + 1?", at(90), "2");
    const auto hit = answers.get(at(10));
    REQUIRE(hit);
    CHECK(hit->key == "What is 6 × 7?");
    CHECK(hit->value == "42");
    CHECK(std::abs(hit->similarity - (std::cos(10 * std::acos(-1.0) / 180) + 1) / 2) < 1e-6);
    CHECK(answers.get(at(44)));        // (cos 44° + 1) / 2 = 0.8597
    CHECK_FALSE(answers.get(at(-46))); // 0.8473
    CHECK(semantic_cache(f.db, "answers", {.threshold = 0.8}).get(at(-46)));
    CHECK_FALSE(semantic_cache(f.db, "answers", {.threshold = 0.999}).get(at(10)));
    CHECK(semantic_cache(f.db, "answers", {.threshold = 0}).get(at(-135)));
    CHECK_FALSE(semantic_cache(f.db, "others").get(at(0)));
    answers.put("What is 6 × 7?", at(0), "forty-two");
    CHECK(answers.find("What is 6 × 7?") == "forty-two");
    f.reopen();
    const semantic_cache again(f.db, "answers");
    CHECK(again.get(at(0))->value == "forty-two");
    CHECK(again.erase("What is 6 × 7?"));
    CHECK_FALSE(again.get(at(0)));
    CHECK_THROWS_AS(again.put("x", floats{1, 2, 3}, "y"), weft::database_error); // it has two dimensions
    CHECK_THROWS_AS(again.get(floats{1, 2, 3}), weft::data_error);
    CHECK_THROWS_AS(again.put("x", at(0), "\xFF"), weft::data_error);
    CHECK_THROWS_AS(semantic_cache(f.db, "c", {.threshold = 1.5}), weft::programming_error);
    again.clear();
    CHECK_FALSE(again.get(at(90)));
    again.put("x", floats{1, 2, 3}, "y"); // now three
    CHECK(again.get(floats{1, 2, 3})->value == "y");
}

TEST_CASE("semantic cache: values expire") {
    kv_file f({.sync_mode = sync_mode::off});
    const semantic_cache answers(f.db, "answers", {.ttl = 1ms});
    answers.put("short", at(0), "gone soon", {.ttl = 1h});
    answers.put("long", at(20), "stays", {.ttl = 1h});
    CHECK(answers.get(at(0))->value == "gone soon");
    answers.put("renewed", at(180), "old", {.ttl = 2h});
    answers.put("renewed", at(180), "new", {.ttl = 1h});
    answers.put("short", at(0), "gone soon"); // as the cache says
    std::this_thread::sleep_for(5ms);
    CHECK(answers.get(at(0))->value == "stays"); // the next best
    CHECK_FALSE(answers.find("short"));
    CHECK(answers.get(at(180))->value == "new");
    CHECK(collection(f.db, "_cache/answers").count() == 3);
    CHECK(answers.purge() == 1);
    CHECK(collection(f.db, "_cache/answers").count() == 2);
    CHECK(answers.find("renewed") == "new");
    for (int i = 0; i < 10; ++i) answers.put("dead " + std::to_string(i), at(270), "x", {.ttl = 0ms});
    CHECK(collection(f.db, "_cache/answers").count() <= 4); // puts clean up
    CHECK_FALSE(answers.get(at(270)));
    answers.clear();
    CHECK(shown(f.db.scan()).empty());
}

TEST_CASE("semantic cache: in transactions") {
    kv_file f({.sync_mode = sync_mode::off});
    {
        auto t = f.db.transaction();
        const semantic_cache answers(t, "answers");
        answers.put("q", at(0), "a");
        CHECK(answers.get(at(1))->value == "a");
        CHECK_FALSE(semantic_cache(f.db, "answers").get(at(0)));
    }
    CHECK_FALSE(semantic_cache(f.db, "answers").get(at(0)));
    f.db.with_transaction([](kv_transaction& t) {
        semantic_cache(t, "answers").put("q", at(0), "a");
        t.put("k", "v");
    });
    CHECK(semantic_cache(f.db, "answers").get(at(0))->value == "a");
}
