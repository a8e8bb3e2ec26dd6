// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/core/utf8.hpp>
#include <weft/embedded/kv_database.hpp>
#include <weft/toondb/detail/query_rows.hpp>
#include <weft/toondb/detail/sql_guard.hpp>
#include <weft/toondb/protocol/scoped.hpp>
#include <weft/toondb/protocol/sql_answer.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace weft::inline v0::toondb::detail {

/// The transactions of one connection. Used by one thread at a time.
struct client_state {
    std::map<std::uint64_t, embedded::kv_transaction> open;
    std::uint64_t last = 0; // id
};

/// Where a request is executed.
enum class lane : std::uint8_t {
    at_once, ///< on the thread of the sockets: never waits for a lock
    reader,  ///< may take long, but does not wait for the right to write: what somebody waits for gets done here
    writer,  ///< may wait for the right to write
};

/// Executes requests on a database. It knows no sockets; threads share it.
class service {
public:
    using opcode = protocol::opcode;

    service(embedded::kv_database& db, std::size_t max_transactions)
        : db_(&db), max_transactions_(max_transactions), wal_(db.config().wal_enabled) {}

    lane lane_of(const protocol::frame_view& request) const noexcept {
        switch (request.op) {
        case opcode::get:
        case opcode::get_path:
        case opcode::scoped_get: return wal_ ? lane::at_once : lane::reader;
        case opcode::put:
        case opcode::erase:
        case opcode::put_path:
        case opcode::checkpoint: return lane::writer;
        case opcode::begin_scope:
            return request.payload.starts_with(static_cast<char>(transaction_write_now)) ? lane::writer : lane::reader;
        case opcode::scoped_put:
        case opcode::scoped_erase:
        case opcode::sql: return has_scope(request.payload) ? lane::reader : lane::writer;
        case opcode::begin_txn:
        case opcode::commit_txn:
        case opcode::abort_txn:
        case opcode::query:
        case opcode::scan:
        case opcode::stats:
        case opcode::scoped_scan:
        case opcode::scoped_query: return lane::reader;
        default: return lane::at_once; // ping, create_table, and what is unknown
        }
    }

    /// Executes a request and appends its answer, whatever happens.
    void handle(client_state& client, const protocol::frame_view& request, std::string& out) {
        ++requests_total;
        bytes_received += protocol::header_size + request.payload.size();
        const std::size_t before = out.size();
        bool good = false;
        try {
            answer(client, request, out);
            good = true;
        } catch (const error& e) {
            out.resize(before);
            if (protocol::is_extension(request.op))
                protocol::append_failure(out, e);
            else
                append_error(out, e.what());
        } catch (const std::exception& e) {
            out.resize(before);
            append_error(out, std::string("Internal error: ") + e.what());
        }
        ++(good ? requests_success : requests_error);
        bytes_sent += out.size() - before;
    }

    static void append_error(std::string& out, std::string_view text) {
        protocol::append_frame(out, opcode::error, text.substr(0, protocol::max_payload / 2));
    }

    /// The figures, but those of connections.
    server_stats stats(std::uint64_t transactions) const {
        server_stats s;
        s.connections_total = connections_total;
        s.connections_active = connections_active;
        s.requests_total = requests_total;
        s.requests_success = requests_success;
        s.requests_error = requests_error;
        s.bytes_received = bytes_received;
        s.bytes_sent = bytes_sent;
        s.uptime_secs = static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - start_).count());
        const embedded::kv_stats of_database = db_->stats();
        s.memtable_size_bytes = of_database.memtable_size_bytes;
        s.wal_size_bytes = of_database.wal_size_bytes;
        s.active_transactions = transactions;
        return s;
    }
    embedded::kv_database& database() const noexcept { return *db_; }

    std::atomic<std::uint64_t> connections_total = 0;
    std::atomic<std::uint64_t> connections_active = 0;
    std::atomic<std::uint64_t> requests_total = 0;
    std::atomic<std::uint64_t> requests_success = 0;
    std::atomic<std::uint64_t> requests_error = 0;
    std::atomic<std::uint64_t> bytes_received = 0;
    std::atomic<std::uint64_t> bytes_sent = 0;

