// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/embedded/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::inline v0::embedded::detail {

constexpr char upper_ascii(char c) noexcept {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

/// Whether `word` is `keyword`, which is in upper case.
constexpr bool is_keyword(std::string_view word, std::string_view keyword) noexcept {
    if (word.size() != keyword.size()) return false;
    for (std::size_t i = 0; i < word.size(); ++i)
        if (upper_ascii(word[i]) != keyword[i]) return false;
    return true;
}

/// Walks over the tokens of SQL as SQLite sees them, without comments and spaces.
class sql_tokens {
public:
    enum class kind : unsigned char { end, word, quoted, number, mark }; // a mark is one character of an operator

    explicit sql_tokens(std::string_view sql) noexcept : sql_(sql) {}

    /// Moves on; a string or comment that does not end is the end.
    kind next() noexcept {
        skip_blank();
        begin_ = at_;
        if (at_ >= sql_.size()) return kind::end;
        const char c = sql_[at_];
        switch (c) {
        case '\'':
        case '"':
        case '`': return quoted(c) ? kind::quoted : kind::end;
        case '[': {
            const std::size_t close = sql_.find(']', at_);
            at_ = close == std::string_view::npos ? sql_.size() : close + 1;
            return kind::quoted;
        }
        default: break;
        }
        if (!in_word(c) && c != '?' && c != ':' && c != '@') {
            ++at_;
            return kind::mark;
        }
        const bool digit = c >= '0' && c <= '9';
        const bool parameter = c == '?' || c == ':' || c == '@' || c == '$';
        ++at_;
        while (at_ < sql_.size() && in_word(sql_[at_])) ++at_;
        return digit || parameter ? kind::number : kind::word;
    }

    std::string_view text() const noexcept { return sql_.substr(begin_, at_ - begin_); }
    /// Offset behind the token.
    std::size_t end() const noexcept { return at_; }

private:
    static constexpr bool in_word(char c) noexcept {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
               static_cast<unsigned char>(c) >= 0x80;
    }

    void skip_blank() noexcept {
        while (at_ < sql_.size()) {
            const std::string_view rest = sql_.substr(at_);
            if (rest[0] == ' ' || (rest[0] >= '\t' && rest[0] <= '\r')) {
                ++at_;
            } else if (rest.starts_with("--")) {
                at_ = sql_.find('\n', at_);
            } else if (rest.starts_with("/*")) {
                at_ = sql_.find("*/", at_ + 2);
                if (at_ != std::string_view::npos) at_ += 2;
            } else {
                return;
            }
        }
        at_ = sql_.size(); // also for a comment that does not end
    }

    /// A quote inside is written twice, which looks like two tokens side by side and may stay so.
    bool quoted(char quote) noexcept {
        const std::size_t close = sql_.find(quote, at_ + 1);
        at_ = close == std::string_view::npos ? sql_.size() : close + 1;
        return close != std::string_view::npos;
    }

    std::string_view sql_;
    std::size_t begin_ = 0;
    std::size_t at_ = 0;
};

/// Finds the terms of ORDER BY that say neither DESC nor where NULLs go, and where `NULLS LAST` has to be inserted.
class null_order {
public:
    /// Offsets behind such terms, in ascending order.
    static std::vector<std::size_t> find(std::string_view sql) {
        null_order self;
        sql_tokens tokens(sql);
        for (auto kind = tokens.next(); kind != sql_tokens::kind::end; kind = tokens.next())
            self.token(kind, tokens.text(), tokens.end());
        self.end_term();
        return std::move(self.found_);
    }

    /// A quick look: whether there may be one.
    static bool may_be_in(std::string_view sql) noexcept {
        for (std::size_t i = 0; i + 8 <= sql.size(); ++i)
            if ((sql[i] | 0x20) == 'o' && (sql[i + 1] | 0x20) == 'r' && is_keyword(sql.substr(i, 5), "ORDER"))
                return true;
        return false;
    }

private:
    /// What is between two parentheses, or the statement.
    struct level {
        bool takes_nulls = true; // not WITHIN GROUP (ORDER BY ...), which takes an expression
        bool ordering = false;
        // Of the term that is being read:
        bool operand = false; // an operand or direction came last, so that an operator or the end must follow
        bool settled = false; // DESC, or NULLS FIRST or LAST
        int cases = 0;
        std::size_t end = 0; // behind its last token; 0: there was none yet
    };

    void token(sql_tokens::kind kind, std::string_view text, std::size_t end) {
        level& at = levels_.back();
        if (kind == sql_tokens::kind::mark) {
            mark(text[0], end);
        } else if (kind == sql_tokens::kind::word) {
            word(at, text, end);
        } else {
            at.operand = true;
            at.end = end;
            before_ = last_ = {};
        }
    }

    void mark(char c, std::size_t end) {
        if (c == '(') {
            const bool within_group = is_keyword(before_, "WITHIN") && is_keyword(last_, "GROUP");
            levels_.push_back({.takes_nulls = !within_group});
        } else if (c == ')') {
            end_term();
            if (levels_.size() > 1) levels_.pop_back();
            levels_.back().operand = true;
            levels_.back().end = end;
        } else if (c == ',') {
            const bool ordering = levels_.back().ordering;
            end_term();
            levels_.back().ordering = ordering;
        } else if (c == ';') {
            end_term();
            levels_.assign(1, {});
        } else {
            levels_.back().operand = false;
            levels_.back().end = end;
        }
        before_ = last_ = {};
    }

    void word(level& at, std::string_view text, std::size_t end) {
        if (at.ordering && at.operand && at.cases == 0 && ends_terms(text)) end_term();
        if (is_keyword(last_, "ORDER") && is_keyword(text, "BY")) {
            at = {.takes_nulls = at.takes_nulls, .ordering = at.takes_nulls};
        } else {
            if (at.operand && at.cases == 0 && (is_keyword(text, "DESC") || is_keyword(text, "NULLS")))
                at.settled = true;
            if (is_keyword(text, "CASE"))
                ++at.cases;
            else if (is_keyword(text, "END") && at.cases > 0)
                --at.cases;
            at.operand = !expects_operand(text, at.operand);
            at.end = end;
        }
        before_ = std::exchange(last_, text);
    }

    /// The level goes on without a term.
    void end_term() {
        level& at = levels_.back();
        if (at.ordering && at.end != 0 && !at.settled) found_.push_back(at.end);
        at = {.takes_nulls = at.takes_nulls};
    }

    static bool ends_terms(std::string_view text) noexcept {
        for (const std::string_view keyword :
             {"LIMIT", "ROWS", "RANGE", "GROUPS", "ON", "RETURNING", "UNION", "INTERSECT", "EXCEPT"})
            if (is_keyword(text, keyword)) return true;
        return false;
    }

    /// Whether an operand has to follow this word. Many keywords are names, too, where an operand is expected.
    static bool expects_operand(std::string_view text, bool after_operand) noexcept {
        for (const std::string_view keyword : {"NOT", "CASE", "WHEN", "THEN", "ELSE"})
            if (is_keyword(text, keyword)) return true;
        if (!after_operand) return false;
        for (const std::string_view keyword : {"AND", "OR", "IN", "IS", "LIKE", "GLOB", "MATCH", "REGEXP", "BETWEEN",
                                               "COLLATE", "ESCAPE", "DISTINCT", "FROM", "OVER", "AS"})
            if (is_keyword(text, keyword)) return true;
        return false;
    }

    std::vector<level> levels_ = std::vector<level>(1);
    std::vector<std::size_t> found_;
    std::string_view before_; // the two words in front, empty where something else stands there
    std::string_view last_;
};

/// SQL for a store: as it was given, but that NULLs sort last.
class kv_sql {
public:
    explicit kv_sql(std::string_view sql) : text_(sql) {
        if (!null_order::may_be_in(sql)) return;
        std::size_t from = 0;
        for (const std::size_t at : null_order::find(sql)) {
            rewritten_.append(sql.substr(from, at - from)).append(" NULLS LAST");
            from = at;
        }
        if (from == 0) return;
        rewritten_.append(sql.substr(from));
        text_ = rewritten_;
    }
    kv_sql(const kv_sql&) = delete;
    kv_sql& operator=(const kv_sql&) = delete;

    std::string_view text() const noexcept { return text_; }

private:
    std::string rewritten_;
    std::string_view text_;
};

/// SQLite's words in those of ToonDB; an empty text where it has none of its own. Sets the SQLSTATE.
inline std::string toondb_words(std::string_view said, std::string_view& state) {
    constexpr auto npos = std::string_view::npos;
    const auto after = [&](std::string_view start, std::string_view& rest) {
        if (!said.starts_with(start)) return false;
        rest = said.substr(start.size());
        if (rest.starts_with("main.")) rest.remove_prefix(5);
        return true;
    };
    const auto table = [](std::string_view name, const char* what) {
        return "Table '" + std::string(name) + "' " + what;
    };
    const auto column = [&](std::string_view name) {
        state = "42S22";
        const std::size_t hint = name.find(" - should this be "); // newer libraries explain
        if (hint != npos) name = name.substr(0, hint);
        if (name.size() >= 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
        return "Column not found: " + std::string(name);
    };
    const auto counts = [&](std::string_view columns, std::string_view values) {
        state = "21S01";
        return "Column count (" + std::string(columns) + ") doesn't match value count (" + std::string(values) + ")";
    };
    std::string_view rest;
    if (after("no such table: ", rest)) {
        state = "42S02";
        return table(rest, "does not exist");
    }
    if (after("no such column: ", rest)) return column(rest);
    if (said.starts_with("table ")) {
        if (said.ends_with(" already exists")) {
            state = "42S01";
            return table(said.substr(6, said.size() - 6 - 15), "already exists");
        }
        if (const std::size_t at = said.find(" has no column named "); at != npos) return column(said.substr(at + 21));
        const std::size_t has = said.rfind(" has ");
        const std::size_t but = said.rfind(" columns but ");
        if (said.ends_with(" values were supplied") && has != npos && but != npos && has < but)
            return counts(said.substr(has + 5, but - has - 5), said.substr(but + 13, said.size() - but - 13 - 21));
    }
    const std::size_t values_for = said.find(" values for ");
    if (values_for != npos && said.ends_with(" columns"))
        return counts(said.substr(values_for + 12, said.size() - values_for - 12 - 8), said.substr(0, values_for));
    return {};
}

/// Calls `f()`; errors that ToonDB has a text for get it.
template <class F>
decltype(auto) in_toondb_words(F&& f) {
    try {
        return std::forward<F>(f)();
    } catch (const programming_error& e) {
        constexpr std::string_view preparing = "cannot prepare the statement: ";
        std::string_view said = e.diagnostics().message;
        if (e.diagnostics().code != SQLITE_ERROR) throw;
        if (said.starts_with(preparing)) said.remove_prefix(preparing.size());
        std::string_view state;
        std::string words = toondb_words(said, state);
        if (words.empty()) throw;
        diagnostics info = e.diagnostics();
        info.engine_message = said;
        info.message = std::move(words);
        info.sqlstate = state;
        throw programming_error(std::move(info), &sqlite_errors);
    }
}

} // namespace weft::inline v0::embedded::detail
