// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/format/detail/toon_header.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace weft::inline v0::detail {

/// A handler that takes tables as such: the columns once, then the cells of all rows, and the key of each row where the
/// table is keyed.
template <class H>
concept toon_table_handler = requires(H& h, const toon_header& header, std::string_view name, const cell& c) {
    { h.takes_table(header) } -> std::same_as<bool>;
    h.begin_table(header);
    h.row_key(name, true);
    h.table_cell(c);
    h.end_table();
};

/// Reads a document line by line. Levels are numbers of indentation steps: the members of an object whose own line
/// stands at level n, and the elements of an array whose header does, stand at level n + 1.
template <class Handler>
class toon_reader {
public:
    toon_reader(std::string_view text, Handler& handler, const toon_decode_options& options, cell_storage& kept)
        : lines_(text, options), strings_(lines_, kept), parser_(lines_, strings_, options.strict), handler_(handler),
          strict_(options.strict) {}

    void document() {
        if (!lines_.next()) {
            handler_.begin_object();
            handler_.end_object();
            return;
        }
        if (strict_ && lines_.depth() != 0) lines_.fail("the first line must not be indented");
        const char* const begin = lines_.begin();
        const char* const end = lines_.end();
        if (between(begin, end) == "[]") {
            handler_.begin_array(0);
            handler_.end_array();
            lines_.next();
            end_of_root();
            return;
        }
        head h;
        parse_head(begin, end, h);
        if (h.form == head::header && h.keyless) {
            after_header(h, 0);
            end_of_root();
        } else if (h.form == head::none) {
            root_scalar(begin, end);
        } else {
            handler_.begin_object();
            toon_key_set keys;
            members(0, keys);
            handler_.end_object();
        }
    }

private:
    /// How a line begins.
    struct head {
        enum kind { none, plain, header };

        kind form = none; ///< none: there is no colon, or the whole is a quoted text
        bool quoted = false;
        bool keyless = false;
        std::string_view key;
        const char* rest = nullptr; ///< behind the colon
    };

    // ---- lines

    /// Whether the current line belongs to what stands at `level`. Strict: it must not be deeper.
    bool in_scope(std::size_t level) const {
        if (!lines_.more() || lines_.depth() < level) return false;
        if (strict_ && lines_.depth() > level) {
            lines_.fail("Unexpected indentation of " + std::to_string(lines_.depth()) + " levels: expected at most " +
                        std::to_string(level));
        }
        return true;
    }

    /// The line is part of what is open: then no blank line may have come before it within an array.
    void accept_line() const {
        if (strict_ && lines_.after_blank() && arrays_begun_ != 0)
            lines_.fail("Blank lines are not allowed inside arrays");
    }

    void end_of_root() const {
        if (strict_ && lines_.more()) lines_.fail("Unexpected " + lines_.quoted() + " after the end of the root value");
    }

    void root_scalar(const char* begin, const char* end) {
        const std::size_t number = lines_.number();
        const std::size_t column = lines_.column(begin);
        const std::string shown = lines_.quoted();
        scalar(begin, end);
        if (lines_.next()) toon_lines::fail_at(number, column, "Missing colon after key " + shown);
    }

    // ---- beginnings of lines

    /// Finds the key and the header of a member at [p, end).
    void parse_head(const char* p, const char* end, head& out) {
        const char* bracket = nullptr;
        const char* key_end = nullptr;
        if (*p == '"') {
            bool escaped = false;
            const char* const close = strings_.skip(p, end, escaped);
            const char* const after = skip_spaces(close, end);
            if (after == end) return;
            if (*after != ':' && (*close != '[' || close != after))
                lines_.fail(close, "Unexpected characters after the closing quote");
            out.quoted = true;
            out.key = strings_.name(p, close, escaped);
            if (*after == ':') {
                out.form = head::plain;
                out.rest = after + 1;
                return;
            }
            bracket = close;
        } else {
            const char* const stop = find_unquoted(p, end, lines_.limit(), ':', '[');
            if (stop == end) return;
            key_end = trim_spaces(p, stop);
            out.key = between(p, key_end);
            if (*stop == ':') {
                out.form = head::plain;
                out.rest = stop + 1;
                return;
            }
            bracket = stop;
            out.keyless = stop == p;
        }
        out.rest = parser_.parse(bracket, end, header_);
        if (out.rest != nullptr)
            out.form = head::header;
        else
            bad_header(p, end, out);
    }

