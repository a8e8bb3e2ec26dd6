// SPDX-License-Identifier: BSL-1.0
#include <weft/net/scripted_stream.hpp>
#include <weft/net/socket.hpp>
#include <weft/net/tls.hpp>

#include "certificates.hpp"
#include "flows.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <array>
#include <string>
#include <thread>
#include <utility>

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using weft::net::deadline;
using weft::net::run_now;
using weft::net::stream_error;
using weft::net::stream_failure;
using weft::net::tls_context;
using weft::net::tls_mode;
using weft::net::tls_options;
using weft::net::tls_policy;
using blocking = weft::net::socket;
using secured = weft::net::secured<blocking>;

namespace {

tls_options of(const certificate& own) {
    tls_options options;
    options.certificate = own.file;
    options.key = own.key_file;
    return options;
}

tls_options verifying(const certificate& authority, tls_mode mode) {
    tls_options options;
    options.mode = mode;
    options.ca = authority.file;
    return options;
}

/// A server that echoes through TLS, for one connection.
class tls_echo {
public:
    explicit tls_echo(const tls_options& options)
        : context_(tls_context::server(options)), server_([this] {
              secured s(listener_.accept());
              run_now(s.accept_tls(context_));
              run_now(echo(&s));
          }) {}

    secured connect() const {
        secured s{blocking()};
        s.connect(listener_.where());
        s.set_deadline(deadline::after_ms(20'000));
        return s;
    }

private:
    listener listener_;
    tls_context context_;
    peer server_;
};

std::string failure(const tls_options& server, const tls_options& client, const std::string& host) {
    const tls_echo there(server);
    secured s = there.connect();
    try {
        run_now(s.start_tls(tls_context::client(client), host));
        (void)run_now(exchange(&s, "hello")); // TLS 1.3 servers refuse a client after its handshake
    } catch (const stream_error& e) {
        CHECK_FALSE(s.is_open());
        return e.what();
    }
    return {};
}

} // namespace

TEST_CASE("what the modes of TLS come to") {
    tls_options options;
    CHECK(tls_policy::of(options) == tls_policy{true, false, false, false});
    options.mode = tls_mode::require;
    CHECK(tls_policy::of(options) == tls_policy{true, true, false, false});
    options.mode = tls_mode::verify_ca;
    CHECK(tls_policy::of(options) == tls_policy{true, true, true, false});
    options.mode = tls_mode::verify_identity;
    CHECK(tls_policy::of(options) == tls_policy{true, true, true, true});
    options = {};
    options.ca_path = "/somewhere";
    CHECK(tls_policy::of(options) == tls_policy{true, true, true, false});
    options.mode = tls_mode::disable;
    CHECK(tls_policy::of(options) == tls_policy{});
}

TEST_CASE("TLS is used when it is offered, and missed when it is required") {
    const tls_policy prefer{true, false, false, false};
    const tls_policy require{true, true, false, false};
    CHECK(prefer.use(true, false, "db"));
    CHECK_FALSE(prefer.use(false, false, "db"));
    CHECK_FALSE(prefer.use(true, true, "db")); // a Unix socket
    CHECK(require.use(true, true, "db"));
    CHECK_FALSE(tls_policy().use(true, false, "db"));
    CHECK_THROWS_MATCHES(require.use(false, false, "db:1"), stream_error,
                         MessageMatches(ContainsSubstring("TLS is required, and db:1 does not offer it")));
}

TEST_CASE("an encrypted exchange") {
    const certificates& all = certificates::get();
    const tls_echo there(of(all.server));
    secured s = there.connect();
    CHECK_FALSE(s.is_secure());
    run_now(s.start_tls(tls_context::client(verifying(all.authority, tls_mode::verify_identity)), "127.0.0.1"));
    CHECK(s.is_secure());
    CHECK(s.has_tls());
    CHECK(std::string(::SSL_get_version(s.native_tls())) == "TLSv1.3");
    CHECK(run_now(exchange(&s, "hello")) == "hello");
    CHECK_THROWS_AS(run_now(s.start_tls(tls_context::client({}), "x")), weft::interface_error);
    secured moved = std::move(s);
    CHECK(run_now(exchange(&moved, "moved")) == "moved");
    moved.close();
    CHECK_FALSE(moved.is_open());
}

TEST_CASE("bytes pass as they are until TLS starts") {
    const certificates& all = certificates::get();
    const listener l;
    const tls_context context = tls_context::server(of(all.server));
    const peer server([&] {
        secured s(l.accept());
        (void)run_now(read_exactly(&s, 5));
        run_now([](secured* stream) -> weft::net::task<> { co_await stream->write_all(bytes("go on")); }(&s));
        run_now(s.accept_tls(context));
        run_now(echo(&s));
    });
    secured s{blocking()};
    s.connect(l.where());
    CHECK(run_now(exchange(&s, "start")) == "go on");
    run_now(s.start_tls(tls_context::client({}), "localhost"));
    CHECK(run_now(exchange(&s, "hello")) == "hello");
}

TEST_CASE("64 MiB through TLS, both ways") {
    constexpr std::size_t size = std::size_t{64} * 1024 * 1024;
    const certificates& all = certificates::get();
    const listener l;
    const tls_context context = tls_context::server(of(all.server));
    bool same = false;
    {
        const peer server([&] {
            secured s(l.accept());
            run_now(s.accept_tls(context));
            same = run_now(receive_pattern(&s, size));
            run_now(send_pattern(&s, size));
        });
        secured s{blocking()};
        s.connect(l.where());
        run_now(s.start_tls(tls_context::client({}), "localhost"));
        run_now(send_pattern(&s, size));
        CHECK(run_now(receive_pattern(&s, size)));
    }
    CHECK(same);
}

TEST_CASE("certificates are verified as far as the mode says") {
    const certificates& all = certificates::get();
    const auto right = [&](tls_mode mode) { return verifying(all.authority, mode); };
    const auto wrong = [&](tls_mode mode) { return verifying(all.other_authority, mode); };
    const tls_options server = of(all.server);
    CHECK(failure(server, right(tls_mode::verify_identity), "localhost").empty());
    CHECK(failure(server, right(tls_mode::verify_identity), "db.test").empty());
    CHECK(failure(server, right(tls_mode::verify_ca), "elsewhere.test").empty());
    CHECK(failure(server, tls_options{}, "elsewhere.test").empty());
    CHECK(failure(of(all.expired), tls_options{}, "localhost").empty());
    CHECK_THAT(failure(server, right(tls_mode::verify_identity), "elsewhere.test"),
               ContainsSubstring("hostname mismatch"));
    CHECK_THAT(failure(server, right(tls_mode::verify_identity), "127.0.0.2"),
               ContainsSubstring("IP address mismatch"));
    CHECK_THAT(failure(server, wrong(tls_mode::prefer), "localhost"),
               ContainsSubstring("unable to get local issuer certificate") && ContainsSubstring("127.0.0.1:"));
    CHECK_THAT(failure(of(all.expired), right(tls_mode::verify_ca), "localhost"),
               ContainsSubstring("certificate has expired"));
    tls_options system;
    system.mode = tls_mode::verify_ca;
    CHECK_THAT(failure(server, system, "localhost"), ContainsSubstring("certificate"));
    CHECK_THAT(failure(server, right(tls_mode::verify_identity), ""), ContainsSubstring("cannot be the name"));
    tls_options renamed = right(tls_mode::verify_identity);
    renamed.server_name = "db.test";
    CHECK(failure(server, renamed, "10.0.0.1").empty());
}

TEST_CASE("a server may require a certificate of the client") {
    const certificates& all = certificates::get();
    tls_options server = of(all.server);
    server.ca = all.authority.file;
    tls_options client = verifying(all.authority, tls_mode::verify_ca);
    CHECK_THAT(failure(server, client, "localhost"), ContainsSubstring("certificate required"));
    client.certificate = all.client.file;
    client.key = all.client.key_file;
    CHECK(failure(server, client, "localhost").empty());
}

TEST_CASE("ciphers can be chosen") {
    const certificates& all = certificates::get();
    tls_options client;
    client.ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384:TLS_CHACHA20_POLY1305_SHA256";
    const tls_echo there(of(all.server));
    secured s = there.connect();
    run_now(s.start_tls(tls_context::client(client), "localhost"));
    CHECK(std::string(::SSL_get_cipher_name(s.native_tls())) == "TLS_CHACHA20_POLY1305_SHA256");
}

TEST_CASE("settings that cannot be used are named") {
    const certificates& all = certificates::get();
    const auto says = [](const tls_options& options, const std::string& text) {
        CHECK_THROWS_MATCHES(tls_context::client(options), stream_error, MessageMatches(ContainsSubstring(text)));
    };
    tls_options options;
    options.ca = "/no/such/file";
    says(options, "'/no/such/file'");
    options = {};
    options.certificate = all.server.key_file; // a key is no certificate
    says(options, all.server.key_file);
    options.certificate = all.server.file;
    options.key = all.client.key_file;
    says(options, all.client.key_file);
    options = {};
    options.ciphers = "NO-SUCH-CIPHER";
    says(options, "NO-SUCH-CIPHER");
    options = {};
    options.key = "x";
    CHECK_THROWS_AS(tls_context::client(options), weft::interface_error);
    CHECK_THROWS_AS(tls_context::server({}), weft::interface_error);
}

TEST_CASE("a server that speaks no TLS, stops or stays silent") {
    const tls_context context = tls_context::client({});
    const listener l;
    secured s{blocking()};
    s.connect(l.where());
    SECTION("speaks something else") {
        const peer server([&] {
            blocking other = l.accept();
            other.write_all(bytes("5.5.5-10.11 this is no TLS record"));
            run_now(echo(&other));
        });
        CHECK_THROWS_MATCHES(run_now(s.start_tls(context, "localhost")), stream_error,
                             MessageMatches(ContainsSubstring("TLS handshake with " + l.where().name() + " failed") &&
                                            ContainsSubstring("wrong version number")));
    }
    SECTION("stops") {
        l.accept().close();
        CHECK_THROWS_AS(run_now(s.start_tls(context, "localhost")), stream_error);
    }
    SECTION("stays silent") {
        s.set_deadline(deadline::after_ms(50));
        CHECK_THROWS_MATCHES(run_now(s.start_tls(context, "localhost")), stream_error,
                             MessageMatches(ContainsSubstring("timed out after 50 ms while reading")));
    }
    CHECK_FALSE(s.is_open());
    CHECK_FALSE(s.is_secure());
    CHECK_THROWS_AS(run_now(exchange(&s, "x")), stream_error);
}

TEST_CASE("the end of TLS is an orderly end, and the end of TCP alone is not") {
    const certificates& all = certificates::get();
    const bool orderly = GENERATE(true, false);
    const listener l;
    const tls_context context = tls_context::server(of(all.server));
    const peer server([&] {
        secured s(l.accept());
        run_now(s.accept_tls(context));
        (void)run_now(exchange(&s, "x"));
        if (orderly)
            s.close();
        else
            s.next_layer().close();
    });
    secured s{blocking()};
    s.connect(l.where());
    run_now(s.start_tls(tls_context::client({}), "localhost"));
    CHECK(run_now(exchange(&s, "y")) == "x");
    std::array<std::byte, 8> buffer{};
    const auto read = [](secured* stream, std::span<std::byte> into) -> weft::net::task<std::size_t> {
        co_return co_await stream->read_some(into);
    };
    if (orderly)
        CHECK(run_now(read(&s, buffer)) == 0);
    else
        CHECK_THROWS_MATCHES(run_now(read(&s, buffer)), stream_error,
                             MessageMatches(ContainsSubstring("without the end of TLS")));
}

TEST_CASE("TLS over a script of any bytes ends in an error") {
    const tls_context context = tls_context::client({});
    for (std::size_t size = 1; size < 600; size += 7) {
        std::string noise(size, '\0');
        for (std::size_t i = 0; i < size; ++i) noise[i] = static_cast<char>(pattern(i * size));
        if (size % 2 == 0) noise.replace(0, 3, "\x16\x03\x03");
        weft::net::secured<weft::net::scripted_stream> s(weft::net::scripted_stream::feed(bytes(noise)));
        CHECK_THROWS_AS(run_now(s.start_tls(context, "localhost")), stream_error);
        CHECK_FALSE(s.is_open());
    }
}
