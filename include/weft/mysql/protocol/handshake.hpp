// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The messages of the login: the server's greeting, the request for TLS, the client's response, and what the two say
/// to each other until the server answers OK. Protocol version 10 with the 4.1 response, which every server since 2004
/// speaks. Decoded messages other than the greeting view the bytes they were read from.

#include <weft/mysql/protocol/capabilities.hpp>
#include <weft/mysql/protocol/wire.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weft::inline v0::mysql::protocol {

/// First message of the server. It owns what it holds, because the connection keeps it.
struct greeting {
    std::string version{}; ///< as sent, `5.5.5-` prefix included; see identify_server()
    std::uint32_t thread_id = 0;
    blob auth_data{}; ///< the nonce, without its trailing NUL; 20 bytes for the usual plugins
    capability_set capabilities = 0;
    std::uint8_t collation = 0;
    std::uint16_t status = 0;
    std::string auth_plugin{}; ///< empty from servers without plugins

    friend bool operator==(const greeting&, const greeting&) = default;
};

/// Reads a greeting. \throws operational_error 2007 for another protocol version, 2027 for what is none. A server may
/// send an ERR message in its place: ask is_error() first.
inline greeting decode_greeting(blob_view payload) {
    wire_reader in(payload, "server greeting");
    const std::uint8_t protocol = in.u8("protocol version");
    if (protocol != 10)
        throw_mysql(client_error::version_error,
                    "server greeting: protocol version " + std::to_string(protocol) + ": expected 10");
    greeting g;
    g.version = in.nul_text("server version");
    g.thread_id = in.u32("thread id");
    const blob_view first = in.bytes(8, "nonce");
    g.auth_data.assign(first.begin(), first.end());
    in.u8("filler");
    g.capabilities = in.u16("capabilities");
    if (in.at_end()) return g;

    g.collation = in.u8("collation");
    g.status = in.u16("status");
    g.capabilities |= static_cast<capability_set>(in.u16("upper capabilities")) << 16;
    const std::uint8_t announced = in.u8("nonce length");
    in.bytes(6, "reserved bytes");
    const std::uint32_t extended = in.u32("MariaDB capabilities");
    if ((g.capabilities & capability::long_password) == 0) g.capabilities |= capability_set{extended} << 32;
    if ((g.capabilities & (capability::secure_connection | capability::plugin_auth)) != 0) {
        const std::size_t rest = announced > 21 ? announced - 8U : 13U;
        blob_view second = in.bytes(rest <= in.remaining() ? rest : 12, "second part of the nonce");
        if (second.back() == std::byte{0}) second = second.first(second.size() - 1);
        g.auth_data.insert(g.auth_data.end(), second.begin(), second.end());
    }
    if ((g.capabilities & capability::plugin_auth) != 0) g.auth_plugin = in.nul_text_or_rest("authentication plugin");
    return g;
}

/// Appends a greeting. The nonce must be 20 to 246 bytes long.
inline void encode_greeting(const greeting& g, wire_writer out) {
    if (g.auth_data.size() < 20 || g.auth_data.size() > 246)
        throw interface_error("a nonce of " + std::to_string(g.auth_data.size()) + " bytes: expected 20 to 246");
    const blob_view nonce = g.auth_data;
    const bool mariadb = (g.capabilities & capability::long_password) == 0;
    out.u8(10);
    out.nul_text(g.version, "server version");
    out.u32(g.thread_id);
    out.bytes(nonce.first(8));
    out.u8(0);
    out.u16(static_cast<std::uint16_t>(g.capabilities & 0xFFFF));
    out.u8(g.collation);
    out.u16(g.status);
    out.u16(static_cast<std::uint16_t>(g.capabilities >> 16 & 0xFFFF));
    const bool plugins = (g.capabilities & capability::plugin_auth) != 0;
    out.u8(plugins ? static_cast<std::uint8_t>(nonce.size() + 1) : std::uint8_t{0});
    out.zeros(6);
    out.u32(mariadb ? static_cast<std::uint32_t>(g.capabilities >> 32) : 0);
    out.bytes(nonce.subspan(8));
    out.u8(0);
    if (plugins) out.nul_text(g.auth_plugin, "authentication plugin");
}

/// A name and a value about the client, shown by the server's tables of connections.
struct connection_attribute {
    std::string_view key{};
    std::string_view value{};

    friend bool operator==(const connection_attribute&, const connection_attribute&) = default;
};

