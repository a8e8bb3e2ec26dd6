// SPDX-License-Identifier: BSL-1.0
// Streams for programs in other languages: each function fills the ArrowArrayStream it is given, as any producer does.
#include "../columnar/samples.hpp"

#include <weft/embedded/database.hpp>
#include <weft/transfer/arrow_stream.hpp>

#include <optional>
#include <utility>
#include <vector>

namespace {

std::vector<weft::record_batch> sample_batches() {
    samples::random_source random(2);
    std::vector<weft::record_batch> batches;
    for (const std::size_t rows : {0U, 100U, 33U}) batches.push_back(samples::random_batch(random, rows));
    batches.push_back(batches[1].slice(13, 50));
    return batches;
}

weft::record_batch typed_batch() {
    using weft::cell;
    using weft::data_type;
    using weft::value;
    using enum weft::type_id;
    std::vector<weft::field> fields;
    std::vector<weft::array> columns;
    const auto add = [&](const char* name, data_type type, const value& content) {
        const weft::field& f = fields.emplace_back(weft::field{name, std::move(type), true, {}, {}});
        weft::column_builder builder(f);
        builder.append(content.view());
        builder.append_null();
        columns.push_back(builder.finish());
    };
    add("date", date, value(cell::of_days(-1)));
    add("time", time, value(cell::of_time(-1'500'000)));
    add("datetime", datetime, value(cell::of_datetime(1'000'001)));
    add("narrow", data_type::decimal(10, 2), value(cell::of_decimal_text("-1.50")));
    add("wide", data_type::decimal(50, 10), value(cell::of_decimal_text("1234567890123456789012345678901234567890.1")));
    add("blob", blob, value(cell::of_blob(std::vector<std::byte>{std::byte{0}, std::byte{255}})));
    add("vector", data_type::vector(2), value(std::vector<float>{0.5F, -2}));
    add("numbers", data_type::list({"item", int64, true, {}, {}}),
        value::list({value(cell(std::int64_t{1})), value()}));
    add("point", data_type::structure({{"x", int32, true, {}, {}}, {"label", text, true, {}, {}}}),
        value::structure({{"x", value(cell(std::int64_t{7}))}, {"label", value(cell::of_text("é"))}}));
    return {std::make_shared<const weft::schema>(std::move(fields)), std::move(columns), 2};
}

} // namespace

extern "C" {

/// Batches of random values of every type.
void weft_samples(ArrowArrayStream* out) {
    weft::export_stream(sample_batches()).move_to(out);
}

/// Whether the stream, which is taken, has the same batches as weft_samples().
bool weft_are_samples(ArrowArrayStream* stream) {
    const std::vector<weft::record_batch> theirs = weft::import_stream(weft::arrow_stream(stream));
    const std::vector<weft::record_batch> ours = sample_batches();
    if (theirs.size() != ours.size()) return false;
    for (std::size_t b = 0; b < ours.size(); ++b) {
        if (theirs[b].columns() != ours[b].columns()) return false;
        for (std::size_t c = 0; c < ours[b].columns(); ++c) {
            if (theirs[b].layout()[c].name != ours[b].layout()[c].name) return false;
            if (theirs[b][c].type() != ours[b][c].type()) return false;
            if (samples::values_of(theirs[b][c]) != samples::values_of(ours[b][c])) return false;
        }
    }
    return true;
}

/// One row of values and one of nulls.
void weft_typed(ArrowArrayStream* out) {
    weft::export_stream({typed_batch()}).move_to(out);
}

/// A query's rows, fetched a thousand at a time while they are read.
void weft_query(ArrowArrayStream* out) {
    static weft::embedded::database db(":memory:");
    weft::stream_arrow<1000>(db, "WITH RECURSIVE numbers(n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM numbers "
                                 "WHERE n < 9999) SELECT n, n / 4.0 AS quarter, "
                                 "CASE WHEN n % 3 > 0 THEN 'text ' || n END AS t FROM numbers")
        .move_to(out);
}

/// Fails after the first batch.
void weft_failing(ArrowArrayStream* out) {
    weft::export_stream([n = 0]() mutable -> std::optional<weft::record_batch> {
        if (n++ == 0) return typed_batch();
        throw weft::data_error("the well is dry");
    }).move_to(out);
}
}
