// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Bytes that must not stay in memory, and digests over pieces of them.

#include <weft/core/blob.hpp>
#include <weft/core/error.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace weft::inline v0::mysql::auth {

/// Overwrites the bytes in a way no compiler removes.
inline void scrub(std::span<std::byte> bytes) noexcept {
    OPENSSL_cleanse(bytes.data(), bytes.size());
}

/// Bytes of a size fixed at construction that are overwritten at the end. Movable, not copyable.
class secret {
public:
    secret() noexcept = default;
    explicit secret(std::size_t size) : bytes_(size) {}
    /// A copy of the text.
    explicit secret(std::string_view text) : bytes_(as_blob(text).begin(), as_blob(text).end()) {}
    secret(secret&& other) noexcept : bytes_(std::move(other.bytes_)) {}
    secret& operator=(secret&& other) noexcept {
        bytes_.swap(other.bytes_); // the other one overwrites what was here
        return *this;
    }
    ~secret() { scrub(bytes_); }

    std::byte* data() noexcept { return bytes_.data(); }
    const std::byte* data() const noexcept { return bytes_.data(); }
    std::size_t size() const noexcept { return bytes_.size(); }
    bool empty() const noexcept { return bytes_.empty(); }
    std::byte& operator[](std::size_t i) noexcept { return bytes_[i]; }
    std::byte operator[](std::size_t i) const noexcept { return bytes_[i]; }
    blob_view view() const noexcept { return bytes_; }

private:
    blob bytes_;
};

inline constexpr std::size_t sha1_size = 20;
inline constexpr std::size_t sha256_size = 32;
inline constexpr std::size_t sha512_size = 64;

/// The digest of the pieces one after another; the algorithm follows from its size. \throws operational_error when
/// OpenSSL does not offer it, as for SHA-1 under some policies.
template <std::size_t Size>
std::array<std::byte, Size> digest(std::initializer_list<blob_view> pieces) {
    static_assert(Size == sha1_size || Size == sha256_size || Size == sha512_size);
    struct release {
        void operator()(EVP_MD_CTX* c) const noexcept { EVP_MD_CTX_free(c); }
    };
    const std::unique_ptr<EVP_MD_CTX, release> context(EVP_MD_CTX_new());
    const EVP_MD* const algorithm = Size == sha1_size ? EVP_sha1() : Size == sha256_size ? EVP_sha256() : EVP_sha512();
    bool good = context && EVP_DigestInit_ex(context.get(), algorithm, nullptr) == 1;
    for (const blob_view piece : pieces)
        good = good && EVP_DigestUpdate(context.get(), piece.data(), piece.size()) == 1;
    std::array<std::byte, Size> out{};
    good = good && EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(out.data()), nullptr) == 1;
    if (!good) throw operational_error("OpenSSL offers no digest of " + std::to_string(Size) + " bytes");
    return out;
}

} // namespace weft::inline v0::mysql::auth
