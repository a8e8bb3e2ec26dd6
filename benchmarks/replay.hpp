// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// A MySQL server that knows one result set by heart: it lets everybody in and answers every SELECT with the same
/// recorded bytes. In memory as a byte stream, or on a Unix socket for clients that are not ours.

#include <weft/mysql/protocol/column_definition.hpp>
#include <weft/mysql/protocol/handshake.hpp>
#include <weft/mysql/protocol/packet.hpp>
#include <weft/mysql/protocol/response.hpp>
#include <weft/net/byte_stream.hpp>
#include <weft/net/connect_options.hpp>
#include <weft/net/endpoint.hpp>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace replay {

namespace protocol = weft::mysql::protocol;

/// What is answered: columns and rows, as they travel.
class recording {
public:
    static constexpr protocol::capability_set capabilities =
        protocol::capability::long_password | protocol::capability::protocol_41 |
        protocol::capability::secure_connection | protocol::capability::plugin_auth |
        protocol::capability::transactions | protocol::capability::connect_with_db |
        protocol::capability::multi_results;

    explicit recording(const std::vector<protocol::column_definition>& columns) {
        std::uint8_t next = 1;
        weft::blob payload;
        protocol::encode_column_count({static_cast<std::uint16_t>(columns.size())}, capabilities,
                                      protocol::wire_writer(payload));
        protocol::append_packet(bytes_, payload, next);
        for (const protocol::column_definition& c : columns) {
            payload.clear();
            protocol::encode_column_definition(c, capabilities, protocol::wire_writer(payload));
            protocol::append_packet(bytes_, payload, next);
        }
        next_ = next;
        add_end();
    }

    /// Adds a row in text form.
    void add(const std::vector<std::string>& values) {
        const std::size_t start = protocol::begin_packet(bytes_);
        protocol::wire_writer out(bytes_);
        for (const std::string& v : values) out.lenenc_text(v);
        protocol::end_packet(bytes_, start, next_);
        ++rows_;
    }

    void finish() { add_end(); }

    const weft::blob& bytes() const noexcept { return bytes_; }
    std::size_t rows() const noexcept { return rows_; }

private:
    /// As servers end definitions and rows for clients of every age.
    void add_end() {
        const std::size_t start = protocol::begin_packet(bytes_);
        protocol::encode_eof(0, protocol::status::autocommit, protocol::wire_writer(bytes_));
        protocol::end_packet(bytes_, start, next_);
    }

    weft::blob bytes_;
    std::uint8_t next_ = 0;
    std::size_t rows_ = 0;
};

inline weft::blob greeting() {
    protocol::greeting g;
    g.version = "8.0.0-replay";
    g.auth_data = weft::blob(20, std::byte{7});
    g.capabilities = recording::capabilities;
    g.collation = 45;
    g.status = protocol::status::autocommit;
    g.auth_plugin = "mysql_native_password";
    weft::blob payload;
    protocol::encode_greeting(g, protocol::wire_writer(payload));
    weft::blob bytes;
    std::uint8_t sequence = 0;
    protocol::append_packet(bytes, payload, sequence);
    return bytes;
}

inline weft::blob ok(std::uint8_t sequence) {
    weft::blob payload;
    protocol::ok_message message;
    message.status = protocol::status::autocommit;
    protocol::encode_ok(message, recording::capabilities, protocol::wire_writer(payload));
    weft::blob bytes;
    protocol::append_packet(bytes, payload, sequence);
    return bytes;
}

/// Whether a client's packet is a COM_QUERY that begins with SELECT.
inline bool is_select(weft::blob_view packet) {
    return packet.size() >= 11 && packet[4] == std::byte{3} && weft::as_text(packet).substr(5, 6) == "SELECT";
}

/// The server as a stream in memory.
class memory_stream {
public:
    static constexpr bool is_blocking = true;

    explicit memory_stream(const recording& what) : what_(&what), own_(greeting()), now_(own_) {}

    weft::net::ready<> connect(const weft::net::endpoint&, const weft::net::connect_options&) { return {}; }
    weft::net::ready<std::size_t> read_some(std::span<std::byte> into) {
        const std::size_t size = now_.size() < into.size() ? now_.size() : into.size();
        std::memcpy(into.data(), now_.data(), size);
        now_ = now_.subspan(size);
        return {size};
    }
    weft::net::ready<> write_all(std::span<const std::byte> bytes) {
        if (is_select(bytes)) {
            now_ = what_->bytes();
        } else {
            own_ = ok(static_cast<std::uint8_t>(std::to_integer<unsigned>(bytes[3]) + 1));
            now_ = own_;
        }
        return {};
    }
    void set_deadline(weft::net::deadline) {}
    void close() noexcept { open_ = false; }
    bool is_open() const noexcept { return open_; }
    bool is_secure() const noexcept { return true; }

private:
    const recording* what_;
    weft::blob own_;
    weft::blob_view now_;
    bool open_ = true;
};

/// The server on a Unix socket, one client at a time, on a thread of its own.
class socket_server {
public:
    socket_server(const recording& what, std::string path) : path_(std::move(path)) {
        ::unlink(path_.c_str());
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path_.copy(address.sun_path, sizeof address.sun_path - 1);
        listening_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (::bind(listening_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::exit(1);
        ::listen(listening_, 4);
        thread_ = std::thread([this, &what] {
            for (int fd = 0; (fd = ::accept(listening_, nullptr, nullptr)) >= 0; ::close(fd)) serve(fd, what);
        });
    }
    ~socket_server() {
        ::shutdown(listening_, SHUT_RDWR);
        thread_.join();
        ::close(listening_);
        ::unlink(path_.c_str());
    }

private:
    static bool send_all(int fd, weft::blob_view bytes) {
        while (!bytes.empty()) {
            const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n <= 0) return false;
            bytes = bytes.subspan(static_cast<std::size_t>(n));
        }
        return true;
    }

    static void serve(int fd, const recording& what) {
        if (!send_all(fd, greeting())) return;
        std::byte buffer[4096];
        for (ssize_t n = 0; (n = ::recv(fd, buffer, sizeof buffer, 0)) > 0;) {
            const weft::blob_view packet(buffer, static_cast<std::size_t>(n));
            if (packet.size() == 5 && packet[4] == std::byte{1}) return; // COM_QUIT
            const auto next = static_cast<std::uint8_t>(std::to_integer<unsigned>(packet[3]) + 1);
            if (!send_all(fd, is_select(packet) ? weft::blob_view(what.bytes()) : weft::blob_view(ok(next)))) return;
        }
    }

    std::string path_;
    int listening_ = -1;
    std::thread thread_;
};

} // namespace replay
