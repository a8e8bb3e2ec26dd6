// SPDX-License-Identifier: BSL-1.0

#include "files.hpp"
#include "points.hpp"

#include "../message_of.hpp"

#include <weft/testing/temporary_directory.hpp>
#include <weft/vector/input.hpp>
#include <weft/vector/output.hpp>

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <limits>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

using namespace weft::vector;
using weft::testing::temporary_directory;

namespace {

std::vector<float> numbers(const vector_file& file) {
    return {file.rows().data, file.rows().data + file.size() * file.dimension()};
}

std::string npy(const std::string& dictionary, const std::string& data, char version = 1) {
    std::string text("\x93NUMPY", 6);
    text += version;
    text += '\0';
    text += static_cast<char>(dictionary.size());
    text += '\0';
    if (version > 1) text += std::string(2, '\0');
    return text + dictionary + data;
}

} // namespace

TEST_CASE("Raw files come back as they were written, with their description", "[input]") {
    const temporary_directory folder;
    const points from(9, 4);
    const std::string path = folder / "a.f32";
    CHECK(convert_embeddings_to_raw(from.view(), path, metric_kind::cosine) == path);
    CHECK(read_file(folder / "a.json") == "{\"n\": 9, \"dim\": 4, \"metric\": \"cosine\"}\n");
    const vector_file back = read_raw_embeddings(path);
    CHECK(back.dimension() == 4);
    CHECK(back.metric() == metric_kind::cosine);
    CHECK(numbers(back) == from.data);
    CHECK(read_raw_embeddings(path, 12).size() == 3); // a given dimension counts, and then the description does not
    CHECK(numbers(read_vectors(path)) == from.data);

    write_file(folder / "b.raw", bytes_of(from.data));
    CHECK(message_of<weft::data_error>([&] {
              return read_vectors(folder / "b.raw");
          }).starts_with("Invalid argument: '"));
    write_file(folder / "meta.json", "{ 'n': 9, \"dim\":4, \"other\": [1, {\"x\": \"}\"}], \"metric\": null }");
    CHECK(read_vectors(folder / "b.raw").size() == 9);
    CHECK(message_of<weft::programming_error>([&] {
              return convert_embeddings_to_raw(from.view(), folder / "a.json");
          }).ends_with("take another extension"));
}

TEST_CASE("Raw files that cannot be are refused", "[input]") {
    const temporary_directory folder;
    const std::string path = folder / "a.bin";
    write_file(path, std::string(24, 'x'));
    const auto refusal = [&](std::size_t dimension) {
        return message_of<weft::data_error>([&] { return read_raw_embeddings(path, dimension); });
    };
    CHECK(refusal(7) == "File too small: need 28 bytes, got 24 ('" + path + "')");
    CHECK(refusal(4) == "Invalid format: '" + path + "' has 24 bytes, not divisible into rows of 16 (dimension 4)");
    CHECK(refusal(70000).find("at most 65536") != std::string::npos);
    write_file(folder / "a.json", "{\"n\": 7, \"dim\": 2}");
    CHECK(refusal(0) == "Invalid format: '" + path + "' holds 3 vectors, its description says 7");
    write_file(folder / "a.json", "{\"dim\": 0}");
    CHECK(refusal(0) == "Invalid argument: Dimension cannot be 0 ('" + path + "')");
    for (const char* bad :
         {"", "[]", "{", "{\"dim\"}", "{\"dim\": -1}", "{\"dim\": 1.5}", "{\"dim\": 99999999999999999999}",
          "{\"dim\": 2", "{\"dim\": 2} x", "{\"x\": }", "{\"metric\": 3}"}) {
        write_file(folder / "a.json", bad);
        CHECK(refusal(0).find("Serialization error: ") != std::string::npos);
    }
    write_file(folder / "a.json", "{\"dim\": 2, \"metric\": \"Canberra\"}");
    CHECK(refusal(0).starts_with("the description of '" + path + "': metric 'Canberra' is not known"));
    write_file(path, "");
    CHECK(read_raw_embeddings(path, 3).size() == 0);
    CHECK(message_of<weft::data_error>([&] {
              return read_vectors(folder / "a.txt");
          }).starts_with("Invalid format: Could not detect format from extension"));
    CHECK(message_of<weft::operational_error>([&] {
              return read_vectors(folder / "none.f32", vector_format::raw_f32, 3);
          }).ends_with("No such file or directory"));
}

