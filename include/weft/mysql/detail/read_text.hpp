// SPDX-License-Identifier: BSL-1.0
#pragma once

/// Single cells of rows in text form. Whole columns go through the kernels of room `simd`, which read the same values.

#include <weft/mysql/detail/value_place.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>

namespace weft::inline v0::mysql::detail {

inline std::string_view chars(const std::byte* bytes, std::size_t size) noexcept {
    return {reinterpret_cast<const char*>(bytes), size};
}

/// All of `text` as a number.
template <class T>
bool parse_whole(std::string_view text, T& out) noexcept {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size();
}

inline cell text_integer(const std::byte* bytes, std::size_t size, const value_place& where) {
    const std::string_view text = chars(bytes, size);
    if (is_unsigned_integer(where.layout.columns[where.column].type.id)) {
        std::uint64_t value = 0;
        if (parse_whole(text, value)) return cell(value);
    } else {
        std::int64_t value = 0;
        if (parse_whole(text, value)) return cell(value);
    }
    throw_bad_value(where, text);
}

inline cell text_float(const std::byte* bytes, std::size_t size, std::uint8_t width, const value_place& where) {
    const std::string_view text = chars(bytes, size);
    if (width == sizeof(float)) {
        float value = 0; // rounded once, as the server has it
        if (parse_whole(text, value)) return cell(static_cast<double>(value));
    } else {
        double value = 0;
        if (parse_whole(text, value)) return cell(value);
    }
    throw_bad_value(where, text);
}

/// Whether every digit of a date is 0.
inline bool is_zero_date(std::string_view text) noexcept {
    for (const char c : text) {
        if (c >= '1' && c <= '9') return false;
    }
    return text.size() >= 10;
}

inline cell text_date(const std::byte* bytes, std::size_t size, const value_place& where) {
    const std::string_view text = chars(bytes, size);
    if (const auto value = date::try_parse(text)) return cell(*value);
    return invalid_date_value(where, text, is_zero_date(text));
}

inline cell text_datetime(const std::byte* bytes, std::size_t size, const value_place& where) {
    const std::string_view text = chars(bytes, size);
    if (const auto value = datetime::try_parse(text)) return cell(*value);
    if (const auto day = date::try_parse(text)) return cell(datetime(*day, weft::time()));
    return invalid_date_value(where, text, is_zero_date(text));
}

inline cell text_time(const std::byte* bytes, std::size_t size, const value_place& where) {
    const std::string_view text = chars(bytes, size);
    if (const auto value = weft::time::try_parse(text)) return cell(*value);
    throw_bad_value(where, text);
}

} // namespace weft::inline v0::mysql::detail
