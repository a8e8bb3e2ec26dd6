// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Reading TOON (token-oriented object notation, specification 4.0) as events, so that nothing of a document has to be
/// kept. `weft/format/toon_decode.hpp` makes values of the events.

#include <weft/format/detail/toon_reader.hpp>
#include <weft/format/toon_options.hpp>

#include <concepts>
#include <cstddef>
#include <string_view>

namespace weft::inline v0 {

/// What takes the events of a TOON document. Objects are `begin_object()`, for each member `key(name)` and then its
/// value, `end_object()`; arrays `begin_array(declared)`, the elements, `end_array()`; everything else `value(cell)`.
/// Names and cells are valid during the call only.
template <class H>
concept toon_handler = requires(H& h, std::string_view name, std::size_t declared, const cell& c) {
    h.begin_object();
    h.key(name);
    h.end_object();
    h.begin_array(declared);
    h.end_array();
    h.value(c);
};

/// Reads one document and calls the handler as it goes. The rows of a table are objects like any other; what a strict
/// reader can only find out at the end of something (a count that is wrong) it reports after the events of its
/// contents. Values are null, boolean, text and numbers: whole numbers are int64, uint64 or, beyond those and up to 65
/// digits, decimal; all others float64, the nearest one, and 0 when there is none but 0. Of a member that occurs twice
/// a lenient reader reports both.
///
/// One pass, no recursion deeper than the document's nesting, which is limited to 1024 levels; allocates for escaped
/// names, for objects of more than 16 members and for the names of columns.
/// \throws data_error naming line, column (in bytes) and what was expected; programming_error for an indentation of 0.
template <toon_handler Handler>
void read_toon(std::string_view text, Handler& handler, const toon_decode_options& options = {}) {
    cell_storage names;
    detail::toon_reader<Handler>(text, handler, options, names).document();
}

} // namespace weft::inline v0
