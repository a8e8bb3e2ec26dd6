// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `cursor<Connection, Buffering, Format>`: the composition of the three. It executes statements and fetches rows in
/// the user's format. The defaults (buffered, named rows) and execute_many() need more headers than this one, which
/// `weft/cursor.hpp` includes: `weft/columnar/cell_block.hpp`, `weft/format/named_rows.hpp`,
/// `weft/cursor/execute_many.hpp`.

#include <weft/cursor/buffering.hpp>
#include <weft/cursor/connection.hpp>
#include <weft/cursor/parameters.hpp>
#include <weft/format/format.hpp>

#include <array>
#include <optional>

namespace weft::inline v0 {

struct named_rows; // defined in weft/format/named_rows.hpp: include it, or weft/cursor.hpp, to use the default format

namespace detail {

/// Stands in for the one of weft/cursor/execute_many.hpp.
template <class Rows>
struct row_executor {
    static_assert(sizeof(Rows) == 0, "execute_many needs weft/cursor/execute_many.hpp; include it or weft/cursor.hpp");
    static std::int64_t execute(auto&, std::string_view, const Rows&);
};

/// What one step of a cursor yields: a row for row formats, else a whole result.
template <class Format>
struct element_of {
    using type = typename Format::result_type;
};
template <row_format Format>
struct element_of<Format> {
    using type = typename Format::row_type;
};

template <class Buffering, class Connection>
using store_of = typename Buffering::template store<result_of<Connection>>;
template <class Buffering, class Connection>
using block_of = typename store_of<Buffering, Connection>::block_type;

/// What a result's layout() gives, to keep.
template <class Result>
using layout_of = std::remove_cvref_t<decltype(std::declval<const Result&>().layout())>;

/// An object that stays where it is while its owner moves. std::unique_ptr without `<memory>`.
template <class T>
class anchored {
public:
    anchored() noexcept = default;
    anchored(anchored&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    anchored& operator=(anchored&& other) noexcept {
        std::swap(object_, other.object_);
        other.reset();
        return *this;
    }
    ~anchored() { reset(); }

    void emplace(T object) {
        reset();
        object_ = new T(std::move(object));
    }
    void reset() noexcept { delete std::exchange(object_, nullptr); }

    T& operator*() const noexcept { return *object_; }
    T* operator->() const noexcept { return object_; }
    explicit operator bool() const noexcept { return object_ != nullptr; }

private:
    T* object_ = nullptr;
};

/// Calls `f` and adds the statement and the user's call to whatever it throws.
template <class F>
decltype(auto) with_context(const sql_text& sql, F&& f) {
    try {
        return std::forward<F>(f)();
    } catch (error& e) {
        e.add_context(sql.text, sql.where);
        throw;
    }
}

/// Runs a statement with its arguments bound. Texts with plain `?` and single values go through as they are.
template <connection Connection, bindable... Args>
result_of<Connection> run_bound(Connection& connection, std::string_view sql, const Args&... args) {
    if constexpr (sizeof...(Args) == 0) {
        const placeholder_summary summary = summarize_placeholders(sql, connection.dialect);
        if (summary.named != 0 && !uses_percent_style(sql, connection.dialect)) {
            refuse_placeholders(sql, connection.dialect);
        }
        return connection.run(sql, {});
    } else if constexpr ((cell_writable<Args> && ...)) {
        const placeholder_summary summary = summarize_placeholders(sql, connection.dialect);
        if (!summary.needs_rewriting && summary.arguments == sizeof...(Args)) {
            cell_storage storage;
            const std::array<cell, sizeof...(Args)> cells{to_cell(args, storage)...};
            return connection.run(sql, {cells.data(), cells.size()});
        }
    }
    if constexpr (sizeof...(Args) != 0) {
        const argument_list<Args...> arguments(args...);
        const bound_statement bound = bind_arguments(sql, connection.dialect, arguments);
        return connection.run(bound.text, {bound.cells.data(), bound.cells.size()});
    }
}

} // namespace detail

/// How scroll() reads its argument.
enum class scroll_mode : unsigned char { relative, absolute };

/// A connection, a buffering strategy and a format that fit together.
template <class Connection, class Buffering, class Format>
concept composable = connection<Connection> && buffering_of<Buffering, result_of<Connection>> &&
                     format_of<Format, detail::block_of<Buffering, Connection>>;

/// Executes statements on a connection and fetches their rows. It refers to the connection, which must outlive it. Rows
/// that a statement has beyond its first set are reached with next_set(); statements of a text that were not reached
/// when the cursor is destroyed are not executed, close() executes them.
template <connection Connection, class Buffering = buffered, class Format = named_rows>
    requires composable<Connection, Buffering, Format>
class cursor {
public:
    using result_type = typename Format::result_type;
    /// What fetch_one() and iteration yield: a row, or a batch for formats without rows.
    using element_type = typename detail::element_of<Format>::type;

