// SPDX-License-Identifier: BSL-1.0
// Any bytes to a server: each whole frame gets one answer, and a frame that can be read is written as it was.
#include <weft/embedded/kv_database.hpp>
#include <weft/testing/temporary_directory.hpp>
#include <weft/toondb/detail/service.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace weft::toondb;
using namespace weft::toondb::protocol;

void require(bool condition) {
    if (!condition) std::abort();
}

/// What the decoders read is encoded again: the same bytes, as far as all of them are part of the message.
void round_trip(const frame_view& frame) {
    std::string whole = encode_plain(frame.op, frame.payload);
    try {
        switch (frame.op) {
        case opcode::put: {
            const put_request put = decode_put(frame.payload);
            require(encode_put(put.key, put.value) == whole);
            break;
        }
        case opcode::query: {
            const query_request query = decode_query(frame.payload);
            require(whole.starts_with(encode_query(query).substr(0, 1)));
            const std::string again = encode_query(query);
            require(whole.substr(header_size).starts_with(again.substr(header_size)));
            require(decode_query(std::string_view(again).substr(header_size)) == query);
            break;
        }
        case opcode::create_table: {
            const table_definition table = decode_create_table(frame.payload);
            const std::string again = encode_create_table(table);
            require(decode_create_table(std::string_view(again).substr(header_size)) == table);
            break;
        }
        case opcode::scoped_scan: {
            require(encode_scoped_scan(decode_scoped_scan(frame.payload)) == whole);
            break;
        }
        default: break;
        }
    } catch (const protocol_error&) { // refused, as it should be
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const weft::testing::temporary_directory directory;
    static weft::embedded::kv_database db(directory / "fuzz.db", {.sync_mode = weft::embedded::sync_mode::off});
    weft::toondb::detail::service service(db, 4);
    weft::toondb::detail::client_state client;
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    for (int i = 0; i < 20; ++i) {
        frame_view frame;
        std::uint32_t wanted = 0;
        if (peek_frame(rest, frame, wanted) != frame_state::whole) break;
        rest.remove_prefix(header_size + frame.payload.size());
        round_trip(frame);
        std::string out;
        if (service.lane_of(frame) == weft::toondb::detail::lane::writer && !client.open.empty())
            continue; // it might wait for itself
        service.handle(client, frame, out);
        frame_view answer;
        require(peek_frame(out, answer, wanted) == frame_state::whole);
        require(out.size() == header_size + answer.payload.size());
        require(static_cast<std::uint8_t>(answer.op) >= 0x80);
    }
    return 0;
}
