// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Ed25519 signatures from an expanded key (RFC 8032), which OpenSSL does not offer: MariaDB's `client_ed25519` hashes
/// the password itself where the standard hashes a 32-byte seed. Nothing branches on secrets or indexes by them.

#include <weft/mysql/auth/secret.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weft::inline v0::mysql::auth {

namespace detail {

/// An integer modulo 2^255 − 19: sixteen digits of 16 bits, which may for a while be larger or negative.
struct field_element {
    std::array<std::int64_t, 16> digit{};

    /// Four 64-bit words, the lowest first.
    static constexpr field_element of(const std::array<std::uint64_t, 4>& words) noexcept {
        field_element e;
        for (std::size_t i = 0; i < 16; ++i)
            e.digit[i] = static_cast<std::int64_t>(words[i / 4] >> (16 * (i % 4)) & 0xFFFF);
        return e;
    }
};

/// Brings the digits back to about 16 bits; what is carried out of the last one returns as 38 times it (2^256 ≡ 38).
constexpr void carry(field_element& e) noexcept {
    for (std::size_t i = 0; i < 16; ++i) {
        const std::int64_t over = e.digit[i] >> 16;
        e.digit[i] -= over * 65536;
        if (i < 15) {
            e.digit[i + 1] += over;
        } else {
            e.digit[0] += 38 * over;
        }
    }
}

constexpr field_element operator+(const field_element& a, const field_element& b) noexcept {
    field_element out;
    for (std::size_t i = 0; i < 16; ++i) out.digit[i] = a.digit[i] + b.digit[i];
    return out;
}

constexpr field_element operator-(const field_element& a, const field_element& b) noexcept {
    field_element out;
    for (std::size_t i = 0; i < 16; ++i) out.digit[i] = a.digit[i] - b.digit[i];
    return out;
}

constexpr field_element operator*(const field_element& a, const field_element& b) noexcept {
    std::array<std::int64_t, 31> product{};
    for (std::size_t i = 0; i < 16; ++i) {
        for (std::size_t k = 0; k < 16; ++k) product[i + k] += a.digit[i] * b.digit[k];
    }
    field_element out;
    for (std::size_t i = 0; i < 16; ++i) out.digit[i] = product[i] + (i < 15 ? 38 * product[i + 16] : 0);
    carry(out);
    carry(out);
    return out;
}

/// `a` to the power p − 2, its inverse. The exponent's bits are all ones but for 2 and 4.
constexpr field_element inverse(const field_element& a) noexcept {
    field_element out = a;
    for (int bit = 253; bit >= 0; --bit) {
        out = out * out;
        if (bit != 2 && bit != 4) out = out * a;
    }
    return out;
}

/// Exchanges the two when `condition` is 1.
constexpr void swap_if(field_element& a, field_element& b, std::int64_t condition) noexcept {
    for (std::size_t i = 0; i < 16; ++i) {
        const std::int64_t difference = -condition & (a.digit[i] ^ b.digit[i]);
        a.digit[i] ^= difference;
        b.digit[i] ^= difference;
    }
}

/// The one representative below p, in digits of exactly 16 bits.
constexpr field_element canonical(field_element e) noexcept {
    for (int i = 0; i < 3; ++i) carry(e);
    for (int round = 0; round < 2; ++round) {
        field_element less = e;
        std::int64_t borrow = 0;
        for (std::size_t i = 0; i < 16; ++i) {
            const std::int64_t p = i == 0 ? 0xFFED : i < 15 ? 0xFFFF : 0x7FFF;
            const std::int64_t v = e.digit[i] - p - borrow;
            borrow = v < 0 ? 1 : 0;
            less.digit[i] = v & 0xFFFF;
        }
        swap_if(e, less, 1 - borrow);
    }
    return e;
}

/// A point of the curve −x² + y² = 1 + d·x²·y² as (X : Y : Z : T) with x = X/Z, y = Y/Z and xy = T/Z.
struct curve_point {
    field_element x, y, z, t;
};

inline constexpr field_element curve_d =
    field_element::of({0x75eb4dca135978a3, 0x00700a4d4141d8ab, 0x8cc740797779e898, 0x52036cee2b6ffe73});
inline constexpr field_element base_x =
    field_element::of({0xc9562d608f25d51a, 0x692cc7609525a7b2, 0xc0a4e231fdd6dc5c, 0x216936d3cd6e53fe});
inline constexpr field_element base_y =
    field_element::of({0x6666666666666658, 0x6666666666666666, 0x6666666666666666, 0x6666666666666666});
inline constexpr field_element field_one = field_element::of({1, 0, 0, 0});

/// The complete addition of RFC 8032 section 5.1.4, good for doubling too.
constexpr curve_point operator+(const curve_point& p, const curve_point& q) noexcept {
    const field_element a = (p.y - p.x) * (q.y - q.x);
    const field_element b = (p.y + p.x) * (q.y + q.x);
    const field_element c = p.t * curve_d * (q.t + q.t);
    const field_element d = p.z * (q.z + q.z);
    const field_element e = b - a;
    const field_element f = d - c;
    const field_element g = d + c;
    const field_element h = b + a;
    return {e * f, g * h, f * g, e * h};
}

constexpr void swap_if(curve_point& p, curve_point& q, std::int64_t condition) noexcept {
    swap_if(p.x, q.x, condition);
    swap_if(p.y, q.y, condition);
    swap_if(p.z, q.z, condition);
    swap_if(p.t, q.t, condition);
}

using scalar_bytes = std::array<std::byte, 32>;

/// The base point `scalar` times, always by the same steps.
inline curve_point times_base(const scalar_bytes& scalar) noexcept {
    curve_point p{{}, field_one, field_one, {}}; // the neutral element
    curve_point q{base_x, base_y, field_one, base_x * base_y};
    for (std::size_t i = 256; i-- > 0;) {
        const auto bit = std::to_integer<std::int64_t>(scalar[i / 8] >> (i % 8) & std::byte{1});
        swap_if(p, q, bit);
        q = q + p;
        p = p + p;
        swap_if(p, q, bit);
    }
    return p;
}

/// y with the sign of x in the top bit.
inline scalar_bytes compress(const curve_point& p) noexcept {
    const field_element z = inverse(p.z);
    const field_element x = canonical(p.x * z);
    const field_element y = canonical(p.y * z);
    scalar_bytes out{};
    for (std::size_t i = 0; i < 32; ++i) out[i] = static_cast<std::byte>(y.digit[i / 2] >> (8 * (i % 2)) & 0xFF);
    out[31] ^= static_cast<std::byte>((x.digit[0] & 1) << 7);
    return out;
}

/// A 512-bit number, 32 bits a word, modulo the order of the base point, 2^252 +
/// 27742317777372353535851937790883648493.
inline scalar_bytes modulo_order(const std::array<std::uint32_t, 16>& n) noexcept {
    constexpr std::array<std::uint64_t, 4> order{0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0, 0x1000000000000000};
    std::array<std::uint64_t, 4> r{};
    for (std::size_t bit = 512; bit-- > 0;) { // r = 2r + bit, less the order if that is not negative
        std::uint64_t in = n[bit / 32] >> (bit % 32) & 1;
        for (std::uint64_t& word : r) {
            const std::uint64_t out = word >> 63;
            word = word << 1 | in;
            in = out;
        }
        std::array<std::uint64_t, 4> less{};
        std::uint64_t borrow = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            const std::uint64_t v = r[i] - order[i];
            less[i] = v - borrow;
            borrow = static_cast<std::uint64_t>(r[i] < order[i]) | static_cast<std::uint64_t>(v < borrow);
        }
        const std::uint64_t keep = 0 - borrow;
        for (std::size_t i = 0; i < 4; ++i) r[i] = (r[i] & keep) | (less[i] & ~keep);
    }
    scalar_bytes out{};
    for (std::size_t i = 0; i < 32; ++i) out[i] = static_cast<std::byte>(r[i / 8] >> (8 * (i % 8)) & 0xFF);
    return out;
}

