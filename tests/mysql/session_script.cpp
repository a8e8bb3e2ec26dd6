// SPDX-License-Identifier: BSL-1.0
// Whole sessions against a server that says anything: cut off, out of order, lying, failing at every step.
#include "script.hpp"

#include "../message_of.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using test::hex;
using test::modern_server;
using test::old_server;
using test::script_options;
using test::script_session;
using test::script_stream;
using test::server_script;
using weft::blob;
using weft::blob_view;
using weft::net::run_now;
namespace mysql = weft::mysql;
namespace protocol = weft::mysql::protocol;
using field = protocol::field_type;
using strings = std::vector<std::string>;

namespace {

constexpr std::uint16_t more = protocol::status::autocommit | protocol::status::more_results;

// What a program sees of login, one query and all its sets.
strings run_query(blob_view bytes, std::size_t piece = std::size_t{1} << 30, std::size_t at_once = 100) {
    script_session s(script_stream(bytes, piece), script_options());
    run_now(s.connect());
    run_now(s.query("SELECT"));
    strings all = test::read_all(s, at_once);
    while (run_now(s.next_set())) {
        all.emplace_back("--");
        for (std::string& row : test::read_all(s, at_once)) all.push_back(std::move(row));
    }
    return all;
}

// Login and a query of three sets: rows, an OK, rows.
server_script three_sets(protocol::capability_set capabilities) {
    server_script server(capabilities);
    server.login().command().two_rows(more).ok(5, more).two_rows();
    return server;
}

const strings three_sets_seen{"1|one", "2|two", "--", "--", "1|one", "2|two"};

int code_of_query(blob_view bytes) {
    try {
        run_query(bytes);
    } catch (const weft::error& e) {
        UNSCOPED_INFO(e.what());
        return e.diagnostics().code;
    }
    return 0;
}

blob prefix(const blob& bytes, std::size_t size) {
    return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)};
}

} // namespace

TEST_CASE("A session reads the same from pieces of any size, in portions of any size", "[script]") {
    for (const auto capabilities : {modern_server, old_server}) {
        const server_script server = three_sets(capabilities);
        for (const std::size_t piece : {1U, 2U, 3U, 7U, 1000U})
            for (const std::size_t at_once : {1U, 2U, 100U})
                CHECK(run_query(server.bytes, piece, at_once) == three_sets_seen);
    }
}

TEST_CASE("A server that goes away at any byte ends in error 2013", "[script]") {
    for (const auto capabilities : {modern_server, old_server}) {
        const server_script server = three_sets(capabilities);
        for (std::size_t size = 0; size < server.bytes.size(); ++size) {
            INFO("after " << size << " bytes");
            const blob cut = prefix(server.bytes, size);
            CHECK(code_of_query(cut) == protocol::client_error::server_lost);
        }
    }
}

TEST_CASE("A wrong sequence number at any message ends the connection", "[script]") {
    const server_script server = three_sets(modern_server);
    for (const std::size_t start : server.starts()) {
        for (const int wrong : {1, 2, 128, 255}) {
            blob bytes = server.bytes;
            bytes[start + 3] = static_cast<std::byte>(std::to_integer<int>(bytes[start + 3]) + wrong);
            script_session s(script_stream{bytes}, script_options());
            try {
                run_now(s.connect());
                run_now(s.query("SELECT"));
                do {
                    test::read_all(s);
                } while (run_now(s.next_set()));
                FAIL("message at " << start << " was taken");
            } catch (const weft::error& e) {
                CHECK(std::string(e.what()).find("sequence id") != std::string::npos);
                CHECK_FALSE(s.is_open());
                CHECK_THROWS_AS(run_now(s.ping()), weft::operational_error);
            }
        }
    }
}

