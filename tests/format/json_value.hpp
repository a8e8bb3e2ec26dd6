// SPDX-License-Identifier: BSL-1.0
#pragma once

// JSON text into values, for tests that compare with JSON.

#include <weft/core/json_text.hpp>
#include <weft/core/value.hpp>

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Reads one JSON value; throws weft::data_error when the text is none.
class json_value_reader {
public:
    static weft::value read(std::string_view text) {
        json_value_reader reader(weft::json_text::parse(text).str()); // what follows relies on valid syntax
        return reader.any();
    }

private:
    explicit json_value_reader(std::string text) : text_(std::move(text)), p_(text_.data()) {}

    void space() {
        while (*p_ == ' ' || *p_ == '\n' || *p_ == '\r' || *p_ == '\t') ++p_;
    }
    char next() {
        space();
        return *p_;
    }

    weft::value any() {
        switch (next()) {
        case '{': return object();
        case '[': return list();
        case '"': return weft::value(string());
        case 't': p_ += 4; return weft::value(true);
        case 'f': p_ += 5; return weft::value(false);
        case 'n': p_ += 4; return {};
        default: return number();
        }
    }

    weft::value object() {
        std::vector<weft::value_member> members;
        ++p_;
        while (next() != '}') {
            if (*p_ == ',') ++p_;
            space();
            std::string name = string();
            next();
            ++p_; // the colon
            members.push_back({std::move(name), any()});
        }
        ++p_;
        return weft::value::structure(std::move(members));
    }

    weft::value list() {
        std::vector<weft::value> elements;
        ++p_;
        while (next() != ']') {
            if (*p_ == ',') ++p_;
            elements.push_back(any());
        }
        ++p_;
        return weft::value::list(std::move(elements));
    }

    weft::value number() {
        const char* const end = text_.data() + text_.size();
        const char* stop = p_;
        while (stop != end && std::string_view("+-.eE0123456789").find(*stop) != std::string_view::npos) ++stop;
        const std::string_view token(p_, static_cast<std::size_t>(stop - p_));
        const char* const first = p_;
        p_ = stop;
        std::int64_t whole = 0;
        if (const auto r = std::from_chars(first, stop, whole); r.ec == std::errc() && r.ptr == stop) return {whole};
        std::uint64_t large = 0;
        if (const auto r = std::from_chars(first, stop, large); r.ec == std::errc() && r.ptr == stop) return {large};
        double real = 0;
        std::from_chars(first, stop, real);
        return {real};
    }

    unsigned hex() {
        unsigned code = 0;
        std::from_chars(p_, p_ + 4, code, 16);
        p_ += 4;
        return code;
    }

    std::string string() {
        std::string out;
        for (++p_; *p_ != '"';) {
            if (*p_ != '\\') {
                out += *p_++;
                continue;
            }
            const char c = p_[1];
            p_ += 2;
            switch (c) {
            case 'b': out += '\b'; break;
            case 'f': out += '\f'; break;
            case 'n': out += '\n'; break;
            case 'r': out += '\r'; break;
            case 't': out += '\t'; break;
            case 'u': {
                unsigned code = hex();
                if (code >= 0xD800 && code < 0xDC00 && p_[0] == '\\' && p_[1] == 'u') {
                    p_ += 2;
                    code = 0x10000 + ((code - 0xD800) << 10) + (hex() - 0xDC00);
                }
                append(out, code);
                break;
            }
            default: out += c;
            }
        }
        ++p_;
        return out;
    }

    static void append(std::string& out, unsigned code) {
        const auto byte = [&out](unsigned b) { out += static_cast<char>(b); };
        if (code < 0x80) {
            byte(code);
        } else if (code < 0x800) {
            byte(0xC0 | code >> 6);
            byte(0x80 | (code & 0x3F));
        } else {
            if (code < 0x10000) {
                byte(0xE0 | code >> 12);
            } else {
                byte(0xF0 | code >> 18);
                byte(0x80 | (code >> 12 & 0x3F));
            }
            byte(0x80 | (code >> 6 & 0x3F));
            byte(0x80 | (code & 0x3F));
        }
    }

    std::string text_;
    const char* p_;
};

/// Whether two values are the same JSON value: numbers by what they are worth, members in any order.
inline bool same_json(const weft::cell& a, const weft::cell& b) {
    using weft::type_id;
    if (weft::is_number(a.kind()) && weft::is_number(b.kind())) {
        const auto real = [](const weft::cell& c) {
            switch (c.kind()) {
            case type_id::int64: return static_cast<double>(c.int64());
            case type_id::uint64: return static_cast<double>(c.uint64());
            case type_id::decimal: return c.decimal().to_double();
            default: return c.float64();
            }
        };
        return real(a) == real(b);
    }
    if (a.kind() != b.kind()) return false;
    if (!weft::is_nested(a.kind())) return weft::value(a) == weft::value(b);
    if (a.nested_count() != b.nested_count()) return false;
    for (std::size_t i = 0; i < a.nested_count(); ++i) {
        std::size_t other = i;
        if (a.kind() == type_id::structure) {
            other = 0;
            while (other < b.nested_count() && b.nested_name(other) != a.nested_name(i)) ++other;
            if (other == b.nested_count()) return false;
        }
        if (!same_json(a.nested_element(i), b.nested_element(other))) return false;
    }
    return true;
}
