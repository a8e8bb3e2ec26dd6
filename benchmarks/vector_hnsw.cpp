// SPDX-License-Identifier: BSL-1.0

// weft's HNSW index against hnswlib's and faiss's (where those are installed), on the same generated vectors, with M 16
// and ef_construction 200: vectors per second while building and queries per second at the same recall@10, of one
// thread, by the thread's processor time. For each level of recall the smallest width that reaches it is sought for
// every index; the queries are then timed in turn. The peers are compiled for exactly this machine, weft chooses when
// it runs.
//
//     benchmarks/run vector_hnsw [ROWS [SET ...]]
//
// ROWS is 100000 by default; sets are latent48, latent256, d128, threads and uniform.

#include "measure.hpp"
#include "peers/vector_peer.hpp"
#include "vector_data.hpp"

#include <weft/vector/hnsw.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

namespace {

using vector_data::k;

double processor_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct contestant {
    std::string name;
    double build = 0;                                                            // vectors a second
    double bytes = 0;                                                            // a vector
    std::function<void(std::size_t ef, std::vector<std::uint64_t>& ids)> search; // all queries
    std::function<void(std::size_t query, std::size_t ef)> search_one;
};

double recall_at(const vector_data::set& s, contestant& who, std::size_t ef) {
    std::vector<std::uint64_t> found(s.queries * k);
    who.search(ef, found);
    return vector_data::recall(s, found);
}

/// The smallest width that reaches the recall, or 0.
std::size_t width_for(const vector_data::set& s, contestant& who, double recall) {
    std::size_t high = k;
    while (recall_at(s, who, high) < recall) {
        high *= 2;
        if (high > 4000) return 0;
    }
    std::size_t low = high / 2 < k ? k - 1 : high / 2;
    while (high - low > 1 && high - low > high / 64) {
        const std::size_t middle = (low + high) / 2;
        (recall_at(s, who, middle) < recall ? low : high) = middle;
    }
    return high;
}

double queries_per_second(const vector_data::set& s, contestant& who, std::size_t ef) {
    static std::vector<std::uint64_t> found;
    found.resize(s.queries * k);
    const double start = processor_seconds();
    who.search(ef, found);
    return static_cast<double>(s.queries) / (processor_seconds() - start);
}

void print_latency(const vector_data::set& s, contestant& who, std::size_t ef) {
    std::vector<double> times;
    for (std::size_t q = 0; q < s.queries; ++q) {
        const double start = processor_seconds();
        who.search_one(q, ef);
        times.push_back((processor_seconds() - start) * 1e6);
    }
    std::sort(times.begin(), times.end());
    std::printf("      %-18s p50 %7.1f us, p99 %7.1f us\n", who.name.c_str(), times[times.size() / 2],
                times[times.size() * 99 / 100]);
}

contestant peer(const vector_data::set& s, std::shared_ptr<vector_peer> index, std::size_t m) {
    contestant made;
    made.name = index->name();
    const double start = processor_seconds();
    index->add(s.data.data(), s.rows);
    made.build = static_cast<double>(s.rows) / (processor_seconds() - start);
    made.bytes = static_cast<double>(s.dimension * 4 + 2 * m * 4 + 16);
    made.search = [&s, index](std::size_t ef, std::vector<std::uint64_t>& ids) {
        index->search(s.query.data(), s.queries, k, ef, ids.data());
    };
    made.search_one = [&s, index](std::size_t q, std::size_t ef) {
        std::uint64_t ids[k];
        index->search(s.query.data() + q * s.dimension, 1, k, ef, ids);
    };
    return made;
}

template <class Index>
contestant ours(const vector_data::set& s, const char* name, const weft::vector::hnsw_options& options) {
    auto index = std::make_shared<Index>(s.dimension, options);
    contestant made;
    made.name = name;
    const double start = processor_seconds();
    index->insert_many({s.data.data(), s.rows, s.dimension}, {}, {.threads = 1, .stop = {}, .progress = {}});
    made.build = static_cast<double>(s.rows) / (processor_seconds() - start);
    const auto stats = index->stats();
    made.bytes = static_cast<double>(stats.graph_bytes + stats.code_bytes + stats.vector_bytes) /
                     static_cast<double>(stats.vectors) +
                 8;
    made.search = [&s, index](std::size_t ef, std::vector<std::uint64_t>& ids) {
        for (std::size_t q = 0; q < s.queries; ++q) {
            const auto found = index->search({s.query.data() + q * s.dimension, s.dimension}, k, {.ef = ef});
            for (std::size_t i = 0; i < k; ++i) ids[q * k + i] = i < found.size() ? found[i].id : ~std::uint64_t{0};
        }
    };
    made.search_one = [&s, index](std::size_t q, std::size_t ef) {
        static_cast<void>(index->search({s.query.data() + q * s.dimension, s.dimension}, k, {.ef = ef}));
    };
    return made;
}

template <class Metric>
void run(const std::string& title, const vector_data::set& s, bool unit) {
    constexpr std::size_t m = 16;
    constexpr std::size_t ef_construction = 200;
    const weft::vector::hnsw_options options{.m = m, .ef_construction = ef_construction};
    std::printf("%s: %zu x %zu, %zu queries\n", title.c_str(), s.rows, s.dimension, s.queries);
    std::vector<contestant> all;
#if defined(WEFT_WITH_HNSWLIB)
    all.push_back(peer(s, hnswlib_peer(s.dimension, unit, s.rows, m, ef_construction), m));
#endif
#if defined(WEFT_WITH_FAISS)
    if (s.rows <= 20000 || std::getenv("WEFT_WITH_SLOW_PEERS") != nullptr)
        all.push_back(peer(s, faiss_peer(s.dimension, unit, m, ef_construction), m));
#endif
    const std::size_t peers = all.size();
    all.push_back(ours<weft::vector::hnsw<Metric, weft::vector::f32>>(s, "weft f32", options));
    all.push_back(ours<weft::vector::hnsw<Metric, weft::vector::bf16>>(s, "weft bf16", options));
    all.push_back(ours<weft::vector::hnsw<Metric, weft::vector::int8>>(s, "weft int8", options));
    all.push_back(ours<weft::vector::hnsw<Metric, weft::vector::rabitq>>(s, "weft rabitq", options));
    for (contestant& who : all) {
        std::printf("  %-18s build %8.0f vectors/s, %5.0f bytes a vector, recall@10 at ef 64: %.4f\n", who.name.c_str(),
                    who.build, who.bytes, recall_at(s, who, 64));
        if (&who >= all.data() + peers && peers != 0)
            std::printf("ratio %s-build-%s %.3f\n", title.c_str(), who.name.substr(5).c_str(),
                        who.build / all[0].build);
    }
    for (const double recall : {0.95, 0.99, 0.999}) {
        std::vector<std::size_t> widths;
        for (contestant& who : all) widths.push_back(width_for(s, who, recall));
        std::vector<std::vector<double>> speeds(all.size());
        for (int round = 0; round < 5; ++round)
            for (std::size_t i = 0; i < all.size(); ++i)
                if (widths[i] != 0) speeds[i].push_back(queries_per_second(s, all[i], widths[i]));
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (widths[i] == 0) {
                std::printf("    %-20s does not reach recall %.3f\n", all[i].name.c_str(), recall);
                continue;
            }
            std::sort(speeds[i].begin(), speeds[i].end());
            std::printf("    %-20s recall %.4f with ef %4zu: %8.0f queries/s\n", all[i].name.c_str(),
                        recall_at(s, all[i], widths[i]), widths[i], speeds[i][speeds[i].size() / 2]);
            print_latency(s, all[i], widths[i]);
            if (i >= peers && peers != 0 && widths[0] != 0)
                std::printf("ratio %s-search-%s-at-%.3f %.3f\n", title.c_str(), all[i].name.substr(5).c_str(), recall,
                            speeds[i][speeds[i].size() / 2] / speeds[0][speeds[0].size() / 2]);
        }
    }
    std::fflush(stdout);
}