TEST_CASE("NPY files come back as they were written, and NumPy's are read", "[input]") {
    const temporary_directory folder;
    const points from(9, 4);
    const std::string path = folder / "a.npy";
    write_npy(from.view(), path);
    CHECK(read_file(path).size() == 128 + 9 * 4 * 4);
    CHECK(numbers(read_vectors(path)) == from.data);
    CHECK(message_of<weft::data_error>([&] { return read_vectors(path, vector_format::npy, 5); }) ==
          "Dimension mismatch: expected 5, got 4 ('" + path + "')");
    const std::string data = bytes_of(from.data);
    const auto reads = [&](const std::string& content) {
        write_file(path, content);
        return numbers(read_vectors(path)).size();
    };
    CHECK(reads(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (9, 4), }", data)) == 36);
    CHECK(reads(npy("{\"shape\":(36,),'descr':'|f4','fortran_order':False}  \n", data, 2)) == 36); // data not aligned
    CHECK(reads(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (7,), }", data, 3)) == 7);
    const auto refusal = [&](const std::string& content) {
        return message_of<weft::data_error>([&] { return reads(content); });
    };
    CHECK(refusal("").starts_with("Invalid NPY header: the file has 0 bytes"));
    CHECK(refusal(std::string(200, 'x')) == "Invalid NPY header: no magic");
    CHECK(refusal(npy("{}", "", 4)) == "Invalid NPY header: version 4 is not supported");
    CHECK(refusal(npy("{}", "")).ends_with("descr, fortran_order or shape is missing"));
    CHECK(refusal(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (9, 4), }", data)).ends_with("not '<f8'"));
    CHECK(refusal(npy("{'descr': '<f4', 'fortran_order': True, 'shape': (9, 4), }", data))
              .ends_with("only C order is read"));
    CHECK(refusal(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3), }", data))
              .ends_with("1D or 2D expected"));
    CHECK(refusal(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", data)).ends_with("1D or 2D expected"));
    CHECK(refusal(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (10, 4), }", data))
              .ends_with("its shape is (10, 4), but the file has only 36 numbers"));
    CHECK(refusal(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387905, 4), }", data))
              .find("only 36") != std::string::npos);
    CHECK(refusal(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (9, 0), }", data)).find("cannot be 0") !=
          std::string::npos);
}

TEST_CASE("Files are mapped, prefaulted or copied, with the same result", "[input]") {
    const temporary_directory folder;
    const points from(5000, 7);
    const std::string path = folder / "a.f32";
    convert_embeddings_to_raw(from.view(), path);
    for (const file_access access : {file_access::mapped, file_access::prefaulted, file_access::copied})
        CHECK(numbers(read_vectors(path, vector_format::automatic, 0, access)) == from.data);
    const vector_file copy = read_raw_embeddings(path, 7, file_access::copied);
    write_file(path, ""); // a mapped file must not be shortened; a copy does not care
    CHECK(numbers(copy) == from.data);
    CHECK(read_raw_embeddings(path, 7, file_access::copied).size() == 0);
    CHECK_THROWS_AS(read_vectors(folder / "none.f32", vector_format::raw_f32, 7, file_access::copied),
                    weft::operational_error);
}

TEST_CASE("What is written comes back in every format, or not at all", "[input]") {
    const temporary_directory folder;
    for (const std::size_t rows : {0U, 1U, 3U, 70000U}) {
        const points from(rows, 5);
        write_fvecs(from.view(), folder / "a.fvecs");
        CHECK(numbers(read_vectors(folder / "a.fvecs", vector_format::automatic, 5)) == from.data);
        write_npy(from.view(), folder / "a.npy");
        CHECK(numbers(read_vectors(folder / "a.npy")) == from.data);
    }
    const integer_matrix ids{{3, -1, 2, 7, 8, 9}, 2, 3};
    write_ivecs(ids, folder / "a.ivecs");
    const integer_matrix back = read_ivecs(folder / "a.ivecs");
    CHECK(back.data == ids.data);
    CHECK(back.rows == 2);
    CHECK(back.dimension == 3);
    CHECK(message_of<weft::data_error>([&] { write_ivecs({{1, 2, 3}, 2, 2}, folder / "b"); }) ==
          "a matrix of 2 rows of 2 integers has 3");

    const std::vector<std::uint64_t> numbers_of_rows{5, ~std::uint64_t{0}, 0};
    write_ids(numbers_of_rows, folder / "a.u64");
    CHECK(read_ids(folder / "a.u64") == numbers_of_rows);
    write_ids({}, folder / "a.u64");
    CHECK(read_ids(folder / "a.u64").empty());

    const std::vector<double> doubles{1, 2.5, -3, 1e300};
    convert_embeddings_to_raw(std::span<const double>(doubles), 2, folder / "d.f32");
    CHECK(numbers(read_vectors(folder / "d.f32")) ==
          std::vector<float>{1, 2.5F, -3, std::numeric_limits<float>::infinity()});
    const std::vector<std::int8_t> bytes{1, -2, 3};
    convert_embeddings_to_raw(std::span<const std::int8_t>(bytes), 3, folder / "d.f32");
    CHECK(numbers(read_vectors(folder / "d.f32")) == std::vector<float>{1, -2, 3});
    CHECK(message_of<weft::data_error>([&] {
              convert_embeddings_to_raw(std::span<const std::int8_t>(bytes), 2, folder / "d.f32");
          }) == "3 numbers are no whole number of vectors of 2");

    const std::string before = read_file(folder / "a.npy");
    const points other(4, 5, 9);
    std::stop_source stop;
    stop.request_stop();
    CHECK(message_of<cancelled_error>([&] { write_npy(other.view(), folder / "a.npy", stop.get_token()); }) ==
          "writing '" + (folder / "a.npy") + "' was cancelled");
    CHECK_THROWS_AS(write_fvecs(other.view(), folder / "c.fvecs", stop.get_token()), cancelled_error);
    CHECK_THROWS_AS(convert_embeddings_to_raw(other.view(), folder / "c.f32", {}, stop.get_token()), cancelled_error);
    CHECK(read_file(folder / "a.npy") == before);
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) // no temporary file is left
        CHECK_FALSE((entry.path().filename().string().starts_with("c") ||
                     entry.path().filename().string().find(".tmp") != std::string::npos));
    CHECK_THROWS_AS(write_npy(other.view(), folder / "no/a.npy"), weft::operational_error);
}

TEST_CASE("fvecs, bvecs and ivecs are read", "[input]") {
    const temporary_directory folder;
    const auto row = [](std::int32_t dimension, const std::string& data) {
        return bytes_of(std::vector<std::int32_t>{dimension}) + data;
    };
    const std::string a = bytes_of(std::vector<float>{1, 2, 3});
    write_file(folder / "a.fvecs", row(3, a) + row(3, a));
    CHECK(numbers(read_vectors(folder / "a.fvecs")) == std::vector<float>{1, 2, 3, 1, 2, 3});
    write_file(folder / "a.bvecs", row(2, "\x01\xFF") + row(2, "AB"));
    CHECK(numbers(read_vectors(folder / "a.bvecs")) == std::vector<float>{1, 255, 65, 66});
    write_file(folder / "a.ivecs", row(2, bytes_of(std::vector<std::int32_t>{7, -1})));
    const integer_matrix truth = read_ivecs(folder / "a.ivecs");
    CHECK(truth.rows == 1);
    CHECK(truth.dimension == 2);
    CHECK(truth.data == std::vector<std::int32_t>{7, -1});
    write_file(folder / "ids", bytes_of(std::vector<std::uint64_t>{1, ~0ULL}));
    CHECK(read_ids(folder / "ids") == std::vector<std::uint64_t>{1, ~0ULL});
    write_file(folder / "ids", "123");
    CHECK(message_of<weft::data_error>([&] {
              return read_ids(folder / "ids");
          }).ends_with("no whole number of 64-bit ids"));

    const auto refusal = [&](const std::string& content) {
        write_file(folder / "b.fvecs", content);
        return message_of<weft::data_error>([&] { return read_vectors(folder / "b.fvecs"); });
    };
    CHECK(refusal("ab").ends_with("row 0: the file ends in its dimension"));
    CHECK(refusal(row(3, a) + row(3, "abc")).ends_with("row 1: the file ends in it"));
    CHECK(refusal(row(3, a) + row(2, a)).ends_with("row 1: its dimension is 2, that of the others 3"));
    CHECK(refusal(row(-3, a)).ends_with("row 0: its dimension is -3"));
    CHECK(message_of<weft::data_error>([&] {
              return read_vectors(folder / "a.fvecs", vector_format::fvecs, 4);
          }).starts_with("Dimension mismatch: expected 4, got 3"));
    CHECK(message_of<weft::data_error>([] { return parse_format("toon"); }).starts_with("format 'toon' is not known"));
}
