// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `ipc_query`: a query of a client, built step by step.

#include <weft/net/task.hpp>
#include <weft/toondb/protocol/table_text.hpp>
#include <weft/toondb/session.hpp>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::inline v0::toondb {

/// A query over the keys that begin with a prefix:
///
///     client.query("users/").select({"name", "email"}).limit(10).to_list()
///
/// Nothing is sent before one of the functions that return rows is called. Rows come in the order of their keys.
template <net::blocking_byte_stream Stream>
class ipc_query {
public:
    /// Made by `query(prefix)` of clients and transactions; of the latter with their number.
    ipc_query(std::shared_ptr<session<Stream>> on, std::optional<std::uint64_t> scope, std::string_view prefix)
        : session_(std::move(on)), scope_(scope) {
        request_.path = prefix;
    }

    /// The columns, in this order; all without it.
    ipc_query& select(std::initializer_list<std::string_view> columns) {
        return select<std::initializer_list<std::string_view>>(columns);
    }
    template <class Columns>
    ipc_query& select(const Columns& columns) {
        request_.columns.clear();
        for (const auto& name : columns) request_.columns.emplace_back(std::string_view(name));
        return *this;
    }
    /// At most so many rows; 0: all.
    ipc_query& limit(std::uint32_t rows) {
        request_.limit = rows;
        return *this;
    }
    /// Leaves out the first rows.
    ipc_query& offset(std::uint32_t rows) {
        request_.offset = rows;
        return *this;
    }

    /// The rows as a table in one line, `[]` when there are none.
    std::string execute() const { return net::run_now(start(request_)); }
    operator std::string() const { return execute(); }
    /// The rows as maps from column to value; see protocol::parse_table_text() for what becomes what.
    std::vector<dict> to_list() const { return protocol::parse_table_text(execute()); }
    /// The first row, or nothing.
    std::optional<dict> first() const {
        protocol::query_request one = request_;
        one.limit = 1;
        std::vector<dict> rows = protocol::parse_table_text(net::run_now(start(one)));
        if (rows.empty()) return std::nullopt;
        return std::move(rows.front());
    }
    /// Number of rows, within limit() and offset(). The rows are sent.
    std::size_t count() const { return to_list().size(); }
    bool exists() const { return first().has_value(); }

private:
    net::task<std::string> start(const protocol::query_request& request) const {
        return scope_ ? session_->scoped_query(*scope_, request) : session_->query(request);
    }

    std::shared_ptr<session<Stream>> session_;
    std::optional<std::uint64_t> scope_;
    protocol::query_request request_;
};

} // namespace weft::inline v0::toondb
