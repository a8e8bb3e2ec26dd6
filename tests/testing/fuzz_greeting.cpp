// SPDX-License-Identifier: BSL-1.0
// Any first packet of a server: a version is a piece of it, and read again from a greeting with that version it is the
// same.
#include <weft/testing/detail/network.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view packet(reinterpret_cast<const char*>(data), size);
    const auto version = weft::testing::detail::greeted_version(packet);
    require(version.has_value() == (size > 0 && data[0] == 10 && packet.find('\0') != std::string_view::npos));
    if (!version) return 0;
    require(packet.find(*version) != std::string_view::npos);
    require(version->find('\0') == std::string::npos);
    const std::string again = "\n5.5.5-" + *version + '\0';
    require(weft::testing::detail::greeted_version(again) == version);
    return 0;
}
