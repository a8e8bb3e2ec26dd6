// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Finding the placeholders of SQL text, at run time and while compiling. Literals, quoted identifiers and comments are
/// skipped by the rules of the engine's dialect, so a `?` inside a string is a question mark, and one inside a comment
/// that the engine executes is a placeholder.

#include <cstddef>
#include <string_view>

namespace weft::inline v0 {

/// What differs between engines in reading SQL text.
struct sql_dialect {
    bool backslash_escapes = false;    ///< `\'` inside a literal does not end it
    bool hash_comments = false;        ///< `#` starts a comment
    bool bracket_identifiers = false;  ///< `[name]` is an identifier
    bool sigil_parameters = false;     ///< `@name` and `$name` are parameters, not variables
    bool spaced_dash_comments = false; ///< `--` starts a comment only before a space, a control character or the end
    bool quoted_identifiers = false;   ///< `"name"` is an identifier: it has no backslash escapes
    bool executable_comments = false;  ///< what stands in `/*! */` and `/*M! */`, after a version or none, is SQL
};

/// How a placeholder is written.
enum class placeholder_style : unsigned char {
    question,     ///< `?`
    numbered,     ///< `?2`
    named,        ///< `:name`, and `@name`, `$name` where the dialect has them
    format,       ///< `%s`
    format_named, ///< `%(name)s`
    percent,      ///< `%%`, a literal percent sign where the statement uses `%s`; not a parameter
};

/// One placeholder of a statement's text.
struct placeholder {
    placeholder_style style;
    std::size_t offset;    ///< of its first character
    std::size_t length;    ///< of its text
    std::string_view name; ///< of named ones
    std::size_t number;    ///< of numbered ones, from 1
    std::size_t statement; ///< index of the statement within the text, from 0
    bool in_comment;       ///< in an executable comment, which a server of another kind or version takes for a comment
};

namespace detail {

constexpr bool is_name_start(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
constexpr bool is_decimal_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
constexpr bool is_name_part(char c) noexcept {
    return is_name_start(c) || is_decimal_digit(c);
}

/// A reader of SQL text that stops at placeholders.
class placeholder_scanner {
public:
    constexpr placeholder_scanner(std::string_view sql, const sql_dialect& dialect) noexcept
        : sql_(sql), dialect_(dialect) {}

    /// Whether the executable comments so far end in the same place for readers that skip them, to whom quotes and line
    /// comments in them are nothing special.
    constexpr bool comments_agree() const noexcept { return comments_agree_; }

    /// Moves to the next placeholder; false at the end of the text.
    constexpr bool next(placeholder& out) noexcept {
        while (at_ < sql_.size()) {
            const char c = sql_[at_];
            switch (c) {
            case '\'':
            case '"':
            case '`': {
                const std::size_t start = at_;
                skip_quoted(c);
                look_for_marks(start);
                break;
            }
            case '[':
                if (dialect_.bracket_identifiers) {
                    skip_past("]");
                } else {
                    ++at_;
                }
                break;
            case '-':
                if (starts_dash_comment()) {
                    skip_line();
                } else {
                    ++at_;
                }
                break;
            case '#':
                if (dialect_.hash_comments) {
                    skip_line();
                } else {
                    ++at_;
                }
                break;
            case '/':
                if (peek(1) == '*') {
                    skip_comment();
                } else {
                    ++at_;
                }
                break;
            case '*':
                if (in_comment_ && peek(1) == '/') {
                    in_comment_ = false;
                    ++at_;
                }
                ++at_;
                break;
            case ';':
                ++statement_;
                ++at_;
                break;
            case '?':
            case '%':
            case ':':
            case '@':
            case '$':
                if (read_placeholder(c, out)) return true;
                break;
            default: skip_word();
            }
        }
        return false;
    }

private:
    constexpr char peek(std::size_t ahead) const noexcept {
        return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0';
    }

    constexpr bool starts_dash_comment() const noexcept {
        if (peek(1) != '-') return false;
        return !dialect_.spaced_dash_comments || static_cast<unsigned char>(peek(2)) <= ' ' || peek(2) == '\x7F';
    }

    /// Past a comment, or into one that is SQL: its version, if any, is read as a word. A comment in that one is a
    /// plain comment.
    constexpr void skip_comment() noexcept {
        const bool executable = peek(2) == '!' || (peek(2) == 'M' && peek(3) == '!');
        at_ += 2;
        if (dialect_.executable_comments && executable && !in_comment_) {
            at_ += peek(0) == 'M' ? 2 : 1;
            in_comment_ = true;
        } else {
            skip_past("*/");
        }
    }

    /// Past the end of a word, so that what stands inside names is not looked at; past one character otherwise.
    constexpr void skip_word() noexcept {
        if (!is_name_part(sql_[at_])) {
            ++at_;
            return;
        }
        while (at_ < sql_.size() && (is_name_part(sql_[at_]) || sql_[at_] == '$')) ++at_;
    }

    constexpr void skip_line() noexcept {
        const std::size_t start = at_;
        skip_past("\n");
        look_for_marks(start);
    }

    /// Looks at what was skipped from `start` on in an executable comment.
    constexpr void look_for_marks(std::size_t start) noexcept {
        if (!in_comment_) return;
        const std::string_view skipped = sql_.substr(start, at_ - start);
        if (skipped.find("*/") != std::string_view::npos || skipped.find("/*") != std::string_view::npos)
            comments_agree_ = false;
    }

    constexpr void skip_past(std::string_view end) noexcept {
        const std::size_t found = sql_.find(end, at_);
        at_ = found == std::string_view::npos ? sql_.size() : found + end.size();
    }

    /// A doubled quote closes and opens again, which comes to the same.
    constexpr void skip_quoted(char quote) noexcept {
        const bool identifier = quote == '`' || (quote == '"' && dialect_.quoted_identifiers);
        for (++at_; at_ < sql_.size(); ++at_) {
            if (sql_[at_] == '\\' && dialect_.backslash_escapes && !identifier) {
                ++at_;
            } else if (sql_[at_] == quote) {
                ++at_;
                return;
            }
        }
        at_ = sql_.size();
    }

    constexpr bool found(placeholder& out, placeholder_style style, std::size_t length, std::string_view name = {},
                         std::size_t number = 0) noexcept {
        out = {style, at_, length, name, number, statement_, in_comment_};
        at_ += length;
        return true;
    }

    constexpr std::size_t name_end(std::size_t from) const noexcept {
        while (from < sql_.size() && is_name_part(sql_[from])) ++from;
        return from;
    }

    constexpr bool read_placeholder(char c, placeholder& out) noexcept {
        if (c == '?') return read_question(out);
        if (c == '%') return read_percent(out);
        const bool sigil = c != ':';
        if (c == ':' && peek(1) == ':') { // a cast
            at_ += 2;
            return false;
        }
        if ((sigil && !dialect_.sigil_parameters) || !is_name_start(peek(1))) {
            ++at_;
            if (sigil) at_ = name_end(at_);
            return false;
        }
        const std::size_t end = name_end(at_ + 1);
        return found(out, placeholder_style::named, end - at_, sql_.substr(at_ + 1, end - at_ - 1));
    }

    constexpr bool read_question(placeholder& out) noexcept {
        std::size_t end = at_ + 1;
        std::size_t number = 0;
        while (end < sql_.size() && is_decimal_digit(sql_[end]) && number < 100000) {
            number = number * 10 + static_cast<std::size_t>(sql_[end++] - '0');
        }
        if (end == at_ + 1) return found(out, placeholder_style::question, 1);
        return found(out, placeholder_style::numbered, end - at_, {}, number);
    }

    constexpr bool read_percent(placeholder& out) noexcept {
        if (peek(1) == '%') return found(out, placeholder_style::percent, 2);
        if (peek(1) == 's' && !is_name_part(peek(2))) return found(out, placeholder_style::format, 2);
        if (peek(1) == '(') {
            const std::size_t end = sql_.find(')', at_ + 2);
            if (end != std::string_view::npos && end + 1 < sql_.size() && sql_[end + 1] == 's' && end > at_ + 2) {
                return found(out, placeholder_style::format_named, end + 2 - at_, sql_.substr(at_ + 2, end - at_ - 2));
            }
        }
        ++at_;
        return false;
    }

    std::string_view sql_;
    sql_dialect dialect_;
    std::size_t at_ = 0;
    std::size_t statement_ = 0;
    bool in_comment_ = false; // an executable one
    bool comments_agree_ = true;
};

} // namespace detail

/// How many arguments a text takes, and how it names them.
struct placeholder_summary {
    std::size_t arguments = 0;    ///< positional arguments needed
    std::size_t named = 0;        ///< occurrences of named placeholders
    bool needs_rewriting = false; ///< something other than plain `?` occurs
};

/// Counts the placeholders of `sql`; usable in constant expressions.
constexpr placeholder_summary summarize_placeholders(std::string_view sql, const sql_dialect& dialect) noexcept {
    detail::placeholder_scanner scanner(sql, dialect);
    placeholder_summary summary;
    placeholder p{};
    while (scanner.next(p)) {
        switch (p.style) {
        case placeholder_style::question: ++summary.arguments; continue;
        case placeholder_style::format: ++summary.arguments; break;
        case placeholder_style::numbered:
            if (p.number > summary.arguments) summary.arguments = p.number;
            break;
        case placeholder_style::named:
        case placeholder_style::format_named: ++summary.named; break;
        case placeholder_style::percent: break;
        }
        summary.needs_rewriting = true;
    }
    return summary;
}

} // namespace weft::inline v0
