// SPDX-License-Identifier: BSL-1.0
#pragma once

// The small texts beside and in front of vectors: the JSON object that describes a raw file, and the header of NPY
// files, which is a Python dictionary. Both are read by one scanner of literals; pure functions from bytes to a value
// or an error.

#include <weft/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weft::inline v0::vector::detail {

/// Reads literals of JSON and of Python: strings in either quotes, numbers, words, nested lists.
class literal_scanner {
public:
    explicit literal_scanner(std::string_view text) noexcept : text_(text) {}

    void skip_blanks() noexcept {
        while (at_ < text_.size() &&
               (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r'))
            ++at_;
    }
    bool done() noexcept {
        skip_blanks();
        return at_ == text_.size();
    }
    /// Takes a character, if it is the next one.
    bool take(char expected) noexcept {
        skip_blanks();
        if (at_ == text_.size() || text_[at_] != expected) return false;
        ++at_;
        return true;
    }
    /// A string without its quotes. Escapes are left as they are, but an escaped quote does not end it.
    std::optional<std::string_view> string() noexcept {
        skip_blanks();
        if (at_ == text_.size() || (text_[at_] != '"' && text_[at_] != '\'')) return {};
        const char quote = text_[at_];
        const std::size_t begin = at_ + 1;
        for (std::size_t end = begin; end < text_.size(); ++end) {
            if (text_[end] == '\\')
                ++end;
            else if (text_[end] == quote) {
                at_ = end + 1;
                return text_.substr(begin, end - begin);
            }
        }
        return {};
    }
    /// A number without sign, point or exponent.
    std::optional<std::uint64_t> natural() noexcept {
        skip_blanks();
        std::uint64_t value = 0;
        std::size_t end = at_;
        for (; end < text_.size() && text_[end] >= '0' && text_[end] <= '9'; ++end) {
            const auto digit = static_cast<std::uint64_t>(text_[end] - '0');
            if (value > (~std::uint64_t{0} - digit) / 10) return {};
            value = value * 10 + digit;
        }
        if (end == at_ || (end < text_.size() && (text_[end] == '.' || text_[end] == 'e' || text_[end] == 'E')))
            return {};
        at_ = end;
        return value;
    }
    /// A word such as True, or a number of any form: whatever ends at a comma, a blank or a bracket.
    std::string_view word() noexcept {
        skip_blanks();
        const std::size_t begin = at_;
        while (at_ < text_.size() && std::string_view(",:]}) \n\t\r").find(text_[at_]) == std::string_view::npos) ++at_;
        return text_.substr(begin, at_ - begin);
    }
    /// Passes over any value; false when there is none.
    bool skip_value() noexcept {
        std::size_t depth = 0;
        do {
            skip_blanks();
            if (at_ == text_.size()) return false;
            const char c = text_[at_];
            if (c == '"' || c == '\'') {
                if (!string()) return false;
            } else if (c == '[' || c == '{' || c == '(') {
                ++depth;
                ++at_;
            } else if (c == ']' || c == '}' || c == ')') {
                if (depth == 0) return false;
                --depth;
                ++at_;
            } else if (depth != 0 && (c == ',' || c == ':')) {
                ++at_;
            } else if (word().empty()) {
                return false;
            }
        } while (depth != 0);
        return true;
    }

private:
    std::string_view text_;
    std::size_t at_ = 0;
};

struct sidecar {
    std::optional<std::uint64_t> rows;
    std::optional<std::uint64_t> dimension;
    std::string metric;
};

/// Reads `{"n": 10, "dim": 3, "metric": "cosine"}`; other members are passed over.
inline sidecar parse_sidecar(std::string_view text) {
    const auto refuse = [](const char* why) { throw data_error(std::string("Serialization error: ") + why); };
    literal_scanner in(text);
    sidecar found;
    if (!in.take('{')) refuse("the description is no JSON object");
    if (!in.take('}')) {
        do {
            const auto key = in.string();
            if (!key || !in.take(':')) refuse("the description lacks a name and a colon where a member begins");
            if (*key == "n" || *key == "dim") {
                const auto number = in.natural();
                if (!number) refuse(*key == "n" ? "'n' is no natural number" : "'dim' is no natural number");
                (*key == "n" ? found.rows : found.dimension) = number;
            } else if (*key == "metric") {
                const auto name = in.string();
                if (name)
                    found.metric = *name;
                else if (in.word() != "null")
                    refuse("'metric' is no string");
            } else if (!in.skip_value()) {
                refuse("a member has no value");
            }
        } while (in.take(','));
        if (!in.take('}')) refuse("the description does not end");
    }
    if (!in.done()) refuse("something follows the description");
    return found;
}

struct npy_layout {
    std::size_t offset = 0; // of the first number
    std::size_t rows = 0;
    std::size_t dimension = 0;
};

/// Reads the header of an NPY file: versions 1 to 3, little-endian floats, C order, one or two dimensions.
inline npy_layout parse_npy(std::span<const std::byte> bytes) {
    const auto refuse = [](const std::string& why) { throw data_error("Invalid NPY header: " + why); };
    const auto* raw = reinterpret_cast<const unsigned char*>(bytes.data());
    if (bytes.size() < 10) refuse("the file has " + std::to_string(bytes.size()) + " bytes, too few for a header");
    if (std::string_view(reinterpret_cast<const char*>(raw), 6) != std::string_view("\x93NUMPY", 6)) refuse("no magic");
    const unsigned major = raw[6];
    if (major < 1 || major > 3) refuse("version " + std::to_string(major) + " is not supported");
    const std::size_t prefix = major == 1 ? 10 : 12;
    if (bytes.size() < prefix) refuse("the file ends in it");
    std::size_t length = std::size_t{raw[8]} | std::size_t{raw[9]} << 8;
    if (major > 1) length |= std::size_t{raw[10]} << 16 | std::size_t{raw[11]} << 24;
    if (length > bytes.size() - prefix) refuse("it goes on past the end of the file");

    npy_layout layout{prefix + length, 0, 0};
    literal_scanner in({reinterpret_cast<const char*>(raw) + prefix, length});
    bool has_type = false;
    bool has_order = false;
    bool has_shape = false;
    if (!in.take('{')) refuse("no dictionary");
    while (!in.take('}')) {
        const auto key = in.string();
        if (!key || !in.take(':')) refuse("a name and a colon are missing");
        if (*key == "descr") {
            const auto type = in.string();
            if (!type || (*type != "<f4" && *type != "|f4"))
                refuse("only float32 is read, not '" + std::string(type.value_or("a structure")) + "'");
            has_type = true;
        } else if (*key == "fortran_order") {
            if (in.word() != "False") refuse("only C order is read");
            has_order = true;
        } else if (*key == "shape") {
            if (!in.take('(')) refuse("the shape is no tuple");
            std::uint64_t extent[2] = {0, 1};
            std::size_t extents = 0;
            for (bool more = true; more && !in.take(')');) {
                const auto value = in.natural();
                if (!value || extents == 2) refuse("1D or 2D expected");
                extent[extents++] = *value;
                more = in.take(',');
                if (!more && !in.take(')')) refuse("the shape does not end");
            }
            if (extents == 0) refuse("1D or 2D expected");
            layout.rows = static_cast<std::size_t>(extent[0]);
            layout.dimension = static_cast<std::size_t>(extent[1]);
            has_shape = true;
        } else {
            refuse("'" + std::string(*key) + "' is no part of it");
        }
        if (!in.take(',')) {
            if (!in.take('}')) refuse("the dictionary does not end");
            break;
        }
    }
    if (!has_type || !has_order || !has_shape) refuse("descr, fortran_order or shape is missing");
    const std::size_t room = (bytes.size() - layout.offset) / sizeof(float);
    if (layout.dimension != 0 && layout.rows > room / layout.dimension)
        refuse("its shape is (" + std::to_string(layout.rows) + ", " + std::to_string(layout.dimension) +
               "), but the file has only " + std::to_string(room) + " numbers");
    return layout;
}

} // namespace weft::inline v0::vector::detail
