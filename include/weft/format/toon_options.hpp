// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// How TOON (token-oriented object notation, specification 4.0) is read and written.

#include <weft/core/config.hpp>

#include <cstddef>
#include <string_view>

namespace weft::inline v0 {

/// The version of the public specification that is read and written.
inline constexpr std::string_view toon_version = "4.0";

/// The media type of TOON, always in UTF-8; provisional.
inline constexpr std::string_view toon_media_type = "text/toon";

/// How TOON is read.
struct toon_decode_options {
    /// Spaces of one level of indentation, at least 1.
    std::size_t indent_size = 2;

    /// Whether counts, indentation, headers and UTF-8 must be exactly as the specification has them, and no member may
    /// occur twice. A lenient reader takes what is there: counts are not checked, short rows are filled with null and
    /// long ones cut, spaces that make no whole level are ignored, a tab is one level, blank lines may stand anywhere,
    /// deeper lines than expected belong to what is open, a header with a mistake is an ordinary key, what follows a
    /// finished root is ignored, the last of two members with one name wins, numbers beyond every double become texts,
    /// and bytes that are no UTF-8 stay as they are. Quotes that are not closed, unknown escapes and lines without a
    /// colon where a member should be are errors in both modes.
    bool strict = true;

    /// Whether dots in unquoted keys lead into nested objects (`a.b: 1` is `{"a":{"b":1}}`), as writers of
    /// specification 1.5 to 3.3 may have meant them. Only decode_toon() does this.
    bool expand_paths = false;
};

/// How TOON is written.
struct toon_encode_options {
    /// Spaces of one level of indentation, at least 1.
    std::size_t indent_size = 2;

    /// What stands between the values of a line: a comma, a tab or a bar (`|`). Headers say which.
    char delimiter = ',';

    /// Whether objects within rows become groups of columns (`dim{w,h}`). Readers of earlier versions than 4.0 do not
    /// know them.
    bool column_groups = true;

    /// Whether objects whose members are alike become tables with keys (`nodes[2:]{cpu,ram}:`). Readers of earlier
    /// versions than 4.0 do not know them.
    bool keyed_tables = true;

    /// Whether chains of objects with one member become one key (`a.b.c: 1`), as specification 1.5 to 3.3 have it.
    /// Only readers that expand paths understand it.
    bool fold_keys = false;

    /// The most keys that are folded into one; 0 and 1 fold nothing.
    std::size_t flatten_depth = static_cast<std::size_t>(-1);
};

} // namespace weft::inline v0