    /// A header with a mistake: in strict documents an error, otherwise an ordinary key. Without a colon it is a text.
    void bad_header(const char* p, const char* end, head& out) {
        const char* const colon = find_unquoted(p, end, lines_.limit(), ':', ':');
        if (colon == end) return;
        if (strict_) lines_.fail(parser_.place(), std::string("Invalid header: expected ") + parser_.defect());
        as_plain(p, colon, out);
    }

    /// Takes everything before the colon as the key.
    void as_plain(const char* p, const char* colon, head& out) const {
        out.form = head::plain;
        out.quoted = false;
        out.keyless = false;
        out.key = between(p, trim_spaces(p, colon));
        out.rest = colon + 1;
    }

    /// A keyless header where only a member can stand.
    void refuse_keyless(const char* p, const char* end, head& out) const {
        if (strict_) lines_.fail(p, "Invalid header: expected a key before it");
        as_plain(p, find_unquoted(p, end, lines_.limit(), ':', ':'), out);
    }

    // ---- objects

    void members(std::size_t level, toon_key_set& keys) {
        while (in_scope(level)) {
            accept_line();
            const char* const begin = lines_.begin();
            head h;
            parse_head(begin, lines_.end(), h);
            if (h.form == head::none) lines_.fail("Missing colon after key " + lines_.quoted());
            if (h.form == head::header && h.keyless) refuse_keyless(begin, lines_.end(), h);
            member(h, level, keys);
        }
    }

    /// One member, whose line stands at `level`, and all lines that belong to it.
    void member(const head& h, std::size_t level, toon_key_set& keys) {
        name(h.key, h.quoted, keys);
        if (h.form == head::header) {
            after_header(h, level);
            return;
        }
        const char* const p = skip_spaces(h.rest, lines_.end());
        if (p == lines_.end()) {
            lines_.next();
            enter();
            handler_.begin_object();
            toon_key_set inner;
            members(level + 1, inner);
            handler_.end_object();
            --nesting_;
            return;
        }
        if (between(p, lines_.end()) == "[]") {
            handler_.begin_array(0);
            handler_.end_array();
        } else {
            scalar(p, lines_.end());
        }
        lines_.next();
    }

    void name(std::string_view key, bool quoted, toon_key_set& keys) {
        if (strict_ && keys.add(key) != toon_key_set::npos) lines_.fail("Duplicate key " + in_quotes(key));
        tell_key(key, quoted);
    }

    void tell_key(std::string_view key, [[maybe_unused]] bool quoted) {
        if constexpr (requires { handler_.key(key, quoted); })
            handler_.key(key, quoted);
        else
            handler_.key(key);
    }

    void enter() {
        if (++nesting_ > toon_max_depth) lines_.fail("expected at most 1024 levels of nesting");
    }

    // ---- arrays

    /// What a header announces; the header's own line stands at `level`.
    void after_header(const head& h, std::size_t level) {
        enter();
        if (header_.has_fields) {
            table(level + 1);
        } else if (const char* const p = skip_spaces(h.rest, lines_.end()); p != lines_.end()) {
            inline_array(p);
        } else {
            list(level + 1);
        }
        --nesting_;
    }

    void inline_array(const char* p) {
        const std::size_t expected = header_.length;
        handler_.begin_array(expected);
        std::size_t count = 0;
        cells(p, lines_.end(), header_.delimiter, [&](const cell& c) {
            ++count;
            handler_.value(c);
        });
        if (strict_ && count != expected)
            lines_.fail(p, "Expected " + std::to_string(expected) + " array values, but got " + std::to_string(count));
        handler_.end_array();
        lines_.next();
    }

    void list(std::size_t level) {
        const std::size_t expected = header_.length;
        const std::size_t line = header_.line;
        const std::size_t column = header_.column;
        lines_.next();
        handler_.begin_array(expected);
        std::size_t count = 0;
        while (in_scope(level)) {
            const char* const p = lines_.begin();
            if (*p != '-' || (lines_.end() - p > 1 && p[1] != ' ')) {
                if (strict_) lines_.fail("expected a list item, '-' and a space, instead of " + lines_.quoted());
                break;
            }
            accept_line();
            if (count++ == 0) ++arrays_begun_;
            item(skip_spaces(p + 1, lines_.end()), level);
        }
        if (count != 0) --arrays_begun_;
        if (strict_ && count != expected) wrong_count(line, column, expected, count, " list array items");
        handler_.end_array();
    }

