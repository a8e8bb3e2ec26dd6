// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/core/cell_writer.hpp>
#include <weft/format/detail/toon_keys.hpp>
#include <weft/format/detail/toon_lines.hpp>

#include <string>

namespace weft::inline v0::detail {

/// One step through the columns of a table, in the order of its cells.
struct toon_column {
    enum kind : unsigned char { leaf, begin_group, end_group };

    kind step = leaf;
    bool quoted = false;   ///< whether the name stood in quotes
    std::string_view name; ///< empty for the end of a group
};

/// `[N]`, `[N]{a,b{c,d}}`, `[N:]{…}`, with the delimiter after N unless it is the comma.
struct toon_header {
    std::size_t length = 0;
    char delimiter = ',';
    bool keyed = false;
    bool has_fields = false;
    std::size_t leaves = 0; ///< cells of a row
    plain_array<toon_column> columns;
    std::size_t line = 0; ///< where the header stands
    std::size_t column = 0;
};

/// Texts and names in quotes.
class toon_strings {
public:
    toon_strings(const toon_lines& lines, cell_storage& kept) noexcept : lines_(lines), kept_(kept) {}

    /// Behind the closing quote of the text whose opening quote is at `p`.
    const char* skip(const char* p, const char* end, bool& escaped) const {
        const char* const open = p++;
        escaped = false;
        for (;;) {
            p = find_stop(p, end, lines_.limit(), {'"', '\\', '"'});
            if (p == end) lines_.fail(open, "Unterminated string: missing closing quote");
            if (*p == '"') return p + 1;
            escaped = true;
            p += end - p > 1 ? 2 : 1;
        }
    }

    /// What stands in the quotes at `p` and `close - 1`: a view of the text or, when there are escapes, of memory that
    /// the next call uses again.
    std::string_view content(const char* p, const char* close, bool escaped) {
        if (!escaped) return between(p + 1, close - 1);
        scratch_.clear();
        const char* const end = close - 1;
        for (++p; p != end;) {
            const char* const backslash = find_stop(p, end, lines_.limit(), {'\\', '\\', '\\'});
            scratch_.append(p, backslash);
            if (backslash == end) break;
            p = unescape_one(backslash + 1, end, scratch_);
            if (p == nullptr) {
                const std::size_t shown = end - backslash < 6 ? static_cast<std::size_t>(end - backslash) : 6;
                lines_.fail(backslash, "Invalid escape sequence: " + in_quotes({backslash, shown}));
            }
        }
        return scratch_;
    }

    /// A name: unescaped ones are kept as long as the storage.
    std::string_view name(const char* p, const char* close, bool escaped) {
        const std::string_view text = content(p, close, escaped);
        return escaped ? kept_.keep(text) : text;
    }

private:
    const toon_lines& lines_;
    cell_storage& kept_;
    std::string scratch_;
};

/// Reads the header whose `[` is at `p`. Where it breaks the syntax, `defect` says what was expected at `place`.
class toon_header_parser {
public:
    toon_header_parser(const toon_lines& lines, toon_strings& strings, bool strict) noexcept
        : lines_(lines), strings_(strings), strict_(strict) {}

    /// Behind the colon, or null.
    const char* parse(const char* p, const char* end, toon_header& out) {
        end_ = end;
        out.line = lines_.number();
        out.column = lines_.column(p);
        p = bracket(p, out);
        if (p == nullptr) return nullptr;
        out.columns.clear();
        out.leaves = 0;
        out.has_fields = p != end && *p == '{';
        if (out.has_fields) {
            p = fields(p, out, 1);
            if (p == nullptr) return nullptr;
        } else if (out.keyed) {
            return fail(p, "'{' and the columns of a keyed table");
        }
        if (p == end || *p != ':') return fail(p, "':' right after the header");
        ++p;
        if (out.has_fields) {
            const char* const rest = skip_spaces(p, end);
            if (rest != end) return fail(rest, "nothing on the line of a table's header");
        }
        return p;
    }

    const char* place() const noexcept { return place_; }
    const char* defect() const noexcept { return defect_; }

private:
    const char* fail(const char* place, const char* expected) noexcept {
        place_ = place;
        defect_ = expected;
        return nullptr;
    }

    bool at(const char* p, char c) const noexcept { return p != end_ && *p == c; }

    const char* bracket(const char* p, toon_header& out) noexcept {
        const char* const first = ++p;
        std::size_t length = 0;
        for (; p != end_ && is_digit(*p); ++p) {
            if (p - first == 18) return fail(first, "a length of at most 18 digits");
            length = length * 10 + static_cast<std::size_t>(*p - '0');
        }
        if (p == first || (*first == '0' && p - first > 1))
            return fail(first, "a length without sign and leading zeros");
        out.length = length;
        out.keyed = at(p, ':');
        if (out.keyed) ++p;
        out.delimiter = ',';
        if (at(p, '\t') || at(p, '|')) out.delimiter = *p++;
        if (!at(p, ']')) return fail(p, "']' after the length and the delimiter");
        return p + 1;
    }

    const char* fields(const char* p, toon_header& out, std::size_t depth) {
        if (depth > toon_max_depth) return fail(p, "at most 1024 levels of nesting");
        toon_key_set names;
        for (;;) {
            p = entry(skip_spaces(p + 1, end_), out, names, depth);
            if (p == nullptr) return nullptr;
            p = skip_spaces(p, end_);
            if (at(p, '}')) return p + 1;
            if (!at(p, out.delimiter)) return fail(p, "the delimiter of the header or '}'");
        }
    }

    const char* entry(const char* p, toon_header& out, toon_key_set& names, std::size_t depth) {
        toon_column column;
        const char* const begin = p;
        column.quoted = at(p, '"');
        if (column.quoted) {
            bool escaped = false;
            p = strings_.skip(p, end_, escaped);
            column.name = strings_.name(begin, p, escaped);
        } else {
            while (p != end_ && *p != out.delimiter && *p != '{' && *p != '}') {
                if (*p == ',' || *p == '|' || *p == '\t' || *p == ':' || *p == '"' || *p == '[' || *p == ']')
                    return fail(p, "a name, or one in quotes, and the delimiter of the header");
                ++p;
            }
            column.name = between(begin, trim_spaces(begin, p));
            if (column.name.empty()) return fail(begin, "the name of a column");
        }
        if (strict_ && names.add(column.name) != toon_key_set::npos)
            lines_.fail(begin, "Duplicate key " + in_quotes(column.name));
        if (!at(p, '{')) {
            out.columns.push_back(column);
            ++out.leaves;
            return p;
        }
        column.step = toon_column::begin_group;
        out.columns.push_back(column);
        p = fields(p, out, depth + 1);
        column.step = toon_column::end_group;
        column.name = {};
        out.columns.push_back(column);
        return p;
    }

    const toon_lines& lines_;
    toon_strings& strings_;
    bool strict_;
    const char* end_ = nullptr;
    const char* place_ = nullptr;
    const char* defect_ = "";
};

} // namespace weft::inline v0::detail
