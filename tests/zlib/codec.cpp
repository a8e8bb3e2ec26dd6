// SPDX-License-Identifier: BSL-1.0
#include <weft/mysql/protocol/zlib_codec.hpp>

#include <catch2/catch_test_macros.hpp>

using namespace weft::mysql::protocol;
using weft::blob;

TEST_CASE("zlib frames read back and corrupt ones do not") {
    static_assert(compression_codec<zlib_codec>);
    zlib_codec codec;
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

    for (std::size_t at = compressed_header_size; at < frames.size(); at += 97) {
        blob corrupt = frames;
        corrupt[at] ^= std::byte{0x10};
        decoder.expect(0);
        back.clear();
        CHECK_THROWS_AS(decoder.next(codec, corrupt, back, packets.size()), weft::operational_error);
        CHECK(back.empty());
    }
    // a frame of another length than announced: a bomb, or nothing left
    blob exact(99'999);
    const weft::blob_view body = weft::blob_view(frames).subspan(compressed_header_size);
    CHECK_FALSE(codec.decompress(body, exact));
    exact.resize(100'001);
    CHECK_FALSE(codec.decompress(body, exact));
    CHECK_FALSE(codec.decompress({}, exact));
}
