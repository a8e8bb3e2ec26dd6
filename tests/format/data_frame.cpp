// SPDX-License-Identifier: BSL-1.0
#include <weft/format/data_frame.hpp>

#include <weft/cursor.hpp>
#include <weft/embedded.hpp>
#include <weft/format/json.hpp>
#include <weft/format/records.hpp>

#include "sample_rows.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <limits>
#include <random>

using weft::data_frame;
using weft::type_id;
using weft::value;

namespace {

std::string text_of(const data_frame& frame) {
    return frame.to<weft::json>();
}

const sample_rows file_rows{
    {{"name", type_id::text},
     {"size", type_id::int64},
     {"share", type_id::float64},
     {"price", type_id::decimal},
     {"day", type_id::date}},
    {{value("b"), value(20), value(0.5), value(weft::decimal::parse("1.50")), value(weft::date(2024, 2, 29))},
     {value("a"), nullptr, value(1.5), value(weft::decimal::parse("0.25")), nullptr},
     {nullptr, value(5), nullptr, nullptr, value(weft::date(2023, 1, 1))},
     {value("b"), value(7), value(-2.0), value(weft::decimal::parse("2")), value(weft::date(2024, 3, 1))}}};

data_frame files() {
    return format_rows(data_frame(), file_rows);
}

// A random table in a database and the same as a frame: SQL is the reference.
struct reference {
    weft::embedded::database db{":memory:"};
    data_frame frame;

    explicit reference(unsigned seed, int rows) {
        db.execute("CREATE TABLE t (id INTEGER, k TEXT, n BIGINT, x DOUBLE)");
        std::mt19937 random(seed);
        const char* keys[] = {"red", "green", "", "bl\u00fce", "r"};
        for (int i = 0; i < rows; ++i) {
            const auto roll = random() % 6;
            std::optional<std::string> k;
            if (roll != 5) k = keys[roll];
            std::optional<std::int64_t> n;
            if (random() % 4 != 0) n = static_cast<std::int64_t>(random() % 9) - 4;
            std::optional<double> x;
            if (random() % 4 != 0) x = static_cast<double>(random() % 64) / 4 - 8;
            db.execute("INSERT INTO t VALUES (?, ?, ?, ?)", i, k, n, x);
        }
        frame = db.query<data_frame>("SELECT * FROM t ORDER BY id");
    }

    std::string sql(std::string_view text) { return db.query<weft::json>(text); }
};

} // namespace

TEST_CASE("A data frame comes from a query and shows its columns") {
    const data_frame frame = files();
    CHECK(frame.rows() == 4);
    CHECK(frame.columns() == 5);
    CHECK(frame.names() == std::vector<std::string>{"name", "size", "share", "price", "day"});
    CHECK(frame.at("size", 0).int64() == 20);
    CHECK(frame["size"].null_count() == 1);
    CHECK(frame.values<double>("share")[3] == -2.0);
    CHECK_THROWS_AS(frame["none"], weft::programming_error);
    CHECK_THROWS_AS(frame.at("size", 4), weft::programming_error);
    CHECK(data_frame().rows() == 0);
    CHECK(data_frame().to_string() == "0 rows × 0 columns\n");
}

TEST_CASE("Names in a data frame are unique") {
    const sample_rows rows{{{"id", type_id::int64, "a"}, {"id", type_id::int64, "b"}}, {{value(1), value(2)}}};
    const data_frame frame = format_rows(data_frame(), rows);
    CHECK(frame.names() == std::vector<std::string>{"id", "b.id"});
    CHECK(frame.at("b.id", 0).int64() == 2);
    CHECK(frame.select({"id", "id"}).names() == std::vector<std::string>{"id", "a.id"});
}

TEST_CASE("Columns are selected, dropped and renamed without copying them") {
    const data_frame frame = files();
    const data_frame picked = frame.select({"size", "name"});
    CHECK(picked.names() == std::vector<std::string>{"size", "name"});
    CHECK(picked["size"].layout().values.data == frame["size"].layout().values.data);
    CHECK(frame.drop("size").names() == std::vector<std::string>{"name", "share", "price", "day"});
    CHECK(frame.rename("size", "bytes").at("bytes", 3).int64() == 7);
    CHECK(frame.rename("size", "size").names() == frame.names());
    CHECK_THROWS_AS(frame.rename("size", "name"), weft::programming_error);
    CHECK_THROWS_AS(frame.select({"size", "none"}), weft::programming_error);
}

