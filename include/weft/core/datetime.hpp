// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `weft::datetime`: a date with a time of day and no time zone, as SQL's DATETIME and TIMESTAMP.

#include <weft/core/date.hpp>
#include <weft/core/time.hpp>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weft::inline v0 {

/// A date and a time of day without a time zone, 0001-01-01 00:00:00 to 9999-12-31 23:59:59.999999, held as
/// microseconds since 1970-01-01 00:00:00 (the value of a default-constructed one). Eight bytes, trivially copyable.
class datetime {
public:
    /// Bytes `write` needs at most.
    static constexpr std::size_t max_chars = 26;
    /// Microseconds in a day.
    static constexpr std::int64_t microseconds_per_day = 86'400'000'000;
    /// 0001-01-01 00:00:00.
    static constexpr std::int64_t min_microseconds = date::min_days * microseconds_per_day;
    /// 9999-12-31 23:59:59.999999.
    static constexpr std::int64_t max_microseconds = (date::max_days + 1) * microseconds_per_day - 1;

    /// 1970-01-01 00:00:00.
    constexpr datetime() noexcept = default;

    /// A day and a time of day. \throws data_error unless 00:00:00 ≤ time_of_day < 24:00:00.
    constexpr explicit datetime(date day, time time_of_day = {})
        : microseconds_(day.days_since_epoch() * microseconds_per_day + time_of_day.microseconds()) {
        if (time_of_day.is_negative() || time_of_day.microseconds() >= microseconds_per_day)
            detail::throw_range("time of day", time_of_day.to_string(), "00:00:00 to 23:59:59.999999");
    }

    /// The components of a date and a time of day. \throws data_error when one of them is out of range.
    constexpr datetime(int year, unsigned month, unsigned day, unsigned hours, unsigned minutes, unsigned seconds,
                       unsigned microseconds = 0)
        : datetime(date(year, month, day), time(hours, minutes, seconds, microseconds)) {}

    // What returns an optional is a template: only programs that call it pay for compiling std::optional.

    /// The components of a date and a time of day, or nothing when one of them is out of range.
    template <class Datetime = datetime>
    static constexpr std::optional<Datetime> try_make(int year, unsigned month, unsigned day, unsigned hours,
                                                      unsigned minutes, unsigned seconds,
                                                      unsigned microseconds = 0) noexcept {
        if (!date::exists(year, month, day) || hours > 23 || minutes > 59 || seconds > 59 || microseconds > 999'999)
            return std::nullopt;
        const unsigned second_of_day = hours * 3600 + minutes * 60 + seconds;
        return Datetime(raw{}, date::days_from_civil(year, month, day) * microseconds_per_day +
                                   (std::int64_t{second_of_day} * 1'000'000 + microseconds));
    }

    /// The moment `microseconds` after 1970-01-01 00:00:00. \throws data_error outside the years 1–9999.
    static constexpr datetime from_microseconds(std::int64_t microseconds) {
        if (microseconds < min_microseconds || microseconds > max_microseconds)
            detail::throw_range("datetime of microseconds", std::to_string(microseconds),
                                "0001-01-01 00:00:00 to 9999-12-31 23:59:59.999999");
        return datetime(raw{}, microseconds);
    }

    /// The moment `microseconds` after 1970-01-01 00:00:00, or nothing outside the years 1–9999.
    template <class Datetime = datetime>
    static constexpr std::optional<Datetime> try_from_microseconds(std::int64_t microseconds) noexcept {
        if (microseconds < min_microseconds || microseconds > max_microseconds) return std::nullopt;
        return Datetime(raw{}, microseconds);
    }

    /// Reads `YYYY-MM-DD` (midnight) or `YYYY-MM-DD HH:MM[:SS[.f]]` with one to six digits of fraction, a space or `T`
    /// between the parts, and an optional `Z` after a time; nothing for anything else. Does not allocate.
    template <class Datetime = datetime>
    static constexpr std::optional<Datetime> try_parse(std::string_view text) noexcept {
        Datetime value;
        if (!read(text, value)) return std::nullopt;
        return value;
    }

    /// Reads what `try_parse` reads. \throws data_error quoting the text.
    static constexpr datetime parse(std::string_view text) {
        datetime value;
        if (!read(text, value))
            detail::throw_malformed(text, "a datetime YYYY-MM-DD[ HH:MM[:SS[.ffffff]][Z]], year 0001 to 9999");
        return value;
    }

    /// Reads what `try_parse` reads into `out`; whether it did. `out` stays as it was for anything else.
    static constexpr bool read(std::string_view text, datetime& out) noexcept {
        date d;
        if (!date::read(text.substr(0, 10), d)) return false;
        time t;
        if (text.size() > 10) {
            if (text.back() == 'Z') text.remove_suffix(1);
            if (text.size() < 16 || (text[10] != ' ' && text[10] != 'T') || text[13] != ':') return false;
            if (!time::read(text.substr(11), t) || t.is_negative() || t.microseconds() >= microseconds_per_day)
                return false;
        }
        out = datetime(raw{}, d.days_since_epoch() * microseconds_per_day + t.microseconds());
        return true;
    }

    /// Microseconds since 1970-01-01 00:00:00, negative before it.
    constexpr std::int64_t microseconds_since_epoch() const noexcept { return microseconds_; }

    /// The day.
    constexpr date day() const noexcept { return date(day_number()); }

    /// The time of day, 00:00:00 to 23:59:59.999999.
    constexpr time time_of_day() const noexcept {
        return time(time::raw{}, microseconds_ - day_number() * microseconds_per_day);
    }

    /// Writes `YYYY-MM-DD HH:MM:SS[.ffffff]`, the fraction only when there is one, without a terminator; returns the
    /// end. `out` has room for `max_chars`.
    constexpr char* write(char* out) const noexcept {
        out = day().write(out);
        *out++ = ' ';
        return time_of_day().write(out);
    }

    /// `YYYY-MM-DD HH:MM:SS[.ffffff]`.
    std::string to_string() const {
        char text[max_chars];
        return std::string(text, static_cast<std::size_t>(write(text) - text));
    }

    friend constexpr auto operator<=>(const datetime&, const datetime&) noexcept = default;
    friend constexpr bool operator==(const datetime&, const datetime&) noexcept = default;

private:
    struct raw {};

    constexpr datetime(raw, std::int64_t microseconds) noexcept : microseconds_(microseconds) {}

    constexpr std::int32_t day_number() const noexcept {
        const std::int64_t shifted = microseconds_ - min_microseconds; // never negative
        return static_cast<std::int32_t>(shifted / microseconds_per_day) + date::min_days;
    }

    std::int64_t microseconds_ = 0;
};

} // namespace weft::inline v0
