// SPDX-License-Identifier: BSL-1.0

// A format, a buffering strategy and a connection (counting_connection) of a user's own, each with the built-in others.

#include <weft/connect/any_connection.hpp>
#include <weft/cursor.hpp>
#include <weft/embedded.hpp>
#include <weft/format/columns.hpp>
#include <weft/format/dicts.hpp>
#include <weft/format/tuples.hpp>

#include "counting_connection.hpp"

#include <catch2/catch_test_macros.hpp>

#include <numeric>

using weft::embedded::database;

namespace {

/// The sum of all values of a result.
struct total {
    using result_type = double;

    class reader {
    public:
        explicit reader(std::size_t columns) : columns_(columns) {}

        template <weft::block B>
        void append(const B& rows, weft::row_range range) {
            for (std::size_t c = 0; c < columns_; ++c) {
                for (std::size_t r = 0; r < range.count; ++r) {
                    double v = 0;
                    weft::read_cell(rows.at(c, range.first + r), v, {"value", c, range.number + r});
                    sum_ += v;
                }
            }
        }
        double finish() { return std::exchange(sum_, 0.0); }

    private:
        std::size_t columns_;
        double sum_ = 0;
    };

    reader bind(const weft::schema& layout) const { return reader(layout.size()); }
};

/// Keeps all rows, but refuses results of more than `Most`.
template <std::size_t Most>
struct at_most {
    static constexpr std::size_t batch_rows = 0;

    template <weft::statement_result R>
    class store : public weft::buffered::store<R> {
    public:
        void open(R& result) {
            weft::buffered::store<R>::open(result);
            if (this->size() > Most) throw weft::operational_error("more than " + std::to_string(Most) + " rows");
        }
    };
};

/// A connection that can be closed, so that an any_connection can own it.
class closable_connection : public weft::connection_interface<closable_connection> {
public:
    static constexpr weft::sql_dialect dialect{};
    counting_connection::result_type run(std::string_view text, std::span<const weft::cell> cells) {
        if (!open_) throw weft::programming_error("closed");
        return inner_->run(text, cells);
    }
    void close() { open_ = false; }
    bool is_open() const { return open_; }

private:
    std::unique_ptr<counting_connection> inner_ = std::make_unique<counting_connection>();
    bool open_ = true;
};

struct not_a_format {
    using result_type = int;
};
struct binds_only {
    using result_type = int;
    int bind(const weft::schema&) const { return 0; }
};
struct no_store {};
struct runs_nothing {
    static constexpr weft::sql_dialect dialect{};
};
struct runs_to_an_integer : runs_nothing {
    int run(std::string_view, std::span<const weft::cell>) { return 0; }
};

using sql_result = weft::result_of<database>;
using count_result = weft::result_of<counting_connection>;

static_assert(weft::result_format<total> && !weft::row_format<total>);
static_assert(weft::format_of<total, weft::cell_block> && weft::format_of<total, counting_connection::numbers>);
static_assert(weft::buffering_of<at_most<3>, sql_result> && weft::buffering_of<at_most<3>, count_result>);
static_assert(weft::connection<counting_connection> && !weft::bulk_connection<counting_connection>);
static_assert(weft::block_source<count_result> && !weft::row_source<count_result>);
static_assert(weft::connection<database> && weft::bulk_connection<database>);
static_assert(weft::row_source<sql_result> && !weft::block_source<sql_result>);
static_assert(weft::erasable_connection<closable_connection> && !weft::erasable_connection<counting_connection>);
static_assert(weft::connection<weft::any_connection>);
static_assert(weft::composable<counting_connection, at_most<3>, total>);
static_assert(weft::composable<database, at_most<3>, total>);
static_assert(weft::composable<weft::any_connection, at_most<3>, total>);

static_assert(!weft::result_format<not_a_format> && !weft::result_format<binds_only> && !weft::result_format<int>);
static_assert(!weft::buffering_of<no_store, sql_result>);
static_assert(!weft::connection<runs_nothing> && !weft::connection<runs_to_an_integer> && !weft::connection<int>);
static_assert(!weft::composable<database, weft::buffered, not_a_format>);
static_assert(!weft::composable<database, no_store, weft::dicts>);
static_assert(!weft::composable<runs_nothing, weft::buffered, weft::dicts>);
static_assert(!weft::block<int>);

} // namespace

