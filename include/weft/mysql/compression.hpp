// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `compression`: what a connection is told to compress with. `weft/mysql/zlib.hpp` and `weft/mysql/zstd.hpp` make one
/// each, for programs that link those libraries; nothing else can, so what is asked for is always there.
/// `compression_by_name` finds them by their names, where a program has them.

#include <weft/core/error.hpp>
#include <weft/mysql/protocol/capabilities.hpp>
#include <weft/mysql/protocol/compression.hpp>

#include <memory>
#include <span>
#include <string>
#include <string_view>
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

namespace detail {

/// A compression that a text can name, and who makes it: null in programs that do not include its header.
struct named_compression {
    std::string_view name;
    const char* header;
    compression (*make)();
};

inline named_compression named_compressions[] = {
    {"zlib", "weft/mysql/zlib.hpp", nullptr},
    {"zstd", "weft/mysql/zstd.hpp", nullptr},
};

/// Called by the header of a compression, before main.
inline bool provide_compression(std::string_view name, compression (*make)()) noexcept {
    for (named_compression& known : named_compressions) {
        if (known.name == name) known.make = make;
    }
    return true;
}

} // namespace detail

/// The compression called `zlib` or `zstd`; `none` is none. \throws not_supported_error when the program does not
/// include that one's header, interface_error for another name.
inline compression compression_by_name(std::string_view name) {
    if (name == "none") return {};
    for (const detail::named_compression& known : detail::named_compressions) {
        if (known.name != name) continue;
        if (known.make != nullptr) return known.make();
        throw not_supported_error("compression '" + std::string(name) +
                                  "' is not part of this program, which would have to include " + known.header);
    }
    throw interface_error("compression '" + std::string(name) + "': expected none, zlib or zstd");
}

} // namespace weft::inline v0::mysql
