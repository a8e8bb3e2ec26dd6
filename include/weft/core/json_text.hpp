// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// JSON as a value type distinct from text, read from cells and written as one.

#include <weft/core/cell_reader.hpp>
#include <weft/core/cell_writer.hpp>
#include <weft/core/detail/text.hpp>
#include <weft/core/json_syntax.hpp>

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace weft::inline v0 {

/// Owned JSON text, distinct from ordinary text for parameters and results. `parse` and `try_parse` check the syntax;
/// the constructor takes text as it is, for what a server has already checked. Comparison is by bytes.
class json_text {
public:
    /// Empty text, which is not a JSON value.
    json_text() noexcept = default;

    /// Takes the text unchecked.
    explicit json_text(std::string text) noexcept : text_(std::move(text)) {}

    /// A copy of the text when it is valid JSON (see `is_valid_json`). Allocates nothing but the copy.
    static std::optional<json_text> try_parse(std::string_view text) {
        if (!is_valid_json(text)) return std::nullopt;
        return json_text(std::string(text));
    }

    /// A copy of the text. \throws data_error unless it is valid JSON (see `is_valid_json`), naming the offset in bytes
    /// and what was expected there.
    static json_text parse(std::string_view text) {
        detail::json_checker checker(text);
        const std::size_t offset = checker.run();
        if (offset != std::string_view::npos)
            throw data_error("cannot read " + detail::in_quotes(text) + " as JSON: expected " + checker.expected() +
                             " at byte " + std::to_string(offset));
        return json_text(std::string(text));
    }

    /// The text.
    const std::string& str() const& noexcept { return text_; }
    /// The text, moved out.
    std::string str() && noexcept { return std::move(text_); }
    /// The text; valid as long as this value is.
    std::string_view view() const noexcept { return text_; }
    /// A copy of the text.
    std::string to_string() const { return text_; }

    friend auto operator<=>(const json_text&, const json_text&) noexcept = default;
    friend bool operator==(const json_text&, const json_text&) noexcept = default;

private:
    std::string text_;
};

template <>
struct cell_reader<json_text> {
    static constexpr std::string_view type_name = "json";
    static constexpr bool accepts(type_id id) noexcept { return is_textual(id) || is_nested(id) || id == type_id::any; }
    static bool read(const cell& c, json_text& out) {
        if (c.kind() == type_id::json) {
            out = json_text(std::string(c.text()));
        } else if (c.kind() == type_id::text) {
            std::optional<json_text> parsed = json_text::try_parse(c.text());
            if (!parsed) return false;
            out = std::move(*parsed);
        } else if (is_nested(c.kind())) {
            std::string text;
            append_json(text, c);
            out = json_text(std::move(text));
        } else {
            return false;
        }
        return true;
    }
};

template <>
struct cell_writer<json_text> {
    static cell write(const json_text& v, cell_storage&) noexcept { return cell::of_json(v.view()); }
};

} // namespace weft::inline v0