TEST_CASE("Messages that are exchanged, repeated or left out never crash or hang a session", "[script]") {
    for (const auto capabilities : {modern_server, old_server}) {
        const server_script server = three_sets(capabilities);
        std::vector<blob> messages;
        for (std::size_t i = 0; i < server.starts().size(); ++i) {
            const std::size_t end = i + 1 < server.starts().size() ? server.starts()[i + 1] : server.bytes.size();
            messages.push_back({server.bytes.begin() + static_cast<std::ptrdiff_t>(server.starts()[i]),
                                server.bytes.begin() + static_cast<std::ptrdiff_t>(end)});
        }
        const auto joined = [&](std::size_t a, std::size_t b, bool keep_sequence) {
            std::vector<blob> changed = messages;
            std::swap(changed[a], changed[b]);
            if (keep_sequence) std::swap(changed[a][3], changed[b][3]); // the numbers are right, the order is not
            blob all;
            for (const blob& m : changed) all.insert(all.end(), m.begin(), m.end());
            return all;
        };
        for (std::size_t a = 0; a < messages.size(); ++a) {
            for (std::size_t b = a + 1; b < messages.size(); ++b) {
                for (const bool keep : {true, false}) {
                    try {
                        run_query(joined(a, b, keep));
                    } catch (const weft::error& e) {
                        CHECK_FALSE(e.diagnostics().message.empty());
                    }
                }
            }
        }
    }
}

TEST_CASE("Lying lengths are refused before anybody makes room for them", "[script]") {
    const auto after_login = [](auto add) {
        server_script server;
        server.login().command();
        add(server);
        return code_of_query(server.bytes);
    };
    using protocol::client_error::malformed_packet;
    SECTION("a message beyond the limit") {
        server_script server;
        server.login();
        blob bytes = server.bytes;
        const blob header = hex("ff ff ff 01");
        bytes.insert(bytes.end(), header.begin(), header.end());
        CHECK(code_of_query(bytes) == protocol::client_error::packet_too_large);
    }
    SECTION("column counts") {
        CHECK(after_login([](auto& s) { s.payload(hex("fd 00 00 01")); }) == malformed_packet);
        CHECK(after_login([](auto& s) { s.payload(hex("fe ff ff ff ff ff ff ff ff 00 00 00 00 00")); }) != 0);
        CHECK(after_login([](auto& s) { s.payload(hex("fc ff ff")); }) == protocol::client_error::server_lost);
        CHECK(after_login([](auto& s) { s.payload({}); }) == malformed_packet);
    }
    SECTION("values") {
        const auto row_of = [&](const char* row) {
            return after_login([&](auto& s) {
                s.count(2).definition("a", field::long_).definition("b", field::var_string).payload(hex(row)).end();
            });
        };
        CHECK(row_of("01 31 01 78") == 0);
        CHECK(row_of("fb fb") == 0);
        CHECK(row_of("01 31") == malformed_packet);                               // a value is missing
        CHECK(row_of("01 31 01 78 01 79") == malformed_packet);                   // one too many
        CHECK(row_of("01 31 05 78") == malformed_packet);                         // beyond the row
        CHECK(row_of("01 31 fc 00") == malformed_packet);                         // a length without its bytes
        CHECK(row_of("01 31 fd ff ff ff 78") == malformed_packet);                // far beyond
        CHECK(row_of("01 31 fe ff ff ff ff ff ff ff ff 78") == malformed_packet); // as far as it goes
        CHECK(row_of("01 31 ff") == malformed_packet);                            // no length at all
        CHECK(row_of("") == malformed_packet);
    }
}

TEST_CASE("A malformed row says which value, and closes nothing twice", "[script]") {
    server_script server;
    server.login().command().count(1).definition("a", field::long_).row({"12x"}).row({"7"}).end().command().ok();
    script_session s(script_stream{server.bytes}, script_options());
    run_now(s.connect());
    run_now(s.query("SELECT a"));
    CHECK(message_of<weft::data_error>([&] { return test::read_all(s); }).find("column 'a' (index 0), row 0") !=
          std::string::npos);
    run_now(s.ping()); // the value was wrong, not the protocol
    CHECK(s.is_open());
}

