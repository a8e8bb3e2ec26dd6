// SPDX-License-Identifier: BSL-1.0
#include <weft/core/url.hpp>

#include <catch2/catch_test_macros.hpp>

#include <random>
#include <string>

using weft::connection_url;
using weft::parse_url;

namespace {

std::string message_of(std::string_view text) {
    try {
        parse_url(text);
    } catch (const weft::interface_error& e) {
        return e.what();
    }
    return "no error";
}

std::string percent_encode(std::string_view text) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto u = static_cast<unsigned char>(c);
        out += {'%', digits[u >> 4], digits[u & 15]};
    }
    return out;
}

} // namespace

// The verified examples of the reference SDK, as far as text alone decides them: the default host, port and driver are
// the connecting side's, and so is which parameters exist.
TEST_CASE("the reference's verified URLs") {
    CHECK(parse_url("") == connection_url{});
    {
        connection_url u;
        u.user = "me";
        u.password = "p455w0rd";
        u.host = "s2host.com";
        u.port = 3307;
        u.database = "mydb";
        CHECK(parse_url("me:p455w0rd@s2host.com:3307/mydb") == u);
        CHECK(parse_url("//me:p455w0rd@s2host.com:3307/mydb") == u);
    }
    for (const char* scheme : {"http", "https"}) {
        connection_url u;
        u.scheme = scheme;
        u.user = "me";
        u.password = "p";
        u.host = "h";
        u.database = "mydb";
        CHECK(parse_url(std::string(scheme) + "://me:p@h/mydb") == u);
        CHECK(parse_url("singlestoredb+" + std::string(scheme) + "://me:p@h/mydb") == u);
    }
    CHECK(parse_url("me:@h/mydb").password == "");
    CHECK(parse_url("h:0").port == 0);
    {
        const auto u = parse_url("[::1]:3306/db");
        CHECK(u.host == "::1");
        CHECK(u.port == 3306);
        CHECK(u.database == "db");
    }
    CHECK_THROWS_AS(parse_url("::1"), weft::interface_error);
    {
        const auto u = parse_url("u%40x:p%2Fw@h/d");
        CHECK(u.user == "u@x");
        CHECK(u.password == "p/w");
        CHECK(u.host == "h");
    }
    {
        const auto u = parse_url("http://u:p%40ss%2B+x@h/d%20b");
        CHECK(u.password == "p@ss+ x");
        CHECK(u.database == "d b");
    }
    {
        const auto u = parse_url("H.Example.COM/Db");
        CHECK(u.host == "h.example.com");
        CHECK(u.database == "Db");
    }
    {
        const auto u = parse_url("h?charset=utf8&charset=latin1");
        CHECK(u.query == std::vector<connection_url::parameter>{{"charset", "latin1"}});
    }
    CHECK(parse_url("h:1?port=99").port == 99);
    CHECK(parse_url("h?autocommit=").query.empty());
    {
        const auto u = parse_url("h/db?local_infile=1");
        CHECK(u.database == "db");
        REQUIRE(u.find("local_infile") != nullptr);
        CHECK(*u.find("local_infile") == "1");
    }
    CHECK(*parse_url("h?buffered=maybe").find("buffered") == "maybe");
    CHECK_THROWS_AS(parse_url("https://h:foo/db"), weft::interface_error);
    {
        const auto u = parse_url("unix:///tmp/x.sock");
        CHECK(u.scheme == "unix");
        CHECK_FALSE(u.host);
    }
    {
        const auto u = parse_url("eu:ep@eh:9/edb");
        CHECK(u.user == "eu");
        CHECK(u.password == "ep");
        CHECK(u.host == "eh");
        CHECK(u.port == 9);
        CHECK(u.database == "edb");
    }
}

TEST_CASE("URL rules one by one") {
    CHECK(parse_url("MySQL+PyMySQL://h").scheme == "mysql+pymysql");
    CHECK(parse_url("singlestoredb://h").scheme == "singlestoredb");
    CHECK(parse_url("SingleStoreDB+MySQL://h").scheme == "mysql");
    CHECK(parse_url("h").scheme.empty());
    CHECK(parse_url("u:p@ss@h").password == "p@ss");
    CHECK(parse_url("u:p:q@h").password == "p:q");
    CHECK(parse_url("u@h").user == "u");
    CHECK_FALSE(parse_url("u@h").password);
    CHECK_FALSE(parse_url(":p@h").user);
    CHECK_FALSE(parse_url(":p@h").password);
    CHECK(parse_url("u%2Bx@h").user == "u+x");
    CHECK(parse_url("u:50%off%4@h").password == "50%off%4");
    CHECK(parse_url("h:").port == 0);
    CHECK(parse_url("h:65535").port == 65535);
    CHECK(parse_url("h:0003306").port == 3306);
    CHECK_FALSE(parse_url("/db").host);
    CHECK(parse_url("/db").database == "db");
    CHECK(parse_url("h/ db /x/y").database == "db");
    CHECK(parse_url("h/a/b").database == "a");
    CHECK_FALSE(parse_url("h/").database);
    CHECK_FALSE(parse_url("h//x").database);
    CHECK(parse_url("h/db#frag?x=1").query.empty());
    CHECK(parse_url("h/db?a=1#frag").query.size() == 1);
    CHECK(parse_url("h#frag").host == "h");
    CHECK(*parse_url("h?A_B=x+y%26z").find("a_b") == "x y&z");
    CHECK(*parse_url("h?a=1&a=").find("a") == "1");
    CHECK(*parse_url("h?a=b=c").find("a") == "b=c");
    CHECK(parse_url("h?a&&b=1&").query == std::vector<connection_url::parameter>{{"b", "1"}});
    CHECK(parse_url("h?z=1&a=2&Z=3").query == std::vector<connection_url::parameter>{{"z", "3"}, {"a", "2"}});
    CHECK(parse_url("h?host=Other&user=u&password=p&database=d&driver=HTTPS").query.empty());
    CHECK(parse_url("h?host=Other").host == "Other");
    CHECK(parse_url("u:p@h?user=v").user == "v");
    CHECK(parse_url("h/a?database=b").database == "b");
    CHECK(parse_url("http://h?driver=https").scheme == "https");
    CHECK(parse_url("u:p@[fe80::1%25eth0]:1/d").host == "fe80::1%25eth0");
    CHECK(parse_url("[::FFFF:1.2.3.4]").host == "::ffff:1.2.3.4");
}