    [[noreturn]] static void wrong_count(std::size_t line, std::size_t column, std::size_t expected, std::size_t count,
                                         const char* what) {
        toon_lines::fail_at(line, column,
                            "Expected " + std::to_string(expected) + what + ", but got " + std::to_string(count));
    }

    /// A list item whose hyphen stands at `level` and whose content is at p.
    void item(const char* p, std::size_t level) {
        const char* const end = lines_.end();
        if (p == end) {
            handler_.begin_object();
            handler_.end_object();
            lines_.next();
            return;
        }
        if (between(p, end) == "[]") {
            handler_.begin_array(0);
            handler_.end_array();
            lines_.next();
            return;
        }
        head h;
        parse_head(p, end, h);
        if (h.form == head::none) {
            scalar(p, end);
            lines_.next();
            return;
        }
        if (h.form == head::header && h.keyless) {
            if (!header_.has_fields) {
                after_header(h, level);
                return;
            }
            refuse_keyless(p, end, h);
        }
        enter();
        handler_.begin_object();
        toon_key_set keys;
        member(h, level + 1, keys); // as if it stood on a line of its own, one level deeper than the hyphen
        members(level + 1, keys);
        handler_.end_object();
        --nesting_;
    }

    // ---- tables

    void table(std::size_t level) {
        if constexpr (toon_table_handler<Handler>) {
            if (handler_.takes_table(header_)) {
                handler_.begin_table(header_);
                rows(
                    level, [this](const cell& c) { handler_.table_cell(c); },
                    [this](std::string_view key, bool quoted) { handler_.row_key(key, quoted); });
                handler_.end_table();
                return;
            }
        }
        if (header_.keyed)
            handler_.begin_object();
        else
            handler_.begin_array(header_.length);
        rows(
            level, [this](const cell& c) { row_cell(c); },
            [this](std::string_view key, bool quoted) { tell_key(key, quoted); });
        if (header_.keyed)
            handler_.end_object();
        else
            handler_.end_array();
    }

    /// One cell of a row as events, with the groups that begin before it and end behind it.
    void row_cell(const cell& c) {
        if (step_ == 0) handler_.begin_object();
        for (;; ++step_) {
            const toon_column& column = header_.columns[step_];
            tell_key(column.name, column.quoted);
            if (column.step == toon_column::leaf) break;
            handler_.begin_object();
        }
        handler_.value(c);
        for (++step_; step_ != header_.columns.size() && header_.columns[step_].step == toon_column::end_group; ++step_)
            handler_.end_object();
        if (step_ != header_.columns.size()) return;
        handler_.end_object();
        step_ = 0;
    }

    template <class Cell, class Key>
    void rows(std::size_t level, const Cell& take, const Key& take_key) {
        lines_.next();
        std::size_t count = 0;
        toon_key_set keys;
        while (in_scope(level)) {
            const char* p = lines_.begin();
            if (header_.keyed) {
                accept_line();
                p = entry_key(p, keys, take_key);
            } else {
                if (!is_row(p)) break;
                accept_line();
            }
            if (count++ == 0) ++arrays_begun_;
            row(p, take);
            lines_.next();
        }
        if (count != 0) --arrays_begun_;
        if (strict_ && count != header_.length) {
            wrong_count(header_.line, header_.column, header_.length, count,
                        header_.keyed ? " keyed entries" : " tabular rows");
        }
    }

