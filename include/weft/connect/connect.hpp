// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `connect(url)`: the front door. The scheme of the URL picks the engine.
///
/// | URL                                             | opens                                                  |
/// |-------------------------------------------------|--------------------------------------------------------|
/// | `:memory:`, `sqlite::memory:`                   | an embedded database in memory                         |
/// | `file:data.db`, `sqlite:data.db`                | an embedded database in a file, relative to the process |
/// | `sqlite:///var/lib/data.db`                     | the same with an absolute path                         |
///
/// Parameters after `?` override the options of the same name (`embedded.…` in the registry and its environment
/// variables): `mode` (`ro`, `rw`, `rwc`, `memory`), `journal_mode` (`wal`, `delete`), `synchronous` (`off`, `normal`,
/// `full`), `busy_timeout` (milliseconds), `foreign_keys`, `statement_cache`.

#include <weft/connect/any_connection.hpp>
#include <weft/core/url.hpp>
#include <weft/embedded/configured_options.hpp>
#include <weft/embedded/database.hpp>

namespace weft::inline v0 {

namespace detail {

/// Puts the URL's parameters over the options for as long as the settings are read, so that both have the same names,
/// checks and messages.
inline embedded::database_options embedded_settings(const connection_url& url, std::string& path) {
    options_registry& registry = embedded::detail::registered_options();
    std::vector<options_registry::assignment> overrides;
    embedded::open_mode mode = embedded::open_mode::read_write_create;
    for (const auto& [name, text] : url.query) {
        if (name != "mode") {
            const std::string option = "embedded." + name;
            if (!registry.contains(option)) throw interface_error("Unrecognized connection parameter: " + name);
            overrides.push_back({option, text});
        } else if (text == "memory") {
            path = ":memory:";
        } else if (text == "ro" || text == "rw" || text == "rwc") {
            mode = text == "ro"   ? embedded::open_mode::read_only
                   : text == "rw" ? embedded::open_mode::read_write
                                  : embedded::open_mode::read_write_create;
        } else {
            throw interface_error("connection parameter mode cannot be '" + text + "': expected ro, rw, rwc or memory");
        }
    }
    const registry_overlay overlay(registry, overrides);
    embedded::database_options settings = embedded::configured_options();
    settings.mode = mode;
    return settings;
}

inline any_connection connect_embedded(const connection_url& url) {
    std::string path = url.path;
    const embedded::database_options settings = embedded_settings(url, path);
    return any_connection(embedded::database(path, settings));
}

} // namespace detail

/// Opens a connection. \throws interface_error for a malformed URL, an unknown scheme or parameter, data_error for a
/// parameter with an invalid value, operational_error when the engine cannot be reached or the file not be opened.
inline any_connection connect(std::string_view url) {
    const connection_url parsed = parse_url(url);
    if (!parsed.path.empty()) return detail::connect_embedded(parsed);
    throw interface_error("Unrecognized protocol: '" + parsed.scheme + "'; this program can open file:, sqlite: and :memory:");
}

} // namespace weft::inline v0
