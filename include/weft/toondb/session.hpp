// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `session<Stream>`: a client's side of the protocol, written once for blocking and asynchronous streams. Each
/// operation is a task: it has encoded its arguments when the function returns, sends one frame and reads one.

#include <weft/net/byte_stream.hpp>
#include <weft/net/connect.hpp>
#include <weft/net/deadline.hpp>
#include <weft/net/task.hpp>
#include <weft/toondb/client_options.hpp>
#include <weft/toondb/protocol/scoped.hpp>
#include <weft/toondb/protocol/sql_answer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::inline v0::toondb {

/// One frame from the server.
struct answer {
    protocol::opcode op{};
    std::string payload;
};

/// A connection to a server, one operation at a time. Must outlive its tasks.
template <net::byte_stream Stream>
class session {
public:
    using opcode = protocol::opcode;

    /// Over a stream that is connected, or will be by connect().
    explicit session(Stream stream) : stream_(std::move(stream)) {}

    Stream& stream() noexcept { return stream_; }
    const Stream& stream() const noexcept { return stream_; }
    bool is_open() const noexcept { return stream_.is_open(); }
    void close() noexcept {
        stream_.close();
        transactions_.clear();
    }
    /// Transactions that were begun and have not ended.
    const std::vector<std::uint64_t>& transactions() const noexcept { return transactions_; }

    /// \throws connection_error `Failed to connect to …`.
    net::task<> connect(server_address to, client_options options)
        requires net::connectable_stream<Stream>
    {
        try {
            co_await stream_.connect(static_cast<const net::endpoint&>(to), options.network);
        } catch (const net::stream_error& e) {
            throw connection_error("Failed to connect to " + to.name() + ": " + e.what());
        }
    }

    /// Sends a frame and reads the answer, whatever it is.
    net::task<answer> call(std::string request) {
        if (received_ != 0) broken("bytes that nobody asked for");
        try {
            co_await stream_.write_all(bytes_of(request));
        } catch (const net::stream_error& e) {
            failed(e);
        }
        answer got;
        for (;;) {
            protocol::frame_view frame;
            std::uint32_t wanted = 0;
            const auto state = protocol::peek_frame({in_.data(), received_}, frame, wanted);
            if (state == protocol::frame_state::too_large) {
                close();
                throw protocol_error("Message too large: " + std::to_string(wanted) + " bytes");
            }
            if (state == protocol::frame_state::whole) {
                got.op = frame.op;
                got.payload = frame.payload;
                consume(protocol::header_size + frame.payload.size());
                co_return got;
            }
            make_room(wanted);
            std::size_t n = 0;
            try {
                n = co_await stream_.read_some(
                    std::span<std::byte>(reinterpret_cast<std::byte*>(in_.data()) + received_, in_.size() - received_));
            } catch (const net::stream_error& e) {
                failed(e);
            }
            if (n == 0) ended();
            received_ += n;
        }
    }

    /// Round trip in seconds.
    net::task<double> ping() {
        const std::int64_t before = net::deadline::now_ns();
        const answer got = co_await call(protocol::encode_plain(opcode::ping));
        const std::int64_t after = net::deadline::now_ns();
        check_server(got, false);
        if (got.op != opcode::pong) {
            close();
            throw protocol_error("Expected PONG, got " + protocol::hex_code(static_cast<std::uint8_t>(got.op)));
        }
        co_return static_cast<double>(after - before) / 1e9;
    }

    net::task<> put(std::string_view key, std::string_view value) { return tell(protocol::encode_put(key, value)); }
    /// An empty value is none on this wire.
    net::task<std::optional<std::string>> get(std::string_view key) {
        return ask(protocol::encode_plain(opcode::get, key), opcode::value, &value_or_none);
    }
    net::task<> erase(std::string_view key) { return tell(protocol::encode_plain(opcode::erase, key)); }
    template <class Segments>
    net::task<> put_path(const Segments& segments, std::string_view value) {
        return tell(protocol::encode_path(opcode::put_path, segments, value));
    }
    template <class Segments>
    net::task<std::optional<std::string>> get_path(const Segments& segments) {
        return ask(protocol::encode_path(opcode::get_path, segments), opcode::value, &value_or_none);
    }
    net::task<std::vector<key_value>> scan(std::string_view prefix) {
        return ask(
            protocol::encode_plain(opcode::scan, prefix), opcode::value,
            +[](std::string&& payload) { return protocol::decode_scan(payload); });
    }
    net::task<std::string> query(const protocol::query_request& query) {
        return ask(protocol::encode_query(query), opcode::value, &as_it_is);
    }
    net::task<> create_table(const table_definition& table) { return tell(protocol::encode_create_table(table)); }
    net::task<> checkpoint() { return tell(protocol::encode_plain(opcode::checkpoint)); }
    net::task<std::map<std::string, std::int64_t>> stats() {
        return ask(
            protocol::encode_plain(opcode::stats), opcode::stats_resp,
            +[](std::string&& payload) { return protocol::decode_stats(payload); });
    }

