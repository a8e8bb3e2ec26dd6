// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `weft::date`: one day of the proleptic Gregorian calendar, as SQL's DATE. Conversions to and from `<chrono>` live in
/// `weft/core/chrono.hpp`, because that header is expensive and few need it.

#include <weft/core/detail/text.hpp>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weft::inline v0 {

/// A day of the proleptic Gregorian calendar, 0001-01-01 to 9999-12-31, held as days since 1970-01-01 (which is also
/// the value of a default-constructed date). Four bytes, trivially copyable.
class date {
public:
    /// Bytes `write` needs at most.
    static constexpr std::size_t max_chars = 10;
    /// Days since 1970-01-01 of 0001-01-01.
    static constexpr std::int32_t min_days = -719162;
    /// Days since 1970-01-01 of 9999-12-31.
    static constexpr std::int32_t max_days = 2932896;

    /// 1970-01-01.
    constexpr date() noexcept = default;

    /// The given day. \throws data_error when there is no such day or the year is outside 1–9999.
    constexpr date(int year, unsigned month, unsigned day) : days_(0) {
        if (!exists(year, month, day)) throw_no_such_day(year, month, day);
        days_ = days_from_civil(year, month, day);
    }

    /// Whether there is such a day, with a year of 1–9999.
    static constexpr bool exists(int year, unsigned month, unsigned day) noexcept {
        return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 &&
               (day <= 28 || day <= days_in_month(year, month)); // most days are in every month
    }

    // What returns an optional is a template: only programs that call it pay for compiling std::optional.

    /// The given day, or nothing when there is no such day.
    template <class Date = date>
    static constexpr std::optional<Date> try_make(int year, unsigned month, unsigned day) noexcept {
        if (!exists(year, month, day)) return std::nullopt;
        return Date(days_from_civil(year, month, day));
    }

    /// The day that is `days` after 1970-01-01. \throws data_error outside `min_days`…`max_days`.
    static constexpr date from_days(std::int32_t days) {
        if (days < min_days || days > max_days)
            detail::throw_range("day number", std::to_string(days), "-719162 to 2932896 (0001-01-01 to 9999-12-31)");
        return date(days);
    }

    /// The day that is `days` after 1970-01-01, or nothing when out of range.
    template <class Date = date>
    static constexpr std::optional<Date> try_from_days(std::int32_t days) noexcept {
        if (days < min_days || days > max_days) return std::nullopt;
        return Date(days);
    }

    /// Reads exactly `YYYY-MM-DD`; nothing for anything else. Does not allocate.
    template <class Date = date>
    static constexpr std::optional<Date> try_parse(std::string_view text) noexcept {
        Date value;
        if (!read(text, value)) return std::nullopt;
        return value;
    }

    /// Reads exactly `YYYY-MM-DD`. \throws data_error quoting the text.
    static constexpr date parse(std::string_view text) {
        date value;
        if (!read(text, value)) detail::throw_malformed(text, "a date YYYY-MM-DD from 0001-01-01 to 9999-12-31");
        return value;
    }

    /// Reads exactly `YYYY-MM-DD` into `out`; whether it did. `out` stays as it was for anything else.
    static constexpr bool read(std::string_view text, date& out) noexcept {
        if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
        const int year = detail::read_digits(text.data(), 4);
        const int month = detail::read_digits(text.data() + 5, 2);
        const int day = detail::read_digits(text.data() + 8, 2);
        if (month < 0 || day < 0 || !exists(year, static_cast<unsigned>(month), static_cast<unsigned>(day)))
            return false;
        out = date(days_from_civil(year, static_cast<unsigned>(month), static_cast<unsigned>(day)));
        return true;
    }

    /// Days since 1970-01-01, negative before it.
    constexpr std::int32_t days_since_epoch() const noexcept { return days_; }
    /// 1–9999.
    constexpr int year() const noexcept { return civil().year; }
    /// 1–12.
    constexpr unsigned month() const noexcept { return civil().month; }
    /// Day of the month, 1–31.
    constexpr unsigned day() const noexcept { return civil().day; }

    /// Writes `YYYY-MM-DD` without a terminator and returns the end; `out` has room for `max_chars`.
    constexpr char* write(char* out) const noexcept {
        const fields f = civil();
        out = detail::write_digits(out, static_cast<unsigned>(f.year), 4);
        *out++ = '-';
        out = detail::write_digits(out, f.month, 2);
        *out++ = '-';
        return detail::write_digits(out, f.day, 2);
    }

    /// `YYYY-MM-DD`.
    std::string to_string() const {
        char text[max_chars];
        return std::string(text, static_cast<std::size_t>(write(text) - text));
    }

    friend constexpr auto operator<=>(const date&, const date&) noexcept = default;
    friend constexpr bool operator==(const date&, const date&) noexcept = default;

private:
    friend class datetime; // makes dates of its count

    struct fields {
        int year;
        unsigned month;
        unsigned day;
    };

    explicit constexpr date(std::int32_t days) noexcept : days_(days) {}

    static constexpr unsigned days_in_month(int year, unsigned month) noexcept {
        if (month == 2) return (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)) ? 29 : 28;
        return 30 + ((month + (month >> 3)) & 1);
    }

    // Both ways count in years that begin on 1 March, so that the leap day is the last of its year; the way back in
    // eras of 400 years (146097 days).
    static constexpr std::int32_t days_from_civil(int year, unsigned month, unsigned day) noexcept {
        const unsigned early = month <= 2 ? 1 : 0;
        const unsigned y = static_cast<unsigned>(year) - early;
        const unsigned centuries = y / 100;
        const unsigned before_month = (979 * (month + 12 * early) - 2919) / 32; // days from 1 March to its first
        return static_cast<std::int32_t>(y * 365 + y / 4 - centuries + centuries / 4 + before_month + day) - 719469;
    }

    constexpr fields civil() const noexcept {
        const unsigned days = static_cast<unsigned>(days_ + 719468);
        const unsigned era = days / 146097;
        const unsigned day_of_era = days % 146097;
        const unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
        const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        const unsigned shifted = (5 * day_of_year + 2) / 153;
        const unsigned day = day_of_year - (153 * shifted + 2) / 5 + 1;
        const unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
        return {static_cast<int>(year_of_era + era * 400 + (month <= 2 ? 1 : 0)), month, day};
    }

    [[noreturn]] static void throw_no_such_day(int year, unsigned month, unsigned day) {
        throw data_error("there is no date with year " + std::to_string(year) + ", month " + std::to_string(month) +
                         ", day " + std::to_string(day) + ": expected 0001-01-01 to 9999-12-31");
    }

    std::int32_t days_ = 0;
};

} // namespace weft::inline v0
