// SPDX-License-Identifier: BSL-1.0
#include <weft/net/connect_options.hpp>
#include <weft/net/endpoint.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using weft::net::endpoint;
using weft::net::host_list;
using weft::net::parse_host_list;

TEST_CASE("lists of hosts are read") {
    CHECK(parse_host_list("db", 3306).hosts == std::vector{endpoint("db", 3306)});
    CHECK(parse_host_list("a:1,b,c:65535", 7).hosts ==
          std::vector{endpoint("a", 1), endpoint("b", 7), endpoint("c", 65535)});
    CHECK(parse_host_list("[::1]:33,[fe80::1],2001:db8::7", 9).hosts ==
          std::vector{endpoint("::1", 33), endpoint("fe80::1", 9), endpoint("2001:db8::7", 9)});
    CHECK(parse_host_list("/run/db.sock,h", 1).hosts ==
          std::vector{endpoint::unix_socket("/run/db.sock"), endpoint("h", 1)});
}

TEST_CASE("hosts that cannot be read are named") {
    using namespace std::string_view_literals;
    for (const std::string_view text : {""sv, "a,"sv, ",a"sv, "a:"sv, "a:0"sv, "a:65536"sv, "a:x"sv, ":1"sv, "[::1"sv,
                                        "[::1]x"sv, "[]"sv, "a]"sv, "a:99999999999999999999"sv, "a\0b"sv}) {
        CAPTURE(text);
        CHECK_THROWS_AS(parse_host_list(text, 1), weft::interface_error);
    }
    CHECK_THROWS_MATCHES(parse_host_list("good,bad:port", 1), weft::interface_error,
                         MessageMatches(ContainsSubstring("'bad:port'")));
}

TEST_CASE("an endpoint is named as it is read") {
    for (const char* text : {"db:3306", "[::1]:33", "/run/db.sock"})
        CHECK(parse_host_list(text, 1).hosts.front().name() == text);
}

TEST_CASE("the order of attempts") {
    host_list list = parse_host_list("a,b,c,d,e,f", 1);
    CHECK(list.attempt_order() == list.hosts);
    list.order = weft::net::host_order::random;
    std::set<std::string> firsts;
    for (int i = 0; i < 300; ++i) {
        auto order = list.attempt_order();
        firsts.insert(order.front().host);
        std::sort(order.begin(), order.end(), [](const endpoint& a, const endpoint& b) { return a.host < b.host; });
        REQUIRE(order == list.hosts);
    }
    CHECK(firsts.size() == 6);
}

TEST_CASE("options of connections have limits") {
    CHECK_THROWS_AS(weft::net::local_address(std::string(46, '1')), weft::interface_error);
    weft::net::socket_options extra;
    for (int i = 0; i < 8; ++i) extra.add({1, i, i});
    CHECK(extra.list().size() == 8);
    CHECK_THROWS_AS(extra.add({1, 9, 9}), weft::interface_error);
}
