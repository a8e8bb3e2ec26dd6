// SPDX-License-Identifier: BSL-1.0
//
// Claims: a scan of all vectors runs at the speed of the memory; many queries at once run at the speed of the kernels;
// ivf, pq and ivf_pq trade recall for speed and memory. Data: clustered unit vectors (see vector_data.hpp), 100 000 of
// 768 numbers with latent dimension 48, or as many as the first argument says; 10 neighbours, one thread. The bandwidth
// is that of summing the same bytes as 64-bit words, on huge pages as the index has them. The peer of the exact
// searches is faiss's IndexFlatL2 (as distributed, with OpenBLAS, one thread), that of the others our own exact scan,
// one query at a time. Recall is at 10, against the exact neighbours.

#include "measure.hpp"
#include "vector_data.hpp"

#include <weft/vector/flat.hpp>
#include <weft/vector/ivf.hpp>
#include <weft/vector/pq.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#ifdef WEFT_PEER_FAISS
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#include <faiss/IndexFlat.h>
#pragma GCC diagnostic pop
#include <omp.h>
#endif

using namespace weft::vector;

namespace {

constexpr std::size_t k = vector_data::k;

matrix_view rows_of(const vector_data::set& s) {
    return {s.data.data(), s.rows, s.dimension};
}
std::span<const float> query(const vector_data::set& s, std::size_t i) {
    return {s.query.data() + i * s.dimension, s.dimension};
}

template <class Search>
double recall_of(const vector_data::set& s, const Search& search) {
    std::vector<std::uint64_t> ids(s.queries * k);
    for (std::size_t q = 0; q < s.queries; ++q) {
        const std::vector<neighbour> found = search(q);
        for (std::size_t i = 0; i < found.size() && i < k; ++i) ids[q * k + i] = found[i].id;
    }
    return vector_data::recall(s, ids);
}

// The best time of several, in seconds.
template <class F>
double best_of(int rounds, F&& f) {
    double best = 1e30;
    for (int i = 0; i < rounds; ++i) {
        const double taken = measure::seconds(f);
        best = taken < best ? taken : best;
    }
    return best;
}

std::uint64_t sum_of_words(const std::byte* data, std::size_t bytes) {
    std::uint64_t sums[32] = {};
    for (std::size_t i = 0; i + sizeof sums <= bytes; i += sizeof sums) {
        std::uint64_t words[32];
        std::memcpy(words, data + i, sizeof words);
        for (std::size_t j = 0; j < 32; ++j) sums[j] += words[j];
    }
    std::uint64_t sum = 0;
    for (const std::uint64_t each : sums) sum += each;
    return sum;
}

// The scan and the plain sum in turn. The ratio is of the best rounds: what else the machine does to its memory
// meanwhile says nothing about either.
void bandwidth(const vector_data::set& s, const flat<l2>& index) {
    double best_sum = 1e30;
    double best_scan = 1e30;
    volatile std::uint64_t seen = 0;
    const std::size_t size = s.data.size() * sizeof(float);
    const detail::raw_memory copy(size);
    std::memcpy(copy.data(), s.data.data(), size);
    for (int round = 0; round < 25; ++round) {
        const double sum = measure::seconds([&] { seen = seen + sum_of_words(copy.data(), size); });
        const double scan = measure::seconds([&] { seen = seen + index.search(query(s, 0), k)[0].id; });
        best_sum = sum < best_sum ? sum : best_sum;
        best_scan = scan < best_scan ? scan : best_scan;
    }
    const auto bytes = static_cast<double>(size);
    std::printf("  memory %.1f GB/s, scan %.1f GB/s (%.2f ms a query), recall 1.000\n", bytes / best_sum / 1e9,
                bytes / best_scan / 1e9, best_scan * 1e3);
    std::printf("ratio flat_scan_of_bandwidth %.3f\n", best_sum / best_scan);
}

void exact(const vector_data::set& s, const flat<l2>& index) {
#ifdef WEFT_PEER_FAISS
    omp_set_num_threads(1);
    faiss::IndexFlatL2 peer(static_cast<faiss::Index::idx_t>(s.dimension));
    peer.add(static_cast<faiss::Index::idx_t>(s.rows), s.data.data());
    const auto ask = [&](std::size_t count, std::size_t together) {
        std::vector<float> distances(together * k);
        std::vector<faiss::Index::idx_t> ids(together * k);
        for (std::size_t q = 0; q < count; q += together)
            peer.search(static_cast<faiss::Index::idx_t>(together), s.query.data() + q * s.dimension, k,
                        distances.data(), ids.data());
        return count;
    };
    measure::versus(
        "faiss_flat_one_by_one", 8, [&] { return ask(8, 1); },
        [&] {
            for (std::size_t q = 0; q < 8; ++q) static_cast<void>(index.search(query(s, q), k));
            return std::size_t{8};
        },
        3);
    measure::versus(
        "faiss_flat_64_together", 64, [&] { return ask(64, 64); },
        [&] { return index.search_many({s.query.data(), 64, s.dimension}, k, {.threads = 1}).size(); }, 3);
#endif
    const auto together = index.search_many({s.query.data(), s.queries, s.dimension}, k);
    std::printf("  recall of both searches %.3f\n", recall_of(s, [&](std::size_t q) { return together[q]; }));
}

template <class Index>
void against_exact(const char* name, const vector_data::set& s, const flat<l2>& exact, const Index& index,
                   const trained_search& how) {
    const auto ask = [&](std::size_t q) { return index.search(query(s, q), k, how); };
    const double scan = best_of(3, [&] { static_cast<void>(exact.search(query(s, 1), k)); });
    const double taken = best_of(3,
                                 [&] {
                                     for (std::size_t q = 0; q < s.queries; ++q) static_cast<void>(ask(q));
                                 }) /
                         static_cast<double>(s.queries);
    std::printf("  %-28s %9.3f ms a query, recall %.3f, %.0f bytes a vector\n", name, taken * 1e3, recall_of(s, ask),
                static_cast<double>(index.memory_bytes()) / static_cast<double>(s.rows));
    std::printf("ratio %s %.3f\n", name, scan / taken);
}

template <class Index>
void trained(const char* name, const vector_data::set& s, Index& index) {
    const double training = measure::seconds([&] { index.train({s.data.data(), s.rows, s.dimension}); });
    const double adding = measure::seconds([&] { index.insert_many(rows_of(s), {}, {.threads = 1}); });
    std::printf("  %-28s trained in %.1f s, filled in %.1f s\n", name, training, adding);
}

} // namespace

