// SPDX-License-Identifier: BSL-1.0
#pragma once

/// \file
/// `weft::time`: a signed duration in hours, minutes, seconds and microseconds, as MySQL's TIME.

#include <weft/core/detail/text.hpp>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weft::inline v0 {

/// A signed duration of -838:59:59.999999 to 838:59:59.999999 in microseconds, the range of MySQL's TIME. Between
/// 00:00 and 24:00 it doubles as a time of day. Eight bytes, trivially copyable; zero when default-constructed.
class time {
public:
    /// Bytes `write` needs at most.
    static constexpr std::size_t max_chars = 17;
    /// The largest magnitude in microseconds: 838:59:59.999999.
    static constexpr std::int64_t max_microseconds = 3'020'399'999'999;

    /// 00:00:00.
    constexpr time() noexcept = default;

    /// A non-negative duration; negate it for the others. \throws data_error unless hours ≤ 838, minutes and seconds
    /// < 60, microseconds < 1 000 000.
    constexpr time(unsigned hours, unsigned minutes, unsigned seconds, unsigned microseconds = 0)
        : microseconds_(combine(hours, minutes, seconds, microseconds)) {
        if (!fits(hours, minutes, seconds, microseconds)) throw_no_such_time(hours, minutes, seconds, microseconds);
    }

    // What returns an optional is a template: only programs that call it pay for compiling std::optional.

    /// The duration made of magnitudes and a sign, or nothing when one of them is out of range.
    template <class Time = time>
    static constexpr std::optional<Time> try_make(bool negative, unsigned hours, unsigned minutes, unsigned seconds,
                                                  unsigned microseconds = 0) noexcept {
        if (!fits(hours, minutes, seconds, microseconds)) return std::nullopt;
        const std::int64_t total = combine(hours, minutes, seconds, microseconds);
        return Time(raw{}, negative ? -total : total);
    }

    /// The duration of `microseconds`. \throws data_error beyond ±838:59:59.999999.
    static constexpr time from_microseconds(std::int64_t microseconds) {
        if (microseconds < -max_microseconds || microseconds > max_microseconds)
            detail::throw_range("time of microseconds", std::to_string(microseconds),
                                "-838:59:59.999999 to 838:59:59.999999");
        return time(raw{}, microseconds);
    }

    /// The duration of `microseconds`, or nothing beyond ±838:59:59.999999.
    template <class Time = time>
    static constexpr std::optional<Time> try_from_microseconds(std::int64_t microseconds) noexcept {
        if (microseconds < -max_microseconds || microseconds > max_microseconds) return std::nullopt;
        return Time(raw{}, microseconds);
    }

    /// Reads `[-]H:MM`, `[-]H:MM:SS` or `[-]H:MM:SS.f` with one to three digits of hours (at most 838) and one to six
    /// of fraction; nothing for anything else. Does not allocate.
    template <class Time = time>
    static constexpr std::optional<Time> try_parse(std::string_view text) noexcept {
        Time value;
        if (!read(text, value)) return std::nullopt;
        return value;
    }

    /// Reads what `try_parse` reads. \throws data_error quoting the text.
    static constexpr time parse(std::string_view text) {
        time value;
        if (!read(text, value)) detail::throw_malformed(text, "a time [-]HHH:MM[:SS[.ffffff]] within 838:59:59.999999");
        return value;
    }

    /// Reads what `try_parse` reads into `out`; whether it did. `out` stays as it was for anything else.
    static constexpr bool read(std::string_view text, time& out) noexcept {
        const bool negative = !text.empty() && text[0] == '-';
        if (negative) text.remove_prefix(1);
        std::size_t colon = 0;
        while (colon < text.size() && detail::is_digit(text[colon])) ++colon;
        if (colon < 1 || colon > 3 || text.size() < colon + 3 || text[colon] != ':') return false;
        const int hours = detail::read_digits(text.data(), colon);
        const int minutes = detail::read_digits(text.data() + colon + 1, 2);
        text.remove_prefix(colon + 3);
        int seconds = 0;
        int fraction = 0;
        if (!text.empty()) {
            if (text.size() < 3 || text[0] != ':') return false;
            seconds = detail::read_digits(text.data() + 1, 2);
            text.remove_prefix(3);
            if (!text.empty()) {
                if (text[0] != '.') return false;
                fraction = detail::read_fraction(text.substr(1));
            }
        }
        if (minutes < 0 || seconds < 0 || fraction < 0) return false;
        const auto h = static_cast<unsigned>(hours);
        const auto m = static_cast<unsigned>(minutes);
        const auto s = static_cast<unsigned>(seconds);
        const auto us = static_cast<unsigned>(fraction);
        if (!fits(h, m, s, us)) return false;
        out = time(raw{}, negative ? -combine(h, m, s, us) : combine(h, m, s, us));
        return true;
    }

