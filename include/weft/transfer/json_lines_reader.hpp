// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `json_lines_reader`: reads JSON lines, one object a line, on simdjson's on-demand parser.

#include <weft/core/json_syntax.hpp>
#include <weft/transfer/byte_input.hpp>
#include <weft/transfer/detail/input_buffer.hpp>
#include <weft/transfer/detail/json_number.hpp>
#include <weft/transfer/record_reader.hpp>

#include <simdjson.h>

#include <span>
#include <string>
#include <vector>

namespace weft::inline v0 {

/// How JSON lines are read.
struct json_lines_options {
    std::vector<std::string> names = {};             ///< keys to read, in order; by default those of the first lines
    bool ignore_unknown_keys = false;                ///< pass over other keys instead of refusing them
    std::size_t chunk_size = std::size_t{1} << 18;   ///< bytes read at once; the keys are looked for in the first chunk
    std::size_t largest_line = std::size_t{1} << 28; ///< a longer line, in bytes, is an error
};

/// Rows from JSON lines in UTF-8: every line that is not blank holds one object, whose members are the columns of that
/// name; members that are absent are NULL. Integers are read exactly (int64, else uint64, else decimal), numbers with a
/// fraction as float64 where that keeps all their digits and as decimal elsewhere, arrays and objects as JSON text.
/// Every fault is a data_error that says `line 12, column 5: …`. As `parameter_rows` a reader can be handed to a
/// connection's `run_many` as it is.
class json_lines_reader final : public record_reader {
public:
    explicit json_lines_reader(byte_input input, json_lines_options options = {})
        : options_(std::move(options)), buffer_(std::move(input), options_.chunk_size, options_.largest_line),
          names_(options_.names) {
        static_assert(detail::input_buffer::padding >= simdjson::SIMDJSON_PADDING);
        buffer_.skip_byte_order_mark();
        if (names_.empty()) find_names();
        seen_in_.resize(names_.size());
    }

    /// The columns, in order.
    const std::vector<std::string>& names() const noexcept override { return names_; }

    /// The next row's values, valid until the next call; false at the end.
    bool next(std::span<const cell>& row) override {
        std::string_view text;
        do {
            if (!find_line(text)) return false;
        } while (is_blank(text));
        cells_.assign(names_.size(), cell());
        ++records_;
        if (options_.ignore_unknown_keys && !is_valid_json(text)) refuse_syntax(text, {}); // values may stay unread
        std::size_t expected = 0; // members usually come in the order of the columns
        for_each_member(text, [&](std::string_view key, simdjson::ondemand::value& v) {
            const std::size_t column = column_of(key, expected);
            if (column == names_.size()) {
                if (!options_.ignore_unknown_keys)
                    refuse(text, 0, "there is no column for the key '" + std::string(key) + "'");
                return;
            }
            if (seen_in_[column] == records_) refuse(text, 0, "the key '" + std::string(key) + "' occurs twice");
            seen_in_[column] = records_;
            expected = column + 1;
            cells_[column] = cell_of(text, v);
        });
        row = cells_;
        return true;
    }

    /// Line of the row read last, from 1.
    std::uint64_t line() const noexcept { return line_; }
    std::string place() const override { return std::string("line ") += std::to_string(line_); }
    /// Rows read.
    std::uint64_t records() const noexcept { return records_; }
    std::uint64_t bytes_done() const noexcept override { return buffer_.consumed(); }
    /// Bytes of the whole input, 0 when not known.
    std::uint64_t bytes_total() const noexcept override { return buffer_.total(); }

private:
    static bool is_blank(std::string_view text) noexcept {
        return text.find_first_not_of(" \t\r") == std::string_view::npos;
    }

    /// The next line without its end; it stays in the buffer.
    bool find_line(std::string_view& text) {
        buffer_.consume(pending_);
        pending_ = 0;
        ++line_;
        for (std::size_t looked_at = 0;;) {
            const std::string_view all = buffer_.view();
            const std::size_t end = all.find('\n', looked_at);
            if (end != std::string_view::npos) {
                text = all.substr(0, end);
                pending_ = end + 1;
                return true;
            }
            if (buffer_.complete()) {
                text = all;
                pending_ = all.size();
                return !all.empty();
            }
            looked_at = all.size();
            if (!buffer_.refill()) refuse(all, 0, "the line is longer than the limit");
        }
    }

