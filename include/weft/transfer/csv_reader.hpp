// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `csv_reader`: reads comma-separated values (RFC 4180) record by record, whatever their size.

#include <weft/core/utf8.hpp>
#include <weft/transfer/byte_input.hpp>
#include <weft/transfer/detail/csv_record.hpp>
#include <weft/transfer/detail/input_buffer.hpp>
#include <weft/transfer/record_reader.hpp>

#include <span>
#include <string>
#include <vector>

namespace weft::inline v0 {

/// How CSV text is read.
struct csv_options {
    char delimiter = ',';                              ///< any ASCII character but a quote, a line break and NUL
    bool header = true;                                ///< whether the first record holds the names of the columns
    std::vector<std::string> names = {};               ///< names of the columns, in place of those of the header
    std::string null = "";                             ///< a field of this text is NULL unless it is quoted
    std::size_t chunk_size = std::size_t{1} << 18;     ///< bytes read at once
    std::size_t largest_record = std::size_t{1} << 28; ///< a longer record, in bytes, is an error
};

/// Records of CSV text in UTF-8, with or without a byte order mark, lines ended by LF or CR LF. Fields may be quoted
/// and hold line breaks then; empty lines are passed over unless there is known to be only one column. Every fault (an
/// unterminated quote, a wrong number of fields, NUL, bytes that are not UTF-8, …) is a data_error that says `line 12,
/// column 5: …`. Nothing is allocated a field. As `parameter_rows` a reader can be handed to a connection's `run_many`
/// as it is.
class csv_reader final : public record_reader {
public:
    explicit csv_reader(byte_input input, csv_options options = {})
        : options_(std::move(options)), buffer_(std::move(input), options_.chunk_size, options_.largest_record),
          splitter_(options_.delimiter), names_(options_.names) {
        const char d = options_.delimiter;
        if (d == '"' || d == '\r' || d == '\n' || d == '\0' || static_cast<unsigned char>(d) >= 0x80) {
            throw programming_error("a CSV delimiter is an ASCII character other than a quote, a line break and NUL");
        }
        buffer_.skip_byte_order_mark();
        if (options_.header) read_header();
        width_ = names_.size();
        if (width_ == 0) number_columns();
    }

    /// Names of the columns, in order: those given, else the header's, else `column_1`, `column_2`, … Empty when there
    /// is neither a header nor a record.
    const std::vector<std::string>& names() const noexcept override { return names_; }

    /// The fields of the next record as texts and NULLs, valid until the next call; false at the end.
    bool next(std::span<const cell>& record) override {
        if (!find_record()) return false;
        if (splitter_.pieces().size() != width_) refuse_width();
        cells_.clear();
        for (const detail::csv_piece& piece : splitter_.pieces()) cells_.push_back(cell_of(piece));
        record = cells_;
        ++records_;
        return true;
    }

    /// Line on which the record read last begins, from 1.
    std::uint64_t line() const noexcept { return line_; }
    std::string place() const override { return std::string("line ") += std::to_string(line_); }
    /// Fields may stand for values of any type.
    bool is_untyped() const noexcept override { return true; }
    /// Records read.
    std::uint64_t records() const noexcept { return records_; }
    std::uint64_t bytes_done() const noexcept override { return buffer_.consumed(); }
    /// Bytes of the whole input, 0 when not known.
    std::uint64_t bytes_total() const noexcept override { return buffer_.total(); }

private:
    /// Finds the next record and checks its text; it stays in the buffer, ready to be taken apart.
    bool find_record() {
        buffer_.consume(pending_);
        line_ = next_line_;
        pending_ = 0;
        for (;;) {
            const std::string_view text = buffer_.view();
            if (text.empty() && buffer_.complete()) return false;
            const detail::csv_outcome outcome = splitter_.split(text, buffer_.complete());
            if (outcome == detail::csv_outcome::incomplete) {
                if (!buffer_.refill()) refuse(0, "the record is longer than the limit; is a quote missing?");
                continue;
            }
            if (outcome != detail::csv_outcome::record) refuse(outcome);
            const bool empty_line = splitter_.pieces().size() == 1 &&
                                    splitter_.pieces()[0].begin == splitter_.pieces()[0].end &&
                                    !splitter_.pieces()[0].quoted;
            if (!empty_line || width_ == 1) break;
            buffer_.consume(splitter_.size());
            line_ = ++next_line_;
        }
        pending_ = splitter_.size();
        check_text(buffer_.view().substr(0, pending_));
        return true;
    }