    /// The key of a row of a keyed table; returns where its cells begin.
    template <class Key>
    const char* entry_key(const char* p, toon_key_set& keys, const Key& take_key) {
        const char* const end = lines_.end();
        std::string_view key;
        const bool quoted = *p == '"';
        const char* colon = nullptr;
        if (quoted) {
            bool escaped = false;
            const char* const close = strings_.skip(p, end, escaped);
            colon = skip_spaces(close, end);
            if (colon != end && *colon != ':') lines_.fail(close, "Unexpected characters after the closing quote");
            key = strings_.name(p, close, escaped);
        } else {
            colon = find_unquoted(p, end, lines_.limit(), ':', ':');
            key = between(p, trim_spaces(p, colon));
        }
        if (colon == end) lines_.fail("Missing colon after key " + lines_.quoted());
        if (strict_ && keys.add(key) != toon_key_set::npos) lines_.fail("Duplicate key " + in_quotes(key));
        take_key(key, quoted);
        return skip_spaces(colon + 1, end);
    }

    /// Whether the line is a row: no unquoted colon comes before the first unquoted delimiter.
    bool is_row(const char* p) const {
        const char* const stop = find_unquoted(p, lines_.end(), lines_.limit(), header_.delimiter, ':');
        return stop == lines_.end() || *stop == header_.delimiter;
    }

    template <class Cell>
    void row(const char* p, const Cell& take) {
        const std::size_t width = header_.leaves;
        std::size_t count = 0;
        if (!header_.keyed || p != lines_.end()) { // an entry with nothing behind its colon has no cells
            cells(p, lines_.end(), header_.delimiter, [&](const cell& c) {
                if (count++ < width) take(c);
            });
        }
        if (count == width) [[likely]]
            return;
        if (strict_) {
            lines_.fail("Expected " + std::to_string(width) + " values in row, but got " + std::to_string(count) +
                        ": " + lines_.quoted());
        }
        for (; count < width; ++count) take(cell());
    }

    // ---- values

    /// Calls `take` for each of the values between delimiters.
    template <class Take>
    void cells(const char* p, const char* end, char delimiter, const Take& take) {
        for (;;) {
            p = skip_spaces(p, end);
            const char* stop = nullptr;
            if (p != end && *p == '"') {
                bool escaped = false;
                const char* const close = strings_.skip(p, end, escaped);
                stop = skip_spaces(close, end);
                if (stop != end && *stop != delimiter)
                    lines_.fail(close, "Unexpected characters after the closing quote");
                take(cell::of_text(value_text(p, close, escaped)));
            } else {
                stop = find_stop(p, end, lines_.limit(), {delimiter, '"', '"'});
                if (stop != end && *stop == '"') stop = find_unquoted(p, end, lines_.limit(), delimiter, delimiter);
                take(bare(p, trim_spaces(p, stop)));
            }
            if (stop == end) return;
            p = stop + 1;
        }
    }

    /// A value that takes the rest of a line.
    void scalar(const char* p, const char* end) {
        if (*p != '"') {
            handler_.value(bare(p, end));
            return;
        }
        bool escaped = false;
        const char* const close = strings_.skip(p, end, escaped);
        if (close != end) lines_.fail(close, "Unexpected characters after the closing quote");
        handler_.value(cell::of_text(value_text(p, close, escaped)));
    }

    std::string_view value_text(const char* p, const char* close, bool escaped) {
        const std::string_view text = strings_.content(p, close, escaped);
        if constexpr (requires { handler_.keep(text); }) {
            if (escaped) return handler_.keep(text);
        }
        return text;
    }

    /// A token without quotes.
    cell bare(const char* p, const char* end) const {
        const std::string_view token = between(p, end);
        cell number;
        if (!token.empty()) {
            if (is_digit(*p) || *p == '-') {
                switch (read_number(p, end, number)) {
                case toon_number::good: return number;
                case toon_number::none: break;
                case toon_number::too_large:
                    if (strict_) lines_.fail(p, "number " + in_quotes(token) + " is too large for a double");
                }
            } else if (*p == 't' && token == "true") {
                return cell(true);
            } else if (*p == 'f' && token == "false") {
                return cell(false);
            } else if (*p == 'n' && token == "null") {
                return {};
            }
        }
        return cell::of_text(token);
    }

    toon_lines lines_;
    toon_strings strings_;
    toon_header_parser parser_;
    toon_header header_; // the last one read; that of a table stays as long as its rows are read
    Handler& handler_;
    bool strict_;
    std::size_t nesting_ = 0;
    std::size_t arrays_begun_ = 0; // arrays and keyed tables that are open and have an element
    std::size_t step_ = 0;         // the column of a row whose cell comes next
};

} // namespace weft::inline v0::detail
