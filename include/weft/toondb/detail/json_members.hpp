// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/core/cell.hpp>
#include <weft/core/json_syntax.hpp>

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace weft::inline v0::toondb::detail {

/// The members of a JSON object, one after the other: names without escapes, values as cells (nested ones as their
/// text).
class json_members {
public:
    /// `text` must be valid JSON.
    explicit json_members(std::string_view text) noexcept : rest_(text) {
        space();
        object_ = !rest_.empty() && rest_.front() == '{';
        if (object_) rest_.remove_prefix(1);
    }

    bool is_object() const noexcept { return object_; }

    /// The next member, until the next call; false after the last.
    bool next(std::string_view& name, cell& value) {
        space();
        if (rest_.empty() || rest_.front() == '}') return false;
        if (rest_.front() == ',') rest_.remove_prefix(1);
        space();
        name_.clear();
        append_unquoted(name_, take());
        space();
        rest_.remove_prefix(1); // the colon
        space();
        name = name_;
        value = cell_of(take());
        return true;
    }

private:
    void space() noexcept {
        while (!rest_.empty() &&
               (rest_.front() == ' ' || rest_.front() == '\n' || rest_.front() == '\r' || rest_.front() == '\t'))
            rest_.remove_prefix(1);
    }

    static std::size_t string_end(std::string_view text, std::size_t at) noexcept {
        for (++at; at < text.size() && text[at] != '"'; ++at) {
            if (text[at] == '\\') ++at;
        }
        return at + 1;
    }

    /// One value or name with its quotes.
    std::string_view take() noexcept {
        std::size_t end = 0;
        int depth = 0;
        do {
            const char c = end < rest_.size() ? rest_[end] : '}';
            if (c == '"') {
                end = string_end(rest_, end);
            } else if (c == '{' || c == '[') {
                ++depth;
                ++end;
            } else if (c == '}' || c == ']') {
                --depth;
                ++end;
            } else if (depth != 0) {
                ++end;
            } else {
                end = rest_.find_first_of(",}] \t\r\n");
            }
        } while (depth > 0 && end < rest_.size());
        const std::string_view taken = rest_.substr(0, end);
        rest_.remove_prefix(taken.size());
        return taken;
    }

    cell cell_of(std::string_view text) {
        switch (text.empty() ? 'n' : text.front()) {
        case 'n': return {};
        case 't': return cell(true);
        case 'f': return cell(false);
        case '"':
            text_.clear();
            append_unquoted(text_, text);
            return cell::of_text(text_);
        case '{':
        case '[': return cell::of_json(text);
        default: return number(text);
        }
    }

    static cell number(std::string_view text) noexcept {
        const char* const end = text.data() + text.size();
        if (text.find_first_of(".eE") == std::string_view::npos) {
            std::int64_t whole = 0;
            if (std::from_chars(text.data(), end, whole).ec == std::errc()) return cell(whole);
            std::uint64_t natural = 0;
            if (std::from_chars(text.data(), end, natural).ec == std::errc()) return cell(natural);
        }
        double real = 0;
        if (std::from_chars(text.data(), end, real).ec != std::errc()) return cell::of_json(text); // too large for one
        return cell(real);
    }

    static std::uint32_t unit(std::string_view text, std::size_t at) noexcept {
        std::uint32_t code = 0;
        std::from_chars(text.data() + at, text.data() + at + 4, code, 16);
        return code;
    }

    static void append_code_point(std::string& out, std::uint32_t c) {
        const auto tail = [](std::uint32_t bits) { return static_cast<char>(0x80 | (bits & 63)); };
        if (c < 0x80) {
            out += static_cast<char>(c);
        } else if (c < 0x800) {
            out += static_cast<char>(0xC0 | c >> 6);
            out += tail(c);
        } else if (c < 0x10000) {
            out += static_cast<char>(0xE0 | c >> 12);
            out += tail(c >> 6);
            out += tail(c);
        } else {
            out += static_cast<char>(0xF0 | c >> 18);
            out += tail(c >> 12);
            out += tail(c >> 6);
            out += tail(c);
        }
    }

    /// Half a surrogate pair becomes U+FFFD.
    static void append_unquoted(std::string& out, std::string_view quoted) {
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
                std::uint32_t code = unit(quoted, i + 1);
                i += 4;
                if (code >= 0xD800 && code < 0xE000) {
                    const bool pair = code < 0xDC00 && quoted.substr(i + 1, 2) == "\\u";
                    const std::uint32_t low = pair ? unit(quoted, i + 3) : 0;
                    if (low >= 0xDC00 && low < 0xE000) {
                        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
                        i += 6;
                    } else {
                        code = 0xFFFD;
                    }
                }
                append_code_point(out, code);
                break;
            }
            default: out += quoted[i];
            }
        }
    }

    std::string_view rest_;
    std::string name_;
    std::string text_;
    bool object_ = false;
};

} // namespace weft::inline v0::toondb::detail
