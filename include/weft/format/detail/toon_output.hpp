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
#include <type_traits>
#include <utility>

namespace weft::inline v0::detail {

/// Copies a text of up to 16 bytes without a call, which is what most texts are.
inline char* copy_short(char* out, const char* p, std::size_t size) noexcept {
    if (size >= 8) {
        std::uint64_t last = 0;
        std::uint64_t first = 0;
        std::memcpy(&first, p, 8);
        std::memcpy(&last, p + size - 8, 8);
        std::memcpy(out, &first, 8);
        std::memcpy(out + size - 8, &last, 8);
    } else if (size >= 4) {
        std::uint32_t last = 0;
        std::uint32_t first = 0;
        std::memcpy(&first, p, 4);
        std::memcpy(&last, p + size - 4, 4);
        std::memcpy(out, &first, 4);
        std::memcpy(out + size - 4, &last, 4);
    } else {
        for (std::size_t i = 0; i < size; ++i) out[i] = p[i];
    }
    return out + size;
}

/// Text that grows at its end.
class toon_output {
public:
    toon_output() noexcept = default;
    toon_output(toon_output&& other) noexcept
        : text_(std::move(other.text_)), p_(std::exchange(other.p_, nullptr)),
          end_(std::exchange(other.end_, nullptr)) {}
    toon_output& operator=(toon_output&& other) noexcept {
        text_ = std::move(other.text_);
        p_ = std::exchange(other.p_, nullptr);
        end_ = std::exchange(other.end_, nullptr);
        return *this;
    }
    toon_output(const toon_output&) = delete;
    toon_output& operator=(const toon_output&) = delete;
    ~toon_output() = default;

    /// Room for `size` bytes behind the text; done() says how far it was used.
    char* room(std::size_t size) {
        if (static_cast<std::size_t>(end_ - p_) < size) [[unlikely]]
            grow(size);
        return p_;
    }
    void done(char* end) noexcept { p_ = end; }

    void put(char c) {
        *room(1) = c;
        ++p_;
    }
    void put(std::string_view text) {
        char* const to = room(text.size());
        if (text.size() <= 16) {
            p_ = copy_short(to, text.data(), text.size());
        } else {
            std::memcpy(to, text.data(), text.size());
            p_ += text.size();
        }
    }
    void fill(char c, std::size_t count) {
        for (char* const to = room(count); p_ != to + count; ++p_) *p_ = c;
    }

    std::size_t size() const noexcept { return p_ == nullptr ? 0 : static_cast<std::size_t>(p_ - text_.data()); }
    std::string_view view() const noexcept { return {text_.data(), size()}; }
    void cut(std::size_t size) noexcept {
        if (p_ != nullptr) p_ = text_.data() + size;
    }

    /// The text; what follows begins anew.
    std::string take() {
        text_.resize(size());
        p_ = end_ = nullptr;
        return std::exchange(text_, {});
    }

private:
    [[gnu::noinline]] void grow(std::size_t more) {
        const std::size_t used = size();
        const std::size_t wanted = used + more;
        text_.resize(wanted < 2 * text_.size() ? 2 * text_.size() : wanted < 128 ? 128 : wanted);
        p_ = text_.data() + used;
        end_ = text_.data() + text_.size();
    }

    std::string text_;    // longer than what it holds; never within the string itself when it has content
    char* p_ = nullptr;   // the end of what it holds
    char* end_ = nullptr; // the end of the memory
};

/// What stands in a text.
struct toon_traits {
    std::uint64_t special = 0; ///< not 0: a byte that makes quotes necessary wherever it stands
    std::uint64_t foreign = 0; ///< not 0: a byte that is not ASCII

