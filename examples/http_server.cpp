// SPDX-License-Identifier: BSL-1.0
//
// http_server [URL [PORT | --once]]
//
// A small HTTP server on Beast whose handlers query a MySQL or MariaDB server through the asynchronous pool, all on one
// thread:
//
//     GET  /people          every person, as JSON
//     GET  /people/3        one person
//     POST /people          {"name": "Ada", "born": 1815} adds one
//
// It listens on 127.0.0.1 and ends at SIGINT or SIGTERM, after the answers under way. With --once it sends itself a few
// requests on a free port, prints the answers and ends. URL says which database; without any argument the environment
// variable WEFT_MYSQL_URL does, and it is --once. The table `people` is made where it is missing; with --once it is a
// temporary one.

#include <weft/connect/mysql_options.hpp>
#include <weft/core/error_code.hpp>
#include <weft/format/json.hpp>
#include <weft/mysql/async_connection.hpp>
#include <weft/pool/async_pool.hpp>
#include <weft/transfer/json_lines_reader.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace mysql = weft::mysql;
using namespace std::chrono_literals;
using asio::ip::tcp;
using boost::system::error_code;
using request = http::request<http::string_body>;
using response = http::response<http::string_body>;
using pool_type = weft::async_connection_pool<mysql::async_connection>;

constexpr auto tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t header_limit = 8 * 1024; // bytes
constexpr std::uint64_t body_limit = 16 * 1024;  // bytes
constexpr std::size_t most_clients = 256;
constexpr auto patience = 15s; // for a request to come, and for an answer to be taken

response answer_of(http::status status, std::string body) {
    response answer(status, 11);
    answer.set(http::field::content_type, "application/json");
    answer.body() = std::move(body);
    return answer;
}

response refusal(http::status status, std::string_view why) {
    std::string body = "{\"error\":";
    weft::append_json_string(body, why);
    return answer_of(status, body += '}');
}

/// What went wrong with the database, for the client. The log has the details, which are none of the client's business.
response answer_of(const boost::system::system_error& e) {
    std::fprintf(stderr, "http_server: %s\n", e.what());
    if (e.code() == weft::errc::integrity_error) return refusal(http::status::conflict, "the table does not take it");
    if (e.code() == weft::errc::data_error) return refusal(http::status::unprocessable_entity, "a value does not fit");
    if (e.code() == weft::errc::operational_error)
        return refusal(http::status::service_unavailable, "the database is not available");
    return refusal(http::status::internal_server_error, "internal error");
}

/// The handlers: from a request to an answer.
class people {
public:
    explicit people(pool_type& pool) : pool_(&pool) {}

    asio::awaitable<response> operator()(const request& asked) const {
        constexpr std::string_view collection = "/people";
        const std::string_view target(asked.target().data(), asked.target().size());
        if (!target.starts_with(collection)) co_return refusal(http::status::not_found, "there is only /people");
        const std::string_view rest = target.substr(collection.size());
        if (rest.empty() && asked.method() == http::verb::get) co_return co_await list();
        if (rest.empty() && asked.method() == http::verb::post) co_return co_await add(asked.body());
        if (rest.empty()) co_return refusal(http::status::method_not_allowed, "GET or POST");
        if (asked.method() != http::verb::get) co_return refusal(http::status::method_not_allowed, "GET");
        std::int64_t id = 0;
        const auto [end, problem] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), id);
        if (rest[0] != '/' || problem != std::errc() || end != rest.data() + rest.size())
            co_return refusal(http::status::not_found, "expected /people or /people/NUMBER");
        co_return co_await show(id);
    }

private:
    asio::awaitable<response> list() const {
        auto db = co_await pool_->async_acquire();
        auto [ec, rows] =
            co_await db->async_query<weft::json>("SELECT id, name, born FROM people ORDER BY id LIMIT 1000", tuple);
        check(ec, *db);
        co_return answer_of(http::status::ok, std::move(rows));
    }

    asio::awaitable<response> show(std::int64_t id) const {
        auto db = co_await pool_->async_acquire();
        const mysql::statement sql("SELECT id, name, born FROM people WHERE id = ?", id);
        const auto [ec, rows] = co_await db->async_query<weft::json>(sql, tuple);
        check(ec, *db);
        if (rows == "[]") co_return refusal(http::status::not_found, "there is nobody with this id");
        co_return answer_of(http::status::ok, rows.substr(1, rows.size() - 2)); // the object in the array
    }

    asio::awaitable<response> add(std::string body) const {
        std::replace(body.begin(), body.end(), '\n', ' '); // the reader takes an object a line
        std::optional<mysql::statement> insert;
        std::string problem;
        try {
            weft::json_lines_reader reader(weft::byte_input::text(body), {.names = {"name", "born"}});
            std::span<const weft::cell> row;
            if (!reader.next(row)) throw weft::data_error("expected an object");
            insert.emplace("INSERT INTO people(name, born) VALUES (?, ?)", weft::value(row[0]), weft::value(row[1]));
            if (reader.next(row)) throw weft::data_error("expected one object");
        } catch (const weft::error& e) {
            problem = e.what();
        }
        if (!problem.empty()) co_return refusal(http::status::bad_request, problem);
        auto db = co_await pool_->async_acquire();
        const auto [ec, affected] = co_await db->async_execute(*insert, tuple);
        check(ec, *db);
        const std::string id = std::to_string(db->summary().insert_id);
        response answer = answer_of(http::status::created, "{\"id\":" + id + '}');
        answer.set(http::field::location, "/people/" + id);
        co_return answer;
    }

    /// An error is thrown with the server's words.
    static void check(error_code ec, const mysql::async_connection& db) {
        if (ec) throw boost::system::system_error(ec, db.diagnostics().message);
    }

    pool_type* pool_;
};

