// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `kv_handle`: a database or a transaction, whichever the program has at hand.

#include <weft/embedded/kv_database.hpp>

namespace weft::inline v0::embedded {

/// Refers to a `kv_database` or a `kv_transaction`, which must outlive it and not be moved. What stands on it
/// (namespaces, queues, collections) is with a database a transaction of its own each call, and with a transaction
/// part of that, together with its puts and its SQL. Threads: as what it refers to.
class kv_handle {
public:
    kv_handle(kv_database& database) noexcept : kv_handle(&database, &functions_of<kv_database>) {}
    kv_handle(kv_transaction& transaction) noexcept : kv_handle(&transaction, &functions_of<kv_transaction>) {}

    /// Calls `f(connection)` on a snapshot.
    template <class F>
    void read(F&& f) const {
        const task with(f);
        functions_->read(object_, with);
    }
    /// Calls `f(connection)` as a write; with a database, as a transaction that is committed when `f` returns.
    template <class F>
    void write(F&& f) const {
        const task with(f);
        functions_->write(object_, with);
    }
    /// A scan of the database or transaction.
    kv_scan scan(bytes_view start, bytes_view end, const scan_options& how = {}) const {
        return functions_->scan(object_, start, end, how);
    }
    /// What the threads of the database share.
    detail::kv_core& core() const { return functions_->core(object_); }

private:
    /// A function of a connection that somebody else keeps alive.
    class task {
    public:
        template <class F>
        explicit task(F& f) noexcept
            : object_(const_cast<void*>(static_cast<const volatile void*>(&f))),
              call_([](void* object, detail::kv_connection& c) { (*static_cast<F*>(object))(c); }) {}

        void operator()(detail::kv_connection& c) const { call_(object_, c); }

    private:
        void* object_;
        void (*call_)(void*, detail::kv_connection&);
    };

    struct functions {
        void (*read)(void*, const task&);
        void (*write)(void*, const task&);
        kv_scan (*scan)(void*, bytes_view, bytes_view, const scan_options&);
        detail::kv_core& (*core)(void*);
    };
    template <class Store>
    static constexpr functions functions_of{
        [](void* store, const task& with) { static_cast<Store*>(store)->on_snapshot(with); },
        [](void* store, const task& with) { static_cast<Store*>(store)->in_write(with); },
        [](void* store, bytes_view start, bytes_view end, const scan_options& how) {
            return static_cast<Store*>(store)->scan(start, end, how);
        },
        [](void* store) -> detail::kv_core& { return static_cast<Store*>(store)->shared_core(); }};

    kv_handle(void* object, const functions* f) noexcept : object_(object), functions_(f) {}

    void* object_;
    const functions* functions_;
};

namespace detail {

/// One execution of a statement that its connection keeps prepared. What is bound must live as long as this does.
class execution {
public:
    execution(kv_connection& connection, const char* text)
        : connection_(connection), statement_(connection.statement(text)) {}
    execution(const execution&) = delete;
    execution& operator=(const execution&) = delete;
    ~execution() {
        sqlite3_reset(statement_);
        sqlite3_clear_bindings(statement_);
    }

    execution& number(std::int64_t value) {
        sqlite3_bind_int64(statement_, ++bound_, value);
        return *this;
    }
    /// A text, whose UTF-8 the caller has checked.
    execution& text(std::string_view value) {
        keep(sqlite3_bind_text64(statement_, ++bound_, value.data() == nullptr ? "" : value.data(), value.size(),
                                 SQLITE_STATIC, SQLITE_UTF8),
             value.size());
        return *this;
    }
    execution& bytes(const void* data, std::size_t size) {
        keep(sqlite3_bind_blob64(statement_, ++bound_, data == nullptr ? "" : data, size, SQLITE_STATIC), size);
        return *this;
    }

    /// The next row; false when there is none.
    bool step() {
        const int code = sqlite3_step(statement_);
        if (code == SQLITE_ROW) return true;
        if (code != SQLITE_DONE) throw_sqlite(connection_.handle(), code, {});
        return false;
    }
    void run() {
        while (step()) {}
    }
    /// To be bound and run again.
    execution& again() noexcept {
        sqlite3_reset(statement_);
        bound_ = 0;
        return *this;
    }

    std::int64_t number_at(int column) const noexcept { return sqlite3_column_int64(statement_, column); }
    /// The bytes of a column, valid until the next step.
    std::string_view bytes_at(int column) const noexcept { return kv_connection::column(statement_, column); }

private:
    void keep(int code, std::size_t size) const {
        if (code != SQLITE_OK) throw data_error("a value of " + std::to_string(size) + " bytes is too long");
    }

    kv_connection& connection_;
    sqlite3_stmt* statement_;
    int bound_ = 0;
};

/// Several writes of one call: all of them or, when it is left by an exception, none.
class all_or_none {
public:
    explicit all_or_none(kv_connection& c) : connection_(c) { c.command("SAVEPOINT weft_call"); }
    all_or_none(const all_or_none&) = delete;
    all_or_none& operator=(const all_or_none&) = delete;
    ~all_or_none() {
        if (done_ || !connection_.in_transaction()) return;
        sqlite3_exec(connection_.handle(), "ROLLBACK TO weft_call; RELEASE weft_call", nullptr, nullptr, nullptr);
    }
    void done() {
        connection_.command("RELEASE weft_call");
        done_ = true;
    }

private:
    kv_connection& connection_;
    bool done_ = false;
};

} // namespace detail

} // namespace weft::inline v0::embedded