    /// Takes eight bytes more: control characters, quote, colon, delimiter, brackets, braces and backslash are special.
    constexpr void add(std::uint64_t word, std::uint64_t delimiters) noexcept {
        const std::uint64_t ascii = word & ~every_high_bit; // sums of these do not reach into the next byte
        const auto equal = [ascii](std::uint64_t bytes) { return ~((ascii ^ bytes) + every_byte * 0x7F); };
        const std::uint64_t folded = ascii | every_byte * 0x20; // brackets and backslash become braces and bar
        const std::uint64_t braces = (folded + every_byte * 5) & ~(folded + every_byte * 2) & ~equal(every_byte * '|');
        const std::uint64_t control = ~(ascii + every_byte * 0x60);
        special |= (braces | control | equal(every_byte * '"') | equal(every_byte * ':') | equal(delimiters)) & ~word &
                   every_high_bit;
        foreign |= word & every_high_bit;
    }
};

/// Looks at a text that is not empty.
inline toon_traits toon_traits_of(std::string_view text, char delimiter) noexcept {
    const std::uint64_t delimiters = every_byte * static_cast<unsigned char>(delimiter);
    const char* const p = text.data();
    const std::size_t size = text.size();
    std::uint64_t word = 0;
    toon_traits out;
    if (size >= 8) {
        for (std::size_t i = 0; i + 8 < size; i += 8) {
            std::memcpy(&word, p + i, 8);
            out.add(word, delimiters);
        }
        std::memcpy(&word, p + size - 8, 8); // some of them for the second time
    } else if (size >= 4) {
        std::uint32_t first = 0;
        std::uint32_t last = 0;
        std::memcpy(&first, p, 4);
        std::memcpy(&last, p + size - 4, 4);
        word = first | std::uint64_t{last} << 32;
    } else {
        const auto byte = [p](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(p[i])}; };
        word = every_byte * 'a' << 24 | byte(size - 1) << 16 | byte(size / 2) << 8 | byte(0);
    }
    out.add(word, delimiters);
    return out;
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

/// \throws data_error when the text is not valid UTF-8.
inline void check_toon_utf8(std::string_view text) {
    const std::size_t bad = find_invalid_utf8(text);
    if (bad == std::string_view::npos) return;
    throw data_error("cannot write " + in_quotes(text) + " as TOON: expected valid UTF-8 at byte " +
                     std::to_string(bad));
}

/// Whether a text can stand without quotes where the delimiter counts.
/// \throws data_error when it is not valid UTF-8.
inline bool is_bare_toon(std::string_view text, char delimiter) {
    if (text.empty()) return false;
    const toon_traits traits = toon_traits_of(text, delimiter);
    if (traits.foreign != 0) check_toon_utf8(text);
    if (traits.special != 0) return false;
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
    check_toon_utf8(key);
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

/// Writes a number that has at most six digits after the point and fifteen in all; null when it has more.
inline char* write_short_fraction(char* out, double value) noexcept {
    constexpr double scale = 1e6;
    if (!(value > -1e9 && value < 1e9)) return nullptr;
    const auto scaled = static_cast<std::int64_t>(value * scale + (value < 0 ? -0.5 : 0.5));
    // Both operands are exact, so the quotient is the double nearest to these digits, and no fewer would do.
    if (static_cast<double>(scaled) / scale != value) return nullptr;
    auto digits = static_cast<std::uint64_t>(scaled < 0 ? -scaled : scaled);
    if (value < 0) *out++ = '-';
    out = std::to_chars(out, out + 16, digits / 1000000).ptr;
    std::uint64_t fraction = digits % 1000000;
    if (fraction == 0) return out;
    *out++ = '.';
    int count = 6;
    if (fraction % 10000 == 0) {
        fraction /= 10000;
        count = 2;
    }
    for (; fraction % 10 == 0; --count) fraction /= 10;
    return write_digits(out, fraction, count);
}

/// The shortest digits that read back as the same number; `null` when it is not finite.
template <class Float>
void put_toon_float(toon_output& out, Float value) {
    char* const p = out.room(40);
    if (std::is_same_v<Float, double>) {
        if (char* const end = write_short_fraction(p, static_cast<double>(value))) {
            out.done(end);
            return;
        }
    }
    const Float magnitude = value < 0 ? -value : value;
    if (magnitude >= static_cast<Float>(1e-6) && magnitude < static_cast<Float>(1e15)) {
        out.done(std::to_chars(p, p + 40, value, std::chars_format::fixed).ptr);
    } else if (!__builtin_isfinite(value)) {
        out.done(copy_short(p, "null", 4));
    } else if (value == 0) {
        *p = '0';
        out.done(p + 1);
    } else {
        char text[40];
        const char* const end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
        out.done(lay_out_toon_number(p, text, end));
    }
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

/// A time, or a date with one, in quotes because of its colons.
template <class T>
void put_toon_time(toon_output& out, const T& value) {
    char* p = out.room(T::max_chars + 2);
    *p++ = '"';
    p = value.write(p);
    *p++ = '"';
    out.done(p);
}

/// Dates, times, bytes and JSON as texts.
inline void put_toon_other(toon_output& out, const cell& c, char delimiter) {
    switch (c.kind()) {
    case type_id::date: out.done(c.date().write(out.room(date::max_chars))); break;
    case type_id::time: put_toon_time(out, c.time()); break;
    case type_id::datetime: put_toon_time(out, c.datetime()); break;
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
