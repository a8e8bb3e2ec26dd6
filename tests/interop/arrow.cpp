// SPDX-License-Identifier: BSL-1.0
// Our streams as Arrow C++ and DuckDB read them, and arrays of Arrow C++ as we read them.
#include "../columnar/samples.hpp"

#include <arrow/api.h>
#include <arrow/c/bridge.h>
#include <duckdb.h>

#include <weft/columnar/arrow_stream.hpp>

#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <string>
#include <vector>

namespace {

template <class T>
T value_of(::arrow::Result<T> result) {
    if (!result.ok()) FAIL(result.status().ToString());
    return std::move(result).ValueUnsafe();
}

void check(const ::arrow::Status& status) {
    if (!status.ok()) FAIL(status.ToString());
}

std::vector<weft::record_batch> sample_batches() {
    samples::random_source random(1);
    std::vector<weft::record_batch> batches;
    for (const std::size_t rows : {0U, 100U, 33U}) batches.push_back(samples::random_batch(random, rows));
    batches.push_back(batches[1].slice(13, 50));
    return batches;
}

std::string text_of(const weft::array& column) {
    std::string text;
    for (const weft::value& v : samples::values_of(column)) {
        if (!text.empty()) text += ' ';
        text += v.is_null() ? "-" : v.to_string();
    }
    return text;
}

weft::array imported(const std::shared_ptr<::arrow::Array>& a) {
    check(a->ValidateFull());
    weft::arrow_array values;
    weft::arrow_schema type;
    check(::arrow::ExportArray(*a, values.out(), type.out()));
    return weft::import_array(std::move(values), *type);
}

template <class Builder, class... Values>
std::shared_ptr<::arrow::Array> built(Builder& builder, const Values&... values) {
    (check(builder.Append(values)), ...);
    check(builder.AppendNull());
    return value_of(builder.Finish());
}

std::string query_text(duckdb_connection connection, const char* sql) {
    duckdb_result result;
    const duckdb_state state = duckdb_query(connection, sql, &result);
    const char* problem = duckdb_result_error(&result);
    std::string text = state == DuckDBSuccess ? "" : problem == nullptr ? "failed" : problem;
    for (idx_t c = 0; state == DuckDBSuccess && c < duckdb_column_count(&result); ++c) {
        char* v = duckdb_value_varchar(&result, c, 0);
        if (c > 0) text += ' ';
        text += v == nullptr ? "-" : v;
        duckdb_free(v);
    }
    duckdb_destroy_result(&result);
    return text;
}

} // namespace

TEST_CASE("Arrow C++ reads and validates every type, and gives it back") {
    const std::vector<weft::record_batch> batches = sample_batches();
    weft::arrow_stream stream = weft::export_stream(batches);
    const auto reader = value_of(::arrow::ImportRecordBatchReader(stream.get()));
    CHECK_FALSE(stream);
    ::arrow::RecordBatchVector theirs;
    for (std::size_t b = 0; b < batches.size(); ++b) {
        std::shared_ptr<::arrow::RecordBatch> batch;
        check(reader->ReadNext(&batch));
        REQUIRE(batch);
        check(batch->ValidateFull());
        REQUIRE(batch->num_rows() == static_cast<std::int64_t>(batches[b].rows()));
        theirs.push_back(batch);
    }
    std::shared_ptr<::arrow::RecordBatch> end;
    check(reader->ReadNext(&end));
    CHECK_FALSE(end);

    weft::arrow_stream back;
    check(::arrow::ExportRecordBatchReader(value_of(::arrow::RecordBatchReader::Make(theirs, theirs[0]->schema())),
                                           back.out()));
    const std::vector<weft::record_batch> ours = weft::import_stream(std::move(back));
    REQUIRE(ours.size() == batches.size());
    for (std::size_t b = 0; b < ours.size(); ++b) {
        for (std::size_t c = 0; c < ours[b].columns(); ++c) {
            CAPTURE(ours[b].layout()[c].name);
            CHECK(ours[b][c].type() == batches[b][c].type());
            CHECK(samples::values_of(ours[b][c]) == samples::values_of(batches[b][c]));
        }
    }
}

TEST_CASE("Arrow C++ sees our types as they are meant") {
    const weft::record_batch batch = sample_batches()[1];
    weft::arrow_batch out = weft::export_batch(batch);
    const auto theirs = value_of(::arrow::ImportRecordBatch(out.rows.get(), out.layout.get()));
    const auto type = [&](const std::string& name) {
        return theirs->schema()->GetFieldByName(name)->type()->ToString();
    };
    CHECK(type("datetime") == "timestamp[us]");
    CHECK(type("time") == "duration[us]");
    CHECK(type("date") == "date32[day]");
    CHECK(type("narrow") == "decimal128(10, 2)");
    CHECK(type("wide") == "decimal256(50, 10)");
    CHECK(type("vector") == "fixed_size_list<item: float not null>[3]");
    CHECK(type("numbers") == "list<item: int64>");
    CHECK(type("point") == "struct<x: int32, label: string>");
}