TEST_CASE("An error of the server at any step is thrown with its code, and the session goes on where it can",
          "[script]") {
    const auto failing = [](auto build) {
        server_script server;
        build(server);
        server.command().ok(); // the answer to a ping afterwards
        script_session s(script_stream{server.bytes}, script_options());
        int code = 0;
        try {
            run_now(s.connect());
            run_now(s.query("SELECT"));
            do {
                test::read_all(s);
            } while (run_now(s.next_set()));
        } catch (const weft::error& e) {
            code = e.diagnostics().code;
            CHECK(e.diagnostics().sqlstate == "42000");
        }
        CHECK(code == 1142);
        if (s.is_open()) run_now(s.ping());
        return s.is_open();
    };
    const auto fail = [](server_script& s) -> server_script& { return s.error(1142, "42000", "denied"); };
    CHECK_FALSE(failing([&](auto& s) { fail(s.sequence(0)); }));               // instead of the greeting
    CHECK_FALSE(failing([&](auto& s) { fail(s.greeting()); }));                // instead of the login's OK
    CHECK_FALSE(failing([&](auto& s) { fail(s.greeting().ok().command()); })); // the session's preparation
    CHECK(failing([&](auto& s) { fail(s.login().command()); }));               // the query
    CHECK(failing([&](auto& s) { fail(s.login().command().count(1)); }));      // instead of a definition
    CHECK(failing([&](auto& s) { fail(s.login().command().count(1).definition("a", field::long_)); })); // of a row
    CHECK(failing([&](auto& s) { fail(s.login().command().count(1).definition("a", field::long_).row({"1"})); }));
    CHECK(failing([&](auto& s) { fail(s.login().command().two_rows(more)); })); // of the next set
    CHECK(failing([&](auto& s) { fail(s.login().command().ok(1, more)); }));
}

TEST_CASE("An error at any step of a prepared statement leaves the session usable", "[script]") {
    const auto prepared = [](server_script& s) -> server_script& {
        return s
            .message([&](protocol::wire_writer out) {
                protocol::encode_prepare_ok({1, 1, 1, 0, true}, s.capabilities() & 0, out);
            })
            .definition("?", field::long_)
            .definition("a", field::longlong);
    };
    const auto failing = [](auto build) {
        server_script server;
        build(server.login().command());
        server.command().ok();
        script_session s(script_stream{server.bytes}, script_options());
        run_now(s.connect());
        const weft::cell one(std::int64_t{1});
        int code = 0;
        try {
            run_now(s.execute("SELECT ?", {&one, 1}));
            test::read_all(s);
        } catch (const weft::error& e) {
            INFO(e.what());
            code = e.diagnostics().code;
        }
        run_now(s.ping());
        return code;
    };
    CHECK(failing([&](auto& s) { s.error(1064, "42000", "x"); }) == 1064);
    CHECK(failing([&](auto& s) { prepared(s).command().error(1205, "HY000", "x"); }) == 1205);
    CHECK(failing([&](auto& s) {
              prepared(s).command().count(1).definition("a", field::longlong).error(1205, "HY000", "x");
          }) == 1205);
    CHECK(failing([&](auto& s) {
              prepared(s)
                  .command()
                  .count(1)
                  .definition("a", field::longlong)
                  .payload(hex("00 00 0100000000000000"))
                  .end();
          }) == 0);
}

