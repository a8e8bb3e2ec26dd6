// SPDX-License-Identifier: BSL-1.0
// Compressed frames from any bytes: what the layer gives in portions is what the decoder gives at once, and both refuse
// the same.
#include <weft/mysql/detail/frame_layer.hpp>

#include "run_length_codec.hpp"

#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace {

namespace mysql = weft::mysql;
namespace protocol = weft::mysql::protocol;
using weft::blob;
using weft::blob_view;

void require(bool condition) {
    if (!condition) std::abort();
}

// All packets in the bytes, up to the first frame that is not whole or no good.
blob decode_at_once(blob_view bytes) {
    test::run_length_codec codec;
    protocol::frame_decoder decoder;
    decoder.expect(1);
    blob packets;
    try {
        while (const protocol::decoded_frame f = decoder.next(codec, bytes, packets, std::size_t{1} << 30))
            bytes = bytes.subspan(f.consumed);
    } catch (const weft::error& e) {
        require(!e.diagnostics().message.empty());
    }
    return packets;
}

blob decode_in_portions(blob_view bytes, std::size_t piece, std::size_t room) {
    mysql::detail::frame_layer layer(
        mysql::compression::with<test::run_length_codec>(protocol::capability::compress, 1).make_codec());
    layer.expect_answer(false);
    blob packets;
    blob portion(room);
    try {
        for (;;) {
            const auto took = layer.take(portion);
            require(took.size <= room);
            packets.insert(packets.end(), portion.begin(), portion.begin() + static_cast<std::ptrdiff_t>(took.size));
            if (took.size != 0) continue;
            require(took.missing != 0);
            if (bytes.empty()) break;
            const std::size_t size = piece < bytes.size() ? piece : bytes.size();
            std::memcpy(layer.incoming().make_room(took.missing > size ? took.missing : size).data(), bytes.data(),
                        size);
            layer.incoming().received(size);
            bytes = bytes.subspan(size);
        }
    } catch (const weft::error& e) {
        require(!e.diagnostics().message.empty());
    }
    return packets;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const auto* bytes = reinterpret_cast<const std::byte*>(data + 2);
    const blob exact(bytes, bytes + size - 2);
    const blob expected = decode_at_once(exact);
    require(decode_in_portions(exact, std::size_t{1} + data[0], std::size_t{1} + data[1]) == expected);
    return 0;
}