private:
    static constexpr unsigned transaction_write_now = 1; // on the wire

    static bool has_scope(std::string_view payload) noexcept {
        std::uint64_t scope = 0;
        return protocol::payload_reader(payload).take(scope) && scope != 0;
    }

    void answer(client_state& client, const protocol::frame_view& request, std::string& out) {
        const std::string_view payload = request.payload;
        switch (request.op) {
        case opcode::put: {
            const protocol::put_request put = protocol::decode_put(payload);
            db_->put(put.key, put.value);
            return ok(out);
        }
        case opcode::get: return value(out, db_->get(payload));
        case opcode::erase: db_->erase(payload); return ok(out);
        case opcode::begin_txn: return begin(client, embedded::kv_access::read_write, out);
        case opcode::commit_txn: return commit(client, protocol::decode_number(payload, "COMMIT_TXN"), out);
        case opcode::abort_txn: return abort(client, protocol::decode_number(payload, "ABORT_TXN"), out);
        case opcode::query: return query(*db_, protocol::decode_query(payload), out);
        case opcode::create_table: return create_table(protocol::decode_create_table(payload), out);
        case opcode::put_path: {
            const protocol::path_request path = protocol::decode_path(payload);
            db_->put(path.key, path.value);
            return ok(out);
        }
        case opcode::get_path: return value(out, db_->get(protocol::decode_path(payload).key));
        case opcode::scan: return scan(payload, out);
        case opcode::checkpoint: db_->checkpoint(); return ok(out);
        case opcode::stats:
            return protocol::append_frame(out, opcode::stats_resp, protocol::stats_json(stats(client.open.size())));
        case opcode::ping: return protocol::append_frame(out, opcode::pong);
        default: return scoped_answer(client, request, out);
        }
    }

    void scoped_answer(client_state& client, const protocol::frame_view& request, std::string& out) {
        protocol::payload_reader reader(request.payload);
        switch (request.op) {
        case opcode::begin_scope: return begin(client, access_of(protocol::decode_begin_scope(request.payload)), out);
        case opcode::scoped_get: {
            const std::uint64_t scope = protocol::take_scope(reader);
            return in_scope(client, scope, [&](auto& on) { protocol::append_found(out, on.get(reader.rest())); });
        }
        case opcode::scoped_put: {
            const std::uint64_t scope = protocol::take_scope(reader);
            const protocol::put_request put = protocol::decode_put(reader.rest());
            in_scope(client, scope, [&](auto& on) { on.put(put.key, put.value); });
            return ok(out);
        }
        case opcode::scoped_erase: {
            const std::uint64_t scope = protocol::take_scope(reader);
            in_scope(client, scope, [&](auto& on) { on.erase(reader.rest()); });
            return ok(out);
        }
        case opcode::scoped_scan: {
            const protocol::scan_request scan = protocol::decode_scoped_scan(request.payload);
            return in_scope(client, scan.scope, [&](auto& on) { portion(on, scan, out); });
        }
        case opcode::scoped_query: {
            const std::uint64_t scope = protocol::take_scope(reader);
            const protocol::query_request asked = protocol::decode_query(reader.rest());
            return in_scope(client, scope, [&](auto& on) { query(on, asked, out); });
        }
        case opcode::sql: return sql(client, protocol::decode_sql(request.payload), out);
        default: throw protocol_error("Unknown opcode: " + protocol::hex_code(static_cast<std::uint8_t>(request.op)));
        }
    }

    static void ok(std::string& out) { protocol::append_frame(out, opcode::ok); }
    static void value(std::string& out, const std::optional<std::string>& found) {
        protocol::append_frame(out, opcode::value, found ? std::string_view(*found) : std::string_view());
    }

    static embedded::kv_access access_of(std::uint8_t number) noexcept {
        if (number == transaction_write_now) return embedded::kv_access::write_now;
        return number == 0 ? embedded::kv_access::read_write : embedded::kv_access::read_only;
    }

    static auto found(client_state& client, std::uint64_t id) {
        const auto at = client.open.find(id);
        if (at == client.open.end()) throw embedded::transaction_error("Transaction not found: " + std::to_string(id));
        return at;
    }

    template <class F>
    void in_scope(client_state& client, std::uint64_t scope, F f) {
        if (scope == 0)
            f(*db_);
        else
            f(found(client, scope)->second);
    }

    void begin(client_state& client, embedded::kv_access access, std::string& out) {
        if (client.open.size() >= max_transactions_)
            throw embedded::transaction_error("Too many transactions: " + std::to_string(client.open.size()) +
                                              " are open on this connection");
        const std::uint64_t id = ++client.last;
        client.open.emplace(id, db_->transaction(access));
        out += protocol::encode_number(opcode::txn_id, id);
    }
    static void commit(client_state& client, std::uint64_t id, std::string& out) {
        const auto at = found(client, id);
        embedded::kv_transaction ending = std::move(at->second);
        client.open.erase(at); // whatever comes of it
        out += protocol::encode_number(opcode::txn_id, ending.commit());
    }
    static void abort(client_state& client, std::uint64_t id, std::string& out) {
        client.open.erase(found(client, id));
        ok(out);
    }

    void create_table(table_definition table, std::string& out) {
        const std::string name = table.name;
        const std::lock_guard lock(tables_mutex_);
        if (!tables_.try_emplace(name, std::make_shared<const table_definition>(std::move(table))).second)
            throw protocol_error("Invalid argument: Table '" + name + "' already exists");
        ok(out);
    }
    std::shared_ptr<const table_definition> table_of(std::string_view path) {
        const std::lock_guard lock(tables_mutex_);
        const auto at = tables_.find(std::string(path.substr(0, path.find('/'))));
        return at == tables_.end() ? nullptr : at->second;
    }

    template <class Store>
    void query(Store& store, const protocol::query_request& asked, std::string& out) {
        const std::shared_ptr<const table_definition> table = table_of(asked.path);
        query_rows rows(asked, table.get());
        auto entries = store.scan_prefix(asked.path);
        while (const embedded::kv_entry* entry = entries.next()) rows.add(entry->key, entry->value);
        protocol::frame_builder frame(out, opcode::value);
        rows.write(out);
        frame.finish();
    }

    void scan(std::string_view prefix, std::string& out) {
        if (!is_valid_utf8(prefix)) throw protocol_error("Invalid UTF-8 in scan prefix");
        protocol::scan_writer writer(out);
        auto entries = db_->scan_prefix(prefix);
        while (const embedded::kv_entry* entry = entries.next()) {
            if (is_valid_utf8(entry->key)) writer.add(entry->key, entry->value);
        }
        writer.finish();
    }

    template <class Store>
    static void portion(Store& store, const protocol::scan_request& asked, std::string& out) {
        std::string start(asked.prefix);
        if (!asked.after.empty() && asked.after >= asked.prefix)
            (start = asked.after) += '\0'; // the next key there can be
        protocol::portion_writer writer(out);
        auto entries = store.scan(start, embedded::prefix_end(asked.prefix));
        std::uint32_t count = 0;
        bool more = false;
        while (const embedded::kv_entry* entry = entries.next()) {
            more = (asked.most != 0 && count == asked.most) || !writer.add(entry->key, entry->value);
            if (more) break;
            ++count;
        }
        writer.finish(more);
    }

    void sql(client_state& client, const protocol::sql_request& asked, std::string& out) {
        check_sql(asked.text);
        const auto execute = [&](embedded::kv_transaction& on) {
            auto result = on.run(asked.text, asked.parameters);
            protocol::append_sql_answer(out, result);
        };
        if (asked.scope != 0) return execute(found(client, asked.scope)->second);
        const std::size_t before = out.size();
        db_->with_transaction([&](embedded::kv_transaction& on) {
            out.resize(before); // a second attempt
            execute(on);
        });
    }

    embedded::kv_database* db_;
    std::size_t max_transactions_;
    bool wal_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    std::mutex tables_mutex_;
    std::map<std::string, std::shared_ptr<const table_definition>> tables_;
};

} // namespace weft::inline v0::toondb::detail
