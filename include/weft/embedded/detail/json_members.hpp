// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/core/cell.hpp>
#include <weft/core/json_syntax.hpp>

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace weft::inline v0::embedded::detail {

/// Walks over the members of a JSON object or the elements of an array whose syntax has been checked.
class json_walker {
public:
    explicit json_walker(std::string_view checked) noexcept : p_(checked.data()), end_(p_ + checked.size()) {
        space();
        open_ = p_ != end_ ? *p_ : '\0';
        if (open_ == '{' || open_ == '[') ++p_;
    }

    bool is_object() const noexcept { return open_ == '{'; }
    bool is_array() const noexcept { return open_ == '['; }

    /// Moves to the next member or element; false after the last.
    bool next() noexcept {
        space();
        if (p_ == end_ || *p_ == '}' || *p_ == ']') return false;
        if (*p_ == ',') {
            ++p_;
            space();
        }
        if (open_ == '{') {
            name_ = skip();
            space();
            ++p_; // the colon
            space();
        }
        value_ = skip();
        return true;
    }

    /// The name with its quotes and escapes.
    std::string_view name() const noexcept { return name_; }
    /// The value's text.
    std::string_view value() const noexcept { return value_; }

private:
    void space() noexcept {
        while (p_ != end_ && (*p_ == ' ' || *p_ == '\n' || *p_ == '\r' || *p_ == '\t')) ++p_;
    }

    void skip_string() noexcept {
        for (++p_; p_ != end_ && *p_ != '"'; ++p_) {
            if (*p_ == '\\') ++p_;
        }
        if (p_ != end_) ++p_;
    }

    std::string_view skip() noexcept {
        const char* const from = p_;
        if (p_ != end_ && *p_ == '"') {
            skip_string();
        } else if (p_ != end_ && (*p_ == '{' || *p_ == '[')) {
            int depth = 0;
            do {
                if (*p_ == '"') {
                    skip_string();
                    continue;
                }
                if (*p_ == '{' || *p_ == '[') ++depth;
                if (*p_ == '}' || *p_ == ']') --depth;
                ++p_;
            } while (depth != 0 && p_ != end_);
        } else {
            while (p_ != end_ && *p_ != ',' && *p_ != '}' && *p_ != ']' && *p_ > ' ') ++p_;
        }
        return {from, static_cast<std::size_t>(p_ - from)};
    }

    const char* p_;
    const char* end_;
    char open_;
    std::string_view name_;
    std::string_view value_;
};

inline unsigned hex_digit(char c) noexcept {
    return static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

inline void append_code_point(std::string& out, std::uint32_t c) {
    if (c < 0x80) {
        out += static_cast<char>(c);
        return;
    }
    if (c < 0x800) {
        out += static_cast<char>(0xC0 | c >> 6);
    } else {
        if (c < 0x10000) {
            out += static_cast<char>(0xE0 | c >> 12);
        } else {
            out += static_cast<char>(0xF0 | c >> 18);
            out += static_cast<char>(0x80 | (c >> 12 & 63));
        }
        out += static_cast<char>(0x80 | (c >> 6 & 63));
    }
    out += static_cast<char>(0x80 | (c & 63));
}

/// Appends the text of a JSON string, whose syntax has been checked, without quotes and escapes. Half a surrogate pair
/// becomes U+FFFD.
inline void append_unquoted(std::string& out, std::string_view quoted) {
    const auto unit = [&](std::size_t at) {
        return hex_digit(quoted[at]) << 12 | hex_digit(quoted[at + 1]) << 8 | hex_digit(quoted[at + 2]) << 4 |
               hex_digit(quoted[at + 3]);
    };
    for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
        if (quoted[i] != '\\') {
            out += quoted[i];
            continue;
        }
        switch (quoted[++i]) {
        case 'b': out += '\b'; break;
        case 'f': out += '\f'; break;
        case 'n': out += '\n'; break;
        case 'r': out += '\r'; break;
        case 't': out += '\t'; break;
        case 'u': {
            std::uint32_t c = unit(i + 1);
            i += 4;
            const bool high = c >= 0xD800 && c < 0xDC00;
            if (high && i + 6 < quoted.size() && quoted[i + 1] == '\\' && quoted[i + 2] == 'u' &&
                unit(i + 3) >= 0xDC00 && unit(i + 3) < 0xE000) {
                c = 0x10000 + ((c - 0xD800) << 10) + (unit(i + 3) - 0xDC00);
                i += 6;
            } else if (c >= 0xD800 && c < 0xE000) {
                c = 0xFFFD;
            }
            append_code_point(out, c);
            break;
        }
        default: out += quoted[i]; break;
        }
    }
}

/// Whether the text of a JSON string, given with quotes and escapes, is `text`.
inline bool is_name(std::string_view quoted, std::string_view text) {
    if (quoted.find('\\') == std::string_view::npos) return quoted.substr(1, quoted.size() - 2) == text;
    std::string plain;
    append_unquoted(plain, quoted);
    return plain == text;
}

/// A JSON value as a cell: integers that fit, other numbers as doubles, objects and arrays as JSON. Text without its
/// escapes goes into `storage` where it has any; else the cell views `json`.
inline cell json_cell(std::string_view json, std::string& storage) {
    switch (json.empty() ? 'n' : json.front()) {
    case 'n': return {};
    case 't': return cell(true);
    case 'f': return cell(false);
    case '{':
    case '[': return cell::of_json(json);
    case '"':
        if (json.find('\\') == std::string_view::npos) return cell::of_text(json.substr(1, json.size() - 2));
        storage.clear();
        append_unquoted(storage, json);
        return cell::of_text(storage);
    default: break;
    }
    const char* const end = json.data() + json.size();
    if (json.find_first_of(".eE") == std::string_view::npos) {
        std::int64_t i = 0;
        if (const auto r = std::from_chars(json.data(), end, i); r.ec == std::errc() && r.ptr == end) return cell(i);
        std::uint64_t u = 0;
        if (const auto r = std::from_chars(json.data(), end, u); r.ec == std::errc() && r.ptr == end) return cell(u);
    }
    double d = 0;
    const auto r = std::from_chars(json.data(), end, d);
    if (r.ec == std::errc()) return cell(d);
    // Too large or too small for a double; the text says which.
    const std::size_t e = json.find_first_of("eE");
    const bool tiny = e != std::string_view::npos && e + 1 < json.size() && json[e + 1] == '-';
    if (tiny) return cell(json.front() == '-' ? -0.0 : 0.0);
    return cell::of_json(json);
}

} // namespace weft::inline v0::embedded::detail
