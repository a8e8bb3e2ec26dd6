// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `statement`: a text with its arguments, for operations that outlive the call that starts them.

#include <weft/core/value.hpp>
#include <weft/cursor/parameters.hpp>
#include <weft/mysql/protocol/capabilities.hpp>
#include <weft/mysql/protocol/escape.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::inline v0::mysql {

/// SQL text and copies of its arguments, which are bound as everywhere: `?`, `:name`, `%s`, ranges after IN, structs by
/// name.
class statement {
public:
    /// A text without arguments.
    template <std::convertible_to<std::string_view> Text>
    statement(const Text& sql) : text_(std::string_view(sql)) {}

    /// \throws programming_error when arguments and placeholders do not match.
    template <bindable... Args>
        requires(sizeof...(Args) > 0)
    statement(std::string_view sql, const Args&... args) {
        const weft::detail::argument_list arguments(args...);
        weft::detail::bound_statement bound = weft::detail::bind_arguments(sql, dialect, arguments);
        text_ = std::move(bound.text);
        values_.reserve(bound.cells.size());
        for (const cell& c : bound.cells) values_.emplace_back(c);
    }

    const std::string& text() const noexcept { return text_; }

    /// The arguments in the order of the placeholders, which are plain `?`. Views into this object.
    std::vector<cell> cells() const {
        std::vector<cell> all;
        all.reserve(values_.size());
        for (const value& v : values_) all.push_back(v.view());
        return all;
    }

private:
    static constexpr sql_dialect dialect = protocol::dialect_of({});

    std::string text_;
    std::vector<value> values_;
};

} // namespace weft::inline v0::mysql
