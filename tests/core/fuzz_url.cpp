// SPDX-License-Identifier: BSL-1.0
// Any text: what reads as a URL, written again with every part percent-encoded, reads as the same parts.
#include <weft/core/url.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

std::string encode(std::string_view text) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto u = static_cast<unsigned char>(c);
        out += {'%', digits[u >> 4], digits[u & 15]};
    }
    return out;
}

std::string compose(const weft::connection_url& u) {
    std::string query;
    const auto add = [&query](std::string_view name, std::string_view value) {
        query += query.empty() ? '?' : '&';
        query += encode(name) + '=' + encode(value);
    };
    for (const auto& p : u.query) add(p.name, p.value);
    if (!u.path.empty()) {
        if (u.scheme.empty()) return u.path + query; // :memory:
        return u.scheme + ':' + encode(u.path) + query;
    }
    if (!u.scheme.empty()) add("driver", u.scheme);
    if (u.host) add("host", *u.host);
    if (u.password && !u.password->empty()) add("password", *u.password);
    std::string out = "//";
    if (u.user) {
        out += encode(*u.user);
        if (u.password && u.password->empty()) out += ':';
        out += '@';
    }
    if (u.port != 0) out += ':' + std::to_string(u.port);
    out += '/';
    if (u.database) out += encode(*u.database);
    return out + query;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const auto url = weft::parse_url(text);
        require(!url.user || !url.user->empty());
        require(!url.host || !url.host->empty());
        require(!url.database || !url.database->empty());
        for (std::size_t i = 0; i < url.query.size(); ++i) {
            require(!url.query[i].value.empty());
            for (std::size_t k = 0; k < i; ++k) require(url.query[i].name != url.query[k].name);
        }
        const std::string written = compose(url);
        if (!(weft::parse_url(written) == url)) std::abort();
    } catch (const weft::interface_error& e) {
        require(std::string_view(e.what()).find("URL") != std::string_view::npos);
    }
    return 0;
}
