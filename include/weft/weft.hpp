// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Everything but what needs an event loop: asynchronous programs include `weft/net.hpp` and
/// `weft/mysql/async_connection.hpp` besides. Programs that count their compile time include the rooms they use instead.

#include <weft/columnar.hpp>
#include <weft/connect.hpp>
#include <weft/core.hpp>
#include <weft/cursor.hpp>
#include <weft/embedded.hpp>
#include <weft/format.hpp>
#include <weft/mysql.hpp>
#include <weft/transfer.hpp>
