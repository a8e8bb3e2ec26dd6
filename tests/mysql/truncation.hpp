// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/core/blob.hpp>
#include <weft/core/error.hpp>
#include <weft/mysql/protocol/wire.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>

namespace test {

// A message, read from each of its beginnings, ends in a value or in error 2027 that says what was expected.
template <class Decode>
void truncate_everywhere(const weft::blob& whole, Decode decode) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const weft::blob exact(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        try {
            static_cast<void>(decode(exact));
        } catch (const weft::operational_error& e) {
            CHECK(e.diagnostics().code == weft::mysql::protocol::client_error::malformed_packet);
            CHECK(e.diagnostics().message.find(": expected ") != std::string::npos);
        }
    }
    CHECK_NOTHROW(decode(whole));
}

} // namespace test