/// A client's connection with a time limit for what it does.
struct client {
    explicit client(tcp::socket s) : socket(std::move(s)), limit(socket.get_executor()) {}

    static void give_time(const std::shared_ptr<client>& self) {
        self->limit.expires_after(patience);
        self->limit.async_wait([self](error_code ec) {
            if (!ec && self->limit.expiry() <= std::chrono::steady_clock::now()) self->socket.cancel();
        });
    }

    tcp::socket socket;
    asio::steady_timer limit;
    std::string unread;   // bytes after the last request
    bool waiting = false; // for the first byte of a request
};

/// Where in a request reading stopped.
enum class reading { whole, ended, broken };

/// Accepts connections and passes their requests to the handlers. Beast parses and serialises; reading and writing are
/// plain Asio, which costs a third of the compile time.
class server {
public:
    server(asio::io_context& context, people handlers, std::uint16_t port)
        : handlers_(handlers), acceptor_(context, {asio::ip::address_v4::loopback(), port}) {}

    tcp::endpoint address() const { return acceptor_.local_endpoint(); }

    /// Until stop().
    asio::awaitable<void> run() {
        while (acceptor_.is_open()) {
            auto [ec, socket] = co_await acceptor_.async_accept(tuple);
            if (ec == asio::error::operation_aborted || !acceptor_.is_open()) break;
            if (ec || clients_.size() >= most_clients) continue; // the socket closes
            auto who = std::make_shared<client>(std::move(socket));
            clients_.insert(who);
            asio::co_spawn(acceptor_.get_executor(), serve(who), [this, who](std::exception_ptr) {
                who->limit.cancel();
                clients_.erase(who);
                if (clients_.empty()) all_gone_.cancel();
            });
        }
        if (!clients_.empty()) co_await all_gone_.async_wait(tuple);
    }

    /// Takes no more requests. Answers under way are finished.
    void stop() {
        error_code ignored;
        acceptor_.close(ignored);
        for (const auto& who : clients_) {
            if (who->waiting) who->socket.cancel(ignored);
        }
    }

private:
    asio::awaitable<void> serve(std::shared_ptr<client> who) {
        for (bool keep = true; keep;) {
            http::request_parser<http::string_body> parser;
            client::give_time(who);
            error_code problem;
            const reading state = co_await read(*who, parser, problem);
            if (state == reading::ended) break;
            response answer;
            if (state == reading::broken) {
                answer = refusal(status_of(problem), problem.message());
            } else {
                answer = co_await handle(parser.get());
                keep = parser.get().keep_alive() && acceptor_.is_open();
            }
            keep = keep && state == reading::whole;
            answer.keep_alive(keep);
            answer.prepare_payload();
            if (state == reading::whole && parser.get().method() == http::verb::head) answer.body().clear();
            const std::string bytes = serialized(answer);
            client::give_time(who);
            const auto [ec, written] = co_await asio::async_write(who->socket, asio::buffer(bytes), tuple);
            keep = keep && !ec && acceptor_.is_open();
        }
    }

    asio::awaitable<response> handle(const request& asked) {
        try {
            co_return co_await handlers_(asked);
        } catch (const boost::system::system_error& e) {
            co_return answer_of(e);
        } catch (const std::exception& e) {
            std::fprintf(stderr, "http_server: %s\n", e.what());
            co_return refusal(http::status::internal_server_error, "internal error");
        }
    }

    template <class Parser>
    static asio::awaitable<reading> read(client& who, Parser& parser, error_code& problem) {
        parser.header_limit(header_limit);
        parser.body_limit(body_limit);
        parser.eager(true);
        std::array<char, 4096> chunk;
        for (;;) {
            if (!who.unread.empty()) {
                who.unread.erase(0, parser.put(asio::buffer(who.unread), problem));
                if (problem && problem != http::error::need_more) co_return reading::broken;
            }
            if (parser.is_done()) co_return reading::whole;
            who.waiting = who.unread.empty() && !parser.got_some();
            const auto [ec, n] = co_await who.socket.async_read_some(asio::buffer(chunk), tuple);
            who.waiting = false;
            if (ec) co_return reading::ended;
            who.unread.append(chunk.data(), n);
        }
    }

