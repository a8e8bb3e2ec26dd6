// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Integers and byte strings as payloads hold them: little-endian, unsigned, unaligned.

#include <weft/toondb/error.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace weft::inline v0::toondb::protocol {

/// Appends an integer, lowest byte first.
template <std::unsigned_integral T>
void put_integer(std::string& out, T number) {
    for (std::size_t i = 0; i < sizeof(T); ++i) out += static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i));
}

/// Appends the length as a `T`, then the bytes. \throws data_error naming `what` when they are too many.
template <std::unsigned_integral T>
void put_sized(std::string& out, std::string_view bytes, const char* what) {
    if (bytes.size() > std::numeric_limits<T>::max())
        throw data_error(std::string(what) + " has " + std::to_string(bytes.size()) + " bytes and may have at most " +
                         std::to_string(std::numeric_limits<T>::max()));
    put_integer(out, static_cast<T>(bytes.size()));
    out += bytes;
}

/// Takes a payload apart from its beginning. What is not there is not taken.
class payload_reader {
public:
    explicit constexpr payload_reader(std::string_view payload) noexcept : rest_(payload) {}

    /// What has not been taken.
    constexpr std::string_view rest() const noexcept { return rest_; }

    /// Takes an integer; false when there are too few bytes.
    template <std::unsigned_integral T>
    constexpr bool take(T& number) noexcept {
        if (rest_.size() < sizeof(T)) return false;
        std::uint64_t all = 0;
        for (std::size_t i = 0; i < sizeof(T); ++i)
            all |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
        number = static_cast<T>(all);
        rest_.remove_prefix(sizeof(T));
        return true;
    }

    /// Takes `size` bytes; false when there are fewer.
    constexpr bool take(std::size_t size, std::string_view& bytes) noexcept {
        if (rest_.size() < size) return false;
        bytes = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return true;
    }

    /// Takes a length of type `T` and so many bytes.
    template <std::unsigned_integral T>
    constexpr bool take_sized(std::string_view& bytes) noexcept {
        T size = 0;
        return take(size) && take(std::size_t{size}, bytes);
    }

private:
    std::string_view rest_;
};

} // namespace weft::inline v0::toondb::protocol
