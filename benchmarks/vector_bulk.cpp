// SPDX-License-Identifier: BSL-1.0

// From file to file: bulk_build_index over a raw file of 10 000 x 768 vectors with M 16 and ef_construction 100, on one
// and on two threads (wall time; two threads need two free cores), and the recall of the file; queries to 1 000 x 1536;
// and how long it takes to open a file of ROWS x 768 (100 000 by default) and ask it once, against hnswlib's loading.
//
//     benchmarks/run vector_bulk [ROWS]

#include "measure.hpp"
#include "peers/vector_peer.hpp"
#include "vector_data.hpp"

#include <weft/vector/bulk.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <unistd.h>

namespace {

namespace vector = weft::vector;
using vector_data::k;
using index_type = vector::hnsw<vector::cosine, vector::int8>;

double recall(const vector_data::set& s, const index_type& index, std::size_t ef,
              std::vector<double>* times = nullptr) {
    std::vector<std::uint64_t> ids(s.queries * k);
    for (std::size_t q = 0; q < s.queries; ++q) {
        std::vector<vector::neighbour> found;
        const double taken = measure::seconds(
            [&] { found = index.search({s.query.data() + q * s.dimension, s.dimension}, k, {.ef = ef}); });
        if (times != nullptr) times->push_back(taken * 1e6);
        for (std::size_t i = 0; i < found.size(); ++i) ids[q * k + i] = found[i].id;
    }
    return vector_data::recall(s, ids);
}

void file_to_file(const std::string& folder) {
    const vector_data::set s = vector_data::clustered(10000, 768, 48, 1000, 1);
    const std::string input = folder + "/input.f32";
    const std::string output = folder + "/output.hnsw";
    vector::convert_embeddings_to_raw({s.data.data(), s.rows, s.dimension}, input, vector::metric_kind::cosine);
    std::printf("10000 x 768 from file to file, M 16, ef_construction 100\n");
    double rates[3] = {};
    for (int round = 0; round < 5; ++round)
        for (const std::size_t threads : {1U, 2U}) {
            const double taken = measure::seconds([&] {
                const auto file = vector::read_vectors(input);
                vector::bulk_build_index<vector::index_types<index_type>>(file.rows(), output, {.threads = threads});
            });
            rates[threads] = std::max(rates[threads], static_cast<double>(s.rows) / taken);
        }
    const auto index = vector::open_index<index_type>(output);
    for (const int threads : {1, 2})
        std::printf("  %d thread%s %8.0f vectors/s, recall@10 at ef 50: %.4f\n", threads,
                    threads == 1 ? ": " : "s:", rates[threads], recall(s, index, 50));
    std::printf("ratio bulk-two-threads-to-one %.3f\n", rates[2] / rates[1]);
    std::printf("ratio bulk-to-published-1600 %.3f\n", rates[2] / 1600);
}

void wide_vectors(const std::string& folder) {
    const vector_data::set s = vector_data::clustered(1000, 1536, 48, 500, 5);
    const std::string output = folder + "/wide.hnsw";
    const auto stats =
        vector::bulk_build_index<vector::index_types<index_type>>({s.data.data(), s.rows, s.dimension}, output);
    const auto index = vector::open_index<index_type>(output);
    std::vector<double> times;
    recall(s, index, 50);
    const double found = recall(s, index, 50, &times);
    std::sort(times.begin(), times.end());
    std::printf("1000 x 1536: built with %.0f vectors/s; p50 %.1f us, p99 %.1f us a query, recall@10 at ef 50: %.4f\n",
                stats.rate, times[times.size() / 2], times[times.size() * 99 / 100], found);
}

void opening(const std::string& folder, std::size_t rows) {
    const vector_data::set s = vector_data::clustered(rows, 768, 48, 10, 1);
    const std::string output = folder + "/large.hnsw";
    vector::bulk_build_index<vector::index_types<index_type>>({s.data.data(), s.rows, s.dimension}, output,
                                                              {.ef_construction = 20});
    const std::span<const float> query(s.query.data(), s.dimension);
    std::vector<vector::neighbour> first;
    double ours = 1e9;
    for (int round = 0; round < 5; ++round)
        ours =
            std::min(ours, measure::seconds([&] { first = vector::open_index<index_type>(output).search(query, k); }));
    const double verified =
        measure::seconds([&] { first = vector::open_index<index_type>(output, {.verify = true}).search(query, k); });
    std::printf("%zu x 768: opened and asked once in %.3f ms, with all checksums compared in %.1f ms\n", rows,
                ours * 1e3, verified * 1e3);
#if defined(WEFT_WITH_HNSWLIB)
    const std::string other = folder + "/large.hnswlib";
    {
        auto peer = hnswlib_peer(s.dimension, true, s.rows, 16, 10); // how well it is built does not change its loading
        peer->add(s.data.data(), s.rows);
        peer->save(other.c_str());
    }
    double theirs = 1e9;
    std::uint64_t ids[k];
    for (int round = 0; round < 3; ++round)
        theirs = std::min(theirs, measure::seconds([&] {
                              auto peer = hnswlib_peer(s.dimension, true, 0, 16, 10);
                              peer->load(other.c_str(), s.rows);
                              peer->search(s.query.data(), 1, k, 64, ids);
                          }));
    std::printf("  hnswlib: %.1f ms\nratio open-and-first-query %.1f\n", theirs * 1e3, theirs / ours);
#endif
}

} // namespace

int main(int argc, char** argv) {
    const std::string folder =
        (std::filesystem::temp_directory_path() / ("weft-bulk-" + std::to_string(::getpid()))).string();
    std::filesystem::create_directory(folder);
    file_to_file(folder);
    wide_vectors(folder);
    opening(folder, argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100000);
    std::filesystem::remove_all(folder);
}
