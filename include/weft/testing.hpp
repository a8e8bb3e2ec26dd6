// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Fixtures for tests of programs that use weft. No other room includes them.

#include <weft/testing/child_process.hpp>
#include <weft/testing/mysql_server.hpp>
#include <weft/testing/scratch_database.hpp>
#include <weft/testing/temporary_database.hpp>
#include <weft/testing/temporary_directory.hpp>
