// SPDX-License-Identifier: BSL-1.0
#pragma once

/// The part of session<Stream> that connects, logs in and makes a session what the options ask for.

#include <weft/mysql/session.hpp>

namespace weft::inline v0::mysql {

template <net::byte_stream Stream>
net::task<> session<Stream>::connect() {
    channel_.reset();
    stream().set_deadline(net::deadline::of_timeout(options_.network.connect_timeout_ms));
    try {
        host_ = co_await net::connect_any(stream(), options_.hosts, options_.network);
    } catch (const net::stream_error& e) {
        protocol::throw_mysql(protocol::client_error::conn_host_error, "cannot connect: " + e.diagnostics().message);
    }
    try {
        co_await log_in();
    } catch (...) {
        close();
        throw;
    }
    stream().set_deadline(net::deadline::never());
}

template <net::byte_stream Stream>
net::task<> session<Stream>::start_tls() {
    if constexpr (detail::tls_upgradable<Stream>) {
        try {
            co_await stream().start_tls(Stream::context_type::client(options_.tls), host_.host);
        } catch (const net::stream_error& e) {
            protocol::throw_mysql(protocol::client_error::ssl_connection_error,
                                  "TLS connection error: " + e.diagnostics().message);
        }
    } else {
        throw interface_error("this connection was built without TLS, which the options ask for");
        co_return;
    }
}

template <net::byte_stream Stream>
net::task<> session<Stream>::log_in() {
    const auto start_tls = [this] { return this->start_tls(); };
    detail::login_outcome outcome = co_await detail::login(&channel_, &options_, start_tls);
    capabilities_ = outcome.capabilities;
    server_ = outcome.server;
    version_ = std::move(outcome.version);
    thread_id_ = outcome.thread_id;
    database_ = options_.database;
    charset_ = options_.charset;
    take_ok(outcome.ok);
    if (options_.compression && (capabilities_ & options_.compression.capability()) != 0)
        channel_.compress(options_.compression.make_codec());
    phase_ = phase::idle;
    statements_.clear();
    to_close_.clear();
    layouts_ = {};
    co_await prepare_session();
}

template <net::byte_stream Stream>
auto session<Stream>::preparations() const -> std::vector<preparation> {
    std::vector<preparation> all;
    std::string names = "SET NAMES " + options_.charset;
    if (!options_.collation.empty()) names += " COLLATE " + options_.collation;
    all.push_back({std::move(names)});
    if (!options_.sql_mode.empty()) {
        if ((capabilities_ & protocol::capability::session_track) != 0)
            all.push_back({"SET SESSION session_track_system_variables = "
                           "CONCAT(@@session_track_system_variables, ',sql_mode')",
                           true});
        std::string mode = "SET sql_mode = ";
        protocol::append_literal(mode, cell::of_text(options_.sql_mode), literal_rules());
        all.push_back({std::move(mode)});
    }
    const bool detect = options_.singlestore == singlestore_mode::detect;
    if (options_.singlestore == singlestore_mode::on || (detect && server_.may_be_singlestore)) {
        all.push_back({"SET @@SESSION.enable_extended_types_metadata = on", true});
        all.push_back({options_.vectors == vector_format::binary ? "SET @@SESSION.vector_type_project_format = binary"
                                                                 : "SET @@SESSION.vector_type_project_format = json",
                       true});
    }
    const bool automatic = (status_ & protocol::status::autocommit) != 0;
    if (options_.autocommit && *options_.autocommit != automatic)
        all.push_back({*options_.autocommit ? "SET AUTOCOMMIT = 1" : "SET AUTOCOMMIT = 0"});
    return all;
}

/// Makes the session what the options ask for, in one round trip.
template <net::byte_stream Stream>
net::task<> session<Stream>::prepare_session() {
    ansi_quotes_ = protocol::has_ansi_quotes(options_.sql_mode); // unless the server reports what it is
    const std::vector<preparation> all = preparations();
    for (const preparation& p : all) send_query(p.sql);
    co_await channel_.flush();
    std::exception_ptr failed;
    for (const preparation& p : all) {
        channel_.expect_answer(&p == &all.back());
        try {
            co_await read_head(row_encoding::text);
        } catch (const error& e) {
            const bool passed_over = p.optional && is_open() && e.kind() == errc::operational_error;
            if (!passed_over && !failed) failed = std::current_exception();
        }
        if (!is_open()) break;
    }
    if (failed) std::rethrow_exception(failed);
    if (options_.init_command.empty()) co_return;
    co_await query(options_.init_command);
    for (bool more = true; more;) more = co_await next_set();
}

template <net::byte_stream Stream>
net::task<> session<Stream>::send_change_user(std::string user, std::string password, std::string database) {
    // The nonce of the greeting is not kept: the server switches to the plugin with a new one.
    auth::authenticator who(password, detail::auth_settings(options_, stream()));
    const detail::login_attributes attributes;
    protocol::change_user message;
    message.user = user;
    message.database = database;
    message.collation = detail::handshake_collation(options_.charset);
    message.attributes = attributes.list(options_);
    protocol::encode_change_user(message, capabilities_, channel_.begin_command());
    channel_.end_message();
    co_await channel_.flush();
    take_ok(protocol::decode_ok(co_await detail::authenticate(&channel_, &who), capabilities_));
    options_.user = std::move(user);
    options_.password = std::move(password);
    options_.database = database;
    database_ = std::move(database);
    charset_ = options_.charset;
}

} // namespace weft::inline v0::mysql
