// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Byte streams to servers: blocking and Asio sockets, TLS over either, a scripted stream for tests, and the coroutine
/// task in which protocols are written once for all of them.

#include <weft/net/asio_socket.hpp>
#include <weft/net/async.hpp>
#include <weft/net/byte_stream.hpp>
#include <weft/net/chrono.hpp>
#include <weft/net/connect.hpp>
#include <weft/net/connect_options.hpp>
#include <weft/net/deadline.hpp>
#include <weft/net/endpoint.hpp>
#include <weft/net/scripted_stream.hpp>
#include <weft/net/socket.hpp>
#include <weft/net/stream_error.hpp>
#include <weft/net/task.hpp>
#include <weft/net/tls.hpp>
#include <weft/net/tls_context.hpp>
#include <weft/net/tls_options.hpp>
