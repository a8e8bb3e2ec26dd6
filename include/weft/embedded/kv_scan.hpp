// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `kv_scan`: the entries of a scan, one after the other or by the batch, on the snapshot of its beginning.

#include <weft/embedded/detail/kv_transaction_state.hpp>
#include <weft/embedded/kv_iterator.hpp>
#include <weft/embedded/kv_store.hpp>

#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace weft::inline v0::embedded {

/// A running scan; move-only, used by one thread at a time. It reads as it goes: what is in memory is one entry. What
/// is written after it began does not show in it, not even what its own transaction writes (a transaction that writes
/// while a scan runs first reads the rest of the scan into memory). A scan of a transaction ends with it; one of a
/// database keeps a connection until it is destroyed.
///
///     for (const auto& [key, value] : db.scan_prefix("users/")) …
///
/// Keys and values are views into SQLite's memory, valid until the scan moves on.
class kv_scan {
public:
    using iterator = kv_iterator<kv_scan, kv_entry>;

    /// Made by `scan` and `scan_prefix` of databases and transactions.
    kv_scan(shared<detail::lease> owner, shared<detail::transaction_state> transaction, bytes_view start,
            bytes_view end, const scan_options& how = {})
        : owner_(std::move(owner)), transaction_(std::move(transaction)),
          state_(std::make_unique<detail::scan_state>(owner_->connection(), start, end, how)) {}
    kv_scan(kv_scan&&) noexcept = default;
    kv_scan& operator=(kv_scan&& other) noexcept {
        state_ = std::move(other.state_); // before the connection it runs on
        transaction_ = std::move(other.transaction_);
        owner_ = std::move(other.owner_);
        return *this;
    }

    /// The next entry, valid until the next call; null at the end. Throws transaction_error when the transaction has
    /// ended, programming_error when the database is closed.
    const kv_entry* next() {
        if (!state_) return nullptr;
        owner_->core().check_open();
        if (transaction_) transaction_->check_active();
        return state_->next();
    }

    /// Up to `most` entries (1000 when it is 0) that own their bytes; none at the end.
    std::vector<kv_pair> next_batch(std::size_t most = 1000) {
        if (most == 0) most = 1000;
        std::vector<kv_pair> batch;
        while (batch.size() < most) {
            const kv_entry* entry = next();
            if (entry == nullptr) break;
            batch.push_back({std::string(entry->key), std::string(entry->value)});
        }
        return batch;
    }

    /// The entries that are left.
    std::vector<kv_pair> collect() { return next_batch(static_cast<std::size_t>(-1)); }

    /// Begins where the scan is: a scan is gone through once.
    iterator begin() { return iterator(*this); }
    std::default_sentinel_t end() const noexcept { return {}; }

private:
    shared<detail::lease> owner_;
    shared<detail::transaction_state> transaction_;
    std::unique_ptr<detail::scan_state> state_;
};

} // namespace weft::inline v0::embedded
