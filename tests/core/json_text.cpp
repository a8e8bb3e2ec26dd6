// SPDX-License-Identifier: BSL-1.0
#include <weft/core/json_text.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <type_traits>

using weft::json_text;

namespace {

// The reference: RFC 8259's grammar as one recursive function a rule, over text that is valid UTF-8.
struct grammar {
    std::string_view t;
    std::size_t i = 0;

    bool is(std::string_view set) const { return i < t.size() && set.find(t[i]) != std::string_view::npos; }
    bool take(std::string_view set) { return is(set) && (++i, true); }
    void ws() {
        while (take(" \t\n\r")) {}
    }
    bool literal(std::string_view w) {
        if (t.substr(i, w.size()) != w) return false;
        i += w.size();
        return true;
    }
    bool digits() {
        if (!take("0123456789")) return false;
        while (take("0123456789")) {}
        return true;
    }
    bool number() {
        take("-");
        if (!take("0") && !(take("123456789") && (digits(), true))) return false;
        if (take(".") && !digits()) return false;
        if (take("eE")) {
            take("+-");
            if (!digits()) return false;
        }
        return true;
    }
    bool string() {
        if (!take("\"")) return false;
        while (i < t.size() && t[i] != '"') {
            if (static_cast<unsigned char>(t[i]) < 0x20) return false;
            if (t[i++] != '\\') continue;
            if (take("u")) {
                for (int k = 0; k < 4; ++k)
                    if (!take("0123456789abcdefABCDEF")) return false;
            } else if (!take("\"\\/bfnrt")) {
                return false;
            }
        }
        return take("\"");
    }
    bool list(std::string_view close, bool named) {
        ++i;
        ws();
        if (take(close)) return true;
        do {
            ws();
            if (named) {
                if (!string()) return false;
                ws();
                if (!take(":")) return false;
            }
            if (!value()) return false;
        } while (take(","));
        return take(close);
    }
    bool value() {
        ws();
        bool ok = false;
        if (is("{")) {
            ok = list("}", true);
        } else if (is("[")) {
            ok = list("]", false);
        } else if (is("\"")) {
            ok = string();
        } else if (is("tfn")) {
            ok = literal("true") || literal("false") || literal("null");
        } else {
            ok = number();
        }
        ws();
        return ok;
    }
    bool document() { return value() && i == t.size(); }
};

std::string message_of(std::string_view text) {
    try {
        json_text::parse(text);
    } catch (const weft::data_error& e) {
        return e.what();
    }
    return "no error";
}

std::string written(std::string_view text) {
    std::string out;
    weft::append_json_string(out, text);
    return out;
}

} // namespace

static_assert(!std::is_convertible_v<std::string, json_text>);

