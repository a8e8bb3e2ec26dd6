// SPDX-License-Identifier: BSL-1.0

#include <weft/testing.hpp>

#include <catch2/catch_test_macros.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

using weft::testing::child_process;
using weft::testing::temporary_directory;

namespace {

std::string read_file(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

// Whether a process that is nobody's child here is gone within two seconds. A zombie is gone.
bool vanishes(pid_t id) {
    for (int i = 0; i < 400; ++i) {
        const std::string stat = read_file("/proc/" + std::to_string(id) + "/stat");
        if (stat.empty() || stat.find(") Z ") != std::string::npos) return true;
        weft::testing::detail::sleep_ms(5);
    }
    return false;
}

} // namespace

TEST_CASE("a child process writes to its file and ends with a code") {
    temporary_directory directory;
    const std::string output = directory / "output";
    for (const char* word : {"one", "two"}) {
        child_process child({"/bin/sh", "-c", "echo $0; echo error >&2; exit 3", word}, output);
        CHECK(child.wait(10'000));
        CHECK(child.exit_code() == 3);
        CHECK_FALSE(child.running());
        CHECK(child.id() == -1);
    }
    CHECK(read_file(output) == "one\nerror\ntwo\nerror\n");
}

TEST_CASE("a program that cannot be executed is named with the reason") {
    const auto message = [](std::vector<std::string> command, const std::string& output) -> std::string {
        try {
            child_process child(std::move(command), output);
        } catch (const weft::error& e) {
            return e.what();
        }
        return "no error";
    };
    CHECK(message({"/no/such/program"}, "/dev/null") == "cannot execute '/no/such/program': No such file or directory");
    CHECK(message({"/bin/true"}, "/no/such/place") == "cannot execute '/bin/true': No such file or directory");
    CHECK(message({}, "/dev/null") == "a child process needs a program");
}

TEST_CASE("a child process is killed by its owner's end, and can be moved and signalled") {
    pid_t id = -1;
    {
        child_process first({"/bin/sleep", "1000"});
        CHECK_FALSE(first.wait(20));
        id = first.id();
        child_process second = std::move(first);
        CHECK(first.id() == -1);
        CHECK(second.id() == id);
        CHECK(second.running());
        child_process third({"/bin/sleep", "1000"});
        const pid_t replaced = third.id();
        third = std::move(second);
        CHECK(::kill(replaced, 0) == -1);
        CHECK(third.running());
    }
    CHECK(::kill(id, 0) == -1);

    child_process child({"/bin/sleep", "1000"});
    child.signal(SIGTERM);
    CHECK(child.wait(10'000));
    CHECK(child.exit_code() == 128 + SIGTERM);
    child.kill();
    child.signal(SIGTERM);
    CHECK(child_process().id() == -1);
}

TEST_CASE("a child process dies with a test that is killed") {
    temporary_directory directory;
    const std::string note = directory / "id";
    const pid_t test = ::fork();
    REQUIRE(test >= 0);
    if (test == 0) {
        const child_process child({"/bin/sleep", "1000"});
        std::ofstream(note) << child.id() << std::flush;
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    REQUIRE(::waitpid(test, &status, 0) == test);
    CHECK(WIFSIGNALED(status));
    const pid_t grandchild = std::stoi(read_file(note));
    CHECK(vanishes(grandchild));
}

TEST_CASE("a child process inherits no open files") {
    temporary_directory directory;
    int ends[2];
    REQUIRE(::pipe(ends) == 0);                                                           // without close-on-exec
    child_process child({"/bin/sh", "-c", "ls /proc/$$/fd; true"}, directory / "output"); // no pipe of the shell's own
    CHECK(child.wait(10'000));
    std::string open = read_file(directory / "output");
    for (char& c : open) c = c == '\n' ? ' ' : c;
    CHECK(open.starts_with("0 1 2 "));
    for (const int end : ends) {
        CHECK((' ' + open).find(' ' + std::to_string(end) + ' ') == std::string::npos);
        ::close(end);
    }
}
