// SPDX-License-Identifier: BSL-1.0
#include <weft/cursor.hpp>
#include <weft/embedded.hpp>
#include <weft/format/columns.hpp>
#include <weft/format/tuples.hpp>

#include "../message_of.hpp"
#include "counting_connection.hpp"

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>

#include <limits>
#include <string>

using weft::buffered;
using weft::cursor;
using weft::scroll_mode;
using weft::streaming;
using weft::embedded::database;

namespace {

using number = weft::tuples<std::int64_t>;

// Two engines behind the same questions: SQLite shows live rows, the counting connection reads blocks.
struct on_sqlite {
    database connection{":memory:"};
    on_sqlite() {
        connection.execute("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (0), (1), (2), (3), (4), (5), (6)");
    }
    static constexpr const char* seven = "SELECT n FROM t ORDER BY n";
    static constexpr const char* none = "SELECT n FROM t WHERE 0";
    static constexpr const char* affects_two = "UPDATE t SET n = n WHERE n < 2";
    static constexpr const char* three_sets = "SELECT n FROM t WHERE n < 3 ORDER BY n; UPDATE t SET n = n WHERE n < 2; "
                                              "SELECT n FROM t WHERE n < 1;";
    static constexpr const char* first_of = "SELECT n FROM t WHERE n < ? ORDER BY n";
};

struct on_blocks {
    counting_connection connection;
    static constexpr const char* seven = "7";
    static constexpr const char* none = "0";
    static constexpr const char* affects_two = "-2";
    static constexpr const char* three_sets = "3 -2 1";
    static constexpr const char* first_of = "?";
};

template <class Engine, class Buffering>
struct setting {
    using engine = Engine;
    using buffering = Buffering;
    using connection = decltype(Engine::connection);
    static constexpr bool scrolls = std::is_same_v<Buffering, buffered>;
    template <class Format = number>
    using cursor = weft::cursor<connection, Buffering, Format>;
};

using settings =
    std::tuple<setting<on_sqlite, buffered>, setting<on_sqlite, streaming<3>>, setting<on_blocks, buffered>,
               setting<on_blocks, streaming<3>>, setting<on_blocks, streaming<1>>>;

std::string joined(const std::vector<std::tuple<std::int64_t>>& rows) {
    std::string text;
    for (const auto& [n] : rows) text += std::to_string(n) + ' ';
    return text;
}

} // namespace

TEMPLATE_LIST_TEST_CASE("a cursor that has not executed anything says so", "", settings) {
    typename TestType::engine on;
    typename TestType::template cursor<> c(on.connection);
    CHECK(c.row_count() == -1);
    CHECK(c.row_number() == 0);
    CHECK(c.last_insert_id() == 0);
    CHECK_FALSE(c.has_columns());
    CHECK(c.description().empty());
    CHECK(c.warnings().empty());
    for (const std::string& message : {message_of<weft::programming_error>([&] { return c.fetch_one(); }),
                                       message_of<weft::programming_error>([&] { return c.fetch_many(3); }),
                                       message_of<weft::programming_error>([&] { return c.fetch_all(); }),
                                       message_of<weft::programming_error>([&] { return c.next_set(); }),
                                       message_of<weft::programming_error>([&] { return c.begin() == c.end(); }),
                                       message_of<weft::programming_error>([&] { return c.scroll(0), 0; })}) {
        CHECK(message == "execute() first");
    }
}