TEST_CASE("Binary rows that lie are refused", "[script]") {
    const auto row_of = [](field type, std::string_view row) {
        server_script server;
        server.login().command();
        server.message([](protocol::wire_writer out) { protocol::encode_prepare_ok({1, 1, 1, 0, true}, 0, out); })
            .definition("?", field::long_)
            .definition("a", type)
            .command()
            .count(1)
            .definition("a", type)
            .payload(hex(row))
            .end();
        script_session s(script_stream{server.bytes}, script_options());
        run_now(s.connect());
        const weft::cell one(std::int64_t{1});
        run_now(s.execute("SELECT ?", {&one, 1}));
        try {
            return test::read_all(s).at(0);
        } catch (const weft::error& e) {
            return "error: " + e.diagnostics().message;
        }
    };
    const auto refused = [&](field type, std::string_view row) { return row_of(type, row).starts_with("error: "); };
    CHECK(row_of(field::longlong, "00 00 ffffffffffffffff") == "-1");
    CHECK(row_of(field::longlong, "00 04") == "");
    CHECK(refused(field::longlong, ""));
    CHECK(refused(field::longlong, "00"));
    CHECK(refused(field::longlong, "01 00 ffffffffffffffff"));
    CHECK(refused(field::longlong, "00 00 ffffffffffffff"));
    CHECK(refused(field::longlong, "00 00 ffffffffffffffff 00"));
    CHECK(refused(field::longlong, "00 04 00"));
    CHECK(row_of(field::tiny, "00 00 80") == "-128");
    CHECK(row_of(field::date, "00 00 04 e8070229").starts_with("error: "));
    CHECK(row_of(field::date, "00 00 04 e807021d") == "2024-02-29");
    CHECK(row_of(field::date, "00 00 00") == "");
    CHECK(refused(field::date, "00 00 03 e80702"));
    CHECK(row_of(field::datetime, "00 00 07 e807021d 17 3b 3b") == "2024-02-29 23:59:59");
    CHECK(row_of(field::datetime, "00 00 0b e807021d 17 3b 3b 3f420f00") == "2024-02-29 23:59:59.999999");
    CHECK(refused(field::datetime, "00 00 0b e807021d 17 3b 3b 40420f00"));
    CHECK(refused(field::datetime, "00 00 07 e807021d 18 00 00"));
    CHECK(refused(field::datetime, "00 00 0c e807021d 17 3b 3b 3f420f00 00"));
    CHECK(row_of(field::time, "00 00 00") == "00:00:00");
    CHECK(row_of(field::time, "00 00 08 01 22000000 16 3b 3b") == "-838:59:59");
    CHECK(row_of(field::time, "00 00 0c 00 00000000 00 00 00 01000000") == "00:00:00.000001");
    CHECK(refused(field::time, "00 00 08 01 23000000 16 3b 3b"));
    CHECK(refused(field::time, "00 00 08 01 ffffffff ff 3b 3b"));
    CHECK(refused(field::time, "00 00 09 01 22000000 16 3b 3b 00"));
    CHECK(refused(field::bit, "00 00 09 000000000000000000"));
    CHECK(row_of(field::bit, "00 00 02 0100") == "256");
    CHECK(row_of(field::newdecimal, "00 00 04 312e3530") == "1.50");
    CHECK(refused(field::var_string, "00 00 05 31"));
}

TEST_CASE("SingleStore is told by its version and asked for its types", "[script][singlestore]") {
    const auto statements = [](std::string version, mysql::connect_options options) {
        server_script server(old_server, std::move(version));
        server.greeting().ok();
        for (int i = 0; i < 5; ++i) server.command().ok();
        script_stream stream(server.bytes);
        const script_stream& record = stream;
        const auto written = std::make_shared<script_stream>(record);
        script_session s(std::move(stream), std::move(options));
        run_now(s.connect());
        return test::queries_of(
            blob_view(written->written())
                .subspan(4 + protocol::decode_packet_header(blob_view(written->written()).first<4>()).length));
    };
    const strings asked{"SET NAMES utf8mb4", "SET @@SESSION.enable_extended_types_metadata = on",
                        "SET @@SESSION.vector_type_project_format = binary"};
    mysql::connect_options options = script_options();
    CHECK(statements("5.7.32", options) == asked);
    CHECK(statements("8.0.36", options) == strings{"SET NAMES utf8mb4"});
    CHECK(statements("5.5.5-10.11.6-MariaDB", options) == strings{"SET NAMES utf8mb4"});
    options.singlestore = mysql::singlestore_mode::off;
    CHECK(statements("5.7.32", options) == strings{"SET NAMES utf8mb4"});
    options.singlestore = mysql::singlestore_mode::on;
    options.vectors = mysql::vector_format::json;
    options.sql_mode = "it's";
    options.autocommit = false;
    CHECK(statements("8.0.36", options) ==
          strings{"SET NAMES utf8mb4", "SET sql_mode = 'it\\'s'", "SET @@SESSION.enable_extended_types_metadata = on",
                  "SET @@SESSION.vector_type_project_format = json", "SET AUTOCOMMIT = 0"});
}

