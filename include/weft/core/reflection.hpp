// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The place where code that takes structs apart asks for their members. `weft/core/describe.hpp` answers; programs
/// that bind or read structs include it (`weft/format/records.hpp` and `weft/cursor.hpp` do), the others do not pay for
/// it.

#include <weft/core/config.hpp>

namespace weft::inline v0::detail {

template <class T>
struct reflection; // defined in weft/core/describe.hpp: include it to pass structs

/// Whether the members of structs can be reached here.
template <class T>
concept describe_header_included = requires { sizeof(reflection<T>); };

} // namespace weft::inline v0::detail
