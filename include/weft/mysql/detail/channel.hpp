// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/mysql/detail/receive_buffer.hpp>
#include <weft/mysql/protocol/packet.hpp>
#include <weft/net/byte_stream.hpp>
#include <weft/net/task.hpp>

#include <coroutine>
#include <optional>
#include <string>
#include <utility>

namespace weft::inline v0::mysql::detail {

/// Messages over a byte stream. A failure of the stream becomes the client error the field knows: 2013 while reading,
/// 2006 while writing.
template <net::byte_stream Stream>
class channel {
public:
    explicit channel(Stream stream) : stream_(std::move(stream)) {}

    Stream& stream() noexcept { return stream_; }
    const Stream& stream() const noexcept { return stream_; }
    receive_buffer& received() noexcept { return received_; }
    protocol::packet_assembler& assembler() noexcept { return assembler_; }

    /// Begins a message that starts an exchange; what is encoded into the writer becomes its payload.
    protocol::wire_writer begin_command() {
        sequence_ = 0;
        return begin_message();
    }
    /// Begins a message that goes on with the exchange.
    protocol::wire_writer begin_reply() {
        sequence_ = assembler_.sequence();
        return begin_message();
    }
    void end_message() {
        protocol::end_packet(outgoing_, start_, sequence_);
        assembler_.expect(sequence_);
        completed_ = outgoing_.size();
    }

    std::size_t outgoing_size() const noexcept { return outgoing_.size(); }

    /// Takes back the messages that were completed since there were `size` bytes of them.
    void take_back(std::size_t size) noexcept {
        outgoing_.resize(size);
        completed_ = size;
    }

    /// Sends the messages that were completed.
    net::task<> flush() {
        try {
            co_await stream_.write_all(outgoing_);
        } catch (const error& e) {
            lost(protocol::client_error::server_gone, e);
        }
        clear_outgoing();
    }

    /// What receive() returns: most messages are there already, and then no coroutine is needed to wait for them.
    class [[nodiscard]] arrival {
    public:
        explicit arrival(channel& on) : packet_(on.take()) {
            if (!packet_) slow_.emplace(on.receive_slowly(packet_.missing));
        }
        bool await_ready() const noexcept { return !slow_; }
        bool await_suspend(std::coroutine_handle<> waiter) const noexcept { return slow_->await_suspend(waiter); }
        blob_view await_resume() const { return slow_ ? slow_->await_resume() : packet_.payload; }

    private:
        protocol::assembled_packet packet_;
        std::optional<net::task<blob_view>> slow_;
    };

    /// The next message, where it lies in the buffer until more is received.
    arrival receive() { return arrival(*this); }

    /// Receives at least one byte more, with room for `missing`.
    net::task<> fill(std::size_t missing) {
        std::size_t size = 0;
        try {
            size = co_await stream_.read_some(received_.make_room(missing));
        } catch (const error& e) {
            lost(protocol::client_error::server_lost, e);
        }
        if (size == 0) {
            stream_.close();
            protocol::throw_mysql(protocol::client_error::server_lost,
                                  "lost connection to the server: " + net::stream_name(stream_) + " closed it");
        }
        received_.received(size);
    }

    /// Overwrites what was sent: it may hold a password.
    void scrub() noexcept {
        volatile std::byte* bytes = outgoing_.data();
        for (std::size_t i = 0; i < outgoing_.capacity(); ++i) bytes[i] = std::byte{0};
    }

    void reset() noexcept {
        received_.clear();
        clear_outgoing();
        assembler_ = protocol::packet_assembler(assembler_.max_payload());
    }

private:
    /// The next message if all of it is there.
    protocol::assembled_packet take() {
        const protocol::assembled_packet packet = assembler_.next(received_.unread());
        if (packet) received_.consume(packet.consumed);
        return packet;
    }

    net::task<blob_view> receive_slowly(std::size_t missing) {
        for (;;) {
            co_await fill(missing);
            const protocol::assembled_packet packet = take();
            if (packet) co_return packet.payload;
            missing = packet.missing;
        }
    }

    static constexpr std::size_t kept_capacity = std::size_t{1} << 20;

    protocol::wire_writer begin_message() {
        outgoing_.resize(completed_); // without what an encoder wrote that then refused a value
        start_ = protocol::begin_packet(outgoing_);
        return protocol::wire_writer(outgoing_);
    }

    void clear_outgoing() noexcept {
        outgoing_.clear();
        completed_ = 0;
        if (outgoing_.capacity() > kept_capacity) blob().swap(outgoing_);
    }

    [[noreturn]] void lost(int code, const error& cause) {
        clear_outgoing();
        stream_.close();
        protocol::throw_mysql(code, "lost connection to the server: " + cause.diagnostics().message);
    }

    Stream stream_;
    receive_buffer received_;
    protocol::packet_assembler assembler_;
    blob outgoing_;
    std::size_t completed_ = 0; // bytes of the messages in it that are whole
    std::size_t start_ = 0;
    std::uint8_t sequence_ = 0;
};

} // namespace weft::inline v0::mysql::detail
