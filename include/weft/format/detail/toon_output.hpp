// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/core/blob.hpp>
#include <weft/core/cell.hpp>
#include <weft/core/json_output.hpp>
#include <weft/format/detail/toon_token.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace weft::inline v0::detail {

/// Text that grows at its end.
class toon_output {
public:
    /// Room for `size` bytes behind the text; done() says how far it was used.
    char* room(std::size_t size) {
        if (text_.size() - used_ < size) grow(size);
        return text_.data() + used_;
    }
    void done(const char* end) noexcept { used_ = static_cast<std::size_t>(end - text_.data()); }

    void put(char c) {
        *room(1) = c;
        ++used_;
    }
    void put(std::string_view text) {
        if (text.empty()) return;
        std::memcpy(room(text.size()), text.data(), text.size());
        used_ += text.size();
    }
    void fill(char c, std::size_t count) {
        std::memset(room(count), c, count);
        used_ += count;
    }

    std::size_t size() const noexcept { return used_; }
    std::string_view view() const noexcept { return {text_.data(), used_}; }
    void cut(std::size_t size) noexcept { used_ = size; }

    /// The text; what follows begins anew.
    std::string take() {
        text_.resize(used_);
        used_ = 0;
        return std::exchange(text_, {});
    }

private:
    void grow(std::size_t size) {
        const std::size_t wanted = used_ + size;
        text_.resize(wanted < 2 * text_.size() ? 2 * text_.size() : wanted < 128 ? 128 : wanted);
    }

    std::string text_; // longer than what it holds
    std::size_t used_ = 0;
};

/// Bytes of the word that may make quotes necessary, marked in their high bits: control characters, quote, colon,
/// delimiter, brackets, braces, backslash, the bar between the braces, and everything that is not ASCII.
constexpr std::uint64_t toon_suspects(std::uint64_t word, std::uint64_t delimiters) noexcept {
    const std::uint64_t ascii = word & ~every_high_bit;
    const std::uint64_t folded = ascii | every_byte * 0x20; // brackets and backslash become braces and bar
    const std::uint64_t braces = (folded + every_byte * 5) & ~(folded + every_byte * 2);
    const std::uint64_t control = ~(ascii + every_byte * 0x60);
    return (word | braces | control | zero_bytes(word ^ every_byte * '"') | zero_bytes(word ^ every_byte * ':') |
            zero_bytes(word ^ delimiters)) &
           every_high_bit;
}

/// Whether the text, which is not empty, holds a byte that toon_suspects marks.
inline bool has_toon_suspects(std::string_view text, char delimiter) noexcept {
    const std::uint64_t delimiters = every_byte * static_cast<unsigned char>(delimiter);
    const char* const p = text.data();
    const std::size_t size = text.size();
    std::uint64_t word = 0;
    if (size >= 8) {
        std::uint64_t found = 0;
        for (std::size_t i = 0; i + 8 < size; i += 8) {
            std::memcpy(&word, p + i, 8);
            found |= toon_suspects(word, delimiters);
        }
        std::memcpy(&word, p + size - 8, 8); // some of them for the second time
        return (found | toon_suspects(word, delimiters)) != 0;
    }
    if (size >= 4) {
        std::uint32_t first = 0;
        std::uint32_t last = 0;
        std::memcpy(&first, p, 4);
        std::memcpy(&last, p + size - 4, 4);
        word = first | std::uint64_t{last} << 32;
    } else {
        const auto byte = [p](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(p[i])}; };
        word = every_byte * 'a' << 24 | byte(size - 1) << 16 | byte(size / 2) << 8 | byte(0);
    }
    return toon_suspects(word, delimiters) != 0;
}

/// `[+-]?digits(.digits)?(e[+-]?digits)?`
constexpr bool looks_like_toon_number(std::string_view text) noexcept {
    const char* p = text.data();
    const char* const end = p + text.size();
    const auto digits = [&p, end] {
        const char* const first = p;
        while (p != end && is_digit(*p)) ++p;
        return p != first;
    };
    if (p != end && (*p == '+' || *p == '-')) ++p;
    if (!digits()) return false;
    if (p != end && *p == '.') {
        ++p;
        if (!digits()) return false;
    }
    if (p != end && (*p == 'e' || *p == 'E')) {
        ++p;
        if (p != end && (*p == '+' || *p == '-')) ++p;
        if (!digits()) return false;
    }
    return p == end;
}

