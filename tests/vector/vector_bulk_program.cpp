// SPDX-License-Identifier: BSL-1.0

// The program examples/vector_bulk.cpp, run for real.

#if defined(WEFT_VECTOR_BULK_PROGRAM)

#include "files.hpp"
#include "points.hpp"

#include <weft/testing/child_process.hpp>
#include <weft/testing/temporary_directory.hpp>
#include <weft/vector/bulk.hpp>

#include <catch2/catch_test_macros.hpp>

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

using namespace weft::vector;
using weft::testing::temporary_directory;

namespace {

struct outcome {
    int code;
    std::string out;
    std::string err;
};

// Standard output and standard error apart, through a shell.
outcome run(const temporary_directory& folder, const std::string& arguments) {
    const std::string out = folder / "stdout";
    const std::string err = folder / "stderr";
    weft::testing::child_process child(
        {"/bin/sh", "-c",
         std::string("exec '" WEFT_VECTOR_BULK_PROGRAM "' ") + arguments + " >'" + out + "' 2>'" + err + "'"});
    REQUIRE(child.wait(60000));
    return {child.exit_code(), read_file(out), read_file(err)};
}

} // namespace

TEST_CASE("The bulk program builds, asks, tells and converts", "[program]") {
    const temporary_directory folder;
    const std::string f = folder.path().string();
    const points from(2000, 12);
    convert_embeddings_to_raw(from.view(), folder / "v.f32", metric_kind::l2);
    std::vector<std::uint64_t> ids(2000);
    for (std::size_t i = 0; i < 2000; ++i) ids[i] = i + (1ULL << 40);
    write_file(folder / "ids", bytes_of(ids));

    const outcome built =
        run(folder, "build-index -i " + f + "/v.f32 -o " + f + "/v.hnsw --ids " + f + "/ids -m 8 -e 60 -t 2");
    CHECK(built.code == 0);
    CHECK(built.out.starts_with("2000 vectors of 12 dimensions in "));
    CHECK(built.err.empty()); // no terminal, no bar
    const auto info = bulk_info(folder / "v.hnsw");
    CHECK(info.metric == metric_kind::l2); // from the description
    CHECK(info.m == 8);
    CHECK(info.ef_construction == 60);

    write_file(folder / "q", bytes_of(std::vector<float>(from[5].begin(), from[5].end())));
    const outcome asked = run(folder, "query -i " + f + "/v.hnsw -q " + f + "/q -k 2 -e 80");
    CHECK(asked.code == 0);
    CHECK(asked.out.starts_with("Results (in "));
    CHECK(asked.out.find("   1. ID: 1099511627781  Distance: 0.000000\n") != std::string::npos);
    CHECK(asked.err.empty());
    const outcome json = run(folder, "query --index=" + f + "/v.hnsw --query=" + f + "/q --k=1 --json --verify");
    CHECK(json.out.starts_with("{\"results\": [{\"id\": 1099511627781, \"distance\": 0}], \"elapsed_ms\": "));
    const outcome told = run(folder, "info -i " + f + "/v.hnsw --json");
    CHECK(told.out.starts_with(
        "{\"vectors\": 2000, \"dimension\": 12, \"metric\": \"l2\", \"storage\": \"int8\", \"m\": 8, "
        "\"ef_construction\": 60, \"max_layer\": "));
    CHECK(run(folder, "info -i " + f + "/v.hnsw").out.find("Vectors:          2000\n") != std::string::npos);

    CHECK(run(folder, "convert -i " + f + "/v.f32 -o " + f + "/v.npy").code == 0);
    CHECK(run(folder, "convert -i " + f + "/v.npy -o " + f + "/w.f32").code == 0);
    CHECK(read_file(folder / "w.f32") == read_file(folder / "v.f32"));
    const outcome again =
        run(folder, "build-index -i " + f + "/v.npy -o " + f + "/v.hnsw --metric cos --storage f32 --json --quiet");
    CHECK(again.out.starts_with("{\"vectors\": 2000, \"dimension\": 12, \"elapsed_seconds\": "));
    CHECK(bulk_info(folder / "v.hnsw").metric == metric_kind::cosine);
    CHECK(bulk_info(folder / "v.hnsw").storage == code_kind::f32);
    CHECK(run(folder, "--help").out.starts_with("usage: "));
    CHECK(run(folder, "--version").out.starts_with("vector_bulk (weft "));
}

TEST_CASE("The bulk program's exit codes", "[program]") {
    const temporary_directory folder;
    const std::string f = folder.path().string();
    const points from(300, 4);
    convert_embeddings_to_raw(from.view(), folder / "v.f32");
    const auto code = [&](const std::string& arguments, const char* says) {
        const outcome got = run(folder, arguments);
        CHECK(got.out.empty());
        INFO(arguments << ": " << got.err);
        CHECK(got.err.find(says) != std::string::npos);
        return got.code;
    };
    CHECK(code("frobnicate", "command 'frobnicate' is not known") == 2);
    CHECK(code("info", "option --index is missing") == 2);
    CHECK(code("query -i x -k", "needs a value") == 2);
    CHECK(code("build-index -i " + f + "/v.f32 -o " + f + "/o -m x", "which is no number") == 2);
    CHECK(code("build-index -i " + f + "/v.f32 -o " + f + "/o -m 0", "M cannot be 0") == 2);
    CHECK(code("build-index -i " + f + "/v.f32 -o " + f + "/o --storage f64", "not int8 or f32") == 2);
    CHECK(code("convert -i " + f + "/v.f32 -o " + f + "/o --to-format fvecs", "Unsupported output format: fvecs") == 2);
    CHECK(code("build-index -i " + f + "/none.f32 -o " + f + "/o", "No such file") == 3);
    CHECK(code("build-index -i " + f + "/v.f32 -o " + f + "/o -d 7", "not divisible") == 3);
    CHECK(code("build-index -i " + f + "/v.f32 -o " + f + "/o --metric Lp", "metric 'Lp' is not known") == 3);
    write_file(folder / "ids", std::string(16, 'x'));
    CHECK(code("build-index -i " + f + "/v.f32 -o " + f + "/o --ids " + f + "/ids",
               "ID count mismatch: 2 IDs vs 300 vectors") == 3);
    CHECK(code("info -i " + f + "/v.f32", "it is no weft index file") == 3);
    CHECK(code("build-index -i " + f + "/v.f32 -o " + f + "/no/o", "cannot create") == 4);
    REQUIRE(run(folder, "build-index -i " + f + "/v.f32 -o " + f + "/o").code == 0);
    write_file(folder / "q", "abc");
    CHECK(code("query -i " + f + "/o -q " + f + "/q", "Query size mismatch: expected 16 bytes (4 dim), got 3") == 3);
}

TEST_CASE("The bulk program, interrupted, writes nothing", "[program]") {
    const temporary_directory folder;
    const std::string f = folder.path().string();
    const points from(30000, 64);
    convert_embeddings_to_raw(from.view(), folder / "v.f32");
    weft::testing::child_process child({WEFT_VECTOR_BULK_PROGRAM, "build-index", "-i", f + "/v.f32", "-o", f + "/o",
                                        "-e", "400", "--batch-size", "200"});
    ::usleep(300000);
    child.signal(SIGINT);
    REQUIRE(child.wait(60000));
    CHECK(child.exit_code() == 130);
    CHECK_FALSE(std::filesystem::exists(f + "/o"));
}

#endif