TEMPLATE_LIST_TEST_CASE("rows are fetched one by one, some at a time, or all that remain", "", settings) {
    typename TestType::engine on;
    typename TestType::template cursor<> c(on.connection);
    const std::int64_t known = TestType::scrolls ? 7 : -1;
    CHECK(c.execute(on.seven) == known);
    CHECK(c.row_count() == known);
    CHECK(c.has_columns());
    REQUIRE(c.description().size() == 1);
    CHECK(c.description()[0].name == "n");
    CHECK(c.description()[0].type == weft::type_id::int64);

    CHECK(c.row_number() == 0);
    CHECK(c.fetch_one() == std::tuple<std::int64_t>(0));
    CHECK(c.row_number() == 1);
    CHECK(joined(c.fetch_many()) == "1 "); // array_size starts at 1
    c.array_size = 2;
    CHECK(joined(c.fetch_many()) == "2 3 ");
    CHECK(joined(c.fetch_many(0)).empty());
    CHECK(c.row_number() == 4);
    CHECK(joined(c.fetch_all()) == "4 5 6 ");
    CHECK(c.row_number() == 7);
    CHECK_FALSE(c.fetch_one().has_value());
    CHECK(c.fetch_many(5).empty());
    CHECK(c.fetch_all().empty());
    CHECK(c.begin() == c.end());
    CHECK(c.row_number() == 7);
    CHECK(c.row_count() == known);
}

TEMPLATE_LIST_TEST_CASE("fetching more than there is gives what there is", "", settings) {
    typename TestType::engine on;
    typename TestType::template cursor<> c(on.connection);
    c.execute(on.seven);
    CHECK(joined(c.fetch_many(100)) == "0 1 2 3 4 5 6 ");
    c.execute(on.none);
    CHECK_FALSE(c.description().empty());
    CHECK_FALSE(c.fetch_one().has_value());
    CHECK(c.fetch_all().empty());
    CHECK(c.row_number() == 0);
    CHECK(c.row_count() == (TestType::scrolls ? 0 : -1));
}

TEMPLATE_LIST_TEST_CASE("after a statement without rows fetching gives nothing, and the affected rows are known", "",
                        settings) {
    typename TestType::engine on;
    typename TestType::template cursor<> c(on.connection);
    CHECK(c.execute(on.affects_two) == 2);
    CHECK(c.row_count() == 2);
    CHECK(c.description().empty());
    CHECK_FALSE(c.fetch_one().has_value());
    CHECK(c.fetch_many(3).empty());
    CHECK(c.fetch_all().empty());
    CHECK(c.begin() == c.end());
    CHECK_FALSE(c.next_set());
}

TEMPLATE_LIST_TEST_CASE("iteration yields the remaining rows", "", settings) {
    typename TestType::engine on;
    typename TestType::template cursor<> c(on.connection);
    c.execute(on.seven);
    (void)c.fetch_many(2);
    std::string text;
    for (auto& [n] : c) text += std::to_string(n) + '@' + std::to_string(c.row_number()) + ' ';
    CHECK(text == "2@3 3@4 4@5 5@6 6@7 ");
}

TEMPLATE_LIST_TEST_CASE("a format without rows is iterated in batches and fetched in any size", "", settings) {
    typename TestType::engine on;
    typename TestType::template cursor<weft::columns> c(on.connection);
    c.execute(on.seven);
    std::string sizes;
    std::int64_t sum = 0;
    for (const weft::record_batch& batch : c) {
        sizes += std::to_string(batch.rows()) + ' ';
        for (const std::int64_t n : batch.values<std::int64_t>("n")) sum += n;
    }
    constexpr bool by_one = std::is_same_v<typename TestType::buffering, streaming<1>>;
    CHECK(sizes == (TestType::scrolls ? "7 " : by_one ? "1 1 1 1 1 1 1 " : "3 3 1 "));
    CHECK(sum == 21);

    c.execute(on.seven);
    CHECK(c.fetch_one()->rows() == 1);
    CHECK(c.fetch_many(5).rows() == 5);
    CHECK(c.fetch_all().rows() == 1);
    CHECK_FALSE(c.fetch_one().has_value());
    CHECK(c.fetch_all().rows() == 0);
    c.execute(on.none);
    CHECK(c.fetch_all().columns() == 1);
}

