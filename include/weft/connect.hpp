// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The front door: connections by URL.

#include <weft/connect/any_connection.hpp>
#include <weft/connect/connect.hpp>
#include <weft/connect/embedded_options.hpp>
#include <weft/connect/mysql_options.hpp>
#include <weft/cursor.hpp>
