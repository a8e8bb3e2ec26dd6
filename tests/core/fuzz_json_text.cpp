// SPDX-License-Identifier: BSL-1.0
// Any text: the checker and the parser agree, an accepted document stays accepted inside an array and refused when it
// is cut, and any UTF-8 text is written as a JSON string that is valid and unescapes to the same text.
#include <weft/core/json_text.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

// Undoes the escapes `append_json_string` writes.
std::string unescape(std::string_view quoted) {
    std::string out;
    const std::string_view body = quoted.substr(1, quoted.size() - 2);
    for (std::size_t i = 0; i < body.size(); ++i) {
        if (body[i] != '\\') {
            out += body[i];
            continue;
        }
        switch (body[++i]) {
        case 'b': out += '\b'; break;
        case 'f': out += '\f'; break;
        case 'n': out += '\n'; break;
        case 'r': out += '\r'; break;
        case 't': out += '\t'; break;
        case 'u':
            out += static_cast<char>(std::stoi(std::string(body.substr(i + 1, 4)), nullptr, 16));
            i += 4;
            break;
        default: out += body[i];
        }
    }
    return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const bool valid = weft::is_valid_json(text);
    try {
        require(weft::json_text::parse(text).view() == text && valid);
    } catch (const weft::data_error&) {
        require(!valid);
    }
    if (valid) {
        require(weft::is_valid_utf8(text));
        require(!weft::is_valid_json(std::string(text) + ","));
        require(!weft::is_valid_json("[" + std::string(text)));
        int depth = 0;
        for (const char c : text) depth += c == '[' || c == '{' ? 1 : 0; // an upper bound of the nesting
        if (depth < 1023) require(weft::is_valid_json("[" + std::string(text) + "," + std::string(text) + "]"));
    }
    std::string out = "x";
    try {
        weft::append_json_string(out, text);
        require(weft::is_valid_utf8(text));
        const std::string_view written = std::string_view(out).substr(1);
        require(weft::is_valid_json(written));
        require(unescape(written) == text);
    } catch (const weft::data_error&) {
        require(out == "x");
        require(!weft::is_valid_utf8(text));
    }
    return 0;
}
