// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `session<Stream>`: one connection to a server as a set of coroutines: login, statements, rows. Everything else
/// (blocking connections, asynchronous ones) runs these flows. They are written once, for any byte stream.
///
/// A session has one result at a time. Its flows must not overlap. Errors other than the server's own leave the
/// connection closed, except those of a row's contents: its message was whole, and reading goes on after it.

#include <weft/cursor/connection.hpp>
#include <weft/mysql/detail/channel.hpp>
#include <weft/mysql/detail/definition_reader.hpp>
#include <weft/mysql/detail/insert_values.hpp>
#include <weft/mysql/detail/login.hpp>
#include <weft/mysql/detail/statement_cache.hpp>
#include <weft/mysql/infile.hpp>
#include <weft/mysql/options.hpp>
#include <weft/mysql/protocol/command.hpp>
#include <weft/mysql/protocol/escape.hpp>
#include <weft/mysql/protocol/prepared_statement.hpp>
#include <weft/mysql/protocol/session_state.hpp>
#include <weft/mysql/row_block.hpp>
#include <weft/net/connect.hpp>
#include <weft/net/deadline.hpp>
#include <weft/net/tls_options.hpp>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::inline v0::mysql {

/// What the server said about the current set of a result.
struct set_summary {
    std::uint64_t affected_rows = 0;
    std::uint64_t insert_id = 0;
    std::uint16_t warnings = 0;
    std::string info; ///< such as `Records: 3  Duplicates: 0  Warnings: 0`
};

template <net::byte_stream Stream>
class session {
public:
    session(Stream stream, connect_options options)
        : channel_(std::move(stream)), options_(std::move(options)), statements_(options_.statement_cache) {
        channel_.assembler().set_max_payload(options_.max_packet);
    }
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    Stream& stream() noexcept { return channel_.stream(); }
    const Stream& stream() const noexcept { return channel_.stream(); }
    const connect_options& options() const noexcept { return options_; }
    const protocol::server_identity& server() const noexcept { return server_; }
    const std::string& server_version() const noexcept { return version_; }
    std::uint32_t thread_id() const noexcept { return thread_id_; }
    protocol::capability_set capabilities() const noexcept { return capabilities_; }
    bool is_compressed() const noexcept { return channel_.compresses(); }
    std::uint16_t status() const noexcept { return status_; }
    const std::string& database() const noexcept { return database_; }
    const std::string& charset() const noexcept { return charset_; }
    bool is_open() const noexcept { return channel_.stream().is_open(); }
    /// Grows with every statement: what read an earlier one can tell that its time is over.
    std::uint64_t statement_number() const noexcept { return statement_number_; }
    /// Whether rows or sets of the last statement have not been read.
    bool is_busy() const noexcept { return phase_ != phase::idle || pending_ != 0; }

    /// Connects to the first host that takes the connection and logs in, all within the connect timeout a host.
    net::task<> connect();

    /// The flows from here on begin with reading past what is left of the last result.

    /// Executes a text; its first set is then current.
    net::task<> query(std::string_view sql) {
        if constexpr (Stream::is_blocking) {
            if (!is_busy()) { // without a coroutine
                begin_now();
                send_query(sql);
                net::run_now(channel_.flush());
                return read_head(row_encoding::text);
            }
        }
        return query_after_drain(sql);
    }

    /// Executes a statement with parameters, as the options say how.
    net::task<> execute(std::string_view sql, std::span<const cell> parameters) {
        if (options_.parameters == parameter_mode::literals) {
            co_await query_with_literals(sql, parameters);
            co_return;
        }
        if (is_busy()) co_await drain();
        begin_now();
        std::shared_ptr<detail::prepared_statement> statement = statements_.find(sql);
        try {
            if (!statement) statement = co_await prepare(sql);
        } catch (const error& e) {
            constexpr int cannot_be_prepared = 1295;
            if (e.diagnostics().code != cannot_be_prepared) throw;
        }
        if (!statement) {
            co_await query_with_literals(sql, parameters);
            co_return;
        }
        send_execute(*statement, parameters);
        co_await channel_.flush();
        executing_ = statement->id;
        try {
            co_await read_head(row_encoding::binary, &statement->layout);
        } catch (...) {
            statement->types.clear(); // the server may not have come to them
            throw;
        }
    }

    /// Sends several texts together; next_set() moves to the first set. Each text's sets follow those of the one
    /// before; an error of one is thrown where its first set would be, and the next can still be reached.
    net::task<> pipeline(std::vector<std::string> texts) {
        co_await begin();
        queued_ = std::move(texts);
        next_queued_ = 0;
        co_await send_queued();
    }