TEST_CASE("A server without SingleStore's variables may say so; other complaints count", "[script][singlestore]") {
    const auto connects = [](std::uint16_t code) {
        server_script server(old_server, "5.7.32");
        server.greeting().ok().command().ok().command().error(code, "HY000", "Unknown system variable").command().ok();
        server.command().two_rows();
        script_session s(script_stream{server.bytes}, script_options());
        run_now(s.connect());
        run_now(s.query("SELECT"));
        return test::read_all(s) == strings{"1|one", "2|two"};
    };
    CHECK(connects(1193));
    CHECK_THROWS_AS(connects(1064), weft::programming_error);
}

TEST_CASE("SingleStore's extended columns read as vectors, lists and bytes", "[script][singlestore]") {
    const auto value_of = [](std::string_view definition, std::string_view row) {
        server_script server(old_server, "5.7.32");
        server.greeting().ok().command().ok().command().ok().command().ok().command();
        server.count(1).payload(hex(definition)).end_of_definitions().payload(hex(row)).end();
        script_session s(script_stream{server.bytes}, script_options());
        run_now(s.connect());
        run_now(s.query("SELECT v"));
        const weft::field& f = s.layout()->columns[0];
        const std::string type = to_string(f.type) + ' ';
        try {
            return type + test::read_all(s).at(0);
        } catch (const weft::error& e) {
            return "error: " + e.diagnostics().message;
        }
    };
    const std::string head = "03 64 65 66 02 64 62 01 74 01 74 01 76 01 76 12 3f 00 08 00 00 00 fb 00 00 00 00 00 02 ";
    CHECK(value_of(head + "02 00 00 00 01", "08 0000803f 00000040") == "vector(2) [1,2]");
    CHECK(value_of(head + "03 00 00 00 01", "0c 77d6883e 77d6083f b2414d3f").starts_with("vector(3) [0.26726"));
    CHECK(value_of(head + "02 00 00 00 02", "10 000000000000e03f 000000000000f0bf").ends_with("[0.5,-1]"));
    CHECK(value_of(head + "03 00 00 00 03", "03 01fc08").ends_with("[1,-4,8]"));
    CHECK(value_of(head + "02 00 00 00 04", "04 0100ffff").ends_with("[1,-1]"));
    CHECK(value_of(head + "02 00 00 00 05", "08 01000000 ffffffff").ends_with("[1,-1]"));
    CHECK(value_of(head + "02 00 00 00 06", "10 0100000000000000 ffffffffffffffff").ends_with("[1,-1]"));
    CHECK(value_of(head + "03 00 00 00 07", "06 4634 4838 c9b6").ends_with("[0.26708984,0.53515625,-0.42407227]"));
    CHECK(value_of(head + "02 00 00 00 01", "07 0000803f 000000").find("error: ") == 0); // not whole elements
    const std::string json =
        "03 64 65 66 02 64 62 01 74 01 74 01 76 01 76 12 21 00 2c 01 00 00 fd 00 00 00 00 00 02 02 00 00 00 01";
    CHECK(value_of(json, "05 5b312c325d").ends_with("[1,2]"));
    CHECK(value_of(json, "04 5b312c32").find("error: ") == 0);
    const std::string bson = "03 64 65 66 02 64 62 01 74 01 74 01 62 01 62 0d 3f 00 64 00 00 00 fb 80 00 00 00 00 01";
    CHECK(value_of(bson, "05 0500000000") == "blob 0x0500000000");
    const std::string text = "03 64 65 66 02 64 62 01 74 01 74 01 78 01 78 0d 2d 00 90 01 00 00 fd 00 00 00 00 00 00";
    CHECK(value_of(text, "02 6869") == "text hi");
    const std::string decimal = "03 64 65 66 02 64 62 01 74 01 74 01 64 01 64 0c 3f 00 16 00 00 00 f6 00 00 06 00 00";
    CHECK(value_of(decimal, "08 312e353030303030") == "decimal(20, 6) 1.500000");
}

