// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// Between weft's date, time and datetime and the types of `<chrono>`. Apart from the value types because `<chrono>` is
/// expensive to include.

#include <weft/core/date.hpp>
#include <weft/core/datetime.hpp>
#include <weft/core/time.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace weft::inline v0 {

/// The day as a time point of the system clock.
constexpr std::chrono::sys_days to_sys_days(date value) noexcept {
    return std::chrono::sys_days{std::chrono::days{value.days_since_epoch()}};
}

/// The day as year, month and day.
constexpr std::chrono::year_month_day to_year_month_day(date value) noexcept {
    return std::chrono::year{value.year()} / std::chrono::month{value.month()} / std::chrono::day{value.day()};
}

/// The day of a time point. \throws data_error outside the years 1–9999.
constexpr date to_date(std::chrono::sys_days value) {
    const std::int64_t days = value.time_since_epoch().count();
    if (days < date::min_days || days > date::max_days)
        detail::throw_range("day number", std::to_string(days), "-719162 to 2932896 (0001-01-01 to 9999-12-31)");
    return date::from_days(static_cast<std::int32_t>(days));
}

/// The day of year, month and day. \throws data_error when there is no such day in the years 1–9999.
constexpr date to_date(std::chrono::year_month_day value) {
    return date(static_cast<int>(value.year()), static_cast<unsigned>(value.month()),
                static_cast<unsigned>(value.day()));
}

/// The duration in microseconds.
constexpr std::chrono::microseconds to_microseconds(time value) noexcept {
    return std::chrono::microseconds{value.microseconds()};
}

/// A duration of microseconds or anything that converts to it without loss. \throws data_error beyond
/// ±838:59:59.999999.
constexpr time to_time(std::chrono::microseconds value) {
    return time::from_microseconds(value.count());
}

/// The moment, read as UTC, as a time point of the system clock.
constexpr std::chrono::sys_time<std::chrono::microseconds> to_sys_time(datetime value) noexcept {
    return std::chrono::sys_time<std::chrono::microseconds>{
        std::chrono::microseconds{value.microseconds_since_epoch()}};
}

/// The moment as a time point without a time zone.
constexpr std::chrono::local_time<std::chrono::microseconds> to_local_time(datetime value) noexcept {
    return std::chrono::local_time<std::chrono::microseconds>{
        std::chrono::microseconds{value.microseconds_since_epoch()}};
}

namespace detail {

/// Counts whole microseconds towards the past; refuses before it multiplies, so that no duration can overflow.
template <class Duration>
constexpr datetime datetime_of(Duration since_epoch) {
    using rough_days = std::chrono::duration<long double, std::chrono::days::period>;
    const long double days = std::chrono::duration_cast<rough_days>(since_epoch).count();
    if (!(days >= date::min_days - 1.0L && days <= date::max_days + 2.0L))
        throw data_error("a time point is out of range: expected 0001-01-01 00:00:00 to 9999-12-31 23:59:59.999999");
    return datetime::from_microseconds(std::chrono::floor<std::chrono::microseconds>(since_epoch).count());
}

} // namespace detail

/// A time point of the system clock as a moment in UTC, to the microsecond below. \throws data_error outside the years
/// 1–9999.
template <class Duration>
constexpr datetime to_datetime(std::chrono::sys_time<Duration> value) {
    return detail::datetime_of(value.time_since_epoch());
}

/// A time point without a time zone, to the microsecond below. \throws data_error outside the years 1–9999.
template <class Duration>
constexpr datetime to_datetime(std::chrono::local_time<Duration> value) {
    return detail::datetime_of(value.time_since_epoch());
}

} // namespace weft::inline v0
