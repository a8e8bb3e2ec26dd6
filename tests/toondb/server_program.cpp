// SPDX-License-Identifier: BSL-1.0
// examples/toondb_server.cpp as the program that it is.
#ifdef WEFT_TOONDB_SERVER_PROGRAM

#include <weft/testing/child_process.hpp>
#include <weft/testing/temporary_directory.hpp>
#include <weft/toondb/ipc_client.hpp>

#include <catch2/catch_test_macros.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

using weft::testing::child_process;
using weft::toondb::ipc_client;

child_process server(std::vector<std::string> arguments, const std::string& output = "/dev/null") {
    arguments.insert(arguments.begin(), WEFT_TOONDB_SERVER_PROGRAM);
    return child_process(std::move(arguments), output);
}

/// Connects as soon as it can, within 20 seconds.
ipc_client client_of(const std::string& socket) {
    for (int i = 0;; ++i) {
        try {
            return ipc_client(socket);
        } catch (const weft::toondb::connection_error&) {
            if (i == 2000) throw;
            weft::testing::detail::sleep_ms(10);
        }
    }
}

std::string content(const std::string& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

} // namespace

TEST_CASE("the server program serves, survives a kill, and ends with a signal") {
    const weft::testing::temporary_directory directory;
    const std::string data = directory / "data";
    const std::string socket = data + "/toondb.sock";
    {
        child_process first = server({"--db", data});
        ipc_client c = client_of(socket);
        c.put("k", "v");
        c.checkpoint();
        first.kill();
        CHECK_THROWS_AS(c.get("k"), weft::toondb::connection_error);
        CHECK_FALSE(c.is_open());
    }
    REQUIRE(std::filesystem::exists(socket)); // nobody listens on it
    const std::string log = directory / "log";
    child_process second = server({"-d", data, "--max-clients", "1", "--timeout-ms=60000"}, log);
    ipc_client c = client_of(socket);
    CHECK(c.get("k") == "v");
    CHECK_THROWS_AS(ipc_client(socket).ping(), weft::toondb::connection_error); // one too many
    child_process third = server({"-d", data});
    REQUIRE(third.wait(20'000));
    CHECK(third.exit_code() == 1); // somebody listens there
    second.signal(SIGINT);
    REQUIRE(second.wait(20'000));
    CHECK(second.exit_code() == 0);
    CHECK_FALSE(std::filesystem::exists(socket));
    const std::string refused = "warn: connection refused: 1 clients are connected\n"; // the client, the third server
    CHECK(content(log) == "info: listening on " + socket + '\n' + refused + refused + "info: stopped\n");
}

TEST_CASE("the server program says what is wrong with its command line or its directory") {
    const weft::testing::temporary_directory directory;
    const auto status = [&](std::vector<std::string> arguments) {
        child_process program = server(std::move(arguments));
        REQUIRE(program.wait(20'000));
        return program.exit_code();
    };
    CHECK(status({"--help"}) == 0);
    CHECK(status({"--nonsense", "1"}) == 2);
    CHECK(status({"--max-clients", "many"}) == 2);
    CHECK(status({"--db"}) == 2);
    std::ofstream(directory / "file") << "no directory";
    CHECK(status({"--db", directory / "file"}) == 1);
    CHECK(status({"--db", directory / "data", "--socket", directory / "missing/x.sock"}) == 1);
    CHECK(status({"--db", directory / "data", "--socket", directory / "file"}) == 1);
}

#endif