    /// The whole duration in microseconds, with its sign.
    constexpr std::int64_t microseconds() const noexcept { return microseconds_; }
    /// Whether the duration is below zero.
    constexpr bool is_negative() const noexcept { return microseconds_ < 0; }
    /// Hours of the magnitude, 0–838.
    constexpr unsigned hours() const noexcept { return static_cast<unsigned>(magnitude() / 3'600'000'000U); }
    /// Minutes of the magnitude, 0–59.
    constexpr unsigned minutes() const noexcept { return static_cast<unsigned>(magnitude() / 60'000'000U % 60); }
    /// Seconds of the magnitude, 0–59.
    constexpr unsigned seconds() const noexcept { return static_cast<unsigned>(magnitude() / 1'000'000U % 60); }
    /// Microseconds of the magnitude below a second, 0–999 999.
    constexpr unsigned subsecond() const noexcept { return static_cast<unsigned>(magnitude() % 1'000'000U); }

    /// The same duration in the other direction.
    constexpr time operator-() const noexcept { return time(raw{}, -microseconds_); }

    /// Writes `[-]HH:MM:SS[.ffffff]`, the fraction only when there is one, without a terminator; returns the end.
    /// `out` has room for `max_chars`.
    constexpr char* write(char* out) const noexcept {
        if (is_negative()) *out++ = '-';
        const unsigned h = hours();
        out = detail::write_digits(out, h, h >= 100 ? 3 : 2);
        *out++ = ':';
        out = detail::write_digits(out, minutes(), 2);
        *out++ = ':';
        out = detail::write_digits(out, seconds(), 2);
        return detail::write_fraction(out, subsecond());
    }

    /// `[-]HH:MM:SS[.ffffff]`.
    std::string to_string() const {
        char text[max_chars];
        return std::string(text, static_cast<std::size_t>(write(text) - text));
    }

    friend constexpr auto operator<=>(const time&, const time&) noexcept = default;
    friend constexpr bool operator==(const time&, const time&) noexcept = default;

private:
    friend class datetime; // makes times of its count

    struct raw {};

    constexpr time(raw, std::int64_t microseconds) noexcept : microseconds_(microseconds) {}

    static constexpr bool fits(unsigned hours, unsigned minutes, unsigned seconds, unsigned microseconds) noexcept {
        return hours <= 838 && minutes < 60 && seconds < 60 && microseconds < 1'000'000;
    }

    static constexpr std::int64_t combine(unsigned hours, unsigned minutes, unsigned seconds,
                                          unsigned microseconds) noexcept {
        return ((std::int64_t{hours} * 60 + minutes) * 60 + seconds) * 1'000'000 + microseconds;
    }

    constexpr std::uint64_t magnitude() const noexcept {
        return static_cast<std::uint64_t>(microseconds_ < 0 ? -microseconds_ : microseconds_);
    }

    [[noreturn]] static void throw_no_such_time(unsigned hours, unsigned minutes, unsigned seconds,
                                                unsigned microseconds) {
        throw data_error("there is no time with " + std::to_string(hours) + " hours, " + std::to_string(minutes) +
                         " minutes, " + std::to_string(seconds) + " seconds, " + std::to_string(microseconds) +
                         " microseconds: expected 00:00:00 to 838:59:59.999999");
    }

    std::int64_t microseconds_ = 0;
};

} // namespace weft::inline v0
