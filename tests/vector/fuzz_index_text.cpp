// SPDX-License-Identifier: BSL-1.0
// Any text either describes an index, whose own text describes the same one, or is refused with a data_error.
#include <weft/vector/index_text.hpp>

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace weft::vector;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const index_description index = parse_index(text);
        if (parse_index(to_text(index)) != index) std::abort();
    } catch (const weft::data_error&) {}
    return 0;
}
