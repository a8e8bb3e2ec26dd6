// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `child_process`: a program that a test starts and that ends with the test, however that ends. POSIX only.

#include <weft/core/error.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

namespace weft::inline v0::testing {

namespace detail {

/// Milliseconds of a clock that only goes forward.
inline long long monotonic_ms() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<long long>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

inline void sleep_ms(int milliseconds) noexcept {
    ::poll(nullptr, 0, milliseconds);
}

/// What the new process does before it is the program. Only calls that are safe after fork in a program with threads.
/// On failure the reason goes to `report`, which a successful exec closes.
[[noreturn]] inline void become(char* const* command, const char* output, int report, [[maybe_unused]] pid_t parent) {
    const auto fail = [&] {
        const int reason = errno;
        [[maybe_unused]] const ssize_t told = ::write(report, &reason, sizeof reason);
        ::_exit(127);
    };
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::setpgid(0, 0); // Ctrl-C is for the test, which then ends us
    const int in = ::open("/dev/null", O_RDONLY);
    const int out = ::open(output, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (in < 0 || out < 0) fail();
    if (::dup2(in, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(out, 2) < 0) fail();
    if (::dup2(report, 3) < 0 || ::fcntl(3, F_SETFD, FD_CLOEXEC) < 0) fail();
    report = 3;
#ifdef __linux__
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) fail();
    if (::getppid() != parent) ::_exit(127); // it died before the line above
    ::syscall(SYS_close_range, 4U, ~0U, 0U); // an inherited socket would keep the test's connections open
#endif
    ::execv(command[0], command);
    fail();
    ::_exit(127);
}

} // namespace detail

/// A running program. Destroying the object kills it with SIGKILL. On Linux it is also killed when the thread that
/// started it ends, so a test that dies leaves nothing behind. It inherits the environment, no open files, and reads
/// nothing. Move-only; a default-constructed or moved-from object has no process.
class child_process {
public:
    child_process() = default;

    /// Starts `command`: the path of a program and its arguments. What it writes is appended to the file `output`.
    /// \throws operational_error when the program cannot be executed.
    explicit child_process(std::vector<std::string> command, const std::string& output = "/dev/null") {
        if (command.empty()) throw interface_error("a child process needs a program");
        std::vector<char*> words;
        words.reserve(command.size() + 1);
        for (std::string& word : command) words.push_back(word.data());
        words.push_back(nullptr);

        int report[2];
        if (::pipe(report) != 0) fail("cannot make a pipe for", command[0], errno);
        ::fcntl(report[0], F_SETFD, FD_CLOEXEC);
        ::fcntl(report[1], F_SETFD, FD_CLOEXEC);
        const pid_t self = ::getpid();
        id_ = ::fork();
        if (id_ == 0) detail::become(words.data(), output.c_str(), report[1], self);
        const int fork_error = errno;
        ::close(report[1]);
        int reason = 0;
        ssize_t got = 0;
        if (id_ > 0) {
            while ((got = ::read(report[0], &reason, sizeof reason)) < 0 && errno == EINTR) {}
        }
        ::close(report[0]);
        if (id_ < 0) fail("cannot make a process for", command[0], fork_error);
        if (got > 0) {
            reap(0);
            fail("cannot execute", command[0], reason);
        }
    }

    child_process(child_process&& other) noexcept
        : id_(std::exchange(other.id_, -1)), status_(std::exchange(other.status_, 0)) {}
    child_process& operator=(child_process&& other) noexcept {
        if (this != &other) {
            kill();
            id_ = std::exchange(other.id_, -1);
            status_ = std::exchange(other.status_, 0);
        }
        return *this;
    }
    ~child_process() { kill(); }

    /// The process id, or -1 when there is no process (any more).
    pid_t id() const noexcept { return id_; }

    /// Whether the process has not ended.
    bool running() noexcept { return id_ > 0 && !reap(WNOHANG); }

    /// Sends a signal, if the process is running.
    void signal(int number) noexcept {
        if (running()) ::kill(id_, number);
    }

    /// Waits at most `limit_ms` milliseconds for the end; whether it came.
    bool wait(int limit_ms) noexcept {
        const long long deadline = detail::monotonic_ms() + limit_ms;
        while (running()) {
            if (detail::monotonic_ms() >= deadline) return false;
            detail::sleep_ms(5);
        }
        return true;
    }

    /// Ends the process with SIGKILL and waits until it is gone.
    void kill() noexcept {
        if (!running()) return;
        ::kill(id_, SIGKILL);
        reap(0);
    }

    /// How an ended process ended: its exit code, or 128 and the number of the signal that killed it, as shells say.
    int exit_code() const noexcept { return WIFSIGNALED(status_) ? 128 + WTERMSIG(status_) : WEXITSTATUS(status_); }

private:
    [[noreturn]] static void fail(const char* what, const std::string& program, int reason) {
        throw operational_error(std::string(what) + " '" + program + "': " + std::strerror(reason));
    }

    bool reap(int flags) noexcept {
        int status = 0;
        pid_t ended = 0;
        while ((ended = ::waitpid(id_, &status, flags)) < 0 && errno == EINTR) {}
        if (ended == 0) return false;
        status_ = ended > 0 ? status : 0; // negative: somebody else has waited for all children
        id_ = -1;
        return true;
    }

    pid_t id_ = -1;
    int status_ = 0;
};

} // namespace weft::inline v0::testing