TEMPLATE_LIST_TEST_CASE("a streaming cursor moves forwards only, a buffered one anywhere within the set", "",
                        settings) {
    typename TestType::engine on;
    typename TestType::template cursor<> c(on.connection);
    c.execute(on.seven);
    c.scroll(2);
    CHECK(c.row_number() == 2);
    CHECK(c.fetch_one() == std::tuple<std::int64_t>(2));
    c.scroll(1);
    CHECK(c.fetch_one() == std::tuple<std::int64_t>(4));
    c.scroll(6, scroll_mode::absolute);
    CHECK(c.fetch_one() == std::tuple<std::int64_t>(6));
    constexpr std::int64_t farthest = std::numeric_limits<std::int64_t>::max();
    if constexpr (TestType::scrolls) {
        c.scroll(-7);
        CHECK(c.fetch_one() == std::tuple<std::int64_t>(0));
        c.scroll(7, scroll_mode::absolute);
        CHECK_FALSE(c.fetch_one().has_value());
        c.scroll(3, scroll_mode::absolute);
        const std::string expected = "cannot scroll to row ";
        CHECK(message_of<weft::programming_error>([&] { return c.scroll(5), 0; }) ==
              expected + "8; the set has 7 rows");
        CHECK(message_of<weft::programming_error>([&] { return c.scroll(-4), 0; }) ==
              expected + "-1; the set has 7 rows");
        CHECK_THROWS_AS(c.scroll(8, scroll_mode::absolute), weft::programming_error);
        CHECK_THROWS_AS(c.scroll(-1, scroll_mode::absolute), weft::programming_error);
        CHECK_THROWS_AS(c.scroll(farthest), weft::programming_error);
        CHECK_THROWS_AS(c.scroll(-farthest - 1), weft::programming_error);
        CHECK(c.row_number() == 3); // refused moves do not move
        c.rewind();
        CHECK(joined(c.fetch_all()) == "0 1 2 3 4 5 6 ");
        c.execute(on.affects_two);
        CHECK_THROWS_AS(c.scroll(1), weft::programming_error);
    } else {
        CHECK(message_of<weft::not_supported_error>([&] { return c.scroll(-1), 0; }) ==
              "a streaming cursor cannot scroll back from row 7 to row 6");
        CHECK_THROWS_AS(c.scroll(0, scroll_mode::absolute), weft::not_supported_error);
        c.scroll(farthest); // past the end is the end
        CHECK(c.row_number() == 7);
        CHECK_FALSE(c.fetch_one().has_value());
        CHECK_THROWS_AS(c.scroll(-farthest - 1), weft::not_supported_error);
    }
}

TEMPLATE_LIST_TEST_CASE("the sets of a text follow one another", "", settings) {
    typename TestType::engine on;
    typename TestType::template cursor<> c(on.connection);
    c.execute(on.three_sets);
    CHECK(c.fetch_one() == std::tuple<std::int64_t>(0)); // the rest of the set is passed over
    REQUIRE(c.next_set());
    CHECK(c.row_count() == 2);
    CHECK(c.description().empty());
    CHECK(c.fetch_all().empty());
    REQUIRE(c.next_set());
    CHECK(c.row_number() == 0);
    CHECK(joined(c.fetch_all()) == "0 ");
    CHECK_FALSE(c.next_set());
    CHECK_FALSE(c.next_set());
    CHECK_FALSE(c.fetch_one().has_value());
    CHECK(c.description().empty());
    CHECK(c.row_count() == -1);
}

TEMPLATE_LIST_TEST_CASE("executing again begins anew, whatever was left", "", settings) {
    typename TestType::engine on;
    typename TestType::template cursor<> c(on.connection);
    c.execute(on.three_sets);
    (void)c.fetch_one();
    c.execute(on.first_of, 4);
    CHECK(c.row_number() == 0);
    CHECK(joined(c.fetch_all()) == "0 1 2 3 ");
    c.execute(on.first_of, 2);
    CHECK(joined(c.fetch_all()) == "0 1 ");
}