    void check_text(std::string_view record) {
        const void* nul = std::memchr(record.data(), '\0', record.size());
        if (nul != nullptr) {
            refuse(static_cast<std::size_t>(static_cast<const char*>(nul) - record.data()), "NUL in the text");
        }
        if (const std::size_t bad = find_invalid_utf8(record); bad != std::string_view::npos) {
            refuse(bad, "not valid UTF-8");
        }
        next_line_ += 1;
        for (const detail::csv_piece& piece : splitter_.pieces()) {
            if (piece.quoted) next_line_ += line_breaks(record.substr(piece.begin, piece.end - piece.begin));
        }
    }

    static std::uint64_t line_breaks(std::string_view text) noexcept {
        std::uint64_t count = 0;
        for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) ++count;
        return count;
    }

    cell cell_of(const detail::csv_piece& piece) {
        char* const begin = buffer_.begin() + piece.begin;
        char* end = buffer_.begin() + piece.end;
        if (piece.doubled) end = detail::undouble_quotes(begin, end);
        const std::string_view text(begin, static_cast<std::size_t>(end - begin));
        return !piece.quoted && text == options_.null ? cell() : cell::of_text(text);
    }

    void read_header() {
        if (!find_record()) return;
        std::vector<std::string> names;
        for (const detail::csv_piece& piece : splitter_.pieces()) {
            const cell c = cell_of(piece);
            std::string name(c.is_null() ? std::string_view() : c.text());
            if (name.empty()) name = column_name(names.size());
            for (const std::string& other : names) {
                if (names_.empty() && name == other) refuse(piece.begin, "the name '" + name + "' stands there twice");
            }
            names.push_back(std::move(name));
        }
        if (!names_.empty() && names_.size() != names.size()) {
            width_ = names_.size();
            refuse_width();
        }
        if (names_.empty()) names_ = std::move(names);
    }

    static std::string column_name(std::size_t index) { return "column_" + std::to_string(index + 1); }

    /// Names the columns after the first record, which stays unread.
    void number_columns() {
        if (options_.header || !find_record()) return;
        width_ = splitter_.pieces().size();
        for (std::size_t c = 0; c < width_; ++c) names_.push_back(column_name(c));
        pending_ = 0;
        next_line_ = line_;
    }

    [[noreturn]] void refuse(std::size_t offset, std::string_view what) const {
        std::string text = detail::text_place(line_, buffer_.view().substr(0, offset));
        text += what;
        throw data_error(std::move(text));
    }

    [[noreturn]] void refuse(detail::csv_outcome outcome) const {
        const std::size_t at = splitter_.fault();
        switch (outcome) {
        case detail::csv_outcome::unterminated: refuse(at, "the quote is never closed");
        case detail::csv_outcome::stray_quote: refuse(at, "a quote inside a field that does not begin with one");
        case detail::csv_outcome::after_quote:
            refuse(at, "expected a delimiter or the end of the line after the closing quote");
        default: refuse(at, "a carriage return without line feed");
        }
    }

    [[noreturn]] void refuse_width() const {
        std::string what = "expected ";
        what += std::to_string(width_);
        what += width_ == 1 ? " field, found " : " fields, found ";
        what += std::to_string(splitter_.pieces().size());
        refuse(0, what);
    }

    csv_options options_;
    detail::input_buffer buffer_;
    detail::csv_splitter splitter_;
    std::vector<std::string> names_;
    std::vector<cell> cells_;
    std::size_t width_ = 0;
    std::size_t pending_ = 0; // bytes of the record the caller still looks at
    std::uint64_t line_ = 1;
    std::uint64_t next_line_ = 1;
    std::uint64_t records_ = 0;
};

} // namespace weft::inline v0