namespace detail {

inline void encode_attributes(const std::vector<connection_attribute>& attributes, wire_writer out) {
    blob pairs;
    wire_writer inner(pairs);
    for (const connection_attribute& a : attributes) {
        inner.lenenc_text(a.key);
        inner.lenenc_text(a.value);
    }
    out.lenenc_bytes(pairs);
}

inline std::vector<connection_attribute> decode_attributes(wire_reader& in) {
    std::vector<connection_attribute> attributes{};
    if (in.at_end()) return attributes;
    wire_reader pairs(in.lenenc_bytes("connection attributes"), "connection attributes");
    while (!pairs.at_end()) {
        const std::string_view key = pairs.lenenc_text("key");
        attributes.push_back({key, pairs.lenenc_text("value")});
    }
    return attributes;
}

} // namespace detail

/// What the client asks for and who it is. `capabilities` decides which fields are sent: give what both sides have.
struct handshake_response {
    capability_set capabilities = 0;
    std::uint32_t max_packet = 0xFFFFFF; ///< bytes of a message the client takes
    std::uint8_t collation = 45;         ///< ids above 255 do not fit: send a default and use SET NAMES
    std::string_view user{};
    blob_view auth_response{};
    std::string_view database{};    ///< with `connect_with_db`
    std::string_view auth_plugin{}; ///< with `plugin_auth`
    std::vector<connection_attribute> attributes{};
    std::uint8_t zstd_level = 3; ///< with `zstd_compression`
};

/// Asks for TLS: the first 32 bytes of the response. `ssl` must be among its capabilities.
inline void encode_ssl_request(const handshake_response& r, wire_writer out) {
    const bool mariadb = (r.capabilities & capability::long_password) == 0;
    out.u32(static_cast<std::uint32_t>(r.capabilities & capability::mysql_mask));
    out.u32(r.max_packet);
    out.u8(r.collation);
    out.zeros(19);
    out.u32(mariadb ? static_cast<std::uint32_t>(r.capabilities >> 32) : 0);
}

/// Whether a client's first message asks for TLS instead of logging in.
inline bool is_ssl_request(blob_view payload) noexcept {
    return payload.size() == 32 && (payload[1] & std::byte{capability::ssl >> 8}) != std::byte{0};
}

/// Appends the response.
inline void encode_handshake_response(const handshake_response& r, wire_writer out) {
    encode_ssl_request(r, out);
    out.nul_text(r.user, "the user name");
    if ((r.capabilities & capability::plugin_auth_lenenc_data) != 0) {
        out.lenenc_bytes(r.auth_response);
    } else if ((r.capabilities & capability::secure_connection) != 0) {
        if (r.auth_response.size() > 255)
            throw interface_error("an authentication response of " + std::to_string(r.auth_response.size()) +
                                  " bytes: this server takes at most 255");
        out.u8(static_cast<std::uint8_t>(r.auth_response.size()));
        out.bytes(r.auth_response);
    } else {
        out.nul_text(as_text(r.auth_response), "the authentication response");
    }
    if ((r.capabilities & capability::connect_with_db) != 0) out.nul_text(r.database, "the database name");
    if ((r.capabilities & capability::plugin_auth) != 0) out.nul_text(r.auth_plugin, "the plugin name");
    if ((r.capabilities & capability::connect_attrs) != 0) detail::encode_attributes(r.attributes, out);
    if ((r.capabilities & capability::zstd_compression) != 0) out.u8(r.zstd_level);
}

/// Reads what encode_ssl_request() or encode_handshake_response() wrote; after the former only the first three fields
/// are set.
inline handshake_response decode_handshake_response(blob_view payload) {
    wire_reader in(payload, "handshake response");
    handshake_response r;
    r.capabilities = in.u32("capabilities");
    if ((r.capabilities & capability::protocol_41) == 0)
        throw_mysql(client_error::version_error, "handshake response: expected the protocol of 4.1 or later");
    r.max_packet = in.u32("maximum packet");
    r.collation = in.u8("collation");
    in.bytes(19, "reserved bytes");
    const std::uint32_t extended = in.u32("MariaDB capabilities");
    if ((r.capabilities & capability::long_password) == 0) r.capabilities |= capability_set{extended} << 32;
    if (is_ssl_request(payload)) return r;

    r.user = in.nul_text("user");
    if ((r.capabilities & capability::plugin_auth_lenenc_data) != 0) {
        r.auth_response = in.lenenc_bytes("authentication response");
    } else if ((r.capabilities & capability::secure_connection) != 0) {
        const std::uint8_t size = in.u8("length of the authentication response");
        r.auth_response = in.bytes(size, "authentication response");
    } else {
        r.auth_response = as_blob(in.nul_text("authentication response"));
    }
    if ((r.capabilities & capability::connect_with_db) != 0) r.database = in.nul_text_or_rest("database");
    if ((r.capabilities & capability::plugin_auth) != 0) r.auth_plugin = in.nul_text_or_rest("authentication plugin");
    if ((r.capabilities & capability::connect_attrs) != 0) r.attributes = detail::decode_attributes(in);
    if ((r.capabilities & capability::zstd_compression) != 0) r.zstd_level = in.u8("zstd level");
    return r;
}

