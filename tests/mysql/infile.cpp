// SPDX-License-Identifier: BSL-1.0
// LOAD DATA LOCAL INFILE on real servers: data of the program's, files below a directory, and nothing else.
#include <weft/testing/temporary_directory.hpp>

#include "../message_of.hpp"
#include "servers.hpp"

#include <catch2/catch_test_macros.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace mysql = weft::mysql;
using test::code_of;
using test::each_server;
using test::options_of;
using test::scratch;

namespace {

constexpr const char* load = "LOAD DATA LOCAL INFILE 'the data' INTO TABLE t FIELDS TERMINATED BY ','";

mysql::connect_options with_infile(const std::string& server) {
    mysql::connect_options options = options_of(server);
    options.local_infile = true;
    return options;
}

struct table : scratch {
    explicit table(const mysql::connect_options& options) : scratch(options) {
        db.execute("CREATE TABLE t (a int, b varchar(100))");
    }
    std::int64_t count() { return db.query_value<std::int64_t>("SELECT count(*) FROM t"); }
};

} // namespace

TEST_CASE("Data of the program is loaded from memory and from a callable", "[infile]") {
    table on(with_infile(each_server()));
    mysql::infile_text text("1,one\n2,two\n3,three\n");
    CHECK(on.db.load_local(load, text) == 3);
    CHECK(on.count() == 3);
    mysql::infile_text nothing("");
    CHECK(on.db.load_local(load, nothing) == 0);

    int left = 50'000; // 22,749 rows and more, many packets
    mysql::infile_from rows([&](std::span<std::byte> into) {
        std::string piece;
        while (left > 0 && piece.size() + 40 < into.size()) piece += std::to_string(left--) + ",a row of the program\n";
        std::memcpy(into.data(), piece.data(), piece.size());
        return piece.size();
    });
    CHECK(on.db.load_local(load, rows) == 50'000);
    CHECK(on.count() == 50'003);
    CHECK(on.db.query_value<std::int64_t>("SELECT sum(a) FROM t") == 6 + 50'000LL * 50'001 / 2);
}

TEST_CASE("A source that fails ends the statement with its error, and the connection goes on", "[infile]") {
    table on(with_infile(each_server()));
    on.db.execute("ALTER TABLE t ENGINE = InnoDB");
    int calls = 0;
    mysql::infile_from failing([&](std::span<std::byte> into) -> std::size_t {
        if (++calls == 2) throw weft::data_error("the source broke");
        std::memcpy(into.data(), "1,one\n", 6);
        return 6;
    });
    CHECK(message_of<weft::data_error>([&] { return on.db.load_local(load, failing); }).find("the source broke") !=
          std::string::npos);
    CHECK(on.db.query_value<int>("SELECT 4") == 4);
    mysql::infile_text text("5,five\n");
    CHECK(on.db.load_local(load, text) == 1);
}

TEST_CASE("Files are sent only from below the directory that is named", "[infile]") {
    const std::string server = each_server();
    weft::testing::temporary_directory directory;
    const std::filesystem::path allowed = directory.path() / "allowed";
    std::filesystem::create_directory(allowed);
    std::ofstream(allowed / "rows.csv") << "1,one\n2,two\n";
    std::ofstream(directory.path() / "secret.csv") << "9,secret\n";
    std::filesystem::create_symlink(directory.path() / "secret.csv", allowed / "link.csv");
    mysql::connect_options options = with_infile(server);
    options.infile_directory = allowed.string();
    table on(options);
    const auto load_file = [&](const std::string& name) {
        return on.db.execute("LOAD DATA LOCAL INFILE " + on.db.quote(name) + " INTO TABLE t FIELDS TERMINATED BY ','");
    };
    CHECK(load_file((allowed / "rows.csv").string()) == 2);
    CHECK_THROWS_AS(load_file((directory.path() / "secret.csv").string()), weft::not_supported_error);
    CHECK_THROWS_AS(load_file((allowed / ".." / "secret.csv").string()), weft::not_supported_error);
    CHECK_THROWS_AS(load_file((allowed / "link.csv").string()), weft::not_supported_error);
    CHECK_THROWS_AS(load_file("/etc/passwd"), weft::not_supported_error);
    CHECK(code_of([&] { return load_file((allowed / "missing.csv").string()); }) == 1017);
    CHECK_THROWS_AS(load_file(allowed.string()), weft::not_supported_error);
    CHECK(on.count() == 2);
    CHECK(on.db.query_value<int>("SELECT 4") == 4);
}

TEST_CASE("Without local_infile nothing is sent", "[infile]") {
    table on(options_of(each_server()));
    CHECK(code_of([&] { return on.db.execute("LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t"); }) != 0);
    CHECK(on.count() == 0);
}

TEST_CASE("The server's complaints about the data arrive", "[infile]") {
    mysql::connect_options options = with_infile(each_server());
    options.multi_statements = true;
    table on(options);
    mysql::infile_text odd("1,one\nx,two\n3\n");
    on.db.load_local(load, odd);
    CHECK_FALSE(on.db.query_value<int>("SELECT 1") == 0);
    mysql::infile_text text("7,seven\n");
    CHECK(code_of([&] { return on.db.load_local("LOAD DATA LOCAL INFILE 'x' INTO TABLE nowhere", text); }) == 1146);
    mysql::infile_text again("7,seven\n");
    CHECK(on.db.load_local(std::string(load) + "; SELECT 1; UPDATE t SET b = 'new' WHERE a = 7", again) == 2);
}
