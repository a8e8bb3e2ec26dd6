// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The text that QUERY answers, `result[3]{name,price}:Laptop,999;Mouse,25;Desk,∅`, both ways and exactly as ToonDB's
/// server and clients have it. It says less than the tables of `weft/format/toon_table.hpp`: a text is in quotes only
/// when it has a `,` or `;`, and only `"` is escaped, so a text that looks like a number is read back as one.

#include <weft/core/blob.hpp>
#include <weft/core/cell.hpp>
#include <weft/core/utf8.hpp>
#include <weft/format/dicts.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::inline v0::toondb::protocol {

inline constexpr std::string_view null_text = "\xE2\x88\x85"; ///< `∅`

/// Appends one value: `∅`, decimal integers, floats with 6 decimals, `T` and `F`, `b64:` and base64, texts.
inline void append_table_cell(std::string& out, const cell& c) {
    const auto text = [&out](std::string_view t) {
        if (t.find_first_of(",;") == std::string_view::npos) {
            out += t;
            return;
        }
        out += '"';
        for (const char b : t) {
            if (b == '"') out += '\\';
            out += b;
        }
        out += '"';
    };
    switch (c.kind()) {
    case type_id::null: out += null_text; break;
    case type_id::boolean: out += c.boolean() ? 'T' : 'F'; break;
    case type_id::int64: out += std::to_string(c.int64()); break;
    case type_id::uint64: out += std::to_string(c.uint64()); break;
    case type_id::float64: {
        char digits[400]; // the largest double has 309 digits before the point
        const int length = std::snprintf(digits, sizeof digits, "%.6f", c.float64());
        for (int i = 0; i < length; ++i) out += digits[i] == ',' ? '.' : digits[i]; // whatever the locale
        break;
    }
    case type_id::text:
    case type_id::json: text(c.text()); break;
    case type_id::blob: (out += "b64:") += to_base64(c.blob()); break;
    default: {
        std::string written;
        append_text(written, c);
        text(written);
    }
    }
}

namespace detail {

/// Cells and rows of a table text, with regard to quotes.
class table_parser {
public:
    explicit table_parser(std::string_view text) noexcept : rest_(text) {}

    /// `name[count]{columns}:`. False when it is none.
    bool head(std::vector<std::string>& columns) {
        const std::size_t open = rest_.find('{');
        const std::size_t colon = rest_.find(':', open == std::string_view::npos ? 0 : rest_.find('}', open));
        if (open == std::string_view::npos || colon == std::string_view::npos || colon == 0) return false;
        if (rest_.substr(0, open).find(':') != std::string_view::npos || rest_[colon - 1] != '}') return false;
        std::string_view names = rest_.substr(open + 1, colon - open - 2);
        rest_.remove_prefix(colon + 1);
        while (!names.empty()) {
            const std::size_t comma = names.find(',');
            columns.emplace_back(trimmed(names.substr(0, comma)));
            if (comma == std::string_view::npos) break;
            names.remove_prefix(comma + 1);
        }
        return true;
    }

    bool at_end() {
        while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
        return rest_.empty();
    }

    /// The next cell; `last` when it ends its row.
    value next(bool& last) {
        std::string quoted;
        std::string_view plain;
        const bool in_quotes = take_quoted(quoted);
        if (!in_quotes) {
            const std::size_t end = rest_.find_first_of(",;");
            plain = trimmed(rest_.substr(0, end));
            rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end);
        }
        last = rest_.empty() || rest_.front() == ';';
        if (!rest_.empty()) rest_.remove_prefix(1);
        return in_quotes ? value(quoted) : value_of(plain);
    }

private:
    static bool is_blank(char c) noexcept { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
    static std::string_view trimmed(std::string_view text) noexcept {
        while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
        while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
        return text;
    }

    /// A text in quotes up to the end of its cell. A quote that is never closed before one is an ordinary character.
    bool take_quoted(std::string& out) {
        std::size_t at = 0;
        while (at < rest_.size() && rest_[at] == ' ') ++at;
        if (at == rest_.size() || rest_[at] != '"') return false;
        for (++at; at < rest_.size(); ++at) {
            if (rest_[at] == '\\' && at + 1 < rest_.size() && rest_[at + 1] == '"') {
                out += rest_[++at];
            } else if (rest_[at] == '"') {
                std::size_t after = at + 1;
                while (after < rest_.size() && is_blank(rest_[after])) ++after;
                if (after != rest_.size() && rest_[after] != ',' && rest_[after] != ';') return false;
                rest_.remove_prefix(after);
                return true;
            } else {
                out += rest_[at];
            }
        }
        return false;
    }

    static value value_of(std::string_view text) {
        if (text == null_text) return {};
        if (text == "T") return value(true);
        if (text == "F") return value(false);
        const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
        const std::size_t dot = digits.find('.');
        bool number = !digits.empty() && dot != 0 && dot + 1 != digits.size();
        for (std::size_t i = 0; i < digits.size() && number; ++i)
            number = i == dot || (digits[i] >= '0' && digits[i] <= '9');
        if (!number) return value(text);
        if (dot == std::string_view::npos) {
            std::int64_t whole = 0;
            if (std::from_chars(text.data(), text.data() + text.size(), whole).ec == std::errc()) return value(whole);
            std::uint64_t natural = 0;
            if (text.front() != '-' &&
                std::from_chars(text.data(), text.data() + text.size(), natural).ec == std::errc())
                return value(natural);
        }
        double real = 0;
        if (std::from_chars(text.data(), text.data() + text.size(), real).ec != std::errc()) return value(text);
        return value(real);
    }

    std::string_view rest_;
};

} // namespace detail

/// The rows of a table text, each a map from column to value. Numbers, `T`, `F` and `∅` are values, everything else is
/// a text, `b64:…` too. Blanks after `:` and `;`, a `;` at the end, and `[]`, nothing or `result[0]{}:` for no rows are
/// understood. Text that is no table gives no rows, as ToonDB's clients do it; so does one whose rows have not as many
/// cells as there are columns.
inline std::vector<dict> parse_table_text(std::string_view text) {
    std::vector<dict> rows;
    std::vector<std::string> columns;
    detail::table_parser parser(text);
    if (!is_valid_utf8(text) || !parser.head(columns) || columns.empty()) return rows;
    const auto names = std::make_shared<const std::vector<std::string>>(std::move(columns));
    while (!parser.at_end()) {
        std::vector<value> values;
        for (bool last = false; !last;) values.push_back(parser.next(last));
        if (values.size() != names->size()) return {};
        rows.emplace_back(names, std::move(values));
    }
    return rows;
}

} // namespace weft::inline v0::toondb::protocol
