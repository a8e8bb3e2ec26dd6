// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The two primitives every JSON writer needs: a string and a number.

#include <weft/core/detail/text.hpp>
#include <weft/core/utf8.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace weft::inline v0 {

namespace detail {

/// Whether one of the eight bytes needs a look when it stands inside a JSON string: a control character, a quote, a
/// backslash, or a byte that is not ASCII.
constexpr bool needs_look(std::uint64_t word) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101U;
    constexpr std::uint64_t high = 0x8080808080808080U;
    const std::uint64_t quote = word ^ (ones * '"');
    const std::uint64_t backslash = word ^ (ones * '\\');
    // Exact for the lowest byte that matches, which is all the question needs.
    return (((word - ones * 0x20) | (quote - ones) | (backslash - ones) | word) & high) != 0;
}

/// The first byte at or after `p` that a JSON string cannot hold as it is or that starts a UTF-8 sequence.
inline const char* skip_plain(const char* p, const char* end) noexcept {
    for (; end - p >= 8; p += 8) {
        std::uint64_t word;
        std::memcpy(&word, p, 8);
        if (needs_look(word)) break;
    }
    for (; p != end; ++p) {
        const auto c = static_cast<unsigned char>(*p);
        if (c < 0x20 || c == '"' || c == '\\' || c >= 0x80) break;
    }
    return p;
}

} // namespace detail

/// Appends the text as a JSON string: quoted, with `"`, `\` and control characters escaped and everything else as it
/// is.
/// \throws data_error when the text is not valid UTF-8, naming the offset; `out` is then as before.
inline void append_json_string(std::string& out, std::string_view text) {
    const std::size_t before = out.size();
    out += '"';
    const char* p = text.data();
    const char* const end = p + text.size();
    const char* run = p;
    while ((p = detail::skip_plain(p, end)) != end) {
        const auto c = static_cast<unsigned char>(*p);
        if (c >= 0x80) {
            const std::size_t length = detail::utf8_length(p, end);
            if (length == 0) {
                out.resize(before);
                throw data_error("cannot write " + detail::in_quotes(text) + " as JSON: expected valid UTF-8 at byte " +
                                 std::to_string(p - text.data()));
            }
            p += length;
            continue;
        }
        out.append(run, p);
        run = ++p;
        switch (c) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\b': out += "\\b"; break;
        case '\f': out += "\\f"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        default: {
            constexpr char digits[] = "0123456789abcdef";
            const char escape[] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};
            out.append(escape, sizeof escape);
        }
        }
    }
    out.append(run, end);
    out += '"';
}

/// Appends the shortest number that reads back as the same double; `null` for NaN and the infinities, which JSON lacks.
inline void append_json_number(std::string& out, double value) {
    if (value - value != 0) {
        out += "null";
        return;
    }
    char text[32];
    out.append(text, std::to_chars(text, text + sizeof text, value).ptr);
}

} // namespace weft::inline v0
