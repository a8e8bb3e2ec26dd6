// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// SQL text with values in it, made by the client: for servers and statements that prepared statements are not for. A
/// literal written here is read by the server as exactly one literal, whatever bytes the value has, as long as the
/// rules are those of the session: its character set and its NO_BACKSLASH_ESCAPES mode, both of which the server
/// reports.

#include <weft/core/cell.hpp>
#include <weft/core/utf8.hpp>
#include <weft/cursor/placeholders.hpp>
#include <weft/mysql/protocol/capabilities.hpp>
#include <weft/mysql/protocol/charset.hpp>
#include <weft/mysql/protocol/value_options.hpp>

#include <bit>
#include <charconv>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace weft::inline v0::mysql::protocol {

/// How the session reads literals.
struct literal_rules {
    bool backslash_escapes = true;          ///< false in NO_BACKSLASH_ESCAPES mode
    const charset* character_set = nullptr; ///< `character_set_client`; null: unknown, texts are sent as bytes
    bool binary_introducer = false;         ///< `_binary` before bytes, for statements a proxy or log reads as text
    value_options values{};
    bool ansi_quotes = false; ///< ANSI_QUOTES mode: `"..."` is a name, which matters for finding placeholders
    bool in_comment = false;  ///< the literal goes into `/*! */`, which the server may take for a comment
};

/// The rules of a session whose `character_set_client` has that name and whose last status word is `status`.
inline literal_rules rules_of_session(std::string_view character_set, std::uint16_t status) noexcept {
    return {(status & status::no_backslash_escapes) == 0, find_charset(character_set), false, {}, false, false};
}

namespace detail {

inline bool bytes_tell(const literal_rules& rules) noexcept {
    return rules.character_set != nullptr && rules.character_set->ascii_safe;
}

inline void append_hex_literal(std::string& out, const void* data, std::size_t size) {
    constexpr char digits[] = "0123456789abcdef";
    const auto* bytes = static_cast<const unsigned char*>(data);
    std::size_t at = out.size() + 2;
    out.resize(at + 2 * size + 1, '\'');
    out[at - 2] = 'x';
    for (std::size_t i = 0; i < size; ++i) {
        out[at++] = digits[bytes[i] >> 4];
        out[at++] = digits[bytes[i] & 15];
    }
}

/// The letter after the backslash, or 0 for what needs none.
constexpr char escape_letter(char c) noexcept {
    switch (c) {
    case '\0': return '0';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\x1A': return 'Z';
    case '"':
    case '\'':
    case '\\': return c;
    default: return '\0';
    }
}

inline void append_quoted(std::string& out, std::string_view text, bool backslash_escapes) {
    out += '\'';
    std::size_t plain = 0; // where what has not been copied begins
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char letter = backslash_escapes ? escape_letter(text[i]) : text[i] == '\'' ? '\'' : '\0';
        if (letter == '\0') continue;
        out.append(text, plain, i - plain);
        out += backslash_escapes ? '\\' : '\'';
        out += letter;
        plain = i + 1;
    }
    out.append(text, plain);
    out += '\'';
}

/// Whether a comment that holds the text would end in it, or go on beyond its end.
inline bool has_comment_marks(std::string_view text) noexcept {
    return text.find("*/") != std::string_view::npos || text.find("/*") != std::string_view::npos;
}

/// Where bytes do not tell characters apart, and where a server that takes its surroundings for a comment would see the
/// end of that, text goes as digits with its character set before them.
inline void append_text_literal(std::string& out, std::string_view text, const literal_rules& rules) {
    if (bytes_tell(rules) && !(rules.in_comment && has_comment_marks(text))) {
        append_quoted(out, text, rules.backslash_escapes);
        return;
    }
    if (rules.character_set != nullptr) {
        out += '_';
        out += rules.character_set->name;
        out += ' ';
    }
    append_hex_literal(out, text.data(), text.size());
}

template <class Number>
void append_digits(std::string& out, Number v) {
    char text[32];
    out.append(text, std::to_chars(text, text + sizeof text, v).ptr);
}

/// With an exponent, so that the server reads a double and not a decimal.
inline void append_double(std::string& out, double v) {
    const std::size_t start = out.size();
    append_digits(out, v);
    if (out.find('e', start) == std::string::npos) out += "e0";
}