TEST_CASE("random documents, whole and damaged, agree with the recursive grammar") {
    auto random = [engine = std::mt19937(15)]() mutable { return static_cast<unsigned>(engine()); };
    const std::string_view pieces[] = {"{",
                                       "}",
                                       "[",
                                       "]",
                                       ",",
                                       ":",
                                       "\"\"",
                                       "\"a\"",
                                       "\"\\u00e9\\n\"",
                                       "0",
                                       "-1.5e+3",
                                       "12",
                                       "true",
                                       "false",
                                       "null",
                                       " ",
                                       "\n",
                                       "\"long plain text without end\"",
                                       "\"x\xC3\xA9\xE6\x9D\xB1\""};
    const auto make = [&](auto&& self, unsigned depth) -> std::string {
        const unsigned kind = depth == 0 ? 2 + random() % 4 : random() % 6;
        std::string out;
        if (kind < 2) {
            const bool object = kind == 0;
            out = object ? "{" : "[";
            for (unsigned n = random() % 4, k = 0; k < n; ++k) {
                if (k > 0) out += ',';
                if (random() % 4 == 0) out += ' ';
                if (object) out += pieces[6 + random() % 3], out += ':';
                out += self(self, depth - 1);
            }
            return out += object ? '}' : ']';
        }
        return std::string(pieces[6 + random() % 9]);
    };
    int wrong = 0;
    int valid = 0;
    for (int i = 0; i < 200'000; ++i) {
        std::string text = make(make, 4);
        for (unsigned damage = random() % 3; damage-- > 0 && !text.empty();) {
            const std::size_t at = random() % text.size();
            switch (random() % 4) {
            case 0: text.erase(at, 1); break;
            case 1: text.insert(at, pieces[random() % std::size(pieces)]); break;
            case 2: text[at] = static_cast<char>(random() % 128); break;
            default: text.resize(at); break;
            }
        }
        if (!weft::is_valid_utf8(text)) continue;
        const bool expected = grammar{text}.document();
        if (weft::is_valid_json(text) != expected || json_text::try_parse(text).has_value() != expected) ++wrong;
        if (expected) ++valid;
    }
    CHECK(wrong == 0);
    CHECK(valid > 50'000);
    CHECK(valid < 190'000);
}

TEST_CASE("JSON errors name the first byte that cannot be part of a value") {
    const auto at = [](std::string_view text, std::size_t offset) {
        INFO(text);
        CHECK(message_of(text).ends_with("at byte " + std::to_string(offset)));
    };
    at("", 0);
    at("   ", 3);
    at("[1,]", 3);
    at("[1 2]", 3);
    at("{\"a\" 1}", 5);
    at("{\"a\":1,}", 7);
    at("{a:1}", 1);
    at("[1", 2);
    at("nul", 3);
    at("nulL", 3);
    at("01", 1);
    at("-", 1);
    at("1.", 2);
    at("1e+", 3);
    at("+1", 0);
    at(".5", 0);
    at("\"abc", 4);
    at("\"a\\x\"", 3);
    at("\"\\u12g4\"", 5);
    at("\"tab\there\"", 4);
    at("\"01234567\n\"", 9);
    at("\"ok\xC3\"", 3);
    at("\"\xED\xA0\x80\"", 1);
    at("\"01234567\xC0\x80\"", 9);
    at("1 1", 2);
    at("[]]", 2);
    at("{]", 1);
    at("[}", 1);
    at("'a'", 0);
    at("NaN", 0);
    at("\xEF\xBB\xBF[]", 0);
    at(std::string_view("1\0", 2), 1);
    CHECK(message_of("[1,]") == "cannot read '[1,]' as JSON: expected a value at byte 3");
}

TEST_CASE("nesting is limited to 1024 levels, in any mix") {
    std::string open, close;
    for (int i = 0; i < 1024; ++i) {
        const bool object = i % 3 == 0;
        open += object ? "{\"a\":" : "[";
        close.insert(0, object ? "}" : "]");
    }
    CHECK(weft::is_valid_json(open + "1" + close));
    CHECK_FALSE(weft::is_valid_json("[" + open + "1" + close + "]"));
    CHECK_FALSE(weft::is_valid_json(open + "1" + close.substr(1)));
    std::string swapped = close;
    swapped[700] = swapped[700] == '}' ? ']' : '}';
    CHECK_FALSE(weft::is_valid_json(open + "1" + swapped));
    CHECK_FALSE(weft::is_valid_json(std::string(1'000'000, '[')));
}

TEST_CASE("json_text keeps its text and compares by bytes") {
    const json_text value = json_text::parse(" {\"a\": [1, 2]} ");
    CHECK(value.str() == " {\"a\": [1, 2]} ");
    CHECK(value.view() == value.to_string());
    CHECK(value == json_text(std::string(" {\"a\": [1, 2]} ")));
    CHECK(json_text("1") < json_text("2"));
    CHECK(json_text().view().empty());
}

TEST_CASE("written JSON strings are valid, and every byte of ASCII is escaped as RFC 8259 wants") {
    for (int c = 0; c < 128; ++c) {
        for (const std::size_t before : {0U, 3U, 7U, 8U, 17U}) {
            const std::string text = std::string(before, 'x') + static_cast<char>(c) + "tail";
            const std::string out = written(text);
            REQUIRE(weft::is_valid_json(out));
            const bool escaped = c < 0x20 || c == '"' || c == '\\';
            REQUIRE((out == '"' + text + '"') == !escaped);
        }
    }
    CHECK(written("") == "\"\"");
    CHECK(written("a\"b\\c/d") == "\"a\\\"b\\\\c/d\"");
    CHECK(written("\b\f\n\r\t") == "\"\\b\\f\\n\\r\\t\"");
    CHECK(written(std::string_view("\0\x1F\x7F", 3)) == "\"\\u0000\\u001f\x7F\"");
    CHECK(written("caf\xC3\xA9 \xE6\x9D\xB1 \xF0\x9F\x98\x80") == "\"caf\xC3\xA9 \xE6\x9D\xB1 \xF0\x9F\x98\x80\"");
}

TEST_CASE("text that is not UTF-8 is not written, and nothing stays behind") {
    std::string out = "before";
    try {
        weft::append_json_string(out, "line\n and then \xFF");
        FAIL("no error");
    } catch (const weft::data_error& e) {
        CHECK(std::string(e.what()).ends_with("expected valid UTF-8 at byte 15"));
        CHECK(out == "before");
    }
}

TEST_CASE("written JSON numbers read back as the same double") {
    std::mt19937_64 random(16);
    int wrong = 0;
    for (int i = 0; i < 100'000; ++i) {
        const std::uint64_t bits = random();
        double v;
        std::memcpy(&v, &bits, sizeof v);
        std::string out;
        weft::append_json_number(out, v);
        if (!weft::is_valid_json(out)) ++wrong;
        if (std::isfinite(v) ? std::strtod(out.c_str(), nullptr) != v : out != "null") ++wrong;
    }
    CHECK(wrong == 0);
    std::string out;
    for (const double v : {0.0, -0.0, 1.0, 0.1, 1e300, std::nan(""), std::numeric_limits<double>::infinity(),
                           -std::numeric_limits<double>::infinity()}) {
        weft::append_json_number(out, v);
        out += ' ';
    }
    CHECK(out == "0 -0 1 0.1 1e+300 null null null ");
}