/// Whether one of the bytes makes quotes necessary wherever it stands.
/// \throws data_error when the text is not valid UTF-8.
inline bool has_toon_specials(std::string_view text, char delimiter) {
    bool special = false;
    bool ascii = true;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        ascii = ascii && byte < 0x80;
        special = special || byte < 0x20 || c == '"' || c == '\\' || c == ':' || c == '[' || c == ']' || c == '{' ||
                  c == '}' || c == delimiter;
    }
    if (ascii) return special;
    const std::size_t bad = find_invalid_utf8(text);
    if (bad == std::string_view::npos) return special;
    throw data_error("cannot write " + in_quotes(text) + " as TOON: expected valid UTF-8 at byte " +
                     std::to_string(bad));
}

/// Whether a text can stand without quotes where the delimiter counts.
inline bool is_bare_toon(std::string_view text, char delimiter) {
    if (text.empty()) return false;
    if (has_toon_suspects(text, delimiter) && has_toon_specials(text, delimiter)) return false;
    const char first = text.front();
    if (first <= '9') { // what begins with a letter is neither padded nor a number
        if (first == ' ' || first == '-' || first == '#') return false;
        if ((is_digit(first) || first == '+') && looks_like_toon_number(text)) return false;
    }
    if (text.back() == ' ') return false;
    if (text.size() > 5) return true;
    return text != "true" && text != "false" && text != "null";
}

/// The text in quotes, with the escapes of the specification. It is valid UTF-8.
inline void put_quoted_toon(toon_output& out, std::string_view text) {
    out.put('"');
    const char* run = text.data();
    const char* const end = run + text.size();
    for (const char* p = run; p != end;) {
        const auto c = static_cast<unsigned char>(*p);
        if (c >= 0x20 && c != '"' && c != '\\') {
            ++p;
            if (p != end && static_cast<unsigned char>(*p) < 0x80) p = skip_plain(p, end);
            continue;
        }
        out.put(between(run, p));
        run = ++p;
        constexpr char digits[] = "0123456789abcdef";
        switch (c) {
        case '"': out.put("\\\""); break;
        case '\\': out.put("\\\\"); break;
        case '\n': out.put("\\n"); break;
        case '\r': out.put("\\r"); break;
        case '\t': out.put("\\t"); break;
        default:
            out.put("\\u00");
            out.put(digits[c >> 4]);
            out.put(digits[c & 15]);
        }
    }
    out.put(between(run, end));
    out.put('"');
}

/// A text as a value. \throws data_error when it is not valid UTF-8.
inline void put_toon_text(toon_output& out, std::string_view text, char delimiter) {
    if (is_bare_toon(text, delimiter))
        out.put(text);
    else
        put_quoted_toon(out, text);
}

/// Whether a key can stand without quotes: `[A-Za-z_][A-Za-z0-9_.]*`.
constexpr bool is_bare_toon_key(std::string_view key) noexcept {
    if (key.empty() || is_digit(key.front()) || key.front() == '.') return false;
    for (const char c : key) {
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !is_digit(c) && c != '_' && c != '.') return false;
    }
    return true;
}

/// A key, in quotes where it needs them. \throws data_error when it is not valid UTF-8.
inline void put_toon_key(toon_output& out, std::string_view key) {
    if (is_bare_toon_key(key)) {
        out.put(key);
        return;
    }
    has_toon_specials(key, ',');
    put_quoted_toon(out, key);
}

