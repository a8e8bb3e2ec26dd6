// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>

/// What an `Error` that `call` throws says; `no error` when it throws none.
template <class Error>
std::string message_of(auto&& call) {
    try {
        (void)call();
    } catch (const Error& e) {
        return e.what();
    }
    return "no error";
}
