// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Answers to a nonce that prove a password without telling it: `mysql_native_password` and `caching_sha2_password`.

#include <weft/mysql/auth/secret.hpp>

#include <string>

namespace weft::inline v0::mysql::auth {

/// Bytes of a nonce that count for these plugins.
inline constexpr std::size_t nonce_size = 20;

namespace detail {

/// The first `size` bytes of what a server sent as nonce; what follows, usually a NUL, does not count.
inline blob_view leading(blob_view nonce, std::size_t size) {
    if (nonce.size() < size)
        throw operational_error("a nonce of " + std::to_string(nonce.size()) + " bytes: expected at least " +
                                std::to_string(size));
    return nonce.first(size);
}

template <std::size_t Size>
void xor_into(std::array<std::byte, Size>& to, const std::array<std::byte, Size>& from) noexcept {
    for (std::size_t i = 0; i < Size; ++i) to[i] ^= from[i];
}

} // namespace detail

/// `SHA1(p) XOR SHA1(nonce ‖ SHA1(SHA1(p)))`, the answer of `mysql_native_password` for a password that is not empty.
inline std::array<std::byte, sha1_size> native_password_response(std::string_view password, blob_view nonce) {
    auto stage1 = digest<sha1_size>({as_blob(password)});
    const auto stage2 = digest<sha1_size>({stage1});
    detail::xor_into(stage1, digest<sha1_size>({detail::leading(nonce, nonce_size), stage2}));
    return stage1;
}

/// `SHA256(p) XOR SHA256(SHA256(SHA256(p)) ‖ nonce)`, the first answer of `caching_sha2_password` for a password that
/// is not empty.
inline std::array<std::byte, sha256_size> caching_sha2_response(std::string_view password, blob_view nonce) {
    auto stage1 = digest<sha256_size>({as_blob(password)});
    const auto stage2 = digest<sha256_size>({stage1});
    detail::xor_into(stage1, digest<sha256_size>({stage2, detail::leading(nonce, nonce_size)}));
    return stage1;
}

} // namespace weft::inline v0::mysql::auth
