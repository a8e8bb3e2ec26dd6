// SPDX-License-Identifier: BSL-1.0
#include <weft/columnar/cell_block.hpp>
#include <weft/cursor.hpp>
#include <weft/cursor/connection_interface.hpp>
#include <weft/format/arrow.hpp>
#include <weft/transfer/arrow_stream.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <memory>
#include <string>
#include <vector>

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace {

// How far the result of the engine below has been read, and whether it is still open.
struct progress {
    std::int64_t read = 0;
    bool open = false;
};

// An engine whose statements are numbers: that many rows of (n, n squared). Row 5000, if it comes to that, is
// malformed.
class numbers_result {
public:
    using block_type = weft::cell_block;

    numbers_result(std::int64_t rows, std::shared_ptr<progress> seen) : rows_(rows), seen_(std::move(seen)) {
        seen_->open = true;
    }
    numbers_result(numbers_result&&) = default;
    numbers_result& operator=(numbers_result&&) = default;
    ~numbers_result() {
        if (seen_) seen_->open = false;
    }

    std::shared_ptr<const weft::schema> layout() const { return layout_; }

    bool read(weft::cell_block& into, std::size_t count) {
        into.reset(layout_);
        for (std::size_t i = 0; i < count && seen_->read < rows_; ++i) {
            into.append(one_row{this, seen_->read++}, {0, 1, 0});
        }
        return into.rows() != 0;
    }

    bool next_set() {
        seen_->open = false;
        return false;
    }
    std::int64_t affected_rows() const { return 0; }
    std::int64_t last_insert_id() const { return 0; }
    std::vector<weft::warning> warnings() const { return {}; }

private:
    struct one_row {
        const numbers_result* result;
        std::int64_t n;

        std::size_t rows() const { return 1; }
        const weft::schema& layout() const { return *result->layout_; }
        weft::cell at(std::size_t column, std::size_t) const {
            if (column == 1 && n == 5000) return weft::cell::of_text("five thousand");
            return weft::cell(column == 0 ? n : n * n);
        }
    };

    std::shared_ptr<const weft::schema> layout_ = std::make_shared<const weft::schema>(std::vector<weft::field>{
        {"n", weft::type_id::int64, false, {}, {}}, {"square", weft::type_id::any, true, {}, {}}});
    std::int64_t rows_;
    std::shared_ptr<progress> seen_;
};

class numbers : public weft::connection_interface<numbers> {
public:
    static constexpr weft::sql_dialect dialect{};
    numbers_result run(std::string_view sql, std::span<const weft::cell>) {
        seen = std::make_shared<progress>();
        return {std::stoll(std::string(sql)), seen};
    }
    std::shared_ptr<progress> seen;
};

static_assert(weft::connection<numbers>);

} // namespace

TEST_CASE("a streamed result is read as its consumer asks") {
    numbers db;
    weft::arrow_stream stream = weft::stream_arrow<100>(db, "1050");
    CHECK(db.seen->read <= 100);
    CHECK(stream.schema()[1].type == weft::type_id::int64);
    std::int64_t rows = 0;
    for (const weft::record_batch& batch : stream) {
        CHECK(batch.rows() <= 100);
        for (std::size_t r = 0; r < batch.rows(); ++r, ++rows) REQUIRE(batch.at(1, r).int64() == rows * rows);
        CHECK(db.seen->read <= rows + 100);
    }
    CHECK(rows == 1050);
}

TEST_CASE("a stream that is dropped closes its result") {
    numbers db;
    {
        weft::arrow_stream stream = weft::stream_arrow<10>(db, "1000");
        REQUIRE(stream.next());
        CHECK(db.seen->open);
    }
    CHECK_FALSE(db.seen->open);
    CHECK(db.seen->read < 1000);
}

TEST_CASE("a result without rows is one batch without rows") {
    numbers db;
    weft::arrow_stream stream = weft::stream_arrow(db, "0");
    CHECK(stream.schema().size() == 2);
    const auto batch = stream.next();
    REQUIRE(batch);
    CHECK(batch->rows() == 0);
    CHECK_FALSE(stream.next());
}

TEST_CASE("an error in the middle reaches the consumer") {
    numbers db;
    weft::arrow_stream stream = weft::stream_arrow<1000>(db, "9000");
    for (int i = 0; i < 5; ++i) REQUIRE(stream.next());
    CHECK_THROWS_MATCHES(stream.next(), weft::data_error,
                         MessageMatches(ContainsSubstring("column 'square'") && ContainsSubstring("row 5000") &&
                                        ContainsSubstring("five thousand")));
}

TEST_CASE("cursors that are buffered, or have been read from, can be streamed too") {
    numbers db;
    auto rows = db.make_cursor<weft::buffered, weft::columns>();
    rows.execute("7");
    CHECK(rows.fetch_many(2).rows() == 2);
    weft::arrow_stream stream = weft::to_arrow_stream(std::move(rows));
    const auto batch = stream.next();
    REQUIRE(batch);
    CHECK(batch->rows() == 5);
    CHECK(batch->at(0, 0).int64() == 2);
    CHECK_FALSE(stream.next());
}

TEST_CASE("query<arrow> gives the whole result as a stream") {
    numbers db;
    weft::arrow_stream stream = db.query<weft::arrow>("3000");
    CHECK(db.seen->read == 3000);
    const std::vector<weft::record_batch> batches = weft::import_stream(std::move(stream));
    REQUIRE(batches.size() == 1);
    CHECK(batches[0].rows() == 3000);
    CHECK(batches[0].at(1, 2999).int64() == 2999 * 2999);
}