    /// Calls `f(key, value)` for each member of the object in `text`. The parser checks the structure and the encoding;
    /// cell_of() checks the values it takes, so together all of the grammar is checked.
    template <class F>
    void for_each_member(std::string_view text, F f) {
        try {
            const simdjson::padded_string_view padded(text.data(), text.size(),
                                                      text.size() + simdjson::SIMDJSON_PADDING);
            simdjson::ondemand::document document = parser_.iterate(padded);
            simdjson::ondemand::object object = document.get_object();
            for (auto member : object) {
                const std::string_view key = member.unescaped_key();
                simdjson::ondemand::value v = member.value();
                f(key, v);
            }
            if (document.current_location().error() != simdjson::OUT_OF_BOUNDS)
                refuse_syntax(text, "more than one value");
        } catch (const simdjson::simdjson_error& e) {
            refuse_syntax(text, e.what());
        }
    }

    /// Finds out what is wrong with a line.
    [[noreturn]] void refuse_syntax(std::string_view text, std::string_view otherwise) const {
        detail::json_checker checker(text);
        if (const std::size_t bad = checker.run(); bad != std::string_view::npos) {
            refuse(text, bad, std::string("expected ") += checker.expected());
        }
        const std::size_t first = text.find_first_not_of(" \t\r");
        refuse(text, first, text[first] == '{' ? otherwise : "expected an object");
    }

    std::size_t column_of(std::string_view key, std::size_t expected) const noexcept {
        if (expected < names_.size() && names_[expected] == key) return expected;
        std::size_t column = 0;
        while (column < names_.size() && names_[column] != key) ++column;
        return column;
    }

    cell cell_of(std::string_view line, simdjson::ondemand::value& v) const {
        const simdjson::ondemand::json_type type = v.type();
        switch (type) {
        case simdjson::ondemand::json_type::array: {
            simdjson::ondemand::array elements = v.get_array();
            return json_of(line, elements.raw_json());
        }
        case simdjson::ondemand::json_type::object: {
            simdjson::ondemand::object members = v.get_object();
            return json_of(line, members.raw_json());
        }
        case simdjson::ondemand::json_type::string: return cell::of_text(v.get_string());
        default: return scalar_of(line, trimmed(v.raw_json_token()));
        }
    }

    cell scalar_of(std::string_view line, std::string_view token) const {
        if (token == "null") return {};
        if (token == "true" || token == "false") return cell(token == "true");
        cell c;
        if (!detail::is_json_number(token)) refuse_syntax(line, "expected a value");
        if (!detail::read_json_number(token, c)) {
            refuse(line, static_cast<std::size_t>(token.data() - line.data()), "a number out of range");
        }
        return c;
    }

    cell json_of(std::string_view line, std::string_view raw) const {
        raw = trimmed(raw);
        if (!is_valid_json(raw)) refuse_syntax(line, "expected a value");
        return cell::of_json(raw);
    }

    static std::string_view trimmed(std::string_view text) noexcept {
        return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
    }

    /// Takes the keys of the lines in the first chunk, which stay unread.
    void find_names() {
        if (!buffer_.complete() && buffer_.size() < options_.chunk_size / 2) buffer_.refill();
        std::string_view text;
        std::size_t ahead = 0;
        if (!find_line(text)) return rewind_line();
        for (;;) {
            if (!is_blank(text)) {
                std::size_t expected = 0;
                for_each_member(text, [&](std::string_view key, simdjson::ondemand::value&) {
                    const std::size_t column = column_of(key, expected);
                    if (column == names_.size()) names_.emplace_back(key);
                    expected = column + 1;
                });
            }
            ahead += text.size() + 1;
            const std::string_view all = buffer_.view();
            if (ahead >= all.size()) break;
            const std::size_t end = all.find('\n', ahead);
            if (end == std::string_view::npos) break;
            text = all.substr(ahead, end - ahead);
            ++line_;
        }
        rewind_line();
    }

    void rewind_line() noexcept {
        pending_ = 0;
        line_ = 0;
    }

    [[noreturn]] void refuse(std::string_view line, std::size_t offset, std::string_view what) const {
        std::string text = detail::text_place(line_, line.substr(0, offset));
        text += what;
        throw data_error(std::move(text));
    }

    json_lines_options options_;
    detail::input_buffer buffer_;
    simdjson::ondemand::parser parser_;
    std::vector<std::string> names_;
    std::vector<cell> cells_;
    std::vector<std::uint64_t> seen_in_; // number of the last row that had the column
    std::size_t pending_ = 0;            // bytes of the line the caller still looks at
    std::uint64_t line_ = 0;
    std::uint64_t records_ = 0;
};

} // namespace weft::inline v0
