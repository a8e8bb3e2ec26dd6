// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Cells of one-line tables, `name[2]{a,b}:1,x;2,y`, written and read.

#include <weft/core/blob_text.hpp>
#include <weft/format/detail/toon_output.hpp>
#include <weft/format/detail/toon_tree.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace weft::inline v0::detail {

inline constexpr std::string_view toon_table_null = "\u2205";
inline constexpr std::string_view toon_table_base64 = "b64:";
inline constexpr std::size_t toon_table_depth = 64;

/// The words that are no texts.
inline bool is_toon_table_word(std::string_view text) noexcept {
    for (const std::string_view word :
         {toon_table_null, std::string_view("T"), std::string_view("F"), std::string_view("true"),
          std::string_view("false"), std::string_view("True"), std::string_view("False"), std::string_view("null")}) {
        if (text == word) return true;
    }
    return false;
}

/// Whether a text reads back as itself without quotes; within lists and objects more characters have a meaning.
inline bool is_bare_toon_table_text(std::string_view text, bool nested) noexcept {
    if (text.empty() || text.front() == ' ' || text.front() == '\t' || text.back() == ' ') return false;
    if (text.front() == '[' || text.front() == '{') return false;
    if (text.find("]{") != std::string_view::npos) return false; // might be a header
    if (is_toon_table_word(text) || looks_like_toon_number(text) || text.starts_with(toon_table_base64)) return false;
    for (const char c : text) {
        if (c == ',' || c == ';' || c == '"' || c == '\\' || c == '\n' || c == '\r') return false;
        if (nested && (c == ':' || c == '[' || c == ']' || c == '{' || c == '}')) return false;
    }
    return !text.starts_with("ref(");
}

inline void put_toon_table_quoted(toon_output& out, std::string_view text) {
    out.put('"');
    for (const char c : text) {
        switch (c) {
        case '"': out.put("\\\""); break;
        case '\\': out.put("\\\\"); break;
        case '\n': out.put("\\n"); break;
        case '\r': out.put("\\r"); break;
        default: out.put(c);
        }
    }
    out.put('"');
}

inline void put_toon_table_text(toon_output& out, std::string_view text, bool nested) {
    const std::size_t bad = find_invalid_utf8(text);
    if (bad != std::string_view::npos) {
        throw data_error("cannot write " + in_quotes(text) + " as a TOON table: expected valid UTF-8 at byte " +
                         std::to_string(bad));
    }
    if (is_bare_toon_table_text(text, nested))
        out.put(text);
    else
        put_toon_table_quoted(out, text);
}

/// The name of a column: in quotes when it is not what stands between commas and braces.
inline void put_toon_table_name(toon_output& out, std::string_view name) {
    bool bare = !name.empty() && name.front() != ' ' && name.back() != ' ';
    for (const char c : name) {
        bare = bare && static_cast<unsigned char>(c) >= 0x20 && c != ',' && c != ':' && c != '{' && c != '}' &&
               c != '"' && c != '\\' && c != '(' && c != ')';
    }
    if (!is_valid_utf8(name))
        throw data_error("cannot write " + in_quotes(name) + " as a column of a TOON table: expected valid UTF-8");
    if (bare)
        out.put(name);
    else
        put_toon_table_quoted(out, name);
}

