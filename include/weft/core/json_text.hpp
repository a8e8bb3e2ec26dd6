// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// JSON as a value type distinct from text, a checker of its syntax (RFC 8259), and the two primitives every JSON
/// writer needs. Nothing here builds a document.

#include <weft/core/detail/text.hpp>
#include <weft/core/utf8.hpp>

#include <array>
#include <charconv>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

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

/// Checks JSON syntax without recursion. What is open is kept as one bit a level: object or array.
class json_checker {
public:
    static constexpr int max_depth = 1024;

    explicit json_checker(std::string_view text) noexcept
        : begin_(text.data()), p_(begin_), end_(begin_ + text.size()) {}

    /// Offset of the first byte that breaks the syntax (the length when the text ends too early), or `npos`.
    std::size_t run() noexcept { return document() ? std::string_view::npos : static_cast<std::size_t>(p_ - begin_); }

    /// What was expected at that offset.
    const char* expected() const noexcept { return expected_; }

private:
    bool fail(const char* expected) noexcept {
        expected_ = expected;
        return false;
    }

    void space() noexcept {
        while (p_ != end_ && (*p_ == ' ' || *p_ == '\n' || *p_ == '\r' || *p_ == '\t')) ++p_;
    }

    bool at(char c) const noexcept { return p_ != end_ && *p_ == c; }

    bool in_object() const noexcept { return (open_[index()] >> (static_cast<unsigned>(depth_ - 1) % 64) & 1) != 0; }

    std::size_t index() const noexcept { return static_cast<std::size_t>(depth_ - 1) / 64; }

    bool push(bool object) noexcept {
        if (depth_ == max_depth) return fail("at most 1024 levels of nesting");
        ++depth_;
        const std::uint64_t bit = std::uint64_t{1} << (static_cast<unsigned>(depth_ - 1) % 64);
        open_[index()] = object ? open_[index()] | bit : open_[index()] & ~bit;
        ++p_;
        return true;
    }

    bool document() noexcept {
        for (;;) { // one round for each value
            space();
            if (at('{')) {
                if (!push(true)) return false;
                space();
                if (!at('}')) {
                    if (!key()) return false;
                    continue;
                }
            } else if (at('[')) {
                if (!push(false)) return false;
                space();
                if (!at(']')) continue;
            } else if (!scalar()) {
                return false;
            }
            for (;;) { // after a value: what it ends
                space();
                if (depth_ == 0) return p_ == end_ || fail("the end of the text");
                const bool object = in_object();
                if (at(object ? '}' : ']')) {
                    ++p_;
                    --depth_;
                    continue;
                }
                if (!at(',')) return fail(object ? "',' or '}'" : "',' or ']'");
                ++p_;
                space();
                if (object && !key()) return false;
                break;
            }
        }
    }

    bool key() noexcept {
        if (!at('"')) return fail("a name in double quotes");
        if (!string()) return false;
        space();
        if (!at(':')) return fail("':'");
        ++p_;
        return true;
    }

    bool scalar() noexcept {
        if (p_ == end_) return fail("a value");
        switch (*p_) {
        case '"': return string();
        case 't': return word("true");
        case 'f': return word("false");
        case 'n': return word("null");
        default: return number();
        }
    }

    bool word(std::string_view text) noexcept {
        for (const char c : text) {
            if (!at(c)) return fail("true, false or null");
            ++p_;
        }
        return true;
    }

    bool digits() noexcept {
        if (p_ == end_ || !is_digit(*p_)) return fail("a digit");
        while (p_ != end_ && is_digit(*p_)) ++p_;
        return true;
    }

    bool number() noexcept {
        const bool negative = at('-');
        if (negative) ++p_;
        if (p_ == end_ || !is_digit(*p_)) return fail(negative ? "a digit" : "a value");
        if (*p_ == '0') {
            ++p_;
        } else {
            digits();
        }
        if (at('.')) {
            ++p_;
            if (!digits()) return false;
        }
        if (at('e') || at('E')) {
            ++p_;
            if (at('+') || at('-')) ++p_;
            if (!digits()) return false;
        }
        return true;
    }

    bool string() noexcept {
        ++p_;
        for (;;) {
            p_ = skip_plain(p_, end_);
            if (p_ == end_) return fail("the closing quote of a string");
            const auto c = static_cast<unsigned char>(*p_);
            if (c == '"') {
                ++p_;
                return true;
            }
            if (c == '\\') {
                ++p_;
                if (!escape()) return false;
            } else if (c < 0x20) {
                return fail("no control character inside a string");
            } else {
                const std::size_t length = utf8_length(p_, end_);
                if (length == 0) return fail("valid UTF-8");
                p_ += length;
            }
        }
    }

    bool escape() noexcept {
        if (p_ == end_) return fail("an escape");
        switch (*p_) {
        case '"':
        case '\\':
        case '/':
        case 'b':
        case 'f':
        case 'n':
        case 'r':
        case 't': ++p_; return true;
        case 'u': break;
        default: return fail("one of \"\\/bfnrtu after a backslash");
        }
        ++p_;
        for (int i = 0; i < 4; ++i, ++p_) {
            if (p_ == end_) return fail("four hexadecimal digits after \\u");
            const char c = *p_;
            if (!is_digit(c) && !(c >= 'a' && c <= 'f') && !(c >= 'A' && c <= 'F'))
                return fail("four hexadecimal digits after \\u");
        }
        return true;
    }

    const char* begin_;
    const char* p_;
    const char* end_;
    const char* expected_ = "";
    int depth_ = 0;
    std::array<std::uint64_t, max_depth / 64> open_{};
};

} // namespace detail

/// Whether the text is one JSON value by RFC 8259, in valid UTF-8, nested at most 1024 levels deep. Does not allocate.
/// Repeated names and escaped lone surrogates are left to whoever interprets the value.
inline bool is_valid_json(std::string_view text) noexcept {
    return detail::json_checker(text).run() == std::string_view::npos;
}

/// Owned JSON text, distinct from ordinary text for parameters and results. `parse` and `try_parse` check the syntax;
/// the constructor takes text as it is, for what a server has already checked. Comparison is by bytes.
class json_text {
public:
    /// Empty text, which is not a JSON value.
    json_text() noexcept = default;

    /// Takes the text unchecked.
    explicit json_text(std::string text) noexcept : text_(std::move(text)) {}

    /// A copy of the text when it is valid JSON (see `is_valid_json`). Allocates nothing but the copy.
    static std::optional<json_text> try_parse(std::string_view text) {
        if (!is_valid_json(text)) return std::nullopt;
        return json_text(std::string(text));
    }

    /// A copy of the text. \throws data_error unless it is valid JSON (see `is_valid_json`), naming the offset in bytes
    /// and what was expected there.
    static json_text parse(std::string_view text) {
        detail::json_checker checker(text);
        const std::size_t offset = checker.run();
        if (offset != std::string_view::npos)
            throw data_error("cannot read " + detail::in_quotes(text) + " as JSON: expected " + checker.expected() +
                             " at byte " + std::to_string(offset));
        return json_text(std::string(text));
    }

    /// The text.
    const std::string& str() const& noexcept { return text_; }
    /// The text, moved out.
    std::string str() && noexcept { return std::move(text_); }
    /// The text; valid as long as this value is.
    std::string_view view() const noexcept { return text_; }
    /// A copy of the text.
    std::string to_string() const { return text_; }

    friend auto operator<=>(const json_text&, const json_text&) noexcept = default;
    friend bool operator==(const json_text&, const json_text&) noexcept = default;

private:
    std::string text_;
};

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
