// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/core/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace weft::inline v0::toondb::detail {

/// Finds the first words of the statements of an SQL text.
class statement_words {
public:
    explicit statement_words(std::string_view sql) noexcept : sql_(sql) {}

    /// The next word in capitals, and whether it begins a statement; false at the end.
    bool next(std::string& word, bool& first) {
        while (at_ < sql_.size()) {
            const char c = sql_[at_];
            if (c == ';') {
                first_ = true;
                ++at_;
            } else if (c == '\'' || c == '"' || c == '`') {
                quoted(c);
            } else if (c == '[') {
                quoted(']');
            } else if (sql_.substr(at_, 2) == "--") {
                skip_to(sql_.find('\n', at_), 1);
            } else if (sql_.substr(at_, 2) == "/*") {
                skip_to(sql_.find("*/", at_ + 2), 2);
            } else if (is_word(c)) {
                word.clear();
                for (; at_ < sql_.size() && is_word(sql_[at_]); ++at_)
                    word += sql_[at_] >= 'a' && sql_[at_] <= 'z' ? static_cast<char>(sql_[at_] - 'a' + 'A') : sql_[at_];
                first = first_;
                first_ = false;
                return true;
            } else {
                ++at_;
            }
        }
        return false;
    }

private:
    static bool is_word(char c) noexcept {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               static_cast<unsigned char>(c) >= 0x80;
    }
    void skip_to(std::size_t found, std::size_t size) noexcept {
        at_ = found == std::string_view::npos ? sql_.size() : found + size;
    }
    void quoted(char end) noexcept {
        first_ = false;
        skip_to(sql_.find(end, at_ + 1), 1); // a doubled quote begins the next one
    }

    std::string_view sql_;
    std::size_t at_ = 0;
    bool first_ = true;
};

/// Refuses what would change more than the client's own transaction: the server's shared connections, or the end of the
/// transaction behind the protocol's back. \throws programming_error naming it.
inline void check_sql(std::string_view sql) {
    statement_words words(sql);
    std::string word;
    bool first = false;
    bool creates = false; // among the first words of a CREATE
    bool in_trigger = false;
    while (words.next(word, first)) {
        if (creates) {
            in_trigger = word == "TRIGGER";
            creates = word == "TEMP" || word == "TEMPORARY";
        }
        if (!first) continue;
        if (in_trigger) { // its body has statements of its own
            in_trigger = word != "END";
            continue;
        }
        creates = word == "CREATE";
        if (word == "ATTACH" || word == "DETACH" || word == "PRAGMA" || word == "VACUUM" || word == "BEGIN" ||
            word == "COMMIT" || word == "END" || word == "ROLLBACK" || word == "SAVEPOINT" || word == "RELEASE")
            throw programming_error(word + " cannot be executed through a server");
    }
}

} // namespace weft::inline v0::toondb::detail