/// One value. A float keeps a point or an exponent, so that it reads back as one.
inline void put_toon_table_cell(toon_output& out, const cell& c, std::size_t depth = 0) {
    switch (c.kind()) {
    case type_id::null: out.put(toon_table_null); break;
    case type_id::boolean: out.put(c.boolean() ? 'T' : 'F'); break;
    case type_id::int64:
    case type_id::uint64: put_toon_primitive(out, c, ','); break;
    case type_id::float64: {
        if (c.float64() - c.float64() != 0) {
            out.put(toon_table_null);
            break;
        }
        const std::size_t before = out.size();
        put_toon_float(out, c.float64());
        if (out.view().substr(before).find_first_of(".e") == std::string_view::npos) out.put(std::string_view(".0"));
        break;
    }
    case type_id::blob:
        out.put(toon_table_base64);
        out.put(to_base64(c.blob()));
        break;
    case type_id::vector:
    case type_id::list:
    case type_id::structure: {
        if (depth == toon_table_depth) throw data_error("a TOON table holds at most 64 levels of lists and objects");
        const bool object = c.kind() == type_id::structure;
        out.put(object ? '{' : '[');
        const bool floats = c.kind() == type_id::vector;
        const std::size_t count = floats ? c.vector().size() : c.nested_count();
        for (std::size_t i = 0; i < count; ++i) {
            if (i != 0) out.put(',');
            if (object) {
                put_toon_table_text(out, c.nested_name(i), true);
                out.put(':');
            }
            if (floats)
                put_toon_float(out, c.vector()[i]);
            else
                put_toon_table_cell(out, c.nested_element(i), depth + 1);
        }
        out.put(object ? '}' : ']');
        break;
    }
    case type_id::text:
    case type_id::json: put_toon_table_text(out, c.text(), depth != 0); break;
    default: {
        std::string text;
        append_text(text, c); // decimals, dates and times
        if (c.kind() == type_id::decimal)
            out.put(text);
        else
            put_toon_table_text(out, text, depth != 0);
    }
    }
}

/// Reads the values of one-line tables. A position is a pointer into the text of the tree.
class toon_table_scanner {
public:
    toon_table_scanner(toon_tree& tree, const char* end) noexcept : tree_(tree), end_(end) {}

    enum class declared { any, text, bytes }; ///< what the header says about a column

    static constexpr bool ends_cell(char c) noexcept { return c == ',' || c == ';' || c == '\n' || c == '\r'; }

    /// Reads the cell at p and moves p behind it and the spaces there.
    cell read(const char*& p, declared type) {
        p = skip_spaces(p, end_);
        if (p != end_ && *p == '"') {
            const char* const close = closing_quote(p);
            if (close == nullptr) return {};
            const std::string_view text = unquoted(p + 1, close);
            p = skip_spaces(close + 1, end_);
            return cell::of_text(text);
        }
        if (p != end_ && (*p == '[' || *p == '{') && type == declared::any) {
            const char* after = p;
            if (const std::optional<cell> nested = read_nested(after, 0); nested && is_end(after)) {
                p = skip_spaces(after, end_);
                return *nested;
            }
        }
        const char* const first = p;
        if (between(p, end_).starts_with("ref(")) p = behind(p, ')');
        while (p != end_ && !ends_cell(*p)) ++p;
        return bare(between(first, trim_spaces(first, p)), type);
    }

    /// Whether a cell can end at p.
    bool is_end(const char* p) const noexcept {
        p = skip_spaces(p, end_);
        return p == end_ || ends_cell(*p);
    }

    /// The closing quote of the text at p: one that a cell can end behind. Null when there is none.
    const char* closing_quote(const char* p) const noexcept {
        for (++p; p != end_; ++p) {
            if (*p == '\\' && end_ - p > 1)
                ++p;
            else if (*p == '"' && is_end(p + 1))
                return p;
        }
        return nullptr;
    }

    /// The text between quotes; a backslash before what needs none stays.
    std::string_view unquoted(const char* p, const char* end) {
        const std::string_view text = between(p, end);
        if (text.find('\\') == std::string_view::npos) return text;
        std::string out;
        for (; p != end; ++p) {
            if (*p != '\\' || end - p == 1) {
                out += *p;
                continue;
            }
            switch (*++p) {
            case 'n': out += '\n'; break;
            case 'r': out += '\r'; break;
            case 't': out += '\t'; break;
            case 'b': out += '\b'; break;
            case 'f': out += '\f'; break;
            case '"':
            case '\\':
            case '/': out += *p; break;
            default: out += '\\'; out += *p;
            }
        }
        return tree_.storage().keep(out);
    }

private:
    const char* behind(const char* p, char c) const noexcept {
        const char* q = p;
        while (q != end_ && *q != c && *q != ';' && *q != '\n') ++q;
        return q != end_ && *q == c ? q + 1 : p;
    }