int main(int argc, char** argv) {
    const std::size_t rows = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100000;
    const vector_data::set s = vector_data::clustered(rows, 768, 48, 256, 1);
    flat<l2> index(768);
    index.insert_many(rows_of(s));
    bandwidth(s, index);
    exact(s, index);
    {
        flat<l2, int8> bytes(768);
        bytes.insert_many(rows_of(s));
        const double scan = best_of(3, [&] { static_cast<void>(index.search(query(s, 1), k)); });
        const double taken = best_of(3, [&] { static_cast<void>(bytes.search(query(s, 1), k)); });
        std::printf("  flat int8, exact order: %.3f ms a query, recall %.3f\n", taken * 1e3,
                    recall_of(s, [&](std::size_t q) { return bytes.search(query(s, q), k); }));
        std::printf("ratio flat_int8 %.3f\n", scan / taken);
    }
    const kmeans_options few{.iterations = 10, .most_per_centroid = 64};
    {
        ivf<l2> lists(768, {.lists = 256, .training = few});
        trained("ivf256", s, lists);
        for (const std::size_t probes : {1U, 4U, 16U})
            against_exact(("ivf256_" + std::to_string(probes) + "_probes").c_str(), s, index, lists, {probes, 0});
    }
    {
        pq<l2, 8> codes(768, 96, {.training = few});
        trained("pq96", s, codes);
        against_exact("pq96", s, index, codes, {});
    }
    {
        pq<l2, 4> codes(768, 192, {.keep_vectors = true, .training = few});
        trained("pq192x4_reranked", s, codes);
        against_exact("pq192x4_reranked", s, index, codes, {});
    }
    {
        ivf_pq<l2, 4> codes(768, 192, {.lists = 256, .keep_vectors = true, .training = few});
        trained("ivf256_pq192x4_reranked", s, codes);
        for (const std::size_t probes : {4U, 16U})
            against_exact(("ivf256_pq192x4_" + std::to_string(probes) + "_probes").c_str(), s, index, codes,
                          {probes, 0});
    }
}
