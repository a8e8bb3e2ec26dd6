// SPDX-License-Identifier: BSL-1.0

// Servers that are started, killed, restarted, reused, and that do not start. Their greeting is read from the socket.

#include <weft/testing.hpp>

#include "../servers/servers.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <stdlib.h> // setenv
#include <sys/un.h>

#include <fstream>
#include <string>
#include <thread>
#include <utility>

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using weft::testing::mysql_server;
using weft::testing::mysql_server_options;
using weft::testing::temporary_directory;
namespace fs = std::filesystem;
namespace net = weft::testing::detail;

namespace {

bool greets(const mysql_server& server) {
    return net::greeting_version(server.host(), server.port(), 2000).has_value();
}

// The capabilities in a greeting: after version 10, the server's version and NUL come 4 bytes of thread id, 8 of
// scramble and one 0.
unsigned capabilities_of(const std::string& socket_path) {
    const net::descriptor socket(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(socket_path.size() < sizeof address.sun_path);
    socket_path.copy(address.sun_path, socket_path.size());
    REQUIRE(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    char header[4];
    const long long deadline = net::monotonic_ms() + 10'000;
    REQUIRE(net::read_all(socket.get(), header, 4, deadline));
    std::string payload(static_cast<unsigned char>(header[0]), '\0');
    REQUIRE(net::read_all(socket.get(), payload.data(), payload.size(), deadline));
    const std::size_t at = payload.find('\0') + 1 + 13;
    REQUIRE(at + 2 <= payload.size());
    return static_cast<unsigned char>(payload[at]) | static_cast<unsigned>(static_cast<unsigned char>(payload[at + 1]))
                                                         << 8;
}

// A listener that is no MySQL server: sends some bytes to whoever connects, and closes or keeps silent.
class impostor {
public:
    impostor(std::string bytes, bool closes) {
        port_ = net::free_port();
        listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port_);
        REQUIRE(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        REQUIRE(::listen(listener_, 16) == 0);
        thread_ = std::thread([this, bytes = std::move(bytes), closes] {
            std::vector<int> kept;
            for (;;) {
                const int client = ::accept(listener_, nullptr, nullptr);
                if (client < 0) break;
                [[maybe_unused]] const ssize_t sent = ::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL);
                if (closes) {
                    ::close(client);
                } else {
                    kept.push_back(client);
                }
            }
            for (const int client : kept) ::close(client);
        });
    }
    impostor(const impostor&) = delete;
    impostor& operator=(const impostor&) = delete;
    ~impostor() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }

    std::string url() const { return "mysql://127.0.0.1:" + std::to_string(port_); }

private:
    std::uint16_t port_ = 0;
    int listener_ = -1;
    std::thread thread_;
};

} // namespace

namespace {

void live_and_die(const std::string& name, std::string_view version) {
    temporary_directory directory;
    mysql_server_options options = servers::own(name);
    options.data = directory.path() / "data";
    options.initial_sql = "CREATE DATABASE made_by_initial_sql;";
    mysql_server server(options);
    CHECK(server.is_owned());
    CHECK(server.is_mariadb() == name.starts_with("mariadb"));
    CHECK(server.version().starts_with(version));
    CHECK(fs::is_directory(options.data / "made_by_initial_sql"));
    CHECK((capabilities_of(server.socket_path()) & 0x800) != 0); // the option file names certificates
    CHECK(server.url() == "mysql://root@127.0.0.1:" + std::to_string(server.port()));

    const auto port = server.port();
    server.kill();
    CHECK_FALSE(server.is_running());
    CHECK_FALSE(greets(server));
    server.restart();
    CHECK(server.is_running());
    CHECK(server.port() == port);
    CHECK(greets(server));
    server.restart(); // of a running one
    CHECK(greets(server));
    server.stop();
    server.stop();
    CHECK_FALSE(greets(server));
    CHECK_FALSE(fs::exists(server.socket_path()));
}

void reuse(const std::string& name) {
    const std::string url = servers::required(servers::variable(name, "URL"));
    mysql_server server = servers::shared(name);
    CHECK_FALSE(server.is_owned());
    CHECK(server.url() == url);
    CHECK(server.url("who?", "a:b@c", "d/e") ==
          "mysql://who%3F:a%3Ab%40c@127.0.0.1:" + std::to_string(server.port()) + "/d%2Fe");
    CHECK(server.socket_path().empty());
    CHECK_THROWS_AS(server.stop(), weft::interface_error);
    CHECK_THROWS_AS(server.kill(), weft::interface_error);
    CHECK_THROWS_AS(server.restart(), weft::interface_error);
    CHECK(greets(server));
    CHECK((capabilities_of(servers::socket(name)) & 0x800) != 0);

    ::setenv("WEFT_TEST_MYSQL_URL", url.c_str(), 1);
    CHECK(mysql_server::from_environment("WEFT_TEST_MYSQL_URL").version() == server.version());
    ::setenv("WEFT_TEST_MYSQL_URL", "", 1);
    CHECK(mysql_server::from_environment("WEFT_TEST_MYSQL_URL", servers::own(name)).is_owned());
}

} // namespace

TEST_CASE("a MariaDB 10.11 of one's own starts, is killed, restarts on its port and stops") {
    live_and_die("mariadb1011", "10.11.");
}
TEST_CASE("a MariaDB 11.8 of one's own starts, is killed, restarts on its port and stops") {
    live_and_die("mariadb118", "11.8.");
}
TEST_CASE("a MySQL of one's own starts, is killed, restarts on its port and stops") {
    live_and_die("mysql97", "9.");
}