    /// A value without quotes.
    cell bare(std::string_view text, declared type) {
        if (text == toon_table_null || text == "null") return {};
        if (type == declared::bytes) return bytes(text);
        if (type == declared::text || text.empty()) return cell::of_text(text);
        if (text == "T" || text == "true" || text == "True") return cell(true);
        if (text == "F" || text == "false" || text == "False") return cell(false);
        cell number;
        if ((is_digit(text.front()) || text.front() == '-') &&
            read_number(text.data(), text.data() + text.size(), number) == toon_number::good)
            return number;
        if (text.starts_with(toon_table_base64)) return bytes(text);
        return cell::of_text(text);
    }

    /// Bytes in base64 or hexadecimal with their prefix; what is neither is a text.
    cell bytes(std::string_view text) {
        try {
            if (text.starts_with(toon_table_base64)) return keep(from_base64(text.substr(toon_table_base64.size())));
            if (text.starts_with("0x")) return keep(from_hex(text.substr(2)));
        } catch (const data_error&) {
            // not what it seemed
        }
        return cell::of_text(text);
    }

    cell keep(const blob& b) { return cell::of_blob(as_blob(tree_.storage().keep(as_text(b)))); }

    /// `[a,b]`, `[a;b]`, `{k:v,…}`, `{k:v;…}`: nothing when it is none.
    std::optional<cell> read_nested(const char*& p, std::size_t depth) {
        if (depth == toon_table_depth) return std::nullopt;
        const bool object = *p == '{';
        const char close = object ? '}' : ']';
        plain_array<cell> values;
        plain_array<std::string_view> names;
        p = skip_spaces(p + 1, end_);
        if (p != end_ && *p == close) {
            ++p;
            return keep(object, values, names);
        }
        for (;;) {
            p = skip_spaces(p, end_);
            if (object) {
                std::optional<std::string_view> name = nested_text(p, ":");
                if (!name || p == end_ || *p != ':') return std::nullopt;
                names.push_back(*name);
                p = skip_spaces(p + 1, end_);
            }
            if (p != end_ && (*p == '[' || *p == '{')) {
                const std::optional<cell> inner = read_nested(p, depth + 1);
                if (!inner) return std::nullopt;
                values.push_back(*inner);
            } else {
                const bool quoted = p != end_ && *p == '"';
                const std::optional<std::string_view> text = nested_text(p, object ? ",;}" : ",;]");
                if (!text) return std::nullopt;
                values.push_back(quoted ? cell::of_text(*text) : bare(*text, declared::any));
            }
            p = skip_spaces(p, end_);
            if (p == end_) return std::nullopt;
            if (*p == close) {
                ++p;
                return keep(object, values, names);
            }
            if (*p != ',' && *p != ';') return std::nullopt;
            ++p;
        }
    }

    /// A text within a list or object, which ends at one of the characters.
    std::optional<std::string_view> nested_text(const char*& p, std::string_view ends) {
        if (p != end_ && *p == '"') {
            const char* close = p + 1;
            while (close != end_ && *close != '"') close += *close == '\\' && end_ - close > 1 ? 2 : 1;
            if (close == end_) return std::nullopt;
            const std::string_view text = unquoted(p + 1, close);
            p = skip_spaces(close + 1, end_);
            return text;
        }
        const char* const first = p;
        while (p != end_ && ends.find(*p) == std::string_view::npos) {
            if (*p == '\n' || *p == '\r' || *p == '"') return std::nullopt;
            ++p;
        }
        return between(first, trim_spaces(first, p));
    }

    cell keep(bool object, const plain_array<cell>& values, const plain_array<std::string_view>& names) {
        const std::size_t first = tree_.cells.size();
        tree_.cells.append(values.begin(), values.size());
        if (!object) return tree_.list(first, values.size());
        const std::size_t first_name = tree_.names.size();
        tree_.names.append(names.begin(), names.size());
        return tree_.object(first, first_name, values.size());
    }

    toon_tree& tree_;
    const char* end_;
};

} // namespace weft::inline v0::detail
