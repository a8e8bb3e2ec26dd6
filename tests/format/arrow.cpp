// SPDX-License-Identifier: BSL-1.0
#include <weft/columnar/cell_block.hpp>
#include <weft/format/arrow.hpp>

#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <string>
#include <vector>

using weft::cell;
using weft::type_id;

static_assert(weft::result_format<weft::arrow>);
static_assert(weft::format_of<weft::arrow, weft::record_batch>);
static_assert(weft::format_of<weft::arrow, weft::cell_block>);
static_assert(!weft::row_format<weft::arrow>);

namespace {

// A column without declared type.
struct one_column {
    weft::schema s{{{"c", type_id::any, true, {}, {}}}};
    std::vector<cell> cells;

    std::size_t rows() const { return cells.size(); }
    const weft::schema& layout() const { return s; }
    cell at(std::size_t, std::size_t row) const { return cells[row]; }
};

std::string text_of(weft::arrow_stream stream) {
    std::string text;
    for (const weft::record_batch& batch : stream) {
        for (std::size_t r = 0; r < batch.rows(); ++r) {
            const weft::value v(batch.at(0, r));
            text += (v.is_null() ? "-" : v.to_string()) + ' ';
        }
        text += "| ";
    }
    return text;
}

cell number(std::int64_t v) {
    return cell(v);
}

} // namespace

TEST_CASE("a result becomes a stream of batches of equal size") {
    one_column source;
    for (std::int64_t i = 0; i < 10; ++i) source.cells.push_back(number(i));
    auto reader = weft::arrow{.batch_rows = 4}.bind(source.s);
    reader.append(source, {0, 3, 0});
    reader.append(source, {3, 7, 3});
    CHECK(text_of(reader.finish()) == "0 1 2 3 | 4 5 6 7 | 8 9 | ");
    reader.append(source, {0, 1, 0}); // the reader goes on empty
    CHECK(text_of(reader.finish()) == "0 | ");
}

TEST_CASE("a result without rows still has its columns") {
    const one_column source;
    auto reader = weft::arrow().bind(source.s);
    weft::arrow_stream stream = reader.finish();
    REQUIRE(stream.schema().size() == 1);
    CHECK(stream.schema()[0].name == "c");
    CHECK(text_of(std::move(stream)) == "| ");
}

TEST_CASE("columns without declared type widen over all batches") {
    one_column source;
    source.cells = {cell(), cell(), number(1), number(2), cell(0.5), number(3)};
    auto reader = weft::arrow{.batch_rows = 2}.bind(source.s);
    reader.append(source, {0, 6, 0});
    weft::arrow_stream stream = reader.finish();
    CHECK(stream.schema()[0].type == type_id::float64);
    CHECK(text_of(std::move(stream)) == "- - | 1 2 | 0.5 3 | ");
}
