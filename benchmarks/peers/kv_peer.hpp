// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// A key-value store of somebody else, for embedded_kv.cpp.
class kv_peer {
public:
    virtual ~kv_peer() = default;
    virtual const char* name() const = 0;
    /// Puts pairs in transactions of `batch`; `durable` ones are on the disk when they return.
    virtual void put(const std::vector<std::string>& keys, std::string_view value, std::size_t batch, bool durable) = 0;
    /// Gets each key, each in a read of its own or all in one; returns how many are there.
    virtual std::size_t get(const std::vector<std::string>& keys, bool in_one) = 0;
    /// Goes over everything; returns how many entries there are.
    virtual std::size_t scan() = 0;
};

std::unique_ptr<kv_peer> lmdb_peer(const std::string& directory);
std::unique_ptr<kv_peer> rocksdb_peer(const std::string& directory);
