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
/// | `mysql://user:password@host:3306/database`      | a SingleStore, MySQL or MariaDB server                 |
/// | `user:password@host/database`, `host`           | the same; so does `singlestoredb://…`                  |
/// | `mysql://u:p@host1,host2:3307/db`               | the first host that takes the connection               |
///
/// Parameters after `?` override the options of the same name (`embedded.…` in the registry and its environment
/// variables): `mode` (`ro`, `rw`, `rwc`, `memory`), `journal_mode` (`wal`, `delete`), `synchronous` (`off`, `normal`,
/// `full`), `busy_timeout` (milliseconds), `foreign_keys`, `statement_cache` for embedded databases, and those of
/// `weft/connect/mysql_options.hpp` for servers.

#include <weft/connect/any_connection.hpp>
#include <weft/connect/embedded_options.hpp>
#include <weft/connect/mysql_options.hpp>
#include <weft/core/url.hpp>
#include <weft/embedded/database.hpp>
#include <weft/mysql/connection.hpp>

namespace weft::inline v0 {

namespace detail {

/// The access mode of a `mode` parameter; `memory` changes the path instead.
inline embedded::open_mode parse_mode(const std::string& text, std::string& path) {
    if (text == "ro") return embedded::open_mode::read_only;
    if (text == "rw") return embedded::open_mode::read_write;
    if (text == "memory") path = ":memory:";
    if (text == "rwc" || text == "memory") return embedded::open_mode::read_write_create;
    throw interface_error("connection parameter mode cannot be '" + text + "': expected ro, rw, rwc or memory");
}

inline any_connection connect_embedded(const connection_url& url) {
    const option_registry& registry = embedded_registry();
    for (const auto& parameter : url.query) {
        if (parameter.name != "mode" && !registry.contains("embedded." + parameter.name)) {
            throw interface_error("Unrecognized connection parameter: " + parameter.name);
        }
    }
    std::string path = url.path;
    embedded::database_options settings = embedded_options([&](std::string_view name) { return url.find(name); });
    if (const std::string* mode = url.find("mode")) settings.mode = parse_mode(*mode, path);
    return any_connection(embedded::database(path, settings));
}

} // namespace detail

/// Opens a connection. \throws interface_error for a malformed URL, an unknown scheme or parameter, data_error for a
/// parameter with an invalid value, operational_error when the engine cannot be reached or the file not be opened.
inline any_connection connect(std::string_view url) {
    const connection_url parsed = parse_url(url);
    if (!parsed.path.empty()) return detail::connect_embedded(parsed);
    if (parsed.scheme.empty() || parsed.scheme == "mysql" || parsed.scheme == "singlestoredb")
        return any_connection(mysql::connection(mysql_options(parsed)));
    throw interface_error("Unrecognized protocol: '" + parsed.scheme +
                          "'; this program can open mysql:, singlestoredb:, file:, sqlite: and :memory:");
}

} // namespace weft::inline v0