    /// Moves to the next set of the same text, past what is left of the current one. False when there is none.
    net::task<bool> next_set_of_text() {
        if (phase_ == phase::idle) return net::task<bool>::ended(false);
        return find_next_set_of_text();
    }

    /// Moves to the next set, of the next text if need be. False when there is none.
    net::task<bool> next_set() {
        if (phase_ != phase::idle) return find_next_set();
        if (pending_ != 0) {
            net::task<> head = read_next_answer();
            if (!head.await_ready()) return then_true(std::move(head));
            return net::task<bool>::ended(true);
        }
        if (next_queued_ < queued_.size()) return find_next_set();
        queued_.clear();
        clear_set();
        return net::task<bool>::ended(false);
    }

    /// Reads up to `count` rows of the current set into `into`; false at its end.
    net::task<bool> read_rows(row_block& into, std::size_t count);

    /// Reads past everything that is left of the last result.
    net::task<> drain() {
        next_queued_ = queued_.size(); // what was not sent is not executed
        while (is_busy()) {
            try {
                for (bool more = true; more;) more = co_await next_set();
            } catch (const error&) {
                if (!is_open()) throw; // the server's errors belong to a statement nobody asks about any more
            }
        }
    }

    /// Executes one statement for many rows of parameters and returns the affected rows of all: in one message a few
    /// thousand rows where the server has bulk execution (MariaDB), by INSERTs of many rows where the statement is one
    /// that can be widened, else by executions sent together.
    net::task<std::int64_t> execute_many(std::string_view sql, parameter_rows* rows);
    /// The same, all rows or none: in a transaction of its own unless one is active or autocommit is off.
    net::task<std::int64_t> execute_many_or_none(std::string_view sql, parameter_rows* rows);

    /// The server's remarks about the last statement, of which nothing may be left to read. It stays the last one.
    net::task<std::vector<warning>> warnings();

    /// Whether the server is there.
    net::task<> ping() { return command(protocol::command::ping); }

    /// Makes the session as it was after the login: no transaction, no variables, no prepared statements.
    net::task<> reset() {
        co_await command(protocol::command::reset_connection);
        statements_.clear();
        to_close_.clear();
        charset_ = options_.charset;
        co_await prepare_session();
    }

    net::task<> use_database(std::string name) {
        co_await begin();
        protocol::encode_init_db(name, channel_.begin_command());
        co_await finish_command();
        database_ = std::move(name);
    }

    /// Logs in as somebody else on the same connection; all session state is gone.
    net::task<> change_user(std::string user, std::string password, std::string database) {
        co_await begin();
        co_await closing_on_error(send_change_user(std::move(user), std::move(password), std::move(database)));
        statements_.clear();
        to_close_.clear();
        co_await prepare_session();
    }

    /// Says goodbye and closes; never fails.
    net::task<> quit() {
        if (is_open()) {
            try {
                if (!is_busy()) {
                    protocol::encode_command(protocol::command::quit, channel_.begin_command());
                    channel_.end_message();
                    co_await channel_.flush();
                }
            } catch (const error&) { // the server may be gone already
            }
        }
        close();
    }

    void close() noexcept {
        stream().close();
        phase_ = phase::idle;
        pending_ = 0;
        queued_.clear();
        next_queued_ = 0;
    }

    /// The data for LOAD DATA LOCAL INFILE statements, asked for by the next statement; null: only files below the
    /// directory the options allow.
    void set_infile(infile_source* source) noexcept { infile_ = source; }

    /// Columns and encoding of the current set; no columns: it has no rows.
    const std::shared_ptr<const result_layout>& layout() const noexcept { return layout_; }
    const set_summary& summary() const noexcept { return summary_; }

    /// Number of the next row of the current set.
    std::uint64_t row_number() const noexcept { return row_number_; }

    /// How literals are to be written for this session.
    protocol::literal_rules literal_rules() const noexcept {
        protocol::literal_rules rules = protocol::rules_of_session(charset_, status_);
        rules.values = options_.numbers;
        rules.ansi_quotes = ansi_quotes_;
        return rules;
    }

    /// What MySQL's lexer knows, in the session's mode.
    sql_dialect dialect() const noexcept { return protocol::dialect_of(literal_rules()); }

private:
    enum class phase : unsigned char {
        idle,         // nothing is left to read
        rows,         // rows of the current set come
        between_sets, // the current set is over, another follows
    };

    // ------------------------------------------------------------------------------------------- login

    /// A statement of the session's preparation, and whether the server may refuse it.
    struct preparation {
        std::string sql;
        bool optional = false;
    };

    net::task<> start_tls();
    net::task<> log_in();
    std::vector<preparation> preparations() const;
    net::task<> prepare_session();
    net::task<> send_change_user(std::string user, std::string password, std::string database);

