// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Connection URLs: from one text to its parts. Which schemes and parameters exist is decided by who connects.
///
/// The grammar is that of the SingleStoreDB Python SDK:
/// `[scheme://][user[:password]@]host[:port][/database[/ignored]][?name=value&...][#ignored]`, and beside it
/// `sqlite:path`, `file:path` and `:memory:` for databases in files.

#include <weft/core/detail/text.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::inline v0 {

/// The parts of a connection URL, decoded. A part that is absent is `nullopt` or empty; only a password can be present
/// and empty.
struct connection_url {
    /// One parameter of the query part; the name is lower-case.
    struct parameter {
        std::string name;
        std::string value;
        friend bool operator==(const parameter&, const parameter&) = default;
    };

    std::string scheme;                  ///< lower-case, without a `singlestoredb+` in front; empty when there is none
    std::optional<std::string> user;     ///< never empty
    std::optional<std::string> password; ///< `user:@host` has an empty one
    std::optional<std::string> host;     ///< lower-case, IPv6 without brackets; never empty; several hosts, with their
                                         ///< ports, stay as they are written: `a:3306,b`
    std::uint16_t port = 0;              ///< 0 when there is none
    std::optional<std::string> database; ///< first segment of the path; never empty
    std::string path;                    ///< of `sqlite:`, `file:` and `:memory:`; empty for every other scheme
    std::vector<parameter> query;        ///< in order of first appearance, each name once, no empty values

    /// The value of a query parameter, or null.
    const std::string* find(std::string_view name) const noexcept {
        for (const parameter& p : query)
            if (p.name == name) return &p.value;
        return nullptr;
    }

    friend bool operator==(const connection_url&, const connection_url&) = default;
};

namespace detail {

inline std::string_view trim_spaces(std::string_view text) noexcept {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

constexpr int hex_value(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// Percent-decodes; a `%` without two hexadecimal digits after it stays as it is. With `form`, `+` becomes a space.
inline std::string percent_decode(std::string_view text, bool form, const char* part) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%' && text.size() - i > 2 && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
            c = static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            if (c == '\0') throw interface_error(std::string("the ") + part + " of the URL contains a NUL byte");
            i += 2;
        } else if (c == '+' && form) {
            c = ' ';
        }
        out += c;
    }
    return out;
}

/// Reads a port; empty is 0. `show` is false where the text could be a piece of a password.
inline std::uint16_t read_port(std::string_view text, bool show) {
    unsigned port = 0;
    bool good = true;
    for (const char c : text) {
        good = good && is_digit(c);
        if (good) port = port * 10 + static_cast<unsigned>(c - '0');
        good = good && port <= 65535;
    }
    if (good) return static_cast<std::uint16_t>(port);
    if (show) throw interface_error("the port of the URL is " + in_quotes(text) + ": expected a number of 0 to 65535");
    throw interface_error("the port of the URL is not a number of 0 to 65535; '/', '?' and '#' in a user or password "
                          "must be percent-encoded");
}

/// What stands before `://`, or nothing when that is not a scheme.
constexpr std::size_t scheme_length(std::string_view text) noexcept {
    std::size_t i = 0;
    for (; i < text.size(); ++i) {
        const char c = text[i];
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && (i == 0 || !(is_digit(c) || c == '+' || c == '-' || c == '.'))) break;
    }
    return i > 0 && i < text.size() && text[i] == ':' ? i : 0;
}

inline void read_query(connection_url& url, std::string_view query) {
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(pair.size() == query.size() ? pair.size() : pair.size() + 1);
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos || equals + 1 == pair.size()) continue; // blank values are dropped
        std::string name = lower_ascii(percent_decode(pair.substr(0, equals), true, "query"));
        std::string value = percent_decode(pair.substr(equals + 1), true, "query");
        connection_url::parameter* known = nullptr;
        for (auto& p : url.query) {
            if (p.name == name) known = &p;
        }
        if (known != nullptr) {
            known->value = std::move(value);
        } else {
            url.query.push_back({std::move(name), std::move(value)});
        }
    }
}

/// Parameters that name a part of the URL replace that part.
inline void apply_query(connection_url& url) {
    std::vector<connection_url::parameter> rest;
    for (auto& p : url.query) {
        if (p.name == "host") {
            url.host = std::move(p.value);
        } else if (p.name == "port") {
            url.port = read_port(p.value, true);
        } else if (p.name == "user") {
            url.user = std::move(p.value);
        } else if (p.name == "password") {
            url.password = std::move(p.value);
        } else if (p.name == "database") {
            url.database = std::move(p.value);
        } else if (p.name == "driver") {
            url.scheme = lower_ascii(p.value);
        } else {
            rest.push_back(std::move(p));
        }
    }
    url.query = std::move(rest);
}

