// SPDX-License-Identifier: BSL-1.0
// Ways to log in that a program brings: tokens, prompts, plugins of its own.
#include "script.hpp"

#include "../message_of.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <string>

using Catch::Matchers::ContainsSubstring;
using test::script_options;
using test::script_session;
using test::script_stream;
using test::server_script;
using weft::blob;
using weft::blob_view;
using weft::net::run_now;
namespace auth = weft::mysql::auth;
namespace mysql = weft::mysql;
namespace protocol = weft::mysql::protocol;
using auth::auth_step;

namespace {

// Answers each message with the number of messages so far.
class counting_login final : public auth::plugin_login {
public:
    explicit counting_login(bool content) : content_(content) {}

    auth_step start(blob_view data, blob& out) override {
        CHECK(weft::as_text(data) == "begin");
        return answer(out);
    }
    auth_step more(blob_view data, blob& out) override {
        if (weft::as_text(data) == "wait") return auth_step::wait;
        return answer(out);
    }
    void accepted() override {
        if (!content_) throw weft::operational_error("not content after " + std::to_string(messages_));
    }

private:
    auth_step answer(blob& out) {
        out.push_back(static_cast<std::byte>(++messages_));
        return auth_step::send;
    }

    bool content_;
    int messages_ = 0;
};

class counting_plugin final : public auth::plugin {
public:
    explicit counting_plugin(bool content = true) : content_(content) {}
    std::string_view name() const noexcept override { return "counting"; }
    std::unique_ptr<auth::plugin_login> begin() const override { return std::make_unique<counting_login>(content_); }

private:
    bool content_;
};

server_script switching_server(std::string_view plugin, std::string_view data) {
    server_script server;
    server.greeting().message(
        [&](protocol::wire_writer out) { protocol::encode_auth_switch({plugin, weft::as_blob(data)}, out); });
    return server;
}

// The payloads of what the client has sent after its response to the greeting.
std::vector<std::string> answers(blob_view written) {
    std::vector<std::string> all;
    while (written.size() >= 4) {
        const auto h = protocol::decode_packet_header(written.first<4>());
        if (h.sequence == 0) break; // the login is over
        all.emplace_back(weft::as_text(written.subspan(4, h.length)));
        written = written.subspan(4 + h.length);
    }
    all.erase(all.begin());
    return all;
}

} // namespace

TEST_CASE("A plugin of the program's answers until the server is content", "[script]") {
    auto options = script_options();
    options.plugins.push_back(std::make_shared<const counting_plugin>());
    server_script server = switching_server("counting", "begin");
    server.sequence(4).payload(weft::as_blob("again"));
    server.sequence(6).payload(weft::as_blob("\x01wait")).payload(weft::as_blob("last"));
    server.sequence(9).ok().command().ok();
    script_session s(script_stream(server.bytes), options);
    run_now(s.connect());
    CHECK(s.is_open());
    CHECK(answers(s.stream().written()) == std::vector<std::string>{"\x01", "\x02", "\x03"});
}

TEST_CASE("A plugin that is not content ends the login although the server is", "[script]") {
    server_script server = switching_server("counting", "begin");
    server.sequence(4).ok().command().ok();
    auto options = script_options();
    options.plugins.push_back(std::make_shared<const counting_plugin>(false));
    script_session s(script_stream(server.bytes), options);
    CHECK(message_of<weft::operational_error>([&] { run_now(s.connect()); }) == "not content after 1");
    CHECK_FALSE(s.is_open());
}

TEST_CASE("Each login has a state of its own", "[script]") {
    server_script server = switching_server("counting", "begin");
    server.sequence(4).ok().command().ok().command();
    server.message(
        [&](protocol::wire_writer out) { protocol::encode_auth_switch({"counting", weft::as_blob("begin")}, out); });
    server.sequence(3).ok().command().ok();
    auto options = script_options();
    options.plugins.push_back(std::make_shared<const counting_plugin>());
    script_session s(script_stream(server.bytes), options);
    run_now(s.connect());
    run_now(s.change_user("other", "", ""));
    CHECK(s.is_open());
}

TEST_CASE("A token is sent in clear text over a secure channel and over no other", "[script]") {
    server_script server = switching_server("mysql_clear_password", "");
    server.sequence(4).ok().command().ok();
    auto options = script_options();
    options.password = "header.claims.signature";
    options.credential = mysql::credential_type::jwt;
    options.allow_cleartext_password = true; // for passwords
    {
        script_session s(script_stream(server.bytes), options);
        CHECK_THAT(message_of<weft::operational_error>([&] { run_now(s.connect()); }),
                   ContainsSubstring("mysql_clear_password: the token would be sent in clear text: expected TLS"));
        CHECK(weft::as_text(s.stream().written()).find("header.claims") == std::string_view::npos);
    }
    script_stream secure(server.bytes);
    secure.secure();
    script_session s(std::move(secure), options);
    run_now(s.connect());
    CHECK(answers(s.stream().written()) == std::vector<std::string>{std::string("header.claims.signature\0", 24)});
}

TEST_CASE("A token is not encrypted with a key that came over an open channel") {
    auth::authenticator who("token", {.is_token = true});
    blob out;
    CHECK_THROWS_AS(who.start("sha256_password", test::nonce(), out), weft::operational_error);
    CHECK(out.empty());
    auth::authenticator person("password", {});
    CHECK(person.start("sha256_password", test::nonce(), out) == auth_step::send);
}

TEST_CASE("The handler of prompts is asked what dialog asks", "[script]") {
    struct : auth::prompt_handler {
        std::string answer(std::string_view prompt, bool echo) override {
            CHECK(prompt == "One-time code: ");
            CHECK(echo);
            return "123456";
        }
    } codes;
    server_script server = switching_server("dialog", "\x03One-time code: ");
    server.sequence(4).ok().command().ok();
    auto options = script_options();
    {
        script_session s(script_stream(server.bytes), options);
        CHECK_THAT(message_of<weft::operational_error>([&] { run_now(s.connect()); }),
                   ContainsSubstring("One-time code"));
    }
    options.prompts = &codes;
    script_session s(script_stream(server.bytes), options);
    run_now(s.connect());
    CHECK(answers(s.stream().written()) == std::vector<std::string>{std::string("123456\0", 7)});
}
