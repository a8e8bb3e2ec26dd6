// SPDX-License-Identifier: BSL-1.0
// Any bytes from a server: the client returns something or throws a weft error. The first byte says what was asked.
#include <weft/net/scripted_stream.hpp>
#include <weft/toondb/ipc_client.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

using client = weft::toondb::basic_ipc_client<weft::net::scripted_stream>;

void ask(client& c, unsigned what) {
    switch (what % 12) {
    case 0: (void)c.ping(); break;
    case 1: (void)c.get("k"); break;
    case 2: (void)c.scan("p"); break;
    case 3: (void)c.query("p").to_list(); break;
    case 4: (void)c.stats(); break;
    case 5: (void)c.commit(c.begin_transaction()); break;
    case 6: (void)c.find("k"); break;
    case 7: (void)c.scan_all("p").collect(); break;
    case 8: {
        auto rows = c.run("SELECT 1", {});
        while (const auto* row = rows.next_row()) {
            for (std::size_t i = 0; i < row->layout().size(); ++i) (void)weft::describe(row->at(i, 0));
        }
        break;
    }
    case 9: c.put("k", "v"); break;
    case 10: (void)c.query("p").first(); break;
    default: c.with_transaction([](auto& t) { (void)t.get("k"); }); break;
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    client c(weft::net::scripted_stream::feed({reinterpret_cast<const std::byte*>(data) + 1, size - 1}));
    try {
        for (int i = 0; i < 4; ++i) ask(c, data[0]);
    } catch (const weft::error&) { // said clearly
    }
    return 0;
}
