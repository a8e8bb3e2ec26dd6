// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// SQLite's result codes as weft errors.

#include <weft/core/error.hpp>

#include <sqlite3.h>

#include <string>

namespace weft::inline v0::embedded {

/// The class an SQLite result code belongs to, by its primary code.
inline errc classify(int code) noexcept {
    switch (code & 0xFF) {
    case SQLITE_CONSTRAINT: return errc::integrity_error;
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG: return errc::data_error;
    case SQLITE_ERROR:
    case SQLITE_RANGE:
    case SQLITE_SCHEMA:
    case SQLITE_AUTH: return errc::programming_error;
    case SQLITE_MISUSE: return errc::interface_error;
    case SQLITE_INTERNAL: return errc::internal_error;
    case SQLITE_NOLFS: return errc::not_supported_error;
    default: return errc::operational_error;
    }
}

/// SQLSTATE of an SQLite extended result code; empty where the standard has no word for it.
constexpr std::string_view sqlstate(int code) noexcept {
    switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID: return "23505";
    case SQLITE_CONSTRAINT_NOTNULL: return "23502";
    case SQLITE_CONSTRAINT_FOREIGNKEY: return "23503";
    case SQLITE_CONSTRAINT_CHECK: return "23514";
    default: break;
    }
    switch (code & 0xFF) {
    case SQLITE_CONSTRAINT: return "23000";
    case SQLITE_ERROR: return "42000";
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return "40001";
    case SQLITE_FULL: return "53100";
    case SQLITE_NOMEM: return "53200";
    case SQLITE_INTERRUPT: return "57014";
    case SQLITE_IOERR: return "58030";
    case SQLITE_READONLY: return "25006";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return "XX001";
    case SQLITE_CANTOPEN: return "08001";
    default: return {};
    }
}

/// SQLite's extended result codes as an error domain.
inline constexpr error_domain sqlite_errors{"sqlite", classify,
                                            [](int code) { return std::string(sqlite3_errstr(code)); }};

/// Throws the error of the last call on `db`, which returned `code`.
[[noreturn]] inline void throw_sqlite(sqlite3* db, int code, std::string_view what) {
    diagnostics info;
    const int extended = db != nullptr ? sqlite3_extended_errcode(db) : code;
    info.code = (extended & 0xFF) == (code & 0xFF) ? extended : code;
    info.sqlstate = sqlstate(info.code);
    info.message = what;
    if (!info.message.empty()) info.message += ": ";
    const bool same = db != nullptr && (sqlite3_errcode(db) & 0xFF) == (code & 0xFF);
    info.message += same ? sqlite3_errmsg(db) : sqlite3_errstr(code);
    info.location = std::source_location::current();
    const errc kind = classify(info.code);
    throw_error(kind, std::move(info), &sqlite_errors);
}

} // namespace weft::inline v0::embedded
