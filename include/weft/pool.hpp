// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Pools of connections of any kind: for threads, for coroutines on Asio, and for a primary server with replicas.

#include <weft/pool/async_pool.hpp>
#include <weft/pool/async_pool_traits.hpp>
#include <weft/pool/connection_pool.hpp>
#include <weft/pool/lease.hpp>
#include <weft/pool/maintenance.hpp>
#include <weft/pool/pool_options.hpp>
#include <weft/pool/pool_traits.hpp>
#include <weft/pool/replicated_pool.hpp>
