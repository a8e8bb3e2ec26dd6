// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <string>

/// What a function says in a process of its own, which may limit itself, drop privileges or die: the text it returns,
/// or `died of signal 9` and the like.
inline std::string in_child(auto&& function) {
    int ends[2];
    if (pipe(ends) != 0) return "no pipe";
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child < 0) return "no process";
    if (child == 0) {
        std::string said;
        try {
            said = function();
        } catch (const std::exception& e) {
            said = std::string("threw ") + e.what();
        }
        std::size_t written = 0;
        while (written < said.size()) {
            const ssize_t n = write(ends[1], said.data() + written, said.size() - written);
            if (n <= 0) break;
            written += static_cast<std::size_t>(n);
        }
        _exit(0);
    }
    close(ends[1]);
    std::string said;
    char buffer[4096];
    for (ssize_t n = 0; (n = read(ends[0], buffer, sizeof buffer)) > 0;)
        said.append(buffer, static_cast<std::size_t>(n));
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) said += "died of signal " + std::to_string(WTERMSIG(status));
    return said;
}
