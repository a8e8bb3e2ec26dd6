// SPDX-License-Identifier: BSL-1.0
#pragma once

// Days, times of day and their fractions, one cell at a time: plain, and with 64-bit words.

#include <weft/simd/detail/words.hpp>

#include <cstddef>
#include <cstdint>

namespace weft::inline v0::simd {

namespace detail {

constexpr unsigned days_in_month(unsigned year, unsigned month) noexcept {
    if (month == 2) return (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)) ? 29 : 28;
    return 30 + ((month + (month >> 3)) & 1);
}

constexpr bool day_exists(unsigned year, unsigned month, unsigned day) noexcept {
    return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= days_in_month(year, month);
}

// Years begin on 1 March here, so that the leap day is the last of its year.
constexpr std::int32_t days_since_epoch(unsigned year, unsigned month, unsigned day) noexcept {
    const unsigned early = month <= 2 ? 1 : 0;
    year -= early;
    month += 12 * early;
    const unsigned days = year * 365 + year / 4 - year / 100 + year / 400 + (979 * month - 2919) / 32 + day - 1;
    return static_cast<std::int32_t>(days) - 719468;
}

} // namespace detail

namespace scalar {

/// The number that `count` digits at `p` are, or -1.
constexpr int read_number(const char* p, std::size_t count) noexcept {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (p[i] < '0' || p[i] > '9') return -1;
        value = value * 10 + (p[i] - '0');
    }
    return value;
}

/// `YYYY-MM-DD` as days since 1970-01-01.
inline bool read_date(const char* p, std::size_t size, std::int32_t& out) noexcept {
    if (size != 10 || p[4] != '-' || p[7] != '-') return false;
    const int year = read_number(p, 4);
    const int month = read_number(p + 5, 2);
    const int day = read_number(p + 8, 2);
    if (year < 1 || month < 1 || day < 1) return false;
    const auto y = static_cast<unsigned>(year);
    const auto m = static_cast<unsigned>(month);
    const auto d = static_cast<unsigned>(day);
    if (!detail::day_exists(y, m, d)) return false;
    out = detail::days_since_epoch(y, m, d);
    return true;
}

/// Nothing, or a point and 1 to 6 digits, as microseconds.
inline bool read_fraction(const char* p, std::size_t size, std::int64_t& out) noexcept {
    out = 0;
    if (size == 0) return true;
    if (size == 1 || size > 7 || p[0] != '.') return false;
    std::int64_t value = read_number(p + 1, size - 1);
    if (value < 0) return false;
    for (std::size_t i = size; i < 7; ++i) value *= 10;
    out = value;
    return true;
}

/// `:MM:SS` and a fraction as microseconds.
inline bool read_minutes(const char* p, std::size_t size, std::int64_t& out) noexcept {
    if (size < 6 || p[0] != ':' || p[3] != ':') return false;
    const int minute = read_number(p + 1, 2);
    const int second = read_number(p + 4, 2);
    if (minute < 0 || minute > 59 || second < 0 || second > 59 || !read_fraction(p + 6, size - 6, out)) return false;
    out += std::int64_t{minute * 60 + second} * 1000000;
    return true;
}

/// `YYYY-MM-DD HH:MM:SS` and a fraction as microseconds since 1970-01-01.
inline bool read_datetime(const char* p, std::size_t size, std::int64_t& out) noexcept {
    std::int32_t days = 0;
    std::int64_t micros = 0;
    if (size < 19 || !read_date(p, 10, days) || p[10] != ' ') return false;
    const int hour = read_number(p + 11, 2);
    if (hour < 0 || hour > 23 || !read_minutes(p + 13, size - 13, micros)) return false;
    out = (days * std::int64_t{86400} + hour * std::int64_t{3600}) * 1000000 + micros;
    return true;
}

/// `-?H{2,3}:MM:SS` and a fraction as microseconds.
inline bool read_time(const char* p, std::size_t size, std::int64_t& out) noexcept {
    const bool negative = size != 0 && *p == '-';
    p += negative;
    size -= negative;
    const std::size_t hours = size > 2 && p[2] != ':' ? 3 : 2;
    if (size < hours) return false;
    const int hour = read_number(p, hours);
    std::int64_t micros = 0;
    if (hour < 0 || hour > 838 || !read_minutes(p + hours, size - hours, micros)) return false;
    micros += hour * std::int64_t{3600000000};
    out = negative ? -micros : micros;
    return true;
}

} // namespace scalar

