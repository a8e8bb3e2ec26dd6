// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// The options of MySQL connections in the registry (`mysql.host`, `mysql.ssl_ca`, …; the environment variables of the
/// SingleStoreDB SDK, `SINGLESTOREDB_HOST`, `SINGLESTOREDB_SSL_CA`, …, work beside the `WEFT_MYSQL_` ones), and
/// connection settings made from them and from a URL. What a URL says wins.

#include <weft/core/options.hpp>
#include <weft/core/url.hpp>
#include <weft/mysql/options.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace weft::inline v0 {

namespace detail {

/// One option: its name, default and meaning. The type is the default's.
struct mysql_option {
    std::string_view name;
    option_value fallback;
    const char* meaning;
    std::vector<std::string> words = {}; // the only texts allowed
};

inline std::vector<mysql_option> mysql_option_list() {
    return {
        {"host", "127.0.0.1", "Host name, address, hosts with commas between them, or a whole URL."},
        {"port", 0, "Port of the server; 0: 3306."},
        {"user", "", "User name; empty: the name of the system's user."},
        {"password", "", "Password, or a JSON web token."},
        {"database", "", "Default database."},
        {"unix_socket", "", "Path of a Unix socket, instead of host and port."},
        {"host_order", "in_order", "How several hosts are tried.", {"in_order", "random"}},
        {"charset", "utf8mb4", "Character set of the session."},
        {"collation", "", "Collation of the session; empty: the character set's default."},
        {"ssl_disabled", false, "No TLS at all."},
        {"ssl_mode",
         "",
         "How much TLS is wanted; empty: what the other ssl options say.",
         {"", "disable", "prefer", "require", "verify-ca", "verify-identity"}},
        {"ssl_ca", "", "File of trusted authorities; the server's certificate is then verified."},
        {"ssl_ca_path", "", "Directory of trusted authorities."},
        {"ssl_cert", "", "File of the client's certificate."},
        {"ssl_key", "", "File of the client's private key."},
        {"ssl_cipher", "HIGH", "OpenSSL cipher list."},
        {"ssl_verify_cert", false, "The server's certificate must come from a trusted authority."},
        {"ssl_verify_identity", false, "The server's certificate must name the host."},
        {"tls_sni_servername", "", "Server name to send and to expect instead of the host."},
        {"server_public_key", "", "The server's RSA key (PEM), for passwords without TLS."},
        {"allow_cleartext_password", false, "The password may travel in clear text when the server asks for it."},
        {"autocommit", true, "Whether each statement is a transaction of its own."},
        {"multi_statements", false, "Whether a text may hold several statements."},
        {"client_found_rows", false, "Affected rows are matched rows."},
        {"local_infile", false, "Whether the server may ask for files below infile_directory."},
        {"infile_directory", "", "Directory whose files LOAD DATA LOCAL may send."},
        {"sql_mode", "", "SQL mode of the session; empty: the server's."},
        {"init_command", "", "Statements executed after the login."},
        {"program_name", "", "Name the server shows for the connection."},
        {"parameters", "prepared", "How parameters travel.", {"prepared", "literals"}},
        {"statement_cache", 64, "Prepared statements a connection keeps."},
        {"server_cursor", 0, "Rows of prepared statements fetched at a time; 0: all at once."},
        {"compression",
         "none",
         "How messages are compressed, if the server can; zlib and zstd need their headers in the program.",
         {"none", "zlib", "zstd"}},
        {"connect_timeout", 10, "Seconds for connecting and logging in."},
        {"read_timeout", 0, "Seconds each read may take; 0: any."},
        {"write_timeout", 0, "Seconds each write may take; 0: any."},
        {"spin_us", 50, "Microseconds to look for answers of this machine's servers before sleeping; 0: none."},
        {"gather_us", 1000, "Microseconds to sleep at most for more of their long answers; 0: none."},
        {"nan_as_null", false, "NaN is sent as NULL."},
        {"inf_as_null", false, "Infinity is sent as NULL."},
        {"zero_dates", "null", "What becomes of 0000-00-00.", {"null", "error"}},
        {"invalid_dates", "error", "What becomes of dates with an impossible part.", {"null", "error"}},
        {"enable_extended_data_types", true, "SingleStore: ask for vectors and BSON as what they are."},
        {"vector_data_format", "binary", "SingleStore: how vectors are sent.", {"json", "binary"}},
        {"credential_type", "password", "What the password is.", {"password", "jwt", "browser_sso"}},
    };
}

inline std::string upper_ascii(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return out;
}

inline option_registry& mysql_registry() {
    static const bool registered = [] {
        for (const mysql_option& o : mysql_option_list()) {
            option_definition definition;
            definition.name = "mysql." + std::string(o.name);
            definition.type = o.fallback.get_if<bool>() != nullptr           ? option_type::boolean
                              : o.fallback.get_if<std::int64_t>() != nullptr ? option_type::integer
                                                                             : option_type::text;
            definition.default_value = o.fallback;
            definition.environment = {"SINGLESTOREDB_" + upper_ascii(o.name)};
            if (o.name == "host") definition.environment.push_back("SINGLESTOREDB_URL");
            definition.description = o.meaning;
            definition.valid_values = o.words;
            if (definition.type == option_type::integer) definition.minimum = 0;
            options().add(std::move(definition));
        }
        return true;
    }();
    (void)registered;
    return options();
}

/// Reads settings by name: from the URL's parameters, else from the registry.
class mysql_settings {
public:
    explicit mysql_settings(const connection_url& url) : url_(url), registry_(mysql_registry()) {
        for (const auto& parameter : url.query) {
            if (!registry_.contains("mysql." + parameter.name))
                throw interface_error("Unrecognized connection parameter: " + parameter.name);
        }
    }

