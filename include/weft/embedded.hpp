// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// SQL over a file or memory, and keys and values beside it in one file with namespaces and queues, through SQLite,
/// with everything cursors do and rows as tuples, structs and named rows. A program that counts its compile time
/// includes `weft/embedded/database.hpp` (SQL) or `weft/embedded/kv_database.hpp` (both) and adds what it uses.

#include <weft/cursor.hpp>
#include <weft/embedded/bytes_view.hpp>
#include <weft/embedded/column_type.hpp>
#include <weft/embedded/database.hpp>
#include <weft/embedded/error.hpp>
#include <weft/embedded/kv_config.hpp>
#include <weft/embedded/kv_database.hpp>
#include <weft/embedded/kv_error.hpp>
#include <weft/embedded/kv_handle.hpp>
#include <weft/embedded/kv_iterator.hpp>
#include <weft/embedded/kv_operations.hpp>
#include <weft/embedded/kv_query.hpp>
#include <weft/embedded/kv_record.hpp>
#include <weft/embedded/kv_result.hpp>
#include <weft/embedded/kv_scan.hpp>
#include <weft/embedded/kv_stats.hpp>
#include <weft/embedded/kv_store.hpp>
#include <weft/embedded/kv_transaction.hpp>
#include <weft/embedded/namespace.hpp>
#include <weft/embedded/options.hpp>
#include <weft/embedded/priority_queue.hpp>
#include <weft/embedded/result.hpp>
#include <weft/embedded/row_view.hpp>
#include <weft/embedded/transaction.hpp>
#include <weft/format/records.hpp>
