// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `stream_error`: what byte streams throw.

#include <weft/core/error.hpp>

#include <string>
#include <utility>

namespace weft::inline v0::net {

/// Why an operation of a stream failed.
enum class stream_failure {
    timed_out,  ///< its deadline passed
    cancelled,  ///< the program cancelled it
    closed,     ///< the peer closed or reset the connection
    refused,    ///< nobody listens there
    unresolved, ///< the host name has no address
    not_open,   ///< the stream was never opened, was closed, or failed before
    tls,        ///< the TLS handshake or a certificate failed, or the peer has no TLS and it is required
    system,     ///< anything else the operating system reports
};

/// A stream failed. Except for `unresolved` and `refused` hosts that were merely tried, it can no longer be used.
class stream_error : public operational_error {
public:
    stream_error(stream_failure reason, std::string message,
                 std::source_location where = std::source_location::current())
        : operational_error(std::move(message), where), reason_(reason) {}

    /// Why, for programs that treat some failures differently.
    stream_failure reason() const noexcept { return reason_; }

private:
    stream_failure reason_;
};

} // namespace weft::inline v0::net
