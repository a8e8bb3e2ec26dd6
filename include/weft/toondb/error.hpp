// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Errors of ToonDB's IPC. The others that clients throw are `database_error` (what the server says, by class where it
/// says one) and `embedded::transaction_error` with `embedded::transaction_conflict`.

#include <weft/core/error.hpp>

namespace weft::inline v0::toondb {

/// The server cannot be reached, went away, or did not answer in time. The client is closed.
class connection_error : public weft::detail::error_class<errc::operational_error, operational_error> {
public:
    using error_class::error_class;
};

/// What came from the other side is not what the protocol says, or a message is larger than it allows.
class protocol_error : public weft::detail::error_class<errc::database_error, database_error> {
public:
    using error_class::error_class;
};

} // namespace weft::inline v0::toondb