template <class T>
void append_in_quotes(std::string& out, const T& v) {
    char text[T::max_chars];
    out += '\'';
    out.append(text, v.write(text));
    out += '\'';
}

inline void append_decimal(std::string& out, const decimal& d) {
    char text[decimal::max_chars];
    out.append(text, d.write(text));
}

inline void append_vector_literal(std::string& out, vector_view<float> v) {
    if constexpr (std::endian::native == std::endian::little) {
        append_hex_literal(out, v.data(), v.size() * sizeof(float));
    } else {
        std::string bytes;
        for (const float element : v) {
            const auto bits = std::bit_cast<std::uint32_t>(element);
            for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift & 0xFF);
        }
        append_hex_literal(out, bytes.data(), bytes.size());
    }
}

} // namespace detail

inline void append_literal(std::string& out, const cell& c, const literal_rules& rules);

namespace detail {

inline constexpr int max_list_depth = 16;

inline void append_list(std::string& out, const cell& list, const literal_rules& rules, int depth) {
    const std::size_t count = list.nested_count();
    if (count == 0) throw data_error("cannot write an empty list as SQL: expected at least one element");
    if (depth == max_list_depth) throw data_error("cannot write a list as SQL: expected at most 16 levels");
    out += '(';
    for (std::size_t i = 0; i < count; ++i) {
        if (i != 0) out += ',';
        const cell element = list.nested_element(i);
        if (element.kind() == type_id::list) {
            append_list(out, element, rules, depth + 1);
        } else {
            append_literal(out, element, rules);
        }
    }
    out += ')';
}

} // namespace detail

/// Appends a value as an SQL literal. Lists become `(a,b,…)` for IN. \throws data_error for structures, empty lists,
/// and NaN and infinity unless the options make them NULL; `out` is then as it was.
inline void append_literal(std::string& out, const cell& c, const literal_rules& rules) {
    const std::size_t start = out.size();
    if (c.kind() == type_id::list) {
        try {
            detail::append_list(out, c, rules, 0);
        } catch (...) {
            out.resize(start);
            throw;
        }
        return;
    }
    if (detail::sent_as_null(c, rules.values)) {
        out += "NULL";
        return;
    }
    switch (c.kind()) {
    case type_id::boolean: out += c.boolean() ? '1' : '0'; break;
    case type_id::int64: detail::append_digits(out, c.int64()); break;
    case type_id::uint64: detail::append_digits(out, c.uint64()); break;
    case type_id::float64: detail::append_double(out, c.float64()); break;
    case type_id::decimal: detail::append_decimal(out, c.decimal()); break;
    case type_id::date: detail::append_in_quotes(out, c.date()); break;
    case type_id::time: detail::append_in_quotes(out, c.time()); break;
    case type_id::datetime: detail::append_in_quotes(out, c.datetime()); break;
    case type_id::blob:
        if (rules.binary_introducer) out += "_binary ";
        detail::append_hex_literal(out, c.blob().data(), c.blob().size());
        break;
    case type_id::vector: detail::append_vector_literal(out, c.vector()); break;
    default: detail::append_text_literal(out, c.text(), rules); break;
    }
}

/// Appends a name in backticks. \throws data_error for an empty name, one with a NUL, and, where the character set
/// does not let bytes tell characters apart, one that is not ASCII.
inline void append_identifier(std::string& out, std::string_view name, const literal_rules& rules) {
    if (name.empty()) throw data_error("an empty name: expected at least one character");
    if (name.find('\0') != std::string_view::npos)
        throw data_error("a name with a NUL at offset " + std::to_string(name.find('\0')) + ": expected none");
    if (!detail::bytes_tell(rules) && !is_ascii(name))
        throw data_error("a name that is not ASCII cannot be quoted in this character set: expected utf8mb4");
    out += '`';
    for (const char c : name) {
        out += c;
        if (c == '`') out += c;
    }
    out += '`';
}

/// The dialect in which placeholders are looked for. What stands in `/*! ... */` is SQL; a server for whose version it
/// is not finds fewer parameters in a statement it prepares, and takes literals there for a part of the comment.
constexpr sql_dialect dialect_of(const literal_rules& rules) noexcept {
    return {.backslash_escapes = rules.backslash_escapes,
            .hash_comments = true,
            .spaced_dash_comments = true,
            .quoted_identifiers = rules.ansi_quotes,
            .executable_comments = true};
}

