// SPDX-License-Identifier: BSL-1.0
//
// The table of docs/vector.md: what each kind of index costs and finds. No peer; the ratios are to the exact scan of
// floats. Data: clustered unit vectors (see vector_data.hpp), 100 000 of 384 numbers with latent dimension 48, or as
// many as the first argument says; 512 queries, 10 neighbours, metric l2, one thread. Recall is against the exact
// neighbours. A time is that of the best of three rounds over all queries.

#include "measure.hpp"
#include "vector_data.hpp"

#include <weft/vector/flat.hpp>
#include <weft/vector/hnsw.hpp>
#include <weft/vector/ivf.hpp>
#include <weft/vector/pq.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

using namespace weft::vector;

namespace {

constexpr std::size_t k = vector_data::k;
const vector_data::set* data = nullptr;
double scan_seconds = 0; // of the first line: all others are compared with it
std::vector<std::string> ratios;

matrix_view rows() {
    return {data->data.data(), data->rows, data->dimension};
}

template <class Index>
std::size_t bytes_of(const Index& index) {
    if constexpr (requires { index.memory_bytes(); }) {
        return index.memory_bytes();
    } else {
        const hnsw_stats stats = index.stats();
        return stats.graph_bytes + stats.code_bytes + stats.vector_bytes + 16 * stats.vectors; // ids and their table
    }
}

/// One line: a search in one way of an index that took so long to build.
template <class Index, class Search>
void line(const char* type, const std::string& search, const Index& index, double build, const Search& ask) {
    std::vector<std::uint64_t> ids(data->queries * k);
    double best = 1e30;
    for (int round = 0; round < 3; ++round) {
        const double taken = measure::seconds([&] {
            for (std::size_t q = 0; q < data->queries; ++q) {
                const auto found =
                    ask(std::span<const float>(data->query.data() + q * data->dimension, data->dimension));
                for (std::size_t i = 0; i < found.size() && i < k; ++i) ids[q * k + i] = found[i].id;
            }
        });
        best = taken < best ? taken : best;
    }
    const double seconds = best / static_cast<double>(data->queries);
    if (scan_seconds == 0) scan_seconds = seconds;
    const double recall = vector_data::recall(*data, ids);
    std::printf("| `%s` | %s | %.1f | %.3f | %.0f | %.0f |\n", type, search.c_str(), build, recall, seconds * 1e6,
                static_cast<double>(bytes_of(index)) / static_cast<double>(index.size()));
    std::fflush(stdout);
    char text[160];
    std::snprintf(text, sizeof text, "ratio choice_%zu_recall_%.3f %.2f", ratios.size(), recall,
                  scan_seconds / seconds);
    ratios.emplace_back(text);
}

template <class Index>
double fill(Index& index, bool train) {
    return measure::seconds([&] {
        index.insert_many(rows(), {}, {.threads = 1});
        if constexpr (requires { index.train(); })
            if (train) index.train();
    });
}

template <class Storage>
void flat_line(const char* type) {
    flat<l2, Storage> index(data->dimension);
    const double build = fill(index, false);
    line(type, "", index, build, [&](std::span<const float> query) { return index.search(query, k); });
}

template <class Storage>
void hnsw_lines(const char* type) {
    hnsw<l2, Storage> index(data->dimension);
    const double build = fill(index, false);
    for (const std::size_t ef : {16U, 64U, 256U})
        line(type, "`ef` " + std::to_string(ef), index, build,
             [&](std::span<const float> query) { return index.search(query, k, {.ef = ef}); });
}

template <class Index>
void trained_lines(const char* type, Index&& index, std::initializer_list<std::size_t> probes) {
    const double build = fill(index, true);
    for (const std::size_t each : probes)
        line(type, each == 0 ? "" : "`probes` " + std::to_string(each), index, build,
             [&](std::span<const float> query) { return index.search(query, k, {.probes = each}); });
}

} // namespace

int main(int argc, char** argv) {
    const std::size_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100000;
    const vector_data::set set = vector_data::clustered(count, 384, 48, 512, 1);
    data = &set;
    const std::size_t d = set.dimension;
    std::puts("| Index | Search | Build, s | Recall at 10 | us a query | Bytes a vector |");
    std::puts("|---|---|---|---|---|---|");
    flat_line<f32>("flat<l2>");
    flat_line<int8>("flat<l2, int8>");
    flat_line<codes_only<int8>>("flat<l2, codes_only<int8>>");
    hnsw_lines<f32>("hnsw<l2>");
    hnsw_lines<int8>("hnsw<l2, int8>");
    hnsw_lines<rabitq>("hnsw<l2, rabitq>");
    hnsw_lines<codes_only<int8>>("hnsw<l2, codes_only<int8>>");
    const kmeans_options few{.most_per_centroid = 64};
    trained_lines("ivf<l2>", ivf<l2>(d, {.lists = 256, .training = few}), {1, 8});
    trained_lines("ivf<l2, codes_only<int8>>", ivf<l2, codes_only<int8>>(d, {.lists = 256, .training = few}), {1, 8});
    trained_lines("pq<l2>(384, 96)", pq<l2>(d, 96, {.training = few}), {0});
    trained_lines("pq<l2, 4>(384, 128), vectors kept", pq<l2, 4>(d, 128, {.keep_vectors = true, .training = few}), {0});
    trained_lines("ivf_pq<l2>(384, 96)", ivf_pq<l2>(d, 96, {.lists = 256, .training = few}), {8});
    trained_lines("ivf_pq<l2, 4>(384, 128), vectors kept",
                  ivf_pq<l2, 4>(d, 128, {.lists = 256, .keep_vectors = true, .training = few}), {8});
    for (const std::string& each : ratios) std::puts(each.c_str());
}
