// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The vector indexes weft is measured against, behind one interface: they are compiled in units of their own, with all
/// the instructions of this machine.

#include <cstddef>
#include <cstdint>
#include <memory>

/// An HNSW index over unit vectors, by inner product, or over any by squared distance.
struct vector_peer {
    virtual ~vector_peer() = default;
    virtual const char* name() const = 0;
    virtual void add(const float* rows, std::size_t count) = 0;
    /// Writes the `k` nearest of each query.
    virtual void search(const float* queries, std::size_t count, std::size_t k, std::size_t ef, std::uint64_t* ids) = 0;
    virtual void save(const char* path) = 0;
    virtual void load(const char* path, std::size_t count) = 0;
};

std::unique_ptr<vector_peer> hnswlib_peer(std::size_t dimension, bool unit, std::size_t capacity, std::size_t m,
                                          std::size_t ef_construction);
std::unique_ptr<vector_peer> faiss_peer(std::size_t dimension, bool unit, std::size_t m, std::size_t ef_construction);