TEST_CASE("a user's format works with built-in connections and buffering") {
    database db(":memory:");
    constexpr const char* sql = "SELECT 1, 2.5 UNION ALL SELECT 10, 20";
    CHECK(db.query<total>(sql) == 33.5);
    weft::cursor<database, weft::buffered, total> buffered(db);
    buffered.execute(sql);
    CHECK(buffered.fetch_one() == 3.5);
    CHECK(buffered.fetch_all() == 30.0);
    weft::cursor<database, weft::streaming<1>, total> streamed(db);
    streamed.execute(sql);
    std::vector<double> batches;
    for (const double batch : streamed) batches.push_back(batch);
    CHECK(batches == std::vector{3.5, 30.0});
    weft::any_connection any{database(":memory:")};
    CHECK(any.query<total>(sql) == 33.5);
}

TEST_CASE("a user's buffering works with built-in connections and formats") {
    database db(":memory:");
    weft::cursor<database, at_most<3>, weft::tuples<int>> c(db);
    CHECK(c.execute("VALUES (1), (2), (3)") == 3);
    c.scroll(2);
    CHECK(c.fetch_one() == std::tuple(3));
    CHECK_THROWS_AS(c.execute("VALUES (1), (2), (3), (4)"), weft::operational_error);
    CHECK(c.execute("VALUES (1)") == 1);
    c.execute("VALUES (1); VALUES (1), (2), (3), (4)");
    CHECK_THROWS_AS(c.next_set(), weft::operational_error);
    weft::cursor<database, at_most<3>, weft::columns> columns(db);
    columns.execute("VALUES (1), (2)");
    CHECK(columns.fetch_all().rows() == 2);
}

TEST_CASE("a user's connection works with built-in formats and buffering") {
    counting_connection on;
    CHECK(on.query<weft::tuples<int>>("3").back() == std::tuple(2));
    CHECK(on.query<weft::dicts>("-4 2").back()["n"] == weft::value(1));
    CHECK(on.query_value<int>("?", 1) == 0);
    const auto columns = on.query<weft::columns>("10000");
    const auto values = columns.values<std::int64_t>("n");
    CHECK(std::accumulate(values.begin(), values.end(), std::int64_t{0}) == 49'995'000);
    weft::cursor<counting_connection> buffered(on);
    CHECK(buffered.execute("10000") == 10'000);
    buffered.scroll(9'999);
    CHECK(buffered.fetch_one()->to_string() == "Row(n=9999)");
    buffered.scroll(4'096, weft::scroll_mode::absolute);
    CHECK(buffered.fetch_one()->to_string() == "Row(n=4096)");
    CHECK(on.execute("-1 5 -2") == 3);
}

TEST_CASE("all three together, and behind a connection whose kind is known at run time") {
    counting_connection on;
    weft::cursor<counting_connection, at_most<3>, total> c(on);
    CHECK(c.execute("3") == 3);
    CHECK(c.fetch_all() == 3.0);
    CHECK_THROWS_AS(c.execute("4"), weft::operational_error);

    weft::any_connection any{closable_connection()};
    CHECK(any.query<total>("3") == 3.0);
    CHECK(any.get_if<closable_connection>() != nullptr);
    CHECK(any.get_if<database>() == nullptr);
    std::int64_t rows = 0;
    for (auto& [n] : any.stream<weft::tuples<std::int64_t>, 7>("100")) rows += n == rows ? 1 : 1000;
    CHECK(rows == 100);
    weft::cursor<weft::any_connection> sets(any);
    sets.execute("2 -3 1");
    CHECK(sets.next_set());
    CHECK(sets.row_count() == 3);
    CHECK(sets.next_set());
    CHECK(sets.fetch_all().size() == 1);
    any.close();
    CHECK_THROWS_AS(any.query<total>("3"), weft::programming_error);
}