    /// Any server's transaction, which operations without a scope do not join.
    net::task<std::uint64_t> begin() { return begin_with(protocol::encode_plain(opcode::begin_txn)); }
    net::task<std::uint64_t> begin_scope(transaction_access access) {
        return begin_with(protocol::encode_begin_scope(static_cast<std::uint8_t>(access)));
    }
    net::task<std::uint64_t> commit(std::uint64_t id) {
        const answer got = co_await call(protocol::encode_number(opcode::commit_txn, id));
        forget(id);
        check(got, opcode::txn_id, true);
        co_return protocol::decode_txn_id(got.payload);
    }
    net::task<> abort(std::uint64_t id) {
        const answer got = co_await call(protocol::encode_number(opcode::abort_txn, id));
        forget(id);
        check(got, opcode::ok, false);
    }
    /// Aborts what is open.
    net::task<> reset() {
        while (!transactions_.empty()) {
            const std::uint64_t id = transactions_.back();
            co_await abort(id);
        }
    }

    // In a scope: a transaction, or 0.

    net::task<std::optional<std::string>> scoped_get(std::uint64_t scope, std::string_view key) {
        return ask(
            protocol::encode_scoped_key(opcode::scoped_get, scope, key), opcode::value,
            +[](std::string&& payload) { return protocol::decode_found(payload); });
    }
    net::task<> scoped_put(std::uint64_t scope, std::string_view key, std::string_view value) {
        return tell(protocol::encode_scoped_put(scope, key, value));
    }
    net::task<> scoped_erase(std::uint64_t scope, std::string_view key) {
        return tell(protocol::encode_scoped_key(opcode::scoped_erase, scope, key));
    }
    net::task<protocol::scan_portion> scoped_scan(const protocol::scan_request& scan) {
        return ask(
            protocol::encode_scoped_scan(scan), opcode::value,
            +[](std::string&& payload) { return protocol::decode_portion(payload); });
    }
    net::task<std::string> scoped_query(std::uint64_t scope, const protocol::query_request& query) {
        return ask(protocol::encode_scoped_query(scope, query), opcode::value, &as_it_is);
    }
    net::task<sql_answer> sql(std::uint64_t scope, std::string_view text, std::span<const cell> parameters) {
        return ask(
            protocol::encode_sql(scope, text, parameters), opcode::value,
            +[](std::string&& payload) { return sql_answer(std::move(payload)); });
    }

private:
    static std::string as_it_is(std::string&& payload) { return std::move(payload); }
    static std::optional<std::string> value_or_none(std::string&& payload) {
        if (payload.empty()) return std::nullopt;
        return std::move(payload);
    }

    template <class T>
    net::task<T> ask(std::string request, opcode wanted, T (*decode)(std::string&&)) {
        answer got = co_await call(std::move(request));
        check(got, wanted, false);
        co_return decode(std::move(got.payload));
    }
    net::task<> tell(std::string request) {
        const answer got = co_await call(std::move(request));
        check(got, opcode::ok, false);
    }
    net::task<std::uint64_t> begin_with(std::string request) {
        const answer got = co_await call(std::move(request));
        check(got, opcode::txn_id, true);
        const std::uint64_t id = protocol::decode_txn_id(got.payload);
        transactions_.push_back(id);
        co_return id;
    }

    /// Throws what the server says.
    static void check_server(const answer& got, bool of_transaction) {
        if (got.op == opcode::failure) protocol::throw_failure(got.payload);
        if (got.op != opcode::error) return;
        if (of_transaction) throw embedded::transaction_error(got.payload);
        throw database_error(got.payload);
    }
    void check(const answer& got, opcode wanted, bool of_transaction) {
        check_server(got, of_transaction);
        if (got.op == wanted) return;
        close();
        throw protocol_error("Unexpected opcode: " + protocol::hex_code(static_cast<std::uint8_t>(got.op)));
    }

    void forget(std::uint64_t id) { std::erase(transactions_, id); }

    void make_room(std::uint32_t wanted) {
        constexpr std::size_t first = std::size_t{16} * 1024;
        std::size_t size = std::size_t{wanted} + protocol::header_size;
        size = std::min(size, 2 * received_); // memory is given for what has come, not for what was announced
        size = std::max({size, first, received_ + 1});
        if (in_.size() < size) in_.resize(size);
    }
    void consume(std::size_t size) {
        received_ -= size;
        if (received_ != 0) in_.erase(0, size);
        constexpr std::size_t kept = std::size_t{1024} * 1024;
        if (in_.size() > kept) in_ = in_.substr(0, received_);
    }

    [[noreturn]] void failed(const net::stream_error& e) {
        close();
        throw connection_error(std::string("Socket error: ") + e.what());
    }
    [[noreturn]] void ended() {
        close();
        if (received_ == 0) throw connection_error("Connection closed");
        throw connection_error(received_ < protocol::header_size ? "Connection closed while reading length"
                                                                 : "Connection closed while reading payload");
    }
    [[noreturn]] void broken(const char* what) {
        close();
        throw protocol_error(std::string("the server sent ") + what);
    }

    static std::span<const std::byte> bytes_of(const std::string& text) noexcept {
        return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
    }

    Stream stream_;
    std::string in_;
    std::size_t received_ = 0; // bytes of in_ that are filled
    std::vector<std::uint64_t> transactions_;
};

} // namespace weft::inline v0::toondb
