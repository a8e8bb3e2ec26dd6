// SPDX-License-Identifier: BSL-1.0
// What servers answer, from any bytes under any capabilities. What is read is written again and reads as the same.
#include <weft/mysql/protocol/column_definition.hpp>
#include <weft/mysql/protocol/prepared_statement.hpp>
#include <weft/mysql/protocol/response.hpp>

#include <cstdint>
#include <cstdlib>

using namespace weft::mysql::protocol;
using weft::blob;
using weft::blob_view;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

void read_ok(blob_view bytes, capability_set caps) {
    const ok_message ok = decode_ok(bytes, caps);
    blob again;
    encode_ok(ok, caps, wire_writer(again));
    const ok_message back = decode_ok(again, caps);
    require(back.affected_rows == ok.affected_rows && back.insert_id == ok.insert_id && back.status == ok.status &&
            back.warnings == ok.warnings);
    require(weft::as_text(back.session_state) == weft::as_text(ok.session_state));
    if ((caps & capability::session_track) != 0) require(back.info == ok.info);
    blob state;
    for_each_session_change(ok.session_state,
                            [&](const session_change& c) { append_session_change(c, wire_writer(state)); });
    int changes = 0;
    for_each_session_change(state, [&](const session_change&) { ++changes; });
}

void read_definition(blob_view bytes, capability_set caps) {
    const column_definition c = decode_column_definition(bytes, caps);
    blob again;
    encode_column_definition(c, caps, wire_writer(again));
    require(decode_column_definition(again, caps) == c);
}

void read_first(blob_view bytes, capability_set caps) {
    switch (classify_response(bytes, caps)) {
    case response_kind::ok: read_ok(bytes, caps); break;
    case response_kind::error: {
        const error_message e = decode_error(bytes);
        blob again;
        encode_error(e, wire_writer(again));
        require(decode_error(again) == e);
        break;
    }
    case response_kind::progress: {
        const progress_message p = decode_progress(bytes);
        blob again;
        encode_progress(p, wire_writer(again));
        require(decode_progress(again) == p);
        break;
    }
    case response_kind::eof: static_cast<void>(decode_end(bytes, caps)); break;
    case response_kind::local_infile: static_cast<void>(decode_local_infile(bytes)); break;
    case response_kind::result_set: require(decode_column_count(bytes, caps).columns != 0); break;
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    capability_set caps = 0;
    if ((data[1] & 1) != 0) caps |= capability::session_track;
    if ((data[1] & 2) != 0) caps |= capability::deprecate_eof;
    if ((data[1] & 4) != 0) caps |= capability::optional_resultset_metadata;
    if ((data[1] & 8) != 0) caps |= capability::mariadb_progress;
    if ((data[1] & 16) != 0) caps |= capability::mariadb_extended_metadata;
    const blob_view bytes(reinterpret_cast<const std::byte*>(data) + 2, size - 2);
    try {
        switch (data[0] % 4) {
        case 0: read_first(bytes, caps); break;
        case 1: read_definition(bytes, caps); break;
        case 2: static_cast<void>(decode_prepare_ok(bytes, caps)); break;
        default: static_cast<void>(decode_end(bytes, caps));
        }
    } catch (const weft::operational_error& e) {
        require(e.diagnostics().code == client_error::malformed_packet);
    }
    return 0;
}
