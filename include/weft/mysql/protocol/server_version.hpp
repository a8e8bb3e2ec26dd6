// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Which server answered: what its greeting tells.

#include <weft/mysql/protocol/handshake.hpp>

#include <charconv>
#include <compare>
#include <string_view>

namespace weft::inline v0::mysql::protocol {

/// Families of servers that speak the protocol.
enum class server_flavour : unsigned char { mysql, mariadb, singlestore };

/// Three numbers of a version; what is missing is 0.
struct server_version {
    int major = 0;
    int minor = 0;
    int patch = 0;

    friend constexpr auto operator<=>(const server_version&, const server_version&) = default;
};

/// What a greeting tells about the server.
struct server_identity {
    server_flavour flavour = server_flavour::mysql;
    server_version version;
    /// SingleStore calls itself a bare `5.7.32` (or `5.5.58`): only `SELECT @@memsql_version` settles it, and tells the
    /// real version.
    bool may_be_singlestore = false;

    friend bool operator==(const server_identity&, const server_identity&) = default;
};

namespace detail {

inline bool contains_word(std::string_view text, std::string_view lower_word) noexcept {
    for (std::size_t i = 0; i + lower_word.size() <= text.size(); ++i) {
        std::size_t k = 0;
        while (k < lower_word.size() && (text[i + k] | 0x20) == lower_word[k]) ++k;
        if (k == lower_word.size()) return true;
    }
    return false;
}

} // namespace detail

/// Reads `8.4.2`, `10.11.4-MariaDB`, …: numbers up to the first other character.
inline server_version parse_server_version(std::string_view text) noexcept {
    server_version v;
    const char* p = text.data();
    const char* const end = p + text.size();
    for (int* const part : {&v.major, &v.minor, &v.patch}) {
        const auto [next, problem] = std::from_chars(p, end, *part);
        if (problem != std::errc{} || *part < 0) {
            *part = 0;
            break;
        }
        if (next == end || *next != '.') break;
        p = next + 1;
    }
    return v;
}

/// Flavour and version from a greeting. MariaDB up to 11 puts `5.5.5-` before its version for old replicas.
inline server_identity identify_server(std::string_view version, capability_set capabilities) noexcept {
    server_identity s;
    const bool prefixed = version.starts_with("5.5.5-") && version.size() > 6;
    if (detail::contains_word(version, "singlestore") || detail::contains_word(version, "memsql")) {
        s.flavour = server_flavour::singlestore;
    } else if (prefixed || detail::contains_word(version, "mariadb") ||
               ((capabilities & capability::long_password) == 0 && capabilities >> 32 != 0)) {
        s.flavour = server_flavour::mariadb;
    }
    if (prefixed) version.remove_prefix(6);
    s.version = parse_server_version(version);
    s.may_be_singlestore = s.flavour == server_flavour::singlestore || version == "5.7.32" || version == "5.5.58";
    return s;
}

inline server_identity identify_server(const greeting& g) noexcept {
    return identify_server(g.version, g.capabilities);
}

} // namespace weft::inline v0::mysql::protocol