    std::string text(std::string_view name) const { return get<std::string>(name); }
    bool flag(std::string_view name) const { return get<bool>(name); }
    std::int64_t number(std::string_view name) const { return get<std::int64_t>(name); }
    /// Seconds as milliseconds.
    std::int64_t milliseconds(std::string_view name) const {
        constexpr std::int64_t longest = 31'536'000; // a year
        return number_up_to(longest, name, "seconds") * 1000;
    }
    int microseconds(std::string_view name) const {
        return static_cast<int>(number_up_to(net::detail::longest_wait_us, name, "microseconds"));
    }

private:
    std::int64_t number_up_to(std::int64_t most, std::string_view name, const char* unit) const {
        const std::int64_t value = number(name);
        if (value <= most) return value;
        throw data_error("connection parameter " + std::string(name) + " is " + std::to_string(value) +
                         ": expected at most " + std::to_string(most) + ' ' + unit);
    }

    template <class T>
    T get(std::string_view name) const {
        const std::string option = "mysql." + std::string(name);
        const std::string* given = url_.find(name);
        return given != nullptr ? registry_.parse<T>(option, *given) : registry_.get<T>(option);
    }

    const connection_url& url_;
    const option_registry& registry_;
};

inline net::tls_mode tls_mode_of(const mysql_settings& settings) {
    const std::string mode = settings.text("ssl_mode");
    if (mode == "disable" || (mode.empty() && settings.flag("ssl_disabled"))) return net::tls_mode::disable;
    if (mode == "verify-identity" || (mode.empty() && settings.flag("ssl_verify_identity")))
        return net::tls_mode::verify_identity;
    if (mode == "verify-ca" || (mode.empty() && settings.flag("ssl_verify_cert"))) return net::tls_mode::verify_ca;
    return mode == "require" ? net::tls_mode::require : net::tls_mode::prefer;
}

inline net::tls_options tls_options_of(const mysql_settings& settings) {
    net::tls_options tls;
    tls.mode = tls_mode_of(settings);
    tls.ca = settings.text("ssl_ca");
    tls.ca_path = settings.text("ssl_ca_path");
    tls.certificate = settings.text("ssl_cert");
    tls.key = settings.text("ssl_key");
    tls.ciphers = settings.text("ssl_cipher");
    tls.server_name = settings.text("tls_sni_servername");
    return tls;
}

inline net::host_list hosts_of(const connection_url& url, const mysql_settings& settings) {
    const auto order = settings.text("host_order") == "random" ? net::host_order::random : net::host_order::in_order;
    if (const std::string path = settings.text("unix_socket"); !path.empty())
        return net::host_list({net::endpoint::unix_socket(path)}, order);
    constexpr std::uint16_t usual = 3306;
    std::int64_t port = url.port != 0 ? url.port : mysql_registry().get<std::int64_t>("mysql.port");
    if (port > 65535) throw data_error("option mysql.port is " + std::to_string(port) + ": expected at most 65535");
    if (port == 0) port = usual;
    const std::string host = url.host ? *url.host : mysql_registry().get<std::string>("mysql.host");
    return net::parse_host_list(host, static_cast<std::uint16_t>(port), order);
}

/// The URL that the option `host` holds, when it is one.
inline std::optional<connection_url> url_in_host_option() {
    const std::string host = mysql_registry().get<std::string>("mysql.host");
    if (host.find_first_of("/@?") == std::string::npos) return std::nullopt;
    return parse_url(host);
}

} // namespace detail

