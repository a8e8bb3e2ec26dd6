// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Bytes: the owning and the viewing type of binary values, and their hexadecimal and base64 text (RFC 4648).

#include <weft/core/type.hpp> // declares type_id::blob before the type of that name

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weft::inline v0 {

/// Owned bytes.
using blob = std::vector<std::byte>;

/// Bytes owned by somebody else.
using blob_view = std::span<const std::byte>;

/// The bytes of a text; valid as long as the text is.
inline blob_view as_blob(std::string_view text) noexcept {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

/// The bytes as text, whatever they hold; valid as long as the bytes are.
inline std::string_view as_text(blob_view bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

namespace detail {

inline constexpr char hex_digits[] = "0123456789abcdef";

inline constexpr char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

} // namespace detail

/// Two lower-case hexadecimal digits a byte.
inline std::string to_hex(blob_view bytes) {
    std::string out(bytes.size() * 2, '\0');
    char* p = out.data();
    for (const std::byte b : bytes) {
        const auto value = std::to_integer<unsigned>(b);
        *p++ = detail::hex_digits[value >> 4];
        *p++ = detail::hex_digits[value & 15];
    }
    return out;
}

/// Base64 of RFC 4648 section 4: the standard alphabet, padded with `=`, no line breaks.
inline std::string to_base64(blob_view bytes) {
    std::string out((bytes.size() + 2) / 3 * 4, '=');
    char* p = out.data();
    std::size_t i = 0;
    for (; i + 3 <= bytes.size(); i += 3) {
        const auto group = std::to_integer<std::uint32_t>(bytes[i]) << 16 |
                           std::to_integer<std::uint32_t>(bytes[i + 1]) << 8 |
                           std::to_integer<std::uint32_t>(bytes[i + 2]);
        *p++ = detail::base64_digits[group >> 18];
        *p++ = detail::base64_digits[group >> 12 & 63];
        *p++ = detail::base64_digits[group >> 6 & 63];
        *p++ = detail::base64_digits[group & 63];
    }
    if (i < bytes.size()) {
        std::uint32_t group = std::to_integer<std::uint32_t>(bytes[i]) << 16;
        const bool two = i + 2 == bytes.size();
        if (two) group |= std::to_integer<std::uint32_t>(bytes[i + 1]) << 8;
        *p++ = detail::base64_digits[group >> 18];
        *p++ = detail::base64_digits[group >> 12 & 63];
        if (two) *p++ = detail::base64_digits[group >> 6 & 63];
    }
    return out;
}

} // namespace weft::inline v0
