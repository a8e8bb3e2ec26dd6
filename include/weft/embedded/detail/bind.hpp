// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/core/cell.hpp>
#include <weft/core/utf8.hpp>
#include <weft/embedded/error.hpp>

#include <sqlite3.h>

#include <span>
#include <string>

namespace weft::inline v0::embedded::detail {

/// Whether SQLite may read the caller's memory while it executes, or has to copy.
enum class lifetime : unsigned char { whole_execution, this_call };

class binder {
public:
    binder(sqlite3* db, sqlite3_stmt* statement, lifetime of_values) noexcept
        : db_(db), statement_(statement),
          destructor_(of_values == lifetime::whole_execution ? SQLITE_STATIC : SQLITE_TRANSIENT) {}

    /// Binds parameter `index`, counted from 0. Throws data_error naming it when SQLite cannot hold the value.
    void bind(int index, const cell& c) {
        const int code = try_bind(index + 1, c);
        if (code != SQLITE_OK) throw_sqlite(db_, code, "cannot bind parameter " + std::to_string(index + 1));
    }

private:
    int try_bind(int at, const cell& c) {
        switch (c.kind()) {
        case type_id::null: return sqlite3_bind_null(statement_, at);
        case type_id::boolean: return sqlite3_bind_int(statement_, at, c.boolean() ? 1 : 0);
        case type_id::int64: return sqlite3_bind_int64(statement_, at, c.int64());
        case type_id::uint64:
            if (c.uint64() > static_cast<std::uint64_t>(INT64_MAX))
                refuse(at, c, "SQLite's integers end at 9223372036854775807");
            return sqlite3_bind_int64(statement_, at, c.int64());
        case type_id::float64:
            if (c.float64() != c.float64()) refuse(at, c, "SQLite would store NaN as NULL");
            return sqlite3_bind_double(statement_, at, c.float64());
        case type_id::text:
            if (!is_ascii_without_nul(c.text())) check_text(at, c);
            return bind_text(at, c.text(), destructor_);
        case type_id::json: return bind_text(at, c.text(), destructor_);
        case type_id::blob: return bind_blob(at, c.blob());
        case type_id::vector: return bind_blob(at, c.vector().bytes());
        case type_id::decimal: return bind_written(at, c.decimal());
        case type_id::date: return bind_written(at, c.date());
        case type_id::time: return bind_written(at, c.time());
        case type_id::datetime: return bind_written(at, c.datetime());
        case type_id::list:
        case type_id::structure: {
            std::string json;
            append_json(json, c);
            return bind_text(at, json, SQLITE_TRANSIENT);
        }
        default: refuse(at, c, "no such kind of parameter");
        }
    }

    int bind_text(int at, std::string_view text, sqlite3_destructor_type destructor) {
        return sqlite3_bind_text64(statement_, at, text.empty() ? "" : text.data(), text.size(), destructor,
                                   SQLITE_UTF8);
    }

    int bind_blob(int at, blob_view bytes) {
        if (bytes.empty()) return sqlite3_bind_zeroblob(statement_, at, 0);
        return sqlite3_bind_blob64(statement_, at, bytes.data(), bytes.size(), destructor_);
    }

    template <class T>
    int bind_written(int at, const T& v) {
        char text[T::max_chars];
        return bind_text(at, {text, static_cast<std::size_t>(v.write(text) - text)}, SQLITE_TRANSIENT);
    }

    [[gnu::noinline]] static void check_text(int at, const cell& c) { // rare: most texts are ASCII
        if (!is_valid_utf8(c.text())) {
            refuse(at, c,
                   "the text is not valid UTF-8 at byte " + std::to_string(find_invalid_utf8(c.text())) +
                       "; bind a weft::blob");
        }
        const std::size_t nul = c.text().find('\0');
        if (nul != std::string_view::npos) {
            refuse(at, c, "the text has a NUL byte at position " + std::to_string(nul) + "; bind a weft::blob");
        }
    }

    [[noreturn]] static void refuse(int at, const cell& c, const std::string& why) {
        const bool printable = c.kind() != type_id::text;
        throw data_error("parameter " + std::to_string(at) + (printable ? " (" + describe(c) + ")" : std::string()) +
                         " cannot be stored: " + why);
    }

    sqlite3* db_;
    sqlite3_stmt* statement_;
    sqlite3_destructor_type destructor_;
};

} // namespace weft::inline v0::embedded::detail
