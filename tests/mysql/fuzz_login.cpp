// SPDX-License-Identifier: BSL-1.0
// Messages of the login from any bytes, and the authenticator's answers to them. What is read is written again and
// reads as the same.
#include <weft/mysql/auth/authenticator.hpp>
#include <weft/mysql/protocol/server_version.hpp>

#include <cstdint>
#include <cstdlib>

using namespace weft::mysql::protocol;
namespace auth = weft::mysql::auth;
using weft::blob;
using weft::blob_view;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

void read_greeting(blob_view bytes) {
    const greeting g = decode_greeting(bytes);
    static_cast<void>(identify_server(g));
    if (g.auth_data.size() < 20 || g.auth_data.size() > 246) return;
    blob again;
    encode_greeting(g, wire_writer(again));
    greeting back = decode_greeting(again);
    back.capabilities |= g.capabilities & ~capability::mysql_mask; // only MariaDB's greeting has room for them
    if ((g.capabilities & (capability::plugin_auth | capability::secure_connection)) == capability::plugin_auth ||
        g.auth_data.size() == 20)
        require(back == g);
}

void read_response(blob_view bytes) {
    const handshake_response r = decode_handshake_response(bytes);
    if (is_ssl_request(bytes)) return;
    blob again;
    encode_handshake_response(r, wire_writer(again));
    const handshake_response back = decode_handshake_response(again);
    require(back.capabilities == r.capabilities && back.user == r.user && back.database == r.database &&
            back.auth_plugin == r.auth_plugin && back.attributes == r.attributes && back.zstd_level == r.zstd_level &&
            weft::as_text(back.auth_response) == weft::as_text(r.auth_response));
}

void read_change_user(blob_view bytes) {
    constexpr capability_set caps = capability::plugin_auth | capability::connect_attrs;
    const change_user c = decode_change_user(bytes, caps);
    blob again;
    encode_change_user(c, caps, wire_writer(again));
    const change_user back = decode_change_user(again, caps);
    require(back.user == c.user && back.database == c.database && back.collation == c.collation &&
            back.auth_plugin == c.auth_plugin && back.attributes == c.attributes);
}

void log_in(blob_view bytes) {
    auth::authenticator a("secret", {.secure_channel = !bytes.empty() && (bytes[0] & std::byte{1}) != std::byte{0}});
    blob out;
    const auth_switch_request s = decode_auth_switch(bytes);
    static_cast<void>(a.start(s.plugin, s.data, out));
    // what came with the switch comes again as more data, but for iteration counts that only take time
    if (s.plugin == "parsec" && s.data.size() > 1 && s.data[1] > std::byte{2}) return;
    static_cast<void>(a.more(s.data, out));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const blob_view bytes(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
    try {
        switch (data[0] % 4) {
        case 0: read_greeting(bytes); break;
        case 1: read_response(bytes); break;
        case 2: read_change_user(bytes); break;
        default: log_in(bytes);
        }
    } catch (const weft::error& e) {
        require(!e.diagnostics().message.empty());
        require(e.kind() == weft::errc::operational_error);
    }
    return 0;
}
