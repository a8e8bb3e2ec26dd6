// SPDX-License-Identifier: BSL-1.0
// What is large: ten million rows in little memory, messages around every limit of a packet, blobs of 64 MiB.
#include "servers.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fstream>
#include <string>

namespace mysql = weft::mysql;
using test::each_server;
using test::options_of;
using test::scratch;
using weft::tuples;

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool has_sanitizer = true;
#elif defined(__has_feature)
constexpr bool has_sanitizer = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool has_sanitizer = false;
#endif

// A line of the kernel's account of this process, in KiB.
long status_of(const std::string& name) {
    std::ifstream lines("/proc/self/status");
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(name + ':')) return std::stol(line.substr(name.size() + 1));
    }
    return 0;
}

// Forgets the peak so far.
void reset_peak() {
    std::ofstream("/proc/self/clear_refs") << '5';
}

constexpr const char* digits =
    "WITH d AS (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION "
    "ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT "
    "8 UNION ALL SELECT 9) ";

} // namespace

TEST_CASE("Ten million rows stream through less than 32 MiB", "[large]") {
    test::connection db(options_of("mariadb1011"));
    const long before = status_of("VmRSS");
    reset_peak();
    std::int64_t rows = 0;
    std::int64_t sum = 0;
    auto all = db.stream<tuples<std::int64_t>>(
        std::string(digits) + "SELECT a.n + 10 * b.n + 100 * c.n FROM d a, d b, d c, d e, d f, d g, d h");
    for (auto some = all.fetch_many(4096); !some.empty(); some = all.fetch_many(4096)) {
        for (const auto& row : some) sum += std::get<0>(row);
        rows += static_cast<std::int64_t>(some.size());
    }
    CHECK(rows == 10'000'000);
    CHECK(sum == 4'995'000'000);
    const long grown = status_of("VmHWM") - before;
    INFO(grown << " KiB");
    if (!has_sanitizer) CHECK(grown < 32 * 1024);
}

TEST_CASE("A hundred thousand rows of a prepared statement, at once and in portions", "[large]") {
    mysql::connect_options options = options_of(each_server());
    for (const std::uint32_t portion : {0U, 50'000U}) {
        options.server_cursor = portion;
        test::connection db(options);
        std::int64_t rows = 0;
        std::int64_t sum = 0;
        auto all = db.stream<tuples<std::int64_t, std::string>>(
            std::string(digits) + "SELECT a.n + 10 * b.n + ?, 'some text' FROM d a, d b, d c, d e, d f", 1000);
        for (const auto& row : all) {
            ++rows;
            sum += std::get<0>(row);
        }
        CHECK(rows == 100'000);
        CHECK(sum == 104'950'000);
    }
}

TEST_CASE("Messages around the size of a packet, both ways", "[large]") {
    test::connection db(options_of(each_server()));
    constexpr std::size_t packet = 0xFFFFFF;
    for (const std::size_t size : {packet - 4, packet - 3, packet, packet + 1, packet + 100'000}) {
        INFO(size);
        const auto text = db.query_value<std::string>("SELECT repeat('x', " + std::to_string(size) + ')');
        CHECK(text.size() == size);
        CHECK(text == std::string(size, 'x'));
        const auto row = db.query_one<tuples<std::string, int>>("SELECT repeat('y', ?), 7", size);
        CHECK(std::get<0>(*row).size() == size);
        CHECK(std::get<1>(*row) == 7);
    }
    // the command byte, the text around the value, and the value end at a packet's end, before and behind it
    constexpr std::size_t around = 1 + std::string_view("SELECT length('')").size();
    for (const std::size_t size : {packet - around - 1, packet - around, packet - around + 1, 2 * packet - around}) {
        CHECK(db.query_value<std::size_t>("SELECT length('" + std::string(size, 'z') + "')") == size);
    }
    for (const std::size_t size : {packet - 20, packet, packet + 1})
        CHECK(db.query_value<std::size_t>("SELECT length(?)", std::string(size, 'z')) == size);
}

TEST_CASE("Blobs of 64 MiB go there and come back", "[large]") {
    scratch on(options_of(each_server()));
    on.db.execute("CREATE TABLE t (id int, a longblob)");
    weft::blob sent(std::size_t{64} << 20);
    std::uint32_t state = 1;
    for (std::byte& b : sent) {
        state = state * 1664525U + 1013904223U;
        b = static_cast<std::byte>(state >> 24);
    }
    REQUIRE(on.db.execute("INSERT INTO t VALUES (1, ?)", sent) == 1);
    CHECK(on.db.query_value<weft::blob>("SELECT a FROM t") == sent);
    CHECK(on.db.query_value<weft::blob>("SELECT a FROM t WHERE id = ?", 1) == sent);
    CHECK(on.db.query_value<int>("SELECT 1") == 1);
}

TEST_CASE("A message beyond the limit of either side is an error with its number", "[large]") {
    mysql::connect_options options = options_of(each_server());
    options.max_packet = 1 << 20;
    test::connection db(options);
    CHECK(test::code_of([&] { return db.query_value<std::string>("SELECT repeat('x', 2000000)"); }) ==
          mysql::protocol::client_error::packet_too_large);
    CHECK_FALSE(db.is_open());
}
