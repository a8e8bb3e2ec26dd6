// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `kv_query`: a query over values that are JSON objects, built step by step.

#include <weft/core/value.hpp>
#include <weft/embedded/detail/query_engine.hpp>
#include <weft/embedded/kv_database.hpp>
#include <weft/format/dicts.hpp>
#include <weft/format/format.hpp>
#include <weft/format/toon_table.hpp>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::inline v0::embedded {

/// A query over the entries whose keys begin with a prefix:
///
///     db.query("products/").select({"name", "price"}).where("price", op::gt, 100).order_by("price", sort_order::desc)
///         .limit(10).to_list()
///
/// A value that is a JSON object is a row with its members as columns, nested objects and arrays as JSON; any other
/// value is a row with the one column `value`, a text or, when it is no UTF-8, bytes. Rows come in the order of their
/// keys unless order_by() says otherwise. Without select() the columns are all members, in the order in which they
/// first appear. A member that a row lacks is NULL.
///
/// Conditions are all to be met. Numbers compare as numbers, texts byte by byte, dates and times as their texts;
/// values of different kinds are unequal and neither is less; NULL meets no comparison.
///
/// Nothing is read before one of the functions that return rows is called; each call reads the snapshot of its moment,
/// or of its transaction. It keeps matching rows in memory. A connection is held as long as the object lives.
class kv_query {
public:
    /// Made by `query(prefix)` of databases and transactions.
    kv_query(shared<detail::lease> owner, shared<detail::transaction_state> transaction, bytes_view prefix)
        : owner_(std::move(owner)), transaction_(std::move(transaction)), prefix_(prefix.text()) {}

    /// The columns, in this order.
    kv_query& select(std::initializer_list<std::string_view> columns) {
        return select<std::initializer_list<std::string_view>>(columns);
    }
    template <key_range Columns>
    kv_query& select(const Columns& columns) {
        plan_.columns.clear();
        for (const auto& name : columns) plan_.columns.emplace_back(std::string_view(name));
        return *this;
    }
    /// Adds the key as a column of this name, in front of the others.
    kv_query& key_as(std::string_view name) {
        plan_.key_column = name;
        return *this;
    }

    /// Rows whose member compares like this with a value.
    template <cell_writable T>
    kv_query& where(std::string_view member, op how, const T& operand) {
        return add({std::string(member), detail::condition::test::compare, how, {value(operand)}});
    }
    /// Rows whose member equals one of the values.
    template <class T>
    kv_query& where_in(std::string_view member, std::initializer_list<T> operands) {
        detail::condition c{std::string(member), detail::condition::test::in, op::eq, {}};
        for (const T& operand : operands) c.operands.emplace_back(operand);
        return add(std::move(c));
    }
    /// Rows whose member is at least the one and at most the other value.
    template <cell_writable T, cell_writable U>
    kv_query& where_between(std::string_view member, const T& least, const U& most) {
        return where(member, op::ge, least).where(member, op::le, most);
    }
    /// Rows whose member is NULL or missing, or not.
    kv_query& where_null(std::string_view member) {
        return add({std::string(member), detail::condition::test::null, op::eq, {}});
    }
    kv_query& where_not_null(std::string_view member) {
        return add({std::string(member), detail::condition::test::not_null, op::eq, {}});
    }

    /// Sorts by a member; called again, by that one where the first are equal. NULLs come last (descending: first).
    kv_query& order_by(std::string_view member, sort_order direction = sort_order::asc) {
        plan_.sort_keys.push_back({std::string(member), direction});
        return *this;
    }
    /// At most so many rows; 0: all of them.
    kv_query& limit(std::uint64_t rows) {
        plan_.limit = rows;
        return *this;
    }
    /// Leaves out the first rows.
    kv_query& offset(std::uint64_t rows) {
        plan_.offset = rows;
        return *this;
    }

    /// Number of rows, within limit() and offset().
    std::uint64_t count() { return matches().size(); }
    /// Whether there is a row.
    bool exists() { return !matches(1).empty(); }
    /// The keys of the rows.
    std::vector<std::string> keys() {
        std::vector<std::string> all;
        for (kv_pair& row : matches()) all.push_back(std::move(row.key));
        return all;
    }
    /// Keys and whole values, select() or not.
    std::vector<kv_pair> to_pairs() { return matches(); }

    /// The rows as a table in one line: `result[2]{name,price}:Laptop,999;Mouse,25`, or `[]` for none. A member that a
    /// row lacks is `∅`. `from_toon` of `weft/format/toon_table.hpp` reads it.
    std::string execute() { return fetch<toon_table>(); }
    /// Each row as a table of its own with its key: `products/laptop` and `result[1]{name,price}:Laptop,999`. Without
    /// select() each has the columns of its own members.
    std::vector<kv_pair> to_list() {
        std::vector<kv_pair> rows = matches();
        for (kv_pair& row : rows) row.value = detail::project(plan_, std::vector<kv_pair>{row}, toon_table{});
        return rows;
    }
    /// The rows in any format: `fetch<dicts>()`, `fetch<data_frame>()`, `fetch<json>()`, `fetch<records<T>>()`, …
    template <result_format Format>
    typename Format::result_type fetch(const Format& format = {}) {
        return detail::project(plan_, matches(), format);
    }
    /// The rows as maps from column name to value.
    std::vector<dict> to_maps() { return fetch<dicts>(); }
    /// The first row, or nothing.
    template <row_format Format = dicts>
    std::optional<typename Format::row_type> first(const Format& format = {}) {
        auto rows = detail::project(plan_, matches(1), format);
        if (rows.empty()) return std::nullopt;
        return std::move(rows.front());
    }
    /// The rows as structs, whole values as get_record() reads them; include `weft/embedded/kv_record.hpp`.
    template <class T>
    std::vector<T> to_records() {
        static_assert(detail::kv_record_header_included<T>, "to_records needs weft/embedded/kv_record.hpp; include it");
        std::vector<T> all;
        for (const kv_pair& row : matches()) all.push_back(detail::kv_record<T>::from_json(row.key, row.value));
        return all;
    }

private:
    kv_query& add(detail::condition c) {
        plan_.conditions.push_back(std::move(c));
        return *this;
    }

    std::vector<kv_pair> matches(std::uint64_t most = 0) {
        owner_->core().count_query();
        kv_scan scan(owner_, transaction_, prefix_, prefix_end(prefix_));
        detail::query_plan plan = plan_;
        if (most != 0 && (plan.limit == 0 || plan.limit > most)) plan.limit = most;
        return detail::select_rows(plan, scan);
    }

    shared<detail::lease> owner_;
    shared<detail::transaction_state> transaction_;
    std::string prefix_;
    detail::query_plan plan_;
};

} // namespace weft::inline v0::embedded
