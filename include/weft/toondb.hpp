// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// ToonDB's protocol between processes: clients, blocking and on Asio, and a server for an `embedded::kv_database`. A
/// program that counts its compile time includes `weft/toondb/ipc_client.hpp`, which needs neither Asio nor SQLite.

#include <weft/toondb/async_ipc_client.hpp>
#include <weft/toondb/client_options.hpp>
#include <weft/toondb/error.hpp>
#include <weft/toondb/ipc_client.hpp>
#include <weft/toondb/ipc_query.hpp>
#include <weft/toondb/ipc_scan.hpp>
#include <weft/toondb/ipc_server.hpp>
#include <weft/toondb/ipc_transaction.hpp>
#include <weft/toondb/protocol/cells.hpp>
#include <weft/toondb/protocol/frame.hpp>
#include <weft/toondb/protocol/opcode.hpp>
#include <weft/toondb/protocol/packed_row.hpp>
#include <weft/toondb/protocol/request.hpp>
#include <weft/toondb/protocol/response.hpp>
#include <weft/toondb/protocol/scoped.hpp>
#include <weft/toondb/protocol/sql_answer.hpp>
#include <weft/toondb/protocol/table_definition.hpp>
#include <weft/toondb/protocol/table_text.hpp>
#include <weft/toondb/protocol/wire.hpp>
#include <weft/toondb/server_options.hpp>
#include <weft/toondb/session.hpp>
