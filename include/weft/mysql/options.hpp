// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `connect_options`: everything a connection can be told. The defaults are those of the SingleStoreDB SDK where it has
/// the setting, and safe where it has not.

#include <weft/mysql/auth/plugin.hpp>
#include <weft/mysql/column_type.hpp>
#include <weft/mysql/compression.hpp>
#include <weft/mysql/protocol/value_options.hpp>
#include <weft/net/connect_options.hpp>
#include <weft/net/endpoint.hpp>
#include <weft/net/tls_options.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weft::inline v0::mysql {

/// How the parameters of a statement travel.
enum class parameter_mode : std::uint8_t {
    prepared, ///< the server prepares the statement and gets them as values; kept in a cache
    literals, ///< as literals in the text, quoted by the session's rules
};

/// Whether to ask for SingleStore's extended types and settings.
enum class singlestore_mode : std::uint8_t {
    detect, ///< when the server is a SingleStore
    on,     ///< always; other servers' complaints are passed over
    off,
};

/// What the password is.
enum class credential_type : std::uint8_t {
    password,
    /// A JSON web token. It is sent to servers that ask for it, but over TLS or a Unix socket only, whatever the
    /// options for passwords say.
    jwt,
};

/// How SingleStore sends vectors.
enum class vector_format : std::uint8_t { binary, json };

struct connect_options {
    net::host_list hosts{{net::endpoint("127.0.0.1", 3306)}, net::host_order::in_order}; ///< TCP or Unix sockets
    std::string user;     ///< empty: the name of the system's user
    std::string password; ///< UTF-8, or a token
    credential_type credential = credential_type::password;
    std::string database; ///< default database; empty: none

    net::tls_options tls;
    net::connect_options network; ///< its connect timeout covers the whole login

    bool allow_cleartext_password = false;   ///< over an insecure channel, when the server asks for it
    std::string server_public_key;           ///< PEM; for passwords without TLS
    bool request_server_public_key = true;   ///< ask the server for it when it is not given
    auth::prompt_handler* prompts = nullptr; ///< answers further questions of the plugin `dialog`; not owned
    std::vector<std::shared_ptr<const auth::plugin>> plugins; ///< further ways to log in, such as auth::gssapi()

    mysql::compression compression; ///< of everything after the login, such as mysql::zlib()

    std::string charset = "utf8mb4";       ///< of the session; texts that are read must be UTF-8
    std::string collation;                 ///< empty: the charset's default
    std::optional<bool> autocommit = true; ///< none: as the server has it
    std::string sql_mode;                  ///< empty: as the server has it; say so here if that has ANSI_QUOTES
    std::string init_command;              ///< executed after the login; may have several statements
    bool multi_statements = false;         ///< statements of a text may be several, separated by semicolons
    bool found_rows = false;               ///< affected rows are matched rows, changed or not
    bool track_session = true;             ///< the server reports changes of the session's state

    parameter_mode parameters = parameter_mode::prepared;
    std::size_t statement_cache = 64; ///< prepared statements kept on the connection
    std::uint32_t server_cursor = 0;  ///< rows of prepared statements are fetched so many at a time; 0: all at once
    protocol::value_options numbers;  ///< NaN and infinities as parameters
    value_policy dates;               ///< dates that are none, in results

    bool local_infile = false;    ///< the server may ask for files; see infile_directory and load_local()
    std::string infile_directory; ///< files below it may be sent; empty: none
    std::size_t max_packet = std::size_t{1} << 30; ///< bytes; longer messages of the server are refused

    singlestore_mode singlestore = singlestore_mode::detect;
    vector_format vectors = vector_format::binary;

    std::string program_name;                                    ///< a connection attribute
    std::vector<std::pair<std::string, std::string>> attributes; ///< further ones, shown by the server's tables
};

} // namespace weft::inline v0::mysql
