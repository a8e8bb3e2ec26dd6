// SPDX-License-Identifier: BSL-1.0

// Ten million rows through a streaming cursor, measured in a process of its own.

#include <weft/embedded.hpp>
#include <weft/format/tuples.hpp>

#include "child.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fstream>
#include <sstream>
#include <string>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

#ifdef SANITIZED

TEST_CASE("ten million rows stream through less than 32 MiB of memory") {
    SKIP("sanitizers keep memory of their own");
}

#else

namespace {

constexpr std::int64_t rows = 10'000'000;

struct outcome {
    std::int64_t rows = 0;
    std::int64_t sum = 0;
    long peak_kib = 0;
};

long peak_kib() {
    std::ifstream status("/proc/self/status");
    std::string line;
    while (std::getline(status, line)) {
        if (line.starts_with("VmHWM:")) return std::stol(line.substr(6));
    }
    return -1;
}

outcome stream_rows() {
    weft::embedded::database db(":memory:");
    outcome seen;
    for (const auto& [a] : db.stream<weft::tuples<std::int64_t>, 4096>(
             "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999), "
             "tens(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM tens WHERE i < 9) "
             "SELECT x.i * 1000000 + y.i * 1000 + z.i FROM tens x CROSS JOIN n y CROSS JOIN n z")) {
        seen.sum += a;
        ++seen.rows;
    }
    seen.peak_kib = peak_kib();
    return seen;
}

} // namespace

TEST_CASE("ten million rows stream through less than 32 MiB of memory") {
    const std::string said = in_child([] {
        const outcome seen = stream_rows();
        return std::to_string(seen.rows) + ' ' + std::to_string(seen.sum) + ' ' + std::to_string(seen.peak_kib);
    });
    CAPTURE(said);
    outcome seen;
    REQUIRE(std::istringstream(said) >> seen.rows >> seen.sum >> seen.peak_kib);
    CHECK(seen.rows == rows);
    CHECK(seen.sum == rows * (rows - 1) / 2);
    CHECK(seen.peak_kib > 0);
    CHECK(seen.peak_kib < 32 * 1024);
}

#endif
