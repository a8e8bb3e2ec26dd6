// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/format/detail/toon_table_text.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace weft::inline v0::detail {

constexpr bool is_toon_table_name(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

/// Reads a one-line table, or several with the same header.
class toon_table_reader {
public:
    explicit toon_table_reader(toon_tree& tree)
        : tree_(tree), at_(tree.text().data()), end_(at_ + tree.text().size()), scanner_(tree, end_) {}

    void read() {
        const std::size_t bad = find_invalid_utf8(tree_.text());
        if (bad != std::string_view::npos)
            throw data_error("a TOON table is not valid UTF-8 at byte " + std::to_string(bad));
        skip_blanks();
        if (is_nothing()) return;
        head(true);
        rows();
        for (skip_blanks(); at_ != end_; skip_blanks()) {
            if (!repeats_head()) fail_row("expected the end of the text or the same header again");
            head(false);
            rows();
        }
    }

    std::string_view table() const noexcept { return table_; }
    const plain_array<std::string_view>& fields() const noexcept { return fields_; }

    /// The rows as a list of objects.
    cell records() {
        const std::size_t first = tree_.cells.size();
        if (fields_.empty()) return tree_.list(first, 0);
        tree_.cells.append(cells_.begin(), cells_.size());
        toon_header header;
        header.leaves = fields_.size();
        for (const std::string_view field : fields_) header.columns.push_back({toon_column::leaf, false, field});
        return tree_.table(first, cells_.size() / fields_.size(), header);
    }

private:
    using declared = toon_table_scanner::declared;

    void skip_blanks() noexcept {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
    }

    bool is_nothing() {
        if (!between(at_, end_).starts_with("[]")) return false;
        at_ += 2;
        skip_blanks();
        if (at_ != end_) invalid();
        return true;
    }

    [[noreturn]] void invalid() const {
        const std::string_view text = tree_.text();
        std::size_t shown = text.size() < 50 ? text.size() : 50;
        while (shown > 0 && shown < text.size() && (static_cast<unsigned char>(text[shown]) & 0xC0U) == 0x80U) --shown;
        throw data_error("Invalid TOON format: " + std::string(text.substr(0, shown)) + "...");
    }

    [[noreturn]] void fail_row(const std::string& message) const {
        throw data_error("TOON table, row " + std::to_string(rows_read_) + ": " + message);
    }

    bool at(char c) const noexcept { return at_ != end_ && *at_ == c; }

    void expect(char c) {
        if (!at(c)) invalid();
        ++at_;
    }

    /// `name[count]{fields}:`; the name and the fields are taken from the first one.
    void head(bool first) {
        const char* const name = at_;
        while (at_ != end_ && is_toon_table_name(*at_)) ++at_;
        if (at_ == name) invalid();
        if (first) table_ = between(name, at_);
        expect('[');
        const char* const digits = at_;
        declared_rows_ = 0;
        for (; at_ != end_ && is_digit(*at_); ++at_) {
            if (at_ - digits == 18) invalid();
            declared_rows_ = declared_rows_ * 10 + static_cast<std::size_t>(*at_ - '0');
        }
        if (at_ == digits) invalid();
        expect(']');
        const char* const braces = at_;
        expect('{');
        if (first)
            read_fields();
        else
            at_ += head_.size() - 1; // repeats_head() has compared them
        head_ = between(braces, at_);
        expect(':');
    }

    void read_fields() {
        at_ = skip_spaces(at_, end_);
        if (at('}')) {
            ++at_;
            return;
        }
        for (;;) {
            at_ = skip_spaces(at_, end_);
            fields_.push_back(field_name());
            types_.push_back(at(':') ? field_type() : declared::any);
            if (at('}')) break;
            expect(',');
        }
        ++at_;
    }

    std::string_view field_name() {
        const char* const first = at_;
        if (at('"')) {
            for (++at_; at_ != end_ && *at_ != '"'; ++at_) {
                if (*at_ == '\\' && end_ - at_ > 1) ++at_;
            }
            if (at_ == end_) invalid();
            const std::string_view name = scanner_.unquoted(first + 1, at_);
            at_ = skip_spaces(at_ + 1, end_);
            return name;
        }
        while (at_ != end_ && *at_ != ',' && *at_ != '}' && *at_ != ':' && *at_ != '{' && *at_ != '\n') ++at_;
        const std::string_view name = between(first, trim_spaces(first, at_));
        if (name.empty()) invalid();
        return name;
    }

    /// `:type`, where the type may have arguments in parentheses and a question mark.
    declared field_type() {
        const char* const first = ++at_;
        int open = 0;
        for (; at_ != end_ && (open > 0 || (*at_ != ',' && *at_ != '}')); ++at_) {
            if (*at_ == '(') ++open;
            if (*at_ == ')') --open;
            if (*at_ == '\n') invalid();
        }
        const char* const begin = skip_spaces(first, at_);
        std::string_view type = between(begin, trim_spaces(begin, at_));
        if (type.ends_with('?')) type.remove_suffix(1);
        if (type == "text" || type == "string") return declared::text;
        if (type == "bytes" || type == "binary") return declared::bytes;
        return declared::any;
    }

    /// Whether the text goes on with a header of the same name and fields.
    bool repeats_head() const noexcept {
        const std::string_view rest = between(at_, end_);
        if (!rest.starts_with(table_) || rest.size() == table_.size() || rest[table_.size()] != '[') return false;
        std::size_t close = table_.size() + 1;
        while (close < rest.size() && is_digit(rest[close])) ++close;
        return close < rest.size() && rest[close] == ']' && rest.substr(close + 1).starts_with(head_);
    }

    void rows() {
        const std::size_t before = rows_read_;
        skip_blanks();
        const bool one_empty_text = declared_rows_ == 1 && fields_.size() == 1 && at_ == end_;
        while ((at_ != end_ || one_empty_text) && !repeats_head()) {
            row();
            if (one_empty_text) break;
            const bool separated = at(';');
            if (separated) ++at_;
            skip_blanks();
            // The last row may be an empty text without quotes; otherwise the separator ends the table.
            if (separated && at_ == end_ && fields_.size() == 1 && rows_read_ - before + 1 == declared_rows_) row();
        }
        if (rows_read_ - before != declared_rows_) {
            throw data_error("TOON table '" + std::string(table_) + "': expected " + std::to_string(declared_rows_) +
                             " rows, got " + std::to_string(rows_read_ - before));
        }
    }

    void row() {
        if (fields_.empty()) fail_row("expected no row, because there are no columns");
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            if (i != 0) {
                if (!at(',')) wrong_width(i);
                ++at_;
            }
            const char* const begin = at_;
            cells_.push_back(scanner_.read(at_, types_[i]));
            if (at_ == begin && at('"')) fail_row("expected the closing quote of a text");
        }
        if (at(',')) wrong_width(fields_.size() + 1);
        ++rows_read_;
    }

    [[noreturn]] void wrong_width(std::size_t found) const {
        fail_row("expected " + std::to_string(fields_.size()) + " values, got " +
                 (found > fields_.size() ? "more" : std::to_string(found)));
    }

    toon_tree& tree_;
    const char* at_;
    const char* end_;
    toon_table_scanner scanner_;
    std::string_view table_;
    std::string_view head_; // from the braces to before the colon
    plain_array<std::string_view> fields_;
    plain_array<declared> types_;
    plain_array<cell> cells_;
    std::size_t declared_rows_ = 0;
    std::size_t rows_read_ = 0;
};

} // namespace weft::inline v0::detail
