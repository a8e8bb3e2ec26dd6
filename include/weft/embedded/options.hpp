// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// How an embedded database is opened.

#include <cstdint>

namespace weft::inline v0::embedded {

/// What may be done with the file.
enum class open_mode : std::uint8_t {
    read_write_create, ///< create the file when it is missing
    read_write,        ///< the file must exist
    read_only,         ///< the file must exist and is not changed
};

/// How transactions are made atomic. See SQLite's journal_mode.
enum class journal_mode : std::uint8_t { wal, rollback };

/// When data is forced to the disk. See SQLite's synchronous.
enum class synchronous_mode : std::uint8_t {
    off,    ///< never: a power failure may lose or corrupt the database
    normal, ///< at checkpoints: with WAL, a power failure may lose the last transactions, never corrupt
    full,   ///< at every commit: a committed transaction survives a power failure
};

/// Settings of one connection.
struct database_options {
    open_mode mode = open_mode::read_write_create;
    journal_mode journal = journal_mode::wal;
    synchronous_mode synchronous = synchronous_mode::full;
    std::uint32_t busy_timeout_ms = 5000; ///< how long to wait for another connection's lock, milliseconds
    bool foreign_keys = true;             ///< enforce foreign keys
    std::uint32_t statement_cache = 64;   ///< prepared statements kept
};

} // namespace weft::inline v0::embedded
