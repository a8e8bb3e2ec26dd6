// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `any_connection`: a connection whose kind is known at run time. It models the connection concept like every other,
/// at the price of one virtual call a block and one copy of each cell.

#include <weft/columnar/cell_block.hpp>
#include <weft/cursor/connection_interface.hpp>
#include <weft/cursor/execute_many.hpp>

#include <memory>

namespace weft::inline v0 {

namespace detail {

class erased_result {
public:
    virtual ~erased_result() = default;
    virtual std::shared_ptr<const schema> layout() const = 0;
    virtual bool read(cell_block& into, std::size_t rows) = 0;
    virtual bool next_set() = 0;
    virtual std::int64_t affected_rows() const = 0;
    virtual std::int64_t last_insert_id() const = 0;
    virtual std::vector<warning> warnings() const = 0;
};

template <statement_result R>
class erased_result_of final : public erased_result {
public:
    explicit erased_result_of(R result) : result_(std::move(result)) { store_.open(result_); }

    std::shared_ptr<const schema> layout() const override {
        if constexpr (std::is_pointer_v<decltype(result_.layout())>) {
            return std::make_shared<const schema>(*result_.layout());
        } else {
            return result_.layout();
        }
    }

    bool read(cell_block& into, std::size_t rows) override {
        into.reset(result_.layout());
        while (into.rows() < rows) {
            const auto available = store_.peek(result_);
            if (available.count == 0) break;
            const std::size_t wanted = rows - into.rows();
            const std::size_t taken = available.count < wanted ? available.count : wanted;
            into.append(*available.rows, {available.first, taken, 0});
            store_.advance(taken);
        }
        return into.rows() != 0;
    }

    bool next_set() override {
        const bool more = result_.next_set();
        store_ = {};
        if (more) store_.open(result_);
        return more;
    }

    std::int64_t affected_rows() const override { return result_.affected_rows(); }
    std::int64_t last_insert_id() const override { return result_.last_insert_id(); }
    std::vector<warning> warnings() const override { return result_.warnings(); }

private:
    R result_;
    typename streaming<>::store<R> store_;
};

class erased_connection {
public:
    virtual ~erased_connection() = default;
    virtual std::unique_ptr<erased_result> run(std::string_view sql, std::span<const cell> cells) = 0;
    virtual std::int64_t run_many(std::string_view sql, parameter_rows& rows) = 0;
    virtual void close() = 0;
    virtual bool is_open() const = 0;
    virtual bool has_transaction() const = 0;
};

template <connection C>
class erased_connection_of final : public erased_connection {
public:
    explicit erased_connection_of(C on) : connection_(std::move(on)) {}

    std::unique_ptr<erased_result> run(std::string_view sql, std::span<const cell> cells) override {
        return std::make_unique<erased_result_of<result_of<C>>>(connection_.run(sql, cells));
    }
    std::int64_t run_many(std::string_view sql, parameter_rows& rows) override {
        return run_rows(connection_, sql, rows);
    }
    void close() override { connection_.close(); }
    bool is_open() const override { return connection_.is_open(); }
    bool has_transaction() const override {
        if constexpr (requires { static_cast<bool>(connection_.has_transaction()); })
            return connection_.has_transaction();
        else
            return false;
    }

    C& connection() noexcept { return connection_; }

private:
    C connection_;
};

} // namespace detail

/// A connection that can be put into an any_connection.
template <class C>
concept erasable_connection = connection<C> && std::movable<C> && requires(C& c, const C& constant) {
    c.close();
    { constant.is_open() } -> std::convertible_to<bool>;
};

/// Owns a connection of any kind. Move-only.
class any_connection : public connection_interface<any_connection> {
public:
    /// The outcome of a statement, read block by block.
    class result_type {
    public:
        using block_type = cell_block;

        explicit result_type(std::unique_ptr<detail::erased_result> inner) : inner_(std::move(inner)) {}

        std::shared_ptr<const schema> layout() const { return inner_->layout(); }
        bool read(cell_block& into, std::size_t rows) { return inner_->read(into, rows); }
        bool next_set() { return inner_->next_set(); }
        std::int64_t affected_rows() const { return inner_->affected_rows(); }
        std::int64_t last_insert_id() const { return inner_->last_insert_id(); }
        std::vector<warning> warnings() const { return inner_->warnings(); }

    private:
        std::unique_ptr<detail::erased_result> inner_;
    };

    template <class C>
        requires(!std::same_as<C, any_connection> && erasable_connection<C>) // not recursive in this order
    explicit any_connection(C on)
        : dialect(on.dialect), inner_(std::make_unique<detail::erased_connection_of<C>>(std::move(on))) {}

    /// How the engine reads SQL text.
    sql_dialect dialect;

    result_type run(std::string_view sql, std::span<const cell> cells) { return result_type(inner().run(sql, cells)); }
    std::int64_t run_many(std::string_view sql, parameter_rows& rows) { return inner().run_many(sql, rows); }

    /// Ends the connection. Idempotent. A moved-from connection is closed.
    void close() {
        if (inner_) inner_->close();
    }
    bool is_open() const { return inner_ && inner_->is_open(); }
    /// Whether a transaction is active, as far as the connection inside knows: false for kinds that have no such
    /// question, and for a closed connection.
    bool has_transaction() const { return is_open() && inner_->has_transaction(); }

    /// The connection inside when it is a `C`, else null.
    template <connection C>
    C* get_if() noexcept {
        auto* held = dynamic_cast<detail::erased_connection_of<C>*>(inner_.get());
        return held == nullptr ? nullptr : &held->connection();
    }

    /// Calls `f()` in a transaction: commits when it returns, rolls back when it throws. Returns what `f` returns.
    template <class F>
    auto in_transaction(F&& f) {
        execute("BEGIN");
        try {
            if constexpr (std::is_void_v<decltype(std::forward<F>(f)())>) {
                std::forward<F>(f)();
                execute("COMMIT");
            } else {
                auto outcome = std::forward<F>(f)();
                execute("COMMIT");
                return outcome;
            }
        } catch (...) {
            (void)try_execute("ROLLBACK"); // the error that led here is the one to report
            throw;
        }
    }

private:
    detail::erased_connection& inner() const {
        if (!inner_) throw programming_error("the connection is closed");
        return *inner_;
    }

    std::unique_ptr<detail::erased_connection> inner_;
};

} // namespace weft::inline v0
