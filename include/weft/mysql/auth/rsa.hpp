// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// A password encrypted with the server's RSA key: what `sha256_password` and `caching_sha2_password` send over a
/// channel that others can read.

#include <weft/mysql/auth/scramble.hpp>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>

namespace weft::inline v0::mysql::auth {

/// `(password ‖ 00) XOR nonce`, the nonce's 20 bytes repeated: the plain text of the encryption.
inline secret obfuscated_password(std::string_view password, blob_view nonce) {
    const blob_view key = detail::leading(nonce, nonce_size);
    secret out(password.size() + 1);
    for (std::size_t i = 0; i < password.size(); ++i)
        out[i] = static_cast<std::byte>(password[i]) ^ key[i % nonce_size];
    out[password.size()] = key[password.size() % nonce_size];
    return out;
}

/// The obfuscated password under RSA-OAEP (SHA-1, MGF1 with SHA-1, no label) with the server's key in PEM form.
/// \throws operational_error for what is no RSA key, and for a password too long for it.
inline blob rsa_encrypted_password(std::string_view password, blob_view nonce, std::string_view public_key) {
    struct release {
        void operator()(BIO* b) const noexcept { BIO_free(b); }
        void operator()(EVP_PKEY* k) const noexcept { EVP_PKEY_free(k); }
        void operator()(EVP_PKEY_CTX* c) const noexcept { EVP_PKEY_CTX_free(c); }
    };
    if (public_key.size() > 16384)
        throw operational_error("a server public key of " + std::to_string(public_key.size()) +
                                " bytes: expected at most 16384");
    const std::unique_ptr<BIO, release> source(BIO_new_mem_buf(public_key.data(), static_cast<int>(public_key.size())));
    const std::unique_ptr<EVP_PKEY, release> key(source ? PEM_read_bio_PUBKEY(source.get(), nullptr, nullptr, nullptr)
                                                        : nullptr);
    if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA)
        throw operational_error("the server's public key is unreadable: expected an RSA key in PEM form");
    const std::unique_ptr<EVP_PKEY_CTX, release> context(EVP_PKEY_CTX_new(key.get(), nullptr));
    const secret plain = obfuscated_password(password, nonce);
    const auto* const from = reinterpret_cast<const unsigned char*>(plain.data());
    std::size_t size = 0;
    blob out;
    bool good = context && EVP_PKEY_encrypt_init(context.get()) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1 &&
                EVP_PKEY_encrypt(context.get(), nullptr, &size, from, plain.size()) == 1;
    if (good) {
        out.resize(size);
        good = EVP_PKEY_encrypt(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, from,
                                plain.size()) == 1;
    }
    if (!good)
        throw operational_error("cannot encrypt a password of " + std::to_string(password.size()) +
                                " bytes with the server's public key");
    out.resize(size);
    return out;
}

} // namespace weft::inline v0::mysql::auth
