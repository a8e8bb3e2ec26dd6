// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `tls_options`: what is asked of TLS, and `tls_policy`: what follows from it. Needs no OpenSSL.

#include <weft/net/stream_error.hpp>

#include <string>
#include <string_view>

namespace weft::inline v0::net {

/// How much TLS is wanted, each more than the one before.
enum class tls_mode {
    disable,         ///< never
    prefer,          ///< when the server has it; nothing is verified
    require,         ///< or fail; nothing is verified
    verify_ca,       ///< and the certificate comes from a trusted authority
    verify_identity, ///< and it was issued for the host
};

/// Settings of TLS. Files are PEM; empty means not set.
struct tls_options {
    tls_mode mode = tls_mode::prefer;
    std::string ca;          ///< file of trusted authorities; implies at least `verify_ca`
    std::string ca_path;     ///< directory of them, with hashed names; implies at least `verify_ca`
    std::string certificate; ///< file of the own certificate and what leads from it to the authority
    std::string key;         ///< file of its private key; when empty the certificate's file has it
    std::string ciphers;     ///< OpenSSL cipher list; names that start with TLS_ are of TLS 1.3
    std::string server_name; ///< expected instead of the host, and sent as SNI
};

/// What `tls_options` come to.
struct tls_policy {
    bool offer = false;        ///< use TLS when the server has it
    bool required = false;     ///< fail when it has not
    bool verify_chain = false; ///< the certificate must come from a trusted authority
    bool verify_name = false;  ///< and name the host

    /// An authority that is named asks for verification; only `disable` is stronger.
    static tls_policy of(const tls_options& options) noexcept {
        if (options.mode == tls_mode::disable) return {};
        const bool named = !options.ca.empty() || !options.ca_path.empty();
        const bool chain = named || options.mode >= tls_mode::verify_ca;
        return {true, chain || options.mode == tls_mode::require, chain, options.mode == tls_mode::verify_identity};
    }

    /// Whether to start TLS with a server that offers it or does not. A connection that is `secure` already, such as a
    /// Unix socket, does without unless TLS is required. \throws stream_error when TLS is required and not offered.
    bool use(bool offered, bool secure, std::string_view server) const {
        if (!offer || (secure && !required)) return false;
        if (!offered && required)
            throw stream_error(stream_failure::tls,
                               "TLS is required, and " + std::string(server) + " does not offer it");
        return offered;
    }

    friend bool operator==(const tls_policy&, const tls_policy&) = default;
};

} // namespace weft::inline v0::net
