// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `connect_any`: a stream to the first host of a list that takes the connection.

#include <weft/net/byte_stream.hpp>
#include <weft/net/connect_options.hpp>
#include <weft/net/endpoint.hpp>
#include <weft/net/task.hpp>

#include <string>
#include <utility>
#include <vector>

namespace weft::inline v0::net {

/// A byte stream that can be connected to an endpoint.
template <class Stream>
concept connectable_stream = byte_stream<Stream> && requires(Stream& s, const endpoint& e, const connect_options& o) {
    { s.connect(e, o) } -> awaitable_of<void>;
};

namespace detail {

template <class Stream>
task<endpoint> connect_any(Stream* stream, host_list list, connect_options options) {
    const std::vector<endpoint> order = list.attempt_order();
    if (order.empty()) throw interface_error("there is no host to connect to");
    std::string reasons;
    for (const endpoint& host : order) {
        try {
            co_await stream->connect(host, options);
            co_return host;
        } catch (const stream_error& e) {
            if (order.size() == 1 || e.reason() == stream_failure::cancelled) throw;
            if (!reasons.empty()) reasons += "; ";
            reasons += e.what();
        }
    }
    throw stream_error(stream_failure::refused,
                       "none of " + std::to_string(order.size()) + " hosts takes the connection: " + reasons);
}

} // namespace detail

/// Connects `stream`, which must outlive the task, to the first host of the list that takes the connection, and returns
/// which one that is. Each host has the whole connect timeout. \throws stream_error with the failures of all hosts.
template <connectable_stream Stream>
task<endpoint> connect_any(Stream& stream, host_list list, connect_options options = connect_options()) {
    return detail::connect_any(&stream, std::move(list), std::move(options));
}

} // namespace weft::inline v0::net