TEMPLATE_LIST_TEST_CASE("a closed cursor says so, and closing twice is fine", "", settings) {
    typename TestType::engine on;
    typename TestType::template cursor<> c(on.connection);
    c.execute(on.three_sets);
    (void)c.fetch_one();
    CHECK(c.is_open());
    c.close();
    c.close();
    CHECK_FALSE(c.is_open());
    CHECK(c.description().empty());
    for (const std::string& message :
         {message_of<weft::programming_error>([&] { return c.execute(on.seven); }),
          message_of<weft::programming_error>([&] { return c.execute_many(on.first_of, std::vector{1}); }),
          message_of<weft::programming_error>([&] { return c.fetch_one(); }),
          message_of<weft::programming_error>([&] { return c.fetch_all(); }),
          message_of<weft::programming_error>([&] { return c.next_set(); }),
          message_of<weft::programming_error>([&] { return c.scroll(1), 0; }),
          message_of<weft::programming_error>([&] { return c.begin() == c.end(); })}) {
        CHECK(message == "Cursor closed");
    }
}

TEMPLATE_LIST_TEST_CASE("a cursor can be moved in the middle of a result, and what it was moved from is closed", "",
                        settings) {
    typename TestType::engine on;
    typename TestType::template cursor<> c(on.connection);
    c.execute(on.seven);
    (void)c.fetch_many(2);
    auto moved = std::move(c);
    CHECK(joined(moved.fetch_many(3)) == "2 3 4 ");
    CHECK_FALSE(c.is_open()); // NOLINT(bugprone-use-after-move)
    CHECK(message_of<weft::programming_error>([&] { return c.fetch_one(); }) == "Cursor closed");
    c.close();
    typename TestType::template cursor<> other(on.connection);
    other.execute(on.seven);
    other = std::move(moved);
    CHECK(joined(other.fetch_all()) == "5 6 ");
}

TEST_CASE("a row that cannot be read fails alone, also after the cursor has moved") {
    database db(":memory:");
    cursor<database, streaming<>, weft::tuples<std::int64_t>> c(db);
    c.execute("SELECT 1 UNION ALL SELECT 'two' UNION ALL SELECT 3");
    CHECK(c.fetch_one() == std::tuple<std::int64_t>(1));
    CHECK(message_of<weft::data_error>([&] { return c.fetch_one(); }) ==
          "column '1' (index 0), row 1: text 'two' cannot become int64");
    auto moved = std::move(c);
    CHECK_THROWS_AS(moved.fetch_one(), weft::data_error);
    moved.scroll(1);
    CHECK(moved.fetch_one() == std::tuple<std::int64_t>(3));
}

TEST_CASE("a conversion that fails in a batch leaves the cursor where it was, without rows of the failed batch") {
    database db(":memory:");
    cursor<database, buffered, weft::tuples<std::int64_t>> c(db);
    c.execute("SELECT 1 UNION ALL SELECT 'two' UNION ALL SELECT 3");
    CHECK_THROWS_AS(c.fetch_all(), weft::data_error);
    CHECK(c.row_number() == 0);
    c.scroll(2);
    CHECK(c.fetch_all() == std::vector{std::tuple<std::int64_t>(3)});
}

TEST_CASE("streaming never asks for more rows than it may hold") {
    counting_connection on;
    cursor<counting_connection, streaming<100>, number> c(on);
    c.execute("100000");
    CHECK(c.fetch_all().size() == 100'000);
    CHECK(on.largest_read == 100);
}

TEST_CASE("two cursors of one connection read independently") {
    on_sqlite on;
    cursor<database, streaming<>, number> a(on.connection);
    cursor<database, streaming<>, number> b(on.connection);
    a.execute(on.seven);
    b.execute(on.seven);
    CHECK(a.fetch_one() == std::tuple<std::int64_t>(0));
    CHECK(joined(b.fetch_many(3)) == "0 1 2 ");
    CHECK(joined(a.fetch_all()) == "1 2 3 4 5 6 ");
    b.close();
    a.execute(on.first_of, 1);
    CHECK(joined(a.fetch_all()) == "0 ");
}

TEST_CASE("the id of the last inserted row is known, and remarks come through") {
    database db(":memory:");
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)");
    cursor<database> c(db);
    c.execute("INSERT INTO t VALUES (41, 'a')");
    CHECK(c.last_insert_id() == 41);
    CHECK(c.row_count() == 1);
    c.execute("INSERT INTO t (a) VALUES (?), (?)", "b", "c");
    CHECK(c.last_insert_id() == 43);
    CHECK(db.last_insert_id() == 43);
    c.execute("INSERT INTO t (a) VALUES ('d') RETURNING id, a");
    CHECK(c.row_count() == 1);
    CHECK(c.fetch_one()->to_string() == "Row(id=44, a='d')");
    c.execute("SELECT 1");
    CHECK(c.last_insert_id() == 0);
    CHECK(c.warnings().empty());

    counting_connection counting;
    weft::cursor<counting_connection> remarks(counting);
    remarks.execute("1");
    REQUIRE(remarks.warnings().size() == 1);
    CHECK(remarks.warnings()[0].message == "counted");
}

