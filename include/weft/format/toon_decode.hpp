// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Values from TOON (token-oriented object notation, specification 4.0).

#include <weft/core/result.hpp>
#include <weft/core/value.hpp>
#include <weft/format/detail/toon_paths.hpp>
#include <weft/format/detail/toon_reader.hpp>
#include <weft/format/detail/toon_tree.hpp>
#include <weft/format/toon_options.hpp>

#include <concepts>
#include <memory>
#include <string_view>

namespace weft::inline v0 {

/// The value that a TOON document holds: null, boolean, text, number, list, or structure with its members in their
/// order. Whole numbers are int64, uint64 or, beyond those and up to 65 digits, decimal; all other numbers the nearest
/// float64. Every value within it shares one memory: a copy of the document and 24 bytes a value, which the last
/// of them releases. Nesting is limited to 1024 levels.
/// \throws data_error naming line, column (in bytes) and what was expected; programming_error for an indentation of 0.
template <std::convertible_to<std::string_view> Text>
value decode_toon(const Text& text, const toon_decode_options& options = {}) {
    using path_builder = detail::toon_path_builder<detail::toon_tree_builder>;
    auto tree = std::make_shared<detail::toon_tree>(std::string_view(text));
    const auto read = [&](auto builder) {
        detail::toon_reader<decltype(builder)>(tree->text(), builder, options, tree->storage()).document();
        return builder.root();
    };
    const cell root = options.expand_paths ? read(path_builder(*tree, options.strict))
                                           : read(detail::toon_tree_builder(*tree, options.strict));
    return value::sharing(root, std::move(tree));
}

/// As decode_toon(), with the error as a result.
template <std::convertible_to<std::string_view> Text>
result<value> try_decode_toon(const Text& text, const toon_decode_options& options = {}) {
    return attempt([&] { return decode_toon(std::string_view(text), options); });
}

} // namespace weft::inline v0
