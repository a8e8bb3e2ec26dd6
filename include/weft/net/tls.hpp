// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `secured<Stream>`: any byte stream with TLS on top, from the moment it is wanted. The code is the same for blocking,
/// Asio and scripted streams: OpenSSL works on buffers, and coroutines carry those to and from the stream below.

#include <weft/net/byte_stream.hpp>
#include <weft/net/detail/either.hpp>
#include <weft/net/detail/tls_engine.hpp>
#include <weft/net/task.hpp>
#include <weft/net/tls_context.hpp>
#include <weft/net/tls_options.hpp>

#include <memory>
#include <string>
#include <utility>

namespace weft::inline v0::net {

/// A stream that passes bytes on as they are until `start_tls` or `accept_tls`, and encrypted from then on.
template <byte_stream Stream>
class secured {
public:
    static constexpr bool is_blocking = Stream::is_blocking;
    using context_type = tls_context;

    explicit secured(Stream stream) : stream_(std::move(stream)) {}

    /// Makes this connection a TLS connection to the server `host`, a name or an address, which the context's
    /// `server_name` overrides. The stream's deadline holds. \throws stream_error when the handshake fails, with all
    /// that OpenSSL says; the stream is then closed.
    task<> start_tls(tls_context context, std::string host) {
        if (!context.server_name().empty()) host = context.server_name();
        open_engine(context, false);
        try {
            engine_->expect(host, context.policy().verify_name);
        } catch (...) {
            give_up();
            throw;
        }
        co_await handshake();
    }

    /// The server's side of it.
    task<> accept_tls(tls_context context) {
        open_engine(context, true);
        co_await handshake();
    }

    auto read_some(std::span<std::byte> buffer) {
        using result = detail::either<std::size_t, ready<std::size_t>, plain_read, task<std::size_t>>;
        if (!secure_) return result(std::in_place_index<1>, stream_.read_some(buffer));
        detail::require_buffer(buffer.size());
        std::size_t size = 0;
        if (stream_.is_open() && engine_->output().empty()) {
            // Most reads find their bytes in the record that the last one fetched.
            const detail::tls_want want = attempt_read(buffer, size);
            if (want == detail::tls_want::nothing) return result(std::in_place_index<0>, ready<std::size_t>{size});
            if (want == detail::tls_want::end) return result(std::in_place_index<0>, ready<std::size_t>{0});
        }
        return result(std::in_place_index<2>, fetch(buffer));
    }

    auto write_all(std::span<const std::byte> bytes) {
        using result = detail::either<void, ready<>, plain_write, task<>>;
        if (!secure_) return result(std::in_place_index<1>, stream_.write_all(bytes));
        return result(std::in_place_index<2>, send(bytes));
    }

    void set_deadline(deadline when) { stream_.set_deadline(when); }

    /// Says goodbye if that is possible without waiting, and closes the stream.
    void close() noexcept {
        if (engine_ && stream_.is_open()) {
            engine_->farewell();
            write_out_now();
        }
        give_up();
    }

    bool is_open() const noexcept { return stream_.is_open(); }
    /// True with TLS, and where the stream below is secure by itself.
    bool is_secure() const noexcept { return secure_ || stream_.is_secure(); }
    /// True with TLS.
    bool has_tls() const noexcept { return secure_; }
    /// OpenSSL's connection, for questions such as which cipher; null without TLS.
    SSL* native_tls() const noexcept { return engine_ ? engine_->native_handle() : nullptr; }

    std::string name() const { return stream_name(stream_); }

    /// The stream below.
    Stream& next_layer() noexcept { return stream_; }
    const Stream& next_layer() const noexcept { return stream_; }

    /// Connects the stream below. Its arguments.
    template <class... Arguments>
        requires requires(Stream& s, Arguments&&... arguments) { s.connect(std::forward<Arguments>(arguments)...); }
    auto connect(Arguments&&... arguments) {
        if (!stream_.is_open()) { // else the stream says so
            engine_.reset();
            secure_ = false;
        }
        return stream_.connect(std::forward<Arguments>(arguments)...);
    }
    void cancel() noexcept
        requires requires(Stream& s) { s.cancel(); }
    {
        stream_.cancel();
    }
    void shutdown() noexcept
        requires requires(Stream& s) { s.shutdown(); }
    {
        stream_.shutdown();
    }
    auto get_executor() const noexcept
        requires requires(const Stream& s) { s.get_executor(); }
    {
        return stream_.get_executor();
    }

private:
    using plain_read = decltype(std::declval<Stream&>().read_some(std::span<std::byte>()));
    using plain_write = decltype(std::declval<Stream&>().write_all(std::span<const std::byte>()));

    void open_engine(const tls_context& context, bool server) {
        if (engine_) throw interface_error("TLS has already been started with " + name());
        engine_ = std::make_unique<detail::tls_engine>(context, server);
        engine_->peer = name();
    }

    void give_up() noexcept {
        engine_.reset();
        secure_ = false;
        stream_.close();
    }

    void write_out_now() noexcept {
        if constexpr (requires { stream_.write_now(engine_->output()); }) stream_.write_now(engine_->output());
        engine_->sent();
    }

    // An error of TLS ends the connection. What OpenSSL has to say to the peer about it is sent if that needs no
    // waiting.
    template <class Step>
    detail::tls_want or_give_up(Step&& step) {
        try {
            return step(*engine_);
        } catch (...) {
            write_out_now();
            stream_.close();
            throw;
        }
    }

    detail::tls_want attempt_read(std::span<std::byte> buffer, std::size_t& size) {
        return or_give_up([&](detail::tls_engine& e) { return e.read(buffer, size); });
    }

    task<> handshake() {
        for (;;) {
            const detail::tls_want want = or_give_up([](detail::tls_engine& e) { return e.handshake(); });
            co_await flush();
            if (want == detail::tls_want::nothing) break;
            bool goes_on = want != detail::tls_want::end;
            if (goes_on) goes_on = co_await fill();
            if (!goes_on) closed_early("during the TLS handshake");
        }
        secure_ = true;
    }

    task<std::size_t> fetch(std::span<std::byte> buffer) {
        for (;;) {
            std::size_t size = 0;
            co_await flush();
            const detail::tls_want want = attempt_read(buffer, size);
            if (want == detail::tls_want::nothing) co_return size;
            if (want == detail::tls_want::end) co_return 0;
            co_await flush();
            const bool goes_on = co_await fill();
            if (!goes_on) closed_early("without the end of TLS");
        }
    }

    task<> send(std::span<const std::byte> bytes) {
        constexpr std::size_t at_once = std::size_t{64} * 1024; // four records a write
        while (!bytes.empty()) {
            const auto part = bytes.first(bytes.size() < at_once ? bytes.size() : at_once);
            (void)or_give_up([part](detail::tls_engine& e) {
                e.write(part);
                return detail::tls_want::nothing;
            });
            co_await flush();
            bytes = bytes.subspan(part.size());
        }
    }

    task<> flush() {
        if (engine_->output().empty()) co_return;
        co_await stream_.write_all(engine_->output());
        engine_->sent();
    }

    task<bool> fill() {
        const std::size_t size = co_await stream_.read_some(engine_->input());
        engine_->received(size);
        co_return size != 0;
    }

    [[noreturn]] void closed_early(const char* when) {
        stream_.close();
        throw stream_error(stream_failure::closed, "connection to " + engine_->peer + " closed by peer " + when);
    }

    Stream stream_;
    std::unique_ptr<detail::tls_engine> engine_;
    bool secure_ = false;
};

} // namespace weft::inline v0::net
