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
#include <weft/mysql/detail/insert_values.hpp>
#include <weft/mysql/detail/login.hpp>
#include <weft/mysql/detail/statement_cache.hpp>
#include <weft/mysql/infile.hpp>
#include <weft/mysql/options.hpp>
#include <weft/mysql/protocol/column_definition.hpp>
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
    net::task<> connect() {
        channel_.reset();
        stream().set_deadline(net::deadline::of_timeout(options_.network.connect_timeout_ms));
        try {
            host_ = co_await net::connect_any(stream(), options_.hosts, options_.network);
        } catch (const net::stream_error& e) {
            protocol::throw_mysql(protocol::client_error::conn_host_error,
                                  "cannot connect: " + e.diagnostics().message);
        }
        try {
            co_await log_in();
        } catch (...) {
            close();
            throw;
        }
        stream().set_deadline(net::deadline::never());
    }

    /// The flows from here on begin with reading past what is left of the last result.

    /// Executes a text; its first set is then current.
    net::task<> query(std::string_view sql) {
        if (is_busy()) co_await drain();
        begin_now();
        send_query(sql);
        co_await channel_.flush();
        co_await read_head(row_encoding::text);
    }

    /// Executes a statement with parameters, as the options say how.
    net::task<> execute(std::string_view sql, std::span<const cell> parameters) {
        if (options_.parameters == parameter_mode::literals) {
            co_await query_with_literals(sql, parameters);
            co_return;
        }
        co_await begin();
        std::shared_ptr<detail::prepared_statement> statement;
        try {
            statement = co_await prepare(sql);
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
            co_await read_head(row_encoding::binary);
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
        if (phase_ == phase::rows) co_await skip_rows();
        if (phase_ != phase::between_sets) co_return false;
        co_await read_head(encoding_);
        co_return true;
    }

    /// Moves to the next set, of the next text if need be. False when there is none.
    net::task<bool> next_set() {
        if (phase_ == phase::rows) co_await skip_rows();
        if (phase_ == phase::between_sets) {
            co_await read_head(encoding_);
            co_return true;
        }
        if (pending_ == 0 && next_queued_ < queued_.size()) co_await send_queued();
        if (pending_ == 0) {
            queued_.clear();
            clear_set();
            co_return false;
        }
        --pending_;
        channel_.expect_answer();
        co_await read_head(row_encoding::text);
        co_return true;
    }

    /// Reads up to `count` rows of the current set into `into`; false at its end.
    net::task<bool> read_rows(row_block& into, std::size_t count) {
        into.clear();
        places_.clear();
        if (phase_ != phase::rows) co_return false;
        server_error_ = false;
        try {
            bool complete = fetching_ && scan(count) == 0; // most sets are small, and there already
            complete = complete && (fetching_ || !places_.empty() || phase_ != phase::rows);
            if (!complete) co_await gather(count);
        } catch (...) {
            if (!server_error_) close();
            throw;
        }
        channel_.received().consume(std::exchange(scanned_, 0)); // the bytes stay where they are until more is received
        if (places_.empty()) co_return false;
        const std::uint64_t first_row = std::exchange(row_number_, row_number_ + places_.size());
        into.assign(layout_, encoding_, channel_.received().share(), places_, first_row);
        co_return true;
    }

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
    net::task<std::int64_t> execute_many(std::string_view sql, parameter_rows& rows);

    /// The server's remarks about the last statement, of which nothing may be left to read. It stays the last one.
    net::task<std::vector<warning>> warnings() {
        const set_summary summary = summary_;
        const std::uint64_t number = statement_number_;
        std::vector<warning> all;
        co_await query("SHOW WARNINGS");
        row_block rows;
        for (;;) {
            const bool found = co_await read_rows(rows, 1024);
            if (!found) break;
            append_warnings(rows, all);
        }
        clear_set();
        summary_ = summary;
        statement_number_ = number;
        co_return all;
    }

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
    static void append_warnings(const row_block& rows, std::vector<warning>& all) {
        const auto unexpected = [] {
            protocol::throw_malformed_packet("answer to SHOW WARNINGS: expected level, code and message");
        };
        if (rows.layout().size() != 3) unexpected();
        for (std::size_t r = 0; r < rows.rows(); ++r) {
            const cell level = rows.at(0, r);
            const cell code = rows.at(1, r);
            const cell message = rows.at(2, r);
            if (level.kind() != type_id::text || !is_integer(code.kind()) || message.kind() != type_id::text)
                unexpected();
            all.push_back({std::string(level.text()), static_cast<int>(code.int64()), std::string(message.text())});
        }
    }

    enum class phase : unsigned char {
        idle,         // nothing is left to read
        rows,         // rows of the current set come
        between_sets, // the current set is over, another follows
    };

    // ------------------------------------------------------------------------------------------- login

    net::task<> log_in() {
        const auto start_tls = [this]() -> net::task<> {
            if constexpr (detail::tls_upgradable<Stream>) {
                try {
                    co_await stream().start_tls(Stream::context_type::client(options_.tls), host_.host);
                } catch (const net::stream_error& e) {
                    protocol::throw_mysql(protocol::client_error::ssl_connection_error,
                                          "TLS connection error: " + e.diagnostics().message);
                }
            } else {
                static_cast<void>(this);
                throw interface_error("this connection was built without TLS, which the options ask for");
                co_return;
            }
        };
        detail::login_outcome outcome = co_await detail::login(&channel_, &options_, start_tls);
        capabilities_ = outcome.capabilities;
        server_ = outcome.server;
        version_ = std::move(outcome.version);
        thread_id_ = outcome.thread_id;
        database_ = options_.database;
        charset_ = options_.charset;
        take_ok(outcome.ok);
        if (options_.compression && (capabilities_ & options_.compression.capability()) != 0)
            channel_.compress(options_.compression.make_codec());
        phase_ = phase::idle;
        statements_.clear();
        to_close_.clear();
        co_await prepare_session();
    }

    /// A statement of the session's preparation, and whether the server may refuse it.
    struct preparation {
        std::string sql;
        bool optional = false;
    };

    std::vector<preparation> preparations() const {
        std::vector<preparation> all;
        std::string names = "SET NAMES " + options_.charset;
        if (!options_.collation.empty()) names += " COLLATE " + options_.collation;
        all.push_back({std::move(names)});
        if (!options_.sql_mode.empty()) {
            if ((capabilities_ & protocol::capability::session_track) != 0)
                all.push_back({"SET SESSION session_track_system_variables = "
                               "CONCAT(@@session_track_system_variables, ',sql_mode')",
                               true});
            std::string mode = "SET sql_mode = ";
            protocol::append_literal(mode, cell::of_text(options_.sql_mode), literal_rules());
            all.push_back({std::move(mode)});
        }
        const bool detect = options_.singlestore == singlestore_mode::detect;
        if (options_.singlestore == singlestore_mode::on || (detect && server_.may_be_singlestore)) {
            all.push_back({"SET @@SESSION.enable_extended_types_metadata = on", true});
            all.push_back({options_.vectors == vector_format::binary
                               ? "SET @@SESSION.vector_type_project_format = binary"
                               : "SET @@SESSION.vector_type_project_format = json",
                           true});
        }
        const bool automatic = (status_ & protocol::status::autocommit) != 0;
        if (options_.autocommit && *options_.autocommit != automatic)
            all.push_back({*options_.autocommit ? "SET AUTOCOMMIT = 1" : "SET AUTOCOMMIT = 0"});
        return all;
    }

    /// Makes the session what the options ask for, in one round trip.
    net::task<> prepare_session() {
        ansi_quotes_ = protocol::has_ansi_quotes(options_.sql_mode); // unless the server reports what it is
        const std::vector<preparation> all = preparations();
        for (const preparation& p : all) send_query(p.sql);
        co_await channel_.flush();
        std::exception_ptr failed;
        for (const preparation& p : all) {
            channel_.expect_answer();
            try {
                co_await read_head(row_encoding::text);
            } catch (const error& e) {
                const bool passed_over = p.optional && is_open() && e.kind() == errc::operational_error;
                if (!passed_over && !failed) failed = std::current_exception();
            }
            if (!is_open()) break;
        }
        if (failed) std::rethrow_exception(failed);
        if (options_.init_command.empty()) co_return;
        co_await query(options_.init_command);
        for (bool more = true; more;) more = co_await next_set();
    }

    net::task<> send_change_user(std::string user, std::string password, std::string database) {
        // The nonce of the greeting is not kept: the server switches to the plugin with a new one.
        auth::authenticator who(password, detail::auth_settings(options_, stream()));
        const detail::login_attributes attributes;
        protocol::change_user message;
        message.user = user;
        message.database = database;
        message.collation = detail::handshake_collation(options_.charset);
        message.attributes = attributes.list(options_);
        protocol::encode_change_user(message, capabilities_, channel_.begin_command());
        channel_.end_message();
        co_await channel_.flush();
        take_ok(protocol::decode_ok(co_await detail::authenticate(&channel_, &who), capabilities_));
        options_.user = std::move(user);
        options_.password = std::move(password);
        options_.database = database;
        database_ = std::move(database);
        charset_ = options_.charset;
    }

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

    net::task<> read_head(row_encoding encoding) {
        encoding_ = encoding;
        clear_set();
        phase_ = phase::idle; // should this fail
        server_error_ = false;
        try {
            co_await read_head_messages();
        } catch (...) {
            if (!server_error_) close();
            throw;
        }
    }

    net::task<> read_head_messages() {
        for (;;) {
            const blob_view payload = co_await channel_.receive();
            switch (protocol::classify_response(payload, capabilities_)) {
            case protocol::response_kind::progress: continue;
            case protocol::response_kind::error: throw_if_server_error(payload); break;
            case protocol::response_kind::ok:
            case protocol::response_kind::eof: end_set(decode_success(payload)); co_return;
            case protocol::response_kind::local_infile: {
                const std::string name(protocol::decode_local_infile(payload));
                co_await answer_infile(name);
                continue;
            }
            case protocol::response_kind::result_set:
                co_await read_definitions(protocol::decode_column_count(payload, capabilities_));
                co_return;
            }
        }
    }

    net::task<> read_definitions(protocol::column_count count) {
        if (!count.metadata_follows) protocol::throw_malformed_packet("column definitions: the server left them out");
        auto layout = std::make_shared<result_layout>();
        std::vector<field> fields(count.columns);
        layout->encodings.resize(count.columns);
        for (std::size_t i = 0; i < fields.size(); ++i) {
            const blob_view payload = co_await channel_.receive();
            throw_if_server_error(payload);
            fields[i] =
                to_field(protocol::decode_column_definition(payload, capabilities_), encoding_, layout->encodings[i]);
        }
        std::uint16_t status = 0;
        if ((capabilities_ & protocol::capability::deprecate_eof) == 0) status = co_await read_end_of_definitions();
        layout->columns = schema(std::move(fields));
        layout->policy = options_.dates;
        layout_ = std::move(layout);
        summary_.affected_rows = 0;
        executing_cursor_ = (status & protocol::status::cursor_exists) != 0;
        fetching_ = !executing_cursor_;
        phase_ = phase::rows;
    }

    /// The EOF after definitions, from servers that send one. Returns its status.
    net::task<std::uint16_t> read_end_of_definitions() {
        if ((capabilities_ & protocol::capability::deprecate_eof) != 0) co_return 0;
        const blob_view payload = co_await channel_.receive();
        throw_if_server_error(payload);
        co_return protocol::decode_end(payload, capabilities_).status;
    }

    protocol::ok_message decode_success(blob_view payload) const {
        return payload[0] == std::byte{0} ? protocol::decode_ok(payload, capabilities_)
                                          : protocol::decode_end(payload, capabilities_);
    }

    /// Takes what the server says at the end of a set.
    void end_set(const protocol::ok_message& end) {
        take_ok(end);
        phase_ = (end.status & protocol::status::more_results) != 0 ? phase::between_sets : phase::idle;
    }

    void take_ok(const protocol::ok_message& ok) {
        summary_.affected_rows = ok.affected_rows;
        summary_.insert_id = ok.insert_id;
        summary_.warnings = ok.warnings;
        summary_.info = ok.info;
        status_ = ok.status;
        if (ok.session_state.empty()) return;
        protocol::for_each_session_change(ok.session_state, [this](const protocol::session_change& change) {
            if (change.kind == protocol::session_change_kind::schema) database_ = change.value;
            if (change.kind != protocol::session_change_kind::system_variable) return;
            if (change.name == "character_set_client") charset_ = change.value;
            if (change.name == "sql_mode") ansi_quotes_ = protocol::has_ansi_quotes(change.value);
        });
    }

    // ------------------------------------------------------------------------------------------- rows

    /// Finds up to `count` rows in what is received, receiving more while there is room behind it.
    net::task<> gather(std::size_t count) {
        for (;;) {
            if (!fetching_) co_await send_fetch(count);
            const std::size_t missing = scan(count);
            const bool portion_was_empty = places_.empty() && !fetching_ && phase_ == phase::rows;
            if (missing == 0 && !portion_was_empty) co_return;
            if (missing == 0) continue;
            if (!places_.empty() && !channel_.received().has_room(missing)) co_return;
            co_await channel_.fill(missing);
        }
    }

    /// Notes the rows that are whole. Returns how many bytes the next one lacks, 0 when there are `count` or the set
    /// has ended.
    std::size_t scan(std::size_t count) {
        detail::receive_buffer& buffer = channel_.received();
        while (places_.size() < count) {
            const std::span<std::byte> unread = buffer.unread().subspan(scanned_);
            const protocol::assembled_packet packet = channel_.assembler().next(unread);
            if (!packet) return packet.missing;
            const std::byte first = packet.payload.empty() ? std::byte{0} : packet.payload[0];
            if (first >= std::byte{0xFE}) [[unlikely]] {
                if (protocol::is_error(packet.payload)) {
                    buffer.consume(std::exchange(scanned_, 0) + packet.consumed); // with the rows nobody will see
                    places_.clear();
                    throw_if_server_error(packet.payload);
                }
                if (protocol::is_end_of_rows(packet.payload, capabilities_)) {
                    scanned_ += packet.consumed;
                    end_rows(protocol::decode_end(packet.payload, capabilities_));
                    return 0;
                }
            }
            const auto offset =
                static_cast<std::size_t>(packet.payload.data() - detail::receive_buffer::data(buffer.share()));
            places_.push_back({static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(packet.payload.size())});
            scanned_ += packet.consumed;
        }
        return 0;
    }

    void end_rows(const protocol::ok_message& end) {
        // a server that sends no end of definitions tells only here that there is a cursor
        if (encoding_ == row_encoding::binary && (end.status & protocol::status::cursor_exists) != 0)
            executing_cursor_ = true;
        const bool more_to_fetch = executing_cursor_ && (end.status & protocol::status::last_row_sent) == 0;
        if (more_to_fetch) {
            fetching_ = false;
            status_ = end.status;
            return;
        }
        end_set(end);
    }

    /// Asks for the next rows of a cursor on the server.
    net::task<> send_fetch(std::size_t count) {
        const std::size_t rows = count < options_.server_cursor ? count : options_.server_cursor;
        protocol::encode_stmt_fetch(executing_, static_cast<std::uint32_t>(rows), channel_.begin_command());
        channel_.end_message();
        co_await channel_.flush();
        fetching_ = true;
    }

    net::task<> skip_rows() {
        while (phase_ == phase::rows) {
            places_.clear();
            if (fetching_) {
                co_await closing_on_error(gather(4096));
            } else {
                co_await closing_on_error(close_cursor());
            }
            channel_.received().consume(std::exchange(scanned_, 0));
        }
    }

    /// Gives up the rows of a cursor that were not fetched.
    net::task<> close_cursor() {
        protocol::encode_stmt_reset(executing_, channel_.begin_command());
        channel_.end_message();
        co_await channel_.flush();
        const blob_view payload = co_await channel_.receive();
        throw_if_server_error(payload);
        scanned_ = 0;
        end_set(protocol::decode_ok(payload, capabilities_));
    }

    // ------------------------------------------------------------------------------------------- LOCAL INFILE

    /// Sends the data the server asks for, or nothing; the connection goes on either way.
    net::task<> answer_infile(const std::string& name) {
        constexpr std::size_t piece = std::size_t{1} << 16;
        std::exception_ptr failed;
        infile_source* source = infile_;
        std::unique_ptr<infile_source> file;
        try {
            if (source == nullptr) {
                file = detail::open_infile(options_.local_infile ? options_.infile_directory : std::string(), name);
                source = file.get();
            }
        } catch (...) {
            failed = std::current_exception();
        }
        blob data(piece);
        while (!failed) {
            std::size_t size = 0;
            try {
                size = source->read(data);
            } catch (...) {
                failed = std::current_exception();
            }
            if (failed || size == 0) break;
            channel_.begin_reply().bytes({data.data(), size});
            channel_.end_message();
            co_await channel_.flush();
        }
        channel_.begin_reply();
        channel_.end_message(); // the empty message that ends the data
        co_await channel_.flush();
        if (!failed) co_return;
        const blob_view payload = co_await channel_.receive();
        server_error_ = true;
        if (payload.empty() || payload[0] != std::byte{0xFF}) end_set(decode_success(payload));
        std::rethrow_exception(failed);
    }

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
