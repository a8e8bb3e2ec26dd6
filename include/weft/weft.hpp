// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Everything but what needs an event loop: asynchronous programs include `weft/net.hpp`,
/// `weft/mysql/async_connection.hpp` and `weft/pool/async_pool.hpp` besides. Programs that count their compile time
/// include the rooms they use instead.

#include <weft/columnar.hpp>
#include <weft/connect.hpp>
#include <weft/core.hpp>
#include <weft/cursor.hpp>
#include <weft/embedded.hpp>
#include <weft/format.hpp>
#include <weft/mysql/connection.hpp>
#include <weft/pool/maintenance.hpp>
#include <weft/pool/replicated_pool.hpp>
#include <weft/transfer.hpp>