/// Lays out `d.ddde±x`, as to_chars writes it, in plain notation where 1e-6 <= value < 1e21.
inline char* lay_out_toon_number(char* out, const char* p, const char* end) noexcept {
    if (*p == '-') *out++ = *p++;
    char digits[24];
    std::ptrdiff_t count = 0;
    for (; p != end && *p != 'e'; ++p) {
        if (*p != '.') digits[count++] = *p;
    }
    const char* const exponent_text = p;
    int exponent = 0;
    if (p != end) std::from_chars(p + (p[1] == '+' ? 2 : 1), end, exponent);
    const auto put = [&out, &digits](std::ptrdiff_t from, std::ptrdiff_t to) {
        for (; from < to; ++from) *out++ = digits[from];
    };
    if (exponent < -6 || exponent >= 21) {
        put(0, 1);
        if (count > 1) *out++ = '.';
        put(1, count);
        *out++ = 'e';
        *out++ = exponent_text[1]; // the sign is always there
        const char* e = exponent_text + 2;
        while (end - e > 1 && *e == '0') ++e;
        while (e != end) *out++ = *e++;
    } else if (exponent < 0) {
        *out++ = '0';
        *out++ = '.';
        for (int i = -1; i > exponent; --i) *out++ = '0';
        put(0, count);
    } else {
        const std::ptrdiff_t whole = exponent + 1;
        put(0, count < whole ? count : whole);
        for (std::ptrdiff_t i = count; i < whole; ++i) *out++ = '0';
        if (count > whole) *out++ = '.';
        put(whole, count);
    }
    return out;
}

/// The shortest digits that read back as the same number; `null` when it is not finite.
template <class Float>
void put_toon_float(toon_output& out, Float value) {
    char* const p = out.room(40);
    if (value - value != 0) {
        std::memcpy(p, "null", 4);
        out.done(p + 4);
        return;
    }
    if (value > -1e15 && value < 1e15 && static_cast<Float>(static_cast<std::int64_t>(value)) == value) {
        out.done(std::to_chars(p, p + 24, static_cast<std::int64_t>(value)).ptr);
        return;
    }
    char text[40];
    out.done(lay_out_toon_number(p, text,
                                 std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr));
}

/// A decimal without the zeros at the end of its fraction.
inline void put_toon_decimal(toon_output& out, const decimal& value) {
    char* const p = out.room(decimal::max_chars);
    char* end = value.write(p);
    if (value.scale() > 0) {
        while (end[-1] == '0') --end;
        if (end[-1] == '.') --end;
    }
    out.done(end);
}

/// Whether a cell is one value to TOON, not an array or an object.
inline bool is_toon_primitive(const cell& c) noexcept {
    return !is_nested(c.kind()) && c.kind() != type_id::vector;
}

/// Dates, times, bytes and JSON as texts.
inline void put_toon_other(toon_output& out, const cell& c, char delimiter) {
    char text[64];
    const auto written = [&text](const auto& v) { return between(text, v.write(text)); };
    switch (c.kind()) {
    case type_id::date: put_toon_text(out, written(c.date()), delimiter); break;
    case type_id::time: put_toon_text(out, written(c.time()), delimiter); break;
    case type_id::datetime: put_toon_text(out, written(c.datetime()), delimiter); break;
    case type_id::blob: put_toon_text(out, to_base64(c.blob()), delimiter); break;
    default: put_toon_text(out, c.text(), delimiter);
    }
}

/// A primitive cell.
inline void put_toon_primitive(toon_output& out, const cell& c, char delimiter) {
    switch (c.kind()) {
    case type_id::null: out.put("null"); break;
    case type_id::boolean: out.put(c.boolean() ? std::string_view("true") : std::string_view("false")); break;
    case type_id::int64: {
        char* const p = out.room(24);
        out.done(std::to_chars(p, p + 24, c.int64()).ptr);
        break;
    }
    case type_id::uint64: {
        char* const p = out.room(24);
        out.done(std::to_chars(p, p + 24, c.uint64()).ptr);
        break;
    }
    case type_id::float64: put_toon_float(out, c.float64()); break;
    case type_id::decimal: put_toon_decimal(out, c.decimal()); break;
    case type_id::text: put_toon_text(out, c.text(), delimiter); break;
    default: put_toon_other(out, c, delimiter);
    }
}

} // namespace weft::inline v0::detail
