// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/mysql/detail/frame_layer.hpp>
#include <weft/mysql/detail/receive_buffer.hpp>
#include <weft/mysql/protocol/packet.hpp>
#include <weft/net/byte_stream.hpp>
#include <weft/net/task.hpp>

#include <coroutine>
#include <cstring>
#include <memory>
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

    /// From here on both sides wrap their packets in compressed frames.
    void compress(std::unique_ptr<any_codec> codec) {
        frames_ = std::make_unique<frame_layer>(std::move(codec));
        if (const blob_view early = received_.unread(); !early.empty()) {
            std::memcpy(frames_->incoming().make_room(early.size()).data(), early.data(), early.size());
            frames_->incoming().received(early.size());
            received_.consume(early.size());
        }
        assembler_.check_sequence(false);
    }
    bool compresses() const noexcept { return frames_ != nullptr; }

    /// The next message received begins the answer to one of the commands that were sent together. The ids of an
    /// answer go on after those of its command; only the last may have had more than one packet.
    void expect_answer(bool of_last) noexcept {
        assembler_.expect(of_last ? after_command_ : 1);
        if (frames_) frames_->expect_answer(of_last);
    }

    /// Begins a message that starts an exchange; what is encoded into the writer becomes its payload.
    protocol::wire_writer begin_command() {
        sequence_ = 0;
        is_command_ = true;
        protocol::wire_writer writer = begin_message();
        if (frames_) frames_->begin_command(start_);
        return writer;
    }
    /// Begins a message that goes on with the exchange.
    protocol::wire_writer begin_reply() {
        sequence_ = assembler_.sequence();
        is_command_ = false;
        return begin_message();
    }
    void end_message() {
        protocol::end_packet(outgoing_, start_, sequence_);
        assembler_.expect(sequence_);
        if (is_command_) after_command_ = sequence_;
        completed_ = outgoing_.size();
    }

    std::size_t outgoing_size() const noexcept { return outgoing_.size(); }

    /// Takes back the messages that were completed since there were `size` bytes of them.
    void take_back(std::size_t size) noexcept {
        outgoing_.resize(size);
        completed_ = size;
        if (frames_) frames_->take_back(size);
    }

    /// Sends the messages that were completed. On a blocking stream without a coroutine, unless it has TLS.
    net::task<> flush() {
        if constexpr (Stream::is_blocking) {
            if (!frames_) [[likely]] {
                auto written = or_lost(protocol::client_error::server_gone, [this] { return write(); });
                if (!written.await_ready()) return finish_flush(std::move(written));
                clear_outgoing();
                return net::task<>::ended();
            }
        }
        return flush_slowly();
    }

    /// What receive() returns: most messages are there already, and then no coroutine is needed to wait for them.
    class [[nodiscard]] arrival {
    public:
        explicit arrival(channel& on) : packet_(on.take()) {
            if constexpr (Stream::is_blocking) {
                for (; !packet_; packet_ = on.take()) net::run_now(on.fill(packet_.missing));
            } else if (!packet_) {
                slow_.emplace(on.receive_slowly(packet_.missing));
            }
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

    /// The next message if all of it is there.
    protocol::assembled_packet take() {
        const protocol::assembled_packet packet = assembler_.next(received_.unread());
        if (packet) received_.consume(packet.consumed);
        return packet;
    }

    /// Receives at least one byte more, with room for `missing`. On a blocking stream without a coroutine, unless it
    /// has TLS and waits.
    net::task<> fill(std::size_t missing) {
        if constexpr (Stream::is_blocking) {
            if (!frames_) [[likely]] {
                auto arriving = or_lost(protocol::client_error::server_lost,
                                        [&] { return stream_.read_some(received_.make_room(missing)); });
                if (!arriving.await_ready()) return finish_fill(std::move(arriving));
                took(arriving.await_resume());
                return net::task<>::ended();
            }
        }
        return fill_slowly(missing);
    }

    /// Overwrites what was sent: it may hold a password.
    void scrub() noexcept {
        detail::scrub(outgoing_);
        if (frames_) frames_->scrub();
    }

    void reset() noexcept {
        received_.clear();
        clear_outgoing();
        frames_.reset();
        assembler_ = protocol::packet_assembler(assembler_.max_payload());
    }

private:
    auto write() { return stream_.write_all(outgoing_); }

    /// Calls `f`; a failure of the stream becomes the client error `code`.
    template <class F>
    decltype(auto) or_lost(int code, F&& f) {
        try {
            return f();
        } catch (const error& e) {
            lost(code, e);
        }
    }

    template <class Written>
    net::task<> finish_flush(Written written) {
        try {
            co_await written;
        } catch (const error& e) {
            lost(protocol::client_error::server_gone, e);
        }
        clear_outgoing();
    }

    net::task<> flush_slowly() {
        try {
            if (frames_) [[unlikely]] {
                while (frames_->encode(outgoing_)) co_await stream_.write_all(frames_->encoded());
            } else {
                co_await write();
            }
        } catch (const error& e) {
            lost(protocol::client_error::server_gone, e);
        }
        clear_outgoing();
    }

    template <class Arriving>
    net::task<> finish_fill(Arriving arriving) {
        std::size_t size = 0;
        try {
            size = co_await arriving;
        } catch (const error& e) {
            lost(protocol::client_error::server_lost, e);
        }
        took(size);
    }

    net::task<> fill_slowly(std::size_t missing) {
        const std::span<std::byte> room = received_.make_room(missing);
        for (;;) {
            std::span<std::byte> into = room;
            if (frames_) [[unlikely]] {
                const frame_layer::taken took = frames_->take(room);
                if (took.size != 0) {
                    received_.received(took.size);
                    co_return;
                }
                into = frames_->incoming().make_room(took.missing);
            }
            std::size_t size = 0;
            try {
                size = co_await stream_.read_some(into);
            } catch (const error& e) {
                lost(protocol::client_error::server_lost, e);
            }
            if (!frames_) [[likely]] {
                took(size);
                co_return;
            }
            if (size == 0) closed_by_server();
            frames_->incoming().received(size);
        }
    }

    /// Bytes of packets were read.
    void took(std::size_t size) {
        if (size == 0) closed_by_server();
        received_.received(size);
    }

    net::task<blob_view> receive_slowly(std::size_t missing) {
        for (;;) {
            co_await fill(missing);
            const protocol::assembled_packet packet = take();
            if (packet) co_return packet.payload;
            missing = packet.missing;
        }
    }

    protocol::wire_writer begin_message() {
        outgoing_.resize(completed_); // without what an encoder wrote that then refused a value
        start_ = protocol::begin_packet(outgoing_);
        return protocol::wire_writer(outgoing_);
    }

    void clear_outgoing() noexcept {
        outgoing_.clear();
        completed_ = 0;
        release_if_large(outgoing_);
    }

    [[noreturn]] void closed_by_server() {
        stream_.close();
        protocol::throw_mysql(protocol::client_error::server_lost,
                              "lost connection to the server: " + net::stream_name(stream_) + " closed it");
    }

    [[noreturn]] void lost(int code, const error& cause) {
        clear_outgoing();
        stream_.close();
        protocol::throw_mysql(code, "lost connection to the server: " + cause.diagnostics().message);
    }

    Stream stream_;
    receive_buffer received_;
    protocol::packet_assembler assembler_;
    std::unique_ptr<frame_layer> frames_; // null: nothing is compressed
    blob outgoing_;
    std::size_t completed_ = 0; // bytes of the messages in it that are whole
    std::size_t start_ = 0;
    std::uint8_t sequence_ = 0;
    std::uint8_t after_command_ = 1; // id of the answer to the last command
    bool is_command_ = true;         // what is being written
};

} // namespace weft::inline v0::mysql::detail
