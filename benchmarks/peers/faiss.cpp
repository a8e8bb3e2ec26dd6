// SPDX-License-Identifier: BSL-1.0

#include "vector_peer.hpp"

#include <faiss/IndexHNSW.h>
#include <faiss/index_io.h>
#include <omp.h>

#include <vector>

namespace {

class faiss_index final : public vector_peer {
public:
    faiss_index(std::size_t dimension, bool unit, std::size_t m, std::size_t ef_construction)
        : index_(static_cast<int>(dimension), static_cast<int>(m),
                 unit ? faiss::METRIC_INNER_PRODUCT : faiss::METRIC_L2) {
        omp_set_num_threads(1);
        index_.hnsw.efConstruction = static_cast<int>(ef_construction);
    }
    const char* name() const override { return "faiss"; }
    void add(const float* rows, std::size_t count) override {
        index_.add(static_cast<faiss::Index::idx_t>(count), rows);
    }
    void search(const float* queries, std::size_t count, std::size_t k, std::size_t ef, std::uint64_t* ids) override {
        index_.hnsw.efSearch = static_cast<int>(ef);
        std::vector<float> distances(count * k);
        static_assert(sizeof(faiss::Index::idx_t) == sizeof(std::uint64_t));
        for (std::size_t i = 0; i < count; ++i) // one at a time, as the others are asked
            index_.search(1, queries + i * static_cast<std::size_t>(index_.d), static_cast<faiss::Index::idx_t>(k),
                          distances.data(), reinterpret_cast<faiss::Index::idx_t*>(ids + i * k));
    }
    void save(const char* path) override { faiss::write_index(&index_, path); }
    void load(const char*, std::size_t) override {}

private:
    faiss::IndexHNSWFlat index_;
};

} // namespace

std::unique_ptr<vector_peer> faiss_peer(std::size_t dimension, bool unit, std::size_t m, std::size_t ef_construction) {
    return std::make_unique<faiss_index>(dimension, unit, m, ef_construction);
}