TEST_CASE("Rows of a data frame are filtered in three ways") {
    const data_frame frame = files();
    const std::string expected = text_of(frame.take(std::vector<std::size_t>{0, 3}));
    CHECK(text_of(frame.filter("size", weft::greater(5))) == expected);
    CHECK(text_of(frame.filter("size", weft::greater(5.5))) == expected);
    CHECK(text_of(frame.filter<std::int64_t>("size", [](std::int64_t v) { return v > 5; })) == expected);
    CHECK(text_of(frame.filter([](const weft::frame_row& row) {
              return !row["size"].is_null() && row.get<std::int64_t>("size") > 5;
          })) == expected);
    CHECK(text_of(frame.filter("day", weft::greater_equal("2024-02-29"))) == expected);
    CHECK(text_of(frame.filter("day", weft::greater_equal(weft::datetime(weft::date(2024, 2, 28), weft::time())))) ==
          expected);
    CHECK(text_of(frame.filter("price", weft::greater(weft::decimal::parse("0.250")))) == expected);
    CHECK(text_of(frame.filter("price", weft::greater("0.250"))) == expected);
    CHECK(text_of(frame.filter("name", weft::equal_to("b"))) == expected);
    CHECK(frame.filter("size", weft::is_null()).rows() == 1);
    CHECK(frame.filter("size", weft::is_not_null()).rows() == 3);
    CHECK(frame.filter("size", weft::not_equal_to(5)).rows() == 2);
    CHECK(frame.filter("size", weft::between(5, 7)).rows() == 2);
    CHECK(frame.filter("size", weft::less(0)).rows() == 0);
    CHECK_THROWS_AS(frame.filter("name", weft::greater(1)), weft::programming_error);
    CHECK_THROWS_AS(frame.filter("day", weft::greater("yesterday")), weft::data_error);
    CHECK_THROWS_AS(weft::greater(nullptr), weft::programming_error);
    CHECK_THROWS_AS(frame.filter<std::int64_t>("name", [](std::int64_t) { return true; }), weft::programming_error);
    CHECK_THROWS_AS(frame.filter<std::int8_t>("none", [](std::int8_t) { return true; }), weft::programming_error);
}

TEST_CASE("Numbers of different types are compared exactly") {
    constexpr std::int64_t big = (std::int64_t{1} << 53) + 1;
    const sample_rows rows{{{"i", type_id::int64}, {"u", type_id::uint64}},
                           {{value(big), value(std::numeric_limits<std::uint64_t>::max())},
                            {value(std::numeric_limits<std::int64_t>::min()), value(std::uint64_t{0})}}};
    const data_frame frame = format_rows(data_frame(), rows);
    CHECK(frame.filter("i", weft::greater(9007199254740992.0)).rows() == 1); // equal once rounded
    CHECK(frame.filter("i", weft::equal_to(9007199254740992.0)).rows() == 0);
    CHECK(frame.filter("i", weft::less(-9.3e18)).rows() == 0);
    CHECK(frame.filter("i", weft::equal_to(-9223372036854775808.0)).rows() == 1);
    CHECK(frame.filter("u", weft::less(18446744073709551616.0)).rows() == 2);
    CHECK(frame.filter("u", weft::greater(-1)).rows() == 2);
    CHECK(frame.filter("u", weft::less_equal(-0.5)).rows() == 0);
    CHECK(frame.filter("i", weft::equal_to(weft::decimal::parse("9007199254740993.00"))).rows() == 1);
    CHECK(frame.filter("i", weft::not_equal_to(std::nan(""))).rows() == 2);
    CHECK(frame.filter("i", weft::less(std::nan(""))).rows() == 0);
}