    explicit cursor(Connection& on, Format as = {}) : connection_(&on), format_(std::move(as)) {}
    /// A moved-from cursor is closed.
    cursor(cursor&& other) noexcept : connection_(other.connection_), format_(std::move(other.format_)) { take(other); }
    cursor& operator=(cursor&& other) noexcept {
        if (this != &other) {
            connection_ = other.connection_;
            format_ = std::move(other.format_);
            reset();
            take(other);
        }
        return *this;
    }

    /// Executes `sql`, after finishing what an earlier execute() left. Returns row_count().
    template <bindable... Args>
    std::int64_t execute(sql_text sql, const Args&... args) {
        check_open();
        finish();
        remember(sql);
        return in_context([&] {
            begin_set(detail::run_bound(*connection_, sql.text, args...));
            return row_count();
        });
    }

    /// Executes a statement whose placeholders are counted while compiling.
    template <fixed_string Sql, bindable... Args>
        requires placeholders_match_arguments<Sql, Connection, Args...>
    std::int64_t execute(const Args&... args) {
        return execute(sql_text(Sql.view()), args...);
    }

    /// Executes `sql` once for each element of `rows`; see connection_interface::execute_many.
    template <parameter_range Rows>
    std::int64_t execute_many(sql_text sql, const Rows& rows) {
        check_open();
        finish();
        remember(sql);
        return in_context([&] {
            reset();
            affected_ = detail::row_executor<Rows>::execute(*connection_, sql.text, rows);
            executed_ = true;
            return affected_;
        });
    }

    /// The next row, or batch for formats without rows; nothing at the end of the set and after statements without
    /// rows.
    std::optional<element_type> fetch_one() {
        check_executed();
        if (!reader_) return std::nullopt;
        return in_context([&]() -> std::optional<element_type> {
            const auto rows = store_->peek(*result_);
            if (rows.count == 0) return std::nullopt;
            if constexpr (row_format<Format>) {
                std::optional<element_type> row(reader_->row(*rows.rows, row_range{rows.first, 1, row_number_}));
                advance(1);
                return row;
            } else {
                return take_rows(1);
            }
        });
    }

    /// Up to `count` rows in one result; fewer at the end of the set.
    result_type fetch_many(std::size_t count) {
        check_executed();
        if (!reader_) return result_type{};
        return in_context([&] { return take_rows(count); });
    }

    /// Up to `array_size` rows in one result.
    result_type fetch_many() { return fetch_many(array_size); }

    /// As fetch_many(), into `rows`, whose memory is used again where the format can: with structs and tuples reading
    /// portion after portion allocates nothing, not even for strings, once they are as large as they get. False at the
    /// end of the set, with `rows` empty.
    bool fetch_into(result_type& rows, std::size_t count) {
        check_executed();
        return in_context([&] {
            if (!reader_ || count == 0 || store_->peek(*result_).count == 0) {
                rows = result_type{};
                return false;
            }
            if constexpr (requires { reader_->reuse(std::move(rows)); }) reader_->reuse(std::move(rows));
            rows = take_rows(count);
            return true;
        });
    }

