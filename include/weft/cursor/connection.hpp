// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The connection concept: what turns a statement and its parameters into blocks of rows. A connection knows nothing of
/// formats and buffering. A user's own connection that models it works with every cursor, format and facade.

#include <weft/columnar/block.hpp>
#include <weft/cursor/placeholders.hpp>

#include <concepts>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weft::inline v0 {

/// A remark of the engine about a statement that succeeded.
struct warning {
    std::string level; ///< `Note`, `Warning`, `Error`
    int code = 0;
    std::string message;
};

/// A result that shows one live row at a time, without copying it. `next_row()` gives the next row as a block of one
/// row, valid until the next call, or null at the end of the set.
template <class R>
concept row_source = requires(R& r) {
    typename R::block_type;
    requires block<typename R::block_type>;
    { r.next_row() } -> std::same_as<const typename R::block_type*>;
};

/// A result that is read block by block. `read(into, n)` fills `into` with 1 to `n` rows of the current set; false at
/// its end.
template <class R>
concept block_source = requires(R& r, typename R::block_type& into, std::size_t n) {
    requires block<typename R::block_type>;
    requires std::default_initializable<typename R::block_type>;
    { r.read(into, n) } -> std::same_as<bool>;
};

/// The outcome of a statement text: one set for each statement, with rows or without. The first set is current after
/// running; `next_set()` reads past what is left of the current one and moves on, false after the last. `layout()` is a
/// std::shared_ptr<const schema>, or a plain pointer to one that outlives the result and its rows.
template <class R>
concept statement_result = std::movable<R> && (row_source<R> || block_source<R>) && requires(R& r, const R& c) {
    { *c.layout() } -> std::same_as<const schema&>;
    { r.next_set() } -> std::same_as<bool>;
    { c.affected_rows() } -> std::convertible_to<std::int64_t>;
    { c.last_insert_id() } -> std::convertible_to<std::int64_t>;
    { c.warnings() } -> std::convertible_to<std::vector<warning>>;
};

/// What executes statements. `run(sql, parameters)` starts the text, whose parameters are plain `?`, one cell for each;
/// the cells need to live only during the call. `dialect` is a member, static when it is known while compiling; one
/// that is not may have a static `usual_dialect` beside it, by which the placeholders of compile-time statements are
/// counted.
template <class C>
concept connection = requires(C& c, std::string_view sql, std::span<const cell> parameters) {
    { c.dialect } -> std::convertible_to<sql_dialect>;
    { c.run(sql, parameters) } -> statement_result;
};

/// Result type of a connection.
template <connection C>
using result_of = decltype(std::declval<C&>().run(std::string_view(), std::span<const cell>()));

/// Rows of parameters for one statement executed many times.
class parameter_rows {
public:
    /// The next row's cells, valid until the next call; false after the last row.
    virtual bool next(std::span<const cell>& row) = 0;

protected:
    ~parameter_rows() = default;
};

/// A connection with a faster way to execute one statement for many rows of parameters. Returns the affected rows.
template <class C>
concept bulk_connection = connection<C> && requires(C& c, std::string_view sql, parameter_rows& rows) {
    { c.run_many(sql, rows) } -> std::same_as<std::int64_t>;
};

} // namespace weft::inline v0