TEST_CASE("a server starts from nothing but its program") {
    mysql_server_options options;
    options.program = servers::own("mariadb1011").program;
    std::string left;
    {
        mysql_server plain(options);
        CHECK(plain.version().starts_with("10.11."));
        CHECK((capabilities_of(plain.socket_path()) & 0x800) == 0);
        plain.stop();
    }
    {
        options.certificates = fs::path(servers::certificate("ca.pem")).parent_path();
        options.arguments = {"--version=4.2-of-our-own"};
        mysql_server first(options);
        mysql_server server = std::move(first);
        CHECK_FALSE(first.is_running());
        CHECK(server.version() == "4.2-of-our-own");
        CHECK((capabilities_of(server.socket_path()) & 0x800) != 0);
        left = fs::path(server.socket_path()).parent_path().string();
        CHECK(fs::exists(left));
    }
    CHECK_FALSE(fs::exists(left));
}

TEST_CASE("data that is kept is stopped in order and used again") {
    temporary_directory directory;
    mysql_server_options options = servers::own("mariadb1011");
    options.data = directory.path() / "data";
    options.initial_sql = "CREATE DATABASE kept;";
    { mysql_server server(options); }
    CHECK(fs::is_directory(options.data / "kept"));
    options.initial_sql.clear();
    mysql_server again(options);
    CHECK_THAT(again.log(), !ContainsSubstring("crash recovery"));
    CHECK(fs::is_directory(options.data / "kept"));
}

TEST_CASE("a server that does not start shows the end of its log") {
    mysql_server_options options = servers::own("mariadb1011");
    options.arguments = {"--no-such-option"};
    CHECK_THROWS_MATCHES(mysql_server(options), weft::operational_error,
                         MessageMatches(ContainsSubstring("does not greet on port") &&
                                        ContainsSubstring("unknown option '--no-such-option'")));
    options.arguments.clear();
    options.data_template = "/no/such/data";
    CHECK_THROWS_MATCHES(mysql_server(options), weft::operational_error,
                         MessageMatches(ContainsSubstring("cannot copy the data directory '/no/such/data'")));
    options.program = "/no/such/mariadbd";
    options.data_template.clear();
    CHECK_THROWS_MATCHES(mysql_server(options), weft::operational_error,
                         MessageMatches(ContainsSubstring("cannot execute '/no/such/mariadbd'")));
    options.program = "/bin/false";
    CHECK_THROWS_MATCHES(mysql_server(options), weft::operational_error,
                         MessageMatches(ContainsSubstring("'/bin/false' ended with 1")));
}

TEST_CASE("a port that is taken is reported by the server that wants it") {
    mysql_server first(servers::own("mariadb1011"));
    mysql_server second(servers::own("mariadb1011"));
    CHECK(first.port() != second.port());
    mysql_server_options options = servers::own("mariadb1011");
    options.arguments = {"--port=" + std::to_string(first.port())};
    CHECK_THROWS_MATCHES(mysql_server(options), weft::operational_error,
                         MessageMatches(ContainsSubstring("lready in use")));
}

TEST_CASE("a shared MariaDB 10.11 is reused and left alone") {
    reuse("mariadb1011");
}
TEST_CASE("a shared MariaDB 11.8 is reused and left alone") {
    reuse("mariadb118");
}
TEST_CASE("a shared MySQL is reused and left alone") {
    reuse("mysql97");
}

TEST_CASE("URLs lead back to their parts") {
    mysql_server server = servers::shared("mariadb1011");
    for (const std::string text : {"plain", "with space", "a:b@c/d?e#f%g+h", "\xC3\xA4"}) {
        const weft::connection_url url = weft::parse_url(server.url(text, text, text));
        CHECK(url.user == text);
        CHECK(url.password == text);
        CHECK(url.database == text);
        CHECK(url.host == server.host());
        CHECK(url.port == server.port());
    }
}

TEST_CASE("what does not greet as a MySQL server is no existing server") {
    const auto refused = [](const std::string& url) {
        const long long before = net::monotonic_ms();
        CHECK_THROWS_MATCHES(mysql_server::existing(url, 200), weft::operational_error,
                             MessageMatches(ContainsSubstring("no MySQL server greets at 127.0.0.1:")));
        CHECK(net::monotonic_ms() - before < 5000);
    };
    using namespace std::string_literals;
    refused("mysql://127.0.0.1:" + std::to_string(net::free_port())); // nobody there
    refused(impostor("HTTP/1.1 400 Bad Request\r\n\r\n", true).url());
    refused(impostor("", true).url());
    refused(impostor("", false).url());
    refused(impostor("\x05\0\0\0\x0a"s, false).url());                 // stops in mid-packet
    refused(impostor("\x05\0\0\0\x0a"s + "12345", true).url());        // a version without an end
    refused(impostor("\x07\0\0\0\xff\x10\x04"s + "what", true).url()); // an error packet
    CHECK(mysql_server::existing(impostor("\x0b\0\0\0\x0a"s + "5.5.5-1.2\0"s, true).url()).version() == "1.2");
    CHECK_THROWS_AS(mysql_server::existing("mysql://host:port"), weft::interface_error);
}
