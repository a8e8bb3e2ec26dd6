// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `tls_context`: certificates and settings of TLS, read once and shared by connections.

#include <weft/net/stream_error.hpp>
#include <weft/net/tls_options.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

namespace weft::inline v0::net {

namespace detail {

/// Takes everything OpenSSL has to say on this thread, oldest first.
inline std::string take_tls_errors() {
    std::string text;
    while (const unsigned long code = ::ERR_get_error()) {
        char line[256];
        ::ERR_error_string_n(code, line, sizeof line);
        if (!text.empty()) text += "; ";
        text += line;
    }
    return text;
}

[[noreturn]] inline void throw_tls(std::string message) {
    const std::string details = take_tls_errors();
    if (!details.empty()) message += ": " + details;
    throw stream_error(stream_failure::tls, std::move(message));
}

/// The names of one kind in a cipher list: those of TLS 1.3 start with `TLS_`.
inline std::string cipher_names(std::string_view list, bool tls13) {
    std::string names;
    while (!list.empty()) {
        const std::size_t end = list.find_first_of(":, ");
        const std::string_view name = list.substr(0, end);
        list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
        if (name.empty() || name.starts_with("TLS_") != tls13) continue;
        if (!names.empty()) names += ':';
        names += name;
    }
    return names;
}

} // namespace detail

/// Shared settings of TLS connections: cheap to copy, usable by several threads at once. TLS 1.2 is the oldest version.
class tls_context {
public:
    /// For connections to servers. \throws stream_error naming the file or setting that is wrong.
    static tls_context client(const tls_options& options) {
        tls_context made(::TLS_client_method(), options);
        SSL_CTX* const c = made.native_handle();
        if (made.policy_.verify_chain) {
            if (options.ca.empty() && options.ca_path.empty() && ::SSL_CTX_set_default_verify_paths(c) != 1)
                detail::throw_tls("TLS: cannot use the system's certificate authorities");
            ::SSL_CTX_set_verify(c, SSL_VERIFY_PEER, nullptr);
        }
        return made;
    }

    /// For connections of clients: needs a certificate. With an authority, clients must have a certificate from it.
    static tls_context server(const tls_options& options) {
        if (options.certificate.empty()) throw interface_error("a TLS server needs a certificate");
        tls_context made(::TLS_server_method(), options);
        if (made.policy_.verify_chain)
            ::SSL_CTX_set_verify(made.native_handle(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
        return made;
    }

    const tls_policy& policy() const noexcept { return policy_; }
    /// Expected instead of the host, when not empty.
    const std::string& server_name() const noexcept { return server_name_; }
    /// OpenSSL's object, still owned by this one.
    SSL_CTX* native_handle() const noexcept { return context_.get(); }

private:
    tls_context(const SSL_METHOD* method, const tls_options& options)
        : policy_(tls_policy::of(options)), server_name_(options.server_name) {
        ::ERR_clear_error();
        context_.reset(::SSL_CTX_new(method), &::SSL_CTX_free);
        SSL_CTX* const c = context_.get();
        if (c == nullptr) detail::throw_tls("TLS: cannot make a context");
        ::SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
        ::SSL_CTX_set_options(c, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
        ::SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
        load_authorities(options);
        load_certificate(options);
        set_ciphers(options.ciphers);
    }

    void load_authorities(const tls_options& options) const {
        if (!options.ca.empty() && ::SSL_CTX_load_verify_file(native_handle(), options.ca.c_str()) != 1)
            detail::throw_tls("TLS: cannot read certificate authorities from '" + options.ca + "'");
        if (!options.ca_path.empty() && ::SSL_CTX_load_verify_dir(native_handle(), options.ca_path.c_str()) != 1)
            detail::throw_tls("TLS: cannot use the directory of certificate authorities '" + options.ca_path + "'");
    }

    void load_certificate(const tls_options& options) const {
        if (options.certificate.empty()) {
            if (!options.key.empty()) throw interface_error("TLS: key '" + options.key + "' without a certificate");
            return;
        }
        SSL_CTX* const c = native_handle();
        const std::string& key = options.key.empty() ? options.certificate : options.key;
        if (::SSL_CTX_use_certificate_chain_file(c, options.certificate.c_str()) != 1)
            detail::throw_tls("TLS: cannot read the certificate '" + options.certificate + "'");
        if (::SSL_CTX_use_PrivateKey_file(c, key.c_str(), SSL_FILETYPE_PEM) != 1)
            detail::throw_tls("TLS: cannot use the private key '" + key + "' with the certificate '" +
                              options.certificate + "'");
    }

    void set_ciphers(const std::string& list) const {
        if (list.empty()) return;
        const std::string old = detail::cipher_names(list, false);
        const std::string tls13 = detail::cipher_names(list, true);
        if ((!old.empty() && ::SSL_CTX_set_cipher_list(native_handle(), old.c_str()) != 1) ||
            (!tls13.empty() && ::SSL_CTX_set_ciphersuites(native_handle(), tls13.c_str()) != 1))
            detail::throw_tls("TLS: no usable cipher in '" + list + "'");
    }

    std::shared_ptr<SSL_CTX> context_;
    tls_policy policy_;
    std::string server_name_;
};

} // namespace weft::inline v0::net
