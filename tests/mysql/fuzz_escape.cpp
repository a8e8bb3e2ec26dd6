// SPDX-License-Identifier: BSL-1.0
// Whatever bytes a value has, a lexer that follows the server's rules for the session's character set and mode reads
// its literal as exactly one literal, worth the same bytes.
#include <weft/core/blob_text.hpp>
#include <weft/mysql/protocol/escape.hpp>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

using namespace weft::mysql::protocol;
using weft::cell;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

bool within(unsigned char c, unsigned low, unsigned high) {
    return c >= low && c <= high;
}

// Bytes of the multi-byte character at the front of `s`; 1 where there is none.
std::size_t character(std::string_view set, std::string_view s) {
    const auto at = [&](std::size_t i) { return i < s.size() ? static_cast<unsigned char>(s[i]) : 0U; };
    const auto first = static_cast<unsigned char>(at(0));
    const auto second = static_cast<unsigned char>(at(1));
    const bool low_trail = within(second, 0x40, 0x7E) || within(second, 0x80, 0xFE);
    if (set == "utf8mb4") {
        const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 1;
        for (std::size_t i = 1; i < length; ++i) {
            if ((at(i) & 0xC0) != 0x80) return 1;
        }
        return length;
    }
    if (set == "gbk" || set == "gb18030") return within(first, 0x81, 0xFE) && low_trail ? 2 : 1;
    if (set == "sjis" || set == "cp932")
        return (within(first, 0x81, 0x9F) || within(first, 0xE0, 0xFC)) && low_trail && second <= 0xFC ? 2 : 1;
    if (set == "big5")
        return within(first, 0xA1, 0xF9) && (within(second, 0x40, 0x7E) || within(second, 0xA1, 0xFE)) ? 2 : 1;
    if (set == "euckr" || set == "ujis") return within(first, 0xA1, 0xFE) && within(second, 0xA1, 0xFE) ? 2 : 1;
    return 1;
}

// What a backslash and a character stand for.
std::string unescaped(char c) {
    switch (c) {
    case '0': return std::string(1, '\0');
    case 'n': return "\n";
    case 't': return "\t";
    case 'r': return "\r";
    case 'b': return "\b";
    case 'Z': return "\x1A";
    case '%':
    case '_': return std::string("\\") + c;
    default: return std::string(1, c);
    }
}

// Reads `'…'` at the front of `s`; nothing unless it is the whole of `s`.
std::optional<std::string> quoted(std::string_view s, std::string_view set, bool backslash) {
    if (s.empty() || s[0] != '\'') return std::nullopt;
    std::string value;
    for (std::size_t i = 1; i < s.size();) {
        const std::size_t length = character(set, s.substr(i));
        if (length > 1) {
            value += s.substr(i, length);
            i += length;
        } else if (s[i] == '\\' && backslash) {
            if (i + 1 == s.size()) return std::nullopt;
            value += unescaped(s[i + 1]);
            i += 2;
        } else if (s[i] != '\'') {
            value += s[i++];
        } else if (i + 1 < s.size() && s[i + 1] == '\'') {
            value += '\'';
            i += 2;
        } else {
            return i + 1 == s.size() ? std::optional(value) : std::nullopt;
        }
    }
    return std::nullopt;
}

// Reads `x'…'`, with an introducer or without.
std::optional<std::string> digits(std::string_view s) {
    if (s.starts_with('_')) {
        const std::size_t space = s.find(' ');
        if (space == std::string_view::npos || find_charset(s.substr(1, space - 1)) == nullptr) return std::nullopt;
        s.remove_prefix(space + 1);
    }
    if (!s.starts_with("x'") || !s.ends_with('\'') || s.size() < 3) return std::nullopt;
    const weft::blob bytes = weft::from_hex(s.substr(2, s.size() - 3));
    return std::string(weft::as_text(bytes));
}

bool is_number(std::string_view s) {
    return !s.empty() && s.find_first_not_of("0123456789+-.e") == std::string_view::npos &&
           s.find("--") == std::string_view::npos;
}

void check(const cell& c, const literal_rules& rules, std::string_view set) {
    std::string text;
    append_literal(text, c, rules);
    switch (c.kind()) {
    case weft::type_id::text:
    case weft::type_id::json: {
        const auto value = text.starts_with('\'') ? quoted(text, set, rules.backslash_escapes) : digits(text);
        require(value && *value == c.text());
        break;
    }
    case weft::type_id::blob: {
        const auto value = digits(text);
        require(value && *value == weft::as_text(c.blob()));
        break;
    }
    case weft::type_id::vector: require(digits(text)->size() == 4 * c.vector().size()); break;
    case weft::type_id::date:
    case weft::type_id::time:
    case weft::type_id::datetime: require(quoted(text, set, rules.backslash_escapes)->size() >= 8); break;
    default: require(is_number(text));
    }
    std::string statement;
    append_statement(statement, "SELECT ?, '?'", std::vector<cell>{c}, rules);
    require(statement == "SELECT " + text + ", '?'");
}

void check_name(std::string_view name, const literal_rules& rules, std::string_view set) {
    std::string text;
    append_identifier(text, name, rules);
    require(text.size() >= 2 && text.front() == '`' && text.back() == '`');
    for (std::size_t i = 1; i + 1 < text.size();) {
        const std::size_t length = character(set, std::string_view(text).substr(i));
        if (length == 1 && text[i] == '`') {
            require(text[i + 1] == '`' && i + 2 < text.size());
            ++i;
        }
        i += length;
    }
}

template <class T>
T taken(std::string_view text) {
    T v{};
    std::memcpy(&v, text.data(), text.size() < sizeof v ? text.size() : sizeof v);
    return v;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    constexpr std::string_view sets[] = {"utf8mb4", "latin1", "gbk", "sjis", "big5", "euckr", "gb18030", "klingon"};
    const std::string_view set = sets[data[0] % 8];
    literal_rules rules = rules_of_session(set, (data[0] & 8) != 0 ? status::no_backslash_escapes : std::uint16_t{0});
    rules.binary_introducer = (data[0] & 16) != 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
    try {
        switch (data[1] % 9) {
        case 0: check(cell::of_text(text), rules, set); break;
        case 1: check(cell::of_json(text), rules, set); break;
        case 2: check(cell::of_blob(weft::as_blob(text)), rules, set); break;
        case 3: check(cell(taken<std::int64_t>(text)), rules, set); break;
        case 4: check(cell(taken<double>(text)), rules, set); break;
        case 5: check(cell::of_decimal_text(text), rules, set); break;
        case 6: check(cell::of_datetime(taken<std::int64_t>(text)), rules, set); break;
        case 7: check(cell::of_time(taken<std::int64_t>(text)), rules, set); break;
        default: check_name(text, rules, set);
        }
    } catch (const weft::data_error&) {
        require(data[1] % 9 >= 4); // texts, bytes and whole numbers always have a literal
    }
    return 0;
}
