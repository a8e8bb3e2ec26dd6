// SPDX-License-Identifier: BSL-1.0
//
// Claim: handing a batch to an Arrow consumer copies nothing. A batch of a million rows is exported through the C data
// interface and walked by a consumer that knows only the C structs; the peer walks weft's own arrays in place. The walk
// is the same arithmetic, so the ratio is 1 when export is free; the pointers of both are compared as well.

#include "measure.hpp"

#include <weft/columnar/arrow_export.hpp>
#include <weft/columnar/record_batch.hpp>
#include <weft/embedded.hpp>
#include <weft/format/columns.hpp>

#include <cstdint>
#include <string>

namespace {

constexpr std::size_t row_count = 1'000'000;

struct sums {
    std::int64_t ids = 0;
    double scores = 0;
    std::int64_t characters = 0;
};

sums walk(const std::int64_t* ids, const double* scores, const std::int32_t* offsets, const char* characters,
          std::size_t rows) {
    sums total;
    for (std::size_t i = 0; i < rows; ++i) {
        total.ids += ids[i];
        total.scores += scores[i];
        total.characters += characters[offsets[i + 1] - 1];
    }
    return total;
}

sums walk_in_place(const weft::record_batch& batch) {
    const auto& names = batch["name"].layout();
    return walk(batch.values<std::int64_t>("id").data(), batch.values<double>("score").data(),
                names.values.as<std::int32_t>(), names.characters.as<char>(), batch.rows());
}

sums walk_exported(const ArrowArray& array) {
    const auto data = [&](int column, int buffer) { return array.children[column]->buffers[buffer]; };
    return walk(static_cast<const std::int64_t*>(data(0, 1)), static_cast<const double*>(data(1, 1)),
                static_cast<const std::int32_t*>(data(2, 1)), static_cast<const char*>(data(2, 2)),
                static_cast<std::size_t>(array.length));
}

void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "arrow_export: %s\n", what);
    std::exit(1);
}

} // namespace

int main() {
    weft::embedded::database db(":memory:");
    const weft::record_batch batch =
        db.query<weft::columns>("WITH RECURSIVE n(id) AS (SELECT 0 UNION ALL SELECT id + 1 FROM n WHERE id < ?) "
                                "SELECT id, id * 0.5 AS score, 'name ' || id AS name FROM n",
                                static_cast<std::int64_t>(row_count - 1));
    const sums expected = walk_in_place(batch);
    {
        const weft::arrow_batch exported = weft::export_batch(batch);
        const ArrowArray& array = *exported.rows.get();
        require(array.children[0]->buffers[1] == batch["id"].layout().values.data, "the ids were copied");
        require(array.children[1]->buffers[1] == batch["score"].layout().values.data, "the scores were copied");
        require(array.children[2]->buffers[2] == batch["name"].layout().characters.data, "the texts were copied");
    }
    const double export_only = measure::seconds([&] {
        for (int i = 0; i < 1000; ++i) (void)weft::export_batch(batch);
    });
    std::printf("%zu rows x (int64, double, text); one export takes %.2f us, whatever the number of rows\n", row_count,
                export_only * 1e3);
    measure::versus(
        "arrow_export", row_count,
        [&] {
            require(walk_in_place(batch).characters == expected.characters, "another sum in place");
            return batch.rows();
        },
        [&] {
            const weft::arrow_batch exported = weft::export_batch(batch);
            const sums total = walk_exported(*exported.rows.get());
            require(total.ids == expected.ids && total.characters == expected.characters, "another sum");
            return static_cast<std::size_t>(exported.rows.get()->length);
        },
        25);
}