    /// The remaining rows of the set.
    result_type fetch_all() { return fetch_many(static_cast<std::size_t>(-1)); }

    /// Rows that fetch_many() without argument takes.
    std::size_t array_size = 1;

    /// Whether the current set has columns: a statement that returns rows made it, whether or not it returned any.
    bool has_columns() const noexcept { return reader_.has_value(); }

    /// The columns of the current set; empty when it has none.
    std::span<const field> description() const noexcept {
        if (!reader_) return {};
        return {layout_->fields().data(), layout_->fields().size()};
    }

    /// Rows of the set when it is buffered, affected rows when it has none; −1 when not known.
    std::int64_t row_count() const {
        if (!result_) return affected_;
        if (!reader_) return result_->affected_rows();
        if constexpr (scrollable) return static_cast<std::int64_t>(store_->size());
        return -1;
    }

    /// Number of the next row in the set, from 0.
    std::uint64_t row_number() const noexcept { return row_number_; }

    /// Moves the position. Out of range is a programming_error; streaming cursors only move forwards, up to the end.
    void scroll(std::int64_t rows, scroll_mode mode = scroll_mode::relative) {
        check_executed();
        constexpr std::int64_t farthest = INT64_MAX;
        const std::int64_t now = static_cast<std::int64_t>(row_number_);
        const std::int64_t target = mode == scroll_mode::absolute ? rows
                                    : rows > farthest - now       ? farthest
                                                                  : now + rows;
        if constexpr (scrollable) {
            if (!reader_ || target < 0 || target > static_cast<std::int64_t>(store_->size())) {
                throw programming_error("cannot scroll to row " + std::to_string(target) + "; the set has " +
                                        std::to_string(reader_ ? store_->size() : 0) + " rows");
            }
            store_->seek(static_cast<std::size_t>(target));
            row_number_ = static_cast<std::uint64_t>(target);
        } else {
            if (target < now) {
                throw not_supported_error("a streaming cursor cannot scroll back from row " + std::to_string(now) +
                                          " to row " + std::to_string(target));
            }
            in_context([&] { skip(static_cast<std::uint64_t>(target - now)); });
        }
    }

    /// Back to the first row of a buffered set.
    void rewind()
        requires(detail::store_of<Buffering, Connection>::scrollable)
    {
        scroll(0, scroll_mode::absolute);
    }

    /// Skips what is left of the set and moves to the next statement's; false when there is none.
    bool next_set() {
        check_executed();
        return in_context([&] {
            if (!result_ || !result_->next_set()) {
                reset();
                executed_ = true;
                return false;
            }
            open_set();
            return true;
        });
    }

    /// Id of the last inserted row.
    std::int64_t last_insert_id() const { return result_ ? result_->last_insert_id() : 0; }
    /// Remarks about the statement.
    std::vector<warning> warnings() const { return result_ ? result_->warnings() : std::vector<warning>(); }

    /// Executes the statements not reached yet and ends the cursor; further use is a programming_error. Idempotent.
    void close() {
        if (closed_) return;
        finish();
        reset();
        closed_ = true;
    }
    bool is_open() const noexcept { return !closed_; }

    /// Input iteration over the remaining rows, or batches for formats without rows.
    class iterator {
    public:
        using value_type = element_type;
        using difference_type = std::ptrdiff_t;

        iterator() = default;
        explicit iterator(cursor& owner) : owner_(&owner), element_(owner.next_element()) {}
        element_type& operator*() const noexcept { return *element_; }
        element_type* operator->() const noexcept { return &*element_; }
        iterator& operator++() {
            element_ = owner_->next_element();
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const noexcept { return !element_; }

    private:
        cursor* owner_ = nullptr;
        mutable std::optional<element_type> element_;
    };

    iterator begin() { return iterator(*this); }
    std::default_sentinel_t end() const noexcept { return {}; }

private:
    static constexpr bool scrollable = detail::store_of<Buffering, Connection>::scrollable;

