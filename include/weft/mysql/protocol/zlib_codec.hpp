// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// zlib for the compressed protocol (`compress` capability). Not part of `weft/mysql.hpp`: programs that include it
/// link `weft::zlib`.

#include <weft/mysql/protocol/compression.hpp>

#include <zlib.h>

namespace weft::inline v0::mysql::protocol {

/// A compression_codec. `level` is zlib's, 1 (fast) to 9 (small).
class zlib_codec {
public:
    explicit zlib_codec(int level = Z_DEFAULT_COMPRESSION) noexcept : level_(level) {}

    void compress(blob_view in, blob& out) const {
        const std::size_t start = out.size();
        uLongf size = ::compressBound(static_cast<uLong>(in.size()));
        out.resize(start + size);
        const int code = ::compress2(reinterpret_cast<Bytef*>(out.data() + start), &size,
                                     reinterpret_cast<const Bytef*>(in.data()), static_cast<uLong>(in.size()), level_);
        if (code != Z_OK) throw internal_error("zlib cannot compress: " + std::string(::zError(code)));
        out.resize(start + size);
    }

    bool decompress(blob_view in, std::span<std::byte> exact) const noexcept {
        uLongf size = static_cast<uLongf>(exact.size());
        uLong used = static_cast<uLong>(in.size());
        const int code = ::uncompress2(reinterpret_cast<Bytef*>(exact.data()), &size,
                                       reinterpret_cast<const Bytef*>(in.data()), &used);
        return code == Z_OK && size == exact.size() && used == in.size();
    }

private:
    int level_;
};

} // namespace weft::inline v0::mysql::protocol