namespace portable {

/// As `scalar::read_date`.
[[gnu::always_inline]] inline bool read_date(const char* p, std::size_t size, std::int32_t& out) noexcept {
    if (size != 10) return false;
    const std::uint64_t first = detail::load8(p) ^ 0x2D30302D30303030; // 0000-00-
    const std::uint64_t last = (detail::load8(p + 2) ^ detail::all_zeros) >> 48;
    if (!detail::all_digits(first) || !detail::all_digits(last) || (first & 0xFF0000FF00000000) != 0) return false;
    const std::uint64_t pairs = first * 10 + (first >> 8);
    const auto year = static_cast<unsigned>((pairs & 0xFF) * 100 + ((pairs >> 16) & 0xFF));
    const auto month = static_cast<unsigned>((pairs >> 40) & 0xFF);
    const auto day = static_cast<unsigned>((last & 0xFF) * 10 + (last >> 8));
    if (!detail::day_exists(year, month, day)) return false;
    out = detail::days_since_epoch(year, month, day);
    return true;
}

/// As `scalar::read_fraction`.
[[gnu::always_inline]] inline bool read_fraction(const char* p, std::size_t size, std::int64_t& out) noexcept {
    out = 0;
    if (size == 0) return true;
    if (size == 1 || size > 7 || *p != '.') return false;
    const std::uint64_t kept = ~std::uint64_t{0} >> (64 - 8 * (size - 1));
    const std::uint64_t digits = (detail::load8(p + 1) ^ detail::all_zeros) & kept;
    if (!detail::all_digits(digits)) return false;
    out = static_cast<std::int64_t>(detail::eight_digits(digits << 16));
    return true;
}

/// `HH:MM:SS` with any hour up to 99 as seconds.
[[gnu::always_inline]] inline bool read_clock(const char* p, int& hour, std::int64_t& seconds) noexcept {
    const std::uint64_t word = detail::load8(p) ^ 0x30303A30303A3030; // 00:00:00
    if (!detail::all_digits(word) || (word & 0x0000FF0000FF0000) != 0) return false;
    const std::uint64_t pairs = word * 10 + (word >> 8);
    hour = static_cast<int>(pairs & 0xFF);
    const auto minute = static_cast<int>((pairs >> 24) & 0xFF);
    const auto second = static_cast<int>((pairs >> 48) & 0xFF);
    seconds = hour * 3600 + minute * 60 + second;
    return minute < 60 && second < 60;
}

/// As `scalar::read_datetime`.
[[gnu::always_inline]] inline bool read_datetime(const char* p, std::size_t size, std::int64_t& out) noexcept {
    std::int32_t days = 0;
    std::int64_t seconds = 0;
    std::int64_t micros = 0;
    int hour = 0;
    if (size < 19 || !read_date(p, 10, days) || p[10] != ' ' || !read_clock(p + 11, hour, seconds)) return false;
    if (hour > 23 || !read_fraction(p + 19, size - 19, micros)) return false;
    out = (days * std::int64_t{86400} + seconds) * 1000000 + micros;
    return true;
}

/// As `scalar::read_time`.
[[gnu::always_inline]] inline bool read_time(const char* p, std::size_t size, std::int64_t& out) noexcept {
    const bool negative = size != 0 && *p == '-';
    p += negative;
    size -= negative;
    int hundreds = 0;
    if (size > 2 && p[2] != ':') {
        if (*p < '0' || *p > '8') return false;
        hundreds = *p - '0';
        ++p;
        --size;
    }
    int hour = 0;
    std::int64_t seconds = 0;
    std::int64_t micros = 0;
    if (size < 8 || !read_clock(p, hour, seconds) || !read_fraction(p + 8, size - 8, micros)) return false;
    if (hundreds * 100 + hour > 838) return false;
    micros += (hundreds * std::int64_t{360000} + seconds) * 1000000;
    out = negative ? -micros : micros;
    return true;
}

} // namespace portable

} // namespace weft::inline v0::simd