    static http::status status_of(error_code problem) {
        if (problem == http::error::header_limit) return http::status::request_header_fields_too_large;
        if (problem == http::error::body_limit) return http::status::payload_too_large;
        return http::status::bad_request;
    }

    static std::string serialized(response& answer) {
        http::response_serializer<http::string_body> serializer(answer);
        std::string bytes;
        for (error_code ec; !serializer.is_done() && !ec;) {
            serializer.next(ec, [&](error_code&, const auto& buffers) {
                for (const auto buffer : boost::beast::buffers_range_ref(buffers))
                    bytes.append(static_cast<const char*>(buffer.data()), buffer.size());
                serializer.consume(asio::buffer_size(buffers));
            });
        }
        return bytes;
    }

    people handlers_;
    tcp::acceptor acceptor_;
    std::set<std::shared_ptr<client>> clients_;
    asio::steady_timer all_gone_{acceptor_.get_executor(), asio::steady_timer::time_point::max()};
};

/// Sends a request and prints it and the answer.
asio::awaitable<void> show(tcp::endpoint to, std::string head, std::string body) {
    tcp::socket socket(co_await asio::this_coro::executor);
    co_await socket.async_connect(to, asio::use_awaitable);
    std::string text = head + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    text += "\r\n" + body;
    co_await asio::async_write(socket, asio::buffer(text), asio::use_awaitable);
    std::string answer;
    std::array<char, 4096> chunk;
    for (;;) {
        const auto [ec, n] = co_await socket.async_read_some(asio::buffer(chunk), tuple);
        if (ec) break;
        answer.append(chunk.data(), n);
    }
    std::erase(answer, '\r');
    std::printf("> %s %s\n%s\n\n", head.c_str(), body.c_str(), answer.c_str());
}

asio::awaitable<void> show_requests(server& on) {
    const tcp::endpoint to = on.address();
    co_await show(to, "POST /people", R"({"name": "Ada Lovelace", "born": 1815})");
    co_await show(to, "POST /people", R"({"name": "Ada Lovelace", "born": 1815})");
    co_await show(to, "POST /people", R"({"name": "Grace Hopper", "died": 1992})");
    co_await show(to, "POST /people", R"({"name": "Grace Hopper"})");
    co_await show(to, "GET /people", "");
    co_await show(to, "GET /people/1", "");
    co_await show(to, "GET /people/7", "");
    co_await show(to, "GET /animals", "");
    on.stop();
}

asio::awaitable<void> run(pool_type& pool, server& on, bool once) {
    {
        auto db = co_await pool.async_acquire();
        const std::string create = once ? "CREATE TEMPORARY TABLE" : "CREATE TABLE IF NOT EXISTS";
        co_await db->async_execute(create + " people(id BIGINT PRIMARY KEY AUTO_INCREMENT, "
                                            "name VARCHAR(200) NOT NULL UNIQUE, born SMALLINT)");
    }
    asio::signal_set signals(co_await asio::this_coro::executor, SIGINT, SIGTERM);
    signals.async_wait([&on](error_code ec, int) {
        if (!ec) on.stop();
    });
    if (once) {
        asio::co_spawn(co_await asio::this_coro::executor, show_requests(on), asio::detached);
    } else {
        std::printf("http://127.0.0.1:%d/people\n", on.address().port());
        std::fflush(stdout);
    }
    co_await on.run();
    co_await pool.async_close();
}

std::uint16_t port_of(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (problem != std::errc() || end != text.data() + text.size())
        throw std::runtime_error("'" + std::string(text) + "' is no port");
    return port;
}

} // namespace

int main(int argc, char** argv) try {
    const char* url = argc > 1 ? argv[1] : std::getenv("WEFT_MYSQL_URL");
    if (url == nullptr) throw std::runtime_error("no database server: give its URL, or set WEFT_MYSQL_URL");
    const std::string_view second = argc > 2 ? argv[2] : argc > 1 ? "8080" : "--once";
    const bool once = second == "--once";
    mysql::connect_options settings = weft::mysql_options(url);
    settings.network.read_timeout_ms = 10'000; // a query may take so long
    weft::pool_options limits;
    limits.max_size = once ? 1 : 8; // a temporary table belongs to one connection
    limits.acquire_timeout_ms = 5'000;
    limits.on_return = weft::return_action::rollback; // keeps prepared statements, and temporary tables

    asio::io_context context(1);
    pool_type pool(context, [settings](auto& db) { return db.async_connect(settings); }, limits);
    server on(context, people(pool), once ? std::uint16_t{0} : port_of(second));
    std::exception_ptr failed;
    asio::co_spawn(context, run(pool, on, once), [&failed](std::exception_ptr error) { failed = error; });
    context.run();
    if (failed) std::rethrow_exception(failed);
} catch (const std::exception& e) {
    std::fprintf(stderr, "http_server: %s\n", e.what());
    return 1;
}