TEST_CASE("Filtering, sorting and grouping agree with SQL") {
    for (unsigned seed = 0; seed < 12; ++seed) {
        reference r(seed, seed == 0 ? 0 : 70);
        const data_frame& t = r.frame;
        if (t.empty()) { // types of an empty result are those declared
            CHECK(t.sort("n").group_by({"k"}).count().rows() == 0);
            continue;
        }
        CHECK(text_of(t) == r.sql("SELECT * FROM t ORDER BY id"));
        CHECK(text_of(t.filter("n", weft::greater_equal(1))) == r.sql("SELECT * FROM t WHERE n >= 1 ORDER BY id"));
        CHECK(text_of(t.filter("x", weft::less(0))) == r.sql("SELECT * FROM t WHERE x < 0 ORDER BY id"));
        CHECK(text_of(t.filter("k", weft::not_equal_to("red"))) ==
              r.sql("SELECT * FROM t WHERE k <> 'red' ORDER BY id"));
        CHECK(text_of(t.sort("n")) == r.sql("SELECT * FROM t ORDER BY n NULLS LAST, id"));
        CHECK(text_of(t.sort("x", weft::descending)) == r.sql("SELECT * FROM t ORDER BY x DESC NULLS LAST, id"));
        CHECK(text_of(t.sort({{"k"}, {"n", weft::descending}, {"x"}})) ==
              r.sql("SELECT * FROM t ORDER BY k NULLS LAST, n DESC NULLS LAST, x NULLS LAST, id"));
        CHECK(text_of(t.slice(10, 20)) == r.sql("SELECT * FROM t ORDER BY id LIMIT 20 OFFSET 10"));
        CHECK(text_of(t.tail(3)) == r.sql("SELECT * FROM t ORDER BY id LIMIT 3 OFFSET (SELECT COUNT(*) - 3 FROM t)"));
        CHECK(text_of(t.unique({"k", "n"}).select({"k", "n"})) ==
              r.sql("SELECT k, n FROM t GROUP BY k, n ORDER BY MIN(id)"));
        CHECK(text_of(t.value_counts("k")) ==
              r.sql("SELECT k, COUNT(*) AS count FROM t GROUP BY k ORDER BY COUNT(*) DESC, MIN(id)"));
        const weft::grouping groups = t.group_by({"k"});
        const auto grouped = [&](std::string_view what) {
            return r.sql("SELECT k, " + std::string(what) + " FROM t GROUP BY k ORDER BY MIN(id)");
        };
        CHECK(text_of(groups.count()) == grouped("COUNT(*) AS count"));
        CHECK(text_of(groups.count({"n", "x"})) == grouped("COUNT(n) AS n, COUNT(x) AS x"));
        CHECK(text_of(groups.sum({"n", "x"})) == grouped("SUM(n) AS n, SUM(x) AS x"));
        CHECK(text_of(groups.mean("x")) == grouped("AVG(x) AS x"));
        CHECK(text_of(groups.min({"n", "x"})) == grouped("MIN(n) AS n, MIN(x) AS x"));
        CHECK(text_of(groups.max({"n", "x"})) == grouped("MAX(n) AS n, MAX(x) AS x"));
        CHECK(text_of(t.group_by({"n", "k"}).max("id")) ==
              r.sql("SELECT n, k, MAX(id) AS id FROM t GROUP BY n, k ORDER BY MIN(id)"));
    }
}

TEST_CASE("Sums are exact or refused") {
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    const sample_rows rows{
        {{"k", type_id::text},
         {"n", type_id::int64},
         {"u", type_id::uint64},
         {"d", type_id::decimal},
         {"x", type_id::float64}},
        {{value("a"), value(most), value(std::numeric_limits<std::uint64_t>::max()),
          value(weft::decimal::parse("0.10")), value(1e100)},
         {value("b"), value(1), value(std::uint64_t{1}), value(weft::decimal::parse("0.20")), value(1.0)},
         {value("a"), value(-1), nullptr, value(weft::decimal::parse("12345678901234567890.25")), value(1.0)},
         {value("a"), nullptr, nullptr, nullptr, value(-1e100)},
         {value("c"), nullptr, nullptr, nullptr, nullptr}}};
    const data_frame frame = format_rows(data_frame(), rows);
    CHECK(text_of(frame.group_by("k").sum({"n", "u", "d", "x"})) ==
          R"([{"k":"a","n":9223372036854775806,"u":18446744073709551615,"d":12345678901234567890.35,"x":1},)"
          R"({"k":"b","n":1,"u":1,"d":0.20,"x":1},{"k":"c","n":null,"u":null,"d":null,"x":null}])");
    CHECK_THROWS_AS(frame.group_by({}).sum("n"), weft::data_error);
    CHECK_THROWS_AS(frame.group_by({}).sum("u"), weft::data_error);
    CHECK_THROWS_AS(frame.group_by({}).sum("k"), weft::programming_error);
    CHECK_THROWS_AS(frame.group_by("none"), weft::programming_error);
    CHECK(text_of(frame.group_by("k").max("d")) ==
          R"([{"k":"a","d":12345678901234567890.25},{"k":"b","d":0.20},{"k":"c","d":null}])");
}

TEST_CASE("Sorting is stable and puts NaN and NULL last") {
    const sample_rows rows{{{"x", type_id::float64}, {"i", type_id::int64}},
                           {{value(std::nan("")), value(0)},
                            {value(-0.0), value(1)},
                            {nullptr, value(2)},
                            {value(0.0), value(3)},
                            {value(-1e300), value(4)},
                            {value(INFINITY), value(5)}}};
    const data_frame frame = format_rows(data_frame(), rows);
    const auto order = [](const data_frame& f) {
        std::string text;
        for (std::size_t r = 0; r < f.rows(); ++r) text += std::to_string(f.at("i", r).int64());
        return text;
    };
    CHECK(order(frame.sort("x")) == "413502");
    CHECK(order(frame.sort("x", weft::descending)) == "051342");
    CHECK(frame.group_by("x").size() == 5); // the two zeros are one
    const data_frame vectors =
        format_rows(data_frame(), {{{"v", type_id::vector}}, {{value(std::vector<float>{1, 2})}}});
    CHECK_THROWS_AS(vectors.sort("v"), weft::programming_error);
}

