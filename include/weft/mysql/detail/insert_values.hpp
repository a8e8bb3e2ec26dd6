// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/cursor/placeholders.hpp>

#include <optional>
#include <string_view>

namespace weft::inline v0::mysql::detail {

/// An `INSERT … VALUES (?, ?) …` in three parts: one list of values can become many.
struct insert_values {
    std::string_view head;   ///< up to the list
    std::string_view values; ///< the list with its parentheses
    std::string_view tail;   ///< what follows it, such as `ON DUPLICATE KEY UPDATE …`
};

/// Whether the text from `at` on is that word, in any case.
constexpr bool word_at(std::string_view sql, std::size_t at, std::string_view lower) noexcept {
    if (sql.size() - at < lower.size()) return false;
    for (std::size_t i = 0; i < lower.size(); ++i) {
        if ((sql[at + i] | 0x20) != lower[i]) return false;
    }
    const std::size_t end = at + lower.size();
    return (at == 0 || !weft::detail::is_name_part(sql[at - 1])) &&
           (end == sql.size() || !weft::detail::is_name_part(sql[end]));
}

constexpr std::size_t skip_spaces(std::string_view sql, std::size_t at) noexcept {
    while (at < sql.size() && (sql[at] == ' ' || (sql[at] >= '\t' && sql[at] <= '\r'))) ++at;
    return at;
}

/// Takes an INSERT or REPLACE apart when its placeholders are all in one list of values that holds nothing else.
inline std::optional<insert_values> split_insert(std::string_view sql, const sql_dialect& dialect) {
    const std::size_t begin = skip_spaces(sql, 0);
    if (begin == sql.size() || (!word_at(sql, begin, "insert") && !word_at(sql, begin, "replace"))) return std::nullopt;
    weft::detail::placeholder_scanner scanner(sql, dialect);
    placeholder p{};
    std::size_t first = 0;
    std::size_t last = 0;
    std::size_t count = 0;
    while (scanner.next(p)) {
        if (p.style != placeholder_style::question || p.statement != 0 || p.in_comment) return std::nullopt;
        if (count++ == 0) {
            first = p.offset;
        } else {
            std::size_t between = skip_spaces(sql, last + 1);
            if (between >= sql.size() || sql[between] != ',') return std::nullopt;
            if (skip_spaces(sql, between + 1) != p.offset) return std::nullopt;
        }
        last = p.offset;
    }
    if (count == 0 || !scanner.comments_agree()) return std::nullopt;
    std::size_t open = first;
    while (open > begin && (sql[open - 1] == ' ' || (sql[open - 1] >= '\t' && sql[open - 1] <= '\r'))) --open;
    const std::size_t close = skip_spaces(sql, last + 1);
    if (open == begin || sql[open - 1] != '(' || close >= sql.size() || sql[close] != ')') return std::nullopt;
    --open;
    std::size_t word = open;
    while (word > begin && (sql[word - 1] == ' ' || (sql[word - 1] >= '\t' && sql[word - 1] <= '\r'))) --word;
    const bool values =
        (word >= 6 && word_at(sql, word - 6, "values")) || (word >= 5 && word_at(sql, word - 5, "value"));
    if (!values) return std::nullopt;
    std::string_view tail = sql.substr(close + 1);
    while (!tail.empty() && (tail.back() == ';' || tail.back() == ' ' || (tail.back() >= '\t' && tail.back() <= '\r')))
        tail.remove_suffix(1);
    return insert_values{sql.substr(0, open), sql.substr(open, close + 1 - open), tail};
}

} // namespace weft::inline v0::mysql::detail