TEST_CASE("an error of the source reaches Arrow C++") {
    weft::arrow_stream stream = weft::export_stream([n = 0]() mutable -> std::optional<weft::record_batch> {
        if (n++ == 0) return sample_batches()[0];
        throw weft::data_error("the well is dry");
    });
    const auto reader = value_of(::arrow::ImportRecordBatchReader(stream.get()));
    std::shared_ptr<::arrow::RecordBatch> batch;
    check(reader->ReadNext(&batch));
    const ::arrow::Status status = reader->ReadNext(&batch);
    CHECK(status.IsInvalid());
    CHECK(status.ToString().find("the well is dry") != std::string::npos);
}

TEST_CASE("arrays of Arrow C++ in layouts that are not ours") {
    const auto pool = ::arrow::default_memory_pool();
    ::arrow::StringDictionaryBuilder words;
    CHECK(text_of(imported(built(words, "one", "two", "one"))) == "one two one -");
    ::arrow::StringViewBuilder views;
    CHECK(text_of(imported(built(views, "short", "a text longer than twelve bytes"))) ==
          "short a text longer than twelve bytes -");
    ::arrow::LargeStringBuilder large;
    CHECK(text_of(imported(built(large, "a", "b"))) == "a b -");
    ::arrow::HalfFloatBuilder half;
    CHECK(text_of(imported(built(half, std::uint16_t{0x3C00}))) == "1 -");
    ::arrow::FixedSizeBinaryBuilder fixed(::arrow::fixed_size_binary(2));
    CHECK(text_of(imported(built(fixed, "ab"))) == "0x6162 -");
    ::arrow::Decimal256Builder wide(::arrow::decimal256(50, 2));
    CHECK(text_of(imported(built(wide, ::arrow::Decimal256("-1234567890123456789012345678901234567890.12")))) ==
          "-1234567890123456789012345678901234567890.12 -");
    ::arrow::Decimal256Builder narrow(::arrow::decimal256(10, 1));
    CHECK(text_of(imported(built(narrow, ::arrow::Decimal256("-1.5")))) == "-1.5 -");
    ::arrow::Date64Builder days;
    CHECK(text_of(imported(built(days, std::int64_t{86'400'000}))) == "1970-01-02 -");
    ::arrow::TimestampBuilder stamps(::arrow::timestamp(::arrow::TimeUnit::NANO, "Europe/Berlin"), pool);
    CHECK(text_of(imported(built(stamps, std::int64_t{1'000}))) == "1970-01-01 00:00:00.000001 -");
    ::arrow::Time32Builder seconds(::arrow::time32(::arrow::TimeUnit::SECOND), pool);
    CHECK(text_of(imported(built(seconds, 3600))) == "01:00:00 -");

    const auto values = std::make_shared<::arrow::Int32Builder>();
    ::arrow::ListBuilder lists(pool, values);
    check(lists.Append());
    check(values->AppendValues({1, 2}));
    check(lists.AppendNull());
    check(lists.AppendEmptyValue());
    CHECK(text_of(imported(value_of(lists.Finish()))) == "[1,2] - []");
    CHECK(text_of(imported(value_of(
              ::arrow::MakeArrayOfNull(::arrow::struct_({::arrow::field("a", ::arrow::utf8())}), 2)))) == "- -");

    ::arrow::StringDictionaryBuilder again;
    const auto a = built(again, "one", "two");
    const auto structs = value_of(::arrow::StructArray::Make({a, a}, std::vector<std::string>{"x", "y"}));
    CHECK(text_of(imported(structs->Slice(1, 2))) == R"({"x":"two","y":"two"} {"x":null,"y":null})");
}

TEST_CASE("DuckDB scans our streams") {
    duckdb_database database = nullptr;
    duckdb_connection connection = nullptr;
    REQUIRE(duckdb_open(nullptr, &database) == DuckDBSuccess);
    REQUIRE(duckdb_connect(database, &connection) == DuckDBSuccess);
    weft::column_builder n({"n", weft::type_id::int64, true, {}, {}});
    weft::column_builder t({"t", weft::type_id::text, true, {}, {}});
    for (std::int64_t i = 0; i < 5000; ++i) {
        n.append(weft::cell(i));
        i % 3 == 0 ? t.append_null() : t.append(weft::cell::of_text("text"));
    }
    const auto layout = std::make_shared<const weft::schema>(
        std::vector<weft::field>{{"n", weft::type_id::int64, true, {}, {}}, {"t", weft::type_id::text, true, {}, {}}});
    const weft::record_batch batch(layout, {n.finish(), t.finish()}, 5000);
    weft::arrow_stream stream = weft::export_stream({batch.slice(0, 1777), batch.slice(1777, 3223)});
    REQUIRE(duckdb_arrow_scan(connection, "v", reinterpret_cast<duckdb_arrow_stream>(stream.get())) == DuckDBSuccess);
    CHECK(query_text(connection, "SELECT count(*), sum(n), count(t), min(t) FROM v") == "5000 12497500 3333 text");
    duckdb_disconnect(&connection);
    duckdb_close(&database);
}