TEST_CASE("Rows of every type survive being taken") {
    std::mt19937 random(3);
    const sample_rows types{{{"b", type_id::boolean},
                             {"i8", type_id::int8},
                             {"u16", type_id::uint16},
                             {"f", type_id::float32},
                             {"d", type_id::decimal},
                             {"day", type_id::date},
                             {"t", type_id::time},
                             {"at", type_id::datetime},
                             {"s", type_id::text},
                             {"raw", type_id::blob},
                             {"j", type_id::json},
                             {"v", type_id::vector},
                             {"nothing", type_id::any}},
                            {}};
    sample_rows rows = types;
    for (int r = 0; r < 40; ++r) {
        const auto n = static_cast<int>(random() % 100);
        std::vector<value> row{value(n % 2 == 0),
                               value(n),
                               value(n),
                               value(n / 4.0),
                               value(weft::decimal::from_int64(n)),
                               value(weft::date::from_days(n)),
                               value(weft::time::from_microseconds(n)),
                               value(weft::datetime::from_microseconds(n)),
                               value(std::string(static_cast<std::size_t>(n % 5), 'x')),
                               value(weft::blob(static_cast<std::size_t>(n % 3))),
                               value(weft::json_text(std::to_string(n))),
                               value(std::vector<float>{static_cast<float>(n), 1}),
                               nullptr};
        for (value& v : row) {
            if (random() % 5 == 0) v = nullptr;
        }
        rows.content.push_back(std::move(row));
    }
    const data_frame frame = format_rows(data_frame(), rows).slice(3, 30); // bitmaps that do not begin at a byte
    sample_rows expected = types;
    std::vector<std::size_t> taken;
    for (int i = 0; i < 50; ++i) {
        taken.push_back(random() % 30);
        expected.content.push_back(rows.content[3 + taken.back()]);
    }
    CHECK(text_of(frame.take(taken)) == text_of(format_rows(data_frame(), expected)));
    CHECK(frame.take({}).rows() == 0);
    CHECK_THROWS_AS(frame.take(std::vector<std::size_t>{30}), weft::programming_error);
}

TEST_CASE("A data frame is described column by column") {
    const sample_rows rows{
        {{"n", type_id::int64}, {"s", type_id::text}, {"one", type_id::float64}, {"none", type_id::text}},
        {{value(1), value("a"), nullptr, nullptr},
         {value(2), value("b"), value(2.5), nullptr},
         {value(3), value("b"), nullptr, nullptr},
         {value(10), nullptr, nullptr, nullptr}}};
    const data_frame summary = format_rows(data_frame(), rows).describe();
    // Reference: pandas' describe() of [1, 2, 3, 10].
    CHECK(
        text_of(summary.drop("std")) ==
        R"([{"column":"n","type":"int64","count":4,"nulls":0,"mean":4,"min":1,"25%":1.75,"50%":2.5,"75%":4.75,"max":10,"unique":null,"top":null,"top_count":null},)"
        R"({"column":"s","type":"text","count":3,"nulls":1,"mean":null,"min":null,"25%":null,"50%":null,"75%":null,"max":null,"unique":2,"top":"b","top_count":2},)"
        R"({"column":"one","type":"float64","count":1,"nulls":3,"mean":2.5,"min":2.5,"25%":2.5,"50%":2.5,"75%":2.5,"max":2.5,"unique":null,"top":null,"top_count":null},)"
        R"({"column":"none","type":"text","count":0,"nulls":4,"mean":null,"min":null,"25%":null,"50%":null,"75%":null,"max":null,"unique":null,"top":null,"top_count":null}])");
    CHECK(std::fabs(summary.at("std", 0).float64() - 4.08248290463863) < 1e-13);
    CHECK(summary.at("std", 2).is_null());
}

struct file_record {
    std::optional<std::string> name;
    std::optional<std::int64_t> size;
};

TEST_CASE("Rows of a data frame become structs and text") {
    const auto records = files().select({"name", "size"}).to_records<file_record>();
    REQUIRE(records.size() == 4);
    CHECK(records[0].name == "b");
    CHECK(!records[1].size);
    CHECK(records[3].size == 7);
    CHECK(files().select({"name", "size"}).to_string(3) == "+------+------+\n"
                                                           "| name | size |\n"
                                                           "+------+------+\n"
                                                           "| b    |   20 |\n"
                                                           "| a    | NULL |\n"
                                                           "| …    |    … |\n"
                                                           "| b    |    7 |\n"
                                                           "+------+------+\n"
                                                           "4 rows × 2 columns\n");
    CHECK(files().to_string(4).find("…") == std::string::npos);
    CHECK(files().to_string(1).find("0.5") != std::string::npos);
}
