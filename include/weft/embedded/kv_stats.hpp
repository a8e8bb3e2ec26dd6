// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// What a key-value database can say about itself.

#include <cstdint>

namespace weft::inline v0::embedded {

/// Figures of a key-value database. Counters begin at zero when it is opened and count what this object did; sizes and
/// numbers are those of the file.
struct kv_stats {
    std::uint64_t keys_count = 0;             ///< entries now, those that expired left out
    std::uint64_t bytes_written = 0;          ///< keys and values put
    std::uint64_t bytes_read = 0;             ///< keys and values returned by gets and scans
    std::uint64_t transactions_committed = 0; ///< scopes and single writes
    std::uint64_t transactions_aborted = 0;   ///< given up by the program, by a conflict or by an error
    std::uint64_t queries_executed = 0;       ///< SQL texts and queries of the builder
    std::uint64_t cache_hits = 0;             ///< pages found in the page caches
    std::uint64_t cache_misses = 0;           ///< pages read from the file or the log
    std::uint64_t memtable_size_bytes = 0;    ///< memory the page caches use
    std::uint64_t wal_size_bytes = 0;         ///< size of the log file
    std::uint64_t active_transactions = 0;    ///< scopes that have not ended
    std::uint64_t min_active_snapshot = 0;    ///< last commit that the oldest of them sees; 0 when there is none
    std::uint64_t last_checkpoint_lsn = 0;    ///< what the last checkpoint() returned; 0 before the first
};

} // namespace weft::inline v0::embedded