TEST_CASE("A server that asks for files gets none, and the session goes on", "[script]") {
    server_script server;
    server.login().command().payload(hex("fb 2f6574632f706173737764")).sequence(3).ok().command().two_rows();
    script_stream stream(server.bytes);
    const script_stream record = stream;
    script_session s(std::move(stream), script_options());
    run_now(s.connect());
    const std::size_t before = record.written().size();
    CHECK(message_of<weft::not_supported_error>([&] {
              run_now(s.query("SELECT"));
              return 0;
          }).find("'/etc/passwd'") != std::string::npos);
    const weft::blob_view sent = weft::blob_view(record.written()).subspan(before);
    CHECK(weft::to_hex(sent) == "0700000003"
                                "53454c454354"
                                "00000002");
    run_now(s.query("SELECT"));
    CHECK(test::read_all(s) == strings{"1|one", "2|two"});
}

TEST_CASE("A password in clear text is not sent over an open connection", "[script]") {
    server_script server;
    server.greeting().payload(hex("fe 6d7973716c5f636c6561725f70617373776f726400")).ok();
    script_stream stream(server.bytes);
    const script_stream record = stream;
    script_session s(std::move(stream), script_options());
    CHECK_THROWS_AS(run_now(s.connect()), weft::error);
    const std::string sent(weft::as_text(record.written()));
    CHECK(sent.find("secret") == std::string::npos);
    CHECK_FALSE(s.is_open());
}

TEST_CASE("A TLS that is required and not offered, or not built in, ends the login before the password", "[script]") {
    for (const bool offered : {false, true}) {
        server_script server(modern_server | (offered ? protocol::capability::ssl : 0));
        server.login();
        mysql::connect_options options = script_options();
        options.tls.mode = weft::net::tls_mode::require;
        script_session s(script_stream{server.bytes}, options);
        CHECK_THROWS_AS(run_now(s.connect()), weft::error);
        CHECK_FALSE(s.is_open());
    }
}

TEST_CASE("A new statement reads past what the last one left", "[script]") {
    server_script server;
    server.login().command().two_rows(more).two_rows().command().ok(3);
    script_session s(script_stream{server.bytes}, script_options());
    run_now(s.connect());
    run_now(s.query("SELECT"));
    mysql::row_block one;
    REQUIRE(run_now(s.read_rows(one, 1)));
    run_now(s.query("UPDATE"));
    CHECK(s.summary().affected_rows == 3);
    CHECK(one.rows() == 1); // a block outlives the statement it came from
    CHECK(one.at(0, 0).int64() == 1);
}

TEST_CASE("Remarks in another form than SHOW WARNINGS has are refused", "[script]") {
    const auto refused = [](auto answer) {
        server_script server;
        server.login().command().ok({1, 0, protocol::status::autocommit, 1, {}, {}});
        answer(server.command());
        script_session s(script_stream{server.bytes}, script_options());
        run_now(s.connect());
        run_now(s.query("UPDATE"));
        CHECK(s.summary().warnings == 1);
        try {
            run_now(s.warnings());
        } catch (const weft::error& e) {
            return e.diagnostics().code == protocol::client_error::malformed_packet;
        }
        return false;
    };
    CHECK(refused([](server_script& s) { s.two_rows(); }));
    CHECK(refused([](server_script& s) {
        s.count(3)
            .definition("Level", field::long_)
            .definition("Code", field::long_)
            .definition("Message", field::long_);
        s.row({"1", "2", "3"}).end();
    }));
    CHECK_FALSE(refused([](server_script& s) {
        s.count(3).definition("Level", field::var_string).definition("Code", field::long_);
        s.definition("Message", field::var_string).row({"Note", "2", "text"}).end();
    }));
}