    // ------------------------------------------------------------------------------------------- commands

    /// Makes the connection ready for a command.
    net::task<> begin() {
        if (is_busy()) co_await drain();
        begin_now();
    }
    /// The same when nothing is left to read.
    void begin_now() {
        if (!is_open()) protocol::throw_mysql(protocol::client_error::server_gone, "the connection is closed");
        ++statement_number_;
        clear_set();
        for (const std::uint32_t id : to_close_) {
            protocol::encode_stmt_close(id, channel_.begin_command());
            channel_.end_message();
        }
        to_close_.clear();
    }

    net::task<> query_after_drain(std::string_view sql) {
        if (is_busy()) co_await drain();
        begin_now();
        send_query(sql);
        co_await channel_.flush();
        co_await read_head(row_encoding::text);
    }

    void send_query(std::string_view sql) {
        protocol::encode_query(sql, capabilities_, channel_.begin_command());
        channel_.end_message();
    }

    void send_execute(detail::prepared_statement& statement, std::span<const cell> parameters) {
        if (parameters.size() != statement.parameters) {
            throw programming_error("the statement takes " + std::to_string(statement.parameters) + " parameters, " +
                                    std::to_string(parameters.size()) + " given");
        }
        protocol::execute_options settings;
        settings.values = options_.numbers;
        if (options_.server_cursor != 0 && statement.columns != 0) settings.cursor = protocol::cursor_type::read_only;
        try {
            protocol::encode_stmt_execute(statement.id, parameters, statement.types, capabilities_,
                                          channel_.begin_command(), settings);
        } catch (...) {
            statement.types.clear(); // the server was not told
            throw;
        }
        channel_.end_message();
    }

    net::task<bool> find_next_set_of_text() {
        if (phase_ == phase::rows) co_await skip_rows();
        if (phase_ != phase::between_sets) co_return false;
        co_await read_head(encoding_);
        co_return true;
    }

    net::task<bool> find_next_set() {
        const bool found = co_await find_next_set_of_text();
        if (found) co_return true;
        if (pending_ == 0 && next_queued_ < queued_.size()) co_await send_queued();
        if (pending_ != 0) {
            co_await read_next_answer();
            co_return true;
        }
        queued_.clear();
        clear_set();
        co_return false;
    }

    /// Begins with the answer to the next of the texts that were sent together.
    net::task<> read_next_answer() {
        --pending_;
        channel_.expect_answer(pending_ == 0);
        return read_head(row_encoding::text);
    }

    static net::task<bool> then_true(net::task<> first) {
        co_await first;
        co_return true;
    }

    net::task<> query_with_literals(std::string_view sql, std::span<const cell> parameters) {
        co_await begin();
        std::string text;
        protocol::append_statement(text, sql, parameters, literal_rules());
        send_query(text);
        co_await channel_.flush();
        co_await read_head(row_encoding::text);
    }

    /// As many of the queued texts as may be under way: what does not fit into the buffers between the two sides would
    /// make both wait for each other.
    net::task<> send_queued() {
        constexpr std::size_t window = std::size_t{1} << 15;
        while (next_queued_ < queued_.size() && (pending_ == 0 || channel_.outgoing_size() < window)) {
            send_query(queued_[next_queued_++]);
            ++pending_;
        }
        co_await channel_.flush();
    }

    net::task<> command(protocol::command what) {
        co_await begin();
        protocol::encode_command(what, channel_.begin_command());
        co_await finish_command();
    }

    net::task<> finish_command() {
        channel_.end_message();
        co_await channel_.flush();
        co_await read_head(row_encoding::text);
    }

    /// The server's statement for a text, from the cache or new.
    net::task<std::shared_ptr<detail::prepared_statement>> prepare(std::string_view sql) {
        if (auto cached = statements_.find(sql)) co_return cached;
        protocol::encode_stmt_prepare(sql, channel_.begin_command());
        channel_.end_message();
        co_await channel_.flush();
        auto statement = std::make_shared<detail::prepared_statement>();
        statement->sql = sql;
        co_await closing_on_error(read_prepared(statement.get()));
        if (auto evicted = statements_.add(statement)) to_close_.push_back(evicted->id);
        co_return statement;
    }

    net::task<> read_prepared(detail::prepared_statement* statement) {
        const blob_view payload = co_await channel_.receive();
        throw_if_server_error(payload);
        const protocol::prepare_ok ok = protocol::decode_prepare_ok(payload, capabilities_);
        statement->id = ok.statement_id;
        statement->parameters = ok.parameters;
        statement->columns = ok.columns;
        if (!ok.metadata_follows) co_return;
        for (const std::uint16_t count : {ok.parameters, ok.columns}) {
            for (std::uint16_t i = 0; i < count; ++i) (void)co_await channel_.receive();
            if (count != 0) co_await read_end_of_definitions();
        }
    }

