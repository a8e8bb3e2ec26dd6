// SPDX-License-Identifier: BSL-1.0
// Any text: what reads as a list of hosts, written again, reads as the same list.
#include <weft/net/endpoint.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const auto list = weft::net::parse_host_list(text, 3306);
        std::string written;
        for (const auto& host : list.hosts) {
            if (!written.empty()) written += ',';
            written += host.name();
        }
        if (!(weft::net::parse_host_list(written, 1) == list)) std::abort();
    } catch (const weft::interface_error& e) {
        if (std::string_view(e.what()).find("host") == std::string_view::npos) std::abort();
    }
    return 0;
}
