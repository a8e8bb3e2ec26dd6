// SPDX-License-Identifier: BSL-1.0

#include "vector_peer.hpp"

#include <hnswlib/hnswlib.h>

#include <string>

namespace {

class hnswlib_index final : public vector_peer {
public:
    hnswlib_index(std::size_t dimension, bool unit, std::size_t capacity, std::size_t m, std::size_t ef_construction)
        : dimension_(dimension) {
        if (unit)
            space_ = std::make_unique<hnswlib::InnerProductSpace>(dimension);
        else
            space_ = std::make_unique<hnswlib::L2Space>(dimension);
        if (capacity != 0)
            index_ = std::make_unique<hnswlib::HierarchicalNSW<float>>(space_.get(), capacity, m, ef_construction);
    }
    const char* name() const override { return "hnswlib"; }
    void add(const float* rows, std::size_t count) override {
        for (std::size_t i = 0; i < count; ++i) index_->addPoint(rows + i * dimension_, i);
    }
    void search(const float* queries, std::size_t count, std::size_t k, std::size_t ef, std::uint64_t* ids) override {
        index_->setEf(ef);
        for (std::size_t i = 0; i < count; ++i) {
            auto found = index_->searchKnn(queries + i * dimension_, k);
            for (std::size_t at = found.size(); !found.empty(); found.pop()) ids[i * k + --at] = found.top().second;
        }
    }
    void save(const char* path) override { index_->saveIndex(path); }
    void load(const char* path, std::size_t count) override {
        index_ = std::make_unique<hnswlib::HierarchicalNSW<float>>(space_.get(), std::string(path), false, count);
    }

private:
    std::size_t dimension_;
    std::unique_ptr<hnswlib::SpaceInterface<float>> space_;
    std::unique_ptr<hnswlib::HierarchicalNSW<float>> index_;
};

} // namespace

std::unique_ptr<vector_peer> hnswlib_peer(std::size_t dimension, bool unit, std::size_t capacity, std::size_t m,
                                          std::size_t ef_construction) {
    return std::make_unique<hnswlib_index>(dimension, unit, capacity, m, ef_construction);
}
