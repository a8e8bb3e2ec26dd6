// SPDX-License-Identifier: BSL-1.0
#pragma once

// Bytes as hexadecimal text with spaces, and the other way round, so that tests read like dumps.

#include <weft/core/blob_text.hpp>
#include <weft/mysql/protocol/wire.hpp>

#include <string>
#include <string_view>

namespace test {

inline weft::blob hex(std::string_view text) {
    std::string digits;
    for (const char c : text) {
        if (c != ' ' && c != '\n') digits += c;
    }
    return weft::from_hex(digits);
}

// Bytes 01 02 … 14, the nonce of the published vectors.
inline weft::blob nonce() {
    return hex("0102030405060708090a0b0c0d0e0f1011121314");
}

// What `write(wire_writer)` appends.
template <class F>
weft::blob written(F&& write) {
    weft::blob out;
    write(weft::mysql::protocol::wire_writer(out));
    return out;
}

} // namespace test
