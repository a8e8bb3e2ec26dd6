// SPDX-License-Identifier: BSL-1.0
// Any text: what reads as a one-line table, written again, reads as the same table.
#include <weft/format/toon_table.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

/// Fields are found by name, so a second one of a name would show the first one's values.
bool has_repeated(const std::vector<std::string>& names) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            if (names[i] == names[k]) return true;
        }
    }
    return false;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const weft::toon_records read = weft::from_toon(text);
        if (read.table.empty() || has_repeated(read.fields)) return 0;
        const std::string written = weft::to_toon(read.table, read.records, read.fields);
        const weft::toon_records again = weft::from_toon(written);
        require(again.table == read.table && again.fields == read.fields && again.records == read.records);
        require(weft::to_toon(again.table, again.records, again.fields) == written);
    } catch (const weft::data_error& e) {
        require(std::string_view(e.what()).find("TOON") != std::string_view::npos);
    }
    return 0;
}
