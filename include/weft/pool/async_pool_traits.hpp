// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `async_pool_traits<Connection>`: how an asynchronous pool treats connections of a type.

#include <weft/pool/pool_traits.hpp>

#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>

#include <string>
#include <utility>

namespace weft::inline v0 {

/// The hooks of an asynchronous pool. Each operation calls its handler with an error code once it has ended, not within
/// the call; the handler has an executor and a cancellation slot. The general template asks the connection for
/// `async_ping`, `async_reset`, `async_close`, `is_open`, `is_busy`, `has_transaction` and `diagnostics`, and does
/// without those it has not.
template <class Connection>
struct async_pool_traits {
    using error_code = boost::system::error_code;

    static bool is_usable(const Connection& c) { return pool_traits<Connection>::is_usable(c); }

    static constexpr bool has_ping = requires(Connection& c) { c.async_ping(boost::asio::deferred); };
    static constexpr bool has_reset = requires(Connection& c) { c.async_reset(boost::asio::deferred); };
    static constexpr bool has_close = requires(Connection& c) { c.async_close(boost::asio::deferred); };

    template <class Handler>
    static void validate(Connection& c, Handler handler)
        requires has_ping
    {
        c.async_ping(std::move(handler));
    }
    template <class Handler>
    static void reset(Connection& c, Handler handler)
        requires has_reset
    {
        c.async_reset(std::move(handler));
    }
    template <class Handler>
    static void close(Connection& c, Handler handler)
        requires has_close
    {
        c.async_close(std::move(handler));
    }

    /// Whether return_action::rollback has anything to do, which is then done by a reset.
    static bool has_transaction(const Connection& c) {
        if constexpr (requires { static_cast<bool>(c.has_transaction()); }) {
            return c.has_transaction();
        } else {
            return true;
        }
    }

    /// What is known about the error of the last operation.
    static weft::diagnostics diagnostics(const Connection& c, const error_code& ec) {
        if constexpr (requires { weft::diagnostics(c.diagnostics()); }) {
            weft::diagnostics known = c.diagnostics();
            if (!known.message.empty()) return known;
        }
        weft::diagnostics info;
        info.message = ec.message();
        return info;
    }
};

} // namespace weft::inline v0
