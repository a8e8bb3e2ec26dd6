// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <weft/testing/temporary_directory.hpp>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

/// A certificate with its key, as objects and as PEM files.
struct certificate {
    std::shared_ptr<X509> x509;
    std::shared_ptr<EVP_PKEY> key;
    std::string file;
    std::string key_file;
};

/// What a certificate is made of.
struct certificate_request {
    const char* name;
    const char* subject_alternative_names = nullptr; ///< null: a certificate authority
    long valid_from_s = -3600;                       ///< relative to now
    long valid_to_s = 3600;
};

/// Certificates made anew for the test, in a directory of its own.
class certificates {
    weft::testing::temporary_directory directory_;
    long serial_ = 0;

public:
    /// Those of this run of the tests.
    static const certificates& get() {
        static const certificates all;
        return all;
    }
    certificates(const certificates&) = delete;
    certificates& operator=(const certificates&) = delete;

    certificate authority = make({"authority"}, nullptr);
    certificate other_authority = make({"other"}, nullptr);
    certificate server = make({"server", "DNS:localhost,DNS:db.test,IP:127.0.0.1"}, &authority);
    certificate expired = make({"expired", "DNS:localhost", -7200, -3600}, &authority);
    certificate client = make({"client", "DNS:client.test"}, &authority);

    const weft::testing::temporary_directory& directory() const noexcept { return directory_; }

private:
    certificates() = default;

    static void require(bool ok) {
        if (!ok) throw std::runtime_error("cannot make a certificate");
    }

    static void extend(X509* x509, X509* issuer, int what, const char* value) {
        X509V3_CTX context;
        X509V3_set_ctx(&context, issuer, x509, nullptr, nullptr, 0);
        const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
            X509V3_EXT_conf_nid(nullptr, &context, what, value), &X509_EXTENSION_free);
        require(extension != nullptr && X509_add_ext(x509, extension.get(), -1) == 1);
    }

    certificate make(const certificate_request& request, const certificate* issuer) {
        certificate made{{X509_new(), &X509_free},
                         {EVP_EC_gen("P-256"), &EVP_PKEY_free},
                         directory_ / (std::string(request.name) + ".pem"),
                         directory_ / (std::string(request.name) + ".key")};
        X509* const x = made.x509.get();
        require(x != nullptr && made.key != nullptr);
        X509_set_version(x, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial_);
        X509_gmtime_adj(X509_getm_notBefore(x), request.valid_from_s);
        X509_gmtime_adj(X509_getm_notAfter(x), request.valid_to_s);
        X509_set_pubkey(x, made.key.get());
        X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>(request.name), -1, -1, 0);
        X509* const by = issuer != nullptr ? issuer->x509.get() : x;
        X509_set_issuer_name(x, X509_get_subject_name(by));
        if (request.subject_alternative_names != nullptr)
            extend(x, by, NID_subject_alt_name, request.subject_alternative_names);
        else
            extend(x, by, NID_basic_constraints, "critical,CA:TRUE");
        require(X509_sign(x, issuer != nullptr ? issuer->key.get() : made.key.get(), EVP_sha256()) > 0);
        const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pem(std::fopen(made.file.c_str(), "w"), &std::fclose);
        require(pem != nullptr && PEM_write_X509(pem.get(), x) == 1);
        const std::unique_ptr<std::FILE, int (*)(std::FILE*)> key(std::fopen(made.key_file.c_str(), "w"), &std::fclose);
        require(key != nullptr &&
                PEM_write_PrivateKey(key.get(), made.key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
        return made;
    }
};
