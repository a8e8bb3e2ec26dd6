// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Reading JSON in place: walks over the members of an object or the elements of an array, and takes values as cells.

#include <weft/core/cell.hpp>
#include <weft/core/utf8.hpp>

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace weft::inline v0 {

/// The members of a JSON object or the elements of an array, in the order of the text and without building anything.
/// What it shows are views of that text, whose syntax must have been checked (`is_valid_json`).
///
///     for (json_members m(text); m.next();) use(m.name(), m.value());
class json_members {
public:
    explicit json_members(std::string_view checked) noexcept : p_(checked.data()), end_(p_ + checked.size()) {
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

namespace detail {

/// The value of four hexadecimal digits, which have been checked.
inline std::uint32_t json_code_unit(const char* digits) noexcept {
    std::uint32_t code = 0;
    std::from_chars(digits, digits + 4, code, 16);
    return code;
}

} // namespace detail

/// Appends what a JSON string says, given with its quotes and escapes. Half a surrogate pair becomes U+FFFD.
inline void append_unquoted_json(std::string& out, std::string_view quoted) {
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
            char32_t c = detail::json_code_unit(&quoted[i + 1]);
            i += 4;
            if (c >= 0xD800 && c < 0xE000) {
                const bool pair = c < 0xDC00 && quoted.substr(i + 1, 2) == "\\u";
                const char32_t low = pair ? detail::json_code_unit(&quoted[i + 3]) : 0;
                const bool whole = low >= 0xDC00 && low < 0xE000;
                c = whole ? 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00) : 0xFFFD;
                if (whole) i += 6;
            }
            append_utf8(out, c);
            break;
        }
        default: out += quoted[i]; break;
        }
    }
}

/// Whether a JSON string, given with its quotes and escapes, says `text`.
inline bool is_json_string(std::string_view quoted, std::string_view text) {
    if (quoted.find('\\') == std::string_view::npos) return quoted.substr(1, quoted.size() - 2) == text;
    std::string plain;
    append_unquoted_json(plain, quoted);
    return plain == text;
}

/// A JSON value as a cell: integers that fit, other numbers as doubles, objects and arrays as JSON. Text without its
/// escapes goes into `storage` where it has any; else the cell views `json`. The syntax must have been checked.
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
        append_unquoted_json(storage, json);
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

} // namespace weft::inline v0
