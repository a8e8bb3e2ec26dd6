// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// A checker of JSON syntax (RFC 8259) that builds nothing.

#include <weft/core/detail/text.hpp>
#include <weft/core/json_output.hpp>
#include <weft/core/utf8.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weft::inline v0 {

namespace detail {

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

} // namespace weft::inline v0