/// The server wants another plugin.
struct auth_switch_request {
    std::string_view plugin{};
    blob_view data{}; ///< the new nonce as sent, trailing NUL included: plugins take the 20 or 32 bytes they need
};

/// Whether a message of the login is a request to switch plugins.
inline bool is_auth_switch(blob_view payload) noexcept {
    return !payload.empty() && payload[0] == std::byte{0xFE};
}

/// Reads a switch request. A lone 0xFE means the password hash of before 4.1.
inline auth_switch_request decode_auth_switch(blob_view payload) {
    wire_reader in(payload, "authentication switch request");
    if (in.u8("marker") != 0xFE) throw_malformed_packet("authentication switch request: expected marker 0xfe");
    if (in.at_end()) return {"mysql_old_password", {}};
    const std::string_view plugin = in.nul_text("authentication plugin");
    return {plugin, in.rest()};
}

inline void encode_auth_switch(const auth_switch_request& r, wire_writer out) {
    out.u8(0xFE);
    out.nul_text(r.plugin, "the plugin name");
    out.bytes(r.data);
}

/// What a plugin says in between: the bytes without the marker 0x01 that servers put before most of it.
inline blob_view decode_auth_more_data(blob_view payload) noexcept {
    return !payload.empty() && payload[0] == std::byte{1} ? payload.subspan(1) : payload;
}

inline void encode_auth_more_data(blob_view data, wire_writer out) {
    out.u8(1);
    out.bytes(data);
}

/// COM_CHANGE_USER: logs in again on the same connection. The server forgets all session state.
struct change_user {
    std::string_view user{};
    blob_view auth_response{}; ///< at most 255 bytes
    std::string_view database{};
    std::uint16_t collation = 45;
    std::string_view auth_plugin{}; ///< with `plugin_auth`
    std::vector<connection_attribute> attributes{};
};

inline void encode_change_user(const change_user& c, capability_set capabilities, wire_writer out) {
    if (c.auth_response.size() > 255)
        throw interface_error("an authentication response of " + std::to_string(c.auth_response.size()) +
                              " bytes: COM_CHANGE_USER takes at most 255");
    out.u8(static_cast<std::uint8_t>(command::change_user));
    out.nul_text(c.user, "the user name");
    out.u8(static_cast<std::uint8_t>(c.auth_response.size()));
    out.bytes(c.auth_response);
    out.nul_text(c.database, "the database name");
    out.u16(c.collation);
    if ((capabilities & capability::plugin_auth) != 0) out.nul_text(c.auth_plugin, "the plugin name");
    if ((capabilities & capability::connect_attrs) != 0) detail::encode_attributes(c.attributes, out);
}

inline change_user decode_change_user(blob_view payload, capability_set capabilities) {
    wire_reader in(payload, "COM_CHANGE_USER");
    if (in.u8("command") != static_cast<std::uint8_t>(command::change_user))
        throw_malformed_packet("COM_CHANGE_USER: expected command 0x11");
    change_user c;
    c.user = in.nul_text("user");
    const std::uint8_t size = in.u8("length of the authentication response");
    c.auth_response = in.bytes(size, "authentication response");
    c.database = in.nul_text("database");
    if (in.at_end()) return c;
    c.collation = in.u16("collation");
    if ((capabilities & capability::plugin_auth) != 0) c.auth_plugin = in.nul_text_or_rest("authentication plugin");
    if ((capabilities & capability::connect_attrs) != 0) c.attributes = detail::decode_attributes(in);
    return c;
}

} // namespace weft::inline v0::mysql::protocol