    // ------------------------------------------------------------------------------------------- many rows

    net::task<std::int64_t> execute_bulk(detail::prepared_statement* statement, parameter_rows* rows);
    net::task<std::int64_t> execute_widened(detail::insert_values insert, parameter_rows* rows);
    net::task<std::int64_t> execute_each(detail::prepared_statement* statement, parameter_rows* rows);
    net::task<std::int64_t> flush_and_count(std::size_t responses);

    // ------------------------------------------------------------------------------------------- responses

    void throw_if_server_error(blob_view payload) {
        if (payload.empty() || payload[0] != std::byte{0xFF}) return;
        phase_ = phase::idle;
        server_error_ = true;
        protocol::throw_server_error(protocol::decode_error(payload));
    }

    /// Errors of the server leave the connection usable, all others close it.
    template <class T>
    net::task<T> closing_on_error(net::task<T> flow) {
        server_error_ = false;
        try {
            co_return co_await std::move(flow);
        } catch (...) {
            if (!server_error_) close();
            throw;
        }
    }

    void clear_set() noexcept {
        layout_ = detail::no_columns();
        summary_.affected_rows = summary_.insert_id = summary_.warnings = 0;
        summary_.info.clear();
        row_number_ = 0;
        executing_cursor_ = false;
    }

    /// What of an answer's head comes next.
    enum class head_part : unsigned char {
        answer,             // its first message
        definitions,        // of columns
        end_of_definitions, // from servers that send one
        infile,             // nothing: the server waits for a file
        complete,
    };

    net::task<> read_head(row_encoding encoding, detail::remembered_layout* memory = nullptr);
    net::task<> finish_head(std::size_t missing);
    std::size_t advance_head();
    void take_answer(blob_view payload);
    void take_definition(blob_view payload);
    void open_rows(std::uint16_t status);
    net::task<std::uint16_t> read_end_of_definitions();
    protocol::ok_message decode_success(blob_view payload) const;
    void end_set(const protocol::ok_message& end);
    void take_ok(const protocol::ok_message& ok);
    net::task<> answer_infile(std::string name);

    // ------------------------------------------------------------------------------------------- rows

    net::task<bool> gather_rows(row_block* into, std::size_t count);
    net::task<> gather(std::size_t count);
    std::size_t scan(std::size_t count);
    std::span<std::byte> scan_plain_rows(std::size_t count);
    bool take_rows(row_block& into);
    void end_rows(const protocol::ok_message& end);
    net::task<> send_fetch(std::size_t count);
    net::task<> skip_rows();
    net::task<> close_cursor();
    detail::channel<Stream> channel_;
    connect_options options_;
    net::endpoint host_;
    protocol::server_identity server_;
    std::string version_;
    std::uint32_t thread_id_ = 0;
    protocol::capability_set capabilities_ = 0;
    std::uint16_t status_ = 0;
    std::string database_;
    std::string charset_;
    bool ansi_quotes_ = false; // sql_mode has ANSI_QUOTES

    detail::statement_cache statements_;
    std::vector<std::uint32_t> to_close_; // statements the server may forget, told with the next command

    phase phase_ = phase::idle;
    head_part head_ = head_part::complete;
    std::string infile_name_; // what the server asks for
    detail::definition_reader definitions_;
    detail::remembered_layout* memory_ = nullptr; // of the statement whose head is read
    detail::remembered_layout layouts_;           // of the last text
    row_encoding encoding_ = row_encoding::text;
    std::shared_ptr<const result_layout> layout_ = detail::no_columns();
    set_summary summary_;
    std::uint64_t statement_number_ = 0;
    std::uint64_t row_number_ = 0;
    std::vector<detail::row_place> places_; // of the rows being gathered
    std::size_t scanned_ = 0;               // bytes of them
    bool server_error_ = false;

    std::uint32_t executing_ = 0;   // the statement whose rows come
    bool executing_cursor_ = false; // they are fetched in portions
    bool fetching_ = true;          // a portion is on its way

    std::vector<std::string> queued_; // texts of a pipeline
    std::size_t next_queued_ = 0;
    std::size_t pending_ = 0; // texts that were sent and not answered

    infile_source* infile_ = nullptr;
};

} // namespace weft::inline v0::mysql

#include <weft/mysql/detail/execute_many.hpp>
#include <weft/mysql/detail/session_answers.hpp>
#include <weft/mysql/detail/session_login.hpp>
#include <weft/mysql/detail/session_rows.hpp>
