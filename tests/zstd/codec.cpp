// SPDX-License-Identifier: BSL-1.0
#include <weft/mysql/protocol/zstd_codec.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace weft::mysql::protocol;
using weft::blob;

TEST_CASE("zstd frames read back and corrupt ones do not") {
    static_assert(compression_codec<zstd_codec>);
    zstd_codec codec;
    blob packets(100'000);
    for (std::size_t i = 0; i < packets.size(); ++i) packets[i] = static_cast<std::byte>(i * i >> 7 & 0x3F);
    blob frames;
    std::uint8_t sequence = 0;
    encode_compressed(codec, packets, sequence, frames);
    CHECK(frames.size() < packets.size());

    frame_decoder decoder;
    blob back;
    CHECK(decoder.next(codec, frames, back, packets.size()).consumed == frames.size());
    CHECK(back == packets);

    for (const std::size_t size : {compressed_header_size, compressed_header_size + 5, frames.size() / 2}) {
        const weft::blob_view cut = weft::blob_view(frames).first(size).subspan(compressed_header_size);
        CHECK_FALSE(codec.decompress(cut, back));
    }
    // a frame of another length than announced: a bomb, or nothing left
    blob exact(99'999);
    const weft::blob_view body = weft::blob_view(frames).subspan(compressed_header_size);
    CHECK_FALSE(codec.decompress(body, exact));
    exact.resize(100'001);
    CHECK_FALSE(codec.decompress(body, exact));
    CHECK_FALSE(codec.decompress({}, exact));
}
