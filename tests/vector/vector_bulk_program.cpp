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
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

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
    CHECK((built.err.empty() || built.err.starts_with("warning: "))); // no terminal, no bar; a slow machine is told so
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
    CHECK(code("convert -i " + f + "/v.f32 -o " + f + "/o --to-format bvecs", "Unsupported output format: bvecs") == 2);
    CHECK(code("convert -i " + f + "/v.f32 -o " + f + "/o --to-format toon", "Unsupported output format: toon") == 2);
    CHECK(code("build-index -i " + f + "/v.f32 -o " + f + "/o --metric Lp", "metric 'Lp' is not known") == 2);
    CHECK(code("build-index -i " + f + "/v.f32 -o " + f + "/o --metric linf", "is not cosine, l2 or ip") == 2);
    CHECK(code("build-index -i " + f + "/v.f32 -o " + f + "/o -f toon", "format 'toon' is not known") == 2);
    CHECK(code("build-index -i " + f + "/v.f32 -o " + f + "/o -d 0", "Dimension cannot be 0") == 2);
    CHECK(code("build-index -i " + f + "/v.f32 -o " + f + "/o --ordering z", "ordering 'z' is not known") == 2);
    CHECK(code("build-index -i " + f + "/v.f32 -o " + f + "/o --direct-read --prefault", "exclude each other") == 2);
    CHECK(code("query -i x -q y -k -3", "is '-3', which is no number") == 2);
    CHECK(code("build-index -i " + f + "/none.f32 -o " + f + "/o", "No such file") == 3);
    CHECK(code("build-index -i " + f + "/v.f32 -o " + f + "/o -d 7", "not divisible") == 3);
    write_file(folder / "ids", std::string(16, 'x'));
    CHECK(code("build-index -i " + f + "/v.f32 -o " + f + "/o --ids " + f + "/ids",
               "ID count mismatch: 2 IDs vs 300 vectors") == 3);
    write_file(folder / "ids", bytes_of(std::vector<std::uint64_t>(300, 5)));
    CHECK(code("build-index -i " + f + "/v.f32 -o " + f + "/o --ids " + f + "/ids", "Duplicate ID 5: rows 0 and 1") ==
          3);
    write_file(folder / "bad.f32", bytes_of(std::vector<float>{1, 2, 3, std::numeric_limits<float>::quiet_NaN()}));
    CHECK(code("build-index -i " + f + "/bad.f32 -o " + f + "/o -d 2", "row 1: number 1 is NaN") == 3);
    write_file(folder / "bad.f32", bytes_of(std::vector<float>{1, 2, 3, -std::numeric_limits<float>::infinity()}));
    CHECK(code("build-index -i " + f + "/bad.f32 -o " + f + "/o -d 2", "row 1: number 1 is minus infinity") == 3);
    CHECK(code("build-index -i " + f + "/v -o " + f + "/o", "Could not detect format from extension") == 3);
    CHECK(code("build-index -i " + f + "/bad.f32 -o " + f + "/o", "needs a dimension") == 3);
    save_index(hnsw<l1>(4), folder / "manhattan");
    CHECK(code("info -i " + f + "/manhattan", "no index for l1 over f32 alone") == 3);
    CHECK_FALSE(std::filesystem::exists(folder / "o")); // nothing of all these
    CHECK(code("info -i " + f + "/v.f32", "it is no weft index file") == 3);
    CHECK(code("build-index -i " + f + "/v.f32 -o " + f + "/no/o", "cannot create") == 4);
    REQUIRE(run(folder, "build-index -i " + f + "/v.f32 -o " + f + "/o").code == 0);
    write_file(folder / "q", "abc");
    CHECK(code("query -i " + f + "/o -q " + f + "/q", "Query size mismatch: expected 16 bytes (4 dim), got 3") == 3);
}

TEST_CASE("The bulk program takes every flag of the program it stands for", "[program]") {
    const temporary_directory folder;
    const std::string f = folder.path().string();
    const points from(2500, 6);
    convert_embeddings_to_raw(from.view(), folder / "v.f32");
    std::vector<std::uint64_t> ids(2500);
    for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = 7 * i;
    write_file(folder / "ids", bytes_of(ids));
    write_file(folder / "q", bytes_of(std::vector<float>(from[1234].begin(), from[1234].end())));
    for (const char* flags : {"--ordering rp", "--ordering kmeans --direct-read", "--ordering block --prefault", ""}) {
        const outcome built =
            run(folder, "build-index --input=" + f + "/v.f32 --output=" + f + "/v.hnsw --ids=" + f +
                            "/ids --format raw --metric euclidean --threads 1 --telemetry -v " + flags);
        INFO(built.err);
        CHECK(built.code == 0);
        CHECK(
            built.err.find("v.f32: 2500 vectors of 6 dimensions\nmetric l2, storage int8, M 16, ef_construction 100, 1 "
                           "threads") != std::string::npos);
        CHECK(built.err.find("page faults: ") != std::string::npos);
        const outcome asked = run(folder, "query -i " + f + "/v.hnsw -q " + f + "/q -k 1 -e 200 --verbose");
        CHECK(asked.out.find("   1. ID:         8638  Distance: 0.000000\n") != std::string::npos); // 7 * 1234
        CHECK(asked.err == f + "/v.hnsw: 2500 vectors of 6 dimensions, metric l2\n");
    }
    CHECK(run(folder, "convert -i " + f + "/v.f32 -o " + f + "/v.fvecs").code == 0);
    CHECK(std::filesystem::file_size(folder / "v.fvecs") == 2500 * 28);
    CHECK(run(folder, "convert -i " + f + "/v.fvecs -o " + f + "/w.raw --to-format f32 --metric ip").code == 0);
    CHECK(read_file(folder / "w.raw") == read_file(folder / "v.f32"));
    CHECK(read_file(folder / "w.json") == "{\"n\": 2500, \"dim\": 6, \"metric\": \"inner_product\"}\n");
    CHECK(run(folder, "info --help").out.starts_with("usage: "));
}

TEST_CASE("The bulk program shows on a terminal how far it is", "[program]") {
    const temporary_directory folder;
    const std::string f = folder.path().string();
    const points from(1000, 4);
    convert_embeddings_to_raw(from.view(), folder / "v.f32");
    const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
    REQUIRE(terminal >= 0);
    REQUIRE(::grantpt(terminal) == 0);
    REQUIRE(::unlockpt(terminal) == 0);
    const std::string name = ::ptsname(terminal);
    weft::testing::child_process child({"/bin/sh", "-c",
                                        "exec '" WEFT_VECTOR_BULK_PROGRAM "' build-index -i '" + f + "/v.f32' -o '" +
                                            f + "/o' --batch-size 250 >/dev/null 2>'" + name + "'"});
    REQUIRE(child.wait(60000));
    CHECK(child.exit_code() == 0);
    char text[8192];
    std::string shown;
    ::fcntl(terminal, F_SETFL, O_NONBLOCK);
    for (ssize_t got = 0; (got = ::read(terminal, text, sizeof text)) > 0;)
        shown.append(text, static_cast<std::size_t>(got));
    ::close(terminal);
    INFO(shown);
    CHECK(shown.find("\r[#######.......................]  25 %  250 of 1000  ") != std::string::npos);
    CHECK(shown.find("\r[##############################] 100 %  1000 of 1000  ") != std::string::npos);
    CHECK(shown.find(" vec/s  0:00 left ") != std::string::npos);
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