    void check_open() const {
        if (closed_) throw programming_error("Cursor closed");
    }
    void check_executed() const {
        check_open();
        if (!executed_) throw programming_error("execute() first");
    }

    void take(cursor& other) noexcept {
        result_ = std::move(other.result_);
        if (other.store_) store_.emplace(std::move(*other.store_));
        if (other.reader_) reader_.emplace(std::move(*other.reader_));
        layout_ = std::move(other.layout_);
        sql_ = std::move(other.sql_);
        where_ = other.where_;
        row_number_ = other.row_number_;
        affected_ = other.affected_;
        executed_ = other.executed_;
        array_size = other.array_size;
        closed_ = std::exchange(other.closed_, true);
        other.reset();
    }

    void begin_set(result_of<Connection> result) {
        reset();
        result_.emplace(std::move(result));
        executed_ = true;
        open_set();
    }

    void open_set() {
        reader_.reset();
        store_.reset();
        row_number_ = 0;
        layout_ = result_->layout();
        if (layout_->empty()) return;
        reader_.emplace(format_.bind(*layout_));
        store_.emplace();
        store_->open(*result_);
    }

    void append(const detail::block_of<Buffering, Connection>& rows, row_range range) {
        try {
            reader_->append(rows, range);
        } catch (...) {
            reader_.reset(); // drop what a failed conversion left behind
            reader_.emplace(format_.bind(*layout_));
            throw;
        }
    }

    void advance(std::size_t rows) {
        store_->advance(rows);
        row_number_ += rows;
    }

    void skip(std::uint64_t rows) {
        while (rows > 0 && reader_) {
            const std::uint64_t available = store_->peek(*result_).count;
            if (available == 0) return;
            const std::uint64_t taken = available < rows ? available : rows;
            advance(static_cast<std::size_t>(taken));
            rows -= taken;
        }
    }

    std::optional<element_type> next_element() {
        if constexpr (row_format<Format>) {
            return fetch_one();
        } else {
            check_executed();
            if (!reader_ || store_->peek(*result_).count == 0) return std::nullopt;
            return Buffering::batch_rows == 0 ? fetch_all() : fetch_many(Buffering::batch_rows);
        }
    }

    /// Up to `count` rows at the position.
    result_type take_rows(std::size_t count) {
        while (count > 0) {
            const auto rows = store_->peek(*result_);
            if (rows.count == 0) break;
            const std::size_t taken = rows.count < count ? rows.count : count;
            append(*rows.rows, {rows.first, taken, row_number_});
            advance(taken);
            count -= taken;
        }
        return reader_->finish();
    }

    /// Executes the statements that were not reached.
    void finish() {
        in_context([&] {
            while (result_ && result_->next_set()) {}
        });
    }

    void remember(const sql_text& sql) {
        sql_ = sql.text;
        where_ = sql.where;
    }

    /// Calls `f`; errors learn the statement and the user's call that executed it.
    template <class F>
    decltype(auto) in_context(F&& f) {
        try {
            return std::forward<F>(f)();
        } catch (error& e) {
            e.add_context(sql_, where_);
            throw;
        }
    }

    void reset() noexcept {
        reader_.reset();
        store_.reset();
        result_.reset();
        row_number_ = 0;
        affected_ = -1;
        executed_ = false;
    }

    Connection* connection_;
    Format format_;
    detail::anchored<result_of<Connection>> result_; // where it stays, for stores that point into it
    std::optional<detail::store_of<Buffering, Connection>> store_;
    std::optional<reader_of<Format>> reader_;
    detail::layout_of<result_of<Connection>> layout_{};
    std::uint64_t row_number_ = 0;
    std::int64_t affected_ = -1;
    bool executed_ = false;
    bool closed_ = false;
    std::string sql_; // of the last execution, for errors
    std::source_location where_;
};

} // namespace weft::inline v0
