// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Connections to SingleStore, MySQL and MariaDB servers over the MySQL protocol, with TLS, blocking and asynchronous.
/// A program that counts its compile time includes `weft/mysql/basic_connection.hpp` (no TLS) or
/// `weft/mysql/connection.hpp`.

#include <weft/cursor.hpp>
#include <weft/format/records.hpp>
#include <weft/mysql/async_connection.hpp>
#include <weft/mysql/auth/authenticator.hpp>
#include <weft/mysql/auth/ed25519.hpp>
#include <weft/mysql/auth/parsec.hpp>
#include <weft/mysql/auth/rsa.hpp>
#include <weft/mysql/auth/scramble.hpp>
#include <weft/mysql/auth/secret.hpp>
#include <weft/mysql/basic_connection.hpp>
#include <weft/mysql/column_type.hpp>
#include <weft/mysql/connection.hpp>
#include <weft/mysql/infile.hpp>
#include <weft/mysql/options.hpp>
#include <weft/mysql/protocol/capabilities.hpp>
#include <weft/mysql/protocol/charset.hpp>
#include <weft/mysql/protocol/column_definition.hpp>
#include <weft/mysql/protocol/command.hpp>
#include <weft/mysql/protocol/compression.hpp>
#include <weft/mysql/protocol/error.hpp>
#include <weft/mysql/protocol/escape.hpp>
#include <weft/mysql/protocol/handshake.hpp>
#include <weft/mysql/protocol/packet.hpp>
#include <weft/mysql/protocol/parameter.hpp>
#include <weft/mysql/protocol/prepared_statement.hpp>
#include <weft/mysql/protocol/response.hpp>
#include <weft/mysql/protocol/server_version.hpp>
#include <weft/mysql/protocol/session_state.hpp>
#include <weft/mysql/protocol/value_options.hpp>
#include <weft/mysql/protocol/wire.hpp>
#include <weft/mysql/result.hpp>
#include <weft/mysql/row_block.hpp>
#include <weft/mysql/session.hpp>
#include <weft/mysql/statement.hpp>
#include <weft/mysql/transaction.hpp>
