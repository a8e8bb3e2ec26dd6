// SPDX-License-Identifier: BSL-1.0
// Any bytes as keys and as bounds of scans: what comes back is what a sorted map says.
#include <weft/embedded/kv_database.hpp>
#include <weft/testing/temporary_directory.hpp>

#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace {

using namespace weft::embedded;

void require(bool condition) {
    if (!condition) std::abort();
}

/// Cuts the input into pieces at bytes 0x1E; the first piece says how to scan.
std::vector<std::string> pieces(const std::uint8_t* data, std::size_t size) {
    std::vector<std::string> all(1);
    for (std::size_t i = 0; i < size; ++i) {
        if (data[i] == 0x1E)
            all.emplace_back();
        else
            all.back() += static_cast<char>(data[i]);
    }
    return all;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const weft::testing::temporary_directory directory;
    static kv_database db(directory / "fuzz.db", {.sync_mode = sync_mode::off});
    auto all = pieces(data, size);
    all.resize(all.size() < 3 ? 3 : all.size());
    const std::string& start = all[1];
    const std::string& end = all[2];
    const unsigned how = all[0].empty() ? 0U : static_cast<unsigned char>(all[0][0]);
    const scan_options options{.reverse = (how & 1U) != 0, .limit = (how & 2U) != 0 ? (how >> 2U) : 0};

    std::map<std::string, std::string> expected;
    auto t = db.transaction();
    for (std::size_t i = 3; i < all.size(); ++i) {
        const std::string value = std::to_string(i);
        try {
            t.put(all[i], value);
            expected[all[i]] = value;
        } catch (const weft::data_error&) {
            require(all[i].size() > 65'536);
        }
    }
    std::vector<kv_pair> wanted;
    for (const auto& [key, value] : expected) {
        if (key >= start && (end.empty() || key < end)) wanted.push_back({key, value});
    }
    if (options.reverse) wanted = {wanted.rbegin(), wanted.rend()};
    if (options.limit != 0 && wanted.size() > options.limit) wanted.resize(options.limit);
    require(t.scan(start, end, options).collect() == wanted);

    std::size_t below = 0;
    for (const auto& [key, value] : expected) below += key.starts_with(start) ? 1 : 0;
    auto scan = t.scan_prefix(start);
    std::size_t found = 0;
    while (const kv_entry* entry = scan.next()) {
        require(entry->key.starts_with(start));
        if (++found == 1) t.put(start + "written meanwhile", "x"); // which the scan must not see
    }
    require(found == below);
    t.abort();
    return 0;
}
