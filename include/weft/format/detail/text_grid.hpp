// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/columnar/block.hpp>
#include <weft/core/display_width.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace weft::inline v0 {

/// The frame around a text table.
enum class table_border : unsigned char {
    ascii,    ///< `+---+` and `|`, as database clients draw it
    unicode,  ///< `┌───┐` and `│`
    markdown, ///< a table of GitHub-flavoured Markdown
    none,     ///< columns set apart by two spaces, a rule below the names
};

namespace detail {

/// Appends text without what would disturb a terminal: control characters and bytes that are not UTF-8 as `\n`, `\t`,
/// `\x1b`, marks that reverse the writing direction as `\u202e`.
inline void append_printable(std::string& out, std::string_view text) {
    constexpr char digits[] = "0123456789abcdef";
    const char* p = text.data();
    const char* const end = p + text.size();
    while (p != end) {
        const auto byte = static_cast<unsigned char>(*p);
        if (byte >= 0x20 && byte < 0x7F) {
            out += *p++;
            continue;
        }
        const std::size_t length = utf8_length(p, end);
        const char32_t code = length == 0 ? 0 : utf8_code_point(p, length);
        if ((code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069)) {
            out += "\\u20";
            out += digits[code >> 4 & 15];
            out += digits[code & 15];
        } else if (code >= 0xA0) {
            out.append(p, length);
        } else if (byte == '\n' || byte == '\t' || byte == '\r') {
            out += byte == '\n' ? "\\n" : byte == '\t' ? "\\t" : "\\r";
        } else {
            const unsigned shown = length == 2 ? static_cast<unsigned>(code) : byte;
            out += "\\x";
            out += digits[shown >> 4 & 15];
            out += digits[shown & 15];
        }
        p += length == 0 ? 1 : length;
    }
}

/// Cells of a text table in one string, measured as they come.
class text_grid {
public:
    text_grid(std::size_t columns, std::size_t max_width, table_border border)
        : widths_(columns, border == table_border::markdown ? 3U : 0U), max_width_(max_width), border_(border) {}

    /// The next entry, from left to right and row by row; the first row holds the names.
    void append(std::string_view text, bool right = false) {
        const std::size_t begin = text_.size();
        append_printable(text_, text);
        if (border_ == table_border::markdown) escape_bars(begin);
        std::size_t width = display_width(std::string_view(text_).substr(begin));
        if (max_width_ != 0 && width > max_width_) {
            text_.resize(begin + truncate_to_width(std::string_view(text_).substr(begin), max_width_ - 1).size());
            text_ += "…";
            width = display_width(std::string_view(text_).substr(begin));
        }
        std::size_t& column = widths_[entries_.size() % widths_.size()];
        if (width > column) column = width;
        entries_.push_back({begin, width, right});
    }

    /// The same for a value; NULL shows as `NULL`, numbers stand to the right.
    void append(const cell& c, bool right) {
        if (c.is_null()) return append("NULL", right);
        scratch_.clear();
        append_text(scratch_, c);
        append(scratch_, right || is_number(c.kind()));
    }

    /// The whole table; every line ends in a line break.
    std::string draw() const {
        const bool unicode = border_ == table_border::unicode;
        const bool framed = unicode || border_ == table_border::ascii;
        std::string out;
        if (widths_.empty()) return out;
        if (framed) draw_rule(out, unicode ? "┌┬┐" : "+++");
        for (std::size_t first = 0; first < entries_.size(); first += widths_.size()) {
            draw_row(out, first);
            if (first == 0) draw_rule(out, unicode ? "├┼┤" : border_ == table_border::ascii ? "+++" : "|||");
        }
        if (framed) draw_rule(out, unicode ? "└┴┘" : "+++");
        return out;
    }

private:
    struct entry {
        std::size_t begin;
        std::size_t width;
        bool right;
    };

    void escape_bars(std::size_t begin) {
        for (std::size_t at = text_.find('|', begin); at != std::string::npos; at = text_.find('|', at + 2)) {
            text_.insert(at, 1, '\\');
        }
    }

    void draw_rule(std::string& out, std::string_view corners) const {
        const std::size_t size = corners.size() / 3;
        const bool bare = border_ == table_border::none;
        for (std::size_t c = 0; c < widths_.size(); ++c) {
            if (bare) {
                if (c != 0) out += "  ";
            } else {
                out += corners.substr(c == 0 ? 0 : size, size);
            }
            const std::size_t dashes = widths_[c] + (bare ? 0 : 2);
            for (std::size_t i = 0; i < dashes; ++i) out += border_ == table_border::unicode ? "─" : "-";
        }
        if (!bare) out += corners.substr(2 * size);
        out += '\n';
    }

    void draw_row(std::string& out, std::size_t first) const {
        const std::string_view bar = border_ == table_border::none ? "" : border_ == table_border::unicode ? "│" : "|";
        for (std::size_t c = 0; c < widths_.size(); ++c) {
            out += bar;
            if (!bar.empty() || c != 0) out += bar.empty() ? "  " : " ";
            const bool last = bar.empty() && c + 1 == widths_.size();
            draw_entry(out, first + c, widths_[c], last);
            if (!bar.empty()) out += ' ';
        }
        out += bar;
        out += '\n';
    }

    /// An entry padded to its column; nothing follows the last one of a line without a bar.
    void draw_entry(std::string& out, std::size_t index, std::size_t width, bool last) const {
        const entry& e = entries_[index];
        const std::size_t end = index + 1 < entries_.size() ? entries_[index + 1].begin : text_.size();
        if (e.right) out.append(width - e.width, ' ');
        out.append(text_, e.begin, end - e.begin);
        if (!e.right && !last) out.append(width - e.width, ' ');
    }

    std::vector<std::size_t> widths_;
    std::size_t max_width_;
    table_border border_;
    std::string text_;
    std::vector<entry> entries_;
    std::string scratch_;
};

/// `1 row`, `2 rows`.
inline std::string row_count_text(std::uint64_t rows) {
    return std::to_string(rows) += rows == 1 ? " row" : " rows";
}

} // namespace detail

} // namespace weft::inline v0
