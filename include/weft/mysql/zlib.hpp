// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// zlib for connections: `options.compression = mysql::zlib()`. Not part of `weft/mysql.hpp`: programs that include it
/// link `weft::zlib`.

#include <weft/mysql/compression.hpp>
#include <weft/mysql/protocol/zlib_codec.hpp>

#include <string>

namespace weft::inline v0::mysql {

/// Compresses with zlib, which MySQL, MariaDB and SingleStore have. `level` is 1 (fast) to 9 (small), -1 zlib's own
/// choice. \throws interface_error for another level.
inline compression zlib(int level = Z_DEFAULT_COMPRESSION) {
    if (level == 0 || level < -1 || level > 9)
        throw interface_error("zlib level " + std::to_string(level) + ": expected 1 to 9, or -1");
    return compression::with<protocol::zlib_codec>(protocol::capability::compress, level);
}

namespace detail {

inline const bool has_zlib = provide_compression("zlib", [] { return zlib(); });

} // namespace detail

} // namespace weft::inline v0::mysql