namespace {

// The columns of each of several statements, as `name kind, …`.
strings columns_of(const server_script& server, std::size_t statements) {
    script_session s(script_stream{server.bytes}, script_options());
    run_now(s.connect());
    strings all;
    for (std::size_t i = 0; i < statements; ++i) {
        run_now(s.query("SELECT"));
        std::string text;
        for (const weft::field& f : s.layout()->columns) text += f.name + ' ' + to_string(f.type) + ", ";
        for (const std::string& row : test::read_all(s)) text += row + ' ';
        all.push_back(std::move(text));
    }
    return all;
}

} // namespace

TEST_CASE("Columns that come again are taken for what they were, all others are read", "[script]") {
    for (const auto capabilities : {modern_server, old_server}) {
        server_script server(capabilities);
        server.login();
        const auto answer = [&](std::vector<std::pair<const char*, field>> columns) {
            server.command().count(static_cast<std::uint16_t>(columns.size()));
            for (const auto& [name, type] : columns) server.definition(name, type);
            server.end_of_definitions();
            server.message([&](protocol::wire_writer out) {
                for (std::size_t i = 0; i < columns.size(); ++i) out.lenenc_text("1");
            });
            server.end();
        };
        answer({{"a", field::long_}, {"b", field::long_}});
        answer({{"a", field::long_}, {"b", field::long_}});
        answer({{"a", field::long_}, {"c", field::long_}}); // the last differs
        answer({{"x", field::long_}, {"c", field::long_}}); // the first
        answer({{"x", field::long_}});                      // fewer
        answer({{"x", field::long_}, {"c", field::long_}}); // more
        answer({{"x", field::long_}, {"c", field::var_string}});
        answer({{"x", field::long_}, {"longer", field::var_string}});
        answer({{"x", field::long_}, {"longer", field::var_string}});
        CHECK(columns_of(server, 9) == strings{"a int32, b int32, 1|1 ", "a int32, b int32, 1|1 ",
                                               "a int32, c int32, 1|1 ", "x int32, c int32, 1|1 ", "x int32, 1 ",
                                               "x int32, c int32, 1|1 ", "x int32, c text, 1|1 ",
                                               "x int32, longer text, 1|1 ", "x int32, longer text, 1|1 "});
    }
}

TEST_CASE("Columns are remembered only when they are all there, and few", "[script]") {
    SECTION("an error among them") {
        server_script server;
        server.login().command().two_rows().command().count(2).definition("id", field::long_);
        server.error(1105, "HY000", "gave up").command().two_rows();
        server.command().count(2).definition("other", field::long_).error(1105, "HY000", "gave up");
        server.command().two_rows();
        script_session s(script_stream{server.bytes}, script_options());
        run_now(s.connect());
        for (const bool good : {true, false, true, false, true}) {
            if (!good) {
                CHECK_THROWS_AS(run_now(s.query("SELECT")), weft::error);
                continue;
            }
            run_now(s.query("SELECT"));
            CHECK(s.layout()->columns.names() == "'id', 'name'");
            CHECK(test::read_all(s) == strings{"1|one", "2|two"});
        }
    }
    SECTION("more than is kept") {
        server_script server;
        server.login();
        const std::string name(60, 'n');
        for (int i = 0; i < 3; ++i) {
            server.command().count(1000);
            for (int c = 0; c < 1000; ++c) server.definition(name + std::to_string(c), field::null);
            server.end();
        }
        for (const std::string& columns : columns_of(server, 3)) CHECK(columns.ends_with("n999 null, "));
    }
}

TEST_CASE("The last of several statements may be longer than a packet", "[script]") {
    server_script server;
    server.login().command().two_rows().command().sequence(2).two_rows();
    script_session s(script_stream{server.bytes}, script_options());
    run_now(s.connect());
    run_now(s.pipeline({"SELECT 1", "SELECT '" + std::string(protocol::max_packet_payload, 'x') + '\''}));
    for (int i = 0; i < 2; ++i) {
        REQUIRE(run_now(s.next_set()));
        CHECK(test::read_all(s) == strings{"1|one", "2|two"});
    }
    CHECK_FALSE(run_now(s.next_set()));
}