TEST_CASE("close() executes the statements that were not reached, destruction does not") {
    database db(":memory:");
    db.execute("CREATE TABLE t (n INTEGER)");
    constexpr const char* script = "SELECT 1; INSERT INTO t VALUES (1)";
    {
        cursor<database> c(db);
        c.execute(script);
    }
    CHECK(db.query_value<int>("SELECT count(*) FROM t") == 0);
    cursor<database> c(db);
    c.execute(script);
    c.close();
    CHECK(db.query_value<int>("SELECT count(*) FROM t") == 1);
}

TEST_CASE("an error while fetching knows the statement and the call that executed it") {
    weft::embedded::database db(":memory:");
    db.execute("CREATE TABLE t(n INTEGER); INSERT INTO t VALUES (1), ('two')");
    auto cursor = db.make_cursor<weft::streaming<16>, weft::tuples<int>>();
    const auto line = std::source_location::current().line() + 1;
    cursor.execute("SELECT n FROM t ORDER BY rowid");
    REQUIRE(cursor.fetch_one());
    for (int attempt = 0; attempt < 2; ++attempt) {
        try {
            if (attempt == 0) {
                (void)cursor.fetch_one();
            } else {
                (void)cursor.fetch_all();
            }
            FAIL("text in an INTEGER column was read");
        } catch (const weft::data_error& e) {
            CHECK(e.diagnostics().attempted == "SELECT n FROM t ORDER BY rowid");
            CHECK(e.diagnostics().location.line() == line);
            CHECK(e.diagnostics().message.find("row 1") != std::string::npos);
        }
    }
}

TEMPLATE_LIST_TEST_CASE("fetch_into reads portions into the same memory", "", settings) {
    typename TestType::engine engine;
    typename TestType::template cursor<> c(engine.connection);
    std::vector<std::tuple<std::int64_t>> rows{{77}, {78}, {79}, {80}};
    CHECK_THROWS_AS(c.fetch_into(rows, 2), weft::programming_error);
    c.execute(TestType::engine::seven);
    const auto* const memory = rows.data();
    CHECK(c.fetch_into(rows, 3));
    CHECK(joined(rows) == "0 1 2 ");
    CHECK(rows.data() == memory);
    CHECK(c.fetch_into(rows, 2));
    CHECK(joined(rows) == "3 4 ");
    CHECK(rows.data() == memory);
    CHECK(c.fetch_into(rows, 100));
    CHECK(joined(rows) == "5 6 ");
    CHECK_FALSE(c.fetch_into(rows, 100));
    CHECK(rows.empty());
    c.execute(TestType::engine::affects_two);
    rows = {{1}};
    CHECK_FALSE(c.fetch_into(rows, 1));
    CHECK(rows.empty());
    c.execute(TestType::engine::seven);
    CHECK(c.fetch_into(rows, 4));
    CHECK(joined(c.fetch_all()) == "4 5 6 "); // what is left comes as ever
    CHECK(joined(rows) == "0 1 2 3 ");
}
