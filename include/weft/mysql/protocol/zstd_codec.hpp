// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Zstandard for the compressed protocol (`zstd_compression` capability). Not part of `weft/mysql.hpp`: programs that
/// include it link `weft::zstd`.

#include <weft/mysql/protocol/compression.hpp>

#include <zstd.h>

#include <memory>

namespace weft::inline v0::mysql::protocol {

/// A compression_codec that keeps its working memory from frame to frame. `level` is 1 (fast) to 22 (small); 3 is what
/// clients announce by default.
class zstd_codec {
public:
    explicit zstd_codec(int level = 3) : level_(level), compressing_(ZSTD_createCCtx()), restoring_(ZSTD_createDCtx()) {
        if (!compressing_ || !restoring_) throw operational_error("zstd has no memory for its working state");
    }

    void compress(blob_view in, blob& out) {
        const std::size_t start = out.size();
        out.resize(start + ZSTD_compressBound(in.size()));
        const std::size_t size =
            ZSTD_compressCCtx(compressing_.get(), out.data() + start, out.size() - start, in.data(), in.size(), level_);
        if (ZSTD_isError(size) != 0)
            throw internal_error("zstd cannot compress: " + std::string(ZSTD_getErrorName(size)));
        out.resize(start + size);
    }

    bool decompress(blob_view in, std::span<std::byte> exact) noexcept {
        return ZSTD_decompressDCtx(restoring_.get(), exact.data(), exact.size(), in.data(), in.size()) == exact.size();
    }

private:
    struct release {
        void operator()(ZSTD_CCtx* c) const noexcept { ZSTD_freeCCtx(c); }
        void operator()(ZSTD_DCtx* c) const noexcept { ZSTD_freeDCtx(c); }
    };

    int level_;
    std::unique_ptr<ZSTD_CCtx, release> compressing_;
    std::unique_ptr<ZSTD_DCtx, release> restoring_;
};

} // namespace weft::inline v0::mysql::protocol
