// SPDX-License-Identifier: BSL-1.0
// What clients send, from any bytes, and the framing beneath it: packets and compressed frames in any pieces.
#include <weft/mysql/protocol/compression.hpp>
#include <weft/mysql/protocol/packet.hpp>
#include <weft/mysql/protocol/prepared_statement.hpp>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

using namespace weft::mysql::protocol;
using weft::blob;
using weft::blob_view;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

// Frames are "decompressed" by repeating what they hold.
struct repeating_codec {
    void compress(blob_view in, blob& out) const { out.insert(out.end(), in.begin(), in.end()); }
    bool decompress(blob_view in, std::span<std::byte> exact) const {
        for (std::size_t i = 0; i < exact.size() && !in.empty(); ++i) exact[i] = in[i % in.size()];
        return !in.empty();
    }
};

// The same messages whether the bytes come at once or one by one.
void assemble(blob_view bytes, std::size_t limit) {
    std::vector<blob> together;
    try {
        packet_assembler whole(limit);
        blob all(bytes.begin(), bytes.end());
        for (std::size_t at = 0;;) {
            const assembled_packet p = whole.next(std::span(all).subspan(at));
            if (!p) break;
            require(p.payload.size() <= limit);
            together.emplace_back(p.payload.begin(), p.payload.end());
            at += p.consumed;
        }
    } catch (const weft::error&) {}
    packet_assembler pieces(limit);
    blob received;
    std::size_t messages = 0;
    for (const std::byte b : bytes) {
        received.push_back(b);
        while (const assembled_packet p = pieces.next(received)) {
            require(messages < together.size());
            require(weft::as_text(p.payload) == weft::as_text(together[messages]));
            ++messages;
            received.erase(received.begin(), received.begin() + static_cast<std::ptrdiff_t>(p.consumed));
        }
    }
    require(messages == together.size());
}

void decompress(blob_view bytes) {
    frame_decoder decoder;
    repeating_codec codec;
    blob packets;
    while (const decoded_frame f = decoder.next(codec, bytes, packets, 4096)) {
        require(packets.size() <= 4096);
        bytes = bytes.subspan(f.consumed);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const capability_set caps = (data[1] & 1) != 0 ? capability::query_attributes : 0;
    const std::size_t count = data[1] >> 4;
    const blob_view bytes(reinterpret_cast<const std::byte*>(data) + 2, size - 2);
    const std::vector<parameter_type> known(count, parameter_type{field_type::longlong, false});
    try {
        switch (data[0] % 5) {
        case 0: {
            const query_message q = decode_query(bytes, caps);
            require(q.attributes.size() <= 8 * bytes.size());
            break;
        }
        case 1: {
            const execute_message e = decode_stmt_execute(bytes, count, known, caps);
            for (const bound_parameter& p : e.parameters) require(p.bytes.size() <= bytes.size());
            break;
        }
        case 2: {
            const bulk_message m = decode_bulk_execute(bytes, count);
            require(m.values.size() % count == 0);
            break;
        }
        case 3: assemble(bytes, (data[1] & 2) != 0 ? 64 : std::size_t{1} << 30); break;
        default: decompress(bytes);
        }
    } catch (const weft::operational_error& e) {
        require(e.diagnostics().code != 0);
    } catch (const weft::internal_error& e) {
        require(e.diagnostics().code == client_error::malformed_packet);
    }
    return 0;
}