TEST_CASE("databases in files") {
    CHECK(parse_url(":memory:").path == ":memory:");
    CHECK(parse_url(":memory:").scheme.empty());
    CHECK(parse_url(":memory:?journal_mode=wal").path == ":memory:");
    CHECK(*parse_url(":memory:?journal_mode=wal").find("journal_mode") == "wal");
    CHECK(parse_url("sqlite::memory:").path == ":memory:");
    CHECK(parse_url("sqlite::memory:").scheme == "sqlite");
    CHECK(parse_url("sqlite:///abs/path").path == "/abs/path");
    CHECK(parse_url("SQLite://localhost/abs/path").path == "/abs/path");
    CHECK(parse_url("sqlite:relative.db").path == "relative.db");
    CHECK(parse_url("sqlite:/abs.db").path == "/abs.db");
    CHECK(parse_url("file:a%20b+c%3F.db#x").path == "a b+c?.db");
    const auto u = parse_url("file:data.db?mode=ro&Cache=shared&port=x");
    CHECK(u.scheme == "file");
    CHECK(u.path == "data.db");
    CHECK_FALSE(u.host);
    CHECK(u.query == std::vector<connection_url::parameter>{{"mode", "ro"}, {"cache", "shared"}, {"port", "x"}});
    CHECK(message_of("sqlite:").find("path") != std::string::npos);
    CHECK(message_of("sqlite://").find("path") != std::string::npos);
    CHECK(message_of("file://server/share").find("'server'") != std::string::npos);
    CHECK(message_of("sqlite:a%00b").find("NUL") != std::string::npos);
    // Only these two schemes have paths.
    CHECK(parse_url("mysql:99/x").port == 99);
}

TEST_CASE("URL errors name the part and its value") {
    CHECK(message_of("h:70000") == "the port of the URL is '70000': expected a number of 0 to 65535");
    CHECK(message_of("h:99999999999999999999").find("port") != std::string::npos);
    CHECK(message_of("h:-1").find("'-1'") != std::string::npos);
    CHECK(message_of("h: 1").find("' 1'") != std::string::npos);
    CHECK(message_of("h?port=x").find("'x'") != std::string::npos);
    CHECK(message_of("[::1").find("host") != std::string::npos);
    CHECK(message_of("[::1]x:1").find("host") != std::string::npos);
    CHECK(message_of("[]").find("host") != std::string::npos);
    CHECK(message_of("[name]").find("host") != std::string::npos);
    CHECK(message_of("a[::1]").find("host") != std::string::npos);
    CHECK(message_of("h/a%00b").find("database") != std::string::npos);
    CHECK(message_of("u%00@h").find("user") != std::string::npos);
    CHECK(message_of("u\nx@h") == "the URL contains a control character at byte 1");
}

TEST_CASE("no error shows a password") {
    // Characters that break a raw password in two, and every error that can follow.
    for (const char* url : {"u:sec/ret@h", "u:sec?ret@h", "u:sec#ret@h", "u:sec/ret@h:99999", "u:sec%00ret@h",
                            "u:secret@h:x", "u:secret@[::1", "u:sec/r@[::1", "u:secret\n@h", "[sec:ret/x@h",
                            "u:[secret/@h", "http://u:sec/ret@h:1/db", "u:secret@h:1?port=x"}) {
        INFO(url);
        const std::string message = message_of(url);
        CHECK(message != "no error");
        CHECK(message.find("sec") == std::string::npos);
        CHECK(message.find("ret") == std::string::npos);
    }
}

TEST_CASE("whatever the bytes, percent-encoded parts come back") {
    auto random = [engine = std::mt19937(19)]() mutable { return static_cast<unsigned>(engine()); };
    const auto text = [&random] {
        std::string out(1 + random() % 12, ' ');
        for (char& c : out) c = static_cast<char>(1 + random() % 255);
        return out;
    };
    for (int i = 0; i < 20'000; ++i) {
        const std::string user = text(), password = text(), database = text(), value = text();
        const auto u = parse_url("http://" + percent_encode(user) + ":" + percent_encode(password) + "@h:7/" +
                                 percent_encode(database) + "?name=" + percent_encode(value));
        REQUIRE(u.user == user);
        REQUIRE(u.password == password);
        REQUIRE(u.database == database);
        REQUIRE(*u.find("name") == value);
        REQUIRE(u.port == 7);
        REQUIRE(parse_url("sqlite:" + percent_encode(value)).path == value);
    }
}