/// Whether a value of `sql_mode` has ANSI_QUOTES, alone or in ANSI.
constexpr bool has_ansi_quotes(std::string_view sql_mode) noexcept {
    const auto is = [](std::string_view word, std::string_view name) {
        if (word.size() != name.size()) return false;
        for (std::size_t i = 0; i < word.size(); ++i) {
            const char c = word[i] >= 'a' && word[i] <= 'z' ? static_cast<char>(word[i] - 'a' + 'A') : word[i];
            if (c != name[i]) return false;
        }
        return true;
    };
    while (!sql_mode.empty()) {
        const std::size_t comma = sql_mode.find(',');
        const std::string_view word = sql_mode.substr(0, comma);
        if (is(word, "ANSI_QUOTES") || is(word, "ANSI")) return true;
        sql_mode = comma == std::string_view::npos ? std::string_view() : sql_mode.substr(comma + 1);
    }
    return false;
}

namespace detail {

/// The next `?` or `?n`; other styles are text here.
inline bool next_argument(weft::detail::placeholder_scanner& scanner, placeholder& p) noexcept {
    while (scanner.next(p)) {
        if (p.style == placeholder_style::question || p.style == placeholder_style::numbered) return true;
    }
    return false;
}

inline std::size_t count_arguments(std::string_view sql, const sql_dialect& dialect) {
    weft::detail::placeholder_scanner scanner(sql, dialect);
    placeholder p{};
    std::size_t in_order = 0;
    std::size_t highest = 0;
    while (next_argument(scanner, p)) {
        if (p.style == placeholder_style::question) {
            ++in_order;
        } else if (p.number == 0) {
            throw programming_error("placeholder ?0 at offset " + std::to_string(p.offset) + ": expected ?1 or above");
        } else if (p.number > highest) {
            highest = p.number;
        }
    }
    if (!scanner.comments_agree()) // a server that skips the comment would see values elsewhere than between literals
        throw programming_error(
            "values cannot be put into a statement with an executable comment in which a quoted text "
            "or a line comment holds the mark of a comment");
    return in_order > highest ? in_order : highest;
}

inline void append_substituted(std::string& out, std::string_view sql, std::span<const cell> arguments,
                               const literal_rules& rules) {
    weft::detail::placeholder_scanner scanner(sql, dialect_of(rules));
    literal_rules here = rules;
    placeholder p{};
    std::size_t copied = 0;
    std::size_t in_order = 0;
    while (next_argument(scanner, p)) {
        const cell& c = arguments[p.style == placeholder_style::numbered ? p.number - 1 : in_order++];
        const std::size_t end = p.offset + p.length;
        out.append(sql, copied, p.offset - copied);
        copied = end;
        const bool enclosed = p.offset > 0 && sql[p.offset - 1] == '(' && end < sql.size() && sql[end] == ')';
        if (enclosed && c.kind() == type_id::list) { // `IN (?)`: the list brings its own parentheses
            out.pop_back();
            ++copied;
        }
        here.in_comment = p.in_comment;
        if (p.in_comment) out += ' '; // digits behind the mark would be a version
        append_literal(out, c, here);
    }
    out.append(sql, copied);
}

} // namespace detail

/// Appends the statement with a literal in place of every `?` (in order) and `?n`; a list fits `IN ?` and `IN (?)`.
/// \throws programming_error unless there are exactly as many arguments as placeholders need, and for an executable
/// comment that only those who execute it find the end of; data_error for values that have no literal; in a character
/// set where bytes do not tell characters apart, also for SQL text that is not ASCII. `out` is then as it was.
inline void append_statement(std::string& out, std::string_view sql, std::span<const cell> arguments,
                             const literal_rules& rules) {
    if (!detail::bytes_tell(rules) && !is_ascii(sql))
        throw data_error("values cannot be put into a statement that is not ASCII in this character set: expected "
                         "utf8mb4");
    const std::size_t needed = detail::count_arguments(sql, dialect_of(rules));
    if (needed != arguments.size())
        throw programming_error("the statement takes " + std::to_string(needed) +
                                " arguments: " + std::to_string(arguments.size()) + " were given");
    const std::size_t start = out.size();
    try {
        detail::append_substituted(out, sql, arguments, rules);
    } catch (...) {
        out.resize(start);
        throw;
    }
}

} // namespace weft::inline v0::mysql::protocol