inline std::uint32_t word_at(blob_view bytes, std::size_t i) noexcept {
    std::uint32_t w = 0;
    for (std::size_t k = 0; k < 4; ++k) w |= std::to_integer<std::uint32_t>(bytes[4 * i + k]) << (8 * k);
    return w;
}

/// A digest as a scalar.
inline scalar_bytes to_scalar(const std::array<std::byte, sha512_size>& hash) noexcept {
    std::array<std::uint32_t, 16> words{};
    for (std::size_t i = 0; i < 16; ++i) words[i] = word_at(hash, i);
    return modulo_order(words);
}

/// a · b + c modulo the order.
inline scalar_bytes multiply_add(const scalar_bytes& a, const scalar_bytes& b, const scalar_bytes& c) noexcept {
    std::array<std::uint32_t, 16> product{};
    for (std::size_t i = 0; i < 8; ++i) product[i] = word_at(c, i);
    for (std::size_t i = 0; i < 8; ++i) {
        std::uint64_t over = 0;
        for (std::size_t k = 0; k < 8; ++k) {
            over += product[i + k] + std::uint64_t{word_at(a, i)} * word_at(b, k);
            product[i + k] = static_cast<std::uint32_t>(over);
            over >>= 32;
        }
        for (std::size_t k = i + 8; k < 16; ++k) {
            over += product[k];
            product[k] = static_cast<std::uint32_t>(over);
            over >>= 32;
        }
    }
    return modulo_order(product);
}

} // namespace detail

inline constexpr std::size_t ed25519_signature_size = 64;
using ed25519_signature = std::array<std::byte, ed25519_signature_size>;

/// Signs `message` with the key that `material` hashes to: a 32-byte seed for the standard's Ed25519, the password for
/// MariaDB's. About a millisecond.
inline ed25519_signature ed25519_sign(blob_view material, blob_view message) {
    auto expanded = digest<sha512_size>({material});
    detail::scalar_bytes key{};
    for (std::size_t i = 0; i < 32; ++i) key[i] = expanded[i];
    key[0] &= std::byte{0xF8};
    key[31] = (key[31] & std::byte{0x7F}) | std::byte{0x40};
    detail::scalar_bytes r = detail::to_scalar(digest<sha512_size>({blob_view(expanded).subspan(32), message}));
    const detail::scalar_bytes commitment = detail::compress(detail::times_base(r));
    const detail::scalar_bytes public_key = detail::compress(detail::times_base(key));
    const detail::scalar_bytes k = detail::to_scalar(digest<sha512_size>({commitment, public_key, message}));
    const detail::scalar_bytes proof = detail::multiply_add(k, key, r);
    scrub(expanded);
    scrub(key);
    scrub(r);
    ed25519_signature out{};
    for (std::size_t i = 0; i < 32; ++i) {
        out[i] = commitment[i];
        out[32 + i] = proof[i];
    }
    return out;
}

/// Bytes of the server's nonce that `client_ed25519` and `parsec` sign.
inline constexpr std::size_t ed25519_nonce_size = 32;

} // namespace weft::inline v0::mysql::auth
