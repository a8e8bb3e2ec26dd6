// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `connection_interface<Derived>`: the short forms every connection has. Derive from it to give a connection of your
/// own `execute`, `execute_many`, `query<Format>`, `query_one`, `query_value`, `stream` and `make_cursor`, each in
/// three error styles: throwing, `try_…` returning `result<T>`, and `error_code&` with diagnostics first (include
/// `weft/core/error_code.hpp` for that one). `execute_many` and the defaults of `make_cursor` need headers of their
/// own; `weft/cursor.hpp` has them all.

#include <weft/core/result.hpp>
#include <weft/cursor/cursor.hpp>
#include <weft/format/tuples.hpp>

namespace weft::inline v0 {

template <class Derived>
class connection_interface {
public:
    /// Executes every statement of `sql`; returns the affected rows of all together.
    template <bindable... Args>
    std::int64_t execute(sql_text sql, const Args&... args) {
        return detail::with_context(sql, [&] {
            auto outcome = detail::run_bound(self(), sql.text, args...);
            std::int64_t affected = 0;
            do {
                if (outcome.affected_rows() > 0) affected += outcome.affected_rows();
            } while (outcome.next_set());
            return affected;
        });
    }

    /// Executes `sql` once for each element of `rows`: structs, tuples, single values, dicts. Returns the affected
    /// rows. Where the connection has transactions, all rows are executed in one: after an error none has happened.
    template <parameter_range Rows>
    std::int64_t execute_many(sql_text sql, const Rows& rows) {
        return detail::with_context(sql, [&] { return detail::row_executor<Rows>::execute(self(), sql.text, rows); });
    }

    /// Executes `sql` and returns the rows of its first set that has columns, in `Format`. Statements after it are
    /// executed too. Throws programming_error when no statement returns rows.
    template <result_format Format, bindable... Args>
    typename Format::result_type query(sql_text sql, const Args&... args) {
        return query(Format{}, sql, args...);
    }

    /// The same with a format that has settings.
    template <result_format Format, bindable... Args>
    typename Format::result_type query(Format format, sql_text sql, const Args&... args) {
        auto rows = open_rows<streaming<>>(std::move(format), sql, args...);
        return detail::with_context(sql, [&] {
            auto all = rows.fetch_all();
            rows.close();
            return all;
        });
    }

    /// The first row, if any.
    template <row_format Format, bindable... Args>
    std::optional<typename Format::row_type> query_one(sql_text sql, const Args&... args) {
        auto rows = open_rows<streaming<>>(Format{}, sql, args...);
        return detail::with_context(sql, [&] {
            auto row = rows.fetch_one();
            rows.close();
            return row;
        });
    }

    /// The only column of the first row. Throws programming_error when there is no row.
    template <cell_readable T, bindable... Args>
    T query_value(sql_text sql, const Args&... args) {
        auto row = query_one<tuples<T>>(sql, args...);
        if (!row) {
            programming_error none("the query returned no row");
            none.add_context(sql.text, sql.where);
            throw none;
        }
        return std::get<0>(std::move(*row));
    }

    /// A cursor over the rows of `sql` that keeps at most `Rows` of them: `for (auto& row : db.stream<…>("…"))`.
    template <result_format Format, std::size_t Rows = 4096, bindable... Args>
    auto stream(sql_text sql, const Args&... args) {
        return open_rows<streaming<Rows>>(Format{}, sql, args...);
    }

    /// A cursor on this connection.
    template <class Buffering = buffered, result_format Format = named_rows>
    auto make_cursor(Format format = {}) {
        return weft::cursor<Derived, Buffering, Format>(self(), std::move(format));
    }

    // Statements given as template arguments have their placeholders counted while compiling.

    template <fixed_string Sql, result_format Format = named_rows, bindable... Args>
        requires placeholders_match_arguments<Sql, Derived, Args...>
    typename Format::result_type query(const Args&... args) {
        return query<Format>(sql_text(Sql.view()), args...);
    }

    template <fixed_string Sql, bindable... Args>
        requires placeholders_match_arguments<Sql, Derived, Args...>
    std::int64_t execute(const Args&... args) {
        return execute(sql_text(Sql.view()), args...);
    }

    // The non-throwing forms.

    template <bindable... Args>
    result<std::int64_t> try_execute(sql_text sql, const Args&... args) {
        return attempt([&] { return execute(sql, args...); });
    }
    template <parameter_range Rows>
    result<std::int64_t> try_execute_many(sql_text sql, const Rows& rows) {
        return attempt([&] { return execute_many(sql, rows); });
    }
    template <result_format Format, bindable... Args>
    result<typename Format::result_type> try_query(sql_text sql, const Args&... args) {
        return attempt([&] { return query<Format>(sql, args...); });
    }
    template <row_format Format, bindable... Args>
    result<std::optional<typename Format::row_type>> try_query_one(sql_text sql, const Args&... args) {
        return attempt([&] { return query_one<Format>(sql, args...); });
    }
    template <cell_readable T, bindable... Args>
    result<T> try_query_value(sql_text sql, const Args&... args) {
        return attempt([&] { return query_value<T>(sql, args...); });
    }

    template <bindable... Args>
    std::int64_t execute(boost::system::error_code& ec, diagnostics& info, sql_text sql, const Args&... args) {
        return attempt(ec, info, [&] { return execute(sql, args...); });
    }
    template <parameter_range Rows>
    std::int64_t execute_many(boost::system::error_code& ec, diagnostics& info, sql_text sql, const Rows& rows) {
        return attempt(ec, info, [&] { return execute_many(sql, rows); });
    }
    template <result_format Format, bindable... Args>
    typename Format::result_type query(boost::system::error_code& ec, diagnostics& info, sql_text sql,
                                       const Args&... args) {
        return attempt(ec, info, [&] { return query<Format>(sql, args...); });
    }
    template <row_format Format, bindable... Args>
    std::optional<typename Format::row_type> query_one(boost::system::error_code& ec, diagnostics& info, sql_text sql,
                                                       const Args&... args) {
        return attempt(ec, info, [&] { return query_one<Format>(sql, args...); });
    }
    template <cell_readable T, bindable... Args>
    T query_value(boost::system::error_code& ec, diagnostics& info, sql_text sql, const Args&... args) {
        return attempt(ec, info, [&] { return query_value<T>(sql, args...); });
    }

private:
    friend Derived; // the only class that may derive
    connection_interface() noexcept = default;

    Derived& self() noexcept { return static_cast<Derived&>(*this); }

    /// A cursor at the first set of `sql` that has columns.
    template <class Buffering, result_format Format, bindable... Args>
    auto open_rows(Format format, const sql_text& sql, const Args&... args) {
        weft::cursor<Derived, Buffering, Format> rows(self(), std::move(format));
        return detail::with_context(sql, [&] {
            rows.execute(sql, args...);
            while (!rows.has_columns()) {
                if (!rows.next_set()) throw programming_error("no statement of the text returns rows; use execute()");
            }
            return std::move(rows);
        });
    }
};

} // namespace weft::inline v0
