// SPDX-License-Identifier: BSL-1.0
#pragma once

/// The part of session<Stream> that executes one statement for many rows.

#include <weft/mysql/session.hpp>

namespace weft::inline v0::mysql {

namespace detail {

/// Size of a message with many rows: large enough that its cost is the rows', far below every server's limit.
inline constexpr std::size_t many_rows_size = std::size_t{1} << 20;

/// Puts the number of a row before the message of what it throws.
template <class F>
decltype(auto) with_row_number(std::uint64_t number, F&& f) {
    try {
        return std::forward<F>(f)();
    } catch (error& e) {
        e.prepend("row " + std::to_string(number) + ": ");
        throw;
    }
}

} // namespace detail

template <net::byte_stream Stream>
net::task<std::int64_t> session<Stream>::execute_many(std::string_view sql, parameter_rows* rows) {
    co_await begin();
    const auto insert = detail::split_insert(sql, dialect());
    if (options_.parameters == parameter_mode::literals) {
        if (!insert) throw not_supported_error("many rows as literals take an INSERT … VALUES (?, …)");
        co_return co_await execute_widened(*insert, rows);
    }
    const std::shared_ptr<detail::prepared_statement> statement = co_await prepare(sql);
    if (statement->columns != 0)
        throw programming_error("execute_many takes a statement that changes rows, not a query");
    const bool bulk =
        (capabilities_ & protocol::capability::mariadb_bulk_operations) != 0 && statement->parameters != 0;
    if (bulk) co_return co_await execute_bulk(statement.get(), rows);
    if (insert) co_return co_await execute_widened(*insert, rows);
    co_return co_await execute_each(statement.get(), rows);
}

/// The same as one change: in a transaction, unless the program has begun one or has switched autocommit off.
template <net::byte_stream Stream>
net::task<std::int64_t> session<Stream>::execute_many_or_none(std::string_view sql, parameter_rows* rows) {
    co_await begin();
    const bool alone =
        (status_ & protocol::status::autocommit) != 0 && (status_ & protocol::status::in_transaction) == 0;
    if (!alone) co_return co_await execute_many(sql, rows);
    co_await query("START TRANSACTION");
    std::int64_t affected = 0;
    std::exception_ptr failed;
    try {
        affected = co_await execute_many(sql, rows);
    } catch (...) {
        failed = std::current_exception();
    }
    try {
        if (is_open()) co_await query(failed ? "ROLLBACK" : "COMMIT");
    } catch (...) { // the server rolls back what a lost connection leaves
        if (!failed) throw;
        close();
    }
    if (failed) std::rethrow_exception(failed);
    co_return affected;
}

/// Rows whose types agree go into one message.
template <net::byte_stream Stream>
net::task<std::int64_t> session<Stream>::execute_bulk(detail::prepared_statement* statement, parameter_rows* rows) {
    std::int64_t affected = 0;
    std::uint64_t number = 0;
    std::span<const cell> row;
    bool more = detail::with_row_number(number, [&] { return rows->next(row); });
    statement->types.clear(); // the server takes them from what follows
    while (more) {
        if (row.size() != statement->parameters) {
            throw programming_error("the statement takes " + std::to_string(statement->parameters) +
                                    " parameters, row " + std::to_string(number) + " has " +
                                    std::to_string(row.size()));
        }
        protocol::parameter_types types;
        const auto types_change = [&] {
            return detail::with_row_number(number, [&] { return types.update(row, options_.numbers); });
        };
        types_change();
        const protocol::wire_writer out = channel_.begin_command();
        protocol::bulk_execution message(statement->id, types.sent(), out);
        do {
            detail::with_row_number(number, [&] { message.add_row(row, options_.numbers); });
            ++number;
            more = detail::with_row_number(number, [&] { return rows->next(row); });
        } while (more && channel_.outgoing_size() < detail::many_rows_size && !types_change());
        channel_.end_message();
        affected += co_await flush_and_count(1);
    }
    co_return affected;
}

/// One INSERT with a list of values for each row.
template <net::byte_stream Stream>
net::task<std::int64_t> session<Stream>::execute_widened(detail::insert_values insert, parameter_rows* rows) {
    const protocol::literal_rules rules = literal_rules();
    std::int64_t affected = 0;
    std::uint64_t number = 0;
    std::span<const cell> row;
    std::string text;
    bool more = detail::with_row_number(number, [&] { return rows->next(row); });
    while (more) {
        text.assign(insert.head);
        bool first = true;
        do {
            if (!first) text += ", ";
            first = false;
            detail::with_row_number(number, [&] { protocol::append_statement(text, insert.values, row, rules); });
            ++number;
            more = detail::with_row_number(number, [&] { return rows->next(row); });
        } while (more && text.size() < detail::many_rows_size);
        text += ' ';
        text += insert.tail;
        send_query(text);
        affected += co_await flush_and_count(1);
    }
    co_return affected;
}

/// One execution a row; as many on their way as the buffers between the two sides hold.
template <net::byte_stream Stream>
net::task<std::int64_t> session<Stream>::execute_each(detail::prepared_statement* statement, parameter_rows* rows) {
    constexpr std::size_t window = std::size_t{1} << 15;
    std::int64_t affected = 0;
    std::uint64_t number = 0;
    std::span<const cell> row;
    std::size_t sent = 0;
    std::size_t kept = channel_.outgoing_size(); // of messages before the rows
    const auto add_row = [&] {
        const bool more = rows->next(row);
        if (more) send_execute(*statement, row);
        return more;
    };
    const auto add_row_or_nothing = [&] {
        try {
            return detail::with_row_number(number, add_row);
        } catch (...) {
            channel_.take_back(kept); // the rows before it, whose answers nobody would read
            statement->types.clear(); // one of them may have told the server
            throw;
        }
    };
    while (add_row_or_nothing()) {
        ++number;
        ++sent;
        if (channel_.outgoing_size() < window) continue;
        kept = 0;
        statement->types.clear(); // told again, should the server have stopped before them
        affected += co_await flush_and_count(std::exchange(sent, 0));
    }
    statement->types.clear();
    co_return affected + co_await flush_and_count(sent);
}

/// Sends what is ready and reads its responses; the first error is thrown after the last one.
template <net::byte_stream Stream>
net::task<std::int64_t> session<Stream>::flush_and_count(std::size_t responses) {
    if (responses == 0) co_return 0;
    co_await channel_.flush();
    std::int64_t affected = 0;
    std::exception_ptr failed;
    for (std::size_t i = 0; i < responses; ++i) {
        if (responses > 1) channel_.expect_answer(i + 1 == responses);
        try {
            co_await read_head(row_encoding::text);
            for (bool more = true; more;) {
                affected += static_cast<std::int64_t>(summary_.affected_rows);
                more = co_await next_set();
            }
        } catch (const error&) {
            if (!failed) failed = std::current_exception();
            if (!is_open()) break;
        }
    }
    if (failed) std::rethrow_exception(failed);
    co_return affected;
}

} // namespace weft::inline v0::mysql
