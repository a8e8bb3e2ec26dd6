// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// MariaDB's `parsec`: the server sends a nonce, then how the password is salted; the client signs both sides' nonces
/// with an Ed25519 key derived from the password.

#include <weft/mysql/auth/ed25519.hpp>
#include <weft/mysql/auth/scramble.hpp>

namespace weft::inline v0::mysql::auth {

/// How a key is derived from the password.
struct parsec_salt {
    int iterations = 0; ///< of PBKDF2 with HMAC-SHA-512
    blob_view salt;
};

/// Reads what a server sends: `P`, an exponent, and the salt. \throws operational_error for another method, and for
/// more than 2^23 iterations, which would keep the client busy for seconds.
inline parsec_salt decode_parsec_salt(blob_view data) {
    if (data.size() < 3 || data[0] != std::byte{'P'})
        throw operational_error("parsec: the salt begins with " +
                                to_hex(data.first(data.size() < 2 ? data.size() : 2)) +
                                ": expected 'P', an exponent and a salt");
    const auto exponent = std::to_integer<int>(data[1]);
    if (exponent > 13)
        throw operational_error("parsec: 2^" + std::to_string(exponent + 10) + " iterations: expected at most 2^23");
    return {1024 << exponent, data.subspan(2)};
}

/// The client's nonce followed by the signature over both nonces: 96 bytes. `client_nonce` must be 32 random bytes.
inline blob parsec_response(std::string_view password, blob_view server_nonce, const parsec_salt& salt,
                            blob_view client_nonce) {
    secret seed(ed25519_nonce_size);
    if (salt.salt.size() > 0xFFFF ||
        PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                          reinterpret_cast<const unsigned char*>(salt.salt.data()), static_cast<int>(salt.salt.size()),
                          salt.iterations, EVP_sha512(), static_cast<int>(seed.size()),
                          reinterpret_cast<unsigned char*>(seed.data())) != 1)
        throw operational_error("parsec: cannot derive a key with " + std::to_string(salt.iterations) + " iterations");
    const blob_view ours = detail::leading(client_nonce, ed25519_nonce_size);
    const blob_view theirs = detail::leading(server_nonce, ed25519_nonce_size);
    blob message(theirs.begin(), theirs.end());
    message.insert(message.end(), ours.begin(), ours.end());
    const ed25519_signature signature = ed25519_sign(seed.view(), message);
    blob out(ours.begin(), ours.end());
    out.insert(out.end(), signature.begin(), signature.end());
    return out;
}

} // namespace weft::inline v0::mysql::auth
