// SPDX-License-Identifier: BSL-1.0
#pragma once

/// Single cells of rows in binary form.

#include <weft/mysql/detail/value_place.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace weft::inline v0::mysql::detail {

static_assert(std::endian::native == std::endian::little, "values are copied from the wire as they lie there");

template <class T>
T load(const std::byte* bytes) noexcept {
    T value;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

inline std::int64_t load_signed(const std::byte* bytes, std::uint8_t width) noexcept {
    switch (width) {
    case 1: return load<std::int8_t>(bytes);
    case 2: return load<std::int16_t>(bytes);
    case 4: return load<std::int32_t>(bytes);
    default: return load<std::int64_t>(bytes);
    }
}

inline std::uint64_t load_unsigned(const std::byte* bytes, std::uint8_t width) noexcept {
    switch (width) {
    case 1: return load<std::uint8_t>(bytes);
    case 2: return load<std::uint16_t>(bytes);
    case 4: return load<std::uint32_t>(bytes);
    default: return load<std::uint64_t>(bytes);
    }
}

inline double load_float(const std::byte* bytes, std::uint8_t width) noexcept {
    return width == sizeof(float) ? static_cast<double>(load<float>(bytes)) : load<double>(bytes);
}

/// Year, month and day of a date, hour to microsecond of a datetime; what is not sent is zero.
struct binary_fields {
    unsigned year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, microsecond = 0;

    bool has_time() const noexcept { return hour != 0 || minute != 0 || second != 0 || microsecond != 0; }
    bool is_zero() const noexcept { return year == 0 && month == 0 && day == 0 && !has_time(); }
    std::string text() const;
};

/// False for a length that no date or datetime has.
inline bool load_fields(const std::byte* bytes, std::size_t size, binary_fields& f) noexcept {
    if (size != 7 && size != 11 && size != 4) return size == 0;
    f.year = load<std::uint16_t>(bytes);
    f.month = std::to_integer<unsigned>(bytes[2]);
    f.day = std::to_integer<unsigned>(bytes[3]);
    if (size == 4) return true;
    f.hour = std::to_integer<unsigned>(bytes[4]);
    f.minute = std::to_integer<unsigned>(bytes[5]);
    f.second = std::to_integer<unsigned>(bytes[6]);
    if (size == 11) f.microsecond = load<std::uint32_t>(bytes + 7);
    return true;
}

/// As the server would print it.
inline std::string binary_fields::text() const {
    std::string out;
    const auto number = [&out](unsigned v, std::size_t width) {
        const std::string digits = std::to_string(v);
        if (digits.size() < width) out.append(width - digits.size(), '0');
        out += digits;
    };
    number(year, 4);
    out += '-';
    number(month, 2);
    out += '-';
    number(day, 2);
    if (!has_time()) return out;
    out += ' ';
    number(hour, 2);
    out += ':';
    number(minute, 2);
    out += ':';
    number(second, 2);
    if (microsecond == 0) return out;
    out += '.';
    number(microsecond, 6);
    return out;
}

inline cell binary_date(const std::byte* bytes, std::size_t size, const value_place& where) {
    binary_fields f;
    if (!load_fields(bytes, size, f)) throw_bad_value(where, "of " + std::to_string(size) + " bytes");
    if (const auto value = date::try_make(static_cast<int>(f.year), f.month, f.day)) return cell(*value);
    return invalid_date_value(where, f.text(), f.is_zero());
}

inline cell binary_datetime(const std::byte* bytes, std::size_t size, const value_place& where) {
    binary_fields f;
    if (!load_fields(bytes, size, f)) throw_bad_value(where, "of " + std::to_string(size) + " bytes");
    if (const auto value =
            datetime::try_make(static_cast<int>(f.year), f.month, f.day, f.hour, f.minute, f.second, f.microsecond)) {
        return cell(*value);
    }
    return invalid_date_value(where, f.text(), f.is_zero());
}

inline cell binary_time(const std::byte* bytes, std::size_t size, const value_place& where) {
    if (size == 0) return cell(weft::time());
    if (size == 8 || size == 12) {
        const std::uint64_t hours =
            std::uint64_t{load<std::uint32_t>(bytes + 1)} * 24 + std::to_integer<unsigned>(bytes[5]);
        const auto value =
            weft::time::try_make(bytes[0] != std::byte{0}, static_cast<unsigned>(hours < 10'000 ? hours : 10'000),
                                 std::to_integer<unsigned>(bytes[6]), std::to_integer<unsigned>(bytes[7]),
                                 size == 12 ? load<std::uint32_t>(bytes + 8) : 0);
        if (value) return cell(*value);
    }
    throw_bad_value(where, "of " + std::to_string(size) + " bytes");
}

/// BIT: big-endian, 1 to 8 bytes.
inline cell bits(const std::byte* bytes, std::size_t size, const value_place& where) {
    if (size > 8) throw_bad_value(where, "of " + std::to_string(size) + " bytes");
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
    return cell(value);
}

} // namespace weft::inline v0::mysql::detail
