// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The `byte_stream` concept: what protocol flows read from and write to.

#include <weft/net/deadline.hpp>
#include <weft/net/stream_error.hpp>

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>

namespace weft::inline v0::net {

/// Something whose `co_await` is a `T`: a `task<T>`, a `ready<T>`, or any movable type with the three members.
template <class Awaitable, class T>
concept awaitable_of = std::movable<Awaitable> && requires(Awaitable& a, std::coroutine_handle<> waiter) {
    { a.await_ready() } -> std::convertible_to<bool>;
    a.await_suspend(waiter);
    { a.await_resume() } -> std::same_as<T>;
};

/// A stream of bytes to a peer, one operation at a time.
///
/// * `co_await s.read_some(buffer)` waits until there are bytes and returns how many it put into the buffer, which must
///   not be empty; 0 is the orderly end of the stream.
/// * `co_await s.write_all(bytes)` returns when all bytes are on their way. Buffers live until the operation has ended.
/// * `s.set_deadline(d)` holds for the operations that start after it.
/// * Failures are thrown as `stream_error`. After one, `is_open()` is false and every operation fails.
/// * `close()` ends the connection without waiting; `is_secure()` says whether a password may travel as it is: through
///   TLS, or a socket within this machine.
/// * `is_blocking`: operations have always ended when they return, so flows can be run by `run_now`.
template <class Stream>
concept byte_stream = std::move_constructible<Stream> &&
                      requires(Stream& s, const Stream& c, std::span<std::byte> in, std::span<const std::byte> out) {
                          { s.read_some(in) } -> awaitable_of<std::size_t>;
                          { s.write_all(out) } -> awaitable_of<void>;
                          s.set_deadline(deadline());
                          { s.close() } noexcept;
                          { c.is_open() } noexcept -> std::same_as<bool>;
                          { c.is_secure() } noexcept -> std::same_as<bool>;
                          { std::bool_constant<Stream::is_blocking>() };
                      };

/// A byte stream whose operations have ended when they return.
template <class Stream>
concept blocking_byte_stream = byte_stream<Stream> && Stream::is_blocking;

/// A result that is there already: what operations of blocking streams return, at the price of no coroutine.
template <class T = void>
struct [[nodiscard]] ready {
    T value;

    constexpr bool await_ready() const noexcept { return true; }
    constexpr void await_suspend(std::coroutine_handle<>) const noexcept {}
    constexpr T await_resume() { return std::move(value); }
};

template <>
struct ready<void> {
    constexpr bool await_ready() const noexcept { return true; }
    constexpr void await_suspend(std::coroutine_handle<>) const noexcept {}
    constexpr void await_resume() const noexcept {}
};

/// The peer of a stream for messages: its `name()` if it has one.
template <class Stream>
std::string stream_name(const Stream& stream) {
    if constexpr (requires { std::string(stream.name()); })
        return std::string(stream.name());
    else
        return "the stream";
}

namespace detail {

inline void require_buffer(std::size_t size) {
    if (size == 0) throw interface_error("a read from a stream needs a buffer that is not empty");
}

} // namespace detail

} // namespace weft::inline v0::net
