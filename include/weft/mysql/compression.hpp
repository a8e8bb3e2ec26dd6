// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `compression`: what a connection is told to compress with. `weft/mysql/zlib.hpp` and `weft/mysql/zstd.hpp` make one
/// each, for programs that link those libraries; nothing else can, so what is asked for is always there.

#include <weft/mysql/protocol/capabilities.hpp>
#include <weft/mysql/protocol/compression.hpp>

#include <memory>
#include <span>
#include <utility>

namespace weft::inline v0::mysql {

/// A compression_codec chosen while the program runs.
class any_codec {
public:
    virtual ~any_codec() = default;
    virtual void compress(blob_view in, blob& out) = 0;
    virtual bool decompress(blob_view in, std::span<std::byte> exact) = 0;
};

/// How packets between client and server are compressed; by default they are not. A server that does not have the
/// method is talked to without. A copy costs nothing; each connection gets a codec of its own.
class compression {
public:
    compression() noexcept = default;

    /// `Codec(level)`, asked for with the capability bit `bit`.
    template <protocol::compression_codec Codec>
    static compression with(protocol::capability_set bit, int level) noexcept {
        compression made;
        made.bit_ = bit;
        made.level_ = level;
        made.make_ = [](int l) -> std::unique_ptr<any_codec> { return std::make_unique<codec_of<Codec>>(Codec(l)); };
        return made;
    }

    explicit operator bool() const noexcept { return make_ != nullptr; }
    /// The capability to ask the server for; 0: none.
    protocol::capability_set capability() const noexcept { return bit_; }
    int level() const noexcept { return level_; }
    /// A codec for one connection; not for an empty choice.
    std::unique_ptr<any_codec> make_codec() const { return make_(level_); }

private:
    template <class Codec>
    class codec_of final : public any_codec {
    public:
        explicit codec_of(Codec codec) : codec_(std::move(codec)) {}
        void compress(blob_view in, blob& out) override { codec_.compress(in, out); }
        bool decompress(blob_view in, std::span<std::byte> exact) override { return codec_.decompress(in, exact); }

    private:
        Codec codec_;
    };

    protocol::capability_set bit_ = 0;
    int level_ = 0;
    std::unique_ptr<any_codec> (*make_)(int) = nullptr;
};

} // namespace weft::inline v0::mysql
