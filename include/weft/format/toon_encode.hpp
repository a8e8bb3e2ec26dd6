// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// TOON (token-oriented object notation, specification 4.0) from values, structs and ranges of them.
///
///     struct part { std::string sku; int quantity; };
///     BOOST_DESCRIBE_STRUCT(part, (), (sku, quantity))
///     weft::encode_toon(std::vector<part>{{"P-7", 10}, {"Q-9", 0}});
///
/// gives
///
///     [2]{sku,quantity}:
///       P-7,10
///       Q-9,0
///
/// Structs need `weft/core/describe.hpp`, which `weft/cursor.hpp` and `weft/format/records.hpp` include. Rows of
/// results are written by the format `toon` (`weft/format/toon.hpp`).

#include <weft/core/result.hpp>
#include <weft/core/value.hpp>
#include <weft/format/detail/toon_typed.hpp>
#include <weft/format/detail/toon_writer.hpp>
#include <weft/format/toon_options.hpp>

#include <string>

namespace weft::inline v0 {

/// What becomes TOON: a `value`, a cell and everything a cell can be made of, described structs, ranges, maps whose
/// keys are texts, and std::optional of those.
template <class T>
concept toon_writable = cell_writable<T> || detail::is_optional<T> || detail::toon_range<T> || detail::toon_struct<T>;

/// The value as a TOON document, without a line break at its end. Arrays become what is shortest: values on one line,
/// tables where all elements have the same names, lists otherwise; key order is kept, but that the rows of a table have
/// the order of the first. Numbers are written in plain notation between 1e-6 and 1e21, with the digits that are needed
/// to read them back; decimals without zeros at the end of their fraction; NaN and infinities as null. Dates, times and
/// JSON are texts, blobs texts in base64, vectors arrays of numbers.
///
/// Structs and ranges are viewed during the call, which takes 24 bytes for each of their values. A value costs one pass
/// over its kinds and one over its content; an object of objects that turns out to be no table one more on each level.
/// \throws data_error for text that is not valid UTF-8 and for more than 1024 levels of nesting, programming_error for
/// an indentation of 0 and an unknown delimiter.
template <toon_writable T>
std::string encode_toon(const T& v, const toon_encode_options& options = {}) {
    detail::toon_output out;
    if constexpr (cell_writable<T>) {
        cell_storage storage;
        detail::toon_writer(out, options).document(to_cell(v, storage));
    } else {
        detail::toon_tree tree({});
        detail::toon_writer(out, options).document(detail::toon_cell(tree, v));
    }
    return out.take();
}

/// Appends what encode_toon() returns; `out` is as before when it throws.
template <toon_writable T>
void append_toon(std::string& out, const T& v, const toon_encode_options& options = {}) {
    out += encode_toon(v, options);
}

/// As encode_toon(), with the error as a result.
template <toon_writable T>
result<std::string> try_encode_toon(const T& v, const toon_encode_options& options = {}) {
    return attempt([&] { return encode_toon(v, options); });
}

} // namespace weft::inline v0
