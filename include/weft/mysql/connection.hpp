// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `connection`: the blocking connection to a SingleStore, MySQL or MariaDB server, with TLS where it is asked for.

#include <weft/mysql/basic_connection.hpp>
#include <weft/net/tls.hpp>

namespace weft::inline v0::mysql {

using connection = basic_connection<net::secured<net::socket>>;

} // namespace weft::inline v0::mysql