inline void read_authority(connection_url& url, std::string_view authority, bool at_sign_follows) {
    const std::size_t at = authority.rfind('@');
    if (at != std::string_view::npos) {
        const std::string_view info = authority.substr(0, at);
        authority.remove_prefix(at + 1);
        const std::size_t colon = info.find(':');
        if (std::string user = percent_decode(info.substr(0, colon), true, "user"); !user.empty()) {
            url.user = std::move(user);
            if (colon != std::string_view::npos)
                url.password = percent_decode(info.substr(colon + 1), true, "password");
        }
    }
    if (authority.find(',') != std::string_view::npos) {
        url.host = lower_ascii(authority);
        return;
    }
    std::string_view host;
    std::string_view port;
    if (!authority.empty() && authority.front() == '[') {
        const std::size_t close = authority.find(']');
        host = authority.substr(1, close == std::string_view::npos ? close : close - 1);
        const std::string_view after = close == std::string_view::npos ? "" : authority.substr(close + 1);
        bool good = close != std::string_view::npos && host.find(':') != std::string_view::npos &&
                    (after.empty() || after.front() == ':');
        for (const char c : host.substr(0, host.find('%')))
            if (hex_value(c) < 0 && c != ':' && c != '.') good = false;
        if (!good) {
            if (at_sign_follows) throw interface_error("the host of the URL is not an IPv6 address in brackets");
            throw interface_error("the host of the URL is " + in_quotes(authority) +
                                  ": expected an IPv6 address in brackets, perhaps with :port after it");
        }
        if (!after.empty()) port = after.substr(1);
    } else {
        const std::size_t colon = authority.find(':');
        host = authority.substr(0, colon);
        if (colon != std::string_view::npos) port = authority.substr(colon + 1);
        for (const char c : host) {
            if (c != '[' && c != ']') continue;
            if (at_sign_follows) throw interface_error("the host of the URL has a stray bracket");
            throw interface_error("the host of the URL is " + in_quotes(host) +
                                  ": brackets belong around an IPv6 address");
        }
    }
    url.port = read_port(port, !at_sign_follows);
    if (!host.empty()) url.host = lower_ascii(host);
}

inline void read_file_path(connection_url& url, std::string_view rest) {
    rest = rest.substr(0, rest.find('#'));
    const std::size_t question = rest.find('?');
    if (question != std::string_view::npos) {
        read_query(url, rest.substr(question + 1));
        rest = rest.substr(0, question);
    }
    if (rest.starts_with("//")) {
        const std::string_view authority = rest.substr(2, rest.find('/', 2) - 2);
        if (!authority.empty() && lower_ascii(authority) != "localhost")
            throw interface_error("the host of the URL is " + in_quotes(authority) +
                                  ": a file is on this machine, expected " + url.scheme + ":///absolute/path or " +
                                  url.scheme + ":relative/path");
        rest.remove_prefix(2 + authority.size());
    }
    url.path = percent_decode(rest, false, "path");
    if (url.path.empty()) throw interface_error("the path of the URL is empty: expected " + url.scheme + ":path");
}

} // namespace detail

/// Takes a connection URL apart.
///
/// Without `//` the text starts with the user or host. A `singlestoredb+` in front of the scheme is dropped. The last
/// `@` ends user and password; user, password, database and query are form-decoded (`%40` is `@`, `+` a space). Ports
/// go from 0 (none) to 65535. Of the path the first segment, trimmed, is the database. Query names become lower-case,
/// the last of repeated values wins, blank values are dropped, and `host`, `port`, `user`, `password`, `database` and
/// `driver` replace the part of the URL they name. The fragment is ignored.
///
/// `sqlite:` and `file:` are followed by a path instead, percent-decoded into `path` (`sqlite:///abs/path`,
/// `sqlite:relative.db`, `file:data.db?mode=ro`, `sqlite::memory:`), and `:memory:` is such a path without a scheme.
///
/// \throws interface_error naming the part and its value; a password, or what might be a piece of one, is never shown.
inline connection_url parse_url(std::string_view text) {
    connection_url url;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (static_cast<unsigned char>(text[i]) < 0x20 || text[i] == 0x7F)
            throw interface_error("the URL contains a control character at byte " + std::to_string(i));

    constexpr std::string_view memory = ":memory:";
    if (text.substr(0, text.find_first_of("?#")) == memory) {
        detail::read_file_path(url, text);
        return url;
    }
    if (const std::size_t length = detail::scheme_length(text); length != 0) {
        std::string scheme = detail::lower_ascii(text.substr(0, length));
        const std::string_view after = text.substr(length + 1);
        if (scheme == "sqlite" || scheme == "file") {
            url.scheme = std::move(scheme);
            detail::read_file_path(url, after);
            return url;
        }
        if (after.starts_with("//")) {
            constexpr std::string_view prefix = "singlestoredb+";
            url.scheme = scheme.starts_with(prefix) ? scheme.substr(prefix.size()) : std::move(scheme);
            text = after;
        }
    }
    if (text.starts_with("//")) text.remove_prefix(2);

    const std::size_t authority_end = text.find_first_of("/?#");
    const std::string_view authority = text.substr(0, authority_end);
    text.remove_prefix(authority.size());
    const bool at_sign_follows = text.find('@') != std::string_view::npos;
    detail::read_authority(url, authority, at_sign_follows);

    text = text.substr(0, text.find('#'));
    const std::size_t question = text.find('?');
    if (question != std::string_view::npos) {
        detail::read_query(url, text.substr(question + 1));
        text = text.substr(0, question);
    }
    if (text.starts_with('/')) {
        text.remove_prefix(1);
        const std::string_view segment = detail::trim_spaces(text.substr(0, text.find('/')));
        if (!segment.empty()) url.database = detail::percent_decode(segment, true, "database");
    }
    detail::apply_query(url);
    return url;
}

} // namespace weft::inline v0