/// The wall time of a build by one and by two threads, in turn; says something where two cores are free.
void run_threads(const vector_data::set& s) {
    double best[3] = {};
    for (int round = 0; round < 3; ++round)
        for (const std::size_t threads : {1U, 2U}) {
            weft::vector::hnsw<weft::vector::cosine, weft::vector::int8> index(s.dimension);
            const double taken = measure::seconds([&] {
                index.insert_many({s.data.data(), s.rows, s.dimension}, {},
                                  {.threads = threads, .stop = {}, .progress = {}});
            });
            best[threads] = std::max(best[threads], static_cast<double>(s.rows) / taken);
        }
    std::printf("threads: int8, %zu x %zu: one builds %.0f vectors/s, two %.0f\nratio build-two-threads-to-one %.3f\n",
                s.rows, s.dimension, best[1], best[2], best[2] / best[1]);
}

} // namespace

int main(int argc, char** argv) {
    const std::size_t rows = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100000;
    const auto wanted = [&](const char* name) {
        for (int i = 2; i < argc; ++i)
            if (std::string(argv[i]) == name) return true;
        return argc <= 2;
    };
    if (wanted("latent48")) run<weft::vector::cosine>("latent48", vector_data::clustered(rows, 768, 48, 1000, 1), true);
    if (wanted("latent256"))
        run<weft::vector::cosine>("latent256", vector_data::clustered(rows, 768, 256, 1000, 2), true);
    if (wanted("d128")) run<weft::vector::cosine>("d128", vector_data::clustered(2 * rows, 128, 48, 1000, 3), true);
    if (wanted("threads")) run_threads(vector_data::clustered(rows / 5, 768, 48, 10, 1));
    if (wanted("uniform")) run<weft::vector::l2>("uniform", vector_data::uniform(rows / 5, 128, 1000, 4), false);
}
