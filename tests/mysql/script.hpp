// SPDX-License-Identifier: BSL-1.0
#pragma once

// A server that says what a test wrote down, message by message, and remembers what it was told.

#include <weft/mysql/protocol/column_definition.hpp>
#include <weft/mysql/protocol/handshake.hpp>
#include <weft/mysql/protocol/packet.hpp>
#include <weft/mysql/protocol/prepared_statement.hpp>
#include <weft/mysql/protocol/response.hpp>
#include <weft/mysql/session.hpp>
#include <weft/net/scripted_stream.hpp>

#include "bytes.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

namespace mysql = weft::mysql;
namespace protocol = weft::mysql::protocol;

/// A scripted stream that can be connected and records what is written.
class script_stream : public weft::net::scripted_stream {
public:
    /// `piece` is how many bytes a read gets at most.
    explicit script_stream(weft::blob_view bytes, std::size_t piece = std::size_t{1} << 30)
        : written_(std::make_shared<weft::blob>()) {
        reply_in_pieces(bytes, piece).end_of_stream();
    }

    weft::net::ready<> connect(const weft::net::endpoint&, const weft::net::connect_options&) { return {}; }
    weft::net::ready<> write_all(std::span<const std::byte> bytes) {
        if (!is_open()) throw weft::net::stream_error(weft::net::stream_failure::not_open, "the script is closed");
        written_->insert(written_->end(), bytes.begin(), bytes.end());
        return {};
    }

    /// Everything the client has sent so far.
    const weft::blob& written() const noexcept { return *written_; }

private:
    std::shared_ptr<weft::blob> written_;
};

static_assert(weft::net::blocking_byte_stream<script_stream>);

using script_session = mysql::session<script_stream>;

inline constexpr protocol::capability_set modern_server =
    protocol::capability::mysql_mask &
    ~(protocol::capability::ssl | protocol::capability::compress | protocol::capability::zstd_compression);
inline constexpr protocol::capability_set old_server =
    modern_server & ~(protocol::capability::deprecate_eof | protocol::capability::session_track);

/// What a server sends, built message by message. Every command begins with `command()`.
class server_script {
public:
    explicit server_script(protocol::capability_set capabilities = modern_server, std::string version = "9.1.0")
        : capabilities_(capabilities), version_(std::move(version)) {}

    weft::blob bytes; ///< so far

    /// The next message answers a new command.
    server_script& command() {
        sequence_ = 1;
        return *this;
    }
    server_script& sequence(std::uint8_t next) {
        sequence_ = next;
        return *this;
    }

    template <class F>
    server_script& message(F&& write) {
        ends_.push_back(bytes.size());
        protocol::append_packet(bytes, written(std::forward<F>(write)), sequence_);
        return *this;
    }
    server_script& payload(weft::blob_view content) {
        return message([&](protocol::wire_writer out) { out.bytes(content); });
    }

    server_script& greeting(std::string_view plugin = "mysql_native_password") {
        protocol::greeting g;
        g.version = version_;
        g.thread_id = 7;
        g.auth_data = nonce();
        g.capabilities = capabilities_;
        g.collation = 45;
        g.status = protocol::status::autocommit;
        g.auth_plugin = plugin;
        sequence_ = 0;
        message([&](protocol::wire_writer out) { protocol::encode_greeting(g, out); });
        sequence_ = 2; // after the client's answer
        return *this;
    }
    server_script& ok(std::uint64_t affected = 0, std::uint16_t status = protocol::status::autocommit) {
        return ok({affected, 0, status, 0, {}, {}});
    }
    server_script& ok(const protocol::ok_message& m) {
        return message([&](protocol::wire_writer out) { protocol::encode_ok(m, capabilities_, out); });
    }
    /// The end of rows or definitions.
    server_script& end(std::uint16_t status = protocol::status::autocommit) {
        return message([&](protocol::wire_writer out) {
            if ((capabilities_ & protocol::capability::deprecate_eof) != 0)
                protocol::encode_ok({0, 0, status, 0, {}, {}}, capabilities_, out, 0xFE);
            else
                protocol::encode_eof(0, status, out);
        });
    }
    server_script& end_of_definitions(std::uint16_t status = protocol::status::autocommit) {
        return (capabilities_ & protocol::capability::deprecate_eof) != 0 ? *this : end(status);
    }
    server_script& error(std::uint16_t code, std::string_view state, std::string_view text) {
        return message([&](protocol::wire_writer out) { protocol::encode_error({code, state, text}, out); });
    }
    server_script& count(std::uint16_t columns) {
        return message([&](protocol::wire_writer out) { protocol::encode_column_count({columns, true}, 0, out); });
    }
    server_script& definition(std::string_view name, protocol::field_type type, std::uint16_t flags = 0) {
        protocol::column_definition c;
        c.catalog = "def";
        c.table = "t";
        c.name = name;
        c.collation = 45;
        c.length = 100;
        c.type = type;
        c.flags = flags;
        return message([&](protocol::wire_writer out) { protocol::encode_column_definition(c, 0, out); });
    }
    server_script& row(std::initializer_list<std::string_view> values) {
        return message([&](protocol::wire_writer out) {
            for (const std::string_view v : values) out.lenenc_text(v);
        });
    }

    /// Greeting, login and the one statement of the session's preparation.
    server_script& login() { return greeting().ok().command().ok(); }

    /// `SELECT id, name`: rows (1, 'one') and (2, 'two').
    server_script& two_rows(std::uint16_t status = protocol::status::autocommit) {
        return count(2)
            .definition("id", protocol::field_type::long_)
            .definition("name", protocol::field_type::var_string)
            .end_of_definitions()
            .row({"1", "one"})
            .row({"2", "two"})
            .end(status);
    }

    /// Where each message begins.
    const std::vector<std::size_t>& starts() const noexcept { return ends_; }
    protocol::capability_set capabilities() const noexcept { return capabilities_; }

private:
    protocol::capability_set capabilities_;
    std::string version_;
    std::uint8_t sequence_ = 0;
    std::vector<std::size_t> ends_;
};

inline mysql::connect_options script_options() {
    mysql::connect_options options;
    options.user = "app";
    options.password = "secret";
    options.max_packet = 1 << 20;
    return options;
}

/// The texts of the COM_QUERY messages among what was written.
inline std::vector<std::string> queries_of(weft::blob_view written) {
    std::vector<std::string> texts;
    while (written.size() >= 4) {
        const auto h = protocol::decode_packet_header(written.first<4>());
        const weft::blob_view payload = written.subspan(4, h.length);
        if (h.sequence == 0 && !payload.empty() && payload[0] == std::byte{3})
            texts.emplace_back(weft::as_text(payload.subspan(1)));
        written = written.subspan(4 + h.length);
    }
    return texts;
}

/// The rows of the current set as `a|b` texts.
inline std::vector<std::string> read_all(script_session& s, std::size_t at_once = 100) {
    std::vector<std::string> rows;
    mysql::row_block block;
    while (weft::net::run_now(s.read_rows(block, at_once))) {
        for (std::size_t r = 0; r < block.rows(); ++r) {
            std::string text;
            for (std::size_t c = 0; c < block.layout().size(); ++c) {
                if (c != 0) text += '|';
                weft::append_text(text, block.at(c, r));
            }
            rows.push_back(std::move(text));
        }
    }
    return rows;
}

} // namespace test
