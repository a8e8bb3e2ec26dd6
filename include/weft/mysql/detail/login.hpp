// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/mysql/auth/authenticator.hpp>
#include <weft/mysql/detail/channel.hpp>
#include <weft/mysql/options.hpp>
#include <weft/mysql/protocol/charset.hpp>
#include <weft/mysql/protocol/handshake.hpp>
#include <weft/mysql/protocol/response.hpp>
#include <weft/mysql/protocol/server_version.hpp>

#include <pwd.h>
#include <unistd.h>

#include <string>

namespace weft::inline v0::mysql::detail {

/// What the two sides agreed on.
struct login_outcome {
    protocol::capability_set capabilities = 0;
    protocol::server_identity server;
    std::string version;
    std::uint32_t thread_id = 0;
    protocol::ok_message ok; ///< its views point into the received bytes
};

/// A stream that can become a TLS stream.
template <class Stream>
concept tls_upgradable = requires(Stream& s) { s.has_tls(); };

/// What an authenticator may do on this channel.
template <class Stream>
auth::auth_options auth_settings(const connect_options& options, const Stream& stream) {
    auth::auth_options settings;
    settings.secure_channel = stream.is_secure();
    settings.local_channel = settings.secure_channel;
    if constexpr (tls_upgradable<Stream>) settings.local_channel = settings.secure_channel && !stream.has_tls();
    settings.allow_cleartext = options.allow_cleartext_password;
    settings.server_public_key = options.server_public_key;
    settings.request_server_key = options.request_server_public_key;
    return settings;
}

inline std::string system_user() {
    passwd entry{};
    passwd* found = nullptr;
    char text[1024];
    if (::getpwuid_r(::geteuid(), &entry, text, sizeof text, &found) == 0 && found != nullptr) return found->pw_name;
    throw interface_error("no user is given, and the system does not know the name of its own");
}

inline protocol::capability_set wanted_capabilities(const connect_options& options, const protocol::greeting& g) {
    using namespace protocol::capability;
    protocol::capability_set wanted = long_flag | protocol_41 | transactions | secure_connection | multi_results |
                                      ps_multi_results | plugin_auth | connect_attrs | plugin_auth_lenenc_data |
                                      deprecate_eof;
    if (options.track_session) wanted |= session_track;
    if (options.multi_statements) wanted |= multi_statements;
    if (options.found_rows) wanted |= found_rows;
    if (options.local_infile) wanted |= local_files;
    if (!options.database.empty()) wanted |= connect_with_db;
    const bool mariadb = (g.capabilities & long_password) == 0;
    wanted |= mariadb ? mariadb_bulk_operations | mariadb_extended_metadata : long_password;
    return wanted & g.capabilities;
}

/// The attributes a server shows of its clients. Views into the options and the two texts kept here.
struct login_attributes {
    std::string pid = std::to_string(::getpid());

    std::vector<protocol::connection_attribute> list(const connect_options& options) const {
        std::vector<protocol::connection_attribute> attributes{
            {"_os", "linux"}, {"_pid", pid}, {"_client_name", "weft"}, {"_client_version", WEFT_VERSION}};
        if (!options.program_name.empty()) attributes.push_back({"program_name", options.program_name});
        for (const auto& [key, value] : options.attributes) {
            bool known = false;
            for (const auto& a : attributes) known = known || a.key == key;
            if (!known) attributes.push_back({key, value});
        }
        return attributes;
    }
};

inline void throw_if_error(blob_view payload) {
    if (!payload.empty() && payload[0] == std::byte{0xFF})
        protocol::throw_server_error(protocol::decode_error(payload));
}

/// The default collation of a character set, as the handshake names it.
inline std::uint8_t handshake_collation(const std::string& charset) {
    const protocol::charset* known = protocol::find_charset(charset);
    if (known == nullptr)
        protocol::throw_mysql(protocol::client_error::unknown_charset, "unknown character set '" + charset + "'");
    return static_cast<std::uint8_t>(known->default_collation);
}

/// Answers the server's questions until it is content. Returns its OK message's payload.
template <class Stream>
net::task<blob_view> authenticate(channel<Stream>* on, auth::authenticator* who) {
    for (;;) {
        const blob_view payload = co_await on->receive();
        throw_if_error(payload);
        if (payload.empty()) protocol::throw_malformed_packet("login: an empty message");
        if (payload[0] == std::byte{0}) co_return payload;
        blob answer;
        auth::auth_step step{};
        if (protocol::is_auth_switch(payload)) {
            const protocol::auth_switch_request request = protocol::decode_auth_switch(payload);
            step = who->start(request.plugin, request.data, answer);
        } else {
            step = who->more(payload, answer);
        }
        if (step == auth::auth_step::wait) continue;
        on->begin_reply().bytes(answer);
        on->end_message();
        co_await on->flush();
        on->scrub();
    }
}

/// The login, from the server's greeting to its OK. TLS settings are `tls`'s; `host` is the name to verify.
template <class Stream, class StartTls>
net::task<login_outcome> login(channel<Stream>* on, const connect_options* options, StartTls start_tls) {
    const blob_view first = co_await on->receive();
    throw_if_error(first);
    const protocol::greeting greeting = protocol::decode_greeting(first);
    login_outcome outcome;
    outcome.server = protocol::identify_server(greeting);
    outcome.version = greeting.version;
    outcome.thread_id = greeting.thread_id;
    outcome.capabilities = wanted_capabilities(*options, greeting);

    protocol::handshake_response response;
    response.collation = handshake_collation(options->charset);
    response.max_packet = static_cast<std::uint32_t>(options->max_packet);
    const bool offered = (greeting.capabilities & protocol::capability::ssl) != 0;
    const net::tls_policy policy = net::tls_policy::of(options->tls);
    if (policy.use(offered, on->stream().is_secure(), net::stream_name(on->stream()))) {
        outcome.capabilities |= protocol::capability::ssl;
        response.capabilities = outcome.capabilities;
        protocol::encode_ssl_request(response, on->begin_reply());
        on->end_message();
        co_await on->flush();
        if (!on->received().unread().empty())
            protocol::throw_malformed_packet("login: bytes follow the greeting that no TLS protects");
        co_await start_tls();
    }

    auth::authenticator who(options->password, auth_settings(*options, on->stream()));
    blob answer;
    const std::string user = options->user.empty() ? system_user() : options->user;
    const login_attributes attributes;
    response.capabilities = outcome.capabilities;
    response.user = user;
    response.auth_plugin = who.answer_greeting(greeting.auth_plugin, greeting.auth_data, answer);
    response.auth_response = answer;
    response.database = options->database;
    response.attributes = attributes.list(*options);
    protocol::encode_handshake_response(response, on->begin_reply());
    on->end_message();
    co_await on->flush();
    on->scrub();
    outcome.ok = protocol::decode_ok(co_await authenticate(on, &who), outcome.capabilities);
    co_return outcome;
}

} // namespace weft::inline v0::mysql::detail
