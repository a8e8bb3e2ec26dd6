// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Zstandard for connections: `options.compression = mysql::zstd()`. Not part of `weft/mysql.hpp`: programs that
/// include it link `weft::zstd`.

#include <weft/mysql/compression.hpp>
#include <weft/mysql/protocol/zstd_codec.hpp>

#include <string>

namespace weft::inline v0::mysql {

/// Compresses with Zstandard, which MySQL has since 8.0.18. `level` is 1 (fast) to 22 (small); the server compresses
/// with the same. \throws interface_error for another level.
inline compression zstd(int level = 3) {
    if (level < 1 || level > 22) throw interface_error("zstd level " + std::to_string(level) + ": expected 1 to 22");
    return compression::with<protocol::zstd_codec>(protocol::capability::zstd_compression, level);
}

namespace detail {

inline const bool has_zstd = provide_compression("zstd", [] { return zstd(); });

} // namespace detail

} // namespace weft::inline v0::mysql
