// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/net/byte_stream.hpp>
#include <weft/net/task.hpp>

#include "loopback.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Flows as protocols write them, over any stream. Streams come as pointers: they must outlive the coroutine.

template <class Stream>
weft::net::task<std::string> read_exactly(Stream* stream, std::size_t size) {
    std::string text(size, '\0');
    std::size_t there = 0;
    while (there < size) {
        const std::size_t n =
            co_await stream->read_some(std::as_writable_bytes(std::span(text.data() + there, size - there)));
        if (n == 0) throw weft::net::stream_error(weft::net::stream_failure::closed, "the stream ended early");
        there += n;
    }
    co_return text;
}

template <class Stream>
weft::net::task<std::string> exchange(Stream* stream, std::string_view text) {
    co_await stream->write_all(bytes(text));
    std::string answer = co_await read_exactly(stream, text.size());
    co_return answer;
}

/// Sends back what comes until the end of the stream.
template <class Stream>
weft::net::task<> echo(Stream* stream) {
    std::vector<std::byte> buffer(std::size_t{64} * 1024);
    for (;;) {
        const std::size_t n = co_await stream->read_some(buffer);
        if (n == 0) co_return;
        co_await stream->write_all(std::span<const std::byte>(buffer.data(), n));
    }
}

template <class Stream>
weft::net::task<> send_pattern(Stream* stream, std::size_t size) {
    std::vector<std::byte> part(std::size_t{1024} * 1024);
    for (std::size_t at = 0; at < size; at += part.size()) {
        for (std::size_t i = 0; i < part.size(); ++i) part[i] = pattern(at + i);
        co_await stream->write_all(part);
    }
}

/// True when the next `size` bytes are the pattern.
template <class Stream>
weft::net::task<bool> receive_pattern(Stream* stream, std::size_t size) {
    std::vector<std::byte> buffer(100'000);
    bool same = true;
    for (std::size_t at = 0; at < size;) {
        const std::size_t room = size - at < buffer.size() ? size - at : buffer.size();
        const std::size_t n = co_await stream->read_some(std::span(buffer.data(), room));
        if (n == 0) co_return false;
        for (std::size_t i = 0; i < n; ++i) same = same && buffer[i] == pattern(at + i);
        at += n;
    }
    co_return same;
}
