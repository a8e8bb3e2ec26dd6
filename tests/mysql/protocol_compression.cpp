// SPDX-License-Identifier: BSL-1.0
#include <weft/mysql/protocol/compression.hpp>

#include "bytes.hpp"
#include "run_length_codec.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>

using namespace weft::mysql::protocol;
using test::hex;
using test::run_length_codec;
using weft::blob;
using weft::blob_view;

namespace {

int code_of(const blob& frame, std::size_t limit = 1000) {
    frame_decoder decoder;
    run_length_codec codec;
    blob packets(10);
    try {
        static_cast<void>(decoder.next(codec, frame, packets, limit));
    } catch (const weft::error& e) {
        CHECK(packets.size() == 10);
        return e.diagnostics().code;
    }
    return 0;
}

} // namespace

TEST_CASE("short frames and those that do not shrink are sent as they are") {
    run_length_codec codec;
    std::uint8_t sequence = 0;
    blob out;
    encode_compressed(codec, hex("01 00 00 00 0e"), sequence, out);
    CHECK(weft::to_hex(out) == "050000"
                               "00"
                               "000000"
                               "010000000e");
    out.clear();
    blob noise(60);
    for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = static_cast<std::byte>(i);
    encode_compressed(codec, noise, sequence, out);
    CHECK(weft::to_hex(out).starts_with("3c0000"
                                        "01"
                                        "000000"
                                        "0001"));
    out.clear();
    encode_compressed(codec, blob(60), sequence, out);
    CHECK(weft::to_hex(out) == "020000"
                               "02"
                               "3c0000"
                               "3c00");
    CHECK(sequence == 3);
}

TEST_CASE("what is compressed decompresses, however it arrives") {
    run_length_codec codec;
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{49}, std::size_t{50}, max_frame_size, max_frame_size + 9}) {
        blob packets(size);
        for (std::size_t i = 0; i < size; ++i) packets[i] = static_cast<std::byte>(i >> 10);
        blob frames;
        std::uint8_t sequence = 255;
        encode_compressed(codec, packets, sequence, frames);
        frame_decoder decoder;
        decoder.expect(255);
        blob back;
        blob received;
        for (std::size_t at = 0; at < frames.size();) {
            const decoded_frame f = decoder.next(codec, received, back, size);
            if (f) {
                CHECK(f.consumed == received.size());
                received.clear();
                continue;
            }
            received.insert(received.end(), frames.begin() + static_cast<std::ptrdiff_t>(at),
                            frames.begin() + static_cast<std::ptrdiff_t>(at + f.missing));
            at += f.missing;
        }
        CHECK(decoder.next(codec, received, back, size));
        CHECK(back == packets);
        CHECK(decoder.sequence() == sequence);
    }
}

TEST_CASE("corrupt, disordered and bloated frames are refused") {
    CHECK(code_of(hex("020000 00 3c0000 3c00")) == 0);
    CHECK(code_of(hex("020000 00 3d0000 3c00")) == client_error::malformed_packet); // announces more
    CHECK(code_of(hex("020000 00 3b0000 3c00")) == client_error::malformed_packet); // and less
    CHECK(code_of(hex("020000 01 3c0000 3c00")) == client_error::malformed_packet);
    CHECK(code_of(hex("020000 00 ffffff 3c00")) == client_error::packet_too_large);
    CHECK(code_of(hex("020000 00 3c0000 3c00"), 69) == client_error::packet_too_large);
    CHECK(code_of(hex("020000 00 3c0000 3c00"), 70) == 0);
    CHECK(code_of(hex("ffffff 00 000000")) == client_error::packet_too_large);
}
