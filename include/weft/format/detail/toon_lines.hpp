// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/core/error.hpp>
#include <weft/core/utf8.hpp>
#include <weft/format/detail/toon_token.hpp>
#include <weft/format/toon_options.hpp>

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace weft::inline v0::detail {

inline constexpr std::size_t toon_max_depth = 1024;

/// The lines of a document that hold content: comments and blank lines are gone.
class toon_lines {
public:
    toon_lines(std::string_view text, const toon_decode_options& options)
        : at_(text.data()), end_(at_ + text.size()), indent_size_(options.indent_size), strict_(options.strict) {
        if (indent_size_ == 0) throw programming_error("the indentation of TOON is at least one space a level");
        if (strict_) check_utf8(text);
    }

    /// Goes on to the next line; false at the end of the text.
    bool next() {
        after_blank_ = false;
        while (at_ != end_) {
            ++number_;
            first_ = at_;
            const void* const lf = std::memchr(at_, '\n', static_cast<std::size_t>(end_ - at_));
            const char* stop = lf == nullptr ? end_ : static_cast<const char*>(lf);
            at_ = lf == nullptr ? end_ : stop + 1;
            if (stop != first_ && stop[-1] == '\r') --stop;
            begin_ = skip_spaces(first_, stop);
            if (begin_ != stop && *begin_ == '#') continue;
            depth_ = 0;
            if (begin_ != stop && *begin_ == '\t') skip_tabs(stop);
            if (begin_ == stop) {
                after_blank_ = true;
                continue;
            }
            depth_ += count_levels();
            stop_ = trim_spaces(begin_, stop);
            return true;
        }
        more_ = false;
        return false;
    }

    bool more() const noexcept { return more_; }
    const char* begin() const noexcept { return begin_; }      ///< first byte after the indentation
    const char* end() const noexcept { return stop_; }         ///< behind the last byte that is no space
    const char* limit() const noexcept { return end_; }        ///< end of the text
    std::size_t depth() const noexcept { return depth_; }      ///< levels of indentation
    std::size_t number() const noexcept { return number_; }    ///< from 1
    bool after_blank() const noexcept { return after_blank_; } ///< whether a blank line came before

    /// The column of a place on this line, in bytes from 1.
    std::size_t column(const char* place) const noexcept { return static_cast<std::size_t>(place - first_) + 1; }

    /// Throws data_error for a place on this line.
    [[noreturn]] void fail(const char* place, const std::string& message) const {
        fail_at(number_, column(place), message);
    }
    [[noreturn]] void fail(const std::string& message) const { fail(begin_, message); }

    [[noreturn]] static void fail_at(std::size_t line, std::size_t column, const std::string& message) {
        throw data_error("TOON line " + std::to_string(line) + ", column " + std::to_string(column) + ": " + message);
    }

    /// The content of the line for a message.
    std::string quoted() const { return in_quotes(between(begin_, stop_)); }

private:
    /// The levels that the spaces before the content make.
    std::size_t count_levels() const {
        const auto spaces = static_cast<std::size_t>(begin_ - first_);
        if (spaces == 0 || depth_ != 0) return 0;
        const std::size_t levels = indent_size_ == 2 ? spaces / 2 : spaces / indent_size_;
        if (strict_ && levels * indent_size_ != spaces) {
            fail("Indentation must be an exact multiple of " + std::to_string(indent_size_) + " spaces, got " +
                 std::to_string(spaces));
        }
        return levels;
    }

    /// Indentation with tabs, each of them one level.
    void skip_tabs(const char* stop) {
        if (strict_) fail("Tabs are not allowed in indentation");
        std::size_t spaces = static_cast<std::size_t>(begin_ - first_);
        std::size_t tabs = 0;
        for (; begin_ != stop && (*begin_ == '\t' || *begin_ == ' '); ++begin_) ++(*begin_ == '\t' ? tabs : spaces);
        depth_ = tabs + spaces / indent_size_;
    }

    static void check_utf8(std::string_view text) {
        const std::size_t bad = find_invalid_utf8(text);
        if (bad == std::string_view::npos) return;
        std::size_t line = 1;
        std::size_t column = 1;
        for (const char c : text.substr(0, bad)) {
            ++column;
            if (c != '\n') continue;
            ++line;
            column = 1;
        }
        fail_at(line, column, "expected valid UTF-8");
    }

    const char* at_;  // where the next line begins
    const char* end_; // of the text
    std::size_t indent_size_;
    bool strict_;
    bool more_ = true;
    bool after_blank_ = false;
    const char* first_ = nullptr; // this line
    const char* begin_ = nullptr;
    const char* stop_ = nullptr;
    std::size_t depth_ = 0;
    std::size_t number_ = 0;
};

} // namespace weft::inline v0::detail