/// Settings of a connection from a URL and, for what it does not say, the program's options and environment. A URL in
/// the option `host` (or `SINGLESTOREDB_URL`) counts when `url` names no host. \throws interface_error for an unknown
/// parameter, data_error naming option and value when one is invalid.
inline mysql::connect_options mysql_options(connection_url url) {
    if (!url.host && url.find("unix_socket") == nullptr) {
        if (auto fallback = detail::url_in_host_option()) {
            if (url.user) fallback->user = url.user, fallback->password = url.password;
            if (url.database) fallback->database = url.database;
            for (auto& parameter : url.query) fallback->query.insert(fallback->query.begin(), std::move(parameter));
            url = std::move(*fallback);
        }
    }
    const detail::mysql_settings settings(url);
    mysql::connect_options o;
    o.hosts = detail::hosts_of(url, settings);
    o.user = url.user ? *url.user : settings.text("user");
    o.password = url.password ? *url.password : settings.text("password");
    o.database = url.database ? *url.database : settings.text("database");
    o.tls = detail::tls_options_of(settings);
    o.network.connect_timeout_ms = settings.milliseconds("connect_timeout");
    o.network.read_timeout_ms = settings.milliseconds("read_timeout");
    o.network.write_timeout_ms = settings.milliseconds("write_timeout");
    o.network.spin_us = settings.microseconds("spin_us");
    o.network.gather_us = settings.microseconds("gather_us");
    const std::string credential = settings.text("credential_type");
    if (credential == "browser_sso")
        throw not_supported_error("credential_type browser_sso: get a token from the portal and pass it as a jwt");
    if (credential == "jwt") o.credential = mysql::credential_type::jwt;
    o.allow_cleartext_password = settings.flag("allow_cleartext_password");
    o.server_public_key = settings.text("server_public_key");
    o.charset = settings.text("charset");
    o.collation = settings.text("collation");
    o.autocommit = settings.flag("autocommit");
    o.sql_mode = settings.text("sql_mode");
    o.init_command = settings.text("init_command");
    o.multi_statements = settings.flag("multi_statements");
    o.found_rows = settings.flag("client_found_rows");
    o.parameters =
        settings.text("parameters") == "literals" ? mysql::parameter_mode::literals : mysql::parameter_mode::prepared;
    o.statement_cache = static_cast<std::size_t>(settings.number("statement_cache"));
    o.server_cursor = static_cast<std::uint32_t>(settings.number("server_cursor"));
    o.numbers = {settings.flag("nan_as_null"), settings.flag("inf_as_null")};
    const auto policy = [&](std::string_view name) {
        return settings.text(name) == "null" ? mysql::invalid_date::null : mysql::invalid_date::error;
    };
    o.dates = {policy("zero_dates"), policy("invalid_dates")};
    o.local_infile = settings.flag("local_infile");
    o.infile_directory = settings.text("infile_directory");
    if (!settings.flag("enable_extended_data_types")) o.singlestore = mysql::singlestore_mode::off;
    o.vectors =
        settings.text("vector_data_format") == "json" ? mysql::vector_format::json : mysql::vector_format::binary;
    o.program_name = settings.text("program_name");
    o.compression = mysql::compression_by_name(settings.text("compression"));
    return o;
}

/// The same from the text of a URL.
inline mysql::connect_options mysql_options(std::string_view url) {
    return mysql_options(parse_url(url));
}

} // namespace weft::inline v0
